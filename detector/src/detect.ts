/** Finds personal data in a text that is there as a whole. Pure: no I/O, no clock, no state between calls. */
import { Scan } from "./scan.ts";
import type { Rules } from "./scanner/engine.ts";
import { type DetectOptions, type Finding, SCORE_MIN, type StreamOptions, TYPES, WINDOW_CHARS } from "./types.ts";

/** Findings in `text`, sorted and without overlap; offsets in UTF-16 code units. Time is linear in the text. Throws TypeError for wrong arguments only. */
export function detect(text: string, options: DetectOptions = {}): Finding[] {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  const scan = newScan(options);
  scan.advance(text, true);
  return scan.findings;
}

/** @throws TypeError that names the option */
export function newScan(options: StreamOptions): Scan {
  const { custom, allow } = options;
  return new Scan(rulesOf(options), custom === undefined ? [] : [custom], allow);
}

function rulesOf(options: StreamOptions): Rules {
  const { types, scoreMin = SCORE_MIN, thresholds = {}, custom } = options;
  if (types !== undefined && !Array.isArray(types)) throw new TypeError("options.types must be an array of type names");
  if (typeof scoreMin !== "number" || Number.isNaN(scoreMin)) throw new TypeError("options.scoreMin must be a number");
  return {
    types,
    scoreMin,
    thresholds,
    rows: custom === undefined ? TYPES : { ...TYPES, ...custom.types },
    region: options.defaultRegion?.toUpperCase(),
    windowChars: options.windowChars ?? WINDOW_CHARS,
  };
}
