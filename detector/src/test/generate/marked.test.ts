import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TYPES } from "../../types.ts";
import { type Marked, readMarked } from "./marked.ts";

describe("a marked text", () => {
  it("is read into text and spans in UTF-16 code units", () => {
    const source =
      "# head\n\n= pl-p01 chat\nhej 😀 {{PER:Olu}}, dzwoń: {{PHONE:601 220 418}}\n\n= pl-n01 x\nnic tu nie ma\n";
    expect(readMarked(source)).toEqual([
      {
        id: "pl-p01",
        lang: "pl",
        genre: "chat",
        text: "hej 😀 Olu, dzwoń: 601 220 418",
        spans: [
          { s: 7, e: 10, t: "PER" },
          { s: 19, e: 30, t: "PHONE" },
        ],
      },
      { id: "pl-n01", lang: "pl", genre: "x", text: "nic tu nie ma", spans: [] },
    ]);
  });

  it("is refused when a mark does not close, an id comes twice or text stands before the first document", () => {
    expect(() => readMarked("= fr-p01 x\n{{PER:Jean")).toThrow("does not close");
    expect(() => readMarked("= fr-p01 x\na\n= fr-p01 x\nb")).toThrow("two documents");
    expect(() => readMarked("bonjour")).toThrow("before the first document");
  });
});

const FOLDER = new URL("../../../train/dev/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith(".txt"));
/** No gold with a licence that we can use is known for these. */
const MAIN = ["cs", "el", "fr", "it", "nl", "pl"];

const read = (file: string): Marked[] => readMarked(readFileSync(new URL(file, FOLDER), "utf8"));

describe("the hand-written texts", () => {
  it.each(MAIN)("of %s are sixty or more, half of them without personal data", (language) => {
    const documents = read(`${language}.txt`);
    const without = documents.filter(({ spans }) => spans.length === 0).length;
    expect(documents.length).toBeGreaterThanOrEqual(60);
    expect(Math.abs(without / documents.length - 0.5)).toBeLessThan(0.1);
  });

  it.each(FILES)("%s: ids say the language, marks name types and hold no space at their ends", (file) => {
    for (const { id, text, spans } of read(file)) {
      if (file !== "impersonal.txt") expect(id.slice(0, 2)).toBe(file.slice(0, 2));
      else expect(spans).toEqual([]);
      for (const { s, e, t } of spans) {
        expect(["PER", "LOC", "ORG"].includes(t) || t in TYPES, t).toBe(true);
        expect(text.slice(s, e)).toBe(text.slice(s, e).trim());
      }
    }
  });

  it("without a mark hold at least 50 KB", () => {
    const texts = FILES.flatMap(read).filter(({ spans }) => spans.length === 0);
    const bytes = texts.reduce((sum, { text }) => sum + new TextEncoder().encode(text).length, 0);
    expect(bytes).toBeGreaterThan(50_000);
  });
});
