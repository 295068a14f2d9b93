/**
 * Bearer JWT → what its provider asserts. Form, then key, then signature, then claims; the first thing that is wrong ends it.
 * Which key and which algorithm may have signed is said by the configuration and the provider, never by the token.
 */
import type { CryptoKey } from "jose";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { type Asserted, checkClaims, checkLogout, type LoggedOut } from "./claims.ts";
import type { FetchJson } from "./provider-fetch.ts";
import { ProviderKeys } from "./provider-keys.ts";
import type { ProviderSettings } from "../core/identity.ts";
import { invalid, LOGOUT_TYPES, readToken, type UnprovenToken } from "./token-form.ts";
import { Turnstile } from "./turnstile.ts";

export interface TokenVerifier {
  /**
   * Undefined when the text is no JWT. Throws token_invalid, token_expired, token_not_yet_valid, token_audience,
   * token_issuer_unknown, provider_unavailable (retriable), rate_limited (retriable).
   */
  verify(text: string): Promise<Asserted> | undefined;
  /** The same for a logout token (OpenID Connect Back-Channel Logout 1.0). Throws as `verify` does. */
  verifyLogout(text: string): Promise<LoggedOut>;
  /** Has old keys of a provider fetched anew, without waiting. False when nothing counts any more that they signed. */
  keepFresh(provider: string): boolean;
  /** Other providers from now on. Keys of an issuer that stays are kept. */
  setProviders(providers: readonly ProviderSettings[]): void;
}

export interface TokenVerifierOptions {
  readonly fetchJson: FetchJson;
  readonly clock: Clock;
  /** Called when a provider has withdrawn a key: nothing that it signed before counts from now on. */
  readonly onWithdrawn: (provider: string) => void;
}

interface Provider {
  readonly settings: ProviderSettings;
  readonly keys: ProviderKeys;
}

/** Half of libuv's four threads, as for API keys: the evidence log's fdatasync runs on the same ones. */
const PARALLEL_MAX = 2;
/** Some tens of milliseconds of work; what comes on top is refused and may try again (rate_limited). */
const QUEUE_MAX = 1_024;

export function createTokenVerifier(
  providers: readonly ProviderSettings[],
  { fetchJson, clock, onWithdrawn }: TokenVerifierOptions,
): TokenVerifier {
  let byIssuer: ReadonlyMap<string, Provider> = new Map();
  let byName: ReadonlyMap<string, Provider> = new Map();
  let issuers: ReadonlyMap<string, ProviderSettings> = new Map();

  function setProviders(next: readonly ProviderSettings[]): void {
    const before = byIssuer;
    const all = next.map((settings): Provider => {
      const { name, issuer } = settings;
      const known = before.get(issuer);
      const keys =
        known?.settings.name === name
          ? known.keys
          : new ProviderKeys({ name, issuer, fetchJson, clock, onWithdrawn: () => onWithdrawn(name) });
      return { settings, keys };
    });
    byIssuer = new Map(all.map((each) => [each.settings.issuer, each]));
    byName = new Map(all.map((each) => [each.settings.name, each]));
    issuers = new Map(next.map((each) => [each.issuer, each]));
  }
  setProviders(providers);

  /** Whose token it is, once its signature is proven. */
  async function signed(token: UnprovenToken): Promise<ProviderSettings> {
    const provider = byIssuer.get(token.issuer);
    if (provider === undefined) {
      throw new SluiceError(
        "token_issuer_unknown",
        byIssuer.size === 0
          ? "no identity provider is configured here (identity.providers)"
          : "the token was issued by nobody whom this gateway trusts (identity.providers)",
      );
    }
    const { settings, keys } = provider;
    if (!settings.algorithms.includes(token.algorithm)) {
      throw invalid(`is signed in a way that provider "${settings.name}" is not allowed here (algorithms)`);
    }
    const key = await keys.keyFor(token.algorithm, token.keyId);
    await turnstile.pass(() => checkSignature(token, key));
    return settings;
  }

  async function prove(token: UnprovenToken): Promise<Asserted> {
    return checkClaims(token.claims, await signed(token), issuers, clock());
  }

  const turnstile = new Turnstile({ parallelMax: PARALLEL_MAX, queueMax: QUEUE_MAX });

  return {
    verify(text) {
      const token = readToken(text);
      return token === undefined ? undefined : prove(token);
    },
    async verifyLogout(text) {
      const token = readToken(text, LOGOUT_TYPES);
      if (token === undefined) throw invalid("is no JWT");
      return checkLogout(token.claims, await signed(token), clock());
    },
    keepFresh: (provider) => byName.get(provider)?.keys.keepFresh() ?? false,
    setProviders,
  };
}

async function checkSignature(token: UnprovenToken, key: CryptoKey): Promise<void> {
  try {
    const { compactVerify } = await import("jose");
    await compactVerify(token.text, key, { algorithms: [token.algorithm] });
  } catch (thrown) {
    throw new SluiceError("token_invalid", "the token's signature is not its provider's", { cause: thrown });
  }
}
