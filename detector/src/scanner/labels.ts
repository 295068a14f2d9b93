/**
 * Label phrases, "numéro de sécurité sociale", "passport no", read backwards from a candidate. Whole words only, whatever
 * their case and accents ("SÉCURITÉ", "securite", either normal form); identifiers are taken apart (`taxId`,
 * `passport_number`), and a phrase is also known as one word (`TAXID`) and with dots (`N.I.F.`). Reads at most
 * LOOKBACK_CHARS to the left and nothing to the right, so that a stream answers as the whole text does. Keeps no text.
 */
import { CLASSES, DIGIT, isDigitCode, isLowerCode, isUpperCode, LETTER, ownString } from "./characters.ts";
import { isCell, isTag, LOOKBACK_CHARS } from "./context.ts";

/** Several rows may hold the same phrase; one row may stand for several languages. */
export interface LabelRow {
  readonly id: number;
  readonly phrases: readonly string[];
}

/** Ids of rows, nearest phrase first, none twice in a list. The lists are used again by the next call. */
export interface LabelHit {
  /** Between phrase and value stands nothing but spaces, signs (`: = # ( " '`), "no.", "is" and the like, or another phrase. */
  readonly direct: readonly number[];
  /** Elsewhere among the last NEAR_WORDS words of the line. */
  readonly near: readonly number[];
}

export interface Labels {
  /** What stands before `at`. */
  before(text: string, at: number): LabelHit;
}

const NEAR_WORDS = 8;
/** What is read: NEAR_WORDS, and the rest of a long phrase that ends there. */
const WORDS_MAX = 16;
const WORD_CHARS_MAX = 48;
/** "rodné  číslo", "tax - id": a phrase's words lie this close. */
const INNER_GAP_CHARS_MAX = 3;
/** A numeral that counts the label, "pesel2". */
const COUNTER_CHARS_MAX = 2;
/** "OIB-om", "PESEL-u": an ending behind a hyphen. */
const ENDING_CHARS_MAX = 3;

/** Words that may stand between a label and its value, in every language that the labels come in. Accents are folded. */
const LINKS =
  "n no nr nro num br c cis sz szam st αρ numb nbr number numbers nummer nummern nummeret numret numero numeros nombre numer numeru numerem broj " +
  "brojem cislo cisla cislem szam szama szamom stevilka stevilko stevilke numar numarul numurs numuru numeris numerio numri " +
  "numeru nimero numru nimer arithmos αριθμος αριθμο αρ номер № id code kode kod code codigo codice kodu koodi cod value valeur wert " +
  "is was ist war lautet est es era e are je bol jest byl jest er ar on oli ir yra este sunt van was ειναι е είναι to " +
  "the my your his her their our a an of for mein meine ihr ihre sein seine der die das mon ma votre son sa mi mis su sus tu " +
  "mio mia suo sua il lo la le los las el les minha meu seu sua mijn uw jouw zijn haar moj moja moje tvoj vas vase muj " +
  "min mitt din ditt hans hendes hennes hans sitt del della de du do da des dell";

const SKIPPED = 0;
const MARK_FIRST = 0x300;
const MARK_LAST = 0x36f;
const FOLD_LENGTH = 0x2000;
/** Letters that Unicode does not take apart. */
const FOLDED_BY_HAND: readonly (readonly [string, string])[] = [
  ["ł", "l"],
  ["ø", "o"],
  ["đ", "d"],
  ["ħ", "h"],
  ["ß", "s"],
  ["ς", "σ"],
  ["ı", "i"],
];

/** Lower case without accents; SKIPPED for what does not count. Greek and Cyrillic fold like Latin. */
function buildFolds(): Uint16Array {
  const folds = new Uint16Array(FOLD_LENGTH).map((_, code) => code);
  for (const [first, last] of [
    [0x41, 0x5a],
    [0xc0, 0x24f],
    [0x370, 0x52f],
    [0x1e00, 0x1fff],
  ] as const) {
    for (let code = first; code <= last; code++) {
      const folded = String.fromCharCode(code).toLowerCase().normalize("NFD").charCodeAt(0);
      folds[code] = folded < FOLD_LENGTH ? folded : code;
    }
  }
  folds.fill(SKIPPED, MARK_FIRST, MARK_LAST + 1);
  folds[0x2e] = SKIPPED;
  // "nº", "nª"
  folds[0xba] = SKIPPED;
  folds[0xaa] = SKIPPED;
  for (const [letter, folded] of FOLDED_BY_HAND) {
    for (const form of [letter, letter.toUpperCase()])
      if (form.length === 1) folds[form.charCodeAt(0)] = folded.charCodeAt(0);
  }
  return folds;
}

const FOLDS = buildFolds();

function fold(code: number): number {
  return code < FOLD_LENGTH ? (FOLDS[code] as number) : code;
}

function foldWord(text: string, start: number, end: number): string {
  const folded: number[] = [];
  for (let i = start; i < end; i++) {
    const code = fold(text.charCodeAt(i));
    if (code !== SKIPPED) folded.push(code);
  }
  return String.fromCharCode(...folded);
}

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** FNV-1a of the folded word, never EMPTY. */
function hashWord(text: string, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let i = start; i < end; i++) {
    const code = fold(text.charCodeAt(i));
    if (code !== SKIPPED) hash = Math.imul(hash ^ code, FNV_PRIME);
  }
  return hash === EMPTY ? 1 : hash;
}

function equalsWord(word: string, text: string, start: number, end: number): boolean {
  let at = 0;
  for (let i = start; i < end; i++) {
    const code = fold(text.charCodeAt(i));
    if (code !== SKIPPED && code !== word.charCodeAt(at++)) return false;
  }
  return at === word.length;
}

const NO_WORD = -1;
/** In the place of a hash where no word is. */
const EMPTY = 0;

/** Words to small integers, asked with a stretch of text so that nothing is cut out of it. */
class Lexicon {
  readonly #words: string[] = [];
  readonly #links: boolean[] = [];
  #slots = new Int32Array(1024);
  #hashes = new Int32Array(1024);

  find(text: string, start: number, end: number): number {
    if (end - start > WORD_CHARS_MAX) return NO_WORD;
    const mask = this.#slots.length - 1;
    const hash = hashWord(text, start, end);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = this.#hashes[slot] as number;
      if (known === EMPTY) return NO_WORD;
      if (known !== hash) continue;
      const word = this.#slots[slot] as number;
      if (equalsWord(this.#words[word] as string, text, start, end)) return word;
    }
  }

  addLink(word: string): void {
    this.#links[this.add(word)] = true;
  }

  isLink(word: number): boolean {
    return word !== NO_WORD && this.#links[word] === true;
  }

  add(word: string): number {
    const known = this.find(word, 0, word.length);
    if (known !== NO_WORD) return known;
    if (this.#words.length * 2 >= this.#slots.length) this.#grow();
    this.#place(this.#words.length, word);
    return this.#words.push(word) - 1;
  }

  #place(index: number, word: string): void {
    const mask = this.#slots.length - 1;
    const hash = hashWord(word, 0, word.length);
    let slot = hash & mask;
    while (this.#hashes[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = index;
    this.#hashes[slot] = hash;
  }

  #grow(): void {
    const length = this.#slots.length * 4;
    this.#slots = new Int32Array(length);
    this.#hashes = new Int32Array(length);
    for (const [index, word] of this.#words.entries()) this.#place(index, word);
  }
}

// What is kept of a word, side by side in one array.
const START = 0;
const END = 1;
/** Its number in the lexicon, or NO_WORD. */
const WORD = 2;
const FLAGS = 3;
const STRIDE = 4;

/** Only signs that connect stand between this word and what is to its right. */
const CONNECTED = 1;
/** The gap to its right is one that the words of a phrase may have. */
const TIGHT = 2;
/** A line ends between this word and the candidate. */
const ABOVE = 4;
/** It may stand between a label and its value. */
const LINK = 8;
/** A sign that ends a name or a field stands in the gap to its right: what is to its left is another's label. */
const PARTED = 16;

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x2028 || code === 0x85;
}

/** By code unit: signs that part a label from what follows, and signs that may stand inside of a phrase. */
const BREAKING = 1;
const INNER = 2;
const PARTING = 4;
const SIGNS = new Uint8Array(0x10000);
for (const sign of "!?;&%$€£+@") SIGNS[sign.charCodeAt(0)] = BREAKING;
for (const sign of '<>=:|{}"') SIGNS[sign.charCodeAt(0)] = PARTING;
for (const sign of " \u00a0\u202f°-.'’_/\u2010\u2011\u2013") SIGNS[sign.charCodeAt(0)] = INNER;

/**
 * The words before a candidate, nearest first. Several Labels may share one: who asks about a place that another has asked
 * about, or further right in the same text, need not read again what was read then. Holds on to the text until `release`.
 */
export class LabelWords {
  count = 0;
  readonly lexicon: Lexicon = new Lexicon();
  #text: string | undefined;
  #at = new Int32Array(WORDS_MAX * STRIDE);
  /** The words of the call before, while they are taken over. */
  #old = new Int32Array(WORDS_MAX * STRIDE);
  #cursor = -1;
  #floor = 0;
  #above = 0;
  #ended = true;
  /** What the last call began with. */
  #from = -1;

  constructor() {
    for (const link of LINKS.split(" ").map(ownString)) this.lexicon.addLink(foldWord(link, 0, link.length));
  }

  /** Forgets the text: what was personal in it must not outlive the scan. */
  release(): void {
    this.#text = undefined;
  }

  start(word: number): number {
    return this.#at[word * STRIDE + START] as number;
  }

  end(word: number): number {
    return this.#at[word * STRIDE + END] as number;
  }

  word(word: number): number {
    return this.#at[word * STRIDE + WORD] as number;
  }

  has(word: number, flag: number): boolean {
    return ((this.#at[word * STRIDE + FLAGS] as number) & flag) !== 0;
  }

  open(text: string, at: number): void {
    const again = text === this.#text;
    if (again && at === this.#from) return;
    const known = again && at > this.#from ? this.count : 0;
    this.#text = text;
    const cursor = this.#cursor;
    const ended = this.#ended;
    const from = this.#from;
    this.#from = at;
    this.#floor = Math.max(0, at - LOOKBACK_CHARS);
    this.#cursor = at - 1;
    this.#above = 0;
    this.#ended = false;
    this.count = 0;
    if (known > 0 && from > this.#floor) this.#goOn(text, known, cursor, ended, from);
  }

  /** Reads what is new since the last call, and puts what was read then behind it. */
  #goOn(text: string, known: number, cursor: number, ended: boolean, from: number): void {
    const old = this.#at;
    const first = old[END] as number;
    // The value touched it, and may have been part of it.
    if (first >= from) return;
    this.#at = this.#old;
    this.#old = old;
    while (this.count < WORDS_MAX) {
      this.#read(text);
      if (this.#ended || this.#above !== 0) return;
      const last = this.count - 1;
      if (last < 0 || this.end(last) > from) continue;
      if (this.end(last) !== first || this.start(last) !== old[START]) return;
      const kept = this.#keepable(known, WORDS_MAX - last);
      for (let i = STRIDE; i < kept * STRIDE; i++) this.#at[last * STRIDE + i] = old[i] as number;
      this.count = last + kept;
      this.#cursor = cursor;
      this.#ended = ended || kept < known;
      return;
    }
  }

  /** How many of the old words this call may see: none of a line above, none that the bound cuts off. */
  #keepable(known: number, most: number): number {
    const limit = Math.min(known, most);
    for (let word = 1; word < limit; word++) {
      const at = word * STRIDE;
      if (((this.#old[at + FLAGS] as number) & ABOVE) !== 0 || this.#isCutOff(this.#old[at + START] as number))
        return word;
    }
    return limit;
  }

  /** Whether there is a `word`-th word; reads on as far as that. */
  reaches(text: string, word: number): boolean {
    while (this.count <= word && !this.#ended) this.#read(text);
    return word < this.count;
  }

  #read(text: string): void {
    const floor = this.#floor;
    const gapEnd = this.#cursor;
    let flags = CONNECTED | TIGHT;
    let i = gapEnd;
    this.#ended = true;
    if (this.count === WORDS_MAX) return;
    for (; i >= floor; i--) {
      const code = text.charCodeAt(i);
      if (code !== 0x5f && ((CLASSES[code] as number) & (LETTER | DIGIT)) !== 0) break;
      const sign = SIGNS[code] as number;
      if (sign === INNER) continue;
      flags &= ~TIGHT;
      if (sign === BREAKING && !(code === 0x3b && this.count === 0 && isCell(text, i, this.#from))) flags &= ~CONNECTED;
      if (sign === PARTING) flags |= PARTED;
      if (!isLineEnd(code)) continue;
      // A form prints the label on a line of its own: only what stands directly above is read, and only one line up.
      if (this.count > 0 || this.#above !== 0) return;
      if (code === 0x0a && i > floor && text.charCodeAt(i - 1) === 0x0d) i--;
      this.#above = ABOVE;
    }
    if (i < floor) return;
    const end = i + 1;
    const start = wordStart(text, end, floor);
    if (this.#isCutOff(start)) return;
    this.#ended = false;
    if (gapEnd - i > INNER_GAP_CHARS_MAX) flags &= ~TIGHT;
    const escape = isEscape(text, start, floor) ? 1 : 0;
    this.#cursor = start - 1 - escape;
    // "Passport</dt>\n<dd>": between the cell and what is above it is nothing.
    if (start + escape === end || (this.count === 0 && isTag(text, start, end))) return;
    this.#keep(text, start + escape, end, flags | this.#above);
  }

  /** The bound may have cut the word off; where the text begins does not matter: a stream cuts it there. */
  #isCutOff(start: number): boolean {
    return start <= this.#floor && this.#from >= LOOKBACK_CHARS;
  }

  #keep(text: string, start: number, end: number, flags: number): void {
    const at = this.count * STRIDE;
    this.#at[at + START] = start;
    this.#at[at + END] = end;
    this.count++;
    if (isDigitCode(text.charCodeAt(start))) {
      this.#at[at + WORD] = NO_WORD;
      this.#at[at + FLAGS] = end - start <= COUNTER_CHARS_MAX ? flags | LINK : flags;
      return;
    }
    const word = this.lexicon.find(text, start, end);
    this.#at[at + WORD] = word;
    const link =
      this.lexicon.isLink(word) || this.#isEnding(text, start, end) || (start > this.#floor && isTag(text, start, end));
    this.#at[at + FLAGS] = link ? flags | LINK : flags;
  }

  #isEnding(text: string, start: number, end: number): boolean {
    if (end - start > ENDING_CHARS_MAX || start - 1 <= this.#floor) return false;
    const before = text.charCodeAt(start - 1);
    return (before === 0x2d || before === 0x27 || before === 0x2019) && isLetter(text, start - 2);
  }

  /** Whether nothing but signs stands before `start` on its line. */
  beginsLine(text: string, start: number): boolean {
    for (let i = start - 1; i >= this.#floor; i--) {
      const code = text.charCodeAt(i);
      if (isLineEnd(code)) return true;
      if (((CLASSES[code] as number) & (LETTER | DIGIT)) === 0) continue;
      const word = wordStart(text, i + 1, this.#floor);
      if (word <= this.#floor || !isTag(text, word, i + 1)) return false;
      i = word;
    }
    // The bound is no line's beginning, even where a stream has cut the text there.
    return this.#from < LOOKBACK_CHARS;
  }
}

/** The "n" of `\n` in front of a word, in text that JSON has wrapped. */
function isEscape(text: string, start: number, floor: number): boolean {
  if (start <= floor || text.charCodeAt(start - 1) !== 0x5c) return false;
  const code = text.charCodeAt(start);
  return code === 0x6e || code === 0x72 || code === 0x74;
}

/** Start of the word that ends at `end`: letters of one camelCase hump, digits, or single letters with dots. */
function wordStart(text: string, end: number, floor: number): number {
  let start = end - 1;
  if (isDigitCode(text.charCodeAt(start))) {
    while (start > floor && isDigitCode(text.charCodeAt(start - 1))) start--;
    return start;
  }
  for (; start > floor; start--) {
    const before = text.charCodeAt(start - 1);
    if (before === 0x5f || ((CLASSES[before] as number) & LETTER) === 0) break;
    if (!isUpperCode(text.charCodeAt(start))) continue;
    if (isLowerCode(before)) break;
    // "PESELNumber": the last capital belongs to the next word; "IDs" is one.
    if (isUpperCode(before) && isLowerCode(text.charCodeAt(start + 1)) && isLowerCode(text.charCodeAt(start + 2)))
      if (start + 2 < end) break;
  }
  while (end - start >= 1 && isDotted(text, start, end, floor)) start -= 2;
  return start;
}

/** "N.I.F": one letter, a dot, and one letter in front of it. */
function isDotted(text: string, start: number, end: number, floor: number): boolean {
  if (start - 2 < floor || text.charCodeAt(start - 1) !== 0x2e) return false;
  if (end - start > 1 && text.charCodeAt(start + 1) !== 0x2e) return false;
  if (!isLetter(text, start - 2) || start - 3 < floor) return isLetter(text, start - 2);
  return !isLetter(text, start - 3);
}

function isLetter(text: string, at: number): boolean {
  return ((CLASSES[text.charCodeAt(at)] as number) & LETTER) !== 0;
}

/** Every phrase's words as a tree, last word first. */
class PhraseTree {
  /** node × WORDS_LIMIT + word → node */
  readonly #next = new Map<number, number>();
  readonly #rows: (number[] | undefined)[] = [undefined];
  /** Words that end some phrase: most words do not, and need no look into the map. */
  readonly #ends: boolean[] = [];
  /** Rows of the phrase found last. */
  found: readonly number[] = [];

  add(phrase: readonly number[], id: number): void {
    let node = 0;
    this.#ends[phrase.at(-1) as number] = true;
    for (let i = phrase.length - 1; i >= 0; i--) {
      const key = node * WORDS_LIMIT + (phrase[i] as number);
      node = this.#next.get(key) ?? this.#rows.push(undefined) - 1;
      this.#next.set(key, node);
    }
    const rows = (this.#rows[node] ??= []);
    if (!rows.includes(id)) rows.push(id);
  }

  /** Number of words of the longest phrase that ends with the word `last`, 0 when there is none. */
  longest(words: LabelWords, text: string, last: number): number {
    if (words.word(last) === NO_WORD || this.#ends[words.word(last)] !== true) return 0;
    let node = 0;
    let length = 0;
    for (let word = last; words.reaches(text, word); word++) {
      if (word > last && !words.has(word, TIGHT)) break;
      const known = words.word(word);
      const next = known === NO_WORD ? undefined : this.#next.get(node * WORDS_LIMIT + known);
      if (next === undefined) break;
      node = next;
      const rows = this.#rows[node];
      if (rows === undefined) continue;
      length = word - last + 1;
      this.found = rows;
    }
    return length;
  }
}

const WORDS_LIMIT = 0x10000;
const DOTTED = /^(?:\p{L}\.)+\p{L}?$/u;

/** "My number" is one word in Hungarian and Finnish, "adószámom", "henkilötunnukseni": the ends of labels, folded, and those forms. */
const POSSESSED: readonly (readonly [word: string, forms: readonly string[]])[] = [
  ["szam", ["szama", "szamom", "szamod", "szamat", "szamomat"]],
  ["azonosito", ["azonositom", "azonositoja"]],
  ["jel", ["jelem", "jele"]],
  ["numero", ["numeroni", "numerosi", "numeronne"]],
  ["tunnus", ["tunnukseni", "tunnuksesi", "tunnuksenne"]],
];

/**
 * Phrases to one small integer each row; compiled when first asked. Phrases have at most sixteen words and no line breaks.
 * `shared`: what is read is kept in it for whoever asks next, until it is released; absent: nothing is kept.
 */
export function compileLabels(rows: readonly LabelRow[], shared?: LabelWords): Labels {
  let compiled: Labels | undefined;
  return { before: (text, at) => (compiled ??= compile(rows, shared)).before(text, at) };
}

function compile(rows: readonly LabelRow[], shared: LabelWords | undefined): Labels {
  const words = shared ?? new LabelWords();
  const { lexicon } = words;
  const tree = new PhraseTree();
  for (const { id, phrases } of rows) {
    for (const phrase of phrases.map(ownString)) {
      const parts: string[] = [];
      words.open(phrase, phrase.length);
      for (let word = 0; words.reaches(phrase, word); word++)
        parts.unshift(foldWord(phrase, words.start(word), words.end(word)));
      if (parts.length === 0) throw new TypeError("a label phrase without a word");
      tree.add(
        parts.map((part) => lexicon.add(part)),
        id,
      );
      const last = parts.at(-1) ?? "";
      for (const [word, forms] of POSSESSED) {
        if (!last.endsWith(word)) continue;
        const head = parts.slice(0, -1).map((part) => lexicon.add(part));
        for (const form of forms) tree.add([...head, lexicon.add(last.slice(0, -word.length) + form)], id);
      }
      if (parts.length > 1) tree.add([lexicon.add(parts.join(""))], id);
      // "r.č." is also written "r. č."
      if (DOTTED.test(phrase)) {
        const letters = [...(parts[0] ?? "")];
        tree.add(
          letters.map((letter) => lexicon.add(letter)),
          id,
        );
      }
    }
  }
  const direct: number[] = [];
  const near: number[] = [];
  const hit: LabelHit = { direct, near };

  function keep(list: number[]): void {
    for (const id of tree.found) if (!direct.includes(id) && !near.includes(id)) list.push(id);
  }

  return {
    before(text, at) {
      // To set a length takes fifty nanoseconds, even when it is 0 already, as it is for most.
      if (direct.length > 0) direct.length = 0;
      if (near.length > 0) near.length = 0;
      words.open(text, at);
      let clear = true;
      for (let word = 0; word < NEAR_WORDS && words.reaches(text, word); ) {
        if (!words.has(word, CONNECTED) || (direct.length > 0 && words.has(word, PARTED))) clear = false;
        let length = tree.longest(words, text, word);
        // "versicherten id nr": of two phrases the longer one counts, though it leaves the "nr" out.
        if (length > 1 && words.has(word, LINK) && words.reaches(text, word + 1)) {
          if (words.has(word + 1, TIGHT) && tree.longest(words, text, word + 1) >= length) length = 0;
          else tree.longest(words, text, word);
        }
        const above = words.has(word, ABOVE);
        if (length > 0) {
          if (!above) keep(clear ? direct : near);
          else if (clear && words.beginsLine(text, words.start(word + length - 1))) keep(direct);
        } else if (!words.has(word, LINK)) {
          clear = false;
        }
        if (above && !clear) break;
        word += Math.max(1, length);
      }
      if (shared === undefined) words.release();
      return hit;
    },
  };
}
