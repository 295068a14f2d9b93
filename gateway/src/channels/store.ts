/**
 * Tables of the channels: what has still to be said to whom, links that were given out, messages that were seen, passkeys and
 * their challenges. Everything that counts once is taken by one statement, so that of many who try at once one gets it, on
 * whatever gateway. No address is in them, no token of a link, and no challenge in clear; persons by their principal's id.
 */
import type { Kysely } from "kysely";

interface Tables {
  channel_jobs: {
    review: string;
    channel: string;
    kind: string;
    state: string;
    tries: number;
    next_at: number;
    expires_at: number;
    reference: string | null;
  };
  channel_links: {
    id: string;
    review: string;
    person: string;
    decision: string;
    expires_at: number;
    opened: number;
    shown: number;
    used_at: number | null;
  };
  /** Ids of messages that must not count twice. */
  channel_seen: { id: string; expires_at: number };
  passkeys: {
    id: string;
    person: string;
    public_key: Uint8Array;
    counter: number;
    transports: string;
    created_at: number;
    used_at: number | null;
  };
  /** SHA-256 of each challenge that has not been answered. */
  passkey_challenges: { id: string; person: string; review: string; expires_at: number };
}

export const channelMigrations: readonly { readonly id: string; up(db: Kysely<unknown>): Promise<void> }[] = [
  {
    id: "channels-0001-tables",
    async up(db) {
      await db.schema
        .createTable("channel_jobs")
        .addColumn("review", "text", (column) => column.notNull())
        .addColumn("channel", "text", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("tries", "integer", (column) => column.notNull())
        .addColumn("next_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("reference", "text")
        .addPrimaryKeyConstraint("channel_jobs_key", ["review", "channel", "kind"])
        .execute();
      await db.schema.createIndex("channel_jobs_due").on("channel_jobs").columns(["state", "next_at"]).execute();
      await db.schema.createIndex("channel_jobs_end").on("channel_jobs").column("expires_at").execute();
      await db.schema
        .createTable("channel_links")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("review", "text", (column) => column.notNull())
        .addColumn("person", "text", (column) => column.notNull())
        .addColumn("decision", "text", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("opened", "integer", (column) => column.notNull())
        .addColumn("used_at", "bigint")
        .execute();
      await db.schema.createIndex("channel_links_end").on("channel_links").column("expires_at").execute();
      await db.schema
        .createTable("channel_seen")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema.createIndex("channel_seen_end").on("channel_seen").column("expires_at").execute();
      await db.schema
        .createTable("passkeys")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("person", "text", (column) => column.notNull())
        .addColumn("public_key", "bytea", (column) => column.notNull())
        .addColumn("counter", "bigint", (column) => column.notNull())
        .addColumn("transports", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("used_at", "bigint")
        .execute();
      await db.schema.createIndex("passkeys_person").on("passkeys").column("person").execute();
      await db.schema
        .createTable("passkey_challenges")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("person", "text", (column) => column.notNull())
        .addColumn("review", "text", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema.createIndex("passkey_challenges_end").on("passkey_challenges").column("expires_at").execute();
    },
  },
  {
    id: "channels-0002-previews",
    async up(db) {
      await db.schema
        .alterTable("channel_links")
        .addColumn("shown", "integer", (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
];

/** Something to say to one channel about one review, or an alarm. */
export interface Job {
  /** Or of an alarm. */
  readonly review: string;
  readonly channel: string;
  readonly kind: "opened" | "closed" | "alarm";
  /** Earlier tries, this one counted. */
  readonly tries: number;
  readonly expiresAt: number;
}

export interface Link {
  readonly id: string;
  readonly review: string;
  readonly person: string;
  readonly decision: "approve" | "deny";
  readonly expiresAt: number;
  readonly usedAt?: number;
}

export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly person: string;
  /** COSE key. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAt: number;
  readonly usedAt?: number;
}

/** Rows of one statement. */
const ROWS_MAX = 100;

export class ChannelStore {
  readonly #db: Kysely<Tables>;

  constructor(database: Kysely<unknown>) {
    this.#db = database;
  }

  /** Each once for its review, channel and kind: what is there stays as it is. */
  async addJobs(jobs: readonly Omit<Job, "tries">[], now: number): Promise<void> {
    for (let at = 0; at < jobs.length; at += ROWS_MAX) {
      const rows = jobs.slice(at, at + ROWS_MAX).map(({ review, channel, kind, expiresAt }) => ({
        review,
        channel,
        kind,
        state: "queued",
        tries: 0,
        next_at: now,
        expires_at: expiresAt,
        reference: null,
      }));
      await this.#db
        .insertInto("channel_jobs")
        .values(rows)
        .onConflict((conflict) => conflict.columns(["review", "channel", "kind"]).doNothing())
        .execute();
    }
  }

  async queued(): Promise<number> {
    const { count } = await this.#db
      .selectFrom("channel_jobs")
      .select((row) => row.fn.countAll<number | string>().as("count"))
      .where("state", "=", "queued")
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Channels that have something due. */
  async due(now: number): Promise<ReadonlySet<string>> {
    const rows = await this.#db
      .selectFrom("channel_jobs")
      .select("channel")
      .distinct()
      .where("state", "=", "queued")
      .where("next_at", "<=", now)
      .execute();
    return new Set(rows.map(({ channel }) => channel));
  }

  /** Jobs of a channel that are due, the oldest first. They are this caller's until `leaseMs` is over, when they are due again. */
  async takeJobs(channel: string, now: number, leaseMs: number, limit: number): Promise<readonly Job[]> {
    const due = await this.#db
      .selectFrom("channel_jobs")
      .select(["review", "kind", "tries", "next_at", "expires_at"])
      .where("state", "=", "queued")
      .where("next_at", "<=", now)
      .where("channel", "=", channel)
      .orderBy("next_at")
      .limit(limit)
      .execute();
    const taken: Job[] = [];
    for (const row of due) {
      const { numUpdatedRows } = await this.#db
        .updateTable("channel_jobs")
        .set({ tries: row.tries + 1, next_at: now + leaseMs })
        .where("review", "=", row.review)
        .where("channel", "=", channel)
        .where("kind", "=", row.kind)
        .where("state", "=", "queued")
        .where("next_at", "=", row.next_at)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows !== 1n) continue;
      const { review, tries } = row;
      taken.push({ review, channel, kind: row.kind as Job["kind"], tries: tries + 1, expiresAt: row.expires_at });
    }
    return taken;
  }

  async retryJob({ review, channel, kind }: Job, at: number): Promise<void> {
    await this.#job({ review, channel, kind }, { next_at: at });
  }

  async endJob(job: Job, state: "sent" | "failed" | "skipped", reference?: string): Promise<void> {
    await this.#job(job, { state, reference: reference ?? null });
  }

  async #job(
    { review, channel, kind }: Pick<Job, "review" | "channel" | "kind">,
    change: Partial<Pick<Tables["channel_jobs"], "state" | "reference" | "next_at">>,
  ): Promise<void> {
    await this.#db
      .updateTable("channel_jobs")
      .set(change)
      .where("review", "=", review)
      .where("channel", "=", channel)
      .where("kind", "=", kind)
      .execute();
  }

  /** How the telling of a channel that a review opened stands, and what came back; undefined when it was never to be told. */
  async telling(
    review: string,
    channel: string,
  ): Promise<{ readonly state: string; readonly reference?: string } | undefined> {
    const row = await this.#db
      .selectFrom("channel_jobs")
      .select(["state", "reference"])
      .where("review", "=", review)
      .where("channel", "=", channel)
      .where("kind", "=", "opened")
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { state: row.state, ...(row.reference === null ? {} : { reference: row.reference }) };
  }

  /** Channels that were, or are still to be, told that this review opened. */
  async toldOf(review: string): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom("channel_jobs")
      .select("channel")
      .where("review", "=", review)
      .where("kind", "=", "opened")
      .execute();
    return rows.map(({ channel }) => channel);
  }

  /** Reviews of which some channel was told that they opened, and none that they closed. */
  async following(limit: number): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom("channel_jobs as opened")
      .select("opened.review")
      .distinct()
      .where("opened.kind", "=", "opened")
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom("channel_jobs as closed")
              .select("closed.review")
              .whereRef("closed.review", "=", "opened.review")
              .where("closed.kind", "=", "closed"),
          ),
        ),
      )
      .limit(limit)
      .execute();
    return rows.map(({ review }) => review);
  }

  async addLink({ id, review, person, decision, expiresAt }: Link): Promise<void> {
    await this.#db
      .insertInto("channel_links")
      .values({ id, review, person, decision, expires_at: expiresAt, opened: 0, shown: 0, used_at: null })
      .execute();
  }

  async link(id: string): Promise<Link | undefined> {
    const row = await this.#db.selectFrom("channel_links").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      id,
      review: row.review,
      person: row.person,
      decision: row.decision as Link["decision"],
      expiresAt: row.expires_at,
      ...(row.used_at === null ? {} : { usedAt: row.used_at }),
    };
  }

  /** Counts an opening; false from `max` on. */
  openLink(id: string, max: number): Promise<boolean> {
    return this.#countLink(id, "opened", max);
  }

  /** Counts a reading of what its review would send; false from `max` on. */
  showLink(id: string, max: number): Promise<boolean> {
    return this.#countLink(id, "shown", max);
  }

  async #countLink(id: string, counter: "opened" | "shown", max: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("channel_links")
      .set((expression) => ({ [counter]: expression(counter, "+", 1) }))
      .where("id", "=", id)
      .where(counter, "<", max)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** True for one of all who ask. */
  async useLink(id: string, now: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("channel_links")
      .set({ used_at: now })
      .where("id", "=", id)
      .where("used_at", "is", null)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** It led to nothing. */
  async releaseLink(id: string): Promise<void> {
    await this.#db.updateTable("channel_links").set({ used_at: null }).where("id", "=", id).execute();
  }

  /** True the first time. */
  async seeFirst(id: string, expiresAt: number): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto("channel_seen")
      .values({ id, expires_at: expiresAt })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  async passkeysOf(person: string): Promise<readonly Passkey[]> {
    const rows = await this.#db
      .selectFrom("passkeys")
      .selectAll()
      .where("person", "=", person)
      .orderBy("created_at")
      .execute();
    return rows.map((row) => ({
      id: row.id,
      person: row.person,
      publicKey: new Uint8Array(row.public_key),
      counter: row.counter,
      transports: JSON.parse(row.transports) as string[],
      createdAt: row.created_at,
      ...(row.used_at === null ? {} : { usedAt: row.used_at }),
    }));
  }

  /** Passkeys of whom `spell` calls otherwise than they are written down are his under that id. */
  async respell(spell: (person: string) => string): Promise<void> {
    for (const { person } of await this.#db.selectFrom("passkeys").select("person").distinct().execute()) {
      const now = spell(person);
      if (now !== person)
        await this.#db.updateTable("passkeys").set({ person: now }).where("person", "=", person).execute();
    }
  }

  /** False when the credential is somebody's already. */
  async addPasskey({ id, person, publicKey, counter, transports, createdAt }: Passkey): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto("passkeys")
      .values({
        id,
        person,
        public_key: Buffer.from(publicKey),
        counter,
        transports: JSON.stringify(transports),
        created_at: createdAt,
        used_at: null,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  async removePasskey(id: string, person: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("passkeys")
      .where("id", "=", id)
      .where("person", "=", person)
      .executeTakeFirstOrThrow();
    return numDeletedRows === 1n;
  }

  /** False when somebody else has used it since it was read. */
  async usePasskey(id: string, counters: { from: number; to: number }, now: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("passkeys")
      .set({ counter: counters.to, used_at: now })
      .where("id", "=", id)
      .where("counter", "=", counters.from)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** `review`: empty for a registration. */
  async addChallenge(id: string, person: string, review: string, expiresAt: number): Promise<void> {
    await this.#db.insertInto("passkey_challenges").values({ id, person, review, expires_at: expiresAt }).execute();
  }

  /** True for one of all who ask, in time. Whoever asks for another's, or for another review, uses nothing up. */
  async takeChallenge(id: string, person: string, review: string, now: number): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("passkey_challenges")
      .where("id", "=", id)
      .where("person", "=", person)
      .where("review", "=", review)
      .where("expires_at", ">", now)
      .executeTakeFirstOrThrow();
    return numDeletedRows === 1n;
  }

  async challengesOf(person: string, now: number): Promise<number> {
    const { count } = await this.#db
      .selectFrom("passkey_challenges")
      .select((row) => row.fn.countAll<number | string>().as("count"))
      .where("person", "=", person)
      .where("expires_at", ">", now)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Forgets what ended before `before`. */
  async purge(before: number): Promise<void> {
    for (const table of ["channel_jobs", "channel_links", "channel_seen", "passkey_challenges"] as const) {
      await this.#db.deleteFrom(table).where("expires_at", "<", before).execute();
    }
  }
}
