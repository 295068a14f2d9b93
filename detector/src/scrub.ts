/**
 * The stand-alone use: one text in, the same text without personal data out, and what is needed to put the values back into
 * an answer. No state between calls; the entities are the caller's to keep secret. For conversations, streams and policies
 * use the gateway, or `PlaceholderMap` and `createRestorer` themselves.
 */
import { detect } from "./detect.ts";
import { findBareWords, findLiterals, isPlaceholderType, mergeLiterals } from "./literals.ts";
import { applyOperator, type Operator, type OperatorSettings } from "./operators/operators.ts";
import { type Issued, LITERAL, PlaceholderMap } from "./placeholders.ts";
import { createRestorer } from "./restore.ts";
import type { DetectOptions } from "./options.ts";
import { TYPES } from "./types.ts";

export interface ScrubOptions extends DetectOptions {
  /** Operator by type or category; the type wins. */
  readonly operators?: Readonly<Record<string, Operator>>;
  /** For types without an operator of their own; default `placeholder`. */
  readonly defaultOperator?: Operator;
  /** Types and categories that get a placeholder which cannot be restored. */
  readonly neverRestore?: readonly string[];
  /** Keyed hash, needed by the operator `hash` only. */
  readonly hash?: (type: string, normalized: string) => string;
  /** Keys and what else single operators need. */
  readonly settings?: OperatorSettings;
}

export interface Entity {
  readonly placeholder: string;
  readonly type: string;
  readonly value: string;
}

export interface ScrubResult {
  readonly scrubbed: string;
  /** The restorable values. Whoever has them can undo the scrubbing. */
  readonly entities: Entity[];
  /** Words of placeholder form in the text itself; `restore` leaves them alone where they stand without brackets. */
  readonly bareWords: string[];
  /** Types whose operator is `block`: the text should not be passed on at all. */
  readonly blocked: string[];
}

export function scrub(text: string, options: ScrubOptions = {}): ScrubResult {
  const never = new Set(options.neverRestore);
  const blocked = new Set<string>();
  const restorable = (type: string) => !never.has(type) && !never.has(TYPES[type]?.category ?? "");
  const map = new PlaceholderMap({ restorable });
  const operatorFor = (type: string): Operator => {
    if (type === LITERAL) return "placeholder";
    const category = TYPES[type]?.category ?? "";
    return own(options.operators, type) ?? own(options.operators, category) ?? options.defaultOperator ?? "placeholder";
  };
  const hash = (type: string, normalized: string): string => {
    if (options.hash === undefined) throw new TypeError("the operator hash needs a keyed hash function");
    return options.hash(type, normalized);
  };
  const context = { ...options.settings, map, restorable: true, hash };
  const literals = findLiterals(text, (type) => isPlaceholderType(type) && restorable(type));
  let scrubbed = "";
  let copied = 0;
  for (const { start, end, type } of mergeLiterals(detect(text, options), literals)) {
    const operator = operatorFor(type);
    if (operator === "block") blocked.add(type);
    scrubbed += text.slice(copied, start) + applyOperator(operator, type, text.slice(start, end), context);
    copied = end;
  }
  scrubbed += text.slice(copied);
  const entities = map
    .issued()
    .filter(({ restorable }) => restorable)
    .map(({ placeholder, type, value }) => ({ placeholder, type, value }));
  return { scrubbed, entities, bareWords: findBareWords(text), blocked: [...blocked] };
}

/**
 * Puts the values of `scrub` back into an answer. What was not issued stays as it is. `bareWords`: from the ScrubResult.
 * `json`: the text is serialized JSON, and values are escaped for the strings in which they come to stand.
 */
export function restore(
  text: string,
  entities: readonly Entity[],
  bareWords: readonly string[] = [],
  encoding: "text" | "json" = "text",
): string {
  const issued = entities.map(({ placeholder, type, value }): Issued => {
    const number = Number(placeholder.slice(type.length + 2, -1));
    return { placeholder, type, number, value, restorable: true, key: value };
  });
  return createRestorer(issued, { ambiguous: (bare) => bareWords.includes(bare) }).restore(text, encoding);
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
