/**
 * Passport numbers behind a word for a passport. Shapes are those of https://www.consilium.europa.eu/prado/ where a state has
 * one; a number of no known shape needs the word directly before it. The machine-readable lines are found by mrz.ts.
 */
import { DIGIT, isDigitCode, isLowerCode, JOINED, LETTER } from "../scanner/characters.ts";
import { atomEnd, atomStart, gapAfter, isInsideUrl, type Island } from "../scanner/island.ts";
import { DRIVING_LICENCE, labelsBefore, PASSPORT } from "./document-labels.ts";
import { isSpacedDocument, shapeOf } from "./document-shape.ts";
import { endsWhole, startsWhole } from "./document-word.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

const CHARS_MIN = 6;
const CHARS_MAX = 12;
const DIGITS_MIN = 3;

/** Shape → states that print it; A is a letter, 9 a digit. */
const SHAPES: Readonly<Record<string, string>> = {
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
};
/** https://www.personalausweisportal.de: serial numbers hold no vowels and no letters that look like digits. */
const GERMAN_FIRST = "CFGHJK";
const GERMAN_LETTERS = "CFGHJKLMNPRTVWXYZ";
const GERMAN_CHARS = 9;

export const passport: Recognizer = {
  name: "passport",
  trigger: DIGIT,
  find(island: Island, sink: Sink): void {
    if (island.digits < DIGITS_MIN || !sink.wants("PASSPORT_NUMBER")) return;
    for (let atom = 0; atom < island.atoms; atom++) {
      const last = (island.classes & JOINED) === 0 ? atom : lastGroup(island, atom);
      findAt(island, atom, last, sink);
      atom = last;
    }
  },
};

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
  if (hasLowerCase(text, start, end) || digitsOf(shape) < DIGITS_MIN) return;
  const { direct, near } = labelsBefore(text, start);
  const labelled = direct.includes(PASSPORT);
  if ((!labelled && !near.includes(PASSPORT)) || direct.includes(DRIVING_LICENCE) || isInsideUrl(island, start)) return;
  const known = SHAPES[shape] !== undefined || isSpacedDocument(shape) || isGerman(text, start, end);
  if (labelled && known) {
    sink.add("PASSPORT_NUMBER", start, end, 0.9, "passport", "shape of a passport's number behind a word for it");
  } else if (labelled) {
    sink.add("PASSPORT_NUMBER", start, end, 0.75, "passport", "word for a passport before it");
  } else if (known && shape.includes("A")) {
    sink.add("PASSPORT_NUMBER", start, end, 0.6, "passport", "shape of a passport's number, a word for it on the line");
  }
}

function hasLowerCase(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isLowerCode(text.charCodeAt(i))) return true;
  return false;
}

function digitsOf(shape: string): number {
  let digits = 0;
  for (let i = 0; i < shape.length; i++) if (shape.charCodeAt(i) === 0x39) digits++;
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
