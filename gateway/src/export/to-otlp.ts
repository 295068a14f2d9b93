/**
 * To a collector of OpenTelemetry, over HTTP in JSON. A 2xx acknowledges the batch but for what `partialSuccess` says was
 * rejected: "The client MUST NOT retry the request when it receives a partial success response"
 * (https://opentelemetry.io/docs/specs/otlp/#partial-success-1), so those are counted, and the pump writes down where they were.
 */
import type { OtlpSettings } from "../core/export.ts";
import { away, type Delivered, type Destination, type Range } from "./destination.ts";
import { type AddressCheck, HttpPeer } from "./http.ts";
import { otlpRequest } from "./otlp.ts";

export interface OtlpOptions {
  readonly settings: OtlpSettings;
  readonly addresses: AddressCheck;
  readonly version: string;
}

export class OtlpDestination implements Destination {
  readonly name: string;
  readonly kind = "otlp";
  readonly takes = "records";
  readonly recordsMax = 256;
  readonly deliveriesMax = 2;
  readonly everyMs = 0;
  readonly #options: OtlpOptions;
  readonly #peer: HttpPeer;

  constructor(options: OtlpOptions) {
    this.name = options.settings.name;
    this.#options = options;
    this.#peer = new HttpPeer(options.settings, options.addresses);
  }

  async deliver({ records }: Range, signal: AbortSignal): Promise<Delivered> {
    const { settings, version } = this.#options;
    const headers = Object.fromEntries([...settings.headers].map(([name, value]) => [name, value.reveal()]));
    const body = JSON.stringify(otlpRequest(records, version));
    const url = settings.url;
    const { text } = await this.#peer.send(
      { method: "POST", url, headers: { "content-type": "application/json", ...headers }, body },
      signal,
    );
    return { refused: Math.min(rejectedOf(this.name, text), records.length) };
  }

  close(): Promise<void> {
    return this.#peer.close();
  }
}

/** `{}` and no body at all are full success. What is neither is no collector. */
function rejectedOf(name: string, text: string): number {
  if (text.trim() === "") return 0;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw away(name, "answers something that is not OTLP in JSON");
  }
  const partial =
    typeof answer === "object" && answer !== null && "partialSuccess" in answer ? answer.partialSuccess : {};
  const rejected =
    typeof partial === "object" && partial !== null && "rejectedLogRecords" in partial ? partial.rejectedLogRecords : 0;
  // "64-bit integers": a string in JSON, or a number where the collector is lax.
  const count = Number(rejected);
  if (!Number.isSafeInteger(count) || count < 0) throw away(name, "rejects a number of records that is none");
  return count;
}
