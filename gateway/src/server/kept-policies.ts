/**
 * Configurations that were in force, by the hash that records name, beside the log: so that it can be shown later what a decision was
 * made by. Without secrets and without hashes of keys; names of people stand in them where the operator's configuration has them, so
 * only the owner of the process can read them.
 */
import { hash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/load.ts";

const FOLDER = "policies";

/** Durable when it returns. Rejects with the disk's error. */
export function keepPolicy(
  evidenceDir: string,
  { hash: version, effective }: Pick<Config, "hash" | "effective">,
): void {
  if (readPolicy(evidenceDir, version) !== undefined) return;
  const folder = join(evidenceDir, FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = pathOf(evidenceDir, version);
  writeFileSync(`${path}.new`, effective, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** Undefined when it was not kept, or is not what its name says. */
export function readPolicy(evidenceDir: string, version: string): Buffer | undefined {
  if (!/^[\w-]{43}$/.test(version)) return undefined;
  try {
    const bytes = readFileSync(pathOf(evidenceDir, version));
    return hash("sha256", bytes, "base64url") === version ? bytes : undefined;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

function pathOf(evidenceDir: string, version: string): string {
  return join(evidenceDir, FOLDER, `${version}.json`);
}
