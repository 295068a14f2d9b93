/**
 * The door of the room: begins recordings, finds and opens them, and lets them go. Promises: what was acknowledged can be read and
 * found by its subjects after any crash; what is to be forgotten is gone with its key; whoever reads is on record before anything
 * is shown (routes). Never: plaintext on a disk, a value in an error.
 */
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { CHUNK_HEADER_BYTES, type RecordingReport, verifyRecording } from "@sluice/verifier";
import type { Clock } from "../core/clock.ts";
import type { EpochKeys, EpochKeyUser } from "../core/epoch-keys.ts";
import { SluiceError } from "../core/errors.ts";
import type {
  Pruned,
  Pruning,
  Recorder,
  RecordingArchive,
  RecordingFacts,
  RecordingRule,
  RecordingSettings,
  RecordingStart,
  RunningRecording,
  SubjectCopy,
} from "../core/recording.ts";
import type { Posting, SubjectId, SubjectIndex, SubjectKeys } from "../core/subjects.ts";
import { subjectsOf } from "./body.ts";
import { extract, hasLaterChunk, scan } from "./extract.ts";
import { type Commit, commitToDisk, unavailable } from "./file.ts";
import { isMissing } from "./disk.ts";
import { type Exclusive, Files } from "./files.ts";
import { atPlace, endOf, type FileName, Folder, shelfFrom, shelfOf } from "./folder.ts";
import { type IntentLog, leafOf, outcomeAfter } from "./intents.ts";
import { readCursor, Reposting } from "./reposting.ts";
import { chunksOf, RecordingReader, type ShownChunk } from "./reader.ts";
import { Recording } from "./running.ts";
import { ruleOf } from "./rules.ts";
import { RandomPool } from "./sealing.ts";

export interface RecordingsOptions {
  /** Of this gateway's recordings alone. */
  readonly dir: string;
  /** Where it writes instead, together with others, each below its own name. */
  readonly shared?: SharedRecordings;
  /** Of the log. */
  readonly origin: string;
  readonly settings: RecordingSettings;
  readonly epochs: EpochKeys;
  readonly subjects: SubjectKeys;
  readonly index: Pick<SubjectIndex, "post" | "sync">;
  readonly log: IntentLog;
  readonly clock: Clock;
  /** What goes wrong in the background; must not throw. */
  readonly onFault: (error: SluiceError, what: string) => void;
  /** For tests: a disk that fails. */
  readonly commit?: Commit;
}

/** A folder that the gateways of one database have in common, and what they agree on by it. */
export interface SharedRecordings {
  readonly dir: string;
  /** Of this one: nobody else has this name there while it runs. */
  readonly gateway: string;
  /** A gateway of this name runs, as far as can be told. Rejects with database_unavailable. */
  readonly isLive: (gateway: string) => Promise<boolean>;
  /** Runs it while no other gateway does. Undefined: another one does. Rejects with database_unavailable. */
  readonly exclusive: Exclusive;
}

/** Another gateway that has the turn gives it back after a file, or loses it. */
const TURN_TRIES = 60;
const TURN_AGAIN_MS = 500;

/** A recording as its reader sees it. */
export interface Replay extends RecordingFacts {
  readonly model: string;
  readonly terminal?: { readonly columns: number; readonly rows: number };
  readonly status?: string;
  readonly code?: string;
  readonly chunks: readonly ShownChunk[];
  /** What the verifier says, against the leaves on the log. */
  readonly report: RecordingReport;
  /** Index of the outcome's leaf; absent while there is none. */
  readonly outcome?: number;
}

export interface Whole {
  /** As it lies on the disk, for the verifier. */
  readonly bytes: Buffer;
  readonly intent: number;
  readonly outcome?: number;
}

export class Recordings implements Recorder, RecordingArchive {
  readonly #options: RecordingsOptions;
  readonly #folder: Folder;
  readonly #files: Files;
  readonly #random = new RandomPool();
  /** One change to files that are there at a time, here too: a key that is destroyed must not be put back by who seals it anew. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #reposting: Reposting;
  #settings: RecordingSettings;

  private constructor(options: RecordingsOptions, folder: Folder) {
    const { epochs, origin, clock, settings } = options;
    this.#options = options;
    this.#settings = settings;
    this.#folder = folder;
    this.#files = new Files({
      folder,
      keys: epochs,
      origin,
      clock,
      fileBytesMax: settings.fileBytesMax,
      commit: options.commit ?? commitToDisk,
      exclusive: (work) => this.#exclusive(work),
      onFault: (error) => options.onFault(error, "a recording could not be written; what it belongs to was ended"),
    });
    this.#reposting = new Reposting({
      dir: folder.home,
      log: options.log,
      index: options.index,
      firstOpenFile: () => this.#files.firstOpen,
      subjectsAt: (place, id) => this.#ownSubjectsAt(place, id),
      onFault: (error) => options.onFault(error, "recordings may not be found by their subjects until the next start"),
    });
  }

  /** Cuts what a crash tore, and posts again what it may have taken from the index. Rejects with recording_unavailable. */
  static async open(options: RecordingsOptions): Promise<Recordings> {
    try {
      const folder = await Folder.open(options.dir, options.shared);
      const recordings = new Recordings(options, folder);
      await recordings.#recover();
      options.epochs.addUser(recordings.keyUser);
      return recordings;
    } catch (thrown) {
      throw unavailable(thrown);
    }
  }

  /** What is wrapped under the keys of the epochs. */
  get keyUser(): EpochKeyUser {
    return this.#files;
  }

  configure(settings: RecordingSettings): void {
    this.#settings = settings;
  }

  ruleOf(connection: string, purpose: string): RecordingRule | undefined {
    return ruleOf(this.#settings, connection, purpose);
  }

  async begin(start: RecordingStart): Promise<RunningRecording> {
    const { origin, subjects, index, clock } = this.#options;
    const { exchangeBytesMax, atLimit } = this.#settings;
    const floor = this.#reposting.floor();
    const recording = await Recording.begin(
      {
        origin,
        random: this.#random,
        subjects,
        index,
        clock,
        bytesMax: exchangeBytesMax,
        atLimit,
        take: (purpose) => this.#files.take(purpose),
        over: (ended) => this.#reposting.over(ended),
      },
      start,
    );
    this.#reposting.began(recording, floor);
    return recording;
  }

  async describe(place: number): Promise<RecordingFacts | undefined> {
    const reader = await this.#read(place);
    return reader === undefined ? undefined : factsOf(reader, place);
  }

  async copyFor(place: number, subjects: readonly SubjectId[]): Promise<SubjectCopy | undefined> {
    const reader = await this.#read(place);
    const own = new Set(subjects);
    // A place of another gateway leads to somebody else's recording here.
    if (reader === undefined || !reader.opened.subjects.some((each) => own.has(each))) return undefined;
    const keys = this.#options.subjects;
    const values = await reader.valuesOf(keys, own);
    // Of the texts, those that hold something of this person, or nothing of anybody else.
    const chunks = await reader.show(keys, (subject) => subject === undefined || own.has(subject));
    const all = chunks.flatMap(({ texts }) => texts);
    const texts = all
      .filter(({ erased }) => erased !== true)
      .map(({ path, origin, text, fields, subjects: ids }) => ({
        path,
        ...(origin === undefined ? undefined : { origin }),
        text: redacted(text, fields, (box) => own.has(ids[box] ?? "")),
      }));
    const { subjects: _ids, fields: _fields, ...facts } = factsOf(reader, place);
    return { ...facts, values, texts, textsErased: all.length - texts.length };
  }

  async kept(): Promise<readonly Pick<Pruning, "purpose" | "retention">[]> {
    try {
      return [...new Set((await this.#folder.all()).map(({ purpose }) => purpose))].sort().map(shelfFrom);
    } catch (thrown) {
      throw unavailable(thrown);
    }
  }

  async prune(pruning: Pruning): Promise<Pruned> {
    for (let tries = 1; ; tries += 1) {
      const pruned = await this.#exclusive((isTurn) => this.#prune(pruning, isTurn));
      if (pruned !== undefined) return pruned;
      if (tries === TURN_TRIES) {
        throw new SluiceError(
          "recording_unavailable",
          "another gateway is at the files of the recordings: their keys come under a new one, or they are deleted. Try again later",
        );
      }
      await new Promise((resolve) => setTimeout(resolve, TURN_AGAIN_MS));
    }
  }

  async #prune({ before, held, ...what }: Pruning, isTurn: () => boolean): Promise<Pruned> {
    const shelf = shelfOf(what);
    const deleted: { file: string; bytes: number }[] = [];
    const kept: string[] = [];
    try {
      for (const name of await this.#folder.all()) {
        if (!isTurn())
          throw new SluiceError("recording_unavailable", "another gateway goes on with deleting recordings");
        if (name.purpose !== shelf || endOf(name.day) > before) continue;
        if (!(await this.#isLeft(name))) continue;
        if (await this.#holds(name, held)) {
          kept.push(this.#folder.label(name));
          continue;
        }
        this.#files.forget(name.number);
        deleted.push({ file: this.#folder.label(name), bytes: await this.#folder.destroy(name) });
      }
    } catch (thrown) {
      throw unavailable(thrown);
    }
    return { deleted, held: kept };
  }

  /**
   * The recording of the exchange with this intent. `reveals`: whose values are shown. Rejects with recording_unknown,
   * evidence_unknown, and what keys reject with.
   */
  async replay(intent: number, reveals: (subject: SubjectId | undefined) => boolean): Promise<Replay> {
    const mark = await this.#markOf(intent);
    const bytes = await this.#bytesAt(mark.place, mark.id);
    const reader = bytes === undefined ? undefined : await this.#readerOf(mark.place, bytes);
    if (bytes === undefined || reader === undefined) throw gone(intent);
    const outcome = await outcomeAfter(this.#options.log, intent);
    const { facts } = reader.opened;
    return {
      ...factsOf(reader, mark.place),
      record: intent,
      model: facts.model ?? "",
      ...(facts.terminal === undefined
        ? undefined
        : { terminal: { columns: facts.terminal[0], rows: facts.terminal[1] } }),
      ...(facts.status === undefined ? undefined : { status: facts.status }),
      ...(facts.code === undefined ? undefined : { code: facts.code }),
      chunks: await reader.show(this.#options.subjects, reveals),
      report: verifyRecording(bytes, { id: mark.id, head: mark.head, end: outcome?.recording }),
      ...(outcome === undefined ? undefined : { outcome: outcome.index }),
    };
  }

  /** Rejects as `replay`, when there is nothing to be opened. */
  async find(intent: number): Promise<void> {
    const { place, id } = await this.#markOf(intent);
    if ((await this.#bytesAt(place, id)) === undefined) throw gone(intent);
  }

  /** What an auditor gets: the chunks as they are. Rejects as `replay`. */
  async whole(intent: number): Promise<Whole> {
    const mark = await this.#markOf(intent);
    const bytes = await this.#bytesAt(mark.place, mark.id);
    if (bytes === undefined) throw gone(intent);
    const outcome = await outcomeAfter(this.#options.log, intent);
    return { bytes, intent, ...(outcome === undefined ? undefined : { outcome: outcome.index }) };
  }

  /** Everything that the index should know of what is here: for who makes it again. */
  postAgain(post: (posting: Posting) => void): Promise<void> {
    return this.#reposting.postAgain(0, post);
  }

  /** Ends what is under way, without an end in it, and waits for the disk. */
  async close(): Promise<void> {
    await this.#files.close();
    await this.#reposting.close();
  }

  async #recover(): Promise<void> {
    const { from, hasState } = await this.#reposting.read();
    for (const name of this.#folder.files()) {
      if (hasState && name.number < from.file) continue;
      await this.#cutTail(name);
    }
    await this.#reposting.start(this.#folder.files().length > 0);
  }

  async #cutTail(name: FileName): Promise<void> {
    const path = this.#folder.path(name);
    try {
      const chunks = scan(path);
      let step = await chunks.next();
      while (step.done !== true) step = await chunks.next();
      const { goodUntil, size } = step.value;
      if (goodUntil === size) return;
      if (await hasLaterChunk(path, goodUntil)) {
        const what = `recording file ${this.#folder.label(name)} is damaged at byte ${goodUntil}; it stays as it is`;
        this.#options.onFault(new SluiceError("recording_unavailable", what), what);
        return;
      }
      await truncate(path, goodUntil);
    } catch (error) {
      // A crash came between the key of a file and the file, or between its destruction and the end of it.
      if (!isMissing(error)) throw error;
      await this.#folder.destroy(name);
    }
  }

  /** Nothing is written to it any more. Of another gateway: it has said so, or is gone. */
  async #isLeft(name: FileName): Promise<boolean> {
    const { shared } = this.#options;
    if (this.#folder.isOwn(name) || shared === undefined) return this.#files.leave(name.number);
    const { gateway = "" } = name;
    const cursor = await readCursor(join(shared.dir, `@${gateway}`));
    return name.number < (cursor?.file ?? 0) || !(await shared.isLive(gateway));
  }

  #exclusive<T>(work: (held: () => boolean) => Promise<T>): Promise<T | undefined> {
    const { shared } = this.#options;
    const run = (): Promise<T | undefined> => (shared === undefined ? work(() => true) : shared.exclusive(work));
    const done = this.#changing.then(run, run);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #holds(name: FileName, held: Pruning["held"]): Promise<boolean> {
    try {
      for await (const { bytes } of scan(this.#folder.path(name))) {
        if (subjectsOf(bytes.subarray(CHUNK_HEADER_BYTES)).some(held)) return true;
      }
      return false;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async #markOf(intent: number): Promise<{ id: string; head: string; place: number }> {
    const mark = (await leafOf(this.#options.log, intent))?.recording;
    if (mark === undefined) {
      throw new SluiceError(
        "recording_unknown",
        `exchange ${intent} was not recorded: the configuration said so, or it is no exchange`,
      );
    }
    return mark;
  }

  async #read(place: number): Promise<RecordingReader | undefined> {
    const bytes = await this.#bytesAt(place);
    return bytes === undefined ? undefined : this.#readerOf(place, bytes);
  }

  async #readerOf(place: number, bytes: Buffer): Promise<RecordingReader | undefined> {
    const name = await this.#folder.find(atPlace(place)?.number ?? -1);
    const key = name === undefined ? undefined : await this.#files.keyOf(name);
    if (key === undefined) return undefined;
    try {
      return RecordingReader.read(bytes, key, this.#options.origin, this.#random);
    } finally {
      key.fill(0);
    }
  }

  /** Undefined when nothing begins there (any more). */
  async #bytesAt(place: number, id?: string): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    const expected = id === undefined ? undefined : Buffer.from(id, "base64url");
    try {
      for (let at: number | undefined = place; at !== undefined; ) {
        const where = atPlace(at);
        const name = await this.#folder.find(where?.number ?? -1);
        if (where === undefined || name === undefined) break;
        const open = this.#files.opened(name.number);
        const found = await extract(this.#folder.path(name), where.offset, {
          until: open?.durable,
          of: expected,
          growing: !this.#folder.isOwn(name),
        });
        if (found === undefined) break;
        parts.push(found.bytes);
        at = found.next;
      }
    } catch (thrown) {
      if (!isMissing(thrown)) throw unavailable(thrown);
    }
    return parts.length === 0 ? undefined : Buffer.concat(parts);
  }

  async #ownSubjectsAt(place: number, id: string): Promise<readonly SubjectId[]> {
    const name = await this.#folder.find(atPlace(place)?.number ?? -1);
    if (name === undefined || !this.#folder.isOwn(name)) return [];
    const bytes = await this.#bytesAt(place, id);
    if (bytes === undefined) return [];
    return [...new Set(chunksOf(bytes).flatMap(({ body }) => subjectsOf(body)))];
  }
}

export function recordingsDir(evidenceDir: string): string {
  return join(evidenceDir, "recordings");
}

function factsOf({ opened }: RecordingReader, place: number): RecordingFacts {
  const { id, time, facts, subjects, fields } = opened;
  return {
    id: id.toString("base64url"),
    place,
    ...(facts.record === undefined ? undefined : { record: facts.record }),
    time,
    mode: facts.mode ?? "scrubbed",
    purpose: facts.purpose ?? "",
    connection: facts.connection ?? "",
    endpoint: facts.endpoint ?? "",
    subjects,
    fields,
  };
}

/** Of nobody in particular, and nothing that a person has a right to. */
const SECRET = "SECRET";

/**
 * Everything in it of anybody else as its type alone: what was made of a value (a mask, a token) is theirs too. Where somebody else is in
 * the text, nobody can say whose birthday or address stands there, so that it may be theirs.
 */
function redacted(
  text: string,
  fields: readonly { readonly box?: number; readonly type: string; readonly start: number; readonly end: number }[],
  isOwn: (box: number) => boolean,
): string {
  let out = "";
  let copied = 0;
  const hasOthers = fields.some(({ box }) => box !== undefined && !isOwn(box));
  for (const { box, type, start, end } of fields) {
    if (box === undefined ? !hasOthers && type !== SECRET : isOwn(box)) continue;
    out += `${text.slice(copied, start)}[${type}]`;
    copied = end;
  }
  return out + text.slice(copied);
}

function gone(intent: number): SluiceError {
  return new SluiceError(
    "recording_unknown",
    `the recording of exchange ${intent} is not here: it was deleted by retention, or another gateway keeps it in a folder of its own`,
  );
}
