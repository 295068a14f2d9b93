/**
 * What of Slack is used, on this machine: methods of the Web API that check token and shape, and the WebSocket of socket mode
 * (RFC 6455, text frames of one piece).
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

export interface Call {
  readonly method: string;
  readonly args: Readonly<Record<string, string>>;
  readonly blocks: readonly Block[];
}

export interface Block {
  readonly type: string;
  readonly elements?: readonly { readonly action_id?: string; readonly value?: string; readonly url?: string }[];
}

export interface FakeSlack {
  /** For `slackApiUrl`. */
  readonly url: string;
  readonly calls: Call[];
  /** Answered instead of the next calls. */
  refuse: { status: number; error: string; times: number };
  /** Connections of socket mode that are open. */
  readonly sockets: Set<Duplex>;
  /** Envelopes that were acknowledged. */
  readonly acknowledged: string[];
  /** Sends an envelope to every connection. */
  deliver(envelope: string, payload: unknown): void;
  sendRaw(text: string): void;
  close(): Promise<void>;
}

export const BOT = "xoxb-test";
export const APP = "xapp-test";
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export async function startSlack(): Promise<FakeSlack> {
  const calls: Call[] = [];
  const sockets = new Set<Duplex>();
  const acknowledged: string[] = [];
  const test = { refuse: { status: 200, error: "internal_error", times: 0 } };
  let messages = 0;

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const args = Object.fromEntries(new URLSearchParams(body));
    const method = (req.url ?? "").replace("/api/", "");
    const reply = (value: object, status = 200): void => {
      res.writeHead(status, { "content-type": "application/json", "retry-after": "7" }).end(JSON.stringify(value));
    };
    if (test.refuse.times > 0) {
      test.refuse.times -= 1;
      return reply({ ok: false, error: test.refuse.error }, test.refuse.status);
    }
    const token = method === "apps.connections.open" ? APP : BOT;
    if (req.headers.authorization !== `Bearer ${token}`) return reply({ ok: false, error: "invalid_auth" });
    if (method === "apps.connections.open") return reply({ ok: true, url: `ws://127.0.0.1:${port()}/link` });
    if (!["chat.postMessage", "chat.update", "chat.postEphemeral"].includes(method))
      return reply({ ok: false, error: "unknown_method" });
    if (!/^C[A-Z0-9]+$/.test(args["channel"] ?? "")) return reply({ ok: false, error: "channel_not_found" });
    if (method === "chat.update" && !/^\d+\.\d{6}$/.test(args["ts"] ?? ""))
      return reply({ ok: false, error: "message_not_found" });
    const blocks = JSON.parse(args["blocks"] ?? "[]") as Block[];
    if (/"text":"[^"]{3001}/.test(args["blocks"] ?? "")) return reply({ ok: false, error: "invalid_blocks" });
    calls.push({ method, args, blocks });
    messages += 1;
    return reply({ ok: true, channel: args["channel"], ts: `1700000000.${String(messages).padStart(6, "0")}` });
  }

  const server = createServer((req, res) => void answer(req, res));
  server.on("upgrade", (req, socket: Duplex) => {
    const accept = createHash("sha1")
      .update(String(req.headers["sec-websocket-key"]) + GUID)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    let pending: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (let read = frameIn(pending); read !== undefined; read = frameIn(pending)) {
        pending = pending.subarray(read.length);
        if (read.opcode === 8) socket.end(frame(8, read.payload));
        else if (read.opcode === 9) socket.write(frame(10, read.payload));
        else if (read.opcode === 1)
          acknowledged.push((JSON.parse(read.payload.toString("utf8")) as { envelope_id: string }).envelope_id);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.write(frame(1, Buffer.from(JSON.stringify({ type: "hello", num_connections: 1 }))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = (): number => (server.address() as AddressInfo).port;
  const sendRaw = (text: string): void => {
    for (const socket of sockets) socket.write(frame(1, Buffer.from(text)));
  };

  return Object.assign(test, {
    url: `http://127.0.0.1:${port()}/api/`,
    calls,
    sockets,
    acknowledged,
    sendRaw,
    deliver: (envelope: string, payload: unknown) =>
      sendRaw(JSON.stringify({ type: "interactive", envelope_id: envelope, payload, accepts_response_payload: false })),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  });
}

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head =
    length < 126 ? Buffer.from([0x80 | opcode, length]) : Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]);
  return Buffer.concat([head, payload]);
}

function frameIn(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 6) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const head = short === 126 ? 4 : 2;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  const length = head + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(head, head + 4);
  const payload = Buffer.from(bytes.subarray(head + 4, length).map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, length };
}
