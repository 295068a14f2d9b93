/**
 * Tables of requests with the answers that are wanted, in `*.test.yaml` beside the policies: what a policy means to its author,
 * kept where a reviewer sees both. A row states what matters; what it leaves out is ordinary. Read strictly: an unknown key or
 * name is a problem, since a row that tests nothing would be believed.
 */
import { isMap, isSeq, LineCounter, parseDocument } from "yaml";
import * as z from "zod";
import type { Connection } from "../core/connection.ts";
import type { Decision, Obligations } from "../core/decision.ts";
import { didYouMean } from "../core/nearest.ts";
import { type Principal, ROLES } from "../core/principal.ts";
import type { Authorizer } from "./authorizer.ts";
import type { Vocabulary } from "./load.ts";
import { NO_OBLIGATIONS, type Named, readAnnotations } from "./obligations.ts";
import { ask, foundFrom, type Question, type Reply } from "./question.ts";
import { POLICY_ACTIONS } from "./schema.ts";
import { isControl } from "./scope.ts";
import type { Place, PolicyProblem } from "./source.ts";

const strict = z.strictObject;
const names = z.array(z.string());

const who = strict({
  id: z.string().default("person:test"),
  kind: z.enum(["service", "human", "agent"]).default("human"),
  provider: z.string().optional(),
  groups: names.default([]),
  roles: z.array(z.enum(ROLES)).default(["user"]),
  /** Absent: all. */
  purposes: names.optional(),
  connections: names.optional(),
  /** Agents that act on the principal's behalf. */
  agents: names.default([]),
});

const row = strict({
  it: z.string().min(1),
  /** An id of `keys` in sluice.yaml, its principal, or somebody made up. */
  as: z.union([z.string(), who]).prefault({}),
  action: z.enum(POLICY_ACTIONS).default("infer"),
  connection: z.string().optional(),
  purpose: z.string().optional(),
  found: z.record(z.string(), z.number().int().min(0)).default({}),
  consent: z.enum(["given", "withdrawn", "none", "opted-out"]).optional(),
  at: z.iso.datetime().default("2026-01-05T10:00:00Z"),
  network: z.string().optional(),
  expect: z.enum(["allow", "deny"]),
  code: z.string().optional(),
  /** Exactly these determined the answer. */
  policies: names.optional(),
  approve: z.string().optional(),
  mask: z.string().optional(),
  retain: z.string().optional(),
  limit: z.string().optional(),
});

type Row = z.output<typeof row>;

const table = strict({ tests: z.array(z.unknown()).min(1) });

export interface TestSubject {
  readonly authorizer: Authorizer;
  readonly vocabulary: Vocabulary;
  /** Whom a row may name in `as`: owners of API keys, by the key's id and by their own. */
  readonly principals: ReadonlyMap<string, Principal>;
}

export interface RowResult extends Place {
  readonly it: string;
  /** What is not as expected, a line each; empty: passed. */
  readonly differences: readonly string[];
  readonly decision: Reply["decision"];
}

export interface TableResult {
  readonly rows: readonly RowResult[];
  /** What could not be read. */
  readonly problems: readonly PolicyProblem[];
}

export const ROWS_MAX = 10_000;

export function runTable(file: string, text: string, subject: TestSubject): TableResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: "1.2", uniqueKeys: true, prettyErrors: false, lineCounter: lines });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = document.errors;
  if (error !== undefined)
    return { rows: [], problems: [{ ...place(error.pos[0]), message: `not valid YAML: ${error.message}` }] };
  const read = table.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!read.success)
    return {
      rows: [],
      problems: [{ ...place(0), message: `must hold \`tests\`, a list of rows: ${saidOf(read.error)}` }],
    };
  const { tests } = read.data;
  if (tests.length > ROWS_MAX) return { rows: [], problems: [{ ...place(0), message: `more than ${ROWS_MAX} rows` }] };

  const list = isMap(document.contents) ? document.contents.get("tests") : undefined;
  const rows: RowResult[] = [];
  const problems: PolicyProblem[] = [];
  for (const [at, each] of tests.entries()) {
    const node: unknown = isSeq(list) ? list.items[at] : undefined;
    const own = place(isMap(node) ? (node.range?.[0] ?? 0) : 0);
    const parsed = row.safeParse(each);
    try {
      if (!parsed.success) throw new RowError(saidOf(parsed.error));
      rows.push({ ...own, ...runRow(parsed.data, subject) });
    } catch (thrown) {
      if (!(thrown instanceof RowError)) throw thrown;
      problems.push({ ...own, message: thrown.message });
    }
  }
  return { rows, problems };
}

/** The row says something that cannot be asked. */
class RowError extends Error {
  override readonly name = "RowError";
}

function saidOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
}

function runRow(each: Row, subject: TestSubject): Pick<RowResult, "it" | "differences" | "decision"> {
  const { vocabulary, authorizer } = subject;
  const question: Question = {
    principal: principalOf(each.as, subject),
    action: each.action,
    purpose: each.purpose === undefined ? undefined : known("purpose", each.purpose, [...vocabulary.purposes.keys()]),
    found: said(() => foundFrom(each.found)),
    consent:
      each.consent === undefined
        ? undefined
        : { state: each.consent === "opted-out" ? "none" : each.consent, optedOut: each.consent === "opted-out" },
    now: Date.parse(each.at),
    network: each.network,
  };
  const { decision } = ask(authorizer, question, connectionOf(each, vocabulary), vocabulary);
  return { it: each.it, decision, differences: differencesOf(each, decision, vocabulary) };
}

function connectionOf({ action, connection }: Row, { connections }: Vocabulary): Connection | undefined {
  if (isControl(action)) return undefined;
  if (connection === undefined) throw new RowError(`${action} needs a connection`);
  known(
    "connection",
    connection,
    connections.map(({ name }) => name),
  );
  return connections.find(({ name }) => name === connection);
}

function principalOf(as: Row["as"], { principals, vocabulary }: TestSubject): Principal {
  if (typeof as === "string") {
    const principal = principals.get(as);
    if (principal === undefined)
      throw new RowError(`unknown key or principal "${as}"${didYouMean(as, principals.keys())}`);
    return principal;
  }
  const purposeNames = [...vocabulary.purposes.keys()];
  for (const group of as.groups) known("group", group, [...vocabulary.groups]);
  for (const purpose of as.purposes ?? []) known("purpose", purpose, purposeNames);
  for (const connection of as.connections ?? [])
    known(
      "connection",
      connection,
      vocabulary.connections.map(({ name }) => name),
    );
  return {
    id: as.id,
    kind: as.kind,
    credential: "policy-test",
    ...(as.provider === undefined ? {} : { provider: as.provider }),
    groups: as.groups,
    roles: as.roles,
    purposes: as.purposes ?? purposeNames,
    ...(as.connections === undefined ? {} : { connections: as.connections }),
    actors: as.agents.map((id) => ({ id, kind: "agent" })),
    limits: { requestsPerMinute: 1, concurrentStreams: 1 },
  };
}

function known(kind: string, name: string, all: readonly string[]): string {
  if (!all.includes(name)) throw new RowError(`unknown ${kind} "${name}"${didYouMean(name, all)}`);
  return name;
}

function said<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw new RowError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}

function differencesOf(each: Row, decision: Reply["decision"], vocabulary: Vocabulary): string[] {
  // First, because what is expected may be written wrongly whatever the answer is.
  const wanted = expectedOf(each, vocabulary);
  const differences: string[] = [];
  const compare = (what: string, expected: unknown, actual: unknown): void => {
    const [wanted, got] = [JSON.stringify(expected), JSON.stringify(actual)];
    if (wanted !== got) differences.push(`${what}: expected ${wanted ?? "none"}, got ${got ?? "none"}`);
  };
  if (decision.effect !== each.expect) {
    const why =
      decision.effect === "deny" ? ` (${decision.code}: ${decision.message})` : ` (${decision.policies.join(", ")})`;
    differences.push(`expected ${each.expect}, got ${decision.effect}${why}`);
    return differences;
  }
  if (each.code !== undefined) compare("code", each.code, decision.effect === "deny" ? decision.code : undefined);
  if (each.policies !== undefined) compare("policies", each.policies.toSorted(), decision.policies.toSorted());
  const actual = obligationsOf(decision);
  if (each.approve !== undefined) compare("approve", wanted.approvals, actual.approvals);
  if (each.mask !== undefined) compare("mask", wanted.masks, actual.masks);
  if (each.retain !== undefined) compare("retain", wanted.retention, actual.retention);
  const rates = ({ limits }: Obligations): unknown => limits.map(({ requests, perMs }) => ({ requests, perMs }));
  if (each.limit !== undefined) compare("limit", rates(wanted), rates(actual));
  return differences;
}

function obligationsOf(decision: Reply["decision"]): Obligations {
  return "obligations" in decision ? (decision satisfies Decision).obligations : NO_OBLIGATIONS;
}

/** Written as in the annotations; `none` is nothing. */
function expectedOf(each: Row, vocabulary: Vocabulary): Obligations {
  const { approve, mask, retain, limit } = each;
  const written = Object.entries({ approve, mask, retain, limit }).flatMap(([name, text]) =>
    text === undefined || text === "none" ? [] : [[name, text] as const],
  );
  const named: Named = { groups: new Set(vocabulary.groups), types: new Set(vocabulary.types) };
  return said(() => readAnnotations(Object.fromEntries(written), "", "permit", named));
}
