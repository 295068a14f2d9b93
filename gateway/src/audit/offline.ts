/**
 * Checks an unpacked evidence bundle, offline: every file against the manifest, the manifest against its own entry in the log,
 * and every record against its proof. Also the program `verify` inside of a bundle, so it needs Node.js and the verifier beside
 * it, and nothing else. What it cannot know: whether records were left out, and whether the keys in log.json are the operator's;
 * pin the operator's keys, and compare the counts with what the operator told you.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { parseLogInfo, type ProofReport, VerifierError, verifyProof } from "@sluice/verifier";

export interface BundleFile {
  /** With `/`, relative to the bundle. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface BundleManifest {
  readonly v: 1;
  readonly kind: "sluice evidence bundle";
  /** ISO 8601. */
  readonly made: string;
  readonly origin: string;
  /** Entries of the log that the proofs lead to. */
  readonly size: number;
  /** What was asked for, in words and pseudonyms. */
  readonly selection: Readonly<Record<string, string | readonly string[]>>;
  readonly records: number;
  readonly files: readonly BundleFile[];
}

export interface BundleReport {
  readonly ok: boolean;
  readonly origin: string;
  readonly made: string;
  readonly files: number;
  /** Records whose entry and proof were checked. */
  readonly records: number;
  readonly keys: "pinned" | "read from the bundle itself";
  /** At most 1,000. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** What is not in the manifest, because it is made after it. */
export const MANIFEST = "manifest.json";
export const MANIFEST_ENTRY = "manifest.entry.json";
export const MANIFEST_PROOF = "manifest.tlog-proof";
const UNLISTED: ReadonlySet<string> = new Set([MANIFEST, MANIFEST_ENTRY, MANIFEST_PROOF]);
const PROBLEMS_MAX = 1_000;
const POLICY = /^policies\/([\w-]{43})\.json$/;
const RECORD = /^records\/(\d{1,15})\.json$/;

/** Rejects with a system error when `dir` cannot be read, and with VerifierError for a key that is none. */
export async function verifyBundle(dir: string, pinned: readonly string[]): Promise<BundleReport> {
  const problems: { path: string; message: string }[] = [];
  const report = (path: string, message: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push({ path, message });
  };
  const read = (path: string): Promise<Buffer> => readFile(join(dir, ...path.split("/")));
  const manifestBytes = await read(MANIFEST);
  const manifest = parseManifest(manifestBytes);
  const vkeys = pinned.length > 0 ? pinned : parseLogInfo(await read("log/log.json")).vkeys;
  const trust = { vkeys, origin: manifest.origin };

  const listed = new Set(manifest.files.map(({ path }) => path));
  for (const path of await filesBelow(dir)) {
    if (!listed.has(path) && !UNLISTED.has(path)) report(path, "is not in the manifest");
  }
  for (const { path, bytes, sha256 } of manifest.files) {
    const content = await read(path).catch(() => undefined);
    if (content === undefined) report(path, "is missing");
    else if (content.length !== bytes || hex(content) !== sha256) report(path, "is not what the manifest says");
    else if (!isPolicyNamed(path, content)) report(path, "is not the configuration that records name so");
  }

  const entry = await read(MANIFEST_ENTRY);
  problemsOf(await verifyProof(await read(MANIFEST_PROOF), entry, trust)).forEach((message) => {
    report(MANIFEST_PROOF, message);
  });
  if (manifestOf(entry) !== hex(manifestBytes)) report(MANIFEST, "is not the one that the log's entry names");

  let records = 0;
  for (const { path } of manifest.files) {
    const index = RECORD.exec(path)?.[1];
    if (index === undefined) continue;
    records += 1;
    const [proof, record] = await Promise.all([
      read(`records/${index}.tlog-proof`).catch(() => undefined),
      read(path).catch(() => undefined),
    ]);
    if (proof === undefined || record === undefined) {
      report(path, "has no proof beside it, or is missing");
      continue;
    }
    const verdict = await verifyProof(proof, record, trust);
    for (const message of problemsOf(verdict)) report(path, message);
    if (verdict.index !== Number(index)) report(path, "is the proof of another record");
  }
  if (records !== manifest.records) report(MANIFEST, "counts other records than the bundle holds");
  return {
    ok: problems.length === 0,
    origin: manifest.origin,
    made: manifest.made,
    files: manifest.files.length,
    records,
    keys: pinned.length > 0 ? "pinned" : "read from the bundle itself",
    problems,
  };
}

/** True for every other file. */
function isPolicyNamed(path: string, content: Uint8Array): boolean {
  const version = POLICY.exec(path)?.[1];
  return version === undefined || createHash("sha256").update(content).digest("base64url") === version;
}

function problemsOf(report: ProofReport): string[] {
  return report.problems.map(({ code, message }) => `${code}: ${message}`);
}

/** SHA-256 of the manifest that the entry is about; undefined when it is about something else. */
function manifestOf(entry: Uint8Array): string | undefined {
  const leaf = JSON.parse(Buffer.from(entry).toString("utf8")) as {
    name?: unknown;
    facts?: { manifest?: unknown };
  } | null;
  if (leaf?.name !== "evidence.exported" || typeof leaf.facts?.manifest !== "string") return undefined;
  return leaf.facts.manifest;
}

function parseManifest(bytes: Uint8Array): BundleManifest {
  const manifest = JSON.parse(Buffer.from(bytes).toString("utf8")) as Partial<BundleManifest> | null;
  const { v, kind, origin, made, files, records } = manifest ?? {};
  const isOurs = v === 1 && kind === "sluice evidence bundle" && typeof origin === "string" && typeof made === "string";
  const isWhole = Array.isArray(files) && files.every(isFile) && typeof records === "number";
  if (isOurs && isWhole) return manifest as BundleManifest;
  throw new VerifierError("leaf_malformed", "manifest.json is not the manifest of an evidence bundle");
}

/** A path that leads out of the bundle is no path of it. */
function isFile(value: unknown): boolean {
  const { path, bytes, sha256 } = (value ?? {}) as Partial<BundleFile>;
  const isInside =
    typeof path === "string" && /^[\w.-]+(?:\/[\w.-]+)*$/.test(path) && !/(?:^|\/)\.\.?(?:\/|$)/.test(path);
  return isInside && typeof bytes === "number" && typeof sha256 === "string";
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

function hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
