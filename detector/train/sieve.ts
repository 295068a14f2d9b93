/** Trains the sieve: logistic regression on the leading features, hashed into one table, rounded to one byte a weight. */
import { LEADING } from "../src/names/features.ts";
import { SIEVE_LOG2, SIEVE_SHIFT, type Sieve } from "../src/names/sieve.ts";
import type { Dataset } from "./dataset.ts";
import type { Random } from "./random.ts";

const EPOCHS = 3;
const RATE = 0.1;
/** Share of the names' tokens that may be lost. */
const LOSS_MAX = 0.006;
/** Weights above this share of all are cut to the largest byte. */
const SPREAD_SHARE = 0.9995;

/** `data` has leading features only. */
export function trainSieve(data: Dataset, random: Random, log: (line: string) => void): Sieve {
  const weights = new Float32Array(1 << SIEVE_LOG2);
  const squares = new Float32Array(1 << SIEVE_LOG2);
  const masks = data.masks.data;
  const hashes = data.hashes.data;
  // Only tokens that are surely a name or surely none.
  const order = new Int32Array(data.tokens)
    .map((_, at) => at)
    .filter((at) => masks[at] === 1 || ((masks[at] as number) & 1) === 0);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    random.shuffle(order);
    for (const at of order) {
      let sum = 0;
      for (let f = at * LEADING; f < (at + 1) * LEADING; f++)
        sum += weights[(hashes[f] as number) >>> SIEVE_SHIFT] as number;
      const g = 1 / (1 + Math.exp(-sum)) - (masks[at] === 1 ? 0 : 1);
      if (Math.abs(g) < 1e-3) continue;
      for (let f = at * LEADING; f < (at + 1) * LEADING; f++) {
        const slot = (hashes[f] as number) >>> SIEVE_SHIFT;
        const square = (squares[slot] as number) + g * g;
        squares[slot] = square;
        weights[slot] = (weights[slot] as number) - (RATE * g) / (Math.sqrt(square) + 1e-3);
      }
    }
  }
  const sizes = weights.map(Math.abs).sort();
  const step = (sizes[Math.floor((sizes.length - 1) * SPREAD_SHARE)] as number) / 127;
  const bytes = Int8Array.from(weights, (weight) => Math.max(-127, Math.min(127, Math.round(weight / step))));
  const sums: number[] = [];
  let below = 0;
  for (const at of order) {
    if (masks[at] !== 1) sums.push(sumOf(bytes, hashes, at));
  }
  sums.sort((a, b) => a - b);
  const limit = sums[Math.floor(sums.length * LOSS_MAX)] as number;
  for (const at of order) if (sumOf(bytes, hashes, at) < limit) below++;
  log(`the sieve keeps ${order.length - below} of ${order.length} open tokens, ${sums.length} of them in names`);
  return { weights: bytes, limit };
}

function sumOf(bytes: Int8Array, hashes: Int32Array, at: number): number {
  let sum = 0;
  for (let f = at * LEADING; f < (at + 1) * LEADING; f++) sum += bytes[(hashes[f] as number) >>> SIEVE_SHIFT] as number;
  return sum;
}
