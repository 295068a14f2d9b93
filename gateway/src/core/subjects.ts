/**
 * Data subjects as other rooms see them: what a person is known by, the keys that their data is sealed under, and where it is.
 * No identifier is ever kept: an identifier becomes a keyed tag, the tag leads to a random id, and the id names a random key.
 */

/** Something that a person is known by, as it was written. */
export interface Identifier {
  /** A type of the detector (`EMAIL`, `PHONE`, `PERSON`), or `SUBJECT` for the controller's own id (`Sluice-Data-Subject`). */
  readonly type: string;
  readonly value: string;
}

/**
 * Random, 8 bytes as 11 characters of base64url: names the key of one identifier in one epoch. Says nothing about it, so it may
 * stand on record and on certificates; once its key is destroyed it stands for nothing.
 */
export type SubjectId = string;

export interface SubjectKey {
  readonly id: SubjectId;
  /** 32 bytes. Good until the next turn of the event loop: it is cleared when it leaves the cache. */
  readonly key: Uint8Array;
}

/** Seals and opens by subject. Safe with any number of callers. */
export interface SubjectKeys {
  /**
   * The keys of these identifiers, in order; undefined for one of which nothing is left when it is normalised. Where there is none
   * it is made, and durable when this resolves. Returns at once when all are in memory. Rejects with key_unavailable,
   * database_unavailable.
   */
  keysFor(
    identifiers: readonly Identifier[],
  ): readonly (SubjectKey | undefined)[] | Promise<readonly (SubjectKey | undefined)[]>;
  /** The key of an id; undefined once it is destroyed, on every gateway within a minute of it. Rejects as above. */
  keyOf(id: SubjectId): SubjectKey | undefined | Promise<SubjectKey | undefined>;
}

/** One exchange that holds data about a subject. */
export interface Posting {
  readonly subject: SubjectId;
  /** Index of the exchange's intent in the log. */
  readonly record: number;
  /** Where its recording begins: file number × 2³² + offset, below 2⁵³. */
  readonly place: number;
}

/** Which exchanges hold data about whom. */
export interface SubjectIndex {
  /** Durable after the next `sync`; what a crash takes is posted again from the recordings. Never waits. */
  post(posting: Posting): void;
  sync(): Promise<void>;
  /** Ids that these identifiers have, over all epochs that are kept. Makes none. */
  idsOf(identifiers: readonly Identifier[]): Promise<readonly SubjectId[]>;
  /**
   * Has other gateways write what they hold in memory, as far as they answer within seconds; gives the names of those that did not, whose
   * newest postings may be missing. Rejects with database_unavailable.
   */
  gather(): Promise<readonly string[]>;
  /** In the order of their records. Other gateways are asked as `gather` asks them, unless that was done just now. */
  postings(ids: readonly SubjectId[]): Promise<readonly Posting[]>;
}

/** A gateway that held keys in memory, and when it said that it has cleared them. */
export interface Acknowledgement {
  readonly gateway: string;
  /** Milliseconds since the epoch; absent: it has not answered in time. Its own limit clears what it holds within a minute. */
  readonly at?: number;
}

export interface KeyDestruction {
  /**
   * Destroys the keys of these ids here and on every gateway: rows overwritten and gone, caches cleared. Ids that are not there are
   * no error, so that an erasure can be carried out again after a crash or a restore.
   */
  destroy(ids: readonly SubjectId[]): Promise<readonly Acknowledgement[]>;
  /** Milliseconds since the epoch from which no older copy of these keys can be opened; undefined while that is not known. */
  backupsDeadBy(): Promise<number | undefined>;
}
