/**
 * `sluice replay` and `sluice export`: recordings of a running gateway, in the terminal and as files. Values are shown only with
 * --reveal and a purpose, which the gateway puts on record before it answers. What was recorded may hold what a terminal would
 * obey: it is shown without.
 */
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseLeaf, verifyRecording } from "@sluice/verifier";
import { visible } from "../core/visible.ts";
import { type ApiFlags, type ControlApi, openApi, withApi } from "./control-api.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { asciicast, jsonLines, type Replay, textOf } from "./recording-lines.ts";
import type { Terminal } from "./terminal.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface Flags extends ApiFlags {
  readonly json?: boolean;
  readonly reveal?: boolean;
  readonly purpose?: string;
  readonly speed: number;
  readonly format?: "jsonl" | "asciicast";
  readonly out?: string;
}

/** The gateway's answer to an export. */
interface Exported {
  readonly chunks: string;
  readonly intent: ProvenEntry;
  readonly outcome?: ProvenEntry;
}

interface ProvenEntry {
  readonly index: number;
  readonly entry: string;
  readonly proof: string;
}

const FAILED = "the gateway refuses, or the recording is not as it was written";
/** Longest pause of a replay, in milliseconds. */
const PAUSE_MS_MAX = 3_000;
/** Path of a member's name. It is recorded because a name can hold data; without any it is left to `--json` and `sluice export`. */
const NAME_OF_MEMBER = /\.\d+\.key$/;
const EXCHANGE = /^(0|[1-9]\d{0,14})$/;

export function addReplay(program: Command, cli: Cli): void {
  const { terminal } = cli;
  const replay = addVerb(program, "replay <exchange>", {
    summary: "Show what was sent and answered in an exchange, by its evidence id",
    examples: [
      "sluice replay 4711                                     values as the provider saw them",
      "sluice replay 4711 --reveal --purpose incident-review   with the values; goes on record",
      "sluice replay 4711 --speed 0 --json",
    ],
    failed: FAILED,
  });
  withReading(withApi(replay))
    .addOption(new Option("--speed <factor>", "of the pauses in an answer; 0: none").default(1).argParser(speedOf))
    .action((id: string, flags: Flags) =>
      finish(cli, flags, async () => show(terminal, flags, await read(await openApi(replay, flags), id, flags))),
    );
  const exporting = addVerb(program, "export <exchange>", {
    summary: "Write a recording to files, with its sealed chunks and the proofs that they are those of the exchange",
    examples: ["sluice export 4711 --format jsonl --out ./case-17", "sluice export 4712 --format asciicast"],
    failed: FAILED,
  });
  withReading(withApi(exporting))
    .addOption(
      new Option("--format <format>", "jsonl, or asciicast v3 for a terminal")
        .choices(["jsonl", "asciicast"])
        .default("jsonl"),
    )
    .option("--out <prefix>", "beginning of the files' names (default: exchange-<id>)")
    .action((id: string, flags: Flags) =>
      finish(cli, flags, async () => exportTo(terminal, await openApi(exporting, flags), id, flags)),
    );
}

function withReading(command: Command): Command {
  return command
    .option("--reveal", "show values, for --purpose")
    .option("--purpose <id>", "what the values are looked at for");
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (!(speed >= 0 && speed <= 1_000)) throw new InvalidArgumentError("a number from 0 to 1000");
  return speed;
}

function pathOf(id: string): string {
  if (EXCHANGE.test(id)) return `api/recordings/${id}`;
  throw new CliError(EXIT.usage, "exchange_invalid", "an exchange is named by its evidence id, a decimal number");
}

async function read(api: ControlApi, id: string, { reveal, purpose }: Flags): Promise<Replay> {
  if (reveal !== true) return (await api.get(pathOf(id))) as Replay;
  if (purpose === undefined)
    throw new CliError(EXIT.usage, "purpose_missing", "--reveal takes --purpose: what the values are looked at for");
  return (await api.post(`${pathOf(id)}/reveal`, { purpose })) as Replay;
}

async function show(terminal: Terminal, flags: Flags, replay: Replay): Promise<ExitCode> {
  const { findings } = replay;
  if (flags.json === true) terminal.json(replay);
  else await play(terminal, replay, flags.speed);
  return findings.every(({ code }) => code === "unfinished") ? EXIT.ok : EXIT.failed;
}

async function play(terminal: Terminal, replay: Replay, speed: number): Promise<void> {
  const { bold, dim } = terminal.colors;
  const { exchange, connection, endpoint, model, purpose, mode, begun_at: begunAt } = replay;
  terminal.line(bold(`exchange ${exchange}`));
  terminal.line(shown(`${begunAt}  ${connection}, ${endpoint}, model ${model || "-"}; for ${purpose}; kept ${mode}`));
  let lane = "";
  let before = 0;
  for (const { kind, texts } of replay.chunks) {
    for (const text of texts) {
      if (NAME_OF_MEMBER.test(text.path) && text.fields.length === 0) continue;
      if (kind === "answer" && text.ms > before) {
        await pause(text.ms - before, speed);
        before = text.ms;
      }
      const next = `${kind} ${text.path}`;
      if (next !== lane)
        terminal.line(dim(`\n${shown(text.origin ?? (kind === "answer" ? "assistant" : ""))} ${shown(text.path)}`));
      lane = next;
      terminal.write(shown(textOf(text)));
    }
  }
  const { status, code, findings } = replay;
  terminal.line(
    dim(`\n\n${status === undefined ? "no end is recorded" : `${status}${code === undefined ? "" : `: ${code}`}`}`),
  );
  for (const { code: name, message } of findings) terminal.note(`${terminal.noteColors.red(name)} ${message}`);
}

function pause(ms: number, speed: number): Promise<unknown> | undefined {
  if (speed === 0) return undefined;
  return new Promise((resolve) => setTimeout(resolve, Math.min(PAUSE_MS_MAX, ms / speed)));
}

async function exportTo(terminal: Terminal, api: ControlApi, id: string, flags: Flags): Promise<ExitCode> {
  const replay = await read(api, id, flags);
  const isCast = flags.format === "asciicast";
  const lines = isCast ? asciicast(replay) : jsonLines(replay);
  if (lines === undefined)
    throw new CliError(
      EXIT.usage,
      "not_a_terminal",
      "this is no recording of a terminal: export it with --format jsonl",
    );
  const { chunks, intent, outcome } = (await api.get(`${pathOf(id)}/export`)) as Exported;
  const prefix = flags.out ?? `exchange-${id}`;
  const bytes = Buffer.from(chunks, "base64");
  const files: [name: string, content: string | Uint8Array][] = [
    [`${prefix}.${isCast ? "cast" : "jsonl"}`, `${lines.join("\n")}\n`],
    [`${prefix}.rec`, bytes],
    [`${prefix}.intent.json`, intent.entry],
    [`${prefix}.intent.tlog-proof`, intent.proof],
    ...(outcome === undefined
      ? []
      : ([
          [`${prefix}.outcome.json`, outcome.entry],
          [`${prefix}.outcome.tlog-proof`, outcome.proof],
        ] satisfies [string, string][])),
  ];
  // Values may be in them: for nobody else on this machine.
  for (const [name, content] of files) await writeFile(name, content, { mode: 0o600 });
  const { findings, chunks: count } = verifyRecording(bytes, expectedOf(intent, outcome));
  const names = files.map(([name]) => name);
  if (flags.json === true) terminal.json({ files: names, chunks: count, findings });
  else {
    for (const name of names) terminal.line(name);
    for (const { code, message } of findings) terminal.note(`${terminal.noteColors.red(code)} ${message}`);
    if (findings.length === 0) terminal.note(`${count} chunks, whole and chained, as the log says`);
  }
  return findings.every(({ code }) => code === "unfinished") ? EXIT.ok : EXIT.failed;
}

/** What the two leaves say of the recording. */
function expectedOf(intent: ProvenEntry, outcome: ProvenEntry | undefined): Parameters<typeof verifyRecording>[1] {
  const markOf = ({ entry }: ProvenEntry) => parseLeaf(Buffer.from(entry))["recording"];
  const { id, head } = (markOf(intent) ?? {}) as { id?: string; head?: string };
  const end = outcome === undefined ? undefined : (markOf(outcome) as { chunks: number; head: string } | undefined);
  return { id: id ?? "", head: head ?? "", end };
}

/** For any terminal, in ASCII: lines and tabs stay, nothing else that it would obey does. */
function shown(text: string): string {
  return visible(text, (number) => `<${number}>`);
}
