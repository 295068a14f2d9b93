/** Upstreams that misbehave on purpose: one that speaks HTTP as told, one that writes bytes as told. */
import http from "node:http";
import net from "node:net";

export interface Upstream {
  readonly port: number;
  readonly url: URL;
  /** Requests that arrived, with their bodies. */
  readonly requests: { readonly req: http.IncomingMessage; readonly body: string }[];
  /** What is done with each request; set anew by each test. */
  answer: (req: http.IncomingMessage, res: http.ServerResponse, body: string) => void;
  /** Connections open now. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const server = http.createServer({ keepAliveTimeout: 30_000 }, (req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      upstream.requests.push({ req, body });
      upstream.answer(req, res, body);
    });
  });
  const port = await bind(server);
  const upstream: Upstream = {
    port,
    url: new URL(`http://127.0.0.1:${port}/v1`),
    requests: [],
    answer: (_req, res) => sendJson(res, 200, { ok: true }),
    connections: () => new Promise((resolve) => server.getConnections((_fault, count) => resolve(count))),
    close: () => closeAll(server),
  };
  return upstream;
}

export function sendJson(
  res: http.ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  res.writeHead(status, { "content-type": "application/json", "content-length": body.length, ...headers }).end(body);
}

export interface RawUpstream {
  readonly port: number;
  readonly url: URL;
  /** Connections that were accepted so far. */
  accepted: number;
  /** Called with each connection once its first bytes came. */
  answer: (socket: net.Socket) => void;
  close(): Promise<void>;
}

export async function startRawUpstream(): Promise<RawUpstream> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    upstream.accepted += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("data", () => upstream.answer(socket));
  });
  const port = await bind(server);
  const upstream: RawUpstream = {
    port,
    url: new URL(`http://127.0.0.1:${port}/v1`),
    accepted: 0,
    answer: (socket) => socket.destroy(),
    close() {
      for (const socket of sockets) socket.destroy();
      return closeAll(server);
    },
  };
  return upstream;
}

function bind(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port));
  });
}

function closeAll(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if (server instanceof http.Server) server.closeAllConnections();
  });
}
