/** A request as a person describes it, for tests and explanations: what is not said is ordinary. */
import { TYPES } from "@sluice/detector";
import type { Connection } from "../core/connection.ts";
import type { Decision, FoundFacts } from "../core/decision.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Principal } from "../core/principal.ts";
import type { ConsentState } from "../core/register.ts";
import { type Authorizer, type ControlDecision, factsOf } from "./authorizer.ts";
import type { Facts } from "./facts.ts";
import type { Vocabulary } from "./load.ts";
import { CATEGORIES, type PolicyAction } from "./schema.ts";
import { isControl } from "./scope.ts";
import { SPECIAL } from "./special.ts";

export interface Question {
  readonly principal: Principal;
  readonly action: PolicyAction;
  /** Absent: the credential's default. */
  readonly purpose?: string | undefined;
  readonly found: FoundFacts;
  /** Absent: the request names no data subject. */
  readonly consent?: ConsentState | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly network?: string | undefined;
}

export interface Reply {
  readonly decision: Decision | ControlDecision;
  /** What the policies were asked; absent when the law or the credential had said no before. */
  readonly facts?: Facts;
}

/** `connection` is absent for the actions on the evidence. Throws an Error for an action that needs one. */
export function ask(
  authorizer: Authorizer,
  question: Question,
  connection: Connection | undefined,
  { purposes }: Pick<Vocabulary, "purposes">,
): Reply {
  const { principal, action, found, now, network, consent } = question;
  if (isControl(action)) {
    const purpose = question.purpose === undefined ? undefined : purposes.get(question.purpose);
    const decision = authorizer.control(principal, action, { now, network, purpose });
    return { decision, facts: { principal, action, purpose, found, special: {}, risk: 0, now, network } };
  }
  if (connection === undefined) throw new Error(`${action} needs a connection`);
  const hasSubject = consent !== undefined;
  const { purpose } = question;
  const admitted = authorizer.admit({ principal, action, connection, purpose, hasSubject, opaqueParts: {}, now });
  if (admitted.effect === "deny") return { decision: admitted };
  const surroundings = { now, network, consent };
  const decision = authorizer.decide(admitted, found, surroundings);
  return { decision, ...(byPolicies(decision) ? { facts: factsOf(admitted, found, surroundings).facts } : {}) };
}

function byPolicies(decision: Decision): boolean {
  return decision.effect === "allow" || decision.policies.length > 0 || decision.code === "policy_denied";
}

/**
 * `{ EMAIL: 2, health: 1 }`: findings by type or by category; of a special category, signals. A type counts for its category
 * too. Throws an Error that names what is no type and no category.
 */
export function foundFrom(counts: Readonly<Record<string, number>>): FoundFacts {
  const found: Record<string, number> = {};
  const categories: Record<string, number> = {};
  const special: Record<string, number> = {};
  for (const [name, count] of Object.entries(counts)) {
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (type !== undefined) {
      found[name] = count;
      categories[type.category] = (categories[type.category] ?? 0) + count;
    } else if (SPECIAL.has(name)) {
      special[name] = count;
    } else if (CATEGORIES.includes(name)) {
      // Found of an unknown type: it counts, and no policy about types sees it.
      found[name] = count;
      categories[name] = (categories[name] ?? 0) + count;
    } else {
      const known = [...CATEGORIES, ...Object.keys(TYPES)];
      throw new Error(`unknown type or category "${name}"${didYouMean(name, known)}`);
    }
  }
  return { found, categories, special };
}
