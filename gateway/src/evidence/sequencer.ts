/**
 * One sequencer, many appenders. Every append that arrives while a commit is under way goes into the next one: one write and
 * one fdatasync for all of them, so the disk sets the pace and not the number of writers. An append resolves only when its
 * record is durable. After a fault everything that waits is rejected and nothing is taken until `resume`.
 */

import { SluiceError } from "../core/errors.ts";
import { Batch } from "./batch.ts";
import { canonicalJson, canonicalJsonWith } from "./canonical-json.ts";
import { SaltPool, commit } from "./commitment.ts";
import type { Commit } from "./journal.ts";
import type { Leaf, Receipt } from "./leaf.ts";

/** Appends that may wait for the next commit; beyond it they are refused as `overloaded`. */
export const APPENDS_WAITING_MAX = 16_384;
/** Longest time that records which nobody waits for wait for others to be committed with, in milliseconds. */
const PATIENCE_MS = 5;
/** Bytes that may wait for the next commit, frames included. */
const BYTES_WAITING_MAX = 16 * 1024 * 1024;

/**
 * `now`: somebody waits for the record before going on. `soon`: nobody does, and it may wait a few milliseconds for others to
 * be committed with.
 */
export type Urgency = "now" | "soon";

export interface SequencerOptions {
  /** Resolves with the index of the first record when all are durable. When it rejects, none of them is acknowledged. */
  readonly journal: { commit(commit: Commit): Promise<number> };
  /** Takes what has become durable: hashes and entries of the batch, in order. Must not keep the batch. */
  readonly committed: (batch: Batch) => void;
  /** The commit failed; everything that waited has been rejected. */
  readonly failed: (error: unknown) => void;
  /** Awaited before a commit, so that what follows the acknowledgement cannot fall behind without bound. */
  readonly room: () => Promise<void> | undefined;
}

export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #salts = new SaltPool();
  #filling = new Batch();
  #spare: Batch[] = [new Batch(), new Batch()];
  #refusal: SluiceError | undefined;
  /** Somebody waits for a record of `#filling` before going on. */
  #urgent = false;
  #patience: NodeJS.Timeout | undefined;
  #starting = false;
  #running: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(options: SequencerOptions) {
    this.#options = options;
  }

  /** See EvidenceLog.append. */
  append(leaf: Leaf, digest: Uint8Array | undefined, urgency: Urgency): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      if (this.#refusal !== undefined) throw this.#refusal;
      const batch = this.#filling;
      if (batch.count >= APPENDS_WAITING_MAX || batch.length >= BYTES_WAITING_MAX) {
        throw new SluiceError("overloaded", "too many records wait for the evidence log", { retryAfterSeconds: 1 });
      }
      if (digest === undefined) batch.add(leaf, canonicalJson(leaf), undefined, { resolve, reject });
      else {
        this.#salts.with((salt) => {
          batch.add(leaf, canonicalJsonWith(leaf, "commitment", commit(salt, digest)), salt, { resolve, reject });
        });
      }
      if (urgency === "now") {
        this.#urgent = true;
        this.#start();
      } else this.#startLater();
    });
  }

  /** Rejects what waits, and from now on everything, until `resume`. A commit under way ends by itself. */
  refuse(error: SluiceError): void {
    this.#refusal = error;
    const batch = this.#filling;
    for (const waiting of batch.waiting) waiting.reject(error);
    batch.clear();
  }

  resume(): void {
    this.#refusal = undefined;
  }

  /** Resolves when no commit is under way and nothing waits. */
  async settled(): Promise<void> {
    while (this.#busy || this.#filling.count > 0) {
      this.#urgent = true;
      this.#start();
      await (this.#busy ? this.#running : nextTurn());
    }
  }

  /** A commit begins at the end of this turn of the event loop, so that what arrives together is written together. */
  #start(): void {
    if (this.#starting || this.#busy || this.#filling.count === 0) return;
    this.#starting = true;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    setImmediate(() => {
      this.#starting = false;
      this.#busy = true;
      this.#running = this.#run();
    });
  }

  #startLater(): void {
    if (this.#starting || this.#busy || this.#patience !== undefined) return;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      this.#urgent = true;
      this.#start();
    }, PATIENCE_MS);
  }

  /** Commits until nobody waits. Rejects only for a bug, and then the process should end. */
  async #run(): Promise<void> {
    let done: Batch | undefined;
    while (this.#urgent && this.#filling.count > 0) {
      await this.#options.room();
      const batch = this.#filling;
      if (batch.count === 0) break;
      this.#urgent = false;
      this.#filling = this.#spare.pop() ?? new Batch();
      const written = this.#options.journal.commit(batch);
      // While the disk works: what follows the acknowledgement of the commit before.
      if (done !== undefined) this.#finish(done);
      done = undefined;
      let first: number;
      try {
        first = await written;
      } catch (error) {
        this.#fail(batch, error);
        break;
      }
      for (let i = 0; i < batch.count; i++) batch.waiting[i]?.resolve({ index: first + i });
      done = batch;
    }
    if (done !== undefined) this.#finish(done);
    this.#busy = false;
    if (this.#filling.count === 0) return;
    if (this.#urgent) this.#start();
    else this.#startLater();
  }

  #finish(batch: Batch): void {
    this.#options.committed(batch);
    this.#release(batch);
  }

  #fail(batch: Batch, error: unknown): void {
    // First the log refuses, then the waiting learn of it: who tries again at once must not slip in between.
    this.#options.failed(error);
    const refusal = this.#refusal ?? new SluiceError("evidence_unavailable", "the evidence log takes no records");
    for (const waiting of batch.waiting) waiting.reject(refusal);
    this.#release(batch);
  }

  #release(batch: Batch): void {
    batch.clear();
    this.#spare.push(batch);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
