import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { type Command, InvalidArgumentError } from "commander";
import { EXIT } from "./exit.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface StartFlags {
  readonly config?: string;
  readonly data?: string;
  readonly port?: number;
  readonly json?: boolean;
}

export function addStart(program: Command, cli: Cli): void {
  addVerb(program, "start", {
    summary: "Run the gateway until it is stopped (Ctrl-C). SIGHUP reads the configuration again",
    examples: [
      "sluice start                         sluice.yaml if there is one, else the built-in rehearsal",
      "sluice start --config /etc/sluice/sluice.yaml --data /var/lib/sluice",
      "sluice start --port 0                any free port",
    ],
  })
    .option("--config <file>", "the configuration (default: sluice.yaml here; without one, the built-in rehearsal)")
    .option("--data <dir>", "where the evidence is kept; wins over evidence.dir")
    .option("--port <number>", "port of the first listener; wins over the configuration", portOf)
    .action((flags: StartFlags) => finish(cli, flags, () => startUntilStopped(cli, flags)));
}

async function startUntilStopped(cli: Cli, flags: StartFlags): Promise<typeof EXIT.ok> {
  const { terminal } = cli;
  // V8 lets the old generation grow to a multiple of what lives in it before it collects. Little lives here for long, and what
  // waits to be collected may hold prompts. Exchanges rarely outlive a young collection, so even this little room fills slowly.
  setFlagsFromString("--heap-growing-percent=40");
  // Heard from the first moment: whoever reads the line that says it listens may stop it at once.
  const stopped = stopSignal();
  const { start } = await import("../server/start.ts");
  const running = await start({
    ...(flags.config === undefined ? {} : { config: flags.config }),
    ...(flags.data === undefined ? {} : { dataDir: flags.data }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    print: (line) =>
      flags.json === true ? terminal.write(`${JSON.stringify({ message: line })}\n`) : terminal.line(line),
  });
  if (flags.json === true) terminal.write(`${JSON.stringify({ url: running.url, key: running.firstKey })}\n`);
  // A process that is killed later could not write it any more.
  flushCompileCache();
  const reload = (): void => void running.reload();
  process.on("SIGHUP", reload);
  await stopped;
  terminal.note("stopping: running exchanges are waited for; the same signal again stops at once");
  // A signal that comes twice is meant: whatever still runs is left without an outcome and named as an orphan later.
  for (const signal of STOP_SIGNALS) process.on(signal, () => process.exit(EXIT.environment));
  await running.close();
  process.off("SIGHUP", reload);
  return EXIT.ok;
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, () => resolve());
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("It is a number from 0 to 65535.");
}
