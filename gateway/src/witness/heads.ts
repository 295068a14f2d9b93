/**
 * What the witness has cosigned: for each log the latest checkpoint, in one SQLite file. Promises that looking and writing are
 * one step ("checking the old size against the latest checkpoint and persisting the new checkpoint must be performed
 * atomically"), between requests and between processes, and that what `advance` returned is on the disk. It also keeps what
 * logs signed that contradicts what was cosigned: such a checkpoint is evidence against its log.
 */
import { DatabaseSync } from "node:sqlite";
import { emptyRoot } from "@sluice/verifier";

export interface Head {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** The note with the log's verified signature and the witness's cosignatures. */
  readonly checkpoint: string;
}

/** What was refused to a log that had signed it. `fork`: two trees of one size, both signed, which is proof in itself. */
export interface Refused {
  readonly origin: string;
  readonly kind: "fork" | "unproven";
  readonly size: number;
  readonly root: Uint8Array;
  readonly checkpoint: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** So many refused checkpoints of each kind are kept for each log: enough to show, too few to fill a disk. */
export const REFUSED_MAX = 100;
const BUSY_MS = 5_000;

export class Heads {
  readonly #database: DatabaseSync;

  /** Makes the file where there is none. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
    // EXTRA also syncs the folder when the journal goes, which is the moment of the commit in this mode.
    this.#database.exec(`
      PRAGMA journal_mode = DELETE;
      PRAGMA synchronous = EXTRA;
      CREATE TABLE IF NOT EXISTS heads (
        origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, checkpoint TEXT NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS refused (
        origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, kind TEXT NOT NULL,
        checkpoint TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (origin, size, root)
      ) STRICT;
    `);
  }

  /** Runs `work` while no other process has the file; what it throws undoes what it wrote here. */
  alone<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const done = work();
      this.#database.exec("COMMIT");
      return done;
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw thrown;
    }
  }

  /**
   * Gives the latest head of a log to `decide` and makes its answer the latest, durably, before it returns; nobody else moves
   * the head meanwhile. `undefined` leaves it. What `decide` throws leaves it too.
   */
  advance(origin: string, decide: (known: Pick<Head, "size" | "root">) => Head | undefined): Head | undefined {
    return this.alone(() => {
      const next = decide(this.latest(origin) ?? { size: 0, root: emptyRoot() });
      if (next !== undefined) {
        this.#database
          .prepare(
            `INSERT INTO heads (origin, size, root, checkpoint) VALUES (?, ?, ?, ?)
             ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, checkpoint = excluded.checkpoint`,
          )
          .run(origin, next.size, next.root, next.checkpoint);
      }
      return next;
    });
  }

  latest(origin: string): Head | undefined {
    const row = this.#database.prepare("SELECT size, root, checkpoint FROM heads WHERE origin = ?").get(origin);
    return row === undefined ? undefined : headOf(row);
  }

  /** Of every log that was ever cosigned, in the order of their origins. */
  all(): (Head & { readonly origin: string })[] {
    return this.#database
      .prepare("SELECT origin, size, root, checkpoint FROM heads ORDER BY origin")
      .all()
      .map((row) => ({ origin: String(row["origin"]), ...headOf(row) }));
  }

  /**
   * True when it was not known yet, as what it is, and there was room. Anybody can have an honest checkpoint refused, with a wrong
   * proof; that takes no room from a fork.
   */
  keepRefused({ origin, kind, size, root, checkpoint, at }: Refused): boolean {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO refused (origin, size, root, kind, checkpoint, at)
         SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM refused WHERE origin = ? AND kind = ?) < ?
         ON CONFLICT (origin, size, root) DO UPDATE SET kind = excluded.kind, at = excluded.at
         WHERE excluded.kind = 'fork' AND refused.kind <> 'fork'`,
      )
      .run(origin, size, root, kind, checkpoint, at, origin, kind, REFUSED_MAX);
    return Number(changes) > 0;
  }

  /** Oldest first. */
  refused(): Refused[] {
    return this.#database
      .prepare("SELECT origin, size, root, kind, checkpoint, at FROM refused ORDER BY at, origin, size")
      .all()
      .map((row) => ({
        origin: String(row["origin"]),
        kind: row["kind"] === "fork" ? "fork" : "unproven",
        size: Number(row["size"]),
        root: row["root"] as Uint8Array,
        checkpoint: String(row["checkpoint"]),
        at: Number(row["at"]),
      }));
  }

  /** Idempotent. */
  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function headOf(row: Readonly<Record<string, unknown>>): Head {
  return { size: Number(row["size"]), root: row["root"] as Uint8Array, checkpoint: String(row["checkpoint"]) };
}
