/**
 * The door: a node:http or node:https server with a limit on everything, which refuses the shapes over which two HTTP parsers
 * could disagree, hands inference to one handler and the rest to another, and drains. It reads heads and no bodies, knows no
 * provider, and answers no other origin's scripts (no CORS).
 */
import http, { type IncomingMessage, type Server, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { SluiceError, toSluiceError } from "../../core/errors.ts";
import { isLoopbackHost } from "./address.ts";
import { discardRest } from "./body.ts";
import { rawError, renderError } from "./errors.ts";
import { type Head, readHead } from "./headers.ts";
import { KEY_EXCHANGE_GROUPS } from "./tls.ts";

/** How often Node looks for connections whose head or request took too long. */
const TIMEOUT_CHECK_MS = 1_000;
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;

export interface ListenerLimits {
  /** Bytes of request line and header fields. */
  readonly headerBytesMax: number;
  readonly headersTimeoutMs: number;
  /** For the whole request, body included. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly connectionsMax: number;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** PEM. Without it the host must be a loopback address. */
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    /** PEM of the authorities of client certificates; absent: none is asked for. */
    readonly clientCa?: string | undefined;
  };
  readonly limits: ListenerLimits;
  readonly inference: InferenceHandler;
  /** Gets every request whose path is not inference: the control API. */
  readonly fallback: (req: IncomingMessage, res: ServerResponse) => void;
  /** Puts a refusal on record and returns its evidence id; `gate.refuse` without a principal. Never rejects. */
  readonly refuse: (error: SluiceError) => Promise<string | undefined>;
}

export interface InferenceHandler {
  /** True when `pathname` belongs to inference, known endpoint or not. */
  owns(pathname: string): boolean;
  /** Answers the request. Never throws and never leaves it unanswered. */
  handle(req: IncomingMessage, res: ServerResponse, head: Head, target: Target): void;
}

/** The request target, split once. */
export interface Target {
  readonly pathname: string;
  /** Without `?`; empty when there is none. */
  readonly query: string;
}

export interface Listener {
  readonly url: string;
  readonly port: number;
  /** Requests that have no complete answer yet. */
  readonly inFlight: number;
  /**
   * Stops accepting, refuses new requests on open connections with `draining`, and waits for the answers under way; after
   * `timeoutMs` cuts what is left. Resolves with the number of answers that were cut.
   */
  drain(timeoutMs: number): Promise<number>;
}

/** Resolves once the port is bound. Throws `config_invalid` for plaintext on a host that others can reach. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const door = new Door(options);
  await door.open();
  return door;
}

class Door implements Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  /** The answer under way on each connection. Taken out when it is over: all of its exchange hangs on it. */
  readonly #answering = new WeakMap<Duplex, Answering>();
  /** Connections that end with the answer under way. The parser may still find requests in what was received; they are not heard. */
  readonly #ending = new WeakSet<Duplex>();
  #port = 0;
  #draining = false;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: ListenerOptions) {
    const { host, tls, limits } = options;
    if (tls === undefined && !isLoopbackHost(host)) {
      throw new SluiceError(
        "config_invalid",
        `listening on "${host}" needs TLS; plaintext is for loopback addresses only`,
      );
    }
    this.#options = options;
    const common: http.ServerOptions = {
      insecureHTTPParser: false,
      // Ours answers with a body and goes on record.
      requireHostHeader: false,
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      noDelay: true,
    };
    this.#server =
      tls === undefined
        ? http.createServer(common)
        : https.createServer({
            ...common,
            cert: tls.cert,
            key: tls.key,
            // Asked for and not demanded: who has a key or a token needs none, and what is no certificate of ours proves nothing.
            ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false }),
            minVersion: "TLSv1.3",
            handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS,
            ALPNProtocols: ["http/1.1"],
            ...(KEY_EXCHANGE_GROUPS === undefined ? {} : { ecdhCurve: KEY_EXCHANGE_GROUPS }),
          });
    // Node drops header fields beyond this count in silence, which would hide a second Content-Length; readHead counts.
    this.#server.maxHeadersCount = 0;
    this.#server.maxConnections = limits.connectionsMax;
    this.#server.on("request", this.#onRequest);
    // With a listener of our own, `100 Continue` is sent by who wants the body, after the head was accepted.
    this.#server.on("checkContinue", this.#onRequest);
    this.#server.on("checkExpectation", this.#onRequest);
    this.#server.on("connect", (_req, socket) => {
      this.#endRaw(socket, new SluiceError("method_not_allowed", "CONNECT: this is not a proxy for tunnels"));
    });
    this.#server.on("clientError", this.#onClientError);
  }

  async open(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { host, tls } = this.#options;
    return `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  async drain(timeoutMs: number): Promise<number> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const cut = this.#inFlight;
    this.#server.closeAllConnections();
    await closed;
    return cut;
  }

  readonly #onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    const { socket } = req;
    if (this.#ending.has(socket)) return;
    let answering = this.#answering.get(socket);
    if (answering === undefined) {
      answering = { response: undefined, begun: false };
      this.#answering.set(socket, answering);
    }
    const before = answering.response;
    if (before !== undefined && !before.writableFinished && !before.destroyed) return this.#onEarly(before, req, res);
    this.#inFlight += 1;
    answering.response = res;
    res.on("close", () => this.#onAnswered(answering, res));
    try {
      if (this.#draining) throw new SluiceError("draining", "this gateway is about to stop", { retryAfterSeconds: 1 });
      const head = readHead(req);
      const target = readTarget(req.url ?? "");
      if (this.#options.inference.owns(target.pathname)) this.#options.inference.handle(req, res, head, target);
      else this.#fallBack(req, res, head);
    } catch (thrown) {
      void this.#refuse(req, res, toSluiceError(thrown));
    }
  };

  #fallBack(req: IncomingMessage, res: ServerResponse, head: Head): void {
    // Inference asks for a body after it knows who sends it; the control API reads what comes.
    if (head.expect !== undefined) res.writeContinue();
    this.#options.fallback(req, res);
  }

  /**
   * A request that came before the answer to the last one was over. When only the last bytes of that are on their way, it
   * waits for them. Else the client is pipelining, for which nothing here is made: Node never says of a queued response that
   * its client has left. The connection ends with the answer under way, and the client sends again (RFC 9112 §9.3.2).
   */
  #onEarly(before: ServerResponse, req: IncomingMessage, res: ServerResponse): void {
    const { socket } = req;
    if (before.writableEnded) {
      before.once("close", () => {
        if (!socket.destroyed) this.#onRequest(req, res);
      });
      return;
    }
    this.#ending.add(socket);
    before.once("close", () => socket.destroySoon());
  }

  #onAnswered(answering: Answering, res: ServerResponse): void {
    if (answering.response === res) {
      answering.response = undefined;
      answering.begun = res.headersSent;
    }
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  async #refuse(req: IncomingMessage, res: ServerResponse, error: SluiceError): Promise<void> {
    this.#ending.add(req.socket);
    await this.#options.refuse(error);
    if (res.destroyed) return;
    const { status, headers, body } = renderError(error, "problem");
    // A connection on which the framing is in doubt carries no second request.
    res.writeHead(status, { ...headers, connection: "close" });
    res.write(body);
    await discardRest(req);
    res.end();
  }

  /** What the parser refused, or a client that was too slow. There is no request to answer to, so bytes are written by hand. */
  readonly #onClientError = (fault: NodeJS.ErrnoException, socket: Duplex): void => {
    if (this.#ending.has(socket) && socket.writable) return;
    const begun = hasBegun(this.#answering.get(socket));
    // Bytes of ours in the middle of another answer would be taken for part of it.
    const code = fault.code ?? "";
    // What is neither the parser's nor a timeout is a broken connection or a TLS handshake that failed: no request was made.
    const isRequest = code.startsWith("HPE_") || code === "ERR_HTTP_REQUEST_TIMEOUT";
    if (begun || !isRequest || !socket.writable) {
      socket.destroy();
      return;
    }
    this.#endRaw(socket, fromParser(code));
  };

  /** Waits for the record first, so that the refusal names it; what still comes on the connection is not heard. */
  #endRaw(socket: Duplex, error: SluiceError): void {
    this.#ending.add(socket);
    socket.on("error", () => socket.destroy());
    void this.#options.refuse(error).then(() => {
      // Meanwhile the request before the one that was refused may have got its answer, which must stay the last.
      const last = hasBegun(this.#answering.get(socket)) ? "" : rawError(error);
      socket.end(last, () => socket.destroy());
    });
  }
}

interface Answering {
  response: ServerResponse | undefined;
  /** Of the last answer that is over: its head was sent. */
  begun: boolean;
}

function hasBegun(answering: Answering | undefined): boolean {
  return answering?.response?.headersSent ?? answering?.begun ?? false;
}

function fromParser(code: string): SluiceError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new SluiceError("header_too_large", "the request's head is larger than this gateway reads");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new SluiceError("request_timeout", "the request took longer than this gateway waits");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new SluiceError("body_too_large", "the chunk extensions of the body are larger than this gateway reads");
    case "HPE_INVALID_CHUNK_SIZE":
    case "HPE_INVALID_EOF_STATE":
      return new SluiceError("body_incomplete", "the body's chunks are not valid");
    default:
      return new SluiceError("header_invalid", `not a valid HTTP/1.1 request (${code})`);
  }
}

// RFC 9112 §3.2.1, origin-form, in visible ASCII without fragment and backslash.
const ORIGIN_FORM = /^\/[\x21\x22\x24-\x5b\x5d-\x7e]*$/;
// Segments that some servers resolve and others do not: "..", ".", empty; and the same in percent-encoding, with "/" and "\" and controls.
const AMBIGUOUS = /\/\.{1,2}(?:\/|$)|\/\/|%(?:2e|2f|5c|0.|1.|7f)/i;

/** Splits the request target. Throws `header_invalid` for every form but a plain path with an optional query. */
export function readTarget(url: string): Target {
  if (!ORIGIN_FORM.test(url)) {
    throw new SluiceError(
      "header_invalid",
      "the request target must be a plain path, in visible ASCII, with an optional query",
    );
  }
  const mark = url.indexOf("?");
  const pathname = mark === -1 ? url : url.slice(0, mark);
  if (AMBIGUOUS.test(pathname)) {
    throw new SluiceError(
      "header_invalid",
      "the request's path must not hold empty or dot segments, nor encoded dots, slashes or controls",
    );
  }
  return { pathname, query: mark === -1 ? "" : url.slice(mark + 1) };
}
