/**
 * The corpora's own labels, mapped to what the tagger knows. One table; a label that has no row is an error, so that a new
 * corpus is never read in silence. Reads files; keeps no text.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readMarked } from "../src/test/generate/marked.ts";

/** Bits of what a stretch of text may be. OUT: no name. */
export const OUT = 1;
export const PER = 2;
export const LOC = 4;
export const ORG = 8;
export const ANYTHING = OUT | PER | LOC | ORG;

export interface Span {
  s: number;
  e: number;
  /** Bits: PER, LOC or ORG when it is known, several when it may be one of them. */
  may: number;
}

export interface Example {
  readonly lang: string;
  readonly text: string;
  readonly spans: readonly Span[];
}

const P = PER;
const L = LOC;
const O = ORG;
const no = OUT;

/** label → meaning. The same word means the same in all corpora that use it. */
const MEANING: Readonly<Record<string, number>> = {
  PER: P,
  person: P,
  PESSOA: P,
  PERSON: P,
  LEGAL_PROFESSIONAL: P,
  NOMBRE_SUJETO_ASISTENCIA: P,
  NOMBRE_PERSONAL_SANITARIO: P,
  writer: P,
  politician: P,
  musicalartist: P,
  scientist: P,
  researcher: P,
  LOC: L,
  location: L,
  GPE: L,
  LOCAL: L,
  country: L,
  PAIS: L,
  TERRITORIO: L,
  "location-city": L,
  "location-street": L,
  "location-stop": L,
  ORG: O,
  organization: O,
  organisation: O,
  ORGANIZACAO: O,
  corporation: O,
  group: O,
  university: O,
  band: O,
  politicalparty: O,
  HOSPITAL: O,
  INSTITUCION: O,
  CENTRO_SALUD: O,
  "organization-company": O,
  // Perhaps: names of buildings and journals, parts of compounds, streets with their numbers.
  FACILITY: no | L | O,
  magazine: no | O,
  academicjournal: no | O,
  conference: no | O,
  entity: no | L | O,
  product: no | O,
  ORGpart: no | O,
  OTHpart: no,
  LOCpart: no | L,
  PERpart: no | P,
  CALLE: no | L,
  OTROS_SUJETO_ASISTENCIA: ANYTHING,
  "location-route": no | L,
  FAMILIARES_SUJETO_ASISTENCIA: no | P,
  // No names of persons, places or organisations.
  MISC: no,
  OTH: no,
  misc: no,
  LOCderiv: no,
  ORGderiv: no,
  PERderiv: no,
  OTHderiv: no,
  PRO: no,
  EVENT: no,
  DATE: no,
  V: no,
  NAT_REL_POL: no,
  WORK_OF_ART: no,
  LANGUAGE: no,
  DATETIME: no,
  NUMERIC: no,
  ORDINAL: no,
  QUANTITY: no,
  MONEY: no,
  PERIOD: no,
  LEGISLACAO: no,
  TEMPO: no,
  JURISPRUDENCIA: no,
  time: no,
  event: no,
  money: no,
  date: no,
  duration: no,
  number: no,
  "creative-work": no,
  algorithm: no,
  field: no,
  metrics: no,
  task: no,
  programlang: no,
  book: no,
  literarygenre: no,
  award: no,
  poem: no,
  album: no,
  song: no,
  musicgenre: no,
  musicalinstrument: no,
  election: no,
  astronomicalobject: no,
  chemicalcompound: no,
  protein: no,
  enzyme: no,
  discipline: no,
  chemicalelement: no,
  theory: no,
  FECHAS: no,
  EDAD_SUJETO_ASISTENCIA: no,
  SEXO_SUJETO_ASISTENCIA: no,
  ID_SUJETO_ASISTENCIA: no,
  CORREO_ELECTRONICO: no,
  ID_TITULACION_PERSONAL_SANITARIO: no,
  ID_ASEGURAMIENTO: no,
  NUMERO_TELEFONO: no,
  NUMERO_FAX: no,
  PROFESION: no,
  ID_CONTACTO_ASISTENCIAL: no,
  ID_EMPLEO_PERSONAL_SANITARIO: no,
  NATIONALITY: no,
  CODE: no,
  CURRENCY: no,
  ETHNIC_CATEGORY: no,
  TIME: no,
  trigger: no,
  "event-cause": no,
  set: no,
  distance: no,
  "disaster-type": no,
  "org-position": no,
  percent: no,
};

/** Forms of address at the head of a name are no part of it. */
const ADDRESS =
  /^(?:(?:Sra?|Srta|D|Dña|Dª|Dra?|Lic|Mr|Mrs|Ms|Prof)\.?\s+|(?:domnul|doamna|dl|dna|ing)\.?\s+)+(?=\p{Lu})/u;

function readSpan(text: string, span: { s: number; e: number; t: string }, corpus: string): Span | undefined {
  const meaning = MEANING[span.t];
  if (meaning === undefined) throw new Error(`${corpus}: no row for the label ${span.t}`);
  let { s, e } = span;
  let value = text.slice(s, e);
  // A handle or a hashtag is found by others; what stands behind the sign may be a name all the same.
  if (/^[@#]/.test(value) || value.startsWith("http")) return { s, e, may: ANYTHING };
  if (meaning === PER) {
    const address = ADDRESS.exec(value);
    if (address !== null) s += address[0].length;
    value = text.slice(s, e);
    // RONEC marks "the president" too.
    if (
      span.t === "PERSON" &&
      !/^\p{Lu}[\p{L}\p{M}.'’-]*(?:\s+(?:de|von|van|di|da|al|la|le|bin|ibn|del|der|[-„"]|\p{Lu}[\p{L}\p{M}.'’-]*))*$/u.test(
        value,
      )
    )
      return { s, e, may: /\p{Lu}/u.test(value) ? ANYTHING : OUT };
  }
  if (meaning === LOC && /^[\d\s.-]+$/.test(value)) return undefined;
  // A motorway.
  if (meaning === LOC && /^[A-Z]{1,3} ?\d+$/.test(value)) return { s, e, may: OUT | LOC };
  // "in beiden Richtungen"
  if (span.t === "location" && corpus.startsWith("mobie") && !/\p{Lu}/u.test(value[0] ?? ""))
    return { s, e, may: OUT | LOC };
  while (e > s && /\s/.test(text[e - 1] as string)) e--;
  while (s < e && /\s/.test(text[s] as string)) s++;
  // Hungarian and Latvian annotators keep the quotation marks.
  if (/^[„“"«»']/.test(text[s] as string) && e - s > 2) s++;
  if (/[“”"»«']$/.test(text[e - 1] as string) && e - s > 2) e--;
  return { s, e, may: meaning };
}

/** Of nested spans the outer one stands, unless it is no name; then the inner ones do, weakly. */
function untangle(spans: Span[]): Span[] {
  const kept: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.s - b.s || b.e - a.e)) {
    const last = kept.at(-1);
    if (last === undefined || span.s >= last.e) kept.push(span);
    else if (last.may === OUT && span.may !== OUT) last.may = ANYTHING;
  }
  return kept.filter(({ may }) => may !== OUT);
}

/** Corpora that have one part only: every third row is measured on and not trained on. */
const DIVIDED = new Set(["germeval14.dev"]);
const DIVIDED_BY = 3;

/** The corpora count in code points, where a letter or an emoji beyond U+FFFF is one; JavaScript counts it as two. */
function toUtf16(text: string, spans: readonly { s: number; e: number; t: string }[]): typeof spans {
  if (!/[\ud800-\udbff]/.test(text)) return spans;
  const at: number[] = [];
  for (let index = 0; index <= text.length; index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1) at.push(index);
  return spans.map(({ s, e, t }) => ({
    s: at[s] ?? text.length,
    e: at[e] ?? text.length,
    t,
  }));
}

/** The rows of a corpus; of a divided one those to train on, or those `heldOut`. */
export function readCorpus(file: string, heldOut = false): Example[] {
  const corpus = basename(file).replace(/\.jsonl$/, "");
  const examples: Example[] = [];
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    if (line === "") continue;
    if (DIVIDED.has(corpus) && (index % DIVIDED_BY === 0) !== heldOut) continue;
    const row = JSON.parse(line) as {
      lang: string;
      text: string;
      spans: { s: number; e: number; t: string }[];
    };
    const spans: Span[] = [];
    for (const span of toUtf16(row.text, row.spans)) {
      const read = readSpan(row.text, span, corpus);
      if (read !== undefined) spans.push(read);
    }
    examples.push({ lang: row.lang, text: row.text, spans: untangle(spans) });
  }
  return examples;
}

/** The corpora's folder, or a plain word and exit code 2. */
export function corporaFolder(argument: string | undefined): string {
  const folder = argument ?? join(import.meta.dirname, "../../../shared/data/ner");
  if (existsSync(join(folder, "train"))) return folder;
  process.stderr.write(
    `The corpora are not there: ${folder} has no folder "train". Give the folder as an argument; what belongs into it is listed in detector/model/ATTRIBUTION.md.\n`,
  );
  process.exit(2);
}

/** What is measured on: the folder "dev", and what the divided corpora hold out. */
export function readHeldOut(folder: string): Map<string, Example[]> {
  const found = new Map<string, Example[]>();
  for (const file of corpusFiles(join(folder, "dev"))) found.set(basename(file, ".dev.jsonl"), readCorpus(file));
  for (const corpus of DIVIDED)
    found.set(basename(corpus, ".dev"), readCorpus(join(folder, "train", `${corpus}.jsonl`), true));
  return found;
}

export function corpusFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .toSorted()
    .map((file) => join(folder, file));
}

/** Our own documents (train/dev/README.md); marks of other types are no names. */
export function readWritten(file: string): Example[] {
  return readMarked(readFileSync(file, "utf8")).map(({ lang, text, spans }) => ({
    lang,
    text,
    // An address holds a street and a city, whose names are right in their way.
    spans: spans.flatMap(({ s, e, t }) =>
      t === "ADDRESS"
        ? [{ s, e, may: OUT | LOC }]
        : /^(?:PER|LOC|ORG)$/.test(t)
          ? [{ s, e, may: MEANING[t] as number }]
          : [],
    ),
  }));
}
