import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TYPES } from "@sluice/detector";
import { commitToDisk } from "./file.ts";
import { MAIL, Room, START, textWith } from "./test/room.ts";

const DAY_MS = 86_400_000;
const NONE = (): boolean => false;
const SAY = [textWith("m", "Write to ", [["EMAIL", MAIL]])];
const said = (text: string) => [{ path: "c", text, spans: [] }];

let room: Room;
afterEach(() => room.close());

const files = (extension: string): string[] =>
  (readdirSync(join(room.dir, "recordings"), { recursive: true }) as string[]).filter((name) =>
    name.endsWith(extension),
  );
const pathOf = (name: string): string => join(room.dir, "recordings", name);

async function exchange(purpose = "support"): Promise<number> {
  const recording = await room.begin(SAY, { purpose });
  recording.add(said("fine"));
  return room.end(recording);
}

describe("at the limit", () => {
  it("an exchange ends, and its recording says so", async () => {
    room = await Room.open({ exchangeBytesMax: 16_384 });
    const recording = await room.begin(SAY);
    for (let at = 0; at < 3; at++) recording.add(said("x".repeat(4_000)));
    expect(() => recording.add(said("x".repeat(4_000)))).toThrow(/limit of 16384 bytes/);
    expect(() => recording.add(said("x".repeat(4_000)))).toThrow(/limit/);
    const intent = await room.end(recording);
    const { report, chunks } = await room.recordings.replay(intent, NONE);
    expect(report).toMatchObject({ findings: [], finished: true });
    expect(chunks.flatMap(({ texts }) => texts).reduce((sum, { text }) => sum + text.length, 0)).toBeGreaterThan(
      12_000,
    );
  });

  it("a request that is longer is refused before anything is sent", async () => {
    room = await Room.open({ exchangeBytesMax: 16_384 });
    const texts = [textWith("m", "x".repeat(20_000), [])];
    await expect(room.recordings.begin({ ...START, texts })).rejects.toMatchObject({ code: "recording_full" });
  });

  it("a request that names a crowd is refused before a key is made for anybody in it", async () => {
    room = await Room.open();
    const crowd = Array.from({ length: 16_385 }, (_, at): [string, string] => ["EMAIL", `u${at}@example.com`]);
    const begun = room.recordings.begin({ ...START, texts: [textWith("m", "", crowd)] });
    await expect(begun).rejects.toMatchObject({ code: "recording_full" });
    expect(room.subjects.idOf("EMAIL", "u0@example.com")).toBe("");
    await room.begin([textWith("m", "", crowd.slice(0, 3_000))]);
    expect(room.subjects.idOf("EMAIL", "u0@example.com")).not.toBe("");
  });

  it("a recording goes on in another segment, where the configuration says so, and is one chain", async () => {
    room = await Room.open({ exchangeBytesMax: 16_384, atLimit: "segment", fileBytesMax: 8_000 });
    const recording = await room.begin(SAY);
    let all = "";
    for (let at = 0; at < 12; at++) {
      const text = `${at} ${"x".repeat(5_000)}`;
      all += text;
      recording.add(said(text));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const intent = await room.end(recording);
    expect(files(".rec").length).toBeGreaterThan(1);
    const { report, chunks } = await room.recordings.replay(intent, NONE);
    expect(report).toMatchObject({ findings: [], finished: true });
    expect(chunks.map(({ kind }) => kind)).toContain("continued");
    const answered = chunks.filter(({ kind }) => kind === "answer").flatMap(({ texts }) => texts);
    expect(answered.map(({ text }) => text).join("")).toBe(all);
  });
});

describe("when the disk fails", () => {
  it("nothing begins, what runs is ended, and the next one tries again", async () => {
    let fails = false;
    room = await Room.open(
      {},
      {
        commit: (file, buffers, position) =>
          fails
            ? Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }))
            : commitToDisk(file, buffers, position),
      },
    );
    const running = await room.begin(SAY);
    const cut = new Promise<Error>((resolve) => running.onFault(resolve));
    fails = true;
    const refused = await room.recordings.begin({ ...START, texts: SAY });
    await expect(refused.durable).rejects.toMatchObject({ code: "recording_unavailable" });
    refused.abandon();
    running.add(said("x".repeat(5_000)));
    expect(await cut).toMatchObject({
      code: "recording_unavailable",
      message: expect.stringContaining("ENOSPC") as unknown,
    });
    expect(() => running.add(said("more"))).toThrow(/ENOSPC/);
    expect(await running.end({ status: "failed" })).toBeUndefined();
    expect(room.faults).toMatchObject([{ code: "recording_unavailable" }]);
    fails = false;
    const { report } = await room.recordings.replay(await exchange(), NONE);
    expect(report.findings).toEqual([]);
  });

  it("a disk that takes only a part is one that fails", async () => {
    room = await Room.open({}, { commit: () => Promise.resolve(10) });
    const recording = await room.recordings.begin({ ...START, texts: SAY });
    await expect(recording.durable).rejects.toMatchObject({ code: "recording_unavailable" });
    recording.abandon();
  });
});

describe("after a crash", () => {
  it("what was torn is cut off, and what was acknowledged is there", async () => {
    room = await Room.open();
    const intent = await exchange();
    const [name = ""] = files(".rec");
    const size = statSync(pathOf(name)).size;
    await room.recordings.close();
    const torn = readFileSync(pathOf(name)).subarray(0, 150);
    appendFileSync(pathOf(name), torn);
    // As a crash leaves it: nobody has closed the file in order.
    writeFileSync(pathOf(".cursor"), "0 0");
    await room.reopen();
    expect(statSync(pathOf(name)).size).toBe(size);
    expect((await room.recordings.replay(intent, NONE)).report).toMatchObject({ findings: [], finished: true });
  });

  it("a file that is damaged before its end stays as it is, and is told of", async () => {
    room = await Room.open();
    await exchange();
    const intent = await exchange();
    const [name = ""] = files(".rec");
    await room.recordings.close();
    const bytes = readFileSync(pathOf(name));
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(pathOf(name), bytes);
    writeFileSync(pathOf(".cursor"), "0 0");
    await room.reopen();
    expect(readFileSync(pathOf(name)).equals(bytes)).toBe(true);
    expect(room.faults).toMatchObject([{ message: expect.stringContaining("damaged at byte 0") as unknown }]);
    expect((await room.recordings.replay(intent, NONE)).report.findings).toEqual([]);
  });

  it("an exchange without its end is flagged, and what was recorded of it is shown", async () => {
    room = await Room.open();
    const recording = await room.begin(SAY);
    recording.add(said("x".repeat(5_000)));
    while (room.log.published < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    await vi.waitFor(async () => expect((await room.recordings.replay(0, NONE)).chunks).toHaveLength(2));
    const { report } = await room.recordings.replay(0, NONE);
    expect(report.findings.map(({ code }) => code)).toEqual(["unfinished"]);
  });

  it("postings that the index has lost come again, and no others", async () => {
    room = await Room.open();
    await exchange();
    await room.recordings.close();
    const synced = room.subjects.synced;
    expect(synced).toBe(1);
    await room.reopen();
    expect(room.subjects.posted).toHaveLength(1);
    await exchange();
    const before = readFileSync(pathOf(".cursor"), "utf8");
    const [lost] = room.subjects.posted.splice(1);
    await room.recordings.close();
    writeFileSync(pathOf(".cursor"), before);
    await room.reopen();
    expect(room.subjects.posted.slice(1)).toEqual([lost]);
  });
});

describe("retention", () => {
  const DAY = Date.UTC(2026, 10, 20, 12);

  it("takes the key first, then what it opened, by purpose and day, and leaves what is younger", async () => {
    room = await Room.open();
    room.now = DAY;
    const old = await exchange();
    await exchange("research");
    room.now = DAY + 2 * DAY_MS;
    const young = await exchange();
    const keep = { before: Date.UTC(2026, 10, 21), purpose: "support", held: NONE };
    expect((await room.recordings.prune({ ...keep, before: keep.before - 1 })).deleted).toEqual([]);
    expect(await room.recordings.prune(keep)).toMatchObject({
      deleted: [{ file: "support/2026-11-20/0000000" }],
      held: [],
    });
    expect(existsSync(pathOf("support/2026-11-20"))).toBe(false);
    await expect(room.recordings.replay(old, NONE)).rejects.toMatchObject({ code: "recording_unknown" });
    expect(await room.recordings.describe(0)).toBeUndefined();
    expect((await room.recordings.replay(young, NONE)).report.findings).toEqual([]);
    expect(await room.recordings.prune(keep)).toEqual({ deleted: [], held: [] });
  });

  it("leaves a file that holds anything of somebody under legal hold", async () => {
    room = await Room.open();
    room.now = DAY;
    await exchange();
    const { subject = "" } = room.subjects.posted[0] ?? {};
    const pruning = { before: DAY + DAY_MS, purpose: "support", held: (id: string) => id === subject };
    expect(await room.recordings.prune(pruning)).toEqual({ deleted: [], held: ["support/2026-11-20/0000000"] });
    expect((await room.recordings.prune({ ...pruning, held: NONE })).deleted).toHaveLength(1);
  });

  it("ends what a crash left of it: a recording without its key goes", async () => {
    room = await Room.open();
    room.now = DAY;
    await exchange();
    await room.recordings.close();
    const [key = ""] = files(".key");
    truncateSync(pathOf(key), 0);
    await room.reopen();
    expect(
      (await room.recordings.prune({ before: DAY + DAY_MS, purpose: "support", held: NONE })).deleted,
    ).toHaveLength(1);
    expect(files(".rec")).toEqual([]);
  });
});

describe("a file's key", () => {
  it("is brought under the key of a new epoch, and opens as before", async () => {
    room = await Room.open();
    const intent = await exchange();
    const user = room.recordings.keyUser;
    expect(await user.count(1)).toBe(1);
    expect(await user.rewrap()).toBe(0);
    expect((await room.recordings.replay(intent, NONE)).report.findings).toEqual([]);
  });
});

describe("a file's key that is damaged", () => {
  it("is told of with what to do, and is in nobody's way", async () => {
    room = await Room.open();
    const intent = await exchange();
    await room.recordings.close();
    const [key = ""] = files(".key");
    for (const damaged of [Buffer.alloc(0), Buffer.alloc(64)]) {
      writeFileSync(pathOf(key), damaged);
      await room.reopen();
      const code = damaged.length === 0 ? "seal_invalid" : "key_unknown";
      await expect(room.recordings.replay(intent, NONE)).rejects.toMatchObject({ code });
      expect(await room.recordings.keyUser.count(1)).toBe(0);
      await room.recordings.close();
    }
    await room.reopen();
    expect((await room.recordings.replay(await exchange(), NONE)).report.findings).toEqual([]);
  });
});

describe("a terminal", () => {
  it("is recorded with the time of each event", async () => {
    room = await Room.open();
    const recording = await room.begin([], { terminal: { columns: 80, rows: 24 }, types: TYPES });
    recording.add([{ path: "o", text: "$ ", spans: [] }]);
    room.now += 100;
    recording.add([{ path: "i", text: "ls\r", spans: [] }]);
    room.now += 900;
    recording.add([{ path: "o", text: "file\r\n", spans: [] }]);
    const replay = await room.recordings.replay(await room.end(recording), NONE);
    expect(replay.terminal).toEqual({ columns: 80, rows: 24 });
    expect(replay.chunks.flatMap(({ texts }) => texts.map(({ ms, path, text }) => [ms, path, text]))).toEqual([
      [0, "o", "$ "],
      [100, "i", "ls\r"],
      [1_000, "o", "file\r\n"],
    ]);
  });
});
