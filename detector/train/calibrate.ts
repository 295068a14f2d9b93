/**
 * Turns the tagger's probabilities into scores that mean what they say: of all names reported with .8, eight in ten are right. A
 * logistic curve per type, fitted to the guesses on the dev sets.
 */
import { TYPE_NAMES } from "../src/names/labels.ts";
import type { Calibration, NamesModel } from "../src/names/model.ts";
import { compare, guess, newTallies } from "./score.ts";
import type { Example } from "./corpora.ts";

const STEPS = 100;
const PRIOR = 2;

/** A guess's logit, and whether it was right. */
type Point = readonly [logit: number, right: number];

function points(model: NamesModel, examples: readonly Example[]): Point[][] {
  const found: Point[][] = TYPE_NAMES.map(() => []);
  for (const example of examples) {
    for (const one of guess(model, example.text)) {
      const tallies = newTallies();
      compare(example, [one], tallies);
      const tally = tallies[one.type];
      if (tally === undefined || tally.found === 0) continue;
      const p = Math.min(1 - 1e-6, Math.max(1e-6, one.probability));
      found[one.type]?.push([Math.log(p / (1 - p)), tally.right]);
    }
  }
  return found;
}

/** Newton's method on the logistic loss with halved steps where one would climb; few guesses stay near the identity. */
function fit(list: readonly Point[]): { slope: number; offset: number } {
  let slope = 1;
  let offset = 0;
  let loss = lossOf(list, slope, offset);
  for (let step = 0; step < STEPS; step++) {
    let gs = (slope - 1) * PRIOR;
    let go = offset * PRIOR;
    let hss = PRIOR;
    let hso = 0;
    let hoo = PRIOR;
    for (const [x, y] of list) {
      const p = 1 / (1 + Math.exp(-(slope * x + offset)));
      const w = p * (1 - p);
      gs += (p - y) * x;
      go += p - y;
      hss += w * x * x;
      hso += w * x;
      hoo += w;
    }
    const det = hss * hoo - hso * hso;
    let ds = (hoo * gs - hso * go) / det;
    let dO = (hss * go - hso * gs) / det;
    let next = lossOf(list, slope - ds, offset - dO);
    for (let half = 0; next > loss && half < 30; half++) {
      ds /= 2;
      dO /= 2;
      next = lossOf(list, slope - ds, offset - dO);
    }
    if (loss - next < 1e-9) break;
    loss = next;
    slope -= ds;
    offset -= dO;
  }
  return { slope, offset };
}

function lossOf(list: readonly Point[], slope: number, offset: number): number {
  let loss = (PRIOR / 2) * ((slope - 1) ** 2 + offset ** 2);
  for (const [x, y] of list) {
    const z = slope * x + offset;
    // log(1 + e^z) without overflow.
    loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
  }
  return loss;
}

/** Lowest scores reported: person, location, organisation. */
const THRESHOLDS = [0.52, 0.6, 0.6] as const;

export function calibrate(model: NamesModel, examples: readonly Example[]): Calibration[] {
  return points(model, examples).map((list, type) => ({ ...fit(list), threshold: THRESHOLDS[type] as number }));
}
