/**
 * A complete JSON text as a detector should see it: every escape inside a string replaced by the character it stands for,
 * everything else in place, so that a key still stands beside its value. Replacements found in the view are written back
 * into the original text: escaped inside strings, quoted where a number stood. What is not replaced stays byte for byte.
 */
import { escapeJson, JsonTokens } from "@sluice/detector";

/** Where a value stands, offsets in the view. A number is replaced as a whole, by a string. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly number: boolean;
}

interface Escape {
  /** Offset in the view. */
  readonly at: number;
  /** Characters in the original text. */
  readonly length: number;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/g;

export class JsonView {
  readonly text: string;
  readonly #raw: string;
  /** Start and end of the content of each string, in the view, ascending. */
  readonly #strings: { start: number; end: number }[] = [];
  readonly #escapes: Escape[] = [];
  #nextString = 0;
  #numbersUntil = 0;

  private constructor(raw: string) {
    const parts: string[] = [];
    let length = 0;
    const add = (text: string) => {
      parts.push(text);
      length += text.length;
    };
    let start = 0;
    const tokens = new JsonTokens({
      outside: add,
      open: () => {
        add('"');
        start = length;
      },
      text: add,
      escape: (escape, decoded) => {
        this.#escapes.push({ at: length, length: escape.length });
        add(decoded);
      },
      close: () => {
        this.#strings.push({ start, end: length });
        add('"');
      },
    });
    tokens.push(raw);
    this.text = parts.join("");
    this.#raw = raw;
  }

  /** Undefined when `raw` is not JSON. */
  static of(raw: string): JsonView | undefined {
    try {
      JSON.parse(raw);
    } catch {
      return undefined; // the caller treats it as plain text, which is scanned all the same
    }
    return new JsonView(raw);
  }

  /** The values that a finding covers or cuts: usually one. Call with ascending, disjoint findings. */
  places(start: number, end: number): Place[] {
    while ((this.#strings[this.#nextString]?.end ?? Number.POSITIVE_INFINITY) <= start) this.#nextString++;
    const places: Place[] = [];
    let at = start;
    for (let index = this.#nextString; at < end; index++) {
      const string = this.#strings[index];
      const outsideEnd = Math.min(end, string?.start ?? this.text.length);
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
    while (from > this.#numbersUntil && /[-+.0-9eE]/.test(this.text.charAt(from - 1))) from--;
    const places: Place[] = [];
    NUMBER.lastIndex = Math.max(from, this.#numbersUntil);
    for (let match = NUMBER.exec(this.text); match !== null && match.index < end; match = NUMBER.exec(this.text)) {
      this.#numbersUntil = match.index + match[0].length;
      if (this.#numbersUntil > start) places.push({ start: match.index, end: this.#numbersUntil, number: true });
    }
    return places;
  }

  /** The original text with what stands at each place replaced. Places ascending and disjoint. */
  replace(replacements: readonly { readonly place: Place; readonly text: string }[]): string {
    let out = "";
    let copied = 0;
    let shift = 0;
    let next = 0;
    /** Offset in the original text. Called with ascending offsets. */
    const rawOffset = (offset: number): number => {
      for (; next < this.#escapes.length; next++) {
        const escape = this.#escapes[next];
        if (escape === undefined || escape.at >= offset) break;
        shift += escape.length - 1;
      }
      return offset + shift;
    };
    for (const { place, text } of replacements) {
      out += this.#raw.slice(copied, rawOffset(place.start));
      out += place.number ? `"${escapeJson(text)}"` : escapeJson(text);
      copied = rawOffset(place.end);
    }
    return out + this.#raw.slice(copied);
  }
}
