/**
 * The file `bookmark`: how far a log need not be read again when it opens. It holds the right edge of the tree at some size, where
 * in the segments the records after it begin, and the intents that were open then. It is no evidence and believed in nothing: who
 * reads on from it must come to a tree that was signed, and is otherwise to read everything. What it does promise is that the
 * public files of the records before it are durable, which no reading of the segments could tell.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { HASH_BYTES, TILE_WIDTH } from "@sluice/verifier";
import { type Disk, replaceFile } from "./disk.ts";
import type { FinishedSegment, Place } from "./journal.ts";
import type { Edge } from "./tree.ts";

const VERSION = 1;
/** Open intents that are written down; a log with more of them keeps its last bookmark. */
export const OPEN_INTENTS_MAX = 10_000;

export interface Bookmark {
  /** Its size is a multiple of a tile's width, and all full tiles and bundles before it are durable. */
  readonly edge: Edge;
  /** Where records begin of which the first is not after `edge.size`. */
  readonly place: Place;
  /** The segments before that of `place`, ascending. */
  readonly finished: readonly FinishedSegment[];
  /** Intents that had no outcome, and that no start had reported, at some size from `edge.size` on. */
  readonly open: readonly number[];
}

function bookmarkPath(dir: string): string {
  return join(dir, "bookmark");
}

/** Undefined when there is none, or nothing of use: it can be made again. */
export async function readBookmark(disk: Disk, dir: string, logId: Uint8Array): Promise<Bookmark | undefined> {
  const text = (await disk.readFile(bookmarkPath(dir)))?.toString("utf8") ?? "";
  const [body = "", checksum] = text.split("\n");
  if (checksum !== checksumOf(body, logId)) return undefined;
  // With this checksum it is ours, so of all that could be wrong with it only its version remains to be looked at.
  const { v, size, partials, place, finished, open } = JSON.parse(body) as Stored;
  if (v !== VERSION || size % TILE_WIDTH > 0) return undefined;
  const hashes = partials.map((each) => Buffer.from(each, "base64"));
  if (hashes.some((each) => each.length % HASH_BYTES > 0 || each.length >= TILE_WIDTH * HASH_BYTES)) return undefined;
  return { edge: { size, partials: hashes }, place, finished, open };
}

/** Durable when it returns. */
export async function writeBookmark(disk: Disk, dir: string, logId: Uint8Array, bookmark: Bookmark): Promise<void> {
  const { edge, place, finished, open } = bookmark;
  const partials = edge.partials.map((each) => Buffer.from(each).toString("base64"));
  const stored: Stored = { v: VERSION, size: edge.size, partials, place, finished, open };
  const body = JSON.stringify(stored);
  const path = bookmarkPath(dir);
  const bytes = Buffer.from(`${body}\n${checksumOf(body, logId)}\n`);
  await replaceFile(disk, `${path}.new`, { path, bytes, permissions: 0o600, durable: true });
}

interface Stored {
  readonly v: number;
  readonly size: number;
  readonly partials: readonly string[];
  readonly place: Place;
  readonly finished: readonly FinishedSegment[];
  readonly open: readonly number[];
}

/** Against damage and mix-ups, not against people: a forger's bookmark leads to no signed tree. */
function checksumOf(body: string, logId: Uint8Array): string {
  return createHash("sha256").update(logId).update(body).digest("hex");
}
