/** The tables of this room, as they came to be: each step is run once, in order, and never changed afterwards. */
import type { Kysely } from "kysely";

export const rightsMigrations: readonly { readonly id: string; up(db: Kysely<unknown>): Promise<void> }[] = [
  {
    id: "rights-0001-consent",
    async up(db) {
      await db.schema
        .createTable("consent_entries")
        .addColumn("subject", "text", (column) => column.notNull())
        .addColumn("number", "integer", (column) => column.notNull())
        .addColumn("word", "text", (column) => column.notNull())
        .addColumn("purpose", "text")
        .addColumn("text_version", "text")
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("evidence", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("consent_entries_key", ["subject", "number"])
        .execute();
    },
  },
  {
    id: "rights-0002-erasure",
    async up(db) {
      await db.schema
        .createTable("erasures")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("ids", "text", (column) => column.notNull())
        .addColumn("reference", "text", (column) => column.notNull())
        .addColumn("basis", "text", (column) => column.notNull())
        .addColumn("requested_by", "text", (column) => column.notNull())
        .addColumn("records", "integer", (column) => column.notNull())
        .addColumn("datasets", "text", (column) => column.notNull())
        // The identifiers, until the last sink has answered.
        .addColumn("sealed", "bytea")
        .addColumn("evidence", "bigint")
        .addColumn("gateways", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("recorded_at", "bigint")
        .addColumn("destroyed_at", "bigint")
        .addColumn("settled_at", "bigint")
        .addColumn("restored", "integer", (column) => column.notNull())
        .addColumn("certificate", "text")
        .execute();
      await db.schema.createIndex("erasures_by_state").on("erasures").columns(["state", "created_at"]).execute();
      await db.schema
        .createTable("erasure_sinks")
        .addColumn("erasure", "text", (column) => column.notNull().references("erasures.id").onDelete("cascade"))
        .addColumn("sink", "text", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("next_at", "bigint", (column) => column.notNull())
        .addColumn("at", "bigint")
        .addColumn("removed", "bigint")
        .addColumn("reason", "text")
        .addPrimaryKeyConstraint("erasure_sinks_key", ["erasure", "sink"])
        .execute();
      await db.schema.createIndex("erasure_sinks_due").on("erasure_sinks").columns(["state", "next_at"]).execute();
      await db.schema
        .createTable("erasure_tags")
        .addColumn("tag", "text", (column) => column.primaryKey())
        .addColumn("erasure", "text", (column) => column.notNull())
        .addColumn("until", "bigint", (column) => column.notNull())
        .execute();
      // One row: how far this database has been told of the log's erasures, and whose turn it is to open one or to place a hold.
      await db.schema
        .createTable("erasure_cursor")
        .addColumn("id", "integer", (column) => column.primaryKey())
        .addColumn("next", "bigint", (column) => column.notNull())
        .addColumn("turn", "bigint", (column) => column.notNull())
        .execute();
      await (db as Kysely<{ erasure_cursor: { id: number; next: number; turn: number } }>)
        .insertInto("erasure_cursor")
        .values({ id: 1, next: 0, turn: 0 })
        .execute();
      await db.schema
        .createTable("tainted_datasets")
        .addColumn("dataset", "text", (column) => column.notNull())
        .addColumn("erasure", "text", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("tainted_datasets_key", ["dataset", "erasure"])
        .execute();
      await db.schema
        .createTable("legal_holds")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("people", "integer", (column) => column.notNull())
        .addColumn("sealed", "bytea")
        .addColumn("purpose", "text")
        .addColumn("connection", "text")
        .addColumn("from_at", "bigint")
        .addColumn("to_at", "bigint")
        .addColumn("reference", "text", (column) => column.notNull())
        .addColumn("justification", "text", (column) => column.notNull())
        .addColumn("placed_by", "text", (column) => column.notNull())
        .addColumn("placed_at", "bigint", (column) => column.notNull())
        .addColumn("until", "bigint", (column) => column.notNull())
        .addColumn("ended", "text")
        .addColumn("ended_at", "bigint")
        .execute();
      await db.schema.createIndex("legal_holds_by_end").on("legal_holds").columns(["ended", "until"]).execute();
    },
  },
  {
    // `erasure_cursor.next` was one for all gateways, whose logs may be several: it is not read any more.
    id: "rights-0003-cursors",
    async up(db) {
      await db.schema
        .createTable("erasure_cursors")
        .addColumn("gateway", "text", (column) => column.primaryKey())
        .addColumn("next", "bigint", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
];
