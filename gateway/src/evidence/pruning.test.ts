import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseLogInfo } from "@sluice/verifier";
import { describe, expect, test } from "vitest";
import type { EvidenceLog, EvidenceOptions } from "./index.ts";
import { filled as fill } from "./test/contract.ts";
import { FaultyDisk } from "./test/faulty-disk.ts";
import { appendMany, audit, checkpointOf, indexesFrom, open, pruneTo, temporaryFolder } from "./test/opened.ts";

const SMALL: Partial<EvidenceOptions> = { segmentBytesMax: 5000, settlingAgeMs: 0 };

/** In segments of about a hundred records. */
async function filled(dir: string, options: Partial<EvidenceOptions> = {}): Promise<EvidenceLog> {
  const log = await open({ dir, ...SMALL, ...options });
  await fill(log);
  return log;
}

const namesIn = (dir: string, folder: string): string[] => readdirSync(join(dir, folder)).toSorted();
/** A segment that is just being packed has two files. */
const firstsIn = (dir: string, folder: string): number[] => [
  ...new Set(namesIn(dir, folder).map((name) => Number.parseInt(name, 10))),
];

describe("a pruned log", () => {
  test("lacks bundles, segments and salts that lie wholly below the minimum index, and nothing else", async () => {
    const dir = temporaryFolder();
    const log = await filled(dir);
    const hashes = namesIn(dir, "public/tile/0");
    // The event goes into a segment of its own or not, as it comes.
    const firsts = firstsIn(dir, "segments");
    await pruneTo(log, 600);
    expect(log.minimum).toBe(600);
    expect(namesIn(dir, "public/tile/entries")).toEqual(["002", "003.p"]);
    expect(namesIn(dir, "public/tile/0").slice(0, 3)).toEqual(hashes.slice(0, 3));
    // The bundle with entry 600 begins at 512, and a segment that it needs stays whole.
    const kept = firsts.findLast((first) => first <= 512) ?? 0;
    expect(firstsIn(dir, "segments").filter((first) => first < 1000)).toEqual(firsts.filter((first) => first >= kept));
    expect(firstsIn(dir, "salts")).toEqual(firstsIn(dir, "segments"));
    expect(parseLogInfo(readFileSync(join(dir, "public/log.json"))).minimumIndex).toBe(600);
  });

  test.each([
    { what: "whole", options: { wholeReadingMax: 1_000_000 } },
    { what: "from its bookmark", options: { wholeReadingMax: 0 } },
  ])("is opened, read $what, and goes on, is pruned again and opened again", async ({ options }) => {
    const dir = temporaryFolder();
    let log = await filled(dir, options);
    const checkpoint = await checkpointOf(log);
    for (const minimum of [300, 301, 512, 1000, 1100]) {
      await pruneTo(log, minimum);
      await appendMany(log, 100);
      await log.close();
      log = await open({ dir, ...SMALL, ...options });
      expect(log.minimum).toBe(minimum);
      const pruned = minimum - (minimum % 256);
      expect(await audit(dir, [checkpoint])).toMatchObject({ ok: true, problems: [], pruned, size: log.size });
    }
    expect(firstsIn(dir, "segments")[0]).toBeGreaterThan(900);
  });

  test("is not opened when a hash is gone that nothing else holds", async () => {
    const dir = temporaryFolder();
    const log = await filled(dir);
    await pruneTo(log, 600);
    await log.close();
    rmSync(join(dir, "public/tile/0/001"));
    await expect(open({ dir, ...SMALL })).rejects.toMatchObject({
      code: "evidence_corrupt",
      message: expect.stringContaining("restore it from a backup") as string,
    });
  });

  test("is not opened when such a hash was changed, nor when its minimum index was lost", async () => {
    const dir = temporaryFolder();
    const log = await filled(dir);
    await pruneTo(log, 600);
    await log.close();
    const tile = join(dir, "public/tile/0/001");
    const bytes = readFileSync(tile);
    writeFileSync(tile, Buffer.from(bytes).fill(1, 0, 1));
    await expect(open({ dir, ...SMALL })).rejects.toMatchObject({ code: "evidence_corrupt" });
    writeFileSync(tile, bytes);
    rmSync(join(dir, "minimum"));
    await expect(open({ dir, ...SMALL })).rejects.toMatchObject({
      code: "evidence_corrupt",
      message: /records are missing before/,
    });
  });
});

describe("an auditor", () => {
  test("is not content with a minimum index that no event of the log has announced", async () => {
    const dir = temporaryFolder();
    const log = await filled(dir);
    await log.prune(600);
    expect((await audit(dir)).problems).toMatchObject([{ code: "pruning_unrecorded", path: "log.json" }]);
  });

  test("misses bundles that log.json does not declare, and those behind an entry that is there", async () => {
    const dir = temporaryFolder();
    const log = await filled(dir);
    await pruneTo(log, 600);
    await log.close();
    rmSync(join(dir, "public/tile/entries/002"));
    expect((await audit(dir)).problems).toMatchObject([{ code: "bundle_missing", path: "tile/entries/002" }]);
    const { origin, vkeys } = parseLogInfo(readFileSync(join(dir, "public/log.json")));
    writeFileSync(join(dir, "public/log.json"), JSON.stringify({ origin, vkeys }));
    expect((await audit(dir)).problems).toHaveLength(3);
  });
});

describe("a pruning that is cut off", () => {
  const STEPS = [
    { during: "the tiles become durable", call: "datasync", path: /\/tile\/0\/[0-9]+$/ },
    { during: "the minimum index is written", call: "rename", path: /\/minimum$/ },
    { during: "log.json is written", call: "rename", path: /\/log\.json$/ },
    { during: "bundles are removed", call: "remove", path: /\/entries\/001$/ },
    { during: "salts are overwritten", call: "write", path: /\/salts\// },
    { during: "segments are removed", call: "remove", path: /\/segments\// },
  ] as const;

  test.each(STEPS)("while $during loses nothing above, and is finished by the next one", async ({ call, path }) => {
    const dir = temporaryFolder();
    const disk = new FaultyDisk();
    const log = await filled(dir, { disk, settlingAgeMs: 60_000 });
    disk.fault = { call, path, fails: "EIO" };
    await expect(pruneTo(log, 600)).rejects.toMatchObject({ code: "evidence_unavailable" });
    disk.fault = undefined;
    await log.close();
    expect(await audit(dir)).toMatchObject({ ok: true, problems: [] });

    const again = await open({ dir, ...SMALL });
    expect([0, 600]).toContain(again.minimum);
    expect(existsSync(join(dir, "public/tile/entries/000"))).toBe(again.minimum === 0);
    await again.prune(600);
    expect(namesIn(dir, "public/tile/entries")[0]).toBe("002");
    expect(await audit(dir)).toMatchObject({ ok: true, problems: [], pruned: 512 });
    expect(await indexesFrom(again, 600)).toHaveLength(again.published - 600);
  });
});
