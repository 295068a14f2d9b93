/**
 * Turns placeholders that were issued for a request back into values in the model's answer, whole or in pieces. Promises:
 * however the text is cut, the pieces together are `restore(whole)`; at most (longest issued variant − 1) characters are held;
 * only what was issued is restored, never a guess from a truncated or numberless form; a restored value is never read again;
 * in JSON every value is escaped. A value is not put into a URL, from where it could leave without the user's doing.
 *
 * The text is read in linear time by `variants.ts`, which lists the accepted spellings; `url-guard.ts` says what a URL is.
 */
import type { JsonSink } from "./json-tokens.ts";
import { escapeJson, JsonTokens } from "./json-tokens.ts";
import { IssuedTable } from "./issued-table.ts";
import type { Issued } from "./placeholders.ts";
import type { LaneSink, Masked, Tally } from "./restore-lane.ts";
import { Lane } from "./restore-lane.ts";

export type { Masked } from "./restore-lane.ts";

/** One text on its way back. Use one stream for one text. */
export interface RestoreStream {
  /** Adds a piece, returns what is settled. */
  push(text: string): string;
  /** The text is over, or was cut: returns the rest. */
  end(): string;
  /** Characters held back (in JSON: decoded characters). */
  readonly held: number;
}

export interface RestoreCounts {
  /** Placeholders turned into values, by type. */
  readonly restored: Readonly<Record<string, number>>;
  /** Findings of a masker that were replaced, by type. */
  readonly masked: Readonly<Record<string, number>>;
  /** Issued placeholders left in place on purpose, by type: inside a URL, or of a value that is never restored. */
  readonly withheld: Readonly<Record<string, number>>;
  /** Texts of the form `[TYPE_1]` that were never issued, left in place. */
  readonly unknown: number;
}

/**
 * Finds what is to be masked in the model's own text. It may hold text back; what it returns is settled, in order, and its
 * findings do not reach over the end of it.
 */
export interface Masker {
  push(text: string): MaskedText;
  end(): MaskedText;
}

export interface MaskedText {
  readonly text: string;
  readonly masked: readonly Masked[];
}

export interface Restorer {
  restore(text: string, encoding?: "text" | "json"): string;
  /** `masker` makes one masker for each text: the stream itself, or each string of the JSON. */
  stream(encoding?: "text" | "json", masker?: () => Masker): RestoreStream;
  /** Characters of the longest spelling of an issued placeholder; 0 when nothing was issued. */
  readonly variantLengthMax: number;
  /** Nothing can be restored. */
  readonly empty: boolean;
  /** Over all texts of this restorer. */
  counts(): RestoreCounts;
}

export interface RestoreOptions {
  /** True for a bare word (`EMAIL_1`) that the request's own text contained: only the bracketed forms are restored then. */
  readonly ambiguous?: (bareForm: string) => boolean;
  /** Restore inside URLs too. Then a model can send a value to any host by writing an image. Default false. */
  readonly restoreInUrls?: boolean;
}

export function createRestorer(issued: readonly Issued[], options: RestoreOptions = {}): Restorer {
  const table = new IssuedTable(issued, options.ambiguous ?? (() => false));
  const tally: Tally = { restored: {}, masked: {}, withheld: {}, unknown: 0 };
  const work: Work = { table, tally, restoreInUrls: options.restoreInUrls ?? false };
  const empty = table.restorableCount === 0;
  const stream = (encoding: "text" | "json" = "text", masker?: () => Masker): RestoreStream => {
    if (empty && masker === undefined) return PASS_THROUGH;
    return encoding === "json" ? new JsonStream(work, masker) : new TextStream(work, masker?.());
  };
  return {
    stream,
    restore(text, encoding) {
      const whole = stream(encoding);
      return whole.push(text) + whole.end();
    },
    variantLengthMax: table.variantLengthMax,
    empty,
    counts: () => ({
      restored: { ...tally.restored },
      masked: { ...tally.masked },
      withheld: { ...tally.withheld },
      unknown: tally.unknown,
    }),
  };
}

/** What the streams of one restorer share. */
interface Work {
  readonly table: IssuedTable;
  readonly tally: Tally;
  readonly restoreInUrls: boolean;
}

function newLane({ table, tally, restoreInUrls }: Work, sink: LaneSink): Lane {
  return new Lane(table, sink, tally, restoreInUrls);
}

const PASS_THROUGH: RestoreStream = { push: (text) => text, end: () => "", held: 0 };

class TextStream implements RestoreStream, LaneSink {
  readonly #lane: Lane;
  readonly #masker: Masker | undefined;
  #out = "";

  constructor(work: Work, masker: Masker | undefined) {
    this.#lane = newLane(work, this);
    this.#masker = masker;
  }

  copy(text: string): void {
    this.#out += text;
  }

  put(text: string): void {
    this.#out += text;
  }

  get held(): number {
    return this.#lane.held;
  }

  push(text: string): string {
    feed(this.#lane, this.#masker, text);
    return this.#take();
  }

  end(): string {
    finish(this.#lane, this.#masker, false);
    return this.#take();
  }

  #take(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }
}

/** Restores inside the strings of serialized JSON. What is unchanged keeps its own escapes. */
class JsonStream implements RestoreStream, JsonSink, LaneSink {
  readonly #tokens = new JsonTokens(this);
  readonly #lane: Lane;
  readonly #newMasker: (() => Masker) | undefined;
  #masker: Masker | undefined;
  #out = "";
  /** Decoded characters of this string that the lane has not got yet, and how many there were in all. */
  #decoded = "";
  #decodedLength = 0;
  /** How the characters that were escaped in the source were written, by offset in the decoded string. */
  #escapes: { at: number; raw: string }[] = [];
  #nextEscape = 0;

  constructor(work: Work, newMasker: (() => Masker) | undefined) {
    this.#lane = newLane(work, this);
    this.#newMasker = newMasker;
  }

  get held(): number {
    return this.#lane.held;
  }

  push(text: string): string {
    this.#escapes.splice(0, this.#nextEscape);
    this.#nextEscape = 0;
    this.#tokens.push(text);
    this.#feed();
    return this.#take();
  }

  end(): string {
    const cutEscape = this.#tokens.end();
    if (this.#tokens.inside) finish(this.#lane, this.#masker, false);
    return this.#take() + cutEscape;
  }

  outside(raw: string): void {
    this.#out += raw;
  }

  open(): void {
    this.#out += '"';
    this.#masker = this.#newMasker?.();
    this.#decodedLength = 0;
    this.#escapes = [];
    this.#nextEscape = 0;
  }

  text(run: string): void {
    this.#decoded += run;
    this.#decodedLength += run.length;
  }

  escape(raw: string, decoded: string): void {
    this.#escapes.push({ at: this.#decodedLength, raw });
    this.#decoded += decoded;
    this.#decodedLength += decoded.length;
  }

  close(): void {
    this.#feed();
    finish(this.#lane, this.#masker, true);
    this.#out += '"';
  }

  copy(text: string, start: number): void {
    const end = start + text.length;
    let from = start;
    for (; this.#nextEscape < this.#escapes.length; this.#nextEscape++) {
      const escape = this.#escapes[this.#nextEscape];
      if (escape === undefined || escape.at >= end) break;
      if (escape.at < start) continue; // stood inside what was replaced
      this.#out += text.slice(from - start, escape.at - start) + escape.raw;
      from = escape.at + 1;
    }
    this.#out += text.slice(from - start);
  }

  put(text: string): void {
    this.#out += escapeJson(text);
  }

  #feed(): void {
    if (this.#decoded === "") return;
    const decoded = this.#decoded;
    this.#decoded = "";
    feed(this.#lane, this.#masker, decoded);
  }

  #take(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }
}

function feed(lane: Lane, masker: Masker | undefined, text: string): void {
  if (masker === undefined) return lane.push(text);
  const settled = masker.push(text);
  lane.push(settled.text, settled.masked);
}

function finish(lane: Lane, masker: Masker | undefined, closed: boolean): void {
  if (masker !== undefined) {
    const rest = masker.end();
    lane.push(rest.text, rest.masked);
  }
  lane.end(closed);
}
