/**
 * Dials the upstream. The only place of this protocol that opens a connection outwards, and it does so with a Permit alone:
 * the target is the permit's, the credential is the permit's connection's, and neither can be chosen by the caller. Redirects
 * are never followed, certificates always verified, addresses checked as they are dialled. Bytes flow through callbacks with
 * back-pressure, never through WHATWG streams (docs: converting them kills the process after some hundred client aborts).
 */
import { createHash, hash, type Hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Transform } from "node:stream";
import { Pool, type Dispatcher } from "undici";
import type { Connection } from "../../core/connection.ts";
import { SluiceError } from "../../core/errors.ts";
import { assertPermit, type Permit } from "../../gate/index.ts";
import { addressRefusal, checkedLookup } from "./address.ts";
import { createDecoder } from "./body.ts";
import { KEY_EXCHANGE_GROUPS } from "./tls.ts";

/** Sockets to one upstream; more exchanges at once wait, under the total timeout. */
const SOCKETS_MAX = 1_024;
const KEEP_ALIVE_MS = 30_000;
const RESPONSE_HEADER_BYTES_MAX = 64 * 1_024;
const RETRY_BACKOFF_MS = 50;

export interface ForwardRequest {
  readonly method: "POST" | "GET";
  /** Path in the family's words, for example `/v1/chat/completions`; joined to the connection's URL. */
  readonly path: string;
  /** What of the client's query may travel, without `?`; usually empty. */
  readonly query: string;
  /** Decides the `accept` header. */
  readonly streaming: boolean;
  /** Allow-listed headers of the client, as a flat list. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/**
 * Who takes the answer. `onHead` comes once, then `onData` any number of times, then `onEnd`; or `onFail` instead of what
 * is left. Nothing comes after `cancel`. `onData` gets decoded bytes and returns false to hear no more until `resume`.
 */
export interface Sink {
  onHead(status: number, headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  onFail(error: SluiceError): void;
}

export interface Forwarding {
  /** Status of the answer; undefined before its head came. */
  readonly status: number | undefined;
  /** Body bytes as received, before decoding. */
  readonly bytes: number;
  /** Milliseconds from dialling to the last byte, or to now. */
  readonly elapsedMs: number;
  /** SHA-256 over the body bytes as received; undefined when there were none. */
  digest(): Uint8Array | undefined;
  resume(): void;
  /** Closes the upstream's connection at once. Idempotent. */
  cancel(): void;
}

/** One pool and what never changes about a connection, so that a request builds none of it. */
interface Target {
  readonly connection: Connection;
  readonly pool: Pool;
  readonly origin: string;
  /** Why a literal address in the URL may not be dialled; those never reach `lookup`. */
  readonly refusal: SluiceError | undefined;
  /** Headers of every request, for answers in JSON and for streams. They hold the credential. */
  readonly headersJson: string[];
  readonly headersSse: string[];
  /** Path of the family → path and query on this upstream. */
  readonly paths: Map<string, string>;
}

export class Forwarder {
  readonly #targets = new Map<Connection, Target>();

  /**
   * Sends the request and reports to `sink`. Never throws for what the upstream does; throws when the permit is not live,
   * which is a bug. The sink may be called before this returns.
   */
  forward(permit: Permit, request: ForwardRequest, sink: Sink): Forwarding {
    assertPermit(permit);
    const call = new Call(this.#target(permit.connection), request, sink);
    call.start();
    return call;
  }

  /** After a config reload: closes the pools of all other connections, each once its last answer is over. */
  retain(connections: readonly Connection[]): void {
    const kept = new Set(connections);
    for (const [connection, target] of this.#targets) {
      if (kept.has(connection)) continue;
      this.#targets.delete(connection);
      void target.pool.close();
    }
  }

  /** Cuts everything. */
  async close(): Promise<void> {
    const pools = [...this.#targets.values()].map((target) => target.pool.destroy());
    this.#targets.clear();
    await Promise.all(pools);
  }

  #target(connection: Connection): Target {
    const known = this.#targets.get(connection);
    if (known !== undefined) return known;
    const target = makeTarget(connection);
    this.#targets.set(connection, target);
    return target;
  }
}

function makeTarget(connection: Connection): Target {
  const { url, limits, name, allowPrivateAddress } = connection;
  const pool = new Pool(url.origin, {
    connections: SOCKETS_MAX,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: RESPONSE_HEADER_BYTES_MAX,
    // Ours are exact to the millisecond and do not count the time a slow client holds the upstream back.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: limits.connectTimeoutMs,
      lookup: checkedLookup(allowPrivateAddress, name),
      // Said explicitly, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes only the default.
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ...(KEY_EXCHANGE_GROUPS === undefined ? {} : { ecdhCurve: KEY_EXCHANGE_GROUPS }),
    },
  });
  const common = ["content-type", "application/json", "user-agent", "sluice"];
  // Compressing what is streamed in pieces of 20 bytes costs both sides more than it saves, and delays the pieces.
  common.push("accept-encoding", "identity");
  for (const [header, value] of Object.entries(connection.headers)) common.push(header.toLowerCase(), value);
  if (connection.credential !== undefined) {
    const { header, prefix, secret } = connection.credential;
    common.push(header.toLowerCase(), prefix + secret.reveal());
  }
  return {
    connection,
    pool,
    origin: url.origin,
    refusal: literalRefusal(connection),
    headersJson: [...common, "accept", "application/json"],
    headersSse: [...common, "accept", "text/event-stream"],
    paths: new Map(),
  };
}

function literalRefusal({ url, allowPrivateAddress, name }: Connection): SluiceError | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : addressRefusal(host, allowPrivateAddress, name);
}

/** `https://host/v1` + `/v1/messages` → `/v1/messages`: base URLs are written with and without the version. */
export function upstreamPath(connection: Connection, path: string): string {
  const base = connection.url.pathname.replace(/\/+$/, "");
  const version = /\/v\d+$/.exec(base)?.[0];
  const below = version !== undefined && path.startsWith(`${version}/`) ? path.slice(version.length) : path;
  const query = new URLSearchParams(connection.query).toString();
  return `${base}${below}${query === "" ? "" : `?${query}`}`;
}

/** One request to one upstream, with its retries. Called back by undici; at most one attempt is live at any time. */
class Call implements Forwarding, Dispatcher.DispatchHandler {
  status: number | undefined;
  bytes = 0;
  readonly #target: Target;
  readonly #request: ForwardRequest;
  readonly #sink: Sink;
  readonly #startedAt = performance.now();
  #endedAt = 0;
  #done = false;
  #attempts = 0;
  /** Set while undici runs our request on a socket. */
  #controller: Dispatcher.DispatchController | undefined;
  #phaseTimer: NodeJS.Timeout | undefined;
  #totalTimer: NodeJS.Timeout | undefined;
  #sinkPaused = false;
  #decoder: Transform | undefined;
  #decoded = 0;
  // Most answers are one chunk, for which the one-shot hash is twice as fast as a Hash object.
  #firstChunk: Buffer | undefined;
  #hash: Hash | undefined;

  constructor(target: Target, request: ForwardRequest, sink: Sink) {
    this.#target = target;
    this.#request = request;
    this.#sink = sink;
  }

  start(): void {
    const { connection, refusal } = this.#target;
    if (refusal !== undefined) return this.fail(refusal);
    this.#totalTimer = setTimeout(onTotalTimeout, connection.limits.totalTimeoutMs, this);
    this.#dispatch();
  }

  get elapsedMs(): number {
    return (this.#done ? this.#endedAt : performance.now()) - this.#startedAt;
  }

  digest(): Uint8Array | undefined {
    if (this.#hash !== undefined) return this.#hash.copy().digest();
    return this.#firstChunk === undefined ? undefined : hash("sha256", this.#firstChunk, "buffer");
  }

  resume(): void {
    if (!this.#sinkPaused || this.#done) return;
    this.#sinkPaused = false;
    this.#phaseTimer?.refresh();
    if (this.#decoder !== undefined) this.#decoder.resume();
    else this.#controller?.resume();
  }

  cancel(): void {
    if (this.#done) return;
    this.#finish();
    this.#abort();
  }

  fail(error: SluiceError): void {
    if (this.#done) return;
    this.#finish();
    this.#abort();
    this.#sink.onFail(error);
  }

  /** The two timers call these; whoever is late is told what the silence was. */
  failTotal(): void {
    const { connection } = this.#target;
    const { totalTimeoutMs } = connection.limits;
    this.fail(
      new SluiceError(
        "upstream_timeout",
        `connection "${connection.name}" took longer than ${totalTimeoutMs} ms in all`,
      ),
    );
  }

  failPhase(): void {
    const { name, limits } = this.#target.connection;
    if (this.#sinkPaused) {
      this.fail(
        new SluiceError("client_closed", `the client took nothing of the answer for ${limits.idleTimeoutMs} ms`),
      );
    } else if (this.status === undefined) {
      const text = `connection "${name}" did not begin to answer within ${limits.firstByteTimeoutMs} ms`;
      this.fail(new SluiceError("upstream_timeout", text));
    } else {
      this.fail(
        new SluiceError("upstream_timeout", `connection "${name}" sent nothing for ${limits.idleTimeoutMs} ms`),
      );
    }
  }

  #dispatch(): void {
    const { pool, origin, headersJson, headersSse } = this.#target;
    const { method, body, streaming, headers } = this.#request;
    const own = streaming ? headersSse : headersJson;
    this.#attempts += 1;
    pool.dispatch(
      { origin, path: this.#path(), method, body, headers: headers.length === 0 ? own : [...own, ...headers] },
      this,
    );
  }

  #path(): string {
    const { connection, paths } = this.#target;
    const { path, query } = this.#request;
    let known = paths.get(path);
    if (known === undefined) {
      known = upstreamPath(connection, path);
      paths.set(path, known);
    }
    if (query === "") return known;
    return `${known}${known.includes("?") ? "&" : "?"}${query}`;
  }

  // undici calls the next five.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Cancelled or timed out while it waited for a connection: nothing has been sent yet, and nothing will be.
    if (this.#done) return controller.abort(new Error("cancelled"));
    this.#controller = controller;
    this.#phaseTimer = setTimeout(onPhaseTimeout, this.#target.connection.limits.firstByteTimeoutMs, this);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (controller !== this.#controller || status < 200) return;
    const { connection } = this.#target;
    if (isRetriable(status, headers) && this.#retry()) return;
    this.status = status;
    if (status >= 300 && status < 400) {
      return this.fail(
        new SluiceError(
          "upstream_redirect",
          `connection "${connection.name}" answered ${status}; redirects are not followed`,
        ),
      );
    }
    const length = Number(headers["content-length"] ?? "0");
    if (length > connection.limits.responseBytesMax) return this.fail(this.#tooLarge());
    const coding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
    if (coding !== "identity" && coding !== "") {
      this.#decoder = createDecoder(coding);
      if (this.#decoder === undefined) {
        return this.fail(
          new SluiceError(
            "upstream_encoding_invalid",
            `connection "${connection.name}" used an unknown content-encoding`,
          ),
        );
      }
      this.#wire(this.#decoder);
    }
    clearTimeout(this.#phaseTimer);
    this.#phaseTimer = setTimeout(onPhaseTimeout, connection.limits.idleTimeoutMs, this);
    this.#sink.onHead(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (controller !== this.#controller || this.#done) return;
    this.#phaseTimer?.refresh();
    this.bytes += chunk.length;
    if (this.bytes > this.#target.connection.limits.responseBytesMax) return this.fail(this.#tooLarge());
    this.#digest(chunk);
    if (this.#decoder === undefined) this.#deliver(chunk);
    else if (!this.#decoder.write(chunk)) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (controller !== this.#controller || this.#done) return;
    this.#controller = undefined;
    if (this.#decoder === undefined) this.#end();
    else this.#decoder.end();
  }

  onResponseError(controller: Dispatcher.DispatchController | undefined, fault: Error): void {
    // `undefined` when no socket was had; else faults of an attempt that was given up are no news.
    if (this.#done || (controller !== undefined && controller !== this.#controller)) return;
    if (this.status === undefined && isTransient(fault) && this.#retry()) return;
    this.fail(this.#fault(fault));
  }

  /** Gives up this attempt and plans the next. False when there is none left. */
  #retry(): boolean {
    const { retriesMax } = this.#target.connection.limits;
    if (this.#attempts > retriesMax) return false;
    clearTimeout(this.#phaseTimer);
    this.#phaseTimer = undefined;
    this.#abort();
    setTimeout(onBackoffOver, RETRY_BACKOFF_MS * 2 ** (this.#attempts - 1), this);
    return true;
  }

  again(): void {
    if (!this.#done) this.#dispatch();
  }

  #wire(decoder: Transform): void {
    decoder.on("data", (chunk: Buffer) => this.#deliver(chunk));
    decoder.on("end", () => this.#end());
    decoder.on("drain", () => this.#controller?.resume());
    decoder.on("error", () => {
      const { name } = this.#target.connection;
      this.fail(
        new SluiceError(
          "upstream_encoding_invalid",
          `connection "${name}" sent a body that is not valid in its content-encoding`,
        ),
      );
    });
  }

  #deliver(chunk: Buffer): void {
    if (this.#done) return;
    this.#decoded += chunk.length;
    if (this.#decoded > this.#target.connection.limits.responseBytesMax) return this.fail(this.#tooLarge());
    if (this.#sink.onData(chunk) || this.#done) return;
    this.#sinkPaused = true;
    if (this.#decoder !== undefined) this.#decoder.pause();
    else this.#controller?.pause();
  }

  #digest(chunk: Buffer): void {
    if (this.#hash !== undefined) {
      this.#hash.update(chunk);
    } else if (this.#firstChunk === undefined) {
      this.#firstChunk = chunk;
    } else {
      this.#hash = createHash("sha256").update(this.#firstChunk).update(chunk);
      this.#firstChunk = undefined;
    }
  }

  #end(): void {
    if (this.#done) return;
    this.#finish();
    this.#sink.onEnd();
  }

  #finish(): void {
    this.#done = true;
    this.#endedAt = performance.now();
    clearTimeout(this.#phaseTimer);
    clearTimeout(this.#totalTimer);
  }

  /** Closes the socket of the live attempt, if there is one. undici then opens a fresh one for the pool, which idles until it is used. */
  #abort(): void {
    this.#decoder?.destroy();
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.abort(new Error("cancelled"));
  }

  #tooLarge(): SluiceError {
    const { name, limits } = this.#target.connection;
    return new SluiceError(
      "upstream_body_too_large",
      `connection "${name}" answered with more than ${limits.responseBytesMax} bytes`,
    );
  }

  /** undici's and Node's faults in our words. Only the machine code is taken over: messages and `data` may hold payload. */
  #fault(fault: Error): SluiceError {
    if (fault instanceof SluiceError) return fault;
    const { name, limits } = this.#target.connection;
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
    const unparsable = fault.name === "HTTPParserError" && !fault.message.includes("EOF");
    const contradictory = code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" && this.status === undefined;
    if (unparsable || contradictory || PROTOCOL_FAULT.test(code)) {
      return new SluiceError("upstream_protocol", `connection "${name}" did not speak HTTP/1.1 (${code})`);
    }
    if (this.#controller === undefined) {
      return new SluiceError("upstream_unreachable", `connection "${name}" cannot be reached (${code})`);
    }
    const when = this.status === undefined ? "before it answered" : "in the middle of its answer";
    return new SluiceError("upstream_reset", `connection "${name}" closed the connection ${when} (${code})`);
  }
}

// Shared by all calls, so that arming a timer makes no closure.
const onTotalTimeout = (call: Call): void => call.failTotal();
const onPhaseTimeout = (call: Call): void => call.failPhase();
const onBackoffOver = (call: Call): void => call.again();

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

function isTransient(fault: Error): boolean {
  return !(fault instanceof SluiceError) && TRANSIENT.has(codeOf(fault));
}

/** An upstream that says when to come back is passed on: the client can wait, a gateway that waits holds its request. */
function isRetriable(status: number, headers: IncomingHttpHeaders): boolean {
  return (status === 502 || status === 503 || status === 504) && headers["retry-after"] === undefined;
}

function codeOf(fault: Error): string {
  const { code } = fault as NodeJS.ErrnoException;
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : "unknown";
}
