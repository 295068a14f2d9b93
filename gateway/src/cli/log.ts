/**
 * `sluice log`: the entries of an evidence log, a line each, oldest first. It shows what is there and checks nothing but the form:
 * whether it is what the operator signed is for `sluice verify`.
 */
import type { Command } from "commander";
import type { Leaf } from "@sluice/verifier";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { addLogCeremonies } from "./log-ceremony.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";

interface LogFlags {
  readonly from?: string;
  readonly last?: string;
  readonly type?: readonly string[];
  readonly keyFile?: string;
  readonly json?: boolean;
}

const BUNDLE_ENTRIES = 256;

export function addLog(program: Command, cli: Cli): void {
  const log = addVerb(program, "log [log]", {
    summary: "Show the entries of an evidence log, a line each; sluice verify checks them",
    examples: [
      "sluice log ./sluice-data --last 20",
      "sluice log https://sluice.example.com --type denial --type event --key-file auditor.key",
      "sluice log ./sluice-data --json | jq 'select(.special)'     each entry as it was signed, with its index",
    ],
  })
    .option("--from <index>", "begin with this entry (default: 0)")
    .option("--last <count>", "only the last entries")
    .option(
      "--type <name>",
      "intent, outcome, denial, event, start, stop or config; may be given more than once",
      repeated,
    )
    .option("--key-file <file>", "an API key with the role auditor, for a log over HTTP that asks for one")
    .action((place: string | undefined, flags: LogFlags) => finish(cli, flags, () => show(cli, place, flags)));
  addLogCeremonies(log, cli);
}

async function show({ terminal }: Cli, place: string | undefined, flags: LogFlags): Promise<ExitCode> {
  if (place === undefined) throw new CliError(EXIT.usage, "log_missing", "which log? `sluice log <folder or URL>`");
  const [{ parseBundle, parseLeaf, parseLogInfo, parseCheckpoint, parseNote, readUnpacked, tilePath }, { openLog }] =
    await Promise.all([import("@sluice/verifier"), import("./log-source.ts")]);
  const { source } = await openLog(place, flags.keyFile);
  const note = await source.read("checkpoint");
  if (note === undefined) throw new CliError(EXIT.environment, "log_missing", `no log at ${place}`);
  const { size } = parseCheckpoint(parseNote(note).text);
  const info = await source.read("log.json");
  const minimum = info === undefined ? 0 : (parseLogInfo(info).minimumIndex ?? 0);
  const asked = Math.max(wholeNumber(flags.from, "from") ?? 0, size - (wholeNumber(flags.last, "last") ?? size));
  if (asked < minimum) terminal.note(`entries below ${minimum} were pruned`);
  const from = Math.max(asked, minimum);
  for (let at = from; at < size; ) {
    const bundle = Math.floor(at / BUNDLE_ENTRIES);
    const width = Math.min(BUNDLE_ENTRIES, size - bundle * BUNDLE_ENTRIES);
    const bytes = await readUnpacked(source, tilePath("entries", bundle, width));
    if (bytes === undefined) throw new CliError(EXIT.failed, "entries_missing", `the log lacks entries from ${at} on`);
    for (const entry of parseBundle(bytes).slice(at - bundle * BUNDLE_ENTRIES)) {
      const leaf = parseLeaf(entry);
      if (flags.type === undefined || flags.type.includes(leaf.type)) {
        terminal.line(flags.json === true ? JSON.stringify({ index: at, ...leaf }) : lineOf(at, leaf));
      }
      at += 1;
    }
  }
  return EXIT.ok;
}

function wholeNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new CliError(EXIT.usage, "number_invalid", `--${name} must be a whole number`);
  return Number(text);
}

/** What people look for first; `--json` has all. */
function lineOf(index: number, leaf: Leaf): string {
  const text = (name: string): string => (typeof leaf[name] === "string" ? leaf[name] : "");
  const who = text("principal") || text("actor");
  const parts = [String(index).padStart(6), text("time"), leaf.type.padEnd(7), who.slice(0, 8).padEnd(8)];
  switch (leaf.type) {
    case "intent":
      parts.push(
        `${text("action")} ${text("connection")} for ${text("purpose")}`,
        counts(leaf["found"]),
        special(leaf),
      );
      break;
    case "outcome":
      parts.push(`of ${String(leaf["intent"])}: ${text("status")}`, text("code"));
      break;
    case "denial":
      parts.push(
        text("code"),
        text("purpose") === "" ? text("connection") : `${text("connection")} for ${text("purpose")}`,
      );
      parts.push(special(leaf));
      break;
    case "event":
      parts.push(text("name"), text("target"));
      break;
    default:
      break;
  }
  const policies: unknown = leaf["policies"];
  if (Array.isArray(policies)) parts.push(`by ${policies.join(", ")}`);
  if (text("grant") !== "") parts.push(`with ${text("grant")}`);
  return parts.filter((part) => part !== "").join("  ");
}

function special(leaf: Leaf): string {
  const shown = counts(leaf["special"]);
  return shown === "" ? "" : `special: ${shown}`;
}

function counts(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value)
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(", ");
}
