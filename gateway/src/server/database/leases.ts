/**
 * What one gateway of a database does at a time, or is: a row with who has it and until when. It is taken by one statement; who does
 * not renew it loses it. Times are those of the gateways' clocks.
 */
import type { Kysely } from "kysely";
import type { Migration } from "./migrations.ts";

interface Tables {
  gateway_leases: { name: string; holder: string | null; held_until: number };
}

export const leaseMigrations: readonly Migration[] = [
  {
    id: "leases-0001-table",
    async up(db) {
      await db.schema
        .createTable("gateway_leases")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("holder", "text")
        .addColumn("held_until", "bigint", (column) => column.notNull())
        .execute();
    },
  },
];

export class Leases {
  readonly #db: Kysely<Tables>;
  readonly #clock: () => number;

  constructor(database: Kysely<unknown>, clock: () => number) {
    this.#db = database;
    this.#clock = clock;
  }

  /** Takes or renews it. False while another holder has it. */
  async take(name: string, holder: string, forMs: number): Promise<boolean> {
    const now = this.#clock();
    await this.#db
      .insertInto("gateway_leases")
      .values({ name, holder: null, held_until: 0 })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    const { numUpdatedRows } = await this.#db
      .updateTable("gateway_leases")
      .set({ holder, held_until: now + forMs })
      .where("name", "=", name)
      .where((is) => is.or([is("holder", "is", null), is("holder", "=", holder), is("held_until", "<=", now)]))
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** Somebody has it. */
  async isHeld(name: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom("gateway_leases")
      .select("holder")
      .where("name", "=", name)
      .where("held_until", ">", this.#clock())
      .executeTakeFirst();
    return row !== undefined && row.holder !== null;
  }

  /** Names that begin so and that a holder has neither renewed nor given up. */
  async overdue(beginning: string): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom("gateway_leases")
      .select("name")
      .where("name", "like", `${beginning}%`)
      .where("holder", "is not", null)
      .where("held_until", "<=", this.#clock())
      .orderBy("name")
      .execute();
    return rows.map(({ name }) => name);
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#db
      .updateTable("gateway_leases")
      .set({ holder: null, held_until: 0 })
      .where("name", "=", name)
      .where("holder", "=", holder)
      .execute();
  }
}
