import { join } from "node:path";
import { type Source, parseLeaf } from "@sluice/verifier";
import { expect, test } from "vitest";
import { type EvidenceLog, type EvidenceOptions, openEvidence } from "./index.ts";
import { NOW, ORIGIN, audit, entriesOf, leaf, temporaryFolder } from "./test/opened.ts";
import { PowerDisk } from "./test/power-disk.ts";

const ROUNDS = 80;
/** One log is read whole at each opening, the other from a bookmark that is moved as soon as possible. */
const LOGS = [
  { seed: 1, wholeReadingMax: 1_000_000, settlingAgeMs: 0 },
  { seed: 3, wholeReadingMax: 0, settlingAgeMs: 0 },
];

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function open(dir: string, disk: PowerDisk, reading: Partial<EvidenceOptions>): Promise<EvidenceLog> {
  return openEvidence({
    dir,
    origin: ORIGIN,
    clock: () => NOW,
    checkpointIntervalMs: 4,
    segmentBytesMax: 3000,
    disk: disk.forProcess(),
    ...reading,
  });
}

test.each(LOGS)(
  "the end of power or process at any moment takes no acknowledged record, and no two signed checkpoints contradict (seed $seed)",
  { timeout: 120_000 },
  async ({ seed, ...reading }) => {
    const random = seeded(seed);
    const dir = temporaryFolder();
    const disk = new PowerDisk(random);
    const source: Source = { read: (path) => disk.readFile(join(dir, "public", path)) };
    const acknowledged = new Map<number, number>();
    const signed = (): string[] => disk.replaced.get(join(dir, "public/checkpoint")) ?? [];
    let n = 0;

    for (let round = 0; round < ROUNDS; round++) {
      const log = await open(dir, disk, reading);
      expect(log.size, `round ${String(round)}`).toBeGreaterThanOrEqual(acknowledged.size);
      const entries = await entriesOf(log);
      for (const [index, written] of acknowledged) {
        expect(parseLeaf(entries[index] ?? new Uint8Array(0))["n"], `round ${String(round)}`).toBe(written);
      }
      expect(await audit(source, signed().slice(-5))).toMatchObject({ ok: true, problems: [] });

      let powered = true;
      const writer = async (): Promise<void> => {
        while (powered) {
          const written = n++;
          const { index } = await log.append(leaf(written), new Uint8Array(32));
          acknowledged.set(index, written);
        }
      };
      const writers = Array.from({ length: 1 + Math.floor(random() * 24) }, () => writer().catch(() => undefined));
      for (let turns = Math.floor(random() * 150); turns > 0; turns--) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      powered = false;
      if (random() < 0.3) disk.kill();
      else disk.losePower();
      await Promise.all(writers);
      await log.close().catch(() => undefined);
    }

    const last = await open(dir, disk, reading);
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
    expect(signed().length).toBeGreaterThan(ROUNDS);
    expect(await audit(source, signed())).toMatchObject({ ok: true, problems: [] });
    await last.close();
  },
);
