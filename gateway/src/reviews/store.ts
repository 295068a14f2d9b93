/**
 * Reviews, votes and grants in SQL, the same words on every database. Each change is one transaction that first takes the row on
 * the condition that it is still as it must be, so that of many who want to change it at once one does and the others find it
 * changed. What goes on record is durable before the transaction commits: a change that cannot be recorded does not happen, and a
 * crash between the two leaves a record of something that did not come about. What was to be sent is kept only sealed, and only
 * while somebody has to decide.
 */
import type { Kysely, Transaction } from "kysely";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { type Grant, type GrantState, grantEvent, type Need, pick, type Scope, scopeKey } from "./grant.ts";
import type { Review, ReviewState, Transition } from "./review.ts";
import {
  actorsKey,
  cursorOf,
  factsOf,
  grantFrom,
  grantRowOf,
  placeOf,
  reviewFrom,
  rowOf,
  type Tables,
} from "./rows.ts";

type Db = Kysely<Tables>;

/** What custody does for others: authenticated encryption, bound to a place, so that nothing opens in another one. */
export interface Sealing {
  seal(bytes: Uint8Array, place: Place): Uint8Array | Promise<Uint8Array>;
  /** Rejects what was not sealed for this place. */
  open(sealed: Uint8Array, place: Place): Uint8Array | Promise<Uint8Array>;
}

export interface Place {
  readonly table: string;
  readonly column: string;
  /** Primary key of the row. */
  readonly id: string;
}

export interface StoreOptions {
  readonly sql: Kysely<unknown>;
  readonly sealing: Sealing;
  readonly record: RecordEvent;
  /** Whoever was written down so is called what by now? Absent: the same. One person under two ids would say yes to his own request. */
  readonly spell?: (id: string) => string;
}

export interface ReviewLimits {
  readonly perPrincipal: number;
  /** Of one principal, whatever has become of them. */
  readonly hourly: number;
  readonly all: number;
}

/** What a change comes to; absent parts stay as they are. */
export interface Change extends Transition {
  /** What a person says with the vote, sealed. */
  readonly comment?: { readonly person: string; readonly sealed: Uint8Array };
  readonly grant?: Grant;
  /** Id of a grant that ends with it, if it has not ended already; `by` says who does that, when it is not time. */
  readonly revokes?: { readonly grant: string; readonly by?: string };
}

export interface Page {
  readonly reviews: readonly Review[];
  /** Where the next page begins; absent at the end. */
  readonly next?: string;
}

export interface ListQuery {
  /** Reviews that members of these groups decide, or those that this principal asked for, `actors`: by these agents alone. */
  readonly of:
    | { readonly groups: readonly string[]; readonly not: string }
    | { readonly requester: string; readonly actors?: readonly string[] };
  /** As it is in the database: for up to a second, what has just expired is among the pending ones. */
  readonly state: "pending" | "closed";
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type Closing = [
  id: string,
  from: readonly GrantState[],
  to: GrantState,
  now: number,
  actor?: string | undefined,
  inTime?: boolean,
];

/** More than any scope has at a time; beyond it older grants are not looked at. */
const GRANTS_READ_MAX = 50;
const HOUR_MS = 3_600_000;
/** All of them, so that a requester's reviews are found by the index that has them by state. */
const STATES: readonly ReviewState[] = ["pending", "granted", "denied", "expired", "cancelled"];
/** Ids in one statement. */
const IDS_MAX = 500;

export class ReviewStore {
  readonly #db: Db;
  readonly #sealing: Sealing;
  readonly #record: RecordEvent;
  readonly #spell: (id: string) => string;

  constructor({ sql: db, sealing, record, spell = (id) => id }: StoreOptions) {
    this.#db = db;
    this.#sealing = sealing;
    this.#record = record;
    this.#spell = spell;
  }

  /**
   * Keeps a new review, with the grant that it is about where there is one; `replaced` is what the one before it comes to, in the
   * same moment. Undefined when the same request is pending already, or the one before it was closed meanwhile, or somebody breaks
   * the glass who has just broken it. Throws reviews_limited. The limits are those of one moment: gateways that ask at once may pass them by a few.
   */
  async insert(
    { review, events, grant }: Change,
    preview: Uint8Array,
    limits?: ReviewLimits,
    replaced?: Transition,
  ): Promise<Review | undefined> {
    const sealed = await this.#sealing.seal(preview, previewAt(review.id));
    return this.#db.transaction().execute(async (db) => {
      if (replaced !== undefined && !(await this.#close(db, replaced.review))) return undefined;
      if (limits !== undefined) await checkLimits(db, review, limits);
      const kept = await db
        .insertInto("reviews")
        .values(rowOf(review, sealed))
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .execute();
      if (kept.length === 0 && replaced !== undefined) {
        throw new SluiceError("review_closed", `review ${replaced.review.id} is closed already`);
      }
      if (kept.length === 0) return undefined;
      const groups = [...new Set(review.approvals.map(({ group }) => group))];
      await db
        .insertInto("review_groups")
        .values(groups.map((group) => ({ review: review.id, group_name: group })))
        .execute();
      if (grant !== undefined) await db.insertInto("grants").values(grantRowOf(grant)).execute();
      if (replaced !== undefined) await this.#recorded(replaced.events, replaced.review);
      await this.#recorded(events, review);
      return review;
    });
  }

  async read(id: string): Promise<Review | undefined> {
    return (await this.#reviews(this.#db, [id]))[0];
  }

  /** Pending, its time over or not, or denied with time left: what the same request meets. The newest first. */
  async find(need: Need, now: number): Promise<readonly Review[]> {
    const rows = await this.#db
      .selectFrom("reviews")
      .select("id")
      .where("scope", "=", scopeKey(need))
      .where("digest", "=", need.digest)
      .where("kind", "=", "request")
      .where((where) =>
        where.or([
          where("state", "=", "pending"),
          where.and([where("state", "=", "denied"), where("expires_at", ">", now)]),
        ]),
      )
      .orderBy("created_at", "desc")
      .limit(2)
      .execute();
    return rows.length === 0
      ? []
      : this.#reviews(
          this.#db,
          rows.map(({ id }) => id),
        );
  }

  /** A no with time left to what has the same body, however it was to be sent. */
  async denied(need: Need, now: number): Promise<Review | undefined> {
    const row = await this.#db
      .selectFrom("reviews")
      .select("id")
      .where("scope", "=", scopeKey(need))
      .where("body", "=", need.body)
      .where("state", "=", "denied")
      .where("kind", "=", "request")
      .where("expires_at", ">", now)
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : this.read(row.id);
  }

  /**
   * What keeps a principal from breaking the glass for a scope: that the last time waits to be looked at, or after `since` was
   * denied or looked at by nobody; or a no that stands to a request of this scope.
   */
  async againstGlass(scope: Scope, now: number, since: number): Promise<Review | undefined> {
    const row = await this.#db
      .selectFrom("reviews")
      .select("id")
      .where("requester", "=", scope.principal)
      .where("state", "in", ["pending", "denied", "expired"])
      .where((where) =>
        where.or([
          where.and([
            where("kind", "=", "after-the-fact"),
            where.or([where("state", "=", "pending"), where("decided_at", ">", since)]),
          ]),
          where.and([
            where("scope", "=", scopeKey(scope)),
            where("kind", "=", "request"),
            where("state", "=", "denied"),
            where("expires_at", ">", now),
          ]),
        ]),
      )
      .orderBy("created_at", "desc")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : this.read(row.id);
  }

  /** Of these reviews, those that are not pending any more. */
  async closedOf(ids: readonly string[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (let at = 0; at < ids.length; at += IDS_MAX) {
      const some = ids.slice(at, at + IDS_MAX);
      const rows = await this.#db
        .selectFrom("reviews")
        .select("id")
        .where("id", "in", some)
        .where("state", "!=", "pending")
        .execute();
      found.push(...rows.map(({ id }) => id));
    }
    return found;
  }

  /** What is to be sent, masked. Undefined once the review is closed. */
  async preview(id: string): Promise<Uint8Array | undefined> {
    const row = await this.#db.selectFrom("reviews").select("preview").where("id", "=", id).executeTakeFirst();
    const sealed = row?.preview ?? undefined;
    return sealed === undefined ? undefined : this.#sealing.open(sealed, previewAt(id));
  }

  /** Comments by person. */
  async comments(id: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#db
      .selectFrom("review_votes")
      .select(["person", "comment"])
      .where("review", "=", id)
      .where("comment", "is not", null)
      .execute();
    const comments = new Map<string, string>();
    for (const { person, comment } of rows) {
      if (comment === null) continue;
      comments.set(
        this.#spell(person),
        Buffer.from(await this.#sealing.open(comment, commentAt(id, person))).toString("utf8"),
      );
    }
    return comments;
  }

  /**
   * Changes a pending review. `decide` is asked with the row taken, so nobody else changes it meanwhile; it does not wait, and
   * what it throws leaves everything as it was. Undefined from it changes nothing. Throws review_unknown, review_closed.
   */
  async change(id: string, decide: (review: Review) => Change | undefined): Promise<Review> {
    return this.#db.transaction().execute(async (db) => {
      // Takes the row: others who want it wait here, and then find it changed.
      const taken = await db
        .updateTable("reviews")
        .set({ state: "pending" })
        .where("id", "=", id)
        .where("state", "=", "pending")
        .returning("id")
        .execute();
      const [review] = await this.#reviews(db, [id]);
      if (review === undefined) throw new SluiceError("review_unknown", `there is no review ${id}`);
      if (taken.length === 0) throw new SluiceError("review_closed", `review ${id} is ${review.state} already`);
      const change = decide(review);
      if (change === undefined) return review;
      await this.#write(db, review, change);
      await this.#recorded(change.events, change.review);
      return change.review;
    });
  }

  /** For `change`: sealing may wait for a key, and nothing waits with the row taken but the record. */
  async sealComment(id: string, person: string, text: string): Promise<NonNullable<Change["comment"]>> {
    return { person, sealed: await this.#sealing.seal(Buffer.from(text), commentAt(id, person)) };
  }

  /**
   * The grant that covers `need`, used up when it is for one use: of many who ask at once for the same one, one gets it.
   * Undefined when there is none.
   */
  async take(need: Need, now: number): Promise<Grant | undefined> {
    for (;;) {
      const rows = await this.#db
        .selectFrom("grants")
        .selectAll()
        .where("scope", "=", scopeKey(need))
        .where("state", "=", "active")
        .where("expires_at", ">", now)
        .where("digest", "in", ["", need.digest])
        .orderBy("expires_at", "desc")
        .limit(GRANTS_READ_MAX)
        .execute();
      const grant = pick(rows.map(grantFrom), need, now);
      if (grant?.kind !== "single-use") return grant;
      const used = await this.#closeGrant(grant.id, ["active"], "used", now, grant.principal, true);
      if (used !== undefined) return used;
    }
  }

  /** A single-use grant that was used up for nothing is good for its request again; not if others have used it since. */
  async giveBack({ id, principal, usedAt }: Grant, now: number): Promise<void> {
    if (usedAt === undefined) return;
    await this.#db.transaction().execute(async (db) => {
      const rows = await db
        .updateTable("grants")
        .set({ state: "active", closed_at: null })
        .where("id", "=", id)
        .where("state", "=", "used")
        .where("closed_at", "=", usedAt)
        .where("expires_at", ">", now)
        .returningAll()
        .execute();
      if (rows[0] !== undefined) await this.#record(grantEvent(grantFrom(rows[0]), "returned", principal));
    });
  }

  async readGrant(id: string): Promise<Grant | undefined> {
    return (await this.readGrants([id]))[0];
  }

  async readGrants(ids: readonly string[]): Promise<readonly Grant[]> {
    const found: Grant[] = [];
    for (let at = 0; at < ids.length; at += IDS_MAX) {
      const some = ids.slice(at, at + IDS_MAX);
      const rows = await this.#db.selectFrom("grants").selectAll().where("id", "in", some).execute();
      found.push(...rows.map(grantFrom));
    }
    return found;
  }

  /** Also of a grant that was used: what runs under it ends. Throws grant_unknown, grant_ended. */
  async revoke(id: string, now: number, actor: string): Promise<Grant> {
    const grant = await this.readGrant(id);
    if (grant === undefined) throw new SluiceError("grant_unknown", `there is no grant ${id}`);
    const timed = grant.kind !== "single-use";
    const revoked =
      timed && now >= grant.expiresAt
        ? undefined
        : await this.#closeGrant(id, ["active", "used"], "revoked", now, actor);
    if (revoked === undefined) throw new SluiceError("grant_ended", `grant ${id} has ended already`);
    return revoked;
  }

  /** Marks a grant as over whose time is. False when somebody else did, or it is not. */
  async end(grant: Grant, now: number): Promise<boolean> {
    if (now < grant.expiresAt) return false;
    return (await this.#closeGrant(grant.id, ["active"], "ended", now)) !== undefined;
  }

  /** Reviews and grants whose time is over and that nobody has marked so; at most `limit` of each. */
  async due(now: number, limit: number): Promise<{ reviews: readonly string[]; grants: readonly Grant[] }> {
    const [reviews, grants] = await Promise.all([
      this.#db
        .selectFrom("reviews")
        .select("id")
        .where("state", "=", "pending")
        .where("expires_at", "<=", now)
        .orderBy("expires_at")
        .limit(limit)
        .execute(),
      this.#db
        .selectFrom("grants")
        .selectAll()
        .where("state", "=", "active")
        .where("expires_at", "<=", now)
        .orderBy("expires_at")
        .limit(limit)
        .execute(),
    ]);
    return { reviews: reviews.map(({ id }) => id), grants: grants.map(grantFrom) };
  }

  /** What a principal has open: pending reviews that it asked for, grants that are good for its requests. */
  async openOf(principal: string): Promise<{ reviews: readonly string[]; grants: readonly string[] }> {
    const [reviews, grants] = await Promise.all([
      this.#db
        .selectFrom("reviews")
        .select("id")
        .where("requester", "=", principal)
        .where("state", "=", "pending")
        .where("kind", "=", "request")
        .execute(),
      this.#db
        .selectFrom("grants")
        .select("id")
        .where("principal", "=", principal)
        .where("state", "in", ["active", "used"])
        .execute(),
    ]);
    return { reviews: reviews.map(({ id }) => id), grants: grants.map(({ id }) => id) };
  }

  /** Removes reviews that were closed before `before`, and grants that ended before it; at most `limit` of each. */
  async purge(before: number, limit: number): Promise<void> {
    const old = await this.#db
      .selectFrom("reviews")
      .select("id")
      .where("decided_at", "<", before)
      .limit(limit)
      .execute();
    const grants = await this.#db
      .selectFrom("grants")
      .select("id")
      .where("state", "in", ["used", "revoked", "ended"])
      .where("expires_at", "<", before)
      .limit(limit)
      .execute();
    if (old.length + grants.length === 0) return;
    await this.#db.transaction().execute(async (db) => {
      for (const { id } of old) await db.deleteFrom("reviews").where("id", "=", id).execute();
      for (const { id } of grants) await db.deleteFrom("grants").where("id", "=", id).execute();
    });
  }

  /**
   * Brings what is looked for by who asked under the ids of now. What would meet its like there stays where it is, and is read as
   * that person's all the same. Call it when ids may be spelled otherwise than before.
   */
  async respell(): Promise<void> {
    const rows = await this.#db
      .selectFrom("reviews")
      .select(["id", "requester"])
      .where("state", "in", ["pending", "denied", "expired"])
      .execute();
    for (const row of rows) {
      if (this.#spell(row.requester) === row.requester) continue;
      const review = await this.read(row.id);
      if (review === undefined) continue;
      const { id, requester, digest, kind } = review;
      const scope = scopeKey({ ...review, principal: requester });
      const pending = this.#db
        .selectFrom("reviews")
        .select("id")
        .where("state", "=", "pending")
        .where("kind", "=", kind);
      const like =
        kind === "request"
          ? pending.where("scope", "=", scope).where("digest", "=", digest)
          : pending.where("requester", "=", requester);
      if (review.state === "pending" && (await like.executeTakeFirst()) !== undefined) continue;
      await this.#db.updateTable("reviews").set({ requester, scope }).where("id", "=", id).execute();
    }
  }

  /** Newest first. A cursor is good for the query that it came from. */
  async list({ of, state, limit, cursor }: ListQuery): Promise<Page> {
    const after = cursor === undefined ? undefined : placeOf(cursor);
    let query = this.#db.selectFrom("reviews").select(["id", "created_at"]);
    if ("requester" in of) {
      query = query.where("requester", "=", of.requester);
      if (of.actors !== undefined) query = query.where("actors", "=", actorsKey(of.actors));
    } else {
      const groups = of.groups.length === 0 ? [""] : of.groups;
      query = query
        .where("requester", "!=", of.not)
        .where((where) =>
          where.exists(
            where
              .selectFrom("review_groups")
              .select("review")
              .whereRef("review_groups.review", "=", "reviews.id")
              .where("group_name", "in", groups),
          ),
        );
    }
    query = query.where("state", state === "pending" ? "=" : "!=", "pending");
    if (after !== undefined) {
      query = query.where((where) =>
        where.or([
          where("created_at", "<", after.createdAt),
          where.and([where("created_at", "=", after.createdAt), where("id", "<", after.id)]),
        ]),
      );
    }
    const rows = await query
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const reviews = await this.#reviews(
      this.#db,
      shown.map(({ id }) => id),
    );
    if (rows.length <= limit || last === undefined) return { reviews };
    return { reviews, next: cursorOf(last) };
  }

  async #reviews(db: Db, ids: readonly string[]): Promise<readonly Review[]> {
    return (await readReviews(db, ids)).map((review) => ({
      ...review,
      requester: this.#spell(review.requester),
      parties: review.parties.map(this.#spell),
      votes: review.votes.map((vote) => ({ ...vote, person: this.#spell(vote.person) })),
    }));
  }

  async #write(db: Transaction<Tables>, before: Review, change: Change): Promise<void> {
    const { review, grant, comment, revokes } = change;
    for (const vote of review.votes) {
      if (before.votes.includes(vote)) continue;
      const said = comment?.person === vote.person ? comment.sealed : null;
      const values = { decision: vote.decision, at: vote.at, comment: said, passkey: vote.passkey === true ? 1 : 0 };
      await db
        .insertInto("review_votes")
        .values({ review: review.id, person: vote.person, ...values })
        .onConflict((conflict) => conflict.columns(["review", "person"]).doUpdateSet(values))
        .execute();
    }
    if (review.state !== before.state) await this.#close(db, review);
    if (grant !== undefined) await db.insertInto("grants").values(grantRowOf(grant)).execute();
    if (revokes !== undefined) {
      const at = review.decidedAt ?? before.createdAt;
      await this.#closeIn(db, revokes.grant, ["active", "used"], "revoked", at, revokes.by);
    }
  }

  /** False when it was not pending any more. */
  async #close(db: Transaction<Tables>, review: Review): Promise<boolean> {
    const rows = await db
      .updateTable("reviews")
      .set({ state: review.state, facts: factsOf(review), decided_at: review.decidedAt ?? null, preview: null })
      .where("id", "=", review.id)
      .where("state", "=", "pending")
      .returning("id")
      .execute();
    return rows.length > 0;
  }

  #closeGrant(...how: Closing): Promise<Grant | undefined> {
    return this.#db.transaction().execute((db) => this.#closeIn(db, ...how));
  }

  /** Undefined when it is in none of the states any more, or its time is over where that matters. */
  async #closeIn(db: Db, ...[id, from, to, now, actor, inTime = false]: Closing): Promise<Grant | undefined> {
    let update = db
      .updateTable("grants")
      .set({ state: to, closed_at: now })
      .where("id", "=", id)
      .where("state", "in", from);
    if (inTime) update = update.where("expires_at", ">", now);
    const rows = await update.returningAll().execute();
    if (rows[0] === undefined) return undefined;
    const closed = grantFrom(rows[0]);
    await this.#record(grantEvent(closed, to, actor));
    return closed;
  }

  async #recorded(events: Transition["events"], review: Review): Promise<void> {
    const digest = review.digest === "" ? undefined : Buffer.from(review.digest, "base64url");
    // In their order, and made durable together.
    await Promise.all(events.map((event) => this.#record(event, digest)));
  }
}

/**
 * All that stands sealed here, for bringing it under another key without opening it. An id is a review's, or one with a person behind
 * it. `open` gives undefined where nothing was ever sealed.
 */
export function sealedReviews(open: () => Promise<Kysely<unknown> | undefined>) {
  const opened = async (): Promise<Db> => {
    const sql = await open();
    if (sql === undefined) throw new Error("assertion: where nothing was sealed there are no ids");
    return sql;
  };
  return {
    async ids(): Promise<readonly string[]> {
      if ((await open()) === undefined) return [];
      const database = await opened();
      const [previews, comments] = await Promise.all([
        database.selectFrom("reviews").select("id").where("preview", "is not", null).execute(),
        database.selectFrom("review_votes").select(["review", "person"]).where("comment", "is not", null).execute(),
      ]);
      return [...previews.map(({ id }) => id), ...comments.map(({ review, person }) => `${review}/${person}`)];
    },
    placeOf(id: string): Place {
      const [review, person] = partsOf(id);
      return person === undefined ? previewAt(review) : commentAt(review, person);
    },
    nameOf: (id: string): string => `review ${partsOf(id)[0]}`,
    async read(id: string): Promise<Uint8Array | undefined> {
      const [review, person] = partsOf(id);
      const database = await opened();
      const row =
        person === undefined
          ? await database.selectFrom("reviews").select("preview as sealed").where("id", "=", review).executeTakeFirst()
          : await database
              .selectFrom("review_votes")
              .select("comment as sealed")
              .where("review", "=", review)
              .where("person", "=", person)
              .executeTakeFirst();
      return row?.sealed ?? undefined;
    },
    /** In one transaction: on the embedded database each has a flush of the disk. */
    async replace(
      moves: readonly { readonly id: string; readonly before: Uint8Array; readonly after: Uint8Array }[],
    ): Promise<number> {
      const database = await opened();
      return database.transaction().execute(async (db) => {
        let done = 0n;
        for (const { id, before, after } of moves) {
          const [review, person] = partsOf(id);
          const { numUpdatedRows } =
            person === undefined
              ? await db
                  .updateTable("reviews")
                  .set({ preview: after })
                  .where("id", "=", review)
                  .where("preview", "=", before)
                  .executeTakeFirstOrThrow()
              : await db
                  .updateTable("review_votes")
                  .set({ comment: after })
                  .where("review", "=", review)
                  .where("person", "=", person)
                  .where("comment", "=", before)
                  .executeTakeFirstOrThrow();
          done += numUpdatedRows;
        }
        return Number(done);
      });
    },
  };
}

/** Ids of reviews hold no slash; those of people may. */
function partsOf(id: string): [review: string, person: string | undefined] {
  const slash = id.indexOf("/");
  return slash === -1 ? [id, undefined] : [id.slice(0, slash), id.slice(slash + 1)];
}

async function checkLimits(
  db: Db,
  { requester, createdAt }: Review,
  { perPrincipal, hourly, all }: ReviewLimits,
): Promise<void> {
  const full = await db
    .selectFrom("reviews")
    .select("created_at")
    .where("requester", "=", requester)
    .where("state", "in", STATES)
    .where("created_at", ">", createdAt - HOUR_MS)
    .where("kind", "=", "request")
    .orderBy("created_at", "desc")
    .offset(hourly - 1)
    .limit(1)
    .executeTakeFirst();
  if (full !== undefined) {
    throw new SluiceError(
      "reviews_limited",
      `people were asked about ${hourly} requests of yours within an hour; no more are taken for a while`,
      { retryAfterSeconds: Math.max(1, Math.ceil((full.created_at + HOUR_MS - createdAt) / 1_000)) },
    );
  }
  const pending = db.selectFrom("reviews").where("state", "=", "pending");
  const mine = await pending
    .where("requester", "=", requester)
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const total = await pending.select(({ fn }) => fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  if (mine.count >= perPrincipal) {
    throw new SluiceError("reviews_limited", `${perPrincipal} requests of yours wait for approval; no more are taken`);
  }
  if (total.count >= all) {
    throw new SluiceError(
      "reviews_limited",
      `${all} requests wait for approval; no more are taken until some are decided`,
    );
  }
}

/** In the order of `ids`. */
async function readReviews(db: Db, ids: readonly string[]): Promise<readonly Review[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("reviews")
    .select(["id", "kind", "state", "requester", "digest", "body", "facts", "created_at", "expires_at", "decided_at"])
    .where("id", "in", ids)
    .execute();
  const votes = await db
    .selectFrom("review_votes")
    .select(["review", "person", "decision", "at", "passkey"])
    .where("review", "in", ids)
    .orderBy("at")
    .orderBy("person")
    .execute();
  return ids.flatMap((id) => {
    const row = rows.find((each) => each.id === id);
    return row === undefined
      ? []
      : [
          reviewFrom(
            row,
            votes.filter(({ review }) => review === id),
          ),
        ];
  });
}

const previewAt = (id: string): Place => ({ table: "reviews", column: "preview", id });
const commentAt = (id: string, person: string): Place => ({
  table: "review_votes",
  column: "comment",
  id: `${id}/${person}`,
});
