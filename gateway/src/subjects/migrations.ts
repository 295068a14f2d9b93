/** The tables of data subjects, as they came to be: each step is run once, in order, and never changed afterwards. */
import type { Kysely } from "kysely";

export const subjectMigrations: readonly { readonly id: string; up(db: Kysely<unknown>): Promise<void> }[] = [
  {
    id: "subjects-0001-tables",
    async up(db) {
      await db.schema
        .createTable("subjects")
        .addColumn("id", "bytea", (column) => column.primaryKey())
        .addColumn("epoch", "integer", (column) => column.notNull())
        .addColumn("tag", "bytea", (column) => column.notNull())
        .addColumn("kek", "integer", (column) => column.notNull())
        .addColumn("wrapped", "bytea", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .execute();
      // Of gateways that make one tag at once, one makes the row.
      await db.schema.createIndex("subjects_by_tag").unique().on("subjects").columns(["epoch", "tag"]).execute();
      // What a new epoch has not reached yet.
      await db.schema.createIndex("subjects_by_kek").on("subjects").columns(["kek", "id"]).execute();
      await db.schema
        .createTable("subject_epochs")
        .addColumn("epoch", "integer", (column) => column.primaryKey())
        .addColumn("kek", "integer", (column) => column.notNull())
        .addColumn("wrapped", "bytea", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("subject_gateways")
        .addColumn("instance", "text", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("seen_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("subject_purges")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("subjects", "bytea", (column) => column.notNull())
        .addColumn("asked_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("subject_purge_answers")
        .addColumn("purge", "text", (column) => column.notNull().references("subject_purges.id").onDelete("cascade"))
        .addColumn("instance", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("subject_purge_answers_key", ["purge", "instance"])
        .execute();
      // Versions of keys that are destroyed: a copy of one that a restore has brought back goes again.
      await db.schema
        .createTable("subject_keys_destroyed")
        .addColumn("version", "integer", (column) => column.primaryKey())
        .execute();
      // How far each gateway's log has been read for them. A restore of the database brings back an older place, so that what was
      // destroyed since is read again.
      await db.schema
        .createTable("subject_replays")
        .addColumn("gateway", "text", (column) => column.primaryKey())
        .addColumn("position", "bigint", (column) => column.notNull())
        .execute();
    },
  },
];
