/** The detector: how well it finds, how often it cries wolf, how fast it is, what it weighs. docs/detector.md says what each figure means. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { detect } from "../../detector/src/index.ts";
import { precision, recall, type StructuredScore, type Tally } from "../../detector/src/test/generate/score.ts";
import { NAMED, STRUCTURED } from "../../detector/src/test/generate/span.ts";
import { type Find, falseHits, type FalseHits, lowerCased, scoreGenerated, scoreNames } from "./detector-accuracy.ts";
import { BuiltDetector, MODEL, READER } from "./detector-built.ts";
import { type Corpus, readCorpora, readWritten, writtenCorpora } from "./detector-corpora.ts";
import { measurePeers } from "./detector-peers.ts";
import {
  generatedCode,
  generatedNegatives,
  hostileTexts,
  newsAndChat,
  repositorySources,
  writtenNegatives,
} from "./detector-texts.ts";
import type { Bench, BenchOptions, Figure, Measured } from "./report.ts";
import { median, round } from "./statistics.ts";

const CORPORA = fileURLToPath(new URL("../../../shared/data/ner/", import.meta.url));
const TEXTS = 8000;
const TEXTS_QUICK = 500;
/** Kinds of values of which fewer than this are found are named in the report. */
const RECALL_WEAK = 0.9;

export const bench: Bench = {
  meanings: {
    f1_en_per: "persons in English web text (EWT), exact spans, F1 in percent",
    f1_en_all: "persons, places and organisations there, micro F1",
    f1_lower_en_per: "persons there, all letters small",
    f1_per: "persons by language, F1",
    f1_all: "persons, places and organisations by language, micro F1",
    precision_structured: "right findings ÷ all findings, generated texts of every structured type",
    recall_structured: "right findings ÷ values there",
    precision_by_type: "the same by type",
    recall_by_type: "the same by type",
    fp_per_2000_chars: "findings per 2,000 characters of prose without personal data",
    fp_per_2000_chars_by_text: "the same by text",
    fp_per_10000_code_chars: "findings per 10,000 characters of code, logs and JSON without personal data",
    fp_per_10000_code_chars_by_text: "the same by text",
    mb_per_cpu_s: "MB (10^6 bytes of UTF-8) per CPU second, everything on, news, web and chat of the corpora",
    structured_mb_per_cpu_s: "the same without names",
    mb_per_cpu_s_inbox: "as the first, on messages made here, a third of them with personal data",
    structured_mb_per_cpu_s_inbox: "the same without names",
    adversarial_slowdown: "ordinary text ÷ the slowest of the hostile texts, both 50 KB, MB per CPU second",
    slowdown_by_text: "the same by hostile text",
    load_ms: "the model: from its file to the first answer, in a fresh process, median of seven",
    import_ms: "before that: importing the detector",
    rss_mb: "resident memory (10^6 bytes) of a fresh process after 50 MB of text, Node told to be frugal",
    rss_mb_default_flags: "the same with Node's defaults",
    model_mb: "size of the model file (10^6 bytes)",
    peer_hidden: "values that are no longer there as they were, whatever they were taken for ÷ values there",
    peer_fp_per_2000_chars: "hits per 2,000 characters of prose without personal data",
    peer_fp_per_10000_code_chars: "hits per 10,000 characters of code without personal data",
    peer_mb_per_cpu_s: "MB per CPU second on the same messages and news",
    peer_seconds_50kb_of_a_at: "CPU seconds for 50 KB of a@; 30: had not ended by then",
  },
  run: measure,
};

async function measure(quick: boolean, options: BenchOptions): Promise<Measured> {
  const notes: string[] = [];
  const names = await readModel(notes);
  const find = detectWith(names);
  const built = new BuiltDetector();
  try {
    const corpora = readCorpora(options.corpora ?? CORPORA);
    if (corpora === undefined)
      notes.push("The corpora are not there (see --corpora), so figures that need them are null.");
    const structured = scoreGenerated(quick ? TEXTS_QUICK : TEXTS, find);
    weakKinds(structured, notes);
    const figures: Record<string, Figure> = {
      ...namedFigures(names === undefined ? undefined : corpora, names !== undefined, find),
      precision_structured: round(precision(structured.total), 4),
      recall_structured: round(recall(structured.total), 4),
      precision_by_type: byType(structured, precision),
      recall_by_type: byType(structured, recall),
      ...falseFigures(names !== undefined, find, options.faults, notes),
      ...costFigures(built, names !== undefined, corpora, quick, notes),
      model_mb: names === undefined ? null : round(statSync(MODEL).size / 1e6, 2),
      ...(options.peers ? measurePeers(quick, built, names !== undefined, find) : {}),
    };
    if (options.faults) notes.push(...structured.faults.slice(0, 60));
    return { versions: versions(), figures, notes };
  } finally {
    built.remove();
  }
}

/** undefined, with a note, until there is a model and `detect` finds somebody with it. */
async function readModel(notes: string[]): Promise<unknown> {
  if (!existsSync(MODEL) || !existsSync(READER)) {
    notes.push(
      "There is no names model (detector/model/names.bin), so figures of names and of everything together are null.",
    );
    return undefined;
  }
  const { readNames } = (await import(pathToFileURL(READER).href)) as { readNames: (bytes: Uint8Array) => unknown };
  const names = readNames(readFileSync(MODEL));
  if (detectWith(names)("My colleague Anna Smith lives in London.").some(({ type }) => NAMED.has(type))) return names;
  notes.push(
    "The names model is there and detect does not use it, so figures of names and of everything together are null.",
  );
  return undefined;
}

function detectWith(names: unknown): Find {
  // The option may be younger than this file.
  const find = detect as (text: string, options: { names?: unknown }) => ReturnType<Find>;
  return (text) => find(text, names === undefined ? {} : { names });
}

/** Of everything in `corpora`; null where the texts or the model are missing. */
function namedFigures(corpora: readonly Corpus[] | undefined, names: boolean, find: Find): Record<string, Figure> {
  const taken = new Set(corpora?.map(({ key }) => key));
  const all = names ? [...(corpora ?? []), ...writtenCorpora(taken)] : [];
  const scores = all.map((corpus) => [corpus.key, scoreNames(corpus, find)] as const);
  const english = scores.find(([key]) => key === "en")?.[1];
  const ewt = all.find(({ key }) => key === "en");
  const part = (pick: "per" | "all"): Figure =>
    scores.length === 0 ? null : Object.fromEntries(scores.map(([key, score]) => [key, round(score[pick], 1)]));
  return {
    f1_en_per: english === undefined ? null : round(english.per, 1),
    f1_en_all: english === undefined ? null : round(english.all, 1),
    f1_lower_en_per: ewt === undefined ? null : round(scoreNames(lowerCased(ewt), find).per, 1),
    f1_per: part("per"),
    f1_all: part("all"),
  };
}

function byType({ byType: tallies }: StructuredScore, of: (tally: Tally) => number): Record<string, number> {
  return Object.fromEntries(
    [...tallies].toSorted(([a], [b]) => a.localeCompare(b)).map(([type, tally]) => [type, round(of(tally), 3)]),
  );
}

function weakKinds({ byKind }: StructuredScore, notes: string[]): void {
  const weak = [...byKind].filter(([, tally]) => recall(tally) < RECALL_WEAK);
  if (weak.length === 0) return;
  const list = weak
    .toSorted(([, a], [, b]) => recall(a) - recall(b))
    .map(([kind, tally]) => `${kind} ${round(recall(tally), 2)}`);
  notes.push(`Kinds of values of which fewer than ${RECALL_WEAK} are found: ${list.join(", ")}.`);
}

function falseFigures(names: boolean, find: Find, faults: boolean, notes: string[]): Record<string, Figure> {
  const prose = { written: falseHits(writtenNegatives(), find), generated: falseHits(generatedNegatives(), find) };
  const code = { repository: falseHits(repositorySources(), find), generated: falseHits(generatedCode(), find) };
  const per = (chars: number, ...hits: readonly FalseHits[]): number =>
    round(
      (chars * hits.reduce((sum, each) => sum + each.hits, 0)) / hits.reduce((sum, each) => sum + each.chars, 0),
      3,
    );
  if (faults)
    notes.push(...[...Object.values(prose), ...Object.values(code)].flatMap(({ examples }) => examples.slice(0, 25)));
  return {
    fp_per_2000_chars: names ? per(2000, prose.written, prose.generated) : null,
    fp_per_2000_chars_by_text: { written: per(2000, prose.written), generated: per(2000, prose.generated) },
    fp_per_10000_code_chars: names ? per(10_000, code.repository, code.generated) : null,
    fp_per_10000_code_chars_by_text: {
      repository: per(10_000, code.repository),
      generated: per(10_000, code.generated),
    },
  };
}

/**
 * What a server may choose and a library cannot. Objects here live for microseconds, so a small young generation will do; and what
 * the middle compiler's threads once needed stays with malloc, while the code that it makes is soon replaced. Speed is the same.
 */
const FRUGAL = ["--max-semi-space-size=2", "--no-maglev"];

/** By key: newspapers, reviews, blogs, mails and short messages; not hospitals and courts, whose texts are full of names. */
const NEWS_AND_CHAT = new Set("en da hr sr pt fi hu de sk sv en-btc en-wnut17".split(" "));

function costFigures(
  built: BuiltDetector,
  names: boolean,
  corpora: readonly Corpus[] | undefined,
  quick: boolean,
  notes: string[],
): Record<string, Figure> {
  const seconds = quick ? 0.1 : 1;
  const inbox = newsAndChat();
  const texts = built.share("inbox", inbox);
  const speed = (path: string, withNames: boolean): number =>
    round(
      built.measure(
        { kind: "speed", texts: path, seconds, ...(withNames ? {} : { types: [...STRUCTURED] }) },
        withNames,
      ).speed?.mbPerCpuS ?? Number.NaN,
      1,
    );
  const ordinary = corpora?.filter(({ key }) => NEWS_AND_CHAT.has(key)).flatMap((corpus) => corpus.texts);
  if (ordinary === undefined) notes.push("Without the corpora speed is measured on the hand-written messages.");
  const news = built.share(
    "news",
    (ordinary ?? [...readWritten().values()].flat()).map(({ text }) => text),
  );
  const slowdowns = hostileSlowdowns(built, names, inbox, seconds);
  const loads = Array.from({ length: names ? (quick ? 1 : 7) : 0 }, () => built.measure({ kind: "load" }, names).load);
  const memory = (...flags: string[]): Figure => {
    if (!names) return null;
    return round(
      (built.measure({ kind: "memory", texts, seconds }, names, flags).memory?.bytes ?? Number.NaN) / 1e6,
      1,
    );
  };
  return {
    mb_per_cpu_s: names ? speed(news, true) : null,
    structured_mb_per_cpu_s: speed(news, false),
    mb_per_cpu_s_inbox: names ? speed(texts, true) : null,
    structured_mb_per_cpu_s_inbox: speed(texts, false),
    adversarial_slowdown: Math.max(...Object.values(slowdowns)),
    slowdown_by_text: slowdowns,
    load_ms: names ? round(median(loads.map((load) => load?.ms ?? Number.NaN)), 1) : null,
    import_ms: names ? round(median(loads.map((load) => load?.importMs ?? Number.NaN)), 1) : null,
    rss_mb: memory(...FRUGAL),
    rss_mb_default_flags: memory(),
  };
}

function hostileSlowdowns(
  built: BuiltDetector,
  names: boolean,
  inbox: readonly string[],
  seconds: number,
): Record<string, number> {
  const ordinary = inbox.join("\n").slice(0, 50_000);
  const texts = built.share("hostile", { ordinary, ...hostileTexts() });
  const { ordinary: usual = Number.NaN, ...hostile } =
    built.measure({ kind: "hostile", texts, seconds }, names).hostile ?? {};
  return Object.fromEntries(Object.entries(hostile).map(([name, rate]) => [name, round(usual / rate, 2)]));
}

function versions(): Record<string, string> {
  const manifest = readFileSync(new URL("../../detector/package.json", import.meta.url), "utf8");
  return { "@sluice/detector": (JSON.parse(manifest) as { version: string }).version };
}
