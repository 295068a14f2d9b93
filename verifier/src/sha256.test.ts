import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256, sha256Prefixed } from "./sha256.ts";

function expected(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

test("sha256 equals node:crypto's for every length from 0 to 300", () => {
  for (let length = 0; length <= 300; length++) {
    const message = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 255);
    expect(sha256(message)).toEqual(expected(message));
  }
});

test("sha256 equals node:crypto's for random messages", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (message) => {
      expect(sha256(message)).toEqual(expected(message));
    }),
  );
});

test("sha256 equals node:crypto's around the size of its own buffer and far beyond", () => {
  for (const length of [65_534, 65_535, 65_536, 65_590, 65_591, 65_592, 65_600, 1_000_003]) {
    const message = Uint8Array.from({ length }, (_, index) => (index * 7) & 255);
    expect(sha256(message)).toEqual(expected(message));
    expect(sha256Prefixed(0, message, message)).toEqual(expected(new Uint8Array(1), message, message));
  }
});

test("sha256Prefixed hashes prefix, first and second part in that order", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (prefix, a, b) => {
      expect(sha256Prefixed(prefix, a, b)).toEqual(expected(Uint8Array.of(prefix), a, b));
    }),
  );
});

test("a long message leaves nothing behind for the next", () => {
  sha256(new Uint8Array(500).fill(255));
  expect(sha256(new Uint8Array(3))).toEqual(expected(new Uint8Array(3)));
});
