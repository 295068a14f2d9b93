/** Compiles the languages' words into two tables: whole words, and beginnings of words. Built at the first call, never at import. */
import { FOLDED, fold, HASH_PRIME, HASH_START, hashFolded, MARK } from "./fold.ts";
import { SPECIAL_CATEGORIES, type SignalLanguage, type SpecialCategory, type Terms } from "./language.ts";
import { LANGUAGES } from "./languages/all.ts";
import { WordTable } from "./word-table.ts";

/** How much a term says by itself. */
export const NEVER = 0;
export const AMBIGUOUS = 1;
export const TOPIC = 2;
export const STATEMENT = 3;
/** The name of a field, and one that other fields have too. */
export const KEY = 4;
export const KEY_AMBIGUOUS = 5;

const PREFIX_CHARS_MIN = 3;
export const PHRASE_WORDS_MAX = 5;

/** A word that follows in a phrase. */
interface Following {
  /** Folded hash of the word or of its beginning. */
  readonly hash: number;
  /** Folded length. */
  readonly length: number;
  readonly prefix: boolean;
}

export interface Term {
  readonly category: SpecialCategory;
  readonly strength: number;
  /** Bits of the languages that have it. */
  languages: number;
  /** The words behind the first. */
  readonly following: readonly Following[];
  /** As it is written, where accents count; else "". */
  readonly exact: string;
}

/** What one word, or all words with one beginning, are. */
export interface Entry {
  /** Languages in which it is frequent. */
  common: number;
  /** Languages in which it speaks of a person, of illness, of belonging. */
  person: number;
  medical: number;
  belonging: number;
  /** Longest first. */
  readonly terms: Term[];
}

/** One term of a language file, before it is compiled. */
export interface Parsed {
  readonly words: readonly string[];
  readonly strength: number;
  readonly exact: boolean;
}

const MARKS: Readonly<Record<string, number>> = { "!": STATEMENT, "?": AMBIGUOUS, "-": NEVER };

/** @throws Error that names a term which cannot be looked up */
export function parseTerms(terms: Terms): Parsed[] {
  return terms
    .split(",")
    .map((term) => term.trim())
    .filter((term) => term !== "")
    .map((term) => {
      const marks = /^[!?=-]*/u.exec(term)?.[0] ?? "";
      const words = term
        .slice(marks.length)
        .split(/[\s\-'’]+/u)
        .filter((word) => word !== "");
      const strength = [...marks].map((mark) => MARKS[mark]).find((value) => value !== undefined) ?? TOPIC;
      if (words.length === 0 || words.length > PHRASE_WORDS_MAX) throw new Error(`"${term}" has no words, or too many`);
      const [first = ""] = words;
      if (first.endsWith("*") && fold(first).length < PREFIX_CHARS_MIN)
        throw new Error(`"${term}" begins too many words`);
      if (words.some((word) => word.slice(0, -1).includes("*"))) throw new Error(`"${term}" has a star inside a word`);
      return { words, strength, exact: marks.includes("=") };
    });
}

/** "groesse" for "größe", "strasse" for "straße". */
function spellings(words: readonly string[], language: string): (readonly string[])[] {
  const all = [words];
  if (words.some((word) => word.includes("ß"))) all.push(words.map((word) => word.replaceAll("ß", "ss")));
  if (words.some((word) => word.includes("œ"))) all.push(words.map((word) => word.replaceAll("œ", "oe")));
  if (language === "de" && words.some((word) => /[äöü]/u.test(word)))
    all.push(
      words.map((word) => word.replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue").replaceAll("ß", "ss")),
    );
  return all;
}

const FILTER_SLOTS = 1 << 12;

/** One bit for each hash: most words of a text end here. */
export class Filter {
  readonly #bits = new Int32Array(FILTER_SLOTS);

  add(hash: number): void {
    const slot = (hash >>> 8) & (FILTER_SLOTS - 1);
    this.#bits[slot] = (this.#bits[slot] as number) | (1 << (hash & 31));
  }

  has(hash: number): boolean {
    return (((this.#bits[(hash >>> 8) & (FILTER_SLOTS - 1)] as number) >>> (hash & 31)) & 1) !== 0;
  }
}

/** Words or beginnings of words, each with its entry. */
export class Entries {
  readonly filter = new Filter();
  readonly #table: WordTable;
  readonly #entries: readonly Entry[];

  constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = [...entries.values()];
    this.#table = new WordTable(new Map([...entries.keys()].map((word, index) => [word, index + 1])));
    for (const hash of this.#table.hashes()) this.filter.add(hash);
    for (const { terms } of this.#entries) terms.sort((a, b) => b.following.length - a.following.length);
  }

  get(text: string, start: number, end: number, hash: number): Entry | undefined {
    return this.#entries[this.#table.get(text, start, end, hash) - 1];
  }
}

export interface Lexicon {
  readonly words: Entries;
  readonly beginnings: Entries;
}

function isSame(a: readonly Following[], b: readonly Following[]): boolean {
  return (
    a.length === b.length && a.every(({ hash, prefix }, index) => hash === b[index]?.hash && prefix === b[index].prefix)
  );
}

class Builder {
  readonly words = new Map<string, Entry>();
  readonly beginnings = new Map<string, Entry>();

  entry(word: string): Entry {
    const map = word.endsWith("*") ? this.beginnings : this.words;
    const key = fold(word);
    const known = map.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { common: 0, person: 0, medical: 0, belonging: 0, terms: [] };
    map.set(key, entry);
    return entry;
  }

  addTerm(
    category: SpecialCategory,
    strength: number,
    words: readonly string[],
    language: number,
    exact: boolean,
  ): void {
    const [first = "", ...rest] = words;
    const following = rest.map((word) => ({
      hash: hashFolded(word, 0, word.length),
      length: fold(word).length,
      prefix: word.endsWith("*"),
    }));
    const terms = this.entry(first).terms;
    const written = exact ? words.join(" ").replaceAll("*", "").normalize("NFC") : "";
    const same = terms.find(
      (term) =>
        term.category === category &&
        term.strength === strength &&
        term.exact === written &&
        isSame(term.following, following),
    );
    if (same === undefined) terms.push({ category, strength, languages: language, following, exact: written });
    else same.languages |= language;
  }

  addLanguage(language: SignalLanguage, bit: number): void {
    for (const kind of ["common", "person", "medical", "belonging"] as const)
      for (const { words } of parseTerms(language[kind]))
        for (const [first = ""] of spellings(words, language.code)) this.entry(first)[kind] |= bit;
    for (const category of SPECIAL_CATEGORIES) {
      for (const { words, strength, exact } of parseTerms(language.terms[category]))
        for (const spelling of spellings(words, language.code)) this.addTerm(category, strength, spelling, bit, exact);
      for (const { words, strength } of parseTerms(language.keys[category] ?? "")) {
        const key = strength === AMBIGUOUS ? KEY_AMBIGUOUS : KEY;
        for (const spelling of spellings(words, language.code)) {
          this.addTerm(category, key, spelling, bit, false);
          // "sexualOrientation"
          if (spelling.length > 1) this.addTerm(category, key, [spelling.join("")], bit, false);
        }
      }
    }
  }
}

export function compile(languages: readonly SignalLanguage[]): Lexicon {
  const builder = new Builder();
  languages.forEach((language, index) => builder.addLanguage(language, 1 << index));
  return { words: new Entries(builder.words), beginnings: new Entries(builder.beginnings) };
}

let compiled: Lexicon | undefined;

/** Compiled at the first call: who never asks for signals does not pay for them. */
export function lexicon(): Lexicon {
  compiled ??= compile(LANGUAGES);
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

/** End of the phrase whose first word is text[start, end), or -1. */
export function termEnd(term: Term, text: string, start: number, end: number): number {
  let at = end;
  for (const word of term.following) {
    const from = at;
    while (at < text.length && at - from < GAP_CHARS_MAX && joins(text.charCodeAt(at))) at++;
    if (at === from) return -1;
    at = followingEnd(word, text, at);
    if (at < 0) return -1;
  }
  return term.exact === "" || isExact(term, text, start, at) ? at : -1;
}

function followingEnd({ hash, length, prefix }: Following, text: string, from: number): number {
  let seen = 0;
  let now = HASH_START;
  let at = from;
  for (; at < text.length; at++) {
    const code = FOLDED[text.charCodeAt(at)] as number;
    if (code === 0) break;
    if (code === MARK || seen === length) {
      if (code !== MARK && !prefix) return -1;
      continue;
    }
    now = Math.imul(now ^ code, HASH_PRIME);
    seen++;
    if (seen === length && now !== hash) return -1;
  }
  return seen === length ? at : -1;
}

function isExact(term: Term, text: string, start: number, end: number): boolean {
  return text.slice(start, end).normalize("NFC").toLowerCase().startsWith(term.exact);
}
