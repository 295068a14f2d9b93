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
  /** Number of words, 0..4. */
  words: number;
  /** Meanings, nearest first; 0 for an unknown word. */
  meaning: Int32Array;
  /** `#`, `№` or `n°` stands directly before the candidate. */
  numberSign: boolean;
  /** `:` or `=` stands between the nearest word and the candidate. */
  pair: boolean;
}

const context: Context = { words: 0, meaning: new Int32Array(WORDS_MAX), numberSign: false, pair: false };
let cachedText: string | undefined;
let cachedAt = -1;

/** Context of the candidate that begins at `at`. The same object every time: read it before the next call. */
export function contextBefore(text: string, at: number): Context {
  // Several recognizers ask about the same place; comparing the reference of one string with itself is cheap.
  if (at === cachedAt && text === cachedText) return context;
  cachedText = text;
  cachedAt = at;
  readBack(text, at);
  return context;
}

/** Forgets the text that was asked about last. */
export function releaseContext(): void {
  cachedText = undefined;
  cachedAt = -1;
}

export function meaningAt(found: Context, word: number): number {
  return word < found.words ? (found.meaning[word] as number) : 0;
}

function readBack(text: string, at: number): void {
  const floor = Math.max(0, at - LOOKBACK_CHARS);
  context.words = 0;
  context.numberSign = false;
  context.pair = false;
  let i = at - 1;
  while (context.words < WORDS_MAX) {
    const gapEnd = i;
    let fullStop = false;
    for (; i >= floor; i--) {
      const code = text.charCodeAt(i);
      if (code === 0x0a || code === 0x0d || gapEnd - i > GAP_CHARS_MAX) return;
      if (code !== 0x5f && (classAt(text, i) & (LETTER | DIGIT)) !== 0) break;
      if (context.words === 0) {
        if (code === 0x23 || code === 0x2116 || code === 0xb0) context.numberSign = true;
        else if (code === 0x3a || code === 0x3d) context.pair = true;
      }
      const before = i + 1 < at && text.charCodeAt(i + 1) === 0x20;
      if (code === 0x2e && before) fullStop = true;
      else if (code === 0x3b || (before && (code === 0x21 || code === 0x3f))) return;
    }
    if (i < floor) return;
    const end = i + 1;
    i = wordStart(text, end, floor) - 1;
    const meaning = (classAt(text, end - 1) & DIGIT) !== 0 ? NUMERAL : meaningOf(text, i + 1, end);
    if (fullStop && (meaning & ABBREVIATION) === 0) return;
    context.meaning[context.words++] = meaning;
    if (i > floor && text.charCodeAt(i) === 0x2d && hasPrefix(text, i, floor)) context.meaning[context.words - 1] = 0;
  }
}

function wordStart(text: string, end: number, floor: number): number {
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
