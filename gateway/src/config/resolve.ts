/**
 * Document → Config. Pure: what the machine has to say (variables, files, the time) comes in as values. Reports every problem
 * of meaning; returns a Config only if there is none.
 */
import { resolve as resolvePath } from "node:path";
import type { Secret } from "../core/secret.ts";
import { resolveAliases } from "./aliases.ts";
import { resolveKeys } from "./api-keys.ts";
import type { Config, Detections, EvidenceConfig, Limits, Listener, Observability } from "./config.ts";
import { connectionLimits, isLoopback, resolveConnections } from "./connections.ts";
import { resolveCustody } from "./custody.ts";
import { resolveDetector } from "./detector.ts";
import { readDocument } from "./document.ts";
import { resolveDatabase } from "./database.ts";
import { resolveSharedEvidence } from "./evidence-shared.ts";
import { deepFreeze } from "./freeze.ts";
import { resolveIdentity } from "./identity.ts";
import { resolveListeners } from "./listeners.ts";
import { warnOwnerless } from "./owners.ts";
import { isObject, membersAt, valueAt } from "./plain.ts";
import { formatProblem, type Path, type Problem } from "./problem.ts";
import { type FoundPolicies, resolvePolicies } from "./policy.ts";
import { REHEARSAL_CONNECTIONS } from "./rehearsal.ts";
import { lookUp, type References, secretOf } from "./references.ts";
import { resolveChannels } from "./channels.ts";
import { resolveRecording } from "./recording.ts";
import { resolveReviews } from "./reviews.ts";
import { resolveExport } from "./export.ts";
import { resolveErasure, resolveRetention } from "./erasure.ts";
import { resolveSubjects } from "./subjects.ts";
import { resolveTimestamps } from "./timestamps.ts";
import { resolveWitnesses } from "./witnesses.ts";
import { resolveController, resolvePurposes, resolveRecipients } from "./register.ts";
import type { ConfigDocument } from "./schema.ts";
import { Report, type Source } from "./source.ts";
import { byteCount, durationMs } from "./units.ts";
import { versionOf } from "./version.ts";

export interface Surroundings {
  readonly references: References;
  /** Files of the section `policies`; absent when there is none. */
  readonly policies?: FoundPolicies | undefined;
  readonly detections: Detections;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Absolute path that relative paths of the document start from. */
  readonly baseDir: string;
  /** Given at the start: wins over `evidence.dir` and over the port of the first listener. */
  readonly dataDir?: string | undefined;
  readonly port?: number | undefined;
}

export interface Resolved {
  /** Absent when there is a problem. */
  readonly config?: Config;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export function resolveConfig(source: Source, surroundings: Surroundings): Resolved {
  const report = new Report(source);
  const { references, detections, now } = surroundings;
  const document = source.value === undefined ? undefined : readDocument(source.value, report);
  if (document === undefined) return outcome(report);

  const { rehearsal } = document;
  // Names as written: what could not be read is named once, where it is wrong, and not again by everything that refers to it.
  const purposeNames = namesOf(source.value, "purposes");
  const recipientNames = namesOf(source.value, "recipients");
  const connectionNames = [...namesOf(source.value, "connections"), ...(rehearsal ? REHEARSAL_CONNECTIONS : [])];

  const hasItems = (path: Path): boolean => membersAt(source.value, path).length > 0;

  const controller = resolveController(document, report);
  const purposes = resolvePurposes(document, report);
  const recipients = resolveRecipients(document, report);
  const detector = resolveDetector(document, detections, report);
  const connections = resolveConnections(document, {
    recipients,
    recipientNames,
    hasItems,
    references,
    detections: { ...detections, types: detector.types },
    report,
  });
  const aliases = resolveAliases(document, connectionNames, report);
  const keys = resolveKeys(document, { purposeNames, connectionNames, now, report, identity: document.identity });
  const secretOf = secretsIn(references, report);
  const groupNames = Object.keys(document.identity.groups);
  const reviews = resolveReviews(document.reviews, { groupNames, report });
  const keepers = groupNames.filter((name) =>
    document.identity.groups[name]?.roles?.some((role) => role === "operator" || role === "privacy-officer"),
  );
  const channels = resolveChannels(document.channels, { groupNames, keepers, secretOf, report });
  const erasure = resolveErasure(document.erasure, { purposeNames, secretOf, report });
  const recording = resolveRecording(document.recording, {
    purposeNames,
    connectionNames,
    baseDir: surroundings.baseDir,
    hasOwnLogs: document.database.url !== undefined && document.evidence.shared === undefined,
    report,
  });
  const retention = resolveRetention(document.retention, { purposes, report });
  const exporting = resolveExport(document.export, { secretOf, metadataMs: retention.metadataMs, report });
  const database = resolveDatabase(document.database, { secretOf, report });
  const identity = resolveIdentity(document.identity, {
    purposeNames,
    connectionNames,
    keyIds: namesOf(source.value, "keys"),
    secretOf,
    report,
  });
  const policies = resolvePolicies(source.value, surroundings.policies, report);
  const listeners = listenersAt(resolveListeners(document, references, report), surroundings.port);
  const limits = resolveLimits(document);
  const shared = resolveSharedEvidence(document.evidence.shared, {
    baseDir: surroundings.baseDir,
    secretOf,
    hasDatabase: document.database.url !== undefined,
    report,
  });
  const evidence = { ...resolveEvidence(document, surroundings), ...(shared === undefined ? {} : { shared }) };
  const witnesses =
    document.witnesses === undefined ? undefined : resolveWitnesses(document.witnesses, { references, report });
  const timestamps = resolveTimestamps(document.timestamps, { references, report });
  const observability = resolveObservability(document, report);
  const custody = resolveCustody(document.custody, {
    baseDir: surroundings.baseDir,
    evidenceDir: evidence.dir,
    secretOf: secretsIn(references, report),
    report,
  });
  checkWhole(document, source.value, listeners, report);
  warnOwnerless(document, policies, report);
  if (custody === undefined || report.problems.length > 0) return outcome(report);

  return outcome(report, {
    source: source.file,
    builtIn: false,
    ...versionOf({ ...effective(document), policies: policies?.files }),
    ...(controller === undefined ? {} : { controller }),
    purposes,
    recipients,
    connections,
    aliases,
    keys,
    identity,
    custody,
    erasure,
    recording,
    retention,
    subjects: resolveSubjects(document.subjects),
    reviews,
    channels,
    export: exporting,
    database,
    ...(policies === undefined ? {} : { policies }),
    timestamps,
    ...(witnesses === undefined ? {} : { witnesses }),
    listeners,
    detector: detector.settings,
    limits,
    evidence,
    observability,
    pseudonyms: document.pseudonyms,
    session: { ttlMs: durationMs(document.session.ttl) ?? 0 },
    rehearsal,
    warnings: sorted(report.warnings).map(formatProblem),
  });
}

/** Says where it stands what was not found. */
/** What finds secrets for the resolving functions, and reports those that it does not. */
export function secretsIn(
  references: References,
  report: Report,
): (reference: string, path: Path) => Secret | undefined {
  return (reference, path) => {
    const found = lookUp(references, reference);
    if ("value" in found) return secretOf(found);
    report.missing(path, found.reason);
    return undefined;
  };
}

function outcome(report: Report, config?: Config): Resolved {
  const problems = sorted(report.problems);
  const warnings = sorted(report.warnings);
  return { ...(config === undefined ? {} : { config: deepFreeze(config) }), problems, warnings };
}

function sorted(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function namesOf(value: unknown, section: string): string[] {
  const at = valueAt(value, [section]);
  return isObject(at) ? Object.keys(at) : [];
}

function listenersAt(listeners: Listener[], port: number | undefined): Listener[] {
  const [first, ...rest] = listeners;
  return first === undefined || port === undefined ? listeners : [{ ...first, port }, ...rest];
}

function resolveLimits({ limits }: ConfigDocument): Limits {
  return {
    bodyBytesMax: byteCount(limits.body_bytes_max) ?? 0,
    decodedBytesMax: byteCount(limits.decoded_bytes_max) ?? 0,
    headerBytesMax: byteCount(limits.header_bytes_max) ?? 0,
    jsonDepthMax: limits.json_depth_max,
    textCharsMax: limits.text_chars_max,
    requestMs: durationMs(limits.request_seconds) ?? 0,
    scrubMs: durationMs(limits.scrub_seconds) ?? 0,
    drainMs: durationMs(limits.drain_seconds) ?? 0,
    streamsMax: limits.streams_max,
    connectionsMax: limits.connections_max,
  };
}

export function resolveEvidence(
  { evidence }: Pick<ConfigDocument, "evidence">,
  { baseDir, dataDir }: Pick<Surroundings, "baseDir" | "dataDir">,
): EvidenceConfig {
  return {
    dir: dataDir === undefined ? resolvePath(baseDir, evidence.dir) : resolvePath(dataDir),
    origin: evidence.origin,
    checkpointIntervalMs: durationMs(evidence.checkpoint_interval) ?? 0,
    pack: evidence.pack,
    public: evidence.public,
  };
}

function resolveObservability({ observability }: ConfigDocument, report: Report): Observability {
  const { log_level: logLevel, metrics, otlp_url: otlpUrl } = observability;
  if (otlpUrl !== undefined) {
    const url = URL.parse(otlpUrl);
    const at = ["observability", "otlp_url"];
    if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
      report.problem(at, "must be an http or https URL");
    else if (url.username !== "" || url.password !== "") report.problem(at, "must not hold a user or password");
  }
  return { logLevel, metrics, ...(otlpUrl === undefined ? {} : { otlpUrl }) };
}

/** What is right in each part and still says something together. */
function checkWhole(document: ConfigDocument, value: unknown, listeners: readonly Listener[], report: Report): void {
  const isEmpty = (section: string): boolean => namesOf(value, section).length === 0;
  if (document.rehearsal) {
    for (const name of REHEARSAL_CONNECTIONS) {
      if (name in document.connections) {
        report.problem(["connections", name], "is the name of a built-in connection while `rehearsal` is true", "key");
      }
    }
  }
  if (document.controller === undefined)
    report.warn([], "no `controller`: the record of processing will not say who is responsible");
  if (isEmpty("purposes")) report.warn([], "no `purposes`: every request will be refused (purpose_missing)");
  if (isEmpty("connections") && !document.rehearsal)
    report.warn([], "no `connections`: there is nowhere to forward to");
  const { providers, certificates } = document.identity;
  if (isEmpty("keys") && Object.keys({ ...providers, ...certificates }).length === 0)
    report.warn([], "no `keys`: every request will be refused (key_missing); make one with `sluice key new`");
  if (document.evidence.public && listeners.some(({ host }) => !isLoopback(host))) {
    report.warn(
      ["evidence", "public"],
      "whoever reaches the listener may read the log: types, counts, purposes and times",
    );
  }
}

/**
 * What decides how requests are treated, units made equal. Left out: secrets (references stand for them), key hashes, and whom channels
 * tell at which address, since this text is kept (kept-policies.ts) and people's addresses are not.
 */
function effective(document: ConfigDocument): Record<string, unknown> {
  const { connections, keys, limits: _, custody: _custody, channels, evidence, session, ...rest } = document;
  return {
    ...rest,
    channels: { passkeys: channels.passkeys },
    connections: mapValues(connections, (each) => ({ ...each, limits: { ...connectionLimits(each.limits) } })),
    keys: mapValues(keys, ({ hash: _hash, ...grant }) => grant),
    limits: { ...resolveLimits(document) },
    evidence: { ...evidence, checkpoint_interval: durationMs(evidence.checkpoint_interval) },
    session: { ttl: durationMs(session.ttl) },
  };
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
