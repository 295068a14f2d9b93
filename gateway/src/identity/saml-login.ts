/**
 * Login with a browser at a SAML 2.0 identity provider (Web Browser SSO, begun here; what nobody asked for is refused). The id of
 * the request travels sealed in a cookie of the browser that began, as with OpenID Connect, and not as RelayState to something kept
 * here: whoever has a RelayState can hand it on together with his own assertion, and so log somebody else in as himself; a cookie
 * stays where it is. The provider's answer is a form that its page posts, so the cookie must travel with a request from another
 * site: SameSite=None. By itself it opens nothing; it says which answer counts.
 */
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import type { SamlProviderSettings } from "../core/identity.ts";
import type { Random } from "./key-format.ts";
import { type LoggedIn, LOGIN_MS, type LoginOptions, ownPath } from "./login.ts";
import { checkAssertion } from "./saml-assertion.ts";
import { requestUrl, signedAssertion, spMetadata } from "./saml-library.ts";
import { UsedAssertions } from "./saml-replay.ts";
import { readResponse } from "./saml-response.ts";
import { createTextSealer, type TextSealer } from "./sealed-text.ts";
import { parseObject } from "./strict-json.ts";

const COOKIE = "__Host-sluice-saml";
const REQUEST_ID_BYTES = 20;

interface Begun {
  readonly provider: string;
  readonly requestId: string;
  readonly returnTo: string;
  readonly at: number;
}

export class SamlLogins {
  readonly #options: LoginOptions;
  readonly #sealer: TextSealer;
  readonly #used = new UsedAssertions();

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#sealer = createTextSealer(options.key, "sluice saml login", COOKIE);
  }
}
