/**
 * Makes the product's model of trained weights: keeps the features that matter most, rounds their weights to eight bits,
 * puts each into its bucket. A feature whose bucket is full of more important ones is left out.
 */
import { LABELS } from "../src/names/labels.ts";
import { type Calibration, type NamesModel, ROW_WORDS, WAYS } from "../src/names/model.ts";
import type { Sieve } from "../src/names/sieve.ts";
import { STRIDE, type Trained } from "./crf.ts";

const SPREAD_SHARE = 0.9995;

export function pack(
  trained: Trained,
  lexicon: Int32Array,
  classes: Int32Array,
  sieve: Sieve,
  rowsLog2: number,
  calibration: readonly Calibration[],
  log: (line: string) => void,
): NamesModel {
  const { keys, weights, counts } = trained;
  const rowCount = keys.length;
  // A constant over all labels changes nothing: what counts is how far the labels are apart.
  const worth = new Float32Array(rowCount);
  const centred = new Float32Array(LABELS);
  for (let row = 0; row < rowCount; row++) {
    let mean = 0;
    for (let y = 0; y < LABELS; y++) mean += weights[row * STRIDE + y] as number;
    mean /= LABELS;
    let sum = 0;
    for (let y = 0; y < LABELS; y++) {
      centred[y] = (weights[row * STRIDE + y] as number) - mean;
      sum += (centred[y] as number) ** 2;
      weights[row * STRIDE + y] = centred[y] as number;
    }
    worth[row] = Math.sqrt(sum) * Math.log2(1 + (counts[row] as number)) ** 0.5;
  }
  const order = new Int32Array(rowCount).map((_, at) => at);
  const sorted = order.toSorted((a, b) => (worth[b] as number) - (worth[a] as number));
  const slots = 1 << rowsLog2;
  const bucketShift = 32 - (rowsLog2 - Math.log2(WAYS));
  const marks = new Uint16Array(slots);
  const taken = new Int32Array(slots).fill(-1);
  let kept = 0;
  let full = 0;
  for (const row of sorted) {
    if (kept >= slots) break;
    const key = keys[row] as number;
    const mark = key & 0xffff || 1;
    const bucket = (key >>> bucketShift) * WAYS;
    let way = 0;
    while (way < WAYS && marks[bucket + way] !== 0 && marks[bucket + way] !== mark) way++;
    if (way === WAYS || marks[bucket + way] === mark) {
      full++;
      if (full > slots) break;
      continue;
    }
    marks[bucket + way] = mark;
    taken[bucket + way] = row;
    kept++;
  }
  const sizes: number[] = [];
  for (const row of taken)
    if (row >= 0) for (let y = 0; y < LABELS; y++) sizes.push(Math.abs(weights[row * STRIDE + y] as number));
  const sizesSorted = Float32Array.from(sizes).sort();
  const largest = sizesSorted[Math.floor((sizesSorted.length - 1) * SPREAD_SHARE)] as number;
  const step = largest / 127;
  const packed = new Uint8Array(slots * ROW_WORDS * 4);
  for (let slot = 0; slot < slots; slot++) {
    const row = taken[slot] as number;
    if (row < 0) continue;
    for (let y = 0; y < LABELS; y++) {
      const value = Math.round((weights[row * STRIDE + y] as number) / step);
      packed[slot * ROW_WORDS * 4 + y] = 128 + Math.max(-127, Math.min(127, value));
    }
    packed[slot * ROW_WORDS * 4 + 14] = (marks[slot] as number) & 0xff;
    packed[slot * ROW_WORDS * 4 + 15] = (marks[slot] as number) >> 8;
  }
  log(`${kept} of ${rowCount} features kept in ${slots} slots, step ${step.toFixed(4)}`);
  return {
    lexicon,
    classes,
    sieve,
    transitions: Int32Array.from(trained.transitions, (value) => Math.round(value / step)),
    rows: new Int32Array(packed.buffer),
    bucketShift,
    step,
    calibration,
  };
}
