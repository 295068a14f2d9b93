/**
 * Reads the whole of a log that nobody has open, and says whether its private records make what was signed; on demand it writes
 * again what follows from them: tiles, bundles, checkpoint, log.json and bookmark. Promises to touch nothing that is evidence
 * itself: segments, salts, keys, and the memory of what was signed stay as they are, and what contradicts a signature is refused.
 */

import { join } from "node:path";
import { TILE_WIDTH, VerifierError, parseCheckpoint, parseLogInfo, parseNote } from "@sluice/verifier";
import type { Clock } from "../core/clock.ts";
import { writeBookmark } from "./bookmark.ts";
import { corrupt } from "./corrupt.ts";
import { type Disk, realDisk } from "./disk.ts";
import { readFrozen } from "./frozen.ts";
import { LogKeys } from "./keys.ts";
import { takeLock } from "./lock.ts";
import { asUnavailable } from "./log.ts";
import { type Opened, type SignedTree, readLog } from "./opening.ts";
import { PublicFolder } from "./public-folder.ts";
import { signedPath } from "./publisher.ts";
import { logIdOf } from "./segment.ts";
import { filesOf } from "./settling.ts";

export interface InspectionOptions {
  /** Folder of the log. */
  readonly dir: string;
  readonly clock: Clock;
  /** Writes what is missing or wrong; without, it is only told. */
  readonly repair: boolean;
  readonly disk?: Disk;
}

export interface Inspection {
  readonly origin: string;
  /** Records in the segments, pruned ones included. */
  readonly records: number;
  /** Size of the largest tree that was, or may have been, signed. */
  readonly signed: number;
  /** Public files that were missing or wrong, the first thousand of them. */
  readonly wrong: readonly string[];
  /** How many there were. */
  readonly wrongTotal: number;
  readonly repaired: boolean;
}

/**
 * Throws evidence_locked while a gateway runs, evidence_corrupt when the records are not those that were signed or a key is not the
 * log's, evidence_unavailable when the disk fails.
 */
export async function inspectLog({ dir, clock, repair, disk = realDisk }: InspectionOptions): Promise<Inspection> {
  const { origin } = await readSigned(disk, dir);
  try {
    const lock = await takeLock(disk, dir, clock());
    try {
      return await inspect({ disk, dir, origin, clock, repair });
    } finally {
      lock.release();
    }
  } catch (error) {
    throw asUnavailable(error);
  }
}

interface Work {
  readonly disk: Disk;
  readonly dir: string;
  readonly origin: string;
  readonly clock: Clock;
  readonly repair: boolean;
}

async function inspect(work: Work): Promise<Inspection> {
  const { disk, dir, origin, repair } = work;
  const folder = new PublicFolder({ disk, dir, failed: () => undefined });
  if (repair) await folder.open();
  const logInfo = (await folder.read("log.json"))?.body;
  // A log.json that cannot be read is rebuilt from the keys; one that names other keys contradicts them.
  const readable = logInfo !== undefined && isReadable(logInfo) ? logInfo : undefined;
  const keys = await LogKeys.open({ disk, dir, origin, fresh: false, logInfo: readable });
  const log = await readLog({
    disk,
    dir,
    origin,
    segmentBytesMax: 0,
    folder,
    keys,
    wholeReadingMax: Number.POSITIVE_INFINITY,
    partials: true,
    dry: !repair,
  });
  const wrong = [...folder.wrong.paths];
  const tiles = folder.wrong.total;
  const info = keys.logInfo(log.minimum);
  if (logInfo?.toString("utf8") !== info) wrong.push("log.json");
  const note = (await folder.read("checkpoint"))?.body;
  if (note === undefined || !isSigned(note, keys)) wrong.push("checkpoint");
  if (repair) await write(work, { folder, keys, log, info, wrong });
  return {
    origin,
    records: log.journal.size,
    signed: log.signed?.size ?? 0,
    wrong,
    wrongTotal: tiles + wrong.length - folder.wrong.paths.length,
    repaired: repair,
  };
}

interface Findings {
  readonly folder: PublicFolder;
  readonly keys: LogKeys;
  readonly log: Opened;
  /** What log.json is to say. */
  readonly info: string;
  readonly wrong: readonly string[];
}

async function write({ disk, dir, origin, clock }: Work, { folder, keys, log, info, wrong }: Findings): Promise<void> {
  if (wrong.includes("log.json")) await folder.replace("log.json", info);
  const tree = log.signed ?? (await readSigned(disk, dir));
  if (wrong.includes("checkpoint")) await folder.replace("checkpoint", await signAgain(tree, origin, keys, clock));
  const edge = log.tiling.fullEdge();
  const from = log.journal.readFrom(edge.size);
  // Beyond what was signed a bookmark is of no use; then the next opening reads everything and makes one.
  if (from === undefined || edge.size > tree.size) return disk.remove(join(dir, "bookmark"));
  await folder.sync(filesOf(log.minimum - (log.minimum % TILE_WIDTH), edge.size));
  await writeBookmark(disk, dir, logIdOf(origin), { edge, ...from, open: log.intents.list() });
}

/** The very tree that was signed, or was to be, once more: it says nothing new. */
function signAgain(tree: Omit<SignedTree, "source">, origin: string, keys: LogKeys, clock: Clock): Promise<string> {
  return keys.sign({ origin, size: tree.size, root: tree.root, timestamp: Math.floor(clock() / 1000) });
}

/** The origin of the log in this folder; of one that is being frozen, the old one. Throws evidence_corrupt. */
export async function originOf(dir: string, disk: Disk = realDisk): Promise<string> {
  return (await readFrozen(disk, dir))?.origin ?? (await readSigned(disk, dir)).origin;
}

/** The private memory of what was signed: without it nobody knows what the records are to be held against. */
async function readSigned(disk: Disk, dir: string): Promise<{ origin: string; size: number; root: Uint8Array }> {
  const bytes = await disk.readFile(signedPath(dir));
  const remedy = "restore the file `signed` from a backup that is not older than the newest checkpoint";
  if (bytes === undefined) throw corrupt("the file that remembers what was signed is not there", { remedy });
  try {
    return parseCheckpoint(bytes);
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    throw corrupt("the file that remembers what was signed cannot be read", { remedy, cause: error });
  }
}

function isReadable(logInfo: Uint8Array): boolean {
  try {
    return parseLogInfo(logInfo).vkeys.length > 0;
  } catch (error) {
    if (error instanceof VerifierError) return false;
    throw error;
  }
}

function isSigned(checkpoint: Uint8Array, keys: LogKeys): boolean {
  try {
    return keys.hasSigned(parseNote(checkpoint));
  } catch (error) {
    if (error instanceof VerifierError) return false;
    throw error;
  }
}
