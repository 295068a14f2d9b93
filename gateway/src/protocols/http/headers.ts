/**
 * Which headers mean anything here. A request's head is read once, from the raw list, so that a header that stands twice is
 * seen and refused instead of silently joined or dropped. Towards the upstream and back to the client travel allow-listed
 * headers only, each checked against a grammar: nothing that names the user, no credential of either side, no cookie.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Connection } from "../../core/connection.ts";
import { SluiceError } from "../../core/errors.ts";
import type { Counts } from "../../core/segment.ts";

/** Header fields of one request; the bytes are limited by the parser, this limits what is looked at one by one. */
const HEADER_FIELDS_MAX = 100;
/** A token of an identity provider that names two hundred groups is some 10 KiB. */
const CREDENTIAL_CHARS_MAX = 12 * 1024;
const RESPONSE_VALUE_CHARS_MAX = 512;

/** What the gateway reads of a request's head. Absent means that the header was not sent. */
export class Head {
  host: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  contentType: string | undefined;
  contentEncoding: string | undefined;
  expect: string | undefined;
  upgrade: string | undefined;
  authorization: string | undefined;
  xApiKey: string | undefined;
  apiKey: string | undefined;
  googApiKey: string | undefined;
  purpose: string | undefined;
  session: string | undefined;
  subject: string | undefined;
  anthropicVersion: string | undefined;
  anthropicBeta: string | undefined;
  openaiBeta: string | undefined;
}

const FIELDS: ReadonlyMap<string, keyof Head> = new Map<string, keyof Head>([
  ["host", "host"],
  ["content-length", "contentLength"],
  ["transfer-encoding", "transferEncoding"],
  ["content-type", "contentType"],
  ["content-encoding", "contentEncoding"],
  ["expect", "expect"],
  ["upgrade", "upgrade"],
  ["authorization", "authorization"],
  ["x-api-key", "xApiKey"],
  ["api-key", "apiKey"],
  ["x-goog-api-key", "googApiKey"],
  ["sluice-purpose", "purpose"],
  ["sluice-session", "session"],
  ["sluice-data-subject", "subject"],
  ["anthropic-version", "anthropicVersion"],
  ["anthropic-beta", "anthropicBeta"],
  ["openai-beta", "openaiBeta"],
]);

/** RFC 9110 §5.3: only fields that are lists may stand several times. */
const LISTS: ReadonlySet<keyof Head> = new Set<keyof Head>(["anthropicBeta", "openaiBeta"]);

/**
 * Reads and checks the head. Throws `header_invalid` for every shape over which two HTTP parsers could disagree where a
 * request ends or whom it is for, and `header_too_large` for too many fields.
 */
export function readHead(req: IncomingMessage): Head {
  const raw = req.rawHeaders;
  if (raw.length > 2 * HEADER_FIELDS_MAX) {
    throw new SluiceError("header_too_large", `more than ${HEADER_FIELDS_MAX} header fields`);
  }
  const head = new Head();
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    const field = FIELDS.get(name);
    if (field === undefined) continue;
    const value = raw[at + 1] ?? "";
    const before = head[field];
    if (before === undefined) head[field] = value;
    else if (LISTS.has(field)) head[field] = `${before},${value}`;
    else throw new SluiceError("header_invalid", `header "${name}" stands more than once`);
  }
  checkFraming(head);
  return head;
}

// RFC 9110 §7.2 (host), without userinfo; an IPv6 literal stands in brackets.
const HOST = /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

function checkFraming(head: Head): void {
  if (head.host === undefined) throw new SluiceError("header_invalid", `header "host" is missing`);
  if (!HOST.test(head.host)) throw new SluiceError("header_invalid", `header "host" is not a host and port`);
  if (head.upgrade !== undefined)
    throw new SluiceError("header_invalid", `header "upgrade": no other protocol is spoken here`);
  if (head.transferEncoding !== undefined) {
    // RFC 9112 §6.1: a server may refuse a request with both; the pair is what request smuggling is made of.
    if (head.contentLength !== undefined) {
      throw new SluiceError("header_invalid", `headers "content-length" and "transfer-encoding" exclude one another`);
    }
    if (head.transferEncoding.toLowerCase() !== "chunked") {
      throw new SluiceError("header_invalid", `header "transfer-encoding" may only be "chunked"`);
    }
  }
  if (head.expect !== undefined && head.expect.toLowerCase() !== "100-continue") {
    throw new SluiceError("header_invalid", `header "expect" may only be "100-continue"`);
  }
}

// RFC 6750 §2.1: the scheme is case-insensitive; the credential is a run of visible characters.
const BEARER = /^bearer +([\x21-\x7e]+)$/i;
const VISIBLE = /^[\x21-\x7e]+$/;

/** The gateway credential from where SDKs put it. Undefined when there is none; two that differ are refused. */
export function readCredential(head: Head): string | undefined {
  let credential: string | undefined;
  if (head.authorization !== undefined) {
    credential = BEARER.exec(head.authorization)?.[1];
    if (credential === undefined) {
      throw new SluiceError(
        "key_invalid",
        `header "authorization" must be "Bearer" and an API key of this gateway or an access token`,
      );
    }
  }
  credential = sameCredential(credential, head.xApiKey);
  credential = sameCredential(credential, head.apiKey);
  credential = sameCredential(credential, head.googApiKey);
  if (credential !== undefined && (credential.length > CREDENTIAL_CHARS_MAX || !VISIBLE.test(credential))) {
    throw new SluiceError("key_invalid", "the credential does not have the form of a key or token");
  }
  return credential;
}

function sameCredential(known: string | undefined, other: string | undefined): string | undefined {
  if (other === undefined) return known;
  if (known === undefined || known === other) return other;
  throw new SluiceError("header_invalid", "two different API keys in one request; send one");
}

/** As `readCredential`, for handlers that have no `Head`. */
export function credentialOf(req: IncomingMessage): string | undefined {
  return readCredential(readHead(req));
}

// Purposes are config ids; sessions and data subjects are the client's own ids. None has room for a name, an address or an e-mail.
const TOKEN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

const TOKEN_HEADERS = {
  "sluice-purpose": "purpose",
  "sluice-session": "session",
  "sluice-data-subject": "subject",
} as const satisfies Record<string, keyof Head>;

type TokenHeader = keyof typeof TOKEN_HEADERS;

/** The value of one of our own request headers. */
export function tokenHeader(req: IncomingMessage, name: TokenHeader): string | undefined {
  const head = readHead(req);
  return checkToken(name, head[TOKEN_HEADERS[name]]);
}

export function checkToken(name: TokenHeader, value: string | undefined): string | undefined {
  if (value === undefined || TOKEN.test(value)) return value;
  throw new SluiceError("header_invalid", `header "${name}" may hold letters, digits and . _ : - only, 128 at most`);
}

const VERSION = /^[A-Za-z0-9.-]{1,32}$/;
const BETA = /^[A-Za-z0-9._=-]{1,64}(?: *, *[A-Za-z0-9._=-]{1,64}){0,31}$/;

/** Client headers that go upstream, each with its grammar. This is the whole list. */
const PASSED = [
  ["anthropicVersion", "anthropic-version", VERSION],
  ["anthropicBeta", "anthropic-beta", BETA],
  ["openaiBeta", "openai-beta", BETA],
] as const satisfies readonly (readonly [keyof Head, string, RegExp])[];

/** Throws `header_invalid` for a header that would travel and holds anything but plain tokens. */
export function checkPassed(head: Head): void {
  for (const [field, name, grammar] of PASSED) {
    const value = head[field];
    if (value !== undefined && !grammar.test(value)) {
      throw new SluiceError("header_invalid", `header "${name}" is not a list of plain tokens`);
    }
  }
}

/**
 * What travels of a checked head, as a flat name, value list. What is not in the list stays here, among it `user-agent`,
 * `cookie`, `via`, `x-forwarded-*`, `x-stainless-*`, `openai-organization` and `idempotency-key` (a text of the client's own
 * making). `accept`, `accept-encoding` and `content-type` are the gateway's own. A header that the connection sets wins.
 */
export function upstreamHeaders(head: Head, connection: Connection): readonly string[] {
  const headers: string[] = [];
  for (const [field, name] of PASSED) {
    const value = head[field];
    if (value !== undefined && !hasHeader(connection, name)) headers.push(name, value);
  }
  return headers;
}

function hasHeader(connection: Connection, name: string): boolean {
  for (const own in connection.headers) if (own.toLowerCase() === name) return true;
  return false;
}

const RESPONSE_NAMES: ReadonlySet<string> = new Set([
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
  "request-id",
  "x-request-id",
  "openai-processing-ms",
  "openai-version",
  "x-groq-region",
  "x-sluice-rehearsal",
]);
const RESPONSE_PREFIXES = ["x-ratelimit-", "anthropic-ratelimit-"] as const;
// RFC 9110 §5.5 without obs-text and without tabs.
const PLAIN_VALUE = /^[\x20-\x7e]*$/;

/** Adds the upstream's headers that the client may see to a flat list. Never `set-cookie`, `server`, or what names our account. */
export function addResponseHeaders(to: string[], headers: IncomingHttpHeaders): void {
  for (const name in headers) {
    if (!RESPONSE_NAMES.has(name) && !RESPONSE_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    const value = headers[name];
    if (typeof value !== "string" || value.length > RESPONSE_VALUE_CHARS_MAX || !PLAIN_VALUE.test(value)) continue;
    to.push(name, value);
  }
}

/** `{ EMAIL: 1, ORDER_NUMBER: 1 }` → `EMAIL=1, ORDER_NUMBER=1`; empty when there is nothing. Keys are names of types. */
export function countsHeader(counts: Counts): string {
  let text = "";
  for (const type in counts) {
    const count = counts[type] ?? 0;
    if (count > 0) text += `${text === "" ? "" : ", "}${type}=${count}`;
  }
  return text;
}
