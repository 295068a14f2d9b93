/**
 * What stands before a candidate: up to four words of the same line and sentence, nearest first, with their meanings. This
 * is the only way in which recognizers look to the left, and it never looks further than LOOKBACK_CHARS, so a stream keeps
 * exactly that much settled text. Whole words only; identifiers are taken apart (`customerNumber`, `DB_PASSWORD`).
 */
import { classAt, DIGIT, isLowerCode, isUpperCode, LETTER } from "./characters.ts";
import { ABBREVIATION, meaningOf, NUMERAL, PREFIX } from "./words.ts";

export const LOOKBACK_CHARS = 256;
const WORDS_MAX = 4;
/** More signs than this between two words and they have nothing to do with one another. */
const GAP_CHARS_MAX = 12;
const WORD_CHARS_MAX = 32;

export interface Context {
  /** `#`, `№` or `n°` stands directly before the candidate. */
  numberSign: boolean;
  /** `:` or `=` stands between the nearest word and the candidate. */
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
    if (code !== 0x5f && (classAt(text, i) & (LETTER | DIGIT)) !== 0) break;
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
  let meaning = (classAt(text, i) & DIGIT) !== 0 ? NUMERAL : meaningOf(text, start, end);
  if (fullStop && (meaning & ABBREVIATION) === 0) return;
  if (meaning !== 0 && start - 1 > floor && text.charCodeAt(start - 1) === 0x2d && hasPrefix(text, start - 1, floor))
    meaning = 0;
  reader.meaning[reader.words++] = meaning;
  reader.cursor = start - 1;
  reader.ended = false;
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
