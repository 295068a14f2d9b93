/**
 * Which assertions were used already, until they end by themselves. Only what a provider signed for a login that was begun here
 * gets in, so nobody can fill it from outside; when it is full all the same, nobody gets in rather than somebody twice.
 */
import { SluiceError } from "../core/errors.ts";

const ASSERTIONS_MAX = 100_000;

export class UsedAssertions {
  readonly #max: number;
  /** `provider id` → milliseconds since the epoch from which it counts for nothing. */
  readonly #until = new Map<string, number>();

  constructor(max = ASSERTIONS_MAX) {
    this.#max = max;
  }

  /** Throws assertion_replayed, and overloaded (retriable) when there is no room. */
  use(provider: string, id: string, until: number, now: number): void {
    const key = `${provider} ${id}`;
    if (this.#until.has(key))
      throw new SluiceError("assertion_replayed", "the provider's assertion was used before; begin again");
    if (this.#until.size >= this.#max) this.#forget(now);
    if (this.#until.size >= this.#max) throw new SluiceError("overloaded", "too many logins at once; try again");
    this.#until.set(key, until);
  }

  #forget(now: number): void {
    for (const [key, until] of this.#until) if (now >= until) this.#until.delete(key);
  }
}
