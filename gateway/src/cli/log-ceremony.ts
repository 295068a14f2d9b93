/**
 * `sluice log rotate-key` and `sluice log freeze`: the two ceremonies of a log, with the gateway stopped. Each prints what auditors
 * need to go on; docs/evidence.md says what to do around them.
 */
import type { Command } from "commander";
import type { Continued, KeysChanged } from "../server/offline-log.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface RotateFlags {
  readonly retire?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

interface FreezeFlags {
  readonly next: string;
  readonly to: string;
  readonly json?: boolean;
}

/** Options that `sluice log` has too are read by it, wherever they stand. */
const all = <T extends RotateFlags | FreezeFlags>(command: Command): T => command.optsWithGlobals<T>();

export function addLogCeremonies(log: Command, cli: Cli): void {
  addVerb(log, "rotate-key <dir>", {
    summary: "Make new keys for a log, which sign beside the old ones; later, with --retire, end the old ones",
    examples: ["sluice log rotate-key ./sluice-data", "sluice log rotate-key ./sluice-data --retire"],
  })
    .option("--config <file>", "of a shared log: the gateway's configuration, which names database and files")
    .option("--retire", "end and destroy the old keys, once auditors and witnesses know the new ones")
    .action((dir: string, _: unknown, command: Command) => {
      const flags = all<RotateFlags>(command);
      return finish(cli, flags, () => rotate(cli, dir, flags));
    });

  addVerb(log, "freeze <dir>", {
    summary: "End a log and go on in a new one, whose first entry holds the old one's last checkpoint",
    examples: ["sluice log freeze ./sluice-data --next sluice.example.com/evidence-2027 --to ./evidence-2026"],
  })
    .requiredOption("--next <origin>", "origin of the new log; set evidence.origin to it afterwards")
    .requiredOption("--to <folder>", "where the files of the old log go; on the same file system")
    .action((dir: string, _: unknown, command: Command) => {
      const flags = all<FreezeFlags>(command);
      return finish(cli, flags, () => freeze(cli, dir, flags));
    });
}

async function rotate(
  { terminal }: Cli,
  dir: string,
  { retire = false, config, json }: RotateFlags,
): Promise<ExitCode> {
  const { rotateKeys } = await import("../server/offline-log.ts");
  const changed = await rotateKeys(dir, retire, config);
  if (json === true) terminal.json({ ok: true, retired: retire, ...changed });
  else printChanged(terminal, changed, retire);
  return EXIT.ok;
}

function printChanged(terminal: Cli["terminal"], { vkeys, size, signing }: KeysChanged, retired: boolean): void {
  terminal.line(
    retired ? `retired after the checkpoint of size ${size}:` : `new, from the checkpoint of size ${size} on:`,
  );
  for (const vkey of vkeys) terminal.line(`  ${vkey}`);
  terminal.line(`now signing: ${signing.map(nameAndId).join(", ")}`);
  terminal.note(
    retired
      ? "what the retired keys signed stays valid; to check an earlier checkpoint: sluice verify --earlier … --retired …"
      : "tell auditors and witnesses the new keys, then end the old ones with --retire",
  );
}

/** Of a vkey, what signature lines are told apart by. */
function nameAndId(vkey: string): string {
  return vkey.split("+").slice(0, 2).join("+");
}

async function freeze({ terminal }: Cli, dir: string, { next, to, json }: FreezeFlags): Promise<ExitCode> {
  const offline = await import("../server/offline-log.ts");
  const continued: Continued = await offline.freeze(dir, next, to);
  if (json === true) {
    terminal.json({ ok: true, next, to, ...continued });
    return EXIT.ok;
  }
  terminal.line(`frozen at size ${continued.size}, root ${continued.root}, now in ${to}`);
  terminal.line(`goes on as ${next}; its keys:`);
  for (const vkey of continued.vkeys) terminal.line(`  ${vkey}`);
  terminal.note(`set evidence.origin to ${next}; check the seam with: sluice verify ${dir} --continues ${to}`);
  return EXIT.ok;
}
