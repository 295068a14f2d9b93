/**
 * Which exchanges hold data about whom: postings are taken at once into memory, sorted, and written in runs that are never changed;
 * a search reads a block of each. Small runs are merged until they are full. Nothing is in here of who somebody is: when a subject's
 * key is destroyed, its postings stand for nothing, and nothing has to be rewritten. What a crash takes from memory is posted again
 * from the recordings; a posting that is there twice is given once.
 */
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { Posting, SubjectId } from "../core/subjects.ts";
import {
  isMissing,
  POSTING_BYTES,
  readHead,
  readRun,
  RUN_NAME,
  RUN_POSTINGS_MAX,
  type Run,
  searchRun,
  sortPostings,
  syncNames,
  unavailable,
  writeRun,
} from "./run.ts";

export interface PostingsOptions {
  /** Of the index of all gateways; each has a folder in it. */
  readonly dir: string;
  /** Where this gateway wrote before, alone: it is read on. */
  readonly before?: string;
  /** Name of this gateway: of its folder. */
  readonly gateway: string;
  /** Something could not be written; it is tried again at the next `sync`. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
}

/** Full buffers that wait for the disk. Beyond it postings are left out, no `sync` succeeds, and the recordings post them again. */
const WAITING_MAX = 32;
/** So many runs that are not full are merged. */
const MERGED_AT = 8;
const RUNS_READ_AT_ONCE = 16;
const ID_BYTES = 8;

export class Postings {
  readonly #options: PostingsOptions;
  readonly #folder: string;
  #buffer = Buffer.allocUnsafe(RUN_POSTINGS_MAX * POSTING_BYTES);
  #length = 0;
  /** Not in a file yet, the oldest first. */
  readonly #waiting: Buffer[] = [];
  /** By path. Those of others too. */
  readonly #runs = new Map<string, Run>();
  #writing: Promise<void> | undefined;
  #lost = false;

  constructor(options: PostingsOptions) {
    this.#options = options;
    this.#folder = join(options.dir, options.gateway);
  }

  /** Never waits. */
  post({ subject, record, place }: Posting): void {
    if (this.#length === this.#buffer.length) this.#turn();
    const at = this.#length;
    const written = this.#buffer.write(subject, at, ID_BYTES, "base64url");
    const isPosting = Number.isSafeInteger(record) && Number.isSafeInteger(place) && record >= 0 && place >= 0;
    if (written !== ID_BYTES || !isPosting) throw new Error("assertion: not a posting");
    writeNumber(this.#buffer, record, at + ID_BYTES);
    writeNumber(this.#buffer, place, at + 2 * ID_BYTES);
    this.#length += POSTING_BYTES;
  }

  /** Resolves when all that was posted before is durable. Rejects with index_unavailable. */
  async sync(): Promise<void> {
    if (this.#length > 0) this.#turn();
    await this.#write();
    if (this.#lost) {
      const text =
        "postings were left out while the disk did not keep up; a restart posts them again from the recordings";
      throw new SluiceError("index_unavailable", text);
    }
  }

  /** In the order of their records. Rejects with index_corrupt, index_unavailable. */
  async find(ids: readonly SubjectId[]): Promise<readonly Posting[]> {
    const sorted = [...new Set(ids)]
      .map((id) => Buffer.from(id, "base64url"))
      .filter(({ length }) => length === ID_BYTES);
    sorted.sort((a, b) => a.compare(b));
    if (sorted.length === 0) return [];
    const found = new Map<string, Posting>();
    const add = (bytes: Buffer): void => void found.set(bytes.toString("latin1"), postingIn(bytes));
    this.#searchMemory(sorted, add);
    for (;;) {
      const runs = (await this.#list()).values();
      let isWhole = true;
      const lane = async (): Promise<void> => {
        for (const run of runs) {
          if (await searchRun(run, sorted, add)) continue;
          // Merged meanwhile: what was in it is in another one now.
          this.#runs.delete(run.path);
          isWhole = false;
        }
      };
      await Promise.all(Array.from({ length: RUNS_READ_AT_ONCE }, lane));
      // What was in memory at first may be in a run by now, or it is found in both.
      if (isWhole) return [...found.values()].toSorted((a, b) => a.record - b.record || a.place - b.place);
    }
  }

  /** Removes runs that hold nothing of this record or a later one. Returns how many postings that were. */
  async dropBefore(record: number): Promise<number> {
    let dropped = 0;
    for (const run of (await this.#list()).values()) {
      if (run.last >= record) continue;
      await this.#remove(run);
      dropped += run.postings;
    }
    return dropped;
  }

  /**
   * Makes this gateway's part again: `again` posts everything from the recordings, then what was there before goes. Cut off in
   * between, some postings are there twice, which does no harm, and it is run again. Returns how many runs were replaced.
   */
  async rebuild(again: (post: (posting: Posting) => void) => Promise<void>): Promise<number> {
    await this.sync();
    const before = await this.#ownPaths();
    await again((posting) => this.post(posting));
    await this.sync();
    for (const path of before) await this.#removeFile(path);
    await syncNames(this.#folder).catch((thrown: unknown) => {
      if (!isMissing(thrown)) throw unavailable(this.#folder, thrown);
    });
    return before.length;
  }

  /** Reads every block of every run. Gives the paths of those that are damaged. */
  async check(): Promise<readonly string[]> {
    const damaged: string[] = [];
    // Where gateways share a folder, each mends its own.
    const { before } = this.#options;
    for (const path of before === undefined ? await this.#paths() : await this.#ownPaths()) {
      try {
        const run = await readHead(path);
        if (run !== undefined) await readRun(run);
      } catch (thrown) {
        if (toSluiceError(thrown).code !== "index_corrupt") throw thrown;
        damaged.push(path);
      }
    }
    return damaged;
  }

  /** Postings that are in no file yet. */
  get inMemory(): number {
    return (this.#length + this.#waiting.reduce((sum, { length }) => sum + length, 0)) / POSTING_BYTES;
  }

  async close(): Promise<void> {
    await this.sync();
  }

  /** The buffer is full, or wanted on disk. */
  #turn(): void {
    const isFull = this.#length === this.#buffer.length;
    if (this.#waiting.length >= WAITING_MAX) this.#lost = true;
    else this.#waiting.push(isFull ? this.#buffer : Buffer.from(this.#buffer.subarray(0, this.#length)));
    if (isFull) this.#buffer = Buffer.allocUnsafe(RUN_POSTINGS_MAX * POSTING_BYTES);
    this.#length = 0;
    this.#write().catch((thrown: unknown) => this.#options.onFault(toSluiceError(thrown)));
  }

  /** One writer at a time; who asks while it writes gets what it asked for too. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#writing ??= this.#writeWaiting().finally(() => (this.#writing = undefined));
      await this.#writing;
    }
  }

  async #writeWaiting(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const run = await writeRun(this.#folder, sortPostings(next));
      this.#runs.set(run.path, run);
      this.#waiting.shift();
    }
    // What cannot be merged is searched as it is.
    await this.#merge().catch((thrown: unknown) => this.#options.onFault(toSluiceError(thrown)));
  }

  /** Runs that are not full become full ones, so that there are never many. A crash in between leaves postings twice. */
  async #merge(): Promise<void> {
    const small = (await this.#ownRuns()).filter(({ postings }) => postings < RUN_POSTINGS_MAX / 2);
    if (small.length < MERGED_AT) return;
    const parts: Buffer[] = [];
    const merged: Run[] = [];
    let postings = 0;
    for (const run of small) {
      if (postings + run.postings > RUN_POSTINGS_MAX) break;
      const bytes = await this.#unlessDamaged(() => readRun(run));
      if (bytes === undefined) continue;
      parts.push(bytes);
      merged.push(run);
      postings += run.postings;
    }
    if (merged.length < 2) return;
    const made = await writeRun(this.#folder, sortPostings(Buffer.concat(parts)));
    this.#runs.set(made.path, made);
    for (const run of merged) await this.#remove(run);
  }

  /** The oldest first, without those that are damaged. */
  async #ownRuns(): Promise<Run[]> {
    const runs: Run[] = [];
    for (const name of await namesIn(this.#folder)) {
      const path = join(this.#folder, name);
      const run = this.#runs.get(path) ?? (await this.#unlessDamaged(() => readHead(path)));
      if (run !== undefined) runs.push(run);
    }
    return runs;
  }

  /** One that is damaged is told, and keeps no other from being merged. */
  async #unlessDamaged<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const error = toSluiceError(thrown);
      if (error.code !== "index_corrupt") throw thrown;
      this.#options.onFault(error);
      return undefined;
    }
  }

  #searchMemory(ids: readonly Buffer[], found: (posting: Buffer) => void): void {
    const wanted = new Set(ids.map((id) => id.toString("latin1")));
    for (const buffer of [...this.#waiting, this.#buffer.subarray(0, this.#length)]) {
      for (let at = 0; at < buffer.length; at += POSTING_BYTES) {
        // A copy: the buffer goes on being written to.
        if (wanted.has(buffer.toString("latin1", at, at + ID_BYTES)))
          found(Buffer.from(buffer.subarray(at, at + POSTING_BYTES)));
      }
    }
  }

  /** All runs there are now. Heads are read once: a file is never changed. */
  async #list(): Promise<ReadonlyMap<string, Run>> {
    const paths = await this.#paths();
    const there = new Set(paths);
    for (const path of this.#runs.keys()) if (!there.has(path)) this.#runs.delete(path);
    for (const path of paths) {
      const run = this.#runs.get(path) ?? (await readHead(path));
      if (run !== undefined) this.#runs.set(path, run);
    }
    return new Map(this.#runs);
  }

  async #paths(): Promise<string[]> {
    const { dir, before } = this.#options;
    const paths: string[] = [];
    for (const root of before === undefined ? [dir] : [dir, before]) {
      for (const gateway of await namesOf(root)) paths.push(...(await pathsIn(join(root, gateway))));
    }
    return paths;
  }

  async #ownPaths(): Promise<string[]> {
    const { before } = this.#options;
    const paths = await pathsIn(this.#folder);
    if (before === undefined) return paths;
    for (const name of await namesOf(before)) paths.push(...(await pathsIn(join(before, name))));
    return paths;
  }

  async #remove({ path }: Run): Promise<void> {
    await this.#removeFile(path);
    this.#runs.delete(path);
  }

  async #removeFile(path: string): Promise<void> {
    try {
      await unlink(path);
    } catch (thrown) {
      if (!isMissing(thrown)) throw unavailable(path, thrown);
    }
  }
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await namesOf(folder)).filter((name) => RUN_NAME.test(name));

const pathsIn = async (folder: string): Promise<string[]> => (await namesIn(folder)).map((name) => join(folder, name));

async function namesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (thrown) {
    if (isMissing(thrown) || (thrown instanceof Error && "code" in thrown && thrown.code === "ENOTDIR")) return [];
    throw unavailable(folder, thrown);
  }
}

function postingIn(bytes: Buffer): Posting {
  return {
    subject: bytes.toString("base64url", 0, ID_BYTES),
    record: readNumber(bytes, ID_BYTES),
    place: readNumber(bytes, 2 * ID_BYTES),
  };
}

const HALF = 2 ** 32;

/** Big endian, 8 bytes; a bigint would cost more than the rest of a posting. */
function writeNumber(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / HALF), at);
  bytes.writeUInt32BE(value % HALF, at + 4);
}

function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * HALF + bytes.readUInt32BE(at + 4);
}
