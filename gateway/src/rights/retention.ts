/**
 * Deletes what has been kept for long enough: recordings by their purpose, then the index and the log's own entries. What is about to
 * go is on record before it goes, and what came of it afterwards. A legal hold keeps what it covers: of recordings whole files, of the log
 * everything from the first entry on that is covered, because a log is only ever cut off at its beginning. The tree stays as it is, and
 * every proof of what is left.
 */
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { RecordingArchive } from "../core/recording.ts";
import type { RetentionSettings } from "../core/rights.ts";
import type { SubjectId, SubjectIndex } from "../core/subjects.ts";
import { daysOf } from "./access.ts";
import { type ActiveHold, covers, type Holds } from "./holds.ts";
import { intentFrom, type LogReader } from "./records.ts";

export interface RetentionOptions {
  readonly log: LogReader & {
    /** Removes the entries before `to`, for good; their hashes stay. Gives how many: 0 where another gateway was first. */
    prune(to: number): Promise<number>;
    /**
     * Other gateways append to it too. Their part of the index and their recordings are theirs, so that nobody sees all that a hold of
     * people covers: such a hold then keeps every entry of its scope, whoever it is about, and every key.
     */
    readonly shared?: boolean;
  };
  readonly subjects: Pick<SubjectIndex, "postings"> & {
    /** Removes what leads to records before this one, and keys that were made before this time. */
    retire(before: { readonly record: number; readonly time: number }): Promise<unknown>;
  };
  readonly archive: Pick<RecordingArchive, "kept" | "prune">;
  readonly holds: Pick<Holds, "active">;
  readonly record: RecordEvent;
  readonly settings: () => RetentionSettings;
  /** ISO 8601 by purpose, as it is configured now. */
  readonly purposes: () => ReadonlyMap<string, string>;
  readonly clock: () => number;
}

/** What a run would delete. Times in milliseconds since the epoch. */
export interface RetentionPlan {
  readonly recordings: readonly {
    readonly purpose: string;
    /** ISO 8601, where a policy has shortened it. */
    readonly retention?: string;
    readonly before: number;
    /** A hold that covers the whole purpose: nothing of it is deleted. */
    readonly hold?: string;
  }[];
  readonly log: {
    readonly before: number;
    /** The entries from `from` up to `to`; equal: none. */
    readonly from: number;
    readonly to: number;
    /** A hold that covers the entry at which it stops. */
    readonly hold?: string;
  };
}

export interface RetentionReport extends RetentionPlan {
  readonly files: number;
  readonly bytes: number;
  /** Files of recordings that stay for a hold. */
  readonly filesHeld: number;
}

const DAY_MS = 86_400_000;
/** The log is pruned by whole bundles. */
const BUNDLE_ENTRIES = 256;

export class Retention {
  readonly #options: RetentionOptions;
  #running: Promise<RetentionReport> | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  async plan(): Promise<RetentionPlan> {
    const { holds } = this.#options;
    return this.#plan(await holds.active());
  }

  /** One at a time: who comes meanwhile gets the report of the run that is under way. Throws what stops it; it may be run again. */
  run(by?: string): Promise<RetentionReport> {
    this.#running ??= this.#run(by).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  async #run(by: string | undefined): Promise<RetentionReport> {
    const { holds, record, archive, subjects, log } = this.#options;
    const active = await holds.active();
    const plan = await this.#plan(active);
    const actor = by === undefined ? {} : { actor: by };
    await record({ name: "retention.pruned", ...actor, facts: factsOf(plan) });
    let files = 0;
    let bytes = 0;
    let filesHeld = 0;
    for (const { purpose, retention, before, hold } of plan.recordings) {
      // A run may take long: what was put under a hold since it began stays as well.
      const standing = await holds.active();
      if (hold !== undefined || keepsAll(standing, purpose) !== undefined) continue;
      const pruned = await archive.prune({
        before,
        purpose,
        ...(retention === undefined ? {} : { retention }),
        held: (subject) => isHeld(standing, subject, purpose),
      });
      files += pruned.deleted.length;
      filesHeld += pruned.held.length;
      for (const each of pruned.deleted) bytes += each.bytes;
    }
    const { from } = plan.log;
    const to = (await holds.active()).every(({ hold }) => active.some((each) => each.hold.id === hold.id))
      ? plan.log.to
      : from;
    let entries = 0;
    // What another gateway has removed from the log leaves this one its own part of the index to retire.
    if (to > from || (log.shared === true && to > 0)) {
      // What recordings that stay for a hold are sealed under stays too.
      const keepsKeys =
        filesHeld > 0 ||
        to < plan.log.to ||
        [...plan.recordings, plan.log].some(({ hold }) => hold !== undefined) ||
        (log.shared === true && active.length > 0);
      await subjects.retire({ record: to, time: keepsKeys ? 0 : plan.log.before });
      if (to > from) entries = await log.prune(to);
    }
    await record({
      name: "retention.completed",
      ...actor,
      facts: { bytes, entries, files, held: filesHeld },
    });
    return { ...plan, files, bytes, filesHeld };
  }

  async #plan(active: readonly ActiveHold[]): Promise<RetentionPlan> {
    const { settings, purposes, archive, clock } = this.#options;
    const now = clock();
    const before = now - settings().metadataMs;
    const log = await this.#cut(before, active);
    const configured = purposes();
    const shelves: readonly { readonly purpose: string; readonly retention?: string }[] = [
      ...[...configured.keys()].map((purpose) => ({ purpose })),
      ...(await archive.kept()).filter(({ purpose, retention }) => retention !== undefined || !configured.has(purpose)),
    ];
    const wanted = shelves.map((kept) => {
      const days = [configured.get(kept.purpose), kept.retention]
        .filter((each) => each !== undefined)
        .map(daysOf)
        .filter((each) => each > 0);
      // Of a purpose that is not configured any more, recordings do not outlive what the log says of them.
      return { ...kept, before: Math.max(before, ...days.map((each) => now - each * DAY_MS)) };
    });
    const recordings = wanted.map((each) => {
      const whole = keepsAll(active, each.purpose);
      return { ...each, ...(whole === undefined ? {} : { hold: whole.hold.id }) };
    });
    return { recordings, log: { before, ...log } };
  }

  /** How far the log may be cut off. Reads no more than that. */
  async #cut(before: number, active: readonly ActiveHold[]) {
    const { log } = this.#options;
    for (;;) {
      const from = log.minimum;
      try {
        return await this.#cutFrom(from, before, active);
      } catch (thrown) {
        // Another gateway has removed them meanwhile.
        if (!(thrown instanceof SluiceError) || thrown.code !== "evidence_pruned" || log.minimum === from) throw thrown;
      }
    }
  }

  async #cutFrom(from: number, before: number, active: readonly ActiveHold[]) {
    const { log, subjects } = this.#options;
    const { published } = log;
    const held = new Map<number, ActiveHold>();
    for (const each of active) {
      if (each.ids === undefined || log.shared === true) continue;
      for (const { record } of await subjects.postings([...each.ids])) held.set(record, each);
    }
    const anybody = active
      .filter(({ ids }) => ids === undefined || log.shared === true)
      .map(({ hold }): ActiveHold => ({ hold }));
    let end = from;
    let stopped: ActiveHold | undefined;
    for await (const { index, bytes } of log.entries(from, published)) {
      const { time } = JSON.parse(bytes.toString("utf8")) as { readonly time?: string };
      // What cannot be told is kept.
      if (time === undefined || !(Date.parse(time) < before)) break;
      const intent = intentFrom(bytes);
      if (intent !== undefined) {
        const record = { ids: [], purpose: String(intent["purpose"]), connection: String(intent["connection"]), time };
        stopped = held.get(index) ?? anybody.find((each) => covers(each, record));
        if (stopped !== undefined) break;
      }
      end = index + 1;
    }
    const to = Math.max(from, end - (end % BUNDLE_ENTRIES));
    return { from, to, ...(stopped === undefined ? {} : { hold: stopped.hold.id }) };
  }
}

/** Whom a hold is about is asked of each file; one about nobody in particular keeps all that it may cover. */
function keepsAll(active: readonly ActiveHold[], purpose: string): ActiveHold | undefined {
  return active.find(({ hold, ids }) => ids === undefined && (hold.purpose ?? purpose) === purpose);
}

function isHeld(active: readonly ActiveHold[], subject: SubjectId, purpose: string): boolean {
  return active.some(({ hold, ids }) => ids?.has(subject) === true && (hold.purpose ?? purpose) === purpose);
}

function factsOf({ recordings, log }: RetentionPlan): Record<string, string | number | readonly string[]> {
  return {
    holds: [...new Set([...recordings, log].flatMap(({ hold }) => hold ?? []))],
    metadataBefore: iso(log.before),
    // What verifiers look for before they accept that entries are missing (docs/evidence-format.md).
    minimumIndex: log.to,
    recordings: recordings
      .filter(({ hold }) => hold === undefined)
      .map(({ purpose, retention, before }) => `${[purpose, retention ?? []].flat().join(" ")} before ${iso(before)}`),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
