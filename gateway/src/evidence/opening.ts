/**
 * Reading a log when it opens: every record, held against every tree that this log is known to have signed. Promises that
 * nothing is changed before all of it has agreed, so that a log that was tampered with is still there to be looked at; only
 * then are public files mended that a crash or a power loss left missing or wrong.
 */

import { VerifierError, parseCheckpoint, parseNote } from "@sluice/verifier";
import { SluiceError } from "../core/errors.ts";
import type { Disk } from "./disk.ts";
import { Journal } from "./journal.ts";
import type { LogKeys } from "./keys.ts";
import { OrphanFinder } from "./orphans.ts";
import type { PublicFolder } from "./public-folder.ts";
import { signedPath } from "./publisher.ts";
import { logIdOf } from "./segment.ts";
import { Tiling } from "./tiling.ts";

export interface OpeningOptions {
  readonly disk: Disk;
  readonly dir: string;
  readonly origin: string;
  readonly segmentBytesMax: number;
  readonly folder: PublicFolder;
  readonly keys: LogKeys;
}

interface Records {
  readonly journal: Journal;
  readonly tiling: Tiling;
}

/** Throws evidence_corrupt when the records are not those that were signed. The journal has not begun yet. */
export async function readLog(options: OpeningOptions): Promise<Records & { readonly orphans: readonly number[] }> {
  const signed = await readSignedTrees(options);
  const orphans = new OrphanFinder();
  const records = await readRecords(options, signed, (entry) => {
    orphans.see(entry);
  });
  if (await options.folder.repair()) return { ...records, orphans: orphans.list() };
  // More was wrong than was kept in memory. The second reading puts every file again.
  const again = await readRecords(options, signed, () => undefined);
  await options.folder.repair();
  return { ...again, orphans: orphans.list() };
}

async function readRecords(
  options: OpeningOptions,
  signed: SignedTrees,
  see: (entry: Buffer) => void,
): Promise<Records> {
  const { folder } = options;
  const tiling = new Tiling((file) => {
    folder.put(file);
  });
  signed.check(tiling);
  const journal = await Journal.read(
    { ...options, logId: logIdOf(options.origin) },
    (bytes, start, end, leafHash) => {
      see(bytes.subarray(start, end));
      tiling.append(leafHash, bytes, start, end);
      signed.check(tiling);
    },
    () => folder.flush(),
  );
  await folder.flush();
  signed.checkAllMet(tiling);
  return { journal, tiling };
}

/** Trees that this log has signed before: the records must still make the very same ones. */
class SignedTrees {
  readonly #trees: { readonly source: string; readonly size: number; readonly root: Uint8Array }[] = [];

  add(source: string, text: string, origin: string): void {
    const tree = readTree(source, text);
    if (tree.origin !== origin) throw corrupt(`${source} belongs to another log`);
    this.#trees.push({ source, size: tree.size, root: tree.root });
  }

  /** To be called at every size, from 0 on. */
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
