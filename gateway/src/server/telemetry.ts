/**
 * Logs, metrics and spans about exchanges, made from the gate's ExchangeRecord alone: names from the config, codes, counts
 * and durations. No payload, no address and no principal ever reaches this file. Nothing leaves the machine unless an OTLP
 * URL is configured.
 */
import type { Attributes, Tracer } from "@opentelemetry/api";
import { type Logger, pino } from "pino";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { WitnessState, WitnessStates } from "../core/witnesses.ts";
import type { ExchangeRecord, Observer } from "../gate/index.ts";

export interface Telemetry extends Observer {
  readonly logger: Logger;
  /** Prometheus text exposition of everything measured so far. */
  metrics(): Promise<{ contentType: string; body: string }>;
  close(): Promise<void>;
}

export interface TelemetryOptions {
  readonly logLevel: string;
  /** OTLP/HTTP traces endpoint; absent means no spans are made at all. */
  readonly otlpUrl?: string | undefined;
  readonly version: string;
  readonly evidence: () => { healthy: boolean; size: number };
  /** What witnesses of the log say, once they are asked. Absent: there are none, and nothing is measured of them. */
  readonly witnesses?: (() => WitnessStates | undefined) | undefined;
  /** Where evidence is sent on to, as far as this gateway does it. */
  readonly exports: () => readonly { destination: string; state: string; lag: number }[];
}

/** Operation names of the OpenTelemetry GenAI conventions by endpoint (https://opentelemetry.io/docs/specs/semconv/gen-ai/). */
const GEN_AI_OPERATION: Readonly<Record<string, string>> = {
  "chat.completions": "chat",
  messages: "chat",
  responses: "chat",
  completions: "text_completion",
  embeddings: "embeddings",
};

export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  // stderr, so that what `start` prints on stdout stays readable and pipeable.
  const logger = pino({ level: options.logLevel, base: null }, pino.destination({ fd: 2, sync: false }));
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "sluice_process_" });
  const exchanges = new Tally(["connection", "endpoint", "status", "code"]);
  new Counter({
    name: "sluice_exchanges_total",
    help: "Exchanges and refusals by how they ended",
    labelNames: exchanges.labelNames,
    registers: [registry],
    collect() {
      exchanges.fill(this);
    },
  });
  const findings = new Tally(["connection", "type"]);
  new Counter({
    name: "sluice_findings_total",
    help: "Findings in requests by type",
    labelNames: findings.labelNames,
    registers: [registry],
    collect() {
      findings.fill(this);
    },
  });
  const overhead = new Histogram({
    name: "sluice_overhead_seconds",
    help: "Time spent in the gateway itself, durable record included",
    labelNames: ["connection"] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers: [registry],
  });
  const tokens = new Tally(["connection", "direction"]);
  new Counter({
    name: "sluice_tokens_total",
    help: "Tokens as the upstream reported them",
    labelNames: tokens.labelNames,
    registers: [registry],
    collect() {
      tokens.fill(this);
    },
  });
  new Gauge({
    name: "sluice_evidence_healthy",
    help: "1 while the evidence log accepts records",
    registers: [registry],
    collect() {
      this.set(options.evidence().healthy ? 1 : 0);
    },
  });
  new Gauge({
    name: "sluice_evidence_size",
    help: "Durable entries of the evidence log",
    registers: [registry],
    collect() {
      this.set(options.evidence().size);
    },
  });
  new Gauge({
    name: "sluice_export_lag_records",
    help: "Published entries that a destination has not acknowledged",
    labelNames: ["destination"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { destination, state, lag } of options.exports())
        if (state !== "elsewhere") this.set({ destination }, lag);
    },
  });
  new Gauge({
    name: "sluice_export_failing",
    help: "1 while a destination takes nothing",
    labelNames: ["destination"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { destination, state } of options.exports())
        if (state !== "elsewhere") this.set({ destination }, state === "following" ? 0 : 1);
    },
  });
  if (options.witnesses !== undefined) gaugesOfWitnesses(registry, options.witnesses);
  const tracing = options.otlpUrl === undefined ? undefined : await createTracing(options.otlpUrl, options.version);

  return {
    logger,
    ended(record) {
      const connection = record.connection ?? "";
      const { endpoint = "", status, code = "" } = record;
      exchanges.add(1, connection, endpoint, status, code);
      overhead.observe({ connection }, record.overheadMs / 1000);
      for (const type in record.found) {
        findings.add(record.found[type] ?? 0, connection, type);
      }
      if (record.inputTokens !== undefined) tokens.add(record.inputTokens, connection, "input");
      if (record.outputTokens !== undefined) tokens.add(record.outputTokens, connection, "output");
      logRecord(logger, record);
      if (tracing !== undefined) span(tracing.tracer, record);
    },
    async metrics() {
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
    async close() {
      await tracing?.shutdown();
      await new Promise<void>((resolve) => logger.flush(() => resolve()));
    },
  };
}

const WITNESS_STATES: readonly WitnessState[] = ["unasked", "there", "away", "conflict"];

function gaugesOfWitnesses(registry: Registry, states: () => WitnessStates | undefined): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    samples: (now: WitnessStates, to: Gauge) => void,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        const now = states();
        this.reset();
        if (now !== undefined) samples(now, this);
      },
    });
  };
  gauge(
    "sluice_witness_quorum",
    "1 while enough witnesses cosign, 0 when they have not for longer than configured",
    [],
    (now, to) => to.set(now.quorum === "missing" ? 0 : 1),
  );
  gauge("sluice_witnessed_size", "Entries of the evidence log that enough witnesses have cosigned", [], (now, to) =>
    to.set(now.size),
  );
  gauge("sluice_witness_state", "1 for the state that a witness is in", ["witness", "state"], (now, to) => {
    for (const { name, state } of now.witnesses) {
      for (const each of WITNESS_STATES) to.set({ witness: name, state: each }, each === state ? 1 : 0);
    }
  });
}

/** Sums on the path of every request; the counter is filled from them when somebody reads it. */
class Tally {
  readonly labelNames: string[];
  /** By the first label, then by the second, and so on. */
  readonly #sums: Sums = { value: 0, below: new Map() };

  constructor(labelNames: string[]) {
    this.labelNames = labelNames;
  }

  add(value: number, ...labels: readonly string[]): void {
    let sums = this.#sums;
    for (const label of labels) {
      let below = sums.below.get(label);
      if (below === undefined) sums.below.set(label, (below = { value: 0, below: new Map() }));
      sums = below;
    }
    sums.value += value;
  }

  fill(counter: Counter): void {
    counter.reset();
    this.#fill(counter, this.#sums, {}, 0);
  }

  #fill(counter: Counter, sums: Sums, labels: Readonly<Record<string, string>>, depth: number): void {
    const name = this.labelNames[depth];
    if (name === undefined) counter.inc(labels, sums.value);
    else for (const [label, below] of sums.below) this.#fill(counter, below, { ...labels, [name]: label }, depth + 1);
  }
}

interface Sums {
  value: number;
  readonly below: Map<string, Sums>;
}

function logRecord(logger: Logger, record: ExchangeRecord): void {
  if (record.status === "completed" && !logger.isLevelEnabled("debug")) return;
  const { error, ...facts } = record;
  if (error?.code === "internal" || error?.code === "detector_failed") {
    logger.error({ ...facts, place: place(error.cause) }, "exchange failed inside the gateway");
  } else if (record.status === "failed") {
    logger.warn(facts, "exchange failed");
  } else if (record.status === "denied") {
    logger.info(facts, "request refused");
  } else {
    logger.debug(facts, "exchange");
  }
}

/** Where a bug was thrown: the stack's frames without the message, since a message may quote payload. */
function place(cause: unknown): string[] {
  if (!(cause instanceof Error)) return [typeof cause];
  const frames = (cause.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [cause.name, ...frames.slice(0, 6).map((line) => line.trim())];
}

interface Tracing {
  readonly tracer: Tracer;
  shutdown(): Promise<void>;
}

/** Imported only when configured: the exporter costs start-up time that nobody without a collector should pay. */
async function createTracing(url: string, version: string): Promise<Tracing> {
  const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "sluice", "service.version": version }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  return { tracer: provider.getTracer("sluice", version), shutdown: () => provider.shutdown() };
}

function span(tracer: Tracer, record: ExchangeRecord): void {
  const end = Date.now();
  const operation = GEN_AI_OPERATION[record.endpoint ?? ""] ?? record.endpoint ?? "request";
  const attributes: Attributes = {
    "gen_ai.operation.name": operation,
    "sluice.status": record.status,
    "sluice.overhead_ms": record.overheadMs,
  };
  if (record.family !== undefined) attributes["gen_ai.provider.name"] = record.family;
  if (record.model !== undefined && record.model !== "") attributes["gen_ai.request.model"] = record.model;
  if (record.connection !== undefined) attributes["sluice.connection"] = record.connection;
  if (record.purpose !== undefined) attributes["sluice.purpose"] = record.purpose;
  if (record.evidence !== undefined) attributes["sluice.evidence"] = record.evidence;
  if (record.code !== undefined) attributes["error.type"] = record.code;
  if (record.inputTokens !== undefined) attributes["gen_ai.usage.input_tokens"] = record.inputTokens;
  if (record.outputTokens !== undefined) attributes["gen_ai.usage.output_tokens"] = record.outputTokens;
  for (const type in record.found) attributes[`sluice.found.${type.toLowerCase()}`] = record.found[type] ?? 0;
  const made = tracer.startSpan(operation, { startTime: end - record.totalMs, attributes });
  if (record.status !== "completed")
    made.setStatus({ code: 2, ...(record.code === undefined ? {} : { message: record.code }) });
  made.end(end);
}
