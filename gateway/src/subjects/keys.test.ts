import { randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import { HeldKeys } from "./held-keys.ts";
import { IndexKeys } from "./index-keys.ts";
import { SubjectRows, type Tables } from "./rows.ts";
import { Tagger } from "./tagger.ts";
import { indexBinding } from "./wrapping.ts";
import { copied, EPOCH_MS, email, filesWith, keyFor, Room, type TestSubjects } from "./test/setup.ts";

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
const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
  return "none";
};

describe.each([
  ["the embedded database", () => Promise.resolve(undefined)],
  ["a PostgreSQL server", () => server.database()],
] as const)("keys of data subjects in %s", (_, place) => {
  let url: Secret | undefined;
  beforeEach(async () => {
    url = await place();
  });

  test("one person has one key however it is written, and no two people have the same", async () => {
    const { keys } = await room.open({ url });
    const [one, two, other, nobody, phone] = await keys.keysFor([
      email("jane@example.com"),
      email("Jane+news@Example.com "),
      email("john@example.com"),
      email(" "),
      { type: "PHONE", value: "030 901820" },
    ]);
    expect(copied(one)).toEqual(copied(two));
    expect(nobody).toBeUndefined();
    expect(new Set([one, other, phone].map((each) => copied(each).key)).size).toBe(3);
    expect(one?.id).toMatch(/^[\w-]{11}$/);
    expect(copied((await keys.keysFor([{ type: "PHONE", value: "+49 30 901820" }]))[0])).toEqual(copied(phone));
  });

  test("are given at once while they are in memory, and are the same after a restart", async () => {
    const first = await room.open({ url });
    const known = await keyFor(first, "jane@example.com");
    const again = first.keys.keysFor([email("jane@example.com")]);
    expect(again).not.toBeInstanceOf(Promise);
    const byId = first.keys.keyOf(known.id);
    expect(byId).not.toBeInstanceOf(Promise);
    await first.close();
    const second = await room.open({ url });
    expect(copied(await second.keys.keyOf(known.id))).toEqual(known);
    expect(await keyFor(second, "JANE@example.com")).toEqual(known);
  });

  test("are in memory for a minute and no longer; after it they are read again", async () => {
    const subjects = await room.open({ url });
    const known = await keyFor(subjects, "jane@example.com");
    room.now += 55_000;
    const later = subjects.keys.keysFor([email("jane@example.com")]);
    expect(later).toBeInstanceOf(Promise);
    expect(copied((await later)[0])).toEqual(known);
  });

  test("of many that ask for many new ones at once, all that ask for one get the same", async () => {
    const subjects = await room.open({ url });
    const asked = Array.from({ length: 3_000 }, (__, at) => `person-${at % 1_500}@example.com`);
    const found = await Promise.all(asked.map((each) => keyFor(subjects, each)));
    expect(new Set(found.map(({ id }) => id)).size).toBe(1_500);
    for (const [at, each] of found.entries()) expect(each).toEqual(found[at % 1_500]);
    expect(await rowsOf(subjects).selectFrom("subjects").select("id").execute()).toHaveLength(1_500);
  });

  test("of gateways that make the same ones at once, all end with the same", async () => {
    const gateways =
      url === undefined
        ? [await room.open()]
        : [await room.open({ url, name: "a" }), await room.open({ url, name: "b" })];
    const many = Array.from({ length: 200 }, (__, at) => email(`person-${at}@example.com`));
    const found = await Promise.all(
      gateways.map(async (each) => (await each.keys.keysFor(many)).map((key) => copied(key))),
    );
    for (const each of found) expect(each).toEqual(found[0]);
    expect(new Set(found[0]?.map(({ key }) => key)).size).toBe(200);
  });

  test("an id that nobody has, or that is none, has no key", async () => {
    const { keys } = await room.open({ url });
    expect(await keys.keyOf("AAAAAAAAAAA")).toBeUndefined();
    expect(await keys.keyOf("")).toBeUndefined();
    expect(await keys.keyOf("'; drop table subjects")).toBeUndefined();
  });

  test("a row that was altered, or changed with another's, fails those who want it and nobody else", async () => {
    const subjects = await room.open({ url });
    const [jane, john] = [await keyFor(subjects, "jane@example.com"), await keyFor(subjects, "john@example.com")];
    await keyFor(subjects, "mary@example.com");
    const [janes, johns] = [jane, john].map(({ id }) => Buffer.from(id, "base64url"));
    const [row] = await new SubjectRows(subjects.database.sql).byIds([johns as Buffer]);
    const changed = { wrapped: row?.wrapped ?? Buffer.of() };
    await rowsOf(subjects)
      .updateTable("subjects")
      .set(changed)
      .where("id", "=", janes as Buffer)
      .execute();
    room.now += 60_000;
    const asked = ["jane", "john", "mary"].map((name) => codeOf(() => keyFor(subjects, `${name}@example.com`)));
    expect(await Promise.all(asked)).toEqual(["seal_invalid", "none", "none"]);
    expect(await codeOf(() => subjects.keys.keyOf(jane.id))).toBe("seal_invalid");
  });

  test("in a new epoch a person gets another id, and is found by both; nobody is made by looking", async () => {
    const subjects = await room.open({ url });
    const before = await keyFor(subjects, "jane@example.com");
    room.now += EPOCH_MS;
    const after = await keyFor(subjects, "jane@example.com");
    expect(after.id).not.toBe(before.id);
    expect(after.key).not.toBe(before.key);
    expect(await subjects.index.idsOf([email("JANE+x@example.com")])).toEqual([before.id, after.id]);
    expect(await subjects.index.idsOf([email("nobody@example.com"), email("@")])).toEqual([]);
    expect(await rowsOf(subjects).selectFrom("subjects").select("id").execute()).toHaveLength(2);
    expect(copied(await subjects.keys.keyOf(before.id))).toEqual(before);
  });

  test("nobody is asked for a key before one is needed", async () => {
    const subjects = await room.open({ url });
    expect(await subjects.index.idsOf([email("jane@example.com")])).toEqual([]);
    await subjects.turn();
    expect(room.events).toEqual([]);
  });
});

test("no identifier is on disk, and who has the database without the root key, or the log, finds nobody with a million guesses", async () => {
  const subjects = await room.open();
  const phones = ["+4915123000017", "+4915123770077", "+4915123999999"];
  const found = await subjects.keys.keysFor(phones.map((value) => ({ type: "PHONE", value })));
  for (const each of found) subjects.index.post({ subject: copied(each).id, record: 1, place: 1 });
  await subjects.index.sync();
  const rows = await rowsOf(subjects).selectFrom("subjects").selectAll().execute();
  const [epoch] = await rowsOf(subjects).selectFrom("subject_epochs").selectAll().execute();
  const log = JSON.stringify(room.events);
  if (epoch === undefined) throw new Error("assertion: an index key");
  const indexKey = await subjects.epochKeys.unwrap(1, epoch.wrapped, indexBinding({ epoch: 1 }));
  await subjects.close();
  for (const phone of phones) expect(filesWith(room.dir, Buffer.from(phone.slice(1)))).toEqual([]);
  expect(rows).toHaveLength(3);

  // All that a copy of the database has for a key: what is wrapped, ids, and no key at all.
  const tags = new Set(rows.map(({ tag }) => Buffer.from(tag).toString("latin1")));
  const material = [Buffer.alloc(32), Buffer.from(epoch.wrapped).subarray(12, 44)];
  let [guesses, hits] = [0, 0];
  for (const key of material) {
    const tagger = new Tagger(1, key);
    for (let at = 0; at < 500_000; at++) {
      const guess = `+4915123${String(at * 2 + 1).padStart(6, "0")}`;
      guesses += 1;
      const tag = tagger.tag("PHONE", guess);
      if (tags.has(tag) || log.includes(guess)) hits += 1;
    }
  }
  expect(guesses).toBe(1_000_000);
  expect(hits).toBe(0);
  // With the key, as this gateway has it, they would have been found.
  const own = new Tagger(1, indexKey);
  for (const phone of phones) expect(tags.has(own.tag("PHONE", phone))).toBe(true);
}, 60_000);

test("a tag is HMAC-SHA256 as others compute it, whatever the length of the value", async () => {
  const { createHmac } = await import("node:crypto");
  for (const length of [0, 1, 50, 200, 4_000]) {
    const key = randomBytes(32);
    const value = "ü".repeat(length);
    const expected = createHmac("sha256", key).update(`PERSON\0${value}`).digest().subarray(0, 16);
    const tagger = new Tagger(1, key);
    for (let at = 0; at < 2; at++) expect(Buffer.from(tagger.tag("PERSON", value), "latin1")).toEqual(expected);
  }
});

describe("keys in memory", () => {
  const held = (): HeldKeys => new HeldKeys({ keysMax: 3, holdMs: 1_000 });

  test("are overwritten when they leave, at the next turn and not before: who has one may use it to its end", async () => {
    const keys = held();
    keys.put("a", "id-a", Buffer.alloc(32, 1), 0);
    const key = keys.byTag("a", 0)?.key;
    const dropped = keys.drop(["id-a"]);
    expect(keys.byTag("a", 0)).toBeUndefined();
    expect(keys.byId("id-a", 0)).toBeUndefined();
    keys.put("b", "id-b", Buffer.alloc(32, 2), 0);
    expect(key).toEqual(Buffer.alloc(32, 1));
    await dropped;
    expect(key).toEqual(Buffer.alloc(32));
    expect(keys.byTag("b", 0)?.key).toEqual(Buffer.alloc(32, 2));
  });

  test("are never more than the bound, the oldest leaves; and none is used when its time is over", async () => {
    const keys = held();
    const first = ["a", "b", "c", "d"].map((tag, at) => {
      keys.put(tag, `id-${tag}`, Buffer.alloc(32, at + 1), at);
      return keys.byTag(tag, at)?.key;
    });
    expect(keys.size).toBe(3);
    expect(keys.byTag("a", 4)).toBeUndefined();
    expect(keys.byTag("b", 1_000)).toBeDefined();
    expect(keys.byTag("b", 1_001)).toBeUndefined();
    keys.sweep(1_002);
    expect(keys.size).toBe(1);
    await keys.dropAll();
    expect(first).toEqual(Array.from({ length: 4 }, () => Buffer.alloc(32)));
  });

  test("do not stay longer when the clock is put back", async () => {
    const keys = held();
    keys.put("a", "id-a", Buffer.alloc(32, 1), 3_600_000);
    expect(keys.byTag("a", 1_000)).toBeUndefined();
    expect(keys.byId("id-a", 1_000)).toBeUndefined();
    keys.put("b", "id-b", Buffer.alloc(32, 2), 1_000);
    keys.sweep(1_500);
    expect(keys.size).toBe(1);
    expect(keys.byTag("b", 1_500)).toBeDefined();
    await keys.dropAll();
  });
});

test("a search never leaves out an epoch whose index key was dropped while the next one was opened", async () => {
  const subjects = await room.open();
  await keyFor(subjects, "jane@example.com");
  room.now += EPOCH_MS;
  await keyFor(subjects, "jane@example.com");
  let dropsLeft = 1;
  const indexKeys: IndexKeys = new IndexKeys({
    rows: new SubjectRows(subjects.database.sql),
    epochKeys: {
      current: () => subjects.epochKeys.current(),
      wrap: (key, binding) => subjects.epochKeys.wrap(key, binding),
      async unwrap(version, wrapped, binding) {
        // As when the connection to the database is lost in that moment.
        if (version === 2 && dropsLeft-- > 0) indexKeys.clear();
        return subjects.epochKeys.unwrap(version, wrapped, binding);
      },
    },
    clock: () => room.now,
    random: randomBytes,
    holdMs: 1_000,
  });
  expect((await indexKeys.all()).map(({ epoch }) => epoch)).toEqual([1, 2]);
});
