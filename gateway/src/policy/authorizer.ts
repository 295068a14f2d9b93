/**
 * AUTHORIZE, in two steps around the reading of the text: `admit` says no to what no text could make right, `decide` says yes
 * or no with all the facts. Both are synchronous, read no clock and wait for nothing; the same facts give the same answer.
 * Without policies the credential's own grant is enough; with them they must permit as well. The checks of the law hold
 * either way, and no policy lifts them. A register or policies that changed make a new authorizer, and the old one's cache
 * goes with it.
 */
import type { Connection, Purpose } from "../core/connection.ts";
import type { Decision, Denied, FoundFacts, Obligations, Risk } from "../core/decision.ts";
import type { Principal } from "../core/principal.ts";
import type { ConsentState, Register } from "../core/register.ts";
import type { Counts } from "../core/segment.ts";
import { type Answer, createEvaluator } from "./evaluate.ts";
import type { Facts } from "./facts.ts";
import { grantOf } from "./grant.ts";
import type { Habit } from "./habits.ts";
import { discloses, missingAfter, missingBefore } from "./lawful-basis.ts";
import type { PolicySet } from "./load.ts";
import { daysOf, NO_OBLIGATIONS } from "./obligations.ts";
import { riskOf } from "./risk.ts";
import type { ControlAction, RequestAction } from "./schema.ts";
import { specialFound } from "./special.ts";

export interface AdmitRequest {
  readonly principal: Principal;
  readonly action: RequestAction;
  readonly connection: Connection;
  /** As the request names it; absent: the credential's default. */
  readonly purpose?: string | undefined;
  /** The request names the data subject. */
  readonly hasSubject: boolean;
  /** Parts that cannot be scanned as text, by kind. */
  readonly opaqueParts: Counts;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Admitted extends AdmitRequest {
  readonly effect: "allow";
  /** The one purpose of the exchange. */
  readonly resolved: Purpose;
}

export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Address that the request came from. */
  readonly network?: string | undefined;
  /** What the consent ledger says of the data subject and the purpose; asked whenever a request names a data subject. */
  readonly consent?: ConsentState | undefined;
  /** What is unusual about it for this principal. */
  readonly habit?: Habit | undefined;
}

export type ControlDecision = { readonly effect: "allow"; readonly policies: readonly string[] } | Denied;

export interface Authorizer {
  /** Before the text is read: purpose, the credential's grant, the register, opaque parts. */
  admit(request: AdmitRequest): Admitted | Denied;
  /** After: consent, special categories, policies; with obligations and risk. */
  decide(admitted: Admitted, found: FoundFacts, surroundings: Surroundings): Decision;
  /** What policies say of an action on the evidence, beside the role that its route demands. Without policies: allow. */
  control(
    principal: Principal,
    action: ControlAction,
    surroundings: {
      readonly now: number;
      readonly network?: string | undefined;
      readonly purpose?: Purpose | undefined;
    },
  ): ControlDecision;
  /** Hash of the policies; empty when there are none. */
  readonly version: string;
}

/** Some 300 bytes each. */
const DECISIONS_MAX = 20_000;

const NOTHING_FOUND: FoundFacts = Object.freeze({ found: {}, categories: {}, special: {} });

const PERMITTED: Answer = Object.freeze({ effect: "allow", policies: [], obligations: NO_OBLIGATIONS, failed: [] });

export interface AuthorizerOptions {
  /** Decisions that are remembered; 0: none. */
  readonly cacheMax?: number;
}

export function createAuthorizer(
  register: Register,
  policies: PolicySet | undefined,
  { cacheMax = DECISIONS_MAX }: AuthorizerOptions = {},
): Authorizer {
  const evaluator = policies === undefined ? undefined : createEvaluator(policies, { cacheMax });

  return {
    version: policies?.hash ?? "",

    admit(request) {
      const { principal, action, connection, hasSubject, now } = request;
      const asked = request.purpose === undefined ? {} : { purpose: request.purpose };
      const grant = grantOf(principal, { ...asked, opaqueParts: request.opaqueParts }, connection, register.purposes);
      if (grant.effect === "deny") return grant;
      const { purpose } = grant;
      const missing = missingBefore({ action, purpose, connection, hasSubject, now });
      return missing ?? { ...request, effect: "allow", resolved: purpose };
    },

    decide(admitted, found, surroundings) {
      const { action, connection, hasSubject, resolved: purpose } = admitted;
      const { facts, risk } = factsOf(admitted, found, surroundings);
      const { special, consent } = facts;
      // GDPR Art. 9 lets a condition be looked for where somebody receives the data; scrubbing is what keeps it from them.
      const received = discloses(action, connection) ? special : NOTHING_FOUND.special;
      const missing = missingAfter({ purpose, hasSubject, consent, special: received });
      if (missing !== undefined) return missing;
      const answer = evaluator?.answer(facts) ?? PERMITTED;
      if (answer.effect === "deny") return deniedBy(answer, action, `connection "${connection.name}"`, purpose);
      return allowed(answer, purpose, special, risk, connection);
    },

    control(principal, action, { now, network, purpose }) {
      const facts = { principal, action, purpose, found: NOTHING_FOUND, special: {}, risk: 0, now, network };
      const answer = evaluator?.answer(facts) ?? PERMITTED;
      if (answer.effect === "deny") return deniedBy(answer, action, "the evidence", purpose);
      return { effect: "allow", policies: answer.policies };
    },
  };
}

/** All that is known of a request once its text has been read. */
export function factsOf(
  { principal, action, connection, resolved: purpose, opaqueParts }: Admitted,
  found: FoundFacts,
  { now, network, consent, habit }: Surroundings,
): { readonly facts: Facts; readonly risk: Risk } {
  const special = specialFound(found);
  const parts = Object.keys(opaqueParts).length;
  const risk = riskOf({ principal, action, connection, found, special, opaqueParts: parts, habit });
  const facts = { principal, action, connection, purpose, found, special, risk: risk.score, now, network, consent };
  return { facts, risk };
}

function allowed(answer: Answer, purpose: Purpose, special: Counts, risk: Risk, connection: Connection): Decision {
  const { policies } = answer;
  // A signal is a place, not a value: there is nothing to mask, so the one thing that can be done is not to send it.
  const blocked = Object.keys(special).filter((category) => answer.obligations.masks[category] === "block");
  if (blocked.length > 0) {
    return {
      effect: "deny",
      code: "category_blocked",
      message:
        `the request holds ${blocked.toSorted().join(", ")}, which ${named(policies)} ` +
        `${policies.length === 1 ? "blocks" : "block"} on connection "${connection.name}"`,
      purpose,
      policies,
    };
  }
  return { effect: "allow", purpose, obligations: shorterOnly(answer.obligations, purpose), policies, risk };
}

/** A retention that is no shorter than the purpose's says nothing. */
function shorterOnly(obligations: Obligations, purpose: Purpose): Obligations {
  if (obligations.retention === undefined || daysOf(obligations.retention) < daysOf(purpose.retention))
    return obligations;
  const { retention: _, ...rest } = obligations;
  return rest;
}

function deniedBy(answer: Answer, action: string, resource: string, purpose: Purpose | undefined): Denied {
  const withPurpose = purpose === undefined ? {} : { purpose };
  const what = `${action} on ${resource}${purpose === undefined ? "" : ` for purpose "${purpose.id}"`}`;
  const { policies, failed } = answer;
  if (failed.length > 0) {
    const message = `${named(failed)} cannot be evaluated, so ${what} is denied`;
    return { effect: "deny", code: "policy_failed", message, policies: failed, ...withPurpose };
  }
  const reason =
    policies.length > 0
      ? `${named(policies)} ${policies.length === 1 ? "forbids" : "forbid"} ${what}`
      : `no policy permits ${what}; "sluice policy explain" says what is missing`;
  return { effect: "deny", code: "policy_denied", message: reason, policies, ...withPurpose };
}

function named(policies: readonly string[]): string {
  return `${policies.length === 1 ? "policy" : "policies"} ${policies.map((id) => `"${id}"`).join(", ")}`;
}
