/**
 * The section `policies`: reads the files, and keeps their texts as part of the configuration, so that one version on record
 * names both. Says nothing about what stands in them.
 */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve as resolvePath } from "node:path";
import type { Config } from "./config.ts";
import { isObject, valueAt } from "./plain.ts";
import { POLICIES_DIR } from "./sections/policy.ts";
import type { Report } from "./source.ts";

/** Texts in the order of their names. */
export interface PoliciesConfig {
  /** Absolute path. */
  readonly dir: string;
  readonly files: readonly PolicyFile[];
}

interface PolicyFile {
  /** Within the directory: `support.cedar`. */
  readonly name: string;
  readonly text: string;
}

/** `environment`: the machine must change, not the file. */
type NoPolicies = { readonly reason: string; readonly environment: boolean };

export type FoundPolicies = PoliciesConfig | NoPolicies;

const ENDING = ".cedar";
const FILES_MAX = 200;
const FILE_BYTES_MAX = 262_144;
const ALL_BYTES_MAX = 2_097_152;

/** What the document refers to; undefined when it has no such section. `baseDir`: where relative paths start. */
export async function findPolicies(document: unknown, baseDir: string): Promise<FoundPolicies | undefined> {
  const section = valueAt(document, ["policies"]);
  if (!isObject(section)) return undefined;
  const dir = section["dir"] ?? POLICIES_DIR;
  return typeof dir === "string" && dir !== "" ? readPolicies(resolvePath(baseDir, dir), dir) : undefined;
}

async function readPolicies(dir: string, shown: string): Promise<FoundPolicies> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (thrown) {
    return { reason: `${shown} cannot be read (${codeOf(thrown)})`, environment: true };
  }
  // What begins with a dot is an editor's, or a mount's own.
  const own = names.filter((name) => name.endsWith(ENDING) && !name.startsWith(".")).toSorted();
  if (own.length === 0) return { reason: `${shown} holds no *${ENDING} file`, environment: false };
  if (own.length > FILES_MAX) return { reason: `${shown} holds more than ${FILES_MAX} files`, environment: false };
  const files: PolicyFile[] = [];
  let bytes = 0;
  for (const name of own) {
    const file = join(shown, name);
    try {
      const content = await readFile(join(dir, name));
      bytes += content.length;
      if (content.length > FILE_BYTES_MAX)
        return { reason: `${file} is larger than ${FILE_BYTES_MAX} bytes`, environment: false };
      if (bytes > ALL_BYTES_MAX)
        return { reason: `${shown} holds more than ${ALL_BYTES_MAX} bytes`, environment: false };
      files.push({ name, text: new TextDecoder("utf-8", { fatal: true }).decode(content) });
    } catch (thrown) {
      if (thrown instanceof TypeError) return { reason: `${file} is not UTF-8 text`, environment: false };
      return { reason: `${file} cannot be read (${codeOf(thrown)})`, environment: true };
    }
  }
  return { dir, files };
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "unknown error";
}

/** `document`: as written, for a section that is there and empty would look like none, and none lets more pass. */
export function resolvePolicies(
  document: unknown,
  found: FoundPolicies | undefined,
  report: Report,
): PoliciesConfig | undefined {
  if (valueAt(document, ["policies"]) === null) {
    report.problem(["policies"], "names no directory: write { dir: ./policies }, or leave the key out", "key");
  }
  if (found === undefined || "files" in found) return found;
  if (found.environment) report.missing(["policies", "dir"], found.reason);
  else report.problem(["policies", "dir"], found.reason);
  return undefined;
}

/**
 * Names that policies may use. `connections`: all that requests can go to, those included that no file names (the rehearsal,
 * this gateway itself).
 */
export function policyVocabulary<C>(
  { keys, identity, purposes, detector }: Pick<Config, "keys" | "identity" | "purposes" | "detector">,
  connections: readonly C[],
): {
  readonly connections: readonly C[];
  readonly groups: readonly string[];
  readonly purposes: Config["purposes"];
  readonly types: readonly string[];
} {
  const groups = [
    ...identity.groups.map(({ name }) => name),
    ...identity.certificates.flatMap((each) => each.groups),
    ...keys.flatMap(({ principal }) => principal.groups),
  ];
  return {
    connections,
    groups: [...new Set(groups)].toSorted(),
    purposes,
    types: detector.recognizers.map(({ type }) => type),
  };
}
