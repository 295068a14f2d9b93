/**
 * Hiding commitments: HMAC-SHA256 under a random salt of 32 bytes, over the SHA-256 of what is committed to. The leaf
 * carries the result; without the salt it says nothing, not even whether two records commit to the same bytes.
 */

import assert from "node:assert/strict";
import { createHmac, randomFillSync } from "node:crypto";
import { SALT_BYTES } from "./salts.ts";

const DIGEST_BYTES = 32;
/** Salts drawn at once: one call into the random generator costs as much as this many salts. */
const SALTS_PER_DRAW = 512;

/** The base64 commitment that goes into the leaf. `digest` is a SHA-256, 32 bytes. */
export function commit(salt: Uint8Array, digest: Uint8Array): string {
  assert(digest.length === DIGEST_BYTES, "a commitment is over a digest of 32 bytes");
  return createHmac("sha256", salt).update(digest).digest("base64");
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
