import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { NOTE_SIGNATURES_MAX, formatNote, parseNote } from "./note.ts";
import { flipBit, holdsFor, line, nearlyBytes, nearlyText, signature } from "./test/arbitraries.ts";

const note = fc.record({
  text: fc
    .array(fc.oneof(line, fc.constant("")), { minLength: 1, maxLength: 5 })
    .map((lines) => `${lines.join("\n")}\n`),
  signatures: fc.array(signature, { minLength: 1, maxLength: 4 }),
});
const unchanged = holdsFor(parseNote, formatNote);
const LINE = "\u2014 a AAAAAAA=\n";

describe("reading and writing", () => {
  test("a note reads back from its text", () => {
    fc.assert(
      fc.property(note, (value) => {
        expect(parseNote(formatNote(value))).toEqual(value);
        expect(parseNote(Buffer.from(formatNote(value)))).toEqual(value);
      }),
    );
  });

  test("any bytes and any text either are a note, which is written back the same, or give a VerifierError", () => {
    fc.assert(fc.property(fc.oneof(nearlyBytes, nearlyText), unchanged), { numRuns: 5_000 });
  });

  test("a note with one bit changed is refused or is written back with the change", () => {
    fc.assert(
      fc.property(note, fc.nat(), (value, noise) => {
        const bytes = Buffer.from(formatNote(value));
        unchanged(flipBit(bytes, noise % (bytes.length * 8)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("limits", () => {
  test("100 signatures are accepted and 101 are not", () => {
    expect(parseNote(`t\n\n${LINE.repeat(NOTE_SIGNATURES_MAX)}`).signatures).toHaveLength(NOTE_SIGNATURES_MAX);
    expect(() => parseNote(`t\n\n${LINE.repeat(NOTE_SIGNATURES_MAX + 1)}`)).toThrow(VerifierError);
    expect(() => formatNote({ text: "t\n", signatures: [] })).toThrow(VerifierError);
  });

  test("a note over 1,000,000 bytes is refused, as bytes and as text, in ASCII and beyond", () => {
    for (const fill of ["x".repeat(1_000_001), "\u00e9".repeat(500_001)]) {
      const text = `${fill}\n\n${LINE}`;
      expect(() => parseNote(text)).toThrow(VerifierError);
      expect(() => parseNote(Buffer.from(text))).toThrow(VerifierError);
    }
  });

  test("a text that is all newlines takes no time out of proportion", () => {
    const started = performance.now();
    expect(() => parseNote("\n".repeat(999_999))).toThrow(VerifierError);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test.each([
  ["a text without final newline", { text: "t", signatures: [] }],
  ["a control character", { text: "t\u0001\n", signatures: [] }],
  ["a lone surrogate", { text: "\ud800\n", signatures: [] }],
  [
    "a name with a space",
    { text: "t\n", signatures: [{ name: "a b", keyId: "00000000", signature: new Uint8Array(1) }] },
  ],
  [
    "a key id in upper case",
    { text: "t\n", signatures: [{ name: "a", keyId: "0000000A", signature: new Uint8Array(1) }] },
  ],
  ["an empty signature", { text: "t\n", signatures: [{ name: "a", keyId: "00000000", signature: new Uint8Array(0) }] }],
])("%s is not written", (_, value) => {
  expect(() => formatNote(value)).toThrow(VerifierError);
});
