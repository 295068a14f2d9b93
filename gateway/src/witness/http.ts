/**
 * The witness's door: two paths below a prefix, limits on everything, TLS or a loopback address. It decides nothing; witness.ts
 * does. "There is no authentication of requests beyond the validation of the signature on the checkpoint", so who asks too often
 * from one address is told to wait.
 */
import http, { type IncomingMessage, type Server, type ServerResponse } from "node:http";
import https from "node:https";
import { type AddressInfo, isIPv6 } from "node:net";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import { Rates } from "./rates.ts";
import { REQUEST_BYTES_MAX } from "./request.ts";
import type { Answer, Witness } from "./witness.ts";

export interface DoorOptions {
  readonly witness: Pick<Witness, "addCheckpoint" | "checkpoint">;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The host is this machine alone; else `tls` is needed. */
  readonly loopback: boolean;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Path before both paths, for example `/w1`; empty for none. */
  readonly prefix: string;
  /** Requests from one address in a minute; from one /64 of IPv6. */
  readonly requestsPerMinute: number;
  readonly clock: Clock;
  /** A request could not be answered: the state cannot be written. Must not throw. */
  readonly onFault: (fault: unknown) => void;
}

export interface Door {
  readonly url: string;
  /** Takes no more connections, lets what is under way end. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const ADDRESSES_HELD_MAX = 10_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 65_000;
const CONNECTIONS_MAX = 1_000;
const HEADER_BYTES_MAX = 8_192;
const DRAIN_MS = 5_000;

/** Resolves once the port is bound. Throws config_invalid for plaintext where others could read and change it. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { host, port, tls, prefix } = options;
  if (tls === undefined && !options.loopback) {
    throw new SluiceError(
      "config_invalid",
      `listening on ${host} needs --tls-cert and --tls-key; plaintext is for loopback addresses, behind a proxy that does TLS`,
    );
  }
  const rates = new Rates({ clock: options.clock, held: ADDRESSES_HELD_MAX });
  const limits: http.ServerOptions = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server =
    tls === undefined ? http.createServer(limits) : secureServer({ ...limits, ...tls, minVersion: "TLSv1.3" });
  server.maxConnections = CONNECTIONS_MAX;
  server.on("request", (req, res) => {
    answer(req, options, rates)
      .catch((fault: unknown) => {
        options.onFault(fault);
        return plain(500, "the witness cannot write its state; nothing was cosigned");
      })
      .then((reply) => send(res, reply, req.complete))
      // The client has gone.
      .catch(() => res.destroy());
  });
  await listening(server, port, host);
  const bound = (server.address() as AddressInfo).port;
  const scheme = tls === undefined ? "http" : "https";
  return {
    url: `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${bound}${prefix}`,
    close: () => closed(server),
  };
}

function secureServer(options: https.ServerOptions): Server {
  try {
    return https.createServer(options);
  } catch {
    // OpenSSL's own words quote its input at times.
    throw new SluiceError("config_invalid", "--tls-cert and --tls-key are not a PEM certificate and its private key");
  }
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function answer(req: IncomingMessage, options: DoorOptions, rates: Rates): Promise<Reply> {
  const { witness, prefix, requestsPerMinute } = options;
  if (!rates.take(networkOf(req.socket.remoteAddress ?? ""), requestsPerMinute, MINUTE_MS)) {
    return plain(429, "too many requests from this address", { "retry-after": "60" });
  }
  const path = (req.url ?? "").split("?", 1)[0] ?? "";
  if (path === `${prefix}/add-checkpoint`) {
    if (req.method !== "POST") return plain(405, "add-checkpoint takes POST", { allow: "POST" });
    const body = await readBody(req);
    if (body === undefined) return plain(413, `a request has at most ${REQUEST_BYTES_MAX} bytes`);
    return replyOf(await witness.addCheckpoint(body));
  }
  const hash = path.startsWith(`${prefix}/`)
    ? /^([0-9a-f]{64})\/checkpoint$/.exec(path.slice(prefix.length + 1))?.[1]
    : undefined;
  if (hash === undefined) return plain(404, "a witness has add-checkpoint and <SHA-256 of an origin>/checkpoint");
  if (req.method !== "GET" && req.method !== "HEAD")
    return plain(405, "checkpoints are read with GET", { allow: "GET, HEAD" });
  const checkpoint = witness.checkpoint(hash);
  if (checkpoint === undefined) return plain(404, "this witness has not cosigned a checkpoint of that log");
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache" },
    body: checkpoint,
  };
}

function replyOf({ status, contentType, body }: Answer): Reply {
  return {
    status,
    headers: { "content-type": contentType, ...(status === 429 ? { "retry-after": "3600" } : {}) },
    body,
  };
}

function plain(status: number, reason: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: `${reason}\n` };
}

function send(res: ServerResponse, { status, headers, body }: Reply, wasRead: boolean): void {
  const length = Buffer.byteLength(body);
  // What is left of a body that nobody reads would be taken for the next request.
  res.writeHead(status, { ...headers, "content-length": length, ...(wasRead ? {} : { connection: "close" }) });
  res.end(res.req.method === "HEAD" ? undefined : body);
}

/** Undefined when there is more of it than a request may have. */
async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(req.headers["content-length"] ?? 0) > REQUEST_BYTES_MAX) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop would destroy the socket before the answer is sent.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > REQUEST_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** One customer of an IPv6 provider has a /64 and can ask from each of its addresses. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [left = "", right = ""] = address.split("::");
  const groups = left.split(":").filter((group) => group !== "");
  const rest = right.split(":").filter((group) => group !== "");
  const missing = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => "0");
  return [...groups, ...(address.includes("::") ? missing : []), ...rest].slice(0, 4).join(":");
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const { code = "" } = error;
      const ours = ["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "ENOTFOUND"].includes(code);
      reject(
        ours
          ? new SluiceError("config_invalid", `cannot listen on ${host}:${port} (${code}); choose another --listen`)
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await ended;
  clearTimeout(cut);
}
