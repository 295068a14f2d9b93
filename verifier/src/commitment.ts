/**
 * Opening a commitment: a leaf says `commitment` = base64(HMAC-SHA256(salt, SHA-256(body))). Who is given the salt and the
 * body can check that these are the bytes the log speaks of; who has only the log learns nothing about them.
 */

import { decodeBase64, equalBytes } from "./bytes.ts";
import { sha256 } from "./sha256.ts";

/** Salts have 32 random bytes; a shorter one is not a salt of ours. */
export const SALT_BYTES = 32;

/** Whether `commitment` (a leaf's, base64) was made over `body` with `salt`. */
export async function verifyCommitment(
  commitment: string,
  salt: Uint8Array<ArrayBuffer>,
  body: Uint8Array,
): Promise<boolean> {
  const stated = decodeBase64(commitment);
  if (stated === undefined || salt.length !== SALT_BYTES) return false;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", salt, algorithm, false, ["sign"]);
  return equalBytes(stated, new Uint8Array(await crypto.subtle.sign("HMAC", key, sha256(body))));
}
