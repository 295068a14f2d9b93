/** Long work on one request, in turns: others run in between, and it ends with an error when it takes too long. */
import { SluiceError } from "../../core/errors.ts";

export interface TimeBudgetOptions {
  readonly timeoutMs: number;
  /** Longest time without letting others run. */
  readonly sliceMs: number;
  /** Milliseconds; only differences are used. */
  readonly clock: () => number;
}

export class TimeBudget {
  readonly #options: TimeBudgetOptions;
  readonly #startedAt: number;
  #sliceStartedAt: number;

  constructor(options: TimeBudgetOptions) {
    this.#options = options;
    this.#startedAt = this.#sliceStartedAt = options.clock();
  }

  /** Call often. Rejects with scrub_timeout. */
  async spend(): Promise<void> {
    const { clock, sliceMs, timeoutMs } = this.#options;
    const now = clock();
    if (now - this.#startedAt > timeoutMs)
      throw new SluiceError("scrub_timeout", `the request could not be worked on within ${timeoutMs} ms`);
    if (now - this.#sliceStartedAt < sliceMs) return;
    await nextTurn();
    this.#sliceStartedAt = clock();
  }
}

/** Resolves after others had theirs. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
