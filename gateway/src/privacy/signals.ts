/**
 * Counts what a request says of somebody that GDPR Art. 9 protects, by category. For policy: nothing is hidden by it. A long text
 * is read in pieces with so much text around each as a signal may depend on, so that the counts are those of the whole.
 */
import { type Finding, SIGNAL_REACH_CHARS } from "@sluice/detector";
import type { Counts } from "../core/segment.ts";
import type { Detection } from "./detection.ts";

/** `found`: what was found in each text. Pauses after each `sliceChars` UTF-16 units. */
export function* countSignals(
  detection: Detection,
  texts: readonly string[],
  found: readonly (readonly Finding[])[],
  sliceChars: number,
): Generator<void, Counts> {
  const counts: Record<string, number> = {};
  for (const [index, text] of texts.entries()) {
    const persons = (found[index] ?? []).filter(({ type }) => type === "PERSON");
    for (let from = 0; from < text.length; from += sliceChars) {
      const to = Math.min(text.length, from + sliceChars);
      const start = Math.max(0, from - SIGNAL_REACH_CHARS);
      const end = Math.min(text.length, to + SIGNAL_REACH_CHARS);
      const piece = start === 0 && end === text.length ? text : text.slice(start, end);
      for (const signal of detection.signals(piece, shifted(persons, start, end))) {
        const at = start + signal.start;
        if (at >= from && at < to) counts[signal.category] = (counts[signal.category] ?? 0) + 1;
      }
      if (to < text.length) yield;
    }
  }
  return counts;
}

/** The findings that lie within a piece, as it counts. */
function shifted(findings: readonly Finding[], start: number, end: number): readonly Finding[] {
  if (start === 0) return findings;
  return findings
    .filter((each) => each.start >= start && each.end <= end)
    .map((each) => ({ ...each, start: each.start - start, end: each.end - start }));
}
