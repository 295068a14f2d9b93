/**
 * The records that wait for the next commit, already in the form in which they are written: frames one after the other,
 * salts one after the other. A record is encoded once, in place, and copied only when the buffer must grow.
 */

import assert from "node:assert/strict";
import type { Leaf, Receipt } from "./leaf.ts";
import { SALT_BYTES } from "./salts.ts";
import { ENTRY_BYTES_MAX, FRAME_BYTES, sealFrame } from "./segment.ts";
import type { BinaryHash } from "./tree.ts";

const BYTES_FIRST = 256 * 1024;
const RECORDS_FIRST = 256;
/** UTF-8 needs at most three bytes for a UTF-16 code unit. */
const UTF8_BYTES_PER_UNIT_MAX = 3;

export interface Waiting {
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: Error) => void;
  /** As it was given, without its commitment. */
  readonly leaf: Leaf;
  readonly leafHash: BinaryHash;
  /** Where the entry lies in the batch. */
  readonly start: number;
  readonly end: number;
}

export class Batch {
  bytes: Buffer = Buffer.allocUnsafeSlow(BYTES_FIRST);
  length = 0;
  salts: Buffer = Buffer.alloc(RECORDS_FIRST * SALT_BYTES);
  salted = false;
  readonly waiting: Waiting[] = [];

  get count(): number {
    return this.waiting.length;
  }

  /** Adds an entry; its promise is settled by who commits the batch. Throws AssertionError when the entry is too long. */
  add(
    leaf: Leaf,
    entry: string,
    salt: Uint8Array | undefined,
    { resolve, reject }: Pick<Waiting, "resolve" | "reject">,
  ): void {
    assert(entry.length <= ENTRY_BYTES_MAX, "a leaf has at most 65,535 bytes");
    this.#reserve(FRAME_BYTES + entry.length * UTF8_BYTES_PER_UNIT_MAX);
    const start = this.length + FRAME_BYTES;
    const length = this.bytes.write(entry, start, "utf8");
    assert(length <= ENTRY_BYTES_MAX, "a leaf has at most 65,535 bytes");
    const leafHash = sealFrame(this.bytes, this.length, length, this.count === 0);
    if (salt !== undefined) {
      this.salts.set(salt, this.count * SALT_BYTES);
      this.salted = true;
    }
    this.length = start + length;
    this.waiting.push({ resolve, reject, leaf, leafHash, start, end: this.length });
  }

  /** Makes it empty again; salts do not stay in memory, and memory that an unusual batch needed is given back. */
  clear(): void {
    if (this.bytes.length > 4 * BYTES_FIRST) this.bytes = Buffer.allocUnsafeSlow(BYTES_FIRST);
    if (this.salts.length > 16 * RECORDS_FIRST * SALT_BYTES) this.salts = Buffer.alloc(RECORDS_FIRST * SALT_BYTES);
    else if (this.salted) this.salts.fill(0, 0, this.count * SALT_BYTES);
    this.length = 0;
    this.salted = false;
    this.waiting.length = 0;
  }

  #reserve(bytesMax: number): void {
    if (this.length + bytesMax > this.bytes.length) {
      this.bytes = grown(this.bytes, this.length, this.length + bytesMax);
    }
    const saltBytes = this.count * SALT_BYTES;
    if (saltBytes + SALT_BYTES > this.salts.length) {
      const salts = Buffer.alloc(2 * this.salts.length);
      this.salts.copy(salts, 0, 0, saltBytes);
      this.salts.fill(0);
      this.salts = salts;
    }
  }
}

function grown(bytes: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * bytes.length));
  bytes.copy(larger, 0, 0, used);
  return larger;
}
