/**
 * Reading a log when it opens, held against every tree that this log is known to have signed. A log of some size is read from
 * its bookmark on: the edge of the tree that stands there, and the records after it, must make the trees that were signed, or
 * everything is read, which says what is wrong. Promises that nothing is changed before all of it has agreed, so that a log
 * that was tampered with is still there to be looked at; only then are public files mended that a crash or a power loss left
 * missing or wrong. What lies before the bookmark is `sluice fsck`'s to check.
 */

import { HASH_BYTES, TILE_WIDTH, VerifierError, parseCheckpoint, parseNote, tilePath } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import { corrupt } from "./corrupt.ts";
import { type Bookmark, readBookmark } from "./bookmark.ts";
import type { Disk } from "./disk.ts";
import { Journal } from "./journal.ts";
import type { LogKeys } from "./keys.ts";
import { readMinimum } from "./minimum.ts";
import { OpenIntents } from "./orphans.ts";
import type { PublicFolder } from "./public-folder.ts";
import { signedPath } from "./publisher.ts";
import { logIdOf } from "./segment.ts";
import { Tiling } from "./tiling.ts";
import { type Edge, MerkleTree } from "./tree.ts";

export interface OpeningOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly origin: string;
  readonly segmentBytesMax: number;
  readonly folder: PublicFolder;
  readonly keys: LogKeys;
  /** A log of at most so many records is read whole. */
  readonly wholeReadingMax: number;
  /** Also looks at the partial tiles that the signed trees need; without, the checkpoint that follows writes its own. */
  readonly partials?: boolean;
  /** Only looks; `folder.wrong` tells what would be written. */
  readonly dry?: boolean;
}

export interface Opened {
  readonly journal: Journal;
  readonly tiling: Tiling;
  readonly intents: OpenIntents;
  /** Index below which entries may be gone, because they were pruned. */
  readonly minimum: number;
  /** The files of the records before this one are durable. */
  readonly settled: number;
  /** The largest tree that was, or may have been, signed; undefined for a log that has signed nothing. */
  readonly signed: SignedTree | undefined;
}

/** Where a reading starts: nothing, what was pruned, or a bookmark. */
interface Start {
  readonly edge: Edge;
  readonly bookmark?: Bookmark;
}

/** Throws evidence_corrupt when the records are not those that were signed. The journal has not begun yet. */
export async function readLog(options: OpeningOptions): Promise<Opened> {
  const { disk, dir, origin, folder } = options;
  const signed = await readSignedTrees(options);
  const minimum = await readMinimum(disk, dir);
  const bookmark = await readBookmark(disk, dir, logIdOf(origin));
  const resumed = isOfUse(bookmark, signed, options)
    ? await tryToResume(options, signed, minimum, { edge: bookmark.edge, bookmark })
    : undefined;
  const read = async (): Promise<Opened> => readRecords(options, signed, minimum, await prunedEdge(folder, minimum));
  const opened = resumed ?? (await read());
  if (options.dry === true || (await folder.repair())) return opened;
  // More was wrong than was kept in memory. Another reading puts every file again.
  const again = await read();
  await folder.repair();
  return again;
}

function isOfUse(bookmark: Bookmark | undefined, signed: SignedTrees, options: OpeningOptions): bookmark is Bookmark {
  return bookmark !== undefined && bookmark.edge.size > options.wholeReadingMax && signed.areFrom(bookmark.edge.size);
}

/** Undefined when the bookmark leads to no signed tree: then a whole reading finds out why. */
async function tryToResume(
  options: OpeningOptions,
  signed: SignedTrees,
  minimum: number,
  start: Start,
): Promise<Opened | undefined> {
  try {
    return await readRecords(options, signed, minimum, start);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "evidence_corrupt") throw error;
    await options.folder.flush();
    options.folder.forget();
    return undefined;
  }
}

async function readRecords(
  options: OpeningOptions,
  signed: SignedTrees,
  minimum: number,
  { edge, bookmark }: Start,
): Promise<Opened> {
  const { folder } = options;
  const tiling = new Tiling((file) => {
    folder.put(file);
  }, edge);
  if (!signed.areFrom(edge.size)) throw corrupt("records were pruned that were not signed yet");
  const check = (): void => {
    if (signed.check(tiling) && options.partials === true) for (const file of tiling.partials()) folder.put(file);
  };
  check();
  const intents = new OpenIntents(bookmark?.open);
  const journal = await Journal.read(
    { ...options, logId: logIdOf(options.origin), minimum: minimum - (minimum % TILE_WIDTH) },
    (bytes, start, end, leafHash, index) => {
      intents.read(bytes.subarray(start, end), index);
      if (index < edge.size) return;
      tiling.append(leafHash, bytes, start, end);
      check();
    },
    () => folder.flush(),
    bookmark,
  );
  await folder.flush();
  signed.checkAllMet(tiling);
  return { journal, tiling, intents, minimum, settled: edge.size, signed: signed.largest };
}

/** The edge of the tree over the records whose bundles may be gone, out of the hashes that stayed. */
async function prunedEdge(folder: PublicFolder, minimum: number): Promise<Start> {
  const tree = new MerkleTree(({ level, index, width }, hashes) => {
    folder.put({ path: tilePath(level, index, width), bytes: hashes });
  });
  for (let index = 0; (index + 1) * TILE_WIDTH <= minimum; index++) {
    const path = tilePath(0, index, TILE_WIDTH);
    const tile = (await folder.read(path))?.body;
    if (tile?.length !== TILE_WIDTH * HASH_BYTES) {
      const remedy = "restore it from a backup";
      throw corrupt(`${path} holds the only hashes of pruned records and is not there`, { remedy });
    }
    for (let at = 0; at < tile.length; at += HASH_BYTES) tree.append(tile.toString("latin1", at, at + HASH_BYTES));
    await folder.room();
  }
  return { edge: tree.fullEdge() };
}

/** A tree of which a checkpoint may have been signed. */
export interface SignedTree {
  /** The file that says so. */
  readonly source: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Trees that this log has signed before: the records must still make the very same ones. */
class SignedTrees {
  readonly #trees: SignedTree[] = [];

  get largest(): SignedTree | undefined {
    return this.#trees.toSorted((a, b) => a.size - b.size).at(-1);
  }

  add(source: string, text: string, origin: string): void {
    const tree = readTree(source, text);
    if (tree.origin !== origin) throw corrupt(`${source} belongs to another log`);
    this.#trees.push({ source, size: tree.size, root: tree.root });
  }

  /** Whether none of them is of a smaller size: what is read from there on cannot show those. */
  areFrom(size: number): boolean {
    return (size === 0 || this.#trees.length > 0) && this.#trees.every((tree) => tree.size >= size);
  }

  /** To be called at every size from where the reading starts. Whether one of them is of this size. */
  check(tiling: Tiling): boolean {
    let met = false;
    for (const { source, size, root } of this.#trees) {
      if (size !== tiling.size) continue;
      met = true;
      if (!Buffer.from(root).equals(tiling.root())) {
        throw corrupt(`the records do not make the tree of size ${String(size)} that ${source} says was signed`);
      }
    }
    return met;
  }

  checkAllMet(tiling: Tiling): void {
    for (const { source, size } of this.#trees) {
      if (size <= tiling.size) continue;
      throw corrupt(
        `records are missing: ${source} says that ${String(size)} were signed, here are ${String(tiling.size)}`,
      );
    }
  }
}

async function readSignedTrees({ disk, dir, origin, folder, keys }: OpeningOptions): Promise<SignedTrees> {
  const trees = new SignedTrees();
  const signed = await disk.readFile(signedPath(dir));
  if (signed !== undefined) trees.add("signed", signed.toString("utf8"), origin);
  const checkpoint = (await folder.read("checkpoint"))?.body;
  const text = checkpoint === undefined ? undefined : signedText(checkpoint, keys);
  if (text === undefined) return trees;
  if (signed === undefined) {
    const remedy = "restore the file `signed` from a backup that is not older than the checkpoint";
    throw corrupt("a checkpoint is published, and the file that remembers what was signed is gone", { remedy });
  }
  trees.add("checkpoint", text, origin);
  return trees;
}

/** The text of a checkpoint that this log signed; anything else there binds nobody and will be replaced. */
function signedText(checkpoint: Buffer, keys: LogKeys): string | undefined {
  try {
    const note = parseNote(checkpoint);
    return keys.hasSigned(note) ? note.text : undefined;
  } catch (error) {
    if (error instanceof VerifierError) return undefined;
    throw error;
  }
}

function readTree(source: string, text: string): ReturnType<typeof parseCheckpoint> {
  try {
    return parseCheckpoint(text);
  } catch (error) {
    throw corrupt(`${source} cannot be read`, { cause: error });
  }
}
