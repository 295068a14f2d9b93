/**
 * Wires the rooms into a gateway; alone knows them all. What a room needs from another it gets here as a parameter, so that
 * a room can be read, tested and replaced without this file.
 */
import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { detectStream, OperatorKeys, restore, TYPES } from "@sluice/detector";
import type { Config, Key } from "../config/load.ts";
import { withRehearsal } from "../config/load.ts";
import { policyVocabulary } from "../config/policy.ts";
import type { Connection } from "../core/connection.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import { Custody, type Keys } from "../custody/index.ts";
import type { RecordEvent } from "../core/event.ts";
import { isAmong } from "../core/principal.ts";
import type { Channels } from "../channels/index.ts";
import { configLeaf, type EvidenceLog, eventLeaf, startLeaf, stopLeaf } from "../evidence/index.ts";
import type { Exports } from "../export/index.ts";
import { createGate, type Gate, type Snapshot } from "../gate/index.ts";
import { certificateOf, type TlsPeer } from "../identity/certificates.ts";
import { createAuthorizer, createHabits, loadPolicies } from "../policy/index.ts";
import { createScrubber, createVault, type Detection, ownDetection } from "../privacy/index.ts";
import { Forwarder } from "../protocols/http/forward.ts";
import { createInference } from "../protocols/http/inference.ts";
import { type Listener, listen } from "../protocols/http/listener.ts";
import { sealedReviews } from "../reviews/store.ts";
import { subjectValues } from "../subjects/index.ts";
import { createApi } from "./api.ts";
import { type EvidenceParts, openEvidenceParts } from "./evidence.ts";
import { openLog } from "./evidence-log.ts";
import { openControl } from "./control.ts";
import { loadDetectOptions } from "./detections.ts";
import type { GuardedRoute } from "./guard.ts";
import { keepKey } from "./keep-key.ts";
import { keepPolicy, readPolicy } from "./kept-policies.ts";
import { localConnection } from "./local.ts";
import { type Rehearsal, startRehearsal } from "./rehearsal.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import { VERSION } from "./version.ts";

/**
 * Longest piece of a long text that is scanned before other requests get their turn, in milliseconds. A short request takes
 * some six turns from its first byte to its answer, and waits for one of these in each.
 */
const SCRUB_SLICE_MS = 0.5;
const KEEP_ALIVE_MS = 65_000;
const SWEEP_MS = 60_000;
const CONVERSATIONS_MAX = 10_000;
const VAULT_BYTES_MAX = 64 * 1024 * 1024;
const CONVERSATION_PLACEHOLDERS_MAX = 10_000;
/** Principals whose habits are remembered. */
const HABITS_MAX = 10_000;

export interface Gateway {
  readonly listeners: readonly Listener[];
  /** Of the control API. */
  readonly routes: readonly GuardedRoute[];
  readonly log: EvidenceLog;
  readonly gate: Gate;
  readonly telemetry: Telemetry;
  /** Present when the configuration wants the built-in stand-in. */
  readonly rehearsal?: Rehearsal;
  /**
   * Puts another configuration in force for every exchange that opens from now on; running ones keep theirs. Returns what
   * the new file says that takes a restart: listeners, evidence and observability.
   */
  reload(config: Config): Promise<readonly string[]>;
  /** Stops accepting, waits for running exchanges, records the stop, closes the log. Idempotent. */
  close(): Promise<void>;
}

/** Opens everything in the order in which it depends on one another; what was opened is closed again when a later part fails. */
export async function compose(
  initial: Config,
  keys: readonly Key[] = initial.keys,
  custody: Custody = new Custody(Date.now),
): Promise<Gateway> {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await open(initial, keys, custody, opened);
  } catch (thrown) {
    for (const close of opened.reverse()) await close().catch(() => undefined);
    throw thrown;
  }
}

async function open(
  initial: Config,
  keys: readonly Key[],
  custody: Custody,
  opened: (() => Promise<unknown>)[],
): Promise<Gateway> {
  opened.push(() => custody.close());
  const listeners: Listener[] = [];
  const rehearsal = initial.rehearsal ? await startRehearsal() : undefined;
  if (rehearsal !== undefined) opened.push(() => rehearsal.close());
  const complete = (config: Config): Config =>
    rehearsal !== undefined && config.rehearsal ? withRehearsal(config, new URL(rehearsal.url)) : config;
  let config = complete(initial);
  let detectOptions = loadDetectOptions(config.detector);
  let detection = ownDetection(detectOptions);
  let snapshot = snapshotOf(config, connectionsOf(config), detection);

  const holder: {
    telemetry?: Telemetry;
    alarms?: Channels["alarms"];
    exports?: Exports;
    stamps?: EvidenceParts["stamps"];
    witnesses?: NonNullable<EvidenceParts["witnesses"]>;
  } = {};
  const log = await openLog({ evidence: config.evidence, url: config.database.url }, (error) => {
    holder.telemetry?.logger.error(
      { code: error.code, system: systemCode(error.cause) },
      "evidence log fault; requests are refused until it has recovered",
    );
    holder.alarms?.saw(error);
  });
  opened.push(() => log.close());
  const telemetry = await createTelemetry({
    logLevel: config.observability.logLevel,
    otlpUrl: config.observability.otlpUrl,
    version: VERSION,
    evidence: () => log,
    witnesses: config.witnesses === undefined ? undefined : () => holder.witnesses?.states(),
    exports: () => holder.exports?.states ?? [],
  });
  holder.telemetry = telemetry;
  opened.push(() => telemetry.close());

  const record: RecordEvent = (event, digest) => {
    const actor = event.actor === undefined ? undefined : log.pseudonym(event.actor);
    holder.alarms?.heard(event);
    const recorded = log.append(eventLeaf({ time: Date.now(), event, actor }), digest);
    holder.stamps?.heard(event, recorded);
    return recorded;
  };
  const watchSecrets = (): void =>
    custody.begin(config.custody, {
      record,
      warn: ({ reference, reason, usedUntil }) =>
        telemetry.logger.warn(
          { reference, reason, usedUntil: new Date(usedUntil).toISOString() },
          "a secret could not be read again; its last value is used until then",
        ),
    });
  watchSecrets();
  const control = await openControl({
    config,
    keys,
    record,
    custody,
    onFault(error) {
      telemetry.logger.error({ code: error.code, system: systemCode(error.cause) }, "control database fault");
      holder.alarms?.saw(error);
    },
    checkControl: (...asked) => gate.checkControl(...asked),
    onChannelFault: (error) =>
      telemetry.logger.warn({ code: error.code, reason: error.message }, "approvers could not be told of a review"),
    url: () => listeners[0]?.url ?? "",
  });
  holder.alarms = control.channels.alarms;
  opened.push(() => control.close());
  const epochKeys = custody.epochs(() => config.custody, {
    record,
    epochMs: () => config.subjects.epochMs,
    onFault(error) {
      telemetry.logger.warn({ code: error.code, reason: error.message }, "the key of a new epoch could not be made");
      control.channels.alarms.saw(error);
    },
  });
  const sql = () => Promise.resolve(control.database.sql);
  const rows = { reviews: sealedReviews(sql) };
  const subjects = subjectValues(sql, () => epochKeys);
  const custodyKeys = (): Promise<Keys> => custody.keys(config.custody, { record, rows, subjects });
  const parts = await openEvidenceParts({
    config,
    log,
    record,
    custody,
    epochKeys,
    database: control.database,
    onFault(error, what) {
      telemetry.logger.warn({ code: error.code, reason: error.message }, what);
      control.channels.alarms.saw(error);
    },
  });
  opened.push(() => parts.close());
  // A pass that was cut off by the last stop is finished, when what was destroyed is surely gone.
  custodyKeys()
    .then((each) => each.rewrap())
    .catch((thrown: unknown) => {
      const error = toSluiceError(thrown);
      telemetry.logger.warn({ code: error.code }, "sealed values could not be brought under the newest key");
      control.channels.alarms.saw(error);
    });
  holder.exports = parts.exports;
  holder.stamps = parts.stamps;
  if (parts.witnesses !== undefined) holder.witnesses = parts.witnesses;
  const vault = createVault({
    random: randomBytes,
    ttlMs: config.session.ttlMs,
    conversationsMax: CONVERSATIONS_MAX,
    bytesMax: VAULT_BYTES_MAX,
    placeholdersMax: CONVERSATION_PLACEHOLDERS_MAX,
  });
  const sweeping = setInterval(() => vault.sweep(Date.now()), SWEEP_MS);
  sweeping.unref();
  opened.push(async () => clearInterval(sweeping));
  // So that a value keeps its hash over restarts. Whoever reads the file can test guesses against hashes; removing it unlinks them all.
  const hashKey = keepKey(join(config.evidence.dir, "keys", "operator-hash.key"));
  const scrubber = createScrubber({
    hashKey,
    keys: keysBy(hashKey, () => config.pseudonyms.epoch),
    random: randomBytes,
    vault,
    detection: () => detection,
    textCharsMax: config.limits.textCharsMax,
    sliceMs: SCRUB_SLICE_MS,
    timeoutMs: config.limits.scrubMs,
    clock: performance.now.bind(performance),
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const gate = createGate({
    verify: (credential, peer) =>
      control.authenticator.authenticate(credential, peer === undefined ? undefined : certificateOf(peer as TlsPeer)),
    identityChanges: () => control.authenticator.changes,
    scrubber,
    consent: (subject, purpose) => control.ledger.state(subject, purpose),
    habits: createHabits(HABITS_MAX),
    reviews: control.approvals,
    recorder: parts.recordings,
    evidence: log,
    checkEvidence() {
      const refusal = parts.witnesses?.refusal();
      if (refusal !== undefined) throw refusal;
    },
    snapshot: () => snapshot,
    clock: Date.now,
    monotonic: performance.now.bind(performance),
    observer: {
      ended(ended) {
        telemetry.ended(ended);
        if (ended.error !== undefined) control.channels.alarms.saw(ended.error);
      },
    },
  });

  control.onConsent((concerns) => gate.consentChanged(concerns));
  control.disabled.onDisabled((id) => {
    const gone = new SluiceError("account_disabled", "this account, or an agent that acts for it, has been disabled");
    gate.endExchanges(({ principal }) => isAmong(principal, (each) => each === id), gone);
  });

  const forwarder = new Forwarder(({ credential }) => {
    if (credential !== undefined) custody.refused(credential.secret);
  });
  opened.push(() => forwarder.close());
  const inference = createInference({
    gate,
    forwarder,
    limits: {
      bodyBytesMax: config.limits.bodyBytesMax,
      decodedBytesMax: config.limits.decodedBytesMax,
      bodyTimeoutMs: config.limits.requestMs,
      jsonDepthMax: config.limits.jsonDepthMax,
      streamsMax: config.limits.streamsMax,
    },
    challenge: control.challenge,
    hashIdentity: (value) => createHmac("sha256", hashKey).update(`identity:${value}`).digest("base64url").slice(0, 22),
  });
  const state = { draining: false };
  const { app: api, routes } = await createApi({
    gate,
    log,
    origin: config.evidence.origin,
    policyOf: (version) => readPolicy(config.evidence.dir, version),
    record,
    control,
    custodyKeys,
    exports: parts.exports,
    stamps: parts.stamps,
    recordings: parts.recordings,
    purposeOf: (id) => config.purposes.get(id),
    rights: parts.rights,
    telemetry,
    restore,
    detector: {
      types: TYPES,
      // Whose names are hidden in prompts is no matter of this interface: its callers say which types they want.
      stream: (wanted) => detectStream({ ...detectOptions, types: Object.keys(TYPES), ...wanted }),
    },
    scrubMs: config.limits.scrubMs,
    sliceMs: SCRUB_SLICE_MS,
    bodyBytesMax: config.limits.bodyBytesMax,
    jsonDepthMax: config.limits.jsonDepthMax,
    evidencePublic: config.evidence.public,
    metrics: config.observability.metrics,
    witnesses: () => parts.witnesses?.states(),
    ready: () => {
      const reasons = [
        ...(state.draining ? ["draining"] : []),
        ...(log.healthy ? [] : ["evidence log cannot be written"]),
        ...(parts.witnesses?.refusal() === undefined ? [] : ["too few witnesses have cosigned the evidence log"]),
      ];
      return { ready: reasons.length === 0, reasons };
    },
  });
  opened.push(() => api.close());

  keepPolicy(config.evidence.dir, config);
  await log.append(startLeaf({ now: Date.now(), version: VERSION, policy: config.hash, orphans: log.orphans }));
  for (const { host, port, tls } of config.listeners) {
    const listener = await listen({
      host,
      port,
      ...(tls === undefined ? {} : { tls: { ...tls, key: tls.key.reveal() } }),
      limits: {
        headerBytesMax: config.limits.headerBytesMax,
        headersTimeoutMs: config.limits.requestMs,
        requestTimeoutMs: config.limits.requestMs,
        keepAliveTimeoutMs: KEEP_ALIVE_MS,
        connectionsMax: config.limits.connectionsMax,
      },
      inference,
      fallback: (req, res) => api.routing(req, res),
      refuse: (error) => gate.refuse(undefined, {}, error),
    }).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "EADDRINUSE" || thrown.code === "EACCES" || thrown.code === "EADDRNOTAVAIL") {
        throw new SluiceError(
          "config_invalid",
          `cannot listen on ${host}:${port} (${thrown.code}); choose another address with --port or in listeners`,
        );
      }
      throw thrown;
    });
    listeners.push(listener);
    opened.push(() => listener.drain(0));
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    state.draining = true;
    const cut = await Promise.all(listeners.map((listener) => listener.drain(config.limits.drainMs)));
    await forwarder.close();
    await api.close();
    await parts.close();
    await custody.close();
    const cutTotal = cut.reduce((sum, each) => sum + each, 0);
    if (cutTotal > 0) telemetry.logger.warn({ cut: cutTotal }, "exchanges cut at the end of the drain");
    await control.close();
    await log.append(stopLeaf({ now: Date.now(), version: VERSION, policy: config.hash })).catch(() => undefined);
    await log.close();
    await rehearsal?.close();
    clearInterval(sweeping);
    await telemetry.close();
  }

  return {
    listeners,
    routes,
    log,
    gate,
    telemetry,
    ...(rehearsal === undefined ? {} : { rehearsal }),
    async reload(next) {
      const fresh = complete(next);
      // Before it goes on record as the one in force: a missing model throws, and so do policies that cannot be read.
      const freshOptions = loadDetectOptions(fresh.detector);
      const freshDetection = ownDetection(freshOptions);
      const freshSnapshot = snapshotOf(fresh, connectionsOf(fresh), freshDetection);
      keepPolicy(config.evidence.dir, fresh);
      await log.append(configLeaf({ now: Date.now(), version: VERSION, policy: fresh.hash }));
      const restart = needsRestart(config, fresh);
      detectOptions = freshOptions;
      detection = freshDetection;
      config = fresh;
      watchSecrets();
      snapshot = freshSnapshot;
      control.configure(fresh);
      parts.configure(fresh);
      forwarder.retain(snapshot.connections);
      return restart;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** What the gate decides by. The authorizer is new each time, so that what an old one remembered is gone. */
function snapshotOf(config: Config, connections: readonly Connection[], { types }: Detection): Snapshot {
  const { aliases, purposes, recipients, policies, hash } = config;
  const loaded = policies === undefined ? undefined : loadPolicies(policies, policyVocabulary(config, connections));
  return { connections, aliases, authorizer: createAuthorizer({ purposes, recipients }, loaded), types, version: hash };
}

/** Everything that requests can go to. */
function connectionsOf(config: Config): readonly Connection[] {
  return [...config.connections, localConnection(config)];
}

/** Keys of the keyed operators by purpose, of the epoch in force. Each derives from the same file, for a use of its own. */
function keysBy(master: Uint8Array, epoch: () => string): (purpose: string) => OperatorKeys {
  const keyId = createHmac("sha256", master).update("sluice key id").digest("base64url").slice(0, 8);
  const made = new Map<string, OperatorKeys>();
  return (purpose) => {
    const now = epoch();
    const known = made.get(purpose);
    if (known?.epoch === now) return known;
    const keys = new OperatorKeys({ master, keyId, purpose, epoch: now });
    made.set(purpose, keys);
    return keys;
  };
}

/** Names of the sections that differ and are only read at the start. */
function needsRestart(before: Config, after: Config): string[] {
  const sections = ["listeners", "evidence", "observability", "session", "limits", "witnesses"] as const;
  return sections.filter((section) => JSON.stringify(before[section]) !== JSON.stringify(after[section]));
}

/** The system's error name behind a fault, for example ENOSPC. */
function systemCode(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

/** Where the built-in default keeps the hash of its first key. */
export function firstKeyPath(config: Config): string {
  return join(config.evidence.dir, "first-api-key.json");
}
