/** Measures a model on examples the way the product runs it: raw text, cut into chunks, exact spans. */
import { chunksOf } from "../src/scanner/chunks.ts";
import type { NamesModel } from "../src/names/model.ts";
import { tag } from "../src/names/tagger.ts";
import { ANYTHING, type Example } from "./corpora.ts";

export interface Tally {
  right: number;
  found: number;
  gold: number;
}

export interface Guess {
  readonly type: number;
  readonly start: number;
  readonly end: number;
  readonly probability: number;
  readonly bare: boolean;
}

export function guess(model: NamesModel, text: string): Guess[] {
  const guesses: Guess[] = [];
  const out = {
    name(type: number, start: number, end: number, probability: number, bare: boolean): void {
      guesses.push({ type, start, end, probability, bare });
    },
  };
  for (const [from, to] of chunksOf(text)) tag(model, text, from, to, out);
  return guesses;
}

export const newTallies = (): Tally[] => [0, 1, 2].map(() => ({ right: 0, found: 0, gold: 0 }));

/** Adds one example. Guesses in stretches that may be several things are neither right nor wrong. */
export function compare(example: Example, guesses: readonly Guess[], tallies: readonly Tally[]): void {
  for (const span of example.spans) if (typeIndex(span.may) >= 0) (tallies[typeIndex(span.may)] as Tally).gold++;
  for (const { type, start, end } of guesses) {
    const exact = example.spans.some((s) => s.s === start && s.e === end && typeIndex(s.may) === type);
    const unclear = example.spans.some(
      (s) =>
        s.s < end && start < s.e && (s.may & (s.may - 1)) !== 0 && ((s.may & (2 << type)) !== 0 || s.may === ANYTHING),
    );
    if (!exact && unclear) continue;
    const tally = tallies[type] as Tally;
    tally.found++;
    if (exact) tally.right++;
  }
}

function typeIndex(may: number): number {
  return may === 2 ? 0 : may === 4 ? 1 : may === 8 ? 2 : -1;
}

export function f1({ right, found, gold }: Tally): number {
  return gold + found === 0 ? 0 : (200 * right) / (gold + found);
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce((a, b) => ({
    right: a.right + b.right,
    found: a.found + b.found,
    gold: a.gold + b.gold,
  }));
}
