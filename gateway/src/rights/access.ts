/**
 * What is kept about somebody (GDPR Art. 15), and a copy of it (Art. 15(3), 20). Everything is read from the log and from recordings, by
 * the ids that the identifiers have; a search is on record with who searched and how much was found, never for whom. Whoever else is in
 * a text stands there as a type.
 */
import type { RecordEvent } from "../core/event.ts";
import type { RecordingArchive, SubjectCopy } from "../core/recording.ts";
import type { Identifier, SubjectId, SubjectIndex } from "../core/subjects.ts";
import { SluiceError } from "../core/errors.ts";
import { checkIdentifiers, type Normalise } from "./identifiers.ts";
import { entryText, inTurns, type LogReader, recordsOf, type SubjectRecord } from "./records.ts";

export interface AccessOptions {
  readonly log: LogReader;
  readonly subjects: Pick<SubjectIndex, "idsOf" | "postings" | "gather">;
  readonly archive: Pick<RecordingArchive, "describe" | "copyFor">;
  readonly normalise: Normalise;
  readonly record: RecordEvent;
  readonly clock: () => number;
}

export interface FoundRecord extends SubjectRecord {
  /** `none`: nothing but the entry of the log. */
  readonly mode: "none" | "scrubbed" | "sealed";
  /** What was sent and answered can still be read. */
  readonly retained: boolean;
  /** Where data of the person stands in it, without the values. */
  readonly fields: readonly { readonly path: string; readonly type: string }[];
}

export interface Found {
  readonly ids: readonly SubjectId[];
  /** In the order of the log. */
  readonly records: readonly FoundRecord[];
  /** There are more than `records`. */
  readonly total: number;
  /** Gateways that did not answer in time: what they recorded in the last seconds may be missing. */
  readonly unheard: readonly string[];
}

export interface CopiedRecord extends FoundRecord {
  /** Milliseconds since the epoch at which what was sent and answered is deleted. */
  readonly keptUntil: number;
  readonly values: SubjectCopy["values"];
  readonly texts: SubjectCopy["texts"];
  /** Texts that nobody can read any more, for somebody else's erasure. */
  readonly textsErased: number;
  /** The `.tlog-proof` of the entry, and the entry itself. */
  readonly proof: string;
  readonly entry: string;
}

export interface SubjectExport {
  readonly at: number;
  /** As of `Found`. */
  readonly unheard: readonly string[];
  readonly ids: readonly SubjectId[];
  readonly records: readonly CopiedRecord[];
}

/** Recordings, and proofs, that are read at a time. */
const READING_MAX = 16;
/** An export is made in memory. */
const EXPORTED_MAX = 10_000;
const DAY_MS = 86_400_000;

export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** The first `limit` records. Throws identifier_empty, evidence_unavailable. Nobody of whom nothing is kept is no error. */
  async find(identifiers: readonly Identifier[], by: string, limit: number): Promise<Found> {
    const { record } = this.#options;
    const { ids, records, unheard } = await this.#records(identifiers);
    const found = await this.#describe(records.slice(0, limit));
    await record({ name: "subject.found", actor: by, facts: { ids: ids.length, records: records.length } });
    return { ids, records: found, total: records.length, unheard };
  }

  /** Indexes of the intents, of all records. Throws as `find` does, subject_unknown. */
  async indexes(identifiers: readonly Identifier[], by: string): Promise<readonly number[]> {
    const { record } = this.#options;
    const { ids, records } = await this.#records(identifiers);
    await record({ name: "subject.found", actor: by, facts: { ids: ids.length, records: records.length } });
    if (records.length > 0) return records.map(({ index }) => index);
    throw new SluiceError("subject_unknown", "nothing is kept under these identifiers");
  }

  /** Throws as `find` does, subject_unknown, subject_too_large. */
  async export(identifiers: readonly Identifier[], by: string): Promise<SubjectExport> {
    const { record, clock } = this.#options;
    const { ids, records, unheard } = await this.#records(identifiers);
    if (records.length === 0) {
      await record({ name: "subject.unknown", actor: by, facts: { identifiers: identifiers.length } });
      throw new SluiceError("subject_unknown", "nothing is kept under these identifiers");
    }
    if (records.length > EXPORTED_MAX) {
      throw new SluiceError(
        "subject_too_large",
        `an export holds at most ${EXPORTED_MAX} records, and these identifiers have ${records.length}; ask for fewer identifiers at a time`,
      );
    }
    // On record before anything is opened.
    await record({ name: "subject.exported", actor: by, facts: { ids: ids.length, records: records.length } });
    return { at: clock(), ids, unheard, records: await this.#copy(await this.#describe(records), ids) };
  }

  async #records(identifiers: readonly Identifier[]) {
    const { subjects, normalise, log } = this.#options;
    checkIdentifiers(identifiers, normalise);
    const ids = await subjects.idsOf(identifiers);
    const unheard = await subjects.gather();
    return { ids, records: await recordsOf(log, subjects, ids), unheard };
  }

  async #describe(records: readonly SubjectRecord[]): Promise<readonly FoundRecord[]> {
    const found = new Map<number, FoundRecord>();
    await inTurns(records, READING_MAX, async (each) => {
      const facts = await this.#options.archive.describe(each.place);
      const own = new Set(each.ids);
      const isIts = facts?.record === undefined || facts.record === each.index;
      const fields = (isIts ? (facts?.fields ?? []) : []).filter(
        ({ subject }) => subject !== undefined && own.has(subject),
      );
      found.set(each.index, {
        ...each,
        mode: facts === undefined || !isIts ? "none" : facts.mode,
        retained: facts !== undefined && isIts,
        fields: fields.map(({ path, type }) => ({ path, type })),
      });
    });
    return inOrder(records, found);
  }

  async #copy(records: readonly FoundRecord[], ids: readonly SubjectId[]): Promise<readonly CopiedRecord[]> {
    const { log, archive } = this.#options;
    const copied = new Map<number, CopiedRecord>();
    await inTurns(records, READING_MAX, async (each) => {
      const copy = each.retained ? await archive.copyFor(each.place, ids) : undefined;
      copied.set(each.index, {
        ...each,
        keptUntil: Date.parse(each.time) + daysOf(each.retention) * DAY_MS,
        values: copy?.values ?? [],
        texts: copy?.texts ?? [],
        textsErased: copy?.textsErased ?? 0,
        proof: await log.proof(each.index),
        entry: await entryText(log, each.index),
      });
    });
    return inOrder(records, copied);
  }
}

function inOrder<T>(records: readonly SubjectRecord[], found: ReadonlyMap<number, T>): readonly T[] {
  return records.flatMap(({ index }) => found.get(index) ?? []);
}

/** `P30D` → 30; 0 for what is not of this form. */
export function daysOf(retention: string): number {
  return Number(/^P(\d+)D$/.exec(retention)?.[1] ?? 0);
}

/**
 * One line for each value (RFC 4180). A value that a spreadsheet would take for a formula gets an apostrophe before it
 * (https://owasp.org/www-community/attacks/CSV_Injection): who wrote it may not be whose data it is.
 */
export function csvOf({ records }: SubjectExport): string {
  const head = ["index", "time", "purpose", "basis", "recipient", "country", "connection", "path", "type", "value"];
  const lines = records.flatMap((record) => {
    const { index, time, purpose, basis, recipient, connection, values } = record;
    const about = [String(index), time, purpose, basis, recipient.id, recipient.country, connection];
    return values.map(({ path, type, value }) => [...about, path, type, value]);
  });
  return [head, ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
