/**
 * The evidence log of one process: wires lock, keys, journal, sequencer, tiles and checkpoints, and holds the one decision
 * they share, whether the log is healthy. After a fault it refuses every record until the journal has been read back and the
 * disk has taken a write again; it then goes on by itself. It never repairs by guessing: what contradicts a signed tree or
 * an acknowledged record is evidence_corrupt and stays so.
 */

import { dirname, join, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { type Disk, realDisk, systemCode } from "./disk.ts";
import { refuseFrozen } from "./frozen.ts";
import type { Generation } from "./generations.ts";
import type { Journal } from "./journal.ts";
import { LogKeys } from "./keys.ts";
import type { Leaf, Receipt } from "./leaf.ts";
import { type Lock, takeLock } from "./lock.ts";
import { type Opened, readLog } from "./opening.ts";
import { Packing } from "./packing.ts";
import { Prover } from "./proofs.ts";
import { Pruning, pruned } from "./pruning.ts";
import { PublicFolder } from "./public-folder.ts";
import { type OnPublished, type Published, Publisher } from "./publisher.ts";
import { logIdOf } from "./segment.ts";
import { Sequencer, type Urgency } from "./sequencer.ts";
import type { ServedFile } from "./served-files.ts";
import { Settling } from "./settling.ts";
import { type NoteSignature, TILE_WIDTH } from "@sluice/verifier";

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
  /** Finished segments and bundles are kept packed (gzip). Default true. */
  readonly pack?: boolean;
  /** For tests: a disk that fails. */
  readonly disk?: Disk;
  /** A new segment file begins at the first commit beyond this many bytes. Default 64 MiB. */
  readonly segmentBytesMax?: number;
  /** A log of at most so many records is read whole when it opens; a longer one from its bookmark on. Default 32,768. */
  readonly wholeReadingMax?: number;
  /** How old public files are when they are made durable, which moves the bookmark, in milliseconds. Default a minute. */
  readonly settlingAgeMs?: number;
  /** For the ceremony that freezes a log: opens it although it is frozen. */
  readonly freezing?: boolean;
}

/** Durable, ordered, append-only. Any number of concurrent callers; one process. Nobody retries but the caller. */
export interface EvidenceLog {
  /**
   * Resolves when the record is durable (fdatasync). With `digest`, a SHA-256 of 32 bytes, the leaf also gets
   * `commitment`: base64 HMAC-SHA256 of the digest under a random salt. Rejects with evidence_unavailable when the record is
   * not acknowledged (it may still be found in the log after a crash), overloaded when too much waits already, and an
   * AssertionError when the leaf has no canonical form or more than 65,535 bytes.
   */
  append(leaf: Leaf, digest?: Uint8Array, urgency?: Urgency): Promise<Receipt>;
  /** False from a write fault until the log has recovered by itself; until then `append` rejects at once. */
  readonly healthy: boolean;
  /** Durable records. */
  readonly size: number;
  /** Records that a published checkpoint covers: those that others may read and prove. */
  readonly published: number;
  /** Told of each new checkpoint. Must not throw. Returns how to stop. */
  onPublished(listener: OnPublished): () => void;
  /**
   * Puts cosignatures of witnesses, verified by the caller, under a checkpoint that `onPublished` told of. `enough`: they meet
   * the operator's quorum, so that the checkpoint also becomes `checkpoint.cosigned` and stands in receipts. Rejects with
   * evidence_unavailable when the disk fails.
   */
  addCosignatures(published: Published, lines: readonly NoteSignature[], enough: boolean): Promise<void>;
  /**
   * The entries from index `from` up to `to` (by default all that are published at the call), in order; each is the canonical
   * JSON of a leaf. Rejects with evidence_unknown for a range that is not published, with evidence_pruned for entries below
   * the minimum index.
   */
  entries(from: number, to?: number): AsyncIterable<Entry>;
  /** The minimum index: entries below it were pruned. 0 for a log that never was. */
  readonly minimum: number;
  /**
   * Raises the minimum index and deletes the entries below it, with their salts; hashes stay, and so does every proof. The
   * caller has appended an event with `minimumIndex` of at least `to` among its facts, without which verifiers will not accept
   * it. Idempotent; may be repeated after a fault. Resolves with how many entries went: 0 when the minimum index was there already.
   * Rejects with evidence_unknown when `to` is beyond what is published.
   */
  prune(to: number): Promise<number>;
  /** Other gateways append to it too. */
  readonly shared: boolean;
  /** Intents without outcome that were found when the log was opened, and that no `start` on the log has reported. */
  readonly orphans: readonly number[];
  /** Signature types on the checkpoints: `ed25519`, and `ml-dsa-44` where the runtime has it. */
  readonly signatures: readonly string[];
  /** Public keys for auditors to pin. */
  readonly vkeys: readonly string[];
  /** All keys that have signed, the oldest first, once they were changed; empty before. */
  readonly generations: readonly Generation[];
  /** A text that is no checkpoint, as a note with the log's Ed25519 signature. Its first line must hold a space. */
  signText(text: string): Promise<string>;
  /** Stable name of a principal in this log: 22 characters of base64url. */
  pseudonym(principalId: string): string;
  /** The `.tlog-proof` of a record. Waits for a checkpoint that covers it. Rejects with evidence_unknown. */
  proof(index: number): Promise<string>;
  /** What a static web server would answer for a path below the log's URL; undefined for "not found". */
  file(path: string): Promise<ServedFile | undefined>;
  /** Lays a file of another room beside the log, durably: a time-stamp, or what was stamped. Rejects with evidence_unavailable. */
  keep(path: string, bytes: Uint8Array): Promise<void>;
  /** The salt of a record's commitment; undefined when it has none or its salt is gone. Rejects with evidence_unknown. */
  openCommitment(index: number): Promise<Buffer | undefined>;
  /** Makes the commitment of a record impossible to open, durably. Rejects with evidence_unknown. */
  destroySalt(index: number): Promise<void>;
  /** Commits what waits, makes a last checkpoint, releases the lock. */
  close(): Promise<void>;
}

/** A record as it was hashed. */
export interface Entry {
  readonly index: number;
  /** A view that stays valid. */
  readonly bytes: Buffer;
}

const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;
/** Reading so many takes a fifth of a second. */
const WHOLE_READING_MAX = 32_768;
const SETTLING_AGE_MS = 60_000;
/** Pauses before the attempts to recover from a fault: doubled from the first to the longest. */
const RECOVERY_PAUSE_FIRST_MS = 100;
const RECOVERY_PAUSE_MAX_MS = 5000;

/**
 * Opens the log, alone: reads its records, a long log's from its bookmark on, checks the tree against what was signed, writes
 * again whatever is missing of the public files for them, and publishes a checkpoint. Throws evidence_locked, evidence_corrupt,
 * evidence_unavailable (the disk fails; see the cause) or config_invalid (the origin is not this log's).
 */
export async function openEvidence(options: EvidenceOptions): Promise<EvidenceLog> {
  const disk = options.disk ?? realDisk;
  let lock: Lock | undefined;
  try {
    await disk.makeFolder(options.dir, 0o755);
    await disk.syncFolder(dirname(resolve(options.dir)));
    lock = await takeLock(disk, options.dir, options.clock());
    if (options.freezing !== true) await refuseFrozen(disk, options.dir);
    return await openLocked(options, disk, lock);
  } catch (error) {
    lock?.release();
    throw asUnavailable(error);
  }
}

async function openLocked(options: EvidenceOptions, disk: Disk, lock: Lock): Promise<Log> {
  const { dir, origin, segmentBytesMax = SEGMENT_BYTES_MAX, wholeReadingMax = WHOLE_READING_MAX } = options;
  // Faults behind the caller's back go to the log; while it opens nobody listens, for opening fails by itself.
  const faults = { listener: (_error: unknown): void => undefined };
  const folder = new PublicFolder({
    disk,
    dir,
    failed: (error) => {
      faults.listener(error);
    },
  });
  let journal: Journal | undefined;
  let log: Log | undefined;
  try {
    await folder.open();
    const logInfo = (await folder.read("log.json"))?.body;
    const fresh = logInfo === undefined && (await disk.list(join(dir, "segments"))).length === 0;
    const keys = await LogKeys.open({ disk, dir, origin, fresh, logInfo });
    const records = await readLog({ disk, dir, origin, segmentBytesMax, folder, keys, wholeReadingMax });
    const info = keys.logInfo(records.minimum);
    if (logInfo?.toString("utf8") !== info) await folder.replace("log.json", info);
    journal = records.journal;
    await journal.begin();
    const opened = new Log({ options, disk, lock, keys, folder, ...records });
    log = opened;
    faults.listener = (error) => {
      opened.fault(error);
    };
    await opened.start();
    return opened;
  } catch (error) {
    await log?.stop();
    await folder.abandon();
    await journal?.close();
    throw error;
  }
}

interface Parts extends Opened {
  readonly options: EvidenceOptions;
  readonly disk: Disk;
  readonly lock: Lock;
  readonly keys: LogKeys;
  readonly folder: PublicFolder;
}

class Log implements EvidenceLog {
  readonly orphans: readonly number[];
  readonly shared = false;
  readonly #options: EvidenceOptions;
  readonly #lock: Lock;
  readonly #keys: LogKeys;
  readonly #journal: Journal;
  readonly #folder: PublicFolder;
  readonly #sequencer: Sequencer;
  readonly #publisher: Publisher;
  readonly #prover: Prover;
  readonly #settling: Settling;
  readonly #pruning: Pruning;
  readonly #packing: Packing | undefined;
  /** Why nothing is taken; undefined while the log is healthy. */
  #refusal: SluiceError | undefined;
  #recovery: Promise<void> | undefined;
  #recoveryTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor({ options, disk, lock, keys, folder, journal, tiling, intents, minimum, settled }: Parts) {
    const failed = (error: unknown): void => {
      this.fault(error);
    };
    this.orphans = intents.list();
    this.#options = options;
    this.#lock = lock;
    this.#keys = keys;
    this.#journal = journal;
    this.#folder = folder;
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
        for (const { leaf, leafHash, start, end } of batch.waiting) {
          intents.see(leaf, tiling.size);
          tiling.append(leafHash, batch.bytes, start, end);
        }
        this.#publisher.grown();
      },
    });
    this.#settling = new Settling({
      disk,
      dir: options.dir,
      logId: logIdOf(options.origin),
      folder,
      journal,
      tiling,
      intents,
      published: () => this.published,
      settled,
      ageMs: options.settlingAgeMs ?? SETTLING_AGE_MS,
      moved: (before) => this.#packing?.packBefore(before),
    });
    this.#packing = options.pack === false ? undefined : new Packing(folder, journal);
    this.#packing?.packBefore(settled);
    this.#publisher.onPublished(() => {
      this.#settling.offer();
    });
    this.#pruning = new Pruning({
      disk,
      dir: options.dir,
      folder,
      journal,
      settling: this.#settling,
      published: () => this.published,
      logInfo: (raised) => keys.logInfo(raised),
      alone: (work) => this.#packing?.alone(work) ?? work(),
      minimum,
    });
  }

  /** The first checkpoint of this run; rejects when the disk fails. */
  async start(): Promise<void> {
    await this.#publisher.recall();
    await this.#publisher.publish();
    await this.#pruning.finish();
  }

  append(leaf: Leaf, digest?: Uint8Array, urgency: Urgency = "now"): Promise<Receipt> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return this.#sequencer.append(leaf, digest, urgency);
  }

  get healthy(): boolean {
    return this.#refusal === undefined && this.#closing === undefined;
  }

  get size(): number {
    return this.#journal.size;
  }

  get published(): number {
    return this.#publisher.size;
  }

  onPublished(listener: OnPublished): () => void {
    return this.#publisher.onPublished(listener);
  }

  addCosignatures(published: Published, lines: readonly NoteSignature[], enough: boolean): Promise<void> {
    return asDisk(() => this.#publisher.addCosignatures(published, lines, enough));
  }

  async *entries(from: number, to = this.published): AsyncGenerator<Entry> {
    const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to;
    if (!isRange || to > this.published) {
      throw new SluiceError("evidence_unknown", `the evidence log has published ${this.published} records, not these`);
    }
    for (let index = from; index < to; ) {
      const bundle = await asDisk(() => this.#folder.readBundle(index, this.published)).catch((error: unknown) => {
        // It may have been removed while it was being looked for.
        if (index < this.minimum) return [];
        throw error;
      });
      if (index < this.minimum) throw pruned(this.minimum);
      const end = Math.min(to, index - (index % TILE_WIDTH) + bundle.length);
      for (; index < end; index++) yield { index, bytes: bundle[index % TILE_WIDTH] as Buffer };
    }
  }

  get minimum(): number {
    return this.#pruning.minimum;
  }

  prune(to: number): Promise<number> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return asDisk(() => this.#pruning.prune(to));
  }

  get signatures(): readonly string[] {
    return this.#keys.signatures;
  }

  get vkeys(): readonly string[] {
    return this.#keys.vkeys;
  }

  get generations(): readonly Generation[] {
    return this.#keys.generations;
  }

  signText(text: string): Promise<string> {
    return this.#keys.signText(text);
  }

  pseudonym(principalId: string): string {
    return this.#keys.pseudonym(principalId);
  }

  proof(index: number): Promise<string> {
    return asDisk(async () => {
      this.#mustExist(index);
      return this.#prover.prove(index, await this.#publisher.proving(index));
    });
  }

  file(path: string): Promise<ServedFile | undefined> {
    return asDisk(() => this.#folder.read(path));
  }

  keep(path: string, bytes: Uint8Array): Promise<void> {
    return asDisk(() => this.#folder.keep(path, bytes));
  }

  openCommitment(index: number): Promise<Buffer | undefined> {
    return asDisk(async () => {
      this.#mustExist(index);
      return this.#journal.readSalt(index);
    });
  }

  destroySalt(index: number): Promise<void> {
    return asDisk(async () => {
      this.#mustExist(index);
      await this.#journal.destroySalt(index);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends what goes on in the background. */
  async stop(): Promise<void> {
    await this.#settling.stop();
    await this.#packing?.close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#recoveryTimer);
    await this.#recovery;
    await this.#sequencer.settled();
    try {
      await asDisk(() => this.#publisher.close(closed()));
      await this.#pruning.settled();
      if (this.#refusal === undefined) await this.#settling.close();
    } finally {
      await this.stop();
      await this.#folder.abandon();
      await this.#journal.close();
      this.#lock.release();
    }
  }

  #mustExist(index: number): void {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.size) {
      throw new SluiceError("evidence_unknown", "the evidence log has no record of this index");
    }
  }

  /**
   * From any part of the log: something could not be written. What waits is rejected, and so is what comes. A commit that
   * is on its way to the disk may still be acknowledged, for only then it is there.
   */
  fault(error: unknown): void {
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

  /** Rejects only for a bug. */
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

/** What goes wrong with the disk is evidence_unavailable. */
export async function asDisk<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** An error of the disk, or one that is already ours. A bug stays what it is. */
export function asUnavailable(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const code = systemCode(error);
  if (code === undefined) throw error;
  return new SluiceError("evidence_unavailable", `the evidence log cannot use its disk (${code})`, { cause: error });
}

function closed(): SluiceError {
  return new SluiceError("evidence_unavailable", "the evidence log is closed");
}
