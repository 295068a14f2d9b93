/**
 * How one part of the gateway tells another that something changed in the database: a review was decided, a grant revoked. A
 * wake-up carries an id and never the news itself; who is woken looks into the database. It may come twice, and it may be lost
 * with a connection: then `missed` is called, and who listens looks at everything that it waits for.
 */

export interface Wakeups {
  /** Wakes the listeners of `topic`, in this process at once, in others as soon as they hear of it. Never rejects. */
  send(topic: string, message: string): Promise<void>;
  /** Returns the function that ends it. */
  listen(topic: string, listener: Listener): () => void;
}

export interface Listener {
  heard(message: string): void;
  /** Messages may have been lost. Called again while that lasts, and when it is over. */
  missed(): void;
}

/** The listeners of this process; all that the embedded database needs, since nobody else has it open. */
export class LocalWakeups implements Wakeups {
  readonly #listeners = new Map<string, Set<Listener>>();

  send(topic: string, message: string): Promise<void> {
    this.deliver(topic, message);
    return Promise.resolve();
  }

  deliver(topic: string, message: string): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener.heard(message);
  }

  missed(): void {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener.missed();
  }

  listen(topic: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}
