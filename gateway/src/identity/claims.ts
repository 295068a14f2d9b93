/**
 * The claims of a token whose signature is proven → what its provider asserts, or the reason why it counts for nothing here.
 * Pure: the provider's settings and the time are parameters. No message holds the value of a claim.
 */
import { SluiceError } from "../core/errors.ts";
import type { ProviderSettings } from "../core/identity.ts";
import { nameIn } from "./person-name.ts";
import { spelled } from "./spelling.ts";
import { own } from "./strict-json.ts";
import { invalid } from "./token-form.ts";

/** What somebody trusted says of who asks. Rights are worked out from it with the configuration in force. */
export interface Asserted {
  readonly provider: string;
  readonly subject: string;
  /** `service` when the client speaks for itself. */
  readonly kind: "human" | "service";
  /** Values of the groups claim, as the provider writes them. */
  readonly groups: readonly string[];
  /** What people call the person: cleaned, and to be shown beside the id, never to decide by. */
  readonly name?: string;
  /** When the provider said all this, in milliseconds since the epoch and not ahead of our clock. Absent: it does not say. */
  readonly saidAt?: number;
  /** Who acts for the subject, the one that sends the request first; written as in `from` of an agent: `provider:subject`. */
  readonly actors: readonly string[];
  /** The client that the token was issued to, if it is not the subject itself; written the same way. */
  readonly client?: string;
  /** Who alone may become an actor (RFC 8693 section 4.4), written the same way. */
  readonly mayAct?: string;
  /** SHA-256 of the client certificate that it is bound to (RFC 8705 section 3.1), base64url. */
  readonly boundTo?: string;
  /** Milliseconds since the epoch at which it ends by its own words. */
  readonly expiresAt: number;
  /** Milliseconds for which it is accepted beyond that, because clocks differ; absent: none. */
  readonly graceMs?: number;
}

/** OpenID Connect Core section 2: "MUST NOT exceed 255 ASCII characters". */
export const SUBJECT = /^[^\p{Cc}]{1,255}$/u;
/** Microsoft writes up to 200 of them, Keycloak as many as there are. */
export const GROUPS_MAX = 1_000;
export const GROUP_CHARS_MAX = 512;
/** Acting for somebody who acts for somebody: more than that nobody can oversee. */
export const ACTORS_MAX = 4;

/**
 * RFC 8725 section 3.12: what one kind of token is for, no other may do. An ID token says that somebody logged in at a client, it
 * is no permission to call this gateway (RFC 9068 section 5). The first four stand in ID tokens only, `events` in security events
 * (RFC 8417), of which logout tokens are a kind.
 */
const FOREIGN_CLAIMS = ["nonce", "at_hash", "c_hash", "s_hash", "events"] as const;

/** A provider as far as others need to know it. */
type Known = Pick<ProviderSettings, "name" | "foldsCase">;

/**
 * `issuers` holds the configured providers, for actors of another one. Throws token_invalid, token_expired, token_not_yet_valid,
 * token_audience. `now` in milliseconds.
 */
export function checkClaims(
  claims: Readonly<Record<string, unknown>>,
  provider: ProviderSettings,
  issuers: ReadonlyMap<string, Known>,
  now: number,
): Asserted {
  const expiresAt = checkTimes(claims, provider, now);
  checkAudience(claims, provider);
  const foreign = FOREIGN_CLAIMS.find((name) => own(claims, name) !== undefined);
  if (foreign !== undefined) throw invalid(`is an ID token or a logout token (${foreign}); send an access token`);
  const subject = own(claims, provider.subjectClaim);
  if (typeof subject !== "string" || !SUBJECT.test(subject)) {
    throw invalid(`does not name its subject in the claim that provider "${provider.name}" has for it`);
  }
  const client = clientOf(claims);
  const mayAct = own(claims, "may_act");
  const boundTo = boundOf(own(claims, "cnf"));
  // RFC 9068 section 2.2: with a grant in which nobody but the client takes part, `sub` is the client.
  const itself = client !== undefined && (client === subject || client === own(claims, "sub"));
  const name = nameIn(claims);
  const issued = secondsOf(claims, "iat");
  return {
    provider: provider.name,
    subject: spelled(subject, provider),
    kind: itself || isMachine(claims) ? "service" : "human",
    groups: groupsOf(claims, provider.groupsClaim ?? []),
    ...(name === undefined ? {} : { name }),
    ...(issued === undefined ? {} : { saidAt: Math.min(issued * 1_000, now) }),
    actors: actorsOf(own(claims, "act"), provider, issuers),
    ...(client === undefined || itself ? {} : { client: idOf(client, provider) }),
    ...(mayAct === undefined ? {} : { mayAct: partyOf(mayAct, provider, issuers) }),
    ...(boundTo === undefined ? {} : { boundTo }),
    expiresAt,
    graceMs: provider.clockSkewMs,
  };
}

/** Milliseconds since the epoch from which it counts for nothing. */
export function acceptedUntil({ expiresAt, graceMs = 0 }: Asserted): number {
  return expiresAt + graceMs;
}

function checkTimes(claims: Readonly<Record<string, unknown>>, provider: ProviderSettings, now: number): number {
  const { clockSkewMs } = provider;
  const [exp, nbf, iat] = ["exp", "nbf", "iat"].map((name) => secondsOf(claims, name));
  if (exp === undefined) throw invalid("does not say when it ends (exp)");
  const expiresAt = exp * 1_000;
  if (now >= expiresAt + clockSkewMs) throw new SluiceError("token_expired", "the token has expired; get a new one");
  for (const begins of [nbf, iat]) {
    if (begins !== undefined && begins * 1_000 - clockSkewMs > now) {
      throw new SluiceError(
        "token_not_yet_valid",
        `the token is not valid yet; the clocks of provider "${provider.name}" and this gateway may be more than ${clockSkewMs / 1_000} s apart`,
      );
    }
  }
  return expiresAt;
}

/** RFC 7519 section 2, NumericDate. */
function secondsOf(claims: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = own(claims, name);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER / 1_000))
    throw invalid(`has a time that is no number of seconds (${name})`);
  return value;
}

function checkAudience(claims: Readonly<Record<string, unknown>>, provider: ProviderSettings): void {
  const aud = own(claims, "aud");
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.some((each) => typeof each === "string" && provider.audiences.includes(each))) {
    throw new SluiceError(
      "token_audience",
      `the token is not for this gateway: provider "${provider.name}" must put one of its audiences into aud`,
    );
  }
  const client = clientOf(claims);
  if (
    provider.authorizedParties !== undefined &&
    (client === undefined || !provider.authorizedParties.includes(client))
  ) {
    throw new SluiceError(
      "token_audience",
      `the token was issued to a client that is not among the authorized_parties of provider "${provider.name}"`,
    );
  }
}

/** `azp` of OpenID Connect, `client_id` of RFC 9068, and what Okta and Microsoft write instead. Two that differ are nobody's. */
const CLIENT_CLAIMS = ["azp", "client_id", "cid", "appid"] as const;

function clientOf(claims: Readonly<Record<string, unknown>>): string | undefined {
  const clients = new Set(CLIENT_CLAIMS.map((name) => own(claims, name)).filter((each) => each !== undefined));
  const [client] = clients;
  if (client === undefined) return undefined;
  if (clients.size > 1) throw invalid(`names two clients (${CLIENT_CLAIMS.join(", ")})`);
  if (typeof client !== "string" || !SUBJECT.test(client))
    throw invalid(`names a client that is no text (${CLIENT_CLAIMS.join(", ")})`);
  return client;
}

/** A list of texts or one text at the end of the path; anything else names no group. */
export function groupsOf(claims: unknown, path: readonly string[]): readonly string[] {
  let at = claims;
  for (const step of path) at = own(at, step);
  if (path.length === 0 || at === undefined) return [];
  const values: readonly unknown[] = Array.isArray(at) ? at : [at];
  if (values.length > GROUPS_MAX) throw invalid(`names more than ${GROUPS_MAX} groups`);
  return values.filter((each): each is string => typeof each === "string" && each.length <= GROUP_CHARS_MAX);
}

/** RFC 8693 section 4.1: "the outermost act claim represents the current actor", nested ones those before it. */
function actorsOf(act: unknown, provider: ProviderSettings, issuers: ReadonlyMap<string, Known>): string[] {
  const actors: string[] = [];
  for (let at = act; at !== undefined; at = own(at, "act")) {
    if (actors.length === ACTORS_MAX) throw invalid(`passed through more than ${ACTORS_MAX} actors (act)`);
    actors.push(partyOf(at, provider, issuers));
  }
  return actors;
}

function idOf(subject: string, provider: Known): string {
  return `${provider.name}:${spelled(subject, provider)}`;
}

/**
 * Whether a program was given the token for itself, where the subject does not say so by being the client. What each of these means
 * is the provider's own word, and no person is called so:
 * https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow (`gty`, `…@clients`),
 * https://www.keycloak.org/docs/latest/server_admin/#_service_accounts (`service-account-…`),
 * https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference (`idtyp`; what acts for a person has `scp`).
 */
function isMachine(claims: Readonly<Record<string, unknown>>): boolean {
  const [sub, username] = [own(claims, "sub"), own(claims, "preferred_username")];
  const isEntra = ["appid", "appidacr", "azpacr"].some((name) => own(claims, name) !== undefined);
  return (
    own(claims, "gty") === "client-credentials" ||
    (typeof sub === "string" && sub.endsWith("@clients")) ||
    (typeof username === "string" && username.startsWith("service-account-")) ||
    own(claims, "idtyp") === "app" ||
    (isEntra && own(claims, "scp") === undefined)
  );
}

function partyOf(party: unknown, provider: ProviderSettings, issuers: ReadonlyMap<string, Known>): string {
  const subject = own(party, "sub") ?? own(party, "client_id");
  if (typeof subject !== "string" || !SUBJECT.test(subject)) throw invalid("does not name its actor (act, may_act)");
  const issuer = own(party, "iss");
  const known = issuer === undefined ? provider : typeof issuer === "string" ? issuers.get(issuer) : undefined;
  if (known === undefined) throw invalid("has an actor of an issuer that is not configured here");
  return idOf(subject, known);
}

/**
 * RFC 7800: a token that is bound to a key is worth nothing without proof of that key. The certificate of the connection is one
 * (RFC 8705); DPoP (RFC 9449) is not read here, and a token bound by it must not pass as a plain bearer (section 7.1).
 */
function boundOf(cnf: unknown): string | undefined {
  if (cnf === undefined) return undefined;
  const thumbprint = own(cnf, "x5t#S256");
  const members = typeof cnf === "object" && cnf !== null ? Object.keys(cnf) : [];
  if (members.length !== 1 || typeof thumbprint !== "string")
    throw invalid("is bound to a key that cannot be proven here (cnf); only client certificates can (x5t#S256)");
  return thumbprint;
}

/** Who has logged out at the provider: the person, one session of it, or both. */
export interface LoggedOut {
  readonly provider: string;
  readonly subject?: string;
  readonly providerSession?: string;
  /** Of the token, so that it counts once. */
  readonly tokenId: string;
  /** Milliseconds since the epoch from which the token counts for nothing. */
  readonly expiresAt: number;
}

const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** How old a logout token may be where it does not say when it ends. */
const LOGOUT_MS = 5 * 60_000;

/**
 * OpenID Connect Back-Channel Logout 1.0 section 2.6. It is for our own client there, and whoever logs in has none of these
 * claims by accident: an event says what it is, and a nonce that it is not. Throws token_invalid, token_expired,
 * token_not_yet_valid, token_audience.
 */
export function checkLogout(
  claims: Readonly<Record<string, unknown>>,
  provider: ProviderSettings,
  now: number,
): LoggedOut {
  const iat = secondsOf(claims, "iat");
  if (iat === undefined) throw invalid("does not say when it was issued (iat)");
  const exp = own(claims, "exp") === undefined ? iat + LOGOUT_MS / 1_000 : own(claims, "exp");
  const expiresAt = checkTimes({ ...claims, exp }, provider, now);
  const aud = own(claims, "aud");
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (provider.clientId === undefined || !audiences.includes(provider.clientId)) {
    throw new SluiceError("token_audience", `the token is not for our client at provider "${provider.name}"`);
  }
  if (typeof own(own(claims, "events"), LOGOUT_EVENT) !== "object") throw invalid("is no logout token (events)");
  if (own(claims, "nonce") !== undefined) throw invalid("has a nonce, which a logout token must not have");
  const [subject, sid, tokenId] = [own(claims, provider.subjectClaim), own(claims, "sid"), own(claims, "jti")];
  for (const each of [subject, sid]) {
    if (each !== undefined && (typeof each !== "string" || !SUBJECT.test(each)))
      throw invalid("names whom it is about in a way that is no text (sub, sid)");
  }
  if (subject === undefined && sid === undefined) throw invalid("does not say who has logged out (sub, sid)");
  if (typeof tokenId !== "string" || !SUBJECT.test(tokenId)) throw invalid("has no id of its own (jti)");
  return {
    provider: provider.name,
    tokenId,
    expiresAt,
    ...(subject === undefined ? {} : { subject: spelled(subject as string, provider) }),
    ...(sid === undefined ? {} : { providerSession: sid as string }),
  };
}
