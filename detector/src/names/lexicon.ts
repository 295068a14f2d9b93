/**
 * What is known of single words before any sentence is read: that a word is a given name, a surname, a place, or that it
 * is an everyday word. A table of fingerprints in open addressing; a stranger is taken for a
 * member about once in five thousand times.
 */

import { LOWER_FORM } from "./letters.ts";

/** Given name in the lists of faker-js. */
export const FIRST = 1;
/** Surname in those lists. */
export const LAST = 2;
/** City, region, country. */
export const PLACE = 4;
/** Nearly always in lower case in running text. */
export const COMMON = 8;
/** Written with a capital in running text, but no name: a German noun, a month, a nationality. */
export const TITLED = 16;
/** In lower case, has stood inside a name ("van", "universitet"): worth a look in cased text. */
export const INNER = 32;

/** Set by the gate, not in the table: FIRST, LAST and PLACE are those of the word without its ending. */
export const BENT = 64;

/** Of a common word: the language that it is a sign of, 0 for none. */
export const LANGUAGE_SHIFT = 6;
export const LANGUAGE_MASK = 31;

const BITS = 11;
/** Share of the slots that may be taken: a fuller table is slow to say no. */
const FILL_MAX = 0.75;
const KEY_MASK = ~((1 << BITS) - 1);
/** A search stays in its block of so many slots: a slot tells the lower bits of its entry's key, which the file leaves out. */
const BLOCK_MASK = (1 << BITS) - 1;

function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

/**
 * Where a search for the word with this hash begins: the entry there, for `lookUp`. Who looks up many words fetches all of these first,
 * since a processor waits for memory once for several loads that no branch stands between.
 */
export function probe(table: Int32Array, hash: number, mask = table.length - 1): number {
  return table[spread(hash) & mask] as number;
}

/**
 * Bits of the word with this hash, 0 for a word that is not known. `table` has a power of two of slots, never all full. `first`: what
 * `probe` has said.
 */
export function lookUp(
  table: Int32Array,
  hash: number,
  mask = table.length - 1,
  first = probe(table, hash, mask),
): number {
  if (first === 0) return 0;
  const mixed = spread(hash);
  const key = mixed & KEY_MASK;
  if ((first & KEY_MASK) === key) return first & ~KEY_MASK;
  for (let slot = next(mixed & mask, mask); ; slot = next(slot, mask)) {
    const entry = table[slot] as number;
    if (entry === 0) return 0;
    if ((entry & KEY_MASK) === key) return entry & ~KEY_MASK;
  }
}

function next(slot: number, mask: number): number {
  return (slot & ~BLOCK_MASK) | ((slot + 1) & mask & BLOCK_MASK);
}

/** What of an entry of a table of 2^19 slots and more is not told by its slot: its bits, and the upper 13 of the key; 24 in all. */
export function packEntry(entry: number, slotsLog2: number): number {
  return (entry & ~KEY_MASK) | ((entry >>> slotsLog2) << BITS);
}

/** The inverse. */
export function unpackEntry(packed: number, slot: number, slotsLog2: number): number {
  return ((packed >>> BITS) << slotsLog2) | (slot & KEY_MASK) | (packed & ~KEY_MASK);
}

/** Builds the table of `slots` (a power of two) from hash → bits. Entries without bits are left out. Throws a RangeError when they are too many. */
export function buildLexicon(words: ReadonlyMap<number, number>, slots: number): Int32Array {
  if (words.size > slots * FILL_MAX) throw new RangeError(`${words.size} words do not fit into ${slots} slots`);
  const table = new Int32Array(slots);
  const mask = slots - 1;
  for (const [hash, bits] of words) {
    if (bits === 0) continue;
    const mixed = spread(hash);
    let slot = mixed & mask;
    while (table[slot] !== 0) slot = next(slot, mask);
    table[slot] = (mixed & KEY_MASK) | bits;
  }
  return table;
}

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** An ending has at most three letters, a stem at least four. */
const STEM_MIN = 4;
const LETTER_A = 0x61;
const NAMES = FIRST | LAST | PLACE;

/** FIRST, LAST and PLACE of the word that [start, end) is with an ending: "Petrovom", "Barbary", "Helsingissä". 0 for none. */
export function stemBits(table: Int32Array, text: string, start: number, end: number): number {
  const length = end - start;
  if (length <= STEM_MIN) return 0;
  let hash = FNV_OFFSET;
  let less1 = 0;
  let less2 = 0;
  let less3 = 0;
  for (let at = start; at < end; at++) {
    less3 = less2;
    less2 = less1;
    less1 = hash;
    hash = Math.imul(hash ^ (LOWER_FORM[text.charCodeAt(at)] as number), FNV_PRIME);
  }
  let found = lookUp(table, less1) & NAMES;
  if (found !== 0) return found;
  found = lookUp(table, Math.imul(less1 ^ LETTER_A, FNV_PRIME)) & NAMES;
  if (found !== 0 || length <= STEM_MIN + 1) return found;
  found = lookUp(table, less2) & NAMES;
  if (found !== 0) return found;
  found = lookUp(table, Math.imul(less2 ^ LETTER_A, FNV_PRIME)) & NAMES;
  if (found !== 0 || length <= STEM_MIN + 2) return found;
  return lookUp(table, less3) & NAMES;
}
