/**
 * What must be done along with a yes. Policies ask for it in annotations, and of all policies that determined the answer the
 * strictest wins, kind by kind: every approval must be met (of one group, by the larger number of people), the strongest
 * operator masks, the shortest retention counts, every limit holds. So what one policy asks for, no other can take away; to
 * add a policy never makes an answer laxer. Merging is a join: commutative, associative, idempotent.
 */
import { SPECIAL_CATEGORIES, TYPES } from "@sluice/detector";
import { type MaskingRules, OPERATORS, type Operator } from "../core/connection.ts";
import type { ApprovalRule, Obligations, RateRule } from "../core/decision.ts";
import type { DetectedTypes } from "../core/detection.ts";
import { didYouMean } from "../core/nearest.ts";
import { CATEGORIES } from "./schema.ts";

export const NO_OBLIGATIONS: Obligations = Object.freeze({ approvals: [], masks: Object.freeze({}), limits: [] });

/**
 * Operators from weakest to strongest, by what the recipient still learns: the value; something coarser; some of its
 * characters; a token that a key turns back and that equal values share; a token that equal values share; one that only a key
 * turns back; a stand-in; the type and a number; the type; nothing; and then the request does not leave at all.
 */
export const STRENGTH: readonly Operator[] = [
  "allow",
  "generalize",
  "mask",
  "format-preserving",
  "encrypt-deterministic",
  "hash",
  "pseudonym",
  "encrypt",
  "surrogate",
  "placeholder",
  "redact",
  "drop",
  "block",
];

const rank = new Map(STRENGTH.map((operator, at) => [operator, at]));

export function stronger(a: Operator, b: Operator | undefined): Operator {
  return b === undefined || (rank.get(a) ?? 0) >= (rank.get(b) ?? 0) ? a : b;
}

/** The strictest of each kind. Everything is in the order of its names, so equal obligations are equal texts. */
export function mergeObligations(all: readonly Obligations[]): Obligations {
  const people = new Map<string, number>();
  const masks = new Map<string, Operator>();
  const limits = new Map<string, RateRule>();
  let retention: string | undefined;
  for (const each of all) {
    for (const { group, people: wanted } of each.approvals) people.set(group, Math.max(people.get(group) ?? 0, wanted));
    for (const [name, operator] of Object.entries(each.masks)) masks.set(name, stronger(operator, masks.get(name)));
    for (const limit of each.limits) limits.set(JSON.stringify([limit.policy, limit.perMs, limit.requests]), limit);
    if (each.retention !== undefined && (retention === undefined || daysOf(each.retention) < daysOf(retention))) {
      retention = each.retention;
    }
  }
  return Object.freeze({
    approvals: byKey(people).map(([group, count]): ApprovalRule => ({ group, people: count })),
    masks: Object.freeze(Object.fromEntries(byKey(masks))),
    ...(retention === undefined ? {} : { retention }),
    limits: byKey(limits).map(([, limit]) => limit),
  });
}

function byKey<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Whole days of `P30D`. */
export function daysOf(duration: string): number {
  return Number(/^P(\d+)D$/.exec(duration)?.[1] ?? Number.NaN);
}

const strictRules = new WeakMap<MaskingRules, WeakMap<Obligations["masks"], MaskingRules>>();

/**
 * The rules of a connection made stricter by obligations: of the connection's operator for a type and those that the
 * obligations name for the type and for its category, the strongest. The same objects give the same object, so that what is
 * made of rules once need not be made again.
 */
export function stricterRules(rules: MaskingRules, masks: Obligations["masks"], types: DetectedTypes): MaskingRules {
  if (Object.keys(masks).length === 0) return rules;
  let ofRules = strictRules.get(rules);
  if (ofRules === undefined) strictRules.set(rules, (ofRules = new WeakMap()));
  let strict = ofRules.get(masks);
  if (strict === undefined) {
    const request: Record<string, Operator> = { ...rules.request };
    for (const [type, { category }] of Object.entries(types)) {
      const own = rules.request[type] ?? rules.request[category] ?? rules.default;
      request[type] = stronger(stronger(own, masks[type]), masks[category]);
    }
    ofRules.set(masks, (strict = Object.freeze({ ...rules, request: Object.freeze(request) })));
  }
  return strict;
}

/** Would obligations mask more than these rules do? */
export function masksMore(rules: MaskingRules, masks: Obligations["masks"], types: DetectedTypes): boolean {
  const strict = stricterRules(rules, masks, types);
  return Object.entries(types).some(([type, { category }]) => {
    const own = rules.request[type] ?? rules.request[category] ?? rules.default;
    return (strict.request[type] ?? strict.request[category] ?? strict.default) !== own;
  });
}

/** What a policy's annotations may speak of. */
export interface Named {
  readonly groups: ReadonlySet<string>;
  /** Types of the operator's own recognizers. */
  readonly types: ReadonlySet<string>;
}

interface AnnotationRow {
  readonly form: string;
  /** Throws an Error whose message says what is wrong. */
  readonly read: (text: string, policy: string, named: Named) => Partial<Obligations>;
}

/** Annotations that are obligations: only a permit has them, for a denial obliges to nothing. */
const OBLIGATIONS: Readonly<Record<string, AnnotationRow>> = {
  approve: { form: '"privacy-officers" or "2 of privacy-officers"', read: readApprovals },
  mask: { form: '"special=block,contact=placeholder"', read: readMasks },
  retain: { form: '"30d"', read: readRetention },
  limit: { form: '"200/h"', read: readLimits },
};

const TEXTS = ["id", "description"];
/** Has no text. The policy permits nothing by itself: it adds its obligations where another one permits. */
const DUTY = "duty";

export function isDuty(annotations: Readonly<Record<string, string | null>>): boolean {
  return Object.hasOwn(annotations, DUTY);
}

/** Throws an Error whose message says what is wrong with an annotation. */
export function readAnnotations(
  annotations: Readonly<Record<string, string | null>>,
  policy: string,
  effect: "permit" | "forbid",
  named: Named,
): Obligations {
  const parts: Obligations[] = [];
  for (const [name, text] of Object.entries(annotations)) {
    const row = Object.hasOwn(OBLIGATIONS, name) ? OBLIGATIONS[name] : undefined;
    if (name === DUTY) {
      if (text !== null && text !== "") throw new Error("@duty has no text");
      if (effect === "forbid") throw new Error("@duty on a forbid has no effect; a forbid permits nothing anyway");
      continue;
    }
    if (row === undefined && !TEXTS.includes(name)) {
      const known = [...TEXTS, DUTY, ...Object.keys(OBLIGATIONS)];
      throw new Error(`unknown annotation @${name}${didYouMean(name, known)}; known: ${known.join(", ")}`);
    }
    if (text === null || text.trim() === "") {
      throw new Error(`@${name} needs a text${row === undefined ? "" : `, for example ${row.form}`}`);
    }
    if (row === undefined) continue;
    if (effect === "forbid") throw new Error(`@${name} on a forbid has no effect; obligations go with a permit`);
    try {
      parts.push({ ...NO_OBLIGATIONS, ...row.read(text, policy, named) });
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Error(`@${name}: ${reason}; it is written as ${row.form}`, { cause: thrown });
    }
  }
  if (parts.length === 0 && isDuty(annotations)) throw new Error("@duty without an obligation has no effect");
  return mergeObligations(parts);
}

const PEOPLE_MAX = 20;

function readApprovals(text: string, _policy: string, { groups }: Named): Partial<Obligations> {
  const approvals = items(text).map((item): ApprovalRule => {
    const [, people = "1", group = ""] = /^(?:(\d{1,3})\s+of\s+)?(\S+)$/.exec(item) ?? [];
    if (group === "") throw new Error("not a group, nor a number of people of a group");
    if (!groups.has(group)) throw new Error(`unknown group "${group}"${didYouMean(group, groups)}`);
    if (Number(people) < 1 || Number(people) > PEOPLE_MAX) throw new Error(`1 to ${PEOPLE_MAX} people`);
    return { group, people: Number(people) };
  });
  return { approvals };
}

function readMasks(text: string, _policy: string, { types }: Named): Partial<Obligations> {
  const masks: Record<string, Operator> = {};
  for (const item of items(text)) {
    const [name = "", written = "", ...more] = item.split("=").map((part) => part.trim());
    if (more.length > 0 || written === "") throw new Error("not a list of type=operator or category=operator");
    const operator = OPERATORS.find((each) => each === written);
    if (operator === undefined) throw new Error(`unknown operator "${written}"${didYouMean(written, OPERATORS)}`);
    if (operator === "allow") throw new Error("allow masks nothing; an obligation can only make rules stricter");
    if (name !== "special" && !Object.hasOwn(TYPES, name) && !types.has(name) && !CATEGORIES.includes(name)) {
      const known = ["special", ...CATEGORIES, ...Object.keys(TYPES), ...types];
      throw new Error(`unknown type or category "${name}"${didYouMean(name, known)}`);
    }
    for (const each of name === "special" ? SPECIAL_CATEGORIES : [name]) masks[each] = stronger(operator, masks[each]);
  }
  return { masks };
}

function readRetention(text: string): Partial<Obligations> {
  const [, days] = /^([1-9]\d{0,4})d$/.exec(text.trim()) ?? [];
  if (days === undefined) throw new Error("not a number of days");
  return { retention: `P${days}D` };
}

const PERIODS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

function readLimits(text: string, policy: string): Partial<Obligations> {
  const limits = items(text).map((item): RateRule => {
    const [, requests, unit = ""] = /^([1-9]\d{0,8})\s*\/\s*(s|min|h|d)$/.exec(item) ?? [];
    const perMs = PERIODS[unit];
    if (requests === undefined || perMs === undefined) {
      throw new Error("not a number of requests per s, min, h or d");
    }
    return { policy, requests: Number(requests), perMs };
  });
  return { limits };
}

function items(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}
