/**
 * The one cipher of this room: AES-256-GCM (NIST SP 800-38D) with a random nonce, bound to the place where it stands: the log's
 * origin, the recording, the chunk, the part, and the id of the key. Every key but those of subjects and files is random and
 * used for one thing. No key is derived from another: what is derived cannot be forgotten while the other one lives.
 */
import { createCipheriv, createDecipheriv, randomFillSync } from "node:crypto";
import { SluiceError } from "../core/errors.ts";

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What sealing adds. */
export const SEALED_BYTES = NONCE_BYTES + TAG_BYTES;
export const WRAPPED_BYTES = KEY_BYTES + SEALED_BYTES;
/** Of a subject's id, in bytes. */
export const SUBJECT_BYTES = 8;

/** Which part of a chunk a ciphertext is. */
export const PART = { sessionKey: 1, table: 2, text: 3, share: 4, values: 5 } as const;

export type Part = (typeof PART)[keyof typeof PART];

const POOL_BYTES = 16_384;

/** Random bytes in few calls. What was given away is cleared here. */
export class RandomPool {
  readonly #pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  #at = POOL_BYTES;

  take(bytes: number): Buffer {
    if (this.#at + bytes > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#at = 0;
    }
    const taken = Buffer.from(this.#pool.subarray(this.#at, this.#at + bytes));
    this.#pool.fill(0, this.#at, this.#at + bytes);
    this.#at += bytes;
    return taken;
  }
}

const NO_KEY_ID = Buffer.alloc(SUBJECT_BYTES);
const AT_TAIL_BYTES = 4 + 1 + 4 + SUBJECT_BYTES;

/** Seals and opens the parts of one recording. */
export class Sealer {
  readonly #aad: Buffer;
  readonly #tail: number;
  readonly #random: RandomPool;

  /** `origin`: of the log. `id`: of the recording, 16 bytes. */
  constructor(origin: string, id: Uint8Array, random: RandomPool) {
    this.#random = random;
    const head = Buffer.from(`sluice recording 1\0${origin}\0`);
    this.#tail = head.length + id.length;
    this.#aad = Buffer.concat([head, id, Buffer.alloc(AT_TAIL_BYTES)]);
  }

  /** nonce ‖ ciphertext ‖ tag. `keyId`: of a subject; absent for the recording's own keys. */
  seal(key: Uint8Array, plaintext: Uint8Array, seq: number, part: Part, index: number, keyId?: Uint8Array): Buffer {
    const nonce = this.#random.take(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(this.#aadOf(seq, part, index, keyId));
    const sealed = Buffer.allocUnsafe(plaintext.length + SEALED_BYTES);
    sealed.set(nonce, 0);
    sealed.set(cipher.update(plaintext), NONCE_BYTES);
    cipher.final();
    sealed.set(cipher.getAuthTag(), NONCE_BYTES + plaintext.length);
    return sealed;
  }

  /** Undefined when it was not made with this key for this place, or was altered. The caller clears what is a key. */
  open(
    key: Uint8Array,
    sealed: Buffer,
    seq: number,
    part: Part,
    index: number,
    keyId?: Uint8Array,
  ): Buffer | undefined {
    if (sealed.length < SEALED_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(this.#aadOf(seq, part, index, keyId));
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

  #aadOf(seq: number, part: Part, index: number, keyId: Uint8Array = NO_KEY_ID): Buffer {
    let at = this.#aad.writeUInt32BE(seq, this.#tail);
    at = this.#aad.writeUInt8(part, at);
    at = this.#aad.writeUInt32BE(index, at);
    this.#aad.set(keyId, at);
    return this.#aad;
  }
}

/** Into the first. */
export function xor(into: Buffer, other: Uint8Array): Buffer {
  for (let i = 0; i < KEY_BYTES; i++) into[i] = (into[i] as number) ^ (other[i] as number);
  return into;
}

/** 8 bytes as 11 characters of base64url, and back. */
export function subjectBytes(id: string): Buffer {
  const bytes = Buffer.from(id, "base64url");
  if (bytes.length !== SUBJECT_BYTES) throw new SluiceError("recording_unavailable", "a subject's id has another form");
  return bytes;
}
