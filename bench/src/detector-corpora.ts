/**
 * Texts in which people have marked names: the corpora beside the checkout and our own hand-written ones, their labels mapped in one table
 * to persons, places and organisations. Reads files; a corpus that is not there is no error, it is only not measured.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Marked, readMarked } from "../../detector/src/test/generate/marked.ts";

export type Name = "PER" | "LOC" | "ORG";

export interface GoldText {
  readonly text: string;
  readonly spans: readonly { readonly s: number; readonly e: number; readonly t: Name }[];
}

export interface Corpus {
  /** The language where this is its first corpus ("en"), else language and corpus ("en-btc"): the key of the figures. */
  readonly key: string;
  readonly texts: readonly GoldText[];
}

/** file → key, without `.dev.jsonl`. The first corpus of a language bears its plain code. */
const CORPORA: Readonly<Record<string, string>> = {
  "UNER_English-EWT": "en",
  "UNER_Danish-DDT": "da",
  "UNER_Croatian-SET": "hr",
  "UNER_Serbian-SET": "sr",
  "UNER_Portuguese-Bosque": "pt",
  "turku-ner": "fi",
  nerkor: "hu",
  mobie: "de",
  meddocan: "es",
  "UNER_Slovak-SNK": "sk",
  "UNER_Swedish-Talbanken": "sv",
  btc: "en-btc",
  wnut17: "en-wnut17",
  "lener-br": "pt-lener-br",
  "tab-es-manual": "es-tab",
};

/** Has no part of its own to measure on: the rows that detector/train/corpora.ts holds out of the training. */
const GERMEVAL = { file: join("train", "germeval14.dev.jsonl"), key: "de-germeval", every: 3 };

/**
 * label → what it is a name of; a label without a row is no name. Lines of transport (`location-route`) and streets with their houses
 * (CALLE) are no places here; kinship words (FAMILIARES_SUJETO_ASISTENCIA) are no persons.
 */
const LABELS: Readonly<Record<string, Name>> = {
  PER: "PER",
  person: "PER",
  PESSOA: "PER",
  NOMBRE_SUJETO_ASISTENCIA: "PER",
  NOMBRE_PERSONAL_SANITARIO: "PER",
  LEGAL_PROFESSIONAL: "PER",
  LOC: "LOC",
  location: "LOC",
  "location-city": "LOC",
  "location-stop": "LOC",
  "location-street": "LOC",
  LOCAL: "LOC",
  TERRITORIO: "LOC",
  PAIS: "LOC",
  ORG: "ORG",
  organization: "ORG",
  "organization-company": "ORG",
  corporation: "ORG",
  group: "ORG",
  ORGANIZACAO: "ORG",
  HOSPITAL: "ORG",
  INSTITUCION: "ORG",
  CENTRO_SALUD: "ORG",
};

interface Row {
  readonly text: string;
  readonly spans: readonly { readonly s: number; readonly e: number; readonly t: string }[];
}

function mapped({ text, spans }: Row): GoldText {
  return {
    text,
    spans: spans.flatMap(({ s, e, t }) => {
      const name = LABELS[t];
      return name === undefined ? [] : [{ s, e, t: name }];
    }),
  };
}

/** The corpora count code points, which is the same but for emoji and the like. */
function inUnits({ text, spans }: Row): Row {
  if (!/[\ud800-\udbff]/.test(text)) return { text, spans };
  const units = [0];
  for (const char of text) units.push((units.at(-1) ?? 0) + char.length);
  const at = (point: number): number => units[point] ?? text.length;
  return { text, spans: spans.map(({ s, e, t }) => ({ s: at(s), e: at(e), t })) };
}

/** The corpora under `folder`/dev, or undefined when there is no such folder. */
export function readCorpora(folder: string): Corpus[] | undefined {
  const dev = join(folder, "dev");
  if (!existsSync(dev)) return undefined;
  const read = (path: string, key: string, every = 1): Corpus[] => {
    if (!existsSync(path)) return [];
    const rows = readFileSync(path, "utf8")
      .split("\n")
      .filter((line, index) => line !== "" && index % every === 0);
    return [{ key, texts: rows.map((row) => mapped(inUnits(JSON.parse(row) as Row))) }];
  };
  return [
    ...Object.entries(CORPORA).flatMap(([name, key]) => read(join(dev, `${name}.dev.jsonl`), key)),
    ...read(join(folder, GERMEVAL.file), GERMEVAL.key, GERMEVAL.every),
  ];
}

const WRITTEN = fileURLToPath(new URL("../../detector/train/dev/", import.meta.url));

/** Everything that is written by hand in this repository, by file: "fr" → its documents. */
export function readWritten(): ReadonlyMap<string, readonly Marked[]> {
  const files = readdirSync(WRITTEN)
    .filter((file) => file.endsWith(".txt"))
    .toSorted();
  return new Map(files.map((file) => [file.slice(0, -4), readMarked(readFileSync(join(WRITTEN, file), "utf8"))]));
}

/** The hand-written texts that have names in them, as corpora: "fr", and "hu-written" where the language has a corpus already. */
export function writtenCorpora(taken: ReadonlySet<string>): Corpus[] {
  return [...readWritten()].flatMap(([language, documents]) => {
    if (!documents.some(({ spans }) => spans.length > 0)) return [];
    return [{ key: taken.has(language) ? `${language}-written` : language, texts: documents.map(mapped) }];
  });
}
