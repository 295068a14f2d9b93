/** What a log that many gateways write keeps in the database, as this room sees it, and how this room speaks to the database. */

import { type Kysely, sql } from "kysely";
import { SluiceError } from "../../core/errors.ts";

export interface SharedTables {
  /** One row. Each append adds to it, and so waits for the one before: that is the order of the log. */
  evidence_head: { id: number; size: number };
  evidence_log: {
    id: number;
    origin: string;
    /** The text of log.json: which keys sign. Absent until the first gateway has made them. */
    info: string | null;
    /** The pseudonym of a name that nobody has: tells whether a gateway makes the pseudonyms of the others. */
    pseudonyms: string | null;
    /** The tree that was, or may have been, signed last. */
    signed_size: number;
    signed: string | null;
    published: number;
    /** The signed note that covers `published` records. */
    checkpoint: string | null;
    /** The newest one that enough witnesses have cosigned. */
    cosigned_size: number;
    cosigned: string | null;
    /** Entries below this index are not published any more. It only rises. */
    minimum: number;
    /** Nothing is left of the bundles that end at this index or before. */
    pruned: number;
    /** Grows with each gateway that takes over. What an earlier one writes is refused. */
    fence: number;
    holder: string | null;
    /** 1 while the holder's session also holds the lock of the database. */
    locked: number;
    /** By the clock of the database, in milliseconds since the epoch. */
    lease_until: number;
  };
  /** A run of a gateway; a new one after each fault. */
  evidence_writers: {
    id: string;
    gateway: string;
    /** Number of its last batch, from 0 for none, and where that begins. */
    batch: number;
    first: number | null;
    closed: number;
    seen_at: number;
  };
  /** Appended and not yet in the files: the frames of one commit, as a segment has them. */
  evidence_batches: { first: number; count: number; writer: string; frames: Buffer };
  /** 32 bytes for each record of a batch, zeros for none. */
  evidence_salts: { first: number; count: number; salts: Buffer };
}

export type SharedDatabase = Kysely<SharedTables>;

/** Of the one log of a database. */
export const LOG_ID = 1;

/** The clock that all gateways share. */
export const databaseNow = sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;

/**
 * Runs a statement against the database and waits at most `ms` for its answer. Rejects with evidence_unavailable; what was sent
 * may still be done by the database.
 */
export async function asked<T>(ms: number, run: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable("no answer")), ms);
  });
  try {
    return await Promise.race([run(), late]);
  } catch (thrown) {
    throw asUnavailable(thrown);
  } finally {
    clearTimeout(timer);
  }
}

/** Only the code of what the database says is told: its messages may quote values. */
function asUnavailable(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError && thrown.code !== "database_unavailable") return thrown;
  const source = thrown instanceof SluiceError ? thrown.cause : thrown;
  const code = source instanceof Error && "code" in source ? String(source.code) : undefined;
  // Neither of the database nor of the system: a bug, which stays what it is.
  if (code === undefined && !(thrown instanceof SluiceError)) throw thrown;
  return unavailable(code ?? "connection lost", thrown);
}

function unavailable(reason: string, cause?: unknown): SluiceError {
  return new SluiceError("evidence_unavailable", `the evidence log cannot use its database (${reason})`, { cause });
}
