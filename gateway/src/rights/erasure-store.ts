/**
 * Erasures in SQL: the table of jobs that a crash leaves behind and the next start goes on with. Each step is one statement that holds
 * only while the job is where the step begins, so that of two gateways which carry on with the same job one does.
 */
import type { Kysely, Transaction } from "kysely";
import type { Acknowledgement, SubjectId } from "../core/subjects.ts";
import type { Erasure, ErasureState, SinkCall } from "./erasure.ts";

interface Tables {
  erasures: {
    id: string;
    state: string;
    ids: string;
    reference: string;
    basis: string;
    requested_by: string;
    records: number;
    datasets: string;
    sealed: Uint8Array | null;
    evidence: number | null;
    gateways: string;
    created_at: number;
    recorded_at: number | null;
    destroyed_at: number | null;
    settled_at: number | null;
    restored: number;
    certificate: string | null;
  };
  erasure_sinks: {
    erasure: string;
    sink: string;
    kind: string;
    state: string;
    attempts: number;
    next_at: number;
    at: number | null;
    removed: number | null;
    reason: string | null;
  };
  erasure_tags: { tag: string; erasure: string; until: number };
  erasure_cursor: { id: number; turn: number };
  erasure_cursors: { gateway: string; next: number; at: number };
  subjects: { id: Uint8Array };
  tainted_datasets: { dataset: string; erasure: string; at: number };
}

type Db = Kysely<Tables>;

export interface NewErasure {
  readonly erasure: Erasure;
  readonly sinks: readonly SinkCall[];
  /** The identifiers; absent when nobody is to be called with them. */
  readonly sealed?: Uint8Array;
  /** What it is known again by, and until when. */
  readonly tags: readonly string[];
  readonly tagsUntil: number;
}

/** A sink that is to be called. */
export interface DueSink {
  readonly erasure: string;
  readonly call: SinkCall;
}

/** What a step sets beside the state. */
type Step = Partial<
  Pick<Erasure, "recordedAt" | "destroyedAt" | "settledAt" | "evidence" | "gateways"> & { readonly certificate: string }
>;

/** What a call of a sink came to. */
export type SinkResult = Pick<SinkCall, "state" | "attempts" | "at" | "removed" | "reason"> & {
  /** When it is to be called again. */
  readonly nextAt: number;
};

const OPEN: readonly ErasureState[] = ["opened", "recorded", "destroyed", "settled"];

/**
 * Counts what opens erasures and places holds, so that no hold comes to be between the look at the holds and the erasure. False when
 * the count is not `seen` any more: look again.
 */
export async function takeTurn(db: Kysely<unknown>, seen?: number): Promise<boolean> {
  let update = (db as Kysely<Tables>)
    .updateTable("erasure_cursor")
    .set(({ eb }) => ({ turn: eb("turn", "+", 1) }))
    .where("id", "=", 1);
  if (seen !== undefined) update = update.where("turn", "=", seen);
  const { numUpdatedRows } = await update.executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export class ErasureStore {
  readonly #db: Db;
  readonly #gateway: string;

  /** `gateway`: whose log it is that this database is told of; each may have its own. */
  constructor(sql: Kysely<unknown>, gateway: string) {
    this.#db = sql;
    this.#gateway = gateway;
  }

  async turn(): Promise<number> {
    const { turn } = await this.#db
      .selectFrom("erasure_cursor")
      .select("turn")
      .where("id", "=", 1)
      .executeTakeFirstOrThrow();
    return turn;
  }

  /** False when an erasure was opened, or a hold placed, since the turn was `seen`. */
  async insert(made: NewErasure, seen: number): Promise<boolean> {
    return this.#db.transaction().execute(async (db) => {
      if (!(await takeTurn(db as unknown as Kysely<unknown>, seen))) return false;
      await insertIn(db, made);
      return true;
    });
  }

  /** Of an erasure that the log knows and the database does not. False when it knows it after all. */
  async restore(made: NewErasure): Promise<boolean> {
    if ((await this.read(made.erasure.id)) !== undefined) return false;
    await this.#db.transaction().execute((db) => insertIn(db, made));
    return true;
  }

  async read(id: string): Promise<Erasure | undefined> {
    const row = await this.#db.selectFrom("erasures").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : erasureFrom(row);
  }

  /** Newest first. */
  async list(limit: number): Promise<readonly Erasure[]> {
    const rows = await this.#db
      .selectFrom("erasures")
      .selectAll()
      .orderBy("created_at", "desc")
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(erasureFrom);
  }

  /** Those that are not at their end, oldest first. */
  async unfinished(): Promise<readonly Erasure[]> {
    const rows = await this.#db
      .selectFrom("erasures")
      .selectAll()
      .where("state", "in", OPEN)
      .orderBy("created_at")
      .execute();
    return rows.map(erasureFrom);
  }

  async sinks(erasure: string): Promise<readonly SinkCall[]> {
    const rows = await this.#db
      .selectFrom("erasure_sinks")
      .selectAll()
      .where("erasure", "=", erasure)
      .orderBy("sink")
      .execute();
    return rows.map(callFrom);
  }

  /** False when it was not in the state `from` any more. */
  async step(id: string, from: ErasureState, to: ErasureState, step: Step = {}): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("erasures")
      .set({
        state: to,
        ...(step.recordedAt === undefined ? {} : { recorded_at: step.recordedAt }),
        ...(step.destroyedAt === undefined ? {} : { destroyed_at: step.destroyedAt }),
        ...(step.settledAt === undefined ? {} : { settled_at: step.settledAt, sealed: null }),
        ...(step.evidence === undefined ? {} : { evidence: step.evidence }),
        ...(step.gateways === undefined ? {} : { gateways: JSON.stringify(step.gateways) }),
        ...(step.certificate === undefined ? {} : { certificate: step.certificate }),
      })
      .where("id", "=", id)
      .where("state", "=", from)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  async sealed(id: string): Promise<Uint8Array | undefined> {
    const row = await this.#db.selectFrom("erasures").select("sealed").where("id", "=", id).executeTakeFirst();
    return row?.sealed ?? undefined;
  }

  async certificate(id: string): Promise<string | undefined> {
    const row = await this.#db.selectFrom("erasures").select("certificate").where("id", "=", id).executeTakeFirst();
    return row?.certificate ?? undefined;
  }

  /**
   * Takes the sinks that are due by putting their next time off to `until`: of two gateways one calls each, and one that dies over
   * it is followed by another.
   */
  async claim(erasure: string, now: number, until: number): Promise<readonly SinkCall[]> {
    const rows = await this.#db
      .updateTable("erasure_sinks")
      .set({ next_at: until })
      .where("erasure", "=", erasure)
      .where("state", "=", "pending")
      .where("next_at", "<=", now)
      .returningAll()
      .execute();
    return rows.map(callFrom);
  }

  async called(erasure: string, sink: string, result: SinkResult): Promise<void> {
    const { state, attempts, nextAt, at, removed, reason } = result;
    await this.#db
      .updateTable("erasure_sinks")
      .set({
        state,
        attempts,
        next_at: nextAt,
        at: at ?? null,
        removed: removed ?? null,
        reason: reason ?? null,
      })
      .where("erasure", "=", erasure)
      .where("sink", "=", sink)
      .where("state", "=", "pending")
      .execute();
  }

  /** What a sink had said of an erasure that was restored from the log. */
  async restoreSink(erasure: string, sink: string, state: SinkCall["state"], at: number): Promise<void> {
    const said = { state, at, reason: state === "residual" ? "identifiers_lost" : null };
    await this.#db
      .insertInto("erasure_sinks")
      .values({ erasure, sink, kind: "unknown", attempts: 0, next_at: 0, removed: null, ...said })
      .onConflict((conflict) => conflict.columns(["erasure", "sink"]).doUpdateSet(said))
      .execute();
  }

  /** The erasure that was carried out for all of these tags, if it is remembered. */
  async remembered(tags: readonly string[], now: number): Promise<Erasure | undefined> {
    if (tags.length === 0) return undefined;
    const rows = await this.#db
      .selectFrom("erasure_tags")
      .select("erasure")
      .where("tag", "in", tags)
      .where("until", ">", now)
      .execute();
    const [first] = rows;
    // What was erased in two turns has no certificate that speaks of all of it.
    if (first === undefined || rows.some(({ erasure }) => erasure !== first.erasure)) return undefined;
    return rows.length < new Set(tags).size ? undefined : this.read(first.erasure);
  }

  async forgetTags(now: number): Promise<void> {
    await this.#db.deleteFrom("erasure_tags").where("until", "<=", now).execute();
  }

  /** Index of the first entry of this gateway's log that this database was not told of. */
  async cursor(): Promise<number> {
    const row = await this.#db
      .selectFrom("erasure_cursors")
      .select("next")
      .where("gateway", "=", this.#gateway)
      .executeTakeFirst();
    return row?.next ?? 0;
  }

  /** `now`: milliseconds since the epoch. */
  async advance(next: number, now: number): Promise<void> {
    await this.#db
      .insertInto("erasure_cursors")
      .values({ gateway: this.#gateway, next, at: now })
      .onConflict((conflict) => conflict.column("gateway").doUpdateSet({ next, at: now }))
      .execute();
  }

  /** When it was last told of anything, by any gateway; undefined where it holds nobody's key, or nobody knows. */
  async toldAt(): Promise<number | undefined> {
    const [anybody] = await this.#db.selectFrom("subjects").select("id").limit(1).execute();
    if (anybody === undefined) return undefined;
    const { at } = await this.#db
      .selectFrom("erasure_cursors")
      .select(({ fn }) => fn.max("at").as("at"))
      .executeTakeFirstOrThrow();
    return at ?? undefined;
  }

  /** By dataset, since the first erasure that touched it; `at` in milliseconds since the epoch. */
  async tainted(): Promise<readonly { readonly dataset: string; readonly at: number; readonly erasures: number }[]> {
    const rows = await this.#db
      .selectFrom("tainted_datasets")
      .select(["dataset"])
      .select(({ fn }) => [fn.min("at").as("at"), fn.count<number>("erasure").as("erasures")])
      .groupBy("dataset")
      .orderBy("dataset")
      .execute();
    return rows.map(({ dataset, at, erasures }) => ({ dataset, at, erasures }));
  }

  async taint(erasure: string, datasets: readonly string[], at: number): Promise<void> {
    for (const dataset of datasets) {
      await this.#db
        .insertInto("tainted_datasets")
        .values({ dataset, erasure, at })
        .onConflict((conflict) => conflict.columns(["dataset", "erasure"]).doNothing())
        .execute();
    }
  }
}

async function insertIn(db: Transaction<Tables>, made: NewErasure): Promise<void> {
  const { erasure, sinks, sealed, tags, tagsUntil } = made;
  await db
    .insertInto("erasures")
    .values({
      id: erasure.id,
      state: erasure.state,
      ids: JSON.stringify(erasure.ids),
      reference: erasure.reference,
      basis: erasure.basis,
      requested_by: erasure.requestedBy,
      records: erasure.records,
      datasets: JSON.stringify(erasure.datasets),
      sealed: sealed ?? null,
      evidence: erasure.evidence ?? null,
      gateways: JSON.stringify(erasure.gateways),
      created_at: erasure.createdAt,
      recorded_at: erasure.recordedAt ?? null,
      destroyed_at: erasure.destroyedAt ?? null,
      settled_at: erasure.settledAt ?? null,
      restored: erasure.restored ? 1 : 0,
      certificate: null,
    })
    .execute();
  for (const call of sinks) {
    await db
      .insertInto("erasure_sinks")
      .values({
        erasure: erasure.id,
        sink: call.sink,
        kind: call.kind,
        state: call.state,
        attempts: call.attempts,
        next_at: 0,
        at: call.at ?? null,
        removed: call.removed ?? null,
        reason: call.reason ?? null,
      })
      .execute();
  }
  for (const tag of tags) {
    await db
      .insertInto("erasure_tags")
      .values({ tag, erasure: erasure.id, until: tagsUntil })
      .onConflict((conflict) => conflict.column("tag").doUpdateSet({ erasure: erasure.id, until: tagsUntil }))
      .execute();
  }
}

function erasureFrom(row: Tables["erasures"]): Erasure {
  return {
    id: row.id,
    state: row.state as ErasureState,
    ids: JSON.parse(row.ids) as SubjectId[],
    reference: row.reference,
    basis: row.basis,
    requestedBy: row.requested_by,
    records: row.records,
    datasets: JSON.parse(row.datasets) as string[],
    gateways: JSON.parse(row.gateways) as Acknowledgement[],
    createdAt: row.created_at,
    ...(row.recorded_at === null ? {} : { recordedAt: row.recorded_at }),
    ...(row.destroyed_at === null ? {} : { destroyedAt: row.destroyed_at }),
    ...(row.settled_at === null ? {} : { settledAt: row.settled_at }),
    ...(row.evidence === null ? {} : { evidence: row.evidence }),
    restored: row.restored !== 0,
    hasCertificate: row.certificate !== null,
  };
}

function callFrom(row: Tables["erasure_sinks"]): SinkCall {
  return {
    sink: row.sink,
    kind: row.kind,
    state: row.state as SinkCall["state"],
    attempts: row.attempts,
    ...(row.at === null ? {} : { at: row.at }),
    ...(row.removed === null ? {} : { removed: row.removed }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}
