/**
 * Forgets the oldest entries of a shared log (../pruning.ts says why, and what stays). Whoever asks raises the minimum index in the
 * database, where it only rises and never beyond what is published. The gateway that holds the lease does the rest: it puts the
 * minimum index into log.json, removes bundles from the files, the oldest first, and salts and entries from the database, and notes
 * under its fence how far it has come. So a holder that dies leaves the next one something to go on with, and removing twice is no harm.
 */

import { TILE_WIDTH, tilePath } from "@sluice/verifier";
import { sql } from "kysely";
import { SluiceError } from "../../core/errors.ts";
import type { LogKeys } from "../keys.ts";
import { SALT_BYTES } from "../salts.ts";
import { scanFrames } from "../segment.ts";
import type { SharedFiles } from "./files.ts";
import { TakenOver } from "./lease.ts";
import { asked, LOG_ID, type SharedDatabase } from "./tables.ts";

const ANSWER_MS = 10_000;
/** After so long whoever removes looks whether a checkpoint is due. */
const STEP_MS = 100;

interface SharedPruningOptions {
  readonly db: SharedDatabase;
  readonly files: SharedFiles;
  readonly keys: Pick<LogKeys, "logInfo">;
  readonly fence: number;
}

/** As the database has them. */
interface Pruned {
  readonly minimum: number;
  readonly pruned: number;
}

/** The holder's part. */
export class SharedPruning {
  readonly #options: SharedPruningOptions;
  #minimum: number;
  #pruned: number;

  constructor(options: SharedPruningOptions, { minimum, pruned }: Pruned) {
    this.#options = options;
    this.#minimum = minimum;
    this.#pruned = pruned;
  }

  /** The database has been asked again. */
  raise(minimum: number): void {
    this.#minimum = Math.max(this.#minimum, minimum);
  }

  /** Brings log.json to what the database says. An earlier one may stand there, from a holder that was cut off. */
  async announce(): Promise<void> {
    const { files, keys } = this.#options;
    const text = keys.logInfo(this.#minimum);
    if ((await files.read("log.json"))?.toString("utf8") !== text) await files.write("log.json", Buffer.from(text));
  }

  /** Removes for a moment what has to go. False when nothing is left to remove. Throws TakenOver. */
  async step(): Promise<boolean> {
    const end = wholeBelow(this.#minimum);
    if (this.#pruned >= end) return false;
    const { db, files, fence } = this.#options;
    // Nobody may miss what log.json does not say is gone.
    await this.announce();
    let below = this.#pruned;
    for (const until = performance.now() + STEP_MS; below < end && performance.now() < until; below += TILE_WIDTH) {
      await removeBundle(files, below / TILE_WIDTH);
    }
    await removeRows(db, below);
    const { numUpdatedRows } = await asked(ANSWER_MS, () =>
      db
        .updateTable("evidence_log")
        .set({ pruned: below })
        .where("id", "=", LOG_ID)
        .where("fence", "=", fence)
        .executeTakeFirstOrThrow(),
    );
    if (numUpdatedRows !== 1n) throw new TakenOver();
    this.#pruned = below;
    return below < end;
  }
}

/** Bundles go whole. */
export function wholeBelow(minimum: number): number {
  return minimum - (minimum % TILE_WIDTH);
}

/** Also what it was before it was full. */
export async function removeBundle(files: SharedFiles, bundle: number): Promise<void> {
  const partial = tilePath("entries", bundle, 1);
  await files.remove(partial.slice(0, partial.lastIndexOf("/")));
  await files.removeFile(tilePath("entries", bundle, TILE_WIDTH));
}

/**
 * Raises the minimum index, unless it is there already; gives what it was. Rejects with evidence_unknown when `to` is beyond what is
 * published, for below that every bundle and every hash is durable in the files.
 */
export async function raiseMinimum(db: SharedDatabase, to: number): Promise<number> {
  return asked(ANSWER_MS, () =>
    db.transaction().execute(async (transaction) => {
      const log = await transaction
        .updateTable("evidence_log")
        .set({ id: LOG_ID })
        .where("id", "=", LOG_ID)
        .returning(["published", "minimum"])
        .executeTakeFirstOrThrow();
      if (to > log.published) throw beyondPublished(log.published);
      if (to > log.minimum) {
        await transaction.updateTable("evidence_log").set({ minimum: to }).where("id", "=", LOG_ID).execute();
      }
      return log.minimum;
    }),
  );
}

export function beyondPublished(published: number): SluiceError {
  return new SluiceError("evidence_unknown", `the evidence log has published ${published} records: prune fewer`);
}

/** What a commit has on both sides is cut. `below` is a bundle's beginning, and every entry before it is in a full bundle. */
async function removeRows(db: SharedDatabase, below: number): Promise<void> {
  const across = sql<boolean>`first < ${below} and first + count > ${below}`;
  await asked(ANSWER_MS, async () => {
    await db.deleteFrom("evidence_salts").where("first", "<", below).where(sql`first + count`, "<=", below).execute();
    const zeros = sql`decode(repeat('00', cast((${below} - first) * ${sql.lit(SALT_BYTES)} as integer)), 'hex')`;
    await db
      .updateTable("evidence_salts")
      .set({ salts: sql<Buffer>`overlay(salts placing ${zeros} from 1)` })
      .where(across)
      .execute();
    await db.deleteFrom("evidence_batches").where("first", "<", below).where(sql`first + count`, "<=", below).execute();
    const row = await db.selectFrom("evidence_batches").selectAll().where(across).executeTakeFirst();
    if (row === undefined) return;
    const gone = below - row.first;
    const { end, records } = scanFrames(row.frames, 0, gone, () => undefined);
    if (records !== gone) {
      throw new SluiceError("evidence_corrupt", `the entry of index ${row.first + records} is damaged in the database`);
    }
    await db
      .updateTable("evidence_batches")
      .set({ first: below, count: row.count - gone, frames: row.frames.subarray(end) })
      .where("first", "=", row.first)
      .execute();
  });
}
