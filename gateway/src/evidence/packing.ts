/**
 * Packs what is finished, behind everybody's back and one file after the other: the bundles of a finished segment, then the segment itself,
 * once all of them are durable. A disk that fails here fails no record: what is not packed stays plain, and the next opening tries again.
 */

import { TILE_WIDTH } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import { systemCode } from "./disk.ts";
import type { Journal } from "./journal.ts";
import type { PublicFolder } from "./public-folder.ts";

export class Packing {
  readonly #folder: Pick<PublicFolder, "packBundle">;
  readonly #journal: Pick<Journal, "finished" | "pack">;
  /** Everything before this index is packed, or was tried. */
  #packed = 0;
  /** The files of all records before this one are durable. */
  #settled = 0;
  #running: Promise<void> = Promise.resolve();
  /** One after the other: files that are packed, and work that must not meet one. */
  #turns: Promise<unknown> = Promise.resolve();
  #busy = false;
  #closed = false;

  constructor(folder: Pick<PublicFolder, "packBundle">, journal: Pick<Journal, "finished" | "pack">) {
    this.#folder = folder;
    this.#journal = journal;
  }

  /** The files of all records before this index are durable. */
  packBefore(settled: number): void {
    this.#settled = Math.max(this.#settled, settled);
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#running = this.#pack();
  }

  /** Runs `work` while no file is being packed: what it removes would come back. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turns.then(work);
    this.#turns = done.catch(() => undefined);
    return done;
  }

  /** Resolves when nothing is being packed; nothing will be. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /** Rejects only for a bug. */
  async #pack(): Promise<void> {
    try {
      for (;;) {
        const next = this.#journal.finished().find(({ first, end }) => first >= this.#packed && end <= this.#settled);
        if (next === undefined || this.#closed) return;
        if (!(await this.#packOne(next))) return;
        this.#packed = next.end;
      }
    } catch (error) {
      if (systemCode(error) === undefined && !(error instanceof SluiceError)) throw error;
      // Only what is behind the place where it failed stays plain until the log is opened again.
      this.#closed = true;
    } finally {
      this.#busy = false;
    }
  }

  /** False when the log is closing. */
  async #packOne({ first, end }: { readonly first: number; readonly end: number }): Promise<boolean> {
    // A bundle that the segment shares with the next one is packed with that.
    for (let bundle = Math.floor(first / TILE_WIDTH); (bundle + 1) * TILE_WIDTH <= end; bundle++) {
      if (this.#closed) return false;
      await this.alone(() => this.#folder.packBundle(bundle));
    }
    await this.alone(() => this.#journal.pack(first));
    return true;
  }
}
