/**
 * Child process: writers on the evidence room directly, without a gateway around it. Each writer appends its next entry when the last
 * one is durable. Answers with what it measured.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Leaf, openEvidence } from "../../gateway/src/evidence/index.ts";
import { summarize } from "./statistics.ts";

const writers = Number(process.argv[2]);
const durationMs = Number(process.argv[3]);

const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
const log = await openEvidence({ dir, origin: "bench.example/log", clock: Date.now, checkpointIntervalMs: 1000 });

/** As large as the gateway's own entries, about 600 bytes. */
const leaf = (writer: number): Leaf => ({
  type: "intent",
  time: "2026-11-21T10:00:00.000Z",
  principal: log.pseudonym(`service:bench-${writer}`),
  action: "infer",
  connection: "bench",
  recipient: "bench",
  purpose: "dpv:CustomerCare",
  basis: "eu-gdpr:A6-1-b",
  endpoint: "chat.completions",
  model: "bench-model",
  segments: 2,
  bytes: 1203,
  found: { EMAIL: 2, PHONE: 1, IBAN: 1, CARD: 1, IP_ADDRESS: 1 },
  operators: { placeholder: 6 },
  decision: "permit",
});

const digest = new Uint8Array(32).fill(7);

async function write(forMs: number): Promise<{ latencies: number[]; seconds: number }> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      while (performance.now() - startedAt < forMs) {
        const sentAt = performance.now();
        await log.append(leaf(writer), digest);
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  return { latencies, seconds: (performance.now() - startedAt) / 1000 };
}

await write(durationMs / 5);
const { latencies, seconds } = await write(durationMs);
await log.close();
rmSync(dir, { recursive: true });
process.send?.({ recordsPerSecond: latencies.length / seconds, latency: summarize(latencies) });
process.disconnect?.();
