import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Source, parseLogInfo, parseNote, verifyContinuation, verifyLog, verifyProof } from "@sluice/verifier";
import { describe, expect, test } from "vitest";
import { addKeys, freezeLog, retireKeys } from "./index.ts";
import { FaultyDisk } from "./test/faulty-disk.ts";
import { NOW, ORIGIN, appendMany, audit, checkpointOf, open, served, temporaryFolder } from "./test/opened.ts";

const clock = (): number => NOW;

/** A log of 300 records with its first keys. */
async function filled(): Promise<{ dir: string; vkeys: readonly string[]; checkpoint: string }> {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await appendMany(log, 300);
  await log.close();
  return { dir, vkeys: log.vkeys, checkpoint: await checkpointOf(log) };
}

async function appendTo(dir: string): Promise<void> {
  const log = await open({ dir });
  await appendMany(log, 10);
  await log.close();
}

const infoOf = (dir: string): ReturnType<typeof parseLogInfo> =>
  parseLogInfo(readFileSync(join(dir, "public/log.json")));
const keyFiles = (dir: string): string[] => readdirSync(join(dir, "keys")).filter((name) => name.endsWith(".pem"));
const signaturesOf = (dir: string): number =>
  parseNote(readFileSync(join(dir, "public/checkpoint"), "utf8")).signatures.length;

async function lastEvent(dir: string): Promise<Record<string, unknown>> {
  const log = await open({ dir });
  try {
    for await (const { bytes } of log.entries(log.published - 1)) {
      return JSON.parse(bytes.toString()) as Record<string, unknown>;
    }
    throw new Error("the log is empty");
  } finally {
    await log.close();
  }
}

describe("changing the keys of a log", () => {
  test("both sign from the event on that names the new ones, and whoever pins either accepts", async () => {
    const { dir, vkeys, checkpoint } = await filled();
    const changed = await addKeys({ dir, origin: ORIGIN, clock });
    expect(changed).toMatchObject({ size: 301, signing: [...vkeys, ...changed.vkeys] });
    expect(signaturesOf(dir)).toBe(4);
    expect(await lastEvent(dir)).toMatchObject({ name: "log.key_added", facts: { from: 301, vkeys: changed.vkeys } });
    await appendTo(dir);
    for (const pinned of [vkeys, changed.vkeys, [...vkeys, ...changed.vkeys]]) {
      expect(await verifyLog(served(dir), { vkeys: pinned, origin: ORIGIN })).toMatchObject({ ok: true, problems: [] });
    }
    expect(infoOf(dir)).toMatchObject({
      vkeys: [...vkeys, ...changed.vkeys],
      keys: [...vkeys.map((vkey) => ({ vkey, from: 0 })), ...changed.vkeys.map((vkey) => ({ vkey, from: 301 }))],
    });
    expect(await verifyLog(served(dir), { vkeys, earlier: [checkpoint] })).toMatchObject({ ok: true });
  });

  test("after the old ones are retired only the new ones sign, and what the old ones signed still verifies", async () => {
    const { dir, vkeys, checkpoint } = await filled();
    const before = await open({ dir });
    const [proof, entry] = [await before.proof(7), Buffer.from('{"n":7,"type":"test","v":1}')];
    await before.close();
    const added = await addKeys({ dir, origin: ORIGIN, clock });
    await appendTo(dir);
    const retired = await retireKeys({ dir, origin: ORIGIN, clock });
    expect(retired).toEqual({ vkeys, size: 312, signing: added.vkeys });
    await appendTo(dir);

    expect(signaturesOf(dir)).toBe(2);
    expect(keyFiles(dir)).toEqual(["log-ed25519-2.pem", "log-ml-dsa-44-2.pem"]);
    const report = await verifyLog(served(dir), { vkeys: added.vkeys, retired: vkeys, earlier: [checkpoint] });
    expect(report).toMatchObject({ ok: true, problems: [], size: 322 });
    expect((await verifyLog(served(dir), { vkeys })).problems).toMatchObject([
      { code: "signature_missing" },
      { code: "signature_missing" },
      { code: "signature_unverified" },
    ]);
    // A retired key vouches for what it signed, and for nothing that is signed now.
    const withoutNew = await verifyLog(served(dir), { vkeys: [], retired: vkeys });
    expect(withoutNew.problems).toMatchObject([{ code: "signature_unverified" }]);
    expect(await verifyProof(proof, entry, { vkeys })).toMatchObject({ ok: true, index: 7 });
    expect(
      infoOf(dir)
        .keys?.filter(({ to }) => to === 312)
        .map(({ vkey }) => vkey),
    ).toEqual(vkeys);
    expect(await audit(dir)).toMatchObject({ ok: true });
  });

  test("happens again and again, one generation at a time", async () => {
    const { dir } = await filled();
    await expect(retireKeys({ dir, origin: ORIGIN, clock })).rejects.toMatchObject({ code: "key_unknown" });
    for (let generation = 2; generation <= 3; generation++) {
      await addKeys({ dir, origin: ORIGIN, clock });
      await expect(addKeys({ dir, origin: ORIGIN, clock })).rejects.toMatchObject({ code: "key_in_use" });
      await retireKeys({ dir, origin: ORIGIN, clock });
      expect(keyFiles(dir)).toEqual([
        `log-ed25519-${String(generation)}.pem`,
        `log-ml-dsa-44-${String(generation)}.pem`,
      ]);
    }
    await appendTo(dir);
    expect(await audit(dir)).toMatchObject({ ok: true, problems: [] });
  });

  test("needs the log for itself", async () => {
    const { dir } = await filled();
    const log = await open({ dir });
    for (const change of [addKeys, retireKeys]) {
      await expect(change({ dir, origin: ORIGIN, clock })).rejects.toMatchObject({ code: "evidence_locked" });
    }
    await log.close();
  });

  test.each(["log-ed25519-2.pem", "generations.json", "log.json", "checkpoint"])(
    "is repeated after a crash at the writing of %s, and then done",
    async (name) => {
      const { dir } = await filled();
      const disk = new FaultyDisk();
      const change = async (): Promise<unknown> => addKeys({ dir, origin: ORIGIN, clock, disk });
      // What is written in a first opening passes; the fault strikes what the ceremony itself writes.
      disk.fault = { call: "rename", path: new RegExp(`/${name.replaceAll(".", "\\.")}$`), fails: "EIO" };
      await expect(change()).rejects.toMatchObject({ code: "evidence_unavailable" });
      disk.fault = undefined;
      const log = await open({ dir });
      const { generations } = log;
      await log.close();
      if (generations.length === 0) await change();
      expect(signaturesOf(dir)).toBe(4);
      expect(await audit(dir)).toMatchObject({ ok: true, problems: [] });
    },
  );

  test.each([
    {
      what: "generations.json is damaged",
      tamper: (dir: string) => writeFileSync(join(dir, "keys/generations.json"), "[]"),
    },
    { what: "generations.json is gone", tamper: (dir: string) => rmSync(join(dir, "keys/generations.json")) },
    { what: "a new key is gone", tamper: (dir: string) => rmSync(join(dir, "keys/log-ed25519-2.pem")) },
    {
      what: "a new key is the old one",
      tamper: (dir: string) => renameSync(join(dir, "keys/log-ed25519.pem"), join(dir, "keys/log-ed25519-2.pem")),
    },
  ])("makes a log in which $what one that is not opened", async ({ tamper }) => {
    const { dir } = await filled();
    await addKeys({ dir, origin: ORIGIN, clock });
    tamper(dir);
    await expect(open({ dir })).rejects.toMatchObject({ code: "evidence_corrupt", message: /restore/ });
  });
});

describe("freezing a log and going on in another", () => {
  const NEXT = "log.example/evidence-2";

  async function frozen(): Promise<{ dir: string; to: string; vkeys: readonly string[]; next: readonly string[] }> {
    const { dir, vkeys } = await filled();
    const to = join(temporaryFolder(), "old");
    const { vkeys: next } = await freezeLog({ dir, origin: ORIGIN, clock, next: NEXT, to });
    return { dir, to, vkeys, next };
  }

  test("leaves two sound logs that name one another, and a verifier sees that they fit", async () => {
    const { dir, to, vkeys, next } = await frozen();
    const log = await open({ dir, origin: NEXT });
    await appendMany(log, 20);
    await log.close();
    expect(await verifyLog(served(to), { vkeys, origin: ORIGIN })).toMatchObject({ ok: true, size: 301 });
    expect(await verifyLog(served(dir), { vkeys: next, origin: NEXT })).toMatchObject({ ok: true, size: 21 });
    expect(await verifyContinuation(served(to), served(dir))).toEqual([]);
  });

  test("leaves an old log that nobody opens any more, under any origin, and a new one that has no other origin", async () => {
    const { dir, to } = await frozen();
    await expect(open({ dir: to })).rejects.toMatchObject({ code: "evidence_frozen" });
    await expect(open({ dir: to, origin: NEXT })).rejects.toMatchObject({ code: "evidence_frozen" });
    await expect(open({ dir })).rejects.toMatchObject({ code: "config_invalid" });
  });

  test("is seen through when either end is another one", async () => {
    const [one, other] = [await frozen(), await frozen()];
    // The same entries, but other checkpoints: each of them says so in its first entry.
    const grown = await filled();
    await appendTo(grown.dir);
    const end = join(temporaryFolder(), "old");
    await freezeLog({ dir: grown.dir, origin: ORIGIN, clock, next: NEXT, to: end });
    expect(await verifyContinuation(served(end), served(one.dir))).toMatchObject([{ code: "continuation_broken" }]);
    const plain = await filled();
    expect(await verifyContinuation(served(other.to), served(plain.dir))).toHaveLength(2);
    expect(await verifyContinuation(served(plain.dir), served(one.dir))).toHaveLength(2);
    const nothing: Source = { read: () => Promise.resolve(undefined) };
    expect(await verifyContinuation(nothing, served(one.dir))).toHaveLength(1);
  });

  test("is refused under the same origin, and into a folder that holds something", async () => {
    const { dir } = await filled();
    const to = temporaryFolder();
    const refused = { code: "config_invalid" };
    await expect(freezeLog({ dir, origin: ORIGIN, clock, next: ORIGIN, to })).rejects.toMatchObject(refused);
    writeFileSync(join(to, "something"), "");
    await expect(freezeLog({ dir, origin: ORIGIN, clock, next: NEXT, to })).rejects.toMatchObject(refused);
    await appendTo(dir);
  });

  const STEPS = [
    { during: "the last entry is written", call: "datasync", path: /\/segments\/[0-9]+\.log$/ },
    { during: "the last checkpoint is published", call: "rename", path: /\/public\/checkpoint$/ },
    { during: "the first file is moved", call: "rename", path: /\/old\/segments$/ },
    { during: "the last file is moved", call: "rename", path: /\/old\/signed$/ },
    { during: "the new log gets its keys", call: "rename", path: /\/log\/keys\/pseudonym\.key$/ },
    { during: "it begins", call: "rename", path: /\/old\/frozen$/, begun: false },
    { during: "the mark is taken away", call: "remove", path: /\/log\/frozen$/ },
  ] as const;

  test.each(STEPS)("is repeated when the disk failed while $during, and then done", async ({ call, path, ...step }) => {
    const folder = temporaryFolder();
    const [dir, to] = [join(folder, "log"), join(folder, "old")];
    renameSync((await filled()).dir, dir);
    const disk = new FaultyDisk();
    const freeze = async (): Promise<unknown> => freezeLog({ dir, origin: ORIGIN, clock, next: NEXT, to, disk });
    disk.fault = { call, path, fails: "EIO" };
    await expect(freeze()).rejects.toMatchObject({ code: "evidence_unavailable" });
    disk.fault = undefined;
    // Meanwhile neither log is anybody else's, nor can the ceremony become another one.
    for (const origin of "begun" in step ? [] : [ORIGIN, NEXT]) {
      await expect(open({ dir, origin })).rejects.toMatchObject({ code: "evidence_frozen" });
    }
    const other = { dir, origin: ORIGIN, clock, next: "elsewhere.example/log", to };
    if (!("begun" in step)) await expect(freezeLog(other)).rejects.toMatchObject({ code: "config_invalid" });
    await freeze();
    expect(existsSync(join(dir, "frozen"))).toBe(false);
    expect(await verifyLog(served(to), { vkeys: infoOf(to).vkeys })).toMatchObject({ ok: true, size: 301 });
    expect(await verifyLog(served(dir), { vkeys: infoOf(dir).vkeys })).toMatchObject({ ok: true, size: 1 });
    expect(await verifyContinuation(served(to), served(dir))).toEqual([]);
  });
});
