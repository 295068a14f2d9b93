/**
 * The border to the detector. What comes out of it is findings that can be trusted to be in order and inside the text, or
 * the error detector_failed. What a detector throws may quote the text, so its message goes no further.
 */
import {
  type DetectOptions,
  type DetectStream,
  detect,
  detectStream,
  type Finding,
  type StreamedFindings,
  type StreamOptions,
} from "@sluice/detector";
import { SluiceError } from "../core/errors.ts";

/** What this room needs from a detector. `findings` are ascending and disjoint, offsets in UTF-16 units. */
export interface Detection {
  detect(text: string): Finding[];
  detectStream(hold?: Hold): DetectStream;
}

/** How much text a stream may hold back: a line, or a word, in which case what takes a line to see is not found. */
export type Hold = NonNullable<StreamOptions["hold"]>;

export function ownDetection(options: DetectOptions): Detection {
  return {
    detect: (text) => detect(text, options),
    detectStream: (hold = "line") => detectStream({ ...options, hold }),
  };
}

/** The same detection, with every failure turned into detector_failed. */
export function guardDetection(detection: Detection): Detection {
  return {
    detect(text) {
      const findings = guarded(() => detection.detect(text));
      check(findings, text.length);
      return findings;
    },
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
