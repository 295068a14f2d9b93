import { describe, expect, it } from "vitest";
import { buildLexicon, COMMON, FIRST, lookUp, packEntry, PLACE, stemBits, TITLED, unpackEntry } from "./lexicon.ts";
import { PAD, Tokens } from "./tokens.ts";

const tokens = new Tokens();
function hash(word: string): number {
  tokens.read(word, 0, word.length);
  return tokens.word[PAD] as number;
}

describe("the lexicon", () => {
  it("knows every word with its bits", () => {
    const words = new Map(Array.from({ length: 3000 }, (_, at) => [hash(`word${at}`), 1 + (at % 63)] as const));
    const table = buildLexicon(words, 4096);
    for (const [key, bits] of words) expect(lookUp(table, key)).toBe(bits);
  });

  it("takes few strangers for members, at the load of the product", () => {
    const members = 3 * 2 ** 16;
    const words = new Map(Array.from({ length: members }, (_, at) => [hash(`member${at}`), COMMON] as const));
    const table = buildLexicon(words, 2 ** 19);
    let wrong = 0;
    for (let at = 0; at < 100_000; at++) if (lookUp(table, hash(`stranger${at}`)) !== 0) wrong++;
    expect(wrong).toBeLessThan(100);
  });

  it("tells each entry by its slot and three bytes, also where many words want the same slot", () => {
    const words = new Map(
      Array.from({ length: 3 * 2 ** 16 }, (_, at) => [hash(`word${at}`), 1 + (at % 2047)] as const),
    );
    const table = buildLexicon(words, 2 ** 19);
    for (const [slot, entry] of table.entries()) {
      if (entry === 0) continue;
      const packed = packEntry(entry, 19);
      if (packed >= 2 ** 24 || unpackEntry(packed, slot, 19) !== entry) expect.fail(`${entry} in slot ${slot}`);
    }
  });

  it("refuses more words than it can say no beside", () => {
    const words = new Map(Array.from({ length: 49 }, (_, at) => [hash(`word${at}`), 1] as const));
    expect(() => buildLexicon(words, 64)).toThrow(RangeError);
  });
});

describe("a name with an ending", () => {
  const table = buildLexicon(
    new Map([
      [hash("petrov"), FIRST],
      [hash("barbara"), FIRST],
      [hash("helsinki"), PLACE],
      [hash("tisch"), TITLED],
    ]),
    64,
  );
  const bits = (word: string): number => stemBits(table, `x ${word} x`, 2, 2 + word.length);

  it.each([
    ["Petrovom", FIRST],
    ["Petrova", FIRST],
    ["Barbary", FIRST],
    ["Barbarou", FIRST],
    ["Helsinkiin", PLACE],
  ])("%s is known by its stem", (word, expected) => {
    expect(bits(word)).toBe(expected);
  });

  it.each(["Petrovitsch", "Tische", "Pet", "Rov"])("%s is none", (word) => {
    expect(bits(word)).toBe(0);
  });
});
