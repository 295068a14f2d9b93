/**
 * How long it takes to find one person's 1,000 records among many, and to erase one of many people. The index and the rows are made
 * directly, as large as wanted; then the gateway's own parts search and erase, from files that they open for it.
 */
import { randomBytes, randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { Custody } from "../../gateway/src/custody/index.ts";
import { openDatabase } from "../../gateway/src/server/database.ts";
import { openSubjects } from "../../gateway/src/subjects/index.ts";
import { subjectMigrations } from "../../gateway/src/subjects/migrations.ts";
import { Postings } from "../../gateway/src/subjects/postings.ts";
import { POSTING_BYTES, RUN_POSTINGS_MAX, sortPostings, writeRun } from "../../gateway/src/subjects/run.ts";
import { median } from "./statistics.ts";

const RECORDS_OF_ONE = 1_000;
/** Of two subjects each. */
const POSTINGS_PER_RECORD = 2;
const ERASURES = 5;
const ROWS_AT_ONCE = 50_000;
const HOUR_MS = 3_600_000;

/** Seconds; every search is by a process that has just opened the index. */
export async function findSeconds(records: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-bench-find-"));
  try {
    const subject = randomBytes(8);
    await makeRuns(join(dir, "one"), subject, records);
    const seconds: number[] = [];
    for (let round = 0; round < 3; round++) {
      const postings = new Postings({ dir, gateway: "one", onFault: thrown });
      const began = performance.now();
      const found = await postings.find([subject.toString("base64url")]);
      seconds.push((performance.now() - began) / 1_000);
      if (found.length !== RECORDS_OF_ONE) throw new Error(`found ${found.length} of ${RECORDS_OF_ONE} records`);
    }
    return median(seconds);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function makeRuns(folder: string, subject: Uint8Array, records: number): Promise<void> {
  const every = Math.floor(records / RECORDS_OF_ONE);
  const buffer = Buffer.allocUnsafeSlow(RUN_POSTINGS_MAX * POSTING_BYTES);
  const total = records * POSTINGS_PER_RECORD;
  for (let from = 0; from < total; from += RUN_POSTINGS_MAX) {
    const count = Math.min(RUN_POSTINGS_MAX, total - from);
    randomFillSync(buffer);
    for (let at = 0; at < count; at++) {
      const record = Math.floor((from + at) / POSTINGS_PER_RECORD);
      const isFirst = (from + at) % POSTINGS_PER_RECORD === 0;
      if (isFirst && record % every === 0 && record < every * RECORDS_OF_ONE) buffer.set(subject, at * POSTING_BYTES);
      buffer.writeBigUInt64BE(BigInt(record), at * POSTING_BYTES + 8);
      buffer.writeBigUInt64BE(BigInt(record), at * POSTING_BYTES + 16);
    }
    await writeRun(folder, sortPostings(buffer.subarray(0, count * POSTING_BYTES)));
  }
}

/**
 * Seconds until the key of one of so many is gone from the database's files and from memory: the slowest of a few, which is the first,
 * since it also clears what the making of all the others has left between them.
 */
export async function eraseSeconds(subjects: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-bench-erase-"));
  const database = await openDatabase({ dir, migrations: subjectMigrations, clock: Date.now, onFault: thrown });
  const custody = new Custody(Date.now);
  const settings = {
    dir: join(dir, "custody"),
    refreshMs: HOUR_MS,
    keepMs: HOUR_MS,
    cacheMs: 60_000,
    root: { provider: "file", path: join(dir, "custody", "root.key") },
    aws: {},
  } as const;
  const record = () => Promise.resolve({ index: 0 });
  const epochKeys = custody.epochs(() => settings, { record, epochMs: () => 720 * HOUR_MS, onFault: thrown });
  try {
    // Only while they are made, which is not measured.
    await sql`pragma cache_size = -262144`.execute(database.sql);
    for (let made = 0; made < subjects; made += ROWS_AT_ONCE) {
      await sql`
        with recursive each(n) as (select 1 union all select n + 1 from each where n < ${ROWS_AT_ONCE})
        insert into subjects (id, epoch, tag, kek, wrapped, created_at)
        select randomblob(8), 1, randomblob(16), 1, randomblob(60), 0 from each
      `.execute(database.sql);
    }
    await sql`pragma cache_size = -2000`.execute(database.sql);
    await epochKeys.current();
    const opened = await openSubjects({
      dir,
      database,
      alone: true,
      epochKeys,
      log: { published: 0, minimum: 0, async *entries() {} },
      record,
      keyDestroyed: () => Promise.resolve(),
      settings: () => ({ gateway: "one", backupsMs: 720 * HOUR_MS, stripTags: true }),
      clock: Date.now,
      random: randomBytes,
      onFault: thrown,
    });
    const seconds: number[] = [];
    for (let at = 0; at < ERASURES; at++) {
      const identifier = { type: "EMAIL", value: `person-${at}@example.com` };
      await opened.keys.keysFor([identifier]);
      const began = performance.now();
      await opened.destruction.destroy(await opened.index.idsOf([identifier]));
      seconds.push((performance.now() - began) / 1_000);
    }
    await opened.close();
    return Math.max(...seconds);
  } finally {
    await custody.close();
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function thrown(error: Error): never {
  throw error;
}
