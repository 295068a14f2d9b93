/**
 * Brings the tables to the form that this version knows. All steps that are missing run in one transaction: either the database
 * is as this version wants it, or it is as it was. A database that a newer version has changed is refused, since nobody here
 * knows what its columns mean. There is no way back: restore a backup to run an older version.
 */
import { type Kysely, sql } from "kysely";
import { SluiceError } from "../../core/errors.ts";

/** One step of a room. Runs on every database with the same words. */
export interface Migration {
  /** Room, number, what it does: `reviews-0001-tables`. Never changes once it was released. */
  readonly id: string;
  up(db: Kysely<unknown>): Promise<void>;
}

interface Tables {
  sluice_migrations: { id: string; position: number; applied_at: number };
}

/** Runs first in the transaction: keeps others who start at the same time waiting. */
export type Lock = (db: Kysely<unknown>) => Promise<void>;

/** `migrations`: of all rooms, those of one room in order. Throws database_newer. Returns the ids of what was done. */
export async function migrate(
  db: Kysely<unknown>,
  migrations: readonly Migration[],
  now: number,
  lock: Lock,
): Promise<readonly string[]> {
  const ids = migrations.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) throw new Error("assertion: two migrations have one id");
  return (db as Kysely<Tables>).transaction().execute(async (transaction) => {
    const plain = transaction as unknown as Kysely<unknown>;
    await lock(plain);
    await transaction.schema
      .createTable("sluice_migrations")
      .ifNotExists()
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("position", "integer", (column) => column.notNull())
      .addColumn("applied_at", "bigint", (column) => column.notNull())
      .execute();
    const done = await transaction.selectFrom("sluice_migrations").select("id").orderBy("position").execute();
    const applied = new Set(done.map(({ id }) => id));
    const unknown = done.filter(({ id }) => !ids.includes(id)).map(({ id }) => id);
    if (unknown.length > 0) {
      throw new SluiceError(
        "database_newer",
        `the database was changed by a newer version of Sluice (${unknown.join(", ")}), which this one does not know; ` +
          "run that version, or restore a backup from before",
      );
    }
    checkOrder(ids, applied);
    const missing = migrations.filter(({ id }) => !applied.has(id));
    for (const [at, migration] of missing.entries()) {
      await migration.up(plain);
      await transaction
        .insertInto("sluice_migrations")
        .values({ id: migration.id, position: done.length + at, applied_at: now })
        .execute();
    }
    return missing.map(({ id }) => id);
  });
}

/** Within a room a step that comes before one that was done cannot be caught up on. */
function checkOrder(ids: readonly string[], applied: ReadonlySet<string>): void {
  const skipped = new Map<string, string>();
  for (const id of ids) {
    const room = id.slice(0, id.indexOf("-"));
    const before = skipped.get(room);
    if (!applied.has(id)) skipped.set(room, id);
    else if (before !== undefined) throw new Error(`assertion: ${before} was put before ${id}, which is done already`);
  }
}

/** Any number that nobody else takes: "sluice" in ASCII. */
const LOCK_KEY = 0x736c75696365;

/** Held until the transaction ends. */
export const advisoryLock: Lock = async (db) => {
  await sql`select pg_advisory_xact_lock(${LOCK_KEY})`.execute(db);
};
