/**
 * Telephone numbers: the country code (or the trunk zero), the length and the punctuation stay, all other digits are permuted.
 * A telephone number has no checksum that could be made wrong: the result may be the number of a stranger. It is for matching
 * and for tests, never to be dialled; for texts that people read, use the operator surrogate.
 */
import { OperatorError } from "../errors.ts";
import { type Cipher, type Format, notInFormat, withDigits } from "./format.ts";

/** Calling codes of one and two digits; all others have three. https://www.itu.int/pub/T-SP-E.164D does not grow new short ones. */
const SHORT_CODES = new Set(
  (
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 " +
    "90 91 92 93 94 95 98"
  ).split(" "),
);
const DIGITS_MAX = 17;
/** Digits of a number that may begin with the prefix 00. */
const INTERNATIONAL_DIGITS_MIN = 9;
/** What is written between the digits. `x` and letters would be an extension, which is another format. */
const PUNCTUATION = /^[\s+().\-–‐‑/]*$/;

/** What stays at the front, and what is permuted behind it. */
export interface PhoneParts {
  readonly international: boolean;
  /** Digits of the prefix and country code as written, or the trunk zero. */
  readonly kept: string;
  /** The country code alone; empty in a national number. */
  readonly code: string;
  readonly rest: string;
}

/** Undefined for what is no telephone number. `rest` leaves out the `(0)` that is not dialled from abroad. */
export function phoneParts(value: string): PhoneParts | undefined {
  const shortened = value.replace("(0)", "");
  const digits = shortened.replaceAll(/[^0-9]/g, "");
  if (!PUNCTUATION.test(value.replaceAll(/[0-9]/g, "")) || digits.length > DIGITS_MAX || digits === "")
    return undefined;
  // One digit in brackets could come out as a zero, and that would be read as the trunk prefix.
  if (/\([0-9]\)/.test(shortened)) return undefined;
  const plus = /^\s*\(?\+/.test(value);
  const prefix = !plus && digits.startsWith("00") && digits.length >= INTERNATIONAL_DIGITS_MIN ? "00" : "";
  if (plus || prefix !== "") {
    const number = digits.slice(prefix.length);
    if (number.startsWith("0")) return undefined;
    const code =
      [1, 2].map((length) => number.slice(0, length)).find((short) => SHORT_CODES.has(short)) ?? number.slice(0, 3);
    return { international: true, kept: prefix + code, code, rest: number.slice(code.length) };
  }
  // "(0)30 …" without a country: the zero is dialled.
  const dialled = value.replaceAll(/[^0-9]/g, "");
  const kept = dialled.startsWith("0") ? "0" : "";
  return { international: false, kept, code: "", rest: dialled.slice(kept.length) };
}

export const phoneFormat: Format = {
  encrypt: (value, cipher) => permuted(value, cipher, "encrypt"),
  decrypt: (value, cipher) => permuted(value, cipher, "decrypt"),
};

function permuted(value: string, cipher: Cipher, direction: "encrypt" | "decrypt"): string {
  const parts = phoneParts(value);
  if (parts === undefined) throw notInFormat("a telephone number is digits and punctuation");
  const { international, kept, code, rest } = parts;
  // Behind a trunk zero, or where one could stand, no zero may begin: the result would be read as another kind of number.
  const lowest = international ? 0n : 10n ** BigInt(Math.max(0, rest.length - 1));
  if (!international && !/^[1-9]/.test(rest)) throw notInFormat("a national number begins with at most one zero");
  const size = 10n ** BigInt(rest.length) - lowest;
  const permutation = cipher(`phone ${international ? `+${code}` : kept} ${rest.length}`, size);
  const number = permutation[direction](BigInt(rest) - lowest) + lowest;
  const digits = number.toString().padStart(rest.length, "0");
  if (digits === rest) throw new OperatorError("unchanged", "the number would stay as it is");
  if (!international) return withDigits(value, kept + digits);
  // The `(0)` keeps its place.
  const trunk = value.indexOf("(0)");
  if (trunk < 0) return withDigits(value, kept + digits);
  const before = value.slice(0, trunk).replaceAll(/[^0-9]/g, "").length;
  const all = kept + digits;
  return withDigits(value, `${all.slice(0, before)}0${all.slice(before)}`);
}
