/**
 * The name under which a verified key is found in memory: HMAC-SHA256 of it, in base64. It is worked out for every request, and
 * two one-shot hashes cost a fraction of what node:crypto's Hmac object does, whose native half is collected garbage besides.
 */
import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** UTF-8 needs at most three bytes for a UTF-16 code unit. */
const UTF8_BYTES_PER_UNIT_MAX = 3;
const IPAD = 0x36;
const OPAD = 0x5c;

/** `key` has at most 64 bytes, tokens have at most `charsMax` UTF-16 code units. */
export function createTagger(key: Uint8Array, charsMax: number): (token: string) => string {
  if (key.length > BLOCK_BYTES) throw new RangeError(`the key has more than ${BLOCK_BYTES} bytes`);
  // RFC 2104 section 2: H(K xor opad, H(K xor ipad, text)), with K padded with zeros to a block of the hash.
  const inner = Buffer.alloc(BLOCK_BYTES + charsMax * UTF8_BYTES_PER_UNIT_MAX);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at++) {
    inner[at] = (key[at] ?? 0) ^ IPAD;
    outer[at] = (key[at] ?? 0) ^ OPAD;
  }
  return (token) => {
    if (token.length > charsMax) throw new RangeError(`the token has more than ${charsMax} characters`);
    const end = BLOCK_BYTES + inner.write(token, BLOCK_BYTES, "utf8");
    outer.write(hash("sha256", inner.subarray(0, end), "binary"), BLOCK_BYTES, "latin1");
    // No key lies in memory.
    inner.fill(0, BLOCK_BYTES, end);
    return hash("sha256", outer, "base64");
  };
}
