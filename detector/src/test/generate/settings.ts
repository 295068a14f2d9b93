/** Where values stand: sentences of twenty-four languages, forms, JSON, CSV, SQL, YAML, logs. A setting keeps count of what it wrote and where. */
import type { Choices } from "../random.ts";
import { birthDate } from "./everyday.ts";
import type { Kind } from "./kind.ts";
import { LANGUAGES, type Language } from "./words.ts";

type Stretch = readonly [start: number, end: number];

export interface Expected {
  /** First the type that the value is, then those that are just as true. */
  readonly types: readonly string[];
  readonly kind: string;
  /** All but one where nothing says which part of what is written belongs to the value; the first is the whole. */
  readonly spans: readonly [Stretch, ...Stretch[]];
}

/** Text under construction. */
export class Page {
  text = "";
  readonly expected: Expected[] = [];

  add(text: string): void {
    this.text += text;
  }

  value(random: Choices, kind: Kind, language: string): void {
    const made = kind.type === "DATE_OF_BIRTH" ? birthDate(random, language) : kind.make(random);
    const { text, spans } = typeof made === "string" ? { text: made, spans: [[0, made.length]] as const } : made;
    const at = this.text.length;
    this.text += text;
    this.expected.push({
      types: [kind.type, ...(kind.also ?? [])],
      kind: kind.name,
      spans: spans.map(([from, to]): Stretch => [at + from, at + to]) as [Stretch, ...Stretch[]],
    });
  }
}

const DATE_OF_BIRTH: Kind = {
  name: "date of birth",
  type: "DATE_OF_BIRTH",
  keys: ["dateOfBirth", "birth_date", "dob"],
  bare: false,
  make: (random) => birthDate(random, "en"),
};

/** A month's name is read by the page, in the language that it is written in. */
export const BIRTH: readonly Kind[] = [DATE_OF_BIRTH];

/** Labels that are no nouns ("born on", "wohnhaft") only stand directly before their value. */
const NO_NOUNS: ReadonlySet<string> = new Set(["DATE_OF_BIRTH", "ADDRESS"]);

export function labelsOf(kind: Kind, language: Language): readonly string[] {
  return kind.labels ?? language.labels[kind.name === "password" ? "PASSWORD" : kind.type] ?? [];
}

/** One sentence or line about one value of each kind, which must be at least one. */
export type Setting = (page: Page, random: Choices, kinds: readonly Kind[], language: string) => void;

const prose: Setting = (page, random, kinds, code) => {
  const language = LANGUAGES[code] as Language;
  for (const [at, kind] of kinds.entries()) {
    if (at > 0) page.add(" ");
    const labels = labelsOf(kind, language);
    const bare = labels.length === 0 || (kind.bare && random.int(0, 2) === 0);
    const short = NO_NOUNS.has(kind.type);
    const sentence = bare
      ? random.pick(language.bare)
      : short
        ? random.pick(["{L}: {V}", "{L} {V}"])
        : random.pick(language.labelled);
    fill(page, random, sentence, kind, labels, code);
    // What follows a value that ends in a full stop or not is a sentence of its own.
    if (at < kinds.length - 1) page.add(short || sentence.endsWith("{V}") ? "." : "");
  }
};

function fill(
  page: Page,
  random: Choices,
  sentence: string,
  kind: Kind,
  labels: readonly string[],
  code: string,
): void {
  for (const part of sentence.split(/(\{[LV]\})/)) {
    if (part === "{V}") page.value(random, kind, code);
    else page.add(part === "{L}" ? random.pick(labels) : part);
  }
}

/** "Label: value", a line each, as mail signatures and web forms have it. */
const form: Setting = (page, random, kinds, code) => {
  const separator = random.pick([": ", ": ", " : ", ":\t", " - ", ":  "]);
  for (const kind of kinds) {
    const labels = labelsOf(kind, LANGUAGES[code] as Language);
    const label = random.pick(labels.length === 0 ? kind.keys : labels);
    page.add(`${label[0]?.toUpperCase()}${label.slice(1)}${separator}`);
    page.value(random, kind, code);
    page.add("\n");
  }
};

const json: Setting = (page, random, kinds, code) => {
  const [open, comma, colon, close] = random.pick([
    ["{", ",", ":", "}"],
    ["{ ", ", ", ": ", " }"],
    ["{\n  ", ",\n  ", ": ", "\n}"],
  ] as const);
  page.add(`${open}"id"${colon}${random.int(1, 9999)}`);
  for (const kind of kinds) {
    page.add(`${comma}"${random.pick(kind.keys)}"${colon}"`);
    page.value(random, kind, code);
    page.add('"');
  }
  page.add(`${comma}"active"${colon}true${close}`);
};

/** Pairs with a separator: properties files, query results turned on their side. */
const pairs: Setting = (page, random, kinds, code) => {
  const separator = random.pick(["=", ";", ": ", "\t", " = "]);
  for (const kind of kinds) {
    page.add(`${random.pick(kind.keys)}${separator}`);
    page.value(random, kind, code);
    page.add("\n");
  }
};

const log: Setting = (page, random, kinds, code) => {
  page.add(
    `2026-0${random.int(1, 9)}-1${random.digits(1)}T1${random.digits(1)}:22:3${random.digits(1)}Z ${random.pick(["INFO", "WARN", "DEBUG"])} update`,
  );
  for (const kind of kinds) {
    const quote = random.pick(["", '"']);
    page.add(` ${random.pick(kind.keys)}=${quote}`);
    page.value(random, kind, code);
    page.add(quote);
  }
  page.add(` took ${random.int(1, 900)} ms`);
};

const sql: Setting = (page, random, kinds, code) => {
  page.add(random.pick(["UPDATE people SET ", "SELECT id FROM people WHERE "]));
  for (const [at, kind] of kinds.entries()) {
    page.add(`${at > 0 ? " AND " : ""}${random.pick(kind.keys)} = '`);
    page.value(random, kind, code);
    page.add("'");
  }
  page.add(";");
};

const xml: Setting = (page, random, kinds, code) => {
  page.add("<record>");
  for (const kind of kinds) {
    const key = random.pick(kind.keys);
    page.add(`<${key}>`);
    page.value(random, kind, code);
    page.add(`</${key}>`);
  }
  page.add("</record>");
};

/** The pairs as a table of HTML, of Markdown, or of what a page leaves when it is copied: the label above its value. */
const fields: Setting = (page, random, kinds, code) => {
  const [open, middle, close] = random.pick([
    ["<tr><td>", "</td><td>", "</td></tr>\n"],
    ["<dt>", "</dt>\n  <dd>", "</dd>\n"],
    ["| ", " | ", " |\n"],
    ["", "\n", "\n\n"],
    ["", ":\n", "\n"],
    ["* ", ": ", "\n"],
    ["**", ":** ", "\n"],
  ] as const);
  for (const kind of kinds) {
    page.add(`${open}${titled(random, kind, code)}${middle}`);
    page.value(random, kind, code);
    page.add(close);
  }
};

function titled(random: Choices, kind: Kind, code: string): string {
  const labels = labelsOf(kind, LANGUAGES[code] as Language);
  const label = random.pick(labels.length === 0 ? kind.keys : labels);
  return `${label[0]?.toUpperCase()}${label.slice(1)}`;
}

/** A message of a chat or of a ticket: a time and a speaker before it, the marks of a quotation, or neither. */
const message: Setting = (page, random, kinds, code) => {
  const time = `${random.int(10, 23)}:${random.int(10, 59)}`;
  const lead = random.pick([
    `[${time}] `,
    `${time} customer: `,
    "> ",
    ">> ",
    `Ticket #${random.digits(5)} (open)\n> `,
    "- ",
  ]);
  const again = lead.startsWith("Ticket") ? "> " : lead;
  for (const [at, kind] of kinds.entries()) {
    page.add(at === 0 ? lead : again);
    prose(page, random, [kind], code);
    page.add("\n");
  }
};

/** Environment files, configuration, and the nested records that services send one another. */
const record: Setting = (page, random, kinds, code) => {
  const shape = random.pick(["env", "yaml", "nested", "array"]);
  if (shape === "nested" || shape === "array")
    page.add(`{"ts":17${random.digits(8)},"data":${shape === "array" ? "[" : ""}{`);
  for (const [at, kind] of kinds.entries()) {
    const key = random.pick(kind.keys);
    const quote = shape === "yaml" ? random.pick(["", '"', "'"]) : shape === "env" ? random.pick(["", '"']) : '"';
    if (shape === "env") page.add(`${key.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toUpperCase()}=${quote}`);
    else if (shape === "yaml") page.add(`  ${key}: ${quote}`);
    else page.add(`${at > 0 ? "," : ""}"${key}":"`);
    page.value(random, kind, code);
    page.add(shape === "env" || shape === "yaml" ? `${quote}\n` : quote);
  }
  if (shape === "nested" || shape === "array") page.add(shape === "array" ? "}]}" : "}}");
};

/** A letter's or an invoice's head: label and value in columns of spaces, papers and sums beside them. */
const head: Setting = (page, random, kinds, code) => {
  for (const kind of kinds) {
    const label = titled(random, kind, code);
    page.add(`${label}${random.pick(["", ":"])}${" ".repeat(random.int(2, 7))}`);
    page.value(random, kind, code);
    page.add(
      random.pick([
        "\n",
        `      ${random.int(1, 28)}.${random.int(1, 12)}.2025\n`,
        `      ${random.int(2, 900)},${random.digits(2)} EUR\n`,
      ]),
    );
  }
};

/** The foot of a letter: values that say themselves what they are, after a rule, with dots and bars between. */
const signature: Setting = (page, random, kinds, code) => {
  page.add(random.pick(["-- \n", "\n--\n", "\n\n", "___\n"]));
  const separator = random.pick([" · ", " | ", "\n", " • ", ", "]);
  for (const [at, kind] of kinds.entries()) {
    page.add(at > 0 ? separator : "");
    if (kind.type === "PHONE") page.add(random.pick(["T: ", "M: ", "T ", "M. ", ""]));
    if (kind.type === "EMAIL") page.add(random.pick(["E: ", "@: ", ""]));
    page.value(random, kind, code);
  }
  page.add("\n");
};

/** A table without a header in sight: only for what says itself what it is. */
const cells: Setting = (page, random, kinds, code) => {
  // A semicolon may belong to a URL (RFC 3986, 3.3), so nobody could say where one ends.
  const links = kinds.some(({ type, name }) => type === "URL" || name === "connection string");
  const separator = random.pick(links ? [" | ", "\t"] : [";", " | ", "\t"]);
  page.add(`${random.int(1, 400)}${separator}`);
  for (const kind of kinds) {
    page.value(random, kind, code);
    page.add(separator);
  }
  page.add(random.pick(["ok", "open", "n/a"]));
};

/** Where each kind may stand; the more often a setting is named, the more often it is drawn. */
export function settingsOf(kind: Kind): readonly Setting[] {
  if (kind.place === "block") return [form, pairs];
  if (kind.place === "text") return [prose, form];
  const anywhere = [
    prose,
    prose,
    prose,
    prose,
    form,
    form,
    json,
    json,
    pairs,
    log,
    sql,
    xml,
    fields,
    message,
    record,
    head,
  ];
  return kind.bare ? [...anywhere, cells, cells, signature] : anywhere;
}
