/** A small seeded generator (xorshift32): the same seed gives the same model. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed | 1, 0x9e3779b1) | 1;
  }

  /** 0 … 2^32 - 1 */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** 0 … below - 1 */
  below(limit: number): number {
    return this.next() % limit;
  }

  chance(probability: number): boolean {
    return this.next() < probability * 0x1_0000_0000;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError("nothing to pick from");
    return list[this.below(list.length)] as T;
  }

  shuffle(list: Int32Array): void {
    for (let at = list.length - 1; at > 0; at--) {
      const other = this.below(at + 1);
      const held = list[at] as number;
      list[at] = list[other] as number;
      list[other] = held;
    }
  }
}
