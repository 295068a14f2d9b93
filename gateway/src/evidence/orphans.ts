/**
 * Intents without an outcome: exchanges that are under way, or that a crash cut off. Sees the entries of a log in order, when it is
 * read at the opening and as it grows. An intent that a `start` has reported is over: nobody is left who could end it.
 */

import { corrupt } from "./corrupt.ts";

/** What it looks at of a leaf. */
interface Seen {
  readonly type?: unknown;
  readonly intent?: unknown;
  readonly orphans?: unknown;
}

export class OpenIntents {
  readonly #open: Set<number>;

  constructor(open: readonly number[] = []) {
    this.#open = new Set(open);
  }

  get count(): number {
    return this.#open.size;
  }

  /** Takes the entry of a log that was read; see `see`. Throws evidence_corrupt when it is not a leaf. */
  read(entry: Buffer, index: number): void {
    this.see(parse(entry, index), index);
  }

  /** Takes a leaf; indexes must ascend, and one may be given again when all after it are. */
  see(leaf: Seen, index: number): void {
    if (leaf.type === "intent") this.#open.add(index);
    else if (leaf.type === "outcome" && typeof leaf.intent === "number") this.#open.delete(leaf.intent);
    else if (leaf.type === "start" && Array.isArray(leaf.orphans)) {
      for (const orphan of leaf.orphans) this.#open.delete(orphan as number);
    }
  }

  /** Ascending. */
  list(): readonly number[] {
    return [...this.#open].toSorted((a, b) => a - b);
  }
}

function parse(entry: Buffer, index: number): Seen {
  try {
    const value: unknown = JSON.parse(entry.toString("utf8"));
    if (typeof value === "object" && value !== null) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw corrupt(`the entry of index ${String(index)} is not a leaf`);
}
