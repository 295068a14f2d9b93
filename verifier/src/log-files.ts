/**
 * Reads a log's tiles and bundles from a source: which name to ask for, the full file in place of a partial one that is
 * gone, and the shape every file must have. Never rejects: a file that cannot be had is a Problem, so that reads may run
 * ahead of the check.
 */

import { parseBundle } from "./bundle.ts";
import { VerifierError } from "./errors.ts";
import { readUnpacked } from "./packed.ts";
import type { Problem, ProblemCode } from "./report.ts";
import { FILE_BYTES_MAX } from "./source.ts";
import type { Source } from "./source.ts";
import { TILE_WIDTH, tilePath } from "./tile.ts";
import type { TileLevel } from "./tile.ts";
import { HASH_BYTES } from "./tree.ts";

export type Found<T> =
  | { readonly path: string; readonly content: T; readonly problem?: never }
  | { readonly path: string; readonly content?: never; readonly problem: Problem };

/** The first `width` hashes of a tile, side by side. */
export async function readTile(
  source: Source,
  level: number,
  index: number,
  width: number,
): Promise<Found<Uint8Array>> {
  return readShaped(source, level, index, width, "tile_missing", (bytes, hashes) => {
    if (bytes.length !== hashes * HASH_BYTES) {
      throw new VerifierError(
        "tile_malformed",
        `a tile of ${String(hashes)} hashes has ${String(hashes * HASH_BYTES)} bytes`,
      );
    }
    return bytes.subarray(0, width * HASH_BYTES);
  });
}

/** The first `width` entries of a bundle. */
export async function readBundle(source: Source, index: number, width: number): Promise<Found<Uint8Array[]>> {
  return readShaped(source, "entries", index, width, "bundle_missing", (bytes, count) => {
    const entries = parseBundle(bytes);
    if (entries.length !== count) {
      throw new VerifierError(
        "bundle_malformed",
        `the bundle holds ${String(entries.length)} entries, not ${String(count)}`,
      );
    }
    return entries.slice(0, width);
  });
}

async function readShaped<T>(
  source: Source,
  level: TileLevel,
  index: number,
  width: number,
  missing: ProblemCode,
  parse: (bytes: Uint8Array, width: number) => T,
): Promise<Found<T>> {
  const exact = tilePath(level, index, width);
  const full = tilePath(level, index, TILE_WIDTH);
  const found = await readFile(source, exact);
  // "MAY delete any partial tile once the corresponding full tile is available"
  const isReplaced = found.content === undefined && found.problem === undefined && exact !== full;
  const file = isReplaced ? await readFile(source, full) : found;
  if (file.problem !== undefined) return { path: file.path, problem: file.problem };
  if (file.content === undefined) {
    return { path: exact, problem: { code: missing, path: exact, message: "the file is missing" } };
  }
  try {
    return { path: file.path, content: parse(file.content, isReplaced ? TILE_WIDTH : width) };
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    const code = level === "entries" ? "bundle_malformed" : "tile_malformed";
    return { path: file.path, problem: { code, path: file.path, message: error.message } };
  }
}

/** Absent (neither content nor problem), or read, or not to be told. */
export async function readFile(
  source: Source,
  path: string,
): Promise<{ path: string; content?: Uint8Array; problem?: Problem }> {
  let content: Uint8Array | undefined;
  try {
    content = await readUnpacked(source, path);
  } catch (error) {
    if (error instanceof VerifierError && error.code === "bundle_malformed") {
      return { path, problem: { code: error.code, path, message: error.message } };
    }
    // The reason is the source's own (a network's, a disk's) and may hold what does not belong in a report.
    return { path, problem: { code: "source_unreadable", path, message: "the file could not be read" } };
  }
  if (content === undefined) return { path };
  if (content.length > FILE_BYTES_MAX) {
    return { path, problem: { code: "source_unreadable", path, message: "the file is longer than any file of a log" } };
  }
  return { path, content };
}
