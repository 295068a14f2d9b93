import { expect, it } from "vitest";
import { classify } from "./classes.ts";
import { LEADING } from "./features.ts";
import { OPEN, openGate } from "./gate.ts";
import { loadNames } from "./model-node.ts";
import { sift } from "./sieve.ts";
import { PAD, Tokens } from "./tokens.ts";

const { lexicon, classes: table, sieve } = loadNames();
const tokens = new Tokens();
const open = new Uint8Array(2048);
const bits = new Uint8Array(2048);
const classes = new Uint16Array(2048);
const leading = new Int32Array(2048 * LEADING);

function kept(text: string, limit = sieve.limit): string[] {
  tokens.read(text, 0, text.length);
  openGate(tokens, text, 0, text.length, lexicon, open, bits);
  classify(tokens, text, table, open, classes);
  const count = sift({ ...sieve, limit }, tokens, text, bits, classes, open, leading);
  const words: string[] = [];
  for (let i = PAD; i < PAD + tokens.count; i++) {
    if (open[i] === OPEN) words.push(text.slice(tokens.start[i], tokens.end[i]));
  }
  expect(words).toHaveLength(count);
  return words;
}

it("names pass the sieve", () => {
  expect(kept("My colleague Anna Smith lives in London.")).toEqual(expect.arrayContaining(["Anna", "Smith", "London"]));
});

it("the first word of a sentence, when it is an everyday one, does not", () => {
  expect(kept("The server was restarted. Please check the settings.")).toEqual([]);
});

it("what stands between two parts of a name stays with them", () => {
  const words = kept("the Bank of the West in Denver");
  expect(words.slice(0, 4)).toEqual(["Bank", "of", "the", "West"]);
});

it("a limit that nothing reaches keeps nothing, one that everything reaches keeps all that the gate opened", () => {
  const text = "Please ask Anna Smith and the Bank of the West.";
  expect(kept(text, Number.MAX_SAFE_INTEGER)).toEqual([]);
  expect(kept(text, Number.MIN_SAFE_INTEGER).length).toBeGreaterThanOrEqual(7);
});
