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
import { parseLeaf, verifyCommitment } from "@sluice/verifier";
import { describe, expect, test } from "vitest";
import { type EvidenceLog, openEvidence } from "./index.ts";
import { FRAME_BYTES } from "./segment.ts";
import { FaultyDisk } from "./test/faulty-disk.ts";
import { holdsForEveryLog } from "./test/contract.ts";
import {
  NOW,
  ORIGIN,
  appendMany,
  audit,
  checkpointOf,
  entryOf,
  leaf,
  open,
  served,
  temporaryFolder,
} from "./test/opened.ts";

describe("as every log", () => {
  holdsForEveryLog(() => {
    const dir = temporaryFolder();
    // Of segments that are pruned before a test is over.
    const small = { segmentBytesMax: 5000, settlingAgeMs: 0 };
    return Promise.resolve({ open: (options) => open({ dir, ...small, ...options }), files: served(dir) });
  });
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
