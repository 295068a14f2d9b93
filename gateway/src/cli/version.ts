import type { Command } from "commander";
import { VERSION } from "../server/version.ts";
import { EXIT } from "./exit.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

export function addVersion(program: Command, cli: Cli): void {
  addVerb(program, "version", {
    summary: "Print the version",
    examples: ["sluice version", "sluice version --json"],
  }).action((options: { json?: boolean }) =>
    finish(cli, options, async () => {
      if (options.json === true) cli.terminal.json({ version: VERSION, node: process.versions.node });
      else cli.terminal.line(VERSION);
      return EXIT.ok;
    }),
  );
}
