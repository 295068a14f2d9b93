/**
 * What undici and Node say went wrong, in our words. Pure. Only a fault's machine code is taken over: messages and `data` may
 * hold what the upstream sent.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Connection } from "../../core/connection.ts";
import { SluiceError, toSluiceError } from "../../core/errors.ts";

/** How far a request had come when the fault happened. */
export interface Progress {
  /** A socket was had, so bytes may have been sent. */
  readonly begun: boolean;
  /** The head of the answer had come. */
  readonly answered: boolean;
}

export function faultToError(fault: Error, { name, limits }: Connection, { begun, answered }: Progress): SluiceError {
  if (fault instanceof SluiceError) return fault;
  const code = codeOf(fault);
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return new SluiceError(
      "upstream_timeout",
      `connection "${name}" did not accept a connection within ${limits.connectTimeoutMs} ms`,
    );
  }
  if (TLS_FAULT.test(code)) {
    return new SluiceError(
      "upstream_protocol",
      `connection "${name}": no TLS connection could be trusted or agreed on (${code})`,
    );
  }
  // undici's parser errors carry no code of their own; a body that ends too early is one of them, and a reset to us.
  const parser = fault.name === "HTTPParserError";
  const unparsable = parser && !fault.message.includes("EOF");
  const contradictory = code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" && !answered;
  if (unparsable || contradictory || PROTOCOL_FAULT.test(code)) {
    return new SluiceError("upstream_protocol", `connection "${name}" did not speak HTTP/1.1 (${code})`);
  }
  // Everything that Node and undici report has a code. What has none was thrown by us, in a callback: a bug.
  if (code === UNKNOWN && !parser) return toSluiceError(fault);
  if (!begun) return new SluiceError("upstream_unreachable", `connection "${name}" cannot be reached (${code})`);
  const when = answered ? "in the middle of its answer" : "before it answered";
  return new SluiceError("upstream_reset", `connection "${name}" closed the connection ${when} (${code})`);
}

const TLS_FAULT = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_OSSL_)/;
const PROTOCOL_FAULT = /^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED)$/;

/** Faults before the first byte of an answer after which another socket may fare better. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_SOCKET",
]);

export function isTransient(fault: Error): boolean {
  return !(fault instanceof SluiceError) && TRANSIENT.has(codeOf(fault));
}

/** An upstream that says when to come back is passed on: the client can wait, a gateway that waits holds its request. */
export function isRetriable(status: number, headers: IncomingHttpHeaders): boolean {
  return (status === 502 || status === 503 || status === 504) && headers["retry-after"] === undefined;
}

const UNKNOWN = "unknown";

function codeOf(fault: Error): string {
  const { code } = fault as NodeJS.ErrnoException;
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : UNKNOWN;
}
