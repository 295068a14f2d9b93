/** What Presidio's endpoints need of a detector. The server hands one in. */

export interface Finding {
  readonly type: string;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  readonly score: number;
  readonly recognizer: string;
  /** Never holds the value. */
  readonly why: string;
}

/** A text in pieces; what comes back is settled, its offsets relative to its own text. */
export interface FindingStream {
  push(text: string): { readonly text: string; readonly findings: readonly Finding[] };
  end(): { readonly text: string; readonly findings: readonly Finding[] };
}

export interface PresidioDetector {
  /** Every type that it may find. */
  readonly types: Readonly<Record<string, unknown>>;
  stream(options: { readonly types?: readonly string[]; readonly scoreMin?: number }): FindingStream;
}
