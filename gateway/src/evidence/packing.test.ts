import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { verifyLog } from "@sluice/verifier";
import { expect, test } from "vitest";
import type { EvidenceLog } from "./index.ts";
import { inspectLog } from "./repair.ts";
import { appendMany, NOW, open, temporaryFolder } from "./test/opened.ts";

const SEGMENT_BYTES = 20_000;
const RECORDS = 3_000;

/** A log of many small segments whose finished ones are packed. */
async function packedLog(dir: string, change: Parameters<typeof open>[0] | object = {}): Promise<EvidenceLog> {
  const log = await open({ dir, segmentBytesMax: SEGMENT_BYTES, settlingAgeMs: 0, wholeReadingMax: 0, ...change });
  for (let first = log.size; log.size < RECORDS; first += 100) await appendMany(log, 100, first);
  await log.proof(log.size - 1);
  return log;
}

const segments = (dir: string): string[] => readdirSync(join(dir, "segments")).filter((name) => name !== "packing");
const plainBundles = (dir: string): string[] =>
  readdirSync(join(dir, "public", "tile", "entries")).filter((name) => /^\d{3}$/.test(name));

/** What is finished is packed after a later checkpoint. */
async function untilPacked(dir: string, log: EvidenceLog): Promise<void> {
  for (const until = Date.now() + 10_000; Date.now() < until; ) {
    await appendMany(log, 1, log.size);
    await log.proof(log.size - 1);
    if (segments(dir).filter((name) => name.endsWith(".log")).length === 1) return;
  }
  throw new Error("finished segments are still not packed");
}

test("finished segments and their bundles are packed, and everything reads as before", async () => {
  const dir = temporaryFolder();
  const log = await packedLog(dir);
  await untilPacked(dir, log);
  expect(plainBundles(dir).length).toBeLessThan(4);
  const packed = readdirSync(join(dir, "public", "tile", "entries")).find((name) => name.endsWith(".gz"));
  expect(packed).toBe("000.gz");

  const numbers: number[] = [];
  for await (const { bytes } of log.entries(0)) numbers.push((JSON.parse(bytes.toString()) as { n: number }).n);
  expect(numbers).toEqual(Array.from({ length: log.published }, (_, n) => n));
  expect(
    (await log.file("tile/entries/000"))?.body.equals(
      gunzipSync(readFileSync(join(dir, "public/tile/entries/000.gz"))),
    ),
  ).toBe(true);
  const source = { read: async (path: string) => (await log.file(path))?.body };
  expect(await verifyLog(source, { vkeys: log.vkeys })).toMatchObject({
    ok: true,
    checked: { entries: log.published },
  });
});

test("a packed log opens again from its bookmark, and whole, and goes on", async () => {
  const dir = temporaryFolder();
  await (await packedLog(dir)).close();
  for (const wholeReadingMax of [0, Number.POSITIVE_INFINITY]) {
    const log = await open({ dir, segmentBytesMax: SEGMENT_BYTES, wholeReadingMax });
    expect(log.size).toBeGreaterThanOrEqual(RECORDS);
    await appendMany(log, 10, log.size);
    await log.close();
  }
  const inspection = await inspectLog({ dir, clock: () => NOW, repair: false });
  expect(inspection.wrongTotal).toBe(0);
});

test("repairing a packed log brings back bundles that were lost, packed ones too", async () => {
  const dir = temporaryFolder();
  const log = await packedLog(dir);
  await untilPacked(dir, log);
  await log.close();
  rmSync(join(dir, "public", "tile", "entries", "000.gz"));
  writeFileSync(join(dir, "public", "tile", "entries", "002.gz"), "not gzip");
  const before = segments(dir);
  expect(await inspectLog({ dir, clock: () => NOW, repair: true })).toMatchObject({ repaired: true });
  expect(segments(dir)).toEqual(before);
  const again = await open({ dir, segmentBytesMax: SEGMENT_BYTES });
  const source = { read: async (path: string) => (await again.file(path))?.body };
  expect(await verifyLog(source, { vkeys: again.vkeys })).toMatchObject({ ok: true });
});

test.each([
  ["damaged", (path: string) => writeFileSync(path, readFileSync(path).fill(7, 100, 120))],
  ["missing", (path: string) => rmSync(path)],
  ["another one's", (path: string) => renameSync(path, path.replace(/\d{12}/, "000000000001"))],
])("a packed segment that is %s is evidence_corrupt, and nothing was changed", async (_name, harm) => {
  const dir = temporaryFolder();
  const log = await packedLog(dir);
  await untilPacked(dir, log);
  await log.close();
  const name = segments(dir).filter((each) => each.endsWith(".gz"))[1] ?? "";
  harm(join(dir, "segments", name));
  const inspecting = inspectLog({ dir, clock: () => NOW, repair: true });
  await expect(inspecting).rejects.toMatchObject({ code: "evidence_corrupt" });
});

test("packing that was cut off after the packed file was there is begun again", async () => {
  const dir = temporaryFolder();
  const log = await packedLog(dir, { pack: false });
  await log.close();
  const [name = ""] = segments(dir);
  const path = join(dir, "segments", name);
  writeFileSync(`${path}.gz`, "half of it");
  const again = await open({ dir, segmentBytesMax: SEGMENT_BYTES, settlingAgeMs: 0, wholeReadingMax: 0 });
  await appendMany(again, 300, again.size);
  await expect.poll(() => existsSync(path), { timeout: 10_000 }).toBe(false);
  expect(
    gunzipSync(readFileSync(`${path}.gz`))
      .subarray(0, 8)
      .toString(),
  ).toBe("SLUICES1");
  expect(statSync(`${path}.gz`).mode & 0o777).toBe(0o600);
});

test("what is pruned goes packed as well, and does not come back", async () => {
  const dir = temporaryFolder();
  const log = await packedLog(dir);
  await untilPacked(dir, log);
  await log.append({ v: 1, type: "event", name: "retention.pruned", facts: { minimumIndex: 2_560 } });
  await log.prune(2_560);
  await log.close();
  expect(readdirSync(join(dir, "public", "tile", "entries")).filter((name) => /^00\d(?:\.gz)?$/.test(name))).toEqual(
    [],
  );
  expect(Math.min(...segments(dir).map((name) => Number(name.slice(0, 12))))).toBeGreaterThan(2_000);
  const again = await open({ dir, segmentBytesMax: SEGMENT_BYTES });
  const source = { read: async (path: string) => (await again.file(path))?.body };
  expect(await verifyLog(source, { vkeys: again.vkeys })).toMatchObject({ ok: true });
});

test("a log that is not to be packed is not", async () => {
  const dir = temporaryFolder();
  await (await packedLog(dir, { pack: false })).close();
  expect(segments(dir).some((name) => name.endsWith(".gz"))).toBe(false);
});

test("what a crash left of packing a segment is gone after the next opening: it would outlive the pruning of its records", async () => {
  const dir = temporaryFolder();
  await (await packedLog(dir)).close();
  const left = join(dir, "segments", "packing");
  writeFileSync(left, "records");
  await open({ dir, pack: false });
  expect(existsSync(left)).toBe(false);
});
