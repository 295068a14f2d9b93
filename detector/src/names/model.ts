/**
 * The names model in memory, and the reader of its file. The file is data, never code; what does not match its version or
 * its checksum is refused as a whole. All numbers are little-endian. Layout behind the header: lexicon and classes
 * (both packed, see packTable), transitions (int32); of every row 12 weights (uint8, biased by 128), then of every
 * row its mark (uint16), then of every row the 13th weight; the sieve (int8).
 */
import { LABELS } from "./labels.ts";
import { packEntry, unpackEntry } from "./lexicon.ts";
import { SIEVE_LOG2, type Sieve } from "./sieve.ts";

/** Changes whenever features, looks, gate or layout change: an older file would be read wrongly. */
export const FORMAT = 5;
export const MAGIC = 0x4d4e4c53; // "SLNM"
export const HEADER_BYTES = 128;
/** Rows of a bucket: a feature stands in one of them or nowhere. */
export const WAYS = 4;
/** Slots of the lexicon and of the classes, as a power of two: smaller tables do not fit into the bytes of an entry. */
const TABLE_LOG2_MIN = 19;
const TABLE_LOG2_MAX = 22;
const ENTRY_BYTES = 3;
/** int32 words of a row in memory: 13 weights of one byte, and nothing. */
export const ROW_WORDS = 4;

/** How sure a name is, per type: score = logistic(slope * logit(probability) + offset), reported from `threshold` on. */
export interface Calibration {
  readonly slope: number;
  readonly offset: number;
  readonly threshold: number;
}

export interface NamesModel {
  readonly lexicon: Int32Array;
  /** Word → class, in the lexicon's form. */
  readonly classes: Int32Array;
  readonly sieve: Sieve;
  /** LABELS × LABELS, in steps. */
  readonly transitions: Int32Array;
  /** ROW_WORDS a row. */
  readonly rows: Int32Array;
  /** Of each row the mark of its feature, 0 where there is none: apart from the rows, so that a search stays near. */
  readonly marks: Uint16Array;
  /** A hash shifted right by it is its bucket. */
  readonly bucketShift: number;
  /** Log-probability of one step. */
  readonly step: number;
  /** By type: person, location, organization. */
  readonly calibration: readonly Calibration[];
}

/** Checksum of the bytes from HEADER_BYTES on; their number is a multiple of four. */
export function checksum(words: Int32Array): number {
  let a = 1;
  let b = 0x9e3779b9 | 0;
  for (let at = 0; at < words.length; at++) {
    a = Math.imul(a ^ (words[at] as number), 0x01000193);
    b = (b + a) | 0;
  }
  // Mixed once more: the highest bit of the last word would be in both.
  return Math.imul(a ^ (a >>> 15), 0x85ebca6b) ^ b;
}

/**
 * Reads a names model. Throws a TypeError when `bytes` is not a Uint8Array, an Error when it is no model of this version or
 * damaged. Does not keep `bytes`.
 */
export function readNames(bytes: Uint8Array): NamesModel {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("bytes must be a Uint8Array");
  if (bytes.length < HEADER_BYTES || bytes.length % 4 !== 0) throw new Error("not a names model: wrong length");
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.length);
  if (view.getUint32(0, true) !== MAGIC) throw new Error("not a names model: wrong magic number");
  const version = view.getUint32(4, true);
  if (version !== FORMAT) throw new Error(`names model of format ${version}, this version reads ${FORMAT}`);
  const rowsLog2 = view.getUint32(12, true);
  const tables = [16, 24].map((field) => ({
    log2: view.getUint32(field, true),
    entries: view.getUint32(field === 16 ? 28 : 68, true),
  }));
  if (rowsLog2 < 5 || rowsLog2 > 22 || tables.some(({ log2 }) => log2 < TABLE_LOG2_MIN || log2 > TABLE_LOG2_MAX))
    throw new Error("damaged names model: sizes");
  const rowCount = 1 << rowsLog2;
  let expected = HEADER_BYTES + 4 * LABELS * LABELS + (1 << SIEVE_LOG2) + rowCount * (2 + LABELS);
  for (const { log2, entries } of tables) expected += tableBytes(log2, entries);
  if (bytes.length !== expected) throw new Error("damaged names model: its length does not fit its header");
  const words = new Int32Array(aligned.buffer, aligned.byteOffset + HEADER_BYTES, (expected - HEADER_BYTES) / 4);
  if ((view.getInt32(8, true) | 0) !== checksum(words)) throw new Error("damaged names model: checksum");
  const calibration = [0, 1, 2].map((type) => ({
    slope: view.getFloat32(32 + type * 12, true),
    offset: view.getFloat32(36 + type * 12, true),
    threshold: view.getFloat32(40 + type * 12, true),
  }));
  let at = 0;
  const [lexicon, classes] = tables.map(({ log2, entries }) => {
    const size = tableBytes(log2, entries) / 4;
    at += size;
    return unpackTable(words.subarray(at - size, at), log2);
  }) as [Int32Array, Int32Array];
  const transitions = words.slice(at, at + LABELS * LABELS);
  at = HEADER_BYTES + 4 * (at + LABELS * LABELS);
  const first = new Int32Array(aligned.buffer, aligned.byteOffset + at, rowCount * 3);
  at += 12 * rowCount;
  const marks = new Uint16Array(aligned.buffer, aligned.byteOffset + at, rowCount).slice();
  at += 2 * rowCount;
  const last = aligned.subarray(at, at + rowCount);
  at += rowCount;
  const sieve = new Int8Array(aligned.buffer, aligned.byteOffset + at, 1 << SIEVE_LOG2).slice();
  const rows = new Int32Array(rowCount * ROW_WORDS);
  for (let row = 0, from = 0, to = 0; row < rowCount; row++) {
    rows[to++] = first[from++] as number;
    rows[to++] = first[from++] as number;
    rows[to++] = first[from++] as number;
    rows[to++] = last[row] as number;
  }
  return {
    lexicon,
    classes,
    sieve: { weights: sieve, limit: view.getInt32(72, true) },
    transitions,
    rows,
    marks,
    bucketShift: 32 - (rowsLog2 - 2),
    step: view.getFloat32(20, true),
    calibration,
  };
}

function tableBytes(log2: number, entries: number): number {
  return (1 << log2) / 8 + Math.ceil((ENTRY_BYTES * entries) / 4) * 4;
}

/** The inverse of packTable. */
function unpackTable(words: Int32Array, log2: number): Int32Array {
  const table = new Int32Array(1 << log2);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  let at = table.length >> 3;
  for (let slot = 0; slot < table.length; slot++) {
    if (((words[slot >> 5] as number) & (1 << (slot & 31))) === 0) continue;
    const packed = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    table[slot] = unpackEntry(packed, slot, log2);
    at += ENTRY_BYTES;
  }
  return table;
}

/** A bit a slot, then three bytes for each slot whose bit is set, then up to three that mean nothing. */
function packTable(table: Int32Array): { words: Int32Array; entries: number } {
  const log2 = Math.log2(table.length);
  if (log2 < TABLE_LOG2_MIN) throw new RangeError(`a table of 2^${log2} slots cannot be packed`);
  const entries = table.reduce((count, entry) => count + (entry === 0 ? 0 : 1), 0);
  const words = new Int32Array(tableBytes(log2, entries) / 4);
  const bytes = new Uint8Array(words.buffer);
  let at = table.length >> 3;
  for (let slot = 0; slot < table.length; slot++) {
    const entry = table[slot] as number;
    if (entry === 0) continue;
    words[slot >> 5] = (words[slot >> 5] as number) | (1 << (slot & 31));
    const packed = packEntry(entry, log2);
    bytes[at++] = packed & 0xff;
    bytes[at++] = (packed >>> 8) & 0xff;
    bytes[at++] = packed >>> 16;
  }
  return { words, entries };
}

/** The inverse of readNames; big-endian machines are not supported by either. */
export function writeNames(model: NamesModel): Uint8Array {
  const rowCount = model.rows.length / ROW_WORDS;
  const lexicon = packTable(model.lexicon);
  const classes = packTable(model.classes);
  const size =
    HEADER_BYTES +
    4 * (lexicon.words.length + classes.words.length + LABELS * LABELS) +
    (1 << SIEVE_LOG2) +
    rowCount * (2 + LABELS);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, FORMAT, true);
  view.setUint32(12, Math.log2(rowCount), true);
  view.setUint32(16, Math.log2(model.lexicon.length), true);
  view.setFloat32(20, model.step, true);
  view.setUint32(24, Math.log2(model.classes.length), true);
  view.setUint32(28, lexicon.entries, true);
  view.setUint32(68, classes.entries, true);
  view.setInt32(72, model.sieve.limit, true);
  for (const [type, { slope, offset, threshold }] of model.calibration.entries()) {
    view.setFloat32(32 + type * 12, slope, true);
    view.setFloat32(36 + type * 12, offset, true);
    view.setFloat32(40 + type * 12, threshold, true);
  }
  let at = HEADER_BYTES;
  for (const part of [lexicon.words, classes.words, model.transitions]) {
    new Int32Array(bytes.buffer, at, part.length).set(part);
    at += 4 * part.length;
  }
  const { rows } = model;
  const first = new Int32Array(bytes.buffer, at, rowCount * 3);
  at += 12 * rowCount;
  new Uint16Array(bytes.buffer, at, rowCount).set(model.marks);
  at += 2 * rowCount;
  for (let row = 0; row < rowCount; row++) {
    first.set(rows.subarray(row * ROW_WORDS, row * ROW_WORDS + 3), row * 3);
    bytes[at + row] = rows[row * ROW_WORDS + 3] as number;
  }
  at += rowCount;
  new Int8Array(bytes.buffer, at, 1 << SIEVE_LOG2).set(model.sieve.weights);
  view.setInt32(8, checksum(new Int32Array(bytes.buffer, HEADER_BYTES)), true);
  return bytes;
}
