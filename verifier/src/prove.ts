/**
 * From tiles to roots and proofs. Everything that knows how hashes are laid out in tiles is here and in tile.ts, so that
 * those who make proofs and those who check tiles cannot disagree about it.
 */

import { VerifierError } from "./errors.ts";
import { sliceOf, tileWidth } from "./tile.ts";
import { HASH_BYTES, consistencyRanges, foldSubtrees, inclusionRanges, nodeHash, subtreesOf } from "./tree.ts";
import type { LeafRange, Subtree } from "./tree.ts";

/**
 * The bytes of a tile: `width` hashes of 32 bytes, or more of them when a wider version of the tile is at hand. Rejects
 * when it has none; callers pass the rejection on.
 */
export type ReadTile = (level: number, index: number, width: number) => Promise<Uint8Array> | Uint8Array;

/** The root over a power-of-two number of hashes that lie side by side in `bytes`. */
export function completeRoot(bytes: Uint8Array, offset: number, count: number): Uint8Array {
  let hashes: Uint8Array[] = [];
  for (let i = offset; i < offset + count; i++) hashes.push(hashAt(bytes, i));
  while (hashes.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < hashes.length; i += 2) above.push(nodeHash(hashes[i]!, hashes[i + 1]!));
    hashes = above;
  }
  return hashes[0]!;
}

/**
 * The root of the tree whose unfinished tiles are these, lowest level first: `rims[l]` holds the hashes of the partial tile
 * at level l (empty where the level has none). Full tiles are already hashed into the level above.
 */
export function rootOfRims(rims: readonly Uint8Array[]): Uint8Array {
  const subtrees: Uint8Array[] = [];
  for (const rim of rims.toReversed()) {
    const width = rim.length / HASH_BYTES;
    for (const { height, index } of subtreesOf({ start: 0, end: width })) {
      const count = 2 ** height;
      subtrees.push(completeRoot(rim, index * count, count));
    }
  }
  return foldSubtrees(subtrees);
}

/** The hashes of an inclusion proof, leaf to root. Throws tree_range_invalid when index >= size. */
export async function proveInclusion(index: number, size: number, readTile: ReadTile): Promise<Uint8Array[]> {
  return proveRanges(inclusionRanges(index, size), size, readTile);
}

/** The hashes of a consistency proof. Throws tree_range_invalid when oldSize > newSize. */
export async function proveConsistency(oldSize: number, newSize: number, readTile: ReadTile): Promise<Uint8Array[]> {
  return proveRanges(consistencyRanges(oldSize, newSize), newSize, readTile);
}

async function proveRanges(ranges: readonly LeafRange[], size: number, readTile: ReadTile): Promise<Uint8Array[]> {
  // A proof touches each tile on its path several times.
  const tiles = new Map<string, Promise<Uint8Array>>();
  const read = (level: number, index: number): Promise<Uint8Array> => {
    const key = `${String(level)}/${String(index)}`;
    const known = tiles.get(key) ?? readWhole(level, index, tileWidth(level, index, size), readTile);
    tiles.set(key, known);
    return known;
  };
  const hashOf = async (subtree: Subtree): Promise<Uint8Array> => {
    const slice = sliceOf(subtree);
    return completeRoot(await read(slice.level, slice.index), slice.offset, slice.count);
  };
  return Promise.all(ranges.map(async (range) => foldSubtrees(await Promise.all(subtreesOf(range).map(hashOf)))));
}

async function readWhole(level: number, index: number, width: number, readTile: ReadTile): Promise<Uint8Array> {
  const bytes = await readTile(level, index, width);
  if (bytes.length < width * HASH_BYTES)
    throw new VerifierError("tile_malformed", "a tile holds fewer hashes than it must");
  return bytes.subarray(0, width * HASH_BYTES);
}

function hashAt(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}
