/** API keys: whom each proves and what it may be used for, checked against purposes and connections. */
import type { ConfigDocument } from "./schema.ts";
import type { Key } from "./config.ts";
import { ownersOf } from "./identity.ts";
import { type GrantNames, resolveGrant, resolveLimits } from "./grant.ts";
import type { Path } from "./problem.ts";

export interface KeyContext extends GrantNames {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly identity: ConfigDocument["identity"];
}

export function resolveKeys(document: ConfigDocument, context: KeyContext): Key[] {
  return Object.entries(document.keys).map(([id, each]) => resolveKey(id, each, context));
}

function resolveKey(id: string, each: ConfigDocument["keys"][string], context: KeyContext): Key {
  const { now, report, identity } = context;
  const isAgent = Object.values(identity.agents).some(({ from }) => [from].flat().includes(`key:${id}`));
  const path: Path = ["keys", id];
  const grant = resolveGrant(each, path, "this key's", context);
  const expiresAt = each.expires === undefined ? undefined : instant(each.expires);
  if (each.expires !== undefined && expiresAt === undefined) {
    report.problem(
      [...path, "expires"],
      "must be a date such as 2027-01-31 or a UTC time such as 2027-01-31T12:00:00Z",
    );
  }
  if (expiresAt !== undefined && expiresAt <= now)
    report.warn([...path, "expires"], "this key has expired and is refused");
  if (each.expires === undefined)
    report.warn(path, "has no `expires`: it is good until somebody removes it; `sluice key new` gives a year", "key");
  return {
    id,
    hash: each.hash,
    principal: {
      id: each.principal,
      kind: isAgent ? "agent" : "service",
      credential: id,
      ...grant,
      groups: each.groups,
      roles: each.roles,
      actors: [],
      limits: resolveLimits(each.limits),
    },
    ...ownersOf(each, path, identity, { report, keyIds: [] }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** Milliseconds since the epoch of an RFC 3339 date (00:00 UTC) or UTC time. */
function instant(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z)?$/.test(text)) return undefined;
  const time = Date.parse(text);
  // Date.parse rolls 31 February over into March; a date that does not exist is refused instead.
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text.slice(0, 10) ? undefined : time;
}
