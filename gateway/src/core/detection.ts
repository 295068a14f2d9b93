/** What is looked for in texts, in the words of the configuration. */

export interface DetectorSettings {
  /** Whose names are found by the tagger: persons', also those of places and organisations, nobody's. */
  readonly names: "persons" | "all" | "off";
  /** ISO 3166-1 alpha-2: whose phone numbers are understood without a calling code. */
  readonly region?: string;
  /** type → lowest score that is reported, 0…1 */
  readonly thresholds: Readonly<Record<string, number>>;
  /** Values that are never personal data here: a support address, the numbers of a test account. */
  readonly allow: readonly string[];
  readonly recognizers: readonly RecognizerSettings[];
}

/** A recognizer of the operator's own: patterns on a linear-time engine, and terms. */
export interface RecognizerSettings {
  readonly type: string;
  readonly category?: string;
  readonly dpv?: string;
  readonly patterns: readonly PatternSettings[];
  readonly terms: readonly string[];
  readonly context: readonly string[];
}

export interface PatternSettings {
  readonly name: string;
  readonly regex: string;
  readonly score?: number;
  readonly ignoreCase: boolean;
}

/** type → its category, for example `EMAIL` → `contact` */
export type DetectedTypes = Readonly<Record<string, { readonly category: string }>>;
