/**
 * What a table of separated values looks like, from its first characters: which sign separates, and whether the first record
 * names the columns. Quoting is that of RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180): a field is quoted when it begins
 * with a quote, and a quote inside is doubled.
 */
import { detect } from "../detect.ts";

/** Decided from these many characters, so that the answer does not depend on the pieces in which the table arrives. */
export const CSV_SAMPLE_CHARS = 16_384;
const RECORDS_MAX = 50;
const HEADER_CHARS_MAX = 64;
/** Prose with a comma in each line is no table: its cells are long. */
const CELL_CHARS_MEAN_MAX = 80;

export interface Dialect {
  readonly delimiter: string;
  /** The first record holds the names of the columns. */
  readonly header: boolean;
  /** Columns of the first record. */
  readonly columns: number;
  /** All records of the sample have as many, more than one. */
  readonly regular: boolean;
}

const DELIMITERS = [",", ";", "\t", "|"] as const;

/** `more`: the text goes on behind the sample, so its last record may be cut. */
export function csvDialect(sample: string, more: boolean): Dialect {
  const text = sample.startsWith("\ufeff") ? sample.slice(1) : sample;
  let best: { delimiter: string; records: string[][]; share: number } | undefined;
  for (const delimiter of DELIMITERS) {
    const records = recordsOf(text, delimiter, more);
    const columns = records[0]?.length ?? 0;
    if (columns < 2) continue;
    const share = records.filter((record) => record.length === columns).length / records.length;
    if (best === undefined || share * columns > best.share * (best.records[0]?.length ?? 0))
      best = { delimiter, records, share };
  }
  const records = best?.records ?? recordsOf(text, ",", more);
  const first = records[0] ?? [];
  const cells = records.flat();
  const mean = cells.reduce((sum, cell) => sum + cell.length, 0) / Math.max(1, cells.length);
  return {
    delimiter: best?.delimiter ?? ",",
    header: namesColumns(first, records),
    columns: first.length,
    regular:
      best !== undefined &&
      best.share > 0.9 &&
      mean <= CELL_CHARS_MEAN_MAX &&
      (records.length > 2 || (records.length === 2 && first.length > 2)),
  };
}

/** What a tagger may see in the words of any header. */
const WORDY: ReadonlySet<string> = new Set(["PERSON", "LOCATION", "ORGANIZATION", "ADDRESS"]);

/** Short, no long numbers, each different, and no identifiers: then it may also be shown in a report. */
function namesColumns(first: readonly string[], records: readonly string[][]): boolean {
  const names = first.map((name) => name.trim());
  if (records.length < 2 || names.every((name) => name === "")) return false;
  const filled = names.filter((name) => name !== "");
  if (new Set(filled).size < filled.length) return false;
  return filled.every(
    (name) =>
      name.length <= HEADER_CHARS_MAX &&
      /\p{L}/u.test(name) &&
      !/[0-9]{5}/.test(name) &&
      detect(name).every(({ type }) => WORDY.has(type)),
  );
}

/** The records that are whole. */
function recordsOf(text: string, delimiter: string, more: boolean): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at <= text.length && records.length < RECORDS_MAX) {
    let cell = "";
    if (text[at] === '"') {
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        cell += text.slice(at, quote === -1 ? text.length : quote);
        at = quote === -1 ? text.length : quote + 1;
        if (quote === -1 || text[at] !== '"') break;
        cell += '"';
        at++;
      }
    }
    const from = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
    record.push(cell + text.slice(from, at));
    if (at === text.length) {
      const empty = record.length === 1 && record[0] === "";
      if (!more && !empty) records.push(record);
      break;
    }
    if (text[at] !== delimiter) {
      if (text[at] === "\r" && text[at + 1] === "\n") at++;
      records.push(record);
      record = [];
    }
    at++;
  }
  return records;
}
