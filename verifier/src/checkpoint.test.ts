import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { VerifierError } from "./errors.ts";
import { flipBit, hash, holdsFor, line, nearlyBytes, nearlyText, size } from "./test/arbitraries.ts";

const unchanged = holdsFor(parseCheckpoint, formatCheckpoint);
const checkpoint = fc.oneof(
  fc.record({ origin: line, size, root: hash }),
  fc.record({ origin: line, size, root: hash, extensions: fc.array(line, { minLength: 1, maxLength: 3 }) }),
);

test("a checkpoint reads back from its text", () => {
  fc.assert(
    fc.property(checkpoint, (value) => {
      expect(parseCheckpoint(formatCheckpoint(value))).toEqual(value);
    }),
  );
});

test("any bytes and any text either are a checkpoint, which is written back the same, or give a VerifierError", () => {
  fc.assert(fc.property(fc.oneof(nearlyBytes, nearlyText), unchanged), { numRuns: 5_000 });
});

test("a checkpoint with one bit changed is refused or says something else", () => {
  fc.assert(
    fc.property(checkpoint, fc.nat(), (value, noise) => {
      const bytes = Buffer.from(formatCheckpoint(value));
      unchanged(flipBit(bytes, noise % (bytes.length * 8)));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  { origin: "", size: 1, root: new Uint8Array(32) },
  { origin: "a\nb", size: 1, root: new Uint8Array(32) },
  { origin: "\ud800", size: 1, root: new Uint8Array(32) },
  { origin: "a", size: -1, root: new Uint8Array(32) },
  { origin: "a", size: 1.5, root: new Uint8Array(32) },
  { origin: "a", size: 2 ** 53, root: new Uint8Array(32) },
  { origin: "a", size: 1, root: new Uint8Array(31) },
  { origin: "a", size: 1, root: new Uint8Array(32), extensions: [""] },
])("%j is not written", (value) => {
  expect(() => formatCheckpoint(value)).toThrow(VerifierError);
});
