/**
 * Findings as lines, in the form that editors and build systems read (`file:line:column: what`), or as members of a JSON
 * array; with the text of the line, the values marked, where that was asked for. Without that, nothing of the document is
 * shown, so the lines may stand in a build log.
 */
import type { Found } from "@sluice/detector";
import type { Colors } from "./terminal.ts";

export interface LineOptions {
  readonly json: boolean;
  /** Show values. */
  readonly show: boolean;
  readonly colors: Colors;
}

/** More of a line is not shown. */
const SHOWN_CHARS_MAX = 160;
/** Characters in front of the first finding of a long line. */
const LEAD_CHARS = 40;
/** A line longer than that is not held back until its end. */
const HELD_CHARS_MAX = 16_384;

/** A finding with its place in the line. */
interface Placed {
  readonly found: Found;
  readonly line: number;
  readonly column: number;
}

export class DetectionLines {
  readonly #name: string;
  readonly #options: LineOptions;
  /** Findings in text that has not come yet. */
  #coming: Found[] = [];
  /** Findings of the line under way, and its text so far. */
  #placed: Placed[] = [];
  #text = "";
  /** Offset in the document at which the held text begins, and the line. */
  #lineStart = 0;
  #line = 1;
  /** Characters of the line that were let go. */
  #column = 1;
  #written = 0;

  constructor(name: string, options: LineOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** Opening of the document's object in JSON. */
  begin(first: boolean): string {
    return `${first ? "" : ","}\n{"file":${JSON.stringify(this.#name)},"findings":[`;
  }

  add(found: Found): void {
    this.#coming.push(found);
  }

  /** Text of the document as it is, behind what came before. Returns the lines that are complete. */
  settle(text: string): string {
    let out = "";
    this.#text += text;
    for (let end = this.#text.indexOf("\n"); end !== -1; end = this.#text.indexOf("\n")) {
      out += this.#take(end + 1);
      this.#line++;
      this.#column = 1;
    }
    if (this.#text.length > HELD_CHARS_MAX) {
      const length = this.#text.length;
      out += this.#take(length);
      this.#column += length;
    }
    return out;
  }

  end(): string {
    return this.#text === "" ? "" : this.#take(this.#text.length);
  }

  /** Reports what stands in the first `length` held characters, and lets them go. */
  #take(length: number): string {
    const text = this.#text.slice(0, length);
    const end = this.#lineStart + length;
    while ((this.#coming[0]?.start ?? end) < end) {
      const found = this.#coming.shift() as Found;
      this.#placed.push({ found, line: this.#line, column: this.#column + found.start - this.#lineStart });
    }
    const out = this.#placed.length === 0 ? "" : this.#options.json ? this.#objects() : this.#lines(text);
    this.#placed = [];
    this.#text = this.#text.slice(length);
    this.#lineStart = end;
    return out;
  }

  #objects(): string {
    let out = "";
    for (const { found, line, column } of this.#placed) {
      const { finding, type, start, end, place, value } = found;
      const object = {
        type,
        category: finding?.category,
        dpv: finding?.dpv,
        line,
        column,
        start,
        end,
        score: finding?.score,
        recognizer: finding?.recognizer,
        why: finding?.why,
        ...(place === "" ? {} : { place }),
        ...(this.#options.show ? { value } : {}),
      };
      out += `${this.#written++ === 0 ? "" : ","}\n${JSON.stringify(object)}`;
    }
    return out;
  }

  #lines(text: string): string {
    const { colors, show } = this.#options;
    let out = "";
    for (const { found, line, column } of this.#placed) {
      const { finding, type, place } = found;
      const where = colors.dim(`${this.#name}:${line}:${column}:`);
      const score = finding === undefined ? "" : ` ${finding.score.toFixed(2)} ${finding.why}`;
      out += `${where} ${colors.bold(type)}${score}${place === "" ? "" : `, in ${place}`}\n`;
    }
    return show ? `${out}    ${this.#shown(text)}\n` : out;
  }

  /** The line with its values marked, or the part around the first of them. */
  #shown(text: string): string {
    const spans = this.#placed.map(({ found: { start, end } }) => ({
      start: start - this.#lineStart,
      end: Math.min(end - this.#lineStart, text.length),
    }));
    const first = spans[0]?.start ?? 0;
    const from = text.length <= SHOWN_CHARS_MAX || first <= LEAD_CHARS ? 0 : first - LEAD_CHARS;
    const to = Math.min(text.length, from + SHOWN_CHARS_MAX);
    let shown = from === 0 ? "" : "…";
    let at = from;
    for (const { start, end } of spans) {
      if (start < at || start >= to) continue;
      const stop = Math.min(end, to);
      shown += printable(text.slice(at, start)) + this.#options.colors.inverse(printable(text.slice(start, stop)));
      at = stop;
    }
    shown += printable(text.slice(at, to).trimEnd());
    return to < text.trimEnd().length ? `${shown}…` : shown;
  }
}

/** Control characters of a document would steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => (character === "\t" ? " " : "·"));
}
