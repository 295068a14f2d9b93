/**
 * The evidence as a whole: how fast it is written, plainly, sealed, and from two gateways; what a long log costs to prove, search, erase and
 * keep; and what is lost when processes and machines end. A quick run takes a tenth of every size.
 */
import { breachSeconds } from "./evidence-breach.ts";
import { killRounds, powerRounds, type Rounds } from "./evidence-crash.ts";
import { eraseSeconds, findSeconds } from "./evidence-find.ts";
import { writers } from "./evidence-load.ts";
import { bytesPerExchange, proofMs } from "./evidence-long.ts";
import { SEALED_MEANINGS, sealedFigures } from "./evidence-sealed.ts";
import { sharedRecordsPerSecond } from "./evidence-shared.ts";
import type { Bench, Figures, Measured } from "./report.ts";
import { median, round } from "./statistics.ts";

const MEANINGS: Readonly<Record<string, string>> = {
  records_per_s: "durable records per second, 128 writers, without payload (goal 20,000)",
  p99_ms: "from append to durable, 99 of 100 of these (goal 25)",
  checkpoint_lag_s: "longest time from a record's acknowledgement to a checkpoint that covers it, meanwhile (goal 1)",
  rss_growth_mb: "memory that the log's process has gained after a million records, garbage collected",
  ...SEALED_MEANINGS,
  postgres_records_per_s:
    "durable records per second into one log, from two gateways, ordered by PostgreSQL (goal 5,000)",
  postgres_p99_ms: "from append to durable, 99 of 100 of these",
  proof_ms_10m: "making the proof of a record among 10 million, 99 of 100 (goal 5)",
  bytes_per_exchange: "disk for the two records of an exchange, tiles and salts included (goal 700)",
  find_s_10m: "a person's 1,000 records among 10 million, from index to place (goal 2)",
  erase_s_1m: "destroying the keys of one of a million people (goal 1)",
  breach_s_10m: "a breach report over 10 million records: one credential's, and all of them (goal 60)",
  lost_after_kill: "acknowledged records that were not there after processes were killed",
  lost_after_power: "acknowledged records that were not there after power was lost",
};

interface Sizes {
  readonly seconds: number;
  readonly rounds: number;
  readonly proofs: number;
  readonly exchanges: number;
  readonly found: number;
  readonly subjects: number;
  readonly kills: number;
  readonly powerLosses: number;
}

const FULL: Sizes = {
  seconds: 20,
  rounds: 3,
  proofs: 10_000_000,
  exchanges: 400_000,
  found: 10_000_000,
  subjects: 1_000_000,
  kills: 100,
  powerLosses: 20,
};
const QUICK: Sizes = {
  seconds: 2,
  rounds: 1,
  proofs: 1_000_000,
  exchanges: 40_000,
  found: 1_000_000,
  subjects: 100_000,
  kills: 10,
  powerLosses: 2,
};

async function run(quick: boolean): Promise<Measured> {
  const sizes = quick ? QUICK : FULL;
  const written: Awaited<ReturnType<typeof writers>>[] = [];
  for (let at = 0; at < sizes.rounds; at++) {
    written.push(await step(`records, round ${at + 1} of ${sizes.rounds}`, () => writers(sizes.seconds * 1000)));
  }
  const sealed = await step("sealed records", () => sealedFigures(quick));
  const shared = await step("two gateways", () => sharedRecordsPerSecond(sizes.seconds * 1000));
  const proofs = await step("proofs", () => proofMs(sizes.proofs));
  const bytes = await step("disk", () => bytesPerExchange(sizes.exchanges));
  const find = await step("find", () => findSeconds(sizes.found));
  const erase = await step("erase", () => eraseSeconds(sizes.subjects));
  const breach = await step("breach", () => breachSeconds(sizes.found));
  const killed = await step("kill -9", () => killRounds(sizes.kills));
  const unpowered = await step("power loss", () => powerRounds(sizes.powerLosses));
  const figures: Figures = {
    records_per_s: Math.round(median(written.map((each) => each.recordsPerSecond))),
    p99_ms: round(median(written.map(({ latency }) => latency.p99)), 2),
    checkpoint_lag_s: round(Math.max(...written.map((each) => each.checkpointLagS)), 2),
    rss_growth_mb: round(median(written.map((each) => each.rssGrowthMb)), 1),
    ...sealed,
    postgres_records_per_s: shared.recordsPerSecond,
    postgres_p99_ms: shared.p99Ms,
    proof_ms_10m: round(proofs.p99, 2),
    bytes_per_exchange: bytes,
    find_s_10m: round(find, 3),
    erase_s_1m: round(erase, 3),
    breach_s_10m: { credential: round(breach.credential, 1), everything: round(breach.everything, 1) },
    lost_after_kill: killed.lost,
    lost_after_power: unpowered.lost,
  };
  const notes = [
    `${Math.round(median(written.map(({ records }) => records)))} records in each of ${sizes.rounds} rounds of ${sizes.seconds} s`,
    noteOf("kill -9", killed),
    noteOf("power loss", unpowered),
    ...(quick ? ["quick: every size is a tenth, also of what the keys name (1 million for 10m, 100,000 for 1m)"] : []),
  ];
  return { versions: {}, figures, notes };
}

function noteOf(what: string, { rounds, acknowledged, note }: Rounds): string {
  return `${what}: ${rounds} rounds, ${acknowledged} records acknowledged${note === undefined ? "" : `; ${note}`}`;
}

/** Long work says where it is, to who watches. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return result;
}

export const bench: Bench = { meanings: MEANINGS, run };
