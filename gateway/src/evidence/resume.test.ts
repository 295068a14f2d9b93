import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EvidenceLog, EvidenceOptions, Leaf } from "./index.ts";
import { CountingDisk } from "./test/counting-disk.ts";
import {
  ORIGIN,
  appendMany,
  audit,
  checkpointOf,
  entriesOf,
  leaf,
  open,
  temporaryFolder,
  until,
} from "./test/opened.ts";

/** Every log has a bookmark at once, and is opened from it. */
const RESUMING: Partial<EvidenceOptions> = { wholeReadingMax: 0, settlingAgeMs: 0, segmentBytesMax: 8000 };

async function closedLog(count = 600): Promise<{ dir: string; checkpoint: string }> {
  const dir = temporaryFolder();
  const log = await open({ dir, ...RESUMING });
  for (let i = 0; i < count; i += 100) await appendMany(log, 100, i);
  await log.close();
  expect(existsSync(join(dir, "bookmark"))).toBe(true);
  return { dir, checkpoint: await checkpointOf(log) };
}

const segmentsOf = (dir: string): string[] =>
  readdirSync(join(dir, "segments")).map((name) => join(dir, "segments", name));

function bytesOf(dir: string): number {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at] = (bytes.at(at) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function bookmarkedSize(dir: string): number {
  const path = join(dir, "bookmark");
  if (!existsSync(path)) return 0;
  return (JSON.parse(readFileSync(path, "utf8").split("\n")[0] ?? "") as { size: number }).size;
}

/** Changes only what a bookmark says, not that it is whole. */
function rewriteBookmark(dir: string, change: (stored: Record<string, unknown>) => void): void {
  const path = join(dir, "bookmark");
  const stored = JSON.parse(readFileSync(path, "utf8").split("\n")[0] ?? "") as Record<string, unknown>;
  change(stored);
  const body = JSON.stringify(stored);
  const logId = createHash("sha256").update(ORIGIN).digest().subarray(0, 16);
  writeFileSync(path, `${body}\n${createHash("sha256").update(logId).update(body).digest("hex")}\n`);
}

async function expectToGoOn(log: EvidenceLog, dir: string, size: number, checkpoint: string): Promise<void> {
  expect(log.size).toBe(size);
  await appendMany(log, 300, size);
  await log.proof(size + 299);
  expect(await audit(dir, [checkpoint])).toMatchObject({ ok: true, size: size + 300, problems: [] });
}

test("opening a log of 200,000 records reads less than a hundredth of its bytes, and it goes on", {
  timeout: 60_000,
}, async () => {
  const dir = temporaryFolder();
  const log = await open({ dir, checkpointIntervalMs: 500, settlingAgeMs: 0 });
  const text = "a".repeat(150);
  for (let i = 0; i < 200_000; i += 500) {
    await Promise.all(Array.from({ length: 500 }, () => log.append({ type: "test", text })));
  }
  // On a busy machine closing alone does not wait for so many files to become durable.
  await until(() => bookmarkedSize(dir) >= 199_000);
  await log.close();
  const checkpoint = await checkpointOf(log);

  const disk = new CountingDisk();
  const again = await open({ dir, disk });
  expect(again.size).toBe(200_000);
  expect(disk.bytesRead).toBeLessThan(bytesOf(dir) / 100);
  await again.append(leaf(0));
  await again.close();
  const report = await audit(dir, [checkpoint]);
  expect(report).toMatchObject({ ok: true, size: 200_001, problems: [] });
});

test.each([256, 600, 700, 1200])("a log of %d records is opened from its bookmark, again and again", async (size) => {
  const { dir, checkpoint } = await closedLog(size);
  const grown = Math.ceil(size / 100) * 100;
  const disk = new CountingDisk();
  const log = await open({ dir, disk, ...RESUMING });
  expect(disk.bytesRead).toBeLessThan(segmentsOf(dir).reduce((sum, path) => sum + statSync(path).size, 0) + 30_000);
  await expectToGoOn(log, dir, grown, checkpoint);
  await log.close();
  const again = await open({ dir, ...RESUMING });
  await expectToGoOn(again, dir, grown + 300, checkpoint);
  await again.close();
  // What was written from the bookmark on is what a whole reading finds.
  expect((await open({ dir })).size).toBe(grown + 600);
});

test("an edge that does not make the signed tree is not believed: everything is read", async () => {
  const { dir, checkpoint } = await closedLog();
  rewriteBookmark(dir, (stored) => {
    const [first, ...others] = stored["partials"] as string[];
    const wrong = others.map((hashes) => Buffer.from(hashes, "base64").fill(7).toString("base64"));
    stored["partials"] = [first, ...wrong];
  });
  await expectToGoOn(await open({ dir, ...RESUMING }), dir, 600, checkpoint);
});

interface Mended {
  readonly what: string;
  readonly tamper: (dir: string) => void;
}

test.each<Mended>([
  { what: "the bookmark is gone", tamper: (dir) => rmSync(join(dir, "bookmark")) },
  { what: "a bit of the bookmark is flipped", tamper: (dir) => flip(join(dir, "bookmark"), 40) },
  { what: "the bookmark is cut off", tamper: (dir) => truncateSync(join(dir, "bookmark"), 50) },
  { what: "the bookmark is empty", tamper: (dir) => truncateSync(join(dir, "bookmark"), 0) },
  {
    what: "the bookmark names a place where no record begins",
    tamper: (dir) =>
      rewriteBookmark(dir, (stored) => {
        const place = stored["place"] as { at: number };
        place.at += 1;
      }),
  },
  {
    what: "the bookmark is ahead of what was signed",
    tamper: (dir) => rewriteBookmark(dir, (stored) => (stored["size"] = 1024)),
  },
  { what: "the newest checkpoint is gone", tamper: (dir) => rmSync(join(dir, "public/checkpoint")) },
  { what: "the newest checkpoint is cut off", tamper: (dir) => truncateSync(join(dir, "public/checkpoint"), 30) },
  { what: "a tile of the edge is changed", tamper: (dir) => flip(join(dir, "public/tile/1/000.p/2"), 3) },
  {
    what: "a tile of the edge is gone",
    tamper: (dir) => rmSync(join(dir, "public/tile/0/002.p"), { recursive: true }),
  },
  { what: "the last bundle is changed", tamper: (dir) => flip(join(dir, "public/tile/entries/002.p/88"), 9) },
])("a log in which $what is opened and mended", async ({ tamper }) => {
  const { dir, checkpoint } = await closedLog();
  tamper(dir);
  const log = await open({ dir, ...RESUMING });
  expect(await audit(dir, [checkpoint])).toMatchObject({ ok: true, size: 600, problems: [] });
  await expectToGoOn(log, dir, 600, checkpoint);
});

interface Refused extends Mended {
  readonly says: RegExp;
}

test.each<Refused>([
  {
    what: "a record after the bookmark is changed",
    tamper: (dir) => flip(segmentsOf(dir).at(-1) ?? "", -5),
    says: /records are missing|damaged/,
  },
  {
    what: "the last segment is missing",
    tamper: (dir) => rmSync(segmentsOf(dir).at(-1) ?? ""),
    says: /records are missing/,
  },
  {
    what: "a segment before the bookmark is missing",
    tamper: (dir) => rmSync(segmentsOf(dir)[1] ?? ""),
    says: /records are missing before/,
  },
  {
    what: "a segment before the bookmark is cut off",
    tamper: (dir) => truncateSync(segmentsOf(dir)[1] ?? "", 3000),
    says: /is damaged|records are missing/,
  },
  {
    what: "a segment too many is there",
    tamper: (dir) => copyFileSync(segmentsOf(dir)[1] ?? "", join(dir, "segments/000000000001.log")),
    says: /records are missing before/,
  },
  {
    what: "what was signed is another root",
    tamper: (dir) => flip(join(dir, "signed"), -5),
    says: /do not make the tree|cannot be read/,
  },
  { what: "what was signed is gone", tamper: (dir) => rmSync(join(dir, "signed")), says: /is gone/ },
])("a log in which $what is refused, and nothing in it is changed", async ({ tamper, says }) => {
  const { dir } = await closedLog();
  tamper(dir);
  const before = snapshot(dir);
  await expect(open({ dir, ...RESUMING })).rejects.toMatchObject({ code: "evidence_corrupt", message: says });
  expect(snapshot(dir)).toEqual(before);
});

function snapshot(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((file) => file.isFile() && !file.name.startsWith("lock"))
      .map((file) => join(file.parentPath, file.name))
      .map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}

test("intents that are open across a bookmark are found, and those that a start has reported are not found again", async () => {
  const dir = temporaryFolder();
  const intent: Leaf = { v: 1, type: "intent" };
  const log = await open({ dir, ...RESUMING });
  for (let i = 0; i < 4; i++) await log.append(intent);
  await log.append({ v: 1, type: "outcome", intent: 1 });
  await appendMany(log, 595, 0);
  await log.append({ v: 1, type: "outcome", intent: 3 });
  await log.append(intent);
  await log.close();

  const again = await open({ dir, ...RESUMING });
  expect(again.orphans).toEqual([0, 2, 601]);
  await again.append({ v: 1, type: "start", orphans: [...again.orphans], orphansTotal: 3 });
  await again.append(intent);
  await appendMany(again, 600, 0);
  await again.close();
  for (const options of [RESUMING, {}]) {
    const third = await open({ dir, ...options });
    expect(third.orphans).toEqual([603]);
    await third.close();
  }
  expect((await entriesOf(again)).length).toBe(1204);
});
