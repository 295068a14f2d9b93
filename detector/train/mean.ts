/**
 * The mean of models that differ in the seed they were trained with. Their scores are sums of weights, so the mean of the weights scores as
 * all of them together would; what has no room any more is what weighs least. Lexicon and classes are the same in all; the sieve
 * and the calibration are the first one's.
 */
import { LABELS } from "../src/names/labels.ts";
import { type NamesModel, ROW_WORDS, WAYS } from "../src/names/model.ts";

const ROW_BYTES = ROW_WORDS * 4;

/** Throws a RangeError when there is none. */
export function meanOf(models: readonly NamesModel[]): NamesModel {
  const [first] = models;
  if (first === undefined) throw new RangeError("no model");
  const step = Math.max(...models.map((model) => model.step));
  const transitions = first.transitions.map((_, at) => {
    const sum = models.reduce((total, model) => total + (model.transitions[at] as number) * model.step, 0);
    return Math.round(sum / models.length / step);
  });
  return { ...first, step, transitions, ...meanRows(models, step) };
}

/** Bucket by bucket: the features of all models by their marks, the WAYS weightiest of them kept. */
function meanRows(models: readonly NamesModel[], step: number): Pick<NamesModel, "rows" | "marks"> {
  const tables = models.map((model) => ({
    rows: new Uint8Array(model.rows.buffer, model.rows.byteOffset, model.rows.byteLength),
    marks: model.marks,
    share: model.step / step / models.length,
  }));
  const rowCount = tables[0]?.marks.length ?? 0;
  const result = new Uint8Array(rowCount * ROW_BYTES);
  const marks = new Uint16Array(rowCount);
  for (let bucket = 0; bucket < rowCount; bucket += WAYS) {
    const sums = new Map<number, Float64Array>();
    for (const { rows, marks: own, share } of tables) {
      for (let row = bucket; row < bucket + WAYS; row++) {
        const mark = own[row] as number;
        if (mark === 0) continue;
        const sum = sums.get(mark) ?? new Float64Array(LABELS);
        sums.set(mark, sum);
        for (let y = 0; y < LABELS; y++)
          sum[y] = (sum[y] as number) + ((rows[row * ROW_BYTES + y] as number) - 128) * share;
      }
    }
    const kept = [...sums].toSorted(([, a], [, b]) => weight(b) - weight(a)).slice(0, WAYS);
    for (const [way, [mark, sum]] of kept.entries()) {
      const row = bucket + way;
      for (let y = 0; y < LABELS; y++)
        result[row * ROW_BYTES + y] = 128 + Math.max(-127, Math.min(127, Math.round(sum[y] as number)));
      marks[row] = mark;
    }
  }
  return { rows: new Int32Array(result.buffer), marks };
}

function weight(sum: Float64Array): number {
  return sum.reduce((total, value) => total + value * value, 0);
}
