/**
 * Reads what database shells print: rows between bars, under names of columns that stand over a line of dashes (psql) or in
 * a box (mysql). Every cell is told with the name of its column; everything else is text. A replaced cell keeps its width
 * where the replacement is not longer than cell and padding, so columns stay in line.
 */
import { labelOf } from "./label.ts";
import { NOWHERE, PLAIN, type Place, type Telling, type Writing } from "./telling.ts";

/** A longer line is no row. */
const LINE_CHARS_MAX = 65_536;

const CELL: Writing = {
  put: (replacement) => (/[|│\n\r]/.test(replacement) ? undefined : replacement),
  whole(content, original) {
    // What stands at the end of its line, or against a bar, is not padded.
    if (!original.endsWith(" ")) return content;
    const padded = content.trimEnd().padEnd(original.length);
    return padded.endsWith(" ") ? padded : `${padded} `;
  },
};

interface Column extends Place {
  readonly label: string;
}

const BOX_RULE = /^[ \t]*[+├┌└](?:[-─=]+[+┼┬┴┤┐┘])+[ \t]*$/;
const DASHES = /^[-─]+(?:[+┼][-─]+)*[ \t]*$/;

export function isBoxRule(line: string): boolean {
  return BOX_RULE.test(line);
}

/** Whether `line` is the line of dashes under the names in `header`. */
export function isDashRule(line: string, header: string): boolean {
  if (!DASHES.test(line) || header.trim() === "" || line.length < 3) return false;
  const rule = line.trimEnd();
  const columns = rule.split(/[+┼]/).length;
  if (columns === 1)
    return header.trimEnd().length <= rule.length + 1 && header.startsWith(" ") && !/[|│]/.test(header);
  return header.split(/[|│]/).length === columns;
}

export class SqlResultReader {
  readonly #telling: Telling;
  /** The line under way, without its end. */
  #line = "";
  /** A line that may turn out to name columns, with its end. */
  #held: string | undefined;
  /** The line under way is too long to be one. */
  #long = false;
  #state: "text" | "box header" | "box rows" | "behind rule" | "rows" = "text";
  /** The rule over or under the names; its crosses are where the bars stand. */
  #rule = "";
  #columns: Column[] = [];

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  readonly notes: string[] = [];

  push(raw: string): void {
    let from = 0;
    for (let at = raw.indexOf("\n"); at !== -1; at = raw.indexOf("\n", from)) {
      this.#add(raw.slice(from, at));
      this.#endLine("\n");
      from = at + 1;
    }
    this.#add(raw.slice(from));
  }

  end(): void {
    if (this.#line !== "" || this.#long) this.#endLine("");
    this.#release();
    this.#telling.close();
  }

  #add(run: string): void {
    if (run === "") return;
    this.#line += run;
    if (!this.#long && this.#line.length <= LINE_CHARS_MAX) return;
    this.#release();
    this.#text(this.#line);
    this.#line = "";
    this.#long = true;
  }

  #endLine(end: string): void {
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    const ending = this.#line.slice(line.length) + end;
    this.#line = "";
    if (this.#long) {
      this.#long = false;
      this.#text(line + ending);
      return;
    }
    this.#readLine(line, ending);
  }

  #readLine(line: string, ending: string): void {
    if (isBoxRule(line)) {
      this.#release();
      this.#telling.close();
      this.#telling.structure(line + ending);
      const opens = this.#state === "text" || this.#state === "rows" || this.#state === "behind rule";
      this.#state = opens ? "box header" : "behind rule";
      this.#rule = line;
      return;
    }
    switch (this.#state) {
      case "box header":
        if (!/^[ \t]*[|│]/.test(line)) return this.#leave(line, ending);
        this.#tellNames(line, ending);
        this.#state = "box rows";
        return;
      case "behind rule":
      case "box rows":
        if (!/^[ \t]*[|│]/.test(line)) return this.#leave(line, ending);
        this.#state = "box rows";
        return this.#tellRow(line, ending);
      case "rows": {
        const isRow = this.#columns.length > 1 ? /[|│]/.test(line) : line.startsWith(" ");
        return isRow ? this.#tellRow(line, ending) : this.#leave(line, ending);
      }
      case "text":
        if (this.#held !== undefined && isDashRule(line, this.#held.trimEnd())) {
          const names = this.#held.replace(/\r?\n$/, "");
          const namesEnd = this.#held.slice(names.length);
          this.#held = undefined;
          this.#telling.close();
          this.#rule = line;
          this.#tellNames(names, namesEnd);
          this.#telling.structure(line + ending);
          this.#state = "rows";
          return;
        }
        this.#release();
        this.#held = line + ending;
    }
  }

  #leave(line: string, ending: string): void {
    this.#state = "text";
    this.#columns = [];
    this.#readLine(line, ending);
  }

  /** The held line names no columns: it is text. */
  #release(): void {
    if (this.#held === undefined) return;
    const held = this.#held;
    this.#held = undefined;
    this.#text(held);
  }

  #text(text: string): void {
    if (!this.#telling.isOpen) this.#telling.open(NOWHERE, PLAIN, "");
    this.#telling.text(text);
  }

  #tellNames(line: string, ending: string): void {
    const columns: Column[] = [];
    for (const { text } of this.#cells(line) ?? []) {
      const label = labelOf(text.trim());
      columns.push({ label, path: label === "" ? `column ${columns.length + 1}` : label });
    }
    this.#columns = [];
    this.#tellCells(line, ending, true);
    this.#columns = columns;
  }

  #tellRow(line: string, ending: string): void {
    this.#tellCells(line, ending, false);
  }

  #tellCells(line: string, ending: string, names: boolean): void {
    const cells = this.#cells(line);
    if (cells === undefined) {
      this.#telling.tell(line, NOWHERE, PLAIN, "");
      this.#telling.structure(ending);
      return;
    }
    let copied = 0;
    let index = 0;
    for (const { start, text } of cells) {
      const content = text.trimStart();
      const from = start + text.length - content.length;
      const column = this.#columns[index++];
      if (content === "") continue;
      this.#telling.structure(line.slice(copied, from));
      this.#telling.tell(content, column ?? { path: `column ${index}` }, CELL, column?.label ?? "", names);
      copied = from + content.length;
    }
    this.#telling.structure(line.slice(copied) + ending);
  }

  /** The stretches between the bars, or undefined when the line does not fit the columns. */
  #cells(line: string): { start: number; text: string }[] | undefined {
    const bars: number[] = [];
    for (let at = 0; at < line.length; at++) if (line[at] === "|" || line[at] === "│") bars.push(at);
    const boxed = /^[ \t]*[|│]/.test(line) && BOX_RULE.test(this.#rule);
    const crosses = [...this.#rule.matchAll(/[+┼┬┴├┌└┤┐┘]/g)].map(({ index }) => index);
    // A bar may stand in a value: then the crosses of the rule say which ones separate.
    const borders =
      bars.length === crosses.length ? bars : crosses.every((at) => bars.includes(at)) ? crosses : undefined;
    if (borders === undefined) return undefined;
    const edges = boxed ? borders : [-1, ...borders, line.length];
    return edges.slice(0, -1).map((edge, index) => {
      const start = edge + 1;
      return { start, text: line.slice(start, edges[index + 1]) };
    });
  }
}
