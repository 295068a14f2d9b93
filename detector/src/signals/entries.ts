/** Words by their hashes: the tables that lexicon.ts is made of. Numbers in typed arrays, looked up by a place in a text. */
import { checkFolded, hashFolded } from "./fold.ts";

/** An entry: what one word, or all words with one beginning, are. Two independent hashes stand for the word. */
const ENTRY_SIZE = 8;
const HASH = 0;
const CHECK = 1;
/** Languages, as bits, in which it is frequent, and in which it speaks of a person, of illness, of belonging. */
export const COMMON = 2;
export const PERSON = 3;
export const MEDICAL = 4;
export const BELONGING = 5;
/** Its first term, which has the most words; 0: none. */
export const FIRST_TERM = 6;

const FILTER_SLOTS = 1 << 12;

/** One bit for each hash: most words of a text end here. */
export class Filter {
  readonly #bits = new Int32Array(FILTER_SLOTS);

  add(hash: number): void {
    const slot = (hash >>> 8) & (FILTER_SLOTS - 1);
    this.#bits[slot] = (this.#bits[slot] as number) | (1 << (hash & 31));
  }

  has(hash: number): boolean {
    return (((this.#bits[(hash >>> 8) & (FILTER_SLOTS - 1)] as number) >>> (hash & 31)) & 1) !== 0;
  }
}

/** Numbers in rows of the same size, as many as come. The first row is nobody's: 0 means none. */
export class Rows {
  readonly #size: number;
  #used: number;
  values: Int32Array;

  constructor(size: number, rows: number) {
    this.#size = size;
    this.#used = size;
    this.values = new Int32Array(size * rows);
  }

  /** Where the new row begins. `values` may be another array afterwards. */
  add(row: readonly number[]): number {
    const at = this.#used;
    this.#used += this.#size;
    if (this.#used > this.values.length) {
      const values = new Int32Array(this.values.length * 2);
      values.set(this.values);
      this.values = values;
    }
    this.values.set(row, at);
    return at;
  }

  get count(): number {
    return this.#used / this.#size;
  }
}

/** Words or beginnings of words, each with its entry. */
export class Entries {
  readonly #rows = new Rows(ENTRY_SIZE, 1 << 13);
  /** Hash → entry, open addressing. */
  #slots = new Int32Array(1 << 14);

  /** Of all entries, side by side; an entry is where its numbers begin. */
  get values(): Int32Array {
    return this.#rows.values;
  }

  /** Entry of the word at [start, end), whose folded hash is `hash`; 0 when it is not there. */
  get(text: string, start: number, end: number, hash: number): number {
    const { values } = this.#rows;
    const mask = this.#slots.length - 1;
    let check = 0;
    let checked = false;
    for (let slot = slotOf(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) return 0;
      if (values[entry + HASH] !== hash) continue;
      if (!checked) check = checkFolded(text, start, end);
      checked = true;
      if (values[entry + CHECK] === check) return entry;
    }
  }

  /** The same; made when it is not there. */
  add(text: string, start: number, end: number): number {
    const hash = hashFolded(text, start, end);
    const known = this.get(text, start, end, hash);
    if (known !== 0) return known;
    const entry = this.#rows.add([hash, checkFolded(text, start, end)]);
    if (this.#rows.count * 2 > this.#slots.length) this.#grow();
    else this.#place(entry);
    return entry;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(this.values[entry + HASH] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let index = 1; index < this.#rows.count; index++) this.#place(index * ENTRY_SIZE);
  }
}

function slotOf(hash: number): number {
  return hash ^ (hash >>> 15);
}
