import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { OPERATORS } from "../core/connection.ts";
import { addDetectionOptions, checkFiles } from "./detection-flags.ts";
import { bytesOf, passDocument, type Source } from "./document.ts";
import { CliError, EXIT, type ExitCode, failureOf } from "./exit.ts";
import { fileOutput, refuseExisting } from "./output.ts";
import { createProgress } from "./progress.ts";
import { type DocumentReport, giveReport, reportOf } from "./report.ts";
import { jsonResult, plainResult, type ScrubResult } from "./scrub-result.ts";
import { DEFAULT, newScrubbing, type Scrubbing, type ScrubbingFlags } from "./scrubbing.ts";
import { inWords, Tally } from "./tally.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";

interface ScrubFlags extends ScrubbingFlags {
  readonly map?: string;
}

export function addScrub(program: Command, cli: Cli): void {
  const verb = addVerb(program, "scrub [files...]", {
    summary: "Replace personal data in documents of any size, without a gateway",
    examples: [
      "sluice scrub letter.txt > scrubbed.txt",
      "sluice scrub letter.txt --map map.json > scrubbed.txt     then: sluice restore answer.txt --map map.json",
      "sluice scrub customers.csv --output clean.csv --report    and say what was found, by column",
      "sluice scrub a.json b.json --output clean/                each under its own name in a folder",
      "sluice scrub app.log --operator IP_ADDRESS=mask --operator secret=block > clean.log",
      "head -c 32 /dev/urandom > key; sluice scrub people.csv --operator DEFAULT=encrypt --key key > sealed.csv",
      "psql -c 'select * from customers' | sluice scrub",
      "echo 'Write to john.doe@example.com' | sluice scrub - --json",
    ],
    failed: "a document holds a type whose operator is block",
  });
  addDetectionOptions(verb, "write there, when all went well; a folder for several documents")
    .option(
      "--operator <type=what>",
      `what is done with a type, a category or ${DEFAULT}: ${OPERATORS.join(", ")}`,
      repeated,
    )
    .option("--key <file>", "key of the operators that need one, 32 bytes or more; else one for this run, kept nowhere")
    .option("--purpose <name>", "under another one equal values get other hashes and pseudonyms", "scrub")
    .option("--map <file>", "write what `sluice restore` needs; it holds the personal data, so keep it as such")
    .action((files: string[], flags: ScrubFlags) => finish(cli, flags, () => scrubDocuments(cli, files, flags)));
}

async function scrubDocuments(cli: Cli, files: readonly string[], flags: ScrubFlags): Promise<ExitCode> {
  const { map } = flags;
  const force = flags.force === true;
  const sources = await checkFiles(files, flags, map === undefined ? [] : [map]);
  const scrubbing = await newScrubbing(flags);
  const targets = await targetsFor(sources, flags);
  const options = { several: sources.length > 1, withText: targets === undefined, withReport: flags.report === true };
  const result = flags.json === true ? jsonResult(options) : plainResult();
  const startedAt = performance.now();
  let documents: DocumentReport[];
  try {
    documents = await passAll(cli, { sources, targets, flags, scrubbing, result });
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (await result.fail(failure)) return failure.exit;
    throw thrown;
  }
  const report = reportOf(documents, performance.now() - startedAt);
  for (const { file, notes } of documents) for (const note of notes) cli.terminal.note(`${file}: ${note}`);
  if (map !== undefined) await writeMap(scrubbing, map, force);
  await result.finish(scrubbing, report);
  if (flags.json !== true) cli.terminal.note(`found: ${inWords(report.found)}. What was not found is still there`);
  if (flags.report !== undefined && (flags.json !== true || flags.report !== true))
    await giveReport(report, flags.report, cli.terminal, { force });
  return EXIT.ok;
}

interface Work {
  readonly sources: readonly Source[];
  /** Undefined: the texts go into the result. */
  readonly targets: ReadonlyMap<Source, string> | undefined;
  readonly flags: ScrubFlags;
  readonly scrubbing: Scrubbing;
  readonly result: ScrubResult;
}

async function passAll(cli: Cli, { sources, targets, flags, scrubbing, result }: Work): Promise<DocumentReport[]> {
  // A person who reads the text as it comes needs no bar in between.
  const isSeen = targets === undefined && process.stdout.isTTY;
  const progress = createProgress(cli.terminal, await bytesOf(sources));
  const documents: DocumentReport[] = [];
  try {
    for (const source of sources) {
      const { name } = source;
      const target = targets?.get(source);
      const output = target === undefined ? undefined : await fileOutput(target, { force: flags.force === true });
      const tally = new Tally();
      try {
        await result.begin(name);
        const passed = await passDocument(source, {
          format: flags.format,
          options: scrubbing.optionsFor(name, tally),
          read: (bytes) => !isSeen && progress.add(bytes),
          write: (text) => (output === undefined ? result.text(text) : output.write(text)),
        });
        await output?.commit();
        await result.end();
        scrubbing.addBareWords(passed.bareWords);
        const { form: format, characters, notes } = passed;
        documents.push({ file: name, format, characters, notes, found: tally.found, places: tally.places });
        if (!passed.whole) break;
      } finally {
        await output?.discard();
      }
    }
  } finally {
    progress.end();
  }
  return documents;
}

/** Where each document goes: a file, or one each in a folder. Throws a CliError (2) when one is there or would be written twice. */
async function targetsFor(sources: readonly Source[], flags: ScrubFlags): Promise<Map<Source, string> | undefined> {
  const { output } = flags;
  if (output === undefined) return undefined;
  const isFolder = await stat(output).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const targets = new Map(
    sources.map((source) => [source, isFolder ? join(output, basename(source.path ?? source.name)) : output]),
  );
  if (new Set(targets.values()).size < sources.length) {
    const why = isFolder
      ? "two documents have the same name"
      : `several documents need a folder, which ${output} is not`;
    throw new CliError(EXIT.usage, "output_twice", `${why}; nothing was written`);
  }
  if (flags.force !== true) for (const path of targets.values()) await refuseExisting(path);
  return targets;
}

async function writeMap(scrubbing: Scrubbing, path: string, force: boolean): Promise<void> {
  const map = await fileOutput(path, { force, mode: 0o600 });
  try {
    await map.write("{");
    await scrubbing.writeMap(map);
    await map.write("}\n");
    await map.commit();
  } finally {
    await map.discard();
  }
}
