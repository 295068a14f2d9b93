/**
 * Conditions taken apart: what must all be true for a policy to apply, and what can be said of it without asking anybody. An
 * answer "these contradict" or "this follows" is certain; where nothing is said, nothing is known.
 */
import { cedar, type PolicyJson } from "./cedar.ts";
import { createReader, type Facts } from "./facts.ts";
import type { Policy } from "./load.ts";
import { FACTS } from "./schema.ts";
import { isRecord, pathOf } from "./uses.ts";

type Expression = unknown;

/** All of these hold exactly when the policy's scope for principals and its conditions do. In the order in which Cedar asks. */
export function conjunctsOf({ json }: Policy): Expression[] {
  return [
    ...principalConjunct(json.principal),
    ...json.conditions.flatMap(({ kind, body }) => split(body, kind === "unless")),
  ];
}

const PRINCIPAL = { Var: "principal" };

/** Every principal is a Principal, so that `is` says nothing. */
function principalConjunct(scope: PolicyJson["principal"]): Expression[] {
  const value = (entity: unknown): Expression => ({ Value: { ["__entity"]: entity } });
  switch (scope.op) {
    case "All":
      return [];
    case "==":
    case "in":
      return "entity" in scope ? [{ [scope.op]: { left: PRINCIPAL, right: value(scope.entity) } }] : [];
    case "is":
      return scope.in !== undefined && "entity" in scope.in
        ? [{ in: { left: PRINCIPAL, right: value(scope.in.entity) } }]
        : [];
  }
}

const OPPOSITE: Readonly<Record<string, string>> = {
  "==": "!=",
  "!=": "==",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};

/** `a && b` are two; `!(a || b)` are two as well. */
function split(expression: Expression, negated: boolean): Expression[] {
  const [operator = "", operands] = entryOf(expression);
  if (isRecord(operands)) {
    if (operator === (negated ? "||" : "&&"))
      return [...split(operands["left"], negated), ...split(operands["right"], negated)];
    if (operator === "!") return split(operands["arg"], !negated);
    const opposite = OPPOSITE[operator];
    if (negated && opposite !== undefined) return [{ [opposite]: operands }];
  }
  if (operator === "Value" && operands === !negated) return [];
  return [negated ? { "!": { arg: expression } } : expression];
}

function entryOf(expression: Expression): [string, unknown] | [] {
  return isRecord(expression) ? (Object.entries(expression)[0] ?? []) : [];
}

/** A comparison of something with what is written there: `context.risk > 5`, `context.purpose in [Purpose::"a"]`. */
interface Comparison {
  readonly subject: string;
  readonly operator: string;
  readonly values: readonly unknown[];
}

const MIRRORED: Readonly<Record<string, string>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
};

function comparisonOf(expression: Expression): Comparison | undefined {
  const [operator = "", operands] = entryOf(expression);
  if (!isRecord(operands)) return undefined;
  const { left, right } = operands;
  const literal = literalOf(right);
  if (literal !== undefined && MIRRORED[operator] !== undefined) {
    return { subject: JSON.stringify(left), operator, values: [literal.value] };
  }
  const mirrored = MIRRORED[operator];
  const before = literalOf(left);
  if (before !== undefined && mirrored !== undefined) {
    return { subject: JSON.stringify(right), operator: mirrored, values: [before.value] };
  }
  // Purposes are in nothing but themselves, so `in` is `==`; groups, roles and tags are what others are in.
  if (operator === "in" && pathOf(left) === "context.purpose") {
    const items: unknown = isRecord(right) && "Set" in right ? right["Set"] : [right];
    const values = Array.isArray(items) ? items.map(literalOf) : [];
    if (values.length > 0 && values.every((each) => each !== undefined)) {
      return { subject: JSON.stringify(left), operator: "among", values: values.map(({ value }) => value) };
    }
  }
  return undefined;
}

/** Texts are kept as JSON, so that equal values are equal texts. */
function literalOf(expression: Expression): { readonly value: number | string } | undefined {
  if (!isRecord(expression) || !("Value" in expression)) return undefined;
  const value = expression["Value"];
  return { value: typeof value === "number" ? value : JSON.stringify(value) };
}

/** All that conjuncts say of one subject. */
interface Domain {
  min: number;
  max: number;
  /** Absent: any. */
  among: ReadonlySet<unknown> | undefined;
  readonly not: Set<unknown>;
}

const RANGES = new Map(
  Object.values(FACTS).flatMap((rows) =>
    rows.flatMap(({ path, range }) => (range === undefined ? [] : [[path, range] as const])),
  ),
);

/** What must hold for a policy, ready to be asked what follows from it. */
export interface Premises {
  /** They can never hold together. */
  readonly contradict: boolean;
  /** Whenever they hold, it holds. */
  imply(expression: Expression): boolean;
}

export function premisesOf(conjuncts: readonly Expression[]): Premises {
  const texts = new Set(conjuncts.map((each) => JSON.stringify(each)));
  const domains = new Map<string, Domain>();
  for (const each of conjuncts) {
    const comparison = comparisonOf(each);
    if (comparison !== undefined) restrict(domainOf(domains, comparison.subject, each), comparison);
  }
  const opposed = conjuncts.some((each) => {
    const [opposite, ...more] = split(each, true);
    return opposite !== undefined && more.length === 0 && texts.has(JSON.stringify(opposite));
  });
  return {
    contradict: opposed || [...domains.values()].some(isEmpty),
    imply(expression) {
      if (texts.has(JSON.stringify(expression))) return true;
      const comparison = comparisonOf(expression);
      return comparison !== undefined && follows(domains.get(comparison.subject), comparison);
    },
  };
}

function domainOf(domains: Map<string, Domain>, subject: string, expression: Expression): Domain {
  let domain = domains.get(subject);
  if (domain === undefined) {
    const [, operands] = entryOf(expression);
    const paths = isRecord(operands) ? [pathOf(operands["left"]), pathOf(operands["right"])] : [];
    const [min, max] = paths.flatMap((path) => RANGES.get(path ?? "") ?? []);
    domain = {
      min: min ?? Number.NEGATIVE_INFINITY,
      max: max ?? Number.POSITIVE_INFINITY,
      among: undefined,
      not: new Set(),
    };
    domains.set(subject, domain);
  }
  return domain;
}

function restrict(domain: Domain, { operator, values }: Comparison): void {
  const [value] = values;
  const among = (some: readonly unknown[]): void => {
    domain.among = new Set(some.filter((each) => domain.among?.has(each) ?? true));
  };
  switch (operator) {
    case "==":
      among([value]);
      if (typeof value === "number") bound(domain, value, value);
      return;
    case "among":
      among(values);
      return;
    case "!=":
      domain.not.add(value);
      return;
    default:
      if (typeof value === "number") bound(domain, ...boundsOf(operator, value));
  }
}

function bound(domain: Domain, min: number, max: number): void {
  domain.min = Math.max(domain.min, min);
  domain.max = Math.min(domain.max, max);
}

/** Whole numbers that satisfy the comparison. */
function boundsOf(operator: string, value: number): [number, number] {
  switch (operator) {
    case "<":
      return [Number.NEGATIVE_INFINITY, value - 1];
    case "<=":
      return [Number.NEGATIVE_INFINITY, value];
    case ">":
      return [value + 1, Number.POSITIVE_INFINITY];
    case ">=":
      return [value, Number.POSITIVE_INFINITY];
    default:
      return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }
}

function isEmpty({ min, max, among, not }: Domain): boolean {
  if (min > max || (min === max && not.has(min))) return true;
  if (among === undefined) return false;
  return [...among].every((each) => not.has(each) || (typeof each === "number" && (each < min || each > max)));
}

function follows(domain: Domain | undefined, { operator, values }: Comparison): boolean {
  if (domain === undefined) return false;
  const { min, max, among, not } = domain;
  const [value] = values;
  switch (operator) {
    case "==":
    case "among":
      return among !== undefined && [...among].every((each) => values.includes(each));
    case "!=":
      return (
        not.has(value) ||
        (among !== undefined && !among.has(value)) ||
        (typeof value === "number" && (value < min || value > max))
      );
    default: {
      if (typeof value !== "number") return false;
      const [low, high] = boundsOf(operator, value);
      return min >= low && max <= high;
    }
  }
}

/** Which of the variables it depends on. */
export function variablesOf(expression: Expression): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    if (!isRecord(value)) return;
    if (typeof value["Var"] === "string") found.add(value["Var"]);
    for (const each of Object.values(value)) visit(each);
  };
  visit(expression);
  return found;
}

/** A policy of one condition, for everybody. */
function policyOf(expression: Expression): PolicyJson {
  return {
    effect: "permit",
    principal: { op: "All" },
    action: { op: "All" },
    resource: { op: "All" },
    conditions: [{ kind: "when", body: expression as PolicyJson["conditions"][number]["body"] }],
  };
}

/** As Cedar writes it: `context.risk < 50`. */
export function textOf(expression: Expression): string {
  const answer = cedar().policyToText(policyOf(expression));
  if (answer.type === "failure") throw new Error("assertion: a condition that was read cannot be written");
  return answer.text
    .replace(/^[\s\S]*?when\s*\{\s*/, "")
    .replace(/\s*\};?\s*$/, "")
    .replace(/\s+/g, " ");
}

/** Asks Cedar about one condition alone; `undefined` when it cannot be evaluated. Slow: for explanations and checks. */
export function holds(expression: Expression, facts: Facts): boolean | undefined {
  const answer = cedar().isAuthorized({
    ...ALL_FACTS.request(facts),
    policies: { staticPolicies: { p: policyOf(expression) } },
  });
  if (answer.type === "failure") throw new Error("assertion: Cedar did not take the facts");
  return answer.response.diagnostics.errors.length > 0 ? undefined : answer.response.decision === "allow";
}

/** Names have no limit here: whoever is asked about is told with all groups and tags. */
const EVERY: ReadonlySet<string> = Object.freeze({ has: () => true }) as unknown as ReadonlySet<string>;
const ALL_FACTS = createReader({
  asks: () => true,
  principals: EVERY,
  groups: EVERY,
  roles: EVERY,
  tags: EVERY,
  actions: EVERY,
});
