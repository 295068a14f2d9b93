import fc from "fast-check";
import { expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { flipBit, holdsFor, keyName, nearlyBytes, nearlyText } from "./test/arbitraries.ts";
import { KEY_TYPES, formatVkey, parseVkey } from "./vkey.ts";

const unchanged = holdsFor(parseVkey, formatVkey);
const key = fc.constantFrom(KEY_TYPES.ed25519, KEY_TYPES.mlDsa44).chain(({ type, publicKeyBytes }) =>
  fc.record({
    name: keyName,
    type: fc.constant(type),
    publicKey: fc.uint8Array({ minLength: publicKeyBytes, maxLength: publicKeyBytes }).map((b) => new Uint8Array(b)),
  }),
);

test("a key reads back from its vkey", () => {
  fc.assert(
    fc.property(key, (value) => {
      expect(parseVkey(formatVkey(value))).toMatchObject(value);
    }),
    { numRuns: 50 },
  );
});

test("any bytes and any text either are a vkey, which is written back the same, or give a VerifierError", () => {
  fc.assert(fc.property(fc.oneof(nearlyBytes, nearlyText), unchanged), { numRuns: 3_000 });
});

test("a vkey with any one bit changed is refused", () => {
  const vkey = Buffer.from(formatVkey({ name: "example.com/log", type: 1, publicKey: new Uint8Array(32).fill(9) }));
  for (let bit = 0; bit < vkey.length * 8; bit++) {
    expect(() => parseVkey(flipBit(vkey, bit)), String(bit)).toThrow(VerifierError);
  }
});

test("a type that cannot be verified here has a code of its own", () => {
  const vkey = "PeterNeumann+c74f20a3+AhpcZ2NhAA==";
  expect(() => parseVkey(vkey)).toThrow(expect.objectContaining({ code: "vkey_type_unknown" }));
  expect(() => formatVkey({ name: "a", type: 2, publicKey: new Uint8Array(32) })).toThrow(VerifierError);
  expect(() => formatVkey({ name: "a", type: 1, publicKey: new Uint8Array(31) })).toThrow(VerifierError);
  expect(() => formatVkey({ name: "a+b", type: 1, publicKey: new Uint8Array(32) })).toThrow(VerifierError);
});
