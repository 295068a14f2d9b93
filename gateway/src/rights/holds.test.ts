import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import { JUSTIFICATIONS, type NewHold } from "./holds.ts";
import { BY, DAY_MS, email, MAIL, OTHER, Room } from "./test/room.ts";

const rooms: Room[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

let postgres: TestServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres.stop());

async function open(database: "embedded" | "remote" = "embedded"): Promise<Room> {
  const room = await Room.open(database === "remote" ? { url: await postgres.database() } : {});
  rooms.push(room);
  return room;
}

const hold = (room: Room, more: Partial<NewHold>): NewHold => ({
  reference: "case-7",
  justification: JUSTIFICATIONS[0],
  until: room.now + 30 * DAY_MS,
  ...more,
});

const erase = (room: Room, value = MAIL) =>
  room.rights.erasures.erase({ identifiers: [email(value)], reference: "DSR-1", basis: "A17-1-a" }, BY);

async function refusal(work: Promise<unknown>): Promise<SluiceError> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
  throw new Error("it was not refused");
}

test.for(["embedded", "remote"] as const)(
  "a hold refuses the erasure of whom it covers, with a term of DPV, on record; once it is released the erasure goes (%s)",
  async (database) => {
    const room = await open(database);
    await room.exchange([["EMAIL", MAIL]]);
    await room.exchange([["EMAIL", OTHER]]);
    const placed = await room.rights.holds.place(hold(room, { identifiers: [email(MAIL)] }), BY);
    const error = await refusal(erase(room));
    expect(error).toMatchObject({
      code: "subject_held",
      details: { hold: placed.id, justification: "https://w3id.org/dpv/justifications#LegalClaimDefenceImpaired" },
    });
    expect(error.message).not.toContain("jane");
    expect((await erase(room, OTHER)).erasure.records).toBe(1);
    await room.rights.holds.release(placed.id, BY);
    expect((await erase(room)).erasure.records).toBe(1);
    expect(room.names()).toEqual(expect.arrayContaining(["hold.placed", "subject.held", "hold.released"]));
    expect((await refusal(room.rights.holds.release(placed.id, BY))).code).toBe("hold_ended");
  },
);

test("a hold of a person covers exchanges with somebody else, whose erasure would take them; other exchanges go", async () => {
  const room = await open();
  const shared = await room.exchange([
    ["EMAIL", MAIL],
    ["EMAIL", OTHER],
    ["PHONE", "+49 30 901820"],
  ]);
  await room.exchange([["EMAIL", "mary@example.com"]]);
  const { holds } = room.rights;
  const placed = await holds.place(hold(room, { identifiers: [email(MAIL)] }), BY);
  expect((await refusal(erase(room, OTHER))).code).toBe("subject_held");
  const phone = { identifiers: [{ type: "PHONE", value: "030 901820" }], reference: "DSR-1", basis: "A17-1-a" };
  expect((await refusal(room.rights.erasures.erase(phone, BY))).code).toBe("subject_held");
  expect((await erase(room, "mary@example.com")).erasure.records).toBe(1);
  await holds.release(placed.id, BY);
  // All that it names has to fit.
  await holds.place(hold(room, { identifiers: [email(MAIL)], connection: "elsewhere" }), BY);
  const narrow = await holds.place(hold(room, { identifiers: [email(MAIL)], connection: "main" }), BY);
  expect((await refusal(erase(room, OTHER))).code).toBe("subject_held");
  const [text] = (await room.recordings.replay(shared, () => true)).chunks.flatMap(({ texts }) => texts);
  expect(text?.text).toContain(OTHER);
  await holds.release(narrow.id, BY);
  expect((await erase(room, OTHER)).erasure.records).toBe(1);
});

test("a hold of a person covers what comes in epochs after it was placed", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const { until, ...rest } = hold(room, { identifiers: [email(MAIL)] });
  await room.rights.holds.place({ ...rest, until: until + 60 * DAY_MS }, BY);
  room.now += 40 * DAY_MS;
  await room.subjects.turn();
  await room.exchange([["EMAIL", MAIL]]);
  expect((await room.rights.access.find([email(MAIL)], BY, 10)).total).toBe(2);
  expect((await refusal(erase(room))).code).toBe("subject_held");
});

test("a hold of a purpose, a connection or a period covers the exchanges that fit all of it, and no others", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]], { purpose: "research" });
  await room.exchange([["EMAIL", OTHER]]);
  const { holds } = room.rights;
  const one = await holds.place(hold(room, { purpose: "research", connection: "main" }), BY);
  expect((await refusal(erase(room))).code).toBe("subject_held");
  await holds.release(one.id, BY);
  const two = await holds.place(hold(room, { purpose: "research", connection: "elsewhere" }), BY);
  const three = await holds.place(hold(room, { to: room.now - DAY_MS }), BY);
  expect((await erase(room)).erasure.records).toBe(1);
  await holds.place(hold(room, { from: room.now - DAY_MS, to: room.now + DAY_MS }), BY);
  expect((await refusal(erase(room, OTHER))).code).toBe("subject_held");
  expect((await holds.list(false)).map(({ id }) => id)).toEqual(expect.arrayContaining([two.id, three.id]));
});

test.for(["embedded", "remote"] as const)(
  "a hold ends by itself, with an event, can be renewed, and is never longer than it may be (%s)",
  async (database) => {
    const room = await open(database);
    await room.exchange([["EMAIL", MAIL]]);
    const { holds } = room.rights;
    const placed = await holds.place(hold(room, { identifiers: [email(MAIL)] }), BY);
    await holds.renew(placed.id, room.now + 60 * DAY_MS, BY);
    room.now += 45 * DAY_MS;
    await holds.sweep();
    expect(room.names()).not.toContain("hold.expired");
    room.now += 20 * DAY_MS;
    // Over is over, swept or not.
    expect((await erase(room)).erasure.records).toBe(1);
    await holds.sweep();
    expect(room.names().filter((name) => name === "hold.expired")).toHaveLength(1);
    expect(await holds.list(true)).toMatchObject([{ id: placed.id, ended: "expired", ofPeople: true }]);
    for (const until of [room.now, room.now - 1, room.now + 366 * DAY_MS])
      expect((await refusal(holds.place(hold(room, { purpose: "support", until }), BY))).code).toBe("field_invalid");
    expect((await refusal(holds.place(hold(room, {}), BY))).code).toBe("field_invalid");
    expect((await refusal(holds.place(hold(room, { from: 2, to: 1 }), BY))).code).toBe("field_invalid");
    expect((await refusal(holds.place(hold(room, { identifiers: [email("-")] }), BY))).code).toBe("identifier_empty");
    expect((await refusal(holds.renew("lh-0", room.now + 1, BY))).code).toBe("hold_unknown");
  },
);

test("what cannot be recorded does not stand", async () => {
  const room = await open();
  room.crashAt = "before hold.placed";
  await room.rights.holds.place(hold(room, { purpose: "support" }), BY).catch(() => undefined);
  expect(await room.rights.holds.list(false)).toEqual([]);
});

test("the identifiers of a hold come under the key of the next epoch, and go with the hold", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const placed = await room.rights.holds.place(
    hold(room, { identifiers: [email(MAIL)], until: room.now + 200 * DAY_MS }),
    BY,
  );
  for (let epoch = 0; epoch < 4; epoch++) {
    room.now += 31 * DAY_MS;
    await room.subjects.keys.keysFor([email(`somebody-${epoch}@example.com`)]);
    await room.subjects.turn();
    await room.subjects.turn();
  }
  expect((await refusal(erase(room))).code).toBe("subject_held");
  await room.rights.holds.release(placed.id, BY);
  expect(await room.rights.holds.active()).toEqual([]);
});
