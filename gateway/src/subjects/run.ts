/**
 * A run: up to 65,536 postings, sorted, in one file that is written once. Blocks of 4,096 bytes: a head with the number of postings,
 * the first and last record and the beginnings of the blocks that follow; then blocks of 170 postings. Each block ends with its
 * number, how many postings it holds and a CRC-32, so that whoever reads one block knows whether it is whole and in its place. The
 * check is against faults, not against people: who can write the folder can write a run. docs/subjects.md has the format.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { SluiceError } from "../core/errors.ts";

export const RUN_POSTINGS_MAX = 65_536;
/** id (8) ‖ record (u64) ‖ place (u64), numbers big endian: sorted as bytes they are sorted by subject, then by record. */
export const POSTING_BYTES = 24;
export const RUN_NAME = /^\d{15}-[0-9a-f]{12}\.run$/;

const BLOCK_BYTES = 4_096;
const TRAILER_BYTES = 16;
const PER_BLOCK = (BLOCK_BYTES - TRAILER_BYTES) / POSTING_BYTES;
const AT_NUMBER = BLOCK_BYTES - 16;
const AT_COUNT = BLOCK_BYTES - 12;
const AT_TOTAL = BLOCK_BYTES - 8;
const AT_CRC = BLOCK_BYTES - 4;
/** "SLXRUN" and the version of the format. */
const MAGIC = Buffer.from([0x53, 0x4c, 0x58, 0x52, 0x55, 0x4e, 0x00, 0x01]);
const AT_FIRST = 8;
const AT_LAST = 16;
/** The first four bytes of the first id of each block. */
const AT_FENCES = 24;
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export interface Run {
  readonly path: string;
  readonly postings: number;
  /** Smallest and greatest record in it. */
  readonly first: number;
  readonly last: number;
  /** Of each block, the first four bytes of its first id. */
  readonly fences: Uint32Array;
}

/** Of postings that stand one after another in `bytes`, a sorted copy. */
export function sortPostings(bytes: Buffer): Buffer {
  const count = bytes.length / POSTING_BYTES;
  const heads = new Uint32Array(count);
  for (let at = 0; at < count; at++) heads[at] = bytes.readUInt32BE(at * POSTING_BYTES);
  // Ids are random, so that their first four bytes tell nearly all apart: two passes by 16 bits, each keeping the order of the last.
  let order = Uint32Array.from({ length: count }, (_, at) => at);
  for (const shift of [0, 16]) order = byDigit(heads, order, shift);
  const sorted = Buffer.allocUnsafeSlow(bytes.length);
  const [from, to] = [wordsOf(bytes), wordsOf(sorted)];
  for (let at = 0; at < count; at++) {
    const source = (order[at] as number) * WORDS;
    for (let word = 0; word < WORDS; word++) to[at * WORDS + word] = from[source + word] as number;
  }
  insertLate(sorted, count);
  return sorted;
}

const WORDS = POSTING_BYTES / 4;

function wordsOf(bytes: Buffer): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.allocUnsafeSlow(bytes.length).fill(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, bytes.length / 4);
}

function byDigit(heads: Uint32Array, order: Uint32Array, shift: number): Uint32Array<ArrayBuffer> {
  const starts = new Uint32Array(65_537);
  for (const at of order) {
    const digit = ((heads[at] as number) >>> shift) & 0xffff;
    starts[digit + 1] = (starts[digit + 1] as number) + 1;
  }
  for (let digit = 1; digit <= 65_536; digit++) {
    starts[digit] = (starts[digit] as number) + (starts[digit - 1] as number);
  }
  const next = new Uint32Array(order.length);
  for (const at of order) {
    const digit = ((heads[at] as number) >>> shift) & 0xffff;
    const place = starts[digit] as number;
    next[place] = at;
    starts[digit] = place + 1;
  }
  return next;
}

/** What is nearly sorted: neighbours with one beginning, and records that came late. */
function insertLate(bytes: Buffer, count: number): void {
  const held = Buffer.allocUnsafe(POSTING_BYTES);
  let before = 0;
  for (let at = 0; at < count; at++) {
    const head = bytes.readUInt32BE(at * POSTING_BYTES);
    let to = at;
    if (at > 0 && head === before) while (to > 0 && compareAt(bytes, to - 1, at) > 0) to -= 1;
    before = head;
    if (to === at) continue;
    bytes.copy(held, 0, at * POSTING_BYTES, (at + 1) * POSTING_BYTES);
    bytes.copyWithin((to + 1) * POSTING_BYTES, to * POSTING_BYTES, at * POSTING_BYTES);
    held.copy(bytes, to * POSTING_BYTES);
  }
}

function compareAt(bytes: Buffer, one: number, other: number): number {
  const [from, to] = [one * POSTING_BYTES, other * POSTING_BYTES];
  return bytes.compare(bytes, to, to + POSTING_BYTES, from, from + POSTING_BYTES);
}

/** Of sorted postings; there as a whole and durable when it resolves, or not at all. Throws index_unavailable. */
export async function writeRun(folder: string, sorted: Buffer): Promise<Run> {
  const { bytes, first, last, postings, fences } = format(sorted);
  const name = `${String(first).padStart(15, "0")}-${randomBytes(6).toString("hex")}.run`;
  const path = join(folder, name);
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const file = await open(`${path}.new`, "wx", FILE_MODE);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await syncNames(folder);
  } catch (thrown) {
    await unlink(`${path}.new`).catch(() => undefined);
    throw unavailable(path, thrown);
  }
  return { path, postings, first, last, fences };
}

function format(sorted: Buffer): Omit<Run, "path"> & { readonly bytes: Buffer } {
  const postings = sorted.length / POSTING_BYTES;
  const blocks = Math.ceil(postings / PER_BLOCK);
  const bytes = Buffer.alloc((1 + blocks) * BLOCK_BYTES);
  const fences = new Uint32Array(blocks);
  let [first, last] = [Number.MAX_SAFE_INTEGER, 0];
  for (let at = 0; at < postings; at++) {
    const record = sorted.readUInt32BE(at * POSTING_BYTES + 8) * 2 ** 32 + sorted.readUInt32BE(at * POSTING_BYTES + 12);
    first = Math.min(first, record);
    last = Math.max(last, record);
  }
  for (let block = 0; block < blocks; block++) {
    const some = sorted.subarray(block * PER_BLOCK * POSTING_BYTES, (block + 1) * PER_BLOCK * POSTING_BYTES);
    const at = (1 + block) * BLOCK_BYTES;
    bytes.set(some, at);
    fences[block] = some.readUInt32BE(0);
    finish(bytes.subarray(at, at + BLOCK_BYTES), 1 + block, some.length / POSTING_BYTES, postings);
  }
  const head = bytes.subarray(0, BLOCK_BYTES);
  head.set(MAGIC);
  head.writeBigUInt64BE(BigInt(first), AT_FIRST);
  head.writeBigUInt64BE(BigInt(last), AT_LAST);
  for (const [at, fence] of fences.entries()) head.writeUInt32BE(fence, AT_FENCES + at * 4);
  finish(head, 0, 0, postings);
  return { bytes, postings, first, last, fences };
}

function finish(block: Buffer, number: number, count: number, total: number): void {
  block.writeUInt32BE(number, AT_NUMBER);
  block.writeUInt32BE(count, AT_COUNT);
  block.writeUInt32BE(total, AT_TOTAL);
  block.writeUInt32BE(crc32(block.subarray(0, AT_CRC)), AT_CRC);
}

/** Reads the head of a run. Throws index_corrupt, index_unavailable; undefined when it has been removed meanwhile. */
export function readHead(path: string): Promise<Run | undefined> {
  return reading(path, async (file) => {
    const head = await readBlock(file, path, 0);
    const postings = head.readUInt32BE(AT_TOTAL);
    const blocks = Math.ceil(postings / PER_BLOCK);
    const { size } = await file.stat();
    const isWhole = head.subarray(0, MAGIC.length).equals(MAGIC) && size === (1 + blocks) * BLOCK_BYTES;
    if (!isWhole || postings === 0 || postings > RUN_POSTINGS_MAX) throw corrupt(path);
    const fences = Uint32Array.from({ length: blocks }, (_, at) => head.readUInt32BE(AT_FENCES + at * 4));
    return {
      path,
      postings,
      first: Number(head.readBigUInt64BE(AT_FIRST)),
      last: Number(head.readBigUInt64BE(AT_LAST)),
      fences,
    };
  });
}

/**
 * Gives `found` each posting of these ids, which are of 8 bytes and sorted. False when the run has been removed meanwhile. Throws
 * index_corrupt, index_unavailable.
 */
export async function searchRun(run: Run, ids: readonly Buffer[], found: (posting: Buffer) => void): Promise<boolean> {
  const done = await reading(run.path, async (file) => {
    for (const id of ids) {
      for (let at = blockBefore(run.fences, id.readUInt32BE(0)); at < run.fences.length; at++) {
        const block = await readBlock(file, run.path, 1 + at);
        if (block.readUInt32BE(AT_TOTAL) !== run.postings) throw corrupt(run.path);
        if (!searchBlock(block, id, found)) break;
      }
    }
    return true;
  });
  return done === true;
}

/** The last block that begins before everything with this beginning, where the first with it may stand. */
function blockBefore(fences: Uint32Array, beginning: number): number {
  let [low, high] = [0, fences.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((fences[middle] as number) < beginning) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Whether the next block may hold more. */
function searchBlock(block: Buffer, id: Buffer, found: (posting: Buffer) => void): boolean {
  const count = block.readUInt32BE(AT_COUNT);
  const beginning = id.readUInt32BE(0);
  for (let at = 0; at < count; at++) {
    const from = at * POSTING_BYTES;
    if (block.readUInt32BE(from) < beginning) continue;
    const order = block.compare(id, 0, id.length, from, from + id.length);
    if (order > 0) return false;
    if (order === 0) found(block.subarray(from, from + POSTING_BYTES));
  }
  return true;
}

/** All postings of a run, sorted. Undefined when it has been removed meanwhile. Throws index_corrupt, index_unavailable. */
export function readRun(run: Run): Promise<Buffer | undefined> {
  return reading(run.path, async (file) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < run.fences.length; at++) {
      const block = await readBlock(file, run.path, 1 + at);
      parts.push(block.subarray(0, block.readUInt32BE(AT_COUNT) * POSTING_BYTES));
    }
    const all = Buffer.concat(parts);
    if (all.length !== run.postings * POSTING_BYTES) throw corrupt(run.path);
    return all;
  });
}

async function readBlock(file: FileHandle, path: string, number: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
  const isWhole = bytesRead === BLOCK_BYTES && block.readUInt32BE(AT_CRC) === crc32(block.subarray(0, AT_CRC));
  if (!isWhole || block.readUInt32BE(AT_NUMBER) !== number || block.readUInt32BE(AT_COUNT) > PER_BLOCK)
    throw corrupt(path);
  return block;
}

async function reading<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    return await work(file);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw unavailable(path, thrown);
  } finally {
    await file?.close();
  }
}

/** Makes the names in a folder durable. Windows has no such call and needs none. */
export async function syncNames(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const names = await open(folder, "r");
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}

export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}

/** Our own errors stay what they are, and so does a bug. */
export function unavailable(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("code" in thrown) || thrown instanceof SluiceError) return thrown;
  return new SluiceError(
    "index_unavailable",
    `the index of data subjects cannot use ${path} (${String(thrown.code)})`,
    {
      cause: thrown,
    },
  );
}

function corrupt(path: string): SluiceError {
  return new SluiceError(
    "index_corrupt",
    `${path}, a run of the index of data subjects, is damaged; \`sluice fsck --repair\` makes the index again from the recordings`,
  );
}
