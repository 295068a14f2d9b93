/**
 * The embedded database: SQLite as Node brings it, behind Kysely. One process, one connection; transactions wait for one
 * another in the order in which they came. A commit is on disk when it returns (WAL with synchronous=FULL,
 * https://www.sqlite.org/pragma.html#pragma_synchronous), what is deleted is overwritten (secure_delete), and only the owner of
 * the process can read the file. Statements run on the thread that calls them: a commit holds it for one flush of the disk.
 */
import { chmodSync, closeSync, constants, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { SluiceError } from "../../core/errors.ts";
import { clearRemains, inPieces, pagesWithRemains } from "./gaps.ts";

/** Another process (a backup, a look with another tool) may hold the file for a moment, for which everything here stands still. */
const BUSY_TIMEOUT_MS = 1_000;
const STATEMENTS_MAX = 256;

/** Primary result codes of a file that cannot be used now (https://www.sqlite.org/rescode.html); all others are bugs of ours. */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  5, // SQLITE_BUSY
  6, // SQLITE_LOCKED
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
  26, // SQLITE_NOTADB
]);

export interface Embedded {
  readonly dialect: Dialect;
  /** Nothing of what was deleted by now stands in the files any more. Throws database_unavailable while another process reads them. */
  scrubFreed(sql: Kysely<unknown>): Promise<void>;
}

/** Opens the file at `path`, and makes it (0600, its folder 0700) where there is none. Throws database_unavailable. */
export function openEmbedded(path: string): Embedded {
  const { database, file } = opened(path);
  return {
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new EmbeddedDriver(database, () => closeSync(file)),
      createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    async scrubFreed(sql) {
      try {
        await intoFile(sql);
        for (const pages of inPieces(await pagesWithRemains(file))) await clear(sql, file, pages);
      } catch (thrown) {
        if (!isFault(thrown)) throw thrown;
        const text = `what was deleted cannot be overwritten in ${path} (${reasonOf(thrown)})`;
        throw new SluiceError("database_unavailable", text, { cause: thrown });
      }
    },
  };
}

/** The file itself, beside the database's own: closing it earlier would take the locks of this process off it. */
function opened(path: string): { readonly database: DatabaseSync; readonly file: number } {
  let file: number | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its side files the rights of the file itself; it would make this one readable by all.
    file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    chmodSync(path, 0o600);
    const database = new DatabaseSync(path, {
      timeout: BUSY_TIMEOUT_MS,
      enableForeignKeyConstraints: true,
      allowExtension: false,
    });
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on");
    return { database, file };
  } catch (thrown) {
    if (file !== undefined) closeSync(file);
    throw new SluiceError("database_unavailable", `cannot open the database ${path} (${reasonOf(thrown)})`, {
      cause: thrown,
    });
  }
}

/**
 * Deleted rows are overwritten in their pages (secure_delete), and older copies of the pages stand in the write-ahead log: its pages
 * are brought into the file, and it is cut off. https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
 */
async function intoFile(sql: Kysely<unknown>): Promise<void> {
  const { rows } = await sql.executeQuery<{ busy: number }>(CompiledQuery.raw("pragma wal_checkpoint(truncate)"));
  if (rows[0]?.busy === 0) return;
  const text =
    "another program reads the database, so that what was deleted is still in its log; end that, and try again";
  throw new SluiceError("database_unavailable", text);
}

/** The one connection is ours meanwhile, others may not write, and no page stays in memory with what was in its middle. */
function clear(sql: Kysely<unknown>, file: number, pages: readonly number[]): Promise<void> {
  return sql.connection().execute(async (own) => {
    await intoFile(own);
    await own.executeQuery(CompiledQuery.raw("begin immediate"));
    try {
      clearRemains(file, pages);
    } finally {
      await own.executeQuery(CompiledQuery.raw("rollback"));
      await own.executeQuery(CompiledQuery.raw("pragma shrink_memory"));
    }
  });
}

class EmbeddedDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: EmbeddedConnection;
  readonly #waiting: (() => void)[] = [];
  readonly #closeFile: () => void;
  #busy = false;

  constructor(database: DatabaseSync, closeFile: () => void) {
    this.#database = database;
    this.#closeFile = closeFile;
    this.#connection = new EmbeddedConnection(database);
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy = true;
    return this.#connection;
  }

  /** First come, first served: the turn is handed on, so nobody who comes later takes it. */
  releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy = false;
    else next();
    return Promise.resolve();
  }

  /** At once for writing: a transaction that began as a reader could be refused in its middle (SQLITE_BUSY_SNAPSHOT). */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk ends the transaction by itself; a second end would hide the first error.
    if (this.#database.isTransaction) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  destroy(): Promise<void> {
    this.#connection.forget();
    this.#database.close();
    this.#closeFile();
    return Promise.resolve();
  }
}

class EmbeddedConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** What goes wrong is a rejection. */
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const statement = this.#prepare(sql);
      const values = parameters as (string | number | bigint | Uint8Array | null)[];
      if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] };
      const { changes } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (thrown) {
      if (!isUnavailable(thrown)) throw thrown;
      throw new SluiceError("database_unavailable", `the database cannot be used (${reasonOf(thrown)})`, {
        cause: thrown,
      });
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("assertion: lists are read in pages");
  }

  forget(): void {
    this.#statements.clear();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    // Texts of statements are ours and few; lists of ids make some more of them.
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function isUnavailable(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return false;
  return UNAVAILABLE.has(thrown.errcode & 0xff);
}

/** Of the system. */
function isFault(thrown: unknown): boolean {
  return thrown instanceof Error && "errno" in thrown && "code" in thrown;
}

/** The system's or SQLite's own name of the fault; its message may quote a statement. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown";
  if ("errstr" in thrown && typeof thrown.errstr === "string") return thrown.errstr;
  return "code" in thrown ? String(thrown.code) : "unknown";
}
