import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64, decodeUtf8, encodeBase64, encodeHex, parseDecimal } from "./bytes.ts";

test("base64 equals Buffer's and reads back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64");
      expect(encodeBase64(bytes)).toBe(text);
      expect(decodeBase64(text)).toEqual(new Uint8Array(bytes));
      expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
    }),
  );
});

test("any text that base64 accepts is the only spelling of its bytes", () => {
  const alphabet = fc.constantFrom(..."ABab01+/=-_ \n\u00c0");
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
      const bytes = decodeBase64(text);
      if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(text);
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  "A",
  "AA",
  "AAA",
  "AB==",
  "AAB=",
  "=",
  "====",
  "A===",
  "AA=A",
  "AAAA ",
  "AAA\n",
  "AA-_",
  "AAAA====",
  "=AAA",
])("base64 refuses %j", (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});

test("UTF-8 that is not well-formed is refused, and a byte order mark is kept", () => {
  expect(decodeUtf8(Uint8Array.of(0xc3, 0x28))).toBeUndefined();
  expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
  expect(decodeUtf8("\ud800")).toBeUndefined();
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
});

test("decimals have one spelling and end at 2^53 - 1", () => {
  expect(parseDecimal("0")).toBe(0);
  expect(parseDecimal("9007199254740991")).toBe(Number.MAX_SAFE_INTEGER);
  for (const text of ["", "00", "01", "-0", "+1", "1 ", " 1", "1.0", "1e3", "0x1", "9007199254740992", "١", "1\n"]) {
    expect(parseDecimal(text), JSON.stringify(text)).toBeUndefined();
  }
});
