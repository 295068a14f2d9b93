/**
 * IDENTIFY: API key → Principal. A key is checked against its scrypt hash once; from then on it is found in memory under an
 * HMAC of it, so that a request costs one HMAC and no key lies in memory. Neither errors nor logs hold any part of a key.
 */
import { createHmac } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { parseKey } from "./key-format.ts";
import { createTagger } from "./key-tag.ts";
import { decoyHash, type KeyHash, matchesHash, parseHash } from "./key-hash.ts";
import { Attempts, Turnstile } from "./turnstile.ts";

export { hashKey, type NewKey, newKey } from "./key-hash.ts";

/** A registered key. */
export interface Key {
  readonly id: string;
  /** `scrypt$N$r$p$salt$hash` */
  readonly hash: string;
  readonly principal: Principal;
  /** Milliseconds since the epoch from which the key is refused; absent means never. */
  readonly expiresAt?: number;
}

export interface KeyVerifier {
  /** Throws key_missing, key_invalid, key_expired, or rate_limited (retriable). */
  verify(token: string | undefined): Promise<Principal>;
  /** The hot path: a Principal when this very key was verified before, still stands and has not expired; else undefined. */
  verifyCached(token: string): Principal | undefined;
  /**
   * Replaces all keys, at once. A verified key that stays with the same hash need not be verified again, and has its new
   * rights from now on; one that is gone or changed is refused from now on. Throws config_invalid and changes nothing when a
   * hash is not acceptable.
   */
  setKeys(keys: readonly Key[]): void;
}

export interface KeyVerifierOptions {
  readonly clock: Clock;
  /** 32 random bytes, made anew for each process. */
  readonly processKey: Uint8Array;
  /** Verified keys held in memory. */
  readonly cacheMax?: number;
  /** scrypt computations at a time. */
  readonly parallelMax?: number;
  /** Keys that may wait for one. */
  readonly queueMax?: number;
}

const CACHE_MAX = 10_000;
/** Half of libuv's four threads: the evidence log's fdatasync runs on the same ones. */
const PARALLEL_MAX = 2;
const QUEUE_MAX = 64;
/** Longer than any key; what is longer is not hashed at all. */
const TOKEN_CHARS_MAX = 256;

interface Registered {
  readonly key: Key;
  readonly hash: KeyHash;
}

export function createKeyVerifier(keys: readonly Key[], options: KeyVerifierOptions): KeyVerifier {
  const { clock, cacheMax = CACHE_MAX } = options;
  const decoy = decoyHash((bytes) =>
    createHmac("sha256", options.processKey).update("decoy").digest().subarray(0, bytes),
  );
  const turnstile = new Turnstile({
    parallelMax: options.parallelMax ?? PARALLEL_MAX,
    queueMax: options.queueMax ?? QUEUE_MAX,
  });
  const attempts = new Attempts();
  let registered = register(keys);
  /** HMAC of a verified token → the key it proved, as it was registered then. In order of use. */
  const verified = new Map<string, Registered>();
  /** The last of `verified`, which is in its place already when it is used again. */
  let newest: string | undefined;
  const pending = new Map<string, Promise<Registered>>();

  const tagOf = createTagger(options.processKey, TOKEN_CHARS_MAX);

  /** The key as it is registered now, if this token proved it and its hash has not changed since. */
  function recall(tag: string): Key | undefined {
    const known = verified.get(tag);
    if (known === undefined) return undefined;
    const now = registered.get(known.key.id);
    const stands = now !== undefined && now.key.hash === known.key.hash;
    if (stands && tag === newest) return now.key;
    verified.delete(tag);
    if (!stands) return undefined;
    verified.set(tag, known);
    newest = tag;
    return now.key;
  }

  function remember(tag: string, proved: Registered): void {
    verified.set(tag, proved);
    newest = tag;
    const oldest = verified.size > cacheMax ? verified.keys().next().value : undefined;
    if (oldest !== undefined) verified.delete(oldest);
  }

  /** Compares with the hash; the same work is done for an id that is not registered. */
  async function prove(token: string): Promise<Registered> {
    const parts = parseKey(token);
    if (parts === undefined) throw invalid();
    attempts.take(parts.id, clock());
    const { known, matches } = await turnstile.pass(async () => {
      const candidate = registered.get(parts.id);
      return { known: candidate, matches: await matchesHash(parts.secret, candidate?.hash ?? decoy) };
    });
    // The keys may have been replaced while this one was being computed.
    const stands = known !== undefined && registered.get(parts.id)?.key.hash === known.key.hash;
    if (!matches || !stands) throw invalid();
    attempts.giveBack(parts.id);
    return known;
  }

  /** Requests that arrive together with a key not seen before share one computation. */
  async function proveOnce(tag: string, token: string): Promise<Key> {
    let proving = pending.get(tag);
    if (proving === undefined) {
      proving = prove(token).finally(() => pending.delete(tag));
      pending.set(tag, proving);
    }
    const proved = await proving;
    remember(tag, proved);
    return recall(tag) ?? fail();
  }

  return {
    async verify(token) {
      if (token === undefined || token === "") throw new SluiceError("key_missing", "no API key");
      if (token.length > TOKEN_CHARS_MAX) throw invalid();
      const tag = tagOf(token);
      const key = recall(tag) ?? (await proveOnce(tag, token));
      // Told only to who holds the secret, and at each use: a verified key is not valid for longer than an unverified one.
      if (isExpired(key, clock())) throw new SluiceError("key_expired", "the API key has expired");
      return key.principal;
    },
    verifyCached(token) {
      if (token.length > TOKEN_CHARS_MAX) return undefined;
      const key = recall(tagOf(token));
      return key === undefined || isExpired(key, clock()) ? undefined : key.principal;
    },
    setKeys(next) {
      registered = register(next);
    },
  };
}

function register(keys: readonly Key[]): ReadonlyMap<string, Registered> {
  return new Map(
    keys.map((key) => {
      try {
        return [key.id, { key, hash: parseHash(key.hash) }];
      } catch (thrown) {
        const reason = thrown instanceof SluiceError ? thrown.message : "its hash cannot be read";
        throw new SluiceError("config_invalid", `key "${key.id}": ${reason}`);
      }
    }),
  );
}

function isExpired(key: Key, now: number): boolean {
  return key.expiresAt !== undefined && now >= key.expiresAt;
}

/** One error for an unknown id, a wrong secret and a malformed key. */
function invalid(): SluiceError {
  return new SluiceError("key_invalid", "the API key is not valid");
}

/** The keys were replaced in the moment between proof and use. */
function fail(): never {
  throw invalid();
}
