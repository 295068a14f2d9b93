/**
 * Finds personal data in every text of a request, asks what is to be done with it, and replaces it before it leaves. Promises:
 * all segments are scanned in one canonical walk, so that one value has one placeholder over the whole request, whoever sent it and in whatever order it is met again;
 * the same conversation gets the same numbers next turn; nothing partial is ever returned: a detector that throws, a text
 * that is too long or a scan that takes too long refuses the request, with an error that holds none of the text. A long
 * request is worked on in slices, and others run in between. Never logs, never sends.
 */
import type { Finding, Issued, OperatorContext, OperatorKeys, Stretch } from "@sluice/detector";
import {
  applyOperator,
  findBareWords,
  findLiterals,
  LITERAL,
  mergeLiterals,
  PlaceholderMap,
  Replacements,
} from "@sluice/detector";
import { createHmac } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { MaskingRules, Operator } from "../core/connection.ts";
import { SluiceError } from "../core/errors.ts";
import type { Intent } from "../core/intent.ts";
import type { FoundFacts } from "../core/decision.ts";
import type { RecordedSpan } from "../core/recording.ts";
import type { Counts, Segment } from "../core/segment.ts";
import { AnswerSplitter } from "./answer-splitter.ts";
import { type Back, createBack } from "./back.ts";
import { type Detection, guardDetection } from "./detection.ts";
import { JsonView, type Written } from "./json-view.ts";
import { categoryOf, type OperatorTable, operatorTable } from "./operator-table.ts";
import { countSignals } from "./signals.ts";
import { checkSession, type Vault } from "./vault.ts";

export interface Scrubber {
  /**
   * `decide` is called once, when all was found and nothing replaced; what it throws is what this rejects with. Rejects with
   * text_too_large, scrub_timeout, detector_failed, field_invalid (session id), client_closed (signal). The same segments may
   * be scrubbed again after a retriable one.
   */
  scrub(segments: readonly Segment[], decide: Decide, context: ScrubContext): Promise<Scrubbed>;
}

/** What is to be done with what was found. */
export type Decide = (facts: FoundFacts) => MaskingRules;

export interface ScrubContext {
  readonly principal: string;
  /** Conversation id; absent means that nothing is remembered. */
  readonly session?: string;
  /** What the keyed operators are bound to: values of two purposes cannot be joined. */
  readonly purpose?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal?: Intent["signal"];
  /** Look for signals of special categories too; else `FoundFacts.special` is empty. */
  readonly signals?: boolean;
  /** Say where each value stood, and look for what the answer holds: `Scrubbed.recorded`. */
  readonly record?: boolean;
}

export interface Scrubbed {
  /** Same length and order; unchanged segments are the same objects. */
  readonly segments: readonly Segment[];
  /** All findings by type, allowed ones included. */
  readonly found: Counts;
  readonly categories: Counts;
  /** Signals of special categories by category. */
  readonly special: Counts;
  /** type → what was done with it. */
  readonly operators: Readonly<Record<string, Operator>>;
  /** Types whose operator is `block`. When there are any, the segments must not be sent. */
  readonly blocked: readonly string[];
  /** What the placeholders stand for, without those that are never restored. For a caller who sent the values. */
  readonly entities: () => readonly Issued[];
  readonly back: Back;
  /** Present when it was asked for. */
  readonly recorded?: Recorded;
}

/** What a recording is made of. Holds values in clear. */
export interface Recorded {
  /** Of each segment: what was replaced or let through in it, by its place in the scrubbed text. */
  readonly spans: readonly (readonly RecordedSpan[])[];
  /** For the answer, before anything is put back into it. */
  readonly splitter: () => AnswerSplitter;
}

export interface ScrubberOptions {
  /** Key of the operator `hash`, at least 32 bytes. The same key gives the same hashes after a restart. */
  readonly hashKey: Uint8Array;
  /** Of the keyed operators, for one purpose. */
  readonly keys: (purpose: string) => OperatorKeys;
  readonly random: (bytes: number) => Uint8Array;
  readonly vault: Vault;
  /** Of all segments together, in UTF-16 units. */
  readonly textCharsMax: number;
  /** Longest time in milliseconds without letting others run. */
  readonly sliceMs: number;
  readonly timeoutMs: number;
  /** Milliseconds; only differences are used. */
  readonly clock: Clock;
  /** Resolves after other events had their turn, for example on `setImmediate`. */
  readonly yieldNow: () => Promise<void>;
  /** What is looked for now; a new object when that changes. */
  readonly detection: () => Detection;
}

/** Text up to this length is worked on at once. */
const WHOLE_CHARS_MAX = 16_384;
/** Text that is worked on before the clock is looked at; also the piece in which a long text is given to the detector. */
const SLICE_CHARS = 4_096;
/** Findings that are replaced before the clock is looked at. */
const SLICE_STRETCHES = 128;
/** A slice is at least this share of what the others took before it, so that a long text does not run out of time under load. */
const SHARE_MIN = 0.25;

export function createScrubber(options: ScrubberOptions): Scrubber {
  let detection: Detection | undefined;
  let guarded: Detection | undefined;
  function detectionNow(): Detection {
    const now = options.detection();
    if (guarded === undefined || now !== detection) {
      detection = now;
      guarded = guardDetection(now);
    }
    return guarded;
  }

  /** Runs the walk to its end, with pauses, also before it and after it: whoever calls has long work of its own to do. */
  async function finish(
    steps: Iterator<void, Scrubbed>,
    startedAt: number,
    signal: Intent["signal"],
  ): Promise<Scrubbed> {
    let yieldedAt = startedAt;
    for (;;) {
      await options.yieldNow();
      if (signal?.aborted === true)
        throw new SluiceError("client_closed", "the client left while its text was scanned");
      const resumedAt = options.clock();
      const sliceMs = Math.max(options.sliceMs, SHARE_MIN * (resumedAt - yieldedAt));
      let step: IteratorResult<void, Scrubbed>;
      do {
        step = steps.next();
        yieldedAt = options.clock();
        checkTime(startedAt, yieldedAt);
      } while (step.done !== true && yieldedAt - resumedAt < sliceMs);
      if (step.done !== true) continue;
      await options.yieldNow();
      return step.value;
    }
  }

  function checkTime(startedAt: number, now: number): void {
    if (now - startedAt <= options.timeoutMs) return;
    throw new SluiceError("scrub_timeout", `the text could not be scanned within ${options.timeoutMs} ms`);
  }

  /** How a request is written, once it is decided what is to be done. */
  function begin(rules: MaskingRules, { principal, purpose = "" }: Asked, initial?: readonly Issued[]): Work {
    const detection = detectionNow();
    const table = operatorTable(rules, detection.types);
    const keyed = (label: string) => (type: string, value: string) =>
      hmac(options.hashKey, [label, principal, type, value]);
    const { restorable } = table;
    const map = new PlaceholderMap(
      initial === undefined ? { restorable } : { restorable, initial, digest: keyed("digest") },
    );
    const context: OperatorContext = {
      map,
      restorable: true,
      hash: keyed("hash"),
      nonce: options.random,
      ...(table.remembers ? { replacements: new Replacements({ restorable }) } : {}),
      ...(detection.region === undefined ? {} : { region: detection.region }),
      // Made for those who use them: the first value of a purpose derives them.
      get keys() {
        return options.keys(purpose);
      },
    };
    return { table, context };
  }

  return {
    async scrub(segments, decide, context) {
      const startedAt = options.clock();
      let chars = 0;
      for (const { text } of segments) chars += text.length;
      if (chars > options.textCharsMax) {
        throw new SluiceError(
          "text_too_large",
          `the request holds ${chars} characters of text; the limit is ${options.textCharsMax}`,
        );
      }
      const { session, now, signal } = context;
      const newWalk = (known?: readonly Issued[]): Walk =>
        new Walk(detectionNow(), context, (facts) => begin(decide(facts), context, known));
      // Most requests fit in one slice: nobody waits for them, and nothing is made to pause them.
      const run = (walk: Walk): Scrubbed | Promise<Scrubbed> => {
        if (chars > WHOLE_CHARS_MAX) return finish(walk.steps(segments), startedAt, signal);
        const scrubbed = walk.whole(segments);
        checkTime(startedAt, options.clock());
        return scrubbed;
      };
      if (session === undefined) return run(newWalk());
      checkSession(session);
      return options.vault.exclusive({ principal: context.principal, session }, now, async (known) => {
        const walk = newWalk(known);
        const scrubbed = await run(walk);
        // A refused request leaves nothing behind.
        return scrubbed.blocked.length > 0 ? { result: scrubbed } : { result: scrubbed, keep: walk.carry() };
      });
    },
  };
}

type Asked = Pick<ScrubContext, "principal" | "purpose">;

/** What findings are replaced by, and what the operators work with. */
interface Work {
  readonly table: OperatorTable;
  readonly context: OperatorContext;
}

function hmac(key: Uint8Array, parts: readonly string[]): string {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(`${part.length}:${part}`);
  return mac.digest("hex").slice(0, 16);
}

const NOTHING: Counts = Object.freeze({});
const NO_WORDS: ReadonlySet<string> = new Set();

/** One pass over the segments: find, decide, replace; at once, or in steps of a bounded amount of work. */
class Walk {
  readonly #detection: Detection;
  readonly #signals: boolean;
  readonly #begin: (facts: FoundFacts) => Work;
  #work: Work | undefined;
  #special: Counts = NOTHING;
  #inSystem: OperatorContext | undefined;
  /** Types in the order of their names, in which they go on record, and how often each was met. */
  readonly #types: string[] = [];
  readonly #counts: number[] = [];
  #bareWords: Set<string> | undefined;
  /** By segment, in their order; undefined when nobody asked. */
  readonly #spans: RecordedSpan[][] | undefined;

  constructor(
    detection: Detection,
    { signals = false, record = false }: Pick<ScrubContext, "signals" | "record">,
    begin: (facts: FoundFacts) => Work,
  ) {
    this.#detection = detection;
    this.#signals = signals;
    this.#begin = begin;
    this.#spans = record ? [] : undefined;
  }

  whole(segments: readonly Segment[]): Scrubbed {
    const sources = segments.map((segment) => ({ segment, view: viewOf(segment) }));
    const texts = sources.map(textOf);
    const found = this.#detection.detect(texts);
    if (this.#signals) this.#special = finished(countSignals(this.#detection, texts, found, Number.POSITIVE_INFINITY));
    const { table } = this.#decided(found);
    for (const text of texts) this.#collectBareWords(text, 0, text.length);
    const written = sources.map((source, index) => {
      const text = texts[index] as string;
      const literals = findLiterals(text, table.escaped);
      return finished(this.#write(source, text, mergeLiterals(found[index] as Finding[], literals)));
    });
    return this.#scrubbed(written);
  }

  /** Yields after a bounded amount of work, with all that is to come still to do: what is found in the last text counts in the first. */
  *steps(segments: readonly Segment[]): Generator<void, Scrubbed> {
    const sources: Source[] = [];
    for (const segment of segments) {
      const { text, encoding } = segment;
      if (text.length <= SLICE_CHARS) sources.push({ segment, view: viewOf(segment) });
      else sources.push({ segment, view: encoding === "json" ? yield* JsonView.of(text, SLICE_CHARS) : undefined });
      yield;
    }
    const texts = sources.map(textOf);
    const steps = this.#detection.detectSteps(texts, SLICE_CHARS);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) yield;
    const found = step.value;
    if (this.#signals) this.#special = yield* countSignals(this.#detection, texts, found, SLICE_CHARS);
    this.#decided(found);
    const written: Segment[] = [];
    for (const [index, source] of sources.entries()) {
      const text = texts[index] as string;
      const literals = yield* this.#literals(text);
      written.push(yield* this.#write(source, text, mergeLiterals(found[index] as Finding[], literals)));
      yield;
    }
    return this.#scrubbed(written);
  }

  /** What the next request of the same conversation starts with. */
  carry(): Issued[] {
    return this.#now().context.map.carry();
  }

  #decided(findings: readonly (readonly Finding[])[]): Work {
    const found: Record<string, number> = {};
    const categories: Record<string, number> = {};
    for (const each of findings) {
      for (const { type } of each) {
        found[type] = (found[type] ?? 0) + 1;
        const category = categoryOf(type, this.#detection.types);
        categories[category] = (categories[category] ?? 0) + 1;
      }
    }
    this.#work = this.#begin({ found, categories, special: this.#special });
    return this.#work;
  }

  #now(): Work {
    if (this.#work === undefined) throw new Error("assertion: nothing is written before it is decided how");
    return this.#work;
  }

  *#literals(text: string): Generator<void, { start: number; end: number }[]> {
    const literals: { start: number; end: number }[] = [];
    for (let from = 0; from < text.length; from += SLICE_CHARS) {
      const to = Math.min(text.length, from + SLICE_CHARS);
      const literalsFrom = Math.max(from, literals.at(-1)?.end ?? 0);
      for (const literal of findLiterals(text, this.#now().table.escaped, literalsFrom, to)) literals.push(literal);
      this.#collectBareWords(text, from, to);
      if (to < text.length) yield;
    }
    return literals;
  }

  *#write({ segment, view }: Source, text: string, stretches: readonly Stretch[]): Generator<void, Segment> {
    const spans = this.#newSpans();
    if (stretches.length === 0) return segment;
    const writer = this.#writer(segment, text, view, spans);
    let worked = 0;
    for (const stretch of stretches) {
      if (++worked % SLICE_STRETCHES === 0) yield;
      writer.replace(stretch);
    }
    const changed = writer.written();
    return changed === segment.text ? segment : { ...segment, text: changed };
  }

  #collectBareWords(text: string, from: number, to: number): void {
    for (const word of findBareWords(text, this.#now().table.escaped, from, to)) {
      this.#bareWords ??= new Set();
      this.#bareWords.add(word);
    }
  }

  #newSpans(): RecordedSpan[] | undefined {
    if (this.#spans === undefined) return undefined;
    const spans: RecordedSpan[] = [];
    this.#spans.push(spans);
    return spans;
  }

  #writer({ origin }: Segment, text: string, view: JsonView | undefined, spans: RecordedSpan[] | undefined): Writer {
    const { context, table } = this.#now();
    const own = origin === "system" ? this.#systemContext() : context;
    // What was typed in the form of a placeholder is nobody's value.
    const note: Note | undefined =
      spans &&
      ((type, value, { start, end }) => {
        if (type !== LITERAL) spans.push({ start, end, type, operator: table.request(type), value });
      });
    return new Writer(text, view, (type, value) => this.#replacement(type, value, own), note);
  }

  /** The same, and nothing comes back. Not a copy: keys are made when they are asked for. */
  #systemContext(): OperatorContext {
    this.#inSystem ??= Object.create(this.#now().context, { restorable: { value: false } }) as OperatorContext;
    return this.#inSystem;
  }

  #replacement(type: string, value: string, context: OperatorContext): string {
    const { table } = this.#now();
    if (type === LITERAL) return context.map.issue(LITERAL, value).placeholder; // not personal data: it may always come back
    this.#count(type);
    return applyOperator(table.request(type), type, value, context);
  }

  #count(type: string): void {
    let index = 0;
    while (index < this.#types.length && (this.#types[index] as string) < type) index++;
    if (this.#types[index] === type) this.#counts[index] = (this.#counts[index] as number) + 1;
    else {
      this.#types.splice(index, 0, type);
      this.#counts.splice(index, 0, 1);
    }
  }

  #scrubbed(segments: readonly Segment[]): Scrubbed {
    const { table, context } = this.#now();
    const found: Record<string, number> = {};
    const categories: Record<string, number> = {};
    const operators: Record<string, Operator> = {};
    const blocked: string[] = [];
    let index = 0;
    for (const type of this.#types) {
      const count = this.#counts[index++] ?? 0;
      const category = categoryOf(type, this.#detection.types);
      const operator = table.request(type);
      found[type] = count;
      categories[category] = (categories[category] ?? 0) + count;
      operators[type] = operator;
      if (operator === "block") blocked.push(type);
    }
    const issued = context.map.issued();
    const back = createBack({
      issued,
      bareWords: this.#bareWords ?? NO_WORDS,
      table,
      context,
      detection: this.#detection,
    });
    const entities = () => issued.filter((each) => each.restorable);
    const recorded = this.#spans && recordedOf(this.#spans, this.#detection);
    const special = this.#special;
    return { segments, found, categories, special, operators, blocked, entities, back, ...(recorded && { recorded }) };
  }
}

interface Source {
  readonly segment: Segment;
  /** Of a text that is JSON: its strings, as they are meant. */
  readonly view: JsonView | undefined;
}

function viewOf({ encoding, text }: Segment): JsonView | undefined {
  return encoding === "json" ? JsonView.whole(text) : undefined;
}

function textOf({ segment, view }: Source): string {
  return view?.text ?? segment.text;
}

function finished<T>(steps: Iterator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Not where the walk is at hand: functions of one scope keep alive what any of them needs, and `entities` lives long. */
function recordedOf(spans: Recorded["spans"], detection: Detection): Recorded {
  return { spans, splitter: () => new AnswerSplitter(detection) };
}

/** Told of each value where what stands for it stands in the written text. */
type Note = (type: string, value: string, at: Written) => void;

/** Writes a text anew with some stretches replaced; in JSON, value by value. */
class Writer {
  readonly #text: string;
  readonly #view: JsonView | undefined;
  readonly #replacement: (type: string, value: string) => string;
  readonly #note: Note | undefined;
  #out = "";
  #copied = 0;

  constructor(
    text: string,
    view: JsonView | undefined,
    replacement: (type: string, value: string) => string,
    note: Note | undefined,
  ) {
    this.#text = text;
    this.#view = view;
    this.#replacement = replacement;
    this.#note = note;
  }

  /** Call with ascending, disjoint stretches. */
  replace({ start, end, type }: Stretch): void {
    if (this.#view === undefined) {
      const value = this.#text.slice(start, end);
      const put = this.#replacement(type, value);
      this.#out += this.#text.slice(this.#copied, start) + put;
      this.#copied = end;
      this.#note?.(type, value, { start: this.#out.length - put.length, end: this.#out.length });
      return;
    }
    for (const place of this.#view.places(start, end)) {
      const old = this.#text.slice(place.start, place.end);
      const put = this.#replacement(type, old);
      if (put !== old) {
        const at = this.#view.replace(place, put);
        this.#note?.(type, old, at);
      } else this.#note?.(type, old, this.#view.keep(place));
    }
  }

  written(): string {
    return this.#view?.written() ?? this.#out + this.#text.slice(this.#copied);
  }
}
