/**
 * Tells whoever runs under a grant when it does not hold any more: by a timer of its own when its time is over, and by looking into
 * the database when somebody says that something happened to it, again and again while the database does not answer.
 */
import type { Clock } from "../core/clock.ts";
import { type SluiceError, toSluiceError } from "../core/errors.ts";
import type { Grant } from "./grant.ts";
import { TIMER_MS_MAX } from "./waiting.ts";

/** Why a grant does not hold any more. */
export type Ending = "ended" | "revoked";

/** Must not throw. */
type Listener = (why: Ending) => void;

interface Watched {
  readonly listeners: Set<Listener>;
  timer?: NodeJS.Timeout;
}

interface WatchOptions {
  readonly read: (ids: readonly string[]) => Promise<readonly Grant[]>;
  readonly clock: Clock;
  readonly onFault: (error: SluiceError) => void;
}

const RETRY_MS = 250;

export class GrantWatch {
  readonly #options: WatchOptions;
  readonly #watched = new Map<string, Watched>();
  /** The database did not answer when it was asked about these. */
  readonly #unseen = new Set<string>();
  #retry: NodeJS.Timeout | undefined;
  #isDown = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /**
   * Calls `listener` once, within a second, when the grant is revoked or its time is over; of a single-use grant, which was used
   * up at once, only when it is revoked. Also when that has happened already. Returns the function that ends the watch.
   */
  add(grant: Grant, listener: Listener): () => void {
    const known = this.#watched.get(grant.id);
    const watched: Watched = known ?? { listeners: new Set() };
    watched.listeners.add(listener);
    if (known === undefined) {
      this.#watched.set(grant.id, watched);
      if (grant.kind !== "single-use") this.#endLater(grant, watched);
    }
    this.look([grant.id]);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0 || this.#watched.get(grant.id) !== watched) return;
      clearTimeout(watched.timer);
      this.#watched.delete(grant.id);
    };
  }

  /** Something may have happened to these, or to any. */
  look(ids: readonly string[] = [...this.#watched.keys()]): void {
    const watched = ids.filter((id) => this.#watched.has(id));
    if (watched.length === 0) return;
    this.#options
      .read(watched)
      .then((grants) => {
        this.#isDown = false;
        for (const { id, state } of grants) if (state === "revoked" || state === "ended") this.#end(id, state);
      })
      .catch((thrown: unknown) => this.#lookAgain(watched, thrown));
  }

  /** Nobody says twice that something happened. Of one outage one fault is reported. */
  #lookAgain(ids: readonly string[], thrown: unknown): void {
    if (!this.#isDown) this.#options.onFault(toSluiceError(thrown));
    this.#isDown = true;
    for (const id of ids) if (this.#watched.has(id)) this.#unseen.add(id);
    if (this.#unseen.size === 0) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      const unseen = [...this.#unseen];
      this.#unseen.clear();
      this.look(unseen);
    }, RETRY_MS).unref();
  }

  close(): void {
    clearTimeout(this.#retry);
    for (const { timer } of this.#watched.values()) clearTimeout(timer);
    this.#watched.clear();
  }

  #endLater(grant: Grant, watched: Watched): void {
    const left = grant.expiresAt - this.#options.clock();
    watched.timer = setTimeout(
      () => {
        if (this.#options.clock() >= grant.expiresAt) this.#end(grant.id, "ended");
        else this.#endLater(grant, watched);
      },
      Math.min(Math.max(left, 0), TIMER_MS_MAX),
    );
    watched.timer.unref();
  }

  #end(id: string, why: Ending): void {
    const watched = this.#watched.get(id);
    clearTimeout(watched?.timer);
    this.#watched.delete(id);
    for (const listener of watched?.listeners ?? []) listener(why);
  }
}
