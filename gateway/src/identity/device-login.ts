/**
 * Login from a command line (RFC 8628): the machine shows a code, the person types it in a browser that may be anywhere, the machine
 * waits. Where to log in is asked of the gateway itself (RFC 9728), so that a person needs its URL and nothing else. No password
 * passes through here, and the token is for this gateway alone.
 */
import * as client from "openid-client";
import { SluiceError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { FetchJson } from "./provider-fetch.ts";
import { METADATA_PATH } from "./resource-metadata.ts";
import { own } from "./strict-json.ts";

/** Where people log in from a command line: what a gateway says of one of its providers. */
export interface DeviceServer {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  /** What the gateway is called: what the token will be for. */
  readonly resource: string;
}

export interface DeviceCode {
  /** To be typed at `url`. */
  readonly userCode: string;
  readonly url: string;
  /** The same with the code in it. */
  readonly completeUrl?: string;
  readonly expiresInSeconds: number;
}

export interface DeviceToken {
  readonly token: Secret;
  /** Absent when the provider does not say. */
  readonly expiresInSeconds?: number;
}

const TIMEOUT_SECONDS = 10;
const TEXT = /^[\x21-\x7e]{1,512}$/;

/**
 * The providers of a gateway where one can log in from a command line. Rejects with provider_unavailable when the gateway does not
 * answer, and with login_failed when it speaks of another one: a token must not go where nobody asked to.
 */
export async function deviceServers(gateway: URL, fetchJson: FetchJson): Promise<readonly DeviceServer[]> {
  const document = await fetchJson(new URL(METADATA_PATH, gateway));
  const resource = own(document, "resource");
  // RFC 9728 section 3.3: "the resource value returned MUST be identical"; by its origin, since gateways live at the root of one.
  if (typeof resource !== "string" || URL.parse(resource)?.origin !== gateway.origin) {
    throw new SluiceError(
      "login_failed",
      `the gateway at ${gateway.origin} says that it is another one; use the URL that it is called by (identity.resource)`,
    );
  }
  const servers = own(document, "sluice_device_logins");
  return (Array.isArray(servers) ? servers : []).flatMap((each: unknown): DeviceServer[] => {
    const [issuer, clientId, scope] = [own(each, "issuer"), own(each, "client_id"), own(each, "scope")];
    if (typeof issuer !== "string" || typeof clientId !== "string" || typeof scope !== "string") return [];
    return TEXT.test(issuer) && TEXT.test(clientId) ? [{ issuer, clientId, scope, resource }] : [];
  });
}

/**
 * Shows the code and waits until the person is done. Rejects with login_failed (refused, or the provider cannot do this),
 * login_expired, provider_unavailable.
 */
export async function deviceLogin(
  server: DeviceServer,
  show: (code: DeviceCode) => void,
  signal?: AbortSignal,
): Promise<DeviceToken> {
  const { scope, resource } = server;
  const configuration = await discover(server);
  let endsAt = Number.POSITIVE_INFINITY;
  try {
    const begun = await client.initiateDeviceAuthorization(configuration, { scope, resource });
    // Both are about to be shown on a terminal, which obeys what is not plain text.
    const { user_code: userCode, verification_uri: url, verification_uri_complete: completeUrl } = begun;
    if (!/^[\x20-\x7e]{1,64}$/.test(userCode) || !TEXT.test(url) || !TEXT.test(completeUrl ?? url))
      throw new SluiceError("login_failed", "the identity provider answers with something that cannot be shown");
    endsAt = performance.now() + begun.expires_in * 1_000;
    show({
      userCode,
      url,
      ...(completeUrl === undefined ? {} : { completeUrl }),
      expiresInSeconds: begun.expires_in,
    });
    const tokens = await client.pollDeviceAuthorizationGrant(
      configuration,
      begun,
      { resource },
      signal === undefined ? {} : { signal },
    );
    const expiresInSeconds = tokens.expiresIn();
    return {
      token: new Secret(tokens.access_token),
      ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
    };
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw failure(thrown, performance.now() >= endsAt);
  }
}

// oxlint-disable-next-line typescript/no-deprecated -- marked so in order to stand out; nothing replaces it
const PLAINTEXT = client.allowInsecureRequests;

async function discover({ issuer, clientId }: DeviceServer): Promise<client.Configuration> {
  const url = URL.parse(issuer);
  const isHere = url !== null && /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/.test(url.hostname);
  if (url === null || (url.protocol !== "https:" && !(url.protocol === "http:" && isHere)))
    throw new SluiceError("login_failed", "the gateway names a provider that is not reached over https");
  let configuration: client.Configuration;
  try {
    configuration = await client.discovery(url, clientId, undefined, client.None(), {
      timeout: TIMEOUT_SECONDS,
      execute: url.protocol === "http:" ? [PLAINTEXT] : [],
    });
  } catch (thrown) {
    throw new SluiceError("provider_unavailable", `the identity provider ${issuer} cannot be reached`, {
      cause: thrown,
    });
  }
  const { device_authorization_endpoint: endpoint } = configuration.serverMetadata();
  if (endpoint === undefined)
    throw new SluiceError("login_failed", `the identity provider ${issuer} has no login for devices (RFC 8628)`);
  return configuration;
}

/** RFC 8628 section 3.5. Some providers do not know an expired code any more, and say something else. */
function failure(thrown: unknown, isOver: boolean): SluiceError {
  const options = { cause: thrown };
  const error = own(thrown, "error");
  if (error === "access_denied")
    return new SluiceError("login_failed", "the login was refused in the browser", options);
  if (error === "expired_token" || isOver)
    return new SluiceError("login_expired", "the login took too long; begin again", options);
  return new SluiceError("login_failed", "the login did not come to its end; begin again", options);
}
