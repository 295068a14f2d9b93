/**
 * The tables of sessions, of what directories have said, and of people who decide. Sessions are hashes of cookies, never a cookie;
 * of a person in a directory there are a name, an id and whether he is active; of one who decides what people.ts says.
 */
import type { Kysely } from "kysely";
import type { Asserted } from "./claims.ts";
import type { DirectoryGroup, DirectoryStore, DirectoryUser } from "./directory.ts";
import type { PeopleStore, Person } from "./people.ts";
import type { Speller } from "./spelling.ts";
import type { SessionMatch, SessionRecord, SessionStore } from "./sessions.ts";

interface Tables {
  sessions: {
    id: string;
    provider: string;
    subject: string;
    provider_session: string | null;
    /** JSON of what the provider said. */
    asserted: string;
    authenticated_at: number | null;
    created_at: number;
    seen_at: number;
  };
  directory_users: {
    id: string;
    provider: string;
    user_name: string;
    external_id: string | null;
    active: number;
    deleted: number;
    created_at: number;
    changed_at: number;
  };
  directory_groups: {
    id: string;
    provider: string;
    display_name: string;
    external_id: string | null;
    /** JSON list of users' ids. */
    members: string;
    created_at: number;
    changed_at: number;
  };
  people: {
    id: string;
    /** JSON list of what the provider calls them. */
    said_groups: string;
    name: string | null;
    said_at: number;
    seen_day: number;
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
  {
    id: "identity-0002-directory",
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("directory_users")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("provider", "text", (column) => column.notNull())
        .addColumn("user_name", "text", (column) => column.notNull())
        .addColumn("external_id", "text")
        .addColumn("active", "integer", (column) => column.notNull())
        .addColumn("deleted", "integer", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("changed_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("directory_groups")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("provider", "text", (column) => column.notNull())
        .addColumn("display_name", "text", (column) => column.notNull())
        .addColumn("external_id", "text")
        .addColumn("members", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("changed_at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
  {
    id: "identity-0003-people",
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("people")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("said_groups", "text", (column) => column.notNull())
        .addColumn("name", "text")
        .addColumn("said_at", "bigint", (column) => column.notNull())
        .addColumn("seen_day", "integer", (column) => column.notNull())
        .execute();
    },
  },
  {
    id: "identity-0004-authenticated",
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable("sessions").addColumn("authenticated_at", "bigint").execute();
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
    async add({ id, asserted, providerSession, authenticatedAt, createdAt, seenAt }) {
      const { provider, subject } = asserted;
      await db
        .insertInto("sessions")
        .values({
          id,
          provider,
          subject,
          provider_session: providerSession ?? null,
          asserted: JSON.stringify(asserted),
          authenticated_at: authenticatedAt ?? null,
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

/** Sessions end by whom they belong to, and are found by what he is called now: for a logout that his provider tells of. */
export async function respellSessions(database: Kysely<unknown>, spell: Speller): Promise<void> {
  const db = database as Kysely<Tables>;
  for (const { provider, subject } of await db
    .selectFrom("sessions")
    .select(["provider", "subject"])
    .distinct()
    .execute()) {
    const now = spell(`${provider}:${subject}`).slice(provider.length + 1);
    if (now === subject) continue;
    await db
      .updateTable("sessions")
      .set({ subject: now })
      .where("provider", "=", provider)
      .where("subject", "=", subject)
      .execute();
  }
}

function recordOf(row: Tables["sessions"]): SessionRecord {
  return {
    id: row.id,
    asserted: JSON.parse(row.asserted) as Asserted,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    ...(row.provider_session === null ? {} : { providerSession: row.provider_session }),
    ...(row.authenticated_at === null ? {} : { authenticatedAt: row.authenticated_at }),
  };
}

export function directoryStore(database: Kysely<unknown>): DirectoryStore {
  const db = database as Kysely<Tables>;
  return {
    async users() {
      return (await db.selectFrom("directory_users").selectAll().execute()).map(userOf);
    },
    async groups() {
      return (await db.selectFrom("directory_groups").selectAll().execute()).map(groupOf);
    },
    async user(id) {
      const row = await db.selectFrom("directory_users").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : userOf(row);
    },
    async group(id) {
      const row = await db.selectFrom("directory_groups").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : groupOf(row);
    },
    async putUser({ id, provider, userName, externalId, active, deleted, createdAt, changedAt }) {
      const words = {
        user_name: userName,
        external_id: externalId ?? null,
        active: Number(active),
        deleted: Number(deleted),
        changed_at: changedAt,
      };
      await db
        .insertInto("directory_users")
        .values({ id, provider, created_at: createdAt, ...words })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(words))
        .execute();
    },
    async putGroup({ id, provider, displayName, externalId, members, createdAt, changedAt }) {
      const words = {
        display_name: displayName,
        external_id: externalId ?? null,
        members: JSON.stringify(members),
        changed_at: changedAt,
      };
      await db
        .insertInto("directory_groups")
        .values({ id, provider, created_at: createdAt, ...words })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(words))
        .execute();
    },
    async removeGroup(id) {
      await db.deleteFrom("directory_groups").where("id", "=", id).execute();
    },
  };
}

function userOf(row: Tables["directory_users"]): DirectoryUser {
  return {
    id: row.id,
    provider: row.provider,
    userName: row.user_name,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    active: row.active === 1,
    deleted: row.deleted === 1,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}

function groupOf(row: Tables["directory_groups"]): DirectoryGroup {
  return {
    id: row.id,
    provider: row.provider,
    displayName: row.display_name,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    members: JSON.parse(row.members) as string[],
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}

export function peopleStore(database: Kysely<unknown>): PeopleStore {
  const db = database as Kysely<Tables>;
  return {
    async all(max) {
      const rows = await db.selectFrom("people").selectAll().orderBy("seen_day", "desc").limit(max).execute();
      return rows.map(personOf);
    },
    async get(id) {
      const row = await db.selectFrom("people").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : personOf(row);
    },
    async put({ id, groups, name, saidAt, seenDay }) {
      await db
        .insertInto("people")
        .values({ id, said_groups: JSON.stringify(groups), name: name ?? null, said_at: saidAt, seen_day: seenDay })
        .onConflict((conflict) =>
          conflict.column("id").doUpdateSet((row) => {
            // Two gateways may write at once, and the later word counts whichever writes last.
            const isLater = row("excluded.said_at", ">=", row.ref("people.said_at"));
            return {
              said_groups: row
                .case()
                .when(isLater)
                .then(row.ref("excluded.said_groups"))
                .else(row.ref("people.said_groups"))
                .end(),
              name: row
                .case()
                .when(row.and([isLater, row("excluded.name", "is not", null)]))
                .then(row.ref("excluded.name"))
                .else(row.ref("people.name"))
                .end(),
              said_at: row.case().when(isLater).then(row.ref("excluded.said_at")).else(row.ref("people.said_at")).end(),
              seen_day: row
                .case()
                .when("excluded.seen_day", ">=", row.ref("people.seen_day"))
                .then(row.ref("excluded.seen_day"))
                .else(row.ref("people.seen_day"))
                .end(),
            };
          }),
        )
        .execute();
    },
    async remove(id) {
      await db.deleteFrom("people").where("id", "=", id).execute();
    },
    async purge(day) {
      await db.deleteFrom("people").where("seen_day", "<", day).execute();
    },
  };
}

function personOf(row: Tables["people"]): Person {
  return {
    id: row.id,
    groups: JSON.parse(row.said_groups) as string[],
    ...(row.name === null ? {} : { name: row.name }),
    saidAt: row.said_at,
    seenDay: row.seen_day,
  };
}
