/**
 * One byte of classes for every UTF-16 code unit, so that the scanner's loop is a table look-up and an OR. Knows characters,
 * not recognizers. Surrogates carry no class but are no delimiters either: they sit inside a run, which is why no run,
 * and so no finding, begins or ends between the halves of a pair.
 */

/** Ends every run: white space, control characters, `"`, `<`, `>`, backtick, typographic quotes, CJK punctuation. */
export const DELIMITER = 1;
/** ASCII digit. */
export const DIGIT = 2;
/** Letter or mark of any script, digit of another script, underscore: what a word is made of besides DIGIT. */
export const LETTER = 4;
/** `@` */
export const AT = 8;
/** `=` and `:`, which stand between a name and its value. */
export const PAIR = 16;
/** `-` */
export const DASH = 32;
/** Signs that are seldom in prose but often in passwords. */
export const SIGN = 64;
/** Not a character class: the run is long enough to be a token made of letters only. */
export const LONG = 128;

const ASCII_DELIMITERS = '"<>`\x7f';
const SIGNS = "!#$%&*+?\\^~|";
/** “ ” „ ‟ « » ‹ ›, and the CJK and full-width punctuation that ends a clause where no space does. */
const DELIMITER_RANGES: readonly (readonly [number, number])[] = [
  [0x201c, 0x201f],
  [0xab, 0xab],
  [0xbb, 0xbb],
  [0x2039, 0x203a],
  [0x3000, 0x303f],
  [0xff01, 0xff0f],
  [0xff1a, 0xff1f],
];

function asciiClass(code: number): number {
  const char = String.fromCharCode(code);
  if (isDigitCode(code)) return DIGIT;
  if (isLowerCode(code) || isUpperCode(code) || char === "_") return LETTER;
  if (code <= 0x20 || ASCII_DELIMITERS.includes(char)) return DELIMITER;
  if (char === "@") return AT;
  if (char === "=" || char === ":") return PAIR;
  if (char === "-") return DASH;
  return SIGNS.includes(char) ? SIGN : 0;
}

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(0x10000);
  for (let code = 0; code < 0x80; code++) classes[code] = asciiClass(code);
  // Runs over one string of all characters: asking the regular expression 65,000 times would cost every start 15 ms.
  const codes = new Uint16Array(0xd800 - 0x80).map((_, index) => 0x80 + index);
  let all = "";
  for (let at = 0; at < codes.length; at += 0x1000) all += String.fromCharCode(...codes.subarray(at, at + 0x1000));
  for (const [pattern, value] of [
    [/[\p{L}\p{M}\p{Nd}]+/gu, LETTER],
    [/[\p{Z}\p{Cc}\u200b]+/gu, DELIMITER],
  ] as const) {
    for (const run of all.matchAll(pattern)) classes.fill(value, 0x80 + run.index, 0x80 + run.index + run[0].length);
  }
  // Above the surrogates: private use (no class), compatibility ideographs and presentation forms, full-width forms.
  classes.fill(LETTER, 0xf900, 0xfe00);
  classes.fill(LETTER, 0xfe70, 0xfeff);
  classes.fill(LETTER, 0xff10, 0xffdd);
  classes[0xfeff] = DELIMITER;
  for (const [first, last] of DELIMITER_RANGES) classes.fill(DELIMITER, first, last + 1);
  return classes;
}

/** Index: UTF-16 code unit. */
export const CLASSES: Uint8Array = buildClasses();

/** Classes of the code unit at `index`; a delimiter outside of the text. */
export function classAt(text: string, index: number): number {
  // charCodeAt gives NaN outside of the text, and CLASSES has no such index.
  return CLASSES[text.charCodeAt(index)] ?? DELIMITER;
}

export function isWord(text: string, index: number): boolean {
  return (classAt(text, index) & (LETTER | DIGIT)) !== 0;
}

export function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isUpperCode(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

export function isLowerCode(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

export function isAsciiAlnum(code: number): boolean {
  return isDigitCode(code) || isUpperCode(code) || isLowerCode(code);
}

/** The spaces that people put between the groups of one number: space, no-break, figure, thin and narrow no-break space. */
export function isGroupSpace(code: number): boolean {
  return code === 0x20 || code === 0xa0 || code === 0x2007 || code === 0x2009 || code === 0x202f;
}

export function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
