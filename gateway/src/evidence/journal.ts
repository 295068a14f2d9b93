/**
 * The source of truth: segment files and the salts beside them. `commit` promises that what it was given is on the disk when
 * it resolves, and that the journal is unchanged when it rejects. It never continues after an error on the same open file:
 * after a failed fdatasync the kernel has dropped the pages it could not write and calls them clean, so a second fdatasync
 * would succeed without having written anything (https://lwn.net/Articles/752063/). The way back is `recover`, which opens
 * the file anew, reads back every record that was acknowledged, cuts off what was not, and goes on in a new segment.
 * One caller at a time.
 */

import { basename, join } from "node:path";
import { corrupt } from "./corrupt.ts";
import { type Disk, type DiskFile, isMissing, readWhole, withFile, writeWhole } from "./disk.ts";
import { PACKED_SUFFIX, packFile, readPacked, unpackedSize } from "./packed.ts";
import { type SaltFile, Salts } from "./salts.ts";
import {
  HEADER_BYTES,
  encodeHeader,
  hasHeader,
  hasLaterCommit,
  scanFrames,
  segmentFirst,
  segmentName,
} from "./segment.ts";

import type { BinaryHash } from "./tree.ts";

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

/** Called with bytes[start, end), a view that is valid during the call only, and the index of the record. */
type VisitEntry = (bytes: Buffer, start: number, end: number, leafHash: BinaryHash, index: number) => void;

/** Where in the segments a record begins, at which a reading may start. */
export interface Place {
  /** Of the record. */
  readonly index: number;
  /** First index of its segment. */
  readonly segment: number;
  /** Offset in the segment's file. */
  readonly at: number;
}

/** A segment that nothing is written to any more. */
export interface FinishedSegment {
  readonly first: number;
  readonly bytes: number;
}

/** Where to read on from, and the segments before that. */
export interface ReadFrom {
  readonly place: Place;
  readonly finished: readonly FinishedSegment[];
}

export interface JournalOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly logId: Uint8Array;
  readonly segmentBytesMax: number;
  /** Index below which segments may be gone, because they were pruned. */
  readonly minimum: number;
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
  /** Bytes of the finished segments, by first index. */
  readonly #bytes = new Map<number, number>();
  /** Places of late where a reading may start, ascending: those of commits, or of slices that were read. */
  #places: Place[] = [];
  #segment: Segment | undefined;
  #size = 0;
  /** Where the good bytes of the last segment end; only of use until `begin`. */
  #end = 0;

  private constructor(options: JournalOptions) {
    this.#options = options;
    this.#salts = new Salts(options.disk, join(options.dir, "salts"));
  }

  /**
   * Reads every record in order, or those from a place on, and changes nothing. `visit` sees each record once; `pause` is
   * awaited now and then. Throws evidence_corrupt when a record is missing or damaged that a crash cannot have damaged.
   */
  static async read(
    options: JournalOptions,
    visit: VisitEntry,
    pause: () => Promise<void>,
    from?: ReadFrom,
  ): Promise<Journal> {
    const journal = new Journal(options);
    const names = await options.disk.list(journal.#folder);
    // A segment is there twice where packing it was cut off.
    const firsts = [...new Set(names.map(segmentFirst).filter((first) => first !== undefined))];
    const start = from === undefined ? journal.#startAt(firsts) : await journal.#skipTo(from, firsts);
    for (const first of firsts) {
      if (first < start) continue;
      await journal.#readSegment(first, first === firsts.at(-1), visit, pause, from?.place);
    }
    return journal;
  }

  /** Drops what a crash left unfinished and makes ready for the first commit. */
  async begin(): Promise<void> {
    const { disk, dir } = this.#options;
    await disk.makeFolder(this.#folder, 0o700);
    await disk.makeFolder(join(dir, "salts"), 0o700);
    await disk.syncFolder(dir);
    // It holds records, and would outlive their pruning.
    await disk.remove(this.#packing);
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

  /** One write and one fdatasync, with the salts written beside them. Gives the index of the first record. */
  async commit(commit: Commit): Promise<number> {
    if (this.#current.end >= this.#options.segmentBytesMax) await this.#startSegment();
    const segment = this.#current;
    const place = { index: this.#size, segment: segment.first, at: segment.end };
    // Both must have come to rest before anybody may repair the files, whichever fails first.
    const results = await Promise.allSettled([
      writeDurably(segment.file, commit, segment.end),
      commit.salted ? segment.salts.write(commit.salts, commit.count, segment.records) : undefined,
    ]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    segment.end += commit.length;
    segment.records += commit.count;
    this.#places.push(place);
    this.#size += commit.count;
    return place.index;
  }

  /**
   * Where to read on from so as to see the record of this index and all after it; undefined when that is no longer known,
   * because a later index was asked for before.
   */
  readFrom(index: number): ReadFrom | undefined {
    const at = this.#places.findLastIndex((place) => place.index <= index);
    const place = this.#places[at];
    if (place === undefined) return undefined;
    this.#places = this.#places.slice(at);
    const finished = [...this.#bytes].map(([first, bytes]) => ({ first, bytes }));
    return { place, finished: finished.filter(({ first }) => first < place.segment) };
  }

  /** Removes, oldest first, what lies wholly below this index: segments, and salts, which are overwritten before. */
  async prune(below: number): Promise<void> {
    for (let next = this.#firsts[1]; next !== undefined && next <= below; next = this.#firsts[1]) {
      const [first = 0] = this.#firsts;
      await this.#salts.remove(first);
      await this.#options.disk.remove(this.#path(first));
      await this.#options.disk.remove(this.#path(first) + PACKED_SUFFIX);
      this.#firsts.shift();
      this.#bytes.delete(first);
    }
    await this.#options.disk.syncFolder(this.#folder);
  }

  /** Segments that nothing is written to any more, and the index after their last record. Ascending. */
  finished(): readonly { readonly first: number; readonly end: number }[] {
    return this.#firsts.slice(0, -1).map((first, at) => ({ first, end: this.#firsts[at + 1] as number }));
  }

  /** Packs a finished segment, unless it is packed or pruned already. */
  async pack(first: number): Promise<void> {
    await packFile(this.#options.disk, this.#path(first), { temporary: this.#packing, permissions: PERMISSIONS });
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
    return first === undefined ? undefined : this.#salts.read(first, index - first);
  }

  async destroySalt(index: number): Promise<void> {
    const first = this.#segmentOf(index);
    if (first !== undefined) await this.#salts.destroy(first, index - first);
  }

  async close(): Promise<void> {
    if (this.#segment !== undefined) await closeSegment(this.#segment);
  }

  get #folder(): string {
    return join(this.#options.dir, "segments");
  }

  /** A segment that is being packed. */
  get #packing(): string {
    return join(this.#folder, "packing");
  }

  get #current(): Segment {
    if (this.#segment === undefined) throw new Error("the journal has not begun");
    return this.#segment;
  }

  #path(first: number): string {
    return join(this.#folder, segmentName(first));
  }

  /** First index of the segment that holds the record, undefined when it was pruned. */
  #segmentOf(index: number): number | undefined {
    if (index >= this.#size) throw new Error("there is no record of this index");
    return this.#firsts.findLast((candidate) => candidate <= index);
  }

  /** For a whole reading: the first segment, which may begin after 0 only where what came before it was pruned. */
  #startAt([first = 0]: readonly number[]): number {
    if (first > this.#options.minimum) throw corrupt(`records are missing before ${segmentName(first)}`);
    this.#size = first;
    return first;
  }

  /** Makes sure, without reading them, that the segments before the place are there in full length. */
  async #skipTo({ place, finished }: ReadFrom, firsts: readonly number[]): Promise<number> {
    const { disk, minimum } = this.#options;
    for (const [i, { first, bytes }] of finished.entries()) {
      const end = finished[i + 1]?.first ?? place.segment;
      if (end <= minimum && !firsts.includes(first)) continue;
      if (!firsts.includes(first)) throw corrupt(`${segmentName(first)} is missing`);
      if ((await unpackedSize(disk, this.#path(first))) !== bytes)
        throw corrupt(`${segmentName(first)} does not have its length`);
      this.#firsts.push(first);
      this.#bytes.set(first, bytes);
    }
    if (firsts.filter((first) => first < place.segment).length !== this.#firsts.length) {
      throw corrupt("there are segments that the bookmark does not know");
    }
    if (!firsts.includes(place.segment)) throw corrupt(`${segmentName(place.segment)} is missing`);
    this.#size = place.segment;
    return place.segment;
  }

  async #readSegment(
    first: number,
    last: boolean,
    visit: VisitEntry,
    pause: () => Promise<void>,
    from: Place | undefined,
  ): Promise<void> {
    const { logId } = this.#options;
    const name = segmentName(first);
    if (first !== this.#size) throw corrupt(`records are missing before ${name}`);
    const place = from?.segment === first ? from : { index: first, segment: first, at: HEADER_BYTES };
    const { header, bytes } = await this.#readFile(this.#path(first), place.at);
    if (!hasHeader(header, first, logId)) {
      // The header is durable before the first commit: without it there was none, or this is not a segment of ours. A new
      // segment takes its place.
      if (!last || from?.segment === first || hasLaterCommit(Buffer.concat([header, bytes]), -1)) {
        throw corrupt(`${name} does not begin as a segment of this log`);
      }
      return;
    }
    let end = 0;
    this.#size = place.index;
    for (let more = true; more; ) {
      this.#places.push({ index: this.#size, segment: first, at: place.at + end });
      let index = this.#size;
      const scan = scanFrames(bytes, end, RECORDS_PER_SLICE, (all, start, stop, leafHash) => {
        visit(all, start, stop, leafHash, index++);
      });
      end = scan.end;
      more = scan.more;
      this.#size += scan.records;
      await pause();
    }
    if (end < bytes.length && (!last || hasLaterCommit(bytes, end))) {
      throw corrupt(`${name} is damaged at the record of index ${String(this.#size)}`);
    }
    this.#end = place.at + end;
    this.#firsts.push(first);
    if (!last) this.#bytes.set(first, this.#end);
  }

  /** The header of a segment and what lies from `at` on. */
  async #readFile(path: string, at: number): Promise<{ header: Buffer; bytes: Buffer }> {
    const { disk } = this.#options;
    try {
      return await this.#readPlain(path, at);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const whole = (await readPacked(disk, path)) ?? Buffer.alloc(0);
    if (whole.length < at) throw corrupt(`${basename(path)} is shorter than it was`);
    return { header: whole.subarray(0, HEADER_BYTES), bytes: whole.subarray(at) };
  }

  #readPlain(path: string, at: number): Promise<{ header: Buffer; bytes: Buffer }> {
    return withFile(this.#options.disk, path, async (file) => {
      const header = Buffer.alloc(HEADER_BYTES);
      const found = await readWhole(file, header, HEADER_BYTES, 0);
      const left = (await file.size()) - at;
      if (left < 0 && at > HEADER_BYTES) throw corrupt(`${basename(path)} is shorter than it was`);
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, left));
      const length = await readWhole(file, bytes, bytes.length, at);
      return { header: header.subarray(0, found), bytes: bytes.subarray(0, length) };
    });
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
    if (before !== undefined && before.first !== first) this.#bytes.set(before.first, before.end);
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
