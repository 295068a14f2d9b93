/**
 * To any program: batches of OCSF events in a JSON event, signed as Standard Webhooks say
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). A 2xx acknowledges the batch.
 */
import { createHash, createHmac } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { HookSettings } from "../core/export.ts";
import { DELIVERED, type Delivered, type Destination, type Range } from "./destination.ts";
import { type AddressCheck, HttpPeer } from "./http.ts";
import { ocsfEvent } from "./ocsf.ts";

export interface HookOptions {
  readonly settings: HookSettings;
  readonly addresses: AddressCheck;
  readonly clock: Clock;
  /** Identity of the log. */
  readonly origin: string;
  /** Of the software. */
  readonly version: string;
}

export class HookDestination implements Destination {
  readonly name: string;
  readonly kind = "webhook";
  readonly takes = "records";
  readonly recordsMax = 100;
  readonly deliveriesMax = 1;
  readonly everyMs = 0;
  readonly #options: HookOptions;
  readonly #peer: HttpPeer;

  constructor(options: HookOptions) {
    this.name = options.settings.name;
    this.#options = options;
    this.#peer = new HttpPeer(options.settings, options.addresses);
  }

  async deliver({ from, to, records }: Range, signal: AbortSignal): Promise<Delivered> {
    const { settings, clock, origin, version } = this.#options;
    const now = clock();
    const events = records.map((record) => ocsfEvent(record, version));
    const said = {
      type: "evidence.recorded",
      timestamp: new Date(now).toISOString(),
      data: { origin, from, to, events },
    };
    const body = JSON.stringify(said);
    // The same for each try, so that a receiver that has seen it can pass over it.
    const id = `exp_${createHash("sha256").update(`${origin} ${from} ${to}`).digest("hex").slice(0, 32)}`;
    const seconds = String(Math.floor(now / 1_000));
    const key = Buffer.from(settings.secret.reveal().replace(/^whsec_/, ""), "base64");
    // "the id, timestamp and payload joined by a full stop"; `v1` is HMAC-SHA256, base64.
    const mac = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": seconds,
      "webhook-signature": `v1,${mac}`,
    };
    await this.#peer.send({ method: "POST", url: settings.url, headers, body }, signal);
    return DELIVERED;
  }

  close(): Promise<void> {
    return this.#peer.close();
  }
}
