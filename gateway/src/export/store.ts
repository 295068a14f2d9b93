/**
 * How far each destination is with the log of an origin, and which gateway is at it. A place is taken by one statement, so that of
 * several gateways on one database one sends; it is given up by who does not renew it. The cursor only moves by who holds it.
 */
import type { Kysely } from "kysely";

interface Tables {
  export_cursors: {
    destination: string;
    origin: string;
    /** The first record that is not acknowledged. */
    next_index: number;
    /** Of the process that sends; null or past `held_until`: nobody's. */
    holder: string | null;
    held_until: number;
    /** Since when it has been away, if that is on record. */
    away_since: number | null;
  };
  export_refusals: {
    destination: string;
    origin: string;
    from_index: number;
    to_index: number;
    records: number;
    reason: string;
    at: number;
  };
}

/** Of one destination and one log. */
export interface Key {
  readonly destination: string;
  readonly origin: string;
}

export interface Lease {
  readonly holder: string;
  readonly now: number;
  readonly untilMs: number;
}

export interface Cursor {
  readonly next: number;
  readonly awaySince?: number;
}

/** Records between `from` and `to` that the receiver said it did not take. */
export interface Refusal {
  readonly from: number;
  readonly to: number;
  readonly records: number;
  /** `skipped`: they were pruned before they could be sent. Else an error code, or `partial`. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const REFUSALS_LISTED_MAX = 100;

export class ExportStore {
  readonly #db: Kysely<Tables>;

  constructor(database: Kysely<unknown>) {
    this.#db = database;
  }

  /** Makes this holder the one that sends; undefined while another one is. `start`: where a destination begins that is new. */
  async take({ destination, origin }: Key, lease: Lease, start: number): Promise<Cursor | undefined> {
    const { holder, now, untilMs } = lease;
    await this.#db
      .insertInto("export_cursors")
      .values({ destination, origin, next_index: start, holder: null, held_until: 0, away_since: null })
      .onConflict((conflict) => conflict.columns(["destination", "origin"]).doNothing())
      .execute();
    const { numUpdatedRows } = await this.#db
      .updateTable("export_cursors")
      .set({ holder, held_until: untilMs })
      .where("destination", "=", destination)
      .where("origin", "=", origin)
      .where((is) => is.or([is("holder", "is", null), is("holder", "=", holder), is("held_until", "<=", now)]))
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n ? this.read({ destination, origin }) : undefined;
  }

  async read({ destination, origin }: Key): Promise<Cursor | undefined> {
    const row = await this.#db
      .selectFrom("export_cursors")
      .select(["next_index", "away_since"])
      .where("destination", "=", destination)
      .where("origin", "=", origin)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { next: row.next_index, ...(row.away_since === null ? {} : { awaySince: row.away_since }) };
  }

  /** Moves the cursor and renews the place. False when it is another's by now; then nothing has changed. */
  async save({ destination, origin }: Key, { holder, untilMs }: Lease, { next, awaySince }: Cursor): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("export_cursors")
      .set({ next_index: next, away_since: awaySince ?? null, held_until: untilMs })
      .where("destination", "=", destination)
      .where("origin", "=", origin)
      .where("holder", "=", holder)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** Another gateway may go on at once. */
  async release({ destination, origin }: Key, holder: string): Promise<void> {
    await this.#db
      .updateTable("export_cursors")
      .set({ holder: null, held_until: 0 })
      .where("destination", "=", destination)
      .where("origin", "=", origin)
      .where("holder", "=", holder)
      .execute();
  }

  async addRefusal({ destination, origin }: Key, { from, to, records, reason, at }: Refusal): Promise<void> {
    await this.#db
      .insertInto("export_refusals")
      .values({ destination, origin, from_index: from, to_index: to, records, reason, at })
      .onConflict((conflict) =>
        conflict.columns(["destination", "origin", "from_index"]).doUpdateSet({ to_index: to, records, reason, at }),
      )
      .execute();
  }

  /** The newest, first. */
  async refusals({ destination, origin }: Key): Promise<readonly Refusal[]> {
    const rows = await this.#db
      .selectFrom("export_refusals")
      .select(["from_index", "to_index", "records", "reason", "at"])
      .where("destination", "=", destination)
      .where("origin", "=", origin)
      .orderBy("from_index", "desc")
      .limit(REFUSALS_LISTED_MAX)
      .execute();
    return rows.map(({ from_index: from, to_index: to, ...rest }) => ({ from, to, ...rest }));
  }
}
