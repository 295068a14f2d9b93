/**
 * Requests to addresses of the configuration. Dials only what the gateway's own check of addresses lets through, follows no redirect,
 * and is bounded in size and time.
 */
import { isIP, type LookupFunction } from "node:net";
import type { Agent } from "undici";
import { SluiceError } from "../../core/errors.ts";
import { sinkRefused, sinkUnavailable } from "./sink.ts";

/** The gateway's own check of addresses; `name` stands in its messages. */
export interface AddressCheck {
  readonly lookup: (allowPrivate: boolean, name: string) => LookupFunction;
  readonly refusal: (address: string, allowPrivate: boolean, name: string) => SluiceError | undefined;
}

interface Target {
  /** Of the sink, for messages. */
  readonly name: string;
  readonly allowPrivateAddress: boolean;
}

interface OutgoingRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Resolves with the answer of 2xx, its body as text. Rejects with sink_unavailable where trying again may help (no answer, 408, 425,
 * 429, 5xx) and with sink_refused where it does not; `gone` are statuses beside 2xx that say there is nothing (any more).
 */
export type Outgoing = (target: Target, request: OutgoingRequest, gone?: readonly number[]) => Promise<string>;

const TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 8;
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
const AGAIN: ReadonlySet<number> = new Set([408, 425, 429]);

export function openOutgoing({ lookup, refusal }: AddressCheck): { send: Outgoing; close(): Promise<void> } {
  const agents = new Map<boolean, Agent>();
  const agentFor = (allowPrivate: boolean, AgentClass: typeof Agent): Agent => {
    const known = agents.get(allowPrivate);
    if (known !== undefined) return known;
    const connect = { lookup: lookup(allowPrivate, "sink"), timeout: TIMEOUT_MS };
    const agent = new AgentClass({ connect, connections: CONNECTIONS_MAX, pipelining: 1 });
    agents.set(allowPrivate, agent);
    return agent;
  };

  return {
    async send({ name, allowPrivateAddress }, { method, url, headers, body }, gone = []) {
      // A literal address is never looked up, so it is checked here.
      const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
      const refused = isIP(literal) === 0 ? undefined : refusal(literal, allowPrivateAddress, name);
      if (refused !== undefined) throw sinkRefused(name, "leads to an address that is not permitted", refused);
      // Loaded by who has such a sink.
      const undici = await import("undici");
      let status: number;
      let text: string;
      try {
        const answer = await undici.request(url, {
          method,
          dispatcher: agentFor(allowPrivateAddress, undici.Agent),
          headers,
          ...(body === undefined ? {} : { body }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        status = answer.statusCode;
        text = await readUpTo(answer.body, ANSWER_BYTES_MAX, name);
      } catch (thrown) {
        const own = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
        if (own instanceof SluiceError && own.code === "sink_refused") throw own;
        if (own instanceof SluiceError) throw sinkRefused(name, "leads to an address that is not permitted", own);
        throw sinkUnavailable(name, "could not be reached", thrown);
      }
      if ((status >= 200 && status < 300) || gone.includes(status)) return text;
      if (status >= 500 || AGAIN.has(status)) throw sinkUnavailable(name, `answers ${status}`);
      throw sinkRefused(name, `answers ${status}`);
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

async function readUpTo(body: AsyncIterable<Uint8Array>, bytesMax: number, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw sinkRefused(name, `answers with more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
