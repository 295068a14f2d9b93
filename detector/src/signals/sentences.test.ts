/** What is a signal and what is none, sentence by sentence, in every language and category. Written along with the lexicon: they show what it does, not how often it is right. */
import { describe, expect, it } from "vitest";
import { SPECIAL_CATEGORIES } from "./language.ts";
import { SIGNAL_LANGUAGES, signals } from "./signals.ts";
import { EAST } from "./test/east.ts";
import { NORTH } from "./test/north.ts";
import { SOUTH } from "./test/south.ts";
import { WEST } from "./test/west.ts";

interface Sentence {
  readonly category: string;
  readonly said: boolean;
  readonly marked: string;
}

const SENTENCES: Readonly<Record<string, string>> = { ...WEST, ...NORTH, ...EAST, ...SOUTH };

function read(source: string): Sentence[] {
  const sentences: Sentence[] = [];
  let category = "";
  for (const line of source.trim().split("\n")) {
    if (line.startsWith("# ")) category = line.slice(2);
    else sentences.push({ category, said: line.startsWith("+ "), marked: line.slice(2) });
  }
  return sentences;
}

const plain = (text: string): string => text.replaceAll(/[«»]/gu, "");

/** The text with its signals of the category between « and »; those of others are listed behind. */
function marked(text: string, category: string): string {
  let out = "";
  let at = 0;
  const others: string[] = [];
  for (const signal of signals(text)) {
    if (signal.category !== category) others.push(`${signal.category}: ${text.slice(signal.start, signal.end)}`);
    else {
      out += `${text.slice(at, signal.start)}«${text.slice(signal.start, signal.end)}»`;
      at = signal.end;
    }
  }
  return [out + text.slice(at), ...others].join(" | ");
}

describe.each(SIGNAL_LANGUAGES)("in %s", (language) => {
  const sentences = read(SENTENCES[language] ?? "");

  it("every category has at least three sentences of each kind", () => {
    for (const category of SPECIAL_CATEGORIES)
      for (const said of [true, false])
        expect(
          sentences.filter((each) => each.category === category && each.said === said).length,
          category,
        ).toBeGreaterThanOrEqual(3);
  });

  it.each(sentences.map(({ category, marked: text }) => [category, text]))("%s: %s", (category, text) => {
    expect(marked(plain(text), category)).toBe(text);
  });

  it("the same is found in decomposed and in shouted text", () => {
    for (const { category, said, marked: text } of sentences) {
      if (!said) continue;
      for (const form of [plain(text).normalize("NFD"), plain(text).toUpperCase()])
        expect(
          signals(form).map((signal) => signal.category),
          form,
        ).toContain(category);
    }
  });
});
