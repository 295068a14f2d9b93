/**
 * `sluice fsck`: the whole of a local log, the public files and the private records they are made of. `--repair` writes again what
 * follows from the records; the records themselves, keys, salts and the memory of what was signed are never touched.
 */
import type { Command } from "commander";
import type { Inspection } from "../server/offline-log.ts";
import { CliError, EXIT, type ExitCode, failureOf } from "./exit.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";
import { verifyWhole, type WholeFlags } from "./verify.ts";

interface FsckFlags extends WholeFlags {
  readonly repair?: boolean;
}

/** Of the files that were wrong, so many are named to people; `--json` names a thousand. */
const FILES_SHOWN_MAX = 20;

export function addFsck(program: Command, cli: Cli): void {
  addVerb(program, "fsck <dir>", {
    summary: "Recompute a local evidence folder from its entries and list every problem, for whoever operates the log",
    examples: [
      "sluice fsck ./sluice-data",
      "sluice fsck ./sluice-data --repair     with the gateway stopped: write tiles, bundles and checkpoint again",
      "sluice fsck /var/lib/sluice --json",
    ],
    failed: "there are problems",
  })
    .option("--vkey <key>", "a key of the log; default: those in log.json", repeated)
    .option("--repair", "rebuild what follows from the records; needs the private files, and no running gateway")
    .action((dir: string, flags: FsckFlags) => finish(cli, flags, () => fsck(cli, dir, flags)));
}

async function fsck(cli: Cli, place: string, flags: FsckFlags): Promise<ExitCode> {
  const { findLog } = await import("../server/offline-log.ts");
  const dir = findLog(place);
  if (dir === undefined && flags.repair === true) {
    throw new CliError(EXIT.usage, "log_missing", `no log with its private files at ${place}: nothing to repair from`);
  }
  const looked = dir === undefined ? {} : await look(cli, dir, flags);
  return verifyWhole(cli, place, flags, Number.POSITIVE_INFINITY, looked);
}

/** What `--json` says beside the verification; absent for a folder that has public files only. */
interface Looked extends Record<string, unknown> {
  readonly records?: { readonly ok: boolean } & Record<string, unknown>;
}

async function look({ terminal }: Cli, dir: string, flags: FsckFlags): Promise<Looked> {
  const { inspect } = await import("../server/offline-log.ts");
  try {
    const inspection = await inspect(dir, flags.repair === true);
    if (flags.json !== true) print(terminal, inspection);
    return { records: { ok: inspection.repaired || inspection.wrongTotal === 0, ...inspection } };
  } catch (thrown) {
    const { code, message } = failureOf(thrown);
    if (flags.repair === true || code === "internal") throw thrown;
    if (flags.json !== true) terminal.line(`records    ${terminal.colors.red(code)} ${message}`);
    // A running gateway is no fault of the log; its public files can be checked all the same.
    return { records: { ok: code === "evidence_locked", error: { code, message } } };
  }
}

function print(terminal: Cli["terminal"], { records, signed, wrong, wrongTotal, repaired }: Inspection): void {
  terminal.line(`records    ${records} read, and they make the tree of size ${signed} that was signed`);
  if (wrongTotal === 0) return;
  const done = repaired ? "written again" : "missing or not what follows from the records";
  terminal.line(`files      ${wrongTotal} ${done}${repaired ? "" : "; --repair writes them again"}`);
  for (const path of wrong.slice(0, FILES_SHOWN_MAX)) terminal.line(`           ${path}`);
  if (wrongTotal > FILES_SHOWN_MAX) terminal.line(`           and ${wrongTotal - FILES_SHOWN_MAX} more`);
}
