/**
 * Token exchange (RFC 8693): an agent shows a person's token and proves who it is itself, and gets a short-lived token that says
 * both. Reading the request and deciding what the new token says are pure; authenticate.ts proves the tokens in between.
 */
import { SluiceError } from "../core/errors.ts";
import { ACTORS_MAX, type Asserted } from "./claims.ts";
import type { RightsTable } from "./rights.ts";

/** A token that was exchanged ends with the person's own, and after this at the latest: whoever is disabled meanwhile is refused at once anyway. */
const LIFETIME_MS = 15 * 60_000;

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const JWT = "urn:ietf:params:oauth:token-type:jwt";

export interface ExchangeRequest {
  readonly subjectToken: string;
  /** Absent: the client authenticates itself, and is the actor. */
  readonly actorToken?: string;
}

/** RFC 8693 section 2.2.1. */
export interface ExchangeReply {
  readonly access_token: string;
  readonly issued_token_type: typeof ACCESS_TOKEN;
  readonly token_type: "Bearer";
  readonly expires_in: number;
}

/** Reads the parameters of section 2.1. Throws grant_type_unsupported, field_invalid, token_audience. */
export function readExchange(form: Readonly<Record<string, string>>, resource: string): ExchangeRequest {
  if (form["grant_type"] !== GRANT)
    throw new SluiceError("grant_type_unsupported", `the only grant_type of this endpoint is ${GRANT}`);
  const subjectToken = tokenOf(form, "subject_token");
  if (subjectToken === undefined) throw missing("subject_token");
  const actorToken = tokenOf(form, "actor_token");
  const wanted = form["requested_token_type"];
  if (wanted !== undefined && wanted !== ACCESS_TOKEN)
    throw new SluiceError("field_invalid", `requested_token_type may only be ${ACCESS_TOKEN}`);
  for (const name of ["audience", "resource"]) {
    const target = form[name];
    // "The token is for somewhere else" must not be answered with one for here.
    if (target !== undefined && target.replace(/\/$/, "") !== resource)
      throw new SluiceError("token_audience", `${name} may only be this gateway itself, ${resource}`);
  }
  if (form["scope"] !== undefined)
    throw new SluiceError("field_invalid", "scope: there are none here; rights come from identity.groups and agents");
  return { subjectToken, ...(actorToken === undefined ? {} : { actorToken }) };
}

function tokenOf(form: Readonly<Record<string, string>>, name: string): string | undefined {
  const [token, type] = [form[name], form[`${name}_type`]];
  if (token === undefined && type === undefined) return undefined;
  if (token === undefined || token === "") throw missing(name);
  if (type === undefined) throw missing(`${name}_type`);
  if (type !== ACCESS_TOKEN && type !== JWT)
    throw new SluiceError("field_invalid", `${name}_type may be ${ACCESS_TOKEN} or ${JWT}`);
  return token;
}

function missing(name: string): SluiceError {
  return new SluiceError("field_invalid", `${name} is missing`);
}

/** Who proved to be the actor, written as in `from` of an agent. */
export interface ProvenActor {
  readonly from: string;
  /** Milliseconds since the epoch; absent means never. */
  readonly expiresAt?: number;
}

/**
 * What the new token says: the subject as before, the actor in front of those who acted already. Throws actor_unknown,
 * actor_not_allowed. `now` in milliseconds.
 */
export function exchanged(subject: Asserted, actor: ProvenActor, table: RightsTable, now: number): Asserted {
  const agent = table.agents.get(actor.from);
  if (agent === undefined)
    throw new SluiceError("actor_unknown", "whoever asks for the exchange is not registered (identity.agents)");
  // RFC 8693 section 4.4: the subject's provider says who may act for it; then nobody else may.
  if (subject.mayAct !== undefined && !agent.from.includes(subject.mayAct))
    throw new SluiceError(
      "actor_not_allowed",
      `the person's token lets somebody else act (may_act), not agent "${agent.name}"`,
    );
  const { client, mayAct: _mayAct, graceMs: _graceMs, name: _name, saidAt: _saidAt, ...rest } = subject;
  const before = client !== undefined && table.agents.has(client) ? [client, ...subject.actors] : subject.actors;
  const isFirst = before[0] !== undefined && agent.from.includes(before[0]);
  const actors = isFirst ? before : [actor.from, ...before];
  if (actors.length > ACTORS_MAX)
    throw new SluiceError("actor_not_allowed", `more than ${ACTORS_MAX} agents would act one for another`);
  const expiresAt = Math.min(subject.expiresAt, actor.expiresAt ?? Number.POSITIVE_INFINITY, now + LIFETIME_MS);
  // Within the skew of the clocks a token is still accepted, but nothing new is made of it.
  if (expiresAt <= now) throw new SluiceError("token_expired", "the token has expired; get a new one");
  return {
    ...rest,
    actors,
    // What no group here is made from means nothing here, and need not travel.
    groups: subject.groups.filter((value) => table.mapped.has(`${subject.provider}:${value}`)),
    expiresAt,
  };
}

export function replyOf(token: string, expiresAt: number, now: number): ExchangeReply {
  return {
    access_token: token,
    issued_token_type: ACCESS_TOKEN,
    token_type: "Bearer",
    expires_in: Math.max(0, Math.floor((expiresAt - now) / 1_000)),
  };
}
