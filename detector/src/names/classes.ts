/**
 * The class of a word: words that keep the same company (surnames of tennis players, months, verbs of saying) are of one. They come
 * from vectors learned on English text, which knows the names of the world without their accents, so words are looked up
 * without them; a word that is not known may be a known one with an ending.
 */
import { lookUpFinnish } from "./finnish.ts";
import { LOWER_FORM } from "./letters.ts";
import { lookUp } from "./lexicon.ts";
import { Recent } from "./recent.ts";
import { LOOK_CAPITAL, LOOK_CAPS, LOOK_LINE_CAPS, LOOK_LINE_TITLE, LOOK_UNCASED, PAD, type Tokens } from "./tokens.ts";

/** A class is one of 2^FINE_BITS of a coarse class; 0: the word has none. */
export const FINE_BITS = 5;

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

/** Strangers take six looks. */
const recent = new Recent();

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
  const mask = table.length - 1;
  let found = lookUp(table, hash, mask);
  if (found !== 0 || !bent || length <= STEM_MIN) return found;
  found = lookUp(table, less1, mask);
  // "Barbary" is of Barbara.
  if (found === 0) found = lookUp(table, Math.imul(less1 ^ LETTER_A, FNV_PRIME), mask);
  if (found !== 0 || length === STEM_MIN + 1) return found;
  found = lookUp(table, less2, mask);
  if (found === 0) found = lookUp(table, Math.imul(less2 ^ LETTER_A, FNV_PRIME), mask);
  if (found !== 0 || length === STEM_MIN + 2) return found;
  return lookUp(table, less3, mask);
}

/**
 * Writes the classes of the open tokens and of two on either side to `out` at the tokens' indexes; 0 for those that have none. `finnish`: as
 * for the gate.
 */
export function classify(
  tokens: Tokens,
  text: string,
  table: Int32Array,
  open: Uint8Array,
  out: Uint16Array,
  finnish = true,
): void {
  const { look, word, start, end } = tokens;
  recent.begin(table);
  const stop = PAD + tokens.count;
  out[stop] = 0;
  out[stop + 1] = 0;
  for (let i = PAD; i < stop; i++) {
    const l = look[i] as number;
    const near =
      (open[i - 2] as number) |
      (open[i - 1] as number) |
      (open[i] as number) |
      (open[i + 1] as number) |
      (open[i + 2] as number);
    if (l >= LOOK_UNCASED || near === 0) {
      out[i] = 0;
      continue;
    }
    const bent = l === LOOK_CAPITAL || l === LOOK_CAPS || l === LOOK_LINE_CAPS || l === LOOK_LINE_TITLE;
    const hash = word[i] as number;
    const key = bent ? hash | 1 : hash & ~1;
    let found = recent.get(key);
    if (found < 0) {
      found = classOf(table, text, start[i] as number, end[i] as number, bent);
      if (found === 0 && bent && finnish)
        found = lookUpFinnish(table, text, start[i] as number, end[i] as number, PLAIN);
      recent.set(key, found);
    }
    out[i] = found;
  }
}
