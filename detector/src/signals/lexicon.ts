/**
 * What the signals are read with: two tables, of whole words and of beginnings of words, and the terms that begin with them. All
 * of it numbers in typed arrays: there are more than ten thousand words, and objects for them would be walked by each collection
 * of garbage. Compiled at the first call, never at import.
 */
import { BELONGING, COMMON, Entries, Filter, FIRST_TERM, MEDICAL, PERSON, Rows } from "./entries.ts";
import { FOLDED, foldedLength, HASH_PRIME, HASH_START, hashFolded, MARK } from "./fold.ts";
import { SPECIAL_CATEGORIES, type SignalLanguage, type Terms } from "./language.ts";
import { LANGUAGES } from "./languages/all.ts";
import { AMBIGUOUS, TermReader } from "./terms.ts";

/** Strengths besides those of terms.ts: the name of a field, and one that other fields have too. */
export const KEY = 4;
export const KEY_AMBIGUOUS = 5;

/** A term's numbers. The first is its index in SPECIAL_CATEGORIES. */
export const CATEGORY = 0;
export const STRENGTH = 1;
/** Languages that have it, as bits. */
export const LANGUAGE_BITS = 2;
/** The next one of the same entry; 0: none. */
export const NEXT_TERM = 3;
/** The words behind the first: where they begin among all, and how many. */
const BEHIND = 4;
const BEHIND_COUNT = 5;
/** Index of how it is written, where accents count; else 0. */
const EXACT = 6;
const TERM_SIZE = 7;

/** A word that stands behind the first of a phrase: its hash, its folded length, and 1 when it is a beginning. */
const LENGTH = 1;
const IS_BEGINNING = 2;
const BEHIND_SIZE = 3;

/** With so many folded characters it is known which lengths of beginnings are worth a look. */
export const START_CHARS = 3;
const STARTS = 1 << 12;
const BEGINNING_CHARS_MAX = 31;

const KINDS = [
  [COMMON, "common"],
  [PERSON, "person"],
  [MEDICAL, "medical"],
  [BELONGING, "belonging"],
] as const;

export class Lexicon {
  readonly words = new Entries();
  readonly beginnings = new Entries();
  readonly #terms = new Rows(TERM_SIZE, 1 << 14);
  readonly #behind = new Rows(BEHIND_SIZE, 1 << 13);
  readonly #exact: string[] = [""];
  readonly #filter = new Filter();
  readonly #starts = new Int32Array(STARTS);

  /** False when no entry is this word: most words end here. */
  mayBeWord(hash: number): boolean {
    return this.#filter.has(hash);
  }

  /** Bit n: there may be a beginning of n folded characters. `hash`: of the first START_CHARS. */
  lengthsOfBeginnings(hash: number): number {
    return this.#starts[startSlot(hash)] as number;
  }

  /** Of all terms, side by side; a term is where its numbers begin. */
  get terms(): Int32Array {
    return this.#terms.values;
  }

  /** End of the phrase whose first word is text[start, end), or -1. */
  termEnd(term: number, text: string, start: number, end: number): number {
    const { terms } = this;
    let word = terms[term + BEHIND] as number;
    let at = end;
    for (let left = terms[term + BEHIND_COUNT] as number; left > 0; left--, word += BEHIND_SIZE) {
      const from = at;
      while (at < text.length && at - from < GAP_CHARS_MAX && joins(text.charCodeAt(at))) at++;
      if (at === from) return -1;
      at = this.#wordEnd(word, text, at);
      if (at < 0) return -1;
    }
    const exact = terms[term + EXACT] as number;
    return exact === 0 || isWritten(this.#exact[exact] as string, text, start, at) ? at : -1;
  }

  #wordEnd(word: number, text: string, from: number): number {
    const { values } = this.#behind;
    const length = values[word + LENGTH] as number;
    let seen = 0;
    let hash = HASH_START;
    let at = from;
    for (; at < text.length; at++) {
      const code = FOLDED[text.charCodeAt(at)] as number;
      if (code === 0) break;
      if (code === MARK || seen === length) {
        if (code !== MARK && values[word + IS_BEGINNING] === 0) return -1;
        continue;
      }
      hash = Math.imul(hash ^ code, HASH_PRIME);
      seen++;
      if (seen === length && hash !== values[word]) return -1;
    }
    return seen === length ? at : -1;
  }

  /** @throws Error that names a term which cannot be looked up */
  add(language: SignalLanguage, bit: number): void {
    const { code, terms, keys } = language;
    for (const [field, kind] of KINDS) {
      forEachSpelling(language[kind], code, (term) => {
        const [entries, entry] = this.#entryOf(term, 0);
        entries.values[entry + field] = (entries.values[entry + field] as number) | bit;
      });
    }
    for (const [category, name] of SPECIAL_CATEGORIES.entries()) {
      forEachSpelling(terms[name], code, (term) => this.#addTerm(term, category, term.strength, bit));
      forEachSpelling(keys[name] ?? "", code, (term) => {
        const strength = term.strength === AMBIGUOUS ? KEY_AMBIGUOUS : KEY;
        this.#addTerm(term, category, strength, bit);
        // "sexualOrientation"
        if (term.count > 1) this.#addTerm(term, category, strength, bit, true);
      });
    }
  }

  /** Of the words of a term up to `last`, as if they were one. */
  #entryOf(term: TermReader, last: number): readonly [Entries, number] {
    const { text } = term;
    const start = term.starts[0] as number;
    const end = term.ends[last] as number;
    if (!term.isBeginning(last)) {
      this.#filter.add(hashFolded(text, start, end));
      return [this.words, this.words.add(text, start, end)];
    }
    const length = foldedLength(text, start, end);
    if (length > BEGINNING_CHARS_MAX) throw new Error(`"${text.slice(start, end)}" is too long for a beginning`);
    let to = start;
    while (foldedLength(text, start, to) < START_CHARS) to++;
    const slot = startSlot(hashFolded(text, start, to));
    this.#starts[slot] = (this.#starts[slot] as number) | (1 << length);
    return [this.beginnings, this.beginnings.add(text, start, end)];
  }

  #addTerm(term: TermReader, category: number, strength: number, bit: number, asOneWord = false): void {
    const count = asOneWord ? 0 : term.count - 1;
    const [entries, entry] = this.#entryOf(term, term.count - 1 - count);
    const exact = term.exact && !asOneWord ? this.#exactOf(term) : 0;
    const behind = this.#addBehind(term, count);
    // The longest first; of the same length, in the order in which they came.
    let before = 0;
    let next = entries.values[entry + FIRST_TERM] as number;
    for (; next !== 0; before = next, next = this.terms[next + NEXT_TERM] as number) {
      const { terms } = this;
      if ((terms[next + BEHIND_COUNT] as number) < count) break;
      const same = terms[next + CATEGORY] === category && terms[next + STRENGTH] === strength;
      if (same && terms[next + EXACT] === exact && this.#isSame(next, behind, count)) {
        terms[next + LANGUAGE_BITS] = (terms[next + LANGUAGE_BITS] as number) | bit;
        return;
      }
    }
    const added = this.#terms.add([category, strength, bit, next, behind, count, exact]);
    if (before === 0) entries.values[entry + FIRST_TERM] = added;
    else this.terms[before + NEXT_TERM] = added;
  }

  #addBehind(term: TermReader, count: number): number {
    let first = 0;
    for (let word = 1; word <= count; word++) {
      const start = term.starts[word] as number;
      const end = term.ends[word] as number;
      const row = [
        hashFolded(term.text, start, end),
        foldedLength(term.text, start, end),
        term.isBeginning(word) ? 1 : 0,
      ];
      const at = this.#behind.add(row);
      if (word === 1) first = at;
    }
    return first;
  }

  #isSame(term: number, behind: number, count: number): boolean {
    if (this.terms[term + BEHIND_COUNT] !== count) return false;
    const { values } = this.#behind;
    const other = this.terms[term + BEHIND] as number;
    for (let index = 0; index < count * BEHIND_SIZE; index++)
      if (values[other + index] !== values[behind + index]) return false;
    return true;
  }

  #exactOf(term: TermReader): number {
    const written = term.words().join(" ").replaceAll("*", "").normalize("NFC");
    const known = this.#exact.indexOf(written);
    return known > 0 ? known : this.#exact.push(written) - 1;
  }
}

function startSlot(hash: number): number {
  return (hash ^ (hash >>> 12)) & (STARTS - 1);
}

/** Calls back with each term, and with the same one as it is written where a letter is not to be had: "strasse", "groesse". */
function forEachSpelling(terms: Terms, language: string, take: (term: TermReader) => void): void {
  const reader = new TermReader(terms);
  while (reader.next()) {
    take(reader);
    for (const spelling of otherSpellings(terms.slice(reader.start, reader.end), language)) {
      const other = new TermReader(spelling);
      other.next();
      take(other);
    }
  }
}

function otherSpellings(term: string, language: string): string[] {
  const spellings: string[] = [];
  if (term.includes("ß")) spellings.push(term.replaceAll("ß", "ss"));
  if (term.includes("œ")) spellings.push(term.replaceAll("œ", "oe"));
  if (language === "de" && /[äöü]/u.test(term))
    spellings.push(term.replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue").replaceAll("ß", "ss"));
  return spellings;
}

let compiled: Lexicon | undefined;

/** Compiled at the first call: who never asks for signals does not pay for them. */
export function lexicon(): Lexicon {
  if (compiled === undefined) {
    compiled = new Lexicon();
    for (const [index, language] of LANGUAGES.entries()) compiled.add(language, 1 << index);
  }
  return compiled;
}

/** What joins the words of a phrase: a space, a hyphen, an apostrophe, an underscore, one line end. */
function joins(code: number): boolean {
  return (
    code === 0x20 ||
    code === 0x2d ||
    code === 0x27 ||
    code === 0x2019 ||
    code === 0x5f ||
    code === 0x0a ||
    code === 0xa0 ||
    (code >= 0x2010 && code <= 0x2013)
  );
}

const GAP_CHARS_MAX = 2;

function isWritten(exact: string, text: string, start: number, end: number): boolean {
  return text.slice(start, end).normalize("NFC").toLowerCase().startsWith(exact);
}
