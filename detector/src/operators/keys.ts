/**
 * The keys of the keyed operators. One master key and what it is used for give one key for each operator and type, by HKDF;
 * none of them tells anything about another. A new purpose or epoch changes every pseudonym, surrogate and token: that is how
 * data sets are kept from being joined, and how keys are rotated. The master key never leaves this object.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { frame } from "./bytes.ts";

export interface OperatorKeyOptions {
  /** At least 32 bytes from a cryptographic source. Copied. */
  readonly master: Uint8Array;
  /** Names master, purpose and epoch together in a token, so that it can be opened later. 1–32 of `A–Z a–z 0–9 . _ -`. Not secret. */
  readonly keyId: string;
  /** What the data is processed for, for example "support-analytics". Equal values of two purposes cannot be joined. */
  readonly purpose: string;
  /** Counts the rotations within a purpose, for example "2026-11". */
  readonly epoch: string;
}

export type KeyUse = "pseudonym" | "format-preserving" | "surrogate" | "encrypt" | "encrypt-deterministic";

const MASTER_BYTES_MIN = 32;
const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;
/** Types are few; a caller with more of them pays one derivation a value, never memory without end. */
const CACHED_MAX = 512;

export class OperatorKeys {
  readonly keyId: string;
  readonly purpose: string;
  readonly epoch: string;
  readonly #master: Uint8Array;
  readonly #derived = new Map<string, Uint8Array>();

  /** Throws TypeError, naming the option. */
  constructor(options: OperatorKeyOptions) {
    const { master, keyId, purpose, epoch } = options;
    if (!(master instanceof Uint8Array) || master.length < MASTER_BYTES_MIN)
      throw new TypeError(`options.master must be a Uint8Array of at least ${MASTER_BYTES_MIN} bytes`);
    if (typeof keyId !== "string" || !KEY_ID.test(keyId))
      throw new TypeError("options.keyId must be 1 to 32 letters, digits, dots, underscores or hyphens");
    if (typeof purpose !== "string" || purpose === "")
      throw new TypeError("options.purpose must be a string and not empty");
    if (typeof epoch !== "string" || epoch === "") throw new TypeError("options.epoch must be a string and not empty");
    this.#master = master.slice();
    this.keyId = keyId;
    this.purpose = purpose;
    this.epoch = epoch;
  }

  /** 32 bytes for one use and one type. Read-only: the array is shared. */
  derive(use: KeyUse, type: string): Uint8Array {
    const name = `${use} ${type}`;
    let key = this.#derived.get(name);
    if (key === undefined) {
      // https://www.rfc-editor.org/rfc/rfc5869#section-3.2: `info` binds a key to what it is for. No salt: the master is uniform.
      const info = frame("sluice operators 1", use, this.purpose, this.epoch, type);
      key = hkdf(sha256, this.#master, undefined, info, KEY_BYTES);
      if (this.#derived.size >= CACHED_MAX) this.#derived.clear();
      this.#derived.set(name, key);
    }
    return key;
  }
}

export function checkKeys(argument: string, value: unknown): asserts value is OperatorKeys {
  if (!(value instanceof OperatorKeys)) throw new TypeError(`${argument} must be OperatorKeys`);
}
