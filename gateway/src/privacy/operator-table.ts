/**
 * The masking rules in the form in which the hot path asks them: type → operator, and whether it may come back. The type
 * wins over its category, the category over the default. One table for each rules object, made once.
 */
import { LITERAL } from "@sluice/detector";
import type { MaskingRules, Operator } from "../core/connection.ts";
import type { DetectedTypes } from "../core/detection.ts";

export interface OperatorTable {
  /** What is done with a type in a request. */
  readonly request: (type: string) => Operator;
  /** What is done with a type that the answer holds by itself. `allow` without a rule. */
  readonly response: (type: string) => Operator;
  /** A placeholder of this type may be turned back into its value. */
  readonly restorable: (type: string) => boolean;
  /** Text that looks like a placeholder of this type must be escaped, because such placeholders are restored. */
  readonly escaped: (type: string) => boolean;
  /** Some values are replaced by what looks like a value, and must be remembered to come back. */
  readonly remembers: boolean;
  /** Answers are masked at all. */
  readonly masksResponse: boolean;
}

const REMEMBERED: ReadonlySet<Operator> = new Set<Operator>(["surrogate", "format-preserving"]);

const tables = new WeakMap<DetectedTypes, WeakMap<MaskingRules, OperatorTable>>();

export function operatorTable(rules: MaskingRules, types: DetectedTypes): OperatorTable {
  let ofTypes = tables.get(types);
  if (ofTypes === undefined) tables.set(types, (ofTypes = new WeakMap()));
  let table = ofTypes.get(rules);
  if (table === undefined) ofTypes.set(rules, (table = build(rules, types)));
  return table;
}

function build(rules: MaskingRules, types: DetectedTypes): OperatorTable {
  const category = (type: string): string => categoryOf(type, types);
  const request = memo((type) => ruled(rules.request, type, category) ?? rules.default);
  const response = memo((type) => ruled(rules.response, type, category) ?? "allow");
  const never = new Set(rules.neverRestore);
  const restorable = memo((type) => !never.has(type) && !never.has(category(type)));
  return {
    request,
    response,
    restorable,
    escaped: memo((type) => (type === LITERAL || Object.hasOwn(types, type)) && restorable(type)),
    remembers: [rules.default, ...Object.values(rules.request)].some((operator) => REMEMBERED.has(operator)),
    masksResponse: Object.values(rules.response).some((operator) => operator !== "allow"),
  };
}

function ruled(
  record: Readonly<Record<string, Operator>>,
  type: string,
  categoryOfType: (type: string) => string,
): Operator | undefined {
  if (Object.hasOwn(record, type)) return record[type];
  const category = categoryOfType(type);
  return Object.hasOwn(record, category) ? record[category] : undefined;
}

export function categoryOf(type: string, types: DetectedTypes): string {
  return Object.hasOwn(types, type) ? (types[type]?.category ?? "") : "";
}

/** Types are few and known, so the table stays small. */
function memo<T>(decide: (type: string) => T): (type: string) => T {
  const known = new Map<string, T>();
  return (type) => {
    let answer = known.get(type);
    if (answer === undefined) {
      answer = decide(type);
      known.set(type, answer);
    }
    return answer;
  };
}
