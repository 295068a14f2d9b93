/**
 * Reads the configuration from disk, and what it refers to from the environment and from files. The only reader of
 * `process.env`. Nothing here prints or returns a secret other than inside a `Secret`.
 */
import { channelReferences } from "./channels.ts";
import { erasureReferences } from "./erasure.ts";
import { exportReferences } from "./export.ts";
import { readFile } from "node:fs/promises";
import { dirname, resolve as resolvePath } from "node:path";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { embeddedDefault } from "./built-in.ts";
import type { CustodySettings } from "../core/custody.ts";
import type { Config, Detections, EvidenceConfig } from "./config.ts";
import { custodyAhead, custodyFiles, custodyReferences } from "./custody.ts";
import { membersAt, valueAt } from "./plain.ts";
import { formatProblem, type Problem } from "./problem.ts";
import type { Read, References, SecretKeeper } from "./references.ts";
import { findPolicies } from "./policy.ts";
import { resolveConfig, resolveEvidence, secretsIn } from "./resolve.ts";
import { documentSchema } from "./schema.ts";
import { type DatabaseConfig, resolveDatabase } from "./database.ts";
import { resolveSharedEvidence, type SharedEvidenceConfig } from "./evidence-shared.ts";
import { parseSource, Report, type Source } from "./source.ts";
import { timestampFiles } from "./timestamps.ts";
import { witnessFiles } from "./witnesses.ts";

export { type BuiltInOptions, embeddedDefault } from "./built-in.ts";
export type * from "./config.ts";
export { formatProblem, type Problem } from "./problem.ts";
export { withRehearsal } from "./rehearsal.ts";
export { defaultRules } from "./rules.ts";

export const CONFIG_FILE = "sluice.yaml";

const CONFIG_BYTES_MAX = 1_048_576;
const REFERENCE_BYTES_MAX = 262_144;

export interface LoadOptions {
  /** Path of the configuration. Absent: `sluice.yaml` in the working directory, and without one the built-in default. */
  readonly file?: string | undefined;
  /** What the detector can find, so that a rule about something else is refused. */
  readonly detections: Detections;
  /** Wins over `evidence.dir`. */
  readonly dataDir?: string | undefined;
  /** Wins over the port of the first listener. */
  readonly port?: number | undefined;
  readonly clock?: Clock;
  /** Keeps secrets and reads them again. Absent: each is read once, and of variables and files only. */
  readonly custody?: SecretKeeper;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Checked {
  /** The file as the user named it, or "built-in default". */
  readonly source: string;
  /** Absent when there is a problem. */
  readonly config?: Config;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Throws `config_invalid` whose message lists every problem, one a line. */
export async function loadConfig(options: LoadOptions): Promise<Config> {
  const { source, config, problems } = await checkConfig(options);
  if (config !== undefined) return config;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  throw new SluiceError("config_invalid", [`${source} has ${count}:`, ...problems.map(formatProblem)].join("\n"));
}

/** Throws `config_invalid` only when the file itself cannot be read. */
export async function checkConfig(options: LoadOptions): Promise<Checked> {
  const file = options.file ?? CONFIG_FILE;
  const text = await readText(file, CONFIG_BYTES_MAX);
  if ("reason" in text) {
    if (options.file === undefined && text.isMissing) {
      const config = embeddedDefault({ dataDir: options.dataDir, port: options.port });
      return { source: config.source, config, problems: [], warnings: [] };
    }
    throw new SluiceError("config_invalid", `cannot read the configuration: ${text.reason}`);
  }
  const source = parseSource(text.value, file);
  const baseDir = dirname(resolvePath(file));
  const env = options.env ?? process.env;
  const named = referencesIn(source.value);
  const resolved = resolveConfig(source, {
    references: await followReferences(source, named, { ...options, baseDir, env }),
    policies: await findPolicies(source.value, baseDir),
    detections: options.detections,
    now: (options.clock ?? Date.now)(),
    baseDir,
    dataDir: options.dataDir,
    port: options.port,
  });
  if (resolved.config !== undefined) options.custody?.retain(named);
  return { source: file, ...resolved };
}

/**
 * What `sluice keys` needs, whatever the rest of the document says: whoever puts the first secret in has none yet. Throws
 * `config_invalid`.
 */
export async function loadCustody(
  options: Pick<LoadOptions, "file" | "dataDir" | "env" | "custody">,
): Promise<CustodyConfig> {
  const file = options.file ?? CONFIG_FILE;
  const text = await readText(file, CONFIG_BYTES_MAX);
  if ("reason" in text) {
    if (options.file === undefined && text.isMissing) {
      const { custody, evidence, database } = embeddedDefault({ dataDir: options.dataDir });
      return {
        custody,
        evidence,
        shared: () => Promise.resolve(undefined),
        database: () => Promise.resolve(database),
      };
    }
    throw new SluiceError("config_invalid", `cannot read the configuration: ${text.reason}`);
  }
  const source = parseSource(text.value, file);
  const baseDir = dirname(resolvePath(file));
  const env = options.env ?? process.env;
  const named = [...custodyReferences(source.value), ...custodyFiles(source.value)];
  const references = await Promise.all(named.map(async (each) => [each, await follow(each, baseDir, env)] as const));
  const evidence = documentSchema.shape.evidence.safeParse(valueAt(source.value, ["evidence"]) ?? {});
  const custody = custodyAhead(source, new Map(references), { baseDir, dataDir: options.dataDir });
  if (custody === undefined || !evidence.success || source.problems.length > 0)
    throw new SluiceError("config_invalid", `${file}: custody or evidence is not right; sluice check-config ${file}`);
  return {
    custody,
    evidence: resolveEvidence({ evidence: evidence.data }, { baseDir, dataDir: options.dataDir }),
    async shared() {
      const named = SHARED_SECRETS.map((path) => valueAt(source.value, path)).filter(
        (each) => typeof each === "string",
      );
      const found = await followReferences(source, new Set(named), { ...options, baseDir, env });
      const report = new Report(source);
      const hasDatabase = valueAt(source.value, ["database", "url"]) !== undefined;
      const context = { report, baseDir, secretOf: secretsIn(found, report), hasDatabase };
      const resolved = resolveSharedEvidence(evidence.data.shared, context);
      if (report.problems.length > 0)
        throw new SluiceError("config_invalid", `${file}: evidence.shared is not right; sluice check-config ${file}`);
      return resolved;
    },
    async database() {
      const written = valueAt(source.value, ["database", "url"]);
      const url = new Set(typeof written === "string" && REFERENCE.test(written) ? [written] : []);
      const found = await followReferences(source, url, { ...options, baseDir, env });
      const parsed = documentSchema.shape.database.safeParse(valueAt(source.value, ["database"]) ?? {});
      const report = new Report(source);
      const resolved = parsed.success
        ? resolveDatabase(parsed.data, { report, secretOf: secretsIn(found, report) })
        : undefined;
      if (resolved === undefined || report.problems.length > 0)
        throw new SluiceError("config_invalid", `${file}: database is not right; sluice check-config ${file}`);
      return resolved;
    },
  };
}

/** What `sluice keys` works on. */
export interface CustodyConfig {
  readonly custody: CustodySettings;
  /** Without `shared`. */
  readonly evidence: EvidenceConfig;
  /** See EvidenceConfig.shared: its secrets may stand in a secret service. Throws `config_invalid`. */
  readonly shared: () => Promise<SharedEvidenceConfig | undefined>;
  /** Where rooms keep what they have sealed. Asked for when it is needed: its URL may stand in a secret service. Throws `config_invalid`. */
  readonly database: () => Promise<DatabaseConfig>;
}

interface Following {
  readonly custody?: SecretKeeper;
  readonly dataDir?: string | undefined;
  readonly baseDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Looks up what the document refers to, wrong parts of it included: only what resolves is used. Variables and files come first:
 * what signs in to a secret service stands there.
 */
async function followReferences(
  source: Source,
  named: ReadonlySet<string>,
  { custody, dataDir, baseDir, env }: Following,
): Promise<References> {
  const read = (reference: string): Promise<Read> => follow(reference, baseDir, env);
  const local = [...named].filter((reference) => LOCAL.test(reference));
  const once = async (each: string): Promise<[string, Read]> => [each, await read(each)];
  // Certificates and their keys are in force until a restart, so nobody reads them again.
  const files = await Promise.all([...filesIn(source.value)].map(once));
  if (custody === undefined) return new Map([...files, ...(await Promise.all(local.map(once)))]);
  const references = new Map([...files, ...(await custody.follow(local, read))]);
  const remote = [...named].filter((reference) => !LOCAL.test(reference));
  const settings = remote.length === 0 ? undefined : custodyAhead(source, references, { baseDir, dataDir });
  if (settings === undefined) return references;
  return new Map([...references, ...(await custody.followRemote(settings, remote))]);
}

const SHARED_SECRETS = ["access_key", "secret_key"].map((name) => ["evidence", "shared", "s3", name]);
const LOCAL = /^(?:env|file):./;
const REFERENCE = /^(?:env|file|vault|aws-sm|sealed):./;

/** `connections.*.credential`, secrets and certificates of `identity.providers`, `database.url` and what else is a secret, wherever they stand as texts. */
function referencesIn(value: unknown): Set<string> {
  const references = new Set<string>([
    ...custodyReferences(value),
    ...channelReferences(value),
    ...erasureReferences(value),
    ...exportReferences(value),
  ]);
  for (const connection of membersAt(value, ["connections"])) {
    const credential = valueAt(connection, ["credential"]);
    if (typeof credential === "string" && REFERENCE.test(credential)) references.add(credential);
  }
  for (const path of [["database", "url"], ...SHARED_SECRETS]) {
    const single = valueAt(value, path);
    if (typeof single === "string" && REFERENCE.test(single)) references.add(single);
  }
  for (const provider of membersAt(value, ["identity", "providers"])) {
    const certificates: unknown = valueAt(provider, ["certificates"]);
    const listed: readonly unknown[] = Array.isArray(certificates) ? certificates : [];
    const single = [["client_secret"], ["decryption", "key"], ["decryption", "certificate"]];
    for (const each of [...single.map((path): unknown => valueAt(provider, path)), ...listed])
      if (typeof each === "string" && REFERENCE.test(each)) references.add(each);
  }
  return references;
}

/** Files that are read once: `listeners[].tls`, the policy of witnesses, roots of time-stamps, and what custody names. */
function filesIn(value: unknown): Set<string> {
  const references = new Set<string>([...custodyFiles(value), ...timestampFiles(value), ...witnessFiles(value)]);
  for (const listener of membersAt(value, ["listeners"])) {
    for (const name of ["cert", "key", "client_ca"]) {
      const path = valueAt(listener, ["tls", name]);
      if (typeof path === "string" && path !== "") references.add(`file:${path}`);
    }
  }
  return references;
}

async function follow(
  reference: string,
  baseDir: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Read> {
  const colon = reference.indexOf(":");
  const target = reference.slice(colon + 1);
  if (reference.slice(0, colon) === "env") {
    const value = env[target];
    if (value === undefined) return { reason: `environment variable ${target} is not set`, gone: true };
    return value === "" ? { reason: `environment variable ${target} is empty`, gone: false } : { value };
  }
  const text = await readText(resolvePath(baseDir, target), REFERENCE_BYTES_MAX, target);
  if ("reason" in text) return { reason: text.reason, gone: text.isMissing };
  // Editors and `echo` end a file with a line break that is no part of the secret.
  const value = text.value.replace(/\r?\n$/, "");
  return value === "" ? { reason: `${target} is empty`, gone: false } : { value };
}

type TextRead = { readonly value: string } | { readonly reason: string; readonly isMissing: boolean };

async function readText(path: string, bytesMax: number, shown = path): Promise<TextRead> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    const code = codeOf(thrown);
    return { reason: `${shown}: ${wordOf(code)}`, isMissing: code === "ENOENT" };
  }
  if (bytes.length > bytesMax) return { reason: `${shown}: larger than ${bytesMax} bytes`, isMissing: false };
  try {
    return { value: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { reason: `${shown}: not UTF-8 text`, isMissing: false };
  }
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

function wordOf(code: string | undefined): string {
  switch (code) {
    case "ENOENT":
      return "no such file";
    case "EACCES":
    case "EPERM":
      return "no permission to read it";
    case "EISDIR":
      return "is a directory";
    default:
      return `cannot be read (${code ?? "unknown error"})`;
  }
}
