/**
 * Whether this gateway, this database and these files are of one log. Asked before anything is appended. Promises that nothing is
 * made or changed where they are not: a log that was put together wrongly is still there to be put right.
 */

import { join } from "node:path";
import { parseCheckpoint, parseLogInfo, parseNote, VerifierError } from "@sluice/verifier";
import { sql } from "kysely";
import { SluiceError } from "../../core/errors.ts";
import { type Disk, replaceFile } from "../disk.ts";
import { LogKeys } from "../keys.ts";
import { older } from "./appender.ts";
import type { SharedFiles } from "./files.ts";
import { asked, LOG_ID, type SharedDatabase, type SharedTables } from "./tables.ts";

const ANSWER_MS = 30_000;
/** No principal has such a name. */
const NOBODY = "\0shared log";
/** In the folder of a gateway that writes to a shared log: nobody may begin a log of his own there, with the same keys. */
export const SHARED_MARK = "shared-log";

export interface OpeningOptions {
  readonly db: SharedDatabase;
  readonly files: SharedFiles;
  readonly disk: Disk;
  readonly dir: string;
  readonly origin: string;
}

/**
 * Gives the keys, made now by the first gateway that ever comes; others wait for it. Throws config_invalid (another origin, a log
 * of one gateway), keys_differ, database_older, evidence_corrupt, evidence_unavailable.
 */
export async function openTogether(options: OpeningOptions): Promise<LogKeys> {
  const { db, disk, dir, origin } = options;
  if ((await disk.list(join(dir, "segments"))).length > 0) {
    throw new SluiceError(
      "config_invalid",
      `${dir} holds the log of one gateway, which cannot become a shared one: its keys would sign two logs. Keep it, and give ` +
        "the shared log another evidence.dir and another evidence.origin (docs/deployment.md)",
    );
  }
  const keys = await asked(ANSWER_MS, () =>
    db.transaction().execute(async (transaction) => {
      await checkDurability(transaction);
      await transaction
        .insertInto("evidence_log")
        .values({ ...EMPTY, id: LOG_ID, origin })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
      await transaction
        .insertInto("evidence_head")
        .values({ id: LOG_ID, size: 0 })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
      // Whoever opens at the same time waits here, so that one of them makes the keys.
      const log = await transaction
        .updateTable("evidence_log")
        .set({ id: LOG_ID })
        .where("id", "=", LOG_ID)
        .returningAll()
        .executeTakeFirstOrThrow();
      const { size } = await transaction
        .selectFrom("evidence_head")
        .select("size")
        .where("id", "=", LOG_ID)
        .executeTakeFirstOrThrow();
      return compare(options, transaction, log, size);
    }),
  );
  const path = join(dir, SHARED_MARK);
  await replaceFile(disk, `${path}.new`, {
    path,
    bytes: Buffer.from(`${origin}\n`),
    permissions: 0o600,
    durable: true,
  });
  return keys;
}

const EMPTY = {
  info: null,
  pseudonyms: null,
  signed_size: 0,
  signed: null,
  published: 0,
  checkpoint: null,
  cosigned_size: 0,
  cosigned: null,
  minimum: 0,
  pruned: 0,
  fence: 0,
  holder: null,
  locked: 0,
  lease_until: 0,
};

async function compare(
  { files, disk, dir, origin }: OpeningOptions,
  db: SharedDatabase,
  log: SharedTables["evidence_log"],
  size: number,
): Promise<LogKeys> {
  if (log.origin !== origin) {
    throw new SluiceError("config_invalid", `the database holds the log of the origin ${log.origin}, not ${origin}`);
  }
  const [info, checkpoint] = await Promise.all([files.read("log.json"), files.read("checkpoint")]);
  checkFiles(log, origin, info);
  if (log.signed_size > size) throw older(`${log.signed_size} records were signed, it has ${size}`);
  const keys = await openKeys({ disk, dir, origin }, log);
  const published = checkpoint === undefined ? undefined : readSigned(checkpoint, keys);
  if (published !== undefined && published.size > log.signed_size) {
    throw older(`the published checkpoint covers ${published.size} records, it knows of ${log.signed_size}`);
  }
  // Of what this gateway may not know, `openKeys` has told. What it alone knows is a ceremony that goes on here.
  if (log.info === null || datedKeysOf(log.info) !== datedKeysOf(keys.logInfo())) {
    await db
      .updateTable("evidence_log")
      .set({ info: keys.logInfo(), pseudonyms: keys.pseudonym(NOBODY) })
      .where("id", "=", LOG_ID)
      .execute();
  }
  return keys;
}

function checkFiles(log: SharedTables["evidence_log"], origin: string, info: Buffer | undefined): void {
  if (info === undefined) {
    if (log.published === 0) return;
    throw new SluiceError(
      "evidence_corrupt",
      `the shared files of the log are not there (no log.json), and ${log.published} records were published; is the folder ` +
        "mounted, is it the right one?",
    );
  }
  const found = readInfo(info);
  if (found.origin !== origin) {
    throw new SluiceError("config_invalid", `the shared files belong to the origin ${found.origin}, not ${origin}`);
  }
  if (log.info === null) throw older("the shared files hold a log that it knows nothing of");
  if ((found.minimumIndex ?? 0) > log.minimum) {
    throw older(`entries below ${found.minimumIndex} were pruned, it knows of those below ${log.minimum}`);
  }
  const known = parseLogInfo(Buffer.from(log.info)).vkeys;
  if (found.vkeys.some((vkey) => known.includes(vkey))) return;
  throw new SluiceError(
    "evidence_corrupt",
    "the shared files hold a log that is signed with other keys; is it the right folder?",
  );
}

async function openKeys(
  { disk, dir, origin }: Pick<OpeningOptions, "disk" | "dir" | "origin">,
  log: SharedTables["evidence_log"],
): Promise<LogKeys> {
  const logInfo = log.info === null ? undefined : Buffer.from(log.info);
  let keys: LogKeys;
  try {
    keys = await LogKeys.open({ disk, dir, origin, fresh: log.info === null, logInfo });
  } catch (thrown) {
    if (log.info === null || !(thrown instanceof SluiceError) || thrown.code !== "evidence_corrupt") throw thrown;
    throw differ(dir, thrown.message);
  }
  if (log.info !== null && !continues(keys.logInfo(), log.info)) {
    throw differ(dir, "keys/generations.json is older than the log's");
  }
  if (log.info !== null && log.pseudonyms !== keys.pseudonym(NOBODY)) {
    throw differ(dir, "keys/pseudonym.key is not the log's key");
  }
  return keys;
}

/** Whether all keys that the log has had are among ours, from the same sizes on, and none signs here that has ended there. */
function continues(ours: string, theirs: string): boolean {
  const own = parseLogInfo(ours).keys ?? [];
  return (parseLogInfo(theirs).keys ?? []).every((key) =>
    own.some(({ vkey, from, to }) => vkey === key.vkey && from === key.from && (key.to === undefined || to === key.to)),
  );
}

/** Which keys signed from and to which size, as far as log.json says so: nothing before they were changed. */
export function datedKeysOf(info: string): string {
  return JSON.stringify(parseLogInfo(info).keys ?? []);
}

function differ(dir: string, what: string): SluiceError {
  return new SluiceError(
    "keys_differ",
    `the shared evidence log is signed with other keys than this gateway has: ${what}. Copy log-*.pem, generations.json where it is there, and pseudonym.key to ` +
      `${join(dir, "keys")} from the gateway that opened the log first, or from a backup (docs/deployment.md)`,
  );
}

/** A database that acknowledges before it has written would lose what was acknowledged. */
async function checkDurability(db: SharedDatabase): Promise<void> {
  const { rows } = await sql<{ level: string }>`select current_setting('synchronous_commit') as level`.execute(db);
  if (rows[0]?.level !== "off") return;
  throw new SluiceError(
    "config_invalid",
    "the database acknowledges commits before they are durable (synchronous_commit is off); turn it on for this database",
  );
}

function readInfo(bytes: Buffer): ReturnType<typeof parseLogInfo> {
  try {
    return parseLogInfo(bytes);
  } catch (error) {
    throw new SluiceError("evidence_corrupt", "log.json of the shared files cannot be read", { cause: error });
  }
}

/** The checkpoint when this log has signed it; anything else there binds nobody. */
export function readSigned(bytes: Buffer, keys: LogKeys): ReturnType<typeof parseCheckpoint> | undefined {
  try {
    const note = parseNote(bytes);
    return keys.hasSigned(note) ? parseCheckpoint(note.text) : undefined;
  } catch (error) {
    if (error instanceof VerifierError) return undefined;
    throw error;
  }
}
