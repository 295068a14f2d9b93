/** The tables of the export: how far each destination is, and what receivers have refused. No record is in them, only places in the log. */
import type { Kysely } from "kysely";

export const exportMigrations: readonly { readonly id: string; up(db: Kysely<unknown>): Promise<void> }[] = [
  {
    id: "export-0001-tables",
    async up(db) {
      await db.schema
        .createTable("export_cursors")
        .addColumn("destination", "text", (column) => column.notNull())
        .addColumn("origin", "text", (column) => column.notNull())
        .addColumn("next_index", "bigint", (column) => column.notNull())
        .addColumn("holder", "text")
        .addColumn("held_until", "bigint", (column) => column.notNull())
        .addColumn("away_since", "bigint")
        .addPrimaryKeyConstraint("export_cursors_key", ["destination", "origin"])
        .execute();
      await db.schema
        .createTable("export_refusals")
        .addColumn("destination", "text", (column) => column.notNull())
        .addColumn("origin", "text", (column) => column.notNull())
        .addColumn("from_index", "bigint", (column) => column.notNull())
        .addColumn("to_index", "bigint", (column) => column.notNull())
        .addColumn("records", "bigint", (column) => column.notNull())
        .addColumn("reason", "text", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("export_refusals_key", ["destination", "origin", "from_index"])
        .execute();
    },
  },
];
