import type { Command } from "commander";
import type { Authorizer } from "../policy/authorizer.ts";
import type { CheckFinding } from "../policy/check.ts";
import type { Explanation } from "../policy/explain.ts";
import type { PolicySet } from "../policy/load.ts";
import type { PolicyProblem } from "../policy/source.ts";
import type { TableResult } from "../policy/table-test.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { loadSetup, policiesOf, principalFor, principalsOf, type Setup } from "./policy-setup.ts";
import type { Terminal } from "./terminal.ts";
import { addVerb, type Cli, finish, repeated } from "./verb.ts";

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
}

interface CheckFlags extends Flags {
  readonly schema?: boolean;
}

interface ExplainFlags extends Flags {
  readonly as: string;
  readonly purpose?: string;
  readonly connection?: readonly string[];
  readonly action: string;
  readonly found?: string;
  readonly group?: readonly string[];
  readonly role?: readonly string[];
  readonly agent?: readonly string[];
  readonly consent?: string;
  readonly at?: string;
  readonly network?: string;
}

/** What is scrubbed or restored goes to the gateway itself; everything else to somebody. */
const LOCAL_ACTIONS: ReadonlySet<string> = new Set(["scrub", "restore"]);

const CONFIG = ["--config <file>", "the configuration (default: sluice.yaml here)"] as const;

export function addPolicy(program: Command, cli: Cli): void {
  const policy = program.command("policy").description("Check, test and explain the policies beside sluice.yaml");

  addVerb(policy, "check", {
    summary: "Check the policies against their schema, and list rules that can never apply or make no difference",
    examples: [
      "sluice policy check",
      "sluice policy check --config /etc/sluice/sluice.yaml --json",
      "sluice policy check --schema > sluice.cedarschema     for editors",
    ],
    failed: "a rule is unreachable, shadowed or redundant",
  })
    .option(...CONFIG)
    .option("--schema", "print the Cedar schema of the facts and check nothing")
    .action((flags: CheckFlags) => finish(cli, flags, () => check(cli.terminal, flags)));

  addVerb(policy, "test [files...]", {
    summary: "Run the tables of requests beside the policies (*.test.yaml) and say where the answer is another one",
    examples: ["sluice policy test", "sluice policy test policies/support.test.yaml --json"],
    failed: "an answer is not the expected one",
  })
    .option(...CONFIG)
    .action((files: string[], flags: Flags) => finish(cli, flags, () => test(cli.terminal, files, flags)));

  addVerb(policy, "explain", {
    summary: "Say what somebody may do for a purpose, on each connection, and why",
    examples: [
      "sluice policy explain --as service:crm --purpose support",
      "sluice policy explain --as jane --group doctors --purpose care --found health=2,contact=1",
      "sluice policy explain --as jane --role auditor --action read-evidence",
    ],
    failed: "nothing of what was asked is allowed",
  })
    .requiredOption("--as <who>", "an API key or its principal; else a person of this name")
    .option("--purpose <id>", "what for (default: the default purpose of the key)")
    .option("--connection <name>", "on this connection (default: all); may be given more than once", repeated)
    .option(
      "--action <name>",
      "infer, embed, query, execute, scrub, restore; reveal, approve, break-glass, read-evidence, export",
      "infer",
    )
    .option("--found <list>", "what the text holds, by type or category: health=2,EMAIL=1")
    .option("--group <name>", "in this group; may be given more than once", repeated)
    .option("--role <name>", "with this role; may be given more than once", repeated)
    .option("--agent <name>", "an agent that acts for them; may be given more than once", repeated)
    .option(
      "--consent <state>",
      "of the data subject: given, withdrawn, none, opted-out (default: no data subject is named)",
    )
    .option("--at <time>", "at this UTC time: 2026-01-31T12:00:00Z (default: now)")
    .option("--network <address>", "from this address")
    .option(...CONFIG)
    .action((flags: ExplainFlags) => finish(cli, flags, () => explain(cli.terminal, flags)));
}

async function check(terminal: Terminal, flags: CheckFlags): Promise<ExitCode> {
  if (flags.schema === true) {
    const { SCHEMA } = await import("../policy/schema.ts");
    if (flags.json === true) terminal.json({ schema: SCHEMA });
    else terminal.write(SCHEMA);
    return EXIT.ok;
  }
  const setup = await loadSetup(flags.config);
  const files = policiesOf(setup);
  const [{ readPolicies }, { checkPolicies }] = await Promise.all([
    import("../policy/load.ts"),
    import("../policy/check.ts"),
  ]);
  const { set, problems } = readPolicies(files, setup.vocabulary);
  const findings = set === undefined ? [] : checkPolicies(set);
  const isWrong = findings.some(({ kind }) => kind !== "closed");
  if (flags.json === true) {
    const held = set === undefined ? {} : { policies: set.policies.length, hash: set.hash };
    terminal.json({ ok: set !== undefined && !isWrong, dir: files.dir, ...held, problems, findings });
  } else {
    await printCheck(terminal, files.files.length, set, problems, findings);
  }
  if (set === undefined) return EXIT.usage;
  return isWrong ? EXIT.failed : EXIT.ok;
}

async function printCheck(
  terminal: Terminal,
  files: number,
  set: PolicySet | undefined,
  problems: readonly PolicyProblem[],
  findings: readonly CheckFinding[],
): Promise<void> {
  const { formatPolicyProblem } = await import("../policy/source.ts");
  const { bold, dim, green, red, yellow } = terminal.colors;
  for (const each of problems) terminal.line(`${red("error")}  ${formatPolicyProblem(each)}`);
  for (const { kind, policy, file, line, column, message } of findings) {
    if (policy === undefined) terminal.line(`${dim("note")}   ${message}`);
    else terminal.line(`${yellow(kind)}  ${file}:${line}:${column} ${bold(policy)}: ${message}`);
  }
  if (set === undefined) {
    terminal.line(`policies: ${counted(problems.length, "problem")} in ${counted(files, "file")}`);
    return;
  }
  const wrong = findings.filter(({ kind }) => kind !== "closed").length;
  const word =
    wrong === 0 ? green("ok") : yellow(counted(wrong, "rule") + (wrong === 1 ? " does" : " do") + " nothing");
  terminal.line(`policies: ${word}, ${counted(set.policies.length, "policy")} in ${counted(files, "file")}`);
  terminal.line(`policy hash ${set.hash}`);
}

/** The setup with its policies in force. Throws `policy_invalid`. */
async function inForce(setup: Setup): Promise<{
  readonly set: PolicySet | undefined;
  readonly authorizer: Authorizer;
}> {
  const [{ loadPolicies }, { createAuthorizer }] = await Promise.all([
    import("../policy/load.ts"),
    import("../policy/authorizer.ts"),
  ]);
  const { config, policies, vocabulary } = setup;
  const set = policies === undefined ? undefined : loadPolicies(policies, vocabulary);
  return { set, authorizer: createAuthorizer(config, set) };
}

async function test(terminal: Terminal, named: readonly string[], flags: Flags): Promise<ExitCode> {
  const setup = await loadSetup(flags.config);
  const { dir } = policiesOf(setup);
  const { authorizer } = await inForce(setup);
  const [{ runTable }, { readText }, { basename, join }, { readdir }] = await Promise.all([
    import("../policy/table-test.ts"),
    import("./input.ts"),
    import("node:path"),
    import("node:fs/promises"),
  ]);
  const own = async (): Promise<string[]> =>
    (await readdir(dir))
      .filter((name) => name.endsWith(".test.yaml"))
      .toSorted()
      .map((name) => join(dir, name));
  const paths = named.length > 0 ? named : await own();
  if (paths.length === 0)
    throw new CliError(EXIT.usage, "tests_missing", "there is no *.test.yaml beside the policies");
  const subject = { authorizer, vocabulary: setup.vocabulary, principals: principalsOf(setup.config) };
  const results: TableResult[] = [];
  for (const path of paths) results.push(runTable(basename(path), await readText(path), subject));
  const rows = results.flatMap((each) => each.rows);
  const problems = results.flatMap((each) => each.problems);
  const failed = rows.filter(({ differences }) => differences.length > 0);
  if (flags.json === true) {
    const shown = rows.map(({ decision: _, ...row }) => row);
    terminal.json({
      ok: failed.length === 0 && problems.length === 0,
      passed: rows.length - failed.length,
      rows: shown,
      problems,
    });
  } else {
    const { formatPolicyProblem } = await import("../policy/source.ts");
    const { green, red } = terminal.colors;
    for (const each of problems) terminal.line(`${red("error")}  ${formatPolicyProblem(each)}`);
    for (const { file, line, it, differences } of rows) {
      terminal.line(`${differences.length === 0 ? green("ok") : red("not ok")}  ${file}:${line} ${it}`);
      for (const each of differences) terminal.line(`        ${each}`);
    }
    terminal.line(`${rows.length - failed.length} of ${counted(rows.length, "answer")} as expected`);
  }
  if (problems.length > 0) return EXIT.usage;
  return failed.length > 0 ? EXIT.failed : EXIT.ok;
}

async function explain(terminal: Terminal, flags: ExplainFlags): Promise<ExitCode> {
  const setup = await loadSetup(flags.config);
  const { set, authorizer } = await inForce(setup);
  const [room, { foundFrom }, { POLICY_ACTIONS, CONTROL_ACTIONS }, { isLocal }] = await Promise.all([
    import("../policy/explain.ts"),
    import("../policy/question.ts"),
    import("../policy/schema.ts"),
    import("../server/local.ts"),
  ]);
  const action = POLICY_ACTIONS.find((each) => each === flags.action);
  if (action === undefined) throw wrong("action", flags.action, POLICY_ACTIONS);
  const { purposes, connections } = setup.vocabulary;
  if (flags.purpose !== undefined && !purposes.has(flags.purpose))
    throw wrong("purpose", flags.purpose, [...purposes.keys()]);
  for (const name of flags.connection ?? []) {
    const names = connections.map((each) => each.name);
    if (!names.includes(name)) throw wrong("connection", name, names);
  }
  const somebody = { name: flags.as, groups: flags.group ?? [], roles: flags.role ?? [], agents: flags.agent ?? [] };
  const principal = await principalFor(somebody, setup);
  const question = {
    principal,
    action,
    purpose: flags.purpose ?? principal.defaultPurpose,
    found: said("found_invalid", () => foundFrom(countsOf(flags.found))),
    consent: consentOf(flags.consent),
    now: timeOf(flags.at),
    network: flags.network,
  };
  const places = CONTROL_ACTIONS.some((each) => each === action)
    ? [undefined]
    : connections.filter(
        (each) => flags.connection?.includes(each.name) ?? isLocal(each) === LOCAL_ACTIONS.has(action),
      );
  const answers = places.map((place) => room.explain(authorizer, set, question, place, setup.vocabulary));
  const { id, kind, groups, roles } = principal;
  if (flags.json === true) {
    const shown = { action, purpose: question.purpose, found: question.found };
    terminal.json({ principal: { id, kind, groups, roles }, ...shown, answers: answers.map(withPurposeId) });
  } else {
    const members = groups.length === 0 ? "in no group" : `in ${groups.join(", ")}`;
    const what = question.purpose === undefined ? action : `${action} for ${question.purpose}`;
    terminal.line(`${terminal.colors.bold(id)}, ${kind}, ${members}: ${what}`);
    if (set === undefined) terminal.line("no policies: what the credential may do is enough");
    for (const each of answers) printAnswer(terminal, each);
  }
  return answers.some(({ decision }) => decision.effect === "allow") ? EXIT.ok : EXIT.failed;
}

function withPurposeId({ decision, ...rest }: Explanation): unknown {
  if (!("purpose" in decision) || decision.purpose === undefined) return { ...rest, decision };
  return { ...rest, decision: { ...decision, purpose: decision.purpose.id } };
}

function printAnswer(terminal: Terminal, { connection, decision, considered }: Explanation): void {
  const { bold, dim, green, red } = terminal.colors;
  const isAllowed = decision.effect === "allow";
  terminal.line(`\n${bold(connection ?? "the evidence")}: ${isAllowed ? green("allow") : red("deny")}`);
  if (decision.effect === "deny") terminal.line(`  ${decision.code}: ${decision.message}`);
  for (const { policy, effect, description, applies, because } of considered) {
    const said = description === undefined ? "" : ` (${description})`;
    if (applies) terminal.line(`  ${effect} "${policy}" applies${said}`);
    else terminal.line(dim(`  ${effect} "${policy}" does not apply: ${because} is false`));
  }
  if (!("obligations" in decision)) return;
  const { obligations, risk } = decision;
  for (const { group, people } of obligations.approvals) terminal.line(`  needs a yes of ${people} of ${group}`);
  const masks = Object.entries(obligations.masks).map(([name, operator]) => `${name}=${operator}`);
  if (masks.length > 0) terminal.line(`  masks ${masks.join(", ")}`);
  if (obligations.retention !== undefined) terminal.line(`  kept ${obligations.retention}`);
  for (const { requests, perMs } of obligations.limits)
    terminal.line(`  at most ${requests} requests per ${perMs / 1000} s`);
  terminal.line(`  risk ${risk.score} of 100${risk.reasons.length === 0 ? "" : `: ${risk.reasons.join(", ")}`}`);
}

/** An Error of what was written on the command line. */
function said<T>(code: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof CliError || !(thrown instanceof Error)) throw thrown;
    throw new CliError(EXIT.usage, code, thrown.message);
  }
}

function wrong(what: string, name: string, known: readonly string[]): CliError {
  return new CliError(EXIT.usage, `${what}_unknown`, `unknown ${what} "${name}"; known: ${known.join(", ")}`);
}

/** `health=2,EMAIL=1` */
function countsOf(list: string | undefined): Record<string, number> {
  const items = list === undefined ? [] : list.split(",");
  return Object.fromEntries(
    items.map((item) => {
      const [, name, count] = /^\s*([\w-]+)(?:=(\d{1,6}))?\s*$/.exec(item) ?? [];
      if (name === undefined) throw new CliError(EXIT.usage, "found_invalid", "--found is written as health=2,EMAIL=1");
      return [name, Number(count ?? 1)];
    }),
  );
}

function consentOf(
  state: string | undefined,
): { state: "given" | "withdrawn" | "none"; optedOut: boolean } | undefined {
  switch (state) {
    case undefined:
      return undefined;
    case "given":
    case "withdrawn":
    case "none":
      return { state, optedOut: false };
    case "opted-out":
      return { state: "none", optedOut: true };
    default:
      throw wrong("consent", state, ["given", "withdrawn", "none", "opted-out"]);
  }
}

function timeOf(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new CliError(EXIT.usage, "time_invalid", "--at is written as 2026-01-31T12:00:00Z");
  return time;
}

function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}
