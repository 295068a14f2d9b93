/**
 * What is known of single words before any sentence is read: that a word is a given name, a surname, a place, or that it
 * is an everyday word. A table of fingerprints in open addressing; a stranger is taken for a member once in a million times.
 */

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

/** Of a common word: the language that it is a sign of, 0 for none. */
export const LANGUAGE_SHIFT = 6;
export const LANGUAGE_MASK = 31;

const BITS = 11;
const KEY_MASK = ~((1 << BITS) - 1);

function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

/** Bits of the word with this hash, 0 for a word that is not known. `table` has a power of two of slots, never all full. */
export function lookUp(table: Int32Array, hash: number): number {
  const mask = table.length - 1;
  const mixed = spread(hash);
  const key = mixed & KEY_MASK;
  for (let slot = (mixed >>> 11) & mask; ; slot = (slot + 1) & mask) {
    const entry = table[slot] as number;
    if (entry === 0) return 0;
    if ((entry & KEY_MASK) === key) return entry & ~KEY_MASK;
  }
}

/** Builds the table of `slots` (a power of two) from hash → bits. Entries without bits are left out. */
export function buildLexicon(words: ReadonlyMap<number, number>, slots: number): Int32Array {
  const table = new Int32Array(slots);
  const mask = slots - 1;
  for (const [hash, bits] of words) {
    if (bits === 0) continue;
    const mixed = spread(hash);
    let slot = (mixed >>> 11) & mask;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = (mixed & KEY_MASK) | bits;
  }
  return table;
}
