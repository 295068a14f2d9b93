import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { EXIT, type ExitCode } from "./exit.ts";
import { readText } from "./input.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface ScrubFlags {
  readonly map?: string;
  readonly region?: string;
  readonly json?: boolean;
}

/** As the gateway's default rules have it: found and replaced, and in no map. */
const NEVER_RESTORE = ["secret", "CARD", "national-id"];

export function addScrub(program: Command, cli: Cli): void {
  addVerb(program, "scrub [file]", {
    summary: "Replace personal data in a text with placeholders, without a gateway",
    examples: [
      "sluice scrub letter.txt > scrubbed.txt",
      "sluice scrub letter.txt --map map.json > scrubbed.txt     then: sluice restore answer.txt --map map.json",
      "echo 'Write to john.doe@example.com' | sluice scrub - --json",
    ],
  })
    .option("--map <file>", "write what `sluice restore` needs; it holds the personal data, so keep it as such")
    .option("--region <country>", "country of telephone numbers written without one, for example DE", regionOf)
    .action((file: string | undefined, flags: ScrubFlags) => finish(cli, flags, () => scrubText(cli, file, flags)));
}

async function scrubText(cli: Cli, file: string | undefined, flags: ScrubFlags): Promise<ExitCode> {
  const text = await readText(file);
  const { detect, scrub } = await import("@sluice/detector");
  const options = flags.region === undefined ? {} : { defaultRegion: flags.region };
  const { scrubbed, entities, bareWords } = scrub(text, { ...options, neverRestore: NEVER_RESTORE });
  const found: Record<string, number> = {};
  for (const { type } of detect(text, options)) found[type] = (found[type] ?? 0) + 1;

  if (flags.map !== undefined) {
    await writeFile(flags.map, `${JSON.stringify({ entities, bareWords })}\n`, { mode: 0o600 });
  }
  if (flags.json === true) {
    cli.terminal.json({ scrubbed, entities, bareWords, found });
    return EXIT.ok;
  }
  cli.terminal.write(scrubbed);
  const counts = Object.entries(found).map(([type, count]) => `${type} ${count}`);
  cli.terminal.note(`found: ${counts.length === 0 ? "nothing" : counts.join(", ")}. What was not found is still there`);
  return EXIT.ok;
}

function regionOf(text: string): string {
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError("It is a country code of two letters.");
}
