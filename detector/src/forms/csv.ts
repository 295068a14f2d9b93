/**
 * Reads separated values and tells every cell with the name of its column as label. Quoted cells may hold separators and
 * line ends; a replacement that needs quotes where there were none gets them around the whole cell. A quote that does not
 * fit is read as text of its cell, so a table that is not in order loses context and nothing else.
 */
import { CSV_SAMPLE_CHARS, csvDialect } from "./csv-dialect.ts";
import { labelOf } from "./label.ts";
import type { Place, Telling, Writing } from "./telling.ts";

/** A longer cell without quotes is written as it comes: what would need quotes there is replaced by its bare type. */
const WHOLE_CHARS_MAX = 4096;

const QUOTED: Writing = { put: (replacement) => replacement.replaceAll('"', '""') };

interface Column extends Place {
  readonly label: string;
}

type State = "begin" | "bare" | "long" | "quoted" | "after quote" | "behind";

export class CsvReader {
  readonly #telling: Telling;
  #sample: string | undefined = "";
  #header = false;
  #delimiter = 0;
  #bare: Writing = QUOTED;
  #alone: Writing = QUOTED;
  #long: Writing = QUOTED;
  readonly #columns: Column[] = [];
  #column = 0;
  #row = 0;
  #state: State = "begin";
  /** The cell without quotes under way. */
  #cell = "";
  /** The name of a column under way. */
  #name = "";
  /** The last character was a carriage return: a line feed now ends the same record. */
  #afterReturn = false;
  #wrong = 0;
  #firstWrong = 0;

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  push(raw: string): void {
    if (this.#sample === undefined) return this.#read(raw);
    this.#sample += raw;
    if (this.#sample.length >= CSV_SAMPLE_CHARS) this.#begin(true);
  }

  end(): void {
    if (this.#sample !== undefined) this.#begin(false);
    if (this.#state === "quoted") this.#fault();
    if (this.#state !== "begin" || this.#column > 0) this.#endCell("");
    this.#telling.close();
  }

  get notes(): string[] {
    if (this.#wrong === 0) return [];
    const more = this.#wrong === 1 ? "" : `, and ${this.#wrong - 1} more`;
    return [`record ${this.#firstWrong}${more}: a quote that does not fit, read as text of its cell`];
  }

  #begin(more: boolean): void {
    const sample = this.#sample ?? "";
    this.#sample = undefined;
    const dialect = csvDialect(sample.slice(0, CSV_SAMPLE_CHARS), more || sample.length > CSV_SAMPLE_CHARS);
    const { delimiter } = dialect;
    this.#header = dialect.header;
    this.#delimiter = delimiter.charCodeAt(0);
    const needsQuotes = (content: string): boolean =>
      content.includes(delimiter) || content.includes("\n") || content.includes("\r") || content.startsWith('"');
    const quote = (content: string): string => `"${content.replaceAll('"', '""')}"`;
    this.#bare = { put: (text) => text, whole: (content) => (needsQuotes(content) ? quote(content) : content) };
    // A record of one empty cell would be an empty line, which many readers skip.
    this.#alone = {
      put: (text) => text,
      whole: (content) => (needsQuotes(content) || content === "" ? quote(content) : content),
    };
    this.#long = { put: (text) => (needsQuotes(text) ? undefined : text) };
    if (sample.startsWith("\ufeff")) this.#telling.structure("\ufeff");
    this.#read(sample.startsWith("\ufeff") ? sample.slice(1) : sample);
  }

  #read(raw: string): void {
    let at = 0;
    while (at < raw.length) {
      switch (this.#state) {
        case "begin":
          if (raw[at] === '"') {
            this.#openQuoted();
            at++;
          } else this.#state = "bare";
          break;
        case "quoted": {
          const quote = raw.indexOf('"', at);
          const to = quote === -1 ? raw.length : quote;
          this.#content(raw.slice(at, to));
          if (quote !== -1) this.#state = "after quote";
          at = to + 1;
          break;
        }
        case "after quote":
          if (raw[at] === '"') {
            this.#telling.escape('""', '"');
            if (this.#row === 0) this.#name += '"';
            this.#state = "quoted";
            at++;
          } else {
            this.#telling.close();
            this.#telling.structure('"');
            this.#state = "behind";
          }
          break;
        default:
          at = this.#readBare(raw, at);
      }
    }
  }

  /** A cell, or the rest of one, up to the sign that ends it. */
  #readBare(raw: string, from: number): number {
    let at = from;
    const delimiter = this.#delimiter;
    for (; at < raw.length; at++) {
      const code = raw.charCodeAt(at);
      if (code === delimiter || code === 0x0a || code === 0x0d) break;
    }
    const run = raw.slice(from, at);
    if (run !== "") {
      if (this.#state === "behind") {
        this.#fault();
        this.#state = "bare";
      }
      this.#afterReturn = false;
      if (this.#state === "bare") {
        this.#cell += run;
        if (this.#cell.length > WHOLE_CHARS_MAX) {
          this.#open(this.#long);
          this.#telling.text(this.#cell);
          this.#cell = "";
          this.#state = "long";
        }
      } else this.#telling.text(run);
    }
    if (at === raw.length) return at;
    this.#endCell(raw.charAt(at));
    return at + 1;
  }

  #endCell(sign: string): void {
    const delimiter = sign.charCodeAt(0) === this.#delimiter;
    if (sign === "\n" && this.#afterReturn && this.#column === 0 && this.#cell === "" && this.#state === "bare") {
      this.#telling.structure(sign);
      this.#afterReturn = false;
      this.#state = "begin";
      return;
    }
    if (this.#state === "bare" && this.#cell !== "") {
      this.#open(this.#column === 0 && !delimiter ? this.#alone : this.#bare);
      this.#telling.text(this.#cell);
      if (this.#row === 0) this.#name += this.#cell;
      this.#cell = "";
    }
    if (this.#state === "after quote") {
      this.#telling.close();
      this.#telling.structure('"');
    }
    this.#telling.close();
    this.#telling.structure(sign);
    if (this.#row === 0) this.#nameColumn();
    this.#state = "begin";
    this.#afterReturn = sign === "\r";
    this.#column++;
    if (delimiter) return;
    this.#column = 0;
    this.#row++;
  }

  #nameColumn(): void {
    const name = this.#name.trim();
    this.#name = "";
    const named = this.#header && name !== "";
    const label = named ? labelOf(name) : "";
    this.#columns.push({ label, path: label === "" ? `column ${this.#column + 1}` : label });
  }

  #openQuoted(): void {
    this.#telling.structure('"');
    this.#afterReturn = false;
    this.#open(QUOTED);
    this.#state = "quoted";
  }

  #open(writing: Writing): void {
    const isHeader = this.#row === 0 && this.#header;
    const column = this.#row === 0 ? undefined : this.#columns[this.#column];
    const place = column ?? { path: `column ${this.#column + 1}` };
    this.#telling.open(place, writing, column?.label ?? "", isHeader);
  }

  #content(run: string): void {
    this.#telling.text(run);
    if (this.#row === 0 && this.#name.length < WHOLE_CHARS_MAX) this.#name += run;
  }

  #fault(): void {
    this.#wrong++;
    if (this.#firstWrong === 0) this.#firstWrong = this.#row + 1;
  }
}
