/**
 * Trains the linear chain: maximum likelihood with AdaGrad, weights kept small by a decay on touch, features dropped at random so
 * that no single word carries a decision. Tokens whose label is known only in part count with all labels they may have.
 */
import { FEATURES } from "../src/names/features.ts";
import { LABELS, mayFollow } from "../src/names/labels.ts";
import type { Dataset } from "./dataset.ts";
import type { Random } from "./random.ts";

export const STRIDE = 16;

export interface Trained {
  /** Hash of each row's feature. */
  readonly keys: Int32Array;
  /** STRIDE floats a row, LABELS of them used. */
  readonly weights: Float32Array;
  readonly transitions: Float32Array;
  /** How often each row's feature stands in the data. */
  readonly counts: Int32Array;
}

export interface TrainOptions {
  readonly epochs: number;
  readonly rate: number;
  /** Share of the rate that is lost by the last epoch. */
  readonly fall: number;
  readonly decay: number;
  readonly dropout: number;
  /** Features seen less often are not learned. */
  readonly countMin: number;
  readonly log: (line: string) => void;
  /** Gives the mean of the weights at the ends of the epochs, not those at the end of the last one. */
  readonly mean?: boolean;
}

const SLOT_MASK = (1 << 25) - 1;

/** Dense row numbers of hashes. */
class Rows {
  readonly #slots = new Int32Array(SLOT_MASK + 1).fill(-1);
  #keys = new Int32Array(1 << 20);
  #count = 0;

  get keys(): Int32Array {
    return this.#keys.slice(0, this.#count);
  }

  /** The hash's row; of a hash that has none a new one, or -1 when `grow` is not set. */
  of(hash: number, grow: boolean): number {
    let slot = Math.imul(hash, 0x9e3779b1) >>> 7;
    for (;;) {
      const row = this.#slots[slot] as number;
      if (row < 0) break;
      if (this.#keys[row] === hash) return row;
      slot = (slot + 1) & SLOT_MASK;
    }
    if (!grow) return -1;
    if (this.#count === this.#keys.length) {
      const more = new Int32Array(this.#count * 2);
      more.set(this.#keys);
      this.#keys = more;
    }
    this.#keys[this.#count] = hash;
    this.#slots[slot] = this.#count;
    return this.#count++;
  }
}

interface Indexed {
  readonly keys: Int32Array;
  readonly counts: Int32Array;
  /** By place in the data; -1 for a feature that is not learned. */
  readonly rows: Int32Array;
}

/** Replaces hashes by row numbers: of `known` hashes only, or of all that are seen `countMin` times. */
function index(data: Dataset, countMin: number, known: Int32Array | undefined): Indexed {
  const hashes = data.hashes.data.subarray(0, data.hashes.length);
  const seen = new Uint8Array(1 << 27);
  if (known === undefined) {
    for (const hash of hashes)
      if ((seen[hash >>> 5] as number) < 255) seen[hash >>> 5] = (seen[hash >>> 5] as number) + 1;
  }
  const table = new Rows();
  for (const hash of known ?? []) table.of(hash, true);
  const rows = hashes.map((hash) => {
    if (known !== undefined) return table.of(hash, false);
    return (seen[hash >>> 5] as number) < countMin ? -1 : table.of(hash, true);
  });
  const { keys } = table;
  const counts = new Int32Array(keys.length);
  for (const row of rows) if (row >= 0) counts[row] = (counts[row] as number) + 1;
  return { keys, counts, rows };
}

const BEFORE = Array.from({ length: LABELS }, (_, right) =>
  Array.from({ length: LABELS }, (_, left) => left).filter((left) => mayFollow(left, right)),
);

/** `start`: goes on from these weights, and learns of no other feature. */
export function trainCrf(data: Dataset, random: Random, options: TrainOptions, start?: Trained): Trained {
  const started = performance.now();
  const { keys, counts, rows } = index(data, options.countMin, start?.keys);
  const rowCount = keys.length;
  options.log(`${data.tokens} tokens, ${data.runs.length} runs, ${rowCount} features`);
  const weights = start?.weights.slice() ?? new Float32Array(rowCount * STRIDE);
  const squares = new Float32Array(rowCount * STRIDE);
  const transitions = start?.transitions.slice() ?? new Float32Array(LABELS * LABELS);
  const transitionSquares = new Float32Array(LABELS * LABELS);
  const runCount = data.runs.length;
  const order = new Int32Array(runCount).map((_, at) => at);
  const LONGEST = 1100;
  const unary = new Float64Array(LONGEST * LABELS);
  const factor = new Float64Array(LONGEST * LABELS);
  const alpha = new Float64Array(LONGEST * LABELS);
  const after = new Float64Array(LONGEST * LABELS);
  const norm = new Float64Array(LONGEST);
  const marginal = new Float64Array(LONGEST * LABELS);
  const expected = new Float64Array(LABELS * LABELS);
  const table = new Float64Array(LABELS * LABELS);
  const masks = data.masks.data;
  const dropped = new Uint8Array(LONGEST * FEATURES);

  /** Adds sign × marginals to `marginal` and `expected`; returns log Z. `useMask`: only labels that the tokens may have. */
  function sums(first: number, count: number, sign: number, useMask: boolean): number {
    let log = 0;
    for (let at = 0; at < count; at++) {
      const base = at * LABELS;
      const mask = useMask ? (masks[first + at] as number) : -1;
      let top = -Infinity;
      for (let y = 0; y < LABELS; y++) if ((mask & (1 << y)) !== 0) top = Math.max(top, unary[base + y] as number);
      log += top;
      let sum = 0;
      for (let y = 0; y < LABELS; y++) {
        if ((mask & (1 << y)) === 0) {
          factor[base + y] = 0;
          alpha[base + y] = 0;
          continue;
        }
        const own = Math.exp((unary[base + y] as number) - top);
        factor[base + y] = own;
        let total = 0;
        if (at === 0) total = mayFollow(0, y) ? (table[y] as number) : 0;
        else
          for (const left of BEFORE[y] as number[])
            total += (alpha[base - LABELS + left] as number) * (table[left * LABELS + y] as number);
        total *= own;
        alpha[base + y] = total;
        sum += total;
      }
      if (sum === 0) return Number.NaN;
      norm[at] = sum;
      log += Math.log(sum);
      for (let y = 0; y < LABELS; y++) alpha[base + y] = (alpha[base + y] as number) / sum;
    }
    let base = (count - 1) * LABELS;
    let total = 0;
    for (const y of BEFORE[0] as number[]) total += (alpha[base + y] as number) * (table[y * LABELS] as number);
    if (total === 0) return Number.NaN;
    log += Math.log(total);
    for (let y = 0; y < LABELS; y++) after[base + y] = mayFollow(y, 0) ? (table[y * LABELS] as number) / total : 0;
    for (let y = 0; y < LABELS; y++) {
      const share = (alpha[base + y] as number) * (after[base + y] as number) * sign;
      expected[y * LABELS] = (expected[y * LABELS] as number) + share;
    }
    for (let at = count - 1; at >= 0; at--) {
      base = at * LABELS;
      if (at < count - 1) {
        const next = base + LABELS;
        const scale = norm[at + 1] as number;
        for (let y = 0; y < LABELS; y++) after[base + y] = 0;
        for (let right = 0; right < LABELS; right++) {
          const behind = ((after[next + right] as number) * (factor[next + right] as number)) / scale;
          if (behind === 0) continue;
          for (const left of BEFORE[right] as number[]) {
            const part = (table[left * LABELS + right] as number) * behind;
            after[base + left] = (after[base + left] as number) + part;
            expected[left * LABELS + right] =
              (expected[left * LABELS + right] as number) + sign * (alpha[base + left] as number) * part;
          }
        }
      }
      for (let y = 0; y < LABELS; y++) {
        marginal[base + y] =
          (marginal[base + y] as number) + sign * (alpha[base + y] as number) * (after[base + y] as number);
      }
    }
    for (let y = 0; y < LABELS; y++) {
      const share = (alpha[y] as number) * (after[y] as number) * sign;
      expected[y] = (expected[y] as number) + share;
    }
    return log;
  }

  const mean = options.mean === true ? new Float32Array(weights.length) : undefined;
  const transitionMean = new Float32Array(transitions.length);
  const { dropout } = options;
  // What is left counts for what is dropped, so that the weights fit the product, which drops nothing.
  const keep = 1 / (1 - dropout);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    random.shuffle(order);
    // The last epochs take smaller steps and no dropout noise is averaged away by them.
    const rate = options.rate * (1 - options.fall * (epoch / Math.max(1, options.epochs - 1)));
    let loss = 0;
    for (let o = 0; o < runCount; o++) {
      const run = order[o] as number;
      const first = data.runs.data[run] as number;
      const stop = run + 1 < runCount ? (data.runs.data[run + 1] as number) : data.tokens;
      const count = stop - first;
      if ((o & 1023) === 0)
        for (let k = 0; k < LABELS * LABELS; k++)
          table[k] = mayFollow(Math.floor(k / LABELS), k % LABELS) ? Math.exp(transitions[k] as number) : 0;
      for (let at = 0; at < count; at++) {
        const base = at * LABELS;
        for (let y = 0; y < LABELS; y++) {
          unary[base + y] = 0;
          marginal[base + y] = 0;
        }
        const f0 = (first + at) * FEATURES;
        for (let f = 0; f < FEATURES; f++) {
          const row = rows[f0 + f] as number;
          const drop = row < 0 || (dropout > 0 && random.chance(dropout));
          dropped[at * FEATURES + f] = drop ? 1 : 0;
          if (drop) continue;
          const w = row * STRIDE;
          for (let y = 0; y < LABELS; y++)
            unary[base + y] = (unary[base + y] as number) + keep * (weights[w + y] as number);
        }
      }
      expected.fill(0);
      const logAll = sums(first, count, 1, false);
      const logGold = sums(first, count, -1, true);
      if (Number.isNaN(logGold) || Number.isNaN(logAll)) continue;
      loss += logAll - logGold;
      for (let at = 0; at < count; at++) {
        const base = at * LABELS;
        let large = 0;
        for (let y = 0; y < LABELS; y++) large = Math.max(large, Math.abs(marginal[base + y] as number));
        if (large < 1e-3) continue;
        const f0 = (first + at) * FEATURES;
        for (let f = 0; f < FEATURES; f++) {
          if (dropped[at * FEATURES + f] === 1) continue;
          const w = (rows[f0 + f] as number) * STRIDE;
          for (let y = 0; y < LABELS; y++) {
            const own = weights[w + y] as number;
            const g = keep * (marginal[base + y] as number) + options.decay * own;
            const square = (squares[w + y] as number) + g * g;
            squares[w + y] = square;
            weights[w + y] = own - (rate * g) / (Math.sqrt(square) + 1e-3);
          }
        }
      }
      for (let k = 0; k < LABELS * LABELS; k++) {
        const g = expected[k] as number;
        if (g === 0) continue;
        const square = (transitionSquares[k] as number) + g * g;
        transitionSquares[k] = square;
        transitions[k] = (transitions[k] as number) - (rate * g) / (Math.sqrt(square) + 1e-3);
      }
    }
    if (mean !== undefined) {
      addShare(mean, weights, 1 / options.epochs);
      addShare(transitionMean, transitions, 1 / options.epochs);
    }
    const seconds = (performance.now() - started) / 1000;
    options.log(`epoch ${epoch + 1}: loss a run ${(loss / runCount).toFixed(5)}, ${seconds.toFixed(0)} s`);
  }
  if (mean === undefined) return { keys, weights, transitions, counts };
  return { keys, weights: mean, transitions: transitionMean, counts };
}

function addShare(sum: Float32Array, values: Float32Array, share: number): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (values[at] as number) * share;
}
