/**
 * Child process: one of the gateways that write one log, or rather its log alone, with so many writers. Opens, says so, writes when it
 * is told to, and answers with what it measured.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Secret } from "../../gateway/src/core/secret.ts";
import { FolderFiles, openSharedEvidence } from "../../gateway/src/evidence/index.ts";
import { MIGRATIONS } from "../../gateway/src/server/control.ts";
import { openDatabase } from "../../gateway/src/server/database.ts";
import { sessionLock } from "../../gateway/src/server/database/session-lock.ts";
import { exchangeLeaves } from "./evidence-leaves.ts";
import { summarize } from "./statistics.ts";

const [, , dir = "", folder = "", urlFile = "", writers = "", durationMs = ""] = process.argv;

const url = new Secret(readFileSync(urlFile, "utf8"));
const database = await openDatabase({ dir, url, migrations: MIGRATIONS, clock: Date.now, onFault: () => undefined });
const log = await openSharedEvidence({
  dir,
  origin: "bench.example/log",
  clock: Date.now,
  checkpointIntervalMs: 1000,
  database: database.sql,
  lock: sessionLock,
  files: new FolderFiles(folder),
  closed: () => database.close(),
});

const leaves = exchangeLeaves(log);

/** The longest time from the acknowledgement of a record to a checkpoint that covers it, of records looked at every 100 ms. */
let lagMs = 0;
const acknowledged: { readonly index: number; readonly at: number }[] = [];
log.onPublished(({ size }) => {
  while (acknowledged[0] !== undefined && acknowledged[0].index < size) {
    lagMs = Math.max(lagMs, performance.now() - acknowledged[0].at);
    acknowledged.shift();
  }
});

async function write(forMs: number): Promise<number[]> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  let lookedAt = 0;
  await Promise.all(
    Array.from({ length: Number(writers) }, async () => {
      while (performance.now() - startedAt < forMs) {
        const sentAt = performance.now();
        const { index } = await log.append(leaves.intent(), leaves.digest);
        const at = performance.now();
        latencies.push(at - sentAt);
        if (at - lookedAt < 100) continue;
        lookedAt = at;
        acknowledged.push({ index, at });
      }
    }),
  );
  return latencies;
}

process.send?.({ ready: true });
await once(process, "message");
const warm = await write(Number(durationMs) / 5);
lagMs = 0;
const startedAt = performance.now();
const latencies = await write(Number(durationMs));
const seconds = (performance.now() - startedAt) / 1000;
await log.close();
process.send?.({
  records: warm.length + latencies.length,
  recordsPerSecond: latencies.length / seconds,
  latency: summarize(latencies),
  lagS: lagMs / 1000,
});
process.disconnect?.();
