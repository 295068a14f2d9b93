/** Finds personal data in a text that is there as a whole. Pure: no I/O, no clock, no state between calls. */
import { Engine, type Rules } from "./scanner/engine.ts";
import { type DetectOptions, type Finding, SCORE_MIN, type StreamOptions, WINDOW_CHARS } from "./types.ts";

/** Findings in `text`, sorted and without overlap; offsets in UTF-16 code units. Time is linear in the text. Never throws. */
export function detect(text: string, options: DetectOptions = {}): Finding[] {
  const engine = new Engine(rulesOf(options));
  engine.advance(text, true);
  return engine.findings;
}

export function rulesOf(options: StreamOptions): Rules {
  return {
    types: options.types,
    scoreMin: options.scoreMin ?? SCORE_MIN,
    region: options.defaultRegion?.toUpperCase(),
    windowChars: options.windowChars ?? WINDOW_CHARS,
  };
}
