/**
 * Finds names of persons, places and organisations in one chunk, with a calibrated score. Reads nothing outside of the chunk, keeps
 * nothing between calls, and reports what the tagger is surer of than the type's threshold.
 */
import type { Sink } from "../recognizers/recognizer.ts";
import { KINDS, LOWER, UNCASED, UPPER } from "./letters.ts";
import { PERSON, TYPE_NAMES } from "./labels.ts";
import type { Calibration, NamesModel } from "./model.ts";
import { type Spotted, tag } from "./tagger.ts";

const WHY = [
  "reads as the name of a person",
  "reads as the name of a place",
  "reads as the name of an organisation",
] as const;
const LETTERS_MIN = 2;

/** 0…1 from the tagger's probability. */
export function calibrated({ slope, offset }: Calibration, probability: number): number {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return 1 / (1 + Math.exp(-(slope * Math.log(p / (1 - p)) + offset)));
}

/** A bare name (tagger.ts) of a person must score so much more than others: most of what is wrongly taken for a person is one. */
const BARE_MARGIN = 0.08;

export function isReported({ threshold }: Calibration, type: number, score: number, bare: boolean): boolean {
  return score >= threshold + (bare && type === PERSON ? BARE_MARGIN : 0);
}

function letters(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    const kind = KINDS[text.charCodeAt(at)];
    if (kind === LOWER || kind === UPPER || kind === UNCASED) count++;
  }
  return count;
}

class Report implements Spotted {
  text = "";
  sink: Sink | undefined;
  model: NamesModel | undefined;

  name(type: number, start: number, end: number, probability: number, bare: boolean): void {
    const calibration = (this.model as NamesModel).calibration[type] as Calibration;
    const score = calibrated(calibration, probability);
    if (!isReported(calibration, type, score, bare) || letters(this.text, start, end) < LETTERS_MIN) return;
    const rounded = Math.round(score * 1000) / 1000;
    (this.sink as Sink).add(TYPE_NAMES[type] as string, start, end, rounded, "names", WHY[type] as string);
  }
}

/** Shared: the call is synchronous and lets go of text and sink before it returns. */
const report = new Report();

/** Adds the names in the chunk [from, to) of `text` to `sink`. Offsets in UTF-16 code units; linear time. */
export function findNames(model: NamesModel, text: string, from: number, to: number, sink: Sink): void {
  if (!sink.wants("PERSON") && !sink.wants("LOCATION") && !sink.wants("ORGANIZATION")) return;
  report.text = text;
  report.sink = sink;
  report.model = model;
  try {
    tag(model, text, from, to, report);
  } finally {
    report.text = "";
    report.sink = undefined;
  }
}
