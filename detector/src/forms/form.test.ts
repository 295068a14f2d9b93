import { describe, expect, it } from "vitest";
import { CORPUS } from "../test/corpus.ts";
import { detect } from "../detect.ts";
import { createRestorer } from "../restore.ts";
import { type Form, FORMS, formOf } from "./form.ts";
import { formStream } from "./stream.ts";
import { everywhere, written } from "./test/written.ts";

describe("the form of a document", () => {
  it.each<[Form, string]>([
    ["json", '{"a": [1, 2,'],
    ["json", '\ufeff  [\n  {"a": 1}\n]\n'],
    ["json", '{"a": 1}'],
    ["jsonl", '{"a": 1}\n{"a": 2}\n'],
    ["jsonl", '{"a": 1}\r\n\r\n[2]\r\n'],
    ["csv", "id,name,mail\n1,a,b\n2,c,d\n"],
    ["csv", "id\tname\n1\ta\n2\tb\n3\tc\n"],
    ["sql-result", " id | name\n----+------\n  1 | a\n(1 row)\n"],
    ["sql-result", "+----+\n| id |\n+----+\n|  1 |\n+----+\n"],
    ["log", "2026-11-21T10:13:58Z INFO start\n2026-11-21T10:13:59Z INFO stop\n"],
    ["log", "[2026-11-21 10:13:58] a, b\n[2026-11-21 10:13:59] c, d\n"],
    ["text", "[INFO] nothing\n[INFO] nothing\n"],
    ["text", "Dear Jane,\n\nthank you, as always, for the letter.\n\nJoe\n"],
    ["text", "{not json}"],
    ["text", ""],
    ["text", "# A heading\n\n---\n\nSome words | more words\n"],
  ])("%s is seen in %j", (form, sample) => {
    expect(formOf(sample)).toBe(form);
  });

  it("is that of its name where the name says one", () => {
    expect(formOf("x", "a/b.CSV")).toBe("csv");
    expect(formOf("x", "b.ndjson")).toBe("jsonl");
    expect(formOf("x", "constructor.toString")).toBe("text");
    expect(formOf('{"a":1}', "b.txt")).toBe("json");
  });
});

describe("plain text", () => {
  it.each(CORPUS.map((text) => [text]))("has the findings that it has, wherever it is cut: %j", (text) => {
    const spans = (source: ReturnType<typeof written>) => source.found.flatMap(({ finding }) => finding ?? []);
    const { found } = written("text", text, { replace: () => undefined });
    const findings = found.filter(({ finding }) => finding !== undefined);
    expect(findings.map(({ type, start, end }) => ({ type, start, end }))).toEqual(
      detect(text)
        .filter(({ start }) => findings.some((each) => each.start === start))
        .map(({ type, start, end }) => ({ type, start, end })),
    );
    expect(spans(written("text", text, { cuts: everywhere(text) })).length).toBe(findings.length);
  });

  it("hides its own words of placeholder form, and restores to what it was", () => {
    const source = "[EMAIL_1] and EMAIL_1, \\[PHONE_2] jane@example.org [IBAN_3";
    const { text, map, bareWords } = written("text", source);
    expect(text).toBe("[LITERAL_1] and EMAIL_1, [LITERAL_2] [EMAIL_1] [IBAN_3");
    expect(bareWords).toContain("EMAIL_1");
    const restorer = createRestorer(map.issued(), { ambiguous: (bare) => bareWords.includes(bare) });
    expect(restorer.restore(text)).toBe(source);
    expect(written("text", source, { cuts: everywhere(source) })).toMatchObject({ text, bareWords });
  });
});

describe("a stream of any form", () => {
  it.each(FORMS)("%s takes nothing, and no text after its end", (form) => {
    const stream = formStream(form);
    expect(stream.push("") + stream.end()).toBe("");
    expect(() => stream.push("x")).toThrow(TypeError);
    expect(() => stream.end()).toThrow(TypeError);
  });

  it.each(FORMS)("%s reads what is of another form without losing a character", (form) => {
    for (const text of CORPUS) {
      expect(written(form, text, { replace: () => undefined }).text).toBe(text);
      expect(written(form, text, { replace: () => undefined, cuts: everywhere(text) }).text).toBe(text);
    }
  });
});
