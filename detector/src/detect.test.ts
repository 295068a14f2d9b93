import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "./detect.ts";
import { CHAT, FRAGMENTS } from "./test/corpus.ts";
import { HARD_NEGATIVES, impersonalLine } from "./test/impersonal.ts";
import { choices } from "./test/random.ts";
import type { DetectOptions } from "./options.ts";
import { TYPES } from "./types.ts";

function found(text: string, options?: DetectOptions): (readonly [type: string, value: string])[] {
  return detect(text, options).map(({ type, start, end }) => [type, text.slice(start, end)] as const);
}

describe("detect", () => {
  it("finds an e-mail address and an order number in a request for a refund", () => {
    expect(found("Send a refund to john.doe@example.com for order #12345")).toEqual([
      ["EMAIL", "john.doe@example.com"],
      ["ORDER_NUMBER", "#12345"],
    ]);
  });

  it("finds six things in a chat message", () => {
    expect(found(CHAT).map(([type]) => type)).toEqual(["EMAIL", "PHONE", "ORDER_NUMBER", "IBAN", "CARD", "IP_ADDRESS"]);
  });

  it("says for each finding its category, its DPV term, a score and why", () => {
    for (const finding of detect(CHAT)) {
      const row = TYPES[finding.type];
      expect(finding).toMatchObject({ category: row?.category, dpv: row?.dpv });
      expect(finding.dpv).toMatch(/^pd:[A-Z]\w+$/);
      expect(finding.score).toBeGreaterThanOrEqual(0.5);
      expect(finding.score).toBeLessThanOrEqual(1);
      expect(finding.recognizer).toMatch(/^[a-z-]+$/);
    }
    expect(detect("DE89370400440532013000")[0]?.why).toBe("checksum mod-97, country DE");
  });

  it("looks only for the types that were asked for, so that no other type hides them", () => {
    const text = "password=john1@example.com";
    expect(found(text)).toEqual([["SECRET", "john1@example.com"]]);
    expect(found(text, { types: ["EMAIL"] })).toEqual([["EMAIL", "john1@example.com"]]);
    expect(found(CHAT, { types: [] })).toEqual([]);
    expect(found(CHAT, { types: ["NOT_A_TYPE"] })).toEqual([]);
  });

  it("takes each call's options as they are then, also when they were changed in place", () => {
    const text = "mail john.doe@example.com from 192.0.2.44";
    const types = ["EMAIL"];
    const thresholds: Record<string, number> = {};
    const options: DetectOptions = { types, thresholds };
    expect(found(text, options)).toEqual([["EMAIL", "john.doe@example.com"]]);
    types[0] = "IP_ADDRESS";
    expect(found(text, options)).toEqual([["IP_ADDRESS", "192.0.2.44"]]);
    types.push("EMAIL");
    expect(found(text, options)).toHaveLength(2);
    thresholds["EMAIL"] = 1;
    expect(found(text, options)).toEqual([["IP_ADDRESS", "192.0.2.44"]]);
    options.scoreMin = 1;
    expect(found(text, options)).toEqual([]);
    expect(found(text)).toHaveLength(2);
    expect(() => detect(text, { types: "E" as unknown as string[] })).toThrow(TypeError);
    expect(() => detect(text, { types: ["E"] })).not.toThrow();
    expect(() => detect(text, { types: "E" as unknown as string[] })).toThrow(TypeError);
  });

  it("reports weaker findings when asked to, and only strong ones likewise", () => {
    expect(found("rx 561301706082")).toEqual([]);
    expect(found("rx 561301706082", { scoreMin: 0.4 })).toEqual([["CARD", "561301706082"]]);
    expect(found(CHAT, { scoreMin: 0.98 }).map(([type]) => type)).toEqual(["EMAIL", "IBAN"]);
  });
});

it("what operators wrote in place of values is not found again", () => {
  const scrubbed =
    "[EMAIL_1], [PHONE:12345678], phone [PHONE:9f8a12345678], order [ORDER_NUMBER:12ab34cd56], [IBAN], " +
    'key [SECRET:9f86d081884c7d65], {"orderId": "[ORDER_NUMBER_12]", "password": "[SECRET_3]"}';
  expect(found(scrubbed)).toEqual([]);
});

describe("of findings that overlap", () => {
  it.each([
    ["an IBAN stands, not a phone number", "Telefon DE89370400440532013000", [["IBAN", "DE89370400440532013000"]]],
    ["a card stands, not a phone number", "call 4111 1111 1111 1111", [["CARD", "4111 1111 1111 1111"]]],
    ["a card stands, not an order number", "order number 4111111111111111", [["CARD", "4111111111111111"]]],
    [
      "a secret stands, not the URL in it",
      "ftp://anna:pa55w0rd@host/?user=joe",
      [["SECRET", "ftp://anna:pa55w0rd@host/?user=joe"]],
    ],
    ["a URL stands, not the IP address in it", "http://anna@10.1.2.3/x", [["URL", "http://anna@10.1.2.3/x"]]],
    ["the longer of two stands", "https://e.org/?user=joe77&x=1", [["URL", "https://e.org/?user=joe77&x=1"]]],
  ])("%s", (_, text, expected) => {
    expect(found(text)).toEqual(expected);
  });
});

describe("texts without personal data", () => {
  it.each(HARD_NEGATIVES.map((text) => [text]))("%j", (text) => {
    expect(found(text)).toEqual([]);
  });

  it("nothing is found in 3000 generated lines of logs, tables and programs", () => {
    const random = choices(4711);
    const wrong = Array.from({ length: 3000 }, () => impersonalLine(random)).filter((line) => detect(line).length > 0);
    expect(wrong).toEqual([]);
  });
});

describe("whatever the text", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 }).map((codes) => String.fromCharCode(...codes)),
    fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 30 }).map((parts) => parts.join("")),
  );
  const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
  const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

  it("findings are sorted, in range, apart, and never split a surrogate pair; why never holds the value", () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(undefined, "DE", "US", "??"), (text, region) => {
        let last = 0;
        for (const { start, end, why } of detect(text, region === undefined ? {} : { defaultRegion: region })) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          for (const edge of [start, end]) {
            expect(isHigh(text.charCodeAt(edge - 1)) && isLow(text.charCodeAt(edge))).toBe(false);
          }
          if (end - start > 3) expect(why).not.toContain(text.slice(start, end));
          last = end;
        }
      }),
      { numRuns: 1500 },
    );
  });
});
