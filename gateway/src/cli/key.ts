import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { readText } from "./input.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";

interface NewFlags {
  readonly principal: string;
  readonly purpose: readonly string[];
  readonly defaultPurpose?: string;
  readonly connection?: readonly string[];
  readonly expires?: string;
  readonly role?: readonly string[];
  readonly id?: string;
  readonly json?: boolean;
}

export function addKey(program: Command, cli: Cli): void {
  const key = program.command("key").description("Make API keys, and hashes of them for the configuration");

  addVerb(key, "new", {
    summary: "Make an API key: print it once, and what to put under `keys` in sluice.yaml",
    examples: [
      "sluice key new --principal service:crm --purpose support",
      "sluice key new --principal service:crm --purpose support --purpose research --default-purpose support \\",
      "    --connection openai --expires 2027-12-31 --id crm-production",
    ],
  })
    .requiredOption("--principal <name>", "who holds it, for example service:crm")
    .requiredOption("--purpose <id>", "what it may be used for; may be given more than once", repeated)
    .option("--default-purpose <id>", "used when a request names none")
    .option("--connection <name>", "restrict it to this connection; may be given more than once", repeated)
    .option(
      "--expires <date>",
      "refuse it from then on: 2027-12-31, 2027-12-31T12:00:00Z or never (default: in a year)",
    )
    .option(
      "--role <name>",
      "user (default), approver, privacy-officer, auditor or operator; may be given more than once",
      repeated,
    )
    .option("--id <id>", "8 to 64 of a-z, 0-9 and - (default: a random one)")
    .action((flags: NewFlags) => finish(cli, flags, () => newKey(cli, flags)));

  addVerb(key, "hash", {
    summary: "Read an API key from stdin and print its hash for the configuration",
    examples: ["sluice key hash < key.txt", "# not as an argument: those are seen by every process of the machine"],
  }).action((flags: { json?: boolean }) => finish(cli, flags, () => hash(cli, flags)));
}

async function newKey(cli: Cli, flags: NewFlags): Promise<ExitCode> {
  const [identity, { documentSchema }, { stringify }] = await Promise.all([
    import("../identity/keys.ts"),
    import("../config/schema.ts"),
    import("yaml"),
  ]);
  const made = await identity.newKey((bytes) => randomBytes(bytes), flags.id);
  const entry = {
    hash: made.hash,
    principal: flags.principal,
    purposes: flags.purpose,
    ...(flags.defaultPurpose === undefined ? {} : { default_purpose: flags.defaultPurpose }),
    ...(flags.connection === undefined ? {} : { connections: flags.connection }),
    ...(flags.expires === "never" ? {} : { expires: flags.expires ?? inAYear(Date.now()) }),
    ...(flags.role === undefined ? {} : { roles: flags.role }),
  };
  const keys = { [made.id]: entry };
  const checked = documentSchema.shape.keys.safeParse(keys);
  if (!checked.success) {
    const reasons = checked.error.issues.map((issue) => `${issue.path.slice(1).join(".")} must be ${issue.message}`);
    throw new CliError(EXIT.usage, "key_options_invalid", reasons.join("; "));
  }
  if (flags.json === true) {
    cli.terminal.json({ id: made.id, key: made.token, keys });
    return EXIT.ok;
  }
  const { bold } = cli.terminal.colors;
  cli.terminal.line("API key, shown this once and kept nowhere:");
  cli.terminal.line(`\n  ${bold(made.token)}\n`);
  cli.terminal.line("In sluice.yaml:\n");
  cli.terminal.line(stringify({ keys }, { lineWidth: 0 }).trimEnd());
  return EXIT.ok;
}

/** A date, as the configuration writes it: what nobody looks after ends by itself. */
export function inAYear(now: number): string {
  return new Date(now + 365 * 86_400_000).toISOString().slice(0, 10);
}

async function hash(cli: Cli, flags: { json?: boolean }): Promise<ExitCode> {
  if (process.stdin.isTTY) cli.terminal.note("paste the key, then Enter and Ctrl-D:");
  const { hashKey } = await import("../identity/keys.ts");
  const hashed = await hashKey((await readText("-")).trim(), (bytes) => randomBytes(bytes));
  if (flags.json === true) cli.terminal.json(hashed);
  else cli.terminal.line(hashed.hash);
  return EXIT.ok;
}
