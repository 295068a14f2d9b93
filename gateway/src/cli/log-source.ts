/**
 * Where an auditor's log is: a folder or a URL, given at its root or where its files are, and the keys it is checked with.
 * Reads only.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { httpSource, type LogInfo, parseLogInfo, type Source, VerifierError } from "@sluice/verifier";
import { CliError, EXIT, systemCode } from "./exit.ts";
import { readText } from "./input.ts";
import type { Terminal } from "./terminal.ts";

/** Where the public files lie below what people point at: the files themselves, the evidence folder, the data folder. */
const FOLDERS = ["", "public", "evidence/public"];
/** Who asks is not known, or may not read the log. */
const REFUSED = /answered 40[13]$/;

export interface LogPlace {
  readonly source: Source;
  /** The folder or URL that the files were found in. */
  readonly place: string;
}

/** Throws a CliError (3) when there is no log. `keyFile`: an API key with the role auditor, for a log over HTTP that asks for one. */
export async function openLog(place: string, keyFile?: string): Promise<LogPlace> {
  const isUrl = /^https?:\/\//.test(place);
  const bearer = keyFile === undefined ? undefined : (await readText(keyFile)).trim();
  const candidates = isUrl ? urlsBelow(place) : FOLDERS.map((folder) => join(place, folder));
  for (const candidate of candidates) {
    const source = isUrl ? webSource(candidate, bearer) : folderSource(candidate);
    if (await hasCheckpoint(source, candidate)) return { source, place: candidate };
  }
  throw new CliError(
    EXIT.environment,
    "log_missing",
    `no log at ${place}: no file named checkpoint in ${candidates.join(", ")}`,
  );
}

/** What is most likely comes first: a gateway puts requests for what it has not on record. */
function urlsBelow(place: string): readonly string[] {
  const root = place.replace(/\/*$/, "/");
  const below = `${root}evidence/`;
  return root.endsWith("/evidence/") ? [root, below] : [below, root];
}

async function hasCheckpoint(source: Source, place: string): Promise<boolean> {
  try {
    return (await source.read("checkpoint")) !== undefined;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const remedy = REFUSED.test(reason)
      ? "; give an API key or token with the role auditor or privacy-officer: --key-file"
      : "";
    throw new CliError(EXIT.environment, "log_unreadable", `cannot read ${place}: ${reason}${remedy}`);
  }
}

/** What is behind fetch's "fetch failed" is in its cause. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown error";
  return thrown.cause instanceof Error ? reasonOf(thrown.cause) : thrown.message || thrown.name;
}

function folderSource(folder: string): Source {
  return {
    async read(path) {
      try {
        return await readFile(join(folder, path));
      } catch (thrown) {
        const code = systemCode(thrown);
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw thrown;
      }
    },
  };
}

function webSource(prefix: string, bearer: string | undefined): Source {
  const headers = bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } };
  // An auditor's reads are no data plane: the web's own fetch is what verifier and browser share. A key follows no redirect.
  return httpSource(prefix, (url, init) => globalThis.fetch(url, { ...init, ...headers, redirect: "error" }));
}

/** Pinned keys if there are any; else those that the log gives for itself, with a warning that they prove less. */
export async function keysFor(
  pinned: readonly string[],
  log: LogPlace | undefined,
  terminal: Terminal,
): Promise<readonly string[]> {
  if (pinned.length > 0) return pinned;
  const info = await log?.source.read("log.json");
  if (info === undefined) {
    throw new CliError(EXIT.usage, "keys_missing", "no keys to check with: give --vkey, as the operator published it");
  }
  const warning =
    "the keys come from the log itself, so this shows only that it agrees with itself; pin the operator's with --vkey";
  terminal.note(`${terminal.noteColors.yellow("warning:")} ${warning}`);
  return readInfo(info).vkeys;
}

/** Entries below it were pruned, as log.json says. Nothing vouches for that here; `sluice verify` does. */
export async function minimumOf({ source }: LogPlace): Promise<number> {
  const info = await source.read("log.json");
  return info === undefined ? 0 : (readInfo(info).minimumIndex ?? 0);
}

function readInfo(bytes: Uint8Array): LogInfo {
  try {
    return parseLogInfo(bytes);
  } catch (thrown) {
    if (!(thrown instanceof VerifierError)) throw thrown;
    throw new CliError(EXIT.failed, thrown.code, `log.json: ${thrown.message}`);
  }
}
