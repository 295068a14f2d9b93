/**
 * Offsets counted in code points, as Python counts, and in UTF-16 units, as JavaScript does. A text without a surrogate pair
 * costs one look at it.
 */
export class CodePoints {
  /** UTF-16 offset of each surrogate pair, ascending. */
  readonly #pairs: number[] = [];
  readonly #units: number;

  constructor(text: string) {
    this.#units = text.length;
    for (const match of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) this.#pairs.push(match.index);
  }

  /** Code points in the text. */
  get length(): number {
    return this.#units - this.#pairs.length;
  }

  /** The code point offset of a UTF-16 offset that stands between two characters. */
  of(unit: number): number {
    return unit - this.#count((pair) => pair < unit);
  }

  /** The UTF-16 offset of a code point offset. */
  unit(point: number): number {
    return point + this.#count((pair, index) => pair - index < point);
  }

  /** How many of the pairs, from the first on, are `before`. */
  #count(before: (pair: number, index: number) => boolean): number {
    let low = 0;
    let high = this.#pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(this.#pairs[middle] as number, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
