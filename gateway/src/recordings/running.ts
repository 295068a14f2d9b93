/**
 * A recording that is under way: takes texts, seals them in chunks and chains these. Promises: nothing is lost between two chunks
 * or goes on unrecorded: at the limit, or when it cannot be written, it says so, and the exchange ends; no text stands anywhere but
 * in this process's memory until it is sealed; the keys are cleared when it is over.
 */
import type { DetectedTypes } from "../core/detection.ts";
import { SluiceError } from "../core/errors.ts";
import type {
  RecordedSpan,
  RecordedText,
  RecordingEnd,
  RecordingMark,
  RecordingStart,
  RunningRecording,
} from "../core/recording.ts";
import type { Identifier, SubjectIndex, SubjectKey, SubjectKeys } from "../core/subjects.ts";
import { CHUNK_BODY_BYTES_MAX, type ChunkKind } from "@sluice/verifier";
import { encodeBody } from "./body.ts";
import { encodeChunk } from "./chunk.ts";
import { type RecordingFile, unavailable } from "./file.ts";
import { placeOf, shelfOf } from "./folder.ts";
import { identifies } from "./identifying.ts";
import { type RandomPool, Sealer } from "./sealing.ts";
import { type Facts, Session } from "./session.ts";
import { type Cut, cut, type Piece } from "./skeleton.ts";

/** A chunk of an answer is made of so much text, or of what came within so many milliseconds. */
const CHUNK_TEXT_BYTES = 4_096;
const CHUNK_MS = 1_000;
/** Pieces of one text that come so close together are one. */
const MERGE_MS = 50;
const ID_BYTES = 16;
const NO_HASH = Buffer.alloc(32);
/** Whom one request may name: each is a key that is made durable before anything is sent, and others wait behind them. */
const NAMED_MAX = 16_384;
/** A text says at least so much about itself. */
const PIECE_BYTES = 32;

export interface RecordingMeans {
  readonly origin: string;
  readonly random: RandomPool;
  readonly subjects: SubjectKeys;
  readonly index: Pick<SubjectIndex, "post">;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly bytesMax: number;
  /** At the limit: end the exchange, or go on in another segment. */
  readonly atLimit: "end" | "segment";
  /** A file to write to, in use. */
  readonly take: (purpose: string) => RecordingFile | Promise<RecordingFile>;
  /** It is over: called once. */
  readonly over: (recording: Recording) => void;
}

export class Recording implements RunningRecording {
  readonly mark: RecordingMark;
  readonly durable: Promise<void>;
  /** Index of its intent, once it is known. */
  index: number | undefined;
  readonly #means: RecordingMeans;
  readonly #session: Session;
  readonly #sealer: Sealer;
  readonly #start: Pick<RecordingStart, "mode" | "purpose" | "retention" | "types">;
  readonly #id: Buffer;
  readonly #begunAt: number;
  #file: RecordingFile;
  /** Subjects by id, for the index. */
  readonly #posted = new Set<string>();
  #unposted: string[] = [];
  #seq = 0;
  #previous: Buffer = NO_HASH;
  /** Bytes of the segment so far; and of texts on their way into it. */
  #bytes = 0;
  #queuedBytes = 0;
  #pending: Piece[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Chunks are made one after the other. */
  #chunks: Promise<void> = Promise.resolve();
  #written: Promise<void>[] = [];
  #fault: SluiceError | undefined;
  #listener: ((error: Error) => void) | undefined;
  #ending: Promise<RecordingEnd | undefined> | undefined;
  #isOver = false;

  /** Rejects with recording_full, recording_unavailable, and what the keys reject with. */
  static async begin(means: RecordingMeans, start: RecordingStart): Promise<Recording> {
    const file = await means.take(shelfOf(start));
    try {
      const pieces = start.texts.map((text) => ({ ...text, ms: 0 }));
      const naming = new Naming(pieces, start.types, start.subject);
      if (naming.identifiers.length > NAMED_MAX) throw crowded();
      const keys = await means.subjects.keysFor(naming.identifiers);
      return new Recording(means, start, file, pieces, naming.named(keys));
    } catch (thrown) {
      file.release();
      throw thrown;
    }
  }

  private constructor(
    means: RecordingMeans,
    start: RecordingStart,
    file: RecordingFile,
    pieces: readonly Piece[],
    named: Named,
  ) {
    const { mode, purpose, retention, types, connection, endpoint, model, shared, terminal } = start;
    this.#means = means;
    this.#start = { mode, purpose, retention, types };
    this.#file = file;
    this.#begunAt = means.clock();
    this.#id = means.random.take(ID_BYTES);
    this.#sealer = new Sealer(means.origin, this.#id, means.random);
    this.#session = new Session(this.#sealer, means.random, shared);
    const facts: Facts = {
      mode,
      shared,
      purpose,
      connection,
      endpoint,
      model,
      ...(terminal === undefined ? undefined : { terminal: [terminal.columns, terminal.rows] as const }),
    };
    const { place, durable } = this.#append("request", this.#cut(pieces, named, false), named.boxes, facts, true);
    this.durable = durable;
    this.mark = {
      id: this.#id.toString("base64url"),
      head: this.#previous.toString("base64"),
      mode,
      place,
    };
    this.#watch(durable);
  }

  recorded(index: number): void {
    this.index = index;
    this.#post();
  }

  add(texts: readonly RecordedText[]): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#ending !== undefined) throw new SluiceError("recording_unavailable", "the recording has ended");
    let bytes = 0;
    for (const { text, spans } of texts) bytes += Buffer.byteLength(text) + (1 + spans.length) * PIECE_BYTES;
    const { bytesMax, atLimit } = this.#means;
    const ahead = this.#queuedBytes + this.#pendingBytes;
    if (atLimit === "end" && this.#bytes + ahead + bytes > bytesMax) throw full(bytesMax);
    const ms = this.#means.clock() - this.#begunAt;
    for (const text of texts) {
      const last = this.#pending.at(-1);
      if (last !== undefined && last.path === text.path && ms - last.ms < MERGE_MS)
        this.#pending[this.#pending.length - 1] = joined(last, text);
      else this.#pending.push({ ...text, ms });
    }
    this.#pendingBytes += bytes;
    if (this.#pendingBytes >= CHUNK_TEXT_BYTES) this.#flush();
    else if (this.#pending.length > 0) this.#timer ??= setTimeout(() => this.#flush(), CHUNK_MS).unref();
  }

  onFault(listener: (error: Error) => void): void {
    this.#listener = listener;
    if (this.#fault !== undefined) listener(this.#fault);
  }

  end(how: { readonly status: string; readonly code?: string | undefined }): Promise<RecordingEnd | undefined> {
    this.#ending ??= this.#end(how);
    return this.#ending;
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#pending = [];
    this.#session.clear();
    this.#file.release();
    this.#means.over(this);
  }

  async #end({
    status,
    code,
  }: {
    readonly status: string;
    readonly code?: string | undefined;
  }): Promise<RecordingEnd | undefined> {
    try {
      this.#flush();
      await this.#chunks;
      if (this.#fault !== undefined) return undefined;
      const facts: Facts = { ...this.#recordFact(), status, ...(code === undefined ? undefined : { code }) };
      const { durable } = this.#append("end", NOTHING, [], facts, false);
      await Promise.all([...this.#written, durable]);
      return { chunks: this.#seq, head: this.#previous.toString("base64") };
    } catch (thrown) {
      this.#fail(thrown);
      return undefined;
    } finally {
      this.abandon();
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    const pieces = this.#pending;
    const bytes = this.#pendingBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#queuedBytes += bytes;
    this.#chunks = this.#chunks.then(() => this.#answer(pieces, bytes)).catch((thrown: unknown) => this.#fail(thrown));
  }

  async #answer(pieces: readonly Piece[], estimated: number): Promise<void> {
    if (this.#fault !== undefined || this.#isOver) return;
    const { atLimit, bytesMax } = this.#means;
    if (atLimit === "segment" && this.#bytes + estimated > bytesMax) await this.#continue();
    const naming = new Naming(pieces, this.#start.types, undefined);
    const keys = naming.identifiers.length === 0 ? [] : await this.#means.subjects.keysFor(naming.identifiers);
    const named = naming.named(keys);
    this.#queuedBytes -= estimated;
    const { durable } = this.#append(
      "answer",
      this.#cut(pieces, named, this.#session.hasCommon),
      named.boxes,
      this.#recordFact(),
      false,
    );
    this.#watch(durable);
    this.#post();
  }

  /** Goes on in the file that new recordings go to now; the last chunk here says where. */
  async #continue(): Promise<void> {
    const next = await this.#means.take(shelfOf(this.#start));
    const before = this.#file;
    // Nothing else can be written to either file in between.
    const place = next === before ? undefined : placeOf(next.name.number, next.size);
    this.#watch(this.#append("continued", NOTHING, [], this.#recordFact(), false, place).durable);
    this.#file = next;
    this.#bytes = 0;
    before.release();
  }

  #cut(pieces: readonly Piece[], { boxOf, boxes, declared }: Named, common: boolean): Cut {
    return cut(pieces, { mode: this.#start.mode, boxes: boxes.length, boxOf, declared, common });
  }

  #append(
    kind: ChunkKind,
    texts: Cut,
    boxes: readonly SubjectKey[],
    facts: Facts | undefined,
    urgent: boolean,
    next?: number,
  ): { readonly place: number; readonly durable: Promise<void> } {
    const seq = this.#seq;
    const sealed = this.#session.seal(seq, texts, boxes, facts);
    const sessionKey = kind === "request" ? this.#session.wrapFor(this.#file.key) : undefined;
    const chunk = encodeChunk(
      { kind, seq, id: this.#id, time: this.#means.clock(), previous: this.#previous },
      encodeBody({ ...sealed, sessionKey, next }),
    );
    const most = kind === "request" ? this.#means.bytesMax : CHUNK_BODY_BYTES_MAX;
    if (chunk.bytes.length > most) throw full(most);
    const appended = this.#file.append(chunk.bytes, urgent);
    this.#bytes += chunk.bytes.length;
    this.#seq += 1;
    this.#previous = chunk.hash;
    for (const { id } of boxes) {
      if (this.#posted.has(id)) continue;
      this.#posted.add(id);
      this.#unposted.push(id);
    }
    return appended;
  }

  #recordFact(): Facts | undefined {
    return this.index === undefined ? undefined : { record: this.index };
  }

  #post(): void {
    if (this.index === undefined || this.#unposted.length === 0) return;
    for (const subject of this.#unposted)
      this.#means.index.post({ subject, record: this.index, place: this.mark.place });
    this.#unposted = [];
  }

  #watch(durable: Promise<void>): void {
    this.#written.push(durable);
    if (this.#written.length > 8) this.#written = [Promise.all(this.#written).then(() => undefined)];
    durable.catch((thrown: unknown) => this.#fail(thrown));
  }

  #fail(thrown: unknown): void {
    if (this.#fault !== undefined || this.#isOver) return;
    this.#fault = unavailable(thrown);
    clearTimeout(this.#timer);
    this.#pending = [];
    this.#listener?.(this.#fault);
  }
}

const NOTHING: Cut = { texts: [], values: [] };

function full(bytesMax: number): SluiceError {
  return new SluiceError(
    "recording_full",
    `this exchange is recorded, and its recording has reached its limit of ${bytesMax} bytes (recording.exchange_bytes_max), so it ends here`,
  );
}

function crowded(): SluiceError {
  return new SluiceError(
    "recording_full",
    `this exchange is recorded, and it names more than ${NAMED_MAX} people or numbers; send it in parts`,
  );
}

function joined(piece: Piece, { text, spans }: RecordedText): Piece {
  const offset = piece.text.length;
  const moved = spans.map((span) => ({ ...span, start: span.start + offset, end: span.end + offset }));
  return { ...piece, text: piece.text + text, spans: [...piece.spans, ...moved] };
}

/** Whose keys a chunk needs. */
interface Named {
  readonly boxes: readonly SubjectKey[];
  readonly boxOf: (span: RecordedSpan) => number | undefined;
  readonly declared: number | undefined;
}

/** Asks for each identifier once, and finds its box again. */
class Naming {
  readonly identifiers: Identifier[] = [];
  readonly #at = new Map<string, number>();
  readonly #types: DetectedTypes;
  readonly #declared: number | undefined;

  constructor(pieces: readonly Piece[], types: DetectedTypes, subject: string | undefined) {
    this.#types = types;
    this.#declared = subject === undefined ? undefined : this.#note("SUBJECT", subject);
    for (const { spans } of pieces) {
      for (const { type, value } of spans) if (identifies(type, types)) this.#note(type, value);
    }
  }

  named(keys: readonly (SubjectKey | undefined)[]): Named {
    const boxes: SubjectKey[] = [];
    const byId = new Map<string, number>();
    // Two ways to write one identifier are one subject; one of which nothing is left is nobody.
    const boxAt = keys.map((key) => {
      if (key === undefined) return undefined;
      let box = byId.get(key.id);
      if (box === undefined) {
        byId.set(key.id, (box = boxes.length));
        boxes.push(key);
      }
      return box;
    });
    const find = (at: number | undefined): number | undefined => (at === undefined ? undefined : boxAt[at]);
    return {
      boxes,
      boxOf: ({ type, value }) => (identifies(type, this.#types) ? find(this.#at.get(nameOf(type, value))) : undefined),
      declared: find(this.#declared),
    };
  }

  #note(type: string, value: string): number {
    const name = nameOf(type, value);
    let at = this.#at.get(name);
    if (at === undefined) {
      this.#at.set(name, (at = this.identifiers.length));
      this.identifiers.push({ type, value });
    }
    return at;
  }
}

const nameOf = (type: string, value: string): string => `${type}\0${value}`;
