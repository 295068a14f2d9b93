/**
 * Asks a time-stamping authority over HTTP (RFC 3161 section 3.4). Dials only what the gateway's own check of addresses lets
 * through, follows no redirect, and is bounded in size and time. It decides nothing about the answer.
 */
import { isIP, type LookupFunction } from "node:net";
import type { Agent, Dispatcher } from "undici";
import { SluiceError } from "../core/errors.ts";
import type { TimestampAuthority } from "../core/timestamps.ts";

/** The gateway's own check of addresses; `name` stands in its messages. */
export interface AddressCheck {
  readonly lookup: (allowPrivate: boolean, name: string) => LookupFunction;
  readonly refusal: (address: string, allowPrivate: boolean, name: string) => SluiceError | undefined;
}

const TIMEOUT_MS = 15_000;
const CONNECTIONS_MAX = 2;
/** A token with a long chain has some 10 KB; the verifier reads no more than this. */
const ANSWER_BYTES_MAX = 65_536;
const ANSWER_TYPE = "application/timestamp-reply";

export class Client {
  readonly #addresses: AddressCheck;
  readonly #agents = new Map<boolean, Promise<Agent>>();

  constructor(addresses: AddressCheck) {
    this.#addresses = addresses;
  }

  /** The answer's body. Rejects with timestamp_unavailable, timestamp_invalid, upstream_redirect or upstream_address_private. */
  async ask(authority: TimestampAuthority, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { name, allowPrivateAddress } = authority;
    const url = new URL(authority.url);
    // A literal address is never looked up, so it is checked here.
    const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const refused = isIP(literal) === 0 ? undefined : this.#addresses.refusal(literal, allowPrivateAddress, name);
    if (refused !== undefined) throw refused;
    // Loaded by who has somebody to ask.
    const { request: send } = await import("undici");
    const answer = await this.#reach(name, async () =>
      send(url, {
        method: "POST",
        dispatcher: await this.#agentFor(allowPrivateAddress),
        headers: { "content-type": "application/timestamp-query", accept: ANSWER_TYPE },
        body: request,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      }),
    );
    const wrong = wrongWith(name, answer);
    if (wrong !== undefined) {
      await answer.body.dump({ limit: ANSWER_BYTES_MAX });
      throw wrong;
    }
    return this.#reach(name, () => readLimited(name, answer.body));
  }

  async close(): Promise<void> {
    const agents = await Promise.all(this.#agents.values());
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  /** The network's errors become ours; their words are of no use to anybody and differ from system to system. */
  async #reach<T>(name: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (thrown) {
      const own = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
      if (own instanceof SluiceError) throw own;
      throw new SluiceError("timestamp_unavailable", `the time-stamping authority ${name} could not be reached`, {
        cause: thrown,
      });
    }
  }

  #agentFor(allowPrivate: boolean): Promise<Agent> {
    const known = this.#agents.get(allowPrivate);
    if (known !== undefined) return known;
    const made = import("undici").then(({ Agent: AgentClass }) => {
      const lookup = this.#addresses.lookup(allowPrivate, "time-stamping authority");
      return new AgentClass({ connect: { lookup, timeout: TIMEOUT_MS }, connections: CONNECTIONS_MAX, pipelining: 1 });
    });
    this.#agents.set(allowPrivate, made);
    return made;
  }
}

function wrongWith(name: string, { statusCode, headers }: Dispatcher.ResponseData): SluiceError | undefined {
  if (statusCode >= 300 && statusCode < 400) {
    return new SluiceError("upstream_redirect", `the time-stamping authority ${name} answers with a redirect`);
  }
  if (statusCode !== 200) {
    return new SluiceError("timestamp_unavailable", `the time-stamping authority ${name} answers ${statusCode}`);
  }
  const type = headers["content-type"];
  if (typeof type === "string" && type.split(";")[0]?.trim().toLowerCase() === ANSWER_TYPE) return undefined;
  return new SluiceError("timestamp_invalid", `the time-stamping authority ${name} answers with something else`);
}

async function readLimited(name: string, body: Dispatcher.ResponseData["body"]): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) {
      throw new SluiceError("timestamp_invalid", `the answer of the time-stamping authority ${name} is too long`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
