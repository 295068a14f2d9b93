/**
 * The bytes of one chunk: a header that anybody can check, a body that nobody can read without keys, and the beginning of
 * its hash. The verifier reads the same bytes; this file writes them.
 *
 *     "SLR1" | kind | 3 zeros | uint32 seq | uint32 length of body | 16 recording id | uint64 ms | 32 previous hash
 *     | body | first 8 bytes of SHA-256 of all before
 */
import { hash } from "node:crypto";
import { CHUNK_CHECKSUM_BYTES, CHUNK_HEADER_BYTES, CHUNK_KINDS, CHUNK_MAGIC, type ChunkKind } from "@sluice/verifier";

const KINDS = new Map(Object.entries(CHUNK_KINDS).map(([number, kind]) => [kind, Number(number)]));

export interface ChunkFacts {
  readonly kind: ChunkKind;
  readonly seq: number;
  readonly id: Uint8Array;
  readonly time: number;
  /** 32 bytes. */
  readonly previous: Uint8Array;
}

/** A chunk as it is written, and its hash. */
export interface WrittenChunk {
  readonly bytes: Buffer;
  /** Of the chunk without its checksum. */
  readonly hash: Buffer;
}

/** `parts`: the body. */
export function encodeChunk({ kind, seq, id, time, previous }: ChunkFacts, parts: readonly Uint8Array[]): WrittenChunk {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = Buffer.allocUnsafe(CHUNK_HEADER_BYTES + length + CHUNK_CHECKSUM_BYTES);
  bytes.set(CHUNK_MAGIC, 0);
  bytes.writeUInt32BE((KINDS.get(kind) ?? 0) * 0x1000000, 4);
  bytes.writeUInt32BE(seq, 8);
  bytes.writeUInt32BE(length, 12);
  bytes.set(id, 16);
  bytes.writeBigUInt64BE(BigInt(time), 32);
  bytes.set(previous, 40);
  let at = CHUNK_HEADER_BYTES;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const digest = Buffer.from(hash("sha256", bytes.subarray(0, at), "binary"), "latin1");
  digest.copy(bytes, at, 0, CHUNK_CHECKSUM_BYTES);
  return { bytes, hash: digest };
}

/** Whether bytes[at, end) is a whole chunk, checksum included, as it was written. */
export function isWhole(bytes: Buffer, at: number, end: number): boolean {
  const sumAt = end - CHUNK_CHECKSUM_BYTES;
  const digest = hash("sha256", bytes.subarray(at, sumAt), "binary");
  return bytes.toString("latin1", sumAt, end) === digest.slice(0, CHUNK_CHECKSUM_BYTES);
}
