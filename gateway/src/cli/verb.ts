/** What every verb has: `--json`, examples and exit codes in its help, and one way to end. */
import type { Command } from "commander";
import { type ExitCode, failureOf } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface Cli {
  readonly terminal: Terminal;
  /** Set by the verb that ran. */
  exit: ExitCode;
}

export interface Help {
  /** What it does, in a sentence. */
  readonly summary: string;
  readonly examples: readonly string[];
  /** What 1 means for this verb; absent when it cannot happen. */
  readonly failed?: string;
}

/** Adds the verb `name` (with its arguments, as commander writes them) to `parent`. */
export function addVerb(parent: Command, name: string, help: Help): Command {
  const exits = [
    "0  done",
    ...(help.failed === undefined ? [] : [`1  ${help.failed}`]),
    "2  the command line or the configuration is wrong",
    "3  the machine is: a file, a variable, a lock",
  ];
  return parent
    .command(name)
    .description(help.summary)
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", `\nExamples:\n${indent(help.examples)}\n\nExit codes:\n${indent(exits)}`);
}

/** For options that may be given more than once. */
export const repeated = (value: string, before: readonly string[] = []): string[] => [...before, value];

const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join("\n");

/** Runs a verb's work and turns whatever it throws into one message and an exit code. */
export async function finish(cli: Cli, options: { json?: boolean }, work: () => Promise<ExitCode>): Promise<void> {
  try {
    cli.exit = await work();
  } catch (thrown) {
    const failure = failureOf(thrown);
    cli.exit = failure.exit;
    if (options.json === true)
      cli.terminal.json({ ok: false, error: { code: failure.code, message: failure.message } });
    else cli.terminal.note(`${cli.terminal.noteColors.red("sluice:")} ${failure.message}`);
  }
}
