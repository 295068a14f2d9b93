/**
 * One file of recordings while it is written: chunks of many recordings, in the order in which they came. Promises that a chunk
 * whose promise has resolved is on the disk: all that wait are written with one write and one fdatasync. The offset of a chunk is
 * known at once, since nothing else writes here. After an error the file takes nothing any more, and all that wait are rejected: a
 * second fdatasync would succeed without having written anything (https://lwn.net/Articles/752063/).
 */
import { fdatasync, writev } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { SluiceError } from "../core/errors.ts";
import { type FileName, placeOf } from "./folder.ts";

/** Longest time that chunks which nobody waits for wait for others, in milliseconds. */
const PATIENCE_MS = 5;
/** That wait for the disk. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** Writes and makes durable; gives the bytes written. For tests: a disk that fails. */
export type Commit = (file: FileHandle, buffers: readonly Uint8Array[], position: number) => Promise<number>;

export const commitToDisk: Commit = (file, buffers, position) =>
  new Promise((resolve, reject) => {
    // Node's callbacks, not its promises: they cost a third.
    writev(file.fd, buffers, position, (writing, written) => {
      if (writing !== null) return reject(writing);
      fdatasync(file.fd, (syncing) => {
        if (syncing === null || syncing === undefined) resolve(written);
        else reject(syncing);
      });
    });
  });

interface Batch {
  readonly buffers: Uint8Array[];
  bytes: number;
  readonly durable: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function newBatch(): Batch {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Whoever waits has the promise too; nobody may wait.
  promise.catch(() => undefined);
  return { buffers: [], bytes: 0, durable: promise, resolve, reject };
}

export interface RecordingFileOptions {
  readonly name: FileName;
  readonly file: FileHandle;
  /** Of this file alone, in clear. */
  readonly key: Buffer;
  readonly commit: Commit;
  /** Told once, before those that wait are. */
  readonly failed: (error: SluiceError) => void;
}

export class RecordingFile {
  readonly name: FileName;
  readonly key: Buffer;
  readonly #options: RecordingFileOptions;
  #filling = newBatch();
  #assigned = 0;
  #durable = 0;
  #users = 0;
  #isBusy = false;
  #isStarting = false;
  #running = Promise.resolve();
  #isLast = false;
  #patience: NodeJS.Timeout | undefined;
  #fault: SluiceError | undefined;
  #closing: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<void>();

  constructor(options: RecordingFileOptions) {
    this.#options = options;
    this.name = options.name;
    this.key = options.key;
  }

  /** Bytes, those that wait included. */
  get size(): number {
    return this.#assigned;
  }

  /** Bytes that are on the disk. */
  get durable(): number {
    return this.#durable;
  }

  get failed(): boolean {
    return this.#fault !== undefined;
  }

  /** Keeps it open until as many `release`. */
  use(): void {
    this.#users += 1;
  }

  /** May close it. */
  release(): void {
    this.#users -= 1;
    this.#closeWhenIdle();
  }

  get idle(): boolean {
    return this.#users === 0;
  }

  /** Resolves once it is closed, for whatever reason. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** No recording begins here any more. */
  retire(): void {
    this.#isLast = true;
    this.#closeWhenIdle();
  }

  /** Throws recording_unavailable. `urgent`: somebody waits for it before going on. */
  append(bytes: Uint8Array, urgent: boolean): { readonly place: number; readonly durable: Promise<void> } {
    if (this.#fault !== undefined) throw this.#fault;
    const batch = this.#filling;
    if (batch.bytes + bytes.length > WAITING_BYTES_MAX && batch.bytes > 0) {
      throw new SluiceError(
        "recording_unavailable",
        "too much waits to be recorded: the disk is slower than what comes",
        {
          retryAfterSeconds: 1,
        },
      );
    }
    const place = placeOf(this.name.number, this.#assigned);
    batch.buffers.push(bytes);
    batch.bytes += bytes.length;
    this.#assigned += bytes.length;
    if (urgent) this.#start();
    else this.#startLater();
    return { place, durable: batch.durable };
  }

  /** Commits what waits and closes. Nothing may be appended any more. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #closeWhenIdle(): void {
    if (this.#isLast && this.#users === 0) void this.close();
  }

  async #close(): Promise<void> {
    while (this.#isBusy || (this.#filling.bytes > 0 && this.#fault === undefined)) {
      this.#start();
      await (this.#isBusy ? this.#running : new Promise((resolve) => setImmediate(resolve)));
    }
    clearTimeout(this.#patience);
    this.key.fill(0);
    await this.#options.file.close().catch(() => undefined);
    this.#closed.resolve();
  }

  /** At the end of this turn of the event loop, so that what arrives together is written together. */
  #start(): void {
    if (this.#isStarting || this.#isBusy || this.#filling.bytes === 0) return;
    this.#isStarting = true;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    setImmediate(() => {
      this.#isStarting = false;
      this.#running = this.#run();
    });
  }

  #startLater(): void {
    if (this.#isStarting || this.#isBusy || this.#patience !== undefined) return;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      this.#start();
    }, PATIENCE_MS);
  }

  /** What comes while the disk works is the next batch. */
  async #run(): Promise<void> {
    this.#isBusy = true;
    while (this.#filling.bytes > 0 && this.#fault === undefined) {
      const batch = this.#filling;
      this.#filling = newBatch();
      try {
        const written = await this.#options.commit(this.#options.file, batch.buffers, this.#durable);
        if (written !== batch.bytes) throw new Error(`the disk took ${written} of ${batch.bytes} bytes`);
        this.#durable += batch.bytes;
        batch.resolve();
      } catch (error) {
        this.#fail(error, batch);
      }
    }
    this.#isBusy = false;
  }

  #fail(cause: unknown, batch: Batch): void {
    const fault = unavailable(cause);
    this.#fault = fault;
    this.#options.failed(fault);
    batch.reject(fault);
    this.#filling.reject(fault);
    this.retire();
  }
}

/** An error of the disk as others see it. */
export function unavailable(cause: unknown): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
  return new SluiceError(
    "recording_unavailable",
    `the recording cannot use its disk${code}: free or repair it, and send the request again`,
    { cause },
  );
}
