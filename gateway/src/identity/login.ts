/** Login with a browser: OpenID Connect's authorization code flow with PKCE (RFC 7636), state and nonce. */
import * as client from "openid-client";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { BegunLogins, checkFresh } from "./begun-logins.ts";
import { type Asserted, groupsOf } from "./claims.ts";
import type { Random } from "./key-format.ts";
import { FRESH_LOGIN_MS, type ProviderSettings } from "../core/identity.ts";
import { nameIn } from "./person-name.ts";
import type { ProviderFetch } from "./provider-fetch.ts";
import { spelled } from "./spelling.ts";
import { own } from "./strict-json.ts";

/** As the session's cookie: of this host alone, over TLS alone. */
export const LOGIN_COOKIE = "__Host-sluice-login";

const DISCOVERY_MS = 10 * 60_000;
const TIMEOUT_SECONDS = 10;
const SUBJECT_CHARS_MAX = 255;
const RETURN_CHARS_MAX = 512;

export interface LoginOptions {
  /** At least 32 bytes; the same on every gateway behind one name. */
  readonly key: Uint8Array;
  readonly random: Random;
  readonly clock: Clock;
  /** Longest life of a session that begins, in milliseconds. */
  readonly sessionMs: number;
}

export interface LoggedIn {
  readonly asserted: Asserted;
  /** Claim `sid`: what a back-channel logout may name. */
  readonly providerSession?: string;
  /** When the person proved to the provider who he is, by its word and not ahead of our clock; absent: it does not say. */
  readonly authenticatedAt?: number;
  /** Path of this gateway where the person wanted to go. */
  readonly returnTo: string;
}

interface Begun {
  readonly provider: string;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly returnTo: string;
  readonly at: number;
  readonly fresh?: true;
}

export class Logins {
  readonly #options: LoginOptions;
  readonly #fetchFor: (issuer: string) => ProviderFetch;
  readonly #begun: BegunLogins<Begun>;
  readonly #known = new Map<string, { readonly at: number; readonly found: Promise<client.Configuration> }>();

  constructor(options: LoginOptions, fetchFor: (issuer: string) => ProviderFetch) {
    this.#options = options;
    this.#fetchFor = fetchFor;
    this.#begun = new BegunLogins(options, "sluice login", LOGIN_COOKIE);
  }

  /**
   * Where to send the browser, and the value of the login cookie. `fresh`: the person is to log in at the provider anew, and
   * `finish` asks for proof of it. Rejects with provider_unavailable (retriable).
   */
  async begin(
    provider: ProviderSettings,
    redirectUri: string,
    returnTo: string,
    fresh = false,
  ): Promise<{ readonly url: URL; readonly cookie: string }> {
    const configuration = await this.#configuration(provider);
    const begun: Begun = {
      provider: provider.name,
      verifier: client.randomPKCECodeVerifier(),
      state: client.randomState(),
      nonce: client.randomNonce(),
      returnTo: ownPath(returnTo),
      at: this.#options.clock(),
      ...(fresh ? { fresh } : {}),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: provider.scope ?? "openid",
      code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: "S256",
      state: begun.state,
      nonce: begun.nonce,
      // OpenID Connect Core section 3.1.2.1: "prompt" has it ask, and "when max_age is used, the ID Token returned MUST include an
      // auth_time Claim Value". Section 15.1: both are mandatory to implement.
      ...(fresh ? { prompt: "login", max_age: String(FRESH_LOGIN_MS / 1_000) } : {}),
    });
    return { url, cookie: this.#begun.seal(begun) };
  }

  /** Name of the provider that a login began with; undefined when the cookie is not ours. */
  providerOf(cookie: string | undefined): string | undefined {
    return this.#begun.open(cookie)?.provider;
  }

  /**
   * `callback`: the URL that the browser came back to, as the provider knows it. Rejects with login_failed, login_expired,
   * login_time_missing, login_not_fresh, provider_unavailable.
   */
  async finish(provider: ProviderSettings, callback: URL, cookie: string | undefined): Promise<LoggedIn> {
    const now = this.#options.clock();
    const begun = this.#begun.demand(cookie, provider.name, now);
    const configuration = await this.#configuration(provider);
    let tokens: Awaited<ReturnType<typeof client.authorizationCodeGrant>>;
    try {
      tokens = await client.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      });
    } catch (thrown) {
      throw failure(provider, thrown);
    }
    const claims = tokens.claims();
    const subject = own(claims, provider.subjectClaim);
    if (claims === undefined || typeof subject !== "string" || subject === "" || subject.length > SUBJECT_CHARS_MAX) {
      throw new SluiceError(
        "login_failed",
        `provider "${provider.name}" does not name its subject in the configured claim`,
      );
    }
    const authTime = own(claims, "auth_time");
    const authenticatedAt = typeof authTime === "number" ? Math.min(authTime * 1_000, now) : undefined;
    if (begun.fresh === true) checkFresh(provider.name, authenticatedAt, now, "auth_time in its ID tokens");
    const sid = own(claims, "sid");
    const { groups, name } = await this.#said(configuration, provider, claims, tokens.access_token);
    return {
      returnTo: begun.returnTo,
      ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
      ...(typeof sid === "string" && sid.length <= SUBJECT_CHARS_MAX ? { providerSession: sid } : {}),
      asserted: {
        provider: provider.name,
        subject: spelled(subject, provider),
        kind: "human",
        groups,
        ...(name === undefined ? {} : { name }),
        saidAt: Math.min(claims.iat * 1_000, now),
        actors: [],
        expiresAt: now + this.#options.sessionMs,
      },
    };
  }

  /**
   * From the ID token, or from the userinfo endpoint where the provider keeps ID tokens short. Who has no groups does not come in;
   * who has no name does.
   */
  async #said(
    configuration: client.Configuration,
    provider: ProviderSettings,
    claims: client.IDToken,
    accessToken: string,
  ): Promise<{ readonly groups: readonly string[]; readonly name: string | undefined }> {
    const path = provider.groupsClaim ?? [];
    const [groups, name] = [groupsOf(claims, path), nameIn(claims)];
    const isShort = path.length > 0 && groups.length === 0;
    const asks = isShort || name === undefined;
    if (!asks || configuration.serverMetadata().userinfo_endpoint === undefined) return { groups, name };
    try {
      const more = await client.fetchUserInfo(configuration, accessToken, claims.sub);
      return { groups: isShort ? groupsOf(more, path) : groups, name: name ?? nameIn(more) };
    } catch (thrown) {
      if (isShort) throw failure(provider, thrown);
      return { groups, name };
    }
  }

  #configuration(provider: ProviderSettings): Promise<client.Configuration> {
    const now = this.#options.clock();
    const known = this.#known.get(provider.name);
    if (known !== undefined && now - known.at < DISCOVERY_MS) return known.found;
    const found = discover(provider, this.#fetchFor(provider.issuer));
    this.#known.set(provider.name, { at: now, found });
    found.catch(() => this.#known.delete(provider.name));
    return found;
  }

  /** After a reload: clients and secrets may be others. */
  forget(): void {
    this.#known.clear();
  }
}

/** The configuration lets an issuer be plaintext on this machine alone. */
// oxlint-disable-next-line typescript/no-deprecated -- marked so in order to stand out; nothing replaces it
const PLAINTEXT = client.allowInsecureRequests;

async function discover(provider: ProviderSettings, fetch: ProviderFetch): Promise<client.Configuration> {
  const { issuer, clientId, clientSecret } = provider;
  if (clientId === undefined) {
    throw new SluiceError(
      "login_failed",
      `provider "${provider.name}" has no client_id in the configuration, so nobody can log in with a browser`,
    );
  }
  const server = new URL(issuer);
  try {
    const configuration = await client.discovery(
      server,
      clientId,
      { [client.clockTolerance]: provider.clockSkewMs / 1_000 },
      clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret.reveal()),
      {
        timeout: TIMEOUT_SECONDS,
        [client.customFetch]: fetch,
        execute: [client.enableNonRepudiationChecks, ...(server.protocol === "http:" ? [PLAINTEXT] : [])],
      },
    );
    if (configuration.serverMetadata().issuer !== issuer) throw new Error("another issuer");
    return configuration;
  } catch (thrown) {
    throw new SluiceError("provider_unavailable", `provider "${provider.name}" cannot be reached for a login`, {
      cause: thrown,
    });
  }
}

/** What the provider said against it may quote the person; its code does not. */
function failure(provider: ProviderSettings, thrown: unknown): SluiceError {
  const code: unknown = own(thrown, "error");
  if (thrown instanceof client.AuthorizationResponseError && code === "access_denied") {
    return new SluiceError("login_failed", `provider "${provider.name}" did not let you in (access_denied)`);
  }
  return new SluiceError(
    "login_failed",
    `the login with provider "${provider.name}" did not come to its end; begin again`,
    {
      cause: thrown,
    },
  );
}

/** A path of this gateway, or its front door: a link to a login must not lead to another site. */
export function ownPath(path: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && path.length <= RETURN_CHARS_MAX ? path : "/";
}
