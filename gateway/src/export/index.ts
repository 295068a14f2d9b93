/**
 * The door of the export room: the evidence goes on to where others keep and read it. Makes the configured destinations and one
 * pump for each; a reload makes them anew, and each goes on where it was.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { type SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { DestinationSettings, ExportSettings } from "../core/export.ts";
import type { Destination } from "./destination.ts";
import type { AddressCheck } from "./http.ts";
import { type ExportLog, Pump, PUMP_TIMES, type PumpStatus, type PumpTimes } from "./pump.ts";
import type { ExportStore, Refusal } from "./store.ts";

export interface ExportsOptions {
  readonly settings: ExportSettings;
  readonly log: ExportLog;
  /** Identity of the log. */
  readonly origin: string;
  /** Paths of the newest timestamps that the log has, so many at most. */
  readonly stamps: (most: number) => Promise<readonly string[]>;
  readonly store: ExportStore;
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** Of the software. */
  readonly version: string;
  readonly addresses: AddressCheck;
  /** Told once of each outage. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
  /** For tests: shorter ones. */
  readonly times?: Partial<PumpTimes>;
}

/** A destination as it is just now, and the newest of what it refused. */
export interface ExportStatus extends PumpStatus {
  readonly refusals: readonly Refusal[];
}

export class Exports {
  readonly #options: ExportsOptions;
  readonly #holder = randomUUID();
  #pumps: readonly Pump[] = [];
  #changing: Promise<void>;

  constructor(options: ExportsOptions) {
    this.#options = options;
    this.#changing = this.#change(options.settings);
  }

  /** Puts other settings in force. Returns at once and never throws. */
  configure(settings: ExportSettings): void {
    this.#changing = this.#changing.then(() => this.#change(settings));
  }

  /** What is known without asking anybody. */
  get states(): readonly PumpStatus[] {
    return this.#pumps.map(({ status }) => status);
  }

  async status(): Promise<readonly ExportStatus[]> {
    const { store, origin } = this.#options;
    return Promise.all(
      this.states.map(async (state) => ({
        ...state,
        refusals: await store.refusals({ destination: state.destination, origin }),
      })),
    );
  }

  async close(): Promise<void> {
    await this.#changing;
    await this.#stop();
  }

  /** Never rejects. */
  #change(settings: ExportSettings): Promise<void> {
    return this.#reopen(settings).catch((thrown: unknown) => this.#options.onFault(toSluiceError(thrown)));
  }

  async #reopen({ destinations }: ExportSettings): Promise<void> {
    await this.#stop();
    const opened = await Promise.all(
      destinations.map(async (settings) => ({ settings, destination: await this.#open(settings) })),
    );
    this.#pumps = opened.map(({ settings, destination }) => this.#pump(settings, destination));
  }

  async #stop(): Promise<void> {
    const pumps = this.#pumps;
    this.#pumps = [];
    await Promise.all(pumps.map((pump) => pump.close()));
  }

  #pump({ from }: DestinationSettings, destination: Destination): Pump {
    const { log, times } = this.#options;
    const start = (): number => (from === "now" ? log.published : 0);
    const holder = this.#holder;
    return new Pump({ ...this.#options, destination, start, holder, times: { ...PUMP_TIMES, ...times } });
  }

  /** Each is loaded by who has one. */
  async #open(settings: DestinationSettings): Promise<Destination> {
    const options = this.#options;
    switch (settings.kind) {
      case "syslog": {
        const { SyslogDestination } = await import("./to-syslog.ts");
        return new SyslogDestination({ ...options, settings });
      }
      case "splunk": {
        const { HecDestination } = await import("./to-splunk.ts");
        return new HecDestination({ ...options, settings, channel: randomUUID });
      }
      case "otlp": {
        const { OtlpDestination } = await import("./to-otlp.ts");
        return new OtlpDestination({ ...options, settings });
      }
      case "webhook": {
        const { HookDestination } = await import("./to-webhook.ts");
        return new HookDestination({ ...options, settings });
      }
      case "s3": {
        const { BucketDestination } = await import("./to-bucket.ts");
        return new BucketDestination({ ...options, settings, file: (path) => options.log.file(path) });
      }
    }
  }
}
