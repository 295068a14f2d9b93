/** Reproducible choices for generated texts: the same seed gives the same texts on every machine. */
export interface Choices {
  /** Integer in [min, max]. */
  int(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  digits(length: number): string;
  /** `length` characters of `alphabet`. */
  chars(alphabet: string, length: number): string;
}

/** Marsaglia's xorshift32: https://www.jstatsoft.org/article/view/v008i14 */
export function choices(seed: number): Choices {
  let state = seed | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => items[int(0, items.length - 1)] as T;
  const chars = (alphabet: string, length: number): string =>
    Array.from({ length }, () => pick([...alphabet])).join("");
  return { int, pick, chars, digits: (length) => chars("0123456789", length) };
}

export const HEX = "0123456789abcdef";
export const LETTERS = "abcdefghijklmnopqrstuvwxyz";
export const ALNUM = `${LETTERS}${LETTERS.toUpperCase()}0123456789`;
