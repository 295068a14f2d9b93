/**
 * Stand-ins for names of persons, word by word: one first name always becomes the same first name of the same sex, one surname
 * the same surname, so that "Maria Keller", "Frau Keller" and "M. Keller" stay one family in the text. Titles, particles,
 * order, case and possessive endings stay. The language is the caller's, or that of the script, or the one in whose pool the
 * words stand; the sex is that of the title, of a known first name, or of the ending of the surname.
 */
import { normalize } from "../../normalize.ts";
import type { Environment } from "./environment.ts";
import { knownFirstName, knownName, LANGUAGES, poolOf, type Sex } from "./pools.ts";

/** Only in front of a name, and only words that are no names themselves: "Don" and "Pan" are. */
const TITLES: Readonly<Record<string, Sex | "">> = Object.fromEntries(
  (
    [
      ["", "dr prof dott dipl ing ph.d phd dra prof.dr"],
      [
        "male",
        "mr sir herr herrn monsieur señor sr signor sig dhr meneer senhor hr pán domnul gospodin κος κύριος г-н härra",
      ],
      [
        "female",
        "mrs ms miss madam frau madame mme mlle señora sra signora sig.ra mevr mw mevrouw pani paní senhora fru frk " +
          "doamna gospa gospođa κα κυρία г-жа proua",
      ],
    ] as const
  ).flatMap(([sex, words]) => words.split(" ").map((word) => [word, sex])),
);
const PARTICLES = new Set(
  "van von der den de del della di da do dos das du la le les ter ten zu zum zur af av al el bin ibn y e i und of the".split(
    " ",
  ),
);
const SUFFIXES = new Set("jr sr ii iii iv".split(" "));
const FEMALE_ENDING = /(?:ová|ská|cká|ska|cka|dzka|ova|eva|ска|ова|ева|ienė|aitė|ytė|utė|dóttir|poulou|πούλου|ίδου)$/i;

interface Word {
  readonly kind: "gap" | "title" | "particle" | "suffix" | "initial" | "name";
  readonly text: string;
  /** Possessive ending and punctuation, which stay. */
  readonly tail: string;
}

/** Letters with their apostrophes, hyphens and full stops, and what is between them. */
const PIECES = /[\p{L}\p{M}][\p{L}\p{M}'’.-]*|[^\p{L}\p{M}]+/gu;

export function person(value: string, attempt: number, environment: Environment): string | undefined {
  const words = wordsOf(value);
  const names = words.filter(({ kind }) => kind === "name");
  if (names.length === 0) return undefined;
  const language = languageOf(names, environment.language);
  const roles = rolesOf(words, language);
  const sex = sexOf(words, roles, language);
  const out = words
    .map((word) => {
      if (word.kind === "initial") return initial(word.text, environment) + word.tail;
      if (word.kind !== "name") return word.text;
      return replaced(word.text, roles.get(word) ?? "last", sex, language, environment) + word.tail;
    })
    .join("");
  return attempt === 0 ? out : `${out} ${attempt + 1}`;
}

function wordsOf(value: string): Word[] {
  const words = (value.match(PIECES) ?? []).map(wordOf);
  const last = words.findLastIndex(({ kind }) => kind !== "gap");
  let named = false;
  for (const [at, word] of words.entries()) {
    const misplaced = (word.kind === "title" && (named || at === last)) || (word.kind === "suffix" && at !== last);
    if (misplaced) words[at] = nameOf(word.text);
    named ||= words[at]?.kind === "name";
  }
  // "de la": what else would be a particle, or an initial, is the name.
  return named ? words : words.map((word) => (word.kind === "gap" ? word : nameOf(word.text)));
}

function wordOf(text: string): Word {
  if (!/^\p{L}/u.test(text)) return { kind: "gap", text, tail: "" };
  const lower = text.toLowerCase();
  const bare = lower.replace(/\.$/, "");
  if (Object.hasOwn(TITLES, bare)) return { kind: "title", text, tail: "" };
  if (SUFFIXES.has(bare)) return { kind: "suffix", text, tail: "" };
  if (/^(?:\p{L}\.)+$/u.test(text) || /^\p{Lu}$/u.test(text)) return { kind: "initial", text, tail: "" };
  return PARTICLES.has(text) ? { kind: "particle", text, tail: "" } : nameOf(text);
}

function nameOf(text: string): Word {
  const tail = /(?:['’]s)?[.'’-]*$/i.exec(text)?.[0] ?? "";
  return { kind: "name", text: text.slice(0, text.length - tail.length) || text, tail };
}

/** The language whose pool these words are to come from. */
export function languageOf(names: readonly { readonly text: string }[], wanted: string | undefined): string {
  const text = names.map((name) => name.text).join(" ");
  if (/\p{Script=Greek}/u.test(text)) return "el";
  if (/\p{Script=Cyrillic}/u.test(text)) return "bg";
  if (wanted !== undefined && LANGUAGES.includes(wanted)) return wanted === "el" || wanted === "bg" ? "en" : wanted;
  const votes = new Map<string, number>();
  for (const name of names) {
    for (const language of new Set(knownName(name.text).map((place) => place.language)))
      votes.set(language, (votes.get(language) ?? 0) + 1);
  }
  let best = "en";
  for (const language of LANGUAGES) if ((votes.get(language) ?? 0) > (votes.get(best) ?? 0)) best = language;
  return best;
}

type Role = "first" | "last";

function rolesOf(words: readonly Word[], language: string): ReadonlyMap<Word, Role> {
  const roles = new Map<Word, Role>();
  const names = words.filter(({ kind }) => kind === "name");
  const comma = words.findIndex(({ kind, text }) => kind === "gap" && text.includes(","));
  const behindComma = comma > 0 && words.slice(comma).some(({ kind }) => kind === "name" || kind === "initial");
  for (const [index, name] of names.entries()) {
    const known = knownFirstName(name.text).length > 0;
    let role: Role = index === names.length - 1 ? "last" : "first";
    if (behindComma && words.slice(0, comma).some(({ kind }) => kind === "name")) {
      role = words.indexOf(name) < comma ? "last" : "first";
    } else if (names.length === 1) role = known && !words.some(({ kind }) => kind === "initial") ? "first" : "last";
    else if (language === "hu") role = index === 0 ? "last" : "first";
    // Two surnames: "María García López".
    else if ((language === "es" || language === "pt") && index > 0 && !known) role = "last";
    roles.set(name, role);
  }
  return roles;
}

function sexOf(words: readonly Word[], roles: ReadonlyMap<Word, Role>, language: string): Sex | undefined {
  for (const { kind, text } of words) {
    if (kind !== "title") continue;
    const sex = TITLES[text.toLowerCase().replace(/\.$/, "")];
    if (sex) return sex;
  }
  for (const [{ text }, role] of roles) {
    if (role !== "first") continue;
    const places = knownFirstName(text);
    const here = places.filter((place) => place.language === language);
    const sexes = new Set((here.length > 0 ? here : places).map((place) => place.sex));
    if (sexes.size === 1) return [...sexes][0];
  }
  for (const [{ text }, role] of roles) if (role === "last" && FEMALE_ENDING.test(text)) return "female";
  return undefined;
}

/** The word's stand-in, remembered where the caller remembers. */
function replaced(word: string, role: Role, sex: Sex | undefined, language: string, environment: Environment): string {
  const { replacements, restorable } = environment;
  const key = personKey(word);
  const known = replacements?.find("PERSON", key);
  if (known !== undefined && !/\s/.test(known.written)) {
    const written = inCaseOf(word, known.written);
    replacements?.add("PERSON", key, word, written, restorable);
    return written;
  }
  const choice = choiceOf(key, role, sex, language, environment);
  for (let attempt = 0; ; attempt++) {
    const written = inCaseOf(word, choice(attempt));
    const same = personKey(written) === key;
    if (same || replacements?.isFree("PERSON", key, written) === false) continue;
    // Somebody in this text bears that very name.
    if (replacements?.find("PERSON", personKey(written)) !== undefined) continue;
    replacements?.add("PERSON", key, word, written, restorable);
    return written;
  }
}

export function personKey(value: string): string {
  return normalize("PERSON", value).toLowerCase();
}

/** The pool from a keyed start, then its pairs ("Anna-Lena"), then numbered. By attempt. */
export function choiceOf(
  key: string,
  role: Role,
  sex: Sex | undefined,
  language: string,
  { draws }: Environment,
): (attempt: number) => string {
  const choices = draws("PERSON", role, language, key);
  const pool = poolOf(language);
  const start = choices.int(0x1_0000);
  const coin: Sex = choices.int(2) === 0 ? "female" : "male";
  const names =
    role === "first" ? pool[sex ?? coin] : pool.surnames.map(([man, woman]) => (sex === "female" ? woman : man));
  const at = (index: number) => names[index % names.length] as string;
  const pairs = names.length * (names.length - 1);
  return (attempt) => {
    if (attempt < names.length) return at(start + attempt);
    const pair = attempt - names.length;
    if (pair >= pairs) return `${at(start)}${pair - pairs + 2}`;
    const one = start + Math.floor(pair / (names.length - 1));
    return `${at(one)}-${at(one + 1 + (pair % (names.length - 1)))}`;
  };
}

function inCaseOf(word: string, name: string): string {
  if (word.length > 1 && word === word.toUpperCase()) return name.toUpperCase();
  if (word === word.toLowerCase()) return name.toLowerCase();
  return name.toLowerCase().replace(/(?<![\p{L}\p{M}])\p{L}/gu, (letter) => letter.toUpperCase());
}

const FIRST_LETTERS = "ABCDEFGHIJKLMNOPRSTUVWZ";

/** Another letter for each, so that two initials stay two. */
function initial(text: string, { draws }: Environment): string {
  const shift = 1 + draws("PERSON", "initials").int(FIRST_LETTERS.length - 1);
  return text.replace(/\p{L}/gu, (letter) => {
    const at = FIRST_LETTERS.indexOf(letter.toUpperCase());
    return FIRST_LETTERS[(at + shift) % FIRST_LETTERS.length] as string;
  });
}
