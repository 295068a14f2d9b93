/** The tables of reviews, as they came to be: each step is run once, in order, and never changed afterwards. */
import { type Kysely, sql } from "kysely";

export const reviewMigrations: readonly { readonly id: string; up(db: Kysely<unknown>): Promise<void> }[] = [
  {
    id: "reviews-0001-tables",
    async up(db) {
      await db.schema
        .createTable("reviews")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("requester", "text", (column) => column.notNull())
        .addColumn("scope", "text", (column) => column.notNull())
        .addColumn("digest", "text", (column) => column.notNull())
        .addColumn("facts", "text", (column) => column.notNull())
        .addColumn("preview", "bytea")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("decided_at", "bigint")
        .execute();
      // Of the same request sent twice, one is asked about.
      await db.schema
        .createIndex("reviews_pending")
        .unique()
        .on("reviews")
        .columns(["scope", "digest"])
        .where(sql.ref("state"), "=", "pending")
        .where(sql.ref("kind"), "=", "request")
        .execute();
      await db.schema.createIndex("reviews_by_request").on("reviews").columns(["scope", "digest", "state"]).execute();
      await db.schema.createIndex("reviews_by_end").on("reviews").columns(["state", "expires_at"]).execute();
      await db.schema.createIndex("reviews_by_decision").on("reviews").column("decided_at").execute();
      // Lists are read from the newest on, and end when a page is full.
      await db.schema.createIndex("reviews_by_age").on("reviews").columns(["created_at", "id"]).execute();
      await db.schema.createIndex("reviews_by_state").on("reviews").columns(["state", "created_at", "id"]).execute();
      await db.schema
        .createIndex("reviews_by_requester")
        .on("reviews")
        .columns(["requester", "state", "created_at", "id"])
        .execute();
      await db.schema
        .createTable("review_groups")
        .addColumn("review", "text", (column) => column.notNull().references("reviews.id").onDelete("cascade"))
        .addColumn("group_name", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("review_groups_key", ["group_name", "review"])
        .execute();
      await db.schema.createIndex("review_groups_by_review").on("review_groups").column("review").execute();
      await db.schema
        .createTable("review_votes")
        .addColumn("review", "text", (column) => column.notNull().references("reviews.id").onDelete("cascade"))
        .addColumn("person", "text", (column) => column.notNull())
        .addColumn("decision", "text", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("comment", "bytea")
        .addPrimaryKeyConstraint("review_votes_key", ["review", "person"])
        .execute();
      await db.schema
        .createTable("grants")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("principal", "text", (column) => column.notNull())
        .addColumn("scope", "text", (column) => column.notNull())
        .addColumn("digest", "text", (column) => column.notNull())
        .addColumn("facts", "text", (column) => column.notNull())
        .addColumn("granted_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("closed_at", "bigint")
        .execute();
      await db.schema.createIndex("grants_by_scope").on("grants").columns(["scope", "state"]).execute();
      await db.schema.createIndex("grants_by_end").on("grants").columns(["state", "expires_at"]).execute();
      await db.schema.createIndex("grants_by_principal").on("grants").columns(["principal", "state"]).execute();
    },
  },
  {
    id: "reviews-0002-actors",
    async up(db) {
      await db.schema.alterTable("reviews").addColumn("actors", "text").execute();
      await db.schema
        .alterTable("review_votes")
        .addColumn("passkey", "integer", (column) => column.notNull().defaultTo(0))
        .execute();
      // Nobody breaks the glass twice before others have looked at it.
      await db.schema
        .createIndex("reviews_glass")
        .unique()
        .on("reviews")
        .column("requester")
        .where(sql.ref("state"), "=", "pending")
        .where(sql.ref("kind"), "=", "after-the-fact")
        .where(sql.ref("actors"), "is not", null)
        .execute();
    },
  },
  {
    id: "reviews-0003-sending",
    async up(db) {
      // What waited was bound to its body alone, so that no request comes any more that a yes to it would be good for.
      await sql`update reviews set expires_at = created_at where state = 'pending' and kind = 'request'`.execute(db);
    },
  },
  {
    id: "reviews-0004-body",
    async up(db) {
      await db.schema.alterTable("reviews").addColumn("body", "text").execute();
      await db.schema.createIndex("reviews_by_body").on("reviews").columns(["scope", "body", "state"]).execute();
    },
  },
  {
    id: "reviews-0005-binding",
    async up(db) {
      // A yes, or a broken glass, that says neither to whom nor to which endpoint it goes fits no request any more: it is not to
      // stand there as active. The sweep ends it, on record.
      await sql`
        update grants set expires_at = granted_at
        where state = 'active'
          and (facts not like '%"recipient":%' or (kind <> 'break-glass' and facts not like '%"endpoint":%'))
      `.execute(db);
    },
  },
];
