/** One log from two gateways: durable records per second, ordered by a real PostgreSQL server that syncs each commit. */
import { type ChildProcess, fork } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startPostgres } from "../../gateway/src/server/database/test/postgres.ts";
import { nextMessage } from "./children.ts";
import { round, type Summary } from "./statistics.ts";

const GATEWAYS = 2;
const WRITERS = 128;

interface Written {
  /** With those of the warm-up. */
  readonly records: number;
  readonly recordsPerSecond: number;
  readonly latency: Summary;
  readonly lagS: number;
}

export interface SharedFigures {
  /** Of both gateways together. */
  readonly recordsPerSecond: number;
  /** From append to durable, 99 of 100 records, the slower gateway. */
  readonly p99Ms: number;
  /** The longest time from an acknowledgement to a checkpoint that covers the record, as its gateway sees it. */
  readonly checkpointLagS: number;
}

/** Writes for so long, after a fifth of it to warm up. */
export async function sharedRecordsPerSecond(durationMs: number): Promise<SharedFigures> {
  const server = await startPostgres({ durable: true });
  const root = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const children: ChildProcess[] = [];
  try {
    const [folder, urlFile] = [join(root, "shared"), join(root, "url")];
    mkdirSync(folder);
    writeFileSync(urlFile, (await server.database()).reveal(), { mode: 0o600 });
    for (let at = 0; at < GATEWAYS; at++) {
      const dir = join(root, `gateway-${at}`);
      mkdirSync(dir);
      if (at > 0) cpSync(join(root, "gateway-0", "keys"), join(dir, "keys"), { recursive: true });
      const script = fileURLToPath(new URL("./evidence-shared-gateway.ts", import.meta.url));
      const child = fork(script, [dir, folder, urlFile, String(WRITERS / GATEWAYS), String(durationMs)], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      children.push(child);
      await nextMessage(child);
    }
    const answers = children.map((child) => nextMessage<Written>(child));
    for (const child of children) child.send({ go: true });
    const written = await Promise.all(answers);
    const published = Number(readFileSync(join(folder, "checkpoint"), "utf8").split("\n")[1]);
    const records = written.reduce((sum, each) => sum + each.records, 0);
    if (published !== records) throw new Error(`${records} records were acknowledged and ${published} are in the log`);
    return {
      recordsPerSecond: Math.round(written.reduce((sum, each) => sum + each.recordsPerSecond, 0)),
      p99Ms: round(Math.max(...written.map(({ latency }) => latency.p99)), 2),
      checkpointLagS: round(Math.max(...written.map(({ lagS }) => lagS)), 2),
    };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}
