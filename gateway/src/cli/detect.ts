import { stat } from "node:fs/promises";
import type { DetectOptions, Found } from "@sluice/detector";
import type { Command } from "commander";
import picocolors from "picocolors";
import { addDetectionOptions, checkFiles, detecting, type DetectionFlags } from "./detection-flags.ts";
import { DetectionLines } from "./detection-lines.ts";
import { bytesOf, passDocument, type Source } from "./document.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { fileOutput, type Output, stdoutOutput } from "./output.ts";
import { createProgress, type Progress } from "./progress.ts";
import { type DocumentReport, giveReport, type Report, reportOf } from "./report.ts";
import { inWords, Tally } from "./tally.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface DetectFlags extends DetectionFlags {
  readonly failOnFind?: boolean;
  readonly show?: boolean;
}

export function addDetect(program: Command, cli: Cli): void {
  const verb = addVerb(program, "detect [files...]", {
    summary: "Say what personal data documents hold, and where",
    examples: [
      "sluice detect letter.txt",
      "sluice detect customers.csv --report                          counts by column",
      "git diff --cached | sluice detect --types SECRET --fail-on-find    in a hook",
      "sluice detect tickets.jsonl --json > findings.json             no value in it, unless --show",
    ],
    failed: "something was found, and --fail-on-find asks to say so",
  });
  addDetectionOptions(verb, "write the findings there instead of to stdout")
    .option("--fail-on-find", "end with 1 when anything was found")
    .option("--show", "show the values too (what a terminal does by itself)")
    .option("--no-show", "never show values")
    .action((files: string[], flags: DetectFlags) => finish(cli, flags, () => detectIn(cli, files, flags)));
}

async function detectIn(cli: Cli, files: readonly string[], flags: DetectFlags): Promise<ExitCode> {
  const force = flags.force === true;
  const sources = await checkFiles(files, flags, flags.output === undefined ? [] : [flags.output]);
  const { options: detect } = await detecting(flags);
  const total = await bytesOf(sources);
  const output = await openOutput(flags, force);
  const progress = createProgress(cli.terminal, total);
  const work: Work = { cli, flags, detect, output, progress };
  const documents: DocumentReport[] = [];
  const startedAt = performance.now();
  let report: Report;
  try {
    if (flags.json === true) await output.write('{"files":[');
    let listening = true;
    for (const source of sources) {
      if (listening) listening = await detectInOne(work, source, documents);
    }
    progress.end();
    report = reportOf(documents, performance.now() - startedAt);
    if (flags.json === true) {
      const rest = { found: report.found, ...(flags.report === true ? { report } : {}) };
      await output.write(`],\n${JSON.stringify(rest).slice(1)}\n`);
    }
    await output.commit();
  } finally {
    progress.end();
    await output.discard();
  }
  for (const { file, notes } of documents) for (const note of notes) cli.terminal.note(`${file}: ${note}`);
  if (flags.json !== true) cli.terminal.note(`found: ${inWords(report.found)}`);
  if (flags.report !== undefined && (flags.json !== true || flags.report !== true))
    await giveReport(report, flags.report, cli.terminal, { force });
  return flags.failOnFind === true && Object.keys(report.found).length > 0 ? EXIT.failed : EXIT.ok;
}

interface Work {
  readonly cli: Cli;
  readonly flags: DetectFlags;
  readonly detect: DetectOptions;
  readonly output: Output;
  readonly progress: Progress;
}

/** Returns false when nobody reads the output any more. */
async function detectInOne(
  { cli, flags, detect, output, progress }: Work,
  source: Source,
  documents: DocumentReport[],
): Promise<boolean> {
  const json = flags.json === true;
  const toTerminal = flags.output === undefined && process.stdout.isTTY;
  const colors = toTerminal ? cli.terminal.colors : picocolors.createColors(false);
  const lines = new DetectionLines(source.name, { json, show: flags.show ?? (toTerminal && !json), colors });
  const tally = new Tally();
  const replace = (found: Found): undefined => {
    tally.add(found);
    lines.add(found);
  };
  if (json) await output.write(lines.begin(documents.length === 0));
  const { form, characters, notes, whole } = await passDocument(source, {
    format: flags.format,
    options: { ...detect, replace },
    read: (bytes) => !toTerminal && progress.add(bytes),
    write: (text) => write(output, lines.settle(text)),
  });
  await write(output, lines.end());
  if (json) await output.write(`],${JSON.stringify({ format: form, characters, notes, found: tally.found }).slice(1)}`);
  const { found, places } = tally;
  documents.push({ file: source.name, format: form, characters, notes, found, places });
  return whole;
}

/** Most text holds nothing. */
function write(output: Output, text: string): Promise<boolean> {
  return text === "" ? Promise.resolve(true) : output.write(text);
}

async function openOutput({ output }: DetectFlags, force: boolean): Promise<Output> {
  if (output === undefined) return stdoutOutput();
  const isFolder = await stat(output).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (isFolder) throw new CliError(EXIT.usage, "EISDIR", `${output} is a folder; name a file in it`);
  return fileOutput(output, { force });
}
