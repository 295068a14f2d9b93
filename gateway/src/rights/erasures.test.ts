import { cpSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseCertificate, verifyCertificate, verifyProof } from "@sluice/verifier";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Kysely } from "kysely";
import { SluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { eventLeaf } from "../evidence/index.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import { JUSTIFICATIONS } from "./holds.ts";
import { BY, DAY_MS, email, MAIL, ORIGIN, OTHER, type Point, Room } from "./test/room.ts";

const REQUEST = { identifiers: [email(MAIL)], reference: "DSR-2026-17", basis: "A17-1-b" };

let postgres: TestServer | undefined;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres?.stop());

const rooms: Room[] = [];
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

async function open(options: Parameters<typeof Room.open>[0] = {}): Promise<Room> {
  const room = await Room.open(options);
  rooms.push(room);
  return room;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (thrown) {
    return thrown instanceof SluiceError ? thrown.code : "other";
  }
}

const DATABASES: readonly (readonly [string, () => Promise<Secret | undefined>])[] = [
  ["the embedded database", () => Promise.resolve(undefined)],
  ["PostgreSQL", async () => postgres?.database()],
];

test.for(DATABASES)(
  "on %s a person is erased, another one in the same text stays, and the certificate verifies",
  async ([, urlOf]) => {
    const url = await urlOf();
    const room = await open(url === undefined ? {} : { url });
    const own = await room.exchange([["EMAIL", MAIL]]);
    const shared = await room.exchange([
      ["EMAIL", MAIL],
      ["EMAIL", OTHER],
    ]);
    const proofBefore = await room.log.proof(own);
    const { rights, subjects } = room;

    const status = await rights.erasures.erase(REQUEST, BY);
    expect(status).toMatchObject({ repeated: false, erasure: { records: 2, reference: "DSR-2026-17" } });
    const { ids } = status.erasure;
    expect(ids).toHaveLength(1);
    expect(await subjects.keys.keyOf(ids[0] ?? "")).toBeUndefined();
    expect(await subjects.index.idsOf([email(MAIL)])).toEqual([]);
    const others = await rights.access.export([email(OTHER)], BY);
    expect(others.records.map(({ index, values }) => [index, values.map(({ value }) => value)])).toEqual([
      [shared, [OTHER]],
    ]);
    // The text around the values was under both: all-of.
    expect(others.records[0]).toMatchObject({ texts: [], textsErased: 1 });

    const note = await room.certificate(status.erasure.id);
    const report = await verifyCertificate(note, { vkeys: room.log.vkeys });
    expect(report).toMatchObject({
      ok: true,
      problems: [],
      certificate: {
        origin: ORIGIN,
        scope: { ids, records: 2 },
        gateways: [{ gateway: "one", cleared: expect.any(String) as string }],
        backupsDeadBy: expect.any(String) as string,
      },
    });
    expect(note).not.toContain("jane");
    // What was proven before is proven still.
    const [entry] = await entries(room, own);
    expect((await verifyProof(proofBefore, entry ?? new Uint8Array(), { vkeys: room.log.vkeys })).ok).toBe(true);
    expect(room.names()).toEqual(expect.arrayContaining(["subject.erased", "erasure.settled"]));
  },
);

test("a certificate with a changed word, of another key, or of another entry does not verify", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const { erasure } = await room.rights.erasures.erase(REQUEST, BY);
  const note = await room.certificate(erasure.id);
  const trust = { vkeys: room.log.vkeys };
  expect((await verifyCertificate(note, trust)).ok).toBe(true);
  const changed = note.replace("DSR-2026-17", "DSR-2026-18");
  expect((await verifyCertificate(changed, trust)).problems.map(({ code }) => code)).toContain("signature_failed");
  const other = await open();
  const codes = (await verifyCertificate(note, { vkeys: other.log.vkeys })).problems.map(({ code }) => code);
  expect(codes).toContain("signature_unverified");
  expect((await verifyCertificate("nothing", trust)).problems.map(({ code }) => code)).toEqual([
    "certificate_malformed",
  ]);
  // Signed by the operator all right, about something that the log does not say.
  const { note: parsed } = parseCertificate(note);
  const forged = await room.log.signText(parsed.text.replaceAll('"A17-1-b"', '"A17-1-d"'));
  expect((await verifyCertificate(forged, trust)).problems.map(({ code }) => code)).toEqual(["certificate_mismatch"]);
});

const POINTS: readonly Point[] = [
  "before subject.erased",
  "after subject.erased",
  "before destroy",
  "after destroy",
  "before erasure.settled",
  "after erasure.settled",
  "before sign",
  "after sign",
];

test.for(POINTS)("an erasure that is cut off %s is done at the next start, once", async (point) => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  room.crashAt = point;
  await room.rights.erasures.erase(REQUEST, BY).catch(() => undefined);
  // What goes on behind the answer has come to its end too.
  await room.reopen();
  const [erasure, ...more] = await room.rights.erasures.list(10);
  expect(more).toEqual([]);
  const note = await room.certificate(erasure?.id ?? "");
  expect(await verifyCertificate(note, { vkeys: room.log.vkeys })).toMatchObject({ ok: true });
  expect(await room.subjects.index.idsOf([email(MAIL)])).toEqual([]);
  expect(room.names().filter((name) => name === "subject.erased")).toHaveLength(1);
});

test("who is erased twice gets the first certificate, on record; who comes back in between is erased again", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const first = await room.rights.erasures.erase(REQUEST, BY);
  const again = await room.rights.erasures.erase({ ...REQUEST, reference: "DSR-2026-18" }, BY);
  expect(again).toMatchObject({ repeated: true, erasure: { id: first.erasure.id } });
  expect(room.names()).toContain("subject.erased-again");
  await room.exchange([["EMAIL", "Jane.Roe+news@example.com"]]);
  const third = await room.rights.erasures.erase(REQUEST, BY);
  expect(third.repeated).toBe(false);
  expect(third.erasure.id).not.toBe(first.erasure.id);
  room.now += 91 * DAY_MS;
  expect(await codeOf(room.rights.erasures.erase(REQUEST, BY))).toBe("subject_unknown");
});

test("who was erased in two turns gets neither's certificate for all of it", async () => {
  const room = await open();
  const phone = { type: "PHONE", value: "+49 30 901820" };
  await room.exchange([
    ["EMAIL", MAIL],
    ["PHONE", phone.value],
  ]);
  await room.rights.erasures.erase(REQUEST, BY);
  const second = await room.rights.erasures.erase({ ...REQUEST, identifiers: [phone] }, BY);
  expect(await room.rights.erasures.erase({ ...REQUEST, identifiers: [phone] }, BY)).toMatchObject({
    repeated: true,
    erasure: { id: second.erasure.id },
  });
  const both = { ...REQUEST, identifiers: [email(MAIL), phone] };
  expect(await codeOf(room.rights.erasures.erase(both, BY))).toBe("subject_unknown");
});

test("nobody, and an identifier of which nothing is left, are refused by name; the first is on record", async () => {
  const room = await open();
  expect(await codeOf(room.rights.erasures.erase(REQUEST, BY))).toBe("subject_unknown");
  expect(room.names()).toContain("subject.unknown");
  const empty = { ...REQUEST, identifiers: [email("  ")] };
  expect(await codeOf(room.rights.erasures.erase(empty, BY))).toBe("identifier_empty");
  expect(await codeOf(room.rights.erasures.erase({ ...REQUEST, identifiers: [] }, BY))).toBe("field_invalid");
  expect(await room.rights.erasures.list(10)).toEqual([]);
});

test("a dry run says what would be destroyed, and destroys nothing", async () => {
  const room = await open({
    erasure: {
      datasets: [
        { name: "tuned", purposes: ["support"] },
        { name: "other", purposes: ["research"] },
      ],
      sinks: [{ kind: "backup", name: "tapes", keepMs: 35 * DAY_MS }],
    },
  });
  await room.exchange([["EMAIL", MAIL]]);
  const plan = await room.rights.erasures.plan(REQUEST, BY);
  expect(plan).toMatchObject({ records: 1, datasets: ["tuned"], sinks: [{ sink: "tapes", kind: "backup" }] });
  expect(await room.subjects.index.idsOf([email(MAIL)])).toEqual(plan.ids);
  expect(await room.rights.erasures.list(10)).toEqual([]);
});

test("a dataset that was trained on the person is tainted, on the certificate too, and a backup says when it is gone", async () => {
  const room = await open({
    erasure: {
      datasets: [{ name: "tuned", purposes: ["support"] }],
      sinks: [{ kind: "backup", name: "tapes", keepMs: 35 * DAY_MS }],
    },
  });
  await room.exchange([["EMAIL", MAIL]]);
  const { erasure } = await room.rights.erasures.erase(REQUEST, BY);
  const { certificate } = await verifyCertificate(await room.certificate(erasure.id), { vkeys: room.log.vkeys });
  expect(certificate).toMatchObject({
    datasets: [{ name: "tuned" }],
    sinks: [{ sink: "tapes", kind: "backup", state: "expires", at: new Date(room.now + 35 * DAY_MS).toISOString() }],
  });
  expect(await room.rights.erasures.tainted()).toEqual([{ dataset: "tuned", at: room.now, erasures: 1 }]);
});

test("an older copy of the database brings nobody back: the log is read before anything is opened", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  await room.stop();
  const copies = readdirSync(room.dir).filter((name) => name.startsWith("control.sqlite"));
  for (const name of copies) cpSync(join(room.dir, name), join(room.dir, `kept-${name}`));
  await room.reopen();
  const { erasure } = await room.rights.erasures.erase(REQUEST, BY);
  const first = await room.certificate(erasure.id);
  await room.stop();
  for (const name of copies) cpSync(join(room.dir, `kept-${name}`), join(room.dir, name));
  await room.reopen();
  expect(room.replayed).toBe(1);
  expect(await room.subjects.index.idsOf([email(MAIL)])).toEqual([]);
  expect(await room.subjects.keys.keyOf(erasure.ids[0] ?? "")).toBeUndefined();
  const second = await verifyCertificate(await room.certificate(erasure.id), { vkeys: room.log.vkeys });
  expect(second).toMatchObject({
    ok: true,
    certificate: { restored: true, id: erasure.id, scope: { ids: erasure.ids } },
  });
  expect((await verifyCertificate(first, { vkeys: room.log.vkeys })).ok).toBe(true);
});

/** Keeps the files of the embedded database as they are, and gives what puts them back. The room is closed, and open again. */
async function backedUp(room: Room): Promise<() => Promise<void>> {
  await room.stop();
  const files = readdirSync(room.dir).filter((name) => name.startsWith("control.sqlite"));
  for (const name of files) cpSync(join(room.dir, name), join(room.dir, `kept-${name}`));
  await room.reopen();
  return async () => {
    await room.stop();
    for (const name of files) cpSync(join(room.dir, `kept-${name}`), join(room.dir, name));
    await room.reopen();
  };
}

test("an older copy of the database loses no hold: one that it does not know covers everybody until it is released", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const { until, ...rest } = { reference: "case-7", justification: JUSTIFICATIONS[0], until: room.now + 90 * DAY_MS };
  const known = await room.rights.holds.place({ ...rest, until, purpose: "research" }, BY);
  const over = await room.rights.holds.place({ ...rest, until, purpose: "research" }, BY);
  const putBack = await backedUp(room);
  const lost = await room.rights.holds.place({ ...rest, until, identifiers: [email("mary@example.com")] }, BY);
  const ended = await room.rights.holds.place({ ...rest, until, purpose: "support" }, BY);
  await room.rights.holds.release(ended.id, BY);
  await room.rights.holds.release(over.id, BY);
  await room.rights.holds.renew(known.id, until + DAY_MS, BY);
  await putBack();
  const { holds, erasures, retention } = room.rights;
  const inForce = await holds.list(false);
  expect(inForce.map((hold) => [hold.id, hold.until])).toEqual(
    expect.arrayContaining([
      [known.id, until + DAY_MS],
      [lost.id, until],
    ]),
  );
  expect(inForce).toHaveLength(2);
  await expect(erasures.erase(REQUEST, BY)).rejects.toMatchObject({ code: "subject_held", details: { hold: lost.id } });
  room.now += 40 * DAY_MS;
  expect((await retention.run(BY)).files).toBe(0);
  await holds.release(lost.id, BY);
  expect((await erasures.erase(REQUEST, BY)).erasure.state).toBe("destroyed");
});

test("a database from before the first entry that the log still has is refused: nobody knows who was erased since", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const putBack = await backedUp(room);
  room.now += DAY_MS;
  await room.rights.erasures.erase(REQUEST, BY);
  for (let at = 0; at < 600; at++) await room.log.append(eventLeaf({ time: room.now, event: { name: "config.read" } }));
  await room.published(600);
  room.now += 366 * DAY_MS;
  await room.rights.retention.run(BY);
  expect(room.log.minimum).toBe(512);
  await expect(putBack()).rejects.toMatchObject({ code: "database_older" });
  for (const each of [room.subjects, room.database, room.log]) await each.close();
  // Without any it starts: nobody's key is there to come back.
  for (const name of readdirSync(room.dir).filter((each) => each.startsWith("control.sqlite")))
    rmSync(join(room.dir, name));
  await room.reopen();
});

test("gateways with logs of their own are each told by their own, however far the other one is", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const cursors = room.database.sql as Kysely<{ erasure_cursors: { gateway: string; next: number; at: number } }>;
  await cursors.insertInto("erasure_cursors").values({ gateway: "other", next: 1_000, at: room.now }).execute();
  const putBack = await backedUp(room);
  await room.rights.erasures.erase(REQUEST, BY);
  await putBack();
  expect(room.replayed).toBe(1);
  expect(await room.subjects.index.idsOf([email(MAIL)])).toEqual([]);
});

test("a database that was lost as a whole is told by the log too", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  const { erasure } = await room.rights.erasures.erase(REQUEST, BY);
  await room.certificate(erasure.id);
  await room.stop();
  for (const name of readdirSync(room.dir).filter((each) => each.startsWith("control.sqlite")))
    rmSync(join(room.dir, name));
  // Without it nobody's key is there any more, and no key of an epoch is needed.
  await room.reopen();
  expect(room.replayed).toBe(1);
  expect((await room.rights.erasures.status(erasure.id)).erasure).toMatchObject({
    restored: true,
    reference: "DSR-2026-17",
  });
});

test("of an erasure and a hold at the same time either one comes first, and the other one knows", async () => {
  const room = await open();
  for (let round = 0; round < 5; round++) {
    await room.exchange([["EMAIL", MAIL]]);
    const hold = {
      identifiers: [email(MAIL)],
      reference: "case-1",
      justification: "LegalClaimDefenceImpaired",
    } as const;
    const [placed, erased] = await Promise.allSettled([
      room.rights.holds.place({ ...hold, until: room.now + DAY_MS }, BY),
      room.rights.erasures.erase(REQUEST, BY),
    ]);
    if (placed.status === "rejected") throw placed.reason;
    const isHeld = erased.status === "rejected";
    if (isHeld) expect(erased.reason).toMatchObject({ code: "subject_held" });
    expect((await room.subjects.index.idsOf([email(MAIL)])).length).toBe(isHeld ? 1 : 0);
    await room.rights.holds.release(placed.value.id, BY);
  }
});

test("nothing that names the person is in any file, before and after", async () => {
  const room = await open();
  await room.exchange([["EMAIL", MAIL]]);
  await room.rights.access.find([email(MAIL)], BY, 10);
  const { erasure } = await room.rights.erasures.erase(REQUEST, BY);
  await room.certificate(erasure.id);
  await room.stop();
  const files = readdirSync(room.dir, { recursive: true, encoding: "utf8" }).map((path) => join(room.dir, path));
  const content = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path));
  expect(content.length).toBeGreaterThan(5);
  for (const bytes of content) expect(bytes.includes("jane.roe")).toBe(false);
});

async function entries(room: Room, index: number): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for await (const { bytes } of room.log.entries(index, index + 1)) found.push(bytes);
  return found;
}
