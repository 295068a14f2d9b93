/**
 * AES-256-GCM (NIST SP 800-38D) with a random nonce and the whole tag of 16 bytes, and nothing else: the one cipher of this
 * room. Whoever calls decides what the key may be used for and how often; `SEALS_MAX` says how often is too often.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";

export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/**
 * Most encryptions under one key. With random nonces of 96 bits the chance that two are equal stays below 2^-32.
 * NIST SP 800-38D §8.3 https://doi.org/10.6028/NIST.SP.800-38D
 */
export const SEALS_MAX = 2 ** 32;

/** Gives that many unpredictable bytes. */
export type Random = (bytes: number) => Uint8Array;

/** nonce ‖ ciphertext ‖ tag */
export function encrypt(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array, random: Random): Buffer {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when it was not made with this key and these associated data, or was altered since. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // The only error that `final` has in this mode: the tag is not right. Nothing of what was decrypted may be seen.
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}
