/** A gateway before one upstream whose words a test chooses, for all families at once. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { FAMILIES, type Family } from "../../protocols/http/test/fixtures/answers.ts";
import { type Answered, send } from "./client.ts";
import { type Document, documentFor } from "./config.ts";
import { type Started, startForTest } from "./running.ts";
import { type Received, startUpstream } from "./upstream.ts";

type Answer = (res: ServerResponse, body: string, req: IncomingMessage) => void;

export interface Conversing {
  readonly sluice: Started;
  readonly token: string;
  readonly received: Received[];
  /** What the upstream does from now on. */
  answer(does: Answer): void;
  /** Posts as JSON; with the key, unless the headers say otherwise. */
  post(path: string, body: unknown, headers?: Record<string, string | undefined>): Promise<Answered>;
  /** What the upstream received last, parsed. */
  last(): Record<string, unknown>;
  stop(): Promise<void>;
}

/** `change` gets the document and the upstream's URL before the start. */
export async function converse(change: (document: Document, url: string) => void): Promise<Conversing> {
  let answer: Answer = (res) => res.end();
  const upstream = await startUpstream((body, res, req) => answer(res, body, req));
  const { token, document } = await documentFor({});
  document["evidence"] = { ...(document["evidence"] as object), checkpoint_interval: "20ms" };
  change(document, upstream.url);
  const sluice = await startForTest(() => JSON.stringify(document));
  return {
    sluice,
    token,
    received: upstream.received,
    answer(does) {
      answer = does;
      upstream.received.length = 0;
    },
    post: (path, body, headers = {}) =>
      send(sluice.url, {
        path,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    last: () => JSON.parse(upstream.received.at(-1)?.body ?? "null") as Record<string, unknown>,
    async stop() {
      await sluice.stop();
      await upstream.close();
    },
  };
}

export const connectionTo = (url: string, kind: string, models: readonly string[], rules: object = {}) => ({
  kind,
  url,
  credential: "none",
  recipient: "acme",
  models,
  allow_private_address: true,
  rules,
});

/** A request that says one thing, in the words of a family of the fixtures. */
export function saying(family: Family, text: unknown, more: object = {}): Record<string, unknown> {
  if (family === FAMILIES["completions"]) return { model: "m", prompt: text, ...more };
  if (family === FAMILIES["responses"]) return { model: "m", input: text, ...more };
  return { model: "m", max_tokens: 50, messages: [{ role: "user", content: text }], ...more };
}

export const whole =
  (value: unknown, status = 200): Answer =>
  (res) => {
    res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };

/** Sends these bytes as a stream of events, each piece in a packet of its own. */
export const streamed =
  (...pieces: readonly (string | Buffer)[]): Answer =>
  (res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.socket?.setNoDelay(true);
    const next = (at: number): void => {
      const piece = pieces[at];
      if (piece === undefined) res.end();
      else res.write(piece, () => setImmediate(next, at + 1));
    };
    next(0);
  };

/** The text of a chat answer. */
export const chat = (content: string, finish = "stop") => ({
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }],
});

export const delta = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
export const DONE = "data: [DONE]\n\n";

/** The text of a chat answer as a client adds it up, whole or streamed. */
export function contentOf({ text }: Answered): string {
  const parts = text.startsWith("data:") ? text.split("\n\n").map((event) => event.slice("data: ".length)) : [text];
  return parts
    .filter((part) => part.startsWith("{"))
    .map((part) => {
      const [choice] = (JSON.parse(part) as { choices: Record<string, { content?: string }>[] }).choices;
      return (choice?.["delta"] ?? choice?.["message"])?.content ?? "";
    })
    .join("");
}
