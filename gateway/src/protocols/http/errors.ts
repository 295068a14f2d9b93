/**
 * How HTTP words a refusal: error code → status, headers and a body in the family of the route. One table by kind that does
 * not compile when a kind is missing, and a short list of codes for which HTTP has a more exact status. Bodies hold the
 * code, our own message and nothing of the request; `internal` never says more than that.
 */
import type { ServerResponse } from "node:http";
import type { Code, Kind, SluiceError } from "../../core/errors.ts";

/** `problem` is RFC 9457, for every route that belongs to no provider family and copies nobody's shape. */
export type ErrorFamily = "openai" | "anthropic" | "presidio" | "problem";

interface KindRow {
  readonly status: number;
  /** `error.type` in the OpenAI family: https://platform.openai.com/docs/guides/error-codes */
  readonly openai: string;
  /** `error.type` in the Anthropic family: https://docs.claude.com/en/api/errors */
  readonly anthropic: string;
  /** RFC 9457 `title`: "a short, human-readable summary of the problem type". */
  readonly title: string;
}

const KINDS: Record<Kind, KindRow> = {
  unauthenticated: {
    status: 401,
    openai: "authentication_error",
    anthropic: "authentication_error",
    title: "Not authenticated",
  },
  denied: { status: 403, openai: "permission_error", anthropic: "permission_error", title: "Denied by policy" },
  invalid: {
    status: 400,
    openai: "invalid_request_error",
    anthropic: "invalid_request_error",
    title: "Request not valid",
  },
  not_found: { status: 404, openai: "invalid_request_error", anthropic: "not_found_error", title: "Not found" },
  conflict: { status: 409, openai: "invalid_request_error", anthropic: "invalid_request_error", title: "Conflict" },
  limit: { status: 429, openai: "rate_limit_error", anthropic: "rate_limit_error", title: "Limit reached" },
  upstream: { status: 502, openai: "server_error", anthropic: "api_error", title: "The upstream failed" },
  integrity: { status: 500, openai: "server_error", anthropic: "api_error", title: "Records or keys failed" },
  internal: { status: 500, openai: "server_error", anthropic: "api_error", title: "Internal error" },
};

/** Codes with a status of their own. The official SDKs repeat 408, 409, 429 and 5xx, so a retriable code gets one of these. */
const STATUS_BY_CODE: Partial<Record<Code, number>> = {
  method_not_allowed: 405,
  content_type_unsupported: 415,
  content_encoding_unsupported: 415,
  body_too_large: 413,
  decoded_body_too_large: 413,
  text_too_large: 413,
  header_too_large: 431,
  selection_too_large: 413,
  subject_too_large: 413,
  recording_full: 413,
  request_timeout: 408,
  scrub_timeout: 503,
  overloaded: 503,
  draining: 503,
  upstream_timeout: 504,
  provider_unavailable: 503,
  // A client that left reads no answer. Not 409: SDKs repeat that by themselves.
  client_closed: 499,
  evidence_unavailable: 503,
  recording_unavailable: 503,
  witness_quorum_missing: 503,
  key_unavailable: 503,
  index_unavailable: 503,
  database_unavailable: 503,
  detector_failed: 503,
};

/** `error.type` where the Anthropic family has a finer word for the status. */
const ANTHROPIC_BY_STATUS: Readonly<Record<number, string>> = {
  408: "timeout_error",
  413: "request_too_large",
  504: "timeout_error",
};

export const JSON_TYPE = "application/json";
const PROBLEM_TYPE = "application/problem+json";

export function statusOf(error: SluiceError): number {
  return STATUS_BY_CODE[error.code] ?? KINDS[error.kind].status;
}

/** The body of the refusal as a value, ready for JSON. Mid-stream events carry the same object. */
function errorBody(error: SluiceError, family: ErrorFamily, status: number): Record<string, unknown> {
  const row = KINDS[error.kind];
  switch (family) {
    case "openai":
      return { error: { message: error.message, type: row.openai, param: null, code: error.code, ...error.details } };
    case "anthropic": {
      const type = ANTHROPIC_BY_STATUS[status] ?? row.anthropic;
      return { type: "error", error: { type, message: error.message, code: error.code, ...error.details } };
    }
    case "presidio":
      return { error: error.message, code: error.code, ...error.details };
    case "problem":
      // RFC 9457 §4.2.1: "about:blank" says that the problem has no more semantics than the status; ours stand in `code`.
      return {
        type: "about:blank",
        title: row.title,
        status,
        detail: error.message,
        code: error.code,
        ...error.details,
      };
  }
}

export interface RenderedError {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** `status` overrides the code's own where an upstream's status is passed through. */
export function renderError(error: SluiceError, family: ErrorFamily, status = statusOf(error)): RenderedError {
  const body = Buffer.from(JSON.stringify(errorBody(error, family, status)));
  const headers: Record<string, string> = {
    "content-type": family === "problem" ? PROBLEM_TYPE : JSON_TYPE,
    "content-length": String(body.byteLength),
    "cache-control": "no-store",
    // The official OpenAI, Anthropic and Groq SDKs obey this before they look at the status.
    "x-should-retry": error.retriable ? "true" : "false",
  };
  if (error.evidence !== undefined) headers["sluice-evidence"] = error.evidence;
  if (error.retryAfterSeconds !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterSeconds));
  return { status, headers, body };
}

/**
 * Answers with the refusal. Does nothing once an answer has begun; then the caller has to end the stream with `errorEvent`.
 */
export function sendError(
  res: ServerResponse,
  error: SluiceError,
  family: ErrorFamily,
  more?: Readonly<Record<string, string>>,
  status = statusOf(error),
): void {
  if (res.headersSent || res.destroyed) return;
  const rendered = renderError(error, family, status);
  res.writeHead(rendered.status, { ...rendered.headers, ...more });
  res.end(rendered.body);
}

/**
 * The event that ends a stream which failed half-way, in the family's words. What follows is a closed connection, never
 * `[DONE]` or `message_stop`: nobody may take the half for the whole. `endpoint` is the endpoint's name.
 */
export function errorEvent(error: SluiceError, family: ErrorFamily, endpoint: string): string {
  const body = errorBody(error, family, statusOf(error));
  if (family === "anthropic") return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
  if (family === "openai" && endpoint.startsWith("responses")) {
    // Both shapes in use: flat (the API reference) and nested in `error` (what the API sends and SDKs throw on). The upstream's
    // events are not counted here, so the required `sequence_number` is zero.
    const event = { type: "error", sequence_number: 0, code: error.code, message: error.message, param: null, ...body };
    return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
  }
  if (family === "openai") return `data: ${JSON.stringify(body)}\n\n`;
  return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
}

/** A whole refusal as bytes on the wire, for sockets on which the HTTP parser gave up. The connection ends with it. */
export function rawError(error: SluiceError): Buffer {
  const { status, headers, body } = renderError(error, "problem");
  const lines = [`HTTP/1.1 ${status} ${KINDS[error.kind].title}`, "connection: close"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}
