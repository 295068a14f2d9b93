/**
 * What the configuration says about who may come in: providers that vouch for people, groups that give rights, agents that may
 * act for somebody, certificates of machines. Resolved and checked by config/identity.ts; immutable, a reload makes new ones.
 */
import type { PrincipalLimits, Role } from "./principal.ts";
import type { Secret } from "./secret.ts";

export interface IdentitySettings {
  /** What this gateway is called as a protected resource (RFC 9728): its https URL. Absent: the URL that it listens on. */
  readonly resource?: string;
  /** Each with an issuer of its own. */
  readonly providers: readonly ProviderSettings[];
  /** Each with an issuer of its own; a name is a provider's of either kind, never of both. */
  readonly saml: readonly SamlProviderSettings[];
  /** In the order of the file, which decides where only one group can have its way (the default purpose). */
  readonly groups: readonly GroupSettings[];
  readonly agents: readonly AgentSettings[];
  readonly certificates: readonly CertificateSettings[];
  /** How long somebody who decides counts as who he was when he last came in himself, in milliseconds. */
  readonly rememberMs: number;
}

/** An OpenID provider. */
export interface ProviderSettings {
  readonly name: string;
  /** Compared with `iss` character by character. */
  readonly issuer: string;
  /** One of them must be in `aud`. */
  readonly audiences: readonly string[];
  /** Our own client there, for logging in with a browser. */
  readonly clientId?: string;
  readonly clientSecret?: Secret;
  /** What it asks for there. Absent: openid. */
  readonly scope?: string;
  /** Names of RFC 7518 and RFC 9864; never `none` and never a symmetric one. */
  readonly algorithms: readonly string[];
  /** How far its clock may be off, in milliseconds. */
  readonly clockSkewMs: number;
  readonly subjectClaim: string;
  /** Steps from the root of the claims. Absent: this provider names no groups. */
  readonly groupsClaim?: readonly string[];
  /** Clients whose tokens are accepted (`azp`, `client_id`, `cid`, `appid`). Absent: any that the provider lets ask for our audience. */
  readonly authorizedParties?: readonly string[];
  /** It does not tell upper case from lower in what it calls people: ids here are in lower case. */
  readonly foldsCase?: boolean;
  /** A public client there, for logging in from a command line. */
  readonly device?: { readonly clientId: string; readonly scope: string };
  /** Its directory tells us of its people (SCIM). */
  readonly scim?: ScimSettings;
}

export interface ScimSettings {
  /** Id of the API key that the directory has. */
  readonly keyId: string;
  /** Which of its attributes is what tokens and assertions call the person. */
  readonly subject: "external_id" | "user_name";
  /** The groups that it sends count instead of those in tokens and assertions. */
  readonly groups: boolean;
}

/** A SAML 2.0 identity provider. People log in there with a browser; it gives out nothing that could be a bearer here. */
export interface SamlProviderSettings {
  readonly name: string;
  /** Its entityID, compared character by character. */
  readonly issuer: string;
  /** URL that a browser is sent to with a request (HTTP-Redirect binding). */
  readonly entryPoint: string;
  /** PEM, one certificate each. What the key of any of them signed counts; nothing else of them does. */
  readonly certificates: readonly string[];
  /** Opens encrypted assertions. Absent: they are refused. */
  readonly decryption?: {
    /** PEM. */
    readonly key: Secret;
    /** PEM, with the public key, for our metadata. */
    readonly certificate: string;
  };
  /** Our own entityID there. */
  readonly entityId: string;
  /** One of them must be in each audience restriction. */
  readonly audiences: readonly string[];
  /** URN of the format that NameIDs must have. */
  readonly nameIdFormat: string;
  /** Attribute that names the person. Absent: the NameID does. */
  readonly subjectAttribute?: string;
  /** As with an OpenID provider. */
  readonly foldsCase?: boolean;
  /** Absent: this provider names no groups. */
  readonly groupsAttribute?: string;
  /** How far its clock may be off, in milliseconds. */
  readonly clockSkewMs: number;
  /** Its directory tells us of its people (SCIM). */
  readonly scim?: ScimSettings;
}

/** What somebody may do: purposes, connections and how often. */
export interface Grant {
  readonly purposes: readonly string[];
  readonly defaultPurpose?: string;
  /** Absent: all. */
  readonly connections?: readonly string[];
}

export interface GroupSettings extends Grant {
  readonly name: string;
  /** `provider:value`, the value being one that the provider's groups claim may hold. */
  readonly from: readonly string[];
  readonly roles: readonly Role[];
  readonly limits: PrincipalLimits;
}

export interface AgentSettings {
  readonly name: string;
  /** How it is recognised: `provider:subject` or `key:id of an API key`. */
  readonly from: readonly string[];
  readonly purposes: readonly string[];
  /** Absent: all. */
  readonly connections?: readonly string[];
  /** People it belongs to, as `provider:subject`. Absent: nobody. */
  readonly owners?: readonly string[];
}

/** How long ago somebody may have proved to the provider who he is, for what a session that was left open must not be enough for. */
export const FRESH_LOGIN_MS = 5 * 60_000;

export interface CertificateSettings extends Grant {
  readonly name: string;
  readonly match: CertificateMatch;
  /** Whom it proves, for example `service:batch`. */
  readonly principal: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly limits: PrincipalLimits;
  /** People it belongs to, as `provider:subject`. Absent: nobody. */
  readonly owners?: readonly string[];
}

/** What of a client certificate is compared; all of it, never a part. */
export type CertificateMatch =
  /** SHA-256 of the public key (SubjectPublicKeyInfo), base64url: survives the renewal of the certificate. */
  | { readonly by: "key"; readonly sha256: string }
  /** One alternative name, as `DNS:…`, `URI:…` or `email:…`. */
  | { readonly by: "name"; readonly name: string }
  /** Every attribute of the subject, and no other. */
  | { readonly by: "subject"; readonly attributes: Readonly<Record<string, string>> };
