/** What the detector finds and what it should have found: names by exact span, structured types on generated texts, and hits where nothing is. */
import { personalDocument } from "../../detector/src/test/generate/documents.ts";
import {
  emptyTally,
  f1,
  scoreStructured,
  type StructuredScore,
  type Tally,
} from "../../detector/src/test/generate/score.ts";
import type { Span } from "../../detector/src/test/generate/span.ts";
import { choices } from "../../detector/src/test/random.ts";
import type { Corpus, Name } from "./detector-corpora.ts";

export type Find = (text: string) => readonly Span[];

const NAMES: Readonly<Record<string, Name>> = { PERSON: "PER", LOCATION: "LOC", ORGANIZATION: "ORG" };

export interface NamedScore {
  readonly per: number;
  /** Micro average over persons, places and organisations. */
  readonly all: number;
}

/**
 * Exact spans on raw text, in percent. An address that is exactly a gold place counts as that place; any other address is neither
 * right nor wrong here, and a place inside it that is not found by itself is missed.
 */
export function scoreNames({ texts }: Corpus, find: Find): NamedScore {
  const byName: Record<Name, Tally> = { PER: emptyTally(), LOC: emptyTally(), ORG: emptyTally() };
  for (const { text, spans } of texts) {
    const gold = new Set(spans.map(({ s, e, t }) => `${t} ${s} ${e}`));
    for (const { t } of spans) byName[t].expected++;
    for (const { type, start, end } of find(text)) {
      const place = `LOC ${start} ${end}`;
      const name = type === "ADDRESS" && gold.has(place) ? "LOC" : NAMES[type];
      if (name === undefined) continue;
      byName[name].found++;
      if (gold.delete(`${name} ${start} ${end}`)) byName[name].right++;
    }
  }
  const all = emptyTally();
  for (const { right, found, expected } of Object.values(byName)) {
    all.right += right;
    all.found += found;
    all.expected += expected;
  }
  return { per: 100 * f1(byName.PER), all: 100 * f1(all) };
}

/** The same texts as people type them in haste. Characters whose small letter has another length stay as they are, so that spans hold. */
export function lowerCased({ key, texts }: Corpus): Corpus {
  const lower = (text: string): string =>
    text.replaceAll(/\p{Lu}/gu, (char) => (char.toLowerCase().length === char.length ? char.toLowerCase() : char));
  return { key, texts: texts.map(({ text, spans }) => ({ text: lower(text), spans })) };
}

const SEED = 31_337;

export function* structuredTexts(count: number): Generator<ReturnType<typeof personalDocument>> {
  const random = choices(SEED);
  for (let i = 0; i < count; i++) yield personalDocument(random);
}

export function scoreGenerated(count: number, find: Find): StructuredScore {
  return scoreStructured(structuredTexts(count), find);
}

export interface FalseHits {
  readonly hits: number;
  readonly chars: number;
  /** What was taken for what, each once. */
  readonly examples: readonly string[];
}

/** Findings in texts that hold nothing personal: every one is false. */
export function falseHits(texts: readonly string[], find: Find): FalseHits {
  let [hits, chars] = [0, 0];
  const examples = new Set<string>();
  for (const text of texts) {
    chars += text.length;
    for (const { type, start, end } of find(text)) {
      hits++;
      examples.add(`${type} «${text.slice(start, end)}» in: ${text.slice(Math.max(0, start - 40), end + 20)}`);
    }
  }
  return { hits, chars, examples: [...examples] };
}
