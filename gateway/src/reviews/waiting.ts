/**
 * Those who wait in memory for the end of something, by its id. Waking takes nothing from the database, so it may come too often.
 * Whoever is about to end it may put one of the waiting aside (`claim`) and hand the result over in the same moment; what was
 * claimed waits for that hand before it does anything else.
 */

/** A timer beyond this fires at once (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
export const TIMER_MS_MAX = 2_147_483_647;

interface Waiter<Wish, Result> {
  readonly wish: Wish;
  wake(): void;
  /** What the claim under way comes to. */
  claimed?: Promise<Result | undefined>;
}

export interface Place<Result> {
  /** Until woken, `ms` are over or the signal is aborted. */
  until(ms: number, signal?: AbortSignal): Promise<void>;
  /** Gives the place up, and what was handed over to it, if anything. */
  leave(): Promise<Result | undefined>;
}

export interface Claim<Wish, Result> {
  readonly wish: Wish;
  /** The first call counts; undefined lets the waiter go on waiting. */
  settle(result: Result | undefined): void;
}

export class Waiting<Wish, Result> {
  readonly #waiters = new Map<string, Set<Waiter<Wish, Result>>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  ids(): readonly string[] {
    return [...this.#waiters.keys()];
  }

  has(id: string): boolean {
    return this.#waiters.has(id);
  }

  wakeAll(): void {
    for (const id of this.ids()) this.wake(id);
  }

  wake(id: string): void {
    for (const waiter of this.#waiters.get(id) ?? []) waiter.wake();
  }

  /** From now on a wake-up is remembered; `leave` must be called in the end. */
  join(id: string, wish: Wish): Place<Result> {
    let woken = false;
    let resolve: (() => void) | undefined;
    const waiter: Waiter<Wish, Result> = {
      wish,
      wake() {
        woken = true;
        resolve?.();
      },
    };
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters.add(waiter));
    this.#count += 1;
    return {
      until: (ms, signal) =>
        new Promise((done) => {
          if (woken || ms <= 0 || signal?.aborted === true) {
            done();
            return;
          }
          const timer = setTimeout(finish, Math.min(ms, TIMER_MS_MAX));
          signal?.addEventListener("abort", finish, { once: true });
          resolve = finish;
          function finish(): void {
            clearTimeout(timer);
            signal?.removeEventListener("abort", finish);
            resolve = undefined;
            done();
          }
        }),
      leave: () => {
        if (waiters.delete(waiter)) {
          this.#count -= 1;
          if (waiters.size === 0) this.#waiters.delete(id);
        }
        return waiter.claimed ?? Promise.resolve(undefined);
      },
    };
  }

  /** One who waits for `id` and is not claimed; undefined when there is none. `settle` must be called in the end. */
  claim(id: string): Claim<Wish, Result> | undefined {
    for (const waiter of this.#waiters.get(id) ?? []) {
      if (waiter.claimed !== undefined) continue;
      const { promise, resolve } = Promise.withResolvers<Result | undefined>();
      waiter.claimed = promise;
      return {
        wish: waiter.wish,
        settle(result) {
          if (waiter.claimed !== promise) return;
          if (result === undefined) delete waiter.claimed;
          else waiter.wake();
          resolve(result);
        },
      };
    }
    return undefined;
  }
}
