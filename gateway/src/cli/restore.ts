import type { Command } from "commander";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { readText } from "./input.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface RestoreFlags {
  readonly map: string;
  readonly json?: boolean;
}

export function addRestore(program: Command, cli: Cli): void {
  addVerb(program, "restore [file]", {
    summary: "Put the values back into a text, from the map that `sluice scrub` made",
    examples: [
      "sluice restore answer.txt --map map.json",
      "sluice restore - --map scrubbed.json < answer.txt     the output of scrub --json",
    ],
  })
    .requiredOption("--map <file>", "what `sluice scrub` wrote with --map, or printed with --json")
    .action((file: string | undefined, flags: RestoreFlags) => finish(cli, flags, () => restoreText(cli, file, flags)));
}

async function restoreText(cli: Cli, file: string | undefined, flags: RestoreFlags): Promise<ExitCode> {
  const { entities, bareWords } = parseMap(await readText(flags.map), flags.map);
  const text = await readText(file);
  const { restore } = await import("@sluice/detector");
  const restored = restore(text, entities, bareWords);
  if (flags.json === true) cli.terminal.json({ restored });
  else cli.terminal.write(restored);
  return EXIT.ok;
}

interface Entity {
  readonly placeholder: string;
  readonly type: string;
  readonly value: string;
}

interface RestoreMap {
  readonly entities: Entity[];
  readonly bareWords: string[];
}

/** Throws a CliError that names the file and no content of it. */
function parseMap(text: string, path: string): RestoreMap {
  const wrong = new CliError(
    EXIT.usage,
    "map_invalid",
    `${path} is not a map of \`sluice scrub\`: make one with --map or --json`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (typeof value !== "object" || value === null || !("entities" in value) || !Array.isArray(value.entities))
    throw wrong;
  const bareWords = "bareWords" in value && Array.isArray(value.bareWords) ? (value.bareWords as unknown[]) : [];
  if (!value.entities.every(isEntity) || !bareWords.every((word) => typeof word === "string")) throw wrong;
  return { entities: value.entities, bareWords };
}

function isEntity(value: unknown): value is Entity {
  if (typeof value !== "object" || value === null) return false;
  const { placeholder, type, value: original } = value as Record<string, unknown>;
  return (
    typeof placeholder === "string" &&
    typeof type === "string" &&
    typeof original === "string" &&
    placeholder.startsWith(`[${type}_`)
  );
}
