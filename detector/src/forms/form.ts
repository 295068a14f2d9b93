/**
 * The forms of documents that are read with their structure, and how a document's form is told from its name and its first
 * characters. A guess decides how much context a value gets, never whether it is read.
 */
import { csvDialect } from "./csv-dialect.ts";
import { JsonReader } from "./json.ts";
import { logHead } from "./log.ts";
import { isBoxRule, isDashRule } from "./sql-result.ts";
import { Telling } from "./telling.ts";

export const FORMS = ["text", "json", "jsonl", "csv", "log", "sql-result"] as const;
export type Form = (typeof FORMS)[number];

/** What a guess looks at; more of a sample is not read. */
export const FORM_SAMPLE_CHARS = 16_384;
const LINES_MAX = 60;

const BY_EXTENSION: Readonly<Record<string, Form>> = {
  json: "json",
  geojson: "json",
  ipynb: "json",
  jsonl: "jsonl",
  ndjson: "jsonl",
  csv: "csv",
  tsv: "csv",
  log: "log",
};

/** `sample`: the first characters of the document. `name`: its file name, which is asked first. */
export function formOf(sample: string, name?: string): Form {
  const extension = name === undefined ? undefined : /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension !== undefined && Object.hasOwn(BY_EXTENSION, extension)) return BY_EXTENSION[extension] as Form;
  return guess(sample.slice(0, FORM_SAMPLE_CHARS), sample.length >= FORM_SAMPLE_CHARS);
}

function guess(sample: string, more: boolean): Form {
  const text = sample.replace(/^\ufeff/, "");
  const lines = text.split(/\r?\n/);
  if (more && lines.length > 1) lines.pop();
  const filled = lines.filter((line) => line.trim() !== "").slice(0, LINES_MAX);
  if (/^\s*[[{]/.test(text)) {
    if (filled.length > 1 && filled.every(isJson)) return "jsonl";
    if (readsAsJson(text)) return "json";
  }
  if (filled.some((line, index) => isBoxRule(line) || (index > 0 && isDashRule(line, filled[index - 1] ?? ""))))
    return "sql-result";
  const heads = filled.filter((line) => logHead(line) > 0).length;
  if (heads > 0 && heads * 2 >= filled.length) return "log";
  return csvDialect(text, more).regular ? "csv" : "text";
}

function isJson(line: string): boolean {
  if (!/^\s*[[{]/.test(line)) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** No character of it is wrong; it may go on. */
function readsAsJson(text: string): boolean {
  const reader = new JsonReader(new Telling({ types: [] }), false);
  reader.push(text);
  return reader.notes.length === 0;
}
