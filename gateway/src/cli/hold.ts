/** `sluice hold` and `sluice retention`: what must be kept, and what goes because it was kept for long enough; at a running gateway. */
import { type Command, Option } from "commander";
import { visible } from "../core/visible.ts";
import { type ApiFlags, type ControlApi, openApi, withApi } from "./control-api.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { type IdentifierFlags, readIdentifiers, withIdentifiers } from "./identifiers.ts";
import type { Terminal } from "./terminal.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface Flags extends ApiFlags, IdentifierFlags {
  readonly json?: boolean;
  readonly ended?: boolean;
  readonly people?: boolean;
  readonly purpose?: string;
  readonly connection?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reference?: string;
  readonly justification?: string;
  readonly until?: string;
  readonly dryRun?: boolean;
}

interface Hold {
  readonly id: string;
  readonly people: boolean;
  readonly purpose?: string;
  readonly connection?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reference: string;
  readonly justification: string;
  readonly until: string;
  readonly ended?: string;
  readonly ended_at?: string;
}

interface Report {
  readonly dry_run: boolean;
  readonly recordings: readonly {
    readonly purpose: string;
    readonly retention?: string;
    readonly before: string;
    readonly hold?: string;
  }[];
  readonly log: { readonly before: string; readonly from: number; readonly to: number; readonly hold?: string };
  readonly files?: number;
  readonly bytes?: number;
  readonly files_held?: number;
}

type Work = (api: ControlApi, flags: Flags, id: string) => Promise<ExitCode>;

const DAYS = /^P([1-9]\d{0,4})D$/;
const DAY_MS = 86_400_000;
const REFUSED = "the gateway refuses: unknown, ended already, not yours to do";

export function addHold(program: Command, cli: Cli): void {
  const { terminal } = cli;
  const holds = program.command("hold").description("Legal holds: what must not be erased or deleted meanwhile");
  const add = adder(cli, holds);
  add("list", "List holds that are in force", ["sluice hold list", "sluice hold list --ended --json"], (api, flags) =>
    list(terminal, api, flags),
  ).option("--ended", "those that have ended, instead");
  withIdentifiers(
    add(
      "place",
      "Keep what this covers from being erased or deleted; all that is named has to fit",
      [
        "sluice hold place --reference case-7 --until P90D --identifiers who.txt",
        "sluice hold place --reference case-8 --until 2027-06-30T00:00:00Z --purpose support --from 2026-01-01T00:00:00Z",
      ],
      (api, flags) => place(terminal, api, flags),
    ),
  )
    .option("--people", "ask whom it is about")
    .option("--purpose <id>", "exchanges for this purpose")
    .option("--connection <name>", "exchanges with this connection")
    .option("--from <time>", "exchanges from then on, RFC 3339")
    .option("--to <time>", "exchanges before then, RFC 3339")
    .requiredOption("--reference <number>", "number of the case or file; it goes on record, so no name")
    .requiredOption("--until <end>", "when it ends: a time in RFC 3339, or days from now such as P90D")
    .addOption(
      new Option("--justification <term>", "why, as a term of https://w3id.org/dpv/justifications").default(
        "LegalClaimDefenceImpaired",
      ),
    );
  add("release <hold>", "End a hold", ["sluice hold release lh-81c0…"], (api, flags, id) =>
    change(terminal, api, flags, `${pathOf(id)}/release`, {}),
  );
  add("renew <hold>", "Give a hold another end", ["sluice hold renew lh-81c0… --until P90D"], (api, flags, id) =>
    change(terminal, api, flags, `${pathOf(id)}/renew`, { until: endOf(flags.until) }),
  ).requiredOption("--until <end>", "when it ends: a time in RFC 3339, or days from now such as P90D");
}

export function addRetention(program: Command, cli: Cli): void {
  const { terminal } = cli;
  const retention = program.command("retention").description("What is deleted because it was kept for long enough");
  const add = adder(cli, retention);
  add(
    "show",
    "What a run would delete now",
    ["sluice retention show", "sluice retention show --json"],
    async (api, flags) => {
      show(terminal, flags, (await api.get("api/retention")) as Report);
      return EXIT.ok;
    },
  );
  add(
    "run",
    "Delete what is old enough now; the gateway does it by itself every retention.every",
    ["sluice retention run --dry-run", "sluice retention run"],
    async (api, flags) => {
      show(terminal, flags, (await api.post("api/retention/run", { dry_run: flags.dryRun === true })) as Report);
      return EXIT.ok;
    },
  ).option("--dry-run", "say what would go, and delete nothing");
}

function adder(cli: Cli, parent: Command) {
  return (verb: string, summary: string, examples: readonly string[], work: Work): Command => {
    const command = withApi(addVerb(parent, verb, { summary, examples, failed: REFUSED }));
    return command.action((...given: unknown[]) => {
      const id = typeof given[0] === "string" ? given[0] : "";
      const flags: Flags = command.opts();
      return finish(cli, flags, async () => work(await openApi(command, flags, true), flags, id));
    });
  };
}

const pathOf = (id: string): string => `api/holds/${encodeURIComponent(id)}`;

async function list(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  const found = (await api.get(`api/holds?ended=${String(flags.ended === true)}`)) as {
    readonly holds: readonly Hold[];
  };
  if (flags.json === true) terminal.json(found);
  else for (const hold of found.holds) terminal.line(lineOf(hold));
  return EXIT.ok;
}

async function place(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  const { purpose, connection, from, to, reference, justification, until } = flags;
  const names = [flags.email, flags.phone, flags.name, flags.subject, flags.id, flags.identifiers];
  const ofPeople = flags.people === true || names.some((each) => each !== undefined);
  const identifiers = ofPeople ? { identifiers: await readIdentifiers(terminal, flags) } : {};
  const scope = Object.fromEntries(
    Object.entries({ purpose, connection, from, to }).filter(([, each]) => each !== undefined),
  );
  const body = { ...identifiers, ...scope, reference, justification, until: endOf(until) };
  return change(terminal, api, flags, "api/holds", body);
}

async function change(
  terminal: Terminal,
  api: ControlApi,
  flags: Flags,
  path: string,
  body: object,
): Promise<ExitCode> {
  const hold = (await (path.endsWith("/release") ? api.post(path) : api.post(path, body))) as Hold;
  if (flags.json === true) terminal.json(hold);
  else terminal.line(lineOf(hold));
  return EXIT.ok;
}

function lineOf({
  id,
  people,
  purpose,
  connection,
  from,
  to,
  reference,
  justification,
  until,
  ended,
  ended_at: at,
}: Hold): string {
  const scope = [
    ...(people ? ["people"] : []),
    ...(purpose === undefined ? [] : [`purpose ${purpose}`]),
    ...(connection === undefined ? [] : [`connection ${connection}`]),
    ...(from === undefined && to === undefined ? [] : [`${from ?? "…"} to ${to ?? "…"}`]),
  ].join(", ");
  const end = ended === undefined ? `until ${until}` : `${ended} ${at ?? ""}`;
  return visible(`${id}  ${reference}  ${scope}  ${justification.replace(/^.*#/, "")}  ${end}`);
}

function show(terminal: Terminal, flags: Flags, report: Report): void {
  if (flags.json === true) {
    terminal.json(report);
    return;
  }
  const { log, recordings, dry_run: dryRun } = report;
  for (const { purpose, retention, before, hold } of recordings) {
    const what = `recordings for ${purpose}${retention === undefined ? "" : ` (${retention})`}`;
    terminal.line(visible(hold === undefined ? `${what} before ${before}` : `${what} stay for ${hold}`));
  }
  const entries = log.to === log.from ? "none" : `${log.from} to ${log.to - 1}`;
  const stopped = log.hold === undefined ? "" : `; the next one stays for ${log.hold}`;
  terminal.line(visible(`entries of the log before ${log.before}: ${entries}${stopped}`));
  if (dryRun) terminal.note("nothing was deleted");
  else
    terminal.line(
      `deleted ${report.files ?? 0} files, ${report.bytes ?? 0} bytes; ${report.files_held ?? 0} stay for holds`,
    );
}

/** Throws a CliError (2) for what is neither a time nor days. */
function endOf(text = ""): string {
  const days = DAYS.exec(text)?.[1];
  const time = days === undefined ? Date.parse(text) : Date.now() + Number(days) * DAY_MS;
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new CliError(EXIT.usage, "until_invalid", "--until: a time such as 2027-06-30T00:00:00Z, or days such as P90D");
}
