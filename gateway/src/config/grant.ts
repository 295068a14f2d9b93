/** What a credential or group may do, as every section that gives rights writes it: names checked, units made plain. */
import { didYouMean } from "./nearest.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./source.ts";

export interface GrantNames {
  readonly purposeNames: readonly string[];
  readonly connectionNames: readonly string[];
  readonly report: Report;
}

interface GrantDocument {
  readonly purposes: readonly string[];
  readonly default_purpose?: string | undefined;
  readonly connections?: readonly string[] | undefined;
}

interface Grant {
  readonly purposes: readonly string[];
  readonly defaultPurpose?: string;
  /** Absent: all. */
  readonly connections?: readonly string[];
}

/** `whose` stands in the message about a default that is none of the purposes: "this key's". */
export function resolveGrant(each: GrantDocument, path: Path, whose: string, names: GrantNames): Grant {
  for (const [index, purpose] of each.purposes.entries())
    checkName("purpose", purpose, names.purposeNames, [...path, "purposes", index], names.report);
  for (const [index, connection] of (each.connections ?? []).entries())
    checkName("connection", connection, names.connectionNames, [...path, "connections", index], names.report);
  if (each.default_purpose !== undefined && !each.purposes.includes(each.default_purpose)) {
    names.report.problem(
      [...path, "default_purpose"],
      `must be one of ${whose} purposes: ${each.purposes.join(", ") || "there are none"}`,
    );
  }
  // One purpose leaves no choice to make; several without a default make the client say which.
  const defaultPurpose = each.default_purpose ?? (each.purposes.length === 1 ? each.purposes[0] : undefined);
  return {
    purposes: each.purposes,
    ...(defaultPurpose === undefined ? {} : { defaultPurpose }),
    ...(each.connections === undefined ? {} : { connections: each.connections }),
  };
}

export function resolveLimits(limits: { requests_per_minute: number; concurrent_streams: number }): {
  requestsPerMinute: number;
  concurrentStreams: number;
} {
  return { requestsPerMinute: limits.requests_per_minute, concurrentStreams: limits.concurrent_streams };
}

export function checkName(kind: string, name: string, known: readonly string[], path: Path, report: Report): boolean {
  if (known.includes(name)) return true;
  report.problem(path, `unknown ${kind} "${name}"${didYouMean(name, known)}`);
  return false;
}
