/**
 * The log's Merkle tree (RFC 6962 section 2.1), growing leaf by leaf, as the hash tiles of https://c2sp.org/tlog-tiles. It
 * keeps the right edge only, at most 255 hashes a level, and hands out each tile once, when it is full. Pure. Digests travel
 * as binary strings (one character per byte): node:crypto's one-shot hash gives those in half the time of a Buffer.
 */

import { hash } from "node:crypto";
import { HASH_BYTES, TILE_WIDTH, type Tile, emptyRoot } from "@sluice/verifier";

/** 32 characters, each one byte of the digest. */
export type BinaryHash = string;

/** The right edge of a tree: enough to go on. */
export interface Edge {
  /** Leaves. */
  readonly size: number;
  /** The hashes of the unfinished tile of each level, from level 0 upwards; none for one that has just begun. */
  readonly partials: readonly Uint8Array[];
}

interface OpenTile {
  hashes: Buffer;
  width: number;
}

export class MerkleTree {
  /** The unfinished tile of each level, from level 0 upwards. */
  readonly #levels: OpenTile[] = [];
  readonly #full: (tile: Tile, hashes: Buffer) => void;
  #size = 0;

  /** `full` gets each full tile once and owns its bytes. With `edge` it goes on where another tree was. */
  constructor(full: (tile: Tile, hashes: Buffer) => void, edge?: Edge) {
    this.#full = full;
    if (edge === undefined) return;
    this.#size = edge.size;
    for (const hashes of edge.partials) {
      const open = emptyTile();
      open.hashes.set(hashes);
      open.width = hashes.length / HASH_BYTES;
      this.#levels.push(open);
    }
  }

  /** Leaves in the tree. */
  get size(): number {
    return this.#size;
  }

  append(leafHash: BinaryHash): void {
    this.#size += 1;
    this.#add(0, leafHash);
  }

  /** MTH over all leaves, 32 bytes. */
  root(): Uint8Array {
    let root: Buffer | undefined;
    for (const tile of this.#levels) {
      // From the right, the blocks of a tile are the powers of two of its width. Joined from the right they split each list
      // "at the largest power of two smaller than n", as section 2.1 demands.
      let end = tile.width;
      for (let count = 1; end > 0; count *= 2) {
        if (Math.floor(end / count) % 2 === 0) continue;
        const block = subtreeHash(tile.hashes, end - count, count);
        root = root === undefined ? block : nodeHash(block, root);
        end -= count;
      }
    }
    return root ?? emptyRoot();
  }

  /** Copies of the partial tiles of the present size, lowest level first. */
  partials(): { readonly tile: Tile; readonly hashes: Buffer }[] {
    return this.#levels.flatMap(({ hashes, width }, level) => {
      if (width === 0) return [];
      const tile = { level, index: Math.floor(this.#size / TILE_WIDTH ** (level + 1)), width };
      return [{ tile, hashes: Buffer.from(hashes.subarray(0, width * HASH_BYTES)) }];
    });
  }

  /** A copy of the edge after the last full tile of level 0. */
  fullEdge(): Edge {
    const partials = this.#levels.map(({ hashes, width }, level) =>
      Buffer.from(hashes.subarray(0, level === 0 ? 0 : width * HASH_BYTES)),
    );
    return { size: this.#size - (this.#size % TILE_WIDTH), partials };
  }

  #add(level: number, digest: BinaryHash): void {
    const open = (this.#levels[level] ??= emptyTile());
    open.hashes.write(digest, open.width * HASH_BYTES, "latin1");
    open.width += 1;
    if (open.width < TILE_WIDTH) return;

    const { hashes } = open;
    this.#levels[level] = emptyTile();
    this.#full({ level, index: this.#size / TILE_WIDTH ** (level + 1) - 1, width: TILE_WIDTH }, hashes);
    this.#add(level + 1, subtreeHash(hashes, 0, TILE_WIDTH).toString("latin1"));
  }
}

function emptyTile(): OpenTile {
  return { hashes: Buffer.allocUnsafeSlow(TILE_WIDTH * HASH_BYTES), width: 0 };
}

const NODE_PREFIX = 0x01;
const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = NODE_PREFIX;

/** H(0x01 || left || right) */
function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash("sha256", node, "buffer");
}

/** MTH over `count` hashes, a power of two, that lie side by side from the `first` on. */
function subtreeHash(hashes: Buffer, first: number, count: number): Buffer {
  const work = Buffer.from(hashes.subarray(first * HASH_BYTES, (first + count) * HASH_BYTES));
  for (let width = count; width > 1; width /= 2) {
    for (let i = 0; i < width; i += 2) {
      work.copy(node, 1, i * HASH_BYTES, (i + 2) * HASH_BYTES);
      work.write(hash("sha256", node, "binary"), (i / 2) * HASH_BYTES, "latin1");
    }
  }
  return work.subarray(0, HASH_BYTES);
}
