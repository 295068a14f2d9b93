import { describe, expect, it } from "vitest";
import { classify, coarse } from "./classes.ts";
import { buildLexicon } from "./lexicon.ts";
import { PAD, Tokens } from "./tokens.ts";

const tokens = new Tokens();
const classes = new Uint16Array(2048);
const open = new Uint8Array(2048);

function hash(word: string): number {
  tokens.read(word, 0, word.length);
  return tokens.word[PAD] as number;
}

const table = buildLexicon(
  new Map(
    [["novak", 40] as const, ["barbara", 41] as const, ["said", 7] as const, ["muller", 42] as const].map(
      ([word, class_]) => [hash(word), class_],
    ),
  ),
  64,
);

function classesOf(text: string, of = table): number[] {
  tokens.read(text, 0, text.length);
  open.fill(1, PAD, PAD + tokens.count);
  classify(tokens, text, of, open, classes);
  return [...classes.subarray(PAD, PAD + tokens.count)];
}

describe("the class of a word", () => {
  it.each([
    ["Then novak said", [0, 40, 7]],
    ["then Novák met Müller", [0, 40, 0, 42]],
    ["then Novakom, Barbary", [0, 40, 0, 41]],
    ["then novakom met barbary", [0, 0, 0, 0]],
    ["Nov", [0]],
    ["42 novak42 :", [0, 0, 0]],
  ])("is found with other case, accents and, behind a capital, endings: %s", (text, expected) => {
    expect(classesOf(text)).toEqual(expected);
  });

  it("does not depend on what was read before, nor on the model before", () => {
    const other = buildLexicon(new Map([[hash("novak"), 99]]), 64);
    expect(classesOf("then Novak")).toEqual([0, 40]);
    expect(classesOf("then Novak", other)).toEqual([0, 99]);
    expect(classesOf("then Novak")).toEqual([0, 40]);
    expect(classes[PAD + 2]).toBe(0);
    expect(classes[PAD + 3]).toBe(0);
  });

  it("is looked up near open tokens only", () => {
    tokens.read("Novak a b c d Novak", 0, 19);
    open.fill(0);
    open[PAD + 2] = 1;
    classify(tokens, "Novak a b c d Novak", table, open, classes);
    expect([...classes.subarray(PAD, PAD + 6)]).toEqual([40, 0, 0, 0, 0, 0]);
  });

  it("has a coarse class, and none has none", () => {
    expect([0, 1, 32, 33].map(coarse)).toEqual([0, 1, 1, 2]);
  });
});
