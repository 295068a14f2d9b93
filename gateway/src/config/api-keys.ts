/** API keys: whom each proves and what it may be used for, checked against purposes and connections. */
import type { ConfigDocument } from "./schema.ts";
import type { Key } from "./config.ts";
import { didYouMean } from "./nearest.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./source.ts";

export interface KeyContext {
  readonly purposeNames: readonly string[];
  readonly connectionNames: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly report: Report;
}

export function resolveKeys(document: ConfigDocument, context: KeyContext): Key[] {
  return Object.entries(document.keys).map(([id, each]) => resolveKey(id, each, context));
}

function resolveKey(id: string, each: ConfigDocument["keys"][string], context: KeyContext): Key {
  const { purposeNames, connectionNames, now, report } = context;
  const path: Path = ["keys", id];
  const known = (kind: string, names: readonly string[], name: string, at: Path): void => {
    if (!names.includes(name)) report.problem(at, `unknown ${kind} "${name}"${didYouMean(name, names)}`);
  };
  for (const [index, purpose] of each.purposes.entries())
    known("purpose", purposeNames, purpose, [...path, "purposes", index]);
  for (const [index, name] of (each.connections ?? []).entries()) {
    known("connection", connectionNames, name, [...path, "connections", index]);
  }
  if (each.default_purpose !== undefined && !each.purposes.includes(each.default_purpose)) {
    report.problem([...path, "default_purpose"], `must be one of this key's purposes: ${each.purposes.join(", ")}`);
  }
  const expiresAt = each.expires === undefined ? undefined : instant(each.expires);
  if (each.expires !== undefined && expiresAt === undefined) {
    report.problem(
      [...path, "expires"],
      "must be a date such as 2027-01-31 or a UTC time such as 2027-01-31T12:00:00Z",
    );
  }
  if (expiresAt !== undefined && expiresAt <= now)
    report.warn([...path, "expires"], "this key has expired and is refused");
  // One purpose leaves no choice to make; several without a default make the client say which.
  const defaultPurpose = each.default_purpose ?? (each.purposes.length === 1 ? each.purposes[0] : undefined);
  return {
    id,
    hash: each.hash,
    principal: {
      id: each.principal,
      kind: "service",
      credential: id,
      purposes: each.purposes,
      ...(defaultPurpose === undefined ? {} : { defaultPurpose }),
      ...(each.connections === undefined ? {} : { connections: each.connections }),
      groups: each.groups,
      roles: each.roles,
      actors: [],
      limits: {
        requestsPerMinute: each.limits.requests_per_minute,
        concurrentStreams: each.limits.concurrent_streams,
      },
    },
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
