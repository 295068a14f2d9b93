/**
 * Which gateway signs. At any time at most one holds the lease, and each that takes it gets a higher number, its fence: what is
 * signed is first written to the database where the fence still stands, so that a holder that was paused, or cut off, and comes
 * back finds that it signs nothing any more. The lease falls to another gateway at once when the holder's session with the
 * database ends, however its process ended, and when it has not been renewed for `LEASE_MS`. The lock of the session only makes
 * that quicker; nothing is decided by it alone.
 */

import { type Kysely, sql } from "kysely";
import { asked, databaseNow, LOG_ID, type SharedDatabase } from "./tables.ts";

/** A lock of the database that ends with the session that took it. */
export interface SessionLock {
  /** False when another session has it. Taking it again is no error. */
  take(session: Kysely<unknown>): Promise<boolean>;
  /** However often it was taken. */
  release(session: Kysely<unknown>): Promise<void>;
}

/** Another gateway holds the lease. */
export class TakenOver extends Error {}

export const LEASE_MS = 5_000;
const RENEW_MS = 1_000;
const ANSWER_MS = 4_000;

export class Lease {
  readonly fence: number;
  readonly #session: SharedDatabase;
  readonly #lock: SessionLock;
  #renewedAt = performance.now();

  private constructor(session: SharedDatabase, lock: SessionLock, fence: number) {
    this.#session = session;
    this.#lock = lock;
    this.fence = fence;
  }

  /** Undefined when another gateway has it. `session` is one connection, whose end is the end of the lease. */
  static async take(session: SharedDatabase, lock: SessionLock, gateway: string): Promise<Lease | undefined> {
    return asked(ANSWER_MS, async () => {
      const locked = await lock.take(session as unknown as Kysely<unknown>);
      const taken = await session
        .updateTable("evidence_log")
        .set({
          fence: sql`fence + 1`,
          holder: gateway,
          locked: locked ? 1 : 0,
          lease_until: leaseEnd(),
        })
        .where("id", "=", LOG_ID)
        // Who has the lock while the holder's session had it knows that this session is gone.
        .where((is) => is.or([is("lease_until", "<=", databaseNow), ...(locked ? [is("locked", "=", 1)] : [])]))
        .returning("fence")
        .executeTakeFirst();
      if (taken !== undefined) return new Lease(session, lock, taken.fence);
      if (locked) await lock.release(session as unknown as Kysely<unknown>);
      return undefined;
    });
  }

  /** False when it is another gateway's by now. To be called often; asks the database when it is time. */
  async renew(): Promise<boolean> {
    if (performance.now() - this.#renewedAt < RENEW_MS) return true;
    return asked(ANSWER_MS, async () => {
      const locked = await this.#lock.take(this.#session as unknown as Kysely<unknown>);
      const renewed = await this.#session
        .updateTable("evidence_log")
        .set({ lease_until: leaseEnd(), locked: locked ? 1 : 0 })
        .where("id", "=", LOG_ID)
        .where("fence", "=", this.fence)
        .returning("fence")
        .executeTakeFirst();
      this.#renewedAt = performance.now();
      return renewed !== undefined;
    });
  }

  /** The next one need not wait. */
  async release(): Promise<void> {
    await asked(ANSWER_MS, async () => {
      await this.#session
        .updateTable("evidence_log")
        .set({ lease_until: 0, locked: 0 })
        .where("id", "=", LOG_ID)
        .where("fence", "=", this.fence)
        .execute();
      await this.#lock.release(this.#session as unknown as Kysely<unknown>);
    });
  }
}

function leaseEnd() {
  return sql<number>`${databaseNow} + ${sql.lit(LEASE_MS)}`;
}
