/**
 * Data subjects in SQL, the same words on every database. A row holds no identifier: a keyed tag leads to a random id and a key that is
 * wrapped. What is deleted here is gone from the files of the embedded database when `scrub` has been called; from those of a
 * server, and from backups, when the key that wrapped it is destroyed.
 */
import { type Kysely, sql } from "kysely";

export interface SubjectRow {
  /** 8 bytes, random. */
  readonly id: Uint8Array;
  /** Version of the key that was new when it was made; its index key made the tag. */
  readonly epoch: number;
  readonly tag: Uint8Array;
  /** Version of the key that wraps it now. */
  readonly kek: number;
  readonly wrapped: Uint8Array;
  readonly created_at: number;
}

export interface EpochRow {
  readonly epoch: number;
  readonly kek: number;
  readonly wrapped: Uint8Array;
  readonly created_at: number;
}

export interface Tables {
  subjects: SubjectRow;
  subject_epochs: EpochRow;
  subject_gateways: { instance: string; name: string; seen_at: number };
  subject_purges: { id: string; subjects: Uint8Array; asked_at: number };
  subject_purge_answers: { purge: string; instance: string; name: string; at: number };
  subject_keys_destroyed: { version: number };
  subject_replays: { gateway: string; position: number };
}

/** Rows in one statement; a power of two. */
const ROWS_MAX = 512;
/** Each is looked for in a list of alternatives, so that a longer list takes longer for each of its rows. */
const REWRAPPED_MAX = 100;

export class SubjectRows {
  readonly #db: Kysely<Tables>;

  constructor(database: Kysely<unknown>) {
    this.#db = database;
  }

  byTags(epoch: number, tags: readonly Uint8Array[]): Promise<SubjectRow[]> {
    return inPieces(tags, (some) =>
      this.#db.selectFrom("subjects").selectAll().where("epoch", "=", epoch).where("tag", "in", some).execute(),
    );
  }

  byIds(ids: readonly Uint8Array[]): Promise<SubjectRow[]> {
    return inPieces(ids, (some) => this.#db.selectFrom("subjects").selectAll().where("id", "in", some).execute());
  }

  /** Durable when it resolves. Leaves out those whose tag another has made meanwhile; gives the ids of those that it has made. */
  async insert(rows: readonly SubjectRow[]): Promise<readonly Uint8Array[]> {
    const made = await inPieces(rows, (some) =>
      this.#db
        .insertInto("subjects")
        .values(some)
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .execute(),
    );
    return made.map(({ id }) => id);
  }

  /** Ids that are not there are no error. */
  async delete(ids: readonly Uint8Array[]): Promise<void> {
    await inPieces(ids, async (some) => {
      await this.#db.deleteFrom("subjects").where("id", "in", some).execute();
      return [];
    });
  }

  /** How many rows are wrapped under which version. */
  async counts(): Promise<Map<number, number>> {
    const rows = await this.#db
      .selectFrom("subjects")
      .select(["kek", (each) => each.fn.countAll<number>().as("rows")])
      .groupBy("kek")
      .execute();
    const counts = new Map(rows.map(({ kek, rows: count }) => [kek, count]));
    for (const { kek } of await this.epochs()) counts.set(kek, (counts.get(kek) ?? 0) + 1);
    return counts;
  }

  /** Versions before this one that something is wrapped under. Cheap when there is none. */
  async versionsBefore(version: number): Promise<readonly number[]> {
    const rows = await this.#db.selectFrom("subjects").select("kek").distinct().where("kek", "<", version).execute();
    const indexKeys = (await this.epochs()).filter(({ kek }) => kek < version);
    return [...new Set([...rows, ...indexKeys].map(({ kek }) => kek))].toSorted((a, b) => a - b);
  }

  async count(version: number): Promise<number> {
    const row = await this.#db
      .selectFrom("subjects")
      .select((each) => each.fn.countAll<number>().as("rows"))
      .where("kek", "=", version)
      .executeTakeFirst();
    const indexKeys = (await this.epochs()).filter(({ kek }) => kek === version);
    return (row?.rows ?? 0) + indexKeys.length;
  }

  /** Some of the rows that are under this version, beyond `after`, in the order of their ids. */
  under(kek: number, after: Uint8Array): Promise<SubjectRow[]> {
    return this.#db
      .selectFrom("subjects")
      .selectAll()
      .where("kek", "=", kek)
      .where("id", ">", after)
      .orderBy("id")
      .limit(REWRAPPED_MAX)
      .execute();
  }

  /** Puts other wrappings in place. A row that is gone meanwhile stays gone. At most as many as `under` gives. */
  async rewrapped(rows: readonly Pick<SubjectRow, "id" | "wrapped">[], from: number, kek: number): Promise<void> {
    if (rows.length === 0) return;
    const alternatives = sql.join(
      rows.map(({ id, wrapped }) => sql`when ${id} then ${wrapped}`),
      sql` `,
    );
    await this.#db
      .updateTable("subjects")
      .set({ kek, wrapped: sql`case id ${alternatives} else wrapped end` })
      .where("kek", "=", from)
      .where(
        "id",
        "in",
        rows.map(({ id }) => id),
      )
      .execute();
  }

  epochs(): Promise<EpochRow[]> {
    return this.#db.selectFrom("subject_epochs").selectAll().orderBy("epoch").execute();
  }

  /** The row of this epoch: this one, or the one that another made first. */
  async keepEpoch(row: EpochRow): Promise<EpochRow> {
    await this.#db
      .insertInto("subject_epochs")
      .values(row)
      .onConflict((conflict) => conflict.column("epoch").doNothing())
      .execute();
    return this.#db.selectFrom("subject_epochs").selectAll().where("epoch", "=", row.epoch).executeTakeFirstOrThrow();
  }

  async epochRewrapped({ epoch, kek: from }: EpochRow, kek: number, wrapped: Uint8Array): Promise<void> {
    await this.#db
      .updateTable("subject_epochs")
      .set({ kek, wrapped })
      .where("epoch", "=", epoch)
      .where("kek", "=", from)
      .execute();
  }

  /** Index keys of epochs before this one of whose subjects none is left. */
  async dropEmptyEpochs(before: number): Promise<void> {
    await this.#db
      .deleteFrom("subject_epochs")
      .where("epoch", "<", before)
      .where((where) =>
        where.not(
          where.exists(
            where.selectFrom("subjects").select("subjects.id").whereRef("subjects.epoch", "=", "subject_epochs.epoch"),
          ),
        ),
      )
      .execute();
  }

  /** Ids of some subjects that were made in an epoch before this one. */
  async madeBefore(epoch: number): Promise<Uint8Array[]> {
    const rows = await this.#db
      .selectFrom("subjects")
      .select("id")
      .where("epoch", "<", epoch)
      .orderBy("epoch")
      .limit(ROWS_MAX)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** All that is under these versions. Returns whether there was any. */
  async dropUnder(versions: readonly number[]): Promise<boolean> {
    if (versions.length === 0) return false;
    const subjects = await this.#db.deleteFrom("subjects").where("kek", "in", versions).executeTakeFirst();
    const epochs = await this.#db.deleteFrom("subject_epochs").where("kek", "in", versions).executeTakeFirst();
    return subjects.numDeletedRows + epochs.numDeletedRows > 0n;
  }

  async destroyedKeys(): Promise<readonly number[]> {
    const rows = await this.#db.selectFrom("subject_keys_destroyed").select("version").orderBy("version").execute();
    return rows.map(({ version }) => version);
  }

  /** The greatest version that something is wrapped under; 0 when there is nothing. */
  async newestUsed(): Promise<number> {
    const row = await this.#db
      .selectFrom("subjects")
      .select((each) => each.fn.max("kek").as("kek"))
      .executeTakeFirst();
    return Math.max(row?.kek ?? 0, ...(await this.epochs()).map(({ kek }) => kek));
  }

  async replayed(gateway: string): Promise<number> {
    const row = await this.#db
      .selectFrom("subject_replays")
      .select("position")
      .where("gateway", "=", gateway)
      .executeTakeFirst();
    return row?.position ?? 0;
  }

  async keepReplayed(gateway: string, position: number): Promise<void> {
    await this.#db
      .insertInto("subject_replays")
      .values({ gateway, position })
      .onConflict((conflict) => conflict.column("gateway").doUpdateSet({ position }))
      .execute();
  }

  async keyDestroyed(version: number): Promise<void> {
    await this.#db
      .insertInto("subject_keys_destroyed")
      .values({ version })
      .onConflict((conflict) => conflict.column("version").doNothing())
      .execute();
  }
}

/**
 * So many at a time. The last one is there several times where that makes a power of two of them: there are then a dozen statements to
 * prepare, and not one for each length; and each is about the same rows.
 */
async function inPieces<T, R>(all: readonly T[], work: (some: T[]) => Promise<readonly R[]>): Promise<R[]> {
  const found: R[] = [];
  for (let at = 0; at < all.length; at += ROWS_MAX) {
    const some = all.slice(at, at + ROWS_MAX);
    const last = some.at(-1) as T;
    while ((some.length & (some.length - 1)) !== 0) some.push(last);
    found.push(...(await work(some)));
  }
  return found;
}
