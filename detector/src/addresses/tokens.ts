/**
 * The words, numbers and signs of one chunk, in arrays that are used again for every chunk. A word keeps its hyphens,
 * apostrophes and inner full stops ("Karl-Marx-Straße", "d'Alésia", "p.zza"); everything else is a token of its own. Knows
 * characters and the word tables, not addresses.
 */
import { isDigitCode } from "../scanner/characters.ts";
import { CHUNK_CHARS_MAX } from "../scanner/chunks.ts";
import { FOLDED, hashFolded, isUpper } from "../signals/fold.ts";
import { LANGUAGES_OF, mayMean, MEANINGS } from "./words.ts";

export const WORD = 1;
export const NUMBER = 2;
/** Letters and digits: "12a", "2º", "SW1A". */
export const MIXED = 3;
export const SIGN = 4;

/** A chunk has no more tokens than characters. */
const SIZE = CHUNK_CHARS_MAX;
const UNKNOWN = 1 << 31;

// By token. Constants, because where they lie is then part of the compiled code.
const STARTS = new Int32Array(SIZE);
const ENDS = new Int32Array(SIZE);
const KINDS = new Uint8Array(SIZE);
/** The character of a SIGN. */
const SIGNS = new Uint16Array(SIZE);
/** Nothing stands between this token and the one before it. */
const GLUED = new Uint8Array(SIZE);
/** A word has a capital at its start, or at the start of one of its parts. */
const CAPITALS = new Uint8Array(SIZE);
/** Start of the last part of a word: after its last hyphen or apostrophe. */
const PARTS = new Int32Array(SIZE);
/** Folded hash of a word, once its meaning is known. */
const HASHES = new Int32Array(SIZE);
/** Bits of words.ts; 0 for what is no word, UNKNOWN until somebody asks: most words are far from any number. */
const MEANINGS_KNOWN = new Int32Array(SIZE);
/** Tokens that an address may be found at, in order: those with a digit, and the single letters that may be "s/n". */
const SPOTS = new Int32Array(SIZE);

/** The chunk under work; valid until the next call of `tokenize`. */
export const tokens = {
  text: "",
  count: 0,
  spots: 0,
  /** A digit stands in one of them. */
  digits: false,
};

/** Forgets the text: what was personal in it must not outlive the call. */
export function releaseTokens(): void {
  tokens.text = "";
  tokens.count = 0;
}

export function isDash(code: number): boolean {
  return code === 0x2d || (code >= 0x2010 && code <= 0x2015);
}

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019 || code === 0x2bc;
}

const TAB = 0x09;
/** So many spaces set columns apart, as a tab does. */
const COLUMN_SPACES_MIN = 3;

/** Line ends inside a chunk, tabs and other controls separate more than a space does. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0xa0 || (code >= 0x2000 && code <= 0x200b) || code === 0x202f;
}

/** [from, to) lies in one chunk. */
export function tokenize(text: string, from: number, to: number): void {
  tokens.text = text;
  tokens.digits = false;
  tokens.spots = 0;
  let count = 0;
  let spaceBefore = 1;
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || (code > 0x7f && isSpace(code))) {
      const from = at++;
      while (at < to && text.charCodeAt(at) === 0x20) at++;
      spaceBefore = 1;
      if (at - from < COLUMN_SPACES_MIN) continue;
      STARTS[count] = from;
      ENDS[count] = at;
      GLUED[count] = 1;
      KINDS[count] = SIGN;
      SIGNS[count++] = TAB;
      spaceBefore = 0;
      continue;
    }
    STARTS[count] = at;
    GLUED[count] = 1 - spaceBefore;
    spaceBefore = 0;
    if ((FOLDED[code] as number) === 0) {
      KINDS[count] = SIGN;
      SIGNS[count] = code;
      at++;
    } else {
      at = isDigitCode(code) ? readNumber(text, at, to, count) : readWord(text, at, to, count);
    }
    ENDS[count++] = at;
  }
  tokens.count = count;
}

function readNumber(text: string, from: number, to: number, index: number): number {
  let at = from;
  while (at < to && isDigitCode(text.charCodeAt(at))) at++;
  const digits = at;
  while (at < to && (FOLDED[text.charCodeAt(at)] as number) !== 0) at++;
  KINDS[index] = at > digits ? MIXED : NUMBER;
  tokens.digits = true;
  SPOTS[tokens.spots++] = index;
  MEANINGS_KNOWN[index] = 0;
  return at;
}

function readWord(text: string, from: number, to: number, index: number): number {
  let at = from;
  let part = from;
  let mixed = false;
  let capital = isUpper(text.charCodeAt(from));
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    if ((FOLDED[code] as number) !== 0) {
      if (code <= 0x39 && code >= 0x30) mixed = true;
      continue;
    }
    if (code === 0x20 || mixed || at + 1 >= to) break;
    const next = text.charCodeAt(at + 1);
    if ((FOLDED[next] as number) === 0 || isDigitCode(next)) break;
    if (isDash(code) || isApostrophe(code)) {
      if (isUpper(next)) capital = true;
      part = at + 1;
      // A full stop after a single letter: "p.zza", "J.R.".
    } else if (code === 0x2e && at - part === 1) part = at + 1;
    else break;
  }
  KINDS[index] = mixed ? MIXED : WORD;
  if (mixed) tokens.digits = true;
  if (mixed || (at - from === 1 && (text.charCodeAt(from) | 0x20) === 0x73)) SPOTS[tokens.spots++] = index;
  CAPITALS[index] = capital ? 1 : 0;
  PARTS[index] = part > from && text.charCodeAt(part - 1) === 0x2e ? from : part;
  MEANINGS_KNOWN[index] = mixed ? 0 : UNKNOWN;
  return at;
}

export function isNumber(index: number): boolean {
  return index >= 0 && index < tokens.count && KINDS[index] === NUMBER;
}

export function isWordAt(index: number): boolean {
  return index >= 0 && index < tokens.count && KINDS[index] === WORD;
}

export function isMixed(index: number): boolean {
  return index >= 0 && index < tokens.count && KINDS[index] === MIXED;
}

/** Whether the token is this SIGN. */
export function isSign(index: number, code: number): boolean {
  return index >= 0 && index < tokens.count && KINDS[index] === SIGN && SIGNS[index] === code;
}

/** The character of a SIGN, or 0. */
export function signAt(index: number): number {
  return index >= 0 && index < tokens.count && KINDS[index] === SIGN ? (SIGNS[index] as number) : 0;
}

export function isGlued(index: number): boolean {
  return index < tokens.count && GLUED[index] === 1;
}

export function startOf(index: number): number {
  return STARTS[index] as number;
}

export function endOf(index: number): number {
  return ENDS[index] as number;
}

export function lengthOf(index: number): number {
  return endOf(index) - startOf(index);
}

/** First code unit of the token. */
export function firstCode(index: number): number {
  return tokens.text.charCodeAt(startOf(index));
}

export function meaningOf(index: number): number {
  if (index < 0 || index >= tokens.count || (KINDS[index] as number) !== WORD) return 0;
  const known = MEANINGS_KNOWN[index] as number;
  if (known !== UNKNOWN) return known;
  const { text } = tokens;
  const hash = hashFolded(text, startOf(index), endOf(index));
  const meaning = mayMean(hash) ? MEANINGS.get(text, startOf(index), endOf(index), hash) : 0;
  HASHES[index] = hash;
  MEANINGS_KNOWN[index] = meaning;
  return meaning;
}

/** Folded hash of the word at `index`. */
export function hashAt(index: number): number {
  if (MEANINGS_KNOWN[index] === UNKNOWN) meaningOf(index);
  return HASHES[index] as number;
}

export function means(index: number, bits: number): boolean {
  return (meaningOf(index) & bits) !== 0;
}

export function isCapital(index: number): boolean {
  return isWordAt(index) && CAPITALS[index] === 1;
}

/** Two or more letters, all of them capitals. */
export function isShouted(index: number): boolean {
  if (!isWordAt(index) || lengthOf(index) < 2) return false;
  for (let at = startOf(index); at < endOf(index); at++) {
    const code = tokens.text.charCodeAt(at);
    if ((FOLDED[code] as number) > 1 && !isUpper(code)) return false;
  }
  return true;
}

/** Languages, as bits of words.ts, in which the word at `index` names a street. */
export function languagesAt(index: number): number {
  const from = startOf(index);
  const to = endOf(index);
  return LANGUAGES_OF.get(tokens.text, from, to, hashAt(index));
}

/** The `spot`-th of the tokens that an address may be found at. */
export function spotAt(spot: number): number {
  return SPOTS[spot] as number;
}

export function kindOf(index: number): number {
  return KINDS[index] as number;
}

/** Start of the last part of the word at `index`. */
export function partOf(index: number): number {
  return PARTS[index] as number;
}

/** Value of a NUMBER of at most nine digits; of the digits at the start of a MIXED token. */
export function valueOf(index: number): number {
  let value = 0;
  for (let at = startOf(index); at < endOf(index) && at - startOf(index) < 9; at++) {
    const code = tokens.text.charCodeAt(at);
    if (!isDigitCode(code)) break;
    value = value * 10 + code - 0x30;
  }
  return value;
}

/** Number of digits at the start of the token. */
export function digitsOf(index: number): number {
  if (isNumber(index)) return lengthOf(index);
  let at = startOf(index);
  while (at < endOf(index) && isDigitCode(tokens.text.charCodeAt(at))) at++;
  return at - startOf(index);
}
