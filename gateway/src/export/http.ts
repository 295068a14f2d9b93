/**
 * HTTP to addresses of the configuration. Dials only what the gateway's own check of addresses lets through, follows no redirect,
 * is bounded in size and time, and says of every answer which of three it is: taken, worth another try, or refused for good.
 */
import { isIP, type LookupFunction } from "node:net";
import type { Agent, Dispatcher } from "undici";
import { SluiceError } from "../core/errors.ts";
import { away, refused } from "./destination.ts";

/** The gateway's own check of addresses; `name` stands in its messages. */
export interface AddressCheck {
  readonly lookup: (allowPrivate: boolean, name: string) => LookupFunction;
  readonly refusal: (address: string, allowPrivate: boolean, name: string) => SluiceError | undefined;
}

interface PeerSettings {
  readonly name: string;
  readonly allowPrivateAddress: boolean;
  readonly ca?: string;
}

export interface HttpRequest {
  readonly method: "POST" | "PUT" | "HEAD";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface HttpAnswer {
  /** False: a HEAD was answered with 404. */
  readonly isThere: boolean;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Cut off at a limit. */
  readonly text: string;
}

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const RETRY_AFTER_SECONDS_MAX = 3_600;
/** What the receiver has against these bytes, and would have against them again. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422]);

export class HttpPeer {
  readonly #settings: PeerSettings;
  readonly #addresses: AddressCheck;
  #agent: Agent | undefined;

  constructor(settings: PeerSettings, addresses: AddressCheck) {
    this.#settings = settings;
    this.#addresses = addresses;
  }

  /** The answer, when it is one of success. Rejects with export_unavailable, export_refused, upstream_address_private. */
  async send({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { name } = this.#settings;
    checkLiteral(url.hostname, this.#settings, this.#addresses);
    const dispatcher = await this.#dispatcher();
    const { request } = await import("undici");
    let answer: Dispatcher.ResponseData;
    let text: string;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      answer = await request(url, { method, dispatcher, headers, body: body ?? null, signal: limit });
      text = await readSome(answer.body);
    } catch (thrown) {
      throw unreachable(name, thrown);
    }
    const { statusCode: status } = answer;
    const isThere = status >= 200 && status < 300;
    if (isThere || (method === "HEAD" && status === 404)) return { isThere, headers: answer.headers, text };
    if (REFUSALS.has(status)) throw refused(name, `refuses what it was sent (${status})`);
    throw away(name, `answers ${status}`, retryAfterOf(answer.headers["retry-after"]));
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  async #dispatcher(): Promise<Dispatcher> {
    const { name, allowPrivateAddress, ca } = this.#settings;
    // Loaded by who has somewhere to send to.
    const undici = await import("undici");
    this.#agent ??= new undici.Agent({
      connect: {
        lookup: this.#addresses.lookup(allowPrivateAddress, name),
        timeout: TIMEOUT_MS,
        ...(ca === undefined ? {} : { ca }),
      },
      connections: 4,
      pipelining: 1,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    return this.#agent;
  }
}

/** A literal address is never looked up, so it is checked here. Throws upstream_address_private. */
export function checkLiteral(
  hostname: string,
  { name, allowPrivateAddress }: PeerSettings,
  { refusal }: AddressCheck,
): void {
  const literal = hostname.replace(/^\[(.*)\]$/, "$1");
  const reason = isIP(literal) === 0 ? undefined : refusal(literal, allowPrivateAddress, name);
  if (reason !== undefined) throw reason;
}

/** An error of ours stays what it is; of others only their code is told: messages may quote what was sent. */
export function unreachable(name: string, thrown: unknown): SluiceError {
  const own = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  if (own instanceof SluiceError) return own;
  if (thrown instanceof SluiceError) return thrown;
  const code = own instanceof Error && "code" in own ? String(own.code) : own instanceof Error ? own.name : "error";
  return away(name, `could not be reached (${code})`, { cause: thrown });
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, ANSWER_BYTES_MAX);
}

/** RFC 9110 section 10.2.3; of its two forms the one with seconds. */
function retryAfterOf(header: unknown): { retryAfterSeconds?: number } {
  if (typeof header !== "string" || !/^\d{1,6}$/.test(header)) return {};
  return { retryAfterSeconds: Math.min(Number(header), RETRY_AFTER_SECONDS_MAX) };
}
