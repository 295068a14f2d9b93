/**
 * Checkpoints: at most `intervalMs` after a record became durable, a signed statement of the tree covers it. Promises never
 * to sign two inconsistent trees: what is to be signed is written durably to the file `signed` before any signature is made,
 * and only trees of durable records are written there. Signing runs on libuv's threads and never holds up an append.
 */

import { join } from "node:path";
import { type NoteSignature, formatCheckpoint } from "@sluice/verifier";
import type { Clock } from "../core/clock.ts";
import type { SluiceError } from "../core/errors.ts";
import { corrupt } from "./corrupt.ts";
import { keepCosignatures, readCosigned, withCosignatures } from "./cosigned.ts";
import { type Disk, replaceFile } from "./disk.ts";
import type { LogKeys } from "./keys.ts";
import type { PublicFolder } from "./public-folder.ts";
import type { Tiling } from "./tiling.ts";

/** Taken off the interval beside the time that the last ones took, since tiles must be written and signatures made within it. */
const LEAD_MS = 100;

export interface Published {
  readonly size: number;
  /** The signed note. */
  readonly checkpoint: string;
}

export interface PublisherOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly origin: string;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly tiling: Tiling;
  readonly folder: PublicFolder;
  readonly keys: LogKeys;
  readonly syncSalts: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Told of each checkpoint, once it is where the public finds it. Must not throw. */
export type OnPublished = (published: Published) => void;

interface Waiting {
  readonly index: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: Error) => void;
}

/** Where the file is that tells what was, or may have been, signed last. */
export function signedPath(dir: string): string {
  return join(dir, "signed");
}

export class Publisher {
  readonly #options: PublisherOptions;
  #published: Published | undefined;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** When the first record came that no checkpoint covers, in milliseconds of the monotonic clock. */
  #uncoveredSince: number | undefined;
  /** How long making a checkpoint took of late: under load bundles wait to be written before it. */
  #tookMs = 0;
  #refusal: SluiceError | undefined;
  #closed = false;
  readonly #listeners = new Set<OnPublished>();
  /** The newest checkpoint that enough witnesses have cosigned. */
  #cosigned: Published | undefined;
  /** Whoever writes the file `checkpoint` waits for whoever began before. Never rejects. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Records are there that no checkpoint covers. */
  get behind(): boolean {
    return this.#published?.size !== this.#options.tiling.size;
  }

  /** Records that the newest checkpoint covers. */
  get size(): number {
    return this.#published?.size ?? 0;
  }

  /** Returns how to stop. */
  onPublished(listener: OnPublished): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Records came. */
  grown(): void {
    this.#uncoveredSince ??= performance.now();
    this.#schedule();
  }

  /** The newest checkpoint, as soon as it covers the record of this index. */
  covering(index: number): Promise<Published> {
    return new Promise((resolve, reject) => {
      if (this.#published !== undefined && index < this.#published.size) resolve(this.#published);
      else if (this.#refusal !== undefined) throw this.#refusal;
      else this.#waiting.push({ index, resolve, reject });
    });
  }

  /**
   * As `covering`, with the cosignatures of witnesses where there are any: the newest checkpoint that enough of them have
   * cosigned when it covers the record, else the newest.
   */
  proving(index: number): Promise<Published> {
    const cosigned = this.#cosigned;
    return cosigned !== undefined && index < cosigned.size ? Promise.resolve(cosigned) : this.covering(index);
  }

  /** Finds what witnesses cosigned before this run. Throws evidence_corrupt when they have seen more than there is. */
  async recall(): Promise<void> {
    const { folder, keys, tiling } = this.#options;
    const bytes = (await folder.read("checkpoint.cosigned"))?.body;
    const cosigned = bytes === undefined ? undefined : readCosigned(bytes, keys);
    if (cosigned !== undefined && cosigned.size > tiling.size) {
      throw corrupt(
        `records are missing: witnesses have cosigned ${String(cosigned.size)}, here are ${String(tiling.size)}`,
      );
    }
    this.#cosigned = cosigned;
  }

  /**
   * Puts verified cosignatures under a checkpoint of this log that was published: under the one that the public sees when it is
   * of that tree still, and, when they are `enough`, into `checkpoint.cosigned` and the receipts from then on. Signs nothing.
   */
  addCosignatures(published: Published, lines: readonly NoteSignature[], enough: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) return;
      const { folder } = this.#options;
      // Receipts first: who has seen the cosigned checkpoint gets no receipt without.
      if (enough && published.size >= (this.#cosigned?.size ?? 0)) {
        const checkpoint = withCosignatures(published.checkpoint, lines);
        this.#cosigned = { size: published.size, checkpoint };
        await folder.replace("checkpoint.cosigned", checkpoint);
      }
      const newest = this.#published;
      if (newest?.size !== published.size) return;
      const checkpoint = withCosignatures(newest.checkpoint, lines);
      this.#published = { ...newest, checkpoint };
      await folder.replace("checkpoint", checkpoint);
    });
  }

  /** A checkpoint of the present tree. Rejects when the disk fails. */
  publish(): Promise<void> {
    return this.#inTurn(() => this.#publish());
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #publish(): Promise<void> {
    const { folder, tiling } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#uncoveredSince = undefined;
    const began = performance.now();

    // Taken in one turn, while nothing can be added: root and partial tiles are of the same tree.
    const { size } = tiling;
    const head = { origin: this.#options.origin, size, root: tiling.root() };
    const partials = tiling.partials();
    await this.#options.syncSalts();
    await folder.flush();
    await folder.writePartials(partials);
    await this.#rememberSigned(formatCheckpoint(head));
    const timestamp = Math.floor(this.#options.clock() / 1000);
    const signed = await this.#options.keys.sign({ ...head, timestamp });
    const checkpoint = keepCosignatures(signed, this.#cosigned);
    await folder.replace("checkpoint", checkpoint);
    const published = { size, checkpoint };
    this.#published = published;
    this.#tookMs = Math.max(performance.now() - began, this.#tookMs / 2);
    for (const listener of this.#listeners) listener(published);
    const covered = this.#waiting.filter((waiting) => waiting.index < size);
    this.#waiting = this.#waiting.filter((waiting) => waiting.index >= size);
    for (const waiting of covered) waiting.resolve(published);
    await folder.removeOutgrown(partials);
  }

  /** No checkpoints until `resume`; who waits for one is told why. */
  refuse(error: SluiceError): void {
    this.#refusal = error;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting = [];
  }

  /** Makes up for the checkpoints that were not made meanwhile. */
  resume(): void {
    this.#refusal = undefined;
    if (this.behind) this.grown();
  }

  /** A last checkpoint if one is due; whoever still waits for one is told `error`. Rejects when the disk fails. */
  async close(error: SluiceError): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
    try {
      if (this.behind && this.#refusal === undefined) await this.publish();
    } finally {
      this.refuse(error);
    }
  }

  /** Resolves when no checkpoint is being made. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#running !== undefined || this.#refusal !== undefined || this.#closed) return;
    if (this.#uncoveredSince === undefined) return;
    const { intervalMs } = this.#options;
    const due = this.#uncoveredSince + Math.max(intervalMs - LEAD_MS - this.#tookMs, intervalMs / 2);
    this.#timer = setTimeout(
      () => {
        this.#running = this.#publishInTime();
      },
      Math.max(0, due - performance.now()),
    );
  }

  /** Never rejects. */
  async #publishInTime(): Promise<void> {
    try {
      await this.publish();
    } catch (error) {
      this.#options.failed(error);
    } finally {
      this.#running = undefined;
      this.#schedule();
    }
  }

  async #rememberSigned(text: string): Promise<void> {
    const { disk, dir } = this.#options;
    const path = signedPath(dir);
    await replaceFile(disk, `${path}.new`, { path, bytes: Buffer.from(text), permissions: 0o600, durable: true });
  }
}
