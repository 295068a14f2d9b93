/**
 * Folded words → one 32-bit integer each, looked up by a place in a text instead of by a string, so that nothing is
 * allocated. Two independent hashes stand for a word: the words of the language are not kept.
 */
import { checkFolded, hashFolded } from "./fold.ts";

/** What is known of a word lies side by side: its value, 0 where there is none, and its two hashes. */
const VALUE = 0;
const HASH = 1;
const CHECK = 2;
const STRIDE_BITS = 2;

export class WordTable {
  readonly #mask: number;
  readonly #slots: Int32Array;

  /** Values are not 0. A word that is there twice gets both values joined by OR. */
  constructor(words: ReadonlyMap<string, number>) {
    let slots = 64;
    while (slots < words.size * 3) slots *= 2;
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots << STRIDE_BITS);
    for (const [word, value] of words) {
      const hash = hashFolded(word, 0, word.length);
      const check = checkFolded(word, 0, word.length);
      let at = this.#slotOf(hash) << STRIDE_BITS;
      while (this.#at(at, VALUE) !== 0 && !(this.#at(at, HASH) === hash && this.#at(at, CHECK) === check))
        at = this.#next(at);
      this.#slots[at + HASH] = hash;
      this.#slots[at + CHECK] = check;
      this.#slots[at + VALUE] = this.#at(at, VALUE) | value;
    }
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  #next(at: number): number {
    return (at + (1 << STRIDE_BITS)) & (this.#mask << STRIDE_BITS);
  }

  #at(at: number, field: number): number {
    return this.#slots[at + field] as number;
  }

  /** Value of the word at [start, end), whose folded hash is `hash`; 0 when it is not there. */
  get(text: string, start: number, end: number, hash: number): number {
    let check = 0;
    let checked = false;
    for (let at = this.#slotOf(hash) << STRIDE_BITS; this.#at(at, VALUE) !== 0; at = this.#next(at)) {
      if (this.#at(at, HASH) !== hash) continue;
      if (!checked) {
        check = checkFolded(text, start, end);
        checked = true;
      }
      if (this.#at(at, CHECK) === check) return this.#at(at, VALUE);
    }
    return 0;
  }

  /** The hashes of all its words. */
  *hashes(): Generator<number> {
    for (let at = 0; at < this.#slots.length; at += 1 << STRIDE_BITS)
      if (this.#at(at, VALUE) !== 0) yield this.#at(at, HASH);
  }
}
