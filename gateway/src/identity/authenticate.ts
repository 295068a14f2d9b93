/**
 * IDENTIFY, for every door: credential → Principal. Own API keys, tokens that this gateway exchanged, tokens of the configured
 * providers, client certificates. What is no credential of one kind is looked at as the next ("not mine"); what is one and does
 * not hold is refused there and then ("wrong"). A token is verified once and then found in memory under an HMAC of it, as a key
 * is: the hot path waits for nothing.
 */
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { type ClientCertificate, createCertificateTable } from "./certificates.ts";
import { acceptedUntil, type Asserted, type LoggedOut } from "./claims.ts";
import type { Directory } from "./directory.ts";
import type { Disabled } from "./disabled.ts";
import { type ExchangeReply, type ExchangeRequest, exchanged, type ProvenActor, replyOf } from "./exchange.ts";
import { createTokenVerifier } from "./jwt.ts";
import type { Random } from "./key-format.ts";
import { createTagger } from "./key-tag.ts";
import type { KeyVerifier } from "./keys.ts";
import type { FetchJson } from "./provider-fetch.ts";
import { Recent } from "./recent.ts";
import { principalOf, rightsTable } from "./rights.ts";
import { SEALED_PREFIX, type TokenSealer } from "./sealed-token.ts";
import { spelled, type Speller, speller } from "./spelling.ts";
import type { IdentitySettings } from "../core/identity.ts";
import { TOKEN_CHARS_MAX } from "./token-form.ts";

export interface Authenticator {
  /**
   * Who asks. A bearer counts before the connection's certificate. Throws, or rejects with, key_missing, key_invalid, key_expired,
   * token_invalid, token_expired, token_not_yet_valid, token_audience, token_issuer_unknown, provider_unavailable (retriable),
   * certificate_invalid, group_missing, actor_unknown, actor_not_allowed, purpose_not_allowed, account_disabled, rate_limited
   * (retriable).
   */
  authenticate(bearer: string | undefined, certificate?: ClientCertificate): Principal | Promise<Principal>;
  /**
   * RFC 8693. `client` is how whoever asks authenticates itself: an API key. Rejects as `authenticate` does, and with
   * actor_unknown, actor_not_allowed.
   */
  exchange(request: ExchangeRequest, client: string | undefined, certificate?: ClientCertificate): Promise<Exchanged>;
  /**
   * Who somebody is of whom a provider said this some time ago, by the settings in force now. `credential`: id for records. Throws
   * group_missing, account_disabled.
   */
  known(asserted: Asserted, credential: string): Principal;
  /** Whom a provider's logout token is about. Rejects with token_invalid and its kin, also when it was shown before. */
  loggedOut(token: string): Promise<LoggedOut>;
  /** Other settings from now on; whoever is in gets the rights that they give with the next request. */
  configure(settings: IdentitySettings): void;
  /** Another number whenever `authenticate` may have come to say something else of a credential than before; time aside. */
  readonly changes: number;
}

export interface Exchanged {
  readonly reply: ExchangeReply;
  /** Who may come in with it, for the record. */
  readonly principal: Principal;
}

export interface AuthenticatorOptions {
  readonly keys: KeyVerifier;
  readonly fetchJson: FetchJson;
  readonly sealer: TokenSealer;
  readonly disabled: Disabled;
  /** Told of everything that a provider says of anybody, before it is known whether he has rights here. Returns at once. */
  readonly heard?: (asserted: Asserted) => void;
  /** What directories say of people's groups, where they do. */
  readonly directory?: Pick<Directory, "groupsOf" | "onChanged">;
  readonly clock: Clock;
  readonly random: Random;
  /** 32 random bytes, made anew for each process. */
  readonly processKey: Uint8Array;
  /** Verified tokens held in memory. */
  readonly cacheMax?: number;
}

const CACHE_MAX = 10_000;
/** Logout tokens that are remembered, so that none counts twice; they last some minutes. */
const LOGOUTS_MAX = 10_000;

/** A token that was verified. Never the token. */
interface Verified {
  readonly asserted: Asserted;
  readonly principal: Principal;
  /** Signed by a provider, so that it counts for as long as its keys do; else by this gateway. */
  readonly foreign: boolean;
}

export function createAuthenticator(initial: IdentitySettings, options: AuthenticatorOptions): Authenticator {
  const { keys, sealer, disabled, clock } = options;
  const verified = new Recent<Verified>(options.cacheMax ?? CACHE_MAX);
  const pending = new Map<string, Promise<Verified>>();
  const logouts = new Recent<number>(LOGOUTS_MAX);
  const tagOf = createTagger(options.processKey, TOKEN_CHARS_MAX);
  /** Counts what may have made a proof under way worthless: other settings, a withdrawn key. */
  let generation = 0;
  let changes = 0;
  let rights = rightsTable(initial);
  let spell = speller(initial);
  let clients = ownClients(initial);
  let certificates = createCertificateTable(initial.certificates);
  const tokens = createTokenVerifier(initial.providers, {
    fetchJson: options.fetchJson,
    clock,
    onWithdrawn(provider) {
      generation += 1;
      changes += 1;
      verified.forget(({ asserted }) => asserted.provider === provider);
    },
  });

  options.directory?.onChanged((principalIds) => {
    changes += 1;
    verified.forget(({ principal }) => principalIds.has(principal.id));
  });
  disabled.onDisabled(() => {
    changes += 1;
  });

  /** By the directory, which was asked later than the token was written, and by the spelling of now, not of when it was said. */
  function principalFor(said: Asserted, credential: string): Principal {
    const asserted = respelled(said, spell);
    options.heard?.(asserted);
    const groups = options.directory?.groupsOf(asserted.provider, asserted.subject);
    return principalOf(groups === undefined ? asserted : { ...asserted, groups }, rights, credential);
  }

  /** Issued to a client that the configuration names: one that people log in to this gateway with. */
  function isOurs({ client }: Asserted): boolean {
    return client !== undefined && clients.has(client);
  }

  function admitted(principal: Principal): Principal {
    disabled.check(principal);
    return principal;
  }

  /** Hot. Undefined when this token was not verified before, or has ended since. */
  function recall(tag: string, certificate: ClientCertificate | undefined): Verified | undefined {
    const known = verified.get(tag);
    if (known === undefined) return undefined;
    const { asserted, foreign } = known;
    if (clock() >= acceptedUntil(asserted) || (foreign && !tokens.keepFresh(asserted.provider))) {
      verified.delete(tag);
      return undefined;
    }
    checkBinding(asserted, certificate);
    return known;
  }

  async function prove(tag: string, text: string): Promise<Verified> {
    const started = generation;
    const asserted = await assertedBy(text);
    if (generation !== started) return prove(tag, text);
    const foreign = !text.startsWith(SEALED_PREFIX);
    const source = foreign ? asserted.provider : "exchanged";
    const known = principalFor(asserted, `${source}:${tag.slice(0, 12).replace(/[+/]/g, "-")}`);
    const principal = foreign && !isOurs(asserted) ? { ...known, heldByOthers: true } : known;
    const proven = { asserted, principal, foreign };
    verified.set(tag, proven);
    return proven;
  }

  /** Throws for a text that is no token at all, too: it was promised to be one. */
  async function assertedBy(text: string): Promise<Asserted> {
    const own = sealer.open(text);
    if (own === undefined) {
      const foreign = tokens.verify(text);
      if (foreign !== undefined) return foreign;
      throw new SluiceError("token_invalid", "this is no token: neither a JWT nor one that this gateway gave out");
    }
    if (clock() >= acceptedUntil(own)) throw new SluiceError("token_expired", "the token has expired; get a new one");
    return respelled(own, spell);
  }

  /** Requests that arrive together with a token not seen before share one verification. */
  function proveOnce(tag: string, text: string): Promise<Verified> {
    let proving = pending.get(tag);
    if (proving === undefined) {
      proving = prove(tag, text).finally(() => pending.delete(tag));
      pending.set(tag, proving);
    }
    return proving;
  }

  async function withToken(tag: string, text: string, certificate: ClientCertificate | undefined): Promise<Principal> {
    const { asserted, principal } = await proveOnce(tag, text);
    checkBinding(asserted, certificate);
    return admitted(principal);
  }

  async function withKey(bearer: string): Promise<Principal> {
    return admitted(await keys.verify(bearer));
  }

  /** Who acts: an API key, or an agent's own token of a provider. */
  async function actorOf(
    credential: string | undefined,
    certificate: ClientCertificate | undefined,
  ): Promise<ProvenActor> {
    if (credential === undefined)
      throw new SluiceError("key_missing", "the agent must prove itself: with actor_token, or an API key of its own");
    if (!isToken(credential)) {
      const { credential: id, expiresAt } = await withKey(credential);
      return { from: `key:${id}`, ...(expiresAt === undefined ? {} : { expiresAt }) };
    }
    const asserted = await assertedBy(credential);
    checkBinding(asserted, certificate);
    if (asserted.actors.length > 0)
      throw new SluiceError("actor_not_allowed", "the actor's own token says that somebody acts for it");
    const from = `${asserted.provider}:${asserted.subject}`;
    disabled.checkId(from);
    return { from, expiresAt: asserted.expiresAt };
  }

  return {
    authenticate(bearer, certificate) {
      if (bearer === undefined || bearer === "") {
        if (certificate !== undefined) return admitted(certificates(certificate, clock()));
        throw new SluiceError(
          "key_missing",
          "no credential: send an API key or an access token as Authorization: Bearer …, or an API key as x-api-key, api-key or x-goog-api-key",
        );
      }
      if (!isToken(bearer)) {
        const known = keys.verifyCached(bearer);
        return known === undefined ? withKey(bearer) : admitted(known);
      }
      if (bearer.length > TOKEN_CHARS_MAX)
        throw new SluiceError("token_invalid", `the token is longer than ${TOKEN_CHARS_MAX} characters`);
      const tag = tagOf(bearer);
      const known = recall(tag, certificate);
      return known === undefined ? withToken(tag, bearer, certificate) : admitted(known.principal);
    },

    async exchange(request, client, certificate) {
      const actor = await actorOf(request.actorToken ?? client, certificate);
      const subject = await assertedBy(request.subjectToken);
      checkBinding(subject, certificate);
      const now = clock();
      const asserted = exchanged(subject, actor, rights, now);
      const token = sealer.seal(asserted, options.random);
      // Worked out now for the refusal, and again with each use, by the configuration that is in force then.
      const principal = admitted(principalFor(asserted, `exchanged:${actor.from}`));
      return { reply: replyOf(token, asserted.expiresAt, now), principal };
    },

    known: (asserted, credential) => admitted(principalFor(asserted, credential)),

    async loggedOut(token) {
      const loggedOut = await tokens.verifyLogout(token);
      const { provider, tokenId, expiresAt } = loggedOut;
      const seen = `${provider} ${tokenId}`;
      if (logouts.get(seen) !== undefined) throw new SluiceError("token_invalid", "the token was shown before");
      logouts.set(seen, expiresAt);
      return loggedOut;
    },

    get changes() {
      return changes;
    },

    configure(settings) {
      generation += 1;
      changes += 1;
      verified.forget(() => true);
      tokens.setProviders(settings.providers);
      rights = rightsTable(settings);
      spell = speller(settings);
      clients = ownClients(settings);
      certificates = createCertificateTable(settings.certificates);
    },
  };
}

/** What was said before a provider's ids were folded is about the person whom it calls so now. */
function respelled(said: Asserted, spell: Speller): Asserted {
  const { provider, subject, actors, client, mayAct } = said;
  return {
    ...said,
    subject: spell(`${provider}:${subject}`).slice(provider.length + 1),
    actors: actors.map(spell),
    ...(client === undefined ? {} : { client: spell(client) }),
    ...(mayAct === undefined ? {} : { mayAct: spell(mayAct) }),
  };
}

/** As tokens name the client that they were issued to. */
function ownClients({ providers }: IdentitySettings): ReadonlySet<string> {
  return new Set(
    providers.flatMap((provider) =>
      [provider.clientId, provider.device?.clientId, ...(provider.authorizedParties ?? [])].flatMap((client) =>
        client === undefined ? [] : `${provider.name}:${spelled(client, provider)}`,
      ),
    ),
  );
}

/** Every JWT begins so in base64url, and every token of our own; no API key does. */
function isToken(credential: string): boolean {
  return credential.startsWith("ey") || credential.startsWith(SEALED_PREFIX);
}

/** RFC 8705 section 3: "the certificate MUST match". */
function checkBinding({ boundTo }: Asserted, certificate: ClientCertificate | undefined): void {
  if (boundTo !== undefined && boundTo !== certificate?.thumbprint)
    throw new SluiceError("token_invalid", "the token is bound to another client certificate than the connection's");
}
