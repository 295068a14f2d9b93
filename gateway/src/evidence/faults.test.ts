import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseLeaf } from "@sluice/verifier";
import { expect, test } from "vitest";
import type { SluiceError } from "../core/errors.ts";
import type { EvidenceLog } from "./index.ts";
import { type Fault, FaultyDisk } from "./test/faulty-disk.ts";
import { appendMany, audit, checkpointOf, entriesOf, leaf, open, temporaryFolder, until } from "./test/opened.ts";

const SEGMENT = /\/segments\/[0-9]+\.log$/;
const SALTS = /\/salts\/[0-9]+\.bin$/;
/** Small, so that a few appends begin a new segment. */
const SEGMENT_BYTES = 3000;

interface Broken {
  readonly dir: string;
  readonly disk: FaultyDisk;
  readonly log: EvidenceLog;
  readonly faults: SluiceError[];
  /** What was acknowledged: index → n of the leaf. */
  readonly acknowledged: Map<number, number>;
}

async function healthyLog(): Promise<Broken> {
  const dir = temporaryFolder();
  const disk = new FaultyDisk();
  const faults: SluiceError[] = [];
  const log = await open({
    dir,
    disk,
    segmentBytesMax: SEGMENT_BYTES,
    settlingAgeMs: 0,
    onFault: (error) => faults.push(error),
  });
  const broken = { dir, disk, log, faults, acknowledged: new Map<number, number>() };
  for (let n = 0; n < 40; n += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => appendOne(broken, n + i)));
  await log.proof(39);
  return broken;
}

/** "acknowledged", or the code of the refusal. */
async function appendOne({ log, acknowledged }: Broken, n: number): Promise<string> {
  try {
    const { index } = await log.append(leaf(n), new Uint8Array(32).fill(n));
    expect(acknowledged.has(index), `index ${String(index)} is given once`).toBe(false);
    acknowledged.set(index, n);
    return "acknowledged";
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

async function expectWhole({ dir, log, acknowledged }: Broken, earlier: readonly string[]): Promise<void> {
  await log.proof(Math.max(...acknowledged.keys()));
  const entries = await entriesOf(log);
  for (const [index, n] of acknowledged) {
    expect(parseLeaf(entries[index] ?? new Uint8Array(0)), String(index)).toMatchObject(leaf(n));
  }
  expect(await audit(dir, earlier)).toMatchObject({ ok: true, problems: [] });
}

interface Row extends Fault {
  readonly during: string;
}

const COMMIT_FAULTS: readonly Row[] = [
  { during: "the write of a commit", call: "write", path: SEGMENT, fails: "ENOSPC" },
  { during: "the write of a commit, late", call: "write", path: SEGMENT, fails: "EIO", late: true },
  { during: "the write of a commit", call: "write", path: SEGMENT, fails: "EROFS" },
  { during: "the write of a commit", call: "write", path: SEGMENT, fails: "short" },
  { during: "the fdatasync of a commit", call: "datasync", path: SEGMENT, fails: "EIO" },
  { during: "the fdatasync of a commit", call: "datasync", path: SEGMENT, fails: "ENOSPC" },
];

test.each(COMMIT_FAULTS)(
  "after $fails in $during nothing is acknowledged until the log has recovered by itself",
  async ({ during: _, ...fault }) => {
    const broken = await healthyLog();
    const { dir, disk, log, faults, acknowledged } = broken;
    const earlier = [await checkpointOf(log)];

    disk.fault = fault;
    const during = await Promise.all(Array.from({ length: 20 }, (__, i) => appendOne(broken, 100 + i)));
    expect(new Set(during)).toEqual(new Set(["evidence_unavailable"]));
    expect(log.healthy).toBe(false);
    expect(log.size).toBe(40);
    expect(await appendOne(broken, 120)).toBe("evidence_unavailable");
    expect(faults.map((error) => error.code)).toEqual(["evidence_unavailable"]);
    expect(faults[0]?.message).toContain(fault.fails === "short" ? "short write" : fault.fails);

    // The fault lasts: several attempts to recover come and go.
    disk.struck = 0;
    await until(() => disk.struck >= 2);
    expect(log.healthy).toBe(false);

    disk.fault = undefined;
    await until(() => log.healthy);
    const after = await Promise.all(Array.from({ length: 20 }, (__, i) => appendOne(broken, 200 + i)));
    expect(new Set(after)).toEqual(new Set(["acknowledged"]));
    expect([...acknowledged.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (__, i) => i));
    await expectWhole(broken, earlier);
    for (const index of [0, 39, 40, 59]) expect(await log.openCommitment(index)).toHaveLength(32);

    await log.close();
    const again = await open({ dir });
    expect(again.size).toBe(60);
    await expectWhole({ ...broken, log: again }, earlier);
  },
);

test.each<Row>([
  { during: "the write of the salts", call: "write", path: SALTS, fails: "ENOSPC" },
  { during: "the write of the salts", call: "write", path: SALTS, fails: "short" },
  { during: "the opening of a new segment", call: "open", path: SEGMENT, fails: "ENOSPC" },
  { during: "the header of a new segment", call: "write", path: SEGMENT, fails: "short" },
  { during: "the fdatasync of a new segment", call: "datasync", path: SEGMENT, fails: "EIO" },
  { during: "the sync of the segments' folder", call: "syncFolder", path: /\/segments$/, fails: "EIO" },
  { during: "the opening of new salts", call: "open", path: SALTS, fails: "ENOSPC" },
  { during: "the last sync of the old salts", call: "datasync", path: SALTS, fails: "EIO" },
  { during: "the temporary file of a tile", call: "open", path: /\/temporary\//, fails: "EROFS" },
  { during: "the write of a tile", call: "write", path: /\/temporary\//, fails: "ENOSPC" },
  { during: "the write of a tile", call: "write", path: /\/temporary\//, fails: "short" },
  { during: "the renaming of a tile", call: "rename", path: /\/public\/tile\/0\/[0-9]+$/, fails: "EIO" },
  { during: "the renaming of a partial tile", call: "rename", path: /\.p\/[0-9]+$/, fails: "EIO" },
  { during: "the write of the memory of what is signed", call: "write", path: /\/signed\.new$/, fails: "ENOSPC" },
  { during: "the sync of the memory of what is signed", call: "datasync", path: /\/signed\.new$/, fails: "EIO" },
  { during: "the renaming of the memory of what is signed", call: "rename", path: /\/signed$/, fails: "EIO" },
  { during: "the renaming of the checkpoint", call: "rename", path: /\/public\/checkpoint$/, fails: "EIO" },
  { during: "the removal of outgrown tiles", call: "remove", path: /\.p$/, fails: "EIO" },
])("$fails in $during makes the log unhealthy and costs no acknowledged record", async ({ during: _, ...fault }) => {
  const broken = await healthyLog();
  const { dir, disk, log, faults, acknowledged } = broken;
  const earlier = [await checkpointOf(log)];

  disk.fault = fault;
  let n = 100;
  while (log.healthy) await Promise.all(Array.from({ length: 10 }, () => appendOne(broken, n++)));
  expect(await appendOne(broken, n)).toBe("evidence_unavailable");
  expect(faults.map((error) => error.code)).toEqual(["evidence_unavailable"]);

  disk.fault = undefined;
  await until(() => log.healthy);
  for (let i = 0; i < 30; i++) await appendOne(broken, n++);
  expect([...acknowledged.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: log.size }, (__, i) => i));
  await expectWhole(broken, earlier);
  await log.close();
  const again = await open({ dir });
  expect(again.size).toBe(log.size);
  await expectWhole({ ...broken, log: again }, [...earlier, await checkpointOf(log)]);
});

test.each<Row>([
  { during: "reading back", call: "read", path: SEGMENT, fails: "EIO" },
  { during: "cutting off", call: "truncate", path: SEGMENT, fails: "EIO" },
  { during: "the trial write", call: "write", path: /\/probe$/, fails: "ENOSPC" },
  { during: "the trial write", call: "write", path: /\/probe$/, fails: "short" },
  { during: "the trial's fdatasync", call: "datasync", path: /\/probe$/, fails: "EIO" },
  { during: "beginning a new segment", call: "datasync", path: SEGMENT, fails: "EIO" },
])("while $during fails with $fails the log stays unhealthy, and then recovers", async ({ during: _, ...fault }) => {
  const broken = await healthyLog();
  const { disk, log, faults } = broken;
  disk.fault = { call: "write", path: SEGMENT, fails: "EIO", late: true };
  expect(await appendOne(broken, 100)).toBe("evidence_unavailable");
  disk.fault = fault;
  disk.struck = 0;
  await until(() => disk.struck >= 2);
  expect(log.healthy).toBe(false);
  expect(await appendOne(broken, 101)).toBe("evidence_unavailable");
  disk.fault = undefined;
  await until(() => log.healthy);
  expect(await appendOne(broken, 102)).toBe("acknowledged");
  expect(faults).toHaveLength(1);
  await expectWhole(broken, []);
});

test("a log whose acknowledged record cannot be read back is corrupt, says so, and takes nothing any more", async () => {
  const broken = await healthyLog();
  const { dir, disk, log, faults } = broken;
  disk.fault = { call: "datasync", path: SEGMENT, fails: "EIO" };
  expect(await appendOne(broken, 100)).toBe("evidence_unavailable");
  const last = join(
    dir,
    "segments",
    readdirSync(join(dir, "segments")).findLast((name) => SEGMENT.test(`/segments/${name}`)) ?? "",
  );
  const bytes = readFileSync(last);
  bytes[60] = (bytes[60] ?? 0) ^ 1;
  writeFileSync(last, bytes);
  disk.fault = undefined;
  await until(() => faults.length === 2);
  expect(faults[1]).toMatchObject({ code: "evidence_corrupt" });
  expect(await appendOne(broken, 101)).toBe("evidence_corrupt");
  expect(log.healthy).toBe(false);
  await log.close();
});

test("who waits for a proof when the disk fails is told so", async () => {
  const { disk, log } = await healthyLog();
  disk.fault = { call: "write", path: /\/signed\.new$/, fails: "ENOSPC" };
  const { index } = await log.append(leaf(100));
  await expect(log.proof(index)).rejects.toMatchObject({ code: "evidence_unavailable" });
  await expect(log.proof(index)).rejects.toMatchObject({ code: "evidence_unavailable" });
  // What is published can be proved all the same.
  expect(await log.proof(0)).toContain("index 0\n");
});

test.each<Row>([
  { during: "reading a segment", call: "read", path: SEGMENT, fails: "EIO" },
  { during: "making the keys", call: "write", path: /\/keys\//, fails: "ENOSPC" },
  { during: "beginning the first segment", call: "write", path: SEGMENT, fails: "ENOSPC" },
  { during: "the first checkpoint", call: "rename", path: /\/public\/checkpoint$/, fails: "EROFS" },
])("a log that cannot be opened for $fails in $during can be opened later", async ({ during: _, ...fault }) => {
  const dir = temporaryFolder();
  const disk = new FaultyDisk();
  if (fault.call === "read") await (await open({ dir })).close();
  disk.fault = fault;
  await expect(open({ dir, disk })).rejects.toMatchObject({ code: "evidence_unavailable" });
  disk.fault = undefined;
  const log = await open({ dir, disk });
  await appendMany(log, 3);
  await log.close();
  expect(await audit(dir)).toMatchObject({ ok: true, size: 3 });
});

test("a log that is closed while it is unhealthy loses nothing that was acknowledged", async () => {
  const broken = await healthyLog();
  const { dir, disk, log } = broken;
  disk.fault = { call: "datasync", path: SEGMENT, fails: "EIO" };
  expect(await appendOne(broken, 100)).toBe("evidence_unavailable");
  await log.close();
  disk.fault = undefined;
  const again = await open({ dir });
  expect(again.size).toBeGreaterThanOrEqual(40);
  await expectWhole({ ...broken, log: again }, []);
});
