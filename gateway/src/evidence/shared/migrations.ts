/**
 * The tables of a log that many gateways write (docs/decisions/0027-one-log-from-many-gateways.md). The size stands alone in its
 * row: each append locks it, and nothing else shall wait for that.
 */
import type { Kysely } from "kysely";

export const sharedLogMigrations: readonly { readonly id: string; up(db: Kysely<unknown>): Promise<void> }[] = [
  {
    id: "evidence-0001-shared-log",
    async up(db) {
      await db.schema
        .createTable("evidence_head")
        .addColumn("id", "integer", (column) => column.primaryKey())
        .addColumn("size", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("evidence_log")
        .addColumn("id", "integer", (column) => column.primaryKey())
        .addColumn("origin", "text", (column) => column.notNull())
        .addColumn("info", "text")
        .addColumn("pseudonyms", "text")
        .addColumn("signed_size", "bigint", (column) => column.notNull())
        .addColumn("signed", "text")
        .addColumn("published", "bigint", (column) => column.notNull())
        .addColumn("checkpoint", "text")
        .addColumn("cosigned_size", "bigint", (column) => column.notNull())
        .addColumn("cosigned", "text")
        .addColumn("fence", "bigint", (column) => column.notNull())
        .addColumn("holder", "text")
        .addColumn("locked", "integer", (column) => column.notNull())
        .addColumn("lease_until", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("evidence_writers")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("gateway", "text", (column) => column.notNull())
        .addColumn("batch", "bigint", (column) => column.notNull())
        .addColumn("first", "bigint")
        .addColumn("closed", "integer", (column) => column.notNull())
        .addColumn("seen_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("evidence_batches")
        .addColumn("first", "bigint", (column) => column.primaryKey())
        .addColumn("count", "integer", (column) => column.notNull())
        .addColumn("writer", "text", (column) => column.notNull())
        .addColumn("frames", "bytea", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("evidence_salts")
        .addColumn("first", "bigint", (column) => column.primaryKey())
        .addColumn("count", "integer", (column) => column.notNull())
        .addColumn("salts", "bytea", (column) => column.notNull())
        .execute();
    },
  },
  {
    id: "evidence-0002-minimum-index",
    async up(db) {
      // One statement each: SQLite adds no two columns at once.
      for (const name of ["minimum", "pruned"]) {
        await db.schema
          .alterTable("evidence_log")
          .addColumn(name, "bigint", (column) => column.notNull().defaultTo(0))
          .execute();
      }
    },
  },
];
