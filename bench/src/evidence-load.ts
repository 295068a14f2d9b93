/** Writers on the evidence room directly, without a gateway around it. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nextMessage } from "./children.ts";
import { median, round, type Summary } from "./statistics.ts";

const WRITERS = 128;

interface Written {
  readonly records: number;
  readonly recordsPerSecond: number;
  readonly latency: Summary;
  readonly checkpointLagS: number;
  readonly rssGrowthMb: number;
}

/** A process and a log of its own. */
export function writers(durationMs: number): Promise<Written> {
  const script = fileURLToPath(new URL("./evidence-writers.ts", import.meta.url));
  const child = fork(script, [String(WRITERS), String(durationMs)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: ["--expose-gc"],
  });
  return nextMessage<Written>(child);
}

export const EVIDENCE_MEANINGS: Readonly<Record<string, string>> = {
  evidence_records_per_s: `durable entries per second, ${WRITERS} writers on the evidence room directly`,
  evidence_p99_ms: "from append to durable, 99 of 100 entries",
};

/** Medians over the rounds. */
export async function evidenceFigures(
  quick: boolean,
): Promise<{ evidence_records_per_s: number; evidence_p99_ms: number }> {
  const rounds: Written[] = [];
  for (let at = 0; at < (quick ? 1 : 5); at++) rounds.push(await writers(quick ? 1000 : 5000));
  return {
    evidence_records_per_s: Math.round(median(rounds.map((each) => each.recordsPerSecond))),
    evidence_p99_ms: round(median(rounds.map((each) => each.latency.p99)), 2),
  };
}
