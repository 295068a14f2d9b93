/** Targets: address, credential by reference, recipient, rules and limits, checked against the rest of the document. */
import type { Connection, ConnectionLimits, CustomEndpoint, Recipient } from "../core/connection.ts";
import type { Detections } from "./config.ts";
import { didYouMean } from "./nearest.ts";
import type { Path } from "./problem.ts";
import { lookUp, type References, secretOf } from "./references.ts";
import { resolveRules } from "./rules.ts";
import { type ConfigDocument, type ConnectionDocument, KINDS } from "./schema.ts";
import type { Report } from "./source.ts";
import { byteCount, durationMs } from "./units.ts";

export interface ConnectionContext {
  readonly recipients: ReadonlyMap<string, Recipient>;
  /** Names under `recipients`, those included that could not be read: they are not unknown. */
  readonly recipientNames: readonly string[];
  readonly references: References;
  readonly detections: Detections;
  readonly report: Report;
  /** Whether the list there has items, be they right or wrong. */
  readonly hasItems: (path: Path) => boolean;
}

/** In the order of the file; connections with a problem are left out. */
export function resolveConnections(document: ConfigDocument, context: ConnectionContext): Connection[] {
  return Object.entries(document.connections).flatMap(([name, each]) => resolveConnection(name, each, context) ?? []);
}

function resolveConnection(name: string, each: ConnectionDocument, context: ConnectionContext): Connection | undefined {
  const { report, recipients, recipientNames, hasItems } = context;
  const path: Path = ["connections", name];
  const kind = KINDS[each.kind];

  const url = resolveUrl(each, path, report);
  const credential = resolveCredential(each, path, context);
  checkHeaders(each, path, report);
  checkQuery(each, path, report);
  const rules = resolveRules(each.rules, [...path, "rules"], context.detections, report);

  if (kind.endpoints && each.endpoints.length === 0 && !hasItems([...path, "endpoints"])) {
    report.problem(path, "kind custom needs `endpoints`: without them no text of a request is known", "key");
  }
  if (!kind.endpoints && each.endpoints.length > 0) {
    report.problem(
      [...path, "endpoints"],
      `kind ${each.kind} brings its own endpoints; only kind custom takes them`,
      "key",
    );
  }
  if (!kind.endpoints && each.models.length === 0 && !hasItems([...path, "models"])) {
    report.problem(path, 'needs `models`, for example ["*"]: no request could be matched to it', "key");
  }
  checkEndpoints(each, path, report);

  const recipient = recipients.get(each.recipient);
  if (recipient === undefined && !recipientNames.includes(each.recipient)) {
    report.problem(
      [...path, "recipient"],
      `unknown recipient "${each.recipient}"${didYouMean(each.recipient, recipientNames)}`,
    );
  }
  if (url === undefined || recipient === undefined) return undefined;
  return {
    name,
    kind: each.kind,
    url,
    ...(credential === undefined ? {} : { credential }),
    headers: each.headers,
    query: each.query,
    recipient,
    tags: each.tags,
    models: each.models,
    rules,
    limits: connectionLimits(each.limits),
    allowPrivateAddress: each.allow_private_address,
    rehearsal: false,
    endpoints: each.endpoints.map(endpoint),
  };
}

export function connectionLimits(limits: ConnectionDocument["limits"]): ConnectionLimits {
  return {
    responseBytesMax: byteCount(limits.response_bytes_max) ?? 0,
    eventBytesMax: byteCount(limits.event_bytes_max) ?? 0,
    connectTimeoutMs: durationMs(limits.connect_seconds) ?? 0,
    firstByteTimeoutMs: durationMs(limits.first_byte_seconds) ?? 0,
    idleTimeoutMs: durationMs(limits.idle_seconds) ?? 0,
    totalTimeoutMs: durationMs(limits.total_seconds) ?? 0,
    retriesMax: limits.retries_max,
  };
}

function endpoint(each: ConnectionDocument["endpoints"][number]): CustomEndpoint {
  return {
    path: each.path,
    requestText: each.request.text,
    requestSystem: each.request.system,
    requestFixed: each.request.fixed,
    responseText: each.response.text,
    stream: each.stream,
  };
}

function resolveUrl(each: ConnectionDocument, path: Path, report: Report): URL | undefined {
  const at = [...path, "url"];
  // Never quoted in a message: a URL may hold a password.
  const url = URL.parse(each.url);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    report.problem(at, "must be an http or https URL");
    return undefined;
  }
  const before = report.problems.length;
  if (url.username !== "" || url.password !== "")
    report.problem(at, "must not hold a user or password; use `credential`");
  if (url.search !== "") report.problem(at, "must not hold a query; use `query`");
  if (url.hash !== "") report.problem(at, "must not hold a fragment");
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    report.warn(at, "is not https: what is sent, the credential included, can be read on the way");
  }
  return report.problems.length === before ? url : undefined;
}

/** Host of a URL or a listener, IPv6 in brackets or not. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare);
}

function resolveCredential(each: ConnectionDocument, path: Path, context: ConnectionContext): Connection["credential"] {
  const { report } = context;
  const header = each.auth_header?.toLowerCase() ?? KINDS[each.kind].header;
  if (!TOKEN.test(header)) report.problem([...path, "auth_header"], "not a header name");
  if (each.auth_prefix !== undefined && !FIELD_VALUE.test(each.auth_prefix)) {
    report.problem([...path, "auth_prefix"], "must be printable ASCII");
  }
  if (each.credential === "none") return undefined;
  const found = lookUp(context.references, each.credential);
  if ("reason" in found) {
    report.missing([...path, "credential"], found.reason);
    return undefined;
  }
  if (!FIELD_VALUE.test(found.value)) {
    report.missing(
      [...path, "credential"],
      `what ${each.credential} holds cannot be sent in a header: it is not printable ASCII on one line`,
    );
    return undefined;
  }
  // The family's prefix belongs to the family's header; another header carries the bare credential unless it says otherwise.
  const prefix = each.auth_prefix ?? (each.auth_header === undefined ? KINDS[each.kind].prefix : "");
  return { header, prefix, secret: secretOf(found) };
}

/** RFC 9110 §5.6.2 https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5, without the obsolete bytes beyond ASCII. */
const FIELD_VALUE = /^[\x20-\x7e]*$/;

/** Names under which credentials travel. A literal in the configuration is refused. */
const CREDENTIAL_NAME =
  /^(?:proxy-)?authorization$|^cookie$|(?:^|[-_])(?:api[-_]?key|key|token|secret|password|sig|signature)$/i;

/** What the gateway itself says on the wire (RFC 9110 §7.6.1, §8) and must not be said twice. */
const OWN_HEADERS = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function checkHeaders(each: ConnectionDocument, path: Path, report: Report): void {
  for (const [name, value] of Object.entries(each.headers)) {
    const at = [...path, "headers", name];
    if (!TOKEN.test(name)) report.problem(at, "not a header name", "key");
    else if (CREDENTIAL_NAME.test(name))
      report.problem(at, "carries a credential; use `credential` with `auth_header`", "key");
    else if (OWN_HEADERS.has(name.toLowerCase())) report.problem(at, "is set by the gateway itself", "key");
    if (!FIELD_VALUE.test(value)) report.problem(at, "must be printable ASCII on one line");
  }
}

function checkQuery(each: ConnectionDocument, path: Path, report: Report): void {
  for (const name of Object.keys(each.query)) {
    if (CREDENTIAL_NAME.test(name)) {
      report.problem(
        [...path, "query", name],
        "carries a credential, and URLs are logged on the way; use `credential`",
        "key",
      );
    }
  }
}

function checkEndpoints(each: ConnectionDocument, path: Path, report: Report): void {
  const seen = new Set<string>();
  for (const [index, { path: own, request }] of each.endpoints.entries()) {
    const at = [...path, "endpoints", index];
    if (seen.has(own)) report.problem([...at, "path"], "this path is described twice");
    seen.add(own);
    const taken = new Map<string, string>();
    for (const role of ["text", "system", "fixed"] as const) {
      for (const [position, text] of request[role].entries()) {
        const other = taken.get(text);
        if (other !== undefined && other !== role) {
          report.problem([...at, "request", role, position], `stands under \`${other}\` as well; a text has one role`);
        }
        taken.set(text, role);
      }
    }
  }
}
