/**
 * The turn of an epoch: what is left comes under the new key, in small pieces between which exchanges get their turn; and when backups
 * from before are no longer kept, the old key is destroyed, and with it whatever was erased and still stands in a copy somewhere. A
 * pass that is cut off is begun again; nothing is lost in between, since old keys open until they are destroyed.
 */
import type { EpochKeys } from "../core/epoch-keys.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { idOf } from "./keys.ts";
import type { SubjectRow, SubjectRows } from "./rows.ts";
import { ID_BYTES, indexBinding, subjectBinding } from "./wrapping.ts";

export interface Tally {
  rows: number;
  /** Of them, those that were looked at. */
  seen: number;
  done: number;
  /** Did not open; they stay as they are. */
  failed: number;
  readonly failedNames: string[];
}

export interface RotationOptions {
  readonly rows: SubjectRows;
  readonly epochKeys: EpochKeys;
  readonly record: RecordEvent;
  readonly backupsMs: () => number;
  readonly clock: () => number;
  /** A key was destroyed, on record and with its file: tells others. */
  readonly destroyed: (version: number) => Promise<void>;
  readonly onFault: (error: SluiceError) => void;
}

const NAMED_MAX = 20;
/** Another gateway may wrap under an old key until it has noticed the new one. */
const NOTICED_MS = 300_000;

export class Rotation {
  readonly #options: RotationOptions;
  /** Versions that are still in use though their time is over: told once each. */
  readonly #told = new Set<number>();
  #turning: Promise<void> | undefined;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  /** Does what there is to do now. One at a time; rejects when a key or the database cannot be used. */
  turn(): Promise<void> {
    this.#turning ??= this.#turn().finally(() => (this.#turning = undefined));
    return this.#turning;
  }

  async #turn(): Promise<void> {
    const { rows, epochKeys, record } = this.#options;
    if ((await epochKeys.versions()).length === 0) return;
    const current = await epochKeys.current();
    for (const user of epochKeys.users) {
      const done = await user.rewrap();
      if (done > 0) await record({ name: "key.rewrapped", target: "subjects", facts: { done, of: user.name } });
    }
    await rows.dropEmptyEpochs(current);
    await this.#destroyOld(current);
  }

  async #destroyOld(current: number): Promise<void> {
    const { rows, epochKeys, clock, backupsMs, destroyed, onFault } = this.#options;
    const versions = await epochKeys.versions();
    const already = new Set(await rows.destroyedKeys());
    for (const [at, { version }] of versions.entries()) {
      const next = versions[at + 1];
      if (next === undefined || version >= current) continue;
      if (already.has(version)) {
        await epochKeys.forget(version);
        continue;
      }
      if (clock() < next.createdAt + Math.max(backupsMs(), NOTICED_MS)) continue;
      try {
        await epochKeys.destroy(version);
        await destroyed(version);
      } catch (thrown) {
        // What still needs it is somebody's to look after; the others go on.
        if (!(thrown instanceof SluiceError) || thrown.code !== "key_in_use") throw thrown;
        if (!this.#told.has(version)) onFault(thrown);
        this.#told.add(version);
      }
    }
  }
}

/** What `EpochKeys.destroy` asks of the rows, and what a new epoch brings over. */
export function rowsAsUser(rows: SubjectRows, epochKeys: EpochKeys) {
  return {
    name: "data subjects",
    count: (version: number) => rows.count(version),
    async rewrap(): Promise<number> {
      const tally: Tally = { rows: 0, seen: 0, done: 0, failed: 0, failedNames: [] };
      await rewrapRows(rows, epochKeys, tally, () => undefined);
      return tally.done;
    },
  };
}

/** All that is under older keys, under the newest. Makes no key. `tally` is true of a pass that is cut off as well. */
export async function rewrapRows(
  rows: SubjectRows,
  epochKeys: EpochKeys,
  tally: Tally,
  progress: () => void,
): Promise<void> {
  const newest = (await epochKeys.versions()).at(-1)?.version ?? 0;
  const older = newest < 2 ? [] : await rows.versionsBefore(newest);
  for (const kek of older) tally.rows += await rows.count(kek);
  for (const kek of older) {
    await rewrapIndexKeys(rows, epochKeys, kek, tally);
    for (let after = Buffer.alloc(ID_BYTES); ; ) {
      const began = performance.now();
      const some = await rows.under(kek, after);
      const last = some.at(-1);
      if (last === undefined) break;
      await rewrapSome(rows, epochKeys, some, tally);
      after = Buffer.from(last.id);
      tally.seen += some.length;
      progress();
      await new Promise((resolve) => setTimeout(resolve, performance.now() - began));
    }
  }
  // Rows that came or went meanwhile are no part of what was counted.
  tally.seen = tally.rows;
}

async function rewrapSome(
  rows: SubjectRows,
  epochKeys: EpochKeys,
  some: readonly SubjectRow[],
  tally: Tally,
): Promise<void> {
  const moved = new Map<number, Pick<SubjectRow, "id" | "wrapped">[]>();
  for (const row of some) {
    await counting(tally, idOf(row.id), async () => {
      const { version, wrapped } = await again(epochKeys, row, subjectBinding(row));
      moved.set(version, [...(moved.get(version) ?? []), { id: row.id, wrapped }]);
    });
  }
  for (const [version, each] of moved) await rows.rewrapped(each, some[0]?.kek ?? 0, version);
}

async function rewrapIndexKeys(rows: SubjectRows, epochKeys: EpochKeys, kek: number, tally: Tally): Promise<void> {
  for (const row of await rows.epochs()) {
    if (row.kek !== kek) continue;
    await counting(tally, `index key ${row.epoch}`, async () => {
      const { version, wrapped } = await again(epochKeys, row, indexBinding(row));
      await rows.epochRewrapped(row, version, wrapped);
    });
    tally.seen += 1;
  }
}

async function again(
  epochKeys: EpochKeys,
  { kek, wrapped }: Pick<SubjectRow, "kek" | "wrapped">,
  binding: Uint8Array,
): Promise<{ readonly version: number; readonly wrapped: Uint8Array }> {
  const key = await epochKeys.unwrap(kek, wrapped, binding);
  try {
    return await epochKeys.wrap(key, binding);
  } finally {
    key.fill(0);
  }
}

/** One that does not open must not keep the others under an old key. A root key that is away ends the pass. */
async function counting(tally: Tally, name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    tally.done += 1;
  } catch (thrown) {
    const error = toSluiceError(thrown);
    if (error.code !== "seal_invalid" && error.code !== "key_unknown") throw thrown;
    tally.failed += 1;
    if (tally.failedNames.length < NAMED_MAX) tally.failedNames.push(name);
  }
}
