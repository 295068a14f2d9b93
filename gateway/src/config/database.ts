/** Where control state is kept. A server beyond this machine is only reached with TLS that proves who it is. */
import type { Secret } from "../core/secret.ts";
import { isLoopback } from "./connections.ts";
import type { Path } from "./problem.ts";
import type { DatabaseDocument } from "./sections/database.ts";
import type { Report } from "./source.ts";

export interface DatabaseConfig {
  /** Of a PostgreSQL server; absent: the embedded file. */
  readonly url?: Secret;
}

export interface DatabaseContext {
  readonly report: Report;
  /** Undefined when nothing is found, which it then has reported. */
  readonly secretOf: (reference: string, path: Path) => Secret | undefined;
}

export function resolveDatabase(document: DatabaseDocument, { report, secretOf }: DatabaseContext): DatabaseConfig {
  if (document.url === undefined) return {};
  const path: Path = ["database", "url"];
  const url = checkedDatabaseUrl(secretOf(document.url, path), path, report);
  return url === undefined ? {} : { url };
}

/** The URL of a PostgreSQL server, if it may be used; what is against it is reported. */
export function checkedDatabaseUrl(secret: Secret | undefined, path: Path, report: Report): Secret | undefined {
  if (secret === undefined) return undefined;
  const url = URL.parse(secret.reveal());
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    report.missing(path, "does not lead to a URL such as postgres://user:password@host:5432/name?sslmode=verify-full");
    return undefined;
  }
  // A path as host is a socket of this machine (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
  const named = url.searchParams.getAll("host");
  const hosts = named.length > 0 ? named : [decodeURIComponent(url.hostname)];
  const isLocal = hosts.every((host) => host === "" || host.startsWith("/") || isLoopback(host));
  const modes = url.searchParams.getAll("sslmode");
  // Weaker modes take any certificate, or fall back to none.
  if (isLocal || (modes.length > 0 && modes.every((mode) => mode === "verify-full"))) return secret;
  report.missing(
    path,
    "leads to another machine, and without sslmode=verify-full anybody on the way could be the database",
  );
  return undefined;
}
