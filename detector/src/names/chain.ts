/**
 * The labels of a run of tokens, from the scores that each label has at each token: the best labelling (Viterbi), and how probable it is
 * that a name of it is one (forward and backward sums). Only an open name goes on, so a label has either the seven behind which no name is
 * open before it, or the two that leave one of its own type open: the sums are written out for both, without a branch. The arrays are
 * shared, the calls are synchronous.
 */
import { CHUNK_CHARS_MAX } from "../scanner/chunks.ts";
import { LABELS, mayFollow, OUTSIDE } from "./labels.ts";
import type { NamesModel } from "./model.ts";

// What is imported is read from a cell, and its kind is checked, at every use; a constant of the module's own is part of the code.
const WIDTH = LABELS;

const SIZE = CHUNK_CHARS_MAX + 1;
/** Score of each label at each token of the run, in steps; whoever calls has filled it in, */
export const unary = new Int32Array(SIZE * WIDTH);
/** and the highest of each token. */
export const tops = new Int32Array(SIZE);
/** The best labelling, and OUTSIDE behind it. */
export const path = new Uint8Array(SIZE);
/** Of each label at each token, the score of the best labelling that ends there. */
const best = new Int32Array(SIZE * WIDTH);
const alpha = new Float64Array(SIZE * WIDTH);
const beta = new Float64Array(WIDTH);
const factor = new Float64Array(SIZE * WIDTH);
const after = new Float64Array(SIZE * WIDTH);
const norm = new Float64Array(SIZE);

/** Labels behind which no name is open, and those that may follow them; the sums below name them by their numbers. */
const CLOSED = [0, 3, 4, 7, 8, 11, 12] as const;
const FRESH = [0, 1, 4, 5, 8, 9, 12] as const;
/** The score of what cannot be. */
const NEVER = -0x20000000;

/** For each label the labels that may stand before it. */
const BEFORE: readonly Uint8Array[] = Array.from({ length: WIDTH }, (_, right) =>
  Uint8Array.from(Array.from({ length: WIDTH }, (_, left) => left).filter((left) => mayFollow(left, right))),
);

/** In the sums, a label that is so many steps below the best one of its token is none of it: nobody would see the difference. */
const FALLS = 1400;

/** Fills `path` for the `count` tokens of `unary`. False when all of it is OUTSIDE. */
export function findPath(model: NamesModel, count: number): boolean {
  const { transitions } = model;
  const { fresh } = tablesOf(model);
  for (let right = 0; right < WIDTH; right++) {
    best[right] = mayFollow(OUTSIDE, right) ? (transitions[right] as number) + (unary[right] as number) : NEVER;
  }
  for (let at = 1; at < count; at++) {
    const here = at * WIDTH;
    const before = here - WIDTH;
    const c0 = best[before] as number;
    const c1 = best[before + 3] as number;
    const c2 = best[before + 4] as number;
    const c3 = best[before + 7] as number;
    const c4 = best[before + 8] as number;
    const c5 = best[before + 11] as number;
    const c6 = best[before + 12] as number;
    for (let k = 0, t = 0; k < FRESH.length; k++, t += CLOSED.length) {
      let top = larger(c0 + (fresh[t] as number), c1 + (fresh[t + 1] as number));
      top = larger(top, c2 + (fresh[t + 2] as number));
      top = larger(top, c3 + (fresh[t + 3] as number));
      top = larger(top, c4 + (fresh[t + 4] as number));
      top = larger(top, c5 + (fresh[t + 5] as number));
      top = larger(top, c6 + (fresh[t + 6] as number));
      const right = here + (FRESH[k] as number);
      best[right] = top + (unary[right] as number);
    }
    for (let begun = 1; begun < WIDTH; begun += 4) {
      const going = begun + 1;
      const b = best[before + begun] as number;
      const g = best[before + going] as number;
      for (let right = going; right < going + 2; right++) {
        const top = larger(
          b + (transitions[begun * WIDTH + right] as number),
          g + (transitions[going * WIDTH + right] as number),
        );
        best[here + right] = top + (unary[here + right] as number);
      }
    }
  }
  return trace(transitions, count);
}

/** The larger one, without a branch; they are less than 2^31 apart. */
function larger(a: number, b: number): number {
  const less = (a - b) | 0;
  return (a - (less & (less >> 31))) | 0;
}

/** Follows the best labelling from its end to its beginning. */
function trace(transitions: Int32Array, count: number): boolean {
  let right = OUTSIDE;
  let any = false;
  for (let at = count - 1; at >= 0; at--) {
    const base = at * WIDTH;
    let top = NEVER;
    let label = OUTSIDE;
    const lefts = BEFORE[right] as Uint8Array;
    for (let k = 0; k < lefts.length; k++) {
      const left = lefts[k] as number;
      const value = (best[base + left] as number) + (transitions[left * WIDTH + right] as number);
      if (value > top) {
        top = value;
        label = left;
      }
    }
    path[at] = label;
    if (label !== OUTSIDE) any = true;
    right = label;
  }
  path[count] = OUTSIDE;
  return any;
}

interface Tables {
  /** Transitions from CLOSED to FRESH labels, those to the same one together. */
  readonly fresh: Int32Array;
  /** exp of them. */
  readonly freshExp: Float64Array;
  /** exp of the transitions; 0 where there is none. */
  readonly transitions: Float64Array;
  /** exp of so many steps less, 0 from FALLS on. */
  readonly falls: Float64Array;
}

const tables = new WeakMap<NamesModel, Tables>();

function tablesOf(model: NamesModel): Tables {
  let known = tables.get(model);
  if (known === undefined) {
    const transitions = Float64Array.from(model.transitions, (value, index) =>
      mayFollow(Math.floor(index / WIDTH), index % WIDTH) ? Math.exp(value * model.step) : 0,
    );
    const places = FRESH.flatMap((right) => CLOSED.map((left) => left * WIDTH + right));
    known = {
      fresh: Int32Array.from(places, (at) => model.transitions[at] as number),
      freshExp: Float64Array.from(places, (at) => transitions[at] as number),
      transitions,
      falls: new Float64Array(FALLS + 1).map((_, steps) => (steps < FALLS ? Math.exp(-steps * model.step) : 0)),
    };
    tables.set(model, known);
  }
  return known;
}

/** Sums over all labellings of the tokens that `findPath` was called for, scaled at each token: for `probability`. */
export function measure(model: NamesModel, count: number): void {
  const { transitions: table, falls, freshExp } = tablesOf(model);
  for (let at = 0; at < count; at++) {
    const base = at * WIDTH;
    const top = tops[at] as number;
    for (let right = 0; right < WIDTH; right++) {
      const fall = top - (unary[base + right] as number);
      factor[base + right] = falls[fall < FALLS ? fall : FALLS] as number;
    }
    const chosen = base + (path[at] as number);
    if (factor[chosen] === 0) factor[chosen] = falls[FALLS - 1] as number;
    if (at === 0) {
      for (let right = 0; right < WIDTH; right++) alpha[right] = (table[right] as number) * (factor[right] as number);
    } else {
      const before = base - WIDTH;
      const c0 = alpha[before] as number;
      const c1 = alpha[before + 3] as number;
      const c2 = alpha[before + 4] as number;
      const c3 = alpha[before + 7] as number;
      const c4 = alpha[before + 8] as number;
      const c5 = alpha[before + 11] as number;
      const c6 = alpha[before + 12] as number;
      for (let k = 0, t = 0; k < FRESH.length; k++, t += CLOSED.length) {
        const right = base + (FRESH[k] as number);
        alpha[right] =
          (factor[right] as number) *
          (c0 * (freshExp[t] as number) +
            c1 * (freshExp[t + 1] as number) +
            c2 * (freshExp[t + 2] as number) +
            c3 * (freshExp[t + 3] as number) +
            c4 * (freshExp[t + 4] as number) +
            c5 * (freshExp[t + 5] as number) +
            c6 * (freshExp[t + 6] as number));
      }
      for (let begun = 1; begun < WIDTH; begun += 4) {
        const going = begun + 1;
        const b = alpha[before + begun] as number;
        const g = alpha[before + going] as number;
        for (let right = going; right < going + 2; right++) {
          alpha[base + right] =
            (factor[base + right] as number) *
            (b * (table[begun * WIDTH + right] as number) + g * (table[going * WIDTH + right] as number));
        }
      }
    }
    let sum = 0;
    for (let label = 0; label < WIDTH; label++) sum += alpha[base + label] as number;
    norm[at] = sum;
    const share = 1 / sum;
    for (let label = 0; label < WIDTH; label++) alpha[base + label] = (alpha[base + label] as number) * share;
  }
  // after[at][label]: sum over everything behind `at`, divided by the same scales.
  let base = (count - 1) * WIDTH;
  let total = 0;
  for (let label = 0; label < WIDTH; label++) {
    after[base + label] = table[label * WIDTH] as number;
    total += (alpha[base + label] as number) * (table[label * WIDTH] as number);
  }
  for (let label = 0; label < WIDTH; label++) after[base + label] = (after[base + label] as number) / total;
  for (let at = count - 2; at >= 0; at--) {
    base = at * WIDTH;
    const next = base + WIDTH;
    const share = 1 / (norm[at + 1] as number);
    for (let right = 0; right < WIDTH; right++)
      beta[right] = (after[next + right] as number) * (factor[next + right] as number) * share;
    const f0 = beta[0] as number;
    const f1 = beta[1] as number;
    const f2 = beta[4] as number;
    const f3 = beta[5] as number;
    const f4 = beta[8] as number;
    const f5 = beta[9] as number;
    const f6 = beta[12] as number;
    for (let k = 0; k < CLOSED.length; k++) {
      after[base + (CLOSED[k] as number)] =
        f0 * (freshExp[k] as number) +
        f1 * (freshExp[k + 7] as number) +
        f2 * (freshExp[k + 14] as number) +
        f3 * (freshExp[k + 21] as number) +
        f4 * (freshExp[k + 28] as number) +
        f5 * (freshExp[k + 35] as number) +
        f6 * (freshExp[k + 42] as number);
    }
    for (let begun = 1; begun < WIDTH; begun += 4) {
      const going = begun + 1;
      const g = beta[going] as number;
      const e = beta[going + 1] as number;
      for (let left = begun; left < begun + 2; left++)
        after[base + left] =
          g * (table[left * WIDTH + going] as number) + e * (table[left * WIDTH + going + 1] as number);
    }
  }
}

/** Probability that exactly the tokens [at, to) are the name that `path` says. */
export function probability(model: NamesModel, at: number, to: number): number {
  const table = tablesOf(model).transitions;
  let p = alpha[at * WIDTH + (path[at] as number)] as number;
  for (let i = at + 1; i < to; i++) {
    const left = path[i - 1] as number;
    const right = path[i] as number;
    p *= ((table[left * WIDTH + right] as number) * (factor[i * WIDTH + right] as number)) / (norm[i] as number);
  }
  return Math.min(1, p * (after[(to - 1) * WIDTH + (path[to - 1] as number)] as number));
}
