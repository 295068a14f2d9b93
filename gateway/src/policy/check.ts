/**
 * What is wrong with policies that load: rules that can never apply, rules that never make a difference, and what no rule
 * opens. What is reported is certain. What is not reported may still be so: conditions are compared one by one, so a
 * contradiction that takes two facts together, or arithmetic, is not seen.
 */
import type { Connection } from "../core/connection.ts";
import { conjunctsOf, holds, type Premises, premisesOf, textOf, variablesOf } from "./condition.ts";
import type { Policy, PolicySet } from "./load.ts";
import { mergeObligations } from "./obligations.ts";
import { CONTROL_ACTIONS, type PolicyAction, REQUEST_ACTIONS } from "./schema.ts";
import type { Place } from "./source.ts";

export interface CheckFinding extends Partial<Place> {
  /**
   * `unreachable`: no request can match. `shadowed`: a permit that a forbid always overrides. `redundant`: another policy says
   * as much. `closed`: nothing is permitted there.
   */
  readonly kind: "unreachable" | "shadowed" | "redundant" | "closed";
  /** Absent for `closed`. */
  readonly policy?: string;
  /** The other policy that makes it so. */
  readonly by?: string;
  readonly message: string;
}

interface Examined {
  readonly policy: Policy;
  readonly conjuncts: readonly unknown[];
  readonly premises: Premises;
}

export function checkPolicies({ policies, vocabulary }: PolicySet): CheckFinding[] {
  const examined = policies.map((policy): Examined => {
    const conjuncts = conjunctsOf(policy);
    return { policy, conjuncts, premises: premisesOf(conjuncts) };
  });
  const findings: CheckFinding[] = [];
  const reachable: Examined[] = [];
  for (const each of examined) {
    const reason = unreachable(each, vocabulary.connections);
    if (reason === undefined) reachable.push(each);
    else findings.push(about(each.policy, "unreachable", reason));
  }
  const gone = new Set<Policy>();
  for (const each of reachable) {
    const found =
      overridden(each, reachable, vocabulary.connections) ?? repeated(each, reachable, gone, vocabulary.connections);
    if (found === undefined) continue;
    gone.add(each.policy);
    findings.push(found);
  }
  const left = reachable
    .filter(({ policy }) => policy.effect === "permit" && !policy.duty && !gone.has(policy))
    .map(({ policy }) => policy);
  return [
    ...findings.toSorted(
      (a, b) => policies.findIndex(({ id }) => id === a.policy) - policies.findIndex(({ id }) => id === b.policy),
    ),
    ...closed(left, vocabulary.connections),
  ];
}

function unreachable(
  { policy, conjuncts, premises }: Examined,
  connections: readonly Connection[],
): string | undefined {
  const { scope } = policy;
  if (policy.impossible) return "its scope or its conditions are false for every request of the schema";
  const places = [
    ...(REQUEST_ACTIONS.some((action) => scope.actions.has(action)) ? connections : []),
    ...(CONTROL_ACTIONS.some((action) => scope.actions.has(action)) ? [undefined] : []),
  ].filter((place) => scope.holdsFor(place));
  if (places.length === 0) return "its scope fits no registered connection";
  if (premises.contradict) return "its conditions contradict one another";
  const ofResource = conjuncts.filter((each) => {
    const variables = variablesOf(each);
    return variables.size === 1 && variables.has("resource");
  });
  const falseOf = places.map((place) =>
    ofResource.find((each) => place !== undefined && holds(each, factsOf(place)) === false),
  );
  const [first] = falseOf;
  if (first === undefined || falseOf.includes(undefined)) return undefined;
  const isOne = falseOf.every((each) => each === first);
  return isOne
    ? `no registered connection of its scope has ${textOf(first)}`
    : "its conditions on the resource fit no registered connection of its scope";
}

/** A forbid that holds whenever this permit does. */
function overridden(
  each: Examined,
  all: readonly Examined[],
  connections: readonly Connection[],
): CheckFinding | undefined {
  if (each.policy.effect !== "permit") return undefined;
  const forbid = all.find((other) => other.policy.effect === "forbid" && isWithin(each, other, connections));
  if (forbid === undefined) return undefined;
  return about(each.policy, "shadowed", `forbid "${forbid.policy.id}" holds whenever it does`, forbid.policy);
}

/** Another rule of the same effect that holds whenever this one does, and asks for no less. */
function repeated(
  each: Examined,
  all: readonly Examined[],
  gone: ReadonlySet<Policy>,
  connections: readonly Connection[],
): CheckFinding | undefined {
  const { policy } = each;
  const other = all.find(
    (one) =>
      one !== each &&
      !gone.has(one.policy) &&
      one.policy.effect === policy.effect &&
      isWithin(each, one, connections) &&
      asksNoMore(policy, one.policy),
  );
  if (other === undefined) return undefined;
  const isSame = isWithin(other, each, connections) && asksNoMore(other.policy, policy);
  const message = isSame
    ? `"${other.policy.id}" says the same`
    : `"${other.policy.id}" holds whenever it does and asks for no less`;
  return about(policy, "redundant", message, other.policy);
}

/** Whenever the first holds, so does the second. */
function isWithin(each: Examined, other: Examined, connections: readonly Connection[]): boolean {
  const [inner, outer] = [each.policy.scope, other.policy.scope];
  for (const action of inner.actions) if (!outer.actions.has(action)) return false;
  const places = [...connections, { name: "", tags: [] }, undefined];
  for (const place of places) if (inner.holdsFor(place) && !outer.holdsFor(place)) return false;
  return other.conjuncts.every((conjunct) => each.premises.imply(conjunct));
}

/** What the first obliges to, the second does too. Limits count by policy, so that no other policy's limit is the same. */
function asksNoMore(policy: Policy, other: Policy): boolean {
  if (other.duty && !policy.duty) return false;
  const together = mergeObligations([policy.obligations, other.obligations]);
  return JSON.stringify(together) === JSON.stringify(mergeObligations([other.obligations]));
}

/** Default deny: where no permit can match, nothing is allowed. */
function closed(permits: readonly Policy[], connections: readonly Connection[]): CheckFinding[] {
  const findings: CheckFinding[] = [];
  const opens = (action: PolicyAction, place: Connection | undefined): boolean =>
    permits.some(({ scope }) => scope.actions.has(action) && scope.holdsFor(place));
  for (const connection of connections) {
    if (REQUEST_ACTIONS.some((action) => opens(action, connection))) continue;
    findings.push({ kind: "closed", message: `no policy permits anything on connection "${connection.name}"` });
  }
  const shut = CONTROL_ACTIONS.filter((action) => !opens(action, undefined));
  if (shut.length > 0) findings.push({ kind: "closed", message: `no policy permits ${shut.join(", ")}` });
  return findings;
}

function about(policy: Policy, kind: CheckFinding["kind"], message: string, by?: Policy): CheckFinding {
  const { file, line, column, id } = policy;
  return { kind, file, line, column, policy: id, message, ...(by === undefined ? {} : { by: by.id }) };
}

/** Enough to ask about the resource alone. */
function factsOf(connection: Connection): Parameters<typeof holds>[1] {
  return {
    principal: {
      id: "",
      kind: "service",
      credential: "",
      groups: [],
      roles: [],
      purposes: [],
      actors: [],
      limits: { requestsPerMinute: 1, concurrentStreams: 1 },
    },
    action: "infer",
    connection,
    found: { found: {}, categories: {}, special: {} },
    special: {},
    risk: 0,
    now: 0,
  };
}
