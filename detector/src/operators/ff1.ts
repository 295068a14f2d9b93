/**
 * FF1 of NIST SP 800-38G on digits, and keyed permutations of [0, size) made of it by cycle walking. Promises what Revision 1
 * demands and the library does not check: no domain with fewer than a million values. Deterministic; no state; no randomness.
 */
import { FF1 } from "@noble/ciphers/ff1.js";
import { OperatorError } from "./errors.ts";

/** SP 800-38G Rev. 1, 4.3: "radix^minlen ≥ 1 000 000", https://csrc.nist.gov/pubs/sp/800/38/g/r1/2pd. Below, FF1 can be broken. */
export const DOMAIN_MIN = 1_000_000n;

export interface Ff1 {
  /** Digits in [0, radix), the most significant first. */
  readonly encrypt: (digits: readonly number[]) => number[];
  readonly decrypt: (digits: readonly number[]) => number[];
}

/** `key`: 16, 24 or 32 bytes. Both throw OperatorError domain_too_small for strings of too few values. */
export function ff1(radix: number, key: Uint8Array, tweak: Uint8Array): Ff1 {
  const cipher = FF1(radix, key, tweak);
  const checked = (digits: readonly number[]): number[] => {
    if (BigInt(radix) ** BigInt(digits.length) < DOMAIN_MIN) throw tooSmall();
    return [...digits];
  };
  return {
    encrypt: (digits) => cipher.encrypt(checked(digits)),
    decrypt: (digits) => cipher.decrypt(checked(digits)),
  };
}

function tooSmall(): OperatorError {
  return new OperatorError("domain_too_small", "fewer than 1,000,000 values have this form");
}

/** A keyed bijection of a set onto itself. */
export interface Permutation {
  encrypt(value: bigint): bigint;
  decrypt(value: bigint): bigint;
}

/**
 * A bijection of [0, size) onto itself, or of the part of it that `holds` picks: then the caller answers for that part having
 * DOMAIN_MIN values. Cycle walking: encrypt again until the result is in the set, Black and Rogaway 2002,
 * https://www.cs.ucdavis.edu/~rogaway/papers/subset.pdf. At most ten rounds on average, more only by `holds`.
 */
export function permutation(
  key: Uint8Array,
  tweak: Uint8Array,
  size: bigint,
  holds: (value: bigint) => boolean = () => true,
): Permutation {
  if (size < DOMAIN_MIN) throw tooSmall();
  const length = (size - 1n).toString().length;
  const cipher = ff1(10, key, tweak);
  const walk = (step: (digits: readonly number[]) => number[], from: bigint): bigint => {
    if (from < 0n || from >= size || !holds(from)) throw new RangeError("the value is outside of the permuted set");
    let value = from;
    do {
      const digits = Array.from(value.toString().padStart(length, "0"), Number);
      value = BigInt(step(digits).join(""));
    } while (value >= size || !holds(value));
    return value;
  };
  return { encrypt: (value) => walk(cipher.encrypt, value), decrypt: (value) => walk(cipher.decrypt, value) };
}
