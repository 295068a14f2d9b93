import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CodePoints } from "./code-points.ts";
import { type Anonymizer, anonymize, deanonymize } from "./presidio-operators.ts";

const TEXT = "hello world, my name is Jane Doe. My number is: 034453334";
const PERSON = { start: 24, end: 32, score: 0.8, entity_type: "PERSON" };
const PHONE = { start: 48, end: 57, score: 0.95, entity_type: "PHONE_NUMBER" };

const done = (operator: Anonymizer, text = "x Jane 😀", span = { ...PERSON, start: 2, end: 6 }): string =>
  anonymize(text, [span], { DEFAULT: operator }).text;

describe("anonymize", () => {
  test("answers the example of their specification", () => {
    expect(
      anonymize(TEXT, [PERSON, PHONE], {
        PERSON: { type: "redact" },
        PHONE_NUMBER: { type: "replace", new_value: "ANONYMIZED" },
      }),
    ).toEqual({
      text: "hello world, my name is . My number is: ANONYMIZED",
      items: [
        { start: 40, end: 50, entity_type: "PHONE_NUMBER", text: "ANONYMIZED", operator: "replace" },
        { start: 24, end: 24, entity_type: "PERSON", text: "", operator: "redact" },
      ],
    });
    expect(anonymize(TEXT, [PERSON, PHONE], {}).text).toBe(
      "hello world, my name is <PERSON>. My number is: <PHONE_NUMBER>",
    );
  });

  test("masks, keeps and hashes", () => {
    const mask = (chars_to_mask: number, from_end?: boolean) =>
      done({ type: "mask", masking_char: "*", chars_to_mask, ...(from_end === undefined ? {} : { from_end }) });
    expect([mask(2), mask(2, true), mask(9), mask(-1)]).toEqual(["x **ne 😀", "x Ja** 😀", "x **** 😀", "x Jane 😀"]);
    expect(done({ type: "mask", masking_char: "😀", chars_to_mask: 1 })).toBe("x 😀ane 😀");
    expect(() => done({ type: "mask", masking_char: "ab", chars_to_mask: 1 })).toThrow("one character");
    expect(done({ type: "keep" })).toBe("x Jane 😀");
    const salt = "0123456789abcdef";
    for (const hash_type of ["sha256", "sha512"] as const) {
      const expected = createHash(hash_type).update(`Jane${salt}`).digest("hex");
      expect(done({ type: "hash", hash_type, salt })).toBe(`x ${expected} 😀`);
    }
    expect(done({ type: "hash" })).not.toBe(done({ type: "hash" }));
    expect(() => done({ type: "hash", salt: "short" })).toThrow("16 bytes");
  });

  test("counts in code points and leaves no half of a character", () => {
    const text = "😀😀 Jane 𝔘";
    expect(anonymize(text, [{ ...PERSON, start: 3, end: 7 }], {})).toEqual({
      text: "😀😀 <PERSON> 𝔘",
      items: [{ start: 3, end: 11, entity_type: "PERSON", text: "<PERSON>", operator: "replace" }],
    });
    expect(anonymize(text, [{ ...PERSON, start: 1, end: 2 }], {}).text).toBe("😀<PERSON> Jane 𝔘");
    for (const span of [
      { ...PERSON, start: 3, end: 10 },
      { ...PERSON, start: 7, end: 3 },
    ])
      expect(() => anonymize(text, [span], {})).toThrow("analyzer_results[0]");
  });

  test("joins what overlaps and what spaces separate, and drops what lies inside", () => {
    const at = (start: number, end: number, entity_type: string, score = 0.5) => ({ start, end, entity_type, score });
    const text = "0123456789 abcd efgh";
    const replaced = (...spans: ReturnType<typeof at>[]) => anonymize(text, spans, {}).text;
    expect(replaced(at(0, 5, "A"), at(3, 8, "A"))).toBe("<A>89 abcd efgh");
    expect(replaced(at(11, 15, "A"), at(16, 20, "A"))).toBe("0123456789 <A>");
    expect(replaced(at(16, 20, "B"), at(11, 15, "A"))).toBe("0123456789 <A> <B>");
    expect(replaced(at(0, 8, "A"), at(2, 4, "B", 0.9))).toBe("<A>89 abcd efgh");
    expect(replaced(at(0, 8, "A"), at(0, 8, "B", 0.9))).toBe("<B>89 abcd efgh");
    expect(replaced(at(0, 5, "A"), at(3, 8, "B"))).toBe("<A><B>89 abcd efgh");
    expect(replaced(at(4, 4, "A"))).toBe("0123<A>456789 abcd efgh");
  });
});

describe("encryption", () => {
  test("reads the token of their specification, and every token of its own with each length of key", () => {
    const token = "S184CMt9Drj7QaKQ21JTrpYzghnboTF9pn/neN8JME0=";
    const deanonymizers = { PERSON: { type: "decrypt", key: "WmZq4t7w!z%C&F)J" } } as const;
    expect(deanonymize(`My name is ${token}`, [{ start: 11, end: 55, entity_type: "PERSON" }], deanonymizers)).toEqual({
      text: "My name is Chloë",
      items: [{ start: 11, end: 16, entity_type: "PERSON", text: "Chloë", operator: "decrypt" }],
    });
    fc.assert(
      fc.property(
        fc.constantFrom(16, 24, 32),
        fc.string({ unit: "grapheme", minLength: 1 }),
        fc.boolean(),
        (length, value, deterministic) => {
          const key = "k".repeat(length);
          const span = { start: 1, end: 1 + new CodePoints(value).length, entity_type: "E" };
          const sealed = anonymize(`<${value}>`, [{ ...span, score: 1 }], {
            E: { type: "encrypt", key, deterministic },
          });
          expect(sealed.text).toMatch(/^<[A-Za-z0-9_-]+={0,2}>$/);
          expect(deanonymize(sealed.text, sealed.items, { DEFAULT: { type: "decrypt", key } }).text).toBe(`<${value}>`);
        },
      ),
    );
  });

  test("hides equal values unless it is told not to", () => {
    const sealed = (deterministic: boolean) => done({ type: "encrypt", key: "k".repeat(16), deterministic });
    expect(sealed(true)).toBe(sealed(true));
    expect(sealed(false)).not.toBe(sealed(false));
  });

  test("refuses a key of another length, a wrong key and what is no token, and says nothing of the text", () => {
    const key = "k".repeat(16);
    const open = (text: string, with_ = key) =>
      deanonymize(text, [{ start: 0, end: text.length, entity_type: "E" }], { E: { type: "decrypt", key: with_ } });
    expect(() => done({ type: "encrypt", key: "short" })).toThrow("128, 192 or 256 bits");
    const { text } = anonymize("Jane", [{ start: 0, end: 4, entity_type: "E", score: 1 }], {
      E: { type: "encrypt", key },
    });
    for (const [token, other] of [
      [text, "x".repeat(16)],
      ["Jane Doe", key],
      ["AAAA", key],
      [text.slice(0, -4), key],
    ] as const) {
      expect(() => open(token, other)).toThrow("a token in the text cannot be decrypted with this key");
    }
  });

  test("keeps what has no operator", () => {
    expect(deanonymize("Jane", [{ start: 0, end: 4, entity_type: "E" }], {})).toMatchObject({
      text: "Jane",
      items: [{ operator: "deanonymize_keep" }],
    });
  });
});
