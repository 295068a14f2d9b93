import { type Command, Option } from "commander";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { readText } from "./input.ts";
import { type KeyFlags, keysOf } from "./operator-keys.ts";
import { parseMap, type StandIn } from "./restore-map.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

const FORMATS = ["auto", "text", "json"] as const;

interface RestoreFlags extends KeyFlags {
  readonly map?: string;
  readonly format: (typeof FORMATS)[number];
  readonly json?: boolean;
}

export function addRestore(program: Command, cli: Cli): void {
  addVerb(program, "restore [file]", {
    summary: "Put the values back into a text, from the map or with the key of `sluice scrub`",
    examples: [
      "sluice restore answer.txt --map map.json",
      "sluice restore - --map scrubbed.json < answer.txt     the output of scrub --json",
      "sluice restore sealed.csv --key key                   what the operators encrypt wrote",
    ],
    failed: "a token was changed, or another key or purpose made it; nothing is printed",
  })
    .option("--map <file>", "what `sluice scrub` wrote with --map, or printed with --json")
    .option("--key <file>", "the key that `sluice scrub --key` had")
    .option("--purpose <name>", "the purpose that `sluice scrub --purpose` had", "scrub")
    .addOption(
      new Option("--format <form>", "json: values are escaped for strings of JSON; auto: when all of the text is JSON")
        .choices(FORMATS)
        .default("auto"),
    )
    .action((file: string | undefined, flags: RestoreFlags) => finish(cli, flags, () => restoreText(cli, file, flags)));
}

async function restoreText(cli: Cli, file: string | undefined, flags: RestoreFlags): Promise<ExitCode> {
  if (flags.map === undefined && flags.key === undefined)
    throw new CliError(EXIT.usage, "map_missing", "name what puts the values back: --map, --key or both");
  const map = flags.map === undefined ? undefined : parseMap(await readText(flags.map), flags.map);
  let text = await readText(file);
  const { restore } = await import("@sluice/detector");
  const json = flags.format === "auto" ? isJson(text) : flags.format === "json";
  if (map !== undefined) text = restore(text, map.entities, map.bareWords, json ? "json" : "text");
  const back = await standInsBack(map?.replacements ?? [], flags);
  if (back !== undefined) text = json ? await inStrings(text, back) : back(text);
  if (flags.json === true) cli.terminal.json({ restored: text });
  else cli.terminal.write(text);
  return EXIT.ok;
}

/** Puts back what is no placeholder: stand-ins that look like values, and tokens. Undefined: there is none. */
async function standInsBack(
  standIns: readonly StandIn[],
  flags: RestoreFlags,
): Promise<((text: string) => string) | undefined> {
  if (standIns.length === 0 && flags.key === undefined) return undefined;
  const { decryptText, OperatorError, Replacements } = await import("@sluice/detector");
  const initial = standIns.map((each) => ({ ...each, key: each.value, restorable: true }));
  const replacements = new Replacements({ initial });
  const ring = flags.key === undefined ? [] : [(await keysOf(flags)).keys];
  return (text) => {
    try {
      return replacements.restore(ring.length === 0 ? text : decryptText(text, ring));
    } catch (thrown) {
      // Its message names the fault and no value.
      if (thrown instanceof OperatorError) throw new CliError(EXIT.failed, thrown.code, thrown.message);
      throw thrown;
    }
  };
}

/** Changes the strings of JSON; everything else, and each string that stays, keeps its own characters. */
async function inStrings(text: string, change: (value: string) => string): Promise<string> {
  const { escapeJson, JsonTokens } = await import("@sluice/detector");
  const parts: string[] = [];
  let raw = "";
  let value = "";
  const tokens = new JsonTokens({
    outside: (outside) => parts.push(outside),
    open() {
      raw = value = "";
    },
    text(run) {
      raw += run;
      value += run;
    },
    escape(escape, character) {
      raw += escape;
      value += character;
    },
    close() {
      const changed = change(value);
      parts.push(`"${changed === value ? raw : escapeJson(changed)}"`);
    },
  });
  tokens.push(text);
  const cut = tokens.end();
  if (tokens.inside) parts.push(`"${raw}${cut}`);
  return parts.join("");
}

/** One document, or one a line. */
function isJson(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false;
  const parses = (part: string): boolean => {
    try {
      JSON.parse(part);
      return true;
    } catch {
      return false;
    }
  };
  return parses(text) || text.split("\n").every((line) => line.trim() === "" || parses(line));
}
