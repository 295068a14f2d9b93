/**
 * Category signals: places where a text says of somebody what Art. 9 GDPR protects. For policy ("this prompt holds health
 * data"), not for hiding: a signal is a word of a lexicon with a person near it, or behind the name of a form's field. One pass
 * over the words of the text; what is in no table costs a hash and two bits. Never reports the text, only where it is and why.
 */
import type { Finding } from "../types.ts";
import { FOLDED, HASH_PRIME, HASH_START, MARK } from "./fold.ts";
import { holdsDiagnosisCode, isFilledIn, type Value, valueBehind } from "./form-value.ts";
import { type Entries, FIRST_TERM } from "./entries.ts";
import { SPECIAL_CATEGORIES, type SpecialCategory } from "./language.ts";
import { LANGUAGES } from "./languages/all.ts";
import {
  CATEGORY,
  KEY,
  KEY_AMBIGUOUS,
  LANGUAGE_BITS,
  type Lexicon,
  lexicon,
  NEXT_TERM,
  START_CHARS,
  STRENGTH,
} from "./lexicon.ts";
import { insideCode, SENTENCE_CHARS_MAX, wordsAround } from "./surroundings.ts";
import { AMBIGUOUS, NEVER, STATEMENT } from "./terms.ts";

/** One place that speaks of a special category. */
export interface Signal {
  category: SpecialCategory;
  /** Offset of the first UTF-16 code unit. */
  start: number;
  /** Offset behind the last UTF-16 code unit. */
  end: number;
  /** 0..1 */
  score: number;
  /** What made it a signal; never holds the text. */
  why: string;
}

export interface SignalOptions {
  /** Absent: all. */
  categories?: readonly SpecialCategory[];
  /** BCP 47 codes of SIGNAL_LANGUAGES whose words are looked for; absent: all. */
  languages?: readonly string[];
  /** Signals below it are not reported; default SIGNAL_SCORE_MIN. */
  scoreMin?: number;
  /** What `detect` found in the same text, sorted by `start`: a PERSON near a term is a person near it. */
  findings?: readonly Finding[];
}

export const SIGNAL_SCORE_MIN = 0.5;
export const SIGNAL_LANGUAGES: readonly string[] = LANGUAGES.map(({ code }) => code);
/** Text farther than this from a signal has no part in it; UTF-16 code units. */
export const SIGNAL_REACH_CHARS = 240;

const SCORE_IN_FIELD = 0.9;
const SCORE_FIELD = 0.7;
const SCORE_STATEMENT_PERSON = 0.85;
/** Without a person it is about a group, mostly: for those who ask for it. */
const SCORE_STATEMENT = 0.45;
const SCORE_TOPIC_OF_PERSON = 0.8;
const SCORE_TOPIC = 0.7;
const SCORE_AMBIGUOUS = 0.65;

/** Signals in `text`, in order and without overlap. Time is linear in the text. @throws TypeError that names the argument */
export function signals(text: string, options: SignalOptions = {}): Signal[] {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  return new Reading(text, lexicon(), options).read();
}

function languageMask(languages: readonly string[] | undefined): number {
  if (languages === undefined) return ~0;
  const given: unknown = languages;
  if (!Array.isArray(given)) throw new TypeError("options.languages must be an array");
  let mask = 0;
  for (const code of languages) {
    const index = SIGNAL_LANGUAGES.indexOf(code);
    if (index < 0) throw new TypeError("options.languages names a language without a lexicon");
    mask |= 1 << index;
  }
  return mask;
}

function categorySet(categories: readonly SpecialCategory[] | undefined): ReadonlySet<SpecialCategory> | undefined {
  if (categories === undefined) return undefined;
  const given: unknown = categories;
  if (!Array.isArray(given)) throw new TypeError("options.categories must be an array");
  for (const category of categories)
    if (!SPECIAL_CATEGORIES.includes(category)) throw new TypeError("options.categories names an unknown category");
  return new Set(categories);
}

const MEDICAL: ReadonlySet<SpecialCategory> = new Set(["health", "genetic", "biometric"]);

class Reading {
  readonly #text: string;
  readonly #lexicon: Lexicon;
  readonly #categories: ReadonlySet<SpecialCategory> | undefined;
  readonly #languages: number;
  readonly #scoreMin: number;
  readonly #findings: readonly Finding[];
  readonly #found: Signal[] = [];
  /** Entries of the beginnings of the word under work, shortest first, and how many: to shorten an array takes longer than the word. */
  readonly #begins: number[] = [];
  #begun = 0;
  /** Terms before it belong to a phrase that is no signal. */
  #blocked = 0;
  /** First finding that may still be near. */
  #finding = 0;
  /** The field whose value is being read. */
  #field: { readonly category: SpecialCategory; readonly value: Value } | undefined;

  constructor(text: string, words: Lexicon, { categories, languages, scoreMin, findings }: SignalOptions) {
    this.#text = text;
    this.#lexicon = words;
    this.#categories = categorySet(categories);
    this.#languages = languageMask(languages);
    this.#scoreMin = scoreMin ?? SIGNAL_SCORE_MIN;
    this.#findings = findings ?? [];
  }

  read(): Signal[] {
    const text = this.#text;
    const lexicon = this.#lexicon;
    const { words, beginnings } = lexicon;
    const begins = this.#begins;
    const end = text.length;
    let at = 0;
    while (at < end) {
      let code = FOLDED[text.charCodeAt(at)] as number;
      if (code <= MARK) {
        at++;
        continue;
      }
      const start = at;
      let hash = HASH_START;
      let length = 0;
      let lengths = 0;
      let begun = 0;
      do {
        at++;
        if (code !== MARK) {
          hash = Math.imul(hash ^ code, HASH_PRIME);
          if (++length === START_CHARS) lengths = lexicon.lengthsOfBeginnings(hash);
          if (lengths !== 0 && length < 32 && ((lengths >>> length) & 1) !== 0) {
            const entry = beginnings.get(text, start, at, hash);
            if (entry !== 0) begins[begun++] = entry;
          }
        }
        code = at < end ? (FOLDED[text.charCodeAt(at)] as number) : 0;
      } while (code !== 0);
      const whole = lexicon.mayBeWord(hash) ? words.get(text, start, at, hash) : 0;
      if (whole === 0 && begun === 0) continue;
      this.#begun = begun;
      this.#consider(start, at, whole);
    }
    return this.#found.filter(
      ({ score, category }) => score >= this.#scoreMin && this.#categories?.has(category) !== false,
    );
  }

  /** The terms that begin with the word at [start, end). */
  #consider(start: number, end: number, whole: number): void {
    if (start < this.#blocked) return;
    const { words, beginnings } = this.#lexicon;
    let longest = this.#considerEntry(words, whole, start, end, -1);
    for (let index = this.#begun - 1; index >= 0; index--)
      longest = this.#considerEntry(beginnings, this.#begins[index] as number, start, end, longest);
  }

  /** End of the longest term that was taken. */
  #considerEntry({ values }: Entries, entry: number, start: number, end: number, before: number): number {
    const { terms } = this.#lexicon;
    let longest = before;
    for (let term = values[entry + FIRST_TERM] as number; term !== 0; term = terms[term + NEXT_TERM] as number) {
      if (((terms[term + LANGUAGE_BITS] as number) & this.#languages) === 0) continue;
      const to = this.#lexicon.termEnd(term, this.#text, start, end);
      if (to > longest && this.#take(term, start, to)) longest = to;
    }
    return longest;
  }

  /** Whether the term says something here, be it that there is nothing to say. */
  #take(term: number, start: number, end: number): boolean {
    const { terms } = this.#lexicon;
    const strength = terms[term + STRENGTH] as number;
    if (strength === NEVER) {
      this.#blocked = end;
      return true;
    }
    const category = SPECIAL_CATEGORIES[terms[term + CATEGORY] as number] as SpecialCategory;
    if (strength === KEY || strength === KEY_AMBIGUOUS) return this.#openField(category, strength, end);
    const signal = this.#judge(category, strength, terms[term + LANGUAGE_BITS] as number, start, end);
    if (signal === undefined) return false;
    this.#push(signal);
    return true;
  }

  /** The longer of two that overlap, the term rather than the field that it stands in. */
  #push(signal: Signal): void {
    const last = this.#found.at(-1);
    if (last !== undefined && last.end > signal.start) {
      const isField = this.#field !== undefined && last.start === this.#field.value.start && last.score === SCORE_FIELD;
      if (!isField && last.end - last.start > signal.end - signal.start) return;
      this.#found.pop();
    }
    this.#found.push(signal);
  }

  #openField(category: SpecialCategory, strength: number, end: number): boolean {
    const value = valueBehind(this.#text, end);
    if (value === undefined) return false;
    this.#field = { category, value };
    const filled = strength === KEY && isFilledIn(this.#text, value);
    if (filled || (category === "health" && holdsDiagnosisCode(this.#text, value)))
      this.#push({ category, ...value, score: SCORE_FIELD, why: `${category}: value of a field` });
    return true;
  }

  #judge(
    category: SpecialCategory,
    strength: number,
    languages: number,
    start: number,
    end: number,
  ): Signal | undefined {
    const text = this.#text;
    const field = this.#field;
    if (field?.category === category && start >= field.value.start && end <= field.value.end)
      return { category, start, end, score: SCORE_IN_FIELD, why: `${category}: term in its field` };
    if (insideCode(text, start, end)) return undefined;
    const near = wordsAround(text, this.#lexicon, start, end);
    const spoken = near.languages === 0 ? languages : languages & near.languages;
    if (spoken === 0) return undefined;
    const fitting = ((MEDICAL.has(category) ? near.medical : near.belonging) & spoken) !== 0;
    const person = (near.person & spoken) !== 0 || this.#isNamed(start, end);
    if (!person && strength !== STATEMENT) return undefined;
    if (strength === AMBIGUOUS && !fitting) return undefined;
    const score = scoreOf(strength, person, fitting);
    const why = `${category}: ${person ? "term with a person near" : "term that says so of a person"}`;
    return { category, start, end, score, why };
  }

  /** A PERSON of the findings stands near. */
  #isNamed(start: number, end: number): boolean {
    const findings = this.#findings;
    while ((findings[this.#finding]?.end ?? Number.POSITIVE_INFINITY) < start - SENTENCE_CHARS_MAX) this.#finding++;
    for (let at = this.#finding; (findings[at]?.start ?? Number.POSITIVE_INFINITY) < end + SENTENCE_CHARS_MAX; at++)
      if (findings[at]?.type === "PERSON") return true;
    return false;
  }
}

function scoreOf(strength: number, person: boolean, fitting: boolean): number {
  if (strength === STATEMENT) return person ? SCORE_STATEMENT_PERSON : SCORE_STATEMENT;
  if (strength === AMBIGUOUS) return SCORE_AMBIGUOUS;
  return fitting ? SCORE_TOPIC_OF_PERSON : SCORE_TOPIC;
}
