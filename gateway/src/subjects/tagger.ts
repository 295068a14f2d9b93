/**
 * The keyed tag that an identifier is found by: HMAC-SHA256 of type ‖ 0 ‖ normalized value under the index key of one epoch, the first
 * 16 bytes. Without the key it says nothing, not even to who tries every telephone number there is; with it, it is the identifier to
 * whoever can guess that. So tags stand in the database alone, and the key is never there in clear.
 */
import { hash } from "node:crypto";

export const TAG_BYTES = 16;

// RFC 2104 section 2, by two one-shot hashes: a third of what a Hmac object costs. Keys are no longer than a block.
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const IPAD = 0x36;
const OPAD = 0x5c;
/** Most identifiers fit; a longer one gets a buffer of its own. */
const TEXT_BYTES = 512;
/** UTF-16 code units take three bytes of UTF-8 at most. */
const BYTES_PER_CHAR_MAX = 3;

export class Tagger {
  readonly epoch: number;
  readonly #inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES, IPAD);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, OPAD);

  /** `key` of 32 bytes is copied. */
  constructor(epoch: number, key: Uint8Array) {
    this.epoch = epoch;
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = byte ^ IPAD;
      this.#outer[at] = byte ^ OPAD;
    }
  }

  /** 16 bytes as a string of latin1: good as a key of a map. */
  tag(type: string, value: string): string {
    const chars = type.length + 1 + value.length;
    const fits = chars * BYTES_PER_CHAR_MAX <= TEXT_BYTES;
    const inner = fits ? this.#inner : Buffer.concat([this.#inner.subarray(0, BLOCK_BYTES)], BLOCK_BYTES + chars * 3);
    const end = BLOCK_BYTES + inner.write(`${type}\0${value}`, BLOCK_BYTES, "utf8");
    this.#outer.write(hash("sha256", inner.subarray(0, end), "binary"), BLOCK_BYTES, "latin1");
    // Of whom it was stays in no buffer.
    inner.fill(0, fits ? BLOCK_BYTES : 0, end);
    return hash("sha256", this.#outer, "binary").slice(0, TAG_BYTES);
  }

  /** No tag can be made with it any more. */
  clear(): void {
    this.#inner.fill(0);
    this.#outer.fill(0);
  }
}
