/** `sluice subject`: what is kept about a person, a copy of it, and forgetting it; at a running gateway. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { visible } from "../core/visible.ts";
import { type ApiFlags, type ControlApi, openApi, withApi } from "./control-api.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { type IdentifierFlags, readIdentifiers, withIdentifiers } from "./identifiers.ts";
import { writeWhole } from "./output.ts";
import type { Terminal } from "./terminal.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

interface Flags extends ApiFlags, IdentifierFlags {
  readonly json?: boolean;
  readonly limit: number;
  readonly format: "json" | "csv";
  readonly out?: string;
  readonly force?: boolean;
  readonly reference?: string;
  readonly basis?: string;
  readonly yes?: boolean;
  readonly wait: number;
}

/** What the gateway answers; docs/erasure.md and /openapi.json say what each part means. */
interface Found {
  readonly total: number;
  readonly unheard: readonly string[];
  readonly records: readonly {
    readonly index: number;
    readonly time: string;
    readonly purpose: string;
    readonly basis: string;
    readonly recipient: { readonly id: string; readonly country: string };
    readonly connection: string;
    readonly mode: string;
    readonly retained: boolean;
    readonly fields: readonly { readonly path: string; readonly type: string }[];
  }[];
}

interface Plan {
  readonly ids: readonly string[];
  readonly records: number;
  readonly sinks: readonly { readonly sink: string; readonly kind: string }[];
  readonly datasets: readonly string[];
}

interface Erasure extends Plan {
  readonly id: string;
  readonly state: string;
  readonly reference: string;
  readonly requested_at: string;
  readonly sinks: readonly {
    readonly sink: string;
    readonly kind: string;
    readonly state: string;
    readonly at?: string;
    readonly reason?: string;
  }[];
  readonly certificate: boolean;
  readonly repeated: boolean;
}

const FAILED =
  "the gateway refuses: nobody is known by that (subject_unknown), a legal hold (subject_held), not yours to do";
const BASES = ["A17-1-a", "A17-1-b", "A17-1-c", "A17-1-d", "A17-1-e", "A17-1-f", "A5-1-e"];
const LIMIT = 1_000;
const WAIT_S = 10;
const LOOK_MS = 500;
/** A copy may hold what others would like to read. */
const PRIVATE = 0o600;

type Work = (api: ControlApi, flags: Flags, argument: string) => Promise<ExitCode>;

export function addSubject(program: Command, cli: Cli): void {
  const { terminal } = cli;
  const subject = program
    .command("subject")
    .description("What is kept about a person at a running gateway: find it, copy it, forget it");
  const add = (verb: string, summary: string, examples: readonly string[], work: Work): Command => {
    const command = withApi(addVerb(subject, verb, { summary, examples, failed: FAILED }));
    return command.action((...given: unknown[]) => {
      const argument = typeof given[0] === "string" ? given[0] : "";
      const flags: Flags = command.opts();
      return finish(cli, flags, async () => work(await openApi(command, flags, true), flags, argument));
    });
  };

  withIdentifiers(
    add(
      "find",
      "Every exchange that holds data about a person; goes on record without whom",
      [
        "sluice subject find                         asks for identifiers",
        "sluice subject find --identifiers - --json < who.txt",
      ],
      (api, flags) => find(terminal, api, flags),
    ),
  ).addOption(new Option("--limit <number>", "most records that are listed").default(LIMIT).argParser(countOf));

  withIdentifiers(
    add(
      "export",
      "Write a copy of what is kept about a person, with proofs; other people's values stand in it as their types",
      [
        "sluice subject export --identifiers who.txt --out copy.json",
        "sluice subject export --identifiers who.txt --format csv --out copy.csv",
      ],
      (api, flags) => copy(terminal, api, flags),
    ),
  )
    .addOption(new Option("--format <format>", "json, or csv of the values").choices(["json", "csv"]).default("json"))
    .option("--out <file>", "where to write it (default: stdout)")
    .option("--force", "replace the file");

  withIdentifiers(
    add(
      "erase",
      "Forget a person. Without --yes it says what would be destroyed, and destroys nothing; with it there is no way back",
      [
        "sluice subject erase --identifiers who.txt --reference DSR-2026-17 --basis A17-1-b",
        "sluice subject erase --identifiers who.txt --reference DSR-2026-17 --basis A17-1-b --yes --out certificate",
      ],
      (api, flags) => erase(terminal, api, flags),
    ),
  )
    .requiredOption("--reference <number>", "your own number of the request; it goes on record, so no name")
    .addOption(
      new Option("--basis <ground>", "ground of GDPR Art. 17(1), or A5-1-e: kept for long enough")
        .choices(BASES)
        .makeOptionMandatory(),
    )
    .option("--yes", "do it")
    .option("--out <file>", "where to write the certificate")
    .option("--force", "replace the file")
    .addOption(
      new Option("--wait <seconds>", "how long to wait for sinks and certificate").default(WAIT_S).argParser(secondsOf),
    );

  add("erasures", "The latest erasures, and datasets that are tainted", ["sluice subject erasures"], (api, flags) =>
    list(terminal, api, flags),
  );
  add(
    "certificate <erasure>",
    "The certificate of an erasure; `sluice verify --certificate` checks it offline",
    ["sluice subject certificate er-5e9d… --out certificate"],
    async (api, flags, id) => {
      const note = await api.text(`${pathOf(id)}/certificate`);
      if (flags.json === true) terminal.json({ erasure: id, certificate: note });
      else await put(terminal, note, flags);
      return EXIT.ok;
    },
  )
    .option("--out <file>", "where to write it (default: stdout)")
    .option("--force", "replace the file");
}

const pathOf = (id: string): string => `api/erasures/${encodeURIComponent(id)}`;

async function find(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  const identifiers = await readIdentifiers(terminal, flags);
  const found = (await api.post("api/subjects/find", { identifiers, limit: flags.limit })) as Found;
  if (flags.json === true) {
    terminal.json(found);
    return EXIT.ok;
  }
  for (const { index, time, purpose, basis, recipient, connection, mode, retained, fields } of found.records) {
    const kept = mode === "none" ? "entry alone" : `${mode}${retained ? "" : ", deleted"}`;
    const types = [...new Set(fields.map(({ type }) => type))].join(" ");
    // An id of Sluice-Data-Subject stands in no text.
    const where = types === "" && retained ? "named by the request" : types;
    terminal.line(
      shown(
        `${index}  ${time}  ${purpose} (${basis})  ${connection} → ${recipient.id} ${recipient.country}  ${kept}  ${where}`.trimEnd(),
      ),
    );
  }
  const more = found.total > found.records.length ? `, of which the first ${found.records.length} are shown` : "";
  terminal.note(`${found.total} ${found.total === 1 ? "exchange" : "exchanges"}${more}`);
  if (found.unheard.length > 0)
    terminal.note(
      `not heard of: ${found.unheard.join(", ")}; what was recorded there in the last seconds may be missing`,
    );
  return EXIT.ok;
}

async function copy(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  const identifiers = await readIdentifiers(terminal, flags);
  const stream = await api.download("api/subjects/export", { identifiers, format: flags.format });
  const text = await new Response(stream).text();
  await put(terminal, text, flags);
  return EXIT.ok;
}

async function erase(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  const { reference, basis } = flags;
  const wanted = { identifiers: await readIdentifiers(terminal, flags), reference, basis };
  if (flags.yes !== true) {
    const plan = (await api.post("api/subjects/erase", { ...wanted, dry_run: true })) as Plan;
    if (flags.json === true) terminal.json(plan);
    else showPlan(terminal, plan);
    return EXIT.ok;
  }
  const begun = (await api.post("api/subjects/erase", wanted)) as Erasure;
  const erasure = await settled(api, begun, flags.wait);
  const note = erasure.certificate ? await api.text(`${pathOf(erasure.id)}/certificate`) : undefined;
  if (note !== undefined && flags.out !== undefined) await writeWhole(flags.out, note, { force: flags.force === true });
  if (flags.json === true) terminal.json({ ...erasure, repeated: begun.repeated });
  else showErasure(terminal, { ...erasure, repeated: begun.repeated }, flags.out);
  return EXIT.ok;
}

/** As it stands when there is a certificate, or the time is over. */
async function settled(api: ControlApi, begun: Erasure, waitS: number): Promise<Erasure> {
  let erasure = begun;
  for (const end = Date.now() + waitS * 1_000; !erasure.certificate && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    erasure = (await api.get(pathOf(begun.id))) as Erasure;
  }
  return erasure;
}

function showPlan(terminal: Terminal, { ids, records, sinks, datasets }: Plan): void {
  terminal.line(`would destroy ${counted(ids.length, "key")}, by which ${counted(records, "exchange")} can be read`);
  for (const { sink, kind } of sinks)
    terminal.line(shown(kind === "backup" ? `would name the backup ${sink}` : `would call the sink ${sink} (${kind})`));
  for (const dataset of datasets) terminal.line(shown(`would mark the dataset ${dataset} as tainted`));
  terminal.note("nothing was destroyed; --yes does it, and there is no way back");
}

function showErasure(terminal: Terminal, erasure: Erasure, out: string | undefined): void {
  const { id, ids, records, sinks, datasets, certificate, repeated } = erasure;
  const was = repeated ? `was erased before, on ${erasure.requested_at}` : "erased";
  terminal.line(`${id}: ${was}; ${counted(ids.length, "key")}, ${counted(records, "exchange")}`);
  for (const { sink, state, at, reason } of sinks) {
    const when = at === undefined ? "" : ` ${at}`;
    terminal.line(shown(`${sink}  ${state}${when}${reason === undefined ? "" : ` (${reason})`}`));
  }
  for (const dataset of datasets) terminal.line(shown(`dataset ${dataset} is tainted`));
  if (!certificate) terminal.note(`the certificate follows: sluice subject certificate ${id}`);
  else if (out === undefined) terminal.note(`certificate: sluice subject certificate ${id}`);
  else terminal.note(`certificate: ${out}; sluice verify --certificate ${out}`);
}

async function list(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  const { erasures, datasets } = (await api.get("api/erasures")) as {
    readonly erasures: readonly Erasure[];
    readonly datasets: readonly { readonly dataset: string; readonly since: string; readonly erasures: number }[];
  };
  if (flags.json === true) {
    terminal.json({ erasures, datasets });
    return EXIT.ok;
  }
  for (const { id, requested_at: at, state, reference, records } of erasures)
    terminal.line(shown(`${id}  ${at}  ${state}  ${reference}  ${counted(records, "exchange")}`));
  for (const { dataset, since, erasures: count } of datasets)
    terminal.line(shown(`dataset ${dataset} is tainted since ${since}, by ${counted(count, "erasure")}`));
  return EXIT.ok;
}

async function put(terminal: Terminal, text: string, { out, force }: Flags): Promise<void> {
  if (out === undefined) terminal.write(text);
  else await writeWhole(out, text, { force: force === true, mode: PRIVATE });
}

const countOf = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new InvalidArgumentError("a number from 1 to 10000");
  return count;
};

const secondsOf = (text: string): number => {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= 86_400)) throw new InvalidArgumentError("a number of seconds");
  return seconds;
};

const shown = (text: string): string => visible(text);

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
