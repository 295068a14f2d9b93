import fc from "fast-check";
import { expect, test } from "vitest";
import { ENTRY_BYTES_MAX, formatBundle, parseBundle } from "./bundle.ts";
import { VerifierError } from "./errors.ts";

const entries = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 256 });
const buffers = (list: readonly Uint8Array[]): string[] => list.map((entry) => Buffer.from(entry).toString("hex"));

test("entries read back from their bundle", () => {
  fc.assert(
    fc.property(entries, (list) => {
      expect(buffers(parseBundle(formatBundle(list)))).toEqual(buffers(list));
    }),
  );
});

test("any bytes either are a bundle, which is written back the same, or give a VerifierError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        expect(Buffer.from(formatBundle(parseBundle(bytes))).equals(Buffer.from(bytes))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(VerifierError);
      }
    }),
    { numRuns: 5_000 },
  );
});

test("a bundle cut anywhere is refused or holds fewer entries", () => {
  const bundle = formatBundle([Buffer.from("one"), Buffer.from(""), Buffer.from("three")]);
  for (let length = 0; length < bundle.length; length++) {
    const cut = bundle.subarray(0, length);
    if (length === 5 || length === 7) expect(parseBundle(cut).length).toBeLessThan(3);
    else expect(() => parseBundle(cut)).toThrow(VerifierError);
  }
});

test("the longest entry passes, a longer one and a 257th are refused", () => {
  const longest = new Uint8Array(ENTRY_BYTES_MAX).fill(7);
  expect(parseBundle(formatBundle([longest]))).toEqual([longest]);
  expect(() => formatBundle([new Uint8Array(ENTRY_BYTES_MAX + 1)])).toThrow(VerifierError);
  expect(() => formatBundle(Array.from({ length: 257 }, () => longest.subarray(0, 1)))).toThrow(VerifierError);
  expect(() => formatBundle([])).toThrow(VerifierError);
  expect(() => parseBundle(new Uint8Array(2 * 257))).toThrow(VerifierError);
});
