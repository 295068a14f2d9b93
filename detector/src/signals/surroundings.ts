/** What stands around a term: the words of its sentence, and whether it is part of a path, a URL or a call. Bounded both ways. */
import { FOLDED, HASH_PRIME, HASH_START, isUpper, MARK } from "./fold.ts";
import { BELONGING, COMMON, type Entries, MEDICAL, PERSON } from "./entries.ts";
import { type Lexicon, START_CHARS } from "./lexicon.ts";

const WORDS_MAX = 12;
/** How far the sentence is read to either side, in UTF-16 code units. */
export const SENTENCE_CHARS_MAX = 100;
const WORD_CHARS_MAX = 40;
/** More signs than this between two words and they have nothing to do with one another. */
const GAP_SIGNS_MAX = 8;

/** Languages, as bits. */
export interface Near {
  /** In which a word of the sentence speaks of a person, of illness, of belonging. */
  person: number;
  medical: number;
  belonging: number;
  /** In which the text is written, as far as its frequent words tell; 0 when they don't. */
  languages: number;
}

const near: Near = { person: 0, medical: 0, belonging: 0, languages: 0 };
/** Frequent words seen, by language. */
const seen = new Uint8Array(32);
/** A language with fewer than this share of the frequent words of the best one is not the text's; relatives share many. */
const RELATIVE_SHARE = 0.7;

function isWordCode(code: number): boolean {
  return (FOLDED[code] ?? 0) !== 0;
}

/** The words around [start, end): what they speak of up to the ends of the sentence, their language beyond. The same object every time. */
export function wordsAround(text: string, words: Lexicon, start: number, end: number): Near {
  near.person = near.medical = near.belonging = near.languages = 0;
  seen.fill(0);
  readLeft(text, words, start);
  readRight(text, words, end);
  let most = 1;
  for (const count of seen) most = Math.max(most, count);
  for (let bit = 0; bit < seen.length; bit++)
    if ((seen[bit] as number) >= most * RELATIVE_SHARE) near.languages |= 1 << bit;
  return near;
}

function readLeft(text: string, words: Lexicon, start: number): void {
  const floor = Math.max(0, start - SENTENCE_CHARS_MAX);
  let at = start;
  let inside = true;
  for (let count = 0; ; count++) {
    let end = at;
    while (end > floor && !isWordCode(text.charCodeAt(end - 1))) {
      end--;
      if (at - end > GAP_SIGNS_MAX || endsSentence(text, end)) inside = false;
    }
    if (end <= floor) return;
    at = end;
    while (at > floor && isWordCode(text.charCodeAt(at - 1))) at--;
    // Cut by the floor: half a word is another one.
    if (at === floor && floor > 0) return;
    addWord(text, words, at, end, inside && count < WORDS_MAX);
  }
}

function readRight(text: string, words: Lexicon, end: number): void {
  const ceiling = Math.min(text.length, end + SENTENCE_CHARS_MAX);
  let at = end;
  let inside = true;
  for (let count = 0; ; count++) {
    let start = at;
    while (start < ceiling && !isWordCode(text.charCodeAt(start))) {
      if (start - at > GAP_SIGNS_MAX || endsSentence(text, start)) inside = false;
      start++;
    }
    if (start >= ceiling) return;
    at = start;
    while (at < ceiling && isWordCode(text.charCodeAt(at))) at++;
    if (at === ceiling && ceiling < text.length) return;
    addWord(text, words, start, at, inside && count < WORDS_MAX);
  }
}

function addWord(text: string, lexicon: Lexicon, start: number, end: number, inside: boolean): void {
  // "I" is a person, the "i" of half of Europe is not.
  const counts = inside && (end - start > 1 || isUpper(text.charCodeAt(start)));
  const { words, beginnings } = lexicon;
  let languages = 0;
  let hash = HASH_START;
  let length = 0;
  let lengths = 0;
  for (let at = start; at < end; at++) {
    const code = FOLDED[text.charCodeAt(at)] as number;
    if (code === MARK) continue;
    hash = Math.imul(hash ^ code, HASH_PRIME);
    if (++length === START_CHARS) lengths = lexicon.lengthsOfBeginnings(hash);
    if (length < 32 && ((lengths >>> length) & 1) !== 0)
      languages |= addEntry(beginnings, beginnings.get(text, start, at + 1, hash), counts);
  }
  if (lexicon.mayBeWord(hash)) languages |= addEntry(words, words.get(text, start, end, hash), counts);
  for (let rest = languages; rest !== 0; rest &= rest - 1) {
    const bit = 31 - Math.clz32(rest & -rest);
    seen[bit] = (seen[bit] as number) + 1;
  }
}

/** Languages of which the word is typical. */
function addEntry({ values }: Entries, entry: number, counts: boolean): number {
  if (entry === 0) return 0;
  const person = values[entry + PERSON] as number;
  if (counts) {
    near.person |= person;
    near.medical |= values[entry + MEDICAL] as number;
    near.belonging |= values[entry + BELONGING] as number;
  }
  return (values[entry + COMMON] as number) | person;
}

/** Ends of sentences and of paragraphs; a single line end inside of a sentence is none, nor is an abbreviation's full stop. */
function endsSentence(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 0x21 || code === 0x3f || code === 0x3b) return true;
  if (code === 0x0a) {
    const next = text.charCodeAt(at + 1);
    return !isWordCode(next) || isUpper(next) || !isWordCode(text.charCodeAt(at - 1));
  }
  if (code !== 0x2e) return false;
  // One or two letters before it are an abbreviation.
  const long = isWordCode(text.charCodeAt(at - 2)) && (at < 3 || isWordCode(text.charCodeAt(at - 3)));
  return long && !isWordCode(text.charCodeAt(at + 1));
}

/** Whether the word is part of a path, a URL, an address or a call: names of things, not of people. */
export function insideCode(text: string, start: number, end: number): boolean {
  const after = text.charCodeAt(end);
  const next = text.charCodeAt(end + 1);
  if (after === 0x28 || after === 0x40 || after === 0x5c || (after === 0x3a && next === 0x3a)) return true;
  if ((after === 0x2e || after === 0x3d) && (isWordCode(next) || next === 0x22)) return true;
  const before = text.charCodeAt(start - 1);
  if (before === 0x40 || before === 0x24 || before === 0x5c || before === 0x26) return true;
  if (before === 0x2e && isWordCode(text.charCodeAt(start - 2))) return true;
  return before === 0x2f || after === 0x2f ? slashes(text, start, end) : false;
}

/** "gay/lesbian" is prose, "src/union/x" and "//example" are not. */
function slashes(text: string, start: number, end: number): boolean {
  let count = 0;
  for (let at = start - 1; at >= Math.max(0, start - WORD_CHARS_MAX); at--) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x0a) break;
    if (code === 0x2f) count++;
    else if (code === 0x3a || code === 0x2e || code === 0x7e) return true;
  }
  for (let at = end; at < Math.min(text.length, end + WORD_CHARS_MAX); at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x0a) break;
    if (code === 0x2f) count++;
    else if (code === 0x2e && isWordCode(text.charCodeAt(at + 1))) return true;
  }
  return count > 1;
}
