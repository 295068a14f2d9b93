import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Secret } from "../core/secret.ts";
import { openDesk, type TestDesk } from "../reviews/test/setup.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import { channelMigrations, ChannelStore } from "./store.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const job = (review: string) => ({ review, channel: "email-1", kind: "opened" as const, expiresAt: 10_000 });

describe.each<[string, () => Promise<Secret | undefined>]>([
  ["on the embedded database", () => Promise.resolve(undefined)],
  ["on a PostgreSQL server", () => server.schema()],
])("%s", (_, place) => {
  let desk: TestDesk;
  let store: ChannelStore;
  beforeEach(async () => {
    desk = await openDesk({ url: await place() });
    for (const { up } of channelMigrations) await up(desk.database.sql);
    store = new ChannelStore(desk.database.sql);
  });
  afterEach(() => desk.close());

  test("a job is there once, is taken by one of many, and is due again when its lease is over", async () => {
    await store.addJobs([job("rv-1")], 0);
    await store.addJobs([job("rv-1")], 0);
    const all = await Promise.all(Array.from({ length: 20 }, () => store.takeJobs("email-1", 5, 100, 4)));
    expect(all.flat()).toEqual([{ ...job("rv-1"), tries: 1 }]);
    expect(await store.takeJobs("email-1", 104, 100, 4)).toEqual([]);
    expect(await store.takeJobs("email-1", 105, 100, 4)).toEqual([{ ...job("rv-1"), tries: 2 }]);
  });

  test("what is followed is what was told of and has not been told closed", async () => {
    await store.addJobs([job("rv-1"), job("rv-2")], 0);
    await store.addJobs([{ ...job("rv-2"), kind: "closed" }], 0);
    expect(await store.following(10)).toEqual(["rv-1"]);
  });

  test("a passkey is its person's in whatever spelling it was registered", async () => {
    const passkey = {
      id: "p",
      person: "corp:Bob",
      publicKey: randomBytes(8),
      counter: 0,
      transports: [],
      createdAt: 1,
    };
    await store.addPasskey(passkey);
    await store.respell((person) => person.toLowerCase());
    expect(await store.passkeysOf("corp:Bob")).toEqual([]);
    expect(await store.passkeysOf("corp:bob")).toMatchObject([{ id: "p", person: "corp:bob" }]);
  });

  test("what is over is forgotten", async () => {
    await store.addJobs([job("rv-1")], 0);
    await store.addChallenge("c", "corp:bob", "", 10_000);
    await store.seeFirst("s", 10_000);
    await store.addLink({ id: "l", review: "rv-1", person: "corp:bob", decision: "deny", expiresAt: 10_000 });
    await store.purge(10_000);
    expect([await store.queued(), await store.challengesOf("corp:bob", 0), await store.seeFirst("s", 1)]).toEqual([
      1,
      1,
      false,
    ]);
    await store.purge(10_001);
    expect([await store.queued(), await store.challengesOf("corp:bob", 0), await store.seeFirst("s", 1)]).toEqual([
      0,
      0,
      true,
    ]);
    expect(await store.link("l")).toBeUndefined();
  });

  test("a link is used by one of many, and counts its openings up to a number", async () => {
    await store.addLink({ id: "l", review: "rv-1", person: "corp:bob", decision: "approve", expiresAt: 10_000 });
    const used = await Promise.all(Array.from({ length: 50 }, () => store.useLink("l", 7)));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect(await store.link("l")).toMatchObject({
      person: "corp:bob",
      decision: "approve",
      expiresAt: 10_000,
      usedAt: 7,
    });
    await store.releaseLink("l");
    expect(await store.useLink("l", 8)).toBe(true);
    const opened = [await store.openLink("l", 2), await store.openLink("l", 2), await store.openLink("l", 2)];
    expect(opened).toEqual([true, true, false]);
  });

  test("a passkey is one person's, and its counter goes on from what was read", async () => {
    const publicKey = new Uint8Array(randomBytes(77));
    const passkey = {
      id: "k",
      person: "corp:bob",
      publicKey,
      counter: 4_294_967_290,
      transports: ["usb"],
      createdAt: 5,
    };
    expect(await store.addPasskey(passkey)).toBe(true);
    expect(await store.addPasskey({ ...passkey, person: "corp:eve" })).toBe(false);
    expect(await store.passkeysOf("corp:bob")).toEqual([passkey]);
    const used = await Promise.all(
      Array.from({ length: 20 }, () => store.usePasskey("k", { from: 4_294_967_290, to: 4_294_967_291 }, 6)),
    );
    expect(used.filter(Boolean)).toHaveLength(1);
    expect(await store.removePasskey("k", "corp:eve")).toBe(false);
    expect(await store.removePasskey("k", "corp:bob")).toBe(true);
  });

  test("a challenge is taken once, by whom and for what it was given, in time", async () => {
    await store.addChallenge("c", "corp:bob", "rv-1", 100);
    expect(await store.takeChallenge("c", "corp:eve", "rv-1", 1)).toBe(false);
    expect(await store.takeChallenge("c", "corp:bob", "rv-2", 1)).toBe(false);
    expect(await store.takeChallenge("c", "corp:bob", "rv-1", 100)).toBe(false);
    const taken = await Promise.all(Array.from({ length: 20 }, () => store.takeChallenge("c", "corp:bob", "rv-1", 99)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });
});
