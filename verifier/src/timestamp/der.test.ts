import { describe, expect, test } from "vitest";
import { VerifierError } from "../errors.ts";
import { Fields, TAG, readDer, readNumber, readOid, readPositive, readTime } from "./der.ts";
import { writeDer, writeInteger, writeOid, writeSequence } from "./der-writer.ts";
import { formatTimestampRequest } from "./request.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

function codeOf(run: () => unknown): string {
  try {
    run();
    return "ok";
  } catch (error) {
    if (error instanceof VerifierError) return error.code;
    throw error;
  }
}

describe("what is not DER is refused", () => {
  test.each([
    ["nothing", ""],
    ["a tag alone", "30"],
    ["a length beyond the end", "30 02 05"],
    ["bytes after the end", "05 00 00"],
    ["the indefinite length of BER", "30 80 00 00"],
    ["a length that is longer than it need be", "30 81 02 05 00"],
    ["a length with a leading zero", "30 82 00 80 04 7e"],
    ["a length of four bytes", "30 84 00 00 00 00"],
    ["a tag of several bytes", "1f 81 00 00"],
    ["an application's tag", "41 00"],
    ["a type that nobody uses", "09 00"],
    ["a constructed octet string", "24 04 04 02 00 00"],
    ["a primitive sequence", "10 00"],
    ["a boolean of another truth", "01 01 01"],
    ["a boolean of two bytes", "01 02 ff ff"],
    ["an empty integer", "02 00"],
    ["an integer with a leading zero", "02 02 00 7f"],
    ["a negative integer with a leading ff", "02 02 ff 80"],
    ["an empty bit string", "03 00"],
    ["a bit string with eight unused bits", "03 02 08 00"],
    ["unused bits that are set", "03 02 01 01"],
    ["unused bits of nothing", "03 01 01"],
    ["a null that holds something", "05 01 00"],
    ["an empty object identifier", "06 00"],
    ["an object identifier that goes on", "06 02 2a 86"],
    ["an arc with a leading zero", "06 03 2a 80 01"],
    ["text that is not UTF-8", "0c 01 ff"],
    ["a time without seconds", `17 0b ${Buffer.from("2611210900Z").toString("hex")}`],
    ["a time of a zone", `17 11 ${Buffer.from("261121090000+0100").toString("hex")}`],
    ["a fraction that ends with a zero", `18 11 ${Buffer.from("20261121090000.0Z").toString("hex")}`],
    ["a set out of order", "31 06 02 01 02 02 01 01"],
    ["the same within", "30 05 02 03 00 00 01"],
  ])("%s", (_, bytes) => {
    expect(codeOf(() => readDer(hex(bytes)))).toBe("der_malformed");
  });

  test("what is nested too deeply, or has too many parts", () => {
    const nested = (depth: number): Uint8Array => (depth === 1 ? hex("05 00") : writeSequence(nested(depth - 1)));
    expect(codeOf(() => readDer(nested(24)))).toBe("ok");
    expect(codeOf(() => readDer(nested(25)))).toBe("der_malformed");
    const nulls = (count: number): Uint8Array =>
      writeSequence(new Uint8Array(Buffer.from("0500".repeat(count), "hex")));
    expect(codeOf(() => readDer(nulls(8_191)))).toBe("ok");
    expect(codeOf(() => readDer(nulls(8_192)))).toBe("der_malformed");
  });

  test("a structure with more or less than it has, or of another type", () => {
    const two = (tag: number): Fields => new Fields(readDer(writeDer(tag, writeInteger(1), writeInteger(2))), "two");
    expect(codeOf(() => two(TAG.sequence).take(TAG.octetString))).toBe("der_malformed");
    expect(codeOf(() => two(TAG.sequence).end())).toBe("der_malformed");
    expect(codeOf(() => two(TAG.set))).toBe("der_malformed");
    const fields = two(TAG.sequence);
    expect(fields.rest(TAG.integer).map(readNumber)).toEqual([1, 2]);
    fields.end();
    expect(codeOf(() => fields.any())).toBe("der_malformed");
  });
});

test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1])(
  "the number %i is read as it was written",
  (value) => {
    expect(readNumber(readDer(writeInteger(value)))).toBe(value);
  },
);

test("numbers that are negative, or too large for where they stand, are refused", () => {
  expect(codeOf(() => readNumber(readDer(hex("02 01 ff"))))).toBe("der_malformed");
  expect(codeOf(() => readNumber(readDer(writeInteger(2 ** 31))))).toBe("der_malformed");
  expect(codeOf(() => readPositive(readDer(hex("02 01 80"))))).toBe("der_malformed");
  expect([...readPositive(readDer(writeInteger(Uint8Array.of(0, 0, 200, 1))))]).toEqual([200, 1]);
});

test.each(["1.2.840.113549.1.9.16.1.4", "2.5.29.37", "2.999.1", "0.9.2342", "1.3.6.1.4.1.57264.2"])(
  "the object identifier %s is read as it was written",
  (oid) => {
    expect(readOid(readDer(writeOid(oid)))).toBe(oid);
  },
);

test.each([
  [0x17, "261121090000Z", "2026-11-21T09:00:00.000Z"],
  [0x17, "491231235959Z", "2049-12-31T23:59:59.000Z"],
  [0x17, "500101000000Z", "1950-01-01T00:00:00.000Z"],
  [0x18, "20261121090000.0019Z", "2026-11-21T09:00:00.001Z"],
])("the time %i %s is %s", (tag, text, time) => {
  expect(new Date(readTime(readDer(writeDer(tag, Buffer.from(text))))).toISOString()).toBe(time);
});

test.each(["20260230000000Z", "20261301000000Z", "20261121240000Z", "20261121096000Z"])(
  "the time %s is none",
  (text) => {
    expect(codeOf(() => readTime(readDer(writeDer(0x18, Buffer.from(text)))))).toBe("der_malformed");
  },
);

test("lengths of every form are read as they were written", () => {
  for (const length of [0, 127, 128, 255, 256, 60_000]) {
    expect(readDer(writeDer(TAG.octetString, new Uint8Array(length))).content.length).toBe(length);
  }
});

test("a request has a nonce of eight bytes or more", () => {
  const imprint = { algorithm: "SHA-256", hash: new Uint8Array(32) } as const;
  expect(codeOf(() => formatTimestampRequest({ imprint, nonce: new Uint8Array(7) }))).toBe("timestamp_malformed");
  expect(codeOf(() => readDer(formatTimestampRequest({ imprint, nonce: new Uint8Array(8) })))).toBe("ok");
});
