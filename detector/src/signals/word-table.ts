/**
 * Folded words → one 32-bit integer each, looked up by a place in a text instead of by a string, so that nothing is
 * allocated. Two independent hashes stand for a word: the words of the language are not kept.
 */
import { checkFolded, hashFolded } from "./fold.ts";

export class WordTable {
  readonly #mask: number;
  readonly #hash: Int32Array;
  readonly #check: Int32Array;
  readonly #value: Int32Array;

  /** Values are not 0. A word that is there twice gets both values joined by OR. */
  constructor(words: ReadonlyMap<string, number>) {
    let slots = 64;
    while (slots < words.size * 3) slots *= 2;
    this.#mask = slots - 1;
    this.#hash = new Int32Array(slots);
    this.#check = new Int32Array(slots);
    this.#value = new Int32Array(slots);
    for (const [word, value] of words) {
      const hash = hashFolded(word, 0, word.length);
      const check = checkFolded(word, 0, word.length);
      let slot = this.#slotOf(hash);
      while (this.#value[slot] !== 0 && !(this.#hash[slot] === hash && this.#check[slot] === check))
        slot = (slot + 1) & this.#mask;
      this.#hash[slot] = hash;
      this.#check[slot] = check;
      this.#value[slot] = (this.#value[slot] as number) | value;
    }
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** Value of the word at [start, end), whose folded hash is `hash`; 0 when it is not there. */
  get(text: string, start: number, end: number, hash: number): number {
    let check = 0;
    let checked = false;
    for (let slot = this.#slotOf(hash); this.#value[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#hash[slot] !== hash) continue;
      if (!checked) {
        check = checkFolded(text, start, end);
        checked = true;
      }
      if (this.#check[slot] === check) return this.#value[slot] as number;
    }
    return 0;
  }

  /** The hashes of all its words. */
  *hashes(): Generator<number> {
    for (let slot = 0; slot <= this.#mask; slot++) if (this.#value[slot] !== 0) yield this.#hash[slot] as number;
  }
}
