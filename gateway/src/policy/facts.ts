/**
 * The facts of one request in Cedar's terms. Only those are handed over that the policies ask for: what no policy names cannot
 * change the answer, costs time, and would keep equal requests from sharing a decision.
 */
import { isIP } from "node:net";
import type { Connection, Purpose } from "../core/connection.ts";
import { COUNTRY_NONE, EEA } from "../core/countries.ts";
import type { FoundFacts } from "../core/decision.ts";
import type { Principal } from "../core/principal.ts";
import type { ConsentState } from "../core/register.ts";
import type { Counts } from "../core/segment.ts";
import type { CedarValueJson, EntityJson } from "./cedar.ts";
import { CATEGORIES, COUNT_MAX, CONTROL_ACTIONS, FACTS, type PolicyAction } from "./schema.ts";
import type { Uses } from "./uses.ts";

/** All that a decision may depend on. */
export interface Facts {
  readonly principal: Principal;
  readonly action: PolicyAction;
  /** Absent for the actions whose resource is the evidence. */
  readonly connection?: Connection | undefined;
  readonly purpose?: Purpose | undefined;
  readonly found: FoundFacts;
  /** Of `found`, what specialFound says. */
  readonly special: Counts;
  readonly risk: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly network?: string | undefined;
  readonly consent?: ConsentState | undefined;
}

type Value = CedarValueJson | undefined;

const purposeOf = (id: string): Value => ({ __entity: { type: "Purpose", id } });

/** path of a fact → its value; undefined: the request does not have it. */
const VALUES: Readonly<Record<string, (facts: Facts) => Value>> = {
  "context.agent": ({ principal }) => principal.kind === "agent" || principal.actors.length > 0,
  "context.actors": ({ principal }) => principal.actors.map(({ id }) => id).toSorted(),
  "context.hour": ({ now }) => hourOf(now),
  "context.weekday": ({ now }) => weekdayOf(now),
  "context.network": ({ network }) => addressOf(network),
  "context.purpose": ({ purpose }) => (purpose === undefined ? undefined : purposeOf(purpose.id)),
  "context.basis": ({ purpose }) => purpose?.basis,
  "context.condition": ({ purpose }) => purpose?.condition,
  "context.consent": ({ consent }) => consent?.state,
  "context.categories": ({ found, special }) =>
    [...new Set([...present(found.categories), ...present(special)])].toSorted(),
  "context.types": ({ found }) => present(found.found).toSorted(),
  "context.special": ({ special }) => present(special).toSorted(),
  "context.counts.total": ({ found }) => capped(sum(found.found)),
  "context.counts.special": ({ special }) => capped(sum(special)),
  ...Object.fromEntries(
    CATEGORIES.map((category): [string, (facts: Facts) => Value] => [
      `context.counts.${category}`,
      ({ found, special }) => capped(special[category] ?? found.categories[category] ?? 0),
    ]),
  ),
  "context.risk": ({ risk }) => risk,
  "principal.kind": ({ principal }) => principal.kind,
  "principal.provider": ({ principal }) => principal.provider,
  "principal.purposes": ({ principal }) =>
    principal.purposes.toSorted().map((id) => ({ __entity: { type: "Purpose", id } })),
  "resource.recipient": ({ connection }) => connection?.recipient.id,
  "resource.recipientRole": ({ connection }) => connection?.recipient.role,
  "resource.country": ({ connection }) => connection?.recipient.country,
  "resource.eea": ({ connection }) => connection !== undefined && staysInEea(connection),
  "resource.transfer": ({ connection }) => connection?.recipient.transfer?.mechanism,
  "resource.dpa": ({ connection }) => connection?.recipient.dpa !== undefined,
  "resource.rehearsal": ({ connection }) => connection?.rehearsal === true,
  "resource.tags": ({ connection }) => connection?.tags.toSorted(),
};

/** Of one call to Cedar's engine. */
export interface Request {
  readonly principal: { readonly type: string; readonly id: string };
  readonly action: { readonly type: string; readonly id: string };
  readonly resource: { readonly type: string; readonly id: string };
  readonly context: Record<string, CedarValueJson>;
  readonly entities: EntityJson[];
}

/** What a request of one kind (a connection, or the evidence) has to say to these policies. */
export interface Reader {
  /** Equal texts: no policy can tell the requests apart. */
  key(facts: Facts): string;
  /** Equal texts: no scope can tell the principals apart. */
  who(facts: Facts): string;
  request(facts: Facts): Request;
}

/** Principals whom no policy names are all the same to the policies. */
const ANYBODY = "anybody";

export function createReader(uses: Uses): Reader {
  const asked = (rows: readonly { readonly path: string }[]): Asked[] =>
    rows.flatMap(({ path }) => {
      const value = VALUES[path];
      return value !== undefined && uses.asks(path) ? [{ names: path.split(".").slice(1), value }] : [];
    });
  const ofPrincipal = asked(FACTS.principal);
  const ofConnection = asked(FACTS.connection);
  const ofRequest = asked(FACTS.request);
  const ofControl = asked(FACTS.control);
  const isControl: ReadonlySet<string> = new Set(CONTROL_ACTIONS);
  const contextOf = (facts: Facts): readonly Asked[] => (isControl.has(facts.action) ? ofControl : ofRequest);
  const idOf = ({ principal }: Facts): string => (uses.principals.has(principal.id) ? principal.id : ANYBODY);
  const groupsOf = ({ principal }: Facts): string[] =>
    principal.groups.filter((group) => uses.groups.has(group)).toSorted();
  const rolesOf = ({ principal }: Facts): string[] => principal.roles.filter((role) => uses.roles.has(role)).toSorted();

  return {
    key(facts) {
      const parts: unknown[] = [facts.action, idOf(facts), groupsOf(facts), rolesOf(facts)];
      for (const { value } of ofPrincipal) parts.push(value(facts) ?? null);
      for (const { value } of contextOf(facts)) parts.push(value(facts) ?? null);
      return JSON.stringify(parts);
    },
    who: (facts) => JSON.stringify([idOf(facts), groupsOf(facts), rolesOf(facts)]),
    request(facts) {
      const { connection, action } = facts;
      const principal = { type: "Principal", id: idOf(facts) };
      const resource =
        connection === undefined ? { type: "Evidence", id: "log" } : { type: "Connection", id: connection.name };
      const entities: EntityJson[] = [
        {
          uid: principal,
          attrs: record(ofPrincipal, facts),
          parents: [
            ...groupsOf(facts).map((id) => ({ type: "Group", id })),
            ...rolesOf(facts).map((id) => ({ type: "Role", id })),
          ],
        },
      ];
      if (connection !== undefined) {
        const tags = connection.tags.filter((tag) => uses.tags.has(tag));
        entities.push({
          uid: resource,
          attrs: record(ofConnection, facts),
          parents: tags.map((id) => ({ type: "Tag", id })),
        });
      }
      const group = isControl.has(action) ? "control" : "request";
      if (uses.actions.has(group)) {
        entities.push({ uid: { type: "Action", id: action }, attrs: {}, parents: [{ type: "Action", id: group }] });
      }
      return {
        principal,
        action: { type: "Action", id: action },
        resource,
        context: record(contextOf(facts), facts),
        entities,
      };
    },
  };
}

interface Asked {
  /** `["counts", "total"]` */
  readonly names: readonly string[];
  readonly value: (facts: Facts) => Value;
}

function record(asked: readonly Asked[], facts: Facts): Record<string, CedarValueJson> {
  const made: Record<string, CedarValueJson> = {};
  for (const { names, value } of asked) {
    const read = value(facts);
    if (read === undefined) continue;
    const [name = "", below] = names;
    if (below === undefined) made[name] = read;
    else made[name] = { ...(made[name] as Record<string, CedarValueJson> | undefined), [below]: read };
  }
  return made;
}

/** Nothing leaves the EEA: the recipient is there, or there is none. */
export function staysInEea({ recipient, rehearsal }: Connection): boolean {
  return rehearsal || recipient.country === COUNTRY_NONE || EEA.has(recipient.country);
}

export function hourOf(now: number): number {
  return Math.floor(now / 3_600_000) % 24;
}

/** 1 January 1970 was a Thursday. */
export function weekdayOf(now: number): number {
  return ((Math.floor(now / 86_400_000) + 3) % 7) + 1;
}

/** IPv4 addresses that a dual-stack listener shows as IPv6 are told as IPv4; what is no address is told as none. */
function addressOf(network: string | undefined): Value {
  if (network === undefined) return undefined;
  const bare = network.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  return isIP(bare) === 0 ? undefined : { __extn: { fn: "ip", arg: bare } };
}

function present(counts: Counts): string[] {
  return Object.keys(counts).filter((name) => (counts[name] ?? 0) > 0);
}

function sum(counts: Counts): number {
  let total = 0;
  for (const name in counts) total += counts[name] ?? 0;
  return total;
}

function capped(count: number): number {
  return Math.min(count, COUNT_MAX);
}
