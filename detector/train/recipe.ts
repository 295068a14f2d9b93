/**
 * What the tagger is trained on, and how much of each: gold, copies of it about other people and in other cases of letters, invented
 * texts, texts without names. The numbers were chosen on the dev sets; MODEL_CARD.md has what else was tried.
 */
import { join, lowerNames, recase, substitute } from "./augment.ts";
import { type Example, ORG, PER } from "./corpora.ts";
import { Negatives, negative } from "./negatives.ts";
import type { People } from "./people.ts";
import { type Phrases, readPhrases, readVocabulary } from "./phrases.ts";
import type { Random } from "./random.ts";
import { Synthesis } from "./synthesis.ts";

export interface Amounts {
  /** Share of sentences that are read together with the next ones, as in a paragraph. */
  readonly joined: number;
  /** Share of sentences with people that are told of other people, too. */
  readonly substituted: number;
  /** Share of sentences copied in lower case: English (chat is), the other languages. */
  readonly lowerEnglish: number;
  readonly lower: number;
  readonly upper: number;
  /** Share of sentences of which only the names are put in lower case. */
  readonly lowerNames: number;
  /** Invented texts a language; languages without gold get twice as many. */
  readonly synthetic: number;
  /** Copies of a sentence about nobody with capitals where none belong. */
  readonly titled: number;
  readonly negatives: number;
  /** Share of gold sentences without a name of which a piece is shown as a label, a heading, an item of a list. */
  readonly headings: number;
  /** Lists of everyday words a language. */
  readonly everyday: number;
}

export const AMOUNTS: Amounts = {
  joined: 0.1,
  substituted: 1,
  lowerEnglish: 1,
  lower: 0.25,
  upper: 0.05,
  lowerNames: 0.05,
  synthetic: 2500,
  titled: 6,
  negatives: 90_000,
  headings: 0.6,
  everyday: 1200,
};

/** Corpora that are large as they are, or of one narrow kind. */
const ONCE = /^(?:lener-br|lumii|meddocan|mobie|nerkor)\b/;

/** How often a corpus is read, each time with other copies. */
export function timesRead(file: string): number {
  return ONCE.test(file) ? 1 : 2;
}

const WITHOUT_GOLD = new Set(["fr", "nl", "it", "pl", "cs", "el", "bg", "sl", "et", "lt", "es", "nb", "de"]);
const JOINED_MAX = 3;
const JOINED_CHARS_MAX = 400;

type Out = (example: Example) => void;

function copies(gold: readonly Example[], people: People, random: Random, amounts: Amounts, out: Out): void {
  const harvest = new Map<number, string[]>([
    [PER, []],
    [ORG, []],
  ]);
  for (const { text, spans } of gold) for (const { s, e, may } of spans) harvest.get(may)?.push(text.slice(s, e));
  let pending: Example[] = [];
  const flush = (): void => {
    if (pending.length > 0) out(join(pending));
    pending = [];
  };
  for (const example of gold) {
    const { lang, text, spans } = example;
    const [head] = pending;
    if (head !== undefined && (head.lang !== lang || pending.length === JOINED_MAX)) flush();
    if (text.length < JOINED_CHARS_MAX && (pending.length > 0 || random.chance(amounts.joined))) {
      pending.push(example);
    } else {
      flush();
      out(example);
    }
    if (spans.length === 0 && random.chance(amounts.headings)) {
      const piece = heading(text, random);
      if (piece !== undefined) out(negative(piece, lang));
    }
    const named = spans.some(({ may }) => may === PER);
    let other: Example | undefined;
    if (named ? random.chance(amounts.substituted) : spans.length > 0 && random.chance(0.3 * amounts.substituted)) {
      other = substitute(example, people, harvest, random);
      out(other);
    }
    const lower = lang === "en" ? amounts.lowerEnglish : amounts.lower;
    if (random.chance(lower)) outMaybe(recase(example, toLower), out);
    if (other !== undefined && random.chance(lower * 0.3)) outMaybe(recase(other, toLower), out);
    const base = other !== undefined && random.chance(0.5) ? other : example;
    if (random.chance(amounts.upper)) outMaybe(recase(base, toUpper), out);
    if (named && random.chance(amounts.lowerNames)) out(lowerNames(base));
  }
  flush();
}

/** One to five neighbouring words in lower case of a sentence without names, as a label or a heading writes them. */
function heading(text: string, random: Random): string | undefined {
  const runs = text.match(/(?<![\p{L}\p{N}@#])\p{Ll}{3,}(?: \p{Ll}{2,}){0,4}(?![\p{L}\p{N}@])/gu);
  if (runs === null) return undefined;
  const words = random.pick(runs).split(" ");
  const from = random.below(words.length);
  return headed(words.slice(from, from + 1 + random.below(5)), random);
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function headed(words: readonly string[], random: Random): string {
  const roll = random.below(10);
  const piece =
    roll < 5
      ? capital(words.join(" "))
      : roll < 7
        ? words.map(capital).join(" ")
        : roll < 8
          ? words.join(" ").toUpperCase()
          : words.map((word) => (random.chance(0.5) ? capital(word) : word)).join(" ");
  const head = random.pick(["", "", "- ", "# ", "* ", "1. ", "• "]);
  return head + piece + random.pick(["", "", ":", ".", "!", ": ", ", ", " (3)", " 25"]);
}

/** Lists, labels and catalogues of everyday words, a few of the language's own texts about nobody behind them. */
function everyday(all: readonly Phrases[], random: Random, amounts: Amounts, out: Out): void {
  const vocabulary = readVocabulary();
  for (const { lang, impersonal } of all) {
    const words = vocabulary.get(lang) ?? [];
    if (words.length === 0) continue;
    for (let k = 0; k < amounts.everyday; k++) {
      const pieces = Array.from({ length: 1 + random.below(3) }, () =>
        headed(
          Array.from({ length: 1 + random.below(3) }, () => random.pick(words)),
          random,
        ),
      );
      if (random.chance(0.3)) pieces.push(random.pick(impersonal));
      out(negative(pieces.join(random.pick(["\n", " ", "; ", " – ", " | "])), lang));
    }
  }
}

const toLower = (text: string): string => text.toLowerCase();
const toUpper = (text: string): string => text.toUpperCase();

function outMaybe(example: Example | undefined, out: Out): void {
  if (example !== undefined) out(example);
}

function invented(all: readonly Phrases[], people: People, random: Random, amounts: Amounts, out: Out): void {
  const synthesis = new Synthesis(people, random);
  for (const phrases of all) {
    const times = (WITHOUT_GOLD.has(phrases.lang) ? 2 : 1) * amounts.synthetic;
    for (let k = 0; k < times; k++) {
      const example = synthesis.example(phrases);
      out(example);
      if (random.chance(0.12)) outMaybe(recase(example, toLower), out);
      if (random.chance(0.04)) outMaybe(recase(example, toUpper), out);
    }
    for (const text of phrases.impersonal) {
      out(negative(text, phrases.lang));
      // Words of a list or a label begin with a capital anywhere.
      for (let k = 0; k < amounts.titled; k++) out(negative(withCapitals(text, random), phrases.lang));
      for (let k = 0; k < 3; k++) out(negative(`${text} ${random.pick(phrases.impersonal)}`, phrases.lang));
      out(negative(text.toLowerCase(), phrases.lang));
      out(negative(text.toUpperCase(), phrases.lang));
    }
  }
}

/** The same words in another order of sentences, some with a capital, as in menus, labels and headings. */
function withCapitals(text: string, random: Random): string {
  const share = random.pick([0.1, 0.3, 0.6, 1]);
  const pieces = text.split(/(?<=[.,;:!?]) /);
  const from = random.below(pieces.length);
  return pieces
    .slice(from, from + 1 + random.below(4))
    .map((piece) =>
      piece.replace(/(?<!\p{L})\p{Ll}(?=\p{L}{2})/gu, (letter) =>
        random.chance(share) ? letter.toUpperCase() : letter,
      ),
    )
    .join(random.chance(0.8) ? " " : " · ");
}

/** Calls `out` with every training example, in an order that only the seed of `random` decides. */
export function prepare(gold: readonly Example[], people: People, random: Random, amounts: Amounts, out: Out): void {
  copies(gold, people, random, amounts, out);
  const phrases = readPhrases();
  invented(phrases, people, random, amounts, out);
  everyday(phrases, random, amounts, out);
  const negatives = new Negatives(random);
  for (let k = 0; k < amounts.negatives; k++) out(negatives.example());
}

/** Running text whose words the lexicon counts: gold, and the phrases without their slots. */
export function runningTexts(gold: readonly Example[]): Example[] {
  const phrases = readPhrases().flatMap(({ lang, sentences, impersonal }) =>
    [...sentences.map((text) => text.replace(/\{\w+\}/g, "")), ...impersonal, ...impersonal].map((text) =>
      negative(text, lang),
    ),
  );
  const vocabulary = [...readVocabulary()].flatMap(([lang, words]) =>
    [words.join(" "), words.join(" ")].map((text) => negative(text, lang)),
  );
  return [...gold, ...phrases, ...vocabulary];
}
