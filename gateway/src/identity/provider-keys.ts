/**
 * The public keys of one provider: found by discovery, kept in memory, fetched anew when they are old or a token names one that
 * is not among them, and used on for a day when the provider cannot be reached. However many tokens arrive, fetches are few.
 * There is no timer: it looks at the clock when somebody asks.
 */
import type { CryptoKey, createLocalJWKSet, JWK } from "jose";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { type FetchJson, unavailable } from "./provider-fetch.ts";
import { own } from "./strict-json.ts";
import { invalid } from "./token-form.ts";

/** A key that the provider has withdrawn is refused after this at the latest, while the provider answers. */
const FRESH_MS = 10 * 60_000;
/** How long known keys are good while the provider does not answer. */
const USABLE_MS = 24 * 60 * 60_000;
/** Between two fetches because of a key that is not known: such tokens cost nothing to make. */
const UNKNOWN_KEY_MS = 30_000;
/** Between two fetches when the last one failed. */
const FAILURE_MS = 5_000;
const KEYS_MAX = 100;
const PUBLIC_MEMBERS = ["kid", "alg", "use", "n", "e", "crv", "x", "y"] as const;

export interface ProviderKeysOptions {
  readonly name: string;
  readonly issuer: string;
  readonly fetchJson: FetchJson;
  readonly clock: Clock;
  /** Called when a key that was there is not any more: what it signed counts for nothing from now on. */
  readonly onWithdrawn: () => void;
}

interface KeySet {
  /** Each key as JSON, to tell two sets apart. */
  readonly keys: ReadonlySet<string>;
  readonly find: ReturnType<typeof createLocalJWKSet>;
}

export class ProviderKeys {
  readonly #options: ProviderKeysOptions;
  #set: KeySet | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #unknownAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failure: SluiceError | undefined;
  #fetching: Promise<void> | undefined;

  constructor(options: ProviderKeysOptions) {
    this.#options = options;
  }

  /** The key that a token of this header names. Throws token_invalid when there is none, provider_unavailable (retriable). */
  async keyFor(algorithm: string, keyId: string | undefined): Promise<CryptoKey> {
    if (!this.#isFresh()) await this.#refresh();
    const set = this.#usable();
    const known = await find(set, algorithm, keyId);
    if (known !== undefined) return known;
    await this.#refreshForUnknown();
    const again = this.#set === set ? undefined : await find(this.#usable(), algorithm, keyId);
    if (again === undefined)
      throw invalid("is signed with a key that its provider does not publish for this algorithm");
    return again;
  }

  /**
   * Has old keys fetched anew without waiting for it; costs a comparison when they are not old. False when they are so old that
   * nothing counts which they signed. Never throws.
   */
  keepFresh(): boolean {
    if (this.#isFresh()) return true;
    void this.#refresh();
    return this.#isUsable();
  }

  #isUsable(): boolean {
    return this.#options.clock() - this.#fetchedAt < USABLE_MS;
  }

  #isFresh(): boolean {
    return this.#options.clock() - this.#fetchedAt < FRESH_MS;
  }

  #usable(): KeySet {
    if (this.#set !== undefined && this.#isUsable()) return this.#set;
    throw new SluiceError(
      "provider_unavailable",
      `the keys of provider "${this.#options.name}" cannot be had: ${this.#failure?.message ?? "no answer"}`,
      { retryAfterSeconds: Math.ceil(FAILURE_MS / 1_000), cause: this.#failure },
    );
  }

  async #refreshForUnknown(): Promise<void> {
    const now = this.#options.clock();
    if (this.#fetching === undefined && now - this.#unknownAt < UNKNOWN_KEY_MS) return;
    this.#unknownAt = now;
    await this.#refresh();
  }

  /** Never rejects. One fetch at a time, and a pause after one that failed. */
  async #refresh(): Promise<void> {
    if (this.#fetching === undefined) {
      if (this.#failure !== undefined && this.#options.clock() - this.#failedAt < FAILURE_MS) return;
      this.#fetching = this.#fetch().finally(() => {
        this.#fetching = undefined;
      });
    }
    await this.#fetching;
  }

  async #fetch(): Promise<void> {
    const { issuer, fetchJson, clock, onWithdrawn } = this.#options;
    try {
      const discovered = readDiscovery(await fetchJson(discoveryUrl(issuer), issuer), issuer);
      // Loaded by who has a provider to ask.
      const jose = await import("jose");
      const next = readKeys(await fetchJson(discovered.jwks, issuer), jose.createLocalJWKSet);
      const before = this.#set;
      this.#set = next;
      this.#fetchedAt = clock();
      this.#failure = undefined;
      if (before !== undefined && [...before.keys].some((key) => !next.keys.has(key))) onWithdrawn();
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown;
      this.#failure = thrown;
      this.#failedAt = clock();
    }
  }
}

/** OpenID Connect Discovery 1.0 section 4.1. */
function discoveryUrl(issuer: string): URL {
  return new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
}

/**
 * Section 4.3: the `issuer` in the document "MUST exactly match the value of the issuer". Keys may lie on another host, which
 * the document names, but never behind plaintext when the issuer is not.
 */
function readDiscovery(document: unknown, issuer: string): { readonly jwks: URL } {
  if (own(document, "issuer") !== issuer) throw unavailable("says it is another issuer than the configured one");
  const written = own(document, "jwks_uri");
  const jwks = typeof written === "string" ? URL.parse(written) : null;
  if (jwks === null || (jwks.protocol !== "https:" && jwks.protocol !== new URL(issuer).protocol))
    throw unavailable("does not say where its keys are (jwks_uri, https)");
  return { jwks };
}

/**
 * Public members of keys that could have signed a token, and no other: a shared secret among them could be used to sign as the
 * provider, and everything else is not ours to interpret.
 */
function readKeys(document: unknown, newFinder: typeof createLocalJWKSet): KeySet {
  const published = own(document, "keys");
  if (!Array.isArray(published) || published.length > KEYS_MAX)
    throw unavailable(`publishes no list of keys, or more than ${KEYS_MAX}`);
  const keys = published.flatMap((each: unknown): JWK[] => {
    const kty = own(each, "kty");
    if (kty !== "RSA" && kty !== "EC" && kty !== "OKP") return [];
    const key: JWK = { kty };
    for (const name of PUBLIC_MEMBERS) {
      const value = own(each, name);
      if (value === undefined) continue;
      if (typeof value !== "string") return [];
      key[name] = value;
    }
    const operations = own(each, "key_ops");
    if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) return [];
    return [key];
  });
  return { keys: new Set(keys.map((key) => JSON.stringify(key))), find: newFinder({ keys }) };
}

/**
 * RFC 8725 section 3.1: an algorithm belongs to a kind of key. jose looks for keys of the kind, curve, use and `alg` that fit, and
 * imports each for this one algorithm.
 */
async function find(set: KeySet, algorithm: string, keyId: string | undefined): Promise<CryptoKey | undefined> {
  try {
    return await set.find({ alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) });
  } catch (thrown) {
    // https://github.com/panva/jose/blob/main/docs/util/errors/README.md: codes stay, classes may be loaded twice.
    const code = own(thrown, "code");
    if (code === "ERR_JWKS_NO_MATCHING_KEY") return undefined;
    if (code === "ERR_JWKS_MULTIPLE_MATCHING_KEYS")
      throw invalid("does not say which of its provider's keys signed it (kid)");
    throw invalid("is signed with a key that cannot be used");
  }
}
