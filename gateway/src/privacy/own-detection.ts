/** The detector as the configuration wants it. Compiling happens here, once for each configuration, and never on a request. */
import {
  Allow,
  Custom,
  type CustomRecognizer,
  detect,
  type DetectOptions,
  detectSteps,
  detectStream,
  type NamesModel,
  signals,
  TYPES,
} from "@sluice/detector";
import type { DetectedTypes, DetectorSettings, RecognizerSettings } from "../core/detection.ts";
import type { Detection } from "./detection.ts";

/** What the detector finds by itself, and how recognizers of the operator's own are checked. */
export const DETECTIONS = {
  types: TYPES as DetectedTypes,
  /** Throws an Error that names the part that is wrong, and never a text. */
  compile: (recognizers: readonly RecognizerSettings[]): DetectedTypes => new Custom(own(recognizers)).types,
};

/** Names that are found only when all are wanted: hiding every city and company would take the sense out of most prompts. */
const NOT_PERSONS: ReadonlySet<string> = new Set(["LOCATION", "ORGANIZATION"]);

/** `names`: the model, unless settings.names is "off". */
export function detectOptionsOf(settings: DetectorSettings, names: NamesModel | undefined): DetectOptions {
  const { region, thresholds, allow, recognizers } = settings;
  const custom = recognizers.length === 0 ? undefined : new Custom(own(recognizers));
  const types = Object.keys({ ...TYPES, ...custom?.types });
  return {
    types: settings.names === "all" ? types : types.filter((type) => !NOT_PERSONS.has(type)),
    thresholds,
    // The scrubber has its own limit, with the error of the request's family.
    charsMax: Number.POSITIVE_INFINITY,
    ...(settings.names === "off" || names === undefined ? {} : { names }),
    ...(region === undefined ? {} : { defaultRegion: region }),
    ...(allow.length === 0 ? {} : { allow: new Allow(allow) }),
    ...(custom === undefined ? {} : { custom }),
  };
}

export function ownDetection(options: DetectOptions): Detection {
  // Its lexicon is compiled at the first call, in a tenth of a second: now, and not when somebody waits.
  signals("");
  return {
    types: { ...TYPES, ...options.custom?.types },
    seenInLines: ["PERSON", "LOCATION", "ORGANIZATION", "ADDRESS", ...(options.custom?.finds ?? [])],
    ...(options.defaultRegion === undefined ? {} : { region: options.defaultRegion }),
    detect: (texts) => detect(texts, options),
    detectSteps: (texts, sliceChars) => detectSteps(texts, options, sliceChars),
    detectStream: (hold) => detectStream({ ...options, hold }),
    signals: (text, findings) => signals(text, { findings, scoreMin: SIGNAL_SCORE_MIN }),
  };
}

/** A term with a person near it counts; a word with other meanings does not: a request may be refused for it (docs/signals.md). */
const SIGNAL_SCORE_MIN = 0.7;

function own(recognizers: readonly RecognizerSettings[]): CustomRecognizer[] {
  return recognizers as CustomRecognizer[];
}
