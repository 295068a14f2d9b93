/** Inclusion proofs out of the public tiles: the log proves from nothing but what it has published. */

import { HASH_BYTES, type ReadTile, formatProof, proveInclusion, tilePath } from "@sluice/verifier";
import { damaged } from "./corrupt.ts";
import type { Published } from "./publisher.ts";
import type { ServedFiles } from "./served-files.ts";

/** Tiles kept in memory, 8 KiB each. Their content never changes, so an entry is never wrong. */
const TILES_CACHED_MAX = 64;

export class Prover {
  readonly #folder: Pick<ServedFiles, "read">;
  /** In order of last use. */
  readonly #tiles = new Map<string, Uint8Array>();

  constructor(folder: Pick<ServedFiles, "read">) {
    this.#folder = folder;
  }

  /** The `.tlog-proof` text of https://c2sp.org/tlog-proof. `index` must be below the published size. Rejects with evidence_corrupt. */
  async prove(index: number, published: Published): Promise<string> {
    const hashes = await proveInclusion(index, published.size, this.#readTile);
    return formatProof({ index, hashes, note: published.checkpoint });
  }

  readonly #readTile: ReadTile = async (level, index, width) => {
    const path = tilePath(level, index, width);
    const tile = this.#tiles.get(path) ?? (await this.#folder.read(path))?.body;
    if (tile === undefined || tile.length < width * HASH_BYTES) throw damaged(path, tile);
    this.#tiles.delete(path);
    this.#tiles.set(path, tile);
    const oldest = this.#tiles.keys().next();
    if (this.#tiles.size > TILES_CACHED_MAX && oldest.done !== true) this.#tiles.delete(oldest.value);
    return tile;
  };
}
