/**
 * The lexicon's sources: lists of names (faker-js, MIT; country names of the runtime's Unicode data), and how the training
 * texts write their words.
 */
import { allLocales } from "@faker-js/faker";
import { chunkEnd } from "../src/scanner/chunks.ts";
import { COMMON, FIRST, INNER, LANGUAGE_SHIFT, LAST, PLACE, TITLED } from "../src/names/lexicon.ts";
import { LOOK_CAPITAL, LOOK_LOWER, LOOK_SIGN, PAD, Tokens } from "../src/names/tokens.ts";
import { type Example, OUT } from "./corpora.ts";

export const LANGUAGES = "bg cs da de el en es et fi fr hr hu it lt lv nb nl pl pt ro sk sl sr sr-Latn sv".split(" ");

/** Strings in nested lists and { female, male, generic } groups. */
export function strings(value: unknown, out: string[] = []): string[] {
  if (typeof value === "string") out.push(value);
  else if (Array.isArray(value)) for (const item of value) strings(item, out);
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) if (key !== "weight") strings(item, out);
  }
  return out;
}

export function countries(language: string): string[] {
  const names = new Intl.DisplayNames([language], { type: "region" });
  const found: string[] = [];
  for (let a = 65; a < 91; a++) {
    for (let b = 65; b < 91; b++) {
      const code = String.fromCharCode(a, b);
      const label = names.of(code);
      if (label !== undefined && label !== code && !/^(?:EU|UN|EZ|QO|ZZ|XA|XB)$/.test(code)) found.push(label);
    }
  }
  return found;
}

export interface Names {
  readonly locale: string;
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly cities: readonly string[];
  readonly streets: readonly string[];
  readonly regions: readonly string[];
  readonly companyTails: readonly string[];
}

/** What faker knows per locale; empty lists where it knows nothing. */
export function namesOfLocales(): Names[] {
  const found: Names[] = [];
  for (const [locale, data] of Object.entries(allLocales)) {
    const person = (data.person ?? {}) as Record<string, unknown>;
    const location = (data.location ?? {}) as Record<string, unknown>;
    const company = (data.company ?? {}) as Record<string, unknown>;
    const clean = (list: string[]): string[] => list.filter((word) => /^\p{Lu}[\p{L}\p{M}' ’.-]+$/u.test(word));
    found.push({
      locale,
      first: clean(strings(person["first_name"])),
      last: clean(strings(person["last_name"])),
      cities: clean(strings(location["city_name"])),
      streets: clean(strings(location["street_name"])),
      regions: clean(strings(location["state"])),
      companyTails: strings(company["legal_entity_type"]),
    });
  }
  return found;
}

/** Languages that are near enough to share words are one. */
const LANGUAGE_NUMBERS: Readonly<Record<string, number>> = {
  en: 1,
  de: 2,
  da: 3,
  nb: 3,
  sv: 4,
  fi: 5,
  et: 6,
  hu: 7,
  lv: 8,
  lt: 9,
  pl: 10,
  cs: 11,
  sk: 12,
  sl: 13,
  hr: 14,
  sr: 14,
  bg: 15,
  el: 16,
  ro: 17,
  it: 18,
  es: 19,
  pt: 20,
  fr: 21,
  nl: 22,
};

interface Use {
  by: Map<number, number>;
  lower: number;
  capital: number;
  named: number;
  edge: number;
}

/** hash → bits, for buildLexicon. */
export function wordBits(lists: readonly Names[], examples: Iterable<Example>): Map<number, number> {
  const bits = new Map<number, number>();
  const tokens = new Tokens();
  const give = (words: readonly string[], bit: number): void => {
    for (const word of words) {
      // Only words that are a name alone: "Santa" of "Santa Cruz" is not a place. Parts of double names are.
      if (word.includes(" ")) continue;
      tokens.read(word, 0, word.length);
      for (let i = PAD; i < PAD + tokens.count; i++) {
        if ((tokens.end[i] as number) - (tokens.start[i] as number) < 2 || (tokens.look[i] as number) >= LOOK_SIGN)
          continue;
        const hash = tokens.word[i] as number;
        bits.set(hash, (bits.get(hash) ?? 0) | bit);
      }
    }
  };
  for (const { first, last, cities, regions } of lists) {
    give(first, FIRST);
    give(last, LAST);
    give(cities, PLACE);
    give(regions, PLACE);
  }
  for (const language of LANGUAGES) give(countries(language), PLACE);

  const uses = new Map<number, Use>();
  for (const { text, spans, unmarked, lang } of examples) {
    const language = LANGUAGE_NUMBERS[lang] ?? 0;
    for (let from = 0; from < text.length; ) {
      const to = chunkEnd(text, from, true);
      tokens.read(text, from, to);
      if (tokens.line === LOOK_LOWER) count(tokens, spans, unmarked, language, uses);
      from = to;
    }
  }
  const total = new Map<number, number>();
  for (const { by } of uses.values())
    for (const [language, times] of by) total.set(language, (total.get(language) ?? 0) + times);
  for (const [hash, { by, lower, capital, named, edge }] of uses) {
    let own = 0;
    if (lower >= 2 && lower >= 9 * named && lower >= capital) {
      own |= COMMON;
      for (const [language, times] of by) {
        const share = times / (total.get(language) as number);
        let others = 0;
        for (const [other, count] of by) if (other !== language) others += count / (total.get(other) as number);
        if (language !== 0 && times >= 3 && share > 5 * others) own |= language << LANGUAGE_SHIFT;
      }
    }
    if (capital >= 3 && capital > lower && named * 8 <= capital) own |= TITLED;
    if (edge >= 2 && edge * 25 >= lower) own |= INNER;
    if (own !== 0) bits.set(hash, (bits.get(hash) ?? 0) | own);
  }
  return bits;
}

function count(
  tokens: Tokens,
  spans: readonly { s: number; e: number; may: number }[],
  unmarked: number,
  language: number,
  uses: Map<number, Use>,
): void {
  const { start, end, look, word } = tokens;
  let next = 0;
  for (let i = PAD; i < PAD + tokens.count; i++) {
    const l = look[i] as number;
    if (l !== LOOK_LOWER && l !== LOOK_CAPITAL) continue;
    const s = start[i] as number;
    while (next < spans.length && (spans[next]?.e as number) <= s) next++;
    const span = spans[next];
    const inSpan = span !== undefined && span.s <= s;
    if (inSpan && (span.may & OUT) !== 0) continue;
    let use = uses.get(word[i] as number);
    if (use === undefined)
      uses.set(word[i] as number, (use = { by: new Map(), lower: 0, capital: 0, named: 0, edge: 0 }));
    if (inSpan) {
      use.named++;
      if (l === LOOK_LOWER && (span.s === s || span.e === end[i])) use.edge++;
      continue;
    }
    if (l === LOOK_LOWER) {
      use.lower++;
      use.by.set(language, (use.by.get(language) ?? 0) + 1);
    }
    // At the head of a sentence a capital says nothing.
    else if (unmarked === OUT && i > PAD && ((look[i - 1] as number) < LOOK_SIGN || look[i - 1] === LOOK_SIGN + 1))
      use.capital++;
  }
}
