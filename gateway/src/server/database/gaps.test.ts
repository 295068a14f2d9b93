import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, DATABASE_FILE, openDatabase } from "../database.ts";
import { pagesWithRemains } from "./gaps.ts";

interface Tables {
  things: { key: Uint8Array; value: Uint8Array };
}

let dir: string;
let database: Database;
let db: Kysely<Tables>;

const open = async (): Promise<void> => {
  database = await openDatabase({
    dir,
    migrations: [
      {
        id: "test-0001-things",
        async up(each) {
          await each.schema
            .createTable("things")
            .addColumn("key", "bytea", (column) => column.primaryKey())
            .addColumn("value", "bytea", (column) => column.notNull())
            .execute();
        },
      },
    ],
    clock: () => 0,
    onFault: () => undefined,
  });
  db = database.sql;
};

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-gaps-"));
  await open();
});
afterEach(async () => {
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

async function insert(count: number): Promise<Buffer[]> {
  const keys = Array.from({ length: count }, () => randomBytes(16));
  for (let at = 0; at < count; at += 100) {
    const values = keys.slice(at, at + 100).map((key) => ({ key, value: Buffer.concat([key, key, key]) }));
    await db.insertInto("things").values(values).execute();
  }
  return keys;
}

async function remove(keys: readonly Buffer[]): Promise<void> {
  for (let at = 0; at < keys.length; at += 100) {
    await db
      .deleteFrom("things")
      .where("key", "in", keys.slice(at, at + 100))
      .execute();
  }
}

/** How many of these stand in a file of the folder. */
function left(keys: readonly Buffer[]): number {
  const files = [DATABASE_FILE, `${DATABASE_FILE}-wal`].map((name) => {
    try {
      return readFileSync(join(dir, name));
    } catch {
      return Buffer.alloc(0);
    }
  });
  const wanted = new Set(keys.map((key) => key.toString("latin1")));
  const found = new Set<string>();
  for (const file of files) {
    const text = file.toString("latin1");
    for (const key of wanted) if (text.includes(key)) found.add(key);
  }
  return found.size;
}

const check = async (): Promise<unknown> => (await sql<object>`pragma integrity_check`.execute(db)).rows;

test("what was deleted is in no page, though splits have moved it; without clearing, some of it would be", async () => {
  const keys = await insert(6_000);
  await remove(keys.slice(0, 1_500));
  // As far as SQLite itself goes.
  await sql`pragma wal_checkpoint(truncate)`.execute(db);
  expect(left(keys.slice(0, 1_500))).toBeGreaterThan(0);
  await database.scrubFreed();
  expect(left(keys.slice(0, 1_500))).toBe(0);
  expect(await check()).toEqual([{ integrity_check: "ok" }]);
  expect(left(keys.slice(1_500, 1_600))).toBe(100);

  // Nothing comes back from a cache when pages are written again, and all else is as it was.
  const more = await insert(3_000);
  await remove(more.slice(0, 500));
  await database.scrubFreed();
  expect(left([...keys.slice(0, 1_500), ...more.slice(0, 500)])).toBe(0);
  await database.close();
  await open();
  expect(await check()).toEqual([{ integrity_check: "ok" }]);
  const there = await db.selectFrom("things").selectAll().execute();
  expect(there).toHaveLength(7_000);
  for (const { key, value } of there) expect(Buffer.from(value)).toEqual(Buffer.concat([key, key, key]));
}, 60_000);

test("while others write, nothing of theirs is lost", async () => {
  const keys = await insert(2_000);
  await remove(keys.slice(0, 500));
  const [, , more] = await Promise.all([database.scrubFreed(), database.scrubFreed(), insert(2_000)]);
  await database.scrubFreed();
  expect(left(keys.slice(0, 500))).toBe(0);
  expect(await check()).toEqual([{ integrity_check: "ok" }]);
  const there = new Set(
    (await db.selectFrom("things").select("key").execute()).map(({ key }) => Buffer.from(key).toString("hex")),
  );
  for (const key of [...keys.slice(500), ...more]) expect(there.has(key.toString("hex"))).toBe(true);
}, 60_000);

test("a page is looked at once: when nothing was moved since, there is nothing to clear", async () => {
  await remove((await insert(2_000)).slice(0, 500));
  await database.scrubFreed();
  await database.close();
  const file = openSync(join(dir, DATABASE_FILE), "r");
  expect(await pagesWithRemains(file)).toEqual([]);
  closeSync(file);
  await open();
});
