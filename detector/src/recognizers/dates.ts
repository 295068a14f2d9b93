/**
 * Dates as people write them in Europe and the United States: "12.03.1990", "1990-03-12", "12. März 1990", "March 12th, 1990",
 * "12 de marzo de 1990", "1990. március 12.", "12-III-1990". Knows whether the calendar has such a day; does not know whose
 * it is. Month names are those of CLDR (https://cldr.unicode.org) in the 24 languages of the Union, Norwegian, Icelandic and
 * Luxembourgish, in the cases in which dates use them.
 */
import type { Ahead } from "../scanner/ahead.ts";
import {
  classAt,
  CLASSES,
  DIGIT,
  END,
  isDigitCode,
  isGroupSpace,
  isGlued,
  isIn,
  LETTER,
  setOf,
} from "../scanner/characters.ts";
import { fold, hashFolded } from "../signals/fold.ts";
import { WordTable } from "../signals/word-table.ts";

const MONTHS: readonly string[] = [
  "january januar jänner janvier enero gennaio janeiro januari januarie stycznia styczeń leden ledna január januára januarja " +
    "siječanj siječnja januára ianuarie ian януари януару ιανουαρίου ιανουάριος tammikuuta tammikuu jaanuar janvāris janvārī " +
    "sausio sausis jannar eanáir janúar jan janv ene genn gen sty led sij tammi jaan jna saus sau ιαν яну ян janvris jaan i",
  "february februar feber février febrero febbraio fevereiro februari februarie lutego luty únor února február februára " +
    "februarja veljača veljače februarie фев февруари φεβρουαρίου φεβρουάριος helmikuuta helmikuu veebruar februāris februārī " +
    "vasario vasaris frar feabhra febrúar feb févr fév fevr febr fev lut úno vel helmi veebr vas φεβ ii",
  "march märz mars marzo março maart marca marzec březen března marec ožujak ožujka március martie март μαρτίου μάρτιος " +
    "maaliskuuta maaliskuu märts marts martā kovo kovas marzu márta mar mär mrz maa mrt bře ožu márc maalis mäerz marec kov μαρ мар iii",
  "april avril abril aprile kwietnia kwiecień duben dubna apríl apríla aprila travanj travnja április aprilie април απριλίου " +
    "απρίλιος huhtikuuta huhtikuu aprill aprīlis aprīlī balandžio balandis april aibreán apr avr abr kwi dub tra ápr huhti bal απρ абр апр abrëll iv",
  "may mai mayo maggio maio mei maja maj květen května máj mája svibanj svibnja május май μαΐου μάιος toukokuuta toukokuu " +
    "maijs maijā gegužės gegužė mejju bealtaine maí mag kvě svi touko geg μαΐ mee v",
  "june juni juin junio giugno junho czerwca czerwiec červen června jún júna junija junij lipanj lipnja június iunie юни ιουνίου " +
    "ιούνιος kesäkuuta kesäkuu juuni jūnijs jūnijā birželio birželis ġunju meitheamh júní jun giu cze čvn lip jún iun kesä jūn bir ιουν юн jui vi",
  "july juli juillet julio luglio julho lipca lipiec červenec července júl júla julija julij srpanj srpnja július iulie юли " +
    "ιουλίου ιούλιος heinäkuuta heinäkuu juuli jūlijs jūlijā liepos liepa lulju iúil júlí jul juil lug lip čvc srp júl iul heinä jūl lie ιουλ юл vii",
  "august août agosto augustus sierpnia sierpień srpen srpna august augusta avgusta avgust kolovoz kolovoza augusztus август " +
    "αυγούστου αύγουστος elokuuta elokuu augusti augusts augustā rugpjūčio rugpjūtis awwissu lúnasa ágúst aug aoû ago sie srp kol avg elo rugp αυγ авг viii",
  "september septembre septiembre setiembre settembre setembro września wrzesień září september septembra rujan rujna " +
    "szeptember septembrie септември σεπτεμβρίου σεπτέμβριος syyskuuta syyskuu septembris septembrī rugsėjo rugsėjis settembru " +
    "meán fómhair sep sept set wrz zář ruj szept syys rugs σεπ сеп септ ix",
  "october oktober octobre octubre ottobre outubro października październik říjen října október októbra oktobra listopad " +
    "listopada október octombrie октомври οκτωβρίου οκτώβριος lokakuuta lokakuu oktoober oktobris oktobrī spalio spalis ottubru " +
    "deireadh fómhair oct okt out paź říj lis ott loka spa οκτ окт x",
  "november novembre noviembre novembro listopada listopadu listopad studeni studenoga studenog novembra νοεμβρίου νοέμβριος ноември " +
    "marraskuuta marraskuu novembris novembrī lapkričio lapkritis novembru samhain noiembrie nóvember nov lis stu marras lapkr noi νοε ноем xi",
  "december dezember décembre diciembre dicembre dezembro grudnia grudzień prosinec prosince decembra prosinac prosinca " +
    "decembrie декември δεκεμβρίου δεκέμβριος joulukuuta joulukuu detsember decembris decembrī gruodžio gruodis diċembru " +
    "nollaig desember dec dez déc dic gru pro joulu dets gruodž δεκ дек des xii",
];
/** Month names that two languages share for different months; the later row would win. */
const MONTH_OF_SHARED: readonly (readonly [string, number])[] = [
  // Polish and Czech "listopad" is November, Croatian October.
  ["listopad", 11],
  ["listopada", 11],
  ["lis", 11],
  ["lip", 7],
  ["srp", 8],
];
const MONTH_CHARS_MAX = 13;

/** Folded name → 1..12 */
const MONTH_OF = new Map<string, number>();
for (const [index, names] of MONTHS.entries())
  for (const month of names.split(" ")) MONTH_OF.set(fold(month), index + 1);
for (const [month, number] of MONTH_OF_SHARED) MONTH_OF.set(fold(month), number);
MONTH_OF.delete("fomhair");

/** Words between day and month, or month and year: "12 de marzo de 1990", "12th of March", "12 ta' Marzu", "1990 m.", "1990. gada"; and the second half of Irish "Meán Fómhair". */
const LINKS = "de del d do of di da ta m gada year the fomhair".split(" ");
const LINK_CHARS_MAX = 7;
const MONTH_TABLE = new WordTable(MONTH_OF);
const LINK_TABLE = new WordTable(new Map(LINKS.map((word) => [word, 1])));
const YEAR_MIN = 1875;
const YEAR_MAX = 2049;

/** 1..12, or 0: the word at [start, end). */
export function monthOf(text: string, start: number, end: number): number {
  return end - start > MONTH_CHARS_MAX ? 0 : MONTH_TABLE.get(text, start, end, hashFolded(text, start, end));
}

/** First and second letter of the words in dates, folded onto five bits each: most words behind a number are told apart by it. */
const BEGINNINGS = new Uint8Array(0x400);
for (const word of [...MONTH_OF.keys(), ...LINKS]) {
  if (word.charCodeAt(0) > 0x7f || word.charCodeAt(1) > 0x7f) continue;
  BEGINNINGS[beginning(word.charCodeAt(0), word.length > 1 ? word.charCodeAt(1) : 0)] = 1;
}

function isAsciiLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
}

/** No letter has the last five bits 0: they stand for the end of a word of one letter. */
function beginning(first: number, second: number): number {
  return ((first & 0x1f) << 5) | (isAsciiLetter(second) ? second & 0x1f : 0);
}

/** Zero for a second letter that is not there yet. */
function mayBeginWord(first: number, second: number): boolean {
  return first > 0x7f || second > 0x7f || second === 0 || BEGINNINGS[beginning(first, second)] === 1;
}

// Signs in dates, one bit each in SIGNS.
const DOT = 1;
const COMMA = 2;
const DASH = 4;
const SLASH = 8;
const APOSTROPHE = 16;
const ORDINAL = 32;
/** Index: UTF-16 code unit. */
const SIGNS = new Uint8Array(0x2020);
for (const [signs, bit] of [
  [".", DOT],
  [",", COMMA],
  ["-", DASH],
  ["/", SLASH],
  ["'’", APOSTROPHE],
  ["º°ª", ORDINAL],
] as const) {
  for (const sign of signs) SIGNS[sign.charCodeAt(0)] = bit;
}

/** One reading of one date; positions move to the right as its parts are taken. */
class DateReader {
  #ahead: Ahead | undefined;
  #at = 0;

  /** End of the date that begins at `start`, or -1. */
  read(ahead: Ahead, start: number): number {
    this.#ahead = ahead;
    this.#at = start;
    const end = isDigitCode(this.#code()) ? this.#fromNumber() : this.#fromMonth();
    this.#ahead = undefined;
    return end;
  }

  #code(offset = 0): number {
    return (this.#ahead as Ahead).code(this.#at + offset);
  }

  #isDigit(): boolean {
    return isDigitCode(this.#code());
  }

  /** Takes up to `max` digits. -1 when there are none, or more. */
  #number(max: number): number {
    let value = 0;
    let digits = 0;
    for (; digits < max && this.#isDigit(); digits++, this.#at++) value = value * 10 + this.#code() - 0x30;
    return digits === 0 || this.#isDigit() ? -1 : value;
  }

  #space(): boolean {
    if (!isGroupSpace(this.#code())) return false;
    this.#at++;
    return true;
  }

  #take(signs: number): boolean {
    const code = this.#code();
    if (code >= SIGNS.length || ((SIGNS[code] as number) & signs) === 0) return false;
    this.#at++;
    return true;
  }

  /** Takes a word of letters; its length. */
  #word(): number {
    const from = this.#at;
    while (this.#at - from <= MONTH_CHARS_MAX && ((CLASSES[this.#code()] as number) & LETTER) !== 0) this.#at++;
    return this.#at - from;
  }

  /** Takes the name of a month. */
  #month(): number {
    const from = this.#at;
    const length = this.#word();
    return length === 0 ? 0 : monthOf((this.#ahead as Ahead).text, from, from + length);
  }

  #link(): boolean {
    const from = this.#at;
    const length = this.#word();
    const { text } = this.#ahead as Ahead;
    const end = from + length;
    if (length > 0 && length <= LINK_CHARS_MAX && LINK_TABLE.get(text, from, end, hashFolded(text, from, end)) !== 0) {
      this.#take(DOT | APOSTROPHE);
      this.#space();
      return true;
    }
    this.#at = from;
    return false;
  }

  /** "1st", "2nd", "12th", "1er", "2e", "1º", "12.", and what parts it from the month. */
  #ordinal(): void {
    const from = this.#at;
    const length = this.#word();
    const { text } = this.#ahead as Ahead;
    const ending = length > 0 && length <= 3 && ORDINALS.has(text.slice(from, from + length).toLowerCase());
    if (!ending) this.#at = from;
    this.#take(DOT | ORDINAL);
  }

  /** The end, when nothing that is part of the same word or number follows. */
  #whole(): number {
    const { text } = this.#ahead as Ahead;
    const code = this.#code();
    const end = this.#at;
    if (code === END) return end;
    // "1990-03-12T10:00".
    if ((code | 0x20) === 0x74 && isDigitCode(this.#code(1))) return end;
    if (code === 0x2d || code === 0x2f || code === 0x2e || code === 0x3a || code === 0x2c)
      return isDigitCode(this.#code(1)) ? -1 : end;
    return isGlued(text, end) ? -1 : end;
  }

  #fromMonth(): number {
    const month = this.#month();
    if (month === 0) return -1;
    this.#take(DOT);
    if (!this.#space() && !this.#take(DASH | SLASH)) return -1;
    const day = this.#number(2);
    if (day < 0) return -1;
    this.#ordinal();
    this.#take(COMMA);
    if (!this.#space() && !this.#take(DASH | SLASH)) return -1;
    this.#link();
    return this.#year(day, month, 4);
  }

  #fromNumber(): number {
    const from = this.#at;
    const first = this.#number(8);
    const length = this.#at - from;
    if (first < 0) return -1;
    if (length === 8) return this.#compact(first);
    if (length === 4) return this.#fromYear(first);
    if (length > 2) return -1;
    const after = this.#at;
    const numeric = this.#numeric(first);
    if (numeric > 0) return numeric;
    this.#at = after;
    this.#ordinal();
    // "12 March 1990", "12-Mar-1990", "12.März 1990"
    if (!this.#space()) this.#take(DASH | SLASH | DOT | COMMA);
    this.#link();
    const month = this.#month();
    if (month === 0) return -1;
    this.#take(DOT);
    this.#take(COMMA);
    if (!this.#space() && !this.#take(DASH | SLASH | DOT)) return -1;
    this.#link();
    return this.#year(first, month, 4);
  }

  /** "12.03.1990", "12. 3. 1990", "12/03/90", "12 - 03 - 1990" */
  #numeric(first: number): number {
    const separator = this.#separator();
    if (separator === 0) return -1;
    const second = this.#number(2);
    if (second < 0 || this.#separator() !== separator) return -1;
    const from = this.#at;
    const year = this.#number(4);
    const digits = this.#at - from;
    // Of two digits only where no space makes it three numbers in a row.
    if (year < 0 || digits === 3 || digits === 1 || (digits === 2 && separator === 0x20)) return -1;
    // The century changes nothing but the leap day of 1900.
    const full = digits === 2 ? (year < 50 ? 2000 : 1900) + year : year;
    if (!isDay(first, second, full) && !isDay(second, first, full)) return -1;
    return this.#whole();
  }

  /** Takes "-", "/", ".", or a space, with spaces around a sign; 0 when there is none. */
  #separator(): number {
    const spaced = this.#space();
    const code = this.#code();
    if (code === 0x2d || code === 0x2f || code === 0x2e || code === 0x2013) {
      this.#at++;
      this.#space();
      return code;
    }
    return spaced ? 0x20 : 0;
  }

  /** "1990-03-12", "1990. 03. 12.", "1990. március 12.", "1990 m. kovo 12 d.", "1990. gada 12. martā" */
  #fromYear(year: number): number {
    const after = this.#at;
    const separator = this.#separator();
    if (separator === 0) return -1;
    const numbers = this.#at;
    const month = this.#number(2);
    if (month > 0 && this.#separator() === separator) {
      const day = this.#number(2);
      if (day > 0 && isDay(day, month, year)) {
        if (separator === 0x2e && this.#code() === 0x2e && !isDigitCode(this.#code(1))) this.#at++;
        return this.#whole();
      }
    }
    this.#at = separator === 0x2d || separator === 0x2f ? numbers : after;
    this.#take(DOT);
    this.#space();
    this.#link();
    return this.#monthAndDay(year);
  }

  #monthAndDay(year: number): number {
    if (this.#isDigit()) {
      const day = this.#number(2);
      this.#take(DOT);
      if (day < 0 || !this.#space()) return -1;
      const month = this.#month();
      return isDay(day, month, year) ? this.#whole() : -1;
    }
    const month = this.#month();
    this.#take(DOT);
    if (month === 0 || (!this.#space() && !this.#take(DASH | SLASH))) return -1;
    const day = this.#number(2);
    if (!isDay(day, month, year)) return -1;
    if (this.#code() === 0x2e && !isDigitCode(this.#code(1))) this.#at++;
    return this.#whole();
  }

  /** "19900312" and "12031990" */
  #compact(value: number): number {
    const yearFirst = isDay(value % 100, Math.floor(value / 100) % 100, Math.floor(value / 10_000));
    const yearLast = isDay(Math.floor(value / 1_000_000), Math.floor(value / 10_000) % 100, value % 10_000);
    return yearFirst || yearLast ? this.#whole() : -1;
  }

  #year(day: number, month: number, digits: number): number {
    const from = this.#at;
    const year = this.#number(digits);
    return this.#at - from === digits && isDay(day, month, year) ? this.#whole() : -1;
  }
}

/** Between digits they make one number of both. */
const JOINING = setOf(".:,/-");
const ORDINALS = new Set("st nd rd th er re e er° o a ste de ú".split(" "));

/** https://www.rfc-editor.org/rfc/rfc3339#appendix-C: the Gregorian calendar. */
function isDay(day: number, month: number, year: number): boolean {
  if (day < 1 || month < 1 || month > 12 || year < YEAR_MIN || year > YEAR_MAX) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return day <= days;
}

const reader = new DateReader();

/** End of the date that begins at `start`, or -1. Reads at most some forty characters. */
export function dateEnd(ahead: Ahead, start: number): number {
  return reader.read(ahead, start);
}

/**
 * End of the date that goes on behind the space at `at`, or -1: the island [start, at) ends with its day, its year or the
 * name of its month.
 */
export function datePhraseEnd(ahead: Ahead, start: number, at: number): number {
  const { text } = ahead;
  const last = text.charCodeAt(at - 1);
  const end = last === 0x2e || last === 0x2c ? at - 1 : at;
  let from = end;
  while (from > start && end - from <= MONTH_CHARS_MAX && (classAt(text, from - 1) & (LETTER | DIGIT)) !== 0) from--;
  if (from === end || end - from > MONTH_CHARS_MAX) return -1;
  if (!isDigitCode(text.charCodeAt(from))) {
    // Only a day follows the name of a month.
    const next = text.charCodeAt(at + 1);
    if (!isDigitCode(next) && !Number.isNaN(next)) return -1;
    if (!mayBeginWord(text.charCodeAt(from), from + 1 < end ? text.charCodeAt(from + 1) : 0)) return -1;
    return monthOf(text, from, end) > 0 ? dateEnd(ahead, from) : -1;
  }
  // The last group of "10.0.0.7" and "12:30" begins no date.
  if (
    end - from > 5 ||
    (from > start + 1 && isDigitCode(text.charCodeAt(from - 2)) && isIn(JOINING, text.charCodeAt(from - 1)))
  )
    return -1;
  const known = at + 1 < text.length;
  const next = known ? text.charCodeAt(at + 1) : 0;
  if (!known || isDigitCode(next)) return dateEnd(ahead, from);
  // "in 2024 we": behind a year without a full stop only the "m." of Lithuanian.
  if (end - from === 4 && end === at) return next === 0x6d ? dateEnd(ahead, from) : -1;
  return mayBeginWord(next, at + 2 < text.length ? text.charCodeAt(at + 2) : 0) ? dateEnd(ahead, from) : -1;
}
