/**
 * Reads a JSON document from an identity provider. Bounded in size and time, follows no redirect: where a provider's keys are
 * is said by its configuration and its own discovery document, and by nobody on the way.
 */
import type { Agent } from "undici";
import { SluiceError } from "../core/errors.ts";

/** Fetches the JSON document at `url`. Rejects with `provider_unavailable`, whose message holds no answer. */
export type FetchJson = (url: URL) => Promise<unknown>;

/** Keys and discovery documents are some kilobytes. */
const BYTES_MAX = 256 * 1024;
const TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 4;
const IDLE_MS = 4_000;

export function createProviderFetch(): { fetchJson: FetchJson; close(): Promise<void> } {
  let dispatcher: Agent | undefined;
  return {
    async fetchJson(url) {
      try {
        // Loaded by who has a provider to ask.
        const { Agent, request } = await import("undici");
        dispatcher ??= new Agent({ connections: CONNECTIONS_MAX, keepAliveTimeout: IDLE_MS, pipelining: 1 });
        const { statusCode, headers, body } = await request(url, {
          dispatcher,
          headers: { accept: "application/json" },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const chunks: Buffer[] = [];
        let bytes = 0;
        for await (const chunk of body as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          // Leaving the loop destroys the body, and its connection with it.
          if (bytes > BYTES_MAX) throw unavailable(`answered with more than ${BYTES_MAX} bytes`);
          chunks.push(chunk);
        }
        // Looked at behind the body: a body that is not read to its end fails where nobody listens.
        if (statusCode !== 200) throw unavailable(`answered ${statusCode}`);
        const type = headers["content-type"];
        if (typeof type !== "string" || !/^application\/(?:[\w.-]+\+)?json\b/i.test(type))
          throw unavailable("answered with something that is no JSON");
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks))) as unknown;
      } catch (thrown) {
        if (thrown instanceof SluiceError) throw thrown;
        throw unavailable("could not be reached, or its answer not be read", thrown);
      }
    },
    close: async () => dispatcher?.destroy(),
  };
}

/** `what` completes "the identity provider …". */
export function unavailable(what: string, cause?: unknown): SluiceError {
  return new SluiceError("provider_unavailable", `the identity provider ${what}`, { cause });
}
