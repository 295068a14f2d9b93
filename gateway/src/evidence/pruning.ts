/**
 * Forgets the oldest entries of a log: "Pruning makes some prefix of the log unavailable, without changing the tree structure"
 * (https://c2sp.org/tlog-tiles#pruning). The specification would rather deny requests than delete; we delete, since entries tell
 * of people and storage limitation is why they go. Hashes of all levels stay, so every proof and every old checkpoint still
 * verifies, and the tree goes on. Order: hashes durable, then the minimum index, then log.json, then files are removed, the
 * oldest first. What a crash left of that the next opening finishes.
 */

import { TILE_WIDTH } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import type { Disk } from "./disk.ts";
import type { Journal } from "./journal.ts";
import { writeMinimum } from "./minimum.ts";
import type { PublicFolder } from "./public-folder.ts";
import type { Settling } from "./settling.ts";

export interface PruningOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly folder: Pick<PublicFolder, "replace" | "removeBundles" | "flush">;
  readonly journal: Journal;
  readonly settling: Settling;
  /** Records that a published checkpoint covers. */
  readonly published: () => number;
  /** The text of log.json with this minimum index. */
  readonly logInfo: (minimum: number) => string;
  /** Keeps others from writing anew what is being removed. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  /** As it is when the log opens. */
  readonly minimum: number;
}

export class Pruning {
  readonly #options: PruningOptions;
  #minimum: number;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PruningOptions) {
    this.#options = options;
    this.#minimum = options.minimum;
  }

  /** Entries below this index are not published any more. */
  get minimum(): number {
    return this.#minimum;
  }

  /** See EvidenceLog.prune. One after the other. */
  prune(to: number): Promise<number> {
    const done = this.#running.then(() => this.#prune(to));
    this.#running = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /** Removes what a crash left of a pruning. Only when nothing else is being pruned. */
  async finish(): Promise<void> {
    // Bundles go whole, and a segment only when no kept bundle needs it.
    const below = this.#minimum - (this.#minimum % TILE_WIDTH);
    if (below === 0) return;
    const { folder, journal, alone } = this.#options;
    await alone(async () => {
      await folder.removeBundles(below);
      await journal.prune(below);
    });
  }

  /** Resolves when nothing is being removed. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #prune(to: number): Promise<number> {
    const { disk, dir, folder, settling, published, logInfo } = this.#options;
    // "It MUST be less than or equal to the tree size of the log's current checkpoint."
    if (!Number.isSafeInteger(to) || to < 0 || to > published()) {
      throw new SluiceError("evidence_unknown", `the evidence log has published ${published()} records: prune fewer`);
    }
    const before = this.#minimum;
    if (to <= before) return 0;
    await folder.flush();
    await settling.settle(to);
    await writeMinimum(disk, dir, to);
    this.#minimum = to;
    await folder.replace("log.json", logInfo(to));
    await this.finish();
    return to - before;
  }
}

/** Why an entry cannot be given. */
export function pruned(minimum: number): SluiceError {
  return new SluiceError(
    "evidence_pruned",
    `entries below ${minimum} were deleted under the retention policy; their hashes and proofs are still there`,
  );
}
