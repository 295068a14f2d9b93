/**
 * Data subjects: keys that people's data is sealed under, where data about them is, and how both are destroyed. Only this file, and its
 * tables by the server, are imported by other rooms.
 */
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { EpochKeys } from "../core/epoch-keys.ts";
import { type SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Identifier, KeyDestruction, Posting, SubjectId, SubjectIndex, SubjectKeys } from "../core/subjects.ts";
import { Destruction, type Wakeups } from "./destruction.ts";
import { Flushing } from "./flushing.ts";
import { type Normalizing, normalized } from "./identifier.ts";
import { IndexKeys } from "./index-keys.ts";
import { idOf, Keys } from "./keys.ts";
import { Postings } from "./postings.ts";
import { Purges } from "./purges.ts";
import { type LogToReplay, replayDestroyed } from "./replay.ts";
import { Rotation, rewrapRows, rowsAsUser, type Tally } from "./rotation.ts";
import { SubjectRows } from "./rows.ts";

export interface SubjectsOptions {
  /** Of the evidence; the index has a folder in it. */
  readonly dir: string;
  /** Where it has its folder instead, together with the other gateways of the database. What is in the first is read on. */
  readonly shared?: {
    readonly dir: string;
    /** Names of gateways that ended suddenly and did not come back. Rejects with database_unavailable. */
    readonly lost: () => Promise<readonly string[]>;
  };
  readonly database: {
    readonly sql: Kysely<unknown>;
    readonly wakeups: Wakeups;
    scrubFreed(): Promise<void>;
  };
  /** No other process has the database open. */
  readonly alone: boolean;
  readonly epochKeys: EpochKeys;
  readonly log: LogToReplay;
  readonly record: RecordEvent;
  readonly settings: () => SubjectsSettings;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** A key of an epoch is destroyed, now or long ago: nobody is asked for it any more. */
  readonly keyDestroyed: (version: number) => Promise<void>;
  /** What goes wrong in the background; `what` says what does not happen meanwhile. Must not throw. */
  readonly onFault: (error: SluiceError, what: string) => void;
}

export interface SubjectsSettings extends Normalizing {
  /** Name of this gateway; read when it opens. */
  readonly gateway: string;
  /** How long backups of the database are kept. */
  readonly backupsMs: number;
}

export interface Subjects {
  readonly keys: SubjectKeys;
  readonly index: SubjectIndex;
  readonly destruction: KeyDestruction;
  /** How an identifier is compared; undefined when nothing is left of it. */
  normalize(identifier: Identifier): string | undefined;
  /** Old postings and keys go: recordings before this record, made before this time, are gone. Returns how many that were. */
  retire(before: { readonly record: number; readonly time: number }): Promise<Retired>;
  /** Paths of runs of the index that are damaged. Reads all of them. */
  checkIndex(): Promise<readonly string[]>;
  /** Makes this gateway's part of the index again from what `again` posts. Returns how many runs were replaced. */
  rebuildIndex(again: (post: (posting: Posting) => void) => Promise<void>): Promise<number>;
  /** Brings keys under the newest key of the epochs, and destroys old ones whose time is over. It is done by itself every minute. */
  turn(): Promise<void>;
  close(): Promise<void>;
}

export interface Retired {
  readonly postings: number;
  readonly keys: number;
}

/** Keys are dropped so long after they were read, and gone from memory five seconds later: a minute in all. */
const HOLD_MS = 55_000;
const SWEEP_MS = 5_000;
const TURN_MS = 60_000;
const INSTANCE_BYTES = 9;

/** Throws database_unavailable, evidence_unavailable, and key_unknown when keys are missing that rows are wrapped under. */
export async function openSubjects(options: SubjectsOptions): Promise<Subjects> {
  const { dir, shared, database, alone, epochKeys, log, settings, clock, random, keyDestroyed, onFault } = options;
  const { gateway } = settings();
  const rows = new SubjectRows(database.sql);
  await replayDestroyed({ log, rows, epochKeys, gateway, scrubFreed: () => database.scrubFreed(), keyDestroyed });
  epochKeys.addUser(rowsAsUser(rows, epochKeys));
  const indexKeys = new IndexKeys({ rows, epochKeys, clock, random, holdMs: HOLD_MS });
  const keys = new Keys({ rows, epochKeys, indexKeys, normalizing: settings, clock, random, holdMs: HOLD_MS });
  const ownIndex = join(dir, "subjects", "index");
  const postings = new Postings({
    ...(shared === undefined ? { dir: ownIndex } : { dir: shared.dir, before: ownIndex }),
    gateway,
    onFault: (error) => onFault(error, "postings of data subjects wait in memory"),
  });
  const purges = new Purges(database.sql);
  const self = { instance: Buffer.from(random(INSTANCE_BYTES)).toString("base64url"), name: gateway };
  const destruction = new Destruction({
    rows,
    purges,
    keys,
    indexKeys,
    epochKeys,
    wakeups: database.wakeups,
    scrubFreed: () => database.scrubFreed(),
    self,
    alone,
    backupsMs: () => settings().backupsMs,
    clock,
    random,
    onFault: (error) => onFault(error, "other gateways are not heard about keys that were destroyed"),
  });
  const rotation = new Rotation({
    rows,
    epochKeys,
    record: options.record,
    backupsMs: () => settings().backupsMs,
    clock,
    async destroyed(version) {
      await destruction.tellDestroyed(version);
      await keyDestroyed(version);
    },
    onFault: (error) => onFault(error, "an old key of data subjects cannot be destroyed yet"),
  });
  const flushing =
    shared === undefined
      ? undefined
      : new Flushing({
          lost: shared.lost,
          purges,
          wakeups: database.wakeups,
          self,
          sync: () => postings.sync(),
          clock,
          random,
          onFault: (error) => onFault(error, "other gateways do not find what was recorded here last"),
        });
  if (shared !== undefined) await purges.goneBefore(self);
  await destruction.begin();
  const sweeping = setInterval(() => {
    keys.sweep(clock());
    indexKeys.sweep(clock());
  }, SWEEP_MS);
  sweeping.unref();
  const turning = setInterval(() => {
    rotation
      .turn()
      .catch((thrown: unknown) => onFault(toSluiceError(thrown), "keys of data subjects stay under an old key"));
  }, TURN_MS);
  turning.unref();

  return {
    keys,
    index: {
      post: (posting) => postings.post(posting),
      sync: () => postings.sync(),
      gather: () => flushing?.gather() ?? Promise.resolve([]),
      async postings(ids) {
        await flushing?.gatherOnce();
        return postings.find(ids);
      },
      idsOf: (identifiers) => idsOf({ rows, keys, indexKeys }, identifiers),
    },
    destruction,
    normalize: (identifier) => normalized(identifier, settings()),
    async retire({ record, time }) {
      const dropped = await postings.dropBefore(record);
      return { postings: dropped, keys: await retireKeys(rows, database, epochKeys, time) };
    },
    checkIndex: () => postings.check(),
    rebuildIndex: (again) => postings.rebuild(again),
    turn: () => rotation.turn(),
    async close() {
      clearInterval(sweeping);
      clearInterval(turning);
      flushing?.close();
      await destruction.close();
      await postings.close();
      indexKeys.clear();
      await keys.forgetAll();
    },
  };
}

interface Lookup {
  readonly rows: SubjectRows;
  readonly keys: Keys;
  readonly indexKeys: IndexKeys;
}

async function idsOf({ rows, keys, indexKeys }: Lookup, identifiers: readonly Identifier[]): Promise<SubjectId[]> {
  const taggers = await indexKeys.all();
  // All tags first, while the index keys are surely there.
  const asked = taggers.map((tagger) => ({ epoch: tagger.epoch, tags: keys.tagsOf(tagger, identifiers) }));
  const ids: SubjectId[] = [];
  for (const { epoch, tags } of asked) {
    const bytes = [...new Set(tags)].filter((tag) => tag !== undefined).map((tag) => Buffer.from(tag, "latin1"));
    for (const { id } of await rows.byTags(epoch, bytes)) ids.push(idOf(id));
  }
  return ids;
}

/** Of epochs that were over by then: nothing is sealed under them that is still there. */
async function retireKeys(
  rows: SubjectRows,
  database: SubjectsOptions["database"],
  epochKeys: EpochKeys,
  time: number,
): Promise<number> {
  // The index key of an epoch is made with its first subject, so that its age is when the one before was over.
  const begun = (await rows.epochs()).filter(({ created_at: createdAt }) => createdAt <= time);
  const oldest = begun.at(-1)?.epoch ?? 0;
  let dropped = 0;
  for (;;) {
    const ids = await rows.madeBefore(oldest);
    if (ids.length === 0) break;
    await rows.delete(ids);
    dropped += ids.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (dropped === 0) return 0;
  await rows.dropEmptyEpochs(await epochKeys.current());
  await database.scrubFreed();
  return dropped;
}

/** For `sluice keys`: what stands under the keys of the epochs, counted and brought over. The database may not be there. */
export function subjectValues(sql: () => Promise<Kysely<unknown> | undefined>, epochKeys: () => EpochKeys) {
  return {
    async count(versions: ReadonlySet<number>) {
      const database = await sql();
      const counts = database === undefined ? new Map<number, number>() : await new SubjectRows(database).counts();
      let unreadable = 0;
      for (const [version, count] of counts) if (!versions.has(version)) unreadable += count;
      return { counts, unreadable };
    },
    async rewrap(tally: Tally, progress: () => void): Promise<void> {
      const database = await sql();
      if (database !== undefined) await rewrapRows(new SubjectRows(database), epochKeys(), tally, progress);
    },
  };
}
