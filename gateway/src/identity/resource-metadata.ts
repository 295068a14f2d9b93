/**
 * How a client that knows nothing but the URL finds out how to sign in: the refusal names a document (RFC 9728 section 5.1), the
 * document names the providers (section 2). Pure; whoever serves it says under which URL the gateway is reached.
 */
import type { SluiceError } from "../core/errors.ts";
import type { IdentitySettings } from "../core/identity.ts";

/** RFC 9728 section 3: what stands between the host and the path of the resource. */
export const METADATA_PATH = "/.well-known/oauth-protected-resource";

/** RFC 9728 section 2. */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly resource_name: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly ["header"];
  /** RFC 8705 section 3: tokens bound to a client certificate are checked against it. */
  readonly tls_client_certificate_bound_access_tokens: true;
  /** Not of the RFC, which lets others be added: with which client one logs in from a command line. */
  readonly sluice_device_logins?: readonly {
    readonly issuer: string;
    readonly client_id: string;
    readonly scope: string;
  }[];
}

/** `baseUrl` counts where the configuration does not say what this gateway is called. */
export function protectedResourceMetadata(
  settings: Pick<IdentitySettings, "resource" | "providers">,
  baseUrl: string,
): ProtectedResourceMetadata {
  const logins = settings.providers.flatMap(({ issuer, device }) =>
    device === undefined ? [] : [{ issuer, client_id: device.clientId, scope: device.scope }],
  );
  return {
    resource: resourceOf(settings, baseUrl),
    resource_name: "Sluice",
    authorization_servers: settings.providers.map(({ issuer }) => issuer),
    bearer_methods_supported: ["header"],
    tls_client_certificate_bound_access_tokens: true,
    ...(logins.length === 0 ? {} : { sluice_device_logins: logins }),
  };
}

/** What this gateway is called: by the configuration, else by whoever reaches it. */
export function resourceOf({ resource }: Pick<IdentitySettings, "resource">, baseUrl: string): string {
  return resource ?? baseUrl.replace(/\/$/, "");
}

/** RFC 9728 section 3.1: the well-known part goes before the path of the resource. */
function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${METADATA_PATH}${pathname === "/" ? "" : pathname}`;
}

/**
 * Value of `WWW-Authenticate` for a refusal; undefined where it would not help to authenticate (again). RFC 6750 section 3.1: a
 * request without any credential is told no error code.
 */
export function wwwAuthenticate(
  error: SluiceError,
  settings: Pick<IdentitySettings, "resource">,
  baseUrl: string,
): string | undefined {
  if (error.kind !== "unauthenticated") return undefined;
  const parameters = [`resource_metadata="${metadataUrl(resourceOf(settings, baseUrl))}"`];
  if (error.code !== "key_missing")
    parameters.push(`error="invalid_token"`, `error_description="${describe(error.message)}"`);
  return `Bearer ${parameters.join(", ")}`;
}

/** RFC 6750 section 3: "MUST NOT include characters outside the set %x20-21 / %x23-5B / %x5D-7E". */
function describe(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "'");
}
