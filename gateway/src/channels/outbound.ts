/**
 * POSTs JSON to addresses of the configuration. Dials only what the gateway's own check of addresses lets through, follows no
 * redirect, and is bounded in size and time. What the other side says is read to a limit and not passed on.
 */
import { isIP, type LookupFunction } from "node:net";
import type { Agent } from "undici";
import { SluiceError } from "../core/errors.ts";
import { unavailable } from "./channel.ts";

/** Resolves when the other side has taken it (2xx). Rejects with channel_unavailable, or field_invalid when trying again is of no use. */
export type Outbound = (target: Target, body: string, headers: Readonly<Record<string, string>>) => Promise<void>;

interface Target {
  /** For messages. */
  readonly channel: string;
  readonly url: URL;
  readonly allowPrivateAddress: boolean;
}

/** The gateway's own check of addresses; `name` stands in its messages. */
export interface AddressCheck {
  readonly lookup: (allowPrivate: boolean, name: string) => LookupFunction;
  readonly refusal: (address: string, allowPrivate: boolean, name: string) => SluiceError | undefined;
}

const TIMEOUT_MS = 15_000;
const CONNECTIONS_MAX = 2;
const ANSWER_BYTES_MAX = 64 * 1024;
const RETRY_AFTER_SECONDS_MAX = 3_600;

export function openOutbound({ lookup, refusal }: AddressCheck): { post: Outbound; close(): Promise<void> } {
  const agents = new Map<boolean, Agent>();
  const agentFor = (allowPrivate: boolean, AgentClass: typeof Agent): Agent => {
    const known = agents.get(allowPrivate);
    if (known !== undefined) return known;
    const connect = { lookup: lookup(allowPrivate, "channel"), timeout: TIMEOUT_MS };
    const agent = new AgentClass({ connect, connections: CONNECTIONS_MAX, pipelining: 1 });
    agents.set(allowPrivate, agent);
    return agent;
  };

  return {
    async post({ channel, url, allowPrivateAddress }, body, headers) {
      // A literal address is never looked up, so it is checked here.
      const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
      const refused = isIP(literal) === 0 ? undefined : refusal(literal, allowPrivateAddress, channel);
      if (refused !== undefined) throw refused;
      let status: number;
      let retryAfter: unknown;
      // Loaded by who has somebody to tell.
      const undici = await import("undici");
      try {
        const answer = await undici.request(url, {
          method: "POST",
          dispatcher: agentFor(allowPrivateAddress, undici.Agent),
          headers: { "content-type": "application/json", ...headers },
          body,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        status = answer.statusCode;
        retryAfter = answer.headers["retry-after"];
        await answer.body.dump({ limit: ANSWER_BYTES_MAX });
      } catch (thrown) {
        const own = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
        if (own instanceof SluiceError) throw own;
        throw unavailable(channel, "could not be reached", { cause: thrown });
      }
      if (status >= 200 && status < 300) return;
      if (status >= 300 && status < 400)
        throw new SluiceError("upstream_redirect", `channel ${channel} answers with a redirect, which is not followed`);
      if (status === 410 || (status >= 400 && status < 500 && ![408, 425, 429].includes(status)))
        throw new SluiceError("field_invalid", `channel ${channel} refuses the message for good (${status})`);
      throw unavailable(channel, `answers ${status}`, { ...retryAfterOf(retryAfter) });
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

/** RFC 9110 section 10.2.3; of its two forms the one with seconds. */
function retryAfterOf(header: unknown): { retryAfterSeconds?: number } {
  if (typeof header !== "string" || !/^\d{1,6}$/.test(header)) return {};
  return { retryAfterSeconds: Math.min(Number(header), RETRY_AFTER_SECONDS_MAX) };
}
