/** What a request holds of the special categories of GDPR Art. 9, whoever found it. */
import { SPECIAL_CATEGORIES } from "@sluice/detector";
import type { FoundFacts } from "../core/decision.ts";
import type { Counts } from "../core/segment.ts";

/**
 * Types that are data of a special category by what they are for, though rules know them under another category: a number
 * that identifies a person for health purposes is data concerning health (recital 35).
 */
const SPECIAL_TYPES: Readonly<Record<string, string>> = { HEALTH_ID: "health" };

export const SPECIAL: ReadonlySet<string> = new Set(SPECIAL_CATEGORIES);

/** Signals and findings by special category; only what is there. */
export function specialFound({ found, categories, special }: FoundFacts): Counts {
  let counts: Record<string, number> | undefined;
  const add = (category: string, count: number): void => {
    if (count <= 0) return;
    counts ??= {};
    counts[category] = (counts[category] ?? 0) + count;
  };
  for (const category in special) add(category, special[category] ?? 0);
  for (const category in categories) if (SPECIAL.has(category)) add(category, categories[category] ?? 0);
  for (const type in SPECIAL_TYPES) add(SPECIAL_TYPES[type] ?? "", found[type] ?? 0);
  return counts ?? NONE;
}

const NONE: Counts = Object.freeze({});
