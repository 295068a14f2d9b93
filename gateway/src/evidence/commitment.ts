/**
 * Hiding commitments: HMAC-SHA256 under a random salt of 32 bytes, over the SHA-256 of what is committed to. The leaf
 * carries the result; without the salt it says nothing, not even whether two records commit to the same bytes.
 */

import assert from "node:assert/strict";
import { hash, randomFillSync } from "node:crypto";
import { SALT_BYTES } from "./salts.ts";

const DIGEST_BYTES = 32;
/** Salts drawn at once: one call into the random generator costs as much as this many salts. */
const SALTS_PER_DRAW = 512;

// RFC 2104 section 2: H(K xor opad, H(K xor ipad, text)), with K padded with zeros to a block of the hash. Two one-shot hashes
// cost a third of what a Hmac object does.
const BLOCK_BYTES = 64;
const IPAD = 0x36;
const OPAD = 0x5c;
const inner = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, IPAD);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, OPAD);

/** The base64 commitment that goes into the leaf. `salt` and `digest`, a SHA-256, are of 32 bytes. */
export function commit(salt: Uint8Array, digest: Uint8Array): string {
  assert(salt.length === SALT_BYTES, "a salt has 32 bytes");
  assert(digest.length === DIGEST_BYTES, "a commitment is over a digest of 32 bytes");
  for (let at = 0; at < SALT_BYTES; at++) {
    const byte = salt[at] ?? 0;
    inner[at] = byte ^ IPAD;
    outer[at] = byte ^ OPAD;
  }
  inner.set(digest, BLOCK_BYTES);
  outer.write(hash("sha256", inner, "binary"), BLOCK_BYTES, "latin1");
  const commitment = hash("sha256", outer, "base64");
  // The salt stays nowhere but where it is to be destroyed.
  inner.fill(IPAD, 0, SALT_BYTES);
  outer.fill(OPAD, 0, SALT_BYTES);
  return commitment;
}

/** Random salts, each given once. */
export class SaltPool {
  readonly #bytes = Buffer.alloc(SALTS_PER_DRAW * SALT_BYTES);
  #next = SALTS_PER_DRAW;

  /** `use` gets 32 random bytes and must copy what it keeps: they are wiped when it returns. */
  with<T>(use: (salt: Buffer) => T): T {
    if (this.#next === SALTS_PER_DRAW) {
      randomFillSync(this.#bytes);
      this.#next = 0;
    }
    const salt = this.#bytes.subarray(this.#next * SALT_BYTES, (this.#next + 1) * SALT_BYTES);
    this.#next += 1;
    try {
      return use(salt);
    } finally {
      salt.fill(0);
    }
  }
}
