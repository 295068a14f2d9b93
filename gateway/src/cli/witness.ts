/**
 * `sluice witness`: cosigns checkpoints of other people's logs (https://c2sp.org/tlog-witness). It shares nothing with a gateway
 * and is best run by somebody else, on another machine: a witness in the hands of the log's operator witnesses little.
 */
import type { Command } from "commander";
import type { LogList } from "../witness/log-list.ts";
import type { Refused } from "../witness/heads.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { readText } from "./input.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface KeyFlags {
  readonly data: string;
  readonly name?: string;
  readonly json?: boolean;
}

interface WitnessFlags extends KeyFlags {
  readonly listen: string;
  readonly logs: string;
  readonly prefix: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly rate: string;
}

export function addWitness(program: Command, cli: Cli): void {
  const witness = addVerb(program, "witness", {
    summary: "Cosign checkpoints of other logs until stopped (C2SP tlog-witness). SIGHUP reads the list of logs again",
    examples: [
      "sluice witness key --data ./w1 --name witness.example.com/w1",
      "sluice witness --data ./w1 --listen 127.0.0.1:7380 --logs logs.txt",
      "sluice witness --data /var/lib/witness --listen 0.0.0.0:443 --logs logs.txt --tls-cert cert.pem --tls-key key.pem",
      "sluice witness show --data ./w1      what it has cosigned, and what it refused",
      "# logs.txt, as c2sp.org/tlog-list has it:",
      "#   logs/v0",
      "#   vkey sluice.example.com/log+1a2b3c4d+AY…",
      "#   qpd 86400",
      "#   contact security@example.com",
    ],
  })
    // The options of `witness key` are its own.
    .enablePositionalOptions()
    .option("--data <dir>", "where keys and state are kept; made when there is none", "./witness-data")
    .option("--listen <address>", "host and port; beyond loopback only with TLS", "127.0.0.1:7380")
    .option("--logs <file>", "the logs to cosign for (C2SP tlog-list)", "logs.txt")
    .option("--name <name>", "a URL without scheme, for a new witness: witness.example.com/w1")
    .option("--prefix <path>", "path before add-checkpoint, for example /w1", "")
    .option("--tls-cert <file>", "certificate chain, PEM")
    .option("--tls-key <file>", "its private key, PEM")
    .option("--rate <count>", "requests from one address in a minute", "600")
    .action((flags: WitnessFlags) => finish(cli, flags, () => serve(cli, flags)));

  addVerb(witness, "key", {
    summary: "Print the verifier keys of a witness, and make them when it is new",
    examples: ["sluice witness key --data ./w1 --name witness.example.com/w1", "sluice witness key --data ./w1 --json"],
  })
    .option("--data <dir>", "where keys and state are kept; made when there is none", "./witness-data")
    .option("--name <name>", "a URL without scheme, for a new witness: witness.example.com/w1")
    .action((flags: KeyFlags) => finish(cli, flags, () => showKeys(cli, flags)));

  addVerb(witness, "show", {
    summary: "Show what a witness has cosigned, and what logs have signed that contradicts it",
    examples: [
      "sluice witness show --data ./w1",
      "sluice witness show --data ./w1 --json | jq '.refused[].checkpoint'",
    ],
  })
    .option("--data <dir>", "where keys and state are kept", "./witness-data")
    .action((flags: KeyFlags) => finish(cli, flags, () => show(cli, flags)));
}

async function serve(cli: Cli, flags: WitnessFlags): Promise<ExitCode> {
  const { terminal } = cli;
  // Heard from the first moment: whoever reads the line that says it listens may stop it at once.
  const stopped = stopSignal();
  const [{ Witness }, { openDoor }, { isLoopback }] = await Promise.all([
    import("../witness/witness.ts"),
    import("../witness/http.ts"),
    import("../config/connections.ts"),
  ]);
  const { host, port } = addressOf(flags.listen);
  const tls = await tlsOf(flags);
  const say = (line: string, facts: Readonly<Record<string, unknown>>): void =>
    flags.json === true ? terminal.write(`${JSON.stringify(facts)}\n`) : terminal.line(line);
  const witness = new Witness({
    dir: flags.data,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    clock: Date.now,
    logs: await readLogs(flags.logs),
    onRefused: (refused) => say(refusedLine(refused), { refused: factsOf(refused) }),
  });
  try {
    const door = await openDoor({
      witness,
      host,
      port,
      loopback: isLoopback(host),
      ...(tls === undefined ? {} : { tls }),
      prefix: prefixOf(flags.prefix),
      requestsPerMinute: wholeNumber(flags.rate, "rate"),
      clock: Date.now,
      onFault: (fault) =>
        terminal.note(`sluice: a request failed: ${fault instanceof Error ? fault.message : "unknown"}`),
    });
    for (const vkey of witness.keys.vkeys) say(`witness key  ${vkey}`, { vkey });
    say(`listening on ${door.url}`, { url: door.url });
    const reload = (): void => {
      readLogs(flags.logs).then(
        (logs) => witness.setLogs(logs),
        (thrown: unknown) => terminal.note(`sluice: the list of logs stays as it was: ${(thrown as Error).message}`),
      );
    };
    process.on("SIGHUP", reload);
    await stopped;
    process.off("SIGHUP", reload);
    await door.close();
  } finally {
    witness.close();
  }
  return EXIT.ok;
}

async function showKeys({ terminal }: Cli, flags: KeyFlags): Promise<ExitCode> {
  const { Witness } = await import("../witness/witness.ts");
  const witness = new Witness({
    dir: flags.data,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    clock: Date.now,
    logs: new Map(),
  });
  const { name, vkeys } = witness.keys;
  witness.close();
  if (flags.json === true) terminal.json({ name, vkeys });
  else for (const vkey of vkeys) terminal.line(vkey);
  return EXIT.ok;
}

async function show({ terminal }: Cli, flags: KeyFlags): Promise<ExitCode> {
  const { Witness } = await import("../witness/witness.ts");
  const witness = new Witness({ dir: flags.data, existing: true, clock: Date.now, logs: new Map() });
  const [heads, refused] = [witness.heads(), witness.refused()];
  witness.close();
  if (flags.json === true) {
    terminal.json({
      heads: heads.map(({ root, ...head }) => ({ ...head, root: Buffer.from(root).toString("base64") })),
      refused: refused.map((each) => factsOf(each)),
    });
    return EXIT.ok;
  }
  for (const { origin, size } of heads) terminal.line(`cosigned   ${printable(origin)}  size ${size}`);
  for (const each of refused) terminal.line(`${refusedLine(each)}  ${new Date(each.at).toISOString()}`);
  return EXIT.ok;
}

function refusedLine({ kind, origin, size }: Refused): string {
  const what = kind === "fork" ? "another tree of the size that was cosigned" : "does not continue what was cosigned";
  return `refused    ${printable(origin)}  size ${size}: ${what}; kept as evidence`;
}

function factsOf({ root, ...refused }: Refused): Record<string, unknown> {
  return { ...refused, root: Buffer.from(root).toString("base64") };
}

async function readLogs(file: string): Promise<LogList> {
  const { parseLogList } = await import("../witness/log-list.ts");
  return parseLogList(await readText(file), file);
}

async function tlsOf({ tlsCert, tlsKey }: WitnessFlags): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CliError(EXIT.usage, "tls_incomplete", "--tls-cert and --tls-key belong together");
  }
  const [cert, key] = await Promise.all([readText(tlsCert), readText(tlsKey)]);
  return { cert, key };
}

function addressOf(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new CliError(EXIT.usage, "address_invalid", '--listen is host and port: "127.0.0.1:7380" or "[::1]:7380"');
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

function prefixOf(text: string): string {
  if (text === "" || /^(?:\/[A-Za-z0-9._~-]+)+$/.test(text)) return text;
  throw new CliError(EXIT.usage, "prefix_invalid", "--prefix is a path without a slash at its end: /w1");
}

function wholeNumber(text: string, name: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, "number_invalid", `--${name} is a whole number, 1 or more`);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

/** Origins are other people's words: nothing of them may steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}
