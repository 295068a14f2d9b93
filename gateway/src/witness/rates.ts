/** How often somebody may ask: a bucket each, which fills evenly. Forgets the one that asked longest ago when there are too many. */
import type { Clock } from "../core/clock.ts";

interface Bucket {
  tokens: number;
  at: number;
}

export class Rates {
  readonly #clock: Clock;
  readonly #held: number;
  /** In the order of last use. */
  readonly #buckets = new Map<string, Bucket>();

  /** `held`: most buckets at once. */
  constructor({ clock, held }: { readonly clock: Clock; readonly held: number }) {
    this.#clock = clock;
    this.#held = held;
  }

  /** True when `who` has one left of `count` in `periodMs`; takes it. */
  take(who: string, count: number, periodMs: number): boolean {
    const now = this.#clock();
    const before = this.#buckets.get(who);
    // A clock that was set back fills nothing and takes nothing away.
    const filled = before === undefined ? count : before.tokens + (Math.max(0, now - before.at) / periodMs) * count;
    const tokens = Math.min(count, filled);
    const taken = tokens >= 1;
    this.#buckets.delete(who);
    this.#buckets.set(who, { tokens: taken ? tokens - 1 : tokens, at: now });
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > this.#held && oldest.done !== true) this.#buckets.delete(oldest.value);
    return taken;
  }
}
