/** Reads phrases/*.txt: what people write around names, per language. The format is told in the head of western.txt. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Names } from "./words.ts";

export interface Phrases {
  readonly lang: string;
  readonly greetings: readonly string[];
  readonly farewells: readonly string[];
  readonly titles: readonly string[];
  readonly nameLabels: readonly string[];
  readonly firstLabels: readonly string[];
  readonly lastLabels: readonly string[];
  readonly cityLabels: readonly string[];
  readonly companyLabels: readonly string[];
  readonly sentences: readonly string[];
  readonly impersonal: readonly string[];
}

const FILES = ["western.txt", "eastern.txt", "everyday.txt"];

/** A language's blocks of all files, together. */
export function readPhrases(): Phrases[] {
  const lines = new Map<string, string[]>();
  for (const file of FILES) {
    const blocks = readFileSync(join(import.meta.dirname, "phrases", file), "utf8")
      .split(/^@/m)
      .slice(1);
    for (const block of blocks) {
      const [lang, ...own] = block.trim().split("\n") as [string, ...string[]];
      lines.set(lang, [...(lines.get(lang) ?? []), ...own]);
    }
  }
  return [...lines].map(([lang, own]) => {
    const rows = (key: string): string[] =>
      own.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(3));
    const words = (key: string): string[] => rows(key).flatMap((row) => row.split("|"));
    return {
      lang,
      greetings: words("g"),
      farewells: words("b"),
      titles: words("t"),
      nameLabels: words("n"),
      firstLabels: words("f"),
      lastLabels: words("l"),
      cityLabels: words("c"),
      companyLabels: words("o"),
      sentences: rows("s"),
      impersonal: rows("x"),
    };
  });
}

/** language → everyday words in lower case, none of them a name. */
export function readVocabulary(): Map<string, readonly string[]> {
  const blocks = readFileSync(join(import.meta.dirname, "phrases", "vocabulary.txt"), "utf8")
    .split(/^@/m)
    .slice(1);
  return new Map(
    blocks.map((block) => {
      const [lang, ...words] = block.trim().split(/\s+/) as [string, ...string[]];
      return [lang, words];
    }),
  );
}

/** Names of persons and places of languages of which faker-js knows few: `locale` is "fi_own". */
export function readNames(): Names[] {
  const blocks = readFileSync(join(import.meta.dirname, "phrases", "names.txt"), "utf8")
    .split(/^@/m)
    .slice(1);
  return blocks.map((block) => {
    const [lang, ...own] = block.trim().split("\n") as [string, ...string[]];
    const words = (key: string): string[] =>
      own.filter((line) => line.startsWith(`${key}: `)).flatMap((line) => line.slice(3).split(" "));
    return {
      locale: `${lang}_own`,
      first: words("f"),
      last: words("l"),
      cities: words("p"),
      streets: [],
      regions: [],
      companyTails: [],
    };
  });
}
