/**
 * What gateways of one database tell one another about keys that were destroyed: who there is, what is to be cleared, and who has
 * cleared it. Ids in here name keys that are no more, so that nothing has to be kept from anybody; a day later they go all the same.
 */
import type { Kysely } from "kysely";
import type { Tables } from "./rows.ts";

export interface GatewayRow {
  /** Random, of one run of a gateway. */
  readonly instance: string;
  readonly name: string;
}

export interface Answer extends GatewayRow {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const KEPT_MS = 86_400_000;

export class Purges {
  readonly #db: Kysely<Tables>;

  constructor(database: Kysely<unknown>) {
    this.#db = database;
  }

  async seen({ instance, name }: GatewayRow, now: number): Promise<void> {
    await this.#db
      .insertInto("subject_gateways")
      .values({ instance, name, seen_at: now })
      .onConflict((conflict) => conflict.column("instance").doUpdateSet({ seen_at: now }))
      .execute();
  }

  /** This one, or all but this one. */
  async gone(instance: string, others = false): Promise<void> {
    await this.#db
      .deleteFrom("subject_gateways")
      .where("instance", others ? "!=" : "=", instance)
      .execute();
  }

  /** Earlier runs of this gateway, whose name nobody else has: a crash has left them. */
  async goneBefore({ instance, name }: GatewayRow): Promise<void> {
    await this.#db.deleteFrom("subject_gateways").where("name", "=", name).where("instance", "!=", instance).execute();
  }

  live(since: number): Promise<GatewayRow[]> {
    return this.#db
      .selectFrom("subject_gateways")
      .select(["instance", "name"])
      .where("seen_at", ">=", since)
      .orderBy("name")
      .execute();
  }

  async ask(id: string, subjects: Uint8Array, now: number): Promise<void> {
    await this.#db.insertInto("subject_purges").values({ id, subjects, asked_at: now }).execute();
  }

  /** Those that this gateway has not answered, asked for since. */
  unanswered(instance: string, since: number): Promise<{ readonly id: string; readonly subjects: Uint8Array }[]> {
    return this.#db
      .selectFrom("subject_purges")
      .select(["id", "subjects"])
      .where("asked_at", ">=", since)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom("subject_purge_answers")
              .select("subject_purge_answers.purge")
              .whereRef("subject_purge_answers.purge", "=", "subject_purges.id")
              .where("subject_purge_answers.instance", "=", instance),
          ),
        ),
      )
      .execute();
  }

  async answer(purge: string, { instance, name }: GatewayRow, at: number): Promise<void> {
    await this.#db
      .insertInto("subject_purge_answers")
      .values({ purge, instance, name, at })
      .onConflict((conflict) => conflict.columns(["purge", "instance"]).doNothing())
      .execute();
  }

  answers(purge: string): Promise<Answer[]> {
    return this.#db
      .selectFrom("subject_purge_answers")
      .select(["instance", "name", "at"])
      .where("purge", "=", purge)
      .execute();
  }

  async sweep(now: number): Promise<void> {
    await this.#db
      .deleteFrom("subject_purges")
      .where("asked_at", "<", now - KEPT_MS)
      .execute();
    await this.#db
      .deleteFrom("subject_gateways")
      .where("seen_at", "<", now - KEPT_MS)
      .execute();
  }
}
