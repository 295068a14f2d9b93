/**
 * Passport numbers behind a word for a passport. Shapes are those of https://www.consilium.europa.eu/prado/ where a state has
 * one; a number of no known shape needs the word directly before it. The machine-readable lines are found by mrz.ts.
 */
import { DIGIT, isDigitCode, isLowerCode, JOINED, LETTER } from "../scanner/characters.ts";
import { contextBefore, hasWord, meaningAt } from "../scanner/context.ts";
import { atomEnd, atomLength, atomStart, gapAfter, isInsideUrl, isNumber, type Island } from "../scanner/island.ts";
import { ACCOUNT, CUSTOMER, ORDER } from "../scanner/words.ts";
import { DRIVING_LICENCE, labelsBefore, PASSPORT, PASSPORT_SHORT } from "./document-labels.ts";
import { hasLetter, isSpacedDocument, shapeCode, shapeOf } from "./document-shape.ts";
import { endsWhole, startsWhole } from "./document-word.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

const CHARS_MIN = 6;
const CHARS_MAX = 12;
const DIGITS_MIN = 3;
/** A German serial number may have one only. */
const DIGITS_GERMAN_MIN = 1;
/** Romania prints the county's two digits apart: "05 1234567". */
const ROMANIAN_GROUPS: readonly [number, number] = [2, 7];

/** Shape → states that print it; A is a letter, 9 a digit. */
const SHAPES: ReadonlySet<number> = new Set(
  Object.keys({
    "999999999": "GB, US, DK, BG, HR, RO",
    "99999999": "CZ, SE, NO, LT, RO",
    A9999999: "AT, CH, HU, GR",
    A99999999: "US, IN, DE",
    A999999: "PT",
    AA999999: "BE, HU, PT, SE, LU",
    AA9999999: "IT, PL, IE, GR, SK, FI, LV, EE, SI",
    AAA999999: "ES, CY",
    AA99999999: "GR",
    "99AA99999": "FR",
    AAA9999999: "IE",
  }).map(shapeCode),
);
/** https://www.personalausweisportal.de: serial numbers hold no vowels and no letters that look like digits. */
const GERMAN_FIRST = "CFGHJK";
const GERMAN_LETTERS = "CFGHJKLMNPRTVWXYZ";
const GERMAN_CHARS = 9;

export const passport: Recognizer = {
  name: "passport",
  types: ["PASSPORT_NUMBER"],
  trigger: DIGIT,
  charsMin: CHARS_MIN,
  find(island: Island, sink: Sink): void {
    for (let atom = 0; atom < island.atoms; atom++) {
      let last = (island.classes & JOINED) === 0 ? atom : lastGroup(island, atom);
      if (last === atom && isRomanian(island, atom)) last++;
      findAt(island, atom, last, sink);
      atom = last;
    }
  },
};

function isRomanian(island: Island, atom: number): boolean {
  return (
    gapAfter(island, atom) === 0x20 &&
    atomLength(island, atom) === ROMANIAN_GROUPS[0] &&
    atomLength(island, atom + 1) === ROMANIAN_GROUPS[1] &&
    isNumber(island, atom) &&
    isNumber(island, atom + 1)
  );
}

/** The last atom of a number that is printed with a space in it. */
function lastGroup(island: Island, atom: number): number {
  const start = atomStart(island, atom);
  let best = atom;
  for (let last = atom; last < island.atoms && last - atom < 3; last++) {
    if (isSpacedDocument(shapeOf(island.text, start, atomEnd(island, last)))) best = last;
    if (gapAfter(island, last) !== 0x20) break;
  }
  return best;
}

function findAt(island: Island, first: number, last: number, sink: Sink): void {
  const { text } = island;
  const start = atomStart(island, first);
  const end = atomEnd(island, last);
  const chars = last === first ? end - start : CHARS_MIN;
  if (chars < CHARS_MIN || chars > CHARS_MAX || ((island.atomClass[first] as number) === LETTER && first === last))
    return;
  if (!startsWhole(text, start) || !endsWhole(island, end)) return;
  const shape = shapeOf(text, start, end);
  if (hasLowerCase(text, start, end)) return;
  const german = isGerman(text, start, end);
  if (digitsIn(text, start, end) < (german ? DIGITS_GERMAN_MIN : DIGITS_MIN)) return;
  const { direct, near } = labelsBefore(text, start);
  const known = german || SHAPES.has(shape) || isSpacedDocument(shape);
  const labelled = direct.includes(PASSPORT) || (known && hasLetter(shape) && direct.includes(PASSPORT_SHORT));
  if ((!labelled && !near.includes(PASSPORT)) || direct.includes(DRIVING_LICENCE) || isInsideUrl(island, start)) return;
  if (labelled && known) {
    sink.add("PASSPORT_NUMBER", start, end, 0.9, "passport", "shape of a passport's number behind a word for it");
  } else if (labelled) {
    sink.add("PASSPORT_NUMBER", start, end, 0.75, "passport", "word for a passport before it");
  } else if (known && hasLetter(shape) && digitsIn(text, start, end) >= DIGITS_MIN && !isOfOther(text, start)) {
    sink.add("PASSPORT_NUMBER", start, end, 0.6, "passport", "shape of a passport's number, a word for it on the line");
  }
}

/** "passport …, order no. AB1234567": a word for another number stands directly before this one. */
function isOfOther(text: string, start: number): boolean {
  contextBefore(text, start);
  for (let word = 0; word < 2 && hasWord(word); word++) {
    if ((meaningAt(word) & (ORDER | CUSTOMER | ACCOUNT)) !== 0) return true;
  }
  return false;
}

function hasLowerCase(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isLowerCode(text.charCodeAt(i))) return true;
  return false;
}

function digitsIn(text: string, start: number, end: number): number {
  let digits = 0;
  for (let i = start; i < end; i++) if (isDigitCode(text.charCodeAt(i))) digits++;
  return digits;
}

function isGerman(text: string, start: number, end: number): boolean {
  if (end - start !== GERMAN_CHARS && end - start !== GERMAN_CHARS + 1) return false;
  if (!GERMAN_FIRST.includes(text.charAt(start))) return false;
  for (let i = start + 1; i < end; i++) {
    if (!isDigitCode(text.charCodeAt(i)) && !GERMAN_LETTERS.includes(text.charAt(i))) return false;
  }
  return true;
}
