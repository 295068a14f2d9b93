/** A lock of PostgreSQL that lives as long as the session that took it: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS */
import { sql } from "kysely";
import type { SessionLock } from "../../evidence/index.ts";

/** Any number that nobody else takes: "sluice-l" in ASCII, cut to what a double holds. */
const LOCK_KEY = 0x736c7569632d;

export const sessionLock: SessionLock = {
  async take(session) {
    const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${LOCK_KEY}) as taken`.execute(session);
    return rows[0]?.taken === true;
  },
  async release(session) {
    // Taken again and again, it would have to be given back as often. The session has no other.
    await sql`select pg_advisory_unlock_all()`.execute(session);
  },
};
