/**
 * Where invented names come from: faker-js per language, lists of our own where it knows nothing, and the names that the corpora
 * hold. Gives names in the shapes that people write them in.
 */
import type { Random } from "./random.ts";
import { readNames } from "./phrases.ts";
import { type Names, namesOfLocales } from "./words.ts";

/** language → faker locales, nearest first. */
const LOCALES: Readonly<Record<string, readonly string[]>> = {
  en: ["en", "en_GB", "en_AU", "en_ZA", "en_IN", "en_NG", "en_GH"],
  de: ["de", "de_AT", "de_CH"],
  fr: ["fr", "fr_BE", "fr_CH"],
  es: ["es", "es_MX"],
  it: ["it"],
  nl: ["nl", "nl_BE"],
  pl: ["pl"],
  pt: ["pt_PT", "pt_BR"],
  sv: ["sv"],
  da: ["da"],
  nb: ["nb_NO"],
  fi: ["fi"],
  cs: ["cs_CZ"],
  sk: ["sk", "cs_CZ"],
  hu: ["hu"],
  ro: ["ro", "ro_MD"],
  hr: ["hr", "sr_RS_latin"],
  sr: ["sr_RS_latin", "hr"],
  sl: ["sl_SI", "hr"],
  el: ["el"],
  bg: ["bg", "mk"],
  et: ["et"],
  lv: ["lv"],
  lt: ["lt"],
};

export interface Pool {
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly cities: readonly string[];
  readonly streets: readonly string[];
  readonly regions: readonly string[];
  readonly companyTails: readonly string[];
}

const GREEK_OR_CYRILLIC = /[\u0370-\u03ff\u0400-\u04ff]/;

export class People {
  readonly lists: readonly Names[];
  readonly #pools = new Map<string, Pool>();
  readonly #latin: readonly Pool[];

  constructor() {
    const lists = namesOfLocales();
    lists.push(...readNames());
    this.lists = lists;
    const by = new Map(lists.map((names) => [names.locale, names]));
    for (const [language, locales] of Object.entries(LOCALES)) {
      const joined = [...locales, `${language}_own`].flatMap((locale) => by.get(locale) ?? []);
      const all = (key: keyof Pool): string[] => [...new Set(joined.flatMap((names) => names[key] as string[]))];
      this.#pools.set(language, {
        first: all("first"),
        last: all("last"),
        cities: all("cities"),
        streets: all("streets"),
        regions: all("regions"),
        companyTails: all("companyTails"),
      });
    }
    this.#latin = lists.filter(
      ({ locale, first, last }) =>
        !locale.endsWith("_own") &&
        first.length > 20 &&
        last.length > 20 &&
        !GREEK_OR_CYRILLIC.test(first[0] as string) &&
        /\p{Script=Latin}/u.test(first[0] as string),
    );
  }

  /** Names of a language; of English for one that has none. */
  of(language: string): Pool {
    return this.#pools.get(language) ?? (this.#pools.get("en") as Pool);
  }

  /** Names that people of this language meet: mostly their own, and of the whole world in the same script. */
  mixed(language: string, random: Random, own: number): Pool {
    const pool = this.of(language);
    return random.chance(own) || GREEK_OR_CYRILLIC.test(pool.first[0] as string) ? pool : random.pick(this.#latin);
  }
}

/** A rough ending of a case, as in languages that inflect names. The learner needs the variety, not the grammar. */
const ENDINGS: Readonly<Record<string, readonly [string, string]>> = {
  // behind a consonant, instead of a final -a or -o
  hr: ["a,u,om,ov,ova,ove", "e,i,u,om,o,in,ina"],
  sr: ["a,u,om,ov,ova,ove", "e,i,u,om,o,in,ina"],
  sl: ["a,u,om,em,ov,ova", "e,i,o,in"],
  sk: ["a,ovi,om,u,e,ov,ova", "y,e,u,ou,ovej,in"],
  cs: ["a,ovi,em,u,e,ův,ova", "y,ě,u,ou,ové,in"],
  pl: ["a,owi,em,u,ie", "y,i,ę,ą,ze,o"],
  fi: ["in,ille,ista,ia,iin,ilta,ina", "n,lle,sta,a,an,lta,ssa"],
  et: ["i,ile,ist,iga,it", "le,st,ga,t,d"],
  hu: ["nak,nek,t,val,ról,hoz,tól,ék,ért,ot,et", "nak,nek,val,ról,hoz,tól,ék,ért,t"],
  lv: ["a,am,u,ā", "as,ai,u,ā,i"],
  lt: ["o,ui,ą,u,e", "os,ai,ą,a,oje"],
  sv: ["s", "s"],
  da: ["s", "s"],
  nb: ["s", "s"],
  de: ["s", "s"],
  ro: ["ului,ul", "ei,i"],
  el: ["", ""],
  bg: ["", ""],
};

export function inflect(name: string, language: string, random: Random): string {
  const endings = ENDINGS[language];
  if (endings === undefined || endings[0] === "") return name;
  const list = endings[/[aeoiu]$/.test(name) ? 1 : 0].split(",");
  const ending = random.pick(list);
  if (/[aoe]$/.test(name) && !/^(?:fi|et|hu|sv|da|nb|de)$/.test(language)) return name.slice(0, -1) + ending;
  if (/as$|is$|us$|s$/.test(name) && /^(?:lt|lv)$/.test(language)) return name.replace(/(?:as|is|us|s)$/, "") + ending;
  if (/[aoeé]$/.test(name) && language === "hu") return name.replace(/a$/, "á").replace(/e$/, "é") + ending;
  return name + ending;
}
