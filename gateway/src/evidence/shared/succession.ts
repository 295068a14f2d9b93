/**
 * One gateway's part in the question who signs: it asks for the lease, holds it as long as it can, and asks again when it has
 * lost it. What goes wrong while it holds the lease is told once, and the lease given up, since another gateway may be better off.
 */

import type { Kysely } from "kysely";
import { SluiceError } from "../../core/errors.ts";
import { Integrator, type IntegratorOptions } from "./integrator.ts";
import { Lease, type SessionLock, TakenOver } from "./lease.ts";
import type { SharedDatabase } from "./tables.ts";

/** How often a gateway that does not hold the lease asks for it, and one that holds it looks for what others have appended. */
const ASK_MS = 250;
const LOOK_MS = 50;
/** After a fault, so that others get the lease first. */
const FAULT_PAUSE_MS = 1_000;
const MEND_MS = 1_000;
/** Taken off the interval: others' records are seen late by `LOOK_MS`, files are written, signatures made. */
const LEAD_MS = 400;

export interface SuccessionOptions extends Omit<IntegratorOptions, "fence" | "renew"> {
  readonly gateway: string;
  readonly lock: SessionLock;
  readonly intervalMs: number;
  /** Told of each fault; must not throw. */
  readonly failed: (error: unknown) => void;
  /** Told of each checkpoint that this gateway has published. */
  readonly published: () => void;
}

export class Succession {
  readonly #options: SuccessionOptions;
  #closing = false;
  #holds = false;
  #running: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  /** Where another connection would do no good: the tree and the files contradict one another. */
  #ended = false;

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  /** This gateway signs. */
  get holds(): boolean {
    return this.#holds;
  }

  /** Asks for the first time, and resolves when it is answered and, with the lease, a checkpoint is there. Rejects with the fault. */
  async start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#running = this.#run(resolve, reject);
    await promise;
  }

  /** Records have come. */
  nudge(): void {
    if (this.#holds) this.#wake?.();
  }

  /** Publishes what is there, if this gateway holds the lease, and gives it up. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    await this.#running;
  }

  /** Never rejects. */
  async #run(first: () => void, refused: (error: unknown) => void): Promise<void> {
    while (!this.#closing && !this.#ended) {
      try {
        // The lock is the session's, so the whole life of the lease is spent on one connection.
        await this.#options.db.connection().execute((session) => this.#ask(session, first));
      } catch (thrown) {
        if (thrown instanceof TakenOver) continue;
        refused(thrown);
        this.#ended = thrown instanceof SluiceError && !thrown.retriable;
        this.#options.failed(thrown);
        if (!this.#ended) await this.#pause(FAULT_PAUSE_MS);
      }
    }
  }

  async #ask(session: SharedDatabase, first: () => void): Promise<void> {
    while (!this.#closing) {
      const lease = await Lease.take(session, this.#options.lock, this.#options.gateway);
      if (lease !== undefined) return this.#hold(session, lease, first);
      first();
      await this.#pause(ASK_MS);
    }
  }

  async #hold(session: SharedDatabase, lease: Lease, first: () => void): Promise<void> {
    const { intervalMs } = this.#options;
    let integrator: Integrator | undefined;
    try {
      const renew = (): Promise<boolean> => lease.renew();
      integrator = await Integrator.resume({ ...this.#options, fence: lease.fence, renew });
      await this.#publish(integrator);
      this.#holds = true;
      first();
      let uncoveredSince: number | undefined;
      let mendedAt = performance.now();
      for (;;) {
        if (!(await lease.renew())) throw new TakenOver();
        const more = await integrator.step();
        if (integrator.behind) uncoveredSince ??= performance.now();
        const due = (uncoveredSince ?? Infinity) + Math.max(intervalMs - LEAD_MS, intervalMs / 2);
        if (integrator.behind && (performance.now() >= due || (this.#closing && !more))) {
          await this.#publish(integrator);
          uncoveredSince = undefined;
        } else if (this.#closing && !more) {
          break;
        } else if (performance.now() - mendedAt > MEND_MS) {
          await integrator.mend();
          mendedAt = performance.now();
        }
        const removes = !this.#closing && (await integrator.prune());
        if (!more && !removes && !this.#closing)
          await this.#pause(Math.min(LOOK_MS, Math.max(1, due - performance.now())));
      }
    } catch (thrown) {
      await integrator?.withdraw().catch(() => undefined);
      throw thrown;
    } finally {
      this.#holds = false;
      // Of a connection that is broken there is nothing to give up.
      await lease
        .release()
        .catch(() => this.#options.lock.release(session as unknown as Kysely<unknown>).catch(() => undefined));
    }
  }

  async #publish(integrator: Integrator): Promise<void> {
    await integrator.publish();
    this.#options.published();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      if (this.#closing) this.#wake();
    });
  }
}
