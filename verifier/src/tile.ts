/**
 * Tiles: the names of the files that hold a log's tree and entries, which of them a tree of a given size needs, and where
 * in them the hash of a subtree is found. https://c2sp.org/tlog-tiles. Pure; reads no file.
 */

import { VerifierError } from "./errors.ts";
import type { Subtree } from "./tree.ts";

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Tree levels that one tile spans. */
export const TILE_HEIGHT = 8;
export const TILE_LEVEL_MAX = 63;

export type TileLevel = number | "entries";

export interface Tile {
  readonly level: number;
  readonly index: number;
  /** Hashes in the tile, 1 to 256. */
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`: level 0, index 1234067, width 112 is `tile/0/x001/x234/067.p/112`. Width 256 is the full tile. */
export function tilePath(level: TileLevel, index: number, width: number): string {
  if (level !== "entries" && !(Number.isInteger(level) && level >= 0 && level <= TILE_LEVEL_MAX)) {
    throw new VerifierError("tile_path_malformed", "the level of a tile is between 0 and 63");
  }
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new VerifierError("tile_path_malformed", "the index of a tile is a non-negative safe integer");
  }
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new VerifierError("tile_path_malformed", "the width of a tile is between 1 and 256");
  }
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  }
  const suffix = width === TILE_WIDTH ? "" : `.p/${String(width)}`;
  return `tile/${String(level)}/${groups.join("/")}${suffix}`;
}

const TILE_PATH = /^tile\/(0|[1-9][0-9]?|entries)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** The reverse of tilePath; undefined for every other spelling, so that one tile has one name. */
export function parseTilePath(path: string): { level: TileLevel; index: number; width: number } | undefined {
  const match = TILE_PATH.exec(path);
  if (match === null) return undefined;
  const [, levelText = "", indexText = "", widthText] = match;
  const level = levelText === "entries" ? "entries" : Number(levelText);
  const index = Number(indexText.replaceAll(/[x/]/g, ""));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  if (level !== "entries" && level > TILE_LEVEL_MAX) return undefined;
  if (!Number.isSafeInteger(index)) return undefined;
  if (widthText !== undefined && width >= TILE_WIDTH) return undefined;
  // A superfluous leading x000 group is the one other spelling the expression lets through.
  return tilePath(level, index, width) === path ? { level, index, width } : undefined;
}

/** Hashes of the tree of `size` leaves in the tile, 0 to 256; 0 when the tree does not reach it. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.min(Math.max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH);
}

/** Entries in the bundle `index` of a log of `size` entries, 0 to 256. */
export function bundleWidth(index: number, size: number): number {
  return tileWidth(0, index, size);
}

/** Every hash tile that must exist for a published size, from level 0 upwards. (Bundles are named as the tiles of level 0.) */
export function tilesFor(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; Math.floor(size / TILE_WIDTH ** level) > 0; level++) {
    const count = Math.ceil(Math.floor(size / TILE_WIDTH ** level) / TILE_WIDTH);
    for (let index = 0; index < count; index++) tiles.push({ level, index, width: tileWidth(level, index, size) });
  }
  return tiles;
}

/** The hashes of one tile that lie under a subtree: `count` (a power of two, 1 to 128) of them from `offset` on. */
export interface TileSlice {
  readonly level: number;
  readonly index: number;
  readonly offset: number;
  readonly count: number;
}

/** "The Merkle Tree levels between those expressed by the tile hashes are reconstructed by hashing the leaves." */
export function sliceOf(subtree: Subtree): TileSlice {
  const count = 2 ** (subtree.height % TILE_HEIGHT);
  const first = subtree.index * count;
  return {
    level: Math.floor(subtree.height / TILE_HEIGHT),
    index: Math.floor(first / TILE_WIDTH),
    offset: first % TILE_WIDTH,
    count,
  };
}
