/** A room of recordings on a folder of its own, with a real log and real keys of epochs; subjects are kept in memory. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TYPES } from "@sluice/detector";
import type { CustodySettings } from "../../core/custody.ts";
import { connectionFor, PURPOSES } from "../../core/test/connection.ts";
import type { SluiceError } from "../../core/errors.ts";
import type { RecordedText, RecordingSettings, RecordingStart, RunningRecording } from "../../core/recording.ts";
import type { Identifier, Posting, SubjectId, SubjectIndex, SubjectKey, SubjectKeys } from "../../core/subjects.ts";
import { Custody } from "../../custody/index.ts";
import { type EvidenceLog, intentLeaf, openEvidence, outcomeLeaf } from "../../evidence/index.ts";
import { type RecordingsOptions, Recordings } from "../recordings.ts";

export const ORIGIN = "test.example/log";
export const MAIL = "john.doe@example.com";
export const PHONE = "+49 30 901820";

export const SETTINGS: RecordingSettings = {
  mode: "sealed",
  shared: "all-of",
  rules: [],
  exchangeBytesMax: 1024 * 1024,
  atLimit: "end",
  fileBytesMax: 1024 * 1024,
};

/** The contract of core/subjects.ts, in memory. */
export class MemorySubjects implements SubjectKeys, Pick<SubjectIndex, "post" | "sync"> {
  readonly posted: Posting[] = [];
  /** How many of the postings a crash would leave. */
  synced = 0;
  readonly #ids = new Map<string, SubjectKey>();

  keysFor(identifiers: readonly Identifier[]): readonly (SubjectKey | undefined)[] {
    return identifiers.map(({ type, value }) => {
      const name = `${type} ${value.toLowerCase()}`;
      let key = this.#ids.get(name);
      if (key === undefined) {
        key = { id: randomBytes(8).toString("base64url"), key: randomBytes(32) };
        this.#ids.set(name, key);
      }
      return key;
    });
  }

  keyOf(id: SubjectId): SubjectKey | undefined {
    return [...this.#ids.values()].find((each) => each.id === id);
  }

  idOf(type: string, value: string): SubjectId {
    return this.#ids.get(`${type} ${value.toLowerCase()}`)?.id ?? "";
  }

  erase(id: SubjectId): void {
    for (const [name, key] of this.#ids) if (key.id === id) this.#ids.delete(name);
  }

  post(posting: Posting): void {
    this.posted.push(posting);
  }

  sync(): Promise<void> {
    this.synced = this.posted.length;
    return Promise.resolve();
  }
}

export class Room {
  readonly dir = mkdtempSync(join(tmpdir(), "sluice-recordings-"));
  readonly subjects = new MemorySubjects();
  readonly faults: SluiceError[] = [];
  readonly custody = new Custody(Date.now);
  now = Date.now();
  log!: EvidenceLog;
  recordings!: Recordings;

  static async open(settings: Partial<RecordingSettings> = {}, more: Partial<RecordingsOptions> = {}): Promise<Room> {
    const room = new Room();
    room.log = await openEvidence({
      dir: join(room.dir, "log"),
      origin: ORIGIN,
      clock: Date.now,
      checkpointIntervalMs: 10,
    });
    await room.reopen(settings, more);
    return room;
  }

  async reopen(settings: Partial<RecordingSettings> = {}, more: Partial<RecordingsOptions> = {}): Promise<void> {
    const keys: CustodySettings = {
      dir: join(this.dir, "custody"),
      refreshMs: 60_000,
      keepMs: 60_000,
      cacheMs: 60_000,
      root: { provider: "file", path: join(this.dir, "root.key") },
      aws: {},
    };
    const epochs = this.custody.epochs(() => keys, {
      record: () => Promise.resolve({ index: 0 }),
      epochMs: () => 30 * 86_400_000,
      onFault: (error) => void this.faults.push(error),
    });
    this.recordings = await Recordings.open({
      dir: join(this.dir, "recordings"),
      origin: ORIGIN,
      settings: { ...SETTINGS, ...settings },
      epochs,
      subjects: this.subjects,
      index: this.subjects,
      log: this.log,
      clock: () => this.now,
      onFault: (error) => void this.faults.push(error),
      ...more,
    });
  }

  /** A recording whose intent is on the log. */
  async begin(texts: readonly RecordedText[], change: Partial<RecordingStart> = {}): Promise<RunningRecording> {
    const recording = await this.recordings.begin({ ...START, texts, ...change });
    const { index } = await this.log.append(leafWith({ recording: { ...recording.mark } }));
    await recording.durable;
    recording.recorded(index);
    return recording;
  }

  /** Ends it, and waits until both leaves are published. Gives the index of the intent. */
  async end(recording: RunningRecording & { readonly index?: number | undefined }): Promise<number> {
    const end = await recording.end({ status: "completed" });
    const intent = recording.index ?? -1;
    const leaf = outcomeLeaf({
      time: Date.now(),
      intent,
      outcome: { status: "completed", responseBytes: 1, upstreamMs: 1 },
      back: { restored: {}, masked: {}, withheld: {}, unknownPlaceholders: 0 },
      totalMs: 1,
      overheadMs: 1,
    });
    const { index } = await this.log.append(end === undefined ? leaf : { ...leaf, recording: { ...end } });
    while (this.log.published <= index) await new Promise((resolve) => setTimeout(resolve, 5));
    return intent;
  }

  async close(): Promise<void> {
    await this.recordings.close();
    await this.log.close();
    await this.custody.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export const START: RecordingStart = {
  mode: "sealed",
  shared: "all-of",
  purpose: "support",
  connection: "main",
  endpoint: "chat.completions",
  model: "some-model",
  types: TYPES,
  texts: [],
};

/** `Write to ⟨EMAIL john…⟩ now`: a text with values in it, each replaced by its placeholder. */
export function textWith(
  path: string,
  before: string,
  values: readonly (readonly [string, string])[],
  after = ".",
): RecordedText {
  let text = before;
  const spans = values.map(([type, value], at) => {
    const start = text.length;
    const put = `[${type}_${at + 1}]`;
    text += `${put} `;
    return { start, end: start + put.length, type, operator: "placeholder" as const, value };
  });
  return { path, text: text + after, spans, origin: "user" };
}

function leafWith(more: Record<string, never> | object): Parameters<EvidenceLog["append"]>[0] {
  const leaf = intentLeaf({
    time: Date.now(),
    principal: "p",
    intent: {
      action: "infer",
      family: "openai",
      target: "some-model",
      endpoint: "chat.completions",
      segments: [],
      opaqueParts: {},
      streaming: false,
      requestBytes: 1,
    },
    connection: connectionFor(),
    model: "some-model",
    purpose: [...PURPOSES.values()][0]!,
    policy: "p",
    scrubbed: { found: {}, categories: {}, special: {}, operators: {} },
  });
  return { ...leaf, ...more };
}
