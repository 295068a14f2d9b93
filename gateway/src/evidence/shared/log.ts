/**
 * The evidence log of many gateways: the same log as that of one (`../log.ts`), with the database in place of the segments and
 * shared files in place of its own. A record is acknowledged when the database has committed it; from then on any gateway
 * publishes it. Holds the one decision that the parts share, whether this gateway may append. After a fault it refuses until the
 * database has answered again; what says that the log is not the one that was signed stays refused.
 */

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Kysely, sql } from "kysely";
import { type NoteSignature, TILE_WIDTH } from "@sluice/verifier";
import { SluiceError } from "../../core/errors.ts";
import { type Disk, realDisk } from "../disk.ts";
import { withCosignatures } from "../cosigned.ts";
import type { Generation } from "../generations.ts";
import type { LogKeys } from "../keys.ts";
import type { Leaf, Receipt } from "../leaf.ts";
import type { Entry, EvidenceLog, EvidenceOptions } from "../log.ts";
import { Prover } from "../proofs.ts";
import { pruned } from "../pruning.ts";
import type { OnPublished, Published } from "../publisher.ts";
import { SALT_BYTES } from "../salts.ts";
import { Sequencer, type Urgency } from "../sequencer.ts";
import { type ServedFile, ServedFiles, assertKept } from "../served-files.ts";
import { Appender, older } from "./appender.ts";
import type { SharedFiles } from "./files.ts";
import { LEASE_MS, type SessionLock } from "./lease.ts";
import { openTogether } from "./opening.ts";
import { beyondPublished, raiseMinimum, wholeBelow } from "./pruning.ts";
import { Succession } from "./succession.ts";
import { asked, LOG_ID, type SharedDatabase } from "./tables.ts";

export interface SharedEvidenceOptions
  extends Pick<EvidenceOptions, "dir" | "origin" | "clock" | "checkpointIntervalMs" | "onFault"> {
  /** Every commit of which is durable when it is acknowledged; the migrations of this room have run. */
  readonly database: Kysely<unknown>;
  readonly lock: SessionLock;
  readonly files: SharedFiles;
  readonly disk?: Disk;
  /** For a ceremony: fails with evidence_locked when another gateway signs. */
  readonly alone?: boolean;
  /** Called once when the log has closed, or has failed to open: closes what was opened for it. */
  readonly closed?: () => Promise<void>;
}

/** How often a gateway looks what others have appended and published; while somebody waits for a checkpoint, more often. */
const LOOK_MS = 250;
const LOOK_WAITED_MS = 50;
const ANSWER_MS = 10_000;
const RECOVERY_PAUSE_FIRST_MS = 100;
const RECOVERY_PAUSE_MAX_MS = 5_000;
/** Acknowledged records that no checkpoint covers: beyond it nobody seems to be able to publish, and nothing more is taken. */
const UNPUBLISHED_MAX = 1_000_000;
/** How long a pruning waits for the gateway that signs to remove something more. */
const REMOVAL_MS = 30_000;
/** How long closing waits for another gateway to publish what this one has appended. */
const CLOSE_MS = 2 * LEASE_MS;

/**
 * Opens the log together with other gateways. Throws config_invalid, keys_differ, database_older, evidence_corrupt or
 * evidence_unavailable; each says what to do.
 */
export async function openSharedEvidence(options: SharedEvidenceOptions): Promise<EvidenceLog> {
  try {
    return await open(options);
  } catch (thrown) {
    await options.closed?.();
    throw thrown;
  }
}

async function open(options: SharedEvidenceOptions): Promise<EvidenceLog> {
  const { dir, origin, files, disk = realDisk } = options;
  const db = options.database as unknown as SharedDatabase;
  await disk.makeFolder(dir, 0o755);
  const keys = await openTogether({ db, files, disk, dir, origin });
  const log = new SharedLog(options, db, keys);
  try {
    await log.start();
    return log;
  } catch (thrown) {
    await log.abandon();
    throw thrown;
  }
}

interface Waiting {
  readonly index: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: Error) => void;
}

class SharedLog implements EvidenceLog {
  /**
   * Intents of others are under way while this gateway opens, so that none is known to be without an outcome; `sluice verify`
   * lists them.
   */
  readonly orphans: readonly number[] = [];
  readonly shared = true;
  readonly #options: SharedEvidenceOptions;
  readonly #db: SharedDatabase;
  readonly #keys: LogKeys;
  readonly #appender: Appender;
  readonly #sequencer: Sequencer;
  readonly #succession: Succession;
  readonly #served: ServedFiles;
  readonly #prover: Prover;
  readonly #listeners = new Set<OnPublished>();
  #waiting: Waiting[] = [];
  #size = 0;
  #minimum = 0;
  /** How far the gateway that signs has come with removing what is below. */
  #pruned = 0;
  #published: Published | undefined;
  /** The newest checkpoint that enough witnesses have cosigned. */
  #cosigned: Published | undefined;
  #refusal: SluiceError | undefined;
  /** Nothing mends it. */
  #final = false;
  #looking: NodeJS.Timeout | undefined;
  #looks: Promise<void> = Promise.resolve();
  #recovering: NodeJS.Timeout | undefined;
  #recovery: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: SharedEvidenceOptions, db: SharedDatabase, keys: LogKeys) {
    const gateway = `${hostname()}/${randomUUID().slice(0, 8)}`;
    this.#options = options;
    this.#db = db;
    this.#keys = keys;
    this.#served = new ServedFiles(options.files);
    this.#prover = new Prover(this.#served);
    this.#appender = new Appender(db, gateway);
    this.#sequencer = new Sequencer({
      journal: this.#appender,
      failed: (error) => this.#fault(error),
      room: () => undefined,
      committed: () => {
        this.#size = Math.max(this.#size, this.#appender.size);
        this.#succession.nudge();
      },
    });
    this.#succession = new Succession({
      db,
      files: options.files,
      keys,
      origin: options.origin,
      clock: options.clock,
      gateway,
      lock: options.lock,
      intervalMs: options.checkpointIntervalMs,
      failed: (error) => this.#cannotPublish(error),
      published: () => this.#lookSoon(0),
    });
  }

  async start(): Promise<void> {
    await this.#appender.begin();
    await this.#succession.start();
    if (this.#options.alone === true && !this.#succession.holds) {
      throw new SluiceError("evidence_locked", "another gateway has this evidence log open: stop all of them");
    }
    await this.#look();
    this.#lookSoon();
  }

  async abandon(): Promise<void> {
    clearTimeout(this.#looking);
    await this.#succession.close();
    await this.#appender.end();
  }

  append(leaf: Leaf, digest?: Uint8Array, urgency: Urgency = "now"): Promise<Receipt> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    if (this.#size - this.published > UNPUBLISHED_MAX) return Promise.reject(unpublished());
    return this.#sequencer.append(leaf, digest, urgency);
  }

  get healthy(): boolean {
    return this.#refusal === undefined && this.#closing === undefined;
  }

  get size(): number {
    return Math.max(this.#size, this.#appender.size);
  }

  get published(): number {
    return this.#published?.size ?? 0;
  }

  onPublished(listener: OnPublished): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  addCosignatures(published: Published, lines: readonly NoteSignature[], enough: boolean): Promise<void> {
    return asked(ANSWER_MS, () =>
      this.#db.transaction().execute(async (transaction) => {
        // Gateways that ask the same witnesses come one after the other.
        const log = await transaction
          .updateTable("evidence_log")
          .set({ id: LOG_ID })
          .where("id", "=", LOG_ID)
          .returning(["published", "checkpoint", "cosigned_size"])
          .executeTakeFirstOrThrow();
        const isNewest = log.published === published.size && log.checkpoint !== null;
        const becomesCosigned = enough && published.size >= log.cosigned_size;
        if (!isNewest && !becomesCosigned) return;
        const cosigned = withCosignatures(published.checkpoint, lines);
        await transaction
          .updateTable("evidence_log")
          .set({
            ...(isNewest ? { checkpoint: withCosignatures(log.checkpoint ?? "", lines) } : {}),
            ...(becomesCosigned ? { cosigned, cosigned_size: published.size } : {}),
          })
          .where("id", "=", LOG_ID)
          .execute();
      }),
    );
  }

  async *entries(from: number, to = this.published): AsyncGenerator<Entry> {
    const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to;
    if (!isRange || to > this.published) {
      throw new SluiceError("evidence_unknown", `the evidence log has published ${this.published} records, not these`);
    }
    for (let index = from; index < to; ) {
      if (index < this.minimum) throw pruned(this.minimum);
      const bundle = await this.#served.readBundle(index, this.published).catch(async (error: unknown) => {
        // Another gateway may have asked for it to be removed.
        await this.#look();
        if (index < this.minimum) throw pruned(this.minimum);
        throw error;
      });
      const end = Math.min(to, index - (index % TILE_WIDTH) + bundle.length);
      for (; index < end; index++) yield { index, bytes: bundle[index % TILE_WIDTH] as Buffer };
    }
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

  get minimum(): number {
    return this.#minimum;
  }

  /** Whichever gateway asks, the one that signs removes, and this one waits for it. */
  async prune(to: number): Promise<number> {
    if (this.#closing !== undefined) throw closed();
    if (this.#final && this.#refusal !== undefined) throw this.#refusal;
    if (!Number.isSafeInteger(to) || to < 0) throw beyondPublished(this.published);
    const before = await raiseMinimum(this.#db, to);
    await this.#look();
    for (let [seen, since] = [-1, 0]; this.#pruned < wholeBelow(to); await this.#look()) {
      if (this.#closing !== undefined) throw closed();
      if (seen < this.#pruned) [seen, since] = [this.#pruned, performance.now()];
      if (performance.now() - since > REMOVAL_MS) throw notRemoved(to);
      await new Promise((resolve) => setTimeout(resolve, LOOK_WAITED_MS));
    }
    return Math.max(0, to - before);
  }

  async proof(index: number): Promise<string> {
    await this.#mustExist(index);
    const cosigned = this.#cosigned;
    return this.#prover.prove(index, cosigned && index < cosigned.size ? cosigned : await this.#covering(index));
  }

  async file(path: string): Promise<ServedFile | undefined> {
    const served = await this.#served.read(path);
    if (path !== "checkpoint" || this.#published === undefined || served === undefined) return served;
    // The file may be older for a moment, from a holder that was cut off; what was seen here never goes back.
    return { ...served, body: Buffer.from(this.#published.checkpoint) };
  }

  async keep(path: string, bytes: Uint8Array): Promise<void> {
    assertKept(path);
    await this.#options.files.write(path, bytes);
  }

  async openCommitment(index: number): Promise<Buffer | undefined> {
    await this.#mustExist(index);
    const found = await asked(ANSWER_MS, () => this.#saltsOf(index).selectAll().executeTakeFirst());
    if (found === undefined) return undefined;
    const at = (index - found.first) * SALT_BYTES;
    const salt = found.salts.subarray(at, at + SALT_BYTES);
    return salt.equals(NOTHING) ? undefined : Buffer.from(salt);
  }

  async destroySalt(index: number): Promise<void> {
    await this.#mustExist(index);
    await asked(ANSWER_MS, async () => {
      const found = await this.#saltsOf(index).select("first").executeTakeFirst();
      if (found === undefined) return;
      const at = (index - found.first) * SALT_BYTES + 1;
      await this.#db
        .updateTable("evidence_salts")
        .set({ salts: sql<Buffer>`overlay(salts placing ${NOTHING} from ${sql.lit(at)})` })
        .where("first", "=", found.first)
        .execute();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#recovering);
    await this.#recovery;
    await this.#sequencer.settled();
    await this.#succession.close();
    // Another gateway publishes what this one has appended, and this one waits for it, as its callers expect.
    const deadline = performance.now() + CLOSE_MS;
    while (this.published < this.#appender.size && performance.now() < deadline && !this.#final) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_WAITED_MS));
      if (
        !(await this.#look()
          .then(() => true)
          .catch(() => false))
      )
        break;
    }
    clearTimeout(this.#looking);
    await this.#looks;
    clearTimeout(this.#looking);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(closed());
    await this.#appender.end();
    await this.#options.closed?.();
  }

  #saltsOf(index: number) {
    return this.#db
      .selectFrom("evidence_salts")
      .where("first", "<=", index)
      .where(sql<boolean>`first + count > ${index}`)
      .orderBy("first", "desc")
      .limit(1);
  }

  /** The record may be another gateway's, and a moment old. */
  async #mustExist(index: number): Promise<void> {
    const isIndex = Number.isSafeInteger(index) && index >= 0;
    if (isIndex && index >= this.size && this.#closing === undefined) await this.#look();
    if (isIndex && index < this.size) return;
    throw new SluiceError("evidence_unknown", "the evidence log has no record of this index");
  }

  #covering(index: number): Promise<Published> {
    return new Promise((resolve, reject) => {
      if (this.#published !== undefined && index < this.#published.size) resolve(this.#published);
      else if (this.#refusal !== undefined) throw this.#refusal;
      else {
        this.#waiting.push({ index, resolve, reject });
        this.#lookSoon(LOOK_WAITED_MS);
      }
    });
  }

  /** What others have appended and published. Rejects with evidence_unavailable. */
  async #look(): Promise<void> {
    const acknowledged = this.size;
    const known = this.#cosigned?.size ?? 0;
    const {
      size,
      published,
      checkpoint,
      cosigned,
      cosigned_size,
      minimum,
      pruned: removed,
    } = await asked(ANSWER_MS, () =>
      this.#db
        .selectFrom("evidence_log")
        .innerJoin("evidence_head", "evidence_head.id", "evidence_log.id")
        .select(["evidence_head.size", "published", "checkpoint", "cosigned_size", "minimum", "pruned"])
        .select(sql<string | null>`case when cosigned_size > ${sql.lit(known)} then cosigned end`.as("cosigned"))
        .where("evidence_log.id", "=", LOG_ID)
        .executeTakeFirstOrThrow(),
    );
    if (size < acknowledged) throw older(`${acknowledged} records were acknowledged, it has ${size}`);
    this.#size = Math.max(this.#size, size);
    this.#minimum = Math.max(this.#minimum, minimum);
    this.#pruned = Math.max(this.#pruned, removed);
    if (cosigned !== null) this.#cosigned = { size: cosigned_size, checkpoint: cosigned };
    const before = this.#published?.size ?? -1;
    if (checkpoint === null || published < before) return;
    const seen = { size: published, checkpoint };
    this.#published = seen;
    if (published === before) return;
    for (const listener of this.#listeners) listener(seen);
    const covered = this.#waiting.filter(({ index }) => index < published);
    this.#waiting = this.#waiting.filter(({ index }) => index >= published);
    for (const waiting of covered) waiting.resolve(seen);
  }

  #lookSoon(ms: number = this.#waiting.length > 0 ? LOOK_WAITED_MS : LOOK_MS): void {
    clearTimeout(this.#looking);
    this.#looking = setTimeout(() => {
      this.#looks = this.#looks.then(async () => {
        try {
          await this.#look();
        } catch (error) {
          this.#fault(error);
        }
        this.#lookSoon();
      });
    }, ms);
    this.#looking.unref();
  }

  #cannotPublish(error: unknown): void {
    const isFinal = error instanceof SluiceError && !error.retriable;
    // Records are safe in the database; whether another gateway publishes them shows in `published`.
    if (isFinal) this.#fault(error);
    else if (error instanceof SluiceError) this.#options.onFault?.(error);
    else this.#fault(error);
  }

  #fault(error: unknown): void {
    if (!(error instanceof SluiceError)) throw error;
    const isFinal = !error.retriable;
    if (this.#final || (this.#refusal !== undefined && !isFinal)) return;
    this.#final = isFinal;
    this.#refusal = error;
    this.#sequencer.refuse(error);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    if (!isFinal) this.#recoverIn(RECOVERY_PAUSE_FIRST_MS);
    this.#options.onFault?.(error);
  }

  #recoverIn(pauseMs: number): void {
    if (this.#closing !== undefined) return;
    this.#recovering = setTimeout(() => {
      this.#recovery = this.#recover(pauseMs);
    }, pauseMs).unref();
  }

  /** Rejects only for a bug. */
  async #recover(pauseMs: number): Promise<void> {
    try {
      await this.#sequencer.settled();
      await this.#appender.begin();
      await this.#look();
      if (this.#final) return;
      this.#refusal = undefined;
      this.#sequencer.resume();
    } catch (error) {
      if (error instanceof SluiceError && error.retriable) {
        this.#recoverIn(Math.min(2 * pauseMs, RECOVERY_PAUSE_MAX_MS));
      } else this.#fault(error);
    }
  }
}

function notRemoved(minimum: number): SluiceError {
  return new SluiceError(
    "evidence_unavailable",
    `entries below ${minimum} are pruned, and no gateway can remove them from the shared files just now; it is done later`,
  );
}

const NOTHING = Buffer.alloc(SALT_BYTES);

function unpublished(): SluiceError {
  return new SluiceError(
    "evidence_unavailable",
    `${UNPUBLISHED_MAX} records are not covered by a checkpoint: no gateway can write the shared files of the log`,
  );
}

function closed(): SluiceError {
  return new SluiceError("evidence_unavailable", "the evidence log is closed");
}
