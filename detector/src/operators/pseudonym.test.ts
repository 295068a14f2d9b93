import fc from "fast-check";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { TYPES } from "../types.ts";
import { OperatorKeys } from "./keys.ts";
import { findMarks } from "./marks.ts";
import { pseudonym } from "./pseudonym.ts";

const options = { master: new Uint8Array(32).fill(3), keyId: "k1", purpose: "analytics", epoch: "1" };
const keys = new OperatorKeys(options);

describe("pseudonym", () => {
  it("is the same for the same value in any spelling, under one key", () => {
    expect(pseudonym("EMAIL", "Jane@Example.org", keys)).toBe(pseudonym("EMAIL", "jane@example.org", keys));
    expect(pseudonym("IBAN", "DE89 3704 0044 0532 0130 00", keys)).toBe(
      pseudonym("IBAN", "de89370400440532013000", keys),
    );
    expect(pseudonym("EMAIL", "jane@example.org", new OperatorKeys(options))).toBe(
      pseudonym("EMAIL", "jane@example.org", keys),
    );
  });

  it("is 80 bits of HMAC-SHA-256 in base 32", () => {
    const mac = createHmac("sha256", keys.derive("pseudonym", "EMAIL")).update("\0jane@example.org").digest();
    let bits = "";
    for (const byte of mac.subarray(0, 10)) bits += byte.toString(2).padStart(8, "0");
    const tag = (bits.match(/.{5}/g) ?? []).map((five) => "0123456789abcdefghjkmnpqrstvwxyz"[Number.parseInt(five, 2)]);
    expect(pseudonym("EMAIL", "jane@example.org", keys)).toBe(`[EMAIL:${tag.join("")}]`);
    expect(pseudonym("EMAIL", "jane@example.org", keys, "plain")).toBe(`email_${tag.join("")}`);
  });

  it("differs between types, purposes and epochs, so that they cannot be joined", () => {
    const tags = [
      pseudonym("PERSON", "4711", keys),
      pseudonym("ORDER_NUMBER", "4711", keys),
      pseudonym("PERSON", "4711", new OperatorKeys({ ...options, purpose: "billing" })),
      pseudonym("PERSON", "4711", new OperatorKeys({ ...options, epoch: "2" })),
    ].map((mark) => mark.slice(mark.indexOf(":")));
    expect(new Set(tags).size).toBe(4);
  });

  it("does not collide, does not hold the value, and is not found again", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 3 }), { maxLength: 20 }), (values) => {
        for (const value of values) {
          const mark = pseudonym("PERSON", value, keys);
          expect(mark).toMatch(/^\[PERSON:[0-9a-hjkmnp-tv-z]{16}\]$/);
          seen.add(mark);
        }
      }),
    );
    for (const type of Object.keys(TYPES)) {
      const mark = pseudonym(type, "value", keys);
      expect(findMarks(mark)).toEqual([{ start: 0, end: mark.length }]);
      const text = `order ${mark}, customer number ${mark}; password: ${pseudonym(type, "value", keys, "plain")} end`;
      expect(detect(text).filter((finding) => finding.type !== "PERSON")).toEqual([]);
    }
  });

  it.each([
    ["type", () => pseudonym("", "x", keys)],
    ["value", () => pseudonym("EMAIL", undefined as unknown as string, keys)],
    ["keys", () => pseudonym("EMAIL", "x", {} as OperatorKeys)],
    ["form", () => pseudonym("EMAIL", "x", keys, "short" as "plain")],
  ])("refuses a wrong %s with a TypeError that names it", (argument, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(`^${argument} `));
  });
});
