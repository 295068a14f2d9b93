/**
 * The class of a word: words that keep the same company (surnames of tennis players, months, verbs of saying) are of one. They come
 * from vectors learned on English text, which knows the names of the world without their accents, so words are looked up
 * without them; a word that is not known may be a known one with an ending.
 */
import { LOWER_FORM } from "./letters.ts";
import { lookUp } from "./lexicon.ts";
import { LOOK_CAPITAL, LOOK_CAPS, LOOK_LINE_CAPS, LOOK_LINE_TITLE, LOOK_UNCASED, type Tokens } from "./tokens.ts";

/** A class is one of 2^FINE_BITS of a coarse class; 0: the word has none. */
export const FINE_BITS = 5;
/** Tokens at either side of a run whose classes its features read. */
export const REACH = 2;

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** An ending has at most three letters, a stem at least four. */
const STEM_MIN = 4;
const LETTER_A = 0x61;

/** 0: no class. */
export function coarse(class_: number): number {
  return class_ === 0 ? 0 : 1 + ((class_ - 1) >> FINE_BITS);
}

function buildPlain(): Uint16Array {
  const plain = LOWER_FORM.slice();
  for (let code = 0xc0; code < 0x1f00; code++) {
    if (code === 0x250) code = 0x1e00;
    const form = LOWER_FORM[code] as number;
    plain[code] = String.fromCharCode(form).normalize("NFD").charCodeAt(0);
  }
  for (const [letters, letter] of [
    ["øØ", "o"],
    ["łŁ", "l"],
    ["đĐðÐ", "d"],
    ["þÞ", "t"],
    ["æÆ", "a"],
    ["œŒ", "o"],
    ["ıİ", "i"],
    ["ßẞ", "s"],
    ["ħĦ", "h"],
  ] as const) {
    for (let at = 0; at < letters.length; at++) plain[letters.charCodeAt(at)] = letter.charCodeAt(0);
  }
  return plain;
}
/** Index: UTF-16 code unit; the lower-case form without accent. */
const PLAIN = buildPlain();

/** Hash of the word in lower case and without accents, as classes are looked up by. */
export function plainHash(text: string, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (PLAIN[text.charCodeAt(at)] as number), FNV_PRIME);
  return hash;
}

/** Classes of words looked up of late: texts say the same words again, and strangers take six looks. */
const RECENT_MASK = (1 << 13) - 1;
const recentKeys = new Int32Array(RECENT_MASK + 1);
const recentClasses = new Uint16Array(RECENT_MASK + 1);
let recentTable: Int32Array | undefined;

function classOf(table: Int32Array, text: string, start: number, end: number, bent: boolean): number {
  let hash = FNV_OFFSET;
  let less1 = 0;
  let less2 = 0;
  let less3 = 0;
  for (let at = start; at < end; at++) {
    less3 = less2;
    less2 = less1;
    less1 = hash;
    hash = Math.imul(hash ^ (PLAIN[text.charCodeAt(at)] as number), FNV_PRIME);
  }
  const length = end - start;
  const slot = (hash ^ (hash >>> 16)) & RECENT_MASK;
  const key = bent ? hash | 1 : hash & ~1;
  if (recentKeys[slot] === key) return recentClasses[slot] as number;
  let found = lookUp(table, hash);
  if (found === 0 && bent && length > STEM_MIN) {
    found = lookUp(table, less1);
    // "Barbary" is of Barbara.
    if (found === 0) found = lookUp(table, Math.imul(less1 ^ LETTER_A, FNV_PRIME));
    if (found === 0 && length > STEM_MIN + 1) found = lookUp(table, less2);
    if (found === 0 && length > STEM_MIN + 1) found = lookUp(table, Math.imul(less2 ^ LETTER_A, FNV_PRIME));
    if (found === 0 && length > STEM_MIN + 2) found = lookUp(table, less3);
  }
  recentKeys[slot] = key;
  recentClasses[slot] = found;
  return found;
}

/** Writes the classes of the tokens [from - REACH, to + REACH) to `out`, at the tokens' indexes. */
export function classify(
  tokens: Tokens,
  text: string,
  table: Int32Array,
  from: number,
  to: number,
  out: Uint16Array,
): void {
  const { look, start, end } = tokens;
  if (recentTable !== table) {
    recentTable = table;
    recentKeys.fill(0);
    recentClasses.fill(0);
  }
  for (let i = from - REACH; i < to + REACH; i++) {
    const l = look[i] as number;
    out[i] =
      l >= LOOK_UNCASED
        ? 0
        : classOf(
            table,
            text,
            start[i] as number,
            end[i] as number,
            l === LOOK_CAPITAL || l === LOOK_CAPS || l === LOOK_LINE_CAPS || l === LOOK_LINE_TITLE,
          );
  }
}
