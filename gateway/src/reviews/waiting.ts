/** Those who wait in memory for the end of something, by its id. Waking takes nothing from the database, so it may come too often. */

/** A timer beyond this fires at once (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
export const TIMER_MS_MAX = 2_147_483_647;

export class Waiting {
  readonly #wakers = new Map<string, Set<() => void>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  ids(): readonly string[] {
    return [...this.#wakers.keys()];
  }

  wakeAll(): void {
    for (const id of this.ids()) this.wake(id);
  }

  wake(id: string): void {
    for (const waker of this.#wakers.get(id) ?? []) waker();
  }

  /** From now on a wake-up is remembered; `until` waits for it. `leave` must be called in the end. */
  join(id: string): Place {
    let woken = false;
    let resolve: (() => void) | undefined;
    const waker = (): void => {
      woken = true;
      resolve?.();
    };
    const wakers = this.#wakers.get(id) ?? new Set();
    this.#wakers.set(id, wakers.add(waker));
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
        if (!wakers.delete(waker)) return;
        this.#count -= 1;
        if (wakers.size === 0) this.#wakers.delete(id);
      },
    };
  }
}

interface Place {
  /** Until woken, `ms` are over or the signal is aborted. */
  until(ms: number, signal?: AbortSignal): Promise<void>;
  leave(): void;
}
