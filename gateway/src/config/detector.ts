/** What is looked for, and the types that recognizers of the operator's own add to those of the detector. */
import type { DetectedTypes, DetectorSettings, RecognizerSettings } from "../core/detection.ts";
import type { Detections } from "./config.ts";
import { didYouMean } from "./nearest.ts";
import type { ConfigDocument } from "./schema.ts";
import type { Report } from "./source.ts";
import { CATEGORIES } from "./vocabulary.ts";

export interface ResolvedDetector {
  readonly settings: DetectorSettings;
  /** All types there are with these settings. */
  readonly types: DetectedTypes;
}

export function resolveDetector(
  { detector }: ConfigDocument,
  detections: Detections,
  report: Report,
): ResolvedDetector {
  const { names, region, thresholds, allow } = detector;
  const recognizers = detector.recognizers.map(
    ({ category, dpv, patterns, terms, context, type }): RecognizerSettings => ({
      type,
      ...(category === undefined ? {} : { category }),
      ...(dpv === undefined ? {} : { dpv }),
      patterns: patterns.map(({ name, regex, score, ignore_case: ignoreCase }) => ({
        name,
        regex,
        ...(score === undefined ? {} : { score }),
        ignoreCase,
      })),
      terms,
      context,
    }),
  );
  for (const [index, { category }] of recognizers.entries()) {
    if (category !== undefined && !CATEGORIES.has(category))
      report.problem(
        ["detector", "recognizers", index, "category"],
        `unknown category "${category}"${didYouMean(category, [...CATEGORIES])}`,
        "value",
      );
  }
  const types = { ...detections.types, ...added(recognizers, detections, report) };
  for (const type of Object.keys(thresholds)) {
    if (!Object.hasOwn(types, type))
      report.problem(
        ["detector", "thresholds", type],
        `unknown type "${type}"${didYouMean(type, Object.keys(types))}`,
        "key",
      );
  }
  return {
    settings: { names, ...(region === undefined ? {} : { region }), thresholds, allow, recognizers },
    types,
  };
}

/** Each on its own, so that the problem stands beside the recognizer that has it; then all, for what they are too many of. */
function added(recognizers: readonly RecognizerSettings[], { compile }: Detections, report: Report): DetectedTypes {
  const types: Record<string, { readonly category: string }> = {};
  let isRight = true;
  for (const [index, recognizer] of recognizers.entries()) {
    try {
      Object.assign(types, compile?.([recognizer]));
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      // The detector counts recognizers from 0, and here is only one.
      report.problem(["detector", "recognizers", index], thrown.message.replace("recognizers[0].", ""));
      isRight = false;
    }
  }
  try {
    if (isRight) compile?.(recognizers);
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    report.problem(["detector", "recognizers"], thrown.message);
  }
  return types;
}
