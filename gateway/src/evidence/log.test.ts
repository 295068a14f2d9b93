import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseLeaf, parseLogInfo, tilePath, verifyCommitment, verifyProof } from "@sluice/verifier";
import { expect, test } from "vitest";
import { APPENDS_WAITING_MAX, type EvidenceLog, openEvidence } from "./index.ts";
import { FRAME_BYTES } from "./segment.ts";
import { FaultyDisk } from "./test/faulty-disk.ts";
import { NOW, ORIGIN, appendMany, audit, checkpointOf, entryOf, leaf, open, temporaryFolder } from "./test/opened.ts";

test("indexes follow one another without gaps, in the order of the calls", async () => {
  const log = await open({ dir: temporaryFolder() });
  expect(await appendMany(log, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(log.size).toBe(1000);
  expect(parseLeaf(await entryOf(log, 777))).toEqual(leaf(777));
});

test("appends that arrive together share one write and one fdatasync", async () => {
  const disk = new FaultyDisk();
  const log = await open({ dir: temporaryFolder(), disk });
  const before = { ...disk.calls };
  await appendMany(log, 500);
  expect((disk.calls["write"] ?? 0) - (before["write"] ?? 0)).toBe(1);
  expect((disk.calls["datasync"] ?? 0) - (before["datasync"] ?? 0)).toBe(1);
});

test("a record that nobody waits for goes with the next one, or by itself within a moment, and close waits for it", async () => {
  const disk = new FaultyDisk();
  const log = await open({ dir: temporaryFolder(), disk });
  const before = disk.calls["datasync"] ?? 0;
  const soon = log.append(leaf(0), undefined, "soon");
  const now = log.append(leaf(1));
  expect([await soon, await now]).toEqual([{ index: 0 }, { index: 1 }]);
  expect((disk.calls["datasync"] ?? 0) - before).toBe(1);
  expect(await log.append(leaf(2), undefined, "soon")).toEqual({ index: 2 });
  const last = log.append(leaf(3), undefined, "soon");
  await log.close();
  expect(await last).toEqual({ index: 3 });
});

test("an append is not acknowledged before fdatasync has returned", async () => {
  const disk = new FaultyDisk();
  const log = await open({ dir: temporaryFolder(), disk });
  disk.fault = { call: "datasync", path: /segments/, fails: "EIO" };
  await expect(log.append(leaf(0))).rejects.toMatchObject({ code: "evidence_unavailable" });
});

test("an auditor finds nothing wrong in the served folder, whatever the size", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  const earlier = [await checkpointOf(log)];
  let size = 0;
  for (const more of [1, 254, 1, 1, 255, 300]) {
    await appendMany(log, more, size);
    size += more;
    await log.proof(size - 1);
    earlier.push(await checkpointOf(log));
    const report = await audit(dir, earlier);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ ok: true, size, checked: { entries: size, signatures: 2 } });
  }
});

test("every record has a proof that verifies offline, and only for its own entry", async () => {
  const log = await open({ dir: temporaryFolder() });
  await appendMany(log, 520);
  for (const index of [0, 1, 255, 256, 511, 512, 519]) {
    const proof = await log.proof(index);
    const entry = await entryOf(log, index);
    expect(await verifyProof(proof, entry, { vkeys: log.vkeys, origin: ORIGIN })).toMatchObject({ ok: true, index });
    const other = await entryOf(log, (index + 1) % 520);
    expect(await verifyProof(proof, other, { vkeys: log.vkeys })).toMatchObject({ ok: false });
  }
});

test("there is no proof of a record that is not there", async () => {
  const log = await open({ dir: temporaryFolder() });
  await appendMany(log, 2);
  for (const index of [2, -1, 0.5, Number.NaN]) {
    await expect(log.proof(index)).rejects.toMatchObject({ code: "evidence_unknown" });
    await expect(log.openCommitment(index)).rejects.toMatchObject({ code: "evidence_unknown" });
    await expect(log.destroySalt(index)).rejects.toMatchObject({ code: "evidence_unknown" });
  }
});

test("a checkpoint covers a record within the interval", async () => {
  const log = await open({ dir: temporaryFolder(), checkpointIntervalMs: 500 });
  for (const n of [0, 1, 2]) {
    const { index } = await log.append(leaf(n));
    const acknowledged = performance.now();
    await log.proof(index);
    // One more interval for a machine that does other things: its disk alone may take a third of a second to sync.
    expect(performance.now() - acknowledged).toBeLessThan(1_000);
  }
});

test("checkpoints carry both signatures, and log.json names their keys", async () => {
  const log = await open({ dir: temporaryFolder() });
  expect(log.signatures).toEqual(["ed25519", "ml-dsa-44"]);
  const info = await log.file("log.json");
  expect(info).toMatchObject({ contentType: "application/json", immutable: false });
  expect(parseLogInfo(info?.body ?? "")).toEqual({ origin: ORIGIN, vkeys: log.vkeys });
  expect(await log.file("checkpoint")).toMatchObject({ contentType: "text/plain; charset=utf-8", immutable: false });
});

test("only the public files are answered, and only under their one name", async () => {
  const log = await open({ dir: temporaryFolder() });
  await appendMany(log, 300);
  await log.proof(299);
  expect(await log.file("tile/0/000")).toMatchObject({ contentType: "application/octet-stream", immutable: true });
  const refused = [
    "",
    "tile",
    "tile/0",
    "tile/0/0",
    "tile/0/x000/000",
    "tile/00/000",
    "tile/0/000.p/256",
    "tile/0/000.p/007",
    "tile/0/001.p/45",
    "tile/0/999",
    "tile/../checkpoint",
    "tile/0/../../log.json",
    "../keys/pseudonym.key",
    "../signed",
    "/checkpoint",
    "checkpoint/",
    "checkpoint\0",
    "lock",
    "segments/000000000000.log",
    "CHECKPOINT",
    "__proto__",
  ];
  for (const path of refused) expect(await log.file(path), path).toBeUndefined();
});

test("a partial tile that was published is answered for ever, out of the full one when it is gone", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await appendMany(log, 100);
  await log.proof(99);
  const before = new Map<string, Buffer | undefined>();
  for (const path of ["tile/0/000.p/100", "tile/entries/000.p/100"]) before.set(path, (await log.file(path))?.body);
  await appendMany(log, 50, 100);
  await log.proof(149);
  expect(readdirSync(join(dir, "public/tile/0/000.p"))).toContain("100");
  await appendMany(log, 150, 150);
  await log.proof(299);
  await log.close();
  expect(readdirSync(join(dir, "public/tile/0")).toSorted()).toEqual(["000", "001.p"]);
  for (const [path, body] of before) expect((await log.file(path))?.body.equals(body ?? Buffer.alloc(0))).toBe(true);
  // Narrower than what was published, out of the wider partial tile.
  expect((await log.file("tile/0/001.p/3"))?.body).toHaveLength(96);
});

test("a leaf commits to a digest, and the salt opens the commitment until it is destroyed", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  const body = new TextEncoder().encode('{"messages":[]}');
  const digest = createHash("sha256").update(body).digest();
  const [first, plain, second] = await Promise.all([
    log.append({ ...leaf(0), zebra: 1, alpha: 2 }, digest),
    log.append(leaf(1)),
    log.append(leaf(2), digest),
  ]);
  const commitments: string[] = [];
  for (const { index } of [first, second]) {
    const { commitment } = parseLeaf(await entryOf(log, index));
    const salt = await log.openCommitment(index);
    expect(await verifyCommitment(String(commitment), new Uint8Array(salt ?? []), body)).toBe(true);
    commitments.push(String(commitment));
  }
  expect(commitments[0]).not.toBe(commitments[1]);
  expect(parseLeaf(await entryOf(log, plain.index))).not.toHaveProperty("commitment");
  expect(await log.openCommitment(plain.index)).toBeUndefined();

  const salt = await log.openCommitment(first.index);
  await log.destroySalt(first.index);
  await log.destroySalt(first.index);
  await log.destroySalt(plain.index);
  expect(await log.openCommitment(first.index)).toBeUndefined();
  expect(await log.openCommitment(second.index)).toHaveLength(32);
  const salts = readFileSync(join(dir, "salts/000000000000.bin"));
  expect(salts.includes(salt ?? "no salt")).toBe(false);
  await log.close();

  const again = await open({ dir });
  expect(await again.openCommitment(first.index)).toBeUndefined();
  expect(await again.openCommitment(second.index)).toHaveLength(32);
  expect((await audit(dir)).problems).toEqual([]);
});

test("private files are readable by their owner only, and none of them is in the public folder", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await log.append(leaf(0), new Uint8Array(32));
  const mode = (path: string): number => statSync(join(dir, path)).mode & 0o777;
  for (const folder of ["keys", "salts", "segments"]) expect(mode(folder), folder).toBe(0o700);
  const files = [
    "keys/log-ed25519.pem",
    "keys/log-ml-dsa-44.pem",
    "keys/pseudonym.key",
    "salts/000000000000.bin",
    "segments/000000000000.log",
    "signed",
  ];
  for (const file of files) expect(mode(file), file).toBe(0o600);
  await log.proof(0);
  expect(readdirSync(join(dir, "public"), { recursive: true }).toSorted()).toEqual(
    ["checkpoint", "log.json", "tile", "tile/0", "tile/0/000.p", "tile/0/000.p/1"].concat([
      "tile/entries",
      "tile/entries/000.p",
      "tile/entries/000.p/1",
    ]),
  );
});

test("a pseudonym is stable over restarts, differs between logs, and does not name the principal", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  const name = log.pseudonym("support-team");
  expect(name).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(log.pseudonym("other-team")).not.toBe(name);
  await log.close();
  expect((await open({ dir })).pseudonym("support-team")).toBe(name);
  expect((await open({ dir: temporaryFolder() })).pseudonym("support-team")).not.toBe(name);
});

test("a reopened log goes on where it was, over many segments", async () => {
  const dir = temporaryFolder();
  let size = 0;
  const earlier: string[] = [];
  for (let run = 0; run < 4; run++) {
    const log = await open({ dir, segmentBytesMax: 4000 });
    expect(log.size).toBe(size);
    for (let i = 0; i < 5; i++) {
      await appendMany(log, 40, size);
      size += 40;
    }
    await log.close();
    earlier.push(await checkpointOf(log));
  }
  expect(readdirSync(join(dir, "segments")).length).toBeGreaterThan(5);
  expect(readdirSync(join(dir, "salts")).length).toBe(readdirSync(join(dir, "segments")).length);
  expect(await audit(dir, earlier)).toMatchObject({ ok: true, size: 800, problems: [] });
});

test("salts of every segment stay readable and destroyable", async () => {
  const log = await open({ dir: temporaryFolder(), segmentBytesMax: 1000 });
  for (let i = 0; i < 40; i++) await log.append(leaf(i), new Uint8Array(32).fill(i));
  for (const index of [0, 17, 39]) {
    expect(await log.openCommitment(index)).toHaveLength(32);
    await log.destroySalt(index);
    expect(await log.openCommitment(index)).toBeUndefined();
  }
});

test("intents without an outcome are reported when the log is opened", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  for (let i = 0; i < 5; i++) await log.append({ v: 1, type: "intent" });
  await log.append({ v: 1, type: "outcome", intent: 3 });
  await log.append({ v: 1, type: "outcome", intent: 0 });
  await log.append({ v: 1, type: "start" });
  expect(log.orphans).toEqual([]);
  await log.close();
  const again = await open({ dir });
  expect(again.orphans).toEqual([1, 2, 4]);
  expect((await audit(dir)).orphans).toEqual([1, 2, 4]);
});

test("a leaf of 65,535 bytes is taken, and a longer one is an assertion that harms nobody else", async () => {
  const log = await open({ dir: temporaryFolder() });
  const frame = '{"text":"","type":"test"}'.length;
  const ofLength = (length: number): Promise<unknown> => log.append({ type: "test", text: "a".repeat(length - frame) });
  const results = await Promise.allSettled([
    log.append(leaf(0)),
    ofLength(65_536),
    ofLength(65_535),
    log.append(leaf(1)),
  ]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  await expect(ofLength(65_536)).rejects.toMatchObject({ code: "ERR_ASSERTION" });
  // Three bytes a character: short as text, too long as UTF-8.
  await expect(log.append({ type: "test", text: "\u20ac".repeat(30_000) })).rejects.toMatchObject({
    code: "ERR_ASSERTION",
  });
  expect(log.size).toBe(3);
  expect(await entryOf(log, 1)).toHaveLength(65_535);
});

test("beyond the limit of waiting appends, and not before, they are refused as overloaded", async () => {
  const log = await open({ dir: temporaryFolder() });
  const results = await Promise.allSettled(
    Array.from({ length: APPENDS_WAITING_MAX + 10 }, (_, i) => log.append(leaf(i))),
  );
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(10);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "overloaded", retriable: true });
  expect(log.size).toBe(APPENDS_WAITING_MAX);
  await log.append(leaf(0));
});

test("closing commits what waits, publishes a last checkpoint, and ends the taking of records", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir, checkpointIntervalMs: 60_000 });
  const waiting = appendMany(log, 10);
  const proof = log.proof(0).catch((error: unknown) => error);
  await Promise.all([log.close(), log.close()]);
  expect(await waiting).toHaveLength(10);
  // Asked before there was such a record.
  expect(await proof).toMatchObject({ code: "evidence_unknown" });
  expect(await audit(dir)).toMatchObject({ ok: true, size: 10 });
  expect(log.healthy).toBe(false);
  await expect(log.append(leaf(0))).rejects.toMatchObject({ code: "evidence_unavailable" });
});

test("who waits for a checkpoint when the log closes gets the last one", async () => {
  const log = await open({ dir: temporaryFolder(), checkpointIntervalMs: 60_000 });
  const { index } = await log.append(leaf(0));
  const proof = log.proof(index);
  await log.close();
  expect(
    await verifyProof(await proof, Buffer.from('{"n":0,"type":"test","v":1}'), { vkeys: log.vkeys }),
  ).toMatchObject({
    ok: true,
  });
});

/** A closed log of 600 records in several segments, and the checkpoint it ended with. */
async function closedLog(): Promise<{ dir: string; checkpoint: string; log: EvidenceLog }> {
  const dir = temporaryFolder();
  const log = await open({ dir, segmentBytesMax: 8000 });
  for (let i = 0; i < 6; i++) await appendMany(log, 100, i * 100);
  await log.close();
  return { dir, checkpoint: await checkpointOf(log), log };
}

function reopen(dir: string): Promise<EvidenceLog> {
  return openEvidence({ dir, origin: ORIGIN, clock: () => NOW, checkpointIntervalMs: 20 });
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at] = (bytes.at(at) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

interface Tampering {
  readonly what: string;
  readonly tamper: (dir: string, segments: readonly string[]) => void;
}

test.each<Tampering>([
  {
    what: "a record in the first segment is changed",
    tamper: (dir, [first = ""]) => flip(join(dir, "segments", first), 60),
  },
  {
    what: "a record in the last segment is changed",
    tamper: (dir, segments) => flip(join(dir, "segments", segments.at(-1) ?? ""), 60),
  },
  {
    what: "the last record is cut off",
    tamper: (dir, segments) => {
      const path = join(dir, "segments", segments.at(-1) ?? "");
      truncateSync(path, statSync(path).size - 1);
    },
  },
  { what: "the first segment is missing", tamper: (dir, [first = ""]) => rmSync(join(dir, "segments", first)) },
  {
    what: "a segment in the middle is missing",
    tamper: (dir, [, second = ""]) => rmSync(join(dir, "segments", second)),
  },
  {
    what: "the last segment is missing",
    tamper: (dir, segments) => rmSync(join(dir, "segments", segments.at(-1) ?? "")),
  },
  { what: "a segment's header is changed", tamper: (dir, [, second = ""]) => flip(join(dir, "segments", second), 0) },
  {
    what: "a segment is another one's copy",
    tamper: (dir, [first = "", second = ""]) =>
      copyFileSync(join(dir, "segments", first), join(dir, "segments", second)),
  },
  { what: "the memory of what was signed names another root", tamper: (dir) => flip(join(dir, "signed"), -5) },
  { what: "the memory of what was signed is gone", tamper: (dir) => rmSync(join(dir, "signed")) },
  { what: "all segments are gone", tamper: (dir) => rmSync(join(dir, "segments"), { recursive: true }) },
  { what: "the signing key is gone", tamper: (dir) => rmSync(join(dir, "keys/log-ed25519.pem")) },
  { what: "the second signing key is gone", tamper: (dir) => rmSync(join(dir, "keys/log-ml-dsa-44.pem")) },
  { what: "the pseudonym key is gone", tamper: (dir) => rmSync(join(dir, "keys/pseudonym.key")) },
  { what: "the pseudonym key is cut off", tamper: (dir) => truncateSync(join(dir, "keys/pseudonym.key"), 31) },
  {
    what: "the signing key is no key",
    tamper: (dir) => writeFileSync(join(dir, "keys/log-ed25519.pem"), "-----BEGIN PRIVATE KEY-----\n"),
  },
  {
    what: "the keys are swapped",
    tamper: (dir) => copyFileSync(join(dir, "keys/log-ed25519.pem"), join(dir, "keys/log-ml-dsa-44.pem")),
  },
  { what: "log.json is damaged", tamper: (dir) => writeFileSync(join(dir, "public/log.json"), "{}") },
])("a log in which $what is not opened, and nothing in it is changed", async ({ tamper }) => {
  const { dir } = await closedLog();
  tamper(dir, readdirSync(join(dir, "segments")));
  const before = snapshot(dir);
  await expect(reopen(dir)).rejects.toMatchObject({ code: "evidence_corrupt" });
  expect(snapshot(dir)).toEqual(before);
});

/** Digests of all files but those of the lock. */
function snapshot(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((file) => file.isFile() && !file.name.startsWith("lock"))
      .map((file) => join(file.parentPath, file.name))
      .map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}

test("keys of another log are refused", async () => {
  const [{ dir }, other] = [await closedLog(), await closedLog()];
  copyFileSync(join(other.dir, "keys/log-ed25519.pem"), join(dir, "keys/log-ed25519.pem"));
  await expect(reopen(dir)).rejects.toMatchObject({ code: "evidence_corrupt", message: /not the log's key/ });
});

test("a rewritten history with sound checksums is refused: the tree is not the one that was signed", async () => {
  const { dir } = await closedLog();
  const forged = temporaryFolder();
  const log = await open({ dir: forged, segmentBytesMax: 8000 });
  for (let i = 0; i < 6; i++) await appendMany(log, 100, i * 100 + 1);
  await log.close();
  rmSync(join(dir, "segments"), { recursive: true });
  cpSync(join(forged, "segments"), join(dir, "segments"), { recursive: true });
  const before = snapshot(dir);
  await expect(reopen(dir)).rejects.toMatchObject({ code: "evidence_corrupt", message: /do not make the tree/ });
  expect(snapshot(dir)).toEqual(before);
});

test("an older copy of the segments is refused: signed records are missing", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await appendMany(log, 10);
  await log.close();
  const older = temporaryFolder();
  cpSync(join(dir, "segments"), join(older, "segments"), { recursive: true });
  const again = await open({ dir });
  await appendMany(again, 10, 10);
  await again.close();
  rmSync(join(dir, "segments"), { recursive: true });
  cpSync(join(older, "segments"), join(dir, "segments"), { recursive: true });
  await expect(reopen(dir)).rejects.toMatchObject({ code: "evidence_corrupt", message: /20 were signed, here are 10/ });
});

test("a log is not opened under another origin", async () => {
  const { dir } = await closedLog();
  const other = openEvidence({ dir, origin: "other.example/log", clock: () => NOW, checkpointIntervalMs: 20 });
  await expect(other).rejects.toMatchObject({ code: "config_invalid" });
});

test("an origin that cannot name a key is refused before anything is made", async () => {
  const dir = temporaryFolder();
  for (const origin of ["", "log example", "log+example", "log\nexample", "a".repeat(256)]) {
    const opening = openEvidence({ dir, origin, clock: () => NOW, checkpointIntervalMs: 20 });
    await expect(opening, origin).rejects.toMatchObject({ code: "config_invalid" });
  }
  expect(readdirSync(dir)).not.toContain("keys");
});

test("public files that are missing or wrong are written again when the log opens", async () => {
  const { dir, checkpoint } = await closedLog();
  rmSync(join(dir, "public/tile/0/000"));
  flip(join(dir, "public/tile/entries/001"), 100);
  truncateSync(join(dir, "public/tile/1/000.p/2"), 0);
  writeFileSync(join(dir, "public/checkpoint"), "");
  expect(await audit(dir)).toMatchObject({ ok: false });
  const log = await reopen(dir);
  expect(await audit(dir, [checkpoint])).toMatchObject({ ok: true, size: 600, problems: [] });
  await log.close();
});

test("a whole public folder is made again, also when it is more than is kept in memory", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  const text = "a".repeat(20_000);
  for (let i = 0; i < 3; i++) await Promise.all(Array.from({ length: 250 }, () => log.append({ type: "test", text })));
  await log.close();
  const checkpoint = await checkpointOf(log);
  rmSync(join(dir, "public"), { recursive: true });
  const again = await reopen(dir);
  expect(await audit(dir, [checkpoint])).toMatchObject({ ok: true, size: 750, problems: [] });
  expect(again.vkeys).toEqual(log.vkeys);
  await again.close();
});

test("partial tiles that a crash left beside their full tile are removed", async () => {
  const { dir } = await closedLog();
  cpSync(join(dir, "public/tile/0/002.p"), join(dir, "public/tile/0/001.p"), { recursive: true });
  const log = await reopen(dir);
  expect(readdirSync(join(dir, "public/tile/0")).toSorted()).toEqual(["000", "001", "002.p"]);
  await log.close();
});

test("what a torn commit left at the end is cut off, also frames in it that are whole", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await appendMany(log, 10);
  await log.close();
  const segment = join(dir, "segments/000000000000.log");
  const whole = readFileSync(segment);
  const frame = whole.subarray(whole.length - (FRAME_BYTES + '{"n":9,"type":"test","v":1}'.length));
  const torn = Buffer.from(frame);
  torn[FRAME_BYTES + 3] = 0;
  writeFileSync(segment, Buffer.concat([whole, torn, frame, frame.subarray(0, 20)]));

  const again = await open({ dir });
  expect(again.size).toBe(10);
  expect(readFileSync(segment).equals(whole)).toBe(true);
  // As long as what was torn: without the cut, the whole frame behind it would come back to life.
  await again.append(leaf(7));
  await again.close();
  expect((await open({ dir })).size).toBe(11);
});

test("a log without ML-DSA-44 key gets one, and then keeps it", async () => {
  // As Node.js 22 leaves it: one key, one signature.
  const { dir, log } = await closedLog();
  const [ed25519 = ""] = log.vkeys;
  rmSync(join(dir, "keys/log-ml-dsa-44.pem"));
  writeFileSync(join(dir, "public/log.json"), JSON.stringify({ origin: ORIGIN, vkeys: [ed25519] }));
  const grown = await reopen(dir);
  expect(grown.vkeys[0]).toBe(ed25519);
  expect(grown.vkeys).toHaveLength(2);
  await grown.close();
  const again = await reopen(dir);
  expect(again.vkeys).toEqual(grown.vkeys);
  await again.close();
});

test("tiles are named as the verifier asks for them", async () => {
  const log = await open({ dir: temporaryFolder() });
  await appendMany(log, 257);
  await log.proof(256);
  expect((await log.file(tilePath(0, 0, 256)))?.body).toHaveLength(8192);
  expect((await log.file(tilePath(1, 0, 1)))?.body).toHaveLength(32);
});

test("published entries are read back in order, from and to any index, over bundles", async () => {
  const log = await open({ dir: temporaryFolder() });
  await appendMany(log, 600);
  await log.proof(599);
  const read = async (from: number, to?: number): Promise<number[]> => {
    const found: number[] = [];
    for await (const { index, bytes } of log.entries(from, to)) {
      const { n } = JSON.parse(bytes.toString("utf8")) as { n: number };
      expect(n).toBe(index);
      found.push(index);
    }
    return found;
  };
  expect(await read(0)).toEqual(Array.from({ length: 600 }, (_, i) => i));
  expect(await read(250, 520)).toEqual(Array.from({ length: 270 }, (_, i) => 250 + i));
  expect(await read(599)).toEqual([599]);
  expect(await read(600)).toEqual([]);
  await expect(read(0, 601)).rejects.toMatchObject({ code: "evidence_unknown" });
  await expect(read(5, 4)).rejects.toMatchObject({ code: "evidence_unknown" });
});

test("who listens is told of each checkpoint until it stops listening", async () => {
  const log = await open({ dir: temporaryFolder() });
  const sizes: number[] = [];
  const stop = log.onPublished(({ size }) => sizes.push(size));
  await appendMany(log, 3);
  await log.proof(2);
  expect(sizes.at(-1)).toBe(3);
  expect(log.published).toBe(3);
  stop();
  await appendMany(log, 1, 3);
  await log.proof(3);
  expect(sizes.at(-1)).toBe(3);
});
