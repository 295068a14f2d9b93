/**
 * Legal holds: what must not be erased or deleted meanwhile, and why. A hold names people, a purpose, a connection, a period, or some of
 * these together; it ends at a moment that was said when it was placed. People are kept sealed, because their ids change with each
 * epoch, and no longer than the hold.
 */
import type { Kysely } from "kysely";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Identifier, SubjectId, SubjectIndex } from "../core/subjects.ts";
import { takeTurn } from "./erasure-store.ts";
import type { SubjectRecord } from "./records.ts";
import type { LoggedEvent } from "./replay.ts";
import { checkIdentifiers, type Normalise } from "./identifiers.ts";
import type { IdentifierSealing } from "./sealing.ts";

/**
 * Why an erasure is refused or waits, in the words of https://w3id.org/dpv/justifications (DPV 2.1): what GDPR Art. 17(3) and Art. 18(2)
 * give as grounds. The first is the default.
 */
export const JUSTIFICATIONS = [
  "LegalClaimDefenceImpaired",
  "LegalClaimEstablishmentImpaired",
  "LegalClaimExerciseImpaired",
  "LegalObligationImpaired",
  "FreedomOfExpressionImpaired",
  "PublicHealthCompromised",
  "PublicInterestArchivingImpaired",
  "PublicInterestCompromised",
  "OfficialAuthorityExerciseImpaired",
  "ScientificHistoricalResearchImpaired",
  "OfficialStatisticsImpaired",
  "CrimeInvestigationImpaired",
  "JudicialProceedingsImpaired",
] as const;

export type Justification = (typeof JUSTIFICATIONS)[number];

/** What a hold covers; all that it names has to fit. Times in milliseconds since the epoch, `to` exclusive. */
export interface HoldScope {
  readonly purpose?: string;
  readonly connection?: string;
  readonly from?: number;
  readonly to?: number;
}

export interface Hold extends HoldScope {
  /** `lh-` and 32 hexadecimal digits. */
  readonly id: string;
  /** It names people. */
  readonly ofPeople: boolean;
  /** Number of a file or a case; nothing personal. */
  readonly reference: string;
  readonly justification: Justification;
  readonly placedBy: string;
  readonly placedAt: number;
  readonly until: number;
  readonly ended?: "released" | "expired";
  readonly endedAt?: number;
}

export interface NewHold extends HoldScope {
  readonly identifiers?: readonly Identifier[];
  readonly reference: string;
  readonly justification: Justification;
  readonly until: number;
}

/** A hold with the ids that its people have now; undefined: it is about nobody in particular. */
export interface ActiveHold {
  readonly hold: Hold;
  readonly ids?: ReadonlySet<SubjectId>;
}

export interface HoldsOptions {
  readonly sql: Kysely<unknown>;
  readonly sealing: IdentifierSealing;
  readonly normalise: Normalise;
  readonly subjects: Pick<SubjectIndex, "idsOf" | "postings">;
  readonly record: RecordEvent;
  readonly longestMs: () => number;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Takes what was deleted from the database's own traces too. */
  readonly overwrite: () => Promise<void>;
}

interface Tables {
  legal_holds: {
    id: string;
    people: number;
    sealed: Uint8Array | null;
    purpose: string | null;
    connection: string | null;
    from_at: number | null;
    to_at: number | null;
    reference: string;
    justification: string;
    placed_by: string;
    placed_at: number;
    until: number;
    ended: string | null;
    ended_at: number | null;
  };
}

const ID_BYTES = 16;
const LISTED_MAX = 1_000;
/** Each is looked at for each erasure. */
const ACTIVE_MAX = 10_000;
const DAY_MS = 86_400_000;
const place = (id: string): string => `legal_holds/${id}`;

export class Holds {
  readonly #options: HoldsOptions;
  readonly #db: Kysely<Tables>;

  constructor(options: HoldsOptions) {
    this.#options = options;
    this.#db = options.sql;
  }

  /** Throws field_invalid, evidence_unavailable, key_unavailable. The event is durable before the hold stands. */
  async place(wanted: NewHold, by: string): Promise<Hold> {
    const { clock, random, sealing, record } = this.#options;
    const now = clock();
    this.#checkUntil(wanted.until, now);
    const { identifiers = [], purpose, connection, from, to } = wanted;
    const ofPeople = identifiers.length > 0;
    if (ofPeople) checkIdentifiers(identifiers, this.#options.normalise);
    if (!ofPeople && [purpose, connection, from, to].every((each) => each === undefined))
      throw new SluiceError("field_invalid", "a hold names people, a purpose, a connection or a period");
    if (from !== undefined && to !== undefined && from >= to)
      throw new SluiceError("field_invalid", "to: later than from");
    const id = `lh-${Buffer.from(random(ID_BYTES)).toString("hex")}`;
    const sealed = ofPeople ? await sealing.seal(identifiers, place(id)) : null;
    const row: Tables["legal_holds"] = {
      id,
      people: ofPeople ? 1 : 0,
      sealed,
      purpose: purpose ?? null,
      connection: connection ?? null,
      from_at: from ?? null,
      to_at: to ?? null,
      reference: wanted.reference,
      justification: wanted.justification,
      placed_by: by,
      placed_at: now,
      until: wanted.until,
      ended: null,
      ended_at: null,
    };
    const hold = holdFrom(row);
    await record(eventOf("hold.placed", hold, by));
    await this.#db.transaction().execute(async (db) => {
      await takeTurn(db as unknown as Kysely<unknown>);
      await db.insertInto("legal_holds").values(row).execute();
    });
    return hold;
  }

  /** Throws hold_unknown, hold_ended. */
  async release(id: string, by: string): Promise<Hold> {
    const { clock, record, overwrite } = this.#options;
    const hold = await this.#active(id);
    await record(eventOf("hold.released", hold, by));
    await this.#end(id, "released", clock());
    await overwrite();
    return this.#read(id);
  }

  /** Throws hold_unknown, hold_ended, field_invalid. */
  async renew(id: string, until: number, by: string): Promise<Hold> {
    const { clock, record } = this.#options;
    const hold = await this.#active(id);
    this.#checkUntil(until, clock());
    await record(eventOf("hold.renewed", { ...hold, until }, by));
    await this.#db.updateTable("legal_holds").set({ until }).where("id", "=", id).where("ended", "is", null).execute();
    return this.#read(id);
  }

  /** Newest first. */
  async list(ended: boolean): Promise<readonly Hold[]> {
    const rows = await this.#db
      .selectFrom("legal_holds")
      .selectAll()
      .where("ended", ended ? "is not" : "is", null)
      .orderBy("placed_at", "desc")
      .orderBy("id")
      .limit(LISTED_MAX)
      .execute();
    return rows.map(holdFrom);
  }

  /** Those in force, with the ids that their people have now. Rejects when one cannot be read: then nothing may be deleted. */
  async active(): Promise<readonly ActiveHold[]> {
    const { clock, sealing, subjects } = this.#options;
    const rows = await this.#db
      .selectFrom("legal_holds")
      .selectAll()
      .where("ended", "is", null)
      .where("until", ">", clock())
      .orderBy("placed_at")
      .limit(ACTIVE_MAX + 1)
      .execute();
    if (rows.length > ACTIVE_MAX) throw new SluiceError("subject_held", `more than ${ACTIVE_MAX} holds are in force`);
    const found: ActiveHold[] = [];
    for (const row of rows) {
      const hold = holdFrom(row);
      if (row.sealed === null) {
        found.push({ hold });
      } else {
        const identifiers = await sealing.open(row.sealed, place(row.id));
        found.push({ hold, ids: new Set(await subjects.idsOf(identifiers)) });
      }
    }
    return found;
  }

  /**
   * The first hold that covers something of these ids: what is about its people, and exchanges that are about them and somebody of these
   * ids, because what both are in would go with either. `records` is asked only where a hold is about more than people.
   */
  async covering(
    ids: readonly SubjectId[],
    records: () => Promise<readonly SubjectRecord[]>,
  ): Promise<Hold | undefined> {
    const active = await this.active();
    const shared = await this.#sharedWith(ids, active);
    for (const { hold, ids: people } of active) {
      const isDirect = people !== undefined && ids.some((id) => people.has(id));
      const both = new Set([...(people ?? [])].flatMap((id) => shared.get(id) ?? []));
      if (people !== undefined && !isDirect && both.size === 0) continue;
      if (isOfPeopleAlone(hold)) return hold;
      const own = people === undefined ? await records() : (await records()).filter(({ index }) => both.has(index));
      if (own.some((record) => covers({ hold }, record))) return hold;
    }
    return undefined;
  }

  /** By whom a hold names: exchanges that hold data of these ids too. */
  async #sharedWith(
    ids: readonly SubjectId[],
    active: readonly ActiveHold[],
  ): Promise<ReadonlyMap<SubjectId, readonly number[]>> {
    const { subjects } = this.#options;
    const shared = new Map<SubjectId, number[]>();
    const people = new Set(active.flatMap(({ ids: own }) => [...(own ?? [])]));
    if (people.size === 0) return shared;
    const theirs = new Set((await subjects.postings(ids)).map(({ record }) => record));
    for (const { subject, record } of await subjects.postings([...people])) {
      if (!theirs.has(record)) continue;
      const known = shared.get(subject);
      if (known === undefined) shared.set(subject, [record]);
      else known.push(record);
    }
    return shared;
  }

  /** Ends what is due, each with an event. */
  async sweep(): Promise<void> {
    const { clock, record, overwrite } = this.#options;
    const due = await this.#db
      .selectFrom("legal_holds")
      .selectAll()
      .where("ended", "is", null)
      .where("until", "<=", clock())
      .execute();
    for (const row of due) {
      await record(eventOf("hold.expired", holdFrom(row)));
      await this.#end(row.id, "expired", clock());
    }
    if (due.length > 0) await overwrite();
  }

  #checkUntil(until: number, now: number): void {
    const longestMs = this.#options.longestMs();
    if (until > now && until <= now + longestMs) return;
    throw new SluiceError(
      "field_invalid",
      `until: in the future, and within ${Math.floor(longestMs / DAY_MS)} days (erasure.hold_longest); a hold can be renewed`,
    );
  }

  async #end(id: string, how: "released" | "expired", at: number): Promise<void> {
    await this.#db
      .updateTable("legal_holds")
      .set({ ended: how, ended_at: at, sealed: null })
      .where("id", "=", id)
      .where("ended", "is", null)
      .execute();
  }

  async #active(id: string): Promise<Hold> {
    const hold = await this.#read(id);
    if (hold.ended === undefined && hold.until > this.#options.clock()) return hold;
    throw new SluiceError("hold_ended", `hold ${id} has ended already; place another one`);
  }

  async #read(id: string): Promise<Hold> {
    const row = await this.#db.selectFrom("legal_holds").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new SluiceError("hold_unknown", "there is no hold of this id; sluice hold list");
    return holdFrom(row);
  }
}

/** Puts holds right by what the log says of them, before anything else is done with them. */
export class LoggedHolds {
  readonly #db: Kysely<Tables>;

  constructor(sql: Kysely<unknown>) {
    this.#db = sql;
  }

  /** One that is not known, and not over, comes back as wide as it may have been: people and period are not on the log. */
  async heard({ name, target: id, actor, time, facts }: LoggedEvent, now: number): Promise<void> {
    const until = Date.parse(String(facts["until"]));
    const standing = this.#db.updateTable("legal_holds").where("id", "=", id).where("ended", "is", null);
    if (name === "hold.renewed" && !Number.isNaN(until)) await standing.set({ until }).execute();
    if (name === "hold.released" || name === "hold.expired") {
      const ended = name === "hold.released" ? "released" : "expired";
      await standing.set({ ended, ended_at: Date.parse(time), sealed: null }).execute();
    }
    if (name !== "hold.placed") return;
    const textOf = (fact: string): string | null => (typeof facts[fact] === "string" ? facts[fact] : null);
    await this.#db
      .insertInto("legal_holds")
      .values({
        id,
        people: facts["people"] === true ? 1 : 0,
        sealed: null,
        purpose: textOf("purpose"),
        connection: textOf("connection"),
        from_at: null,
        to_at: null,
        reference: textOf("reference") ?? "-",
        justification: (textOf("justification") ?? JUSTIFICATIONS[0]).replace(/^justifications:/, ""),
        placed_by: actor,
        placed_at: Date.parse(time),
        until: Number.isNaN(until) ? now : until,
        ended: null,
        ended_at: null,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
}

/** Of one exchange, whoever it is about. */
export function covers(
  { hold, ids }: ActiveHold,
  record: Pick<SubjectRecord, "ids" | "purpose" | "connection" | "time">,
): boolean {
  const { purpose, connection, from, to } = hold;
  const time = Date.parse(record.time);
  return (
    (ids === undefined || record.ids.some((id) => ids.has(id))) &&
    (purpose === undefined || purpose === record.purpose) &&
    (connection === undefined || connection === record.connection) &&
    (from === undefined || time >= from) &&
    (to === undefined || time < to)
  );
}

function isOfPeopleAlone({ ofPeople, purpose, connection, from, to }: Hold): boolean {
  return ofPeople && [purpose, connection, from, to].every((each) => each === undefined);
}

/** What refuses an erasure, with the code that the person is to be told. */
export function heldError(hold: Hold): SluiceError {
  return new SluiceError(
    "subject_held",
    `legal hold ${hold.id} (${hold.reference}) forbids it until ${new Date(hold.until).toISOString()}: ` +
      `justifications:${hold.justification}. Release the hold first, or tell the person why (GDPR Art. 12(4))`,
    {
      details: {
        hold: hold.id,
        justification: `https://w3id.org/dpv/justifications#${hold.justification}`,
        until: new Date(hold.until).toISOString(),
      },
    },
  );
}

function eventOf(name: string, hold: Hold, actor?: string) {
  const { connection, justification, ofPeople: people, purpose, reference, until } = hold;
  return {
    name,
    ...(actor === undefined ? {} : { actor }),
    target: hold.id,
    facts: {
      ...(connection === undefined ? {} : { connection }),
      justification: `justifications:${justification}`,
      people,
      ...(purpose === undefined ? {} : { purpose }),
      reference,
      until: new Date(until).toISOString(),
    },
  };
}

function holdFrom(row: Tables["legal_holds"]): Hold {
  return {
    id: row.id,
    ofPeople: row.people !== 0,
    ...(row.purpose === null ? {} : { purpose: row.purpose }),
    ...(row.connection === null ? {} : { connection: row.connection }),
    ...(row.from_at === null ? {} : { from: row.from_at }),
    ...(row.to_at === null ? {} : { to: row.to_at }),
    reference: row.reference,
    justification: row.justification as Justification,
    placedBy: row.placed_by,
    placedAt: row.placed_at,
    until: row.until,
    ...(row.ended === null ? {} : { ended: row.ended as "released" | "expired" }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  };
}
