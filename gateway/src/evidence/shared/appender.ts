/**
 * Appends the batches of one gateway to the log of all of them. A batch is one statement: it takes the next indexes, which locks
 * the head until the commit, so that the order of the commits is the order of the log, without gaps; and it notes in the writer's
 * own row which batch that was. Promises that nothing is told before it is known: when the answer is lost, the writer's row is
 * closed, which waits for a commit that is still under way and shuts out one that has not begun, and then says which of the two
 * it was. A database that has forgotten a batch it had committed is database_older, and nothing is appended to it any more.
 */

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { SluiceError } from "../../core/errors.ts";
import type { Commit } from "../journal.ts";
import { SALT_BYTES } from "../salts.ts";
import { asked, databaseNow, LOG_ID, type SharedDatabase } from "./tables.ts";

/** Longest wait for an answer before it counts as lost. */
const ANSWER_MS = 10_000;
/** How long a lost answer is looked for. After that the batch is rejected without being known: the contract of `append` has it so. */
const SETTLE_MS = 15_000;
const SETTLE_PAUSE_MS = 100;
/** Rows of writers that have not been heard of for so long are removed. */
const FORGET_MS = 7 * 24 * 3_600_000;

export class Appender {
  readonly #db: SharedDatabase;
  readonly #gateway: string;
  #writer = "";
  /** The last one that was acknowledged. */
  #batch = 0;
  #size = 0;

  constructor(db: SharedDatabase, gateway: string) {
    this.#db = db;
    this.#gateway = gateway;
  }

  /** Records up to the last one that this gateway has appended. */
  get size(): number {
    return this.#size;
  }

  /** Begins as a new writer, also after a fault. Rejects with evidence_unavailable or database_older. */
  async begin(): Promise<void> {
    const id = randomUUID();
    await asked(ANSWER_MS, async () => {
      await this.#db
        .deleteFrom("evidence_writers")
        .where("seen_at", "<", sql<number>`${databaseNow} - ${sql.lit(FORGET_MS)}`)
        .execute();
      await this.#db
        .insertInto("evidence_writers")
        .values({ id, gateway: this.#gateway, batch: 0, first: null, closed: 0, seen_at: databaseNow })
        .execute();
      const { size } = await this.#db
        .selectFrom("evidence_head")
        .select("size")
        .where("id", "=", LOG_ID)
        .executeTakeFirstOrThrow();
      if (size < this.#size) throw older(`${this.#size} records were acknowledged, it has ${size}`);
    });
    this.#writer = id;
    this.#batch = 0;
  }

  /** Resolves with the index of the first record. One at a time. */
  async commit(commit: Commit): Promise<number> {
    const first = await asked(ANSWER_MS, () => this.#insert(commit)).catch((thrown: unknown) => {
      if (!(thrown instanceof SluiceError) || thrown.code !== "evidence_unavailable") throw thrown;
      return undefined;
    });
    const settled = first ?? (await this.#settle());
    this.#batch += 1;
    this.#size = settled + commit.count;
    return settled;
  }

  /** The row is of no use any more. Never rejects. */
  async end(): Promise<void> {
    await this.#db
      .deleteFrom("evidence_writers")
      .where("id", "=", this.#writer)
      .execute()
      .catch(() => undefined);
  }

  /** Undefined when the writer's row is not as this gateway left it. */
  async #insert({ bytes, length, count, salts, salted }: Commit): Promise<number | undefined> {
    const frames = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    const kept = salted ? Buffer.from(salts.buffer, salts.byteOffset, count * SALT_BYTES) : null;
    const { rows } = await sql<{ first: number }>`
      with writer as (
        select id from evidence_writers where id = ${this.#writer} and batch = ${this.#batch} and closed = 0 for update
      ), head as (
        update evidence_head set size = size + ${count} from writer
        where evidence_head.id = ${LOG_ID} returning evidence_head.size - ${count} as first
      ), noted as (
        update evidence_writers set batch = batch + 1, first = head.first, seen_at = ${databaseNow} from head
        where evidence_writers.id = ${this.#writer}
      ), salted as (
        insert into evidence_salts (first, count, salts)
        select first, ${count}, cast(${kept} as bytea) from head where ${salted}
      )
      insert into evidence_batches (first, count, writer, frames)
      select first, ${count}, ${this.#writer}, ${frames} from head returning first
    `.execute(this.#db);
    return rows[0]?.first;
  }

  /** Where the batch is whose answer was lost. Rejects when it is nowhere, and never will be. */
  async #settle(): Promise<number> {
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      const closed = await asked(ANSWER_MS, () =>
        this.#db
          .updateTable("evidence_writers")
          .set({ closed: 1 })
          .where("id", "=", this.#writer)
          .returning(["batch", "first"])
          .executeTakeFirst(),
      ).catch((thrown: unknown) => thrown as SluiceError);
      if (closed instanceof SluiceError) {
        if (closed.code !== "evidence_unavailable" || performance.now() > deadline) throw closed;
        await pause(SETTLE_PAUSE_MS);
        continue;
      }
      if (closed !== undefined && closed.batch < this.#batch)
        throw older("it has forgotten what this gateway appended");
      // Without a row, which is removed when it was not used for long, nothing can have been appended.
      if (closed === undefined || closed.batch === this.#batch || closed.first === null) {
        throw new SluiceError("evidence_unavailable", "the database did not take the record");
      }
      await this.#goOn(deadline);
      return closed.first;
    }
  }

  /** The batch is there, and is told as such even if no other can follow: that one then says so. */
  async #goOn(deadline: number): Promise<void> {
    while (performance.now() < deadline) {
      try {
        await this.begin();
        // Counted again by who called.
        this.#batch = -1;
        return;
      } catch (thrown) {
        if (!(thrown instanceof SluiceError) || thrown.code !== "evidence_unavailable") return;
        await pause(SETTLE_PAUSE_MS);
      }
    }
  }
}

export function older(what: string): SluiceError {
  return new SluiceError(
    "database_older",
    `the database is older than the evidence log: ${what}. Restore the newest copy of the database, up to its last commit; ` +
      "nothing is written until then (docs/deployment.md, “When the database was restored”)",
  );
}
