/**
 * The border to the detector. What comes out of it is findings that can be trusted to be in order and inside the text, or
 * the error detector_failed. What a detector throws may quote the text, so its message goes no further.
 */
import type { DetectStream, Finding, Signal, StreamedFindings, StreamOptions } from "@sluice/detector";
import type { DetectedTypes } from "../core/detection.ts";
import { SluiceError } from "../core/errors.ts";

/** What this room needs from a detector. `findings` are ascending and disjoint, offsets in UTF-16 units. */
export interface Detection {
  /** All that it may find. */
  readonly types: DetectedTypes;
  /** Those of them that take a whole line to see. */
  readonly seenInLines: readonly string[];
  /** ISO 3166-1 alpha-2, where numbers and postcodes without a country belong. */
  readonly region?: string;
  /** The findings of each text; they are parts of one document. */
  detect(texts: readonly string[]): Finding[][];
  /** The same, with a pause after each `sliceChars` UTF-16 units. */
  detectSteps(texts: readonly string[], sliceChars: number): Iterator<void, Finding[][]>;
  detectStream(hold: Hold): DetectStream;
  /** Places of the text that speak of a special category (GDPR Art. 9) of somebody. `persons`: names found in it. */
  signals(text: string, persons: readonly Finding[]): readonly Signal[];
}

/** How much text a stream may hold back: a line, or a word, in which case what takes a line to see is not found. */
export type Hold = NonNullable<StreamOptions["hold"]>;

/** The same detection, with every failure turned into detector_failed. */
export function guardDetection(detection: Detection): Detection {
  return {
    types: detection.types,
    seenInLines: detection.seenInLines,
    ...(detection.region === undefined ? {} : { region: detection.region }),
    detect: (texts) =>
      checkAll(
        guarded(() => detection.detect(texts)),
        texts,
      ),
    detectSteps(texts, sliceChars) {
      const steps = guarded(() => detection.detectSteps(texts, sliceChars));
      return {
        next() {
          const step = guarded(() => steps.next());
          if (step.done === true) checkAll(step.value, texts);
          return step;
        },
      };
    },
    signals: (text, persons) => guarded(() => detection.signals(text, persons)),
    detectStream(hold) {
      const stream = guarded(() => detection.detectStream(hold));
      const settled = (result: StreamedFindings): StreamedFindings => {
        if (typeof result?.text !== "string") throw failure();
        check(result.findings, result.text.length);
        return result;
      };
      return {
        push: (text) => settled(guarded(() => stream.push(text))),
        end: () => settled(guarded(() => stream.end())),
      };
    },
  };
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw failure();
  }
}

function checkAll(found: Finding[][], texts: readonly string[]): Finding[][] {
  if (!Array.isArray(found) || found.length !== texts.length) throw failure();
  for (const [index, findings] of found.entries()) check(findings, texts[index]?.length ?? 0);
  return found;
}

/** `findings` comes from a program's own detector perhaps, so its type is a claim. */
function check(findings: readonly Partial<Finding>[], length: number): void {
  if (!Array.isArray(findings)) throw failure();
  let last = 0;
  for (const { type, start, end } of findings as readonly Partial<Finding>[]) {
    if (typeof type !== "string" || typeof start !== "number" || typeof end !== "number") throw failure();
    if (!(start >= last && end > start && end <= length)) throw failure();
    last = end;
  }
}

function failure(): SluiceError {
  return new SluiceError("detector_failed", "the text could not be scanned, so it was not passed on");
}
