/**
 * Dials the upstream. The only place of this protocol that opens a connection outwards, and it does so with a Permit alone:
 * the target is the permit's, the credential is the permit's connection's, and neither can be chosen by the caller. Redirects
 * are never followed, certificates always verified, addresses checked as they are dialled. Bytes flow through callbacks with
 * back-pressure, never through WHATWG streams: converting those kills the process after some hundred client aborts.
 */
import { createHash, hash, type Hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { Connection } from "../../core/connection.ts";
import { SluiceError } from "../../core/errors.ts";
import { assertPermit, type Permit } from "../../gate/index.ts";
import { createDecoder } from "./body.ts";
import { faultToError, isRetriable, isTransient } from "./faults.ts";
import { openUpstream, type Upstream, upstreamPath } from "./upstream.ts";

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

export class Forwarder {
  readonly #upstreams = new Map<Connection, Upstream>();
  readonly #onUnauthorized: (connection: Connection) => void;

  /** `onUnauthorized` hears that a target did not take its credential. Must not throw. */
  constructor(onUnauthorized: (connection: Connection) => void = () => {}) {
    this.#onUnauthorized = onUnauthorized;
  }

  /**
   * Sends the request and reports to `sink`. Never throws for what the upstream does; throws when the permit is not live,
   * which is a bug. The sink may be called before this returns.
   */
  forward(permit: Permit, request: ForwardRequest, sink: Sink): Forwarding {
    assertPermit(permit);
    const call = new Call(this.#upstream(permit.connection), request, sink, this.#onUnauthorized);
    call.start();
    return call;
  }

  /** After a config reload: closes the pools of all other connections, each once its last answer is over. */
  retain(connections: readonly Connection[]): void {
    const kept = new Set(connections);
    for (const [connection, upstream] of this.#upstreams) {
      if (kept.has(connection)) continue;
      this.#upstreams.delete(connection);
      void upstream.pool.close();
    }
  }

  /** Cuts everything. */
  async close(): Promise<void> {
    const pools = [...this.#upstreams.values()].map((upstream) => upstream.pool.destroy());
    this.#upstreams.clear();
    await Promise.all(pools);
  }

  #upstream(connection: Connection): Upstream {
    const known = this.#upstreams.get(connection);
    if (known !== undefined) return known;
    const upstream = openUpstream(connection);
    this.#upstreams.set(connection, upstream);
    return upstream;
  }
}

/** One request to one upstream, with its retries. Called back by undici; at most one attempt is live at any time. */
class Call implements Forwarding, Dispatcher.DispatchHandler {
  status: number | undefined;
  bytes = 0;
  readonly #upstream: Upstream;
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
  #digested: Uint8Array | undefined;
  #own: string[] = [];
  readonly #onUnauthorized: (connection: Connection) => void;

  constructor(
    upstream: Upstream,
    request: ForwardRequest,
    sink: Sink,
    onUnauthorized: (connection: Connection) => void,
  ) {
    this.#onUnauthorized = onUnauthorized;
    this.#upstream = upstream;
    this.#request = request;
    this.#sink = sink;
  }

  start(): void {
    const { connection, refusal } = this.#upstream;
    if (refusal !== undefined) return this.fail(refusal);
    try {
      // Once: a retry keeps the credential that the exchange began with.
      this.#own = this.#upstream.headers(this.#request.streaming);
    } catch (cause) {
      // Where the secret is kept is no client's business.
      const text = `the credential of connection "${connection.name}" cannot be used at the moment`;
      return this.fail(new SluiceError("secret_unavailable", text, { cause }));
    }
    this.#totalTimer = setTimeout(onTotalTimeout, connection.limits.totalTimeoutMs, this);
    this.#dispatch();
  }

  get elapsedMs(): number {
    return (this.#done ? this.#endedAt : performance.now()) - this.#startedAt;
  }

  digest(): Uint8Array | undefined {
    if (this.#hash !== undefined) return this.#hash.copy().digest();
    if (this.#firstChunk === undefined) return this.#digested;
    // A Buffer from `hash` itself would have memory of its own, which costs as much again as the hash.
    return Buffer.from(hash("sha256", this.#firstChunk, "binary"), "latin1");
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
    const { connection } = this.#upstream;
    const { totalTimeoutMs } = connection.limits;
    this.fail(
      new SluiceError(
        "upstream_timeout",
        `connection "${connection.name}" took longer than ${totalTimeoutMs} ms in all`,
      ),
    );
  }

  failPhase(): void {
    const { name, limits } = this.#upstream.connection;
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
    const { pool, origin } = this.#upstream;
    const { method, body, headers } = this.#request;
    const own = this.#own;
    this.#attempts += 1;
    pool.dispatch(
      { origin, path: this.#path(), method, body, headers: headers.length === 0 ? own : [...own, ...headers] },
      this,
    );
  }

  #path(): string {
    const { connection, paths } = this.#upstream;
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
    this.#phaseTimer = setTimeout(onPhaseTimeout, this.#upstream.connection.limits.firstByteTimeoutMs, this);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (controller !== this.#controller || status < 200) return;
    const { connection } = this.#upstream;
    if (isRetriable(status, headers) && this.#retry()) return;
    this.status = status;
    if (status === 401) this.#onUnauthorized(connection);
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
    if (this.bytes > this.#upstream.connection.limits.responseBytesMax) return this.fail(this.#tooLarge());
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
    this.fail(
      faultToError(fault, this.#upstream.connection, {
        begun: this.#controller !== undefined,
        answered: this.status !== undefined,
      }),
    );
  }

  /** Gives up this attempt and plans the next. False when there is none left. */
  #retry(): boolean {
    const { retriesMax } = this.#upstream.connection.limits;
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
      const { name } = this.#upstream.connection;
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
    if (this.#decoded > this.#upstream.connection.limits.responseBytesMax) return this.fail(this.#tooLarge());
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
    // The client may take long to take the answer; its digest is all that is still wanted of it here.
    this.#digested = this.digest();
    this.#firstChunk = undefined;
    this.#hash = undefined;
  }

  /** Closes the socket of the live attempt, if there is one. undici then opens a fresh one for the pool, which idles until it is used. */
  #abort(): void {
    this.#decoder?.destroy();
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.abort(new Error("cancelled"));
  }

  #tooLarge(): SluiceError {
    const { name, limits } = this.#upstream.connection;
    return new SluiceError(
      "upstream_body_too_large",
      `connection "${name}" answered with more than ${limits.responseBytesMax} bytes`,
    );
  }
}

// Shared by all calls, so that arming a timer makes no closure.
const onTotalTimeout = (call: Call): void => call.failTotal();
const onPhaseTimeout = (call: Call): void => call.failPhase();
const onBackoffOver = (call: Call): void => call.again();
