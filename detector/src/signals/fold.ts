/**
 * Words compared without case and without accents: one table look-up for each UTF-16 code unit, no allocation. Text in NFD
 * compares equal to text in NFC, "sante" to "santé", "ΟΔΟΣ" to "οδός". What is no letter, mark or digit adds nothing, so that
 * "p.zza" and "HIV-positive" compare as one word where a caller takes them for one.
 */
import { CLASSES, DIGIT, LETTER } from "../scanner/characters.ts";

/** Combining marks: part of a word, but not of its folded form. */
export const MARK = 1;

/** Letters whose strokes and ligatures Unicode does not decompose: https://www.unicode.org/reports/tr15/#Norm_Forms. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ø: "o",
  đ: "d",
  ł: "l",
  ħ: "h",
  ı: "i",
  ß: "s",
  ς: "σ",
};
/** Blocks of scripts with two cases. */
const CASED: readonly (readonly [number, number])[] = [
  [0x41, 0x250],
  [0x370, 0x530],
  [0x1e00, 0x2000],
];
const MARKS: readonly (readonly [number, number])[] = [
  [0x300, 0x370],
  [0x1ab0, 0x1b00],
  [0x20d0, 0x2100],
];

const folded = new Uint16Array(0x10000);
const upper = new Uint8Array(0x10000);

for (let code = 0; code < 0x10000; code++) {
  if (((CLASSES[code] as number) & (LETTER | DIGIT)) !== 0) folded[code] = code;
}
// An underscore stands between words: "sexual_orientation".
folded[0x5f] = 0;
for (const [first, end] of CASED) {
  for (let code = first; code < end; code++) {
    if (folded[code] === 0) continue;
    const char = String.fromCharCode(code);
    const small = char.toLowerCase();
    if (small !== char) upper[code] = 1;
    const base = UNDECOMPOSED[small] ?? small.normalize("NFD");
    folded[code] = base.charCodeAt(0);
  }
}
for (const [first, end] of MARKS) folded.fill(MARK, first, end);

/** UTF-16 code unit → what it compares as; 0 when it is no part of a word, MARK when it adds nothing. */
export const FOLDED: Uint16Array = folded;

export function isUpper(code: number): boolean {
  return upper[code] === 1;
}

export const HASH_START = 0x811c9dc5 | 0;
/** FNV-1a with 32 bits: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
export const HASH_PRIME = 0x01000193;

/** FNV-1a of the folded form. */
export function hashFolded(text: string, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = start; at < end; at++) {
    const code = FOLDED[text.charCodeAt(at)] as number;
    if (code > MARK) hash = Math.imul(hash ^ code, HASH_PRIME);
  }
  return hash;
}

/** A second, independent hash of the folded form. */
export function checkFolded(text: string, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) {
    const code = FOLDED[text.charCodeAt(at)] as number;
    if (code > MARK) hash = (Math.imul(hash, 31) + code) | 0;
  }
  return hash;
}

/** Characters of the folded form. */
export function foldedLength(text: string, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; at++) if ((FOLDED[text.charCodeAt(at)] as number) > MARK) length++;
  return length;
}

/** The folded form itself. Allocates: for tables, not for texts. */
export function fold(word: string): string {
  let out = "";
  for (let at = 0; at < word.length; at++) {
    const code = FOLDED[word.charCodeAt(at)] as number;
    if (code > MARK) out += String.fromCharCode(code);
  }
  return out;
}
