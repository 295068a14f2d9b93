/**
 * PostgreSQL by URL, for more than one gateway: a pool for Kysely, and one connection more that listens (LISTEN/NOTIFY) so that
 * a decision made at one gateway wakes a request that waits at another. While that connection is down, listeners are told again
 * and again that they may miss something, so that they look by themselves.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { type Dialect, PostgresDialect, type PostgresPoolClient } from "kysely";
import { SluiceError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { type Listener, LocalWakeups, type Wakeups } from "./wakeups.ts";

const POOL_MAX = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const CHANNEL = "sluice_wakeups";
const RECONNECT_MS = 250;
/** A connection that was lost without a word is noticed after at most this. */
const HEARTBEAT_MS = 2_000;
const INT8_OID = 20;

/** Classes of SQLSTATE that say nothing of the statement: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNAVAILABLE = /^(08|53|57|58)/;

export interface Remote {
  readonly dialect: Dialect;
  readonly wakeups: Wakeups;
  close(): Promise<void>;
}

/** `onFault` gets what went wrong in the background; it must not throw. Rejects with database_unavailable. */
export async function openRemote(url: Secret, onFault: (error: SluiceError) => void): Promise<Remote> {
  const settings: pg.PoolConfig = {
    connectionString: url.reveal(),
    application_name: "sluice",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  };
  const pool = new pg.Pool({ ...settings, max: POOL_MAX });
  // An idle connection that breaks is replaced at the next use, which says what is wrong if it stays wrong.
  pool.on("error", (thrown) => onFault(unavailable(thrown)));
  const wakeups = new RemoteWakeups(settings, pool, onFault);
  try {
    await wakeups.open();
  } catch (thrown) {
    await pool.end();
    throw unavailable(thrown);
  }
  return {
    dialect: new PostgresDialect({ pool: { connect: () => connect(pool), end: () => pool.end() } }),
    wakeups,
    close: () => wakeups.close(),
  };
}

/** Times are milliseconds in `bigint` columns, well within what a double holds; by default they would be strings. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: never) => unknown {
  if (oid === INT8_OID && format !== "binary") return Number;
  return pg.types.getTypeParser(oid, format) as (value: never) => unknown;
}

async function connect(pool: pg.Pool): Promise<PostgresPoolClient> {
  const client = await pool.connect().catch((thrown: unknown) => {
    throw unavailable(thrown);
  });
  let broken = false;
  // While it is lent nobody else listens, and an error that nobody hears ends the process. Statements say what is wrong.
  const lost = (): void => {
    broken = true;
  };
  client.on("error", lost);
  return {
    query: (async (text: string, values: unknown[]) => {
      try {
        return await client.query(text, values);
      } catch (thrown) {
        if (!isUnavailable(thrown)) throw thrown;
        broken = true;
        throw unavailable(thrown);
      }
    }) as unknown as PostgresPoolClient["query"],
    release: () => {
      client.off("error", lost);
      client.release(broken);
    },
  };
}

class RemoteWakeups implements Wakeups {
  readonly #settings: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #onFault: (error: SluiceError) => void;
  readonly #local = new LocalWakeups();
  /** Our own messages come back to us, after they were delivered here already. */
  readonly #self = randomUUID();
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: pg.ClientConfig, pool: pg.Pool, onFault: (error: SluiceError) => void) {
    this.#settings = settings;
    this.#pool = pool;
    this.#onFault = onFault;
  }

  async open(): Promise<void> {
    const client = new pg.Client(this.#settings);
    client.on("error", (thrown) => this.#lost(client, thrown));
    client.on("end", () => this.#lost(client, undefined));
    client.on("notification", ({ payload = "" }) => {
      // Sender and topic hold no space; a message may.
      const [, self, topic = "", message = ""] = /^(\S+) (\S+) (.*)$/s.exec(payload) ?? [];
      if (self !== this.#self) this.#local.deliver(topic, message);
    });
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.#client = client;
    this.#beat(client);
  }

  listen(topic: string, listener: Listener): () => void {
    return this.#local.listen(topic, listener);
  }

  async send(topic: string, message: string): Promise<void> {
    this.#local.deliver(topic, message);
    try {
      await this.#pool.query("select pg_notify($1, $2)", [CHANNEL, `${this.#self} ${topic} ${message}`]);
    } catch (thrown) {
      // What happened is in the database; the others look there as long as they cannot hear.
      this.#onFault(unavailable(thrown));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#client?.end();
  }

  #beat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      const late = setTimeout(() => this.#lost(client, new Error("no answer")), HEARTBEAT_MS);
      client.query("select 1").then(
        () => {
          clearTimeout(late);
          if (this.#client === client && !this.#closed) this.#beat(client);
        },
        (thrown: unknown) => {
          clearTimeout(late);
          this.#lost(client, thrown);
        },
      );
    }, HEARTBEAT_MS);
    this.#timer.unref();
  }

  #lost(client: pg.Client, thrown: unknown): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = undefined;
    clearTimeout(this.#timer);
    this.#onFault(unavailable(thrown));
    client.end().catch(() => undefined);
    this.#reopen();
  }

  #reopen(): void {
    this.#local.missed();
    this.#timer = setTimeout(() => {
      this.open().then(
        () => (this.#closed ? this.#client?.end().catch(() => undefined) : this.#local.missed()),
        () => (this.#closed ? undefined : this.#reopen()),
      );
    }, RECONNECT_MS);
    this.#timer.unref();
  }
}

function isUnavailable(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = "code" in thrown ? String(thrown.code) : "";
  // The driver's own errors ("Connection terminated") have no code; those of the server have a SQLSTATE.
  return code === "" || /^E[A-Z]+$/.test(code) || UNAVAILABLE.test(code);
}

/** Messages of the driver and the server may quote the URL or values, so only their code is told. */
function unavailable(thrown: unknown): SluiceError {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "connection lost";
  return new SluiceError("database_unavailable", `the database cannot be used (${code})`, { cause: thrown });
}
