/** What the fuzz tests feed the parsers: valid values, and texts that are almost valid. */

import fc from "fast-check";
import { VerifierError } from "../errors.ts";

export const keyName = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed() && /^[^\p{White_Space}+\p{Cc}]+$/u.test(text));

export const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes));

export const size = fc.oneof(fc.nat(3), fc.nat(100_000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

/** A line of printable text, not empty. */
export const line = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));

export const signature = fc.record({
  name: keyName,
  keyId: fc.stringMatching(/^[0-9a-f]{8}$/),
  signature: fc.uint8Array({ minLength: 1, maxLength: 100 }).map((bytes) => new Uint8Array(bytes)),
});

/** Text made of the pieces that mean something to these formats, plus noise. */
export const nearlyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\u2014 ",
        "\n",
        "\n\n",
        " ",
        "+",
        "=",
        "0",
        "1",
        "700",
        "example.com/log",
        "AAAA",
        "AAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "c2sp.org/tlog-proof@v1",
        "index ",
        "extra ",
        "c74f20a3",
        "{",
        "}",
        '"',
        "\ufeff",
        "\r",
        "\u0000",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(""));

export const nearlyBytes = fc.oneof(
  nearlyText.map((text) => new Uint8Array(Buffer.from(text))),
  fc.uint8Array({ maxLength: 100 }),
);

/**
 * Runs a parser on anything: it must return, or throw VerifierError; what it returns must be written back exactly.
 */
export function holdsFor<T>(parse: (input: Uint8Array | string) => T, format: (value: T) => string) {
  return (input: Uint8Array | string): void => {
    let value: T;
    try {
      value = parse(input);
    } catch (error) {
      if (error instanceof VerifierError) return;
      throw error;
    }
    const text = typeof input === "string" ? input : Buffer.from(input).toString();
    if (format(value) !== text) throw new Error(`accepted, but written back otherwise: ${JSON.stringify(text)}`);
  };
}

/** The same bytes with one bit changed. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[bit >>> 3]! ^= 1 << (bit & 7);
  return copy;
}
