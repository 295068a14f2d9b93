/**
 * The source of truth: segment files and the salts beside them. `commit` promises that what it was given is on the disk when
 * it resolves, and that the journal is unchanged when it rejects. It never continues after an error on the same open file:
 * after a failed fdatasync the kernel has dropped the pages it could not write and calls them clean, so a second fdatasync
 * would succeed without having written anything (https://lwn.net/Articles/752063/). The way back is `recover`, which opens
 * the file anew, reads back every record that was acknowledged, cuts off what was not, and goes on in a new segment.
 * One caller at a time.
 */

import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { type Disk, type DiskFile, writeWhole } from "./disk.ts";
import { type SaltFile, Salts } from "./salts.ts";
import {
  HEADER_BYTES,
  type VisitRecord,
  encodeHeader,
  hasHeader,
  hasLaterCommit,
  scanFrames,
  segmentFirst,
  segmentName,
} from "./segment.ts";

const PERMISSIONS = 0o600;
/** Records read between two chances for others to run, when a segment is read. */
const RECORDS_PER_SLICE = 4096;
/** A disk that takes less than this is still full: more than one commit, so that recovery does not flap. */
const PROBE_BYTES = 256 * 1024;

/** What one commit writes: `length` bytes of frames holding `count` records, and a salt for each (zeros for none). */
export interface Commit {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly count: number;
  readonly salts: Uint8Array;
  /** Whether any record of the commit has a salt. */
  readonly salted: boolean;
}

export interface JournalOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly logId: Uint8Array;
  readonly segmentBytesMax: number;
}

/** The segment that is being written. */
interface Segment {
  readonly first: number;
  readonly file: DiskFile;
  readonly salts: SaltFile;
  end: number;
  records: number;
  open: boolean;
  /** The last sync of the salts; the file must not be closed under it. */
  salting: Promise<unknown>;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #salts: Salts;
  /** First indexes of all segments, ascending. */
  readonly #firsts: number[] = [];
  #segment: Segment | undefined;
  #size = 0;
  /** Where the good bytes of the last segment end; only of use until `begin`. */
  #end = 0;

  private constructor(options: JournalOptions) {
    this.#options = options;
    this.#salts = new Salts(options.disk, join(options.dir, "salts"));
  }

  /**
   * Reads every record in order and changes nothing. `visit` sees each record once; `pause` is awaited now and then. Throws
   * evidence_corrupt when a record is missing or damaged that a crash cannot have damaged.
   */
  static async read(options: JournalOptions, visit: VisitRecord, pause: () => Promise<void>): Promise<Journal> {
    const journal = new Journal(options);
    const names = await options.disk.list(journal.#folder);
    const firsts = names.map(segmentFirst).filter((first) => first !== undefined);
    for (const [i, first] of firsts.entries()) {
      await journal.#readSegment(first, i === firsts.length - 1, visit, pause);
    }
    return journal;
  }

  /** Drops what a crash left unfinished and makes ready for the first commit. */
  async begin(): Promise<void> {
    const { disk, dir } = this.#options;
    await disk.makeFolder(this.#folder, 0o700);
    await disk.makeFolder(join(dir, "salts"), 0o700);
    await disk.syncFolder(dir);
    const first = this.#firsts.at(-1);
    if (first === undefined) return this.#startSegment();
    // What was read may so far be in the page cache only: a killed process loses no writes, but it did not wait for them.
    await this.#cut(this.#path(first), this.#end);
    await disk.syncFolder(this.#folder);
    const records = this.#size - first;
    const salts = await this.#salts.open(first, records);
    const file = await disk.open(this.#path(first), "edit", PERMISSIONS);
    this.#segment = { first, file, salts, end: this.#end, records, open: true, salting: Promise.resolve() };
  }

  /** Durable records. */
  get size(): number {
    return this.#size;
  }

  /** One write and one fdatasync, with the salts written beside them. */
  async commit(commit: Commit): Promise<void> {
    if (this.#current.end >= this.#options.segmentBytesMax) await this.#startSegment();
    const segment = this.#current;
    // Both must have come to rest before anybody may repair the files, whichever fails first.
    const results = await Promise.allSettled([
      writeDurably(segment.file, commit, segment.end),
      commit.salted ? segment.salts.write(commit.salts, commit.count, segment.records) : undefined,
    ]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    segment.end += commit.length;
    segment.records += commit.count;
    this.#size += commit.count;
  }

  /** Makes the salts written so far durable. */
  async syncSalts(): Promise<void> {
    const segment = this.#current;
    const sync = segment.salts.sync();
    // Without the results, which would hold those of before, and so on without end.
    segment.salting = Promise.allSettled([segment.salting, sync]).then(() => undefined);
    await sync;
  }

  /**
   * After a fault: afterwards the journal holds exactly the records that were acknowledged and has proved that the disk
   * takes writes again. Rejects with the disk's error when it does not, and may then be called again. Throws
   * evidence_corrupt when an acknowledged record cannot be read back, which no repetition mends.
   */
  async recover(): Promise<void> {
    const before = this.#current;
    await closeSegment(before);
    const path = this.#path(before.first);
    const bytes = (await this.#options.disk.readFile(path)) ?? Buffer.alloc(0);
    if (before.records > 0) {
      const read = scanFrames(bytes.subarray(0, before.end), HEADER_BYTES, before.records, () => undefined);
      if (read.records !== before.records || read.end !== before.end) {
        throw corrupt(
          `${segmentName(before.first)} lost a durable record, the one of index ${String(before.first + read.records)}`,
        );
      }
      await this.#cut(path, before.end);
      const salts = await this.#salts.open(before.first, before.records);
      await salts.close();
    }
    await this.#probe();
    await this.#startSegment();
  }

  /** The salt of a record, or undefined when there is none (any more). */
  async readSalt(index: number): Promise<Buffer | undefined> {
    const first = this.#segmentOf(index);
    return this.#salts.read(first, index - first);
  }

  async destroySalt(index: number): Promise<void> {
    const first = this.#segmentOf(index);
    await this.#salts.destroy(first, index - first);
  }

  async close(): Promise<void> {
    if (this.#segment !== undefined) await closeSegment(this.#segment);
  }

  get #folder(): string {
    return join(this.#options.dir, "segments");
  }

  get #current(): Segment {
    if (this.#segment === undefined) throw new Error("the journal has not begun");
    return this.#segment;
  }

  #path(first: number): string {
    return join(this.#folder, segmentName(first));
  }

  #segmentOf(index: number): number {
    const first = this.#firsts.findLast((candidate) => candidate <= index);
    if (first === undefined || index >= this.#size) throw new Error("there is no record of this index");
    return first;
  }

  async #readSegment(first: number, last: boolean, visit: VisitRecord, pause: () => Promise<void>): Promise<void> {
    const { disk, logId } = this.#options;
    const name = segmentName(first);
    if (first !== this.#size) throw corrupt(`records are missing before ${name}`);
    const bytes = (await disk.readFile(this.#path(first))) ?? Buffer.alloc(0);
    if (!hasHeader(bytes, first, logId)) {
      // The header is durable before the first commit: without it there was none, or this is not a segment of ours. A new
      // segment takes its place.
      if (!last || hasLaterCommit(bytes, -1)) throw corrupt(`${name} does not begin as a segment of this log`);
      return;
    }
    this.#end = HEADER_BYTES;
    for (let more = true; more; ) {
      const scan = scanFrames(bytes, this.#end, RECORDS_PER_SLICE, visit);
      this.#end = scan.end;
      more = scan.more;
      this.#size += scan.records;
      await pause();
    }
    if (this.#end < bytes.length && (!last || hasLaterCommit(bytes, this.#end))) {
      throw corrupt(`${name} is damaged at the record of index ${String(this.#size)}`);
    }
    this.#firsts.push(first);
  }

  async #startSegment(): Promise<void> {
    const { disk, logId } = this.#options;
    const first = this.#size;
    const file = await disk.open(this.#path(first), "fresh", PERMISSIONS);
    let salts: SaltFile;
    try {
      await writeWhole(file, encodeHeader(first, logId), HEADER_BYTES, 0);
      await file.datasync();
      await disk.syncFolder(this.#folder);
      salts = await this.#salts.open(first, 0);
    } catch (error) {
      await file.close();
      throw error;
    }
    const before = this.#segment;
    this.#segment = { first, file, salts, end: HEADER_BYTES, records: 0, open: true, salting: Promise.resolve() };
    if (this.#firsts.at(-1) !== first) this.#firsts.push(first);
    if (before?.open !== true) return;
    try {
      await before.salts.sync();
    } finally {
      await closeSegment(before);
    }
  }

  async #cut(path: string, end: number): Promise<void> {
    const file = await this.#options.disk.open(path, "edit", PERMISSIONS);
    try {
      if ((await file.size()) > end) await file.truncate(end);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  async #probe(): Promise<void> {
    const path = join(this.#folder, "probe");
    const file = await this.#options.disk.open(path, "fresh", PERMISSIONS);
    try {
      await writeWhole(file, Buffer.alloc(PROBE_BYTES), PROBE_BYTES, 0);
      await file.datasync();
    } finally {
      await file.close();
      await this.#options.disk.remove(path);
    }
  }
}

async function writeDurably(file: DiskFile, commit: Commit, position: number): Promise<void> {
  await writeWhole(file, commit.bytes, commit.length, position);
  await file.datasync();
}

/** What close reports, fdatasync has reported before, or nobody was told that it was durable. */
async function closeSegment(segment: Segment): Promise<void> {
  if (!segment.open) return;
  segment.open = false;
  await segment.salting;
  await Promise.allSettled([segment.file.close(), segment.salts.close()]);
}

function corrupt(message: string): SluiceError {
  return new SluiceError("evidence_corrupt", message);
}
