/**
 * The rehearsal: a stand-in for a provider on an ephemeral loopback port, so that everything can be tried without a key and
 * without sending anything to anybody. It speaks the OpenAI and Anthropic APIs, repeats the last message, and streams in
 * pieces small enough to cut placeholders. It says in every answer that it is a rehearsal, keeps nothing but the last
 * request, and dials nobody.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { answerCountTokens, answerMessages } from "./rehearsal-anthropic.ts";
import { isObject, type Json, type JsonObject, REHEARSAL_MODEL } from "./rehearsal-mind.ts";
import {
  type Answer,
  answerChat,
  answerCompletion,
  answerEmbeddings,
  answerModels,
  answerResponse,
} from "./rehearsal-openai.ts";

const BODY_BYTES_MAX = 32 * 1_024 * 1_024;

export interface RehearsalOptions {
  /** Milliseconds between two pieces of a stream. Default 10; 0 sends as fast as the client reads. */
  readonly paceMs?: number;
  /** UTF-16 units in one piece of streamed text. Default 3. */
  readonly pieceChars?: number;
  /** Answers with the whole request body as text, in place of the last message. Default false. */
  readonly echo?: boolean;
}

/** What a provider would have seen, without the names of its own host and of the connection. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Rehearsal {
  /** `http://127.0.0.1:<port>`; the OpenAI base is `/v1` below it, the Anthropic base is this. */
  readonly url: string;
  /** The last request, also at `GET /received`; undefined before the first. */
  received(): Received | undefined;
  close(): Promise<void>;
}

export async function startRehearsal(options: RehearsalOptions = {}): Promise<Rehearsal> {
  const { paceMs = 10, pieceChars = 3, echo = false } = options;
  let last: Received | undefined;

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? "/").replace(/\?.*$/s, "");
    if (req.method === "GET" && path === "/received") return sendJson(res, 200, (last ?? null) as Json);
    const body = parse(await readAll(req));
    if (path !== "/v1/models") last = { method: req.method ?? "", path: req.url ?? "", headers: headersOf(req), body };
    if (body === undefined) return sendJson(res, 400, wrong("the body is not a JSON object"));
    const answer = answerFor(req.method ?? "", path, echo ? repeatAll(body) : body, pieceChars);
    if (answer === undefined) return sendJson(res, 404, wrong(`the rehearsal does not serve ${req.method} ${path}`));
    if ("whole" in answer) return sendJson(res, 200, answer.whole);
    await stream(res, answer.frames, paceMs);
  }

  const server = createServer((req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => last,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function answerFor(method: string, path: string, body: JsonObject, pieceChars: number): Answer | undefined {
  switch (`${method} ${path}`) {
    case "POST /v1/chat/completions":
      return answerChat(body, pieceChars);
    case "POST /v1/completions":
      return answerCompletion(body, pieceChars);
    case "POST /v1/responses":
      return answerResponse(body, pieceChars);
    case "POST /v1/embeddings":
      return answerEmbeddings(body);
    case "GET /v1/models":
      return answerModels();
    case "POST /v1/messages":
      return answerMessages(body, pieceChars);
    case "POST /v1/messages/count_tokens":
      return answerCountTokens(body);
    default:
      return undefined;
  }
}

/** For `echo`: the request as one user message, in whichever field the endpoint reads. */
function repeatAll(body: JsonObject): JsonObject {
  const text = JSON.stringify(body);
  return { ...body, messages: [{ role: "user", content: text }], input: text, prompt: text, tools: [] };
}

/** One write a frame, with the pace between them; stops as soon as the client has left. */
async function stream(res: ServerResponse, frames: readonly string[], paceMs: number): Promise<void> {
  res.writeHead(200, { ...LABEL, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  for (const [at, frame] of frames.entries()) {
    if (res.destroyed) return;
    if (at > 0 && paceMs > 0) await sleep(paceMs);
    if (!res.write(frame)) await new Promise<void>((resolve) => res.once("drain", resolve).once("close", resolve));
  }
  res.end();
}

/** Says in every answer what it is. */
const LABEL = { "x-sluice-rehearsal": "true", "x-request-id": "req_rehearsal" };

function sendJson(res: ServerResponse, status: number, value: Json): void {
  const body = Buffer.from(JSON.stringify(value));
  res.writeHead(status, { ...LABEL, "content-type": "application/json", "content-length": body.length });
  res.end(body);
}

const wrong = (message: string): Json => ({
  type: "error",
  error: { type: "invalid_request_error", message, param: null, code: null, model: REHEARSAL_MODEL },
});

async function readAll(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new Error("larger than a rehearsal takes");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Undefined for anything but a JSON object; no body is an empty one. */
function parse(bytes: Buffer): JsonObject | undefined {
  if (bytes.length === 0) return {};
  try {
    const value = JSON.parse(bytes.toString()) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    // Answered with 400, as a provider would.
    return undefined;
  }
}

function headersOf(req: IncomingMessage): Record<string, string> {
  const { host: _host, connection: _connection, ...headers } = req.headers;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
