/**
 * The way back: what the upstream sends, through the answer's transform, to the client. A JSON answer is sent whole or not
 * at all; a stream is sent event by event and, when it breaks, ends with the family's error event on a connection that is
 * closed without the end of the message. The exchange's outcome is recorded exactly once, when the response has closed.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { SluiceError, toSluiceError } from "../../core/errors.ts";
import type { Outcome } from "../../core/intent.ts";
import type { Counts } from "../../core/segment.ts";
import type { Exchange } from "../../gate/index.ts";
import { type AnswerTransform, createAnswer } from "./answer.ts";
import type { Endpoint } from "./endpoints.ts";
import { type ErrorFamily, errorEvent, JSON_TYPE, sendError, statusOf } from "./errors.ts";
import type { Forwarding, Sink } from "./forward.ts";
import { addResponseHeaders, countsHeader } from "./headers.ts";
import { asJson } from "./transform.ts";

export interface ReplyContext {
  readonly family: ErrorFamily;
  readonly opaqueParts: Counts;
  readonly jsonDepthMax: number;
  /** The request asked for an answer in JSON. */
  readonly jsonAnswer: boolean;
  /** When the request had arrived, of performance.now(). */
  readonly bodyAt: number;
  /**
   * Another may answer. Called at most once, when the upstream has failed and nothing of its answer has reached the client; the
   * exchange is over then, and `answer` tells the client of the failure after all.
   */
  readonly fallBack?: ((answer: () => void) => void) | undefined;
}

type Shape = Parameters<typeof createAnswer>[1];

const STREAM_TYPES: Readonly<Record<Exclude<Shape, "json">, string>> = {
  sse: "text/event-stream",
  "json-lines": "application/x-ndjson",
};

/** How long the last bytes of a broken stream may take to reach the client. */
const LAST_WORDS_MS = 5_000;

export class Reply implements Sink {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #exchange: Exchange;
  readonly #endpoint: Endpoint;
  readonly #context: ReplyContext;
  readonly #dialledAt = performance.now();
  #forwarding: Forwarding | undefined;
  #answer: AnswerTransform | undefined;
  /** Head and pieces of an answer that is sent whole; undefined for a stream. */
  #whole: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly pieces: Uint8Array[] } | undefined;
  /** Why the exchange failed; absent as long as it did not. */
  #failure: SluiceError | undefined;
  /** Something of a stream's body was written. */
  #begun = false;
  #closed = false;
  #stallTimer: NodeJS.Timeout | undefined;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    exchange: Exchange,
    endpoint: Endpoint,
    context: ReplyContext,
  ) {
    this.#req = req;
    this.#res = res;
    this.#exchange = exchange;
    this.#endpoint = endpoint;
    this.#context = context;
    res.on("drain", this.#onDrain);
  }

  /** It tells the client of a failure, and takes no answer any more. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** The forwarding whose sink this is; it may have called back already. */
  attach(forwarding: Forwarding): void {
    this.#forwarding = forwarding;
    if (this.#failure !== undefined || this.#closed) forwarding.cancel();
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    const { connection, back } = this.#exchange;
    if (this.#context.fallBack !== undefined && isOverloaded(status)) {
      const text = `connection "${connection.name}" answered ${status}, and no other candidate answered`;
      return this.#fail(new SluiceError("upstream_error", text), status, headers);
    }
    if (status === 401 || status === 403 || status === 407) {
      // The credential in question is the gateway's own, and the body may name its account.
      const text = `connection "${connection.name}" answered ${status}: it refuses this gateway's credential`;
      return this.onFail(new SluiceError("upstream_error", text));
    }
    const shape = shapeOf(headers["content-type"] ?? "", status, this.#endpoint);
    if (shape === undefined) return this.#failShape(status, headers);
    this.#answer = createAnswer(this.#endpoint, shape, this.#context.jsonAnswer ? asJson(back) : back, {
      responseBytesMax: connection.limits.responseBytesMax,
      eventBytesMax: connection.limits.eventBytesMax,
      depthMax: this.#context.jsonDepthMax,
    });
    if (shape === "json") {
      this.#whole = { status, headers, pieces: [] };
      return;
    }
    // nginx would hold the stream back to fill its buffers.
    const own = ["content-type", STREAM_TYPES[shape], "x-accel-buffering", "no"];
    this.#res.writeHead(status, this.#headers(own, headers, this.#dialledAt - this.#context.bodyAt));
    // The first event often came in the same packet; then head and event leave in one. Else the head does not wait for it.
    process.nextTick(flushHead, this);
  }

  flush(): void {
    if (!this.#begun && !this.#res.writableEnded && !this.#res.destroyed) this.#res.flushHeaders();
  }

  onData(chunk: Buffer): boolean {
    try {
      const out = this.#answer?.push(chunk);
      if (out === undefined || out.byteLength === 0) return true;
      if (this.#whole === undefined) {
        this.#begun = true;
        return this.#res.write(out);
      }
      this.#whole.pieces.push(out);
    } catch (thrown) {
      this.onFail(toSluiceError(thrown));
    }
    return true;
  }

  onEnd(): void {
    try {
      const endedAt = performance.now();
      const last = this.#answer?.end();
      if (this.#whole !== undefined) return this.#sendWhole(last, endedAt);
      if (last !== undefined && last.byteLength > 0) this.#res.write(last);
    } catch (thrown) {
      return this.onFail(toSluiceError(thrown));
    }
    // A custom API may have no end marker at all; the families have one, and without it a cut answer looks like a whole one.
    if (this.#answer?.complete === false && this.#endpoint.family !== "custom") {
      const text = `connection "${this.#exchange.connection.name}" ended its stream before the end marker`;
      return this.onFail(new SluiceError("upstream_reset", text));
    }
    this.#res.end();
    this.#watchStall(this.#exchange.connection.limits.idleTimeoutMs);
  }

  onFail(error: SluiceError): void {
    this.#fail(error, statusOf(error));
  }

  /** The response is over, one way or another. */
  onClose(): void {
    this.#closed = true;
    clearTimeout(this.#stallTimer);
    this.#forwarding?.cancel();
    void this.#exchange.end(this.#outcome());
  }

  readonly #onDrain = (): void => {
    this.#forwarding?.resume();
  };

  #sendWhole(last: Uint8Array | undefined, endedAt: number): void {
    const whole = this.#whole;
    if (whole === undefined) return;
    if (last !== undefined && last.byteLength > 0) whole.pieces.push(last);
    const [first] = whole.pieces;
    if (first === undefined) {
      const text = `connection "${this.#exchange.connection.name}" answered ${whole.status} without a body`;
      return this.#fail(
        new SluiceError("upstream_protocol", text),
        whole.status >= 400 ? whole.status : 502,
        whole.headers,
      );
    }
    const body = whole.pieces.length === 1 ? first : Buffer.concat(whole.pieces);
    const ours = this.#dialledAt - this.#context.bodyAt + (performance.now() - endedAt);
    const own = ["content-type", JSON_TYPE, "content-length", String(body.byteLength)];
    this.#res.writeHead(whole.status, this.#headers(own, whole.headers, ours));
    this.#res.end(body);
    this.#watchStall(this.#exchange.connection.limits.idleTimeoutMs);
  }

  /** A 4xx or 5xx keeps its status, so that the client's own retry logic works; the body, which nobody can scan, is replaced. */
  #failShape(status: number, headers: IncomingHttpHeaders): void {
    const { name } = this.#exchange.connection;
    if (status >= 400) {
      const text = `connection "${name}" answered ${status} with a body that is not JSON`;
      return this.#fail(new SluiceError("upstream_error", text), status, headers);
    }
    this.onFail(
      new SluiceError("upstream_protocol", `connection "${name}" answered with a content-type that cannot be scanned`),
    );
  }

  /** The first failure counts. `status` and `upstream` pass on what an upstream's own error said. */
  #fail(error: SluiceError, status: number, upstream: IncomingHttpHeaders = {}): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.#failure = error;
    this.#forwarding?.cancel();
    const { fallBack } = this.#context;
    if (fallBack !== undefined && !this.#res.headersSent && error.kind === "upstream") {
      this.onClose();
      this.#res.off("drain", this.#onDrain);
      return fallBack(() => this.#answerFailure(error, status, upstream));
    }
    this.#answerFailure(error, status, upstream);
  }

  #answerFailure(error: SluiceError, status: number, upstream: IncomingHttpHeaders): void {
    if (!this.#res.headersSent) {
      const headers: Record<string, string> = {
        "sluice-evidence": this.#exchange.id,
        "sluice-purpose": this.#exchange.purpose.id,
      };
      const passed: string[] = [];
      addResponseHeaders(passed, upstream);
      for (let at = 0; at < passed.length; at += 2) headers[passed[at] ?? ""] = passed[at + 1] ?? "";
      return sendError(this.#res, error, this.#context.family, headers, status);
    }
    if (error.code === "client_closed") {
      this.#res.destroy();
      return;
    }
    // The event, then the end of the connection instead of the end of the message: also a client that does not know the
    // event sees that the answer is not whole (RFC 9112 §8, incomplete messages).
    this.#res.write(errorEvent(error, this.#context.family, this.#endpoint.name), () => this.#req.socket.destroySoon());
    this.#watchStall(LAST_WORDS_MS);
  }

  /** A client that does not take the last bytes must not hold them in memory for ever. */
  #watchStall(timeoutMs: number): void {
    if (this.#closed || this.#res.writableLength === 0) return;
    this.#stallTimer = setTimeout(() => this.#res.destroy(), timeoutMs);
  }

  #headers(to: string[], upstream: IncomingHttpHeaders, overheadMs: number): string[] {
    const { id, purpose, connection } = this.#exchange;
    to.push("cache-control", "no-store", "sluice-evidence", id, "sluice-purpose", purpose.id);
    to.push("sluice-overhead", overheadMs.toFixed(2));
    const masked = countsHeader(this.#exchange.masked);
    if (masked !== "") to.push("sluice-masked", masked);
    const opaque = countsHeader(this.#context.opaqueParts);
    // Nothing here ever says that a part was scanned which was not.
    if (opaque !== "")
      to.push(connection.rules.opaqueParts === "withhold" ? "sluice-withheld" : "sluice-unscanned", opaque);
    addResponseHeaders(to, upstream);
    return to;
  }

  #outcome(): Outcome {
    const forwarding = this.#forwarding;
    const failure = this.#failure ?? (this.#res.writableFinished ? undefined : CLIENT_LEFT);
    const digest = forwarding?.digest();
    const usage = this.#answer?.usage;
    return {
      status: failure === undefined ? "completed" : failure.code === "client_closed" ? "cancelled" : "failed",
      ...(failure === undefined ? undefined : { code: failure.code }),
      ...(forwarding?.status === undefined ? undefined : { upstreamStatus: forwarding.status }),
      responseBytes: forwarding?.bytes ?? 0,
      upstreamMs: forwarding?.elapsedMs ?? 0,
      ...(usage?.inputTokens === undefined ? undefined : { inputTokens: usage.inputTokens }),
      ...(usage?.outputTokens === undefined ? undefined : { outputTokens: usage.outputTokens }),
      ...(digest === undefined ? undefined : { responseDigest: digest }),
    };
  }
}

const CLIENT_LEFT = new SluiceError("client_closed", "the client left before its answer was complete");

const flushHead = (reply: Reply): void => reply.flush();

/** It has too much to do, or is broken: another upstream may answer where this one does not. */
function isOverloaded(status: number): boolean {
  return status === 429 || status >= 500;
}

/** How the body can be read and scanned; undefined when it cannot. */
function shapeOf(contentType: string, status: number, endpoint: Endpoint): Shape | undefined {
  if (contentType === JSON_TYPE) return "json";
  const end = contentType.indexOf(";");
  const type = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (type === JSON_TYPE || /^application\/[a-z0-9.-]+\+json$/.test(type)) return "json";
  if (status >= 300) return undefined;
  if (type === "text/event-stream") return "sse";
  if (/^application\/(x-ndjson|jsonl|x-jsonl|json-lines)$/.test(type) && endpoint.family === "custom")
    return "json-lines";
  return undefined;
}
