/**
 * Names of streets around a house number: before it ("Hauptstraße 5", "via Roma 5", "Nádor utca 5") and behind it
 * ("5 rue Lepic", "5 Main Street"). How sure the words are decides how much else must be there; see address.ts.
 */
import { FOLDED, hashFolded, isUpper } from "../signals/fold.ts";
import { phraseEnd } from "./phrase.ts";
import {
  digitsOf,
  endOf,
  firstCode,
  hashAt,
  isCapital,
  isDash,
  isGlued,
  isMixed,
  isNumber,
  isShouted,
  isSign,
  isWordAt,
  languagesAt,
  lengthOf,
  meaningOf,
  means,
  partOf,
  signAt,
  startOf,
  tokens,
  valueOf,
} from "./tokens.ts";
import { unitEnd } from "./unit.ts";
import {
  AHEAD,
  AHEAD_CAPITAL,
  AHEAD_DOTTED,
  AHEAD_LOWER,
  AHEAD_OF,
  AT,
  BEHIND,
  BEHIND_DOTTED,
  COMPASS,
  COUNTRY,
  COUNTRY_NAMES,
  ENDING,
  ENDING_LANGUAGES,
  ENDING_LENGTHS,
  ENDINGS,
  FOLLOWER,
  HOUSE_AFTER,
  HOUSE_BEFORE,
  LABEL,
  languageBit,
  LIVES,
  mayEnd,
  MODIFIER,
  NOT_STREET,
  NUMBER_WORD,
  PARTICLE,
  STOP,
  STREET_AHEAD,
  STREET_BEHIND,
  UNIT,
  UNIT_BEHIND,
  ZIP,
} from "./words.ts";

/** No word for a street: only words with capitals where one would be. */
export const BARE = 1;
/** A word that is also something else. */
export const WEAK = 2;
export const STRONG = 3;

export interface Street {
  /** First token, and the token behind the last. */
  start: number;
  end: number;
  /** 0: there is none. */
  strength: number;
  languages: number;
  /** A comma stands between a bare name and its number: "Ramón Puga, 52". */
  comma: boolean;
}

const NAME_TOKENS_MAX = 9;
const NAME_WORDS_MAX = 4;
const LOWER_WORDS_MAX = 2;
const MODIFIERS_MAX = 2;
/** Shorter endings are believed with a capital only. */
const LOWER_ENDING_CHARS = 5;
const STEM_CHARS_MIN = 2;
const DUTCH = languageBit("nl");
const ITALIAN = languageBit("it");
const LITHUANIAN = languageBit("lt");

const SLASHED = hashes("c");
const VAN = hashes("van der den de ter ten");
const ARTICLES = hashes("a az der die das den det the");
/** With a capital they begin German street names: "Am Markt", "Auf dem Forst". */
const PREPOSITIONS = hashes("am an auf bei hinter im in ober unter vor zum zur");
/** Roads that are called after where they lead. */
const ROADS = hashes("landstraße landstrasse landstr heerstraße heerstrasse heerstr");
const MONTHS = hashes(
  "janvier février mars avril mai juin juillet août septembre octobre novembre décembre gennaio febbraio marzo aprile " +
    "maggio giugno luglio agosto settembre ottobre enero mayo",
);
const NOT_IN_NAMES = LABEL | LIVES | STOP | ZIP;

/** A label or a word that is never part of a name; "street" is a label too, but here it is a street. */
function endsName(index: number): boolean {
  return means(index, NOT_IN_NAMES) && !means(index, STREET_AHEAD | STREET_BEHIND);
}

function street(start: number, end: number, strength: number, languages: number): Street {
  return { start, end, strength, languages, comma: false };
}

const NONE: Street = { start: -1, end: -1, strength: 0, languages: 0, comma: false };

/**
 * The street whose house number begins at `index`; nothing before token `floor` belongs to it. `anyComma`: a comma may stand
 * between, whatever the language, because what follows is no house number.
 */
export function streetBefore(index: number, floor: number, anyComma = false): Street {
  let at = numberWordsStart(index, floor) - 1;
  const comma = isSign(at, 0x2c) && !anyComma;
  if (isSign(at, 0x2c)) at--;
  if (isQuote(signAt(at))) at--;
  const dotted = isSign(at, 0x2e) && isGlued(at);
  if (dotted) at--;
  if (at < floor || !isWordAt(at)) return NONE;
  const end = index;
  const ahead = streetAhead(at, end, floor);
  if (ahead.strength === STRONG) return ahead;
  const behind = comma ? NONE : behindName(at, end, floor, dotted);
  if (behind.strength === STRONG) return behind;
  const joined = comma ? NONE : joinedName(at, end, floor);
  if (joined.strength === STRONG) return joined;
  for (const weak of [ahead, behind, joined]) if (weak.strength === WEAK) return weak;
  const bare = bareBefore(at, end, floor);
  return comma ? { ...bare, comma } : bare;
}

/** "Nr. 5", "n° 5", "№ 5", "č.p. 5" */
function numberWordsStart(index: number, floor: number): number {
  let at = index;
  for (let word = 0; word < 2; word++) {
    let before = at - 1;
    if (isSign(before, 0x2e) || isSign(before, 0xb0) || isSign(before, 0xba)) before--;
    if (before >= floor && isWordAt(before) && means(before, NUMBER_WORD) && !isLastOfName(before)) at = before;
    else if (isSign(at - 1, 0x2116)) at--;
    else break;
  }
  return at;
}

/** A letter that means "number" may be an initial at the end of a name: only in small letters, or with its sign. */
function isLastOfName(index: number): boolean {
  return lengthOf(index) === 1 && isUpper(firstCode(index)) && signAt(index + 1) === 0;
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x201c || code === 0x201d || code === 0xbb;
}

/** "Nádor utca", "Steglitzer Str.", "Gedimino pr." */
function behindName(word: number, end: number, floor: number, dotted: boolean): Street {
  const meaning = meaningOf(word);
  if ((meaning & STREET_BEHIND) === 0) return NONE;
  const languages = languagesAt(word) & HOUSE_AFTER;
  if (languages === 0) return NONE;
  const start = withoutArticle(nameStart(word, floor, NAME_WORDS_MAX), word);
  // "Kr. u. 4" is a century.
  if (start === word || (lengthOf(word) === 1 && !(isWordAt(word - 1) && lengthOf(word - 1) >= 3))) return NONE;
  const strong = (meaning & BEHIND) !== 0 || (dotted && (meaning & BEHIND_DOTTED) !== 0);
  // "A.749" is a number of something.
  if (lengthOf(word) === 1 && (!dotted || isGlued(end) || !isPlausible(word, end))) return NONE;
  return street(start, end, strong ? STRONG : WEAK, languages);
}

/**
 * "Petőfi u. 12", "Gedimino g. 9", and not "Müller u. 12 andere", "Zucker g. 12": Lithuanian names of streets stand in the
 * genitive, and no sentence goes on behind a Hungarian house number.
 */
function isPlausible(word: number, number: number): boolean {
  const last = FOLDED[tokens.text.charCodeAt(endOf(word - 1) - 1)] as number;
  if ((languagesAt(word) & LITHUANIAN) !== 0) return "ouse".includes(String.fromCharCode(last));
  return !isWordAt(number + 1) || isCapital(number + 1);
}

/** First token of up to `max` words with capitals before `word`, particles and dates between them; `word` when none. */
function nameStart(word: number, floor: number, max: number): number {
  let start = word;
  let at = word - 1;
  for (let words = 0; words < max && at >= floor; words++) {
    // "1. maja", "17. Juni", "II."
    if (isSign(at, 0x2e) && isGlued(at) && (isNumber(at - 1) || isShort(at - 1))) at--;
    if (isNumber(at) && valueOf(at) <= 31 && words > 0) {
      start = at;
      at--;
      continue;
    }
    if (!isCapital(at) || endsName(at)) break;
    start = at;
    if (isOneOf(PREPOSITIONS, at)) break;
    at--;
    let particle = at;
    while (particle > floor && isInner(particle) && at - particle < 3) particle--;
    if (particle < at && isCapital(particle) && !endsName(particle)) at = particle;
  }
  return start;
}

/** A particle inside a name, not the "in" before it. */
function isInner(index: number): boolean {
  return means(index, PARTICLE) && !isCapital(index) && !means(index, AT);
}

/** "A Petőfi utca", "Die Kieler Straße": an article at the start of a sentence. */
function withoutArticle(start: number, word: number): number {
  if (start >= word - 1 || isSign(start + 1, 0x2e)) return start;
  return isOneOf(ARTICLES, start) ? start + 1 : start;
}

function hashes(words: string): ReadonlySet<number> {
  return new Set(words.split(" ").map((word) => hashFolded(word, 0, word.length)));
}

function isOneOf(set: ReadonlySet<number>, index: number): boolean {
  return isWordAt(index) && set.has(hashAt(index));
}

function isShort(index: number): boolean {
  return isWordAt(index) && lengthOf(index) <= 4;
}

/** "Hauptstraße", "Karl-Marx-Straße", "Alte Hauptstraße", "Prins Hendrikkade". */
function joinedName(word: number, end: number, floor: number): Street {
  const from = partOf(word);
  const to = endOf(word);
  if (lengthOf(word) < 2 || !mayEnd(tokens.text, to) || means(word, NOT_STREET)) return NONE;
  const compound = from > startOf(word);
  for (const length of ENDING_LENGTHS) {
    const at = to - length;
    if (at < from + (compound ? 0 : STEM_CHARS_MIN)) continue;
    const hash = hashFolded(tokens.text, at, to);
    const ending = ENDINGS.get(tokens.text, at, to, hash);
    if (ending === 0) continue;
    const capital = isCapital(word);
    if (!capital && (length < LOWER_ENDING_CHARS || (ending & ENDING) === 0)) return NONE;
    const languages = ENDING_LANGUAGES.get(tokens.text, at, to, hash);
    const strength = (ending & ENDING) !== 0 ? STRONG : WEAK;
    return street(abbreviationStart(modifiersStart(word, floor, languages), floor), end, strength, languages);
  }
  return NONE;
}

/** "Dr.-Karl-Renner-Straße", "Chr. Winthersvej", "Gl. Kongevej". */
function abbreviationStart(start: number, floor: number): number {
  const dashed = isDash(signAt(start - 1)) && isGlued(start - 1) && isGlued(start);
  const dot = dashed ? start - 2 : start - 1;
  const word = dot - 1;
  if (word < floor || !isSign(dot, 0x2e) || !isGlued(dot) || !isCapital(word) || isShouted(word)) return start;
  if (lengthOf(word) > (dashed ? 5 : 3) || (isGlued(start) && !dashed)) return start;
  // "Dr.-" is a title, though "Dr." is a drive.
  const others = NOT_IN_NAMES | NUMBER_WORD | (dashed ? 0 : UNIT | STREET_AHEAD | STREET_BEHIND);
  return means(word, others) ? start : word;
}

function modifiersStart(word: number, floor: number, languages: number): number {
  let start = word;
  for (let count = 0; count < MODIFIERS_MAX && start > floor; count++) {
    if (!isCapital(start - 1) || !means(start - 1, MODIFIER)) break;
    start--;
  }
  if (!isCapital(word)) return start;
  // "Mainzer Landstraße", "Bergische Landstr."
  if (start === word && isOneOf(ROADS, word) && start > floor && isAdjective(start - 1)) return start - 1;
  const prepositioned = prepositionStart(word, start, floor);
  if ((languages & DUTCH) === 0 || prepositioned < start) return prepositioned;
  // "van der Lindengracht", "Jan van Galenstraat", "Johan de Wittlaan"
  let at = start - 1;
  while (at >= floor && isWordAt(at) && !isCapital(at) && isVan(at)) at--;
  const named = nameStart(at + 1, floor, NAME_WORDS_MAX - 1);
  if (named <= at) return named;
  // "de Kerkstraat" has an article, "van der Lindengracht" a name; so what begins a line or a field.
  const begins = at < 0 || signAt(at) !== 0;
  return start - 1 - at >= 2 || (begins && at >= floor - 1) ? at + 1 : start;
}

/** Of a place: "Mainzer", "Bergische". */
function isAdjective(index: number): boolean {
  if (!isCapital(index)) return false;
  const word = tokens.text.slice(startOf(index), endOf(index));
  return word.length > 4 && (word.endsWith("er") || word.endsWith("sche"));
}

/** "Am Frankenberg", "Auf dem Mittelberg", "Franz Schubert-Gasse". */
function prepositionStart(word: number, start: number, floor: number): number {
  let at = start - 1;
  while (at > floor && start - at <= 2 && means(at, PARTICLE) && !isCapital(at)) at--;
  if (at >= floor && isCapital(at) && isOneOf(PREPOSITIONS, at)) return at;
  const part = partOf(word);
  const oneHyphen = part > startOf(word) && !tokens.text.slice(startOf(word), part - 1).includes("-");
  return oneHyphen ? nameStart(start, floor, 1) : start;
}

function isVan(index: number): boolean {
  return isOneOf(VAN, index);
}

/** "via Roma", "Rua 25 de Abril", "ul. Jana Pawła II": the word for the street stands up to nine tokens before. */
function streetAhead(last: number, end: number, floor: number): Street {
  let start = -1;
  let strength = 0;
  let languages = 0;
  let lower = 0;
  let capitals = 0;
  const limit = Math.max(floor, last - NAME_TOKENS_MAX);
  for (let at = last; at >= limit; at--) {
    if (isWordAt(at)) {
      const meaning = meaningOf(at);
      if ((meaning & STREET_AHEAD) !== 0 && at < last && !isTail(at)) {
        const worth = aheadStrength(at, last, lower, capitals);
        const spoken = languagesAt(at) & HOUSE_AFTER;
        if (spoken !== 0 && worth > strength) {
          start = at;
          strength = worth;
          languages = spoken;
        }
        // "Porte du Faubourg Saint-Honoré": the weaker word begins the name, the stronger one vouches for it.
        // So "C/. Camino Sur", "Av. Paseo Colón": two words for the street side by side.
        else if (spoken !== 0 && strength > 0 && isCapital(at) && (means(at + 1, PARTICLE) || isBeside(at, start)))
          start = at;
      }
      // A month in a date may be part of a name: "Straße des 17. Juni".
      if (endsName(at) && !(means(at, STOP) && (isSign(at - 1, 0x2e) || isNumber(at - 1)))) break;
      // "DC 122": capitals alone are a code, not a name.
      if (isCapital(at)) capitals += isShouted(at) && lengthOf(at) < 4 && at === last ? 0 : 1;
      else if ((meaning & PARTICLE) === 0 || at === last) {
        if (at === last && (meaning & (PARTICLE | FOLLOWER | AT)) !== 0) break;
        // No name is so long, and none was begun.
        if (++lower > LOWER_WORDS_MAX + 1 && strength === 0) break;
      }
    } else if (isNumber(at)) {
      // "3 Maja", "25 de Abril", "17. Juni"; not "Calle 13 won"
      if (valueOf(at) > 31 || !(isCapital(at + 1) || means(at + 1, PARTICLE) || isSign(at + 1, 0x2e))) break;
    } else if (isSign(at, 0x2e)) {
      if (!isGlued(at)) break;
    } else if (isSign(at, 0x2f)) {
      // "C/ Mayor"
      if (!isGlued(at) || lengthOf(at - 1) > 4) break;
    } else if (!isQuote(signAt(at)) && !isOpeningQuote(signAt(at)) && !isApostrophe(signAt(at))) break;
  }
  // "Petite rue"
  if (start > floor && isCapital(start - 1) && means(start - 1, MODIFIER)) start--;
  return strength === 0 ? NONE : street(start, end, strength, languages);
}

function isBeside(at: number, start: number): boolean {
  for (let between = at + 1; between < start; between++) if (signAt(between) === 0 || !isGlued(between)) return false;
  return true;
}

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019;
}

function isOpeningQuote(code: number): boolean {
  return code === 0x201e || code === 0xab;
}

/** `lower` and `capitals`: words of the name in small letters, particles aside, and with a capital. */
function aheadStrength(at: number, last: number, lower: number, capitals: number): number {
  const meaning = meaningOf(at);
  const sign = signAt(at + 1);
  const dotted = (sign === 0x2e || sign === 0x2f) && isGlued(at + 1);
  // "C/ Mayor", but "R. Augusta"
  if (lengthOf(at) === 1 && !(dotted && (sign === 0x2f) === isOneOf(SLASHED, at))) return 0;
  if (capitals === 0) {
    // "Námestie slobody", "Cesta 1. maja": the word itself has the capital.
    const sure = (meaning & AHEAD) !== 0 || (dotted && (meaning & AHEAD_DOTTED) !== 0);
    const named = sure && ((meaning & AHEAD_LOWER) !== 0 || isCapital(at));
    return named && lower > 0 && lower <= LOWER_WORDS_MAX + 1 ? STRONG : 0;
  }
  if (lower > LOWER_WORDS_MAX || (!isCapital(last) && lower > 0 && !isCapital(at))) return 0;
  if ((meaning & AHEAD_OF) !== 0 && means(at + 1, PARTICLE) && !isCapital(at + 1) && lower === 0) return STRONG;
  if ((meaning & AHEAD) !== 0 || (dotted && (meaning & AHEAD_DOTTED) !== 0)) return STRONG;
  if ((meaning & AHEAD_CAPITAL) !== 0 && isCapital(at)) return isRomance(at, last) ? STRONG : WEAK;
  return (meaning & ~(AHEAD | AHEAD_CAPITAL | AHEAD_OF) & STREET_AHEAD) !== 0 ? WEAK : 0;
}

/** "via Bluetooth 5": names of Italian streets end in a vowel. */
function isRomance(at: number, last: number): boolean {
  if ((languagesAt(at) & ITALIAN) === 0) return true;
  const folded = tokens.text
    .slice(endOf(last) - 1, endOf(last))
    .normalize("NFD")
    .charAt(0)
    .toLowerCase();
  return "aeiou".includes(folded) || last - at > 1;
}

/** "Unter den Linden", "Vinohradská": one to three words with capitals. */
function bareBefore(last: number, end: number, floor: number): Street {
  if (means(last, NOT_STREET | NOT_IN_NAMES | UNIT | UNIT_BEHIND | AHEAD | NUMBER_WORD) || lengthOf(last) < 2)
    return NONE;
  // "ICE 1023", "WKN 716460": a code, not a name.
  if (isShouted(last) && lengthOf(last) <= 4 && !isCapital(last - 1)) return NONE;
  // "Zámocké schody", "Ob železnici": at the start of a part, the second word may have a small letter.
  const lower = !isCapital(last);
  if (lower && !(isCapital(last - 1) && (last - 1 === 0 || signAt(last - 2) !== 0) && last - 1 >= floor)) return NONE;
  const start = lower ? last - 1 : withoutArticle(nameStart(last + 1, floor, NAME_WORDS_MAX - 1), last + 1);
  for (let at = start; at <= last; at++) if (means(at, NOT_STREET) || endsName(at)) return NONE;
  return street(start, end, BARE, 0);
}

/** The street that begins at `index`, behind its house number. */
export function streetBehind(index: number): Street {
  const at = isSign(index, 0x2c) ? index + 1 : index;
  if (!isWordAt(at) && !isMixed(at) && !isNumber(at)) return NONE;
  const ahead = aheadBehind(at);
  if (ahead.strength > 0) return ahead;
  return at === index ? englishName(at) : NONE;
}

/** "rue Lepic", "avenue du 8 Mai 1945", "Triq ir-Repubblika". */
function aheadBehind(index: number): Street {
  let word = index;
  // "Petite rue", "Ancienne route"
  if (isCapital(word) && means(word, MODIFIER) && means(word + 1, AHEAD)) word++;
  const meaning = meaningOf(word);
  if ((meaning & STREET_AHEAD) === 0) return NONE;
  const languages = languagesAt(word) & HOUSE_BEFORE;
  if (languages === 0) return NONE;
  let at = word + 1;
  const dotted = isSign(at, 0x2e) && isGlued(at);
  if (dotted) at++;
  let end = -1;
  let lower = 0;
  let capitals = 0;
  for (let count = 0; count < NAME_TOKENS_MAX; count++) {
    if (isWordAt(at)) {
      // "3 rue Lepic à Paris"
      if (endsName(at) || (end >= 0 && means(at, AT) && !isCapital(at))) break;
      if (end >= 0 && isCapital(at) && unitEnd(at) >= 0) break;
      if (isCapital(at)) {
        if (end >= 0 && means(at, COUNTRY) && phraseEnd(COUNTRY_NAMES, at) >= 0) break;
        capitals++;
        end = at + 1;
      } else if (!means(at, PARTICLE)) {
        // "12 rue des lilas est fermée": words in small letters only until the first one that is no particle.
        if (capitals > 0 || lower >= 1 || means(at, FOLLOWER | AT) || (meaning & AHEAD_LOWER) === 0) {
          if (!isMonth(at)) break;
        }
        lower++;
        end = at + 1;
      }
    } else if (isNumber(at) && isDateIn(at)) {
      if (lengthOf(at) === 4) end = at + 1;
    } else if (!(isSign(at, 0x2e) && isGlued(at) && isShort(at - 1) && isWordAt(at + 1))) break;
    at++;
  }
  if (end < 0) return NONE;
  const strength = behindStrength(word, dotted, capitals, lower);
  return strength === 0 ? NONE : street(index, end, strength, languages);
}

function behindStrength(word: number, dotted: boolean, capitals: number, lower: number): number {
  const meaning = meaningOf(word);
  if (capitals === 0 && (lower === 0 || (meaning & AHEAD_LOWER) === 0)) return 0;
  if ((meaning & AHEAD) !== 0 || (dotted && (meaning & AHEAD_DOTTED) !== 0)) return STRONG;
  // "3 place de la Gare": with the number before it, a small letter is as good.
  return (meaning & AHEAD_CAPITAL) !== 0 && capitals > 0 ? STRONG : WEAK;
}

/** A day before its month, or a year behind it. */
function isDateIn(at: number): boolean {
  if (valueOf(at) <= 31 && isWordAt(at + 1) && isWordAt(at - 1)) return true;
  return lengthOf(at) === 4 && valueOf(at) >= 1700 && valueOf(at) < 2000 && isMonth(at - 1);
}

function isMonth(index: number): boolean {
  return isOneOf(MONTHS, index);
}

/** "Main Street", "West 34th Street", "St Mary's Road", "Pennsylvania Avenue NW". */
function englishName(index: number): Street {
  let end = -1;
  let strength = 0;
  let languages = 0;
  let at = index;
  let bare = index;
  for (let words = 0; words < NAME_TOKENS_MAX - 2; words++) {
    if (isSign(at, 0x2e) && isGlued(at) && isShort(at - 1) && isWordAt(at + 1) && isCapital(at + 1)) at++;
    if (isMixed(at) && isOrdinal(at)) {
      at++;
      continue;
    }
    const particle = isWordAt(at) && means(at, PARTICLE) && !isCapital(at) && words > 0;
    if (!isCapital(at) && !particle) break;
    if (endsName(at)) break;
    if (words > 0 && unitEnd(at) >= 0) break;
    if (words > 0 && means(at, STREET_BEHIND)) {
      const here = languagesAt(at) & HOUSE_BEFORE;
      if (here !== 0) {
        const now = means(at, BEHIND) ? STRONG : WEAK;
        // "12 Oak Street Park Royal": what follows a sure word is not looked at again.
        if (strength === STRONG && now !== STRONG && end !== at) break;
        end = at + 1;
        strength = Math.max(strength, now);
        languages |= here;
      }
    }
    at++;
    if (!particle && at - index <= NAME_WORDS_MAX) bare = at;
  }
  if (end < 0) return bare > index ? street(index, bare, BARE, languageBit("en")) : NONE;
  if (isWordAt(end) && isUpper(firstCode(end)) && means(end, COMPASS) && lengthOf(end) <= 2) end++;
  return street(index, end, strength, languages);
}

/** "5th", "42nd" */
function isOrdinal(index: number): boolean {
  const suffix = tokens.text.slice(startOf(index) + digitsOf(index), endOf(index)).toLowerCase();
  return suffix === "st" || suffix === "nd" || suffix === "rd" || suffix === "th";
}

/** Whether a hyphen or slash is glued to the front of the token: the tail of a longer code. */
export function isTail(index: number): boolean {
  if (index === 0 || !isGlued(index)) return false;
  const sign = signAt(index - 1);
  return isDash(sign) || sign === 0x2f || sign === 0x5f || sign === 0x40 || sign === 0x23;
}
