/** The real gate (policy, scrubber, evidence log on disk) behind the real listener, with one credential that is not hashed. */
import { OperatorKeys } from "@sluice/detector";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "../../../core/connection.ts";
import { SluiceError } from "../../../core/errors.ts";
import type { Principal } from "../../../core/principal.ts";
import { principalFor, PURPOSES } from "../../../core/test/connection.ts";
import { openEvidence } from "../../../evidence/index.ts";
import { createGate, type ExchangeRecord, type Gate } from "../../../gate/index.ts";
import { createAuthorizer, createHabits } from "../../../policy/index.ts";
import { createScrubber, createVault, ownDetection, type ScrubberOptions } from "../../../privacy/index.ts";
import { Forwarder } from "../forward.ts";
import { createInference, type InferenceLimits } from "../inference.ts";
import { type Listener, listen } from "../listener.ts";

export const KEY = "sluice_test";

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly listener: Listener;
  readonly forwarder: Forwarder;
  /** Of every exchange and refusal that is over. */
  readonly records: ExchangeRecord[];
  readonly dir: string;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly connections: readonly Connection[];
  readonly aliases?: ReadonlyMap<string, readonly string[]>;
  readonly principal?: Partial<Principal>;
  readonly scrubber?: Partial<ScrubberOptions>;
  readonly limits?: Partial<InferenceLimits>;
  /** Stands between the handler and the gate, to slow it down. */
  readonly wrap?: (gate: Gate) => Gate;
}

const DETECTION = ownDetection({});
const authorizer = createAuthorizer({ purposes: PURPOSES, recipients: new Map() }, undefined);

export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-http-"));
  const log = await openEvidence({ dir, origin: "test.example/log", clock: Date.now, checkpointIntervalMs: 1_000 });
  const records: ExchangeRecord[] = [];
  const gate = createGate({
    verify: (credential) => {
      if (credential !== KEY) throw new SluiceError("key_invalid", "no such key");
      return principalFor(options.principal);
    },
    scrubber: createScrubber({
      hashKey: randomBytes(32),
      keys: (purpose) =>
        new OperatorKeys({ master: Buffer.alloc(32, 1), keyId: "k", purpose: purpose || "p", epoch: "1" }),
      random: (bytes) => Buffer.alloc(bytes, 3),
      vault: createVault({
        random: (bytes) => randomBytes(bytes),
        ttlMs: 60_000,
        conversationsMax: 100,
        bytesMax: 1_000_000,
        placeholdersMax: 1_000,
      }),
      textCharsMax: 4_000_000,
      sliceMs: 4,
      timeoutMs: 10_000,
      clock: performance.now.bind(performance),
      yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
      detection: () => DETECTION,
      ...options.scrubber,
    }),
    evidence: log,
    snapshot: () => ({
      connections: options.connections,
      aliases: options.aliases ?? new Map(),
      authorizer,
      types: DETECTION.types,
      version: "test",
    }),
    identityChanges: () => 0,
    consent: () => ({ state: "none", optedOut: false }),
    habits: createHabits(10),
    clock: Date.now,
    monotonic: performance.now.bind(performance),
    observer: { ended: (record) => void records.push(record) },
  });
  const forwarder = new Forwarder();
  const listener = await listen({
    host: "127.0.0.1",
    port: 0,
    limits: {
      headerBytesMax: 16_384,
      headersTimeoutMs: 5_000,
      requestTimeoutMs: 5_000,
      keepAliveTimeoutMs: 5_000,
      connectionsMax: 1_000,
    },
    inference: createInference({
      gate: options.wrap?.(gate) ?? gate,
      forwarder,
      limits: {
        bodyBytesMax: 4_000_000,
        decodedBytesMax: 8_000_000,
        bodyTimeoutMs: 5_000,
        jsonDepthMax: 64,
        streamsMax: 1_000,
        ...options.limits,
      },
      hashIdentity: (value) => `user-${value.length}`,
    }),
    fallback: (_req, res) => void res.writeHead(404).end(),
    refuse: (error) => gate.refuse(undefined, {}, error),
  });
  return {
    url: listener.url,
    port: listener.port,
    listener,
    forwarder,
    records,
    dir,
    async close() {
      await listener.drain(0);
      await forwarder.close();
      await log.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Every file below `dir` that holds one of `values`. */
export function filesHolding(dir: string, values: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of readdirSync(dir, { recursive: true }) as string[]) {
    const path = join(dir, name);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    for (const value of values) if (bytes.includes(value)) found.push(`${name} holds ${value}`);
  }
  return found;
}
