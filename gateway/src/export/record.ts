/**
 * An entry of the log → what may leave the house of it. Fields are allow-listed by name and by shape: a leaf may come to hold
 * whatever it likes, and nothing of that is sent on before it stands in a table here. What a listed field holds that does not have
 * its shape (a space, an @, a hundred characters more than a name has) is left out, and its name is said. Pure.
 */
import { leafHash } from "@sluice/verifier";

/** By path: `found.EMAIL`, `recipient.country`, `actors.0`. In the order of the table. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

export interface ExportRecord {
  /** Place in the log. Contiguous: who has n and n + 2 lacks one. */
  readonly index: number;
  /** SHA-256 as RFC 6962 has it, hex: what a `.tlog-proof` is checked with. */
  readonly leafHash: string;
  /** Identity of the log. */
  readonly origin: string;
  /** Milliseconds since the epoch; what the leaf says. */
  readonly time: number;
  /** `intent`, `outcome`, …; `other` for a kind of leaf that nobody here knows. */
  readonly type: string;
  readonly fields: Fields;
  /** Names of listed fields that were left out, for what they hold. */
  readonly omitted: readonly string[];
}

type Shape = "name" | "number" | "flag" | "counts" | "names" | "recipient" | "parts" | "facts";

const EXCHANGE: Readonly<Record<string, Shape>> = {
  action: "name",
  actors: "names",
  basis: "name",
  bytes: "number",
  categories: "counts",
  condition: "name",
  connection: "name",
  dpv: "name",
  endpoint: "name",
  family: "name",
  found: "counts",
  grant: "name",
  model: "name",
  opaque: "counts",
  opaqueRule: "name",
  operators: "parts",
  policies: "names",
  policy: "name",
  principal: "name",
  purpose: "name",
  recipient: "recipient",
  retention: "name",
  risk: "number",
  special: "counts",
  streaming: "flag",
};

const RUNNING: Readonly<Record<string, Shape>> = { policy: "name", version: "name" };

/** docs/evidence-format.md, "Leaves". Commitments are not here: the leaf's hash covers them. */
const LISTED: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  intent: EXCHANGE,
  denial: { ...EXCHANGE, code: "name", suppressed: "number" },
  outcome: {
    intent: "number",
    status: "name",
    code: "name",
    upstreamStatus: "number",
    bytes: "number",
    restored: "counts",
    masked: "counts",
    withheld: "counts",
    unknown: "number",
    tokens: "counts",
    ms: "counts",
  },
  event: { name: "name", actor: "name", target: "name", facts: "facts" },
  start: { ...RUNNING, orphansTotal: "number" },
  stop: RUNNING,
  config: RUNNING,
};

/** Facts of events whose texts are names of the configuration or ids. Of others only numbers and truths are sent on. */
const NAMED_FACTS: ReadonlySet<string> = new Set([
  "channel",
  "code",
  "connection",
  "decision",
  "destination",
  "direction",
  "grant",
  "kind",
  "method",
  "mode",
  "provider",
  "purpose",
  "reason",
  "review",
  "ring",
  "role",
  "route",
  "state",
]);

/** No space and no @: neither a sentence nor a mail address has this shape. */
const NAME = /^[A-Za-z0-9_./:*+-]{1,128}$/;
const KEY = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const MEMBERS_MAX = 64;

/** `entry`: canonical JSON of a leaf, as it was hashed. */
export function exportRecord(index: number, entry: Uint8Array, origin: string): ExportRecord {
  const leaf = membersOf(parse(entry));
  const named = leaf["type"];
  const listed = typeof named === "string" && Object.hasOwn(LISTED, named) ? LISTED[named] : undefined;
  const out = new Out();
  for (const [name, shape] of Object.entries(listed ?? {})) {
    if (Object.hasOwn(leaf, name)) READERS[shape](out, name, leaf[name]);
  }
  const time = typeof leaf["time"] === "string" ? Date.parse(leaf["time"]) : Number.NaN;
  return {
    index,
    leafHash: Buffer.from(leafHash(entry)).toString("hex"),
    origin,
    time: Number.isNaN(time) ? 0 : time,
    type: listed === undefined ? "other" : String(named),
    fields: out.fields,
    omitted: [...out.omitted],
  };
}

/** The record without its fields, for a receiver that takes no longer one. It still proves what it proves. */
export function shortened(record: ExportRecord): ExportRecord {
  const { name } = record.fields;
  return { ...record, fields: name === undefined ? {} : { name }, omitted: ["*"] };
}

/** Number of a field; undefined where it is none, or is not there. */
export function numberIn({ fields }: ExportRecord, path: string): number | undefined {
  const value = fields[path];
  return typeof value === "number" ? value : undefined;
}

export function textIn({ fields }: ExportRecord, path: string): string | undefined {
  const value = fields[path];
  return typeof value === "string" ? value : undefined;
}

/** `{EMAIL: 2}` for `found.EMAIL`; undefined when there are none. */
export function membersUnder(
  { fields }: ExportRecord,
  name: string,
): Record<string, string | number | boolean> | undefined {
  const prefix = `${name}.`;
  const found = Object.entries(fields).filter(([path]) => path.startsWith(prefix));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([path, value]) => [path.slice(prefix.length), value]));
}

/** `EMAIL=2 IBAN=1`. */
export function listUnder(record: ExportRecord, name: string): string | undefined {
  const members = membersUnder(record, name);
  if (members === undefined) return undefined;
  return Object.entries(members)
    .map(([key, value]) => (/^\d+$/.test(key) ? String(value) : `${key}=${value}`))
    .join(" ");
}

class Out {
  readonly fields: Record<string, string | number | boolean> = {};
  readonly omitted = new Set<string>();

  name(path: string, value: unknown): void {
    if (typeof value === "string" && NAME.test(value)) this.fields[path] = value;
    else this.omit(path);
  }

  number(path: string, value: unknown): void {
    if (typeof value === "number" && Number.isFinite(value)) this.fields[path] = value;
    else this.omit(path);
  }

  /** By the name in the table: what stands in a member's name may be anything. */
  omit(path: string): void {
    this.omitted.add(path.split(".", 1)[0] ?? path);
  }

  members(path: string, value: unknown, read: (path: string, value: unknown, key: string) => void): void {
    const members = Object.entries(membersOf(value));
    if (members.length > MEMBERS_MAX || typeof value !== "object") this.omit(path);
    for (const [key, each] of members.slice(0, MEMBERS_MAX)) {
      if (KEY.test(key)) read(`${path}.${key}`, each, key);
      else this.omit(path);
    }
  }
}

const READERS: Readonly<Record<Shape, (out: Out, path: string, value: unknown) => void>> = {
  name: (out, path, value) => out.name(path, value),
  number: (out, path, value) => out.number(path, value),
  flag(out, path, value) {
    if (typeof value === "boolean") out.fields[path] = value;
    else out.omit(path);
  },
  counts: (out, path, value) => out.members(path, value, (at, each) => out.number(at, each)),
  parts: (out, path, value) => out.members(path, value, (at, each) => out.name(at, each)),
  names: (out, path, value) => listed(out, path, value, (at, each) => out.name(at, each)),
  recipient(out, path, value) {
    for (const name of ["country", "id"]) out.name(`${path}.${name}`, membersOf(value)[name]);
  },
  facts: (out, path, value) =>
    out.members(path, value, (at, each, key) => {
      if (typeof each === "boolean") out.fields[at] = each;
      else if (typeof each === "string" && NAMED_FACTS.has(key)) out.name(at, each);
      else out.number(at, each);
    }),
};

function listed(out: Out, path: string, value: unknown, read: (path: string, value: unknown) => void): void {
  if (!Array.isArray(value) || value.length > MEMBERS_MAX) return out.omit(path);
  for (const [at, each] of value.entries()) read(`${path}.${at}`, each);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** An entry that is no JSON is one of a log of others; its hash is sent on all the same. */
function parse(entry: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(entry).toString("utf8"));
  } catch {
    return undefined;
  }
}
