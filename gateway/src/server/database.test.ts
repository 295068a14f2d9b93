import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { type Database, DATABASE_FILE, openDatabase } from "./database.ts";
import type { Migration } from "./database/migrations.ts";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";

interface Tables {
  things: { id: string; size: number; body: Uint8Array | null };
}

const tables: Migration = {
  id: "test-0001-tables",
  async up(db) {
    await db.schema
      .createTable("things")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("size", "bigint", (column) => column.notNull())
      .addColumn("body", "bytea")
      .execute();
  },
};
const index: Migration = {
  id: "test-0002-index",
  async up(db) {
    await db.schema.createIndex("things_by_size").on("things").column("size").execute();
  },
};
const broken: Migration = {
  id: "test-0002-broken",
  async up(db) {
    await db.schema.createTable("half").addColumn("id", "text").execute();
    await db.schema.createIndex("nowhere").on("no_such_table").column("id").execute();
  },
};

let server: TestServer;
let dir: string;
const opened: Database[] = [];
const faults: SluiceError[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-database-"));
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(url: Secret | undefined, migrations: readonly Migration[] = [tables]): Promise<Database> {
  const database = await openDatabase({
    dir: join(dir, "data"),
    url,
    migrations,
    clock: () => 1_000,
    onFault: (error) => faults.push(error),
  });
  opened.push(database);
  return database;
}

const things = (database: Database): Kysely<Tables> => database.sql;
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (thrown: unknown) => (thrown instanceof SluiceError ? thrown.code : String(thrown)),
  );

describe.each([
  ["the embedded database", () => Promise.resolve(undefined)],
  ["a PostgreSQL server", () => server.database()],
] as const)("%s", (_, place) => {
  test("keeps texts, times in milliseconds and bytes as they were given", async () => {
    const db = things(await open(await place()));
    const row = { id: "ü\u0000".slice(0, 1), size: 1_790_000_000_000, body: Uint8Array.of(0, 255, 10) };
    await db.insertInto("things").values(row).execute();
    const read = await db.selectFrom("things").selectAll().executeTakeFirstOrThrow();
    expect({ ...read, body: [...(read.body ?? [])] }).toEqual({ ...row, body: [0, 255, 10] });
  });

  test("a transaction that fails leaves nothing behind, and the next one runs", async () => {
    const db = things(await open(await place()));
    const failing = db.transaction().execute(async (transaction) => {
      await transaction.insertInto("things").values({ id: "a", size: 1, body: null }).execute();
      throw new Error("stop");
    });
    await expect(failing).rejects.toThrow("stop");
    await db.insertInto("things").values({ id: "a", size: 2, body: null }).execute();
    expect(await db.selectFrom("things").select("size").execute()).toEqual([{ size: 2 }]);
  });

  test("of many who change a row on a condition, one does", async () => {
    const db = things(await open(await place()));
    await db.insertInto("things").values({ id: "a", size: 0, body: null }).execute();
    const changed = await Promise.all(
      Array.from({ length: 200 }, (_unused, at) =>
        db.transaction().execute(async (transaction) => {
          const done = await transaction
            .updateTable("things")
            .set({ size: at + 1 })
            .where("id", "=", "a")
            .where("size", "=", 0)
            .returning("id")
            .execute();
          return done.length;
        }),
      ),
    );
    expect(changed.filter((count) => count === 1)).toHaveLength(1);
  });

  test("what was stored is there after a restart, and no migration runs twice", async () => {
    const url = await place();
    const first = await open(url);
    expect(first.migrated).toEqual(["test-0001-tables"]);
    await things(first).insertInto("things").values({ id: "a", size: 1, body: null }).execute();
    await first.close();
    opened.length = 0;
    const second = await open(url, [tables, index]);
    expect(second.migrated).toEqual(["test-0002-index"]);
    expect(await things(second).selectFrom("things").select("id").execute()).toEqual([{ id: "a" }]);
  });

  test("a migration that fails changes nothing, the ones before it included", async () => {
    const url = await place();
    await expect(open(url, [tables, broken])).rejects.toThrow();
    const database = await open(url, [tables]);
    expect(database.migrated).toEqual(["test-0001-tables"]);
    expect((await database.sql.introspection.getTables()).map(({ name }) => name)).not.toContain("half");
  });

  test("a database that a newer version has changed is refused", async () => {
    const url = await place();
    await (await open(url, [tables, index])).close();
    opened.length = 0;
    expect(await codeOf(open(url, [tables]))).toBe("database_newer");
  });

  test("a step that is put before one that was done is a bug and is named", async () => {
    const url = await place();
    await (await open(url, [tables])).close();
    opened.length = 0;
    const earlier: Migration = { id: "test-0000-earlier", up: () => Promise.resolve() };
    await expect(open(url, [earlier, tables])).rejects.toThrow("test-0000-earlier was put before test-0001-tables");
  });

  test("who listens hears what is sent on its topic, until it stops", async () => {
    const { wakeups } = await open(await place());
    const heard: string[] = [];
    const stop = wakeups.listen("reviews", { heard: (message) => heard.push(message), missed: () => undefined });
    await wakeups.send("reviews", "one");
    await wakeups.send("other", "two");
    stop();
    await wakeups.send("reviews", "three");
    expect(heard).toEqual(["one"]);
  });
});

describe("the embedded database", () => {
  test("can be read by nobody but its owner", async () => {
    const database = await open(undefined);
    await things(database).insertInto("things").values({ id: "a", size: 1, body: null }).execute();
    for (const name of [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`]) {
      expect(statSync(join(dir, "data", name)).mode & 0o777, name).toBe(0o600);
    }
  });

  test("a place that cannot be written has a named error", async () => {
    const options = { url: undefined, migrations: [], clock: () => 0, onFault: () => undefined };
    expect(await codeOf(openDatabase({ ...options, dir: "/dev/null/x" }))).toBe("database_unavailable");
  });
});

describe("a PostgreSQL server", () => {
  test("two gateways that start at once migrate once", async () => {
    const url = await server.database();
    const both = await Promise.all([open(url, [tables, index]), open(url, [tables, index])]);
    expect(both.flatMap(({ migrated }) => migrated)).toEqual(["test-0001-tables", "test-0002-index"]);
  });

  test("a message of one gateway is heard at another, and once at its own", async () => {
    const url = await server.database();
    const [here, there] = await Promise.all([open(url), open(url)]);
    const heard: string[] = [];
    const arrived = new Promise<void>((resolve) => {
      there.wakeups.listen("reviews", {
        heard: (message) => resolve(void heard.push(message)),
        missed: () => undefined,
      });
    });
    here.wakeups.listen("reviews", { heard: (message) => heard.push(`own ${message}`), missed: () => undefined });
    await here.wakeups.send("reviews", "one");
    await arrived;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard.toSorted()).toEqual(["one", "own one"]);
  });

  test("whose connections are cut is told that it may have missed something, and hears again", async () => {
    const url = await server.database();
    const here = await open(url);
    let missed = 0;
    const heard: string[] = [];
    here.wakeups.listen("reviews", { heard: (message) => heard.push(message), missed: () => void missed++ });
    await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice' and pid <> pg_backend_pid()",
    );
    await expect.poll(() => missed, { timeout: 3_000 }).toBeGreaterThanOrEqual(2);
    const there = await open(url);
    await there.wakeups.send("reviews", "again");
    await expect.poll(() => heard).toContain("again");
    expect(await things(here).selectFrom("things").selectAll().execute()).toEqual([]);
  });

  test("one that does not answer has a named error that holds nothing of its URL", async () => {
    const url = new Secret("postgres://user:hunter2@127.0.0.1:1/none");
    const error = await open(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "database_unavailable" });
    expect(String(error)).not.toContain("hunter2");
  });
});
