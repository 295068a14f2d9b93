/**
 * To Splunk's HTTP Event Collector. With indexer acknowledgement (Enterprise, and where the vendor has switched it on) a batch
 * counts as arrived when its id is acknowledged; one that never is, is sent again. Without it "taken" is all that is ever said:
 * an indexer that dies with it in memory has lost it, and nobody here hears of it.
 * https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/http-event-collector-indexer-acknowledgment
 */
import type { Clock } from "../core/clock.ts";
import type { HecSettings } from "../core/export.ts";
import { away, DELIVERED, type Delivered, type Destination, type Range } from "./destination.ts";
import { type AddressCheck, HttpPeer } from "./http.ts";
import { ocsfEvent } from "./ocsf.ts";
import type { ExportRecord } from "./record.ts";

export interface HecOptions {
  readonly settings: HecSettings;
  readonly addresses: AddressCheck;
  readonly clock: Clock;
  /** A GUID: the channel whose acknowledgements are ours. */
  readonly channel: () => string;
  readonly version: string;
  /** Between two questions for acknowledgements. */
  readonly pollMs?: number;
}

const POLL_MS = 1_000;

interface Waiting {
  readonly until: number;
  resolve(): void;
  reject(error: Error): void;
}

export class HecDestination implements Destination {
  readonly name: string;
  readonly kind = "splunk";
  readonly takes = "records";
  readonly recordsMax = 256;
  readonly deliveriesMax: number;
  readonly everyMs = 0;
  readonly #options: HecOptions;
  readonly #peer: HttpPeer;
  readonly #waiting = new Map<number, Waiting>();
  #channel: string;
  #asking: NodeJS.Timeout | undefined;
  readonly #stop = new AbortController();

  constructor(options: HecOptions) {
    this.name = options.settings.name;
    // Without ids nothing tells one answer from another.
    this.deliveriesMax = options.settings.acknowledged ? 8 : 1;
    this.#options = options;
    this.#channel = options.channel();
    this.#peer = new HttpPeer(options.settings, options.addresses);
  }

  async deliver({ records }: Range, signal: AbortSignal): Promise<Delivered> {
    const { settings, clock } = this.#options;
    const body = records.map((record) => JSON.stringify(this.#envelope(record))).join("\n");
    const { text } = await this.#post("/services/collector/event", body, signal);
    const answer = objectOf(this.name, text);
    if (answer["code"] !== undefined && answer["code"] !== 0)
      throw away(this.name, `answers code ${word(answer["code"])}`);
    if (!settings.acknowledged) return DELIVERED;
    const id = answer["ackId"];
    if (typeof id !== "number")
      throw away(
        this.name,
        "gives no ackId: indexer acknowledgement is off for this token (`acknowledged: false` does without)",
      );
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => settle(() => reject(away(this.name, "was not waited for")));
      const settle = (end: () => void): void => {
        signal.removeEventListener("abort", stop);
        this.#waiting.delete(id);
        end();
      };
      signal.addEventListener("abort", stop);
      this.#waiting.get(id)?.reject(away(this.name, "gives one ackId twice"));
      this.#waiting.set(id, {
        until: clock() + settings.ackMs,
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      });
      if (signal.aborted) stop();
      else this.#askSoon();
    });
    return DELIVERED;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#asking);
    for (const each of this.#waiting.values()) each.reject(away(this.name, "was not waited for"));
    await this.#peer.close();
  }

  #envelope(record: ExportRecord): Record<string, unknown> {
    const { settings, version } = this.#options;
    return {
      // "epoch time, in the format <sec>.<ms>".
      time: (record.time / 1_000).toFixed(3),
      source: record.origin,
      sourcetype: "sluice:ocsf",
      ...(settings.index === undefined ? {} : { index: settings.index }),
      // Indexed, so that gaps are found without reading events.
      fields: { sluice_index: String(record.index), sluice_leaf: record.leafHash },
      event: ocsfEvent(record, version),
    };
  }

  #post(path: string, body: string, signal: AbortSignal) {
    const { settings } = this.#options;
    const headers = {
      authorization: `Splunk ${settings.token.reveal()}`,
      "content-type": "application/json",
      "x-splunk-request-channel": this.#channel,
    };
    const url = new URL(settings.url);
    url.pathname = `${url.pathname.replace(/\/$/, "")}${path}`;
    return this.#peer.send({ method: "POST", url, headers, body }, signal);
  }

  #askSoon(): void {
    if (this.#stop.signal.aborted || this.#waiting.size === 0) return;
    this.#asking ??= setTimeout(() => {
      void this.#ask().finally(() => {
        this.#asking = undefined;
        this.#askSoon();
      });
    }, this.#options.pollMs ?? POLL_MS);
    this.#asking.unref();
  }

  /** Never rejects. An id that is not answered with true is asked for again until its time is over. */
  async #ask(): Promise<void> {
    const now = this.#options.clock();
    try {
      const body = JSON.stringify({ acks: [...this.#waiting.keys()] });
      const { text } = await this.#post("/services/collector/ack", body, this.#stop.signal);
      const acks = objectOf(this.name, text)["acks"];
      const said = typeof acks === "object" && acks !== null ? (acks as Readonly<Record<string, unknown>>) : {};
      for (const [id, waiting] of this.#waiting) if (said[String(id)] === true) waiting.resolve();
    } catch {
      // Who does not answer has not acknowledged; what waits too long says so below.
    }
    if (![...this.#waiting.values()].some(({ until }) => until <= now)) return;
    // "Splunk stops storing acks of idle channels": a new one begins without what was lost.
    this.#channel = this.#options.channel();
    for (const waiting of this.#waiting.values()) waiting.reject(away(this.name, "has not acknowledged what it took"));
  }
}

function objectOf(name: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw away(name, "answers something that is not JSON");
}

function word(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value).slice(0, 16) : "unknown";
}
