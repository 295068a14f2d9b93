/**
 * Whom a verb is about. Identifiers come from a prompt, from stdin or from a file; flags are there for tests and for what is nobody's
 * secret, with a warning, because shells keep what was typed and every process of the machine can read it.
 */
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { CliError, EXIT } from "./exit.ts";
import { readText } from "./input.ts";
import type { Terminal } from "./terminal.ts";
import { repeated } from "./verb.ts";

export interface IdentifierFlags {
  readonly email?: readonly string[];
  readonly phone?: readonly string[];
  readonly name?: readonly string[];
  readonly subject?: readonly string[];
  readonly id?: readonly string[];
  readonly identifiers?: string;
}

interface Identifier {
  readonly type: string;
  readonly value: string;
}

const LINE = /^([A-Z][A-Z0-9_]{0,63})=(.+)$/;

export function withIdentifiers(command: Command): Command {
  return command
    .option("--identifiers <file>", "lines of TYPE=VALUE, for example EMAIL=jane@example.com; - is stdin")
    .option("--email <address>", "an e-mail address; may be given more than once, like the next ones", repeated)
    .option("--phone <number>", "a telephone number, with its country", repeated)
    .option("--name <name>", "a name, as it is written in texts", repeated)
    .option("--subject <id>", "the id that your own systems have for the person (Sluice-Data-Subject)", repeated)
    .option("--id <TYPE=VALUE>", "anything else that the detector knows: IBAN=…, PASSPORT_NUMBER=…", repeated);
}

/** At least one. Throws a CliError (2) for none, or one that is not of the form. */
export async function readIdentifiers(terminal: Terminal, flags: IdentifierFlags): Promise<readonly Identifier[]> {
  const flagged = [
    ...typed("EMAIL", flags.email),
    ...typed("PHONE", flags.phone),
    ...typed("PERSON", flags.name),
    ...typed("SUBJECT", flags.subject),
    ...(flags.id ?? []).map((text) => identifierOf(text, "--id")),
  ];
  if (flagged.length > 0) {
    terminal.note(
      "identifiers on the command line stay in the shell's history and are seen by every process of the machine; --identifiers - reads them from stdin",
    );
  }
  const given =
    flags.identifiers === undefined && flagged.length > 0 ? [] : await readLines(terminal, flags.identifiers);
  const all = [...flagged, ...given];
  if (all.length > 0) return all;
  throw new CliError(
    EXIT.usage,
    "identifiers_missing",
    "whom is it about? Give lines of TYPE=VALUE on stdin or with --identifiers <file>",
  );
}

async function readLines(terminal: Terminal, path: string | undefined): Promise<readonly Identifier[]> {
  if (path === undefined && process.stdin.isTTY) return ask(terminal);
  return identifiersIn(path);
}

/** Lines of TYPE=VALUE in a file; - is stdin. Throws a CliError (2) for one that is not of the form. */
export async function identifiersIn(path: string | undefined): Promise<readonly Identifier[]> {
  const lines = (await readText(path)).split(/\r?\n/);
  return lines.flatMap((line, at) => (line.trim() === "" ? [] : [identifierOf(line, `line ${at + 1}`)]));
}

async function ask(terminal: Terminal): Promise<readonly Identifier[]> {
  terminal.note("whom is it about? TYPE=VALUE, for example EMAIL=jane@example.com; an empty line ends");
  const lines = createInterface({ input: process.stdin, output: process.stderr, historySize: 0 });
  const found: Identifier[] = [];
  try {
    for (;;) {
      const line = await lines.question("> ");
      if (line.trim() === "") return found;
      found.push(identifierOf(line, "this"));
    }
  } finally {
    lines.close();
  }
}

function typed(type: string, values: readonly string[] = []): readonly Identifier[] {
  return values.map((value) => ({ type, value }));
}

/** What was written is not repeated. */
function identifierOf(text: string, where: string): Identifier {
  const [, type, value] = LINE.exec(text.trim()) ?? [];
  if (type !== undefined && value !== undefined) return { type, value };
  throw new CliError(EXIT.usage, "identifier_invalid", `${where}: not TYPE=VALUE, for example EMAIL=jane@example.com`);
}
