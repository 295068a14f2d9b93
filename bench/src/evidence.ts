/** The evidence room alone: how many durable entries per second, and how long one waits. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nextMessage } from "./children.ts";
import { killRounds, powerRounds } from "./evidence-crash.ts";
import { SEALED_MEANINGS, sealedFigures } from "./evidence-sealed.ts";
import type { Bench } from "./report.ts";
import { median, round, type Summary } from "./statistics.ts";

const WRITERS = 128;

export const EVIDENCE_MEANINGS: Readonly<Record<string, string>> = {
  evidence_records_per_s: `durable entries per second, ${WRITERS} writers on the evidence room directly`,
  evidence_p99_ms: "from append to durable, 99 of 100 entries",
};

interface Written {
  readonly recordsPerSecond: number;
  readonly latency: Summary;
}

function writers(durationMs: number): Promise<Written> {
  const script = fileURLToPath(new URL("./evidence-writers.ts", import.meta.url));
  const child = fork(script, [String(WRITERS), String(durationMs)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return nextMessage<Written>(child);
}

/** Medians over the rounds; each round is a process and a log of its own. */
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

/** Rounds of each kind of sudden end. */
const KILLS = { quick: 10, whole: 100 };
const POWER_LOSSES = { quick: 2, whole: 20 };

export const bench: Bench = {
  meanings: {
    ...EVIDENCE_MEANINGS,
    ...SEALED_MEANINGS,
    lost_after_kill: "acknowledged records that were not there after kill -9, over all rounds",
    lost_after_power: "acknowledged records that were not there after the power was lost, over all rounds",
  },
  run: async (quick) => {
    const figures = { ...(await evidenceFigures(quick)), ...(await sealedFigures(quick)) };
    const killed = await killRounds(quick ? KILLS.quick : KILLS.whole);
    const powerless = await powerRounds(quick ? POWER_LOSSES.quick : POWER_LOSSES.whole);
    const told = [killed, powerless].map((each) => `${each.acknowledged} records in ${each.rounds} rounds`);
    return {
      versions: {},
      figures: { ...figures, lost_after_kill: killed.lost, lost_after_power: powerless.lost },
      notes: [
        `acknowledged before kill -9: ${told[0]}; before the power was lost: ${told[1]}`,
        ...(powerless.note === undefined ? [] : [powerless.note]),
      ],
    };
  },
};
