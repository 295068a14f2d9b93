/**
 * The hash of an API key's secret as the configuration keeps it: `scrypt$N$r$p$salt$hash`, salt and hash in base64url.
 * scrypt (RFC 7914) although the secret is 256 random bits and no guessing could succeed: a key that somebody chose or
 * shortened by hand stays expensive too. Parameters are bounded, so that a configuration cannot ask for all the memory.
 */
import { Buffer } from "node:buffer";
import { type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { SluiceError } from "../core/errors.ts";
import { isKeyId, formatKey, newKeyId, parseKey, type Random } from "./key-format.ts";

export interface KeyHash {
  /** CPU and memory cost, a power of two. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** 32 MiB and some 60 ms of one core: at first use of a key in a process, not at each request. */
const COST = 2 ** 15;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const COST_MIN = 2 ** 15;
/** `128 · N · r`, what one computation holds. */
const MEMORY_BYTES_MAX = 128 * 2 ** 20;
const PARALLELIZATION_MAX = 16;

const FORM = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9_-]{22,86})\$([A-Za-z0-9_-]{43,86})$/;

/** Throws `config_invalid` without the text when it is no hash, or one weaker or costlier than is accepted. */
export function parseHash(text: string): KeyHash {
  const match = FORM.exec(text);
  if (match === null) throw new SluiceError("config_invalid", "not a key hash; `sluice key new` prints one");
  const [cost = 0, blockSize = 0, parallelization = 0] = match.slice(1, 4).map(Number);
  const [salt, hash] = match.slice(4).map((part) => Buffer.from(part, "base64url"));
  if (
    salt === undefined ||
    hash === undefined ||
    cost < COST_MIN ||
    blockSize < BLOCK_SIZE ||
    (cost & (cost - 1)) !== 0
  ) {
    throw new SluiceError(
      "config_invalid",
      `a key hash needs N ≥ ${COST_MIN}, a power of two, and r ≥ ${BLOCK_SIZE}; make it anew`,
    );
  }
  if (128 * cost * blockSize > MEMORY_BYTES_MAX || parallelization < 1 || parallelization > PARALLELIZATION_MAX) {
    throw new SluiceError(
      "config_invalid",
      `a key hash may take at most 128 MiB and p ≤ ${PARALLELIZATION_MAX}; make it anew`,
    );
  }
  return { cost, blockSize, parallelization, salt, hash };
}

/** The hash that a key is compared with when its id is unknown, so that this takes as long as a wrong secret. */
export function decoyHash(random: Random): KeyHash {
  const [salt, hash] = [random(SALT_BYTES), random(HASH_BYTES)];
  return { cost: COST, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION, salt, hash };
}

/** True when `secret` is the one behind `expected`. Takes the same time whatever the difference. */
export async function matchesHash(secret: string, expected: KeyHash): Promise<boolean> {
  return timingSafeEqual(await derive(secret, expected, expected.hash.length), expected.hash);
}

export interface NewKey {
  readonly id: string;
  /** The key itself. Shown once, kept nowhere. */
  readonly token: string;
  /** For the configuration. */
  readonly hash: string;
}

/** Mints a key. `id`: 8 to 64 of a-z, 0-9 and `-`; absent: a random one. Throws `config_invalid` on another. */
export async function newKey(random: Random, id: string = newKeyId(random)): Promise<NewKey> {
  if (!isKeyId(id))
    throw new SluiceError("config_invalid", "a key id is 8 to 64 of a-z, 0-9 and -, and does not begin with -");
  const token = formatKey(id, random);
  return { id, token, hash: (await hashKey(token, random)).hash };
}

/** Hash of a key that exists. Throws `key_invalid`, without the key, when it is none. */
export async function hashKey(token: string, random: Random): Promise<{ readonly id: string; readonly hash: string }> {
  const key = parseKey(token);
  if (key === undefined)
    throw new SluiceError("key_invalid", "not a key of the form sluice_<id>_<secret>, or mistyped");
  const salt = random(SALT_BYTES);
  const parameters = { cost: COST, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION, salt };
  const hash = await derive(key.secret, parameters, HASH_BYTES);
  const encoded = [salt, hash].map((bytes) => Buffer.from(bytes).toString("base64url"));
  return { id: key.id, hash: ["scrypt", COST, BLOCK_SIZE, PARALLELIZATION, ...encoded].join("$") };
}

function derive(
  secret: string,
  { cost, blockSize, parallelization, salt }: Omit<KeyHash, "hash">,
  bytes: number,
): Promise<Buffer> {
  // Node refuses 32 MiB by default, which is exactly what the parameters take, so the bound is ours.
  const options: ScryptOptions = {
    cost,
    blockSize,
    parallelization,
    maxmem: MEMORY_BYTES_MAX + 2 ** 20 * PARALLELIZATION_MAX,
  };
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, bytes, options, (fault, key) => (fault === null ? resolve(key) : reject(fault)));
  });
}
