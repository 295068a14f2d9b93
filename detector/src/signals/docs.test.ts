/** docs/signals.md says what the lexicon holds. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fold } from "./fold.ts";
import { SPECIAL_CATEGORIES } from "./language.ts";
import { LANGUAGES } from "./languages/all.ts";
import { AMBIGUOUS, NEVER } from "./terms.ts";
import { countsTable, termsOf } from "./counts.ts";

it("the table of docs/signals.md is the one that counts.ts prints", () => {
  const docs = readFileSync(new URL("../../../docs/signals.md", import.meta.url), "utf8");
  expect(docs).toContain(countsTable());
});

describe.each(LANGUAGES)("$code", ({ terms, keys, person, medical, belonging, common }) => {
  it("has at least thirty terms for health, ten for each other category, and a field for each", () => {
    for (const category of SPECIAL_CATEGORIES) {
      const count = termsOf(terms[category]).filter(({ strength }) => strength !== NEVER).length;
      expect(count, category).toBeGreaterThanOrEqual(category === "health" ? 30 : 10);
      expect(termsOf(keys[category] ?? "").length, category).toBeGreaterThan(0);
    }
  });

  it("has no term twice in a category", () => {
    for (const category of SPECIAL_CATEGORIES) {
      const written = termsOf(terms[category]).map(({ words, exact }) =>
        exact ? words.join(" ") : words.map((word) => fold(word) + (word.endsWith("*") ? "*" : "")).join(" "),
      );
      expect(
        written.filter((term, index) => written.indexOf(term) !== index),
        category,
      ).toEqual([]);
    }
  });

  it("has no term that a shorter one of the same strength covers", () => {
    for (const category of SPECIAL_CATEGORIES) {
      const single = termsOf(terms[category]).filter(({ words, exact }) => words.length === 1 && !exact);
      for (const { words, strength } of single) {
        const [word = ""] = words;
        const shorter = single.find(
          (other) =>
            other.strength === strength &&
            other.words[0] !== word &&
            other.words[0]?.endsWith("*") === true &&
            fold(word).startsWith(fold(other.words[0])),
        );
        expect(shorter?.words[0], `${category}: ${word}`).toBeUndefined();
      }
    }
  });

  it("has words of persons, of illness, of belonging, and its most frequent words, none of them marked", () => {
    for (const list of [person, medical, belonging, common]) {
      const parsed = termsOf(list);
      expect(parsed.length).toBeGreaterThanOrEqual(20);
      for (const { words, strength } of parsed) {
        expect(words).toHaveLength(1);
        expect(strength).not.toBe(AMBIGUOUS);
      }
    }
  });
});
