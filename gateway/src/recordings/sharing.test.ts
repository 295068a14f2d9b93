/** Recordings of several gateways in one folder: each writes its own files, and any of them reads, seals anew and deletes all. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EpochKeys } from "../core/epoch-keys.ts";
import { Custody } from "../custody/index.ts";
import { Folder } from "./folder.ts";
import type { Recordings, RecordingsOptions, SharedRecordings } from "./recordings.ts";
import { MAIL, Room, textWith } from "./test/room.ts";

const DAY_MS = 86_400_000;
const request = [textWith("messages.0.content", "Write to ", [["EMAIL", MAIL]])];

let room: Room;
let dir: string;
/** Names of gateways that run. */
let live: Set<string>;
let isBusy: boolean;
let opened: Recordings[];
beforeEach(async () => {
  room = await Room.open();
  opened = [room.recordings];
  dir = join(room.dir, "shared");
  mkdirSync(dir);
  live = new Set();
  isBusy = false;
});
afterEach(async () => {
  for (const each of opened) if (each !== room.recordings) await each.close();
  await room.close();
});

async function gateway(name: string, more: Partial<RecordingsOptions> = {}): Promise<Recordings> {
  live.add(name);
  const exclusive: SharedRecordings["exclusive"] = (work) =>
    isBusy ? Promise.resolve(undefined) : work(() => !isBusy);
  await room.reopen(
    {},
    {
      dir: join(room.dir, `own-${name}`),
      shared: { dir, gateway: name, isLive: (each) => Promise.resolve(live.has(each)), exclusive },
      ...more,
    },
  );
  opened.push(room.recordings);
  return room.recordings;
}

/** Gives the index of its intent. */
async function record(at: Recordings): Promise<number> {
  room.recordings = at;
  return room.end(await room.begin(request));
}

const filesOf = (name: string): string[] =>
  (readdirSync(join(dir, `@${name}`), { recursive: true }) as string[]).filter((each) => each.endsWith(".rec"));

const reads = async (at: Recordings, intent: number): Promise<unknown> => {
  const { report, chunks } = await at.replay(intent, () => true);
  return [report.findings, chunks[0]?.texts[0]?.text];
};
const WHOLE = [[], `Write to ${MAIL} .`];

test("many that begin files in one folder at the same moment each have numbers of their own", async () => {
  const shared = (name: string) => Folder.open(join(room.dir, name), { dir, gateway: name });
  const folders = await Promise.all(["a", "b", "c"].map(shared));
  const claims = folders.flatMap((folder) => Array.from({ length: 10 }, () => folder.claim("support", "2026-11-22")));
  const numbers = (await Promise.all(claims)).map(({ number }) => number);
  expect(new Set(numbers).size).toBe(30);
  for (const folder of folders) {
    const found = await Promise.all(numbers.map((number) => folder.find(number)));
    expect(found.map((each) => each?.gateway).toSorted()).toEqual(
      ["a", "b", "c"].flatMap((name) => Array.from({ length: 10 }, () => name)),
    );
  }
});

test("a folder that is not mounted is not made", async () => {
  rmSync(dir, { recursive: true });
  await expect(gateway("a")).rejects.toMatchObject({ code: "recording_unavailable" });
  expect(existsSync(dir)).toBe(false);
  mkdirSync(dir);
});

test("a place leads to the same recording whoever is asked", async () => {
  const a = await gateway("a");
  const b = await gateway("b");
  const [byA, byB] = [await record(a), await record(b)];
  for (const each of [a, b]) {
    expect(await reads(each, byA)).toEqual(WHOLE);
    expect(await reads(each, byB)).toEqual(WHOLE);
  }
  const places = room.subjects.posted.map(({ place }) => place);
  expect(new Set(places).size).toBe(2);
  for (const place of places) expect(await a.describe(place)).toEqual(await b.describe(place));
});

test("what a gateway recorded alone is read after it shares a folder", async () => {
  const alone = await record(room.recordings);
  await room.recordings.close();
  await room.reopen({}, { dir: join(room.dir, "recordings"), shared: { ...outOf("a"), dir } });
  opened.push(room.recordings);
  const later = await record(room.recordings);
  expect([await reads(room.recordings, alone), await reads(room.recordings, later)]).toEqual([WHOLE, WHOLE]);
});

const outOf = (name: string): Omit<SharedRecordings, "dir"> => ({
  gateway: name,
  isLive: (each) => Promise.resolve(live.has(each)),
  exclusive: (work) => work(() => true),
});

test("a chunk that another gateway has half written is not there yet, and nobody else cuts it off", async () => {
  const a = await gateway("a");
  const intent = await record(a);
  const [file = ""] = filesOf("a");
  const path = join(dir, "@a", file);
  const { length } = readFileSync(path);
  truncateSync(path, length - 20);
  const b = await gateway("b");
  const { report, chunks } = await b.replay(intent, () => true);
  expect(chunks[0]?.texts[0]?.text).toBe(`Write to ${MAIL} .`);
  expect(report.findings.map(({ code }) => code)).not.toContain("altered");
  expect(readFileSync(path)).toHaveLength(length - 20);
});

test("the tail that a crash tore is cut by the gateway that comes back under the name, which posts again", async () => {
  const a = await gateway("a");
  const intent = await record(a);
  await a.close();
  const [file = ""] = filesOf("a");
  const path = join(dir, "@a", file);
  const { length } = readFileSync(path);
  appendFileSync(path, "SLR1 torn");
  rmSync(join(dir, "@a", ".cursor"));
  room.subjects.posted.length = 0;
  await gateway("b");
  expect([readFileSync(path).length, room.subjects.posted]).toEqual([length + 9, []]);
  await gateway("a");
  expect(readFileSync(path)).toHaveLength(length);
  expect(room.subjects.posted).toMatchObject([{ record: intent }]);
});

test("any gateway deletes what is old enough, once, but not a file that another one writes to", async () => {
  const a = await gateway("a");
  room.recordings = a;
  const running = await room.begin(request);
  const b = await gateway("b");
  room.now += 5 * DAY_MS;
  const old = { before: room.now - DAY_MS, purpose: "support", held: () => false };
  expect(await b.kept()).toEqual([{ purpose: "support" }]);
  expect((await b.prune(old)).deleted).toEqual([]);
  await room.end(running);
  await a.close();
  live.delete("a");
  const { deleted } = await b.prune(old);
  expect(deleted.map(({ file }) => file)).toEqual([expect.stringMatching(/^a\/support\/.*\/1048576$/)]);
  expect([(await b.prune(old)).deleted, filesOf("a"), await b.kept()]).toEqual([[], [], []]);
});

test("a hold keeps the file of another gateway, one that is gone too", async () => {
  const a = await gateway("a");
  await record(a);
  await a.close();
  live.delete("a");
  const b = await gateway("b");
  room.now += 5 * DAY_MS;
  const id = room.subjects.idOf("EMAIL", MAIL);
  const { deleted, held } = await b.prune({ before: room.now, purpose: "support", held: (each) => each === id });
  expect([deleted, held.length, filesOf("a").length]).toEqual([[], 1, 1]);
});

test("keys of files come under the newest key for all gateways, by one at a time", async () => {
  const custody = new Custody(() => room.now);
  const epochsOf = (): EpochKeys =>
    custody.epochs(
      () => ({
        dir: join(room.dir, "custody"),
        refreshMs: 60_000,
        keepMs: 60_000,
        cacheMs: 60_000,
        root: { provider: "file", path: join(room.dir, "root.key") },
        aws: {},
      }),
      { record: () => Promise.resolve({ index: 0 }), epochMs: () => 30 * DAY_MS, onFault: () => undefined },
    );
  const a = await gateway("a", { epochs: epochsOf() });
  const intent = await record(a);
  await a.close();
  const epochs = epochsOf();
  const b = await gateway("b", { epochs });
  const first = await epochs.current();
  expect(await b.keyUser.count(first)).toBe(1);
  room.now += 31 * DAY_MS;
  expect(await epochs.current()).toBe(first + 1);
  isBusy = true;
  expect([await b.keyUser.rewrap(), await b.keyUser.count(first)]).toEqual([0, 1]);
  isBusy = false;
  expect([await b.keyUser.rewrap(), await b.keyUser.rewrap()]).toEqual([1, 0]);
  expect([await b.keyUser.count(first), await b.keyUser.count(first + 1)]).toEqual([0, 1]);
  expect(await reads(b, intent)).toEqual(WHOLE);
  await custody.close();
});

test("a number is not given again when its file is gone, and a registry that was lost is made again", async () => {
  const a = await gateway("a");
  const intent = await record(a);
  await a.close();
  rmSync(join(dir, ".files"), { recursive: true });
  await gateway("a");
  const b = await gateway("b");
  expect(await reads(b, intent)).toEqual(WHOLE);
  room.now += 5 * DAY_MS;
  live.delete("a");
  await b.prune({ before: room.now, purpose: "support", held: () => false });
  await record(b);
  expect(filesOf("b").map((file) => file.slice(-11))).toEqual(["1048577.rec"]);
});

test("a name in the registry that leads out of the folder leads nowhere", async () => {
  mkdirSync(join(dir, ".files"), { recursive: true });
  writeFileSync(join(dir, ".files", "1048576"), "../../own/support/2026-11-22");
  const a = await gateway("a");
  expect(await a.describe(1_048_576 * 2 ** 32)).toBeUndefined();
  expect(existsSync(join(dir, ".files", "1048576"))).toBe(true);
});
