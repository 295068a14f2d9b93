/**
 * What a log no longer has because it was pruned: "Pruning makes some prefix of the log unavailable, without changing the tree
 * structure." https://c2sp.org/tlog-tiles#pruning. The specification has no place yet where a log publishes its minimum index, so
 * ours stands in two: in log.json, which says which bundles not to expect, and in an event of the log itself, which the
 * checkpoint's signature covers. A bundle that is missing otherwise is missing.
 */

import type { Leaf } from "./leaf.ts";
import { readFile } from "./log-files.ts";
import { parseLogInfo } from "./log-info.ts";
import { VerifierError } from "./errors.ts";
import type { Problem } from "./report.ts";
import type { Source } from "./source.ts";

export class Pruned {
  readonly #source: Source;
  /** Read when the first bundle is found missing: most logs need it never. */
  #declared: Promise<number> | undefined;
  #recorded = 0;
  /** Entries that were not there to be checked; they are the first ones. */
  entries = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Whether the bundle [first, end) may be gone, and if so counts it. Bundles must come in order. */
  async excuses(first: number, end: number): Promise<boolean> {
    // "a prefix of the log": what lies behind an entry that is there was not pruned.
    if (first !== this.entries) return false;
    this.#declared ??= this.#readMinimum();
    if (end > (await this.#declared)) return false;
    this.entries = end;
    return true;
  }

  /** To be called for every leaf. */
  see(leaf: Leaf): void {
    if (leaf.type !== "event") return;
    const facts: unknown = leaf["facts"];
    if (typeof facts !== "object" || facts === null || !("minimumIndex" in facts)) return;
    const { minimumIndex } = facts;
    if (typeof minimumIndex === "number" && minimumIndex > this.#recorded) this.#recorded = minimumIndex;
  }

  /** After the last leaf. */
  problem(): Problem | undefined {
    if (this.entries <= this.#recorded) return undefined;
    const message = `log.json says that the first ${String(this.entries)} entries were pruned, and the log holds no event that says so`;
    return { code: "pruning_unrecorded", path: "log.json", message };
  }

  async #readMinimum(): Promise<number> {
    const { content } = await readFile(this.#source, "log.json");
    try {
      return (content === undefined ? undefined : parseLogInfo(content).minimumIndex) ?? 0;
    } catch (error) {
      if (error instanceof VerifierError) return 0;
      throw error;
    }
  }
}
