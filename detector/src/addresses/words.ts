/**
 * The words of languages.ts and countries.ts as bits, found by their place in the text. Built once; nothing here decides.
 */
import { WordTable } from "../signals/word-table.ts";
import { FOLDED, hashFolded, MARK } from "../signals/fold.ts";
import { COUNTRIES, US_STATES } from "./countries.ts";
import {
  COMPASS_WORDS,
  FOLLOWER_WORDS,
  type Language,
  LANGUAGES,
  METONYM_WORDS,
  NOT_STREETS,
  NUMBER_TAIL_WORDS,
  OTHER_ADDRESSES,
  STOPS,
  TOWN_TAILS,
} from "./languages.ts";

/** Behind the name of a street: enough with a number. */
export const BEHIND = 1;
/** Enough with a number when a full stop follows. */
export const BEHIND_DOTTED = 1 << 1;
export const BEHIND_WEAK = 1 << 2;
export const AHEAD = 1 << 3;
export const AHEAD_DOTTED = 1 << 4;
export const AHEAD_WEAK = 1 << 5;
/** Enough when written with a capital. */
export const AHEAD_CAPITAL = 1 << 6;
/** Enough when a particle follows. */
export const AHEAD_OF = 1 << 7;
export const MODIFIER = 1 << 8;
export const PARTICLE = 1 << 9;
export const UNIT = 1 << 10;
export const UNIT_BEHIND = 1 << 11;
export const UNIT_ALONE = 1 << 12;
export const NUMBER_WORD = 1 << 13;
export const LABEL = 1 << 14;
export const LIVES = 1 << 15;
export const ZIP = 1 << 16;
export const AT = 1 << 17;
export const NOT_STREET = 1 << 18;
export const STOP = 1 << 19;
export const OTHER_ADDRESS = 1 << 20;
export const TOWN_TAIL = 1 << 21;
export const FOLLOWER = 1 << 22;
export const COMPASS = 1 << 23;
export const NUMBER_TAIL = 1 << 24;
export const STATE = 1 << 25;
/** First word of a phrase of COUNTRY_NAMES. */
export const COUNTRY = 1 << 26;
/** First or last word of a phrase of BOXES. */
export const BOX = 1 << 27;
export const METONYM = 1 << 28;
/** Written before a postcode: "D-10115". */
export const PREFIX = 1 << 29;
/** Names behind it are believed in small letters too. */
export const AHEAD_LOWER = 1 << 30;

export const STREET_AHEAD = AHEAD | AHEAD_DOTTED | AHEAD_WEAK | AHEAD_CAPITAL | AHEAD_OF;
export const STREET_BEHIND = BEHIND | BEHIND_DOTTED | BEHIND_WEAK;

/** Endings of one-word names. */
export const ENDING = 1;
export const ENDING_WEAK = 2;

const words = new Map<string, number>();
const languages = new Map<string, number>();
const endings = new Map<string, number>();
const endingLanguages = new Map<string, number>();

function put(map: Map<string, number>, word: string, bits: number): void {
  // "strasse" for "straße": ß folds to one s.
  for (const form of word.includes("ß") ? [word, word.replaceAll("ß", "ss")] : [word]) {
    map.set(form, (map.get(form) ?? 0) | bits);
  }
}

function split(list: string | undefined): string[] {
  return (list ?? "").split(" ").filter((word) => word !== "");
}

function putAll(list: string | undefined, bits: number): void {
  for (const word of split(list)) put(words, word, bits);
}

function putStreets(list: string | undefined, bits: number, language: number, dotted = bits, weak = bits): void {
  for (const word of split(list)) {
    // "c/" of "c/ Mayor" is an abbreviation too.
    const bare = word.replace(/[./]$/, "");
    put(words, bare, bare === word ? bits : dotted | weak);
    put(languages, bare, language);
  }
}

/** Bit of a language in masks. */
export function languageBit(code: string): number {
  return 1 << LANGUAGES.findIndex((row) => row.code === code);
}

export function languageBits(codes: string): number {
  return split(codes).reduce((bits, code) => bits | languageBit(code), 0);
}

/** Languages whose house number stands before the street, and after it. */
export let HOUSE_BEFORE = 0;
export let HOUSE_AFTER = 0;

function putLanguage(row: Language): void {
  const bit = languageBit(row.code);
  if (row.house !== "after") HOUSE_BEFORE |= bit;
  if (row.house !== "before") HOUSE_AFTER |= bit;
  putStreets(row.behind, BEHIND, bit, BEHIND_DOTTED, BEHIND_WEAK);
  putStreets(row.behindWeak, BEHIND_WEAK, bit);
  putStreets(row.ahead, AHEAD, bit, AHEAD_DOTTED, AHEAD_WEAK);
  putStreets(row.aheadWeak, AHEAD_WEAK, bit);
  putStreets(row.aheadCapital, AHEAD_CAPITAL, bit);
  putStreets(row.aheadOf, AHEAD_OF, bit);
  putAll(row.aheadLower, AHEAD_LOWER);
  for (const [list, strength] of [
    [row.joined, ENDING],
    [row.joinedWeak, ENDING_WEAK],
  ] as const) {
    for (const ending of split(list)) {
      put(endings, ending, strength);
      put(endingLanguages, ending, bit);
    }
  }
  putAll(row.modifiers, MODIFIER);
  putAll(row.particles, PARTICLE);
  putAll(row.unit?.replaceAll(".", ""), UNIT);
  putAll(row.unitBehind?.replaceAll(".", ""), UNIT_BEHIND);
  putAll(row.unitAlone, UNIT_ALONE);
  putAll(row.number?.replaceAll(".", ""), NUMBER_WORD);
  putAll(row.label, LABEL);
  putAll(row.lives?.replaceAll(".", ""), LIVES);
  putAll(row.zip, ZIP);
  putAll(row.at, AT);
}

/** Phrases by the hash of their first word; each phrase as the hashes of its words. */
export type Phrases = ReadonlyMap<number, readonly (readonly number[])[]>;

function hashOf(word: string): number {
  return hashFolded(word, 0, word.length);
}

function phrases(list: readonly string[], bit: number): Phrases {
  const map = new Map<number, number[][]>();
  for (const phrase of list) {
    const parts = phrase.split(" ");
    const [first = ""] = parts;
    put(words, first.replace(/\.$/, ""), bit);
    if (bit === BOX) put(words, parts.at(-1)?.replace(/\.$/, "") ?? "", bit);
    const hashes = parts.map((part) => hashOf(part));
    const same = map.get(hashes[0] as number) ?? [];
    same.push(hashes);
    same.sort((a, b) => b.length - a.length);
    map.set(hashes[0] as number, same);
  }
  return map;
}

for (const row of LANGUAGES) putLanguage(row);
for (const [list, bit] of [
  [NOT_STREETS, NOT_STREET],
  [STOPS, STOP],
  [OTHER_ADDRESSES, OTHER_ADDRESS],
  [TOWN_TAILS, TOWN_TAIL],
  [FOLLOWER_WORDS, FOLLOWER],
  [COMPASS_WORDS, COMPASS],
  [NUMBER_TAIL_WORDS, NUMBER_TAIL],
  [METONYM_WORDS, METONYM],
  [US_STATES, STATE],
] as const)
  putAll(list, bit);
for (const { prefixes } of COUNTRIES) putAll(prefixes, PREFIX);

export const COUNTRY_NAMES: Phrases = phrases(
  COUNTRIES.flatMap(({ names }) => names.split("|")),
  COUNTRY,
);
const listed = (list: string | undefined): string[] => (list ?? "").split("|").filter((name) => name !== "");
export const BOXES: Phrases = phrases(
  LANGUAGES.flatMap(({ box }) => listed(box)),
  BOX,
);
export const BOXES_WEAK: Phrases = phrases(
  LANGUAGES.flatMap(({ boxWeak }) => listed(boxWeak)),
  BOX,
);

/** Folded word → its bits. */
export const MEANINGS = new WordTable(words);
/** A bit for the hash of every word of MEANINGS. They lie close together, and say no for most words of a text. */
const HASHES = new Int32Array(512);
for (const hash of MEANINGS.hashes()) HASHES[placeOf(hash)] = (HASHES[placeOf(hash)] as number) | (1 << hash);

function placeOf(hash: number): number {
  return (hash >>> 5) & (HASHES.length - 1);
}

/** Whether a word with this hash may be in MEANINGS. */
export function mayMean(hash: number): boolean {
  return ((HASHES[placeOf(hash)] as number) & (1 << hash)) !== 0;
}

/** Folded street word → its languages. */
export const LANGUAGES_OF = new WordTable(languages);
/** Folded ending → ENDING or ENDING_WEAK, and its languages. */
export const ENDINGS = new WordTable(endings);
export const ENDING_LANGUAGES = new WordTable(endingLanguages);
/** The last two letters of endings, five bits each: enough to tell most other words apart. */
const LAST_LETTERS = new Uint8Array(1 << 10);
for (const ending of endings.keys()) LAST_LETTERS[lastLetters(ending, ending.length)] = 1;

function lastLetters(text: string, end: number): number {
  const last = FOLDED[text.charCodeAt(end - 1)] as number;
  const before = FOLDED[text.charCodeAt(end - 2)] as number;
  // Behind a mark or a sign the letters are further away.
  return last <= MARK || before <= MARK ? -1 : ((before & 31) << 5) | (last & 31);
}

/** Whether the word of two characters or more that ends at `end` may have one of the endings. */
export function mayEnd(text: string, end: number): boolean {
  const letters = lastLetters(text, end);
  return letters < 0 || LAST_LETTERS[letters] === 1;
}

/** Lengths of endings, longest first. */
export const ENDING_LENGTHS: readonly number[] = [...new Set([...endings.keys()].map(({ length }) => length))].sort(
  (a, b) => b - a,
);
