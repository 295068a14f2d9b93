/**
 * Reads one chunk and says where its names are. A linear-chain model over the open tokens: the weights of a token's features
 * are added up in integers, four to two registers; chain.ts makes a labelling of the sums. Allocates only for names found; the
 * work arrays are shared, the call is synchronous.
 */
import { CHUNK_CHARS_MAX } from "../scanner/chunks.ts";
import { findPath, measure, path, probability, tops, unary } from "./chain.ts";
import { classify } from "./classes.ts";
import { FEATURES, LEADING, otherFeatures } from "./features.ts";
import { OPEN, openGate } from "./gate.ts";
import { BENT, FIRST, LAST } from "./lexicon.ts";
import { LABELS, OUTSIDE, typeOf } from "./labels.ts";
import type { NamesModel } from "./model.ts";
import { sift } from "./sieve.ts";
import { LOOK_CAPITAL, LOOK_CAPS, LOOK_EDGE, LOOK_SIGN, PAD, signLook, Tokens } from "./tokens.ts";

// What is imported is read from a cell, and its kind is checked, at every use; a constant of the module's own is part of the code.
const ALL = FEATURES;
const EARLY = LEADING;
const WIDTH = LABELS;

const SIZE = CHUNK_CHARS_MAX + 2 * PAD + 2;
/** Those of the chunk that was read last, the `chunksRead`th. */
export const tokens = new Tokens();
export let chunksRead = 0;
const open = new Uint8Array(SIZE);
const bits = new Uint8Array(SIZE);
const classes = new Uint16Array(SIZE);
const leading = new Int32Array(SIZE * EARLY);
const hashes = new Int32Array(ALL);
/** Of the rows that are there, where each begins. */
const found = new Int32Array(ALL);
/** Of each bucket its first mark, then of each row its first word. */
const fetched = new Int32Array(ALL);

export interface Spotted {
  /**
   * Takes a name: type 0…2, its place in UTF-16 code units, the model's own probability, and whether little speaks for it: it is one
   * word without a capital that says something, or the first word of a line, a sentence, a quotation; or a name that the lists hold,
   * which shops and storms bear as well.
   */
  name(type: number, start: number, end: number, probability: number, bare: boolean): void;
}

/** Finds the names in [chunkFrom, chunkTo), at most CHUNK_CHARS_MAX code units, and reads nothing outside of it. */
export function tag(model: NamesModel, text: string, chunkFrom: number, chunkTo: number, out: Spotted): void {
  tokens.read(text, chunkFrom, chunkTo);
  chunksRead++;
  if (openGate(tokens, text, chunkFrom, chunkTo, model.lexicon, open, bits) === 0) return;
  classify(tokens, text, model.classes, open, classes);
  if (sift(model.sieve, tokens, text, bits, classes, open, leading) === 0) return;
  const stop = PAD + tokens.count;
  for (let i = PAD; i < stop; i++) {
    if (open[i] !== OPEN) continue;
    let to = i + 1;
    while (open[to] === OPEN) to++;
    tagRun(model, text, i, to, out);
    i = to;
  }
}

/** Looks behind which any word begins with a capital: the edge of the chunk, and all signs but those in the midst of a sentence. */
const HEADS = new Uint8Array(LOOK_SIGN + 16).fill(1, LOOK_EDGE);
for (const sign of [",", ")", "/", "'", "&"]) HEADS[signLook(sign)] = 0;

function isBare(i: number): boolean {
  const look = tokens.look[i] as number;
  const known = bits[i] as number;
  if ((known & (FIRST | LAST)) !== 0 && (known & BENT) === 0) return true;
  return (look !== LOOK_CAPITAL && look !== LOOK_CAPS) || HEADS[tokens.look[i - 1] as number] === 1;
}

function tagRun(model: NamesModel, text: string, first: number, stop: number, out: Spotted): void {
  for (let i = first; i < stop; i++) tops[i - first] = score(model, text, i, (i - first) * WIDTH);
  const count = stop - first;
  if (!findPath(model, count)) return;
  let measured = false;
  for (let at = 0; at < count; at++) {
    if (path[at] === OUTSIDE) continue;
    if (!measured) {
      measure(model, count);
      measured = true;
    }
    const label = path[at] as number;
    const type = typeOf(label);
    let to = at + 1;
    if (((label - 1) & 3) === 0) {
      while ((((path[to] as number) - 1) & 3) === 1) to++;
      to++;
    }
    out.name(
      type,
      tokens.start[first + at] as number,
      tokens.end[first + to - 1] as number,
      probability(model, at, to),
      to - at === 1 && isBare(first + at),
    );
    at = to - 1;
  }
}

/**
 * Adds up the rows of the token's features and returns the highest label's score: bytes 0 and 2 of a word in one register, 1 and 3 in another. First it finds them all,
 * without a branch, then it reads them. Each of both begins with a loop that does nothing but fetch, one number of every bucket and of every row: they lie all over nine
 * megabytes, and a processor waits once for as many loads as it sees ahead, which are dozens of such a loop and a few of one that computes.
 */
function score(model: NamesModel, text: string, i: number, to: number): number {
  const { rows, marks, bucketShift } = model;
  for (let f = 0, at = i * EARLY; f < EARLY; f++, at++) hashes[f] = leading[at] as number;
  otherFeatures(tokens, text, i, bits, classes, hashes, 0);
  for (let f = 0; f < ALL; f++) fetched[f] = marks[((hashes[f] as number) >>> bucketShift) << 2] as number;
  let count = 0;
  for (let f = 0; f < ALL; f++) {
    const hash = hashes[f] as number;
    const mark = hash & 0xffff || 1;
    const row = (hash >>> bucketShift) << 2;
    // 1 for the row of the bucket that has the mark, if any.
    const first = (((fetched[f] as number) ^ mark) - 1) >>> 31;
    const second = (((marks[row + 1] as number) ^ mark) - 1) >>> 31;
    const third = (((marks[row + 2] as number) ^ mark) - 1) >>> 31;
    const fourth = (((marks[row + 3] as number) ^ mark) - 1) >>> 31;
    found[count] = (row + second + 2 * third + 3 * fourth) << 2;
    count += first | second | third | fourth;
  }
  for (let f = 0; f < count; f++) fetched[f] = rows[found[f] as number] as number;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let a4 = 0;
  let a5 = 0;
  let a6 = 0;
  for (let f = 0; f < count; f++) {
    const row = found[f] as number;
    const x0 = fetched[f] as number;
    const x1 = rows[row + 1] as number;
    const x2 = rows[row + 2] as number;
    a0 += x0 & 0xff00ff;
    a1 += (x0 >>> 8) & 0xff00ff;
    a2 += x1 & 0xff00ff;
    a3 += (x1 >>> 8) & 0xff00ff;
    a4 += x2 & 0xff00ff;
    a5 += (x2 >>> 8) & 0xff00ff;
    a6 += rows[row + 3] as number;
  }
  unary[to] = a0 & 0xffff;
  unary[to + 1] = a1 & 0xffff;
  unary[to + 2] = a0 >>> 16;
  unary[to + 3] = a1 >>> 16;
  unary[to + 4] = a2 & 0xffff;
  unary[to + 5] = a3 & 0xffff;
  unary[to + 6] = a2 >>> 16;
  unary[to + 7] = a3 >>> 16;
  unary[to + 8] = a4 & 0xffff;
  unary[to + 9] = a5 & 0xffff;
  unary[to + 10] = a4 >>> 16;
  unary[to + 11] = a5 >>> 16;
  unary[to + 12] = a6;
  let top = a6;
  for (let label = 0; label < WIDTH - 1; label++) top = Math.max(top, unary[to + label] as number);
  return top;
}
