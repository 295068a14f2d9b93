import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { verifyLog, verifyProof } from "@sluice/verifier";
import { afterEach, expect, test } from "vitest";
import { JUSTIFICATIONS } from "./holds.ts";
import { BY, DAY_MS, email, MAIL, ORIGIN, OTHER, Room } from "./test/room.ts";

const rooms: Room[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

async function open(): Promise<Room> {
  const room = await Room.open();
  rooms.push(room);
  return room;
}

/** More than a bundle of entries that are nobody's. */
async function fill(room: Room, count = 300): Promise<void> {
  const leaves = Array.from({ length: count }, () =>
    room.log.append({ type: "event", v: 1, name: "test.filled", time: new Date(room.now).toISOString() }),
  );
  const receipts = await Promise.all(leaves);
  await room.published(receipts.at(-1)?.index ?? 0);
}

test("recordings go after the days of their purpose, what is about to go is on record first, and a dry run deletes nothing", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  await room.exchange([["EMAIL", MAIL]], { purpose: "research" });
  room.now += 33 * DAY_MS;
  const plan = await room.rights.retention.plan();
  expect(plan.recordings.map(({ purpose }) => purpose)).toEqual(["support", "research"]);
  expect(plan.log).toMatchObject({ from: 0, to: 0 });
  const retained = async (): Promise<boolean[]> =>
    (await room.rights.access.find([email(MAIL)], BY, 10)).records.map((each) => each.retained);
  expect(await retained()).toEqual([true, true]);
  room.events.length = 0;
  const report = await room.rights.retention.run(BY);
  expect(report.files).toBe(1);
  expect(report.bytes).toBeGreaterThan(0);
  expect(room.names()).toEqual(["retention.pruned", "retention.completed"]);
  expect(await retained()).toEqual([false, true]);
  expect(await room.rights.retention.run()).toMatchObject({ files: 0 });
});

test("entries of the log go after a year with the index, and what is left is proven as before", async () => {
  const room = await open();
  const early = await room.exchange([["EMAIL", MAIL]]);
  await fill(room);
  room.now += 300 * DAY_MS;
  const late = await room.exchange([["EMAIL", MAIL]]);
  const proof = await room.log.proof(late);
  const earlier = await readFile(join(room.dir, "log", "public", "checkpoint"));
  room.now += 70 * DAY_MS;
  const report = await room.rights.retention.run();
  expect(report.log).toMatchObject({ from: 0, to: 256 });
  expect(room.log.minimum).toBe(256);
  expect(early).toBeLessThan(256);
  expect((await room.rights.access.find([email(MAIL)], BY, 10)).records.map(({ index }) => index)).toEqual([late]);
  let entry: Uint8Array = Buffer.alloc(0);
  for await (const { bytes } of room.log.entries(late, late + 1)) entry = bytes;
  expect((await verifyProof(proof, entry, { vkeys: room.log.vkeys })).ok).toBe(true);
  const whole = await verifyLog(
    {
      read: (path) =>
        readFile(join(room.dir, "log", "public", path)).catch((thrown: NodeJS.ErrnoException) => {
          if (thrown.code === "ENOENT") return undefined;
          throw thrown;
        }),
    },
    { vkeys: room.log.vkeys, origin: ORIGIN, earlier: [earlier] },
  );
  expect(whole.problems).toEqual([]);
  expect(whole.ok).toBe(true);
  await room.reopen();
  expect(room.log.minimum).toBe(256);
});

test("a hold keeps the recordings and the entries that it covers, and everything after them in the log", async () => {
  const room = await open();
  const held = await room.exchange([["EMAIL", MAIL]]);
  await room.exchange([["EMAIL", OTHER]], { purpose: "research" });
  await fill(room);
  room.now += 300 * DAY_MS;
  const placed = await room.rights.holds.place(
    {
      identifiers: [email(MAIL)],
      reference: "case-1",
      justification: JUSTIFICATIONS[0],
      until: room.now + 300 * DAY_MS,
    },
    BY,
  );
  room.now += 70 * DAY_MS;
  const report = await room.rights.retention.run();
  expect(report).toMatchObject({ files: 1, filesHeld: 1, log: { from: 0, to: 0, hold: placed.id } });
  const copy = await room.rights.access.export([email(MAIL)], BY);
  expect(copy.records).toMatchObject([{ index: held, retained: true, values: [{ value: MAIL }] }]);
  await room.rights.holds.release(placed.id, BY);
  expect(await room.rights.retention.run()).toMatchObject({ files: 1, filesHeld: 0, log: { to: 256 } });
});

test("a hold of a purpose keeps all of it; recordings of a purpose that is not configured any more go with the log", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  await room.exchange([["EMAIL", OTHER]], { purpose: "research" });
  await fill(room);
  room.purposes.delete("research");
  room.now += 100 * DAY_MS;
  expect(await room.rights.retention.run()).toMatchObject({ files: 1 });
  room.now += 270 * DAY_MS;
  const placed = await room.rights.holds.place(
    { purpose: "research", reference: "case-2", justification: "LegalObligationImpaired", until: room.now + DAY_MS },
    BY,
  );
  const stopped = await room.rights.retention.run();
  expect(stopped).toMatchObject({ files: 0, log: { to: 0, hold: placed.id } });
  room.now += 2 * DAY_MS;
  await room.rights.holds.sweep();
  expect(await room.rights.retention.run()).toMatchObject({ files: 1, log: { to: 256 } });
});

test("recordings whose retention a policy has shortened go earlier than the others of their purpose", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  await room.exchange([["EMAIL", MAIL]], { retention: "P7D" });
  await room.exchange([["EMAIL", OTHER]], { retention: "P7D" });
  await room.reopen();
  room.now += 9 * DAY_MS;
  const { recordings } = await room.rights.retention.plan();
  expect(recordings).toContainEqual({ purpose: "support", retention: "P7D", before: room.now - 7 * DAY_MS });
  expect(await room.rights.retention.run()).toMatchObject({ files: 1 });
  const { records } = await room.rights.access.find([email(MAIL)], BY, 10);
  expect(records.map(({ retention, retained }) => [retention, retained])).toEqual([
    ["P30D", true],
    ["P7D", false],
  ]);
});

test("what cannot be recorded is not deleted", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  room.now += 33 * DAY_MS;
  room.crashAt = "before retention.pruned";
  await expect(room.rights.retention.run()).rejects.toThrow();
  expect((await room.rights.access.find([email(MAIL)], BY, 10)).records[0]?.retained).toBe(true);
});

test("a clock that jumps ahead deletes nothing and ends no hold", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  await room.exchange([["EMAIL", OTHER]], { purpose: "research" });
  const { holds, retention } = room.rights;
  const until = room.now + 60 * DAY_MS;
  const placed = await holds.place(
    { purpose: "research", reference: "case-7", justification: JUSTIFICATIONS[0], until },
    BY,
  );
  room.now += 400 * DAY_MS;
  room.jumped += 400 * DAY_MS;
  await holds.sweep();
  expect((await retention.run(BY)).files).toBe(0);
  room.now -= 400 * DAY_MS;
  room.jumped -= 400 * DAY_MS;
  expect((await holds.list(false)).map(({ id }) => id)).toEqual([placed.id]);
  // Time that does pass is time.
  room.now += 33 * DAY_MS;
  expect((await retention.run(BY)).files).toBe(1);
});

test("a hold that is placed while a run is under way keeps what has not gone yet", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  await fill(room);
  const kept = await room.exchange([["EMAIL", MAIL]], { purpose: "research" });
  room.now += 400 * DAY_MS;
  const prune = room.recordings.prune.bind(room.recordings);
  let left = 1;
  room.recordings.prune = async (pruning) => {
    const pruned = await prune(pruning);
    const until = room.now + 30 * DAY_MS;
    const hold = { identifiers: [email(MAIL)], reference: "case-7", justification: JUSTIFICATIONS[0], until };
    if (left-- > 0) await room.rights.holds.place(hold, BY);
    return pruned;
  };
  expect(await room.rights.retention.run(BY)).toMatchObject({ files: 1, filesHeld: 1 });
  expect(room.log.minimum).toBe(0);
  const replay = await room.recordings.replay(kept, () => true);
  expect(replay.chunks[0]?.texts[0]?.text).toContain(MAIL);
});
