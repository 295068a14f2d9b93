/**
 * The contract between the scanner and a recognizer, and the sink that findings go through. A recognizer runs in time
 * linear in its island, reads nothing behind the island's end, and decides from the text alone.
 */
import type { Island } from "../scanner/island.ts";
import { type Finding, type TypeRow, TYPES } from "../types.ts";

export interface Recognizer {
  readonly name: string;
  /** What it looks for: it does not run where none of them is wanted; absent: it always runs. */
  readonly types?: readonly string[];
  /** Runs on islands that hold a character of one of these classes, */
  readonly trigger: number;
  /** and of LETTER too, where every value has one; absent: not needed, */
  readonly lettered?: true;
  /** that are at least this long, in UTF-16 code units; absent: of any length, */
  readonly charsMin?: number;
  /** and that hold at least so many ASCII digits; absent: none need be there. */
  readonly digitsMin?: number;
  readonly find: (island: Island, sink: Sink) => void;
}

/** A wording of which one part varies. Each is made once: findings are many, and what they say is little. */
export function wording(of: (part: string) => string): (part: string) => string {
  const made = new Map<string, string>();
  return (part) => {
    const known = made.get(part);
    if (known !== undefined) return known;
    const whole = of(part);
    made.set(part, whole);
    return whole;
  };
}

/** Takes what recognizers propose; keeps what the caller asked for. */
export class Sink {
  readonly found: Finding[] = [];
  readonly #types: ReadonlySet<string> | undefined;
  readonly #scoreMin: number;
  readonly #rows: Readonly<Record<string, TypeRow>>;
  readonly #thresholds: Readonly<Record<string, number>>;

  /** `rows`: the types there are, a caller's own among them. `thresholds`: by type, where they are not `scoreMin`. */
  constructor(
    types: ReadonlySet<string> | undefined,
    scoreMin: number,
    rows: Readonly<Record<string, TypeRow>> = TYPES,
    thresholds: Readonly<Record<string, number>> = {},
  ) {
    this.#types = types;
    this.#scoreMin = scoreMin;
    this.#rows = rows;
    this.#thresholds = thresholds;
  }

  wants(type: string): boolean {
    return this.#types === undefined || this.#types.has(type);
  }

  add(type: string, start: number, end: number, score: number, recognizer: string, why: string): void {
    const row = this.#rows[type];
    if (row === undefined || score < (this.#thresholds[type] ?? this.#scoreMin) || !this.wants(type)) return;
    this.found.push({ type, category: row.category, dpv: row.dpv, start, end, score, recognizer, why });
  }
}
