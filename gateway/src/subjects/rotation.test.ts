import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Secret } from "../core/secret.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import { SubjectRows, type Tables } from "./rows.ts";
import { BACKUPS_MS, copied, DAY_MS, EPOCH_MS, email, keyFor, Room, type TestSubjects } from "./test/setup.ts";

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

const people = (count: number) => Array.from({ length: count }, (_, at) => email(`person-${at}@example.com`));
const keyFiles = (): string[] =>
  readdirSync(join(room.dir, "custody", "keys")).filter((name) => name.startsWith("subjects-"));
const names = (): string[] => room.events.map(({ name, target }) => `${name} ${target}`);
const counts = ({ database }: TestSubjects) => new SubjectRows(database.sql).counts();

describe.each([
  ["the embedded database", () => Promise.resolve(undefined)],
  ["a PostgreSQL server", () => server.database()],
] as const)("the turn of an epoch in %s", (_, place) => {
  let url: Secret | undefined;
  beforeEach(async () => {
    url = await place();
  });

  test("brings all that is left under the new key, ids and keys as they were, and destroys the old one when backups are gone", async () => {
    const subjects = await room.open({ url });
    const before = (await subjects.keys.keysFor(people(250))).map(copied);
    const erased = before.slice(0, 10).map(({ id }) => id);
    room.now += EPOCH_MS;
    await subjects.destruction.destroy(erased);
    await subjects.turn();
    expect(await counts(subjects)).toEqual(new Map([[2, 241]]));
    expect(keyFiles()).toEqual(["subjects-1.json", "subjects-2.json"]);
    room.now += BACKUPS_MS - 1;
    await subjects.turn();
    expect(keyFiles()).toContain("subjects-1.json");
    room.now += 1;
    await subjects.turn();
    expect(keyFiles()).not.toContain("subjects-1.json");
    expect(names()).toContain("key.destroyed subjects/1");
    for (const each of before.slice(10)) expect(copied(await subjects.keys.keyOf(each.id))).toEqual(each);
    for (const id of erased) expect(await subjects.keys.keyOf(id)).toBeUndefined();
    expect(await subjects.index.idsOf([people(250)[17] as ReturnType<typeof email>])).toEqual([before[17]?.id]);
  });

  test("passes that run at two gateways, or are cut off, end alike", async () => {
    const one = await room.open({ url, name: "a" });
    const other = url === undefined ? one : await room.open({ url, name: "b" });
    await one.keys.keysFor(people(450));
    room.now += EPOCH_MS;
    await Promise.all([one.turn(), other.turn()]);
    expect(await counts(one)).toEqual(new Map([[2, 451]]));
  });

  test("a key that a recording is still under is kept, and said; a row that does not open keeps its key too", async () => {
    const subjects = await room.open({ url });
    let recordings = 1;
    subjects.epochKeys.addUser({
      name: "recordings",
      count: (version) => Promise.resolve(version === 1 ? recordings : 0),
      rewrap: () => Promise.resolve(0),
    });
    const [broken] = await subjects.keys.keysFor(people(3));
    const id = Buffer.from(copied(broken).id, "base64url");
    room.now += EPOCH_MS;
    await subjects.turn();
    room.now += BACKUPS_MS;
    await subjects.turn();
    expect(subjects.faults).toEqual(["key_in_use"]);
    expect(keyFiles()).toContain("subjects-1.json");
    const db: Kysely<Tables> = subjects.database.sql;
    await db.updateTable("subjects").set({ kek: 1 }).where("id", "=", id).execute();
    recordings = 0;
    await subjects.turn();
    expect(keyFiles()).toContain("subjects-1.json");
    expect(await counts(subjects)).toEqual(
      new Map([
        [1, 1],
        [3, 3],
      ]),
    );
  });

  test("the index key of an epoch of which nobody is left goes", async () => {
    const subjects = await room.open({ url });
    const ids = (await subjects.keys.keysFor(people(3))).map((each) => copied(each).id);
    room.now += EPOCH_MS;
    await keyFor(subjects, "jane@example.com");
    await subjects.turn();
    expect((await new SubjectRows(subjects.database.sql).epochs()).map(({ epoch }) => epoch)).toEqual([1, 2]);
    await subjects.destruction.destroy(ids);
    await subjects.turn();
    expect((await new SubjectRows(subjects.database.sql).epochs()).map(({ epoch }) => epoch)).toEqual([2]);
  });

  test("retention takes the keys of epochs that were over by then, and no other", async () => {
    const subjects = await room.open({ url });
    const began = room.now;
    const first = await keyFor(subjects, "jane@example.com");
    room.now += EPOCH_MS;
    const second = await keyFor(subjects, "jane@example.com");
    room.now += EPOCH_MS;
    const third = await keyFor(subjects, "jane@example.com");
    expect(await subjects.retire({ record: 0, time: began + DAY_MS })).toEqual({ postings: 0, keys: 0 });
    expect(await subjects.retire({ record: 0, time: began + EPOCH_MS + DAY_MS })).toEqual({ postings: 0, keys: 1 });
    expect(await subjects.index.idsOf([email("jane@example.com")])).toEqual([second.id, third.id]);
    room.now += 60_000;
    expect(await subjects.keys.keyOf(first.id)).toBeUndefined();
    expect(copied(await subjects.keys.keyOf(second.id))).toEqual(second);
  });
});

describe("after a restore", () => {
  test("keys that the log says were destroyed are destroyed again before anything is opened", async () => {
    const first = await room.open();
    const jane = await keyFor(first, "jane@example.com");
    await first.close();
    const backup = `${room.dir}-backup`;
    cpSync(room.dir, backup, { recursive: true });
    try {
      room.now += EPOCH_MS;
      const second = await room.open();
      await second.turn();
      room.now += BACKUPS_MS;
      await second.turn();
      await second.close();
      expect(keyFiles()).toEqual(["subjects-2.json", "subjects-3.json"]);
      // The key alone, and then the database with it; the log goes on.
      const [old, back] = [backup, room.dir].map((each) => join(each, "custody", "keys", "subjects-1.json"));
      cpSync(old as string, back as string);
      await (await room.open()).close();
      expect(keyFiles()).toEqual(["subjects-2.json", "subjects-3.json"]);
      cpSync(old as string, back as string);
      for (const file of ["control.sqlite", "control.sqlite-wal", "control.sqlite-shm"]) {
        rmSync(join(room.dir, file), { force: true });
        if (existsSync(join(backup, file))) cpSync(join(backup, file), join(room.dir, file));
      }
      const restored = await room.open();
      expect(keyFiles()).toEqual(["subjects-2.json", "subjects-3.json"]);
      expect(await restored.keys.keyOf(jane.id)).toBeUndefined();
      expect(await counts(restored)).toEqual(new Map());
      expect((await keyFor(restored, "jane@example.com")).key).not.toBe(jane.key);
      expect(restored.faults).toEqual([]);
    } finally {
      rmSync(backup, { recursive: true, force: true });
    }
  });

  test("a key that rows need and that is not there is an error that names its file; its number is given to no other key", async () => {
    const first = await room.open();
    await keyFor(first, "jane@example.com");
    room.now += EPOCH_MS;
    await keyFor(first, "jane@example.com");
    await first.close();
    rmSync(join(room.dir, "custody", "keys", "subjects-2.json"));
    await expect(room.open()).rejects.toMatchObject({
      code: "key_unknown",
      message: expect.stringContaining("keys/subjects-2.json") as string,
    });
  });
});
