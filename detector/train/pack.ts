/**
 * Makes the product's model of trained weights: keeps the features that matter most, each in its bucket, and rounds their weights to
 * eight bits. A feature whose bucket is full of more important ones is left out.
 */
import { LABELS } from "../src/names/labels.ts";
import { type Calibration, type NamesModel, ROW_WORDS, WAYS } from "../src/names/model.ts";
import type { Sieve } from "../src/names/sieve.ts";
import { STRIDE, type Trained } from "./crf.ts";

const SPREAD_SHARE = 0.9995;

/** Puts features into their buckets, first come, first served. */
class Buckets {
  readonly #shift: number;
  /** By slot; 0: free. */
  readonly marks: Uint16Array;

  constructor(rowsLog2: number) {
    this.#shift = 32 - (rowsLog2 - Math.log2(WAYS));
    this.marks = new Uint16Array(1 << rowsLog2);
  }

  get bucketShift(): number {
    return this.#shift;
  }

  /** Its slot, -1 when there is no room or another feature that looks the same. */
  take(key: number): number {
    const mark = key & 0xffff || 1;
    const bucket = (key >>> this.#shift) * WAYS;
    for (let slot = bucket; slot < bucket + WAYS; slot++) {
      if (this.marks[slot] === mark) return -1;
      if (this.marks[slot] !== 0) continue;
      this.marks[slot] = mark;
      return slot;
    }
    return -1;
  }
}

/** Of the trained features those that a product of 2^rowsLog2 rows has room for. */
export function choose(trained: Trained, rowsLog2: number): Trained {
  const { keys, counts } = trained;
  const weights = centred(trained.weights);
  // A constant over all labels changes nothing: what counts is how far the labels are apart.
  const worth = Float32Array.from(keys, (_, row) => {
    let sum = 0;
    for (let at = row * STRIDE; at < row * STRIDE + LABELS; at++) sum += (weights[at] as number) ** 2;
    return Math.sqrt(sum) * Math.log2(1 + (counts[row] as number)) ** 0.5;
  });
  const order = new Int32Array(keys.length).map((_, row) => row);
  const buckets = new Buckets(rowsLog2);
  const kept = order
    .toSorted((a, b) => (worth[b] as number) - (worth[a] as number))
    .filter((row) => buckets.take(keys[row] as number) >= 0);
  const chosen = new Float32Array(kept.length * STRIDE);
  kept.forEach((row, at) => chosen.set(weights.subarray(row * STRIDE, (row + 1) * STRIDE), at * STRIDE));
  return {
    keys: kept.map((row) => keys[row] as number),
    counts: kept.map((row) => counts[row] as number),
    weights: chosen,
    transitions: trained.transitions,
  };
}

function centred(weights: Float32Array): Float32Array {
  const result = weights.slice();
  for (let row = 0; row < weights.length; row += STRIDE) {
    let mean = 0;
    for (let y = 0; y < LABELS; y++) mean += (weights[row + y] as number) / LABELS;
    for (let y = 0; y < LABELS; y++) result[row + y] = (weights[row + y] as number) - mean;
  }
  return result;
}

/** `trained` has been chosen from. */
export function pack(
  trained: Trained,
  lexicon: Int32Array,
  classes: Int32Array,
  sieve: Sieve,
  rowsLog2: number,
  calibration: readonly Calibration[],
  log: (line: string) => void,
): NamesModel {
  const { keys } = trained;
  const weights = centred(trained.weights);
  const sizes: number[] = [];
  keys.forEach((_, row) => {
    for (let y = 0; y < LABELS; y++) sizes.push(Math.abs(weights[row * STRIDE + y] as number));
  });
  const sizesSorted = Float32Array.from(sizes).sort();
  const largest = sizesSorted[Math.floor((sizesSorted.length - 1) * SPREAD_SHARE)] as number;
  const step = largest / 127;
  const buckets = new Buckets(rowsLog2);
  const packed = new Uint8Array((1 << rowsLog2) * ROW_WORDS * 4);
  keys.forEach((key, row) => {
    const slot = buckets.take(key);
    if (slot < 0) throw new RangeError("a feature that was chosen has no place");
    const at = slot * ROW_WORDS * 4;
    for (let y = 0; y < LABELS; y++) {
      const value = Math.round((weights[row * STRIDE + y] as number) / step);
      packed[at + y] = 128 + Math.max(-127, Math.min(127, value));
    }
  });
  log(`${keys.length} features in ${1 << rowsLog2} slots, step ${step.toFixed(4)}`);
  return {
    lexicon,
    classes,
    sieve,
    transitions: Int32Array.from(trained.transitions, (value) => Math.round(value / step)),
    rows: new Int32Array(packed.buffer),
    marks: buckets.marks,
    bucketShift: buckets.bucketShift,
    // As the file holds it.
    step: Math.fround(step),
    calibration,
  };
}
