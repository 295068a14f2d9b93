/** Counting of right, found and expected spans: type and both ends must agree, and every finding counts once. */
import { STRUCTURED, type Span } from "./span.ts";
import type { Generated } from "./documents.ts";
import type { Expected } from "./settings.ts";

export interface Tally {
  right: number;
  found: number;
  expected: number;
}

export const emptyTally = (): Tally => ({ right: 0, found: 0, expected: 0 });

export const precision = ({ right, found }: Tally): number => (found === 0 ? 1 : right / found);
export const recall = ({ right, expected }: Tally): number => (expected === 0 ? 1 : right / expected);
/** Harmonic mean of both; 0 when nothing is right. */
export const f1 = ({ right, found, expected }: Tally): number => (right === 0 ? 0 : (2 * right) / (found + expected));

export interface StructuredScore {
  readonly total: Tally;
  readonly byType: ReadonlyMap<string, Tally>;
  /** By kind of value, "NL BSN": how many of it were found. `found` equals `right` here, since a false finding is of no kind. */
  readonly byKind: ReadonlyMap<string, Tally>;
  /** Examples of what went wrong, each with its text. */
  readonly faults: readonly string[];
}

/** Scores what `find` finds in the texts. Findings of people, places and organisations are left aside: they have gold of their own. */
export function scoreStructured(texts: Iterable<Generated>, find: (text: string) => readonly Span[]): StructuredScore {
  const byType = new Map<string, Tally>();
  const byKind = new Map<string, Tally>();
  const total = emptyTally();
  const faults: string[] = [];
  for (const { text, expected } of texts) {
    const left = new Set<Expected>(expected);
    for (const each of expected) {
      tallyOf(byType, each.types[0] ?? "").expected++;
      tallyOf(byKind, each.kind).expected++;
      total.expected++;
    }
    for (const finding of find(text)) {
      if (!STRUCTURED.has(finding.type)) continue;
      const match = [...left].find((each) => agrees(each, finding));
      // A right finding counts for the type that was asked for, a false one for the type that it claims to be.
      const type = match?.types[0] ?? finding.type;
      tallyOf(byType, type).found++;
      total.found++;
      if (match === undefined) {
        faults.push(`${finding.type} «${text.slice(finding.start, finding.end)}» is no such thing in: ${text}`);
        continue;
      }
      left.delete(match);
      for (const tally of [tallyOf(byType, type), total]) tally.right++;
      const kind = tallyOf(byKind, match.kind);
      kind.right++;
      kind.found++;
    }
    for (const { kind, spans } of left) faults.push(`${kind} «${text.slice(...spans[0])}» not found in: ${text}`);
  }
  return { total, byType, byKind, faults };
}

function agrees({ types, spans }: Expected, finding: Span): boolean {
  return types.includes(finding.type) && spans.some(([start, end]) => start === finding.start && end === finding.end);
}

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  const tally = tallies.get(name) ?? emptyTally();
  tallies.set(name, tally);
  return tally;
}
