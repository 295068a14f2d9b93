/**
 * Driving licence numbers. Great Britain's has a structure of its own (surname, date of birth, initials) and stands alone;
 * every other needs a word for a driving licence directly before it.
 */
import { DIGIT, isDigitCode, isLowerCode, isUpperCode, JOINED } from "../scanner/characters.ts";
import { atomEnd, atomLength, atomStart, gapAfter, isInsideUrl, isNumber, type Island } from "../scanner/island.ts";
import { DRIVING_LICENCE, hasDirect } from "./document-labels.ts";
import { isSpacedDocument, shapeOf } from "./document-shape.ts";
import { endsWhole, startsWhole } from "./document-word.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

/** Groups of Norway's, "12 34 567890 1". */
const NORWEGIAN_GROUPS: readonly number[] = [2, 2, 6, 1];
const CHARS_MIN = 5;
const CHARS_MAX = 20;
const DIGITS_MIN = 4;
const DVLA_CHARS = 16;
const DVLA_GROUPS: readonly number[] = [5, 6, 5];

export const drivingLicence: Recognizer = {
  name: "driving-licence",
  types: ["DRIVING_LICENCE_NUMBER"],
  trigger: DIGIT,
  digitsMin: DIGITS_MIN,
  charsMin: CHARS_MIN,
  find(island: Island, sink: Sink): void {
    let atom = 0;
    while (atom < island.atoms) {
      let last = atom;
      while (isJoined(gapAfter(island, last))) last++;
      if (!findBritish(island, atom, last, sink)) {
        if (last === atom) last = lastGroup(island, atom);
        findLabelled(island, atom, last, sink);
      }
      atom = last + 1;
    }
  },
};

/** The last atom of a number that is printed with spaces in it: "EL 640191" in Czechia, four groups in Norway. */
function lastGroup(island: Island, first: number): number {
  if (gapAfter(island, first) !== 0x20) return first;
  if (isNumber(island, first))
    return hasGroups(island, first, NORWEGIAN_GROUPS) ? first + NORWEGIAN_GROUPS.length - 1 : first;
  const last = first + 1;
  const joined = (island.classes & JOINED) !== 0 && isNumber(island, last);
  return joined && isSpacedDocument(shapeOf(island.text, atomStart(island, first), atomEnd(island, last)))
    ? last
    : first;
}

/** "12345/12/1234" in Poland, "AB-123456-7". */
function isJoined(gap: number): boolean {
  return gap === 0x2d || gap === 0x2f;
}

function findLabelled(island: Island, first: number, last: number, sink: Sink): void {
  const { text } = island;
  const start = atomStart(island, first);
  const end = atomEnd(island, last);
  if (end - start < CHARS_MIN || end - start > CHARS_MAX || !startsWhole(text, start) || !endsWhole(island, end))
    return;
  let digits = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) digits++;
    else if (isLowerCode(code)) return;
  }
  if (digits < DIGITS_MIN || isDate(island, first, last) || isInsideUrl(island, start)) return;
  if (!hasDirect(text, start, DRIVING_LICENCE)) return;
  sink.add("DRIVING_LICENCE_NUMBER", start, end, 0.8, "driving-licence", "word for a driving licence before it");
}

/** "Führerschein 12.05.2010", "driving licence 2010-05-12": the day it was issued. */
function isDate(island: Island, first: number, last: number): boolean {
  if (last - first !== 2) return false;
  const [a, b, c] = [atomLength(island, first), atomLength(island, first + 1), atomLength(island, last)];
  return b <= 2 && ((a === 4 && c <= 2) || (a <= 2 && (c === 4 || c === 2)));
}

/** In one word, or in the groups that are printed. */
function findBritish(island: Island, first: number, last: number, sink: Sink): boolean {
  const { text } = island;
  let number = "";
  let end = -1;
  if (first === last && atomLength(island, first) === DVLA_CHARS) {
    end = atomEnd(island, first);
    number = text.slice(atomStart(island, first), end);
  } else if ((island.classes & JOINED) !== 0 && hasGroups(island, first, DVLA_GROUPS)) {
    end = atomEnd(island, first + 2);
    for (let atom = first; atom < first + 3; atom++)
      number += text.slice(atomStart(island, atom), atomEnd(island, atom));
  }
  if (!isBritish(number)) return false;
  sink.add(
    "DRIVING_LICENCE_NUMBER",
    atomStart(island, first),
    end,
    0.93,
    "driving-licence",
    "structure of Great Britain's",
  );
  return true;
}

function hasGroups(island: Island, first: number, lengths: readonly number[]): boolean {
  return lengths.every(
    (length, group) =>
      first + group < island.atoms &&
      atomLength(island, first + group) === length &&
      (group === lengths.length - 1 || gapAfter(island, first + group) === 0x20),
  );
}

/**
 * https://www.gov.uk/government/publications/driver-licence-number: five letters of the surname, filled up with nines; decade,
 * month (women's with fifty added), day and last digit of the year of birth; two initials, nine for a missing one; a digit; two letters.
 */
function isBritish(number: string): boolean {
  if (number.length !== DVLA_CHARS) return false;
  let filled = false;
  for (let i = 0; i < 5; i++) {
    const code = number.charCodeAt(i);
    if (code === 0x39) filled = true;
    else if (filled || !isUpperCode(code)) return false;
  }
  if (!isUpperCode(number.charCodeAt(0))) return false;
  for (let i = 5; i < 11; i++) if (!isDigitCode(number.charCodeAt(i))) return false;
  const month = Number(number.slice(6, 8)) % 50;
  const day = Number(number.slice(8, 10));
  if (number.charCodeAt(6) > 0x36 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  const initials =
    isUpperCode(number.charCodeAt(11)) && (isUpperCode(number.charCodeAt(12)) || number.charCodeAt(12) === 0x39);
  return (
    (initials || number.startsWith("99", 11)) &&
    isDigitCode(number.charCodeAt(13)) &&
    isUpperCode(number.charCodeAt(14)) &&
    isUpperCode(number.charCodeAt(15))
  );
}
