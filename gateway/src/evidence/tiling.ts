/**
 * From durable records to the files that the public reads: the hash tiles of the tree and the entry bundles of
 * https://c2sp.org/tlog-tiles. Keeps the unfinished tiles and the unfinished bundle only, so its memory does not grow with
 * the log. What is finished is handed out once and forgotten. Pure: it knows no disk.
 */

import assert from "node:assert/strict";
import { TILE_WIDTH, tilePath } from "@sluice/verifier";
import { type BinaryHash, type Edge, MerkleTree } from "./tree.ts";

/** A file of the public folder. Its path names its content for good. */
export interface PublicFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BUNDLE_BYTES_FIRST = 64 * 1024;
const LENGTH_BYTES = 2;

export class Tiling {
  readonly #finished: (file: PublicFile) => void;
  readonly #tree: MerkleTree;
  #bundle = Buffer.allocUnsafeSlow(BUNDLE_BYTES_FIRST);
  #bundleBytes = 0;

  /**
   * `finished` gets each full tile and full bundle, once, in the order of the records. With `edge` it goes on after the last
   * full bundle of another one: its size is a multiple of a bundle's.
   */
  constructor(finished: (file: PublicFile) => void, edge?: Edge) {
    assert((edge?.size ?? 0) % TILE_WIDTH === 0, "a tiling goes on where a bundle begins");
    this.#finished = finished;
    this.#tree = new MerkleTree(({ level, index, width }, hashes) => {
      finished({ path: tilePath(level, index, width), bytes: hashes });
    }, edge);
  }

  /** Records so far. */
  get size(): number {
    return this.#tree.size;
  }

  /** The root of the tree, 32 bytes. */
  root(): Uint8Array {
    return this.#tree.root();
  }

  /** Adds the entry bytes[start, end), whose leaf hash the caller has already taken. Keeps no reference to `bytes`. */
  append(leafHash: BinaryHash, bytes: Uint8Array, start: number, end: number): void {
    this.#addEntry(bytes, start, end);
    this.#tree.append(leafHash);
  }

  /** A copy of the tree's edge after the last full bundle: enough for another tiling to go on from there. */
  fullEdge(): Edge {
    return this.#tree.fullEdge();
  }

  /** Copies of the partial tiles and the partial bundle that a checkpoint of the present size needs. */
  partials(): PublicFile[] {
    const files: PublicFile[] = this.#tree.partials().map(({ tile, hashes }) => ({
      path: tilePath(tile.level, tile.index, tile.width),
      bytes: hashes,
    }));
    const entries = this.size % TILE_WIDTH;
    if (entries > 0) {
      files.push({
        path: tilePath("entries", Math.floor(this.size / TILE_WIDTH), entries),
        bytes: Buffer.from(this.#bundle.subarray(0, this.#bundleBytes)),
      });
    }
    return files;
  }

  #addEntry(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#bundleBytes + LENGTH_BYTES + (end - start);
    if (needed > this.#bundle.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bundle.length * 2));
      this.#bundle.copy(larger, 0, 0, this.#bundleBytes);
      this.#bundle = larger;
    }
    this.#bundle.writeUInt16BE(end - start, this.#bundleBytes);
    this.#bundle.set(bytes.subarray(start, end), this.#bundleBytes + LENGTH_BYTES);
    this.#bundleBytes = needed;
    if ((this.size + 1) % TILE_WIDTH > 0) return;

    const full = this.#bundle.subarray(0, this.#bundleBytes);
    this.#finished({ path: tilePath("entries", Math.floor(this.size / TILE_WIDTH), TILE_WIDTH), bytes: full });
    this.#bundle = Buffer.allocUnsafeSlow(Math.max(BUNDLE_BYTES_FIRST, this.#bundleBytes));
    this.#bundleBytes = 0;
  }
}
