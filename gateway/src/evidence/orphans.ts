/**
 * Intents without an outcome: exchanges that a crash cut off. Reads every entry once, in order, when the log opens.
 */

import { SluiceError } from "../core/errors.ts";

export class OrphanFinder {
  readonly #open = new Set<number>();
  #next = 0;

  /** Takes the next entry of the log. */
  see(entry: Buffer): void {
    const index = this.#next;
    this.#next += 1;
    const leaf = parse(entry, index);
    if (leaf["type"] === "intent") this.#open.add(index);
    else if (leaf["type"] === "outcome" && typeof leaf["intent"] === "number") this.#open.delete(leaf["intent"]);
  }

  /** Indexes of the intents that no outcome has followed, ascending. */
  list(): readonly number[] {
    return [...this.#open];
  }
}

function parse(entry: Buffer, index: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(entry.toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new SluiceError("evidence_corrupt", `the entry of index ${String(index)} is not a leaf`);
}
