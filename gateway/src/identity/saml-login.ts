/**
 * Login with a browser at a SAML 2.0 identity provider (Web Browser SSO, begun here; what nobody asked for is refused). The id of
 * the request travels sealed in a cookie of the browser that began, as with OpenID Connect, and not as RelayState to something kept
 * here: whoever has a RelayState can hand it on together with his own assertion, and so log somebody else in as himself; a cookie
 * stays where it is. The provider's answer is a form that its page posts, so the cookie must travel with a request from another
 * site: SameSite=None. By itself it opens nothing; it says which answer counts.
 */
import type { SamlProviderSettings } from "../core/identity.ts";
import { BegunLogins, checkFresh, LOGIN_MS } from "./begun-logins.ts";
import { type LoggedIn, type LoginOptions, ownPath } from "./login.ts";
import { checkAssertion } from "./saml-assertion.ts";
import { requestUrl } from "./saml-library.ts";
import { UsedAssertions } from "./saml-replay.ts";
import type { SignatureThread } from "./saml-signature.ts";
import { readResponse } from "./saml-response.ts";
import { spelled } from "./spelling.ts";

/** As the session's cookie: of this host alone, over TLS alone. */
export const SAML_COOKIE = "__Host-sluice-saml";
const REQUEST_ID_BYTES = 20;

interface Begun {
  readonly provider: string;
  readonly requestId: string;
  readonly returnTo: string;
  readonly at: number;
  readonly fresh?: true;
}

export class SamlLogins {
  readonly #options: LoginOptions;
  readonly #begun: BegunLogins<Begun>;
  readonly #used = new UsedAssertions();
  readonly #signatures: SignatureThread;

  constructor(options: LoginOptions, signatures: SignatureThread) {
    this.#options = options;
    this.#signatures = signatures;
    this.#begun = new BegunLogins(options, "sluice saml login", SAML_COOKIE);
  }

  /**
   * Where to send the browser, and the value of the login cookie. `acsUrl`: where the provider's answer is to be posted. `fresh`: the
   * person is to log in at the provider anew, and `finish` asks for proof of it.
   */
  async begin(
    provider: SamlProviderSettings,
    acsUrl: string,
    returnTo: string,
    fresh = false,
  ): Promise<{ readonly url: URL; readonly cookie: string }> {
    const { random, clock } = this.#options;
    const begun: Begun = {
      provider: provider.name,
      // Core section 1.3.4: 128 bits of chance or more. An id does not begin with a digit.
      requestId: `_${Buffer.from(random(REQUEST_ID_BYTES)).toString("hex")}`,
      returnTo: ownPath(returnTo),
      at: clock(),
      ...(fresh ? { fresh } : {}),
    };
    const url = await requestUrl(provider, acsUrl, begun.requestId, fresh);
    return { url, cookie: this.#begun.seal(begun) };
  }

  /** Name of the provider that a login began with; undefined when the cookie is not ours. */
  providerOf(cookie: string | undefined): string | undefined {
    return this.#begun.open(cookie)?.provider;
  }

  /**
   * `response`: SAMLResponse as it was posted. No XML is looked at for a browser that began no login. Rejects with login_failed,
   * login_expired, login_time_missing, login_not_fresh, assertion_invalid, assertion_replayed, overloaded and rate_limited
   * (retriable).
   */
  async finish(
    provider: SamlProviderSettings,
    acsUrl: string,
    response: string,
    cookie: string | undefined,
  ): Promise<LoggedIn> {
    const now = this.#options.clock();
    const begun = this.#begun.demand(cookie, provider.name, now);
    const expected = { requestId: begun.requestId, acsUrl };
    const unproven = readResponse(response, provider, expected);
    const { certificates } = provider;
    const signed = await this.#signatures.signedAssertion({ ...unproven, certificates });
    const { id, subject, groups, name, saidAt, authenticatedAt, usableUntil, sessionUntil } = checkAssertion(
      signed,
      provider,
      { ...expected, assertionId: unproven.assertionId },
      now,
    );
    if (begun.fresh === true) checkFresh(provider.name, authenticatedAt, now, "AuthnInstant in its assertions");
    this.#used.use(provider.name, id, Math.min(usableUntil, begun.at + LOGIN_MS), now);
    const longest = now + this.#options.sessionMs;
    return {
      returnTo: begun.returnTo,
      ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
      asserted: {
        provider: provider.name,
        subject: spelled(subject, provider),
        kind: "human",
        groups,
        ...(name === undefined ? {} : { name }),
        saidAt,
        actors: [],
        expiresAt: Math.min(longest, sessionUntil ?? longest),
      },
    };
  }
}

/** Header value that begins a login in a browser, or ends it when `value` is empty. */
export function samlCookie(value: string): string {
  const age = value === "" ? 0 : Math.floor(LOGIN_MS / 1_000);
  return `${SAML_COOKIE}=${value}; Path=/; Max-Age=${age}; Secure; HttpOnly; SameSite=None`;
}
