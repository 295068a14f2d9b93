/**
 * Retells a structured document as plain text in which every value stands on a line of its own behind its label
 * ("customer email: jane@example.org"), has that text read by one detector stream, and writes the document again with the
 * findings replaced. Readers of forms call it in document order; what they name as structure passes byte for byte, and so
 * does every part of a value that no finding covers. Labels are context and never replaced. However the document arrives
 * in pieces, the same text is told, so the same document comes out. Holds what the detector holds, and one whole value.
 */
import { findLiterals, mergeLiterals, type Stretch } from "../literals.ts";
import { LITERAL } from "../placeholders.ts";
import { detectStream } from "../stream.ts";
import type { DetectOptions, StreamedFindings } from "../options.ts";
import type { Finding } from "../types.ts";
import { newCandidate, readBracketed } from "../variants.ts";

/** Where a value stands, for reports: `customers[].email`, the name of a column. Empty in plain text. */
export interface Place {
  readonly path: string;
}

/** How a value is written in its document. */
export interface Writing {
  /** A replacement as it must stand in the source; undefined when it cannot stand there, and the bare type is written. */
  put(replacement: string): string | undefined;
  /**
   * Present for a value that is written only when all of it is known, because a replacement may need quotes around the
   * whole. `content` is the value with its replacements, `original` as it was.
   */
  readonly whole?: (content: string, original: string) => string;
}

export interface Found {
  /** A key of TYPES, or LITERAL. */
  readonly type: string;
  /** Absent for a literal. Its offsets mean nothing here. */
  readonly finding: Finding | undefined;
  /** The text that was found, unescaped. */
  readonly value: string;
  readonly place: string;
  /** It is the name of a member or column, so what replaces it must differ from its neighbours. */
  readonly key: boolean;
  /** UTF-16 offsets in the source document. */
  readonly start: number;
  readonly end: number;
}

export interface TellingOptions extends DetectOptions {
  /** What stands instead of the finding; undefined, or no function, leaves it. */
  readonly replace?: (found: Found) => string | undefined;
  /** Types of placeholders that the document must not hold as its own words; absent: literals are not looked for. */
  readonly literals?: (type: string) => boolean;
}

interface Escape {
  /** Offset in the told text. */
  readonly at: number;
  readonly raw: string;
}

interface Value {
  /** What stands in front of it in the document. */
  readonly before: string;
  /** Offsets in the told text; the end is not known while the value is open. */
  readonly start: number;
  end: number;
  readonly place: Place;
  readonly key: boolean;
  readonly writing: Writing;
  escapes: Escape[] | undefined;
  /** The first of them that is not written. */
  nextEscape: number;
  begun: boolean;
}

export const NOWHERE: Place = { path: "" };
export const PLAIN: Writing = { put: (replacement) => replacement };

/** A name of a member must be surer than a value: "Jordan" as a key is a word of a schema more often than a person. */
const KEY_SCORE_MIN = 0.8;
const NAME_LENGTH_MAX = 64;
/** One of OPENERS. */
const OPENING = /[[\\&%［【]/g;
/** Escapes of a long string that are behind it before they are let go. */
const ESCAPES_KEPT = 4096;

export class Telling {
  readonly #replace: ((found: Found) => string | undefined) | undefined;
  readonly #literals: ((type: string) => boolean) | undefined;
  readonly #stream;
  readonly #candidate = newCandidate();
  /** Values that are told and not written, in order. */
  #values: Value[] = [];
  #open: Value | undefined;
  /** Structure since the last value. */
  #before = "";
  /** Told since the last flush. */
  #pending = "";
  /** Length of everything told. */
  #toldEnd = 0;
  /** Told text that is settled and not written, and the offset of its first character. */
  #text = "";
  #textStart = 0;
  #written = 0;
  #literalsAt = 0;
  #spans: Stretch[] = [];
  #literalSpans: { start: number; end: number }[] = [];
  /** Offset in the source of what is written next. */
  #source = 0;
  #out = "";

  constructor({ replace, literals, ...detect }: TellingOptions) {
    this.#replace = replace;
    this.#literals = literals;
    this.#stream = detectStream(detect);
  }

  /** What passes as it is: punctuation, white space, line ends. */
  structure(raw: string): void {
    this.#before += raw;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Begins a value. `label` is told before it; it comes from `labelOf`. */
  open(place: Place, writing: Writing, label: string, key = false): void {
    if (label !== "") this.#tell(`${label}: `);
    this.#open = {
      before: this.#before,
      start: this.#toldEnd,
      end: Number.POSITIVE_INFINITY,
      place,
      key,
      writing,
      escapes: undefined,
      nextEscape: 0,
      begun: false,
    };
    this.#before = "";
    this.#values.push(this.#open);
  }

  /** Characters of the open value that stand for themselves. */
  text(run: string): void {
    this.#tell(run);
  }

  /** A character of the open value that is written as `raw`. */
  escape(raw: string, character: string): void {
    const value = this.#open as Value;
    value.escapes ??= [];
    value.escapes.push({ at: this.#toldEnd, raw });
    this.#tell(character);
  }

  close(): void {
    if (this.#open === undefined) return;
    this.#open.end = this.#toldEnd;
    this.#open = undefined;
    this.#tell("\n");
  }

  /** A value that is there as a whole and has no escapes. */
  tell(content: string, place: Place, writing: Writing, label: string, key = false): void {
    this.open(place, writing, label, key);
    this.#tell(content);
    this.close();
  }

  #tell(text: string): void {
    this.#pending += text;
    this.#toldEnd += text.length;
  }

  /** What can be written now. */
  flush(final: boolean): string {
    const pending = this.#pending;
    this.#pending = "";
    if (pending !== "") this.#take(this.#stream.push(pending));
    if (final) this.#take(this.#stream.end());
    const to = this.#settle(final);
    this.#write(to);
    this.#text = this.#text.slice(to - this.#textStart);
    this.#textStart = to;
    // Structure waits for its turn behind the values before it.
    if (this.#values.length === 0) {
      this.#copyStructure(this.#before);
      this.#before = "";
    }
    const out = this.#out;
    this.#out = "";
    return out;
  }

  #take({ text, findings }: StreamedFindings): void {
    const from = this.#textStart + this.#text.length;
    this.#text += text;
    for (const finding of findings) {
      finding.start += from;
      finding.end += from;
      this.#spans.push(finding);
    }
  }

  /** Offset up to which no later text can change what is written. */
  #settle(final: boolean): number {
    const end = this.#textStart + this.#text.length;
    let to = this.#literals === undefined ? end : this.#findLiterals(this.#literals, end, final);
    // What reaches over the place waits as a whole: a stretch, or a value that is written at once.
    for (;;) {
      const begun = ({ start }: { readonly start: number }): boolean => start < to;
      const value = this.#values.findLast(begun);
      const whole = value?.writing.whole === undefined ? undefined : value;
      const over = [whole, this.#spans.findLast(begun), this.#literalSpans.findLast(begun)].find(
        (each) => each !== undefined && each.end > to,
      );
      if (over === undefined) return to;
      to = over.start;
    }
  }

  /** Collects literals in settled text. Returns the offset of one that the text may still complete, or `end`. */
  #findLiterals(isType: (type: string) => boolean, end: number, final: boolean): number {
    const text = this.#text;
    let at = this.#literalsAt - this.#textStart;
    for (; ; at++) {
      OPENING.lastIndex = at;
      at = OPENING.exec(text)?.index ?? text.length;
      if (at === text.length) break;
      const reading = readBracketed(text, at, NAME_LENGTH_MAX, this.#candidate);
      if (reading === "cut" && !final) break;
      if (reading !== "yes") continue;
      const [literal] = findLiterals(text, isType, at, at + 1);
      if (literal === undefined) continue;
      this.#literalSpans.push({ start: literal.start + this.#textStart, end: literal.end + this.#textStart });
      at = literal.end - 1;
    }
    this.#literalsAt = Math.min(end, at + this.#textStart);
    return this.#literalsAt;
  }

  #write(to: number): void {
    const stretches = mergeLiterals(takeBefore(this.#spans, to), takeBefore(this.#literalSpans, to));
    let next = 0;
    let done = 0;
    for (const value of this.#values) {
      if (value.start > to || (value.writing.whole !== undefined && value.end > to)) break;
      // Stretches that end before this value lay in a label.
      while ((stretches[next]?.end ?? Number.POSITIVE_INFINITY) <= Math.max(value.start, this.#written)) next++;
      this.#begin(value);
      next = this.#writeValue(value, Math.min(value.end, to), stretches, next);
      if (value.end > to) break;
      done++;
    }
    if (done > 0) this.#values = this.#values.slice(done);
  }

  #begin(value: Value): void {
    if (value.begun) return;
    value.begun = true;
    this.#copyStructure(value.before);
    this.#written = value.start;
  }

  #copyStructure(raw: string): void {
    this.#out += raw;
    this.#source += raw.length;
  }

  /** Writes the value up to `to`. Returns the index of the first stretch that reaches beyond. */
  #writeValue(value: Value, to: number, stretches: readonly Stretch[], from: number): number {
    const { writing } = value;
    const outBefore = this.#out;
    if (writing.whole !== undefined) this.#out = "";
    let changed = false;
    let next = from;
    for (; next < stretches.length; next++) {
      const stretch = stretches[next] as Stretch;
      if (stretch.start >= to) break;
      const start = Math.max(stretch.start, this.#written);
      const end = Math.min(stretch.end, to);
      if (end > start) {
        this.#copy(value, start);
        const put = this.#replacement(value, stretch, start, end);
        if (put !== undefined) {
          changed = true;
          this.#out += put;
          this.#skip(value, end);
        } else this.#copy(value, end);
      }
      if (stretch.end > to) break;
    }
    this.#copy(value, to);
    if (writing.whole !== undefined) {
      const original = this.#slice(value.start, value.end);
      this.#out = outBefore + (changed ? writing.whole(this.#out, original) : original);
    }
    return next;
  }

  #replacement(value: Value, stretch: Stretch, start: number, end: number): string | undefined {
    const { type } = stretch;
    const finding = type === LITERAL ? undefined : (stretch as Finding);
    if (value.key && finding !== undefined && finding.score < KEY_SCORE_MIN) return undefined;
    const replacement = this.#replace?.({
      type,
      finding,
      value: this.#slice(start, end),
      place: value.place.path,
      key: value.key,
      start: this.#source,
      end: this.#source + this.#rawLength(value, end),
    });
    return replacement === undefined ? undefined : (value.writing.put(replacement) ?? `[${type}]`);
  }

  #slice(start: number, end: number): string {
    return this.#text.slice(start - this.#textStart, end - this.#textStart);
  }

  /** Characters in the source from the last written one to `end`. */
  #rawLength({ escapes, nextEscape }: Value, end: number): number {
    let length = end - this.#written;
    if (escapes === undefined) return length;
    for (let index = nextEscape; index < escapes.length; index++) {
      const { at, raw } = escapes[index] as Escape;
      if (at >= end) break;
      length += raw.length - 1;
    }
    return length;
  }

  /** Passes what stands between the last written character and `to` over, with its own escapes. */
  #copy(value: Value, to: number): void {
    if (to <= this.#written) return;
    this.#source += this.#rawLength(value, to);
    let at = this.#written;
    const { escapes } = value;
    if (escapes !== undefined) {
      for (; value.nextEscape < escapes.length; value.nextEscape++) {
        const escape = escapes[value.nextEscape] as Escape;
        if (escape.at >= to) break;
        this.#out += this.#slice(at, escape.at) + escape.raw;
        at = escape.at + 1;
      }
      forgetWritten(value, escapes);
    }
    this.#out += this.#slice(at, to);
    this.#written = to;
  }

  /** Leaves out what stands between the last written character and `to`: it was replaced. */
  #skip(value: Value, to: number): void {
    this.#source += this.#rawLength(value, to);
    const { escapes } = value;
    if (escapes !== undefined) {
      while ((escapes[value.nextEscape]?.at ?? Number.POSITIVE_INFINITY) < to) value.nextEscape++;
    }
    this.#written = to;
  }
}

/** Takes out the stretches that begin before `to`; they are in order. */
function takeBefore<T extends { readonly start: number }>(stretches: T[], to: number): T[] {
  return stretches.splice(0, stretches.findLastIndex(({ start }) => start < to) + 1);
}

function forgetWritten(value: Value, escapes: Escape[]): void {
  if (value.nextEscape < ESCAPES_KEPT) return;
  escapes.splice(0, value.nextEscape);
  value.nextEscape = 0;
}
