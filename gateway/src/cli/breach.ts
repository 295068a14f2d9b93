/** `sluice breach`: what a credential, a session or a stretch of time touched, from a running gateway or from the log's files. */
import type { Command } from "commander";
import type { BreachReport } from "../audit/index.ts";
import { visible } from "../core/visible.ts";
import { type ApiFlags, openApi, withApi } from "./control-api.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import type { Terminal } from "./terminal.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";

export interface SelectionFlags {
  readonly principal?: readonly string[];
  readonly pseudonym?: readonly string[];
  readonly credential?: readonly string[];
  readonly session?: readonly string[];
  readonly connection?: readonly string[];
  readonly window?: string;
}

interface BreachFlags extends SelectionFlags, ApiFlags {
  readonly json?: boolean;
}

interface Answer {
  readonly origin: string;
  readonly size: number;
  readonly report: BreachReport;
}

export function addBreach(program: Command, cli: Cli): void {
  const command = withSelection(
    withApi(
      addVerb(program, "breach [log]", {
        summary:
          "What a stolen credential, a session or a stretch of time touched: recipients, categories, counts, times (GDPR Art. 33)",
        examples: [
          "sluice breach --credential k7m2p9w4xq --key-file officer.key",
          "sluice breach --principal service:crm --window 2026-11-20T08:00:00Z/2026-11-20T12:00:00Z --json",
          "sluice breach ./sluice-data --session 9f2c     from the files, when the gateway is not to be trusted or not there",
        ],
        failed: "the gateway refuses, or the log lacks records",
      }),
    ),
  );
  command.action((place: string | undefined) => {
    const flags: BreachFlags = command.opts();
    return finish(cli, flags, () => breach(cli, command, place, flags));
  });
}

/** Options that say which records are meant. */
export function withSelection(command: Command): Command {
  return command
    .option("--principal <id>", "who asked, or acted for who asked: service:crm; may be given more than once", repeated)
    .option("--pseudonym <name>", "the same, as the log has it; may be given more than once", repeated)
    .option(
      "--credential <id>",
      "id of an API key, a token's or a certificate's; may be given more than once",
      repeated,
    )
    .option("--session <id>", "value of Sluice-Session; may be given more than once", repeated)
    .option("--connection <name>", "only what went this way; may be given more than once", repeated)
    .option("--window <from/to>", "from this time on and before that one, RFC 3339 in UTC; either may be left out");
}

/** As the control API takes it. Throws a CliError (2). */
export function selectionBody(flags: SelectionFlags): Record<string, unknown> {
  const { from, to } = windowOf(flags.window);
  const body = {
    ...(flags.principal === undefined ? {} : { principals: flags.principal }),
    ...(flags.pseudonym === undefined ? {} : { pseudonyms: flags.pseudonym }),
    ...(flags.credential === undefined ? {} : { credentials: flags.credential }),
    ...(flags.session === undefined ? {} : { sessions: flags.session }),
    ...(flags.connection === undefined ? {} : { connections: flags.connection }),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
  };
  return body;
}

function windowOf(text: string | undefined): { readonly from?: number; readonly to?: number } {
  if (text === undefined) return {};
  const [from = "", to, ...more] = text.split("/");
  const ends = [from, to ?? ""].map((end) => (end === "" ? undefined : Date.parse(end)));
  const isTime = [from, to ?? ""].every((end) => end === "" || /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?$/.test(end));
  if (
    to === undefined ||
    more.length > 0 ||
    !isTime ||
    ends.some(Number.isNaN) ||
    ends.every((end) => end === undefined)
  ) {
    throw new CliError(
      EXIT.usage,
      "window_invalid",
      "--window is FROM/TO, for example 2026-11-20T08:00:00Z/2026-11-20T12:00:00Z",
    );
  }
  return {
    ...(ends[0] === undefined ? {} : { from: ends[0] }),
    ...(ends[1] === undefined ? {} : { to: ends[1] }),
  };
}

async function breach(cli: Cli, command: Command, place: string | undefined, flags: BreachFlags): Promise<ExitCode> {
  const body = selectionBody(flags);
  if (Object.keys(body).length === 0) {
    throw new CliError(
      EXIT.usage,
      "selection_missing",
      "say what is meant: --credential, --principal, --session or --window",
    );
  }
  const answer =
    place === undefined
      ? ((await (await openApi(command, flags, true)).post("/api/breach", body)) as Answer)
      : await fromFiles(cli.terminal, place, flags);
  if (flags.json === true) cli.terminal.json(answer);
  else print(cli.terminal, answer);
  return EXIT.ok;
}

async function fromFiles(terminal: Terminal, place: string, flags: SelectionFlags): Promise<Answer> {
  const [
    { BreachTally, scan },
    { minimumOf, openLog },
    { parseCheckpoint, parseNote },
    { credentialName, sessionName },
  ] = await Promise.all([
    import("../audit/index.ts"),
    import("./log-source.ts"),
    import("@sluice/verifier"),
    import("../core/pseudonyms.ts"),
  ]);
  const log = await openLog(place);
  const { principal = [], pseudonym = [], credential, session, connection } = flags;
  const isNamed = principal.length > 0 || credential !== undefined || session !== undefined;
  const { openNames } = await import("../server/offline-names.ts");
  const nameOf = isNamed ? await openNames(log.place) : (name: string) => name;
  const who = [...principal.map(nameOf), ...pseudonym];
  const { from, to } = windowOf(flags.window);
  const note = await log.source.read("checkpoint");
  if (note === undefined) throw new CliError(EXIT.environment, "log_missing", `no log at ${place}`);
  const { origin, size } = parseCheckpoint(parseNote(note).text);
  const minimum = await minimumOf(log);
  if (minimum > 0) terminal.note(`records below ${minimum} were pruned, and are not counted`);
  const tally = new BreachTally();
  const selection = {
    ...(who.length === 0 ? {} : { principals: new Set(who) }),
    ...(credential === undefined ? {} : { credentials: new Set(credential.map((id) => nameOf(credentialName(id)))) }),
    ...(session === undefined ? {} : { sessions: new Set(session.map((id) => nameOf(sessionName(id)))) }),
    ...(connection === undefined ? {} : { connections: new Set(connection) }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const progress = (done: number, of: number): void => terminal.progress(`${done} of ${of} records read`);
  for await (const found of scan({ source: log.source, size, minimum, selection, events: true, progress }))
    tally.add(found);
  terminal.progress(undefined);
  return { origin, size, report: tally.report() };
}

const ROWS_MAX = 20;

function print(terminal: Terminal, { origin, size, report }: Answer): void {
  const { exchanges, bytes } = report;
  const { bold } = terminal.colors;
  const row = (name: string, value: string): void => terminal.line(`${name.padEnd(14)}${visible(value)}`);
  const list = (title: string, rows: readonly string[]): void => {
    if (rows.length === 0) return;
    terminal.line();
    terminal.line(bold(title));
    for (const each of rows.slice(0, ROWS_MAX)) terminal.line(`  ${visible(each)}`);
    if (rows.length > ROWS_MAX) terminal.line(`  and ${rows.length - ROWS_MAX} more (--json shows all)`);
  };
  row("log", `${origin}, ${size} records`);
  row("period", report.first === undefined ? "nothing on record" : `${report.first} to ${report.last ?? ""}`);
  row(
    "exchanges",
    `${exchanges.total} sent: ${exchanges.answered} answered, ${exchanges.unanswered} without an answer, ${exchanges.open} without an outcome on record; ${exchanges.refused} refused and not sent`,
  );
  row("bytes", `${bytes.sent} asked, ${bytes.received} answered`);
  list(
    "recipients",
    report.recipients.map(
      ({ name, country, exchanges: count, first, last }) => `${name} (${country})  ${count}  ${first} to ${last}`,
    ),
  );
  list(
    "purposes",
    report.purposes.map(({ name, basis, exchanges: count }) => `${name}  ${basis}  ${count}`),
  );
  list(
    "principals",
    report.principals.map(({ name, exchanges: count, first, last }) => `${name}  ${count}  ${first} to ${last}`),
  );
  list(
    "categories found",
    report.categories.map(({ name, count }) => `${name}  ${count}`),
  );
  list(
    "signals of special categories",
    report.special.map(({ name, count }) => `${name}  ${count}`),
  );
  list(
    "types found",
    report.types.map(
      ({ name, found, clear, operators }) =>
        `${name}  ${found}: ${clear} sent in clear${Object.entries(operators)
          .map(([operator, count]) => `, ${count} ${operator}`)
          .join("")}`,
    ),
  );
  list(
    "sent without being scanned",
    report.unscanned.map(({ name, count }) => `${name}  ${count}`),
  );
  list(
    "refusals",
    report.refusals.map(({ name, count }) => `${name}  ${count}`),
  );
  list(
    "other events of the same principals",
    report.events.map(({ name, count }) => `${name}  ${count}`),
  );
}
