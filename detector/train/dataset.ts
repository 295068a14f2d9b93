/**
 * Examples turned into what the trainer reads: runs of open tokens, each with the rows of its features and the labels it may
 * have. The same tokenizer, gate and features as in the product, but for src/names/finnish.ts: what a known word is worth is learned
 * from words whose endings come off by themselves.
 */
import { classify } from "../src/names/classes.ts";
import { FEATURES, features, LEADING, leadingFeatures } from "../src/names/features.ts";
import { OPEN, openGate } from "../src/names/gate.ts";
import { begin, endOf, inside, LABELS, OUTSIDE, single } from "../src/names/labels.ts";
import { sift, type Sieve } from "../src/names/sieve.ts";
import { CHUNK_CHARS_MAX, chunksOf } from "../src/scanner/chunks.ts";
import { PAD, Tokens } from "../src/names/tokens.ts";
import { ANYTHING, type Example, OUT, type Span } from "./corpora.ts";

const SIZE = CHUNK_CHARS_MAX + 2 * PAD + 2;
const ALL_LABELS = (1 << LABELS) - 1;

/** Grows; the trainer reads `data` up to `length`. */
export class Ints {
  data = new Int32Array(1 << 16);
  length = 0;

  push(value: number): void {
    this.room(1);
    this.data[this.length++] = value;
  }

  room(count: number): void {
    if (this.length + count <= this.data.length) return;
    const grown = new Int32Array(Math.max(this.data.length * 2, this.length + count));
    grown.set(this.data);
    this.data = grown;
  }
}

export class Dataset {
  /** Index of the first token of each run; runs end where the next begins. */
  readonly runs = new Ints();
  /** Labels that the token may have, a bit each. */
  readonly masks = new Ints();
  /** `width` hashes a token. */
  readonly hashes = new Ints();
  /** Spans of one known type, and how many of them the gate or the tokenizer made impossible. */
  spans = 0;
  lost = 0;
  tokensRead = 0;
  readonly #tokens = new Tokens();
  readonly #open = new Uint8Array(SIZE);
  readonly #bits = new Uint8Array(SIZE);
  readonly #allowed = new Int32Array(SIZE);
  readonly #classes = new Uint16Array(SIZE);
  readonly #leading = new Int32Array(SIZE * LEADING);
  readonly #lexicon: Int32Array;
  readonly #classTable: Int32Array;
  readonly #sieve: Sieve | undefined;
  /** Hashes a token has here. */
  readonly width: number;

  /** Without a sieve: every open token with its leading features, which is what the sieve is trained on. */
  constructor(lexicon: Int32Array, classes: Int32Array, sieve?: Sieve) {
    this.#lexicon = lexicon;
    this.#classTable = classes;
    this.#sieve = sieve;
    this.width = sieve === undefined ? LEADING : FEATURES;
  }

  get tokens(): number {
    return this.masks.length;
  }

  add(example: Example): void {
    const { text } = example;
    for (const [from, to] of chunksOf(text)) this.#addChunk(example, from, to);
  }

  #addChunk(example: Example, from: number, to: number): void {
    const tokens = this.#tokens;
    const open = this.#open;
    const { text } = example;
    tokens.read(text, from, to);
    this.tokensRead += tokens.count;
    let left = openGate(tokens, text, from, to, this.#lexicon, open, this.#bits, false);
    if (left > 0) {
      classify(tokens, text, this.#classTable, open, this.#classes, false);
      if (this.#sieve !== undefined)
        left = sift(this.#sieve, tokens, text, this.#bits, this.#classes, open, this.#leading);
    }
    if (left === 0) {
      for (const span of example.spans) if (span.s >= from && span.s < to) this.#lose(span);
      return;
    }
    const stop = PAD + tokens.count;
    this.#label(example, from, to, stop);
    const { hashes, width } = this;
    for (let i = PAD; i < stop; i++) {
      if (open[i] !== OPEN) continue;
      this.runs.push(this.masks.length);
      let last = i;
      while (open[last] === OPEN) last++;
      for (; i < last; i++) {
        this.masks.push(this.#allowed[i] as number);
        hashes.room(width);
        if (width === FEATURES) features(tokens, text, i, this.#bits, this.#classes, hashes.data, hashes.length);
        else leadingFeatures(tokens, text, i, this.#bits, this.#classes, hashes.data, hashes.length);
        hashes.length += width;
      }
    }
  }

  #lose(span: Span): void {
    if (!isKnown(span.may)) return;
    this.spans++;
    this.lost++;
  }

  /** Fills #allowed. */
  #label(example: Example, from: number, to: number, stop: number): void {
    const allowed = this.#allowed;
    const { start, end } = this.#tokens;
    const open = this.#open;
    let i = PAD;
    for (const span of example.spans) {
      if (span.e <= from || span.s >= to) continue;
      while (i < stop && (end[i] as number) <= span.s) allowed[i++] = 1 << OUTSIDE;
      let last = i;
      let whole = i < stop && start[i] === span.s;
      while (last < stop && (start[last] as number) < span.e) {
        if (open[last] !== OPEN) whole = false;
        last++;
      }
      if (last === i) continue;
      if (end[last - 1] !== span.e) whole = false;
      if (isKnown(span.may)) {
        this.spans++;
        if (!whole) this.lost++;
      }
      if (!isKnown(span.may)) for (let k = i; k < last; k++) allowed[k] = labelsOf(span.may);
      else if (!whole) for (let k = i; k < last; k++) allowed[k] = labelsOf(ANYTHING);
      else {
        const type = span.may === 2 ? 0 : span.may === 4 ? 1 : 2;
        if (last - i === 1) allowed[i] = 1 << single(type);
        else {
          allowed[i] = 1 << begin(type);
          for (let k = i + 1; k < last - 1; k++) allowed[k] = 1 << inside(type);
          allowed[last - 1] = 1 << endOf(type);
        }
      }
      i = last;
    }
    while (i < stop) allowed[i++] = 1 << OUTSIDE;
  }
}

function isKnown(may: number): boolean {
  return may !== OUT && (may & (may - 1)) === 0;
}

function labelsOf(may: number): number {
  if (may === ANYTHING) return ALL_LABELS;
  let labels = 0;
  if ((may & OUT) !== 0) labels |= 1;
  for (let type = 0; type < 3; type++) {
    if ((may & (2 << type)) !== 0)
      labels |= (1 << begin(type)) | (1 << inside(type)) | (1 << endOf(type)) | (1 << single(type));
  }
  return labels;
}
