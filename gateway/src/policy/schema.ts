/**
 * What policies may speak of: the Cedar schema, in Cedar's own syntax, made of one table of facts. A fact that is not here
 * cannot be asked for, and a policy that asks for it is refused when it is loaded (https://docs.cedarpolicy.com/schema/human-readable-schema.html).
 */
import { SPECIAL_CATEGORIES, TYPES } from "@sluice/detector";

/** Something is sent, or made of what is sent: resource is a connection. */
export const REQUEST_ACTIONS = ["infer", "embed", "query", "execute", "scrub", "restore"] as const;
/** Something of the gateway's own is looked at or given away, or a person decides by itself: resource is the evidence. */
export const CONTROL_ACTIONS = ["reveal", "approve", "break-glass", "read-evidence", "export"] as const;
export const POLICY_ACTIONS = [...REQUEST_ACTIONS, ...CONTROL_ACTIONS] as const;

export type RequestAction = (typeof REQUEST_ACTIONS)[number];
export type ControlAction = (typeof CONTROL_ACTIONS)[number];
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** Names that stand for several actions. */
export const ACTION_GROUPS: Readonly<Record<string, readonly PolicyAction[]>> = {
  request: REQUEST_ACTIONS,
  control: CONTROL_ACTIONS,
};

/** Counts and categories are told apart by these names; a category that no recognizer finds yet is always 0. */
export const CATEGORIES: readonly string[] = [
  ...new Set([...Object.values(TYPES).map(({ category }) => category), ...SPECIAL_CATEGORIES]),
].toSorted();

/** Beyond it a count reads as this many: what tells ten from a thousand matters, what tells 4,711 from 4,712 does not. */
export const COUNT_MAX = 1_000;

export interface FactRow {
  /** As a policy writes it. */
  readonly path: string;
  /** In Cedar's schema syntax. */
  readonly type: string;
  /** Absent from some requests: a policy must ask `context has …` first. */
  readonly optional?: true;
  /** Smallest and largest value of a number. */
  readonly range?: readonly [number, number];
  readonly meaning: string;
}

const count = (path: string, meaning: string): FactRow => ({ path, type: "Long", range: [0, COUNT_MAX], meaning });

/** In both contexts. */
const SURROUNDINGS: readonly FactRow[] = [
  {
    path: "context.agent",
    type: "Bool",
    meaning: "somebody acts on the principal's behalf, or the principal is an agent",
  },
  { path: "context.actors", type: "Set<String>", meaning: "ids of those who act on the principal's behalf" },
  { path: "context.hour", type: "Long", range: [0, 23], meaning: "hour of the day, UTC" },
  { path: "context.weekday", type: "Long", range: [1, 7], meaning: "day of the week, UTC: Monday is 1 (ISO 8601)" },
  { path: "context.network", type: "ipaddr", optional: true, meaning: "address that the request came from" },
];

const REQUEST: readonly FactRow[] = [
  { path: "context.purpose", type: "Purpose", meaning: "the one purpose of the request" },
  { path: "context.basis", type: "String", meaning: "lawful basis of the purpose: eu-gdpr:A6-1-b" },
  {
    path: "context.condition",
    type: "String",
    optional: true,
    meaning: "condition of Art. 9(2) of the purpose: eu-gdpr:A9-2-h",
  },
  {
    path: "context.consent",
    type: "String",
    optional: true,
    meaning: "given, withdrawn or none; present when a data subject is named",
  },
  { path: "context.categories", type: "Set<String>", meaning: "categories found, special ones included" },
  { path: "context.types", type: "Set<String>", meaning: "types found: EMAIL, IBAN …" },
  { path: "context.special", type: "Set<String>", meaning: "special categories found (GDPR Art. 9)" },
  count("context.counts.total", "findings"),
  count("context.counts.special", "signals and findings of special categories"),
  ...CATEGORIES.map((category) => count(`context.counts.${category}`, `findings of category ${category}`)),
  { path: "context.risk", type: "Long", range: [0, 100], meaning: "see Risk" },
  ...SURROUNDINGS,
];

const CONTROL: readonly FactRow[] = [
  {
    path: "context.purpose",
    type: "Purpose",
    optional: true,
    meaning: "purpose of what is looked at, when it has one; of break-glass always",
  },
  ...SURROUNDINGS,
];

const PRINCIPAL: readonly FactRow[] = [
  { path: "principal.kind", type: "String", meaning: "service, human or agent" },
  {
    path: "principal.provider",
    type: "String",
    optional: true,
    meaning: "identity provider that vouches; absent for our own keys",
  },
  { path: "principal.purposes", type: "Set<Purpose>", meaning: "purposes that the credential may use" },
];

const CONNECTION: readonly FactRow[] = [
  { path: "resource.recipient", type: "String", meaning: "id of the recipient" },
  { path: "resource.recipientRole", type: "String", meaning: "processor, controller or joint-controller" },
  { path: "resource.country", type: "String", meaning: "ISO 3166-1 alpha-2; ZZ when there is none" },
  { path: "resource.eea", type: "Bool", meaning: "the recipient is in the EEA, or nothing leaves this process" },
  { path: "resource.transfer", type: "String", optional: true, meaning: "adequacy, dpf, scc, bcr or derogation" },
  { path: "resource.dpa", type: "Bool", meaning: "a data processing agreement is registered" },
  { path: "resource.rehearsal", type: "Bool", meaning: "the built-in stand-in" },
  {
    path: "resource.tags",
    type: "Set<String>",
    meaning: 'tags of the connection; `resource in Tag::"…"` asks the same',
  },
];

/** Every fact, in the order of the documentation. */
export const FACTS = { principal: PRINCIPAL, connection: CONNECTION, request: REQUEST, control: CONTROL } as const;

export const SCHEMA = `// The facts that policies may ask for. Groups, tags and purposes are those of sluice.yaml.
entity Group, Role, Tag, Purpose;
entity Principal in [Group, Role] = ${record(PRINCIPAL)};
entity Connection in [Tag] = ${record(CONNECTION)};
entity Evidence;

type Request = ${record(REQUEST)};
type Control = ${record(CONTROL)};

// \`action in Action::"request"\` stands for all of the first, \`Action::"control"\` for all of the second.
action request, control;
action ${REQUEST_ACTIONS.join(", ")} in [request] appliesTo {
  principal: [Principal],
  resource: [Connection],
  context: Request,
};
action ${CONTROL_ACTIONS.map((each) => JSON.stringify(each)).join(", ")} in [control] appliesTo {
  principal: [Principal],
  resource: [Evidence],
  context: Control,
};
`;

/** Rows whose path has one part more than the record become its attributes; those with two more, records inside of it. */
function record(rows: readonly FactRow[]): string {
  const own = new Map<string, string>();
  const inner = new Map<string, FactRow[]>();
  for (const row of rows) {
    const [, name = "", ...rest] = row.path.split(".");
    if (rest.length === 0) own.set(`${name}${row.optional === true ? "?" : ""}`, row.type);
    else inner.set(name, [...(inner.get(name) ?? []), { ...row, path: `${name}.${rest.join(".")}` }]);
  }
  for (const [name, below] of inner) own.set(name, record(below));
  return `{ ${[...own].map(([name, type]) => `${quoted(name)}: ${type}`).join(", ")} }`;
}

function quoted(name: string): string {
  const optional = name.endsWith("?");
  const bare = optional ? name.slice(0, -1) : name;
  return `${/^[A-Za-z_]\w*$/.test(bare) ? bare : JSON.stringify(bare)}${optional ? "?" : ""}`;
}
