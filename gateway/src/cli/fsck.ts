import type { Command } from "commander";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";
import { verifyWhole, type WholeFlags } from "./verify.ts";

export function addFsck(program: Command, cli: Cli): void {
  addVerb(program, "fsck <dir>", {
    summary: "Recompute a local evidence folder from its entries and list every problem, for whoever operates the log",
    examples: ["sluice fsck ./sluice-data", "sluice fsck /var/lib/sluice --json"],
    failed: "there are problems",
  })
    .option("--vkey <key>", "a key of the log; default: those in log.json", repeated)
    .action((dir: string, flags: WholeFlags) =>
      finish(cli, flags, () => verifyWhole(cli, dir, flags, Number.POSITIVE_INFINITY)),
    );
}
