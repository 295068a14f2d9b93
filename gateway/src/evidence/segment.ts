/**
 * The bytes of a segment file: a header, then one frame per record. This file promises that a record reads back as it was
 * written or not at all, and it tells a torn tail (the last commit did not finish, which a crash explains) from damage
 * (something that was durable is gone, which nothing explains). Pure: it knows no file.
 *
 *     header   "SLUICES1" | uint64 index of the first record | 16 bytes log id
 *     frame    uint16 kind | uint16 length | 8 bytes checksum | 0x00 | entry
 *
 * The 0x00 is the leaf prefix of RFC 6962: the leaf hash is taken over frame bytes as they lie, without a copy, and the
 * checksum is its beginning, so a record is hashed once for both.
 */

import { createHash, hash } from "node:crypto";
import type { BinaryHash } from "./tree.ts";

/** What a uint16 length can say, and what tlog-tiles allows an entry. */
export const ENTRY_BYTES_MAX = 65_535;
export const HEADER_BYTES = 32;
/** Bytes of a frame before its entry. */
export const FRAME_BYTES = 13;
const CHECKSUM_BYTES = 8;
const CHECKSUM_AT = 4;
const PREFIX_AT = FRAME_BYTES - 1;
const MAGIC = "SLUICES1";
const LOG_ID_BYTES = 16;

/** The first frame of a commit says so: it was written only after every frame before it was durable. */
const KIND_FIRST = 0x5302;
const KIND_NEXT = 0x5301;

const NAME = /^([0-9]{12})\.log(?:\.gz)?$/;

/** `000000001234.log`; names sort as their indexes do. */
export function segmentName(first: number): string {
  return `${String(first).padStart(12, "0")}.log`;
}

/** Index of the first record, or undefined for a file that is not a segment, packed or not. */
export function segmentFirst(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Ties segments to a log, so that those of another one are noticed before their records are. */
export function logIdOf(origin: string): Buffer {
  return createHash("sha256").update(origin).digest().subarray(0, LOG_ID_BYTES);
}

export function encodeHeader(first: number, logId: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, "latin1");
  header.writeBigUInt64BE(BigInt(first), MAGIC.length);
  header.set(logId, HEADER_BYTES - LOG_ID_BYTES);
  return header;
}

/** Whether the file begins with exactly this header. */
export function hasHeader(bytes: Buffer, first: number, logId: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && bytes.subarray(0, HEADER_BYTES).equals(encodeHeader(first, logId));
}

/**
 * Completes the frame at `at`, whose entry of `length` bytes the caller has already put at `at + FRAME_BYTES`.
 * Gives the entry's leaf hash, H(0x00 || entry). https://www.rfc-editor.org/rfc/rfc6962#section-2.1
 */
export function sealFrame(bytes: Buffer, at: number, length: number, firstOfCommit: boolean): BinaryHash {
  bytes[at] = (firstOfCommit ? KIND_FIRST : KIND_NEXT) >>> 8;
  bytes[at + 1] = (firstOfCommit ? KIND_FIRST : KIND_NEXT) & 0xff;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length & 0xff;
  bytes[at + PREFIX_AT] = 0;
  const leafHash = hash("sha256", bytes.subarray(at + PREFIX_AT, at + FRAME_BYTES + length), "binary");
  bytes.write(leafHash, at + CHECKSUM_AT, CHECKSUM_BYTES, "latin1");
  return leafHash;
}

/** Called with bytes[start, end), a view that is valid during the call only. */
export type VisitRecord = (bytes: Buffer, start: number, end: number, leafHash: BinaryHash) => void;

export interface Scan {
  /** Where the next frame would begin. */
  readonly end: number;
  readonly records: number;
  /** False when the bytes at `end` are not a whole, good frame (also at the end of the bytes). */
  readonly more: boolean;
}

/** Reads good frames from `at` on, at most `recordsMax` of them. */
export function scanFrames(bytes: Buffer, at: number, recordsMax: number, visit: VisitRecord): Scan {
  let end = at;
  for (let records = 0; records < recordsMax; records++) {
    const leafHash = checkFrame(bytes, end);
    if (leafHash === undefined) return { end, records, more: false };
    const start = end + FRAME_BYTES;
    end = start + bytes.readUInt16BE(end + 2);
    visit(bytes, start, end, leafHash);
  }
  return { end, records: recordsMax, more: true };
}

/**
 * Whether a commit begins somewhere after `at`, where the bytes stopped being good. If so, what is bad had been durable
 * before that commit was written, and it is damage. If not, all of it belongs to the one commit that was under way. Entries
 * cannot be taken for frames: a canonical JSON text holds no byte below 0x20.
 */
export function hasLaterCommit(bytes: Buffer, at: number): boolean {
  const kind = Buffer.from([KIND_FIRST >>> 8, KIND_FIRST & 0xff]);
  for (let found = bytes.indexOf(kind, at + 1); found >= 0; found = bytes.indexOf(kind, found + 1)) {
    if (checkFrame(bytes, found) !== undefined) return true;
  }
  return false;
}

function checkFrame(bytes: Buffer, at: number): BinaryHash | undefined {
  if (at + FRAME_BYTES > bytes.length) return undefined;
  const kind = bytes.readUInt16BE(at);
  if ((kind !== KIND_FIRST && kind !== KIND_NEXT) || bytes[at + PREFIX_AT] !== 0) return undefined;
  const end = at + FRAME_BYTES + bytes.readUInt16BE(at + 2);
  if (end > bytes.length) return undefined;
  const leafHash = hash("sha256", bytes.subarray(at + PREFIX_AT, end), "binary");
  return bytes.toString("latin1", at + CHECKSUM_AT, at + CHECKSUM_AT + CHECKSUM_BYTES) ===
    leafHash.slice(0, CHECKSUM_BYTES)
    ? leafHash
    : undefined;
}
