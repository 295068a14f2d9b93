/**
 * The mean of models that differ in the seed they were trained with. Their scores are sums of weights, so the mean of the weights scores as
 * all of them together would; what has no room any more is what weighs least. Lexicon and classes are the same in all; the sieve
 * and the calibration are the first one's.
 */
import { LABELS } from "../src/names/labels.ts";
import { type NamesModel, ROW_WORDS, WAYS } from "../src/names/model.ts";

const ROW_BYTES = ROW_WORDS * 4;
const MARK_AT = 14;

/** Throws a RangeError when there is none. */
export function meanOf(models: readonly NamesModel[]): NamesModel {
  const [first] = models;
  if (first === undefined) throw new RangeError("no model");
  const step = Math.max(...models.map((model) => model.step));
  const transitions = first.transitions.map((_, at) => {
    const sum = models.reduce((total, model) => total + (model.transitions[at] as number) * model.step, 0);
    return Math.round(sum / models.length / step);
  });
  return { ...first, step, transitions, rows: meanRows(models, step) };
}

/** Bucket by bucket: the features of all models by their marks, the WAYS weightiest of them kept. */
function meanRows(models: readonly NamesModel[], step: number): Int32Array {
  const tables = models.map((model) => ({
    rows: new Uint8Array(model.rows.buffer, model.rows.byteOffset, model.rows.byteLength),
    share: model.step / step / models.length,
  }));
  const result = new Uint8Array(tables[0]?.rows.length ?? 0);
  for (let bucket = 0; bucket < result.length; bucket += WAYS * ROW_BYTES) {
    const sums = new Map<number, Float64Array>();
    for (const { rows, share } of tables) {
      for (let row = bucket; row < bucket + WAYS * ROW_BYTES; row += ROW_BYTES) {
        const mark = (rows[row + MARK_AT] as number) | ((rows[row + MARK_AT + 1] as number) << 8);
        if (mark === 0) continue;
        const sum = sums.get(mark) ?? new Float64Array(LABELS);
        sums.set(mark, sum);
        for (let y = 0; y < LABELS; y++) sum[y] = (sum[y] as number) + ((rows[row + y] as number) - 128) * share;
      }
    }
    const kept = [...sums].toSorted(([, a], [, b]) => weight(b) - weight(a)).slice(0, WAYS);
    for (const [way, [mark, sum]] of kept.entries()) {
      const row = bucket + way * ROW_BYTES;
      for (let y = 0; y < LABELS; y++)
        result[row + y] = 128 + Math.max(-127, Math.min(127, Math.round(sum[y] as number)));
      result[row + MARK_AT] = mark & 0xff;
      result[row + MARK_AT + 1] = mark >> 8;
    }
  }
  return new Int32Array(result.buffer);
}

function weight(sum: Float64Array): number {
  return sum.reduce((total, value) => total + value * value, 0);
}
