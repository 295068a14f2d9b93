/**
 * Deletes rows in a PostgreSQL database of somebody else, one statement for each identifier and all of them in one transaction: by a
 * statement of the configuration, or, for a table that keeps metadata beside vectors or texts, by a member of that metadata. pgvector and
 * a plain table are the same to it.
 */
import type { CallableSink, SinkParameter } from "../../core/rights.ts";
import { type Sink, type SinkIdentifier, sinkRefused, sinkUnavailable } from "./sink.ts";

type SqlSettings = Extract<CallableSink, { readonly kind: "sql" }>;
type VectorSettings = Extract<CallableSink, { readonly kind: "vector" }>;

const CONNECT_MS = 10_000;
const STATEMENT_MS = 60_000;

export function createSqlSink(settings: SqlSettings): Sink {
  return { erase: (identifiers) => run(settings, settings.statement, settings.parameters, identifiers) };
}

export function createVectorSink(settings: VectorSettings): Sink {
  const { table, column, key } = settings;
  const name = table.split(".").map(quoted).join(".");
  // As it was written and as it is compared: whoever filled the table may have kept either.
  const statement = `delete from ${name} where ${quoted(column)} ->> ${literal(key)} in ($1, $2)`;
  return { erase: (identifiers) => run(settings, statement, ["value", "normalised"], identifiers) };
}

async function run(
  { name, url }: SqlSettings | VectorSettings,
  statement: string,
  parameters: readonly SinkParameter[],
  identifiers: readonly SinkIdentifier[],
): Promise<{ readonly removed: number }> {
  // Loaded by who has such a sink.
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + CONNECT_MS,
    application_name: "sluice",
  });
  // A connection that breaks while nothing is asked says so here; the next statement fails.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("begin");
    let removed = 0;
    for (const identifier of identifiers) {
      const { rowCount } = await client.query(
        statement,
        parameters.map((each) => identifier[each]),
      );
      removed += rowCount ?? 0;
    }
    await client.query("commit");
    return { removed };
  } catch (thrown) {
    const state = sqlState(thrown);
    if (state !== undefined && isOfTheStatement(state))
      throw sinkRefused(name, `does not take its statement (SQLSTATE ${state})`, thrown);
    throw sinkUnavailable(name, state === undefined ? "could not be reached" : `failed (SQLSTATE ${state})`, thrown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * https://www.postgresql.org/docs/current/errcodes-appendix.html: data exceptions (22), constraint violations (23), wrong statements and
 * missing rights (42) come again however often one tries.
 */
function isOfTheStatement(state: string): boolean {
  return ["22", "23", "42"].includes(state.slice(0, 2));
}

function sqlState(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") return undefined;
  return /^[0-9A-Z]{5}$/.test(thrown.code) ? thrown.code : undefined;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
