/** The table of sessions. Holds hashes of cookies, never a cookie. */
import type { Kysely } from "kysely";
import type { Asserted } from "./claims.ts";
import type { SessionMatch, SessionRecord, SessionStore } from "./sessions.ts";

interface Tables {
  sessions: {
    id: string;
    provider: string;
    subject: string;
    provider_session: string | null;
    /** JSON of what the provider said. */
    asserted: string;
    created_at: number;
    seen_at: number;
  };
}

export const identityMigrations = [
  {
    id: "identity-0001-sessions",
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("sessions")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("provider", "text", (column) => column.notNull())
        .addColumn("subject", "text", (column) => column.notNull())
        .addColumn("provider_session", "text")
        .addColumn("asserted", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("seen_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema.createIndex("sessions_subject").on("sessions").columns(["provider", "subject"]).execute();
    },
  },
];

const COLUMNS = {
  id: "id",
  provider: "provider",
  subject: "subject",
  providerSession: "provider_session",
} as const satisfies Record<keyof SessionMatch, keyof Tables["sessions"]>;

export function sessionStore(database: Kysely<unknown>): SessionStore {
  const db = database as Kysely<Tables>;
  return {
    async add({ id, asserted, providerSession, createdAt, seenAt }) {
      const { provider, subject } = asserted;
      await db
        .insertInto("sessions")
        .values({
          id,
          provider,
          subject,
          provider_session: providerSession ?? null,
          asserted: JSON.stringify(asserted),
          created_at: createdAt,
          seen_at: seenAt,
        })
        .execute();
    },
    async get(id) {
      const row = await db.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : recordOf(row);
    },
    async seen(id, at) {
      await db.updateTable("sessions").set({ seen_at: at }).where("id", "=", id).execute();
    },
    async remove(which) {
      let query = db.deleteFrom("sessions");
      for (const [member, column] of Object.entries(COLUMNS)) {
        const value = which[member as keyof SessionMatch];
        if (value !== undefined) query = query.where(column, "=", value);
      }
      return Number((await query.executeTakeFirst()).numDeletedRows);
    },
    async purge({ createdAt, seenAt }) {
      const { numDeletedRows } = await db
        .deleteFrom("sessions")
        .where((row) => row.or([row("created_at", "<=", createdAt), row("seen_at", "<=", seenAt)]))
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function recordOf(row: Tables["sessions"]): SessionRecord {
  return {
    id: row.id,
    asserted: JSON.parse(row.asserted) as Asserted,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    ...(row.provider_session === null ? {} : { providerSession: row.provider_session }),
  };
}
