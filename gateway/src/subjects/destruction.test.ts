import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Kysely } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Secret } from "../core/secret.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import type { Tables } from "./rows.ts";
import { BACKUPS_MS, copied, EPOCH_MS, email, filesWith, keyFor, Room, type TestSubjects } from "./test/setup.ts";

let server: TestServer;
let room: Room;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.close());

const rowsOf = ({ database }: TestSubjects): Kysely<Tables> => database.sql;
const people = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => email(`person-${from + at}@example.com`));

test("after an erasure nothing of the row is in any file of the data folder, wherever the pages have moved it", async () => {
  const subjects = await room.open();
  // Enough that the trees of the index split many times, with what is erased in their midst, and some erased before.
  const erased: { readonly id: string; readonly bytes: readonly Uint8Array[] }[] = [];
  const earlier: string[] = [];
  for (let round = 0; round < 20; round++) {
    const found = await subjects.keys.keysFor(people(500, round * 500));
    earlier.push(...found.slice(0, 5).map((each) => copied(each).id));
    for (const each of found.slice(5, 25)) {
      const { id } = copied(each);
      const row = await rowsOf(subjects)
        .selectFrom("subjects")
        .selectAll()
        .where("id", "=", Buffer.from(id, "base64url"))
        .executeTakeFirstOrThrow();
      erased.push({ id, bytes: [row.tag, row.wrapped] });
    }
    await subjects.destruction.destroy(earlier.splice(0));
  }
  const all = erased.flatMap(({ bytes }) => bytes);
  // What is looked for is there before.
  expect(filesWith(room.dir, all[0] as Uint8Array)).not.toEqual([]);
  await subjects.destruction.destroy(erased.map(({ id }) => id));
  for (const bytes of all) expect(filesWith(room.dir, bytes)).toEqual([]);
  await subjects.close();
  for (const bytes of all) expect(filesWith(room.dir, bytes)).toEqual([]);
}, 60_000);

test("an erasure is not done while another program keeps the old pages alive; run again, it is", async () => {
  const subjects = await room.open();
  const { id } = await keyFor(subjects, "jane@example.com");
  const row = await rowsOf(subjects).selectFrom("subjects").selectAll().executeTakeFirstOrThrow();
  const reader = new DatabaseSync(join(room.dir, "control.sqlite"), { readOnly: true });
  reader.exec("begin; select * from subjects");
  reader.prepare("select count(*) from subjects").get();
  await expect(subjects.destruction.destroy([id])).rejects.toMatchObject({ code: "database_unavailable" });
  reader.close();
  expect(filesWith(room.dir, row.wrapped)).not.toEqual([]);
  await subjects.destruction.destroy([id]);
  expect(filesWith(room.dir, row.wrapped)).toEqual([]);
  expect(await subjects.keys.keyOf(id)).toBeUndefined();
});

test("a pass to a new key leaves nothing of the old wrapping behind either", async () => {
  const subjects = await room.open();
  await subjects.keys.keysFor(people(2_000));
  const before = await rowsOf(subjects).selectFrom("subjects").select(["id", "wrapped"]).execute();
  room.now += EPOCH_MS;
  await subjects.turn();
  await subjects.database.scrubFreed();
  for (const { wrapped } of before.slice(0, 200)) expect(filesWith(room.dir, wrapped)).toEqual([]);
}, 60_000);

describe.each([
  ["the embedded database", () => Promise.resolve(undefined)],
  ["a PostgreSQL server", () => server.database()],
] as const)("erasure in %s", (_, place) => {
  let url: Secret | undefined;
  beforeEach(async () => {
    url = await place();
  });

  test("an erased key is gone, from memory too; others stay; the person's next data gets another key", async () => {
    const subjects = await room.open({ url });
    const jane = await keyFor(subjects, "jane@example.com");
    const john = await keyFor(subjects, "john@example.com");
    const [held] = await subjects.keys.keysFor([email("jane@example.com")]);
    expect(await subjects.destruction.destroy([jane.id])).toEqual([{ gateway: "one", at: room.now }]);
    expect(held?.key).toEqual(Buffer.alloc(32));
    expect(await subjects.keys.keyOf(jane.id)).toBeUndefined();
    expect(await subjects.index.idsOf([email("jane@example.com")])).toEqual([]);
    expect(copied(await subjects.keys.keyOf(john.id))).toEqual(john);
    const next = await keyFor(subjects, "jane@example.com");
    expect(next.id).not.toBe(jane.id);
    expect(next.key).not.toBe(jane.key);
  });

  test("twice, of somebody unknown, of nobody, and of what is no id, is no error", async () => {
    const subjects = await room.open({ url });
    const { id } = await keyFor(subjects, "jane@example.com");
    for (const ids of [[id], [id], ["AAAAAAAAAAA"], [], ["x", "", "not an id at all"]])
      expect(await subjects.destruction.destroy(ids)).toMatchObject([{ gateway: "one" }]);
  });

  test("while keys are being read and made, none comes back", async () => {
    const subjects = await room.open({ url });
    const many = people(300);
    const ids = (await subjects.keys.keysFor(many)).map((each) => copied(each).id);
    room.now += 60_000;
    const reading = [
      ...ids.map(async (id) => void (await subjects.keys.keyOf(id))),
      (async () => void (await subjects.keys.keysFor(many)))(),
      ...many.map(async (each) => void (await subjects.keys.keysFor([each]))),
    ];
    await subjects.destruction.destroy(ids);
    await Promise.all(reading);
    for (const id of ids) expect(await subjects.keys.keyOf(id)).toBeUndefined();
    const left = await rowsOf(subjects).selectFrom("subjects").select("id").execute();
    const now = new Set(left.map((row) => Buffer.from(row.id).toString("base64url")));
    expect(ids.filter((each) => now.has(each))).toEqual([]);
  });

  test("says from when on no older copy opens: when the key of the epoch is gone", async () => {
    const subjects = await room.open({ url });
    expect(await subjects.destruction.backupsDeadBy()).toBeUndefined();
    await keyFor(subjects, "jane@example.com");
    const began = room.now;
    const dead = await subjects.destruction.backupsDeadBy();
    expect(dead).toBeGreaterThanOrEqual(began + EPOCH_MS + BACKUPS_MS);
    const file = join(room.dir, "custody", "keys", "subjects-1.json");
    room.now = began + EPOCH_MS;
    await subjects.turn();
    expect(existsSync(file)).toBe(true);
    room.now = dead ?? 0;
    await subjects.turn();
    expect(existsSync(file)).toBe(false);
  });
});

describe("gateways of one database", () => {
  test("all of them clear an erased key and say so, at once", async () => {
    const url = await server.database();
    const gateways = [
      await room.open({ url, name: "a" }),
      await room.open({ url, name: "b" }),
      await room.open({ url, name: "c" }),
    ];
    const [a, b, c] = gateways as [TestSubjects, TestSubjects, TestSubjects];
    const { id } = await keyFor(a, "jane@example.com");
    const held = await Promise.all([b, c].map(async ({ keys }) => (await keys.keyOf(id))?.key));
    const began = Date.now();
    const answers = await a.destruction.destroy([id]);
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(answers).toEqual(["a", "b", "c"].map((gateway) => ({ gateway, at: room.now })));
    expect(held).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
    for (const each of gateways) expect(await each.keys.keyOf(id)).toBeUndefined();
  });

  test("one that is gone without a word is named, and nobody waits for it longer than a minute; one that has closed is not asked", async () => {
    const url = await server.database();
    const a = await room.open({ url, name: "a" });
    const closed = await room.open({ url, name: "closed" });
    await closed.close();
    const dead = { instance: "of another machine", name: "dead", seen_at: room.now };
    await rowsOf(a).insertInto("subject_gateways").values(dead).execute();
    const { id } = await keyFor(a, "jane@example.com");
    const destroying = a.destruction.destroy([id]);
    await vi.waitFor(async () =>
      expect(await rowsOf(a).selectFrom("subject_purges").selectAll().execute()).toHaveLength(1),
    );
    room.now += 60_000;
    expect(await destroying).toEqual([{ gateway: "a", at: room.now - 60_000 }, { gateway: "dead" }]);
    room.now += 70_000;
    expect(await a.destruction.destroy([id])).toMatchObject([{ gateway: "a" }]);
  });

  test("one whose connection is lost drops all that it holds at once, and answers when it hears again", async () => {
    const url = await server.database();
    const [a, b] = [await room.open({ url, name: "a" }), await room.open({ url, name: "b" })];
    const { id } = await keyFor(a, "jane@example.com");
    const held = (await b.keys.keyOf(id))?.key;
    expect(held).not.toEqual(Buffer.alloc(32));
    await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice' and query like 'listen%'",
    );
    await vi.waitFor(() => expect(held).toEqual(Buffer.alloc(32)), { timeout: 5_000 });
    expect(await a.destruction.destroy([id])).toMatchObject([{ gateway: "a" }, { gateway: "b", at: room.now }]);
    expect(await b.keys.keyOf(id)).toBeUndefined();
  });

  test("a key of an epoch that one destroys is gone on all, also where each has a folder of its own", async () => {
    const url = await server.database();
    const a = await room.open({ url, name: "a" });
    const { id } = await keyFor(a, "jane@example.com");
    // A copy of the folder, as on another machine.
    const { cpSync } = await import("node:fs");
    const dir = join(room.dir, "other");
    cpSync(join(room.dir, "custody"), join(dir, "custody"), { recursive: true });
    const b = await room.open({ url, name: "b", dir });
    expect(await b.keys.keyOf(id)).toBeDefined();
    room.now += EPOCH_MS;
    await a.turn();
    cpSync(join(room.dir, "custody"), join(dir, "custody"), { recursive: true });
    room.now += BACKUPS_MS;
    await a.turn();
    const left = (of: string): string[] => readdirSync(join(of, "custody", "keys"));
    expect(left(room.dir)).not.toContain("subjects-1.json");
    await vi.waitFor(() => expect(left(dir)).not.toContain("subjects-1.json"), { timeout: 5_000 });
    expect(b.faults).toEqual([]);
  });
});
