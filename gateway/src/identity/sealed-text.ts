/**
 * A short text that travels through somebody else's hands and comes back as it was: AES-256-GCM under a key derived for one use.
 *
 *     base64url( version 1 · nonce 12 bytes · ciphertext · tag 16 bytes )
 *
 * The nonce is random; at 2^32 texts under one key it could repeat (NIST SP 800-38D section 8.3).
 */
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Random } from "./key-format.ts";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

export interface TextSealer {
  seal(text: string, random: Random): string;
  /** Undefined when it was not made with this key, for this use and in this context, or was changed. */
  open(sealed: string): Buffer | undefined;
}

/** `master`: 32 random bytes or more. `use` and `context` are bound: what was made for others does not open. */
export function createTextSealer(master: Uint8Array, use: string, context: string): TextSealer {
  const key = Buffer.from(hkdfSync("sha256", master, new Uint8Array(0), use, 32));
  const aad = Buffer.from(context);
  return {
    seal(text, random) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
      const parts = [Uint8Array.of(VERSION), nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(parts).toString("base64url");
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length < OVERHEAD_BYTES || bytes[0] !== VERSION) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(aad)
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        // Not made with this key, or changed: one answer for both.
        return undefined;
      }
    },
  };
}
