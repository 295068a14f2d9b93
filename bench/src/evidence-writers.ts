/**
 * Child process: writers on the evidence room directly, without a gateway around it. Each writer appends its next entry when the last
 * one is durable. Answers with what it measured.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEvidence } from "../../gateway/src/evidence/index.ts";
import { benchDigest, benchLeaf } from "./evidence-leaf.ts";
import { summarize } from "./statistics.ts";

/** Between two records of which it is asked when a checkpoint covers them. */
const LAG_EVERY_MS = 25;

const writers = Number(process.argv[2]);
const durationMs = Number(process.argv[3]);

const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
const log = await openEvidence({ dir, origin: "bench.example/log", clock: Date.now, checkpointIntervalMs: 1000 });

async function write(forMs: number): Promise<{ latencies: number[]; seconds: number }> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const leaf = benchLeaf(log.pseudonym(`service:bench-${writer}`));
      while (performance.now() - startedAt < forMs) {
        const sentAt = performance.now();
        await log.append(leaf, benchDigest);
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  return { latencies, seconds: (performance.now() - startedAt) / 1000 };
}

/** Resident memory in MiB once garbage was collected, where the process was started so that it can be. */
async function settledRss(): Promise<number> {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return process.memoryUsage.rss() / 2 ** 20;
}

await write(durationMs / 5);
const lags: number[] = [];
const sampling = setInterval(() => {
  const acknowledged = log.size;
  const at = performance.now();
  const stop = log.onPublished(({ size }) => {
    if (size < acknowledged) return;
    lags.push((performance.now() - at) / 1000);
    stop();
  });
}, LAG_EVERY_MS);
const warm = await write(durationMs / 2);
warm.latencies.length = 0;
const before = await settledRss();
const { latencies, seconds } = await write(durationMs);
const recordsPerSecond = latencies.length / seconds;
const latency = summarize(latencies);
// What was measured is no part of what the log keeps.
latencies.length = 0;
const rssGrowthMb = (await settledRss()) - before;
clearInterval(sampling);
await log.close();
rmSync(dir, { recursive: true });
process.send?.({ recordsPerSecond, latency, checkpointLagS: Math.max(...lags), rssGrowthMb, records: latency.count });
process.disconnect?.();
