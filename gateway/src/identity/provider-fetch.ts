/**
 * Asks identity providers. Bounded in size and time, follows no redirect: where a provider's keys are is said by its configuration
 * and its own discovery document, and by nobody on the way. What such a document names is dialled only where the provider itself
 * could be: one on the public internet cannot send this gateway to an address inside, and no one to a cloud metadata service.
 */
import { isIP, type LookupFunction } from "node:net";
import type { Agent } from "undici";
import { SluiceError } from "../core/errors.ts";

/**
 * Fetches the JSON document at `url`, which the provider at `issuer` named or is; without `issuer` nobody did. Rejects with
 * `provider_unavailable`, whose message holds no answer.
 */
export type FetchJson = (url: URL, issuer?: string) => Promise<unknown>;

/** As openid-client wants it (`customFetch`). */
export type ProviderFetch = (url: string, init: object) => Promise<Response>;

/** The gateway's own check of addresses; `name` stands in its messages. */
export interface AddressCheck {
  readonly lookup: (allowPrivate: boolean, name: string) => LookupFunction;
  readonly refusal: (address: string, allowPrivate: boolean, name: string) => SluiceError | undefined;
}

/** Keys and discovery documents are some kilobytes. */
const BYTES_MAX = 256 * 1024;
const TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 4;
const IDLE_MS = 4_000;

/** Without `addresses` any address is dialled: for somebody who asks at his own machine. */
export function createProviderFetch(addresses?: AddressCheck): {
  fetchJson: FetchJson;
  fetchFor: (issuer: string) => ProviderFetch;
  close(): Promise<void>;
} {
  const agents = new Map<boolean, Agent>();

  /** Rejects for an address that is written out and may not be dialled; one behind a name is looked at when it is dialled. */
  async function dispatcherFor(url: URL, issuer: string | undefined): Promise<Agent> {
    const allowPrivate = issuer === undefined || (await mayBeInside(url, new URL(issuer)));
    const refused = isIP(hostOf(url)) === 0 ? undefined : addresses?.refusal(hostOf(url), allowPrivate, "identity");
    if (refused !== undefined) throw refused;
    const known = agents.get(allowPrivate);
    if (known !== undefined) return known;
    // Loaded by who has a provider to ask.
    const { Agent } = await import("undici");
    const agent = new Agent({
      connections: CONNECTIONS_MAX,
      keepAliveTimeout: IDLE_MS,
      pipelining: 1,
      ...(addresses === undefined ? {} : { connect: { lookup: addresses.lookup(allowPrivate, "identity") } }),
    });
    agents.set(allowPrivate, agent);
    return agent;
  }

  /** The configuration names the issuer, wherever it is; others may be where it is. */
  async function mayBeInside(url: URL, issuer: URL): Promise<boolean> {
    if (addresses === undefined || url.hostname === issuer.hostname) return true;
    const { lookup, refusal } = addresses;
    const host = hostOf(issuer);
    if (isIP(host) !== 0) return refusal(host, false, "identity") !== undefined;
    return new Promise((resolve) => {
      lookup(false, "identity")(host, { all: true }, (fault) => resolve(fault instanceof SluiceError));
    });
  }

  return {
    async fetchJson(url, issuer) {
      try {
        const dispatcher = await dispatcherFor(url, issuer);
        const { request } = await import("undici");
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
        if (!(thrown instanceof SluiceError))
          throw unavailable("could not be reached, or its answer not be read", thrown);
        if (thrown.code !== "upstream_address_private") throw thrown;
        throw unavailable("leads to an address that is not public, as its issuer is, or that is never dialled", thrown);
      }
    },
    fetchFor: (issuer) => async (url, init) => {
      const dispatcher = await dispatcherFor(new URL(url), issuer);
      const undici = await import("undici");
      return (await undici.fetch(url, { ...init, dispatcher })) as unknown as Response;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

/** `what` completes "the identity provider …". */
export function unavailable(what: string, cause?: unknown): SluiceError {
  return new SluiceError("provider_unavailable", `the identity provider ${what}`, { cause });
}
