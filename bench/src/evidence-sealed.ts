/** Sealed recordings: how many requests of 1 KB with two people in them are sealed, durable and on the log per second. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nextMessage } from "./children.ts";
import { median, round, type Summary } from "./statistics.ts";

const WRITERS = 128;

export const SEALED_MEANINGS: Readonly<Record<string, string>> = {
  sealed_records_per_s: `requests of 1 KB with two people, sealed, durable, and on the log, per second, ${WRITERS} writers`,
  sealed_p99_ms: "from the scrubbed text to both being durable, 99 of 100 requests",
};

interface Written {
  readonly recordsPerSecond: number;
  readonly latency: Summary;
}

/** Medians over the rounds; each round is a process with a log, a database and recordings of its own. */
export async function sealedFigures(quick: boolean): Promise<{ sealed_records_per_s: number; sealed_p99_ms: number }> {
  const script = fileURLToPath(new URL("./evidence-sealed-writers.ts", import.meta.url));
  const rounds: Written[] = [];
  for (let at = 0; at < (quick ? 1 : 5); at++) {
    const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
    const child = fork(script, [String(WRITERS), String(quick ? 1000 : 5000)], { stdio: [...stdio] });
    rounds.push(await nextMessage<Written>(child));
  }
  return {
    sealed_records_per_s: Math.round(median(rounds.map((each) => each.recordsPerSecond))),
    sealed_p99_ms: round(median(rounds.map((each) => each.latency.p99)), 2),
  };
}
