/** What a caller of the detector may ask for, and what a stream answers. No behaviour. */
import type { Allow } from "./custom/allow.ts";
import type { Custom } from "./custom/custom.ts";
import type { NamesModel } from "./names/model.ts";
import type { Finding } from "./types.ts";

export interface DetectOptions {
  /** Keys of TYPES and of `custom.types`; absent: all. A type left out is not looked for, so it hides nothing that it would have overlapped. */
  types?: readonly string[];
  /** Findings below it are not reported; default SCORE_MIN. */
  scoreMin?: number;
  /** By type, instead of `scoreMin`. */
  thresholds?: Readonly<Record<string, number>>;
  /** ISO 3166-1 alpha-2 country whose national phone numbers are understood without a calling code, e.g. "DE". */
  defaultRegion?: string;
  /** Recognizers of one's own. */
  custom?: Custom;
  /** Finds names of persons, places and organisations; read by `readNames`, or by `loadNames` of `@sluice/detector/model`. */
  names?: NamesModel;
  /** Largest text, or texts together, in UTF-16 code units; default CHARS_MAX. Streams have no such limit. */
  charsMax?: number;
  /** Values that are not reported, however they are written: a support address, the numbers of a test account. */
  allow?: Allow;
}

export interface StreamOptions extends DetectOptions {
  /** Longest stretch without a delimiter that is held back before it is decided, in UTF-16 code units. */
  windowChars?: number;
  /**
   * How much text waits. "line", the default: a line, or 1,024 code units of a longer one, so that all is found that `detect`
   * finds but for names that only later text tells. "word": a word or the groups of a number, for answers that a person watches
   * being written; names, addresses, encoded forms and recognizers of one's own need more than that and are not found.
   */
  hold?: "word" | "line";
}

export interface StreamedFindings {
  /** Text that is now settled, in order: no later input can change what was found in it. */
  text: string;
  /** Offsets relative to `text`. */
  findings: Finding[];
}

export interface DetectStream {
  push(text: string): StreamedFindings;
  /** Settles the rest. The stream takes no text afterwards. */
  end(): StreamedFindings;
}

/** 16 Mi code units: seconds of work. */
export const CHARS_MAX = 1 << 24;
/** Label words alone, without shape or checksum, stay below it. */
export const SCORE_MIN = 0.5;
/** Also the window of `detect`, which is why a stream with another window may differ on stretches longer than this. */
export const WINDOW_CHARS = 4096;
