/**
 * The trainer and the product read texts with the same code; here the product's sums, packed four to two registers, and its
 * search are compared with plain ones over what the trainer sees.
 */
import { expect, it } from "vitest";
import { Dataset } from "../../train/dataset.ts";
import { meanOf } from "../../train/mean.ts";
import { guess } from "../../train/score.ts";
import { FEATURES } from "./features.ts";
import { LABELS, mayFollow, OUTSIDE, typeOf } from "./labels.ts";
import { loadNames } from "./model-node.ts";
import { type NamesModel, ROW_WORDS, WAYS } from "./model.ts";

const model = loadNames();

const TEXTS = [
  "My colleague Anna Smith lives in London.",
  "Sehr geehrte Frau Dr. von der Heide, die Firma Nordmetall GmbH & Co. KG in Bremen dankt.",
  "rozmawiałem z janem kowalskim w krakowie",
  '{"name":"Maria Rossi","city":"Milano"}',
  "Szabó Éva és Nagy Péter Budapesten élnek; az USA-ban nem.",
  "Γεια σου Γιώργο, είμαι η Μαρία Παπαδοπούλου από την Πάτρα.",
];

function plainScores(hashes: Int32Array, token: number, { rows, marks, bucketShift }: NamesModel): number[] {
  const bytes = new Uint8Array(rows.buffer);
  const scores = Array.from({ length: LABELS }, () => 0);
  for (let f = 0; f < FEATURES; f++) {
    const hash = hashes[token * FEATURES + f] as number;
    const mark = hash & 0xffff || 1;
    for (let way = 0; way < WAYS; way++) {
      const row = (hash >>> bucketShift) * WAYS + way;
      const at = row * ROW_WORDS * 4;
      if (marks[row] !== mark) continue;
      for (let y = 0; y < LABELS; y++) scores[y] = (scores[y] as number) + (bytes[at + y] as number);
      break;
    }
  }
  return scores;
}

/** The best labelling, by trying every path label by label. */
function bestPath(scores: readonly number[][], { transitions }: NamesModel): number[] {
  let paths = [{ labels: [] as number[], score: 0, last: OUTSIDE }];
  for (const own of scores) {
    const next: typeof paths = [];
    for (let y = 0; y < LABELS; y++) {
      let best: (typeof paths)[number] | undefined;
      for (const path of paths) {
        if (!mayFollow(path.last, y)) continue;
        const score = path.score + (transitions[path.last * LABELS + y] as number) + (own[y] as number);
        if (best === undefined || score > best.score) best = { labels: [...path.labels, y], score, last: y };
      }
      if (best !== undefined) next.push(best);
    }
    paths = next;
  }
  return paths
    .filter(({ last }) => mayFollow(last, OUTSIDE))
    .map((path) => ({ ...path, score: path.score + (transitions[path.last * LABELS] as number) }))
    .toSorted((a, b) => b.score - a.score)[0]?.labels as number[];
}

it.each(TEXTS)("what the trainer sees is what the tagger reads: %s", (text) => {
  const data = new Dataset(model.lexicon, model.classes, model.sieve);
  data.add({ lang: "", text, spans: [] });
  const types: number[] = [];
  for (let run = 0; run < data.runs.length; run++) {
    const first = data.runs.data[run] as number;
    const stop = run + 1 < data.runs.length ? (data.runs.data[run + 1] as number) : data.tokens;
    const scores: number[][] = [];
    for (let token = first; token < stop; token++) scores.push(plainScores(data.hashes.data, token, model));
    for (const label of bestPath(scores, model)) {
      // Begin and Single: one a name.
      if (label !== OUTSIDE && ((label - 1) & 3) % 3 === 0) types.push(typeOf(label));
    }
  }
  const guesses = guess(model, text);
  expect(guesses.map(({ type }) => type)).toEqual(types);
  expect(types.length).toBeGreaterThan(0);
  for (const { probability } of guesses) {
    expect(probability).toBeGreaterThan(0);
    expect(probability).toBeLessThanOrEqual(1);
  }
});

it("the mean of a model and itself is the model", () => {
  const mean = meanOf([model, model]);
  const [own, other] = [model, mean].map(sorted) as [Uint32Array, Uint32Array];
  expect(Buffer.compare(Buffer.from(other.buffer), Buffer.from(own.buffer))).toBe(0);
  expect([mean.transitions, mean.step]).toEqual([model.transitions, model.step]);
});

/** The rows of a bucket, each behind its mark, in the order of their marks: which way holds which means nothing. */
function sorted({ rows, marks }: NamesModel): Uint32Array {
  const result = new Uint32Array(marks.length * (1 + ROW_WORDS));
  for (let bucket = 0; bucket < marks.length; bucket += WAYS) {
    const ways = Array.from({ length: WAYS }, (_, way) => {
      const at = (bucket + way) * ROW_WORDS;
      return [marks[bucket + way] as number, ...rows.subarray(at, at + ROW_WORDS)];
    });
    ways.sort((a, b) => (a[0] as number) - (b[0] as number));
    for (const [way, row] of ways.entries()) result.set(row, (bucket + way) * (1 + ROW_WORDS));
  }
  return result;
}
