/** The contract between the format-preserving operator and the formats that it knows. */
import { OperatorError } from "../errors.ts";
import type { Permutation } from "../ff1.ts";

/** A permutation under the key of this type and purpose. Another `tweak` is another permutation; a tweak is no secret. */
export type Cipher = (tweak: string, size: bigint, holds?: (value: bigint) => boolean) => Permutation;

export interface FormatOptions {
  /** ISO 3166-1 alpha-2: whose order of day and month a date with slashes has. Encrypt and decrypt need the same. */
  readonly region?: string;
}

/** Both throw OperatorError not_in_format, domain_too_small or unchanged. */
export interface Format {
  encrypt(value: string, cipher: Cipher, options: FormatOptions): string;
  decrypt(value: string, cipher: Cipher, options: FormatOptions): string;
}

export function notInFormat(what: string): OperatorError {
  return new OperatorError("not_in_format", what);
}

/** Writes `digits` over the ASCII digits of `value`, one for one; everything else stays. */
export function withDigits(value: string, digits: string): string {
  let next = 0;
  return value.replace(/[0-9]/g, () => digits[next++] ?? "");
}
