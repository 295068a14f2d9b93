/**
 * What the names layer knows of single UTF-16 code units: their kind, and their lower-case form. Two tables, built once at
 * load in a few milliseconds; they know no language. Surrogates are a kind of their own so that no token begins or ends
 * between the halves of a pair.
 */

export const SPACE = 0;
export const LOWER = 1;
export const UPPER = 2;
export const DIGIT = 3;
/** Letters of scripts without case. */
export const UNCASED = 4;
export const PUNCTUATION = 5;
export const HIGH_SURROGATE = 6;
export const LOW_SURROGATE = 7;
/** Combining marks: part of the word they stand in, and no letter of their own. */
export const MARK = 8;

function allCodes(): string {
  const codes = new Uint16Array(0x10000).map((_, code) => (code >= 0xd800 && code < 0xe000 ? 0x20 : code));
  let all = "";
  for (let at = 0; at < codes.length; at += 0x2000) all += String.fromCharCode(...codes.subarray(at, at + 0x2000));
  return all;
}

function buildKinds(all: string): Uint8Array {
  const kinds = new Uint8Array(0x10000).fill(PUNCTUATION);
  for (const [pattern, kind] of [
    [/[\p{Ll}]+/gu, LOWER],
    [/[\p{Lu}\p{Lt}]+/gu, UPPER],
    [/[\p{Lo}\p{Lm}\p{Nl}]+/gu, UNCASED],
    [/[\p{M}]+/gu, MARK],
    [/[\p{Nd}]+/gu, DIGIT],
    [/[\p{Z}\p{Cc}\u200b\ufeff]+/gu, SPACE],
  ] as const) {
    for (const run of all.matchAll(pattern)) kinds.fill(kind, run.index, run.index + run[0].length);
  }
  kinds.fill(HIGH_SURROGATE, 0xd800, 0xdc00);
  kinds.fill(LOW_SURROGATE, 0xdc00, 0xe000);
  return kinds;
}

function buildLower(all: string): Uint16Array {
  const lower = new Uint16Array(0x10000).map((_, code) => code);
  for (const run of all.matchAll(/[\p{Lu}\p{Lt}]/gu)) {
    const form = run[0].toLowerCase();
    lower[run.index] = form.charCodeAt(0);
  }
  // One form for the apostrophes, the dashes and the double quotes that people and their keyboards use for one another.
  for (const code of [0x2019, 0x2018, 0x02bc, 0x60, 0xb4]) lower[code] = 0x27;
  for (const code of [0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212]) lower[code] = 0x2d;
  for (const code of [0x201c, 0x201d, 0x201e, 0x201f, 0xab, 0xbb]) lower[code] = 0x22;
  // Greek final sigma, so that the end of an upper-case word and of a lower-case one are the same.
  lower[0x3c2] = 0x3c3;
  return lower;
}

const all = allCodes();
/** Index: UTF-16 code unit. */
export const KINDS: Uint8Array = buildKinds(all);
/** Index: UTF-16 code unit; the simple lower-case form, punctuation folded. */
export const LOWER_FORM: Uint16Array = buildLower(all);
