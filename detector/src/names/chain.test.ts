import fc from "fast-check";
import { expect, it } from "vitest";
import { findPath, measure, path, probability, tops, unary } from "./chain.ts";
import { LABELS, leavesOpen, mayFollow, OUTSIDE } from "./labels.ts";
import type { NamesModel } from "./model.ts";
import { loadNames } from "./model-node.ts";

const model = loadNames();

/** All labellings of so many tokens that begin and end without an open name. */
function labellings(count: number): number[][] {
  let all: number[][] = [[]];
  for (let at = 0; at < count; at++) {
    all = all.flatMap((head) =>
      Array.from({ length: LABELS }, (_, label) => label)
        .filter((label) => mayFollow(head.at(-1) ?? OUTSIDE, label))
        .map((label) => [...head, label]),
    );
  }
  return all.filter((labels) => !leavesOpen(labels.at(-1) ?? OUTSIDE));
}
const ALL = [1, 2, 3, 4].map(labellings);

function score({ transitions }: NamesModel, scores: readonly number[], labels: readonly number[]): number {
  return [...labels, OUTSIDE].reduce((sum, label, at) => {
    const own = at < labels.length ? (scores[at * LABELS + label] as number) : 0;
    return sum + own + (transitions[(labels[at - 1] ?? OUTSIDE) * LABELS + label] as number);
  }, 0);
}

const scoresOf = fc
  .integer({ min: 1, max: 4 })
  .chain((count) =>
    fc.array(fc.integer({ min: 3000, max: 4000 }), { minLength: count * LABELS, maxLength: count * LABELS }),
  );

it("the path is the labelling with the highest score, and a name is as probable as all labellings together that hold it", () => {
  fc.assert(
    fc.property(scoresOf, (scores) => {
      const count = scores.length / LABELS;
      unary.set(scores);
      for (let at = 0; at < count; at++) tops[at] = Math.max(...scores.slice(at * LABELS, (at + 1) * LABELS));
      const named = findPath(model, count);
      const all = ALL[count - 1] as number[][];
      const sums = all.map((labels) => score(model, scores, labels));
      const best = Math.max(...sums);
      const found = [...path.subarray(0, count)];
      expect(score(model, scores, found)).toBe(best);
      expect(named).toBe(found.some((label) => label !== OUTSIDE));
      expect(path[count]).toBe(OUTSIDE);
      measure(model, count);
      const shares = sums.map((sum) => Math.exp((sum - best) * model.step));
      const total = shares.reduce((a, b) => a + b, 0);
      for (let at = 0; at < count; at++) {
        if (found[at] === OUTSIDE || (at > 0 && leavesOpen(found[at - 1] as number))) continue;
        let to = at + 1;
        while (leavesOpen(found[to - 1] as number)) to++;
        const holding = shares.filter((_, k) =>
          found.slice(at, to).every((label, i) => label === (all[k] as number[])[at + i]),
        );
        expect(probability(model, at, to)).toBeCloseTo(holding.reduce((a, b) => a + b, 0) / total, 3);
      }
    }),
    { numRuns: 60 },
  );
});
