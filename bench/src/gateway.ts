/**
 * The gateway as a whole process, beside the floor (a bare pass-through) and a peer, all three up at once and loaded in turn, A B C
 * A B C …, so that what the machine does meanwhile hits all of them. Figures are medians over the rounds unless they say otherwise.
 */
import { evidenceFigures, EVIDENCE_MEANINGS } from "./evidence-load.ts";
import { cpuSeconds, pidOf, rssMb, startScript, stop } from "./children.ts";
import { type Generator, startGenerator } from "./generator.ts";
import type { LoadResult } from "./load.ts";
import type { Bench, Measured } from "./report.ts";
import { startPortkey } from "./portkey.ts";
import { requestFor, type Server } from "./server.ts";
import { installPublished } from "./published.ts";
import { coldStartSeconds, startSluice } from "./sluice.ts";
import { median, round } from "./statistics.ts";
import { CHAT, CHAT_1MB, CHAT_STREAM } from "./traffic.ts";

const CONNECTIONS = 64;
const STREAMS = 32;
/** Share of its own highest throughput at which the tail is measured. */
const PACED_SHARE = 0.7;

const MEANINGS: Readonly<Record<string, string>> = {
  throughput_ratio_to_passthrough: `Sluice ÷ floor, requests per second, ${CONNECTIONS} connections`,
  throughput_ratio_to_portkey: `Sluice ÷ peer, requests per second, ${CONNECTIONS} connections`,
  cpu_us_per_request: "CPU of the proxy process, program and kernel, all threads",
  added_p50_ms: "median with one connection, Sluice − floor",
  added_p99_ms: `99th percentile at ${PACED_SHARE * 100} % of Sluice's own highest load, Sluice − floor at the same rate`,
  sse_added_first_event_p50_ms: `until the first event, median of ${STREAMS} streams with an event every 10 ms, Sluice − floor`,
  sse_gap_ratio: "99th percentile of the time between two events, Sluice ÷ floor",
  rss_mb: "resident memory after all requests of the memory run",
  rss_growth_mb: "growth of it over the second half of that run",
  block_ms_1mb:
    "longest that a small request took longer than usual while a prompt of 1 MB was under way, worst of all rounds",
  cold_start_s: "from spawn to the first answered request",
  ...EVIDENCE_MEANINGS,
  requests_per_s: `for reading the ratios: ${CONNECTIONS} connections`,
};

interface Plan {
  readonly rounds: number;
  readonly warmupMs: number;
  readonly loadMs: number;
  readonly singleMs: number;
  readonly pacedMs: number;
  readonly streamRounds: number;
  readonly blockRounds: number;
  readonly memoryRequests: number;
  readonly coldStarts: number;
}

const FULL: Plan = {
  rounds: 7,
  warmupMs: 5000,
  loadMs: 5000,
  singleMs: 2000,
  pacedMs: 10_000,
  streamRounds: 5,
  blockRounds: 10,
  memoryRequests: 200_000,
  coldStarts: 7,
};

const QUICK: Plan = {
  rounds: 1,
  warmupMs: 300,
  loadMs: 500,
  singleMs: 300,
  pacedMs: 500,
  streamRounds: 1,
  blockRounds: 1,
  memoryRequests: 2000,
  coldStarts: 1,
};

interface Loaded {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** One value per server name and round. */
type Rounds<T> = Record<Server["name"], T[]>;

/** Runs `measure` on each server in turn, round after round. */
async function interleave<T>(
  servers: readonly Server[],
  rounds: number,
  measure: (server: Server) => Promise<T>,
): Promise<Rounds<T>> {
  const results: Rounds<T> = { passthrough: [], sluice: [], portkey: [] };
  for (let at = 0; at < rounds; at++) for (const server of servers) results[server.name].push(await measure(server));
  return results;
}

async function load(generator: Generator, server: Server, durationMs: number): Promise<Loaded> {
  const pid = pidOf(server.process);
  const before = cpuSeconds(pid);
  const result = await generator.run({
    kind: "closed",
    port: server.port,
    request: requestFor(server, CHAT),
    connections: CONNECTIONS,
    durationMs,
  });
  return { perSecond: result.requests / result.seconds, cpuUs: ((cpuSeconds(pid) - before) / result.requests) * 1e6 };
}

async function latencies(
  generator: Generator,
  floor: Server,
  sluice: Server,
  perSecond: number,
  plan: Plan,
): Promise<Record<string, number>> {
  const pair = [floor, sluice];
  const single = await interleave(pair, plan.rounds, (server) =>
    generator.run({
      kind: "closed",
      port: server.port,
      request: requestFor(server, CHAT),
      connections: 1,
      durationMs: plan.singleMs,
    }),
  );
  const paced = await interleave(pair, plan.rounds, (server) =>
    generator.run({
      kind: "paced",
      port: server.port,
      request: requestFor(server, CHAT),
      connections: CONNECTIONS,
      durationMs: plan.pacedMs,
      ratePerSecond: perSecond * PACED_SHARE,
    }),
  );
  const middle = (results: readonly { latency: { p50: number; p99: number } }[], rank: "p50" | "p99"): number =>
    median(results.map((result) => result.latency[rank]));
  return {
    added_p50_ms: round(middle(single.sluice, "p50") - middle(single.passthrough, "p50"), 3),
    added_p99_ms: round(middle(paced.sluice, "p99") - middle(paced.passthrough, "p99"), 2),
  };
}

async function streaming(
  generator: Generator,
  floor: Server,
  sluice: Server,
  plan: Plan,
): Promise<Record<string, number>> {
  const read = (server: Server): Promise<LoadResult> =>
    generator.run({ kind: "streams", port: server.port, request: requestFor(server, CHAT_STREAM), streams: STREAMS });
  await interleave([floor, sluice], 1, read);
  const results = await interleave([floor, sluice], plan.streamRounds, read);
  const first = (name: Server["name"]): number => median(results[name].map((result) => result.latency.p50));
  const gap = (name: Server["name"]): number => median(results[name].map((result) => result.other?.p99 ?? Number.NaN));
  return {
    sse_added_first_event_p50_ms: round(first("sluice") - first("passthrough"), 2),
    sse_gap_ratio: round(gap("sluice") / gap("passthrough"), 3),
  };
}

async function blocking(generator: Generator, sluice: Server, plan: Plan): Promise<number> {
  const worst: number[] = [];
  for (let at = 0; at < plan.blockRounds; at++) {
    const result = await generator.run({
      kind: "block",
      port: sluice.port,
      request: requestFor(sluice, CHAT),
      big: requestFor(sluice, CHAT_1MB),
      connections: 4,
      settleMs: 500,
    });
    worst.push(result.latency.max - (result.other?.p50 ?? 0));
  }
  return round(Math.max(...worst), 1);
}

const SLICES = 20;

async function memory(generator: Generator, sluice: Server, plan: Plan): Promise<Record<string, number>> {
  const pid = pidOf(sluice.process);
  const after: number[] = [];
  for (let at = 0; at < SLICES; at++) {
    const count = Math.ceil(plan.memoryRequests / SLICES);
    await generator.run({
      kind: "closed",
      port: sluice.port,
      request: requestFor(sluice, CHAT),
      connections: CONNECTIONS,
      count,
    });
    after.push(rssMb(pid));
  }
  const half = SLICES / 2;
  // Medians of three, because garbage collection moves single readings.
  const growth = median(after.slice(-3)) - median(after.slice(half - 1, half + 2));
  return { rss_mb: round(after.at(-1) ?? Number.NaN, 1), rss_growth_mb: round(growth, 1) };
}

async function run(quick: boolean): Promise<Measured> {
  const plan = quick ? QUICK : FULL;
  const published = installPublished();
  const upstream = await startScript("./upstream.ts");
  const generator = await startGenerator();
  const floorProcess = await startScript("./passthrough.ts", [String(upstream.port)]);
  const floor: Server = {
    name: "passthrough",
    version: "in this repository",
    ...floorProcess,
    headers: { authorization: "Bearer sk-bench" },
  };
  const sluice = await startSluice(published.cli, upstream.port);
  const peer = await startPortkey(upstream.port);
  const servers = [floor, sluice.server, peer];
  try {
    for (const server of servers) await load(generator, server, plan.warmupMs);
    const loads = await interleave(servers, plan.rounds, (server) => load(generator, server, plan.loadMs));
    const perSecond = (name: Server["name"]): number => median(loads[name].map((each) => each.perSecond));
    const cpu = (name: Server["name"]): number => round(median(loads[name].map((each) => each.cpuUs)), 1);
    const figures = {
      throughput_ratio_to_passthrough: round(perSecond("sluice") / perSecond("passthrough"), 3),
      throughput_ratio_to_portkey: round(perSecond("sluice") / perSecond("portkey"), 2),
      cpu_us_per_request: { passthrough: cpu("passthrough"), sluice: cpu("sluice"), portkey: cpu("portkey") },
      ...(await latencies(generator, floor, sluice.server, perSecond("sluice"), plan)),
      ...(await streaming(generator, floor, sluice.server, plan)),
      block_ms_1mb: await blocking(generator, sluice.server, plan),
      ...(await memory(generator, sluice.server, plan)),
      ...(await evidenceFigures(quick)),
      cold_start_s: round(await coldStartSeconds(published.cli, generator, upstream.port, plan.coldStarts), 2),
      requests_per_s: {
        passthrough: Math.round(perSecond("passthrough")),
        sluice: Math.round(perSecond("sluice")),
        portkey: Math.round(perSecond("portkey")),
      },
    };
    return { versions: Object.fromEntries(servers.map((server) => [server.name, server.version])), figures };
  } finally {
    for (const server of servers) await stop(server.process);
    await generator.stop();
    await stop(upstream.process);
    sluice.remove();
    published.remove();
  }
}

export const bench: Bench = { run, meanings: MEANINGS };
