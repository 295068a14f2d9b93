/** Retention of a log that two gateways write, on a real PostgreSQL server; each has its recordings and its part of the index. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { SubjectId } from "../core/subjects.ts";
import { filesIn, together } from "../evidence/shared/test/gateways.ts";
import { audit } from "../evidence/test/opened.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import { JUSTIFICATIONS } from "./holds.ts";
import { BY, DAY_MS, email, MAIL, OTHER, Room } from "./test/room.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const rooms: Room[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

/** Two gateways, each with an exchange about somebody among the oldest 300 entries; a year and some days have passed since. */
async function twoGateways(): Promise<{ readonly folder: string; readonly one: Room; readonly two: Room }> {
  const { folder, open } = together(await server.schema());
  const [one, two] = [
    await Room.open({ openLog: (clock) => open({ clock }) }),
    await Room.open({ openLog: (clock) => open({ clock }) }),
  ];
  rooms.push(one, two);
  await one.exchange([["EMAIL", MAIL]]);
  await two.exchange([["EMAIL", OTHER]]);
  const time = new Date(one.now).toISOString();
  const fill = { type: "event", v: 1, name: "test.filled", time } as const;
  const receipts = await Promise.all(Array.from({ length: 300 }, () => one.log.append(fill)));
  for (const room of rooms) {
    room.now += 370 * DAY_MS;
    await room.published(receipts.at(-1)?.index ?? 0);
    room.events.length = 0;
  }
  return { folder, one, two };
}

const entriesGone = (room: Room): unknown =>
  room.events.find(({ name }) => name === "retention.completed")?.facts?.["entries"];
const idsOf = (room: Room, value: string): Promise<readonly SubjectId[]> => room.subjects.index.idsOf([email(value)]);
const postingsOf = async (room: Room, ids: readonly SubjectId[]): Promise<number> =>
  (await room.subjects.index.postings(ids)).length;

test("one of two gateways removes the entries, and each its own recordings and its own part of the index", async () => {
  const { folder, one, two } = await twoGateways();
  const [mine, theirs] = [await idsOf(one, MAIL), await idsOf(two, OTHER)];
  expect([await postingsOf(one, mine), await postingsOf(two, theirs)]).toEqual([1, 1]);
  expect(await one.rights.retention.run()).toMatchObject({ files: 1, log: { from: 0, to: 256 } });
  await expect.poll(() => two.log.minimum).toBe(256);
  expect(await two.rights.retention.run()).toMatchObject({ files: 1, log: { from: 256, to: 256 } });
  expect([entriesGone(one), entriesGone(two)]).toEqual([256, 0]);
  expect([await postingsOf(one, mine), await postingsOf(two, theirs)]).toEqual([0, 0]);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 256 });
});

test("when both run at the same time, the entries are still removed by one", async () => {
  const { folder, one, two } = await twoGateways();
  await Promise.all([one, two].map((room) => room.rights.retention.run()));
  expect([entriesGone(one), entriesGone(two)].toSorted()).toEqual([0, 256]);
  expect([one.log.minimum, two.log.minimum]).toEqual([256, 256]);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 256 });
});

test("a hold of people keeps the log from the first entry of its scope on, since the other gateway may know of more about them", async () => {
  const { one } = await twoGateways();
  const until = one.now + 300 * DAY_MS;
  const [justification] = JUSTIFICATIONS;
  const identifiers = [email(OTHER)];
  const elsewhere = await one.rights.holds.place(
    { identifiers, purpose: "research", reference: "case-1", justification, until },
    BY,
  );
  const placed = await one.rights.holds.place({ identifiers, reference: "case-2", justification, until }, BY);
  expect(await one.rights.retention.run()).toMatchObject({ log: { from: 0, to: 0, hold: placed.id } });
  await one.rights.holds.release(placed.id, BY);
  expect(await one.rights.retention.run()).toMatchObject({ log: { from: 0, to: 256 } });
  expect((await one.rights.holds.active()).map(({ hold }) => hold.id)).toEqual([elsewhere.id]);
});
