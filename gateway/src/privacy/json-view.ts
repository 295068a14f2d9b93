/**
 * A complete JSON text as a detector should see it: every escape inside a string replaced by the character it stands for,
 * everything else in place, so that a key still stands beside its value (only the commas between values show as
 * semicolons). Replacements found in the view are written back
 * into the original text: escaped inside strings, quoted where a number stood. What is not replaced stays byte for byte.
 */
import { escapeJson, JsonTokens } from "@sluice/detector";

/** Where a value stands, offsets in the view. A number is replaced as a whole, by a string. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly number: boolean;
}

/** Where something stands in the text that is written. */
export interface Written {
  readonly start: number;
  readonly end: number;
}

interface Escape {
  /** Offset in the view. */
  readonly at: number;
  /** Characters in the original text. */
  readonly length: number;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/g;

export class JsonView {
  readonly #raw: string;
  readonly #parts: string[] = [];
  #length = 0;
  /** Start and end of the content of each string, in the view, ascending. */
  readonly #strings: { start: number; end: number }[] = [];
  readonly #escapes: Escape[] = [];
  #text = "";
  #nextString = 0;
  #numbersUntil = 0;
  // The written text so far, how much of the original and of the escapes is behind it.
  #written = "";
  #copied = 0;
  #nextEscape = 0;
  #shift = 0;

  private constructor(raw: string) {
    this.#raw = raw;
  }

  /** Undefined when `raw` is not JSON. */
  static whole(raw: string): JsonView | undefined {
    if (!isJson(raw)) return undefined; // the caller treats it as plain text, which is scanned all the same
    const view = new JsonView(raw);
    view.#reader().push(raw);
    view.#text = view.#parts.join("");
    return view;
  }

  /** The same for a long text. Yields after each `sliceChars` characters. */
  static *of(raw: string, sliceChars: number): Generator<void, JsonView | undefined> {
    if (!isJson(raw)) return undefined;
    const view = new JsonView(raw);
    const tokens = view.#reader();
    for (let from = 0; from < raw.length; from += sliceChars) {
      if (from > 0) yield;
      tokens.push(raw.slice(from, from + sliceChars));
    }
    view.#text = view.#parts.join("");
    return view;
  }

  get text(): string {
    return this.#text;
  }

  #reader(): JsonTokens {
    const add = (text: string) => {
      this.#parts.push(text);
      this.#length += text.length;
    };
    let start = 0;
    return new JsonTokens({
      // A comma before a number reads as a part of it elsewhere (1,234); between JSON values it never is.
      outside: (raw) => add(raw.replaceAll(",", ";")),
      open: () => {
        add('"');
        start = this.#length;
      },
      text: add,
      escape: (raw, decoded) => {
        this.#escapes.push({ at: this.#length, length: raw.length });
        add(decoded);
      },
      close: () => {
        this.#strings.push({ start, end: this.#length });
        add('"');
      },
    });
  }

  /** The values that a finding covers or cuts: usually one. Call with ascending, disjoint findings. */
  places(start: number, end: number): Place[] {
    while ((this.#strings[this.#nextString]?.end ?? Number.POSITIVE_INFINITY) <= start) this.#nextString++;
    const places: Place[] = [];
    let at = start;
    for (let index = this.#nextString; at < end; index++) {
      const string = this.#strings[index];
      const outsideEnd = Math.min(end, string?.start ?? this.#text.length);
      if (at < outsideEnd) places.push(...this.#numbers(at, outsideEnd));
      if (string === undefined || string.start >= end) break;
      const from = Math.max(at, string.start);
      const to = Math.min(end, string.end);
      if (from < to) places.push({ start: from, end: to, number: false });
      at = string.end;
    }
    return places;
  }

  /** The numbers outside strings that overlap [start, end) and were not placed yet. */
  #numbers(start: number, end: number): Place[] {
    let from = start;
    while (from > this.#numbersUntil && /[-+.0-9eE]/.test(this.#text.charAt(from - 1))) from--;
    const places: Place[] = [];
    NUMBER.lastIndex = Math.max(from, this.#numbersUntil);
    for (let match = NUMBER.exec(this.#text); match !== null && match.index < end; match = NUMBER.exec(this.#text)) {
      this.#numbersUntil = match.index + match[0].length;
      if (this.#numbersUntil > start) places.push({ start: match.index, end: this.#numbersUntil, number: true });
    }
    return places;
  }

  /** Puts `text` where `place` is, and says where that is in what is written. Call with ascending, disjoint places. */
  replace(place: Place, text: string): Written {
    this.#written += this.#raw.slice(this.#copied, this.#rawOffset(place.start));
    const start = this.#written.length;
    this.#written += place.number ? `"${escapeJson(text)}"` : escapeJson(text);
    this.#copied = this.#rawOffset(place.end);
    return { start, end: this.#written.length };
  }

  /** Leaves what is there, byte for byte, and says where that is in what is written. As `replace`. */
  keep(place: Place): Written {
    const from = this.#rawOffset(place.start);
    this.#written += this.#raw.slice(this.#copied, from);
    const start = this.#written.length;
    this.#copied = this.#rawOffset(place.end);
    this.#written += this.#raw.slice(from, this.#copied);
    return { start, end: this.#written.length };
  }

  /** The original text with all replacements. */
  written(): string {
    return this.#written + this.#raw.slice(this.#copied);
  }

  /** Offset in the original text of an offset in the view. Called with ascending offsets. */
  #rawOffset(offset: number): number {
    for (; this.#nextEscape < this.#escapes.length; this.#nextEscape++) {
      const escape = this.#escapes[this.#nextEscape];
      if (escape === undefined || escape.at >= offset) break;
      this.#shift += escape.length - 1;
    }
    return offset + this.#shift;
  }
}

function isJson(raw: string): boolean {
  try {
    JSON.parse(raw);
    return true;
  } catch {
    return false;
  }
}
