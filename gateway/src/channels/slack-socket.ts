/**
 * Slack's socket mode: clicks come over a WebSocket that we open, so that the gateway needs no address that Slack can reach.
 * Connects again whenever the connection ends; the library's own way of doing so lets a failure escape that ends the process.
 */
import { SocketModeClient } from "@slack/socket-mode";
import type { SluiceError } from "../core/errors.ts";
import { toSluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { unavailable } from "./channel.ts";
import { SILENT, slackClientOptions } from "./slack.ts";

export interface SocketOptions {
  readonly appToken: Secret;
  /** Absent for Slack itself. */
  readonly apiUrl?: string;
  /** Gets what Slack calls the payload of an interaction. */
  readonly take: (payload: unknown) => Promise<void>;
  readonly onFault: (error: SluiceError) => void;
  /** Before the first try to connect again; doubled with each. */
  readonly againMs?: number;
}

const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 60_000;
const CLOSE_MS = 2_000;

interface Interaction {
  readonly body: unknown;
  readonly ack: () => Promise<void>;
}

export function openSlackSocket({ appToken, apiUrl, take, onFault, againMs = AGAIN_MS }: SocketOptions): {
  close(): Promise<void>;
} {
  let client: SocketModeClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  async function taken({ body, ack }: Interaction): Promise<void> {
    try {
      await take(body);
    } catch (thrown) {
      onFault(toSluiceError(thrown));
    } finally {
      // What is not acknowledged comes again, and is then refused as seen.
      await ack().catch((thrown: unknown) => onFault(unavailable("slack", "is not connected", { cause: thrown })));
    }
  }

  function connect(): void {
    const next = new SocketModeClient({
      appToken: appToken.reveal(),
      autoReconnectEnabled: false,
      logger: SILENT,
      clientOptions: slackClientOptions(apiUrl),
    });
    client = next;
    next.on("interactive", (interaction: Interaction) => void taken(interaction));
    next.on("connected", () => {
      failures = 0;
    });
    next.on("disconnected", () => again(next));
    void start(next);
  }

  async function start(next: SocketModeClient): Promise<void> {
    try {
      await next.start();
    } catch (thrown) {
      if (closed) return;
      onFault(unavailable("slack", "could not be connected to by socket mode", { cause: thrown }));
      again(next);
    }
  }

  function again(ended: SocketModeClient): void {
    // Both an event and a rejection may tell of the same end.
    if (closed || client !== ended) return;
    client = undefined;
    timer = setTimeout(connect, Math.min(againMs * 2 ** failures, AGAIN_MS_MAX));
    timer.unref();
    failures = Math.min(failures + 1, 10);
  }

  connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      if (client === undefined) return;
      const patience = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([client.disconnect().catch(() => undefined), patience]);
    },
  };
}
