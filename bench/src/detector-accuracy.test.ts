import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { falseHits, lowerCased, scoreNames } from "./detector-accuracy.ts";
import { type Corpus, readCorpora } from "./detector-corpora.ts";
import { generatedCode, generatedNegatives, hostileTexts, repositorySources } from "./detector-texts.ts";

const corpus: Corpus = {
  key: "en",
  texts: [
    {
      text: "Anna lives at Elm Road 4, Leeds",
      spans: [
        { s: 0, e: 4, t: "PER" },
        { s: 26, e: 31, t: "LOC" },
      ],
    },
  ],
};
const span = (type: string, start: number, end: number) => ({ type, start, end });

describe("names are scored by exact span and type", () => {
  it("all right is 100, and nothing right is 0", () => {
    expect(scoreNames(corpus, () => [span("PERSON", 0, 4), span("LOCATION", 26, 31)])).toEqual({ per: 100, all: 100 });
    expect(scoreNames(corpus, () => [span("PERSON", 0, 5), span("ORGANIZATION", 26, 31)])).toEqual({ per: 0, all: 0 });
  });

  it("a name found twice is right once", () => {
    expect(scoreNames(corpus, () => [span("PERSON", 0, 4), span("PERSON", 0, 4)]).per).toBeCloseTo(66.7, 1);
  });

  it("an address counts as a place only where it is exactly that place, and is no false hit elsewhere", () => {
    expect(scoreNames(corpus, () => [span("PERSON", 0, 4), span("ADDRESS", 14, 31)]).all).toBeCloseTo(66.7, 1);
    expect(scoreNames(corpus, () => [span("PERSON", 0, 4), span("ADDRESS", 26, 31)]).all).toBe(100);
  });

  it("other types are left aside", () => {
    expect(scoreNames(corpus, () => [span("PERSON", 0, 4), span("EMAIL", 5, 9)]).per).toBe(100);
  });
});

it("small letters keep every offset", () => {
  const [text] = lowerCased({ key: "tr", texts: [{ text: "İZMİR Ankara ΑΣ", spans: [] }] }).texts;
  expect(text?.text).toBe("İzmİr ankara ας".replace("ς", "σ"));
  expect(text?.text.length).toBe("İZMİR Ankara ΑΣ".length);
});

it("every finding in a text without personal data is false", () => {
  const { hits, chars, examples } = falseHits(["abc", "abcdef"], () => [span("PERSON", 0, 2)]);
  expect([hits, chars, examples.length]).toEqual([2, 9, 2]);
});

it("the texts without personal data are as long as promised, and hold no mail or network address", () => {
  const [prose, code, sources] = [generatedNegatives(), generatedCode(), repositorySources()].map((texts) =>
    texts.join("\n"),
  );
  expect(Buffer.byteLength(prose ?? "")).toBeGreaterThan(100_000);
  expect(Buffer.byteLength(code ?? "") + Buffer.byteLength(sources ?? "")).toBeGreaterThan(500_000);
  for (const text of [prose, code, sources]) expect(text).not.toMatch(/\w@\w+\.\w|\b\d{1,3}(?:\.\d{1,3}){3}\b/);
});

it("the hostile texts have 50,000 characters each", () => {
  for (const [name, text] of Object.entries(hostileTexts()))
    expect(Math.abs(text.length - 50_000), name).toBeLessThan(10);
});

it("a corpus counts code points, labels of its own are mapped, and others are no names", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-corpora-"));
  mkdirSync(join(folder, "dev"));
  const row = {
    text: "😀 Drake in Ulm",
    spans: [
      { s: 2, e: 7, t: "person" },
      { s: 11, e: 14, t: "location-city" },
      { s: 0, e: 1, t: "trigger" },
    ],
  };
  writeFileSync(join(folder, "dev", "mobie.dev.jsonl"), `${JSON.stringify(row)}\n`);
  const [corpus] = readCorpora(folder) ?? [];
  rmSync(folder, { recursive: true });
  expect(corpus?.key).toBe("de");
  expect(corpus?.texts[0]?.spans.map(({ s, e, t }) => [t, row.text.slice(s, e)])).toEqual([
    ["PER", "Drake"],
    ["LOC", "Ulm"],
  ]);
  expect(readCorpora(folder)).toBeUndefined();
});
