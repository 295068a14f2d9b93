import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ML_DSA_44_SIGNATURE_BYTES,
  cosignedMessage,
  formatTimestampedSignature,
  parseTimestampedSignature,
} from "./cosignature.ts";
import { VerifierError } from "./errors.ts";
import { size } from "./test/arbitraries.ts";

const valid = { cosigner: "c", timestamp: 1, origin: "o", size: 1, root: new Uint8Array(32) };

test("a timestamped signature reads back from its bytes", () => {
  fc.assert(
    fc.property(size, fc.nat(255), (timestamp, fill) => {
      const value = { timestamp, signature: new Uint8Array(ML_DSA_44_SIGNATURE_BYTES).fill(fill) };
      expect(parseTimestampedSignature(formatTimestampedSignature(value))).toEqual(value);
    }),
  );
});

test("other lengths and times beyond 2^53 - 1 are refused", () => {
  const bytes = formatTimestampedSignature({ timestamp: 1, signature: new Uint8Array(ML_DSA_44_SIGNATURE_BYTES) });
  expect(() => parseTimestampedSignature(bytes.subarray(1))).toThrow(VerifierError);
  expect(() => parseTimestampedSignature(new Uint8Array(bytes.length + 1))).toThrow(VerifierError);
  expect(() => parseTimestampedSignature(new Uint8Array(0))).toThrow(VerifierError);
  expect(() => parseTimestampedSignature(bytes.fill(255, 0, 8))).toThrow(VerifierError);
  expect(() => formatTimestampedSignature({ timestamp: 1, signature: new Uint8Array(63) })).toThrow(VerifierError);
});

test("the time is read from a view into a larger buffer", () => {
  const bytes = formatTimestampedSignature({ timestamp: 77, signature: new Uint8Array(ML_DSA_44_SIGNATURE_BYTES) });
  const larger = new Uint8Array(bytes.length + 3).fill(255);
  larger.set(bytes, 3);
  expect(parseTimestampedSignature(larger.subarray(3)).timestamp).toBe(77);
});

test.each([
  { ...valid, cosigner: "" },
  { ...valid, cosigner: "\u00e9".repeat(128) },
  { ...valid, origin: "" },
  { ...valid, origin: "o".repeat(256) },
  { ...valid, size: -1 },
  { ...valid, timestamp: 0.5 },
  { ...valid, root: new Uint8Array(31) },
])("there is no message for case %#", (value) => {
  expect(() => cosignedMessage(value)).toThrow(VerifierError);
});
