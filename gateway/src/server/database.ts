/**
 * Where control state lives (reviews, grants, sessions, consents, wrapped keys): an embedded file by default, or PostgreSQL by
 * URL when there is more than one gateway. The rooms write their SQL once, with Kysely, and bring their tables as migrations
 * from their `store.ts`; this file knows which database it is, and nothing of what is in it. Payload is never in it in clear.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Kysely } from "kysely";
import type { Clock } from "../core/clock.ts";
import type { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { openEmbedded } from "./database/embedded.ts";
import { advisoryLock, migrate, type Migration } from "./database/migrations.ts";
import { LocalWakeups, type Wakeups } from "./database/wakeups.ts";

export interface DatabaseOptions {
  /** Folder of the embedded file. */
  readonly dir: string;
  /** Of a PostgreSQL server; absent: the embedded file. */
  readonly url?: Secret | undefined;
  /** Of all rooms; those of one room in order. */
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
  /** Gets what goes wrong in the background. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
}

export interface Database {
  /** Rooms take it as a `Kysely` of their own tables. */
  readonly sql: Kysely<unknown>;
  readonly wakeups: Wakeups;
  /**
   * What was deleted by now leaves the files of the embedded database. From those of a server it goes as that server likes: what must
   * not be read there has to be wrapped under a key that is destroyed. Throws database_unavailable.
   */
  scrubFreed(): Promise<void>;
  /** Ids of the migrations that this start ran. */
  readonly migrated: readonly string[];
  close(): Promise<void>;
}

export const DATABASE_FILE = "control.sqlite";

/** The database as it is, for working on it without a gateway: no table is made or changed. Undefined where there are none yet. */
export async function lookAtDatabase({
  dir,
  url,
  onFault,
}: Pick<DatabaseOptions, "dir" | "url" | "onFault">): Promise<Pick<Database, "sql" | "close"> | undefined> {
  const path = join(dir, DATABASE_FILE);
  if (url === undefined && !existsSync(path)) return undefined;
  const remote = url === undefined ? undefined : await (await import("./database/remote.ts")).openRemote(url, onFault);
  const sql = new Kysely<unknown>({ dialect: remote?.dialect ?? openEmbedded(path).dialect });
  const close = async (): Promise<void> => {
    await remote?.close();
    await sql.destroy();
  };
  if ((await sql.introspection.getTables()).length > 0) return { sql, close };
  await close();
  return undefined;
}

/** Throws database_unavailable, database_newer. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { dir, url, migrations, clock, onFault } = options;
  // Its driver is loaded by who has such a server.
  const remote = url === undefined ? undefined : await (await import("./database/remote.ts")).openRemote(url, onFault);
  const embedded = remote === undefined ? openEmbedded(join(dir, DATABASE_FILE)) : undefined;
  const dialect = remote?.dialect ?? embedded?.dialect;
  if (dialect === undefined) throw new Error("assertion: one of the two");
  const sql = new Kysely<unknown>({ dialect });
  const close = async (): Promise<void> => {
    await remote?.close();
    await sql.destroy();
  };
  try {
    // A transaction of the embedded database keeps others out from its beginning.
    const lock = remote === undefined ? () => Promise.resolve() : advisoryLock;
    const migrated = await migrate(sql, migrations, clock(), lock);
    const scrubFreed = async (): Promise<void> => embedded?.scrubFreed(sql);
    return { sql, wakeups: remote?.wakeups ?? new LocalWakeups(), scrubFreed, migrated, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
