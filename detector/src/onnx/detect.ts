/**
 * What the recognizers find and what a model names in a text, as one list. Inference is asynchronous and the detector is not, so this
 * is a call of its own: for whole texts, not for streams. The same rules decide between findings that overlap.
 */
import { detect } from "../detect.ts";
import { Sink } from "../recognizers/recognizer.ts";
import { settle } from "../scanner/overlap.ts";
import { type DetectOptions, SCORE_MIN } from "../options.ts";
import { type Finding, TYPES } from "../types.ts";
import type { Model } from "./model.ts";

/**
 * Like `detect`, with the model's names beside the recognizers'. Its probability is the score.
 *
 * @throws TypeError, DetectError as `detect`; ModelError as `Model`; what the runtime throws
 */
export async function detectWithModel(text: string, model: Model, options: DetectOptions = {}): Promise<Finding[]> {
  const found = detect(text, options);
  const { types, scoreMin = SCORE_MIN, thresholds, custom, allow } = options;
  const sink = new Sink(
    types && new Set(types),
    scoreMin,
    custom === undefined ? TYPES : { ...TYPES, ...custom.types },
    thresholds,
  );
  for (const { type, start, end, probability } of await model.name(text))
    sink.add(type, start, end, probability, "onnx", "named by the model");
  const out: Finding[] = [];
  settle([...found, ...sink.found], out);
  return allow === undefined ? out : out.filter((finding) => !allow.allows(finding, text));
}
