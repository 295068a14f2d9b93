/**
 * The evidence log of one process: wires lock, keys, journal, sequencer, tiles and checkpoints, and holds the one decision
 * they share, whether the log is healthy. After a fault it refuses every record until the journal has been read back and the
 * disk has taken a write again; it then goes on by itself. It never repairs by guessing: what contradicts a signed tree or
 * an acknowledged record is evidence_corrupt and stays so.
 */

import { join } from "node:path";
import { VerifierError, parseCheckpoint, parseNote } from "@sluice/verifier";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { type Disk, realDisk, systemCode } from "./disk.ts";
import { Journal } from "./journal.ts";
import { LogKeys } from "./keys.ts";
import type { Leaf, Receipt } from "./leaf.ts";
import { type Lock, takeLock } from "./lock.ts";
import { OrphanFinder } from "./orphans.ts";
import { Prover } from "./proofs.ts";
import { PublicFolder, type ServedFile } from "./public-folder.ts";
import { Publisher, signedPath } from "./publisher.ts";
import { logIdOf } from "./segment.ts";
import { Sequencer } from "./sequencer.ts";
import { Tiling } from "./tiling.ts";

export interface EvidenceOptions {
  /** Folder of the log, made when there is none. */
  readonly dir: string;
  /** Identity of the log: a URL without scheme, for example `sluice.example.com/evidence`. Never changes. */
  readonly origin: string;
  readonly clock: Clock;
  /** Longest time between the acknowledgement of a record and a checkpoint that covers it, in milliseconds. */
  readonly checkpointIntervalMs: number;
  /** Told once of each fault; the cause is the disk's error. */
  readonly onFault?: (error: SluiceError) => void;
  /** For tests: a disk that fails. */
  readonly disk?: Disk;
  /** A new segment file begins at the first commit beyond this many bytes. Default 64 MiB. */
  readonly segmentBytesMax?: number;
}

/** Durable, ordered, append-only. Any number of concurrent callers; one process. Nobody retries but the caller. */
export interface EvidenceLog {
  /**
   * Resolves when the record is durable (fdatasync). With `digest`, a SHA-256 of 32 bytes, the leaf also gets
   * `commitment`: base64 HMAC-SHA256 of the digest under a random salt. Rejects with evidence_unavailable when the record is
   * not acknowledged (it may still be found in the log after a crash), overloaded when too much waits already, and an
   * AssertionError when the leaf is longer than 65,535 bytes.
   */
  append(leaf: Leaf, digest?: Uint8Array): Promise<Receipt>;
  /** False from a write fault until the log has recovered by itself; until then `append` rejects at once. */
  readonly healthy: boolean;
  /** Durable records. */
  readonly size: number;
  /** Intents without outcome that were found when the log was opened. */
  readonly orphans: readonly number[];
  /** Signature types on the checkpoints: `ed25519`, and `ml-dsa-44` where the runtime has it. */
  readonly signatures: readonly string[];
  /** Public keys for auditors to pin. */
  readonly vkeys: readonly string[];
  /** Stable name of a principal in this log: 22 characters of base64url. */
  pseudonym(principalId: string): string;
  /** The `.tlog-proof` of a record. Waits for a checkpoint that covers it. Rejects with evidence_unknown. */
  proof(index: number): Promise<string>;
  /** What a static web server would answer for a path below the log's URL; undefined for "not found". */
  file(path: string): Promise<ServedFile | undefined>;
  /** The salt of a record's commitment; undefined when it has none or its salt was destroyed. Rejects with evidence_unknown. */
  openCommitment(index: number): Promise<Buffer | undefined>;
  /** Makes the commitment of a record impossible to open, durably. Rejects with evidence_unknown. */
  destroySalt(index: number): Promise<void>;
  /** Commits what waits, makes a last checkpoint, releases the lock. */
  close(): Promise<void>;
}

const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;
/** Pauses before the attempts to recover from a fault: doubled from the first to the longest. */
const RECOVERY_PAUSE_FIRST_MS = 100;
const RECOVERY_PAUSE_MAX_MS = 5000;

/**
 * Opens the log, alone: reads every record, checks the tree against what was signed, writes again whatever is missing of
 * the public files, and publishes a checkpoint. Throws evidence_locked, evidence_corrupt, evidence_unavailable (the disk
 * fails; see the cause) or config_invalid (the origin is not this log's).
 */
export async function openEvidence(options: EvidenceOptions): Promise<EvidenceLog> {
  const disk = options.disk ?? realDisk;
  let lock: Lock | undefined;
  try {
    await disk.makeFolder(options.dir, 0o755);
    lock = await takeLock(disk, options.dir, options.clock());
    return await Log.open(options, disk, lock);
  } catch (error) {
    lock?.release();
    throw asUnavailable(error);
  }
}

class Log implements EvidenceLog {
  readonly orphans: readonly number[];
  readonly #options: EvidenceOptions;
  readonly #lock: Lock;
  readonly #keys: LogKeys;
  readonly #journal: Journal;
  readonly #folder: PublicFolder;
  readonly #sequencer: Sequencer;
  readonly #publisher: Publisher;
  readonly #prover: Prover;
  #refusal: SluiceError | undefined;
  #recovery: Promise<void> | undefined;
  #recoveryTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  private constructor(parts: {
    options: EvidenceOptions;
    disk: Disk;
    lock: Lock;
    keys: LogKeys;
    journal: Journal;
    folder: PublicFolder;
    tiling: Tiling;
    orphans: readonly number[];
    faults: Faults;
  }) {
    const { options, disk, keys, journal, folder, tiling } = parts;
    const failed = (error: unknown): void => {
      this.#fault(error);
    };
    parts.faults.listener = failed;
    this.#options = options;
    this.#lock = parts.lock;
    this.#keys = keys;
    this.#journal = journal;
    this.#folder = folder;
    this.orphans = parts.orphans;
    this.#prover = new Prover(folder);
    this.#publisher = new Publisher({
      disk,
      dir: options.dir,
      origin: options.origin,
      clock: options.clock,
      intervalMs: options.checkpointIntervalMs,
      tiling,
      folder,
      keys,
      syncSalts: () => journal.syncSalts(),
      failed,
    });
    this.#sequencer = new Sequencer({
      journal,
      failed,
      room: () => folder.room(),
      committed: (batch) => {
        for (const { leafHash, start, end } of batch.waiting) tiling.append(leafHash, batch.bytes, start, end);
        this.#publisher.grown();
      },
    });
  }

  static async open(options: EvidenceOptions, disk: Disk, lock: Lock): Promise<Log> {
    const { dir, origin } = options;
    const faults = new Faults();
    const folder = new PublicFolder({ disk, dir, failed: (error) => faults.listener(error) });
    await folder.open();
    const logInfo = (await folder.read("log.json"))?.body;
    const fresh = logInfo === undefined && (await disk.list(join(dir, "segments"))).length === 0;
    const keys = await LogKeys.open({ disk, dir, origin, fresh, logInfo });
    if (logInfo?.toString("utf8") !== keys.logInfo()) await folder.replace("log.json", keys.logInfo());

    const promises = await readPromises(disk, dir, origin, folder, keys);
    const orphans = new OrphanFinder();
    const tiling = new Tiling((file) => {
      folder.put(file);
    });
    promises.check(tiling);
    const journal = await Journal.open(
      { disk, dir, logId: logIdOf(origin), segmentBytesMax: options.segmentBytesMax ?? SEGMENT_BYTES_MAX },
      (bytes, start, end, leafHash) => {
        orphans.see(bytes.subarray(start, end));
        tiling.append(leafHash, bytes, start, end);
        promises.check(tiling);
      },
      () => folder.flush(),
    );
    try {
      promises.checkAllMet(tiling);
      await folder.flush();
      folder.opened();
      const log = new Log({ options, disk, lock, keys, journal, folder, tiling, orphans: orphans.list(), faults });
      await log.#publisher.publish();
      return log;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  append(leaf: Leaf, digest?: Uint8Array): Promise<Receipt> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return this.#sequencer.append(leaf, digest);
  }

  get healthy(): boolean {
    return this.#refusal === undefined && this.#closing === undefined;
  }

  get size(): number {
    return this.#journal.size;
  }

  get signatures(): readonly string[] {
    return this.#keys.signatures;
  }

  get vkeys(): readonly string[] {
    return this.#keys.vkeys;
  }

  pseudonym(principalId: string): string {
    return this.#keys.pseudonym(principalId);
  }

  async proof(index: number): Promise<string> {
    this.#mustExist(index);
    const published = await this.#publisher.covering(index);
    return this.#guard(() => this.#prover.prove(index, published));
  }

  file(path: string): Promise<ServedFile | undefined> {
    return this.#guard(() => this.#folder.read(path));
  }

  openCommitment(index: number): Promise<Buffer | undefined> {
    return this.#guard(async () => {
      this.#mustExist(index);
      return this.#journal.readSalt(index);
    });
  }

  destroySalt(index: number): Promise<void> {
    return this.#guard(async () => {
      this.#mustExist(index);
      await this.#journal.destroySalt(index);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#recoveryTimer);
    await this.#recovery;
    await this.#sequencer.settled();
    const healthy = this.#refusal === undefined;
    // From here on nobody waits for a checkpoint that will not come.
    this.#publisher.refuse(closed());
    await this.#publisher.settled();
    try {
      if (healthy && this.#publisher.behind) await this.#publisher.publish();
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      await this.#journal.close();
      this.#lock.release();
    }
  }

  #mustExist(index: number): void {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.size) {
      throw new SluiceError("evidence_unknown", "the evidence log has no record of this index");
    }
  }

  async #guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  #fault(error: unknown): void {
    if (this.#refusal !== undefined) return;
    const refusal = asUnavailable(error);
    this.#refuse(refusal);
    this.#recoverIn(RECOVERY_PAUSE_FIRST_MS);
    this.#options.onFault?.(refusal);
  }

  #refuse(refusal: SluiceError): void {
    this.#refusal = refusal;
    this.#sequencer.refuse(refusal);
    this.#publisher.refuse(refusal);
  }

  #recoverIn(pauseMs: number): void {
    if (this.#closing !== undefined) return;
    this.#recoveryTimer = setTimeout(() => {
      this.#recovery = this.#recover(pauseMs);
    }, pauseMs);
  }

  /** Never rejects. */
  async #recover(pauseMs: number): Promise<void> {
    try {
      // What was under way when the fault came must have ended before its files are opened anew.
      await this.#sequencer.settled();
      await this.#publisher.settled();
      await this.#journal.recover();
      await this.#folder.flush();
      this.#refusal = undefined;
      this.#sequencer.resume();
      this.#publisher.resume();
    } catch (error) {
      const refusal = asUnavailable(error);
      if (refusal.code === "evidence_corrupt") {
        this.#refuse(refusal);
        this.#options.onFault?.(refusal);
      } else {
        this.#recoverIn(Math.min(2 * pauseMs, RECOVERY_PAUSE_MAX_MS));
      }
    }
  }
}

/** Where faults behind the caller's back go; while the log opens nobody listens, for opening fails by itself. */
class Faults {
  listener: (error: unknown) => void = () => undefined;
}

/** Trees that this log has signed before: the records must still make the very same ones. */
class SignedTrees {
  readonly #trees: { readonly source: string; readonly size: number; readonly root: Uint8Array }[] = [];

  add(source: string, text: string, origin: string): void {
    const tree = readTree(source, text);
    if (tree.origin !== origin) throw corrupt(`${source} belongs to another log`);
    this.#trees.push({ source, size: tree.size, root: tree.root });
  }

  /** Call it at every size. Throws evidence_corrupt when the tree of this size was signed and was another one. */
  check(tiling: Tiling): void {
    for (const { source, size, root } of this.#trees) {
      if (size === tiling.size && !Buffer.from(root).equals(tiling.root())) {
        throw corrupt(`the records do not make the tree of size ${String(size)} that ${source} says was signed`);
      }
    }
  }

  checkAllMet(tiling: Tiling): void {
    for (const { source, size } of this.#trees) {
      if (size > tiling.size) {
        throw corrupt(
          `records are missing: ${source} says that ${String(size)} were signed, ${String(tiling.size)} are here`,
        );
      }
    }
  }
}

async function readPromises(
  disk: Disk,
  dir: string,
  origin: string,
  folder: PublicFolder,
  keys: LogKeys,
): Promise<SignedTrees> {
  const trees = new SignedTrees();
  const signed = await disk.readFile(signedPath(dir));
  if (signed !== undefined) trees.add("signed", signed.toString("utf8"), origin);
  const checkpoint = (await folder.read("checkpoint"))?.body;
  const text = checkpoint === undefined ? undefined : signedText(checkpoint, keys);
  if (text === undefined) return trees;
  if (signed === undefined)
    throw corrupt("a checkpoint is published, and the file that remembers what was signed is gone");
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

/** An error of the disk, or one that is already ours. A bug stays what it is. */
function asUnavailable(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const code = systemCode(error);
  if (code === undefined) throw error;
  return new SluiceError("evidence_unavailable", `the evidence log cannot use its disk (${code})`, { cause: error });
}

function corrupt(message: string): SluiceError {
  return new SluiceError("evidence_corrupt", message);
}

function closed(): SluiceError {
  return new SluiceError("evidence_unavailable", "the evidence log is closed");
}
