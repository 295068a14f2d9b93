/**
 * Puts the two ways of looking together: the engine, which decides islands, and the layers, which decide chunks. What is
 * settled is what both have decided, and no finding reaches out of it; overlap.ts then chooses between theirs. Whoever feeds
 * it in pieces gets the same however the text was cut; whoever has it whole calls `read` and `decide`, between which other
 * texts of the same document may be read by the same layers.
 */
import type { Allow } from "./custom/allow.ts";
import type { Layer } from "./layer.ts";
import { Chunks } from "./scanner/chunks.ts";
import { Sink } from "./recognizers/recognizer.ts";
import { Engine, type Rules } from "./scanner/engine.ts";
import { settle } from "./scanner/overlap.ts";
import type { Finding } from "./types.ts";

export class Scan {
  /** Findings in settled text, in order. The owner may take them out. */
  readonly findings: Finding[];
  readonly #engine: Engine;
  readonly #layers: readonly Layer[];
  readonly #chunks = new Chunks();
  readonly #sink: Sink;
  readonly #allow: Allow | undefined;
  /** Ends of the chunks that were read, for who looks again; absent: nobody does. */
  readonly #ends: number[] | undefined;

  constructor(rules: Rules, layers: readonly Layer[], allow?: Allow) {
    this.#engine = new Engine(rules);
    this.#layers = layers;
    this.#allow = allow;
    for (const layer of layers) if (layer.findAgain !== undefined) this.#ends = [];
    this.#sink = new Sink(rules.types, rules.scoreMin, rules.rows, rules.thresholds);
    this.findings = layers.length === 0 && allow === undefined ? this.#engine.findings : [];
  }

  /** The text has lost `chars` characters at its front, all of them settled. */
  shift(chars: number): void {
    this.#engine.shift(chars);
    if (this.findings === this.#engine.findings) return;
    this.#chunks.shift(chars);
    for (const pending of [this.#engine.findings, this.#sink.found]) move(pending, -chars);
  }

  /** Reads on in `text`, which is the text of the last call with more at its end. Returns the offset up to which it is settled. */
  advance(text: string, final: boolean): number {
    const decided = this.#engine.advance(text, final);
    const read = this.#readChunks(text, (from, to, classes) => {
      for (const layer of this.#layers) {
        layer.find(text, from, to, this.#sink, classes);
        layer.findAgain?.(text, from, to, this.#sink);
      }
    });
    if (this.findings === this.#engine.findings) return decided;
    const settled = this.#settledBefore(Math.min(decided, read));
    this.#choose([...taken(this.#engine.findings, settled), ...taken(this.#sink.found, settled)], text);
    return settled;
  }

  /** Reads all of a text. */
  read(text: string): void {
    this.#readPiece(text, true);
  }

  /** The same `sliceChars` at a time, with pauses in between. */
  *readSteps(text: string, sliceChars: number): Generator<void, void> {
    for (const [piece, final] of growing(text, sliceChars)) {
      this.#readPiece(piece, final);
      if (!final) yield;
    }
  }

  #readPiece(text: string, final: boolean): void {
    this.#engine.advance(text, final);
    this.#readChunks(text, (from, to, classes) => {
      for (const layer of this.#layers) layer.find(text, from, to, this.#sink, classes);
      this.#ends?.push(to);
    });
  }

  /** Calls `onChunk` for the chunks that the engine has passed; returns up to where the text is read. */
  #readChunks(text: string, onChunk: (from: number, to: number, classes: number) => void): number {
    const { lineEnds, lines, passed } = this.#engine;
    this.#engine.lines = 0;
    return this.#layers.length === 0 ? passed : this.#chunks.advance(text, lineEnds, lines, passed, onChunk);
  }

  /** Decides what was found in the text that was read. */
  decide(text: string): void {
    if (this.#ends !== undefined) this.#lookAgain(text, 0, text.length);
    this.#chooseAll(text);
  }

  /** The same `sliceChars` at a time, with pauses in between. */
  *decideSteps(text: string, sliceChars: number): Generator<void, void> {
    const chunks = this.#ends?.length ?? 0;
    for (let chunk = 0; chunk < chunks; ) {
      chunk = this.#lookAgain(text, chunk, sliceChars);
      if (chunk < chunks) yield;
    }
    this.#chooseAll(text);
  }

  /** Looks again at `chars` of the text, from the chunk `first` on; returns the chunk behind them. */
  #lookAgain(text: string, first: number, chars: number): number {
    const ends = this.#ends ?? [];
    let from = ends[first - 1] ?? 0;
    const stop = from + chars;
    let chunk = first;
    for (; chunk < ends.length && from < stop; chunk++) {
      const to = ends[chunk] as number;
      for (const layer of this.#layers) layer.findAgain?.(text, from, to, this.#sink);
      from = to;
    }
    return chunk;
  }

  #chooseAll(text: string): void {
    if (this.findings === this.#engine.findings) return;
    const { findings } = this.#engine;
    const { found } = this.#sink;
    for (const finding of found) findings.push(finding);
    // Faster than setting the length.
    while (found.length > 0) found.pop();
    if (findings.length > 0) this.#choose(findings, text);
  }

  #choose(found: Finding[], text: string): void {
    const from = this.findings.length;
    settle(found, this.findings);
    // After the choice: what stood behind an allowed value is not personal for that.
    if (this.#allow !== undefined) {
      const reported = this.findings.splice(from).filter((finding) => this.#allow?.allows(finding, text) === false);
      this.findings.push(...reported);
    }
  }

  /** The last place up to `limit` that no pending finding lies across. */
  #settledBefore(limit: number): number {
    let settled = limit;
    for (let before = -1; before !== settled; ) {
      before = settled;
      for (const pending of [this.#engine.findings, this.#sink.found]) {
        for (const { start, end } of pending) if (start < settled && end > settled) settled = start;
      }
    }
    return settled;
  }
}

/** The text in growing pieces, and whether the piece is all of it. */
function* growing(text: string, sliceChars: number): Generator<[piece: string, final: boolean]> {
  for (let to = sliceChars; to < text.length; to += sliceChars) yield [text.slice(0, to), false];
  yield [text, true];
}

/** Takes out of `pending` what begins before `end`. */
function taken(pending: Finding[], end: number): Finding[] {
  const out = pending.filter(({ start }) => start < end);
  const rest = pending.filter(({ start }) => start >= end);
  pending.splice(0, pending.length, ...rest);
  return out;
}

function move(findings: Finding[], chars: number): void {
  for (const finding of findings) {
    finding.start += chars;
    finding.end += chars;
  }
}
