import { userInfo } from "node:os";
import type { Command } from "commander";
import type { Principal } from "../core/principal.ts";
import type { Keys, KeyStatus, RingStatus } from "../custody/index.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { readText } from "./input.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface KeysFlags {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

const DAY_MS = 86_400_000;
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function addKeys(program: Command, cli: Cli): void {
  const keys = program.command("keys").description("The keys that seal what is stored, and the secrets under them");
  const withConfig = (verb: Command): Command =>
    verb
      .option("--config <file>", "the configuration (default: sluice.yaml here, else the built-in one)")
      .option("--data <dir>", "where the evidence is kept; wins over evidence.dir");

  withConfig(
    addVerb(keys, "status", {
      summary: "Who keeps the root key, how old the keys are, and what to look after",
      examples: ["sluice keys status", "sluice keys status --config /etc/sluice/sluice.yaml --json"],
      failed: "something is to be looked after",
    }),
  ).action((flags: KeysFlags) => finish(cli, flags, () => status(cli, flags)));

  withConfig(
    addVerb(keys, "list", {
      summary: "Every ring and its keys: generation, age, the root key above, and how many values need which key",
      examples: ["sluice keys list"],
    }),
  ).action((flags: KeysFlags) => finish(cli, flags, () => list(cli, flags)));

  withConfig(
    addVerb(keys, "rotate", {
      summary:
        "Make a new key for each ring and bring everything under it; old keys still open. The first one makes the root key too",
      examples: [
        "sluice keys rotate",
        "sluice keys rotate --ring reviews     only what approvers were shown, and their comments",
        "sluice keys rotate --root             a new version of the root key, and the keys of all rings under it",
      ],
      failed: "some values did not open and stay under their old key",
    }),
  )
    .option("--ring <name>", "only the keys of this ring: secrets, reviews, subjects")
    .option("--all", "the keys of every ring that has one (the default)")
    .option("--root", "a new version of the root key instead, and every key under it")
    .action((flags: RotateFlags) => finish(cli, flags, () => rotate(cli, flags)));

  withConfig(
    addVerb(keys, "seal <name>", {
      summary: "Read a secret from stdin and keep it sealed, for `credential: sealed:<name>`. Replaces the one before",
      examples: [
        "sluice keys seal acme < acme-key.txt",
        "# not as an argument: those are seen by every process of the machine",
      ],
    }),
  ).action((name: string, flags: KeysFlags) => finish(cli, flags, () => seal(cli, name, flags)));

  withConfig(
    addVerb(keys, "remove <name>", {
      summary: "Remove a sealed secret",
      examples: ["sluice keys remove acme"],
      failed: "there is none of this name",
    }),
  ).action((name: string, flags: KeysFlags) => finish(cli, flags, () => remove(cli, name, flags)));
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  const text = "a name has 1 to 64 of a-z, 0-9, _ and -, and begins with a letter or a digit";
  throw new CliError(EXIT.usage, "secret_name_invalid", text);
}

/** Whoever can run this on the key folder is its operator: the system's own account is who stands on record. */
function operator(): Principal {
  const { username } = userInfo();
  return {
    id: `os:${username}`,
    kind: "human",
    credential: `os:${username}`,
    groups: [],
    roles: ["operator"],
    purposes: [],
    actors: [],
    limits: { requestsPerMinute: 0, concurrentStreams: 0 },
  };
}

async function using<T>(cli: Cli, flags: KeysFlags, work: (keys: Keys, who: Principal) => Promise<T>): Promise<T> {
  const { openOfflineKeys } = await import("../server/offline-keys.ts");
  const opened = await openOfflineKeys({
    config: flags.config,
    dataDir: flags.data,
    progress: (done, of) => cli.terminal.progress(`${done} of ${of} values under the new key`),
  });
  try {
    return await work(opened.keys, operator());
  } finally {
    cli.terminal.progress(undefined);
    await opened.close();
  }
}

async function status(cli: Cli, flags: KeysFlags): Promise<ExitCode> {
  const found = await using(cli, flags, (keys, who) => keys.status(who));
  const warnings = warningsOf(found);
  const exit = warnings.length === 0 ? EXIT.ok : EXIT.failed;
  if (flags.json === true) {
    cli.terminal.json({ ...printable(found), warnings });
    return exit;
  }
  const { root } = found;
  cli.terminal.line(
    `root key   ${root.id}, version ${root.version}${root.since === undefined ? "" : `, ${ageOf(root.since)}`}`,
  );
  for (const ring of found.rings) {
    const newest = ring.keys.at(-1);
    if (newest === undefined) continue;
    cli.terminal.line(`sealed by  ${ring.ring}/${newest.version}, ${ageOf(newest.createdAt)}, ${rowsOf(ring)}`);
  }
  if (root.weakness !== undefined) cli.terminal.line(`note       ${root.weakness}`);
  for (const each of warnings) cli.terminal.line(`${cli.terminal.colors.yellow("warning")}    ${each}`);
  return exit;
}

function warningsOf({ root, rings }: KeyStatus): string[] {
  const older = rings
    .flatMap(({ keys }) => keys)
    .filter(({ rootVersion }) => rootVersion !== undefined && rootVersion !== root.version);
  return [
    ...root.warnings,
    ...(older.length === 0 || root.version === "?"
      ? []
      : [`${counted(older.length, "key")} under an older version of the root key; sluice keys rotate --root`]),
    ...rings.flatMap((each) => {
      const behind = behindOf(each);
      const { ring, unreadable, uncounted } = each;
      return [
        ...(behind === 0 ? [] : [`${behind} values are under older keys of ${ring}; the next start brings them over`]),
        ...(unreadable === 0
          ? []
          : [`${unreadable} values of ${ring} are damaged, or sealed under keys that are not here`]),
        ...(uncounted === undefined ? [] : [`the values of ${ring} cannot be counted: ${uncounted}`]),
      ];
    }),
  ];
}

function behindOf({ keys }: RingStatus): number {
  return keys.filter(({ state }) => state === "opens").reduce((sum, { rows }) => sum + rows, 0);
}

async function list(cli: Cli, flags: KeysFlags): Promise<ExitCode> {
  const found = await using(cli, flags, (keys, who) => keys.status(who));
  if (flags.json === true) cli.terminal.json(printable(found));
  else for (const line of found.rings.flatMap(linesOf)) cli.terminal.line(line);
  return EXIT.ok;
}

/** A line for the ring, and one for each of its keys. */
function linesOf(status: RingStatus): string[] {
  const { ring, keys, uncounted } = status;
  const newest = keys.at(-1);
  if (newest === undefined) return [`${ring}  no key yet`];
  const behind = uncounted === undefined ? `${counted(behindOf(status), "value")} under older keys` : uncounted;
  const rows = (count: number): string => (uncounted === undefined ? counted(count, "value") : "not counted");
  return [
    `${ring}  generation ${newest.version}, ${ageOf(newest.createdAt)}, ${behind}`,
    ...keys.map(
      ({ version, createdAt, state, root, rootVersion, rows: needs }) =>
        `  ${ring}/${version}  ${state}  ${new Date(createdAt).toISOString()}  ${rows(needs)}  under ${root}` +
        (rootVersion === undefined ? "" : `, version ${rootVersion}`),
    ),
  ];
}

interface RotateFlags extends KeysFlags {
  readonly root?: boolean;
  readonly ring?: string;
  readonly all?: boolean;
}

async function rotate(cli: Cli, flags: RotateFlags): Promise<ExitCode> {
  const { root = false, all = false, ring } = flags;
  if ([root, all, ring !== undefined].filter(Boolean).length > 1)
    throw new CliError(EXIT.usage, "options_conflict", "only one of --ring, --all and --root");
  return using(cli, flags, async (keys, who) => {
    if (root) {
      const rewrapped = await keys.rotateRoot(who);
      if (flags.json === true) cli.terminal.json({ rewrapped });
      else cli.terminal.line(`the root key has a new version; ${counted(rewrapped, "key")} under it`);
      return EXIT.ok;
    }
    if (ring !== undefined && !keys.rings.includes(ring))
      throw new CliError(EXIT.usage, "ring_unknown", `there is no ring "${ring}"; there are ${keys.rings.join(", ")}`);
    const rotation = await keys.rotate(who, ring === undefined ? undefined : [ring]);
    const rewrapped = await rotation.rewrapped;
    cli.terminal.progress(undefined);
    const turned = rotation.keys.map((key) => {
      const {
        rows = 0,
        done = 0,
        failed = 0,
        failedNames = [],
      } = rewrapped.find((each) => each.ring === key.ring) ?? {};
      return { ...key, rows, done, failed, failedNames };
    });
    if (flags.json === true) cli.terminal.json({ keys: turned });
    else {
      for (const { ring: name, version, done, failed, failedNames } of turned) {
        cli.terminal.line(`${name}/${version} seals from now on; ${counted(done, "value")} brought over`);
        if (failed > 0) cli.terminal.line(`${failed} did not open and stay as they are: ${failedNames.join(", ")}`);
      }
    }
    return turned.every(({ failed }) => failed === 0) ? EXIT.ok : EXIT.failed;
  });
}

async function seal(cli: Cli, name: string, flags: KeysFlags): Promise<ExitCode> {
  checkName(name);
  if (process.stdin.isTTY) cli.terminal.note("paste the secret, then Enter and Ctrl-D:");
  const value = Buffer.from((await readText("-")).replace(/\r?\n$/, ""), "utf8");
  try {
    await using(cli, flags, (keys, who) => keys.sealSecret(who, name, value));
  } finally {
    value.fill(0);
  }
  if (flags.json === true) cli.terminal.json({ reference: `sealed:${name}` });
  else cli.terminal.line(`sealed; refer to it as sealed:${name}`);
  return EXIT.ok;
}

async function remove(cli: Cli, name: string, flags: KeysFlags): Promise<ExitCode> {
  checkName(name);
  const removed = await using(cli, flags, (keys, who) => keys.removeSecret(who, name));
  if (flags.json === true) cli.terminal.json({ removed });
  else cli.terminal.line(removed ? `sealed:${name} is removed` : `there is no sealed:${name}`);
  return removed ? EXIT.ok : EXIT.failed;
}

/** Times as people and programs read them. */
function printable({ root, rings }: KeyStatus): Record<string, unknown> {
  const { since, warnings: _warnings, ...rest } = root;
  return {
    root: { ...rest, ...(since === undefined ? {} : { since: new Date(since).toISOString() }) },
    rings: rings.map(({ keys, ...ring }) => ({
      ...ring,
      keys: keys.map(({ createdAt, ...each }) => ({ ...each, created: new Date(createdAt).toISOString() })),
    })),
  };
}

function rowsOf({ keys, uncounted }: RingStatus): string {
  if (uncounted !== undefined) return "values not counted";
  return counted(
    keys.reduce((sum, { rows }) => sum + rows, 0),
    "value",
  );
}

function ageOf(time: number): string {
  return `${counted(Math.max(0, Math.floor((Date.now() - time) / DAY_MS)), "day")} old`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
