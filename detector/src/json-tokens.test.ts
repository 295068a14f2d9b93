import fc from "fast-check";
import { expect, it } from "vitest";
import { escapeJson, JsonTokens } from "./json-tokens.ts";

/** What a sink saw, with runs joined. */
function read(pieces: readonly string[]): { raw: string; strings: string[] } {
  let raw = "";
  const strings: string[] = [];
  const grow = (source: string, decoded: string) => {
    raw += source;
    strings[strings.length - 1] += decoded;
  };
  const tokens = new JsonTokens({
    outside: (text) => {
      raw += text;
    },
    open: () => {
      raw += '"';
      strings.push("");
    },
    text: (run) => grow(run, run),
    escape: grow,
    close: () => {
      raw += '"';
    },
  });
  for (const piece of pieces) tokens.push(piece);
  return { raw: raw + tokens.end(), strings };
}

function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap(stringsOf)
    : Object.entries(value).flatMap(([key, one]) => [key, ...stringsOf(one)]);
}

it("decodes every string and loses no character, one at a time too", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.nat({ max: 4 }), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent).replace(
        /[^\n -~]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      const whole = read([text]);
      expect(whole).toEqual({ raw: text, strings: stringsOf(JSON.parse(text)) });
      expect(read(text.split(""))).toEqual(whole);
    }),
  );
});

it("passes text that is not JSON", () => {
  for (const text of ["\\", '"\\', '"\\u', '"\\u12', '"\\uzz"', '"\\u12"3"', "]}", '"a\nb']) {
    const whole = read([text]);
    expect(whole.raw).toBe(text);
    expect(read(text.split(""))).toEqual(whole);
  }
});

it("F6 escapes what JSON and line-oriented readers need", () => {
  expect(escapeJson('a"b\\c\n\u2028\u2029\ud800😀')).toBe('a\\"b\\\\c\\n\\u2028\\u2029\\ud800😀');
});
