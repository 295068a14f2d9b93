/**
 * Recomputes the tiles above the leaves. Each stored tile is compared with the hashes of the stored tiles below it, so a
 * change is reported where it is and not again in everything above; when all comparisons hold, every tile follows from the
 * entries and the root from the tiles. Where a tile is missing, the computed hashes stand in for it.
 */

import { equalBytes } from "./bytes.ts";
import { readTile } from "./log-files.ts";
import { completeRoot, rootOfRims } from "./prove.ts";
import type { Problem } from "./report.ts";
import type { Source } from "./source.ts";
import { TILE_WIDTH, tileWidth } from "./tile.ts";
import { HASH_BYTES } from "./tree.ts";

interface Rim {
  /** Index of the unfinished tile. */
  index: number;
  /** Hashes in it so far. */
  width: number;
  readonly hashes: Uint8Array;
}

export class TileCheck {
  readonly #source: Source;
  readonly #size: number;
  readonly #report: (problem: Problem) => void;
  readonly #rims: Rim[] = [];
  /** Stored tiles that were read and compared. */
  tiles = 0;

  constructor(source: Source, size: number, report: (problem: Problem) => void) {
    this.#source = source;
    this.#size = size;
    this.#report = report;
  }

  /** Takes the tile `index` of level 0, in order, with the hashes to go on with. `stored`: they were read, not computed. */
  async settle(index: number, hashes: Uint8Array, stored: boolean): Promise<void> {
    if (stored) this.tiles += 1;
    const rim = this.#rim(0);
    rim.index = index;
    rim.hashes.set(hashes);
    rim.width = hashes.length / HASH_BYTES;
    let level = 0;
    let full = rim;
    while (full.width === TILE_WIDTH) {
      const above = this.#rim(level + 1);
      above.hashes.set(completeRoot(full.hashes, 0, TILE_WIDTH), above.width * HASH_BYTES);
      above.width += 1;
      full.width = 0;
      full.index += 1;
      level += 1;
      full = above;
      if (above.width === TILE_WIDTH) await this.#compare(level, above);
    }
  }

  /** Compares the partial tiles above level 0, after the last tile of level 0. */
  async finish(): Promise<void> {
    await Promise.all(
      this.#rims.map(async (rim, level) => {
        if (level > 0 && rim.width > 0) await this.#compare(level, rim);
      }),
    );
  }

  root(): Uint8Array {
    return rootOfRims(this.#rims.map((rim) => rim.hashes.subarray(0, rim.width * HASH_BYTES)));
  }

  /** The root at an earlier size that ends within `next`, the tile of level 0 that is to be settled next. */
  rootAt(size: number, next: Uint8Array): Uint8Array {
    const count = ((size - 1) % TILE_WIDTH) + 1;
    const above = this.#rims.slice(1).map((rim) => rim.hashes.subarray(0, rim.width * HASH_BYTES));
    return rootOfRims([next.subarray(0, count * HASH_BYTES), ...above]);
  }

  async #compare(level: number, rim: Rim): Promise<void> {
    const width = tileWidth(level, rim.index, this.#size);
    const { path, content, problem } = await readTile(this.#source, level, rim.index, width);
    if (problem !== undefined) {
      this.#report(problem);
      return;
    }
    this.tiles += 1;
    if (equalBytes(content, rim.hashes.subarray(0, content.length))) return;
    this.#report({ code: "tile_mismatch", path, message: "the tile does not follow from the tiles below it" });
    rim.hashes.set(content);
  }

  #rim(level: number): Rim {
    return (this.#rims[level] ??= { index: 0, width: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_BYTES) });
  }
}
