import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRestorer } from "../restore.ts";
import { formStream } from "./stream.ts";
import { everywhere, saying, written } from "./test/written.ts";

const said = (text: string, form: "json" | "jsonl" = "json") => written(form, text).found.map(saying);

describe("a value in JSON", () => {
  it("has its key as context", () => {
    expect(said('{"customerNumber":"A-48213","note":"A-48213"}')).toEqual(["CUSTOMER_NUMBER A-48213 @ customerNumber"]);
    expect(said('{"customerNumber": 4821377, "count": 4821377}')).toEqual(["CUSTOMER_NUMBER 4821377 @ customerNumber"]);
  });

  it("has the key of its object as context too", () => {
    expect(said('{"customer":{"number":"48213"}}')).toEqual(["CUSTOMER_NUMBER 48213 @ customer.number"]);
    expect(said('{"customers":[{"order":{"id":"48213"}}]}')).toEqual(["ORDER_NUMBER 48213 @ customers[].order.id"]);
  });

  it("in an array has the key of the array", () => {
    expect(said('{"orderNumbers":["48213",["48214"]]}')).toEqual([
      "ORDER_NUMBER 48213 @ orderNumbers[]",
      "ORDER_NUMBER 48214 @ orderNumbers[][]",
    ]);
  });

  it("has the title that its object gives it", () => {
    expect(said('[{"name":"customer number","value":"48213"},{"name":"size","value":"48213"}]')).toEqual([
      "CUSTOMER_NUMBER 48213 @ [].value",
    ]);
  });

  it("is read unescaped and keeps its own escapes around a finding", () => {
    const { text, found } = written("json", String.raw`{"a":"\u0041\/b: jane\u0040example.org\t\ud83d\ude00"}`);
    expect(found.map(({ value }) => value)).toEqual(["jane@example.org"]);
    expect(text).toBe(String.raw`{"a":"\u0041\/b: [EMAIL_1]\t\ud83d\ude00"}`);
  });

  it("gets a replacement that is escaped for it", () => {
    const { text } = written("json", '{"a":"jane@example.org"}', { replace: () => 'a "quote"\n\u2028' });
    expect(JSON.parse(text)).toEqual({ a: 'a "quote"\n\u2028' });
    expect(text).not.toContain("\u2028");
  });

  it("does not join with its neighbours", () => {
    expect(said('["4111","1111","1111","1111"]')).toEqual([]);
    expect(said('{"a":"030","b":"901820"}')).toEqual([]);
  });

  it("is found in a document of any top-level shape, and in several in a row", () => {
    expect(said('"jane@example.org"')).toEqual(["EMAIL jane@example.org @ "]);
    expect(said('\ufeff[\n"jane@example.org"]\n{"a":"joe@example.org"} 12 null')).toEqual([
      "EMAIL jane@example.org @ []",
      "EMAIL joe@example.org @ a",
    ]);
  });
});

describe("a number in JSON", () => {
  it("becomes a string when something else replaces it, and stays one of the same digits", () => {
    const source = '{"card": 4111111111111111 , "n": 12345}';
    expect(written("json", source).text).toBe('{"card": "[CARD_1]" , "n": 12345}');
    expect(written("json", source, { replace: () => "5500005555555559" }).text).toBe(
      '{"card": 5500005555555559 , "n": 12345}',
    );
    expect(written("json", source, { replace: () => "0055" }).text).toBe('{"card": "0055" , "n": 12345}');
  });
});

describe("a key in JSON", () => {
  it("stays when it is a word of a schema, and is replaced when it is somebody's", () => {
    const { text, found } = written("json", '{"email":{"jane@example.org":1,"joe@example.org":2}}');
    expect(text).toBe('{"email":{"[EMAIL_1]":1,"[EMAIL_2]":2}}');
    expect(found.map(({ key, place }) => [key, place])).toEqual([
      [true, "email.*"],
      [true, "email.*"],
    ]);
  });

  it("that is somebody's is not told to a report as a place", () => {
    expect(said('{"jane@example.org":{"mail":"joe@example.org"}}')).toEqual([
      "EMAIL jane@example.org @ *",
      "EMAIL joe@example.org @ *.mail",
    ]);
  });

  it("of any length is read, and one that is cut by the end too", () => {
    const long = "x ".repeat(300);
    expect(written("json", `{"${long}jane@example.org":1}`).text).toBe(`{"${long}[EMAIL_1]":1}`);
    expect(written("json", '{"to jane@example.org').text).toBe('{"to [EMAIL_1]');
  });
});

describe("what is not JSON", () => {
  it.each([
    ["text", "Write to jane@example.org", "Write to [EMAIL_1]"],
    ["a comment", '{"a":"x" // jane@example.org\n}', '{"a":"x" // [EMAIL_1]\n}'],
    ["a missing comma", '{"a":"x" "b":"jane@example.org"}', '{"a":"x" "b":"[EMAIL_1]"}'],
    ["a bare word", "{a: 'jane@example.org'}", "{a: '[EMAIL_1]'}"],
    ["a wrong bracket", '[1}, "jane@example.org"]', '[1}, "[EMAIL_1]"]'],
    ["a long number", `${"1".repeat(300)} jane@example.org`, `${"1".repeat(300)} [EMAIL_1]`],
    ["an escape that is cut", String.raw`{"a":"jane@example.org \u00`, String.raw`{"a":"[EMAIL_1] \u00`],
    ["an end inside a string", '["jane@example.org', '["[EMAIL_1]'],
  ])("is read as text from there on, and said so: %s", (_, source, expected) => {
    const { text, notes } = written("json", source);
    expect(text).toBe(expected);
    expect(notes).toEqual(["not valid JSON from line 1 on: read as text from there"]);
    expect(written("json", source, { cuts: everywhere(source) })).toMatchObject({ text: expected, notes });
  });

  it("costs one line of JSON lines its structure, not the next", () => {
    const source = '{"customer":"x"}\r\n{"order":"48213",}\n{broken "jane@example.org"}\n\n{"order number":"48213"}';
    const { text, notes, found } = written("jsonl", source);
    expect(text).toBe(
      '{"customer":"x"}\r\n{"order":"[ORDER_NUMBER_1]",}\n{broken "[EMAIL_1]"}\n\n{"order number":"[ORDER_NUMBER_1]"}',
    );
    expect(found.map(saying)).toEqual([
      "ORDER_NUMBER 48213 @ order",
      "EMAIL jane@example.org @ ",
      "ORDER_NUMBER 48213 @ *",
    ]);
    expect(notes).toEqual(["line 2, and 1 more: not valid JSON, read as text"]);
  });

  it("nested deeper than anybody nests is text", () => {
    const { text, notes } = written("json", `${"[".repeat(5000)}"jane@example.org"`);
    expect(text).toBe(`${"[".repeat(5000)}"[EMAIL_1]"`);
    expect(notes).toHaveLength(1);
  });
});

const words = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("jane@example.org", "+49 30 901820", "DE89 3704 0044 0532 0130 00", "[EMAIL_1]"),
  },
  { weight: 2, arbitrary: fc.constantFrom('say "hi"', "a\\b\n", "😀", "order 48213", "", "\u2028", "] [PHONE", "x") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);
const json = fc.letrec((again) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.array(words, { maxLength: 3 }).map((parts) => parts.join(" ")),
    fc.constantFrom<unknown>(1, 12.5, 4111111111111111, -1e21, true, null),
    fc.array(again("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("email", "customer_number", "note", "jane@example.org", 'q"', ""), again("value")),
  ),
})).value;
const spaced = fc
  .tuple(json, fc.constantFrom(undefined, 2, "\t"))
  .map(([value, space]) => JSON.stringify(value, undefined, space));

/** Keys and types as they stand, numbers and strings alike since a replaced number is a string. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return typeof value === "number" ? "string" : typeof value;
  return Object.entries(value).map(([key, each]) => [key.includes("@") || key.includes("[") ? "*" : key, shape(each)]);
}

describe("any JSON", () => {
  it("in which nothing is replaced comes out byte for byte, however it is cut", () => {
    fc.assert(
      fc.property(spaced, fc.array(fc.nat(), { maxLength: 6 }), (source, cuts) => {
        expect(written("json", source, { cuts, replace: () => undefined }).text).toBe(source);
        expect(written("jsonl", source, { cuts, replace: () => undefined }).text).toBe(source);
      }),
    );
  });

  it("keeps members, lengths and types, and comes out the same however it is cut", () => {
    fc.assert(
      fc.property(spaced, fc.array(fc.nat(), { maxLength: 8 }), (source, cuts) => {
        const whole = written("json", source);
        expect(whole.notes).toEqual([]);
        expect(shape(JSON.parse(whole.text))).toEqual(shape(JSON.parse(source)));
        const pieces = written("json", source, { cuts });
        expect(pieces.text).toBe(whole.text);
        expect(pieces.found).toEqual(whole.found);
      }),
    );
  });

  it("holds each finding where it is said to stand, and is restored to equal values", () => {
    fc.assert(
      fc.property(spaced, (source) => {
        const { text, found, map, bareWords } = written("json", source);
        for (const each of found) {
          const raw = source.slice(each.start, each.end);
          const inString = JSON.parse(`"${raw}"`) as string;
          expect(inString).toBe(each.value);
        }
        const restorer = createRestorer(map.issued(), {
          ambiguous: (bare) => bareWords.includes(bare),
          restoreInUrls: true,
        });
        const strings = (value: unknown): unknown =>
          JSON.parse(JSON.stringify(value), (_, each: unknown) => (typeof each === "number" ? String(each) : each));
        expect(strings(JSON.parse(restorer.restore(text, "json")))).toEqual(strings(JSON.parse(source)));
      }),
    );
  });
});

it("a string of any length is read in bounded memory: what is decided comes out before it ends", () => {
  const stream = formStream("json", { replace: () => "X" });
  let out = stream.push('{"text":"');
  let held = 0;
  let pushed = out.length;
  for (let piece = 0; piece < 2000; piece++) {
    const text = `word \\n jane${piece}@example.org \\u00e9 `;
    pushed += text.length;
    out += stream.push(text);
    held = Math.max(held, pushed - out.length - (out.split("X").length - 1) * "jane1000@example.or".length);
  }
  out += `${stream.push('"}')}${stream.end()}`;
  expect(held).toBeLessThan(6000);
  expect((JSON.parse(out) as { text: string }).text).toBe("word \n X é ".repeat(2000));
});
