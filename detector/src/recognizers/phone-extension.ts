/** The extension behind a telephone number: "x123", "ext. 12", "Durchwahl 7". Belongs to the number and means nothing alone. */
import type { Ahead } from "../scanner/ahead.ts";
import { END, isDigitCode, isGlued, isGroupSpace, isWord } from "../scanner/characters.ts";

const WORDS = new Set(
  "x ext extn extension durchwahl dw app apparat poste int interno toestel anexo wew vnitřní klapka".split(" "),
);
/** Index: first letter, in lower case; the words of most texts are told apart by it. */
const FIRST = new Uint8Array(0x80);
for (const word of WORDS) FIRST[word.charCodeAt(0)] = 1;
const WORD_CHARS_MAX = 9;
const DIGITS_MAX = 6;
/** Digits in front of the extension, in what may be a number written in groups. */
const NUMBER_DIGITS_MIN = 7;
const NUMBER_CHARS_MAX = 24;

/** End of the extension whose first letter is at `from`, or -1. */
export function extensionAt(ahead: Ahead, from: number): number {
  let at = from;
  while (at - from < WORD_CHARS_MAX && isWordCode(ahead.code(at))) at++;
  if (at === from || !WORDS.has(ahead.text.slice(from, at).toLowerCase())) return -1;
  if (ahead.code(at) === 0x2e) at++;
  if (ahead.code(at) === 0x3a) at++;
  if (isGroupSpace(ahead.code(at))) at++;
  const digits = at;
  while (at - digits <= DIGITS_MAX && isDigitCode(ahead.code(at))) at++;
  const length = at - digits;
  if (length === 0 || length > DIGITS_MAX) return -1;
  return isGlued(ahead.text, at) && ahead.code(at) !== END ? -1 : at;
}

/** End of the extension behind the space at `at`, in front of which a long number ends; or -1. */
export function extensionEnd(ahead: Ahead, start: number, at: number): number {
  const { text } = ahead;
  const first = at + 1 < text.length ? text.charCodeAt(at + 1) | 0x20 : 0x78;
  if (!isDigitCode(text.charCodeAt(at - 1)) || FIRST[first] !== 1) return -1;
  let digits = 0;
  for (let i = at - 1; i >= start && at - i <= NUMBER_CHARS_MAX && digits < NUMBER_DIGITS_MIN; i--) {
    if (isDigitCode(text.charCodeAt(i))) digits++;
    else if (isWord(text, i)) break;
  }
  return digits < NUMBER_DIGITS_MIN ? -1 : extensionAt(ahead, at + 1);
}

function isWordCode(code: number): boolean {
  return ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === 0x159 || code === 0xed;
}
