/**
 * What stands before a candidate: up to four words of the same line and sentence, nearest first, with their meanings. This
 * is the only way in which recognizers look to the left, and it never looks further than LOOKBACK_CHARS, so a stream keeps
 * exactly that much settled text. Whole words only; identifiers are taken apart (`customerNumber`, `DB_PASSWORD`).
 */
import { classAt, CLASSES, DIGIT, isLowerCode, isUpperCode, LETTER } from "./characters.ts";
import { ABBREVIATION, meaningOf, NUMERAL, PREFIX } from "./words.ts";

export const LOOKBACK_CHARS = 256;
const WORDS_MAX = 4;
/** More signs than this between two words and they have nothing to do with one another. */
const GAP_CHARS_MAX = 12;
const WORD_CHARS_MAX = 32;
/** A label that has a line to itself is not longer, nor has it more words. */
const LABEL_LINE_CHARS_MAX = 32;

/** HTML that stands between the cells of a table or inside of a label. */
const TAGS = new Set("td th tr dt dd li b i em p br strong span div label code".split(" "));
const TAG_CHARS_MAX = 6;
const COUNTER_CHARS_MAX = 2;

export interface Context {
  /** `#`, `№` or `n°` stands directly before the candidate. */
  numberSign: boolean;
  /** `:` or `=`, or a semicolon without a space, stands between the nearest word and the candidate. */
  pair: boolean;
}

/** Words are read when they are asked for: most questions end with the first. */
interface Reader extends Context {
  text: string | undefined;
  at: number;
  floor: number;
  /** Next character to read, to the left. */
  cursor: number;
  words: number;
  meaning: Int32Array;
  ended: boolean;
}

const reader: Reader = {
  numberSign: false,
  pair: false,
  text: undefined,
  at: -1,
  floor: 0,
  cursor: -1,
  words: 0,
  meaning: new Int32Array(WORDS_MAX),
  ended: true,
};

/** Context of the candidate that begins at `at`. The same object every time: read it before the next call. */
export function contextBefore(text: string, at: number): Context {
  // Several recognizers ask about the same place; comparing a string with itself costs nothing.
  if (at === reader.at && text === reader.text) return reader;
  reader.text = text;
  reader.at = at;
  reader.floor = Math.max(0, at - LOOKBACK_CHARS);
  reader.cursor = at - 1;
  reader.words = 0;
  reader.numberSign = false;
  reader.pair = false;
  reader.ended = false;
  readWord(text);
  return reader;
}

/** Forgets the text that was asked about last. */
export function releaseContext(): void {
  reader.text = undefined;
  reader.at = -1;
}

/** Whether there is a `word`-th word before the candidate last asked about, 0 the nearest. */
export function hasWord(word: number): boolean {
  while (reader.words <= word && !reader.ended) readWord(reader.text ?? "");
  return word < reader.words;
}

/** Meanings of the `word`-th word before the candidate last asked about; 0 when it is unknown or not there. */
export function meaningAt(word: number): number {
  return hasWord(word) ? (reader.meaning[word] as number) : 0;
}

function readWord(text: string): void {
  const { at, floor } = reader;
  const gapEnd = reader.cursor;
  let i = gapEnd;
  let fullStop = false;
  reader.ended = true;
  if (reader.words === WORDS_MAX) return;
  for (; i >= floor; i--) {
    const code = text.charCodeAt(i);
    if (code === 0x0a || code === 0x0d || gapEnd - i > GAP_CHARS_MAX) return;
    if (code !== 0x5f && ((CLASSES[code] as number) & (LETTER | DIGIT)) !== 0) break;
    // "key;value" of a table; in prose a space follows, and a clause ends.
    if (code === 0x3b && reader.words === 0 && isCell(text, i, at)) {
      reader.pair = true;
      continue;
    }
    if (reader.words === 0) {
      if (code === 0x23 || code === 0x2116 || code === 0xb0) reader.numberSign = true;
      else if (code === 0x3a || code === 0x3d) reader.pair = true;
    }
    const spaced = i + 1 < at && text.charCodeAt(i + 1) === 0x20;
    if (code === 0x2e && spaced) fullStop = true;
    else if (code === 0x3b || (spaced && (code === 0x21 || code === 0x3f))) return;
  }
  if (i < floor) return;
  const end = i + 1;
  const start = wordStart(text, end, floor);
  if (isTag(text, start, end)) {
    reader.pair ||= reader.words === 0;
    reader.cursor = start - 1;
    reader.ended = false;
    // A line of nothing but tags is soon at its bound.
    return readWord(text);
  }
  let meaning = (classAt(text, i) & DIGIT) !== 0 ? NUMERAL : meaningOf(text, start, end);
  if ((meaning & ~NUMERAL) !== 0 && isCode(text, start, end)) meaning = 0;
  if (fullStop && (meaning & ABBREVIATION) === 0) return;
  if (meaning !== 0 && start - 1 > floor && text.charCodeAt(start - 1) === 0x2d && hasPrefix(text, start - 1, floor))
    meaning = 0;
  reader.meaning[reader.words++] = meaning;
  reader.cursor = start - 1;
  reader.ended = false;
}

/** The "PH" of "PH674238385DE": letters of a code, and not "phone2". */
function isCode(text: string, start: number, end: number): boolean {
  if ((classAt(text, start - 1) & DIGIT) !== 0) return true;
  let to = end;
  while ((classAt(text, to) & DIGIT) !== 0 && to - end <= COUNTER_CHARS_MAX) to++;
  return to - end > COUNTER_CHARS_MAX;
}

/** `<td>`, `</td>`: the word is no word of the text. */
export function isTag(text: string, start: number, end: number): boolean {
  if (end - start > TAG_CHARS_MAX || start === 0) return false;
  const before = text.charCodeAt(text.charCodeAt(start - 1) === 0x2f ? start - 2 : start - 1);
  return before === 0x3c && TAGS.has(text.slice(start, end).toLowerCase());
}

/**
 * End of the line above the candidate at `at`, which begins its own; -1 when that line is too long to be a label by itself. What
 * is copied from a page or a form has the label there.
 */
export function lineAbove(text: string, at: number): number {
  let i = at - 1;
  if (i < 0) return -1;
  if (text.charCodeAt(i) === 0x3e) {
    let word = i;
    while (word > 0 && i - word <= TAG_CHARS_MAX && (classAt(text, word - 1) & LETTER) !== 0) word--;
    if (isTag(text, word, i)) i = word - 2;
  }
  while (i >= 0 && at - i < GAP_CHARS_MAX && (text.charCodeAt(i) === 0x20 || text.charCodeAt(i) === 0x09)) i--;
  if (i < 0 || text.charCodeAt(i) !== 0x0a) return -1;
  const end = i > 0 && text.charCodeAt(i - 1) === 0x0d ? i - 1 : i;
  let spaces = 0;
  for (i = end - 1; i >= 0 && text.charCodeAt(i) !== 0x0a; i--) {
    if (text.charCodeAt(i) === 0x20) spaces++;
    if (end - i > LABEL_LINE_CHARS_MAX || spaces >= WORDS_MAX) return -1;
  }
  return end;
}

/** The semicolon at `i` touches the word before it and the candidate, which may be quoted. */
export function isCell(text: string, i: number, at: number): boolean {
  const quoted = at - i === 2 && text.charCodeAt(i + 1) === 0x22;
  return (quoted || at - i === 1) && i > 0 && (classAt(text, i - 1) & (LETTER | DIGIT)) !== 0;
}

/** Where the value begins in "key;value", which is one island: behind the semicolon of its first word; else `start`. */
export function cellStart(text: string, start: number, end: number): number {
  if ((classAt(text, start) & LETTER) === 0) return start;
  const limit = Math.min(end, start + WORD_CHARS_MAX);
  let at = start + 1;
  while (at < limit && ((CLASSES[text.charCodeAt(at)] as number) & (LETTER | DIGIT)) !== 0) at++;
  return at + 1 < limit && text.charCodeAt(at) === 0x3b ? at + 1 : start;
}

/** Start of the word that ends at `end`: a run of letters, camelCase taken apart, or a run of digits. */
export function wordStart(text: string, end: number, floor: number): number {
  const limit = Math.max(floor, end - WORD_CHARS_MAX);
  let start = end - 1;
  if ((classAt(text, start) & DIGIT) !== 0) {
    while (start > limit && (classAt(text, start - 1) & DIGIT) !== 0) start--;
    return start;
  }
  while (start > limit) {
    const before = text.charCodeAt(start - 1);
    if (before === 0x5f || (classAt(text, start - 1) & LETTER) === 0) break;
    // camelCase: the capital begins a word.
    if (isUpperCode(text.charCodeAt(start)) && isLowerCode(before)) break;
    start--;
  }
  return start;
}

/** "re-order" is not "order". */
function hasPrefix(text: string, dash: number, floor: number): boolean {
  const start = wordStart(text, dash, floor);
  return start < dash && (meaningOf(text, start, dash) & PREFIX) !== 0;
}
