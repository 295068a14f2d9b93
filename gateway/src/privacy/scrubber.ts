/**
 * Replaces personal data in every text of a request before it leaves. Promises: all segments are scanned in one canonical
 * walk, so that one value has one placeholder over the whole request, whoever sent it and in whatever order it is met again;
 * the same conversation gets the same numbers next turn; nothing partial is ever returned: a detector that throws, a text
 * that is too long or a scan that takes too long refuses the request, with an error that holds none of the text. A long
 * request is worked on in slices, and others run in between. Never logs, never sends.
 */
import type { DetectOptions, Issued, StreamedFindings, Stretch } from "@sluice/detector";
import { applyOperator, findBareWords, findLiterals, LITERAL, mergeLiterals, PlaceholderMap } from "@sluice/detector";
import { createHmac } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { MaskingRules, Operator } from "../core/connection.ts";
import { SluiceError } from "../core/errors.ts";
import type { Counts, Segment } from "../core/segment.ts";
import { type Back, createBack } from "./back.ts";
import { type Detection, guardDetection, ownDetection } from "./detection.ts";
import { JsonView } from "./json-view.ts";
import { categoryOf, type OperatorTable, operatorTable } from "./operator-table.ts";
import { checkSession, type Vault } from "./vault.ts";

export interface Scrubber {
  /**
   * Rejects with text_too_large, scrub_timeout, detector_failed, field_invalid (session id), client_closed (signal). The same
   * segments may be scrubbed again after a retriable one.
   */
  scrub(segments: readonly Segment[], rules: MaskingRules, context: ScrubContext): Promise<Scrubbed>;
}

export interface ScrubContext {
  readonly principal: string;
  /** Conversation id; absent means that nothing is remembered. */
  readonly session?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal;
}

export interface Scrubbed {
  /** Same length and order; unchanged segments are the same objects. */
  readonly segments: readonly Segment[];
  /** All findings by type, allowed ones included. */
  readonly found: Counts;
  readonly categories: Counts;
  /** type → what was done with it. */
  readonly operators: Readonly<Record<string, Operator>>;
  /** Types whose operator is `block`. When there are any, the segments must not be sent. */
  readonly blocked: readonly string[];
  /** What the placeholders stand for, without those that are never restored. For a caller who sent the values. */
  readonly entities: () => readonly Issued[];
  readonly back: Back;
}

export interface ScrubberOptions {
  /** Key of the operator `hash`, at least 32 bytes. The same key gives the same hashes after a restart. */
  readonly hashKey: Uint8Array;
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
  readonly detectOptions?: DetectOptions;
  /** Instead of the detector's own. */
  readonly detection?: Detection;
}

/** Text that is worked on before the clock is looked at; also the piece in which a long text is given to the detector. */
const SLICE_CHARS = 16_384;
/** Findings that are replaced before the clock is looked at. */
const SLICE_STRETCHES = 512;

export function createScrubber(options: ScrubberOptions): Scrubber {
  const detection = guardDetection(options.detection ?? ownDetection(options.detectOptions ?? {}));

  /** Runs the walk to its end, with pauses. */
  async function finish(
    steps: Iterator<void, Walked>,
    startedAt: number,
    signal: AbortSignal | undefined,
  ): Promise<Walked> {
    let sliceStartedAt = startedAt;
    for (;;) {
      const step = steps.next();
      const now = options.clock();
      if (now - startedAt > options.timeoutMs) {
        throw new SluiceError("scrub_timeout", `the text could not be scanned within ${options.timeoutMs} ms`);
      }
      if (step.done === true) return step.value;
      if (now - sliceStartedAt < options.sliceMs) continue;
      await options.yieldNow();
      if (signal?.aborted === true)
        throw new SluiceError("client_closed", "the client left while its text was scanned");
      sliceStartedAt = options.clock();
    }
  }

  async function run(
    segments: readonly Segment[],
    rules: MaskingRules,
    { principal, signal }: ScrubContext,
    startedAt: number,
    initial?: readonly Issued[],
  ): Promise<{ scrubbed: Scrubbed; map: PlaceholderMap }> {
    const table = operatorTable(rules);
    const keyed = (label: string) => (type: string, value: string) =>
      hmac(options.hashKey, [label, principal, type, value]);
    const hash = keyed("hash");
    const map = new PlaceholderMap({
      restorable: table.restorable,
      ...(initial === undefined ? {} : { initial, digest: keyed("digest") }),
    });
    const walk = new Walk(table, map, hash, detection);
    const walked = await finish(walk.steps(segments), startedAt, signal);
    const back = createBack({ issued: map.issued(), bareWords: walk.bareWords, table, hash, detection });
    const entities = () => map.issued().filter((each) => each.restorable);
    return { scrubbed: { ...walked, entities, back }, map };
  }

  return {
    async scrub(segments, rules, context) {
      const startedAt = options.clock();
      let chars = 0;
      for (const { text } of segments) chars += text.length;
      if (chars > options.textCharsMax) {
        throw new SluiceError(
          "text_too_large",
          `the request holds ${chars} characters of text; the limit is ${options.textCharsMax}`,
        );
      }
      const { principal, session, now } = context;
      if (session === undefined) return (await run(segments, rules, context, startedAt)).scrubbed;
      checkSession(session);
      return options.vault.exclusive({ principal, session }, now, async (known) => {
        const { scrubbed, map } = await run(segments, rules, context, startedAt, known);
        // A refused request leaves nothing behind.
        return scrubbed.blocked.length > 0 ? { result: scrubbed } : { result: scrubbed, keep: map.carry() };
      });
    },
  };
}

function hmac(key: Uint8Array, parts: readonly string[]): string {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(`${part.length}:${part}`);
  return mac.digest("hex").slice(0, 16);
}

type Walked = Omit<Scrubbed, "back" | "entities">;

/** One pass over the segments. Yields after a bounded amount of work. */
class Walk {
  readonly bareWords = new Set<string>();
  readonly #table: OperatorTable;
  readonly #map: PlaceholderMap;
  readonly #hash: (type: string, normalized: string) => string;
  readonly #detection: Detection;
  readonly #found = new Map<string, number>();

  constructor(
    table: OperatorTable,
    map: PlaceholderMap,
    hash: (type: string, normalized: string) => string,
    detection: Detection,
  ) {
    this.#table = table;
    this.#map = map;
    this.#hash = hash;
    this.#detection = detection;
  }

  *steps(segments: readonly Segment[]): Generator<void, Walked> {
    const written: Segment[] = [];
    let worked = 0;
    for (const segment of segments) {
      worked += segment.text.length;
      if (worked > SLICE_CHARS) {
        worked = segment.text.length;
        yield;
      }
      const text = segment.text === "" ? "" : yield* this.#scrub(segment);
      written.push(text === segment.text ? segment : { ...segment, text });
    }
    return { segments: written, ...this.#summary() };
  }

  *#scrub(segment: Segment): Generator<void, string> {
    const restorable = segment.origin !== "system";
    const view = segment.encoding === "json" ? yield* JsonView.of(segment.text, SLICE_CHARS) : undefined;
    const text = view?.text ?? segment.text;
    const stretches = text.length <= SLICE_CHARS ? this.#scan(text) : yield* this.#scanSlices(text);
    if (stretches.length === 0) return segment.text;
    let out = "";
    let copied = 0;
    let worked = 0;
    for (const { start, end, type } of stretches) {
      if (++worked % SLICE_STRETCHES === 0) yield;
      if (view === undefined) {
        out += text.slice(copied, start) + this.#replacement(type, text.slice(start, end), restorable);
        copied = end;
        continue;
      }
      for (const place of view.places(start, end)) {
        const old = text.slice(place.start, place.end);
        const put = this.#replacement(type, old, restorable);
        if (put !== old) view.replace(place, put);
      }
    }
    return view === undefined ? out + text.slice(copied) : view.written();
  }

  #scan(text: string): readonly Stretch[] {
    this.#collectBareWords(text, 0, text.length);
    return mergeLiterals(this.#detection.detect(text), findLiterals(text, this.#table.escaped));
  }

  *#scanSlices(text: string): Generator<void, readonly Stretch[]> {
    const stream = this.#detection.detectStream();
    const findings: Stretch[] = [];
    const literals: { start: number; end: number }[] = [];
    let settled = 0;
    const settle = (result: StreamedFindings) => {
      for (const { start, end, type } of result.findings)
        findings.push({ start: start + settled, end: end + settled, type });
      settled += result.text.length;
    };
    for (let from = 0; from < text.length; from += SLICE_CHARS) {
      const to = Math.min(text.length, from + SLICE_CHARS);
      settle(stream.push(text.slice(from, to)));
      yield;
      const literalsFrom = Math.max(from, literals.at(-1)?.end ?? 0);
      for (const literal of findLiterals(text, this.#table.escaped, literalsFrom, to)) literals.push(literal);
      this.#collectBareWords(text, from, to);
      yield;
    }
    settle(stream.end());
    return mergeLiterals(findings, literals);
  }

  #collectBareWords(text: string, from: number, to: number): void {
    for (const word of findBareWords(text, this.#table.escaped, from, to)) this.bareWords.add(word);
  }

  #replacement(type: string, value: string, restorable: boolean): string {
    if (type === LITERAL) return this.#map.issue(LITERAL, value).placeholder; // not personal data: it may always come back
    this.#found.set(type, (this.#found.get(type) ?? 0) + 1);
    return applyOperator(this.#table.request(type), type, value, { map: this.#map, restorable, hash: this.#hash });
  }

  #summary(): Omit<Walked, "segments"> {
    const categories = new Map<string, number>();
    const operators: Record<string, Operator> = {};
    for (const [type, count] of this.#found) {
      const category = categoryOf(type);
      categories.set(category, (categories.get(category) ?? 0) + count);
      operators[type] = this.#table.request(type);
    }
    const blocked = Object.keys(operators).filter((type) => operators[type] === "block");
    return { found: Object.fromEntries(this.#found), categories: Object.fromEntries(categories), operators, blocked };
  }
}
