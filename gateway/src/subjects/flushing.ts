/**
 * Gateways of one database have postings in memory that others cannot see. Before a search each is asked by a wake-up to write them; those
 * that do not answer in time are named, so that who searches knows that the newest of theirs may be missing.
 */
import { type SluiceError, toSluiceError } from "../core/errors.ts";
import type { Wakeups } from "./destruction.ts";
import type { GatewayRow, Purges } from "./purges.ts";

export interface FlushingOptions {
  readonly purges: Pick<Purges, "live">;
  readonly wakeups: Wakeups;
  readonly self: GatewayRow;
  /** Names of gateways that ended suddenly and did not come back: what they had in memory waits for them, in the recordings. */
  readonly lost: () => Promise<readonly string[]>;
  /** Makes what was posted here durable. */
  readonly sync: () => Promise<void>;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly onFault: (error: SluiceError) => void;
}

const TOPIC = "subject-index";
/** As long as a gateway that is gone is asked. */
const LIVE_MS = 70_000;
const ANSWERS_MS = 2_000;
/** Who has asked just now need not ask again for the same search. */
const RECENT_MS = 500;
const ID_BYTES = 9;

export class Flushing {
  readonly #options: FlushingOptions;
  /** By search, what is called with each instance that has answered. */
  readonly #waiting = new Map<string, (instance: string) => void>();
  readonly #unlisten: () => void;
  #gatheredAt = Number.NEGATIVE_INFINITY;

  constructor(options: FlushingOptions) {
    this.#options = options;
    this.#unlisten = options.wakeups.listen(TOPIC, {
      heard: (message) => this.#heard(message),
      missed: () => undefined,
    });
  }

  /** As `gather`, unless that was done for this search. */
  async gatherOnce(): Promise<void> {
    if (performance.now() - this.#gatheredAt > RECENT_MS) await this.gather();
  }

  /** Names of the gateways that did not answer. Rejects with database_unavailable. */
  async gather(): Promise<readonly string[]> {
    const { purges, wakeups, self, lost, clock, random } = this.#options;
    const others = (await purges.live(clock() - LIVE_MS)).filter(({ instance }) => instance !== self.instance);
    const gone = await lost();
    if (others.length === 0) return gone;
    const missing = new Map(others.map(({ instance, name }) => [instance, name]));
    const search = Buffer.from(random(ID_BYTES)).toString("base64url");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(search, (instance) => {
      missing.delete(instance);
      if (missing.size === 0) resolve();
    });
    const timer = setTimeout(resolve, ANSWERS_MS);
    try {
      await wakeups.send(TOPIC, `flush ${search} ${self.instance}`);
      await promise;
      return [...new Set([...gone, ...missing.values()])].toSorted();
    } finally {
      clearTimeout(timer);
      this.#gatheredAt = performance.now();
      this.#waiting.delete(search);
    }
  }

  close(): void {
    this.#unlisten();
  }

  #heard(message: string): void {
    const { self, sync, wakeups, onFault } = this.#options;
    const [what, search = "", instance = ""] = message.split(" ");
    if (what === "flushed") this.#waiting.get(search)?.(instance);
    if (what !== "flush" || instance === self.instance) return;
    // Who cannot write does not answer.
    sync()
      .then(() => wakeups.send(TOPIC, `flushed ${search} ${self.instance}`))
      .catch((thrown: unknown) => onFault(toSluiceError(thrown)));
  }
}
