/**
 * What the gateway that holds the lease does: reads what all of them have appended, in order, makes tiles and bundles of it, and
 * signs checkpoints. It keeps nothing of its own, so that any gateway can go on where another one stopped. Promises that a tree
 * is in the database before it is signed, under the fence of this holder; that its files are durable before that; and that
 * entries leave the database only when they are in full bundles that are durable and signed.
 */

import {
  formatCheckpoint,
  proveConsistency,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  verifyConsistency,
} from "@sluice/verifier";
import { sql, type Updateable } from "kysely";
import type { Clock } from "../../core/clock.ts";
import { SluiceError } from "../../core/errors.ts";
import { keepCosignatures } from "../cosigned.ts";
import type { LogKeys } from "../keys.ts";
import type { Published } from "../publisher.ts";
import { ServedFiles } from "../served-files.ts";
import { scanFrames } from "../segment.ts";
import { type PublicFile, Tiling } from "../tiling.ts";
import type { SharedFiles } from "./files.ts";
import { older } from "./appender.ts";
import { TakenOver } from "./lease.ts";
import { datedKeysOf, readSigned } from "./opening.ts";
import { removeBundle, SharedPruning } from "./pruning.ts";
import { asked, LOG_ID, type SharedDatabase, type SharedTables } from "./tables.ts";

const ANSWER_MS = 10_000;
/** Entries read at once, as far as rows allow, and rows looked at for it. */
const BYTES_AT_ONCE = 8 * 1024 * 1024;
const ROWS_AT_ONCE = 64;
/** Most records of one row: what a commit holds at most. */
const ROW_RECORDS_MAX = 65_536;
/** Files written side by side: a disk and a storage service take several as fast as one. */
const WRITES_AT_ONCE = 8;

export interface IntegratorOptions {
  readonly db: SharedDatabase;
  readonly files: SharedFiles;
  readonly keys: LogKeys;
  readonly origin: string;
  readonly clock: Clock;
  readonly fence: number;
  /** Asked between two files. False: another gateway has taken over. */
  readonly renew: () => Promise<boolean>;
}

type Head = Parameters<typeof formatCheckpoint>[0];

export class Integrator {
  readonly #options: IntegratorOptions;
  readonly #served: ServedFiles;
  readonly #tiling: Tiling;
  readonly #pruning: SharedPruning;
  /** The tree that was signed when this holder began. */
  readonly #resumed: number;
  #finished: PublicFile[] = [];
  /** What this holder has published last. */
  #published: { readonly head: Head; readonly checkpoint: string } | undefined;
  /** What witnesses had cosigned when this holder began, and the size up to which it stands in the files. */
  #cosigned: Published | undefined;
  #cosignedSize = 0;
  #partialFolders = new Set<string>();

  private constructor(
    options: IntegratorOptions,
    served: ServedFiles,
    edge: ConstructorParameters<typeof Tiling>[1],
    log: SharedTables["evidence_log"],
  ) {
    this.#options = options;
    this.#resumed = log.signed_size;
    this.#pruning = new SharedPruning(options, log);
    this.#served = served;
    this.#tiling = new Tiling((file) => void this.#finished.push(file), edge);
  }

  /**
   * Goes on after the last signed tree. Throws evidence_corrupt when entries and files are not those that were signed,
   * database_older when others have signed more.
   */
  static async resume(options: IntegratorOptions): Promise<Integrator> {
    const { db, files } = options;
    const log = await asked(ANSWER_MS, () =>
      db.selectFrom("evidence_log").selectAll().where("id", "=", LOG_ID).executeTakeFirstOrThrow(),
    );
    if (log.info !== null && datedKeysOf(log.info) !== datedKeysOf(options.keys.logInfo())) {
      throw new SluiceError(
        "keys_differ",
        "the keys of the evidence log were changed while this gateway was running: copy them here, and start it again (docs/deployment.md)",
      );
    }
    await files.tidy();
    const served = new ServedFiles(files);
    const size = log.signed_size;
    const partials: Uint8Array[] = size < TILE_WIDTH ? [] : [new Uint8Array(0)];
    for (let level = 1; Math.floor(size / TILE_WIDTH ** level) > 0; level++) {
      const hashes = Math.floor(size / TILE_WIDTH ** level);
      const index = Math.floor(hashes / TILE_WIDTH);
      const width = tileWidth(level, index, size);
      partials.push(width === 0 ? new Uint8Array(0) : await readTile(served, level, index, width));
    }
    const integrator = new Integrator(options, served, { size: size - (size % TILE_WIDTH), partials }, log);
    while (integrator.size < size) {
      if (!(await integrator.#read(size))) {
        if (!(await integrator.#holds())) throw new TakenOver();
        throw corrupt(`the database lacks the entry of index ${integrator.size}, and ${size} were signed`);
      }
    }
    if (log.signed !== null && formatCheckpoint(integrator.#head()) !== log.signed) {
      throw corrupt(`the entries do not make the tree of size ${size} that was signed`);
    }
    await integrator.#checkPublished(integrator.#head());
    if (log.cosigned !== null) integrator.#cosigned = { size: log.cosigned_size, checkpoint: log.cosigned };
    await integrator.#pruning.announce();
    return integrator;
  }

  /** Entries in the tree. */
  get size(): number {
    return this.#tiling.size;
  }

  /** Entries are there that no checkpoint of this holder covers. */
  get behind(): boolean {
    return this.#published?.head.size !== this.size;
  }

  /** Takes in what has been appended, a piece of it. False when there was nothing. */
  async step(): Promise<boolean> {
    const more = await this.#read(Number.MAX_SAFE_INTEGER);
    await this.#writeFinished();
    return more;
  }

  /** A checkpoint of the present tree, where everybody finds it. Throws TakenOver. */
  async publish(): Promise<Published> {
    const { db, files, keys, clock } = this.#options;
    const head = this.#head();
    const { size } = head;
    const partials = this.#tiling.partials();
    await this.#writeFinished();
    await this.#writeAll(partials);
    await this.#underFence({ signed_size: size, signed: formatCheckpoint(head) }, size);
    const signed = await keys.sign({ ...head, timestamp: Math.floor(clock() / 1000) });
    const checkpoint = keepCosignatures(signed, this.#cosigned);
    await this.#checkPublished(head);
    await files.write("checkpoint", Buffer.from(checkpoint));
    this.#published = { head, checkpoint };
    await this.#underFence({ published: size, checkpoint }, size);
    await this.#removeOutgrown(partials);
    const full = size - (size % TILE_WIDTH);
    await asked(ANSWER_MS, () =>
      db.deleteFrom("evidence_batches").where("first", "<", full).where(sql`first + count`, "<=", full).execute(),
    );
    return { size, checkpoint };
  }

  /**
   * Brings the files to what the database says: cosignatures have come, or a holder that was cut off has put an earlier checkpoint
   * in the place of this one. Throws TakenOver.
   */
  async mend(): Promise<void> {
    if (this.#published === undefined) return;
    const { db, files, fence } = this.#options;
    const { head } = this.#published;
    const log = await asked(ANSWER_MS, () =>
      db
        .selectFrom("evidence_log")
        .select(["checkpoint", "cosigned_size", "cosigned", "minimum"])
        .where("id", "=", LOG_ID)
        .where("fence", "=", fence)
        .executeTakeFirst(),
    );
    if (log === undefined) throw new TakenOver();
    this.#pruning.raise(log.minimum);
    if (log.minimum > 0) await this.#pruning.announce();
    if (log.cosigned !== null && log.cosigned_size > this.#cosignedSize) {
      await files.write("checkpoint.cosigned", Buffer.from(log.cosigned));
      this.#cosignedSize = log.cosigned_size;
    }
    const checkpoint = log.checkpoint ?? this.#published.checkpoint;
    if ((await files.read("checkpoint"))?.toString("utf8") === checkpoint) return;
    await this.#checkPublished(head);
    await files.write("checkpoint", Buffer.from(checkpoint));
    this.#published = { head, checkpoint };
  }

  /** Removes for a moment what was pruned. False when there is nothing to remove. Throws TakenOver. */
  prune(): Promise<boolean> {
    return this.#pruning.step();
  }

  /** After another gateway has taken over: what was written late may have been pruned meanwhile, and does not come back. */
  async withdraw(): Promise<void> {
    const { db, files } = this.#options;
    const { minimum } = await asked(ANSWER_MS, () =>
      db.selectFrom("evidence_log").select("minimum").where("id", "=", LOG_ID).executeTakeFirstOrThrow(),
    );
    const first = Math.floor((this.#published?.head.size ?? this.#resumed) / TILE_WIDTH);
    const end = Math.floor(Math.min(minimum, this.size + TILE_WIDTH - 1) / TILE_WIDTH);
    for (let bundle = first; bundle < end; bundle++) await removeBundle(files, bundle);
  }

  #head(): Head {
    return { origin: this.#options.origin, size: this.size, root: this.#tiling.root() };
  }

  /** Reads rows up to `end` at most. */
  async #read(end: number): Promise<boolean> {
    const { size } = this;
    const { rows } = await asked(ANSWER_MS, () =>
      sql<{ first: number; count: number; frames: Buffer }>`
        select first, count, frames from (
          select first, count, frames, sum(octet_length(frames)) over (order by first) - octet_length(frames) as before
          from (
            select first, count, frames from evidence_batches
            where first > ${size - ROW_RECORDS_MAX} and first < ${end} and first + count > ${size}
            order by first limit ${sql.lit(ROWS_AT_ONCE)}
          ) as next
        ) as counted where before < ${sql.lit(BYTES_AT_ONCE)} order by first
      `.execute(this.#options.db),
    );
    // Another holder may have gone on, and removed what is in the files by now.
    if ((rows[0]?.first ?? 0) > size && !(await this.#holds())) throw new TakenOver();
    for (const row of rows) this.#take(row, end);
    return rows.length > 0;
  }

  #take({ first, count, frames }: { first: number; count: number; frames: Buffer }, end: number): void {
    if (first > this.size) throw corrupt(`the database lacks the entry of index ${this.size}`);
    let index = first;
    const scan = scanFrames(frames, 0, count, (bytes, from, to, leafHash) => {
      if (index >= this.size && index < end) this.#tiling.append(leafHash, bytes, from, to);
      index += 1;
    });
    if (scan.records !== count || scan.end !== frames.length) {
      throw corrupt(`the entry of index ${first + scan.records} is damaged in the database`);
    }
  }

  async #writeFinished(): Promise<void> {
    while (this.#finished.length > 0) {
      await this.#writeAll(this.#finished.slice(0, WRITES_AT_ONCE));
      this.#finished.splice(0, WRITES_AT_ONCE);
      if (!(await this.#options.renew())) throw new TakenOver();
    }
  }

  async #writeAll(files: readonly PublicFile[]): Promise<void> {
    const results = await Promise.allSettled(files.map(({ path, bytes }) => this.#options.files.write(path, bytes)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Throws TakenOver when the fence is another one's, or the database knows of a later tree, or of fewer than `size` entries. */
  async #underFence(values: Updateable<SharedTables["evidence_log"]>, size: number): Promise<void> {
    const { db, fence } = this.#options;
    const { numUpdatedRows } = await asked(ANSWER_MS, () =>
      db
        .updateTable("evidence_log")
        .set(values)
        .where("id", "=", LOG_ID)
        .where("fence", "=", fence)
        .where("signed_size", "<=", size)
        .where((is) => is.exists(is.selectFrom("evidence_head").select("id").where("size", ">=", size)))
        .executeTakeFirstOrThrow(),
    );
    if (numUpdatedRows !== 1n) throw new TakenOver();
  }

  /** Asked of the database. */
  async #holds(): Promise<boolean> {
    const { db, fence } = this.#options;
    const log = await asked(ANSWER_MS, () =>
      db.selectFrom("evidence_log").select("fence").where("id", "=", LOG_ID).executeTakeFirstOrThrow(),
    );
    return log.fence === fence;
  }

  /**
   * The checkpoint that stands in the files must be one of this tree: of this log, and of no more entries than this database
   * knows to be signed. An older one may stand there, from a holder that was cut off.
   */
  async #checkPublished({ size, root }: Head): Promise<void> {
    const { files, keys, origin } = this.#options;
    const bytes = await files.read("checkpoint");
    if (bytes === undefined || bytes.toString("utf8") === this.#published?.checkpoint) return;
    const found = readSigned(bytes, keys);
    // What this log has not signed binds nobody, and is replaced.
    if (found === undefined) return;
    if (found.origin !== origin) throw corrupt(`the files belong to the log ${found.origin}`);
    if (found.size > size) {
      // A holder that was cut off sees what the next one has published.
      if (!(await this.#holds())) throw new TakenOver();
      throw older(
        `${found.size} records were signed, it knows of ${size}; or another database writes to the same files`,
      );
    }
    const proof = await proveConsistency(found.size, size, (level, index, width) =>
      readTile(this.#served, level, index, width),
    );
    const isOurs = verifyConsistency(found.size, size, found.root, root, proof);
    if (!isOurs) throw corrupt("the files hold a checkpoint of another tree: two databases write to them");
  }

  /** "MAY delete any partial tile once the corresponding full tile is … available." https://c2sp.org/tlog-tiles */
  async #removeOutgrown(partials: readonly PublicFile[]): Promise<void> {
    const current = new Set(partials.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
    for (const folder of this.#partialFolders) if (!current.has(folder)) await this.#options.files.remove(folder);
    this.#partialFolders = current;
  }
}

async function readTile(served: ServedFiles, level: number, index: number, width: number): Promise<Uint8Array> {
  const path = tilePath(level, index, width);
  const tile = (await served.read(path))?.body;
  if (tile === undefined) throw corrupt(`${path} was signed and is missing from the shared files`);
  return tile;
}

function corrupt(message: string): SluiceError {
  return new SluiceError("evidence_corrupt", message);
}
