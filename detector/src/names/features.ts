/**
 * The features of one token: 32-bit hashes of what stands at it and around it. Training and tagging call the same function,
 * so that what was learned is what is looked for; its output is part of the model's format (FORMAT in model.ts).
 */
import { coarse } from "./classes.ts";
import { LOWER_FORM } from "./letters.ts";
import { LOOK_SIGN, type Tokens } from "./tokens.ts";

// What is imported is read from a cell, and its kind is checked, at every use; a constant of the module's own is part of the code.
const LOWERED = LOWER_FORM;

/** Features a token has, always all of them. */
export const FEATURES = 43;
export const LEADING = 17;

function mix(salt: number, a: number): number {
  const h = Math.imul(a ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b);
  return Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
}

function mix2(salt: number, a: number, b: number): number {
  return mix(salt, Math.imul(a, 0x2545f491) + (b ^ (b >>> 7)));
}

function finish(h: number): number {
  return h ^ (h >>> 16);
}

/** Hash of the last `length` characters; of all when the word is shorter. */
function suffix(text: string, start: number, end: number, length: number): number {
  let hash = length;
  for (let at = Math.max(start, end - length); at < end; at++) {
    hash = Math.imul(hash ^ (LOWERED[text.charCodeAt(at)] as number), 0x01000193);
  }
  return hash;
}

function prefix(text: string, start: number, end: number, length: number): number {
  let hash = length + 16;
  for (let at = start, stop = Math.min(end, start + length); at < stop; at++) {
    hash = Math.imul(hash ^ (LOWERED[text.charCodeAt(at)] as number), 0x01000193);
  }
  return hash;
}

function lengthClass(length: number): number {
  return length < 5 ? length : length < 7 ? 5 : length < 10 ? 6 : 7;
}

/**
 * Writes the first LEADING of the features of token `i` to `out` from `at` on: those that tell most of the words that are no
 * names, which is all that the sieve needs to know.
 */
export function leadingFeatures(
  tokens: Tokens,
  text: string,
  i: number,
  bits: Uint8Array,
  classes: Uint16Array,
  out: Int32Array,
  at: number,
): void {
  const { word, look, glued, start, end } = tokens;
  const w = word[i] as number;
  const p = word[i - 1] as number;
  const l = look[i] as number;
  const lp = look[i - 1] as number;
  const ln = look[i + 1] as number;
  const s = start[i] as number;
  const e = end[i] as number;
  const b = bits[i] as number;
  const here = l | (lengthClass(e - s) << 5);
  const glue = (glued[i] as number) | ((glued[i + 1] as number) << 1);
  // The last word before the signs in front: "Name: ", "(", a quotation mark.
  const label =
    lp >= LOOK_SIGN ? ((look[i - 2] as number) >= LOOK_SIGN ? (word[i - 3] as number) : (word[i - 2] as number)) : p;
  const language = (tokens.language << 20) | (tokens.code << 25);
  out[at] = finish(mix2(3, w, l));
  out[at + 1] = finish(mix2(10, p, here));
  out[at + 2] = finish(mix2(11, word[i + 1] as number, here));
  out[at + 3] = finish(mix(15, l | (lp << 5) | (ln << 10) | (glue << 15)));
  out[at + 4] = finish(mix(25, here | (b << 9)));
  out[at + 5] = finish(mix(26, l | (b << 5) | ((bits[i - 1] as number) << 12) | (lp << 19)));
  out[at + 6] = finish(mix(27, l | (b << 5) | ((bits[i + 1] as number) << 12) | (ln << 19)));
  out[at + 7] = finish(mix2(22, suffix(text, s, e, 3), l));
  out[at + 8] = finish(mix2(33, label, l | (lp << 5)));
  out[at + 9] = finish(mix(39, l | (b << 5) | (lp << 12) | language));
  const c = classes[i] as number;
  const cp = classes[i - 1] as number;
  const cn = classes[i + 1] as number;
  out[at + 10] = finish(mix(20, prefix(text, s, e, 4)));
  out[at + 11] = finish(mix(23, suffix(text, s, e, 4)));
  out[at + 12] = finish(mix(37, here | language));
  out[at + 13] = finish(mix(44, c | (l << 11)));
  out[at + 14] = finish(mix(45, cp | (l << 11) | (lp << 16)));
  out[at + 15] = finish(mix(46, cn | (l << 11) | (ln << 16)));
  out[at + 16] = finish(mix2(52, c, l | (b << 5)));
}

/** Writes the FEATURES hashes of token `i` to `out` from `at` on. */
export function features(
  tokens: Tokens,
  text: string,
  i: number,
  bits: Uint8Array,
  classes: Uint16Array,
  out: Int32Array,
  at: number,
): void {
  leadingFeatures(tokens, text, i, bits, classes, out, at);
  otherFeatures(tokens, text, i, bits, classes, out, at);
}

/** Writes all but the leading ones, each to where `features` writes it. */
export function otherFeatures(
  tokens: Tokens,
  text: string,
  i: number,
  bits: Uint8Array,
  classes: Uint16Array,
  out: Int32Array,
  at: number,
): void {
  const { word, look, glued, start, end } = tokens;
  const w = word[i] as number;
  const p = word[i - 1] as number;
  const n = word[i + 1] as number;
  const pp = word[i - 2] as number;
  const nn = word[i + 2] as number;
  const l = look[i] as number;
  const lp = look[i - 1] as number;
  const ln = look[i + 1] as number;
  const s = start[i] as number;
  const e = end[i] as number;
  const b = bits[i] as number;
  const bp = bits[i - 1] as number;
  const bn = bits[i + 1] as number;
  const glue = (glued[i] as number) | ((glued[i + 1] as number) << 1);
  const wide = glue | ((glued[i - 1] as number) << 2) | ((glued[i + 2] as number) << 3);
  const end3 = suffix(text, s, e, 3);
  const head3 = prefix(text, s, e, 3);
  out[at + 17] = finish(mix(2, w));
  out[at + 18] = finish(mix(4, p));
  out[at + 19] = finish(mix(5, n));
  out[at + 20] = finish(mix(6, pp));
  out[at + 21] = finish(mix(7, nn));
  out[at + 22] = finish(mix(16, l | (lp << 5) | ((look[i - 2] as number) << 10) | (wide << 15)));
  out[at + 23] = finish(mix(17, l | (ln << 5) | ((look[i + 2] as number) << 10) | (wide << 15)));
  out[at + 24] = finish(mix2(18, prefix(text, s, e, 2), l));
  out[at + 25] = finish(mix(19, head3));
  out[at + 26] = finish(mix2(21, suffix(text, s, e, 2), l));
  out[at + 27] = finish(mix2(24, end3, head3));
  out[at + 28] = finish(mix(28, b | (bp << 7) | (bn << 14) | (glue << 21)));
  out[at + 29] = finish(mix2(31, suffix(text, start[i - 1] as number, end[i - 1] as number, 3), l));
  out[at + 30] = finish(mix2(32, suffix(text, start[i + 1] as number, end[i + 1] as number, 3), l));
  const language = (tokens.language << 20) | (tokens.code << 25);
  out[at + 31] = finish(mix(38, l | (lp << 5) | (ln << 10) | language));
  out[at + 32] = finish(mix2(40, end3, l | language));
  out[at + 33] = finish(mix2(43, suffix(text, s, e, 5), l));
  const c = classes[i] as number;
  const cp = classes[i - 1] as number;
  const cn = classes[i + 1] as number;
  const g = coarse(c);
  const gp = coarse(cp);
  const gn = coarse(cn);
  out[at + 34] = finish(mix2(47, g | (gp << 6) | (gn << 12), l | (lp << 5) | (ln << 10)));
  out[at + 35] = finish(mix(48, cp | (c << 11)));
  out[at + 36] = finish(mix(49, c | (cn << 11)));
  out[at + 37] = finish(mix(50, (classes[i - 2] as number) | (l << 11) | (lp << 16)));
  out[at + 38] = finish(mix(51, (classes[i + 2] as number) | (l << 11) | (ln << 16)));
  out[at + 39] = finish(mix2(53, p, g | (l << 6)));
  out[at + 40] = finish(mix2(54, n, g | (l << 6)));
  out[at + 41] = finish(mix(55, g | (cn << 6) | (l << 17)));
  out[at + 42] = finish(mix(56, g | (cp << 6) | (l << 17)));
}
