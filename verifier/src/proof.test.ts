import fc from "fast-check";
import { expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { formatProof, parseProof } from "./proof.ts";
import { flipBit, hash, holdsFor, line, nearlyBytes, nearlyText, signature } from "./test/arbitraries.ts";
import { formatCheckpoint } from "./checkpoint.ts";

const unchanged = holdsFor(parseProof, formatProof);
const parts = fc
  .record({
    hashes: fc.array(hash, { maxLength: 6 }),
    extra: fc.option(
      fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => new Uint8Array(bytes)),
      { nil: undefined },
    ),
    origin: line,
    size: fc.integer({ min: 1, max: 1_000_000 }),
    root: hash,
    signatures: fc.array(signature, { minLength: 1, maxLength: 3 }),
  })
  .chain((some) => fc.record({ some: fc.constant(some), index: fc.nat(some.size - 1) }))
  .map(({ some: { hashes, extra, origin, size, root, signatures }, index }) => {
    const note = { text: formatCheckpoint({ origin, size, root }), signatures };
    return extra === undefined ? { index, hashes, note } : { index, hashes, extra, note };
  });

test("a proof reads back from its text", () => {
  fc.assert(
    fc.property(parts, (value) => {
      expect(parseProof(formatProof(value))).toMatchObject(value);
    }),
  );
});

test("any bytes and any text either are a proof, which is written back the same, or give a VerifierError", () => {
  fc.assert(fc.property(fc.oneof(nearlyBytes, nearlyText), unchanged), { numRuns: 5_000 });
});

test("a proof with one bit changed is refused or says something else", () => {
  fc.assert(
    fc.property(parts, fc.nat(), (value, noise) => {
      const bytes = Buffer.from(formatProof(value));
      unchanged(flipBit(bytes, noise % (bytes.length * 8)));
    }),
    { numRuns: 2_000 },
  );
});

test("an index that is not below the size, 64 hashes and a short hash are not written", () => {
  const note = { text: formatCheckpoint({ origin: "o", size: 3, root: new Uint8Array(32) }), signatures: [] };
  const [good] = fc.sample(signature, 1);
  const signed = { ...note, signatures: [good!] };
  const one = new Uint8Array(32);
  expect(parseProof(formatProof({ index: 2, hashes: [one], note: signed })).index).toBe(2);
  expect(() => formatProof({ index: 3, hashes: [one], note: signed })).toThrow(VerifierError);
  expect(() => formatProof({ index: -1, hashes: [one], note: signed })).toThrow(VerifierError);
  expect(() => formatProof({ index: 2, hashes: Array.from({ length: 64 }, () => one), note: signed })).toThrow(
    VerifierError,
  );
  expect(() => formatProof({ index: 2, hashes: [one.subarray(1)], note: signed })).toThrow(VerifierError);
  expect(() => formatProof({ index: 2, hashes: [one], extra: new Uint8Array(0), note: signed })).toThrow(VerifierError);
  expect(() => formatProof({ index: 2, hashes: [one], extra: new Uint8Array(65_536), note: signed })).toThrow(
    VerifierError,
  );
  expect(() => formatProof({ index: 2, hashes: [one], note })).toThrow(VerifierError);
});
