/**
 * How much a stranger may make this process compute. Two bounds: so many computations at a time with a short queue behind
 * them, and so many failed attempts per key id. What exceeds them is refused at once with `rate_limited`, which is retriable.
 */
import { SluiceError } from "../core/errors.ts";

/** Runs at most `parallelMax` tasks; up to `queueMax` wait in order of arrival. */
export class Turnstile {
  readonly #parallelMax: number;
  readonly #queueMax: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(limits: { parallelMax: number; queueMax: number }) {
    this.#parallelMax = limits.parallelMax;
    this.#queueMax = limits.queueMax;
  }

  /** Throws `rate_limited` when the queue is full. */
  async pass<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#parallelMax) this.#running += 1;
    else await this.#wait();
    try {
      return await task();
    } finally {
      // Handing the place on keeps the count: nobody can slip in between.
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #wait(): Promise<void> {
    if (this.#queue.length >= this.#queueMax) {
      throw new SluiceError("rate_limited", "too many credentials are being verified for the first time", {
        retryAfterSeconds: 1,
      });
    }
    return new Promise((resolve) => this.#queue.push(resolve));
  }
}

const FAILURES_BURST = 10;
const MS_PER_FAILURE = 6_000;
const IDS_MAX = 10_000;

/**
 * Attempts per key id, known or not: an id that exists must not behave otherwise than one that does not. Every attempt costs
 * one unit, and a successful one gets it back. Who knows an id can so delay the first use of its key in this process, and no
 * more: a key that was verified once is found in memory and does not come here.
 */
export class Attempts {
  readonly #left = new Map<string, { units: number; refilledAt: number }>();

  /** Throws `rate_limited` when too many attempts on this id have failed. `now` in ms. */
  take(id: string, now: number): void {
    const account = this.#left.get(id) ?? { units: FAILURES_BURST, refilledAt: now };
    account.units = Math.min(FAILURES_BURST, account.units + Math.max(0, now - account.refilledAt) / MS_PER_FAILURE);
    account.refilledAt = now;
    this.#left.delete(id);
    this.#left.set(id, account);
    // Insertion order is order of use, so the first is the one that was tried longest ago.
    const oldest = this.#left.size > IDS_MAX ? this.#left.keys().next().value : undefined;
    if (oldest !== undefined) this.#left.delete(oldest);
    if (account.units < 1) {
      const retryAfterSeconds = Math.ceil(((1 - account.units) * MS_PER_FAILURE) / 1_000);
      throw new SluiceError("rate_limited", "too many failed attempts with this API key's id", { retryAfterSeconds });
    }
    account.units -= 1;
  }

  giveBack(id: string): void {
    const account = this.#left.get(id);
    if (account !== undefined) account.units = Math.min(FAILURES_BURST, account.units + 1);
  }
}
