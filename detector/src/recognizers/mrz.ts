/**
 * The machine-readable lines of passports and identity cards, ICAO Doc 9303 parts 4 to 6
 * (https://www.icao.int/publications/doc-series/doc-9303): every line is one finding, because each alone says who it is. Lines
 * with numbers stand on their check digits, lines with names on their exact length, filler and issuing state.
 */
import type { Ahead } from "../scanner/ahead.ts";
import { DIGIT, isDigitCode, isUpperCode, JOINED } from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

const FILLER = 0x3c;
/** TD1, TD2 and TD3. */
const LENGTH_MIN = 30;
const LENGTH_MAX = 44;
const LENGTHS: ReadonlySet<number> = new Set([LENGTH_MIN, 36, LENGTH_MAX]);
/** Least letters of a name line. */
const NAME_CHARS_MIN = 3;

/** End of the line that goes on behind the "<" at `at`, or -1. */
export function mrzEnd(ahead: Ahead, start: number, at: number): number {
  const { text } = ahead;
  let from = at;
  while (from > start && at - from <= LENGTH_MAX && isMrzCode(text.charCodeAt(from - 1))) from--;
  if (from === at || at - from > LENGTH_MAX) return -1;
  let to = at;
  while (to - from <= LENGTH_MAX && isMrzCode(ahead.code(to))) to++;
  return LENGTHS.has(to - from) ? to : -1;
}

function isMrzCode(code: number): boolean {
  return code === FILLER || isUpperCode(code) || isDigitCode(code);
}

export const mrz: Recognizer = {
  name: "mrz",
  trigger: DIGIT | JOINED,
  charsMin: LENGTH_MIN,
  find(island: Island, sink: Sink): void {
    const { text, start, end } = island;
    for (let from = start; from < end; ) {
      if (!isMrzCode(text.charCodeAt(from))) {
        from++;
        continue;
      }
      let to = from + 1;
      while (to < end && isMrzCode(text.charCodeAt(to))) to++;
      if (LENGTHS.has(to - from)) findLine(text, from, to, sink);
      from = to;
    }
  },
};

function findLine(text: string, from: number, to: number, sink: Sink): void {
  const length = to - from;
  const type = isPassport(text, from, length) ? "PASSPORT_NUMBER" : "ID_CARD_NUMBER";
  if (isChecked(text, from, length)) {
    sink.add(type, from, to, 0.97, "mrz", "machine-readable line, check digits of ICAO Doc 9303");
  } else if (isNameLine(text, from, to)) {
    sink.add(type, from, to, 0.9, "mrz", "machine-readable line with a name, length and filler of ICAO Doc 9303");
  }
}

/** Lines of 44 characters are of passports and visas; of the others the document code tells, which is on the first line. */
function isPassport(text: string, from: number, length: number): boolean {
  return length === LENGTH_MAX || text.charCodeAt(from) === 0x50;
}

/** Second line of TD3 and TD2, first and second line of TD1. Two check digits at least must fit: one alone is chance. */
function isChecked(text: string, from: number, length: number): boolean {
  if (length !== 30) {
    return (
      isDates(text, from + 13) &&
      isLetters(text, from + 10, 3) &&
      holds(text, from, 9, from + 9) &&
      holds(text, from + 13, 6, from + 19)
    );
  }
  if (isDates(text, from) && isLetters(text, from + 15, 3) && holds(text, from, 6, from + 6)) {
    return holds(text, from + 8, 6, from + 14);
  }
  // The document number's check digit, the document code and the state in front of it.
  if (!"IAC".includes(text.charAt(from)) || !isLetters(text, from + 2, 3)) return false;
  // A filler in the check digit's place: the number is longer than nine and goes on, as on Belgian cards.
  return (
    holds(text, from + 5, 9, from + 14) ||
    (text.charCodeAt(from + 14) === FILLER && isDigitCode(text.charCodeAt(from + 15)))
  );
}

/** Birth, its check digit, sex, expiry, its check digit. Unknown parts of a date of birth are filled. */
function isDates(text: string, at: number): boolean {
  for (let i = 0; i < 15; i++) {
    const code = text.charCodeAt(at + i);
    if (i === 7 ? !"MFX<".includes(text.charAt(at + i)) : !isDigitCode(code) && code !== FILLER) return false;
  }
  return true;
}

/** A state: three letters, or fewer and filler ("D<<"). */
function isLetters(text: string, at: number, length: number): boolean {
  if (!isUpperCode(text.charCodeAt(at))) return false;
  for (let i = at; i < at + length; i++) if (isDigitCode(text.charCodeAt(i))) return false;
  return true;
}

/** Doc 9303-3, 4.9: weights 7, 3, 1; filler counts zero, A is ten. */
function holds(text: string, from: number, length: number, check: number): boolean {
  const expected = text.charCodeAt(check) - 0x30;
  let sum = 0;
  let filled = true;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(from + i);
    const value = code === FILLER ? 0 : isDigitCode(code) ? code - 0x30 : code - 0x41 + 10;
    if (code !== FILLER) filled = false;
    sum += value * (i % 3 === 0 ? 7 : i % 3 === 1 ? 3 : 1);
  }
  return !filled && sum % 10 === expected;
}

/** "P<UTOERIKSSON<<ANNA<MARIA<<<…", or the third line of TD1, which is nothing but the name. */
function isNameLine(text: string, from: number, to: number): boolean {
  let letters = 0;
  let parted = false;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) return false;
    if (code !== FILLER) letters++;
    else if (
      i > from + (to - from === 30 ? 0 : 4) &&
      text.charCodeAt(i + 1) === FILLER &&
      i + 1 < to &&
      isUpperCode(text.charCodeAt(i - 1))
    )
      parted = true;
  }
  if (!parted || letters < NAME_CHARS_MIN || !isUpperCode(text.charCodeAt(from))) return false;
  return to - from === 30 || ("PIACV".includes(text.charAt(from)) && isLetters(text, from + 2, 3));
}
