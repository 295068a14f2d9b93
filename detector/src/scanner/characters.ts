/**
 * The classes of every UTF-16 code unit, so that the scanner's loop is a table look-up and an OR. Knows characters,
 * not recognizers. Surrogates carry no class but are no delimiters either: they sit inside a run, which is why no run,
 * and so no finding, begins or ends between the halves of a pair.
 */
import { isHiding } from "../encoded/characters.ts";

/** Ends every run: white space, control characters, `"`, `<`, `>`, backtick, typographic quotes, CJK punctuation. */
export const DELIMITER = 1;
/** ASCII digit. */
export const DIGIT = 2;
/** Letter or mark of any script, digit of another script, underscore: what a word is made of besides DIGIT. */
export const LETTER = 4;
/** `@`, full-width and small `@` too. */
export const AT = 8;
/** `=` and `:`, which stand between a name and its value. */
export const PAIR = 16;
/** `-` */
export const DASH = 32;
/** Signs that are seldom in prose but often in passwords. */
export const SIGN = 64;
/** `(`, `[`, `{` */
export const OPENER = 128;
/** Besides LETTER: a letter or mark of a script other than Latin. */
export const FOREIGN = 256;
/** Besides LETTER: any but a capital of ASCII. Most words have one, and those that have none are looked at twice. */
export const SMALL = 512;

/** Besides DELIMITER: line feed or carriage return. */
export const LINE_END = 16_384;
/** Besides others: only encoded data has it, or it hides something (encoded/characters.ts). */
export const HIDES = 32_768;

// What a run may be besides its characters; no code unit has these.
/** The run is long enough to be a token made of letters only. */
export const LONG = 1024;
/** It stands behind a `:` or `=`: `"login": "jdoe"`. */
export const PAIRED = 2048;
/** It has the length and the capitals of a bank's code. */
export const CAPITALS = 4096;
/** It is a phrase with spaces or quotation marks in it, see joint.ts. */
export const JOINED = 8192;

/** Stands for the character behind the last: it is none, and of no class. A number as the others are, so that comparing it is cheap. */
export const END = 0x10000;

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
  if (isLowerCode(code)) return LETTER | SMALL;
  if (isUpperCode(code) || char === "_") return LETTER;
  if (code <= 0x20 || ASCII_DELIMITERS.includes(char)) return DELIMITER;
  if (char === "@") return AT;
  if (char === "=" || char === ":") return PAIR;
  if (char === "-") return DASH;
  if (char === "(" || char === "[" || char === "{") return OPENER;
  return SIGNS.includes(char) ? SIGN : 0;
}

/** Letters of the Latin script above ASCII, and the marks that combine with them. */
const LATIN_RANGES: readonly (readonly [number, number])[] = [
  [0x80, 0x36f],
  [0x1d00, 0x1dff],
  [0x1e00, 0x1eff],
  [0x2071, 0x209c],
  [0x212a, 0x212b],
  [0x2c60, 0x2c7f],
  [0xa720, 0xa7ff],
  [0xab30, 0xab6f],
  [0xfb00, 0xfb06],
  [0xff10, 0xff5a],
];

function buildClasses(): Uint16Array {
  const classes = new Uint16Array(END + 1);
  for (let code = 0; code < 0x80; code++) classes[code] = asciiClass(code);
  // Runs over one string of all characters: asking the regular expression 65,000 times would cost every start 15 ms.
  const codes = new Uint16Array(0xd800 - 0x80).map((_, index) => 0x80 + index);
  let all = "";
  for (let at = 0; at < codes.length; at += 0x1000) all += String.fromCharCode(...codes.subarray(at, at + 0x1000));
  for (const [pattern, value] of [
    [/[\p{L}\p{M}]+/gu, LETTER | FOREIGN | SMALL],
    [/\p{Nd}+/gu, LETTER | SMALL],
    [/[\p{Z}\p{Cc}\u200b]+/gu, DELIMITER],
  ] as const) {
    for (const run of all.matchAll(pattern)) classes.fill(value, 0x80 + run.index, 0x80 + run.index + run[0].length);
  }
  // Above the surrogates: private use (no class), compatibility ideographs and presentation forms, full-width forms.
  classes.fill(LETTER | FOREIGN | SMALL, 0xf900, 0xfe00);
  classes.fill(LETTER | FOREIGN | SMALL, 0xfe70, 0xfeff);
  classes.fill(LETTER | FOREIGN | SMALL, 0xff10, 0xffdd);
  for (const [first, last] of LATIN_RANGES) {
    for (let code = first; code <= last; code++) classes[code] = (classes[code] as number) & ~FOREIGN;
  }
  classes[0xfeff] = DELIMITER;
  classes[0xff20] = AT;
  classes[0xfe6b] = AT;
  for (const [first, last] of DELIMITER_RANGES) classes.fill(DELIMITER, first, last + 1);
  classes[0x0a] = classes[0x0d] = DELIMITER | LINE_END;
  for (let code = 0; code < END; code++) if (isHiding(code)) classes[code] = (classes[code] as number) | HIDES;
  return classes;
}

/** Index: UTF-16 code unit, or END. */
export const CLASSES: Uint16Array = buildClasses();

/** Classes of the code unit at `index`; a delimiter outside of the text. */
export function classAt(text: string, index: number): number {
  // Asking for what is not there, and looking NaN up, would cost more than these two comparisons.
  return index >= 0 && index < text.length ? (CLASSES[text.charCodeAt(index)] as number) : DELIMITER;
}

/** UTF-16 code unit at `index`; END outside of the text. Where that is rare, charCodeAt is as good: it is its NaN that costs. */
export function codeAt(text: string, index: number): number {
  return index >= 0 && index < text.length ? text.charCodeAt(index) : END;
}

export function isWord(text: string, index: number): boolean {
  return (classAt(text, index) & (LETTER | DIGIT)) !== 0;
}

/**
 * Whether the character at `index` and an ASCII letter or digit beside it are one word. A letter of another script is not:
 * in 电话+4930901820 and тел.4111… nothing else parts the number from the text, and no number of ours holds such letters.
 */
export function isGlued(text: string, index: number): boolean {
  const classes = classAt(text, index);
  return (classes & (LETTER | DIGIT)) !== 0 && (classes & FOREIGN) === 0;
}

export function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
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

/** A set of characters of the Basic Multilingual Plane, asked with `isIn`. */
export function setOf(chars: string): Uint8Array {
  const codes = [...chars].map((char) => char.charCodeAt(0));
  const set = new Uint8Array(Math.max(...codes) + 1);
  for (const code of codes) set[code] = 1;
  return set;
}

/** Whether `code` is in the set; END is in none. `includes` of a string answers the same by a call. */
export function isIn(set: Uint8Array, code: number): boolean {
  return code < set.length && set[code] === 1;
}

/** Index: ASCII code. */
const ASCII_ALNUM = new Uint8Array(0x80);
for (let code = 0; code < 0x80; code++) {
  if (isDigitCode(code) || isUpperCode(code) || isLowerCode(code)) ASCII_ALNUM[code] = 1;
}

export function isAsciiAlnum(code: number): boolean {
  return code < 0x80 && ASCII_ALNUM[code] === 1;
}

/** The spaces that people put between the groups of one number: space, no-break, figure, thin and narrow no-break space. */
export function isGroupSpace(code: number): boolean {
  return code === 0x20 || code === 0xa0 || code === 0x2007 || code === 0x2009 || code === 0x202f;
}

export function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/**
 * The same text in a string of its own, for building tables. V8 has a dozen kinds of strings, and a function that was given more than
 * four of them reads each character by a call: words cut out of a long literal must not make that of what reads texts.
 */
export function ownString(text: string): string {
  const codes: number[] = [];
  for (let i = 0; i < text.length; i++) codes.push(text.charCodeAt(i));
  return String.fromCharCode(...codes);
}
