import { describe, expect, it } from "vitest";
import { Sink } from "../recognizers/recognizer.ts";
import { SCORE_MIN } from "../options.ts";
import { type Finding, TYPES } from "../types.ts";
import { Allow } from "./allow.ts";
import { Custom, type CustomRecognizer } from "./custom.ts";

const STAFF: CustomRecognizer = {
  type: "STAFF_NUMBER",
  category: "direct-identifier",
  patterns: [{ name: "staff", regex: String.raw`\bP-\d{5}\b` }],
};

function found(recognizers: readonly CustomRecognizer[], text: string): string[] {
  const custom = new Custom(recognizers);
  const sink = new Sink(undefined, SCORE_MIN, { ...TYPES, ...custom.types });
  custom.find(text, 0, text.length, sink);
  return sink.found.map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
}

describe("recognizers of one's own", () => {
  it("find what their patterns say, with the category they give", () => {
    expect(found([STAFF], "P-12345 met P-1234 and XP-99999")).toEqual(["STAFF_NUMBER P-12345"]);
  });

  it("may add to a known type without naming its category", () => {
    expect(found([{ type: "PHONE", patterns: [{ name: "extension", regex: "x[0-9]{4}" }] }], "ask x1234")).toEqual([
      "PHONE x1234",
    ]);
  });

  it("count a weak pattern only beside one of its context words", () => {
    const weak: CustomRecognizer = {
      ...STAFF,
      patterns: [{ name: "six", regex: String.raw`\b\d{6}\b`, score: 0.3 }],
      context: ["badge", "staff number"],
    };
    expect(found([weak], "the total is 123456")).toEqual([]);
    expect(found([weak], "staff number: 123456")).toEqual(["STAFF_NUMBER 123456"]);
    expect(found([weak], "my BADGE has the digits 123456")).toEqual(["STAFF_NUMBER 123456"]);
  });

  it("find terms as whole words, whatever their case, spacing and normal form", () => {
    const terms: CustomRecognizer = {
      type: "PROJECT",
      category: "secret",
      terms: ["Blue  Heron", "Müller KG", "Blue"],
    };
    expect(found([terms], "BLUE\theron, blueheron, Blue herons; blue. mu\u0308ller kg")).toEqual([
      "PROJECT BLUE\theron",
      "PROJECT Blue",
      "PROJECT blue",
      "PROJECT mu\u0308ller kg",
    ]);
  });

  it("never give half of a surrogate pair", () => {
    for (const text of ["a\u{1f600}b", "\ud83d", "\u{1f600}\u{1f600}"]) {
      for (const each of found([{ ...STAFF, patterns: [{ name: "any", regex: "." }] }], text)) {
        expect(each.isWellFormed() || text === "\ud83d").toBe(true);
      }
    }
  });

  it("run in time linear in the text, whatever the pattern", () => {
    const custom = new Custom([{ ...STAFF, patterns: [{ name: "evil", regex: "(a+)+$" }] }]);
    const run = (chars: number): number => {
      const text = `${"a".repeat(chars)}!`;
      const start = performance.now();
      custom.find(text, 0, text.length, new Sink(undefined, SCORE_MIN, custom.types));
      return performance.now() - start;
    };
    run(1000);
    expect(run(1000)).toBeLessThan(1000);
  });

  it.each([
    ["a pattern that is none", [{ ...STAFF, patterns: [{ name: "x", regex: "(" }] }], "pattern_invalid"],
    ["look-around", [{ ...STAFF, patterns: [{ name: "x", regex: "(?<=a)b" }] }], "pattern_invalid"],
    ["a back-reference", [{ ...STAFF, patterns: [{ name: "x", regex: String.raw`(a)\1` }] }], "pattern_invalid"],
    [
      "a pattern that is too long",
      [{ ...STAFF, patterns: [{ name: "x", regex: "a".repeat(2001) }] }],
      "pattern_too_large",
    ],
    ["a pattern that unfolds", [{ ...STAFF, patterns: [{ name: "x", regex: "(a{100}){100}b{1000}" }] }], "pattern_"],
    ["too many", Array.from({ length: 201 }, () => STAFF), "too_many"],
  ])("refuse %s with a code", (_, recognizers, code) => {
    expect(() => new Custom(recognizers)).toThrow(
      expect.objectContaining({ name: "CustomError", code: expect.stringContaining(code) as string }),
    );
  });

  it.each([
    [[{ type: "lower" }], "recognizers[0].type"],
    [[{ type: "NEW" }], "recognizers[0].category"],
    [[{ ...STAFF, patterns: [{ name: "x", regex: "" }] }], "recognizers[0].patterns[0].regex"],
    [[{ ...STAFF, patterns: [{ name: "x", regex: "a", score: 2 }] }], "recognizers[0].patterns[0].score"],
    [[{ ...STAFF, patterns: [{ name: "a b", regex: "a" }] }], "recognizers[0].patterns[0].name"],
    [[{ ...STAFF, terms: [""] }], "recognizers[0].terms"],
    [[{ ...STAFF, context: [1] }], "recognizers[0].context"],
    ["all", "recognizers"],
  ])("name the argument that is wrong, case %#", (recognizers, argument) => {
    expect(() => new Custom(recognizers as never)).toThrow(TypeError);
    expect(() => new Custom(recognizers as never)).toThrow(argument);
  });
});

describe("values that are allowed", () => {
  const finding = (type: string, text: string): Finding => ({
    ...(TYPES["EMAIL"] as { category: "contact"; dpv: string }),
    type,
    start: 0,
    end: text.length,
    score: 1,
    recognizer: "r",
    why: "w",
  });

  it("are known in every form in which values of the type are written", () => {
    const allow = new Allow(["Support@Example.com", "DE89 3704 0044 0532 0130 00", "Anna"]);
    expect(allow.allows(finding("EMAIL", "support@example.com"), "support@example.com")).toBe(true);
    expect(allow.allows(finding("IBAN", "DE89370400440532013000"), "DE89370400440532013000")).toBe(true);
    expect(allow.allows(finding("PERSON", "ANNA"), "ANNA")).toBe(true);
    expect(allow.allows(finding("EMAIL", "other@example.com"), "other@example.com")).toBe(false);
  });

  it("must be strings", () => {
    expect(() => new Allow("x" as never)).toThrow(new TypeError("allow must be an array of strings"));
  });
});
