/**
 * Reading a log when it opens, held against every tree that this log is known to have signed. A log of some size is read from
 * its bookmark on: the edge of the tree that stands there, and the records after it, must make the trees that were signed, or
 * everything is read, which says what is wrong. Promises that nothing is changed before all of it has agreed, so that a log
 * that was tampered with is still there to be looked at; only then are public files mended that a crash or a power loss left
 * missing or wrong. What lies before the bookmark is `sluice fsck`'s to check.
 */

import { HASH_BYTES, TILE_WIDTH, VerifierError, parseCheckpoint, parseNote, tilePath } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
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
}

export interface Opened {
  readonly journal: Journal;
  readonly tiling: Tiling;
  readonly intents: OpenIntents;
  /** Index below which entries may be gone, because they were pruned. */
  readonly minimum: number;
  /** The files of the records before this one are durable. */
  readonly settled: number;
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
  if (await folder.repair()) return opened;
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
  signed.check(tiling);
  const intents = new OpenIntents(bookmark?.open);
  const journal = await Journal.read(
    { ...options, logId: logIdOf(options.origin), minimum: minimum - (minimum % TILE_WIDTH) },
    (bytes, start, end, leafHash, index) => {
      intents.read(bytes.subarray(start, end), index);
      if (index < edge.size) return;
      tiling.append(leafHash, bytes, start, end);
      signed.check(tiling);
    },
    () => folder.flush(),
    bookmark,
  );
  await folder.flush();
  signed.checkAllMet(tiling);
  return { journal, tiling, intents, minimum, settled: edge.size };
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
      throw corrupt(`${path} holds the only hashes of pruned records and is not there: restore it from a backup`);
    }
    for (let at = 0; at < tile.length; at += HASH_BYTES) tree.append(tile.toString("latin1", at, at + HASH_BYTES));
    await folder.room();
  }
  return { edge: tree.fullEdge() };
}

/** Trees that this log has signed before: the records must still make the very same ones. */
class SignedTrees {
  readonly #trees: { readonly source: string; readonly size: number; readonly root: Uint8Array }[] = [];

  add(source: string, text: string, origin: string): void {
    const tree = readTree(source, text);
    if (tree.origin !== origin) throw corrupt(`${source} belongs to another log`);
    this.#trees.push({ source, size: tree.size, root: tree.root });
  }

  /** Whether none of them is of a smaller size: what is read from there on cannot show those. */
  areFrom(size: number): boolean {
    return (size === 0 || this.#trees.length > 0) && this.#trees.every((tree) => tree.size >= size);
  }

  /** To be called at every size from where the reading starts. */
  check(tiling: Tiling): void {
    for (const { source, size, root } of this.#trees) {
      if (size === tiling.size && !Buffer.from(root).equals(tiling.root())) {
        throw corrupt(`the records do not make the tree of size ${String(size)} that ${source} says was signed`);
      }
    }
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
    throw corrupt("a checkpoint is published, and the file that remembers what was signed is gone");
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
    throw new SluiceError("evidence_corrupt", `${source} cannot be read`, { cause: error });
  }
}

function corrupt(message: string): SluiceError {
  return new SluiceError("evidence_corrupt", message);
}
