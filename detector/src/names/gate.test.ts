import { describe, expect, it } from "vitest";
import { OPEN, openGate } from "./gate.ts";
import { loadNames } from "./model-node.ts";
import { PAD, Tokens } from "./tokens.ts";

const { lexicon } = loadNames();
const tokens = new Tokens();
const open = new Uint8Array(2048);
const bits = new Uint8Array(2048);

/** The words that the tagger gets to read. */
function opened(text: string): string[] {
  tokens.read(text, 0, text.length);
  openGate(tokens, text, 0, text.length, lexicon, open, bits);
  const words: string[] = [];
  for (let i = PAD; i < PAD + tokens.count; i++) {
    if (open[i] === OPEN) words.push(text.slice(tokens.start[i], tokens.end[i]));
  }
  return words;
}

describe("the gate", () => {
  it.each([
    ["a word with a capital", "we asked Brzezinska about it", ["Brzezinska"]],
    ["what may stand between two parts of a name", "the Bank of the West is closed", ["Bank", "of", "the", "West"]],
    ["the particles in a name", "it was Jan van der Berg", ["Jan", "van", "der", "Berg"]],
    ["the full stop of an abbreviation", "it is J. Doe", ["J", ".", "Doe"]],
    ["the ending behind a dash", "az USA-ban volt", ["USA", "-", "ban"]],
    ["a known name in a line without capitals", "please ask anna", ["anna"]],
  ])("opens %s", (_, text, words) => {
    expect(opened(text)).toEqual(words);
  });

  it.each([
    ["everyday words in lower case", "we asked them about it and it was there again"],
    ["an identifier", "user_Name $Paris #London @Anna"],
    ["a path", "src/Names/index.ts and /Users/Anna"],
    ["a URL", "see https://example.com/Anna/Smith?city=Paris"],
    ["a call and a member", "Anna(1) and london.Paris and Std::Anna"],
    ["camel case", "we call getUserName and UserAccountFactory"],
  ])("closes %s", (_, text) => {
    expect(opened(text).filter((word) => /^(?:Anna|Paris|London|Name|Names|Smith|get|User)/.test(word))).toEqual([]);
    if (!/[A-Z]/.test(text)) expect(opened(text)).toEqual([]);
  });

  it("forgets the chunk before", () => {
    opened("Anna Smith met Peter Novak and Maria Rossi in Paris and in London and in Rome");
    const after = opened("it is Anna");
    const neighbour = bits[PAD + tokens.count];
    expect(after).toEqual(["Anna"]);
    expect(neighbour).toBe(0);
  });
});
