/**
 * Shapes of what is printed on plates and documents: which letters and digits in which order, whatever stands between the
 * groups. A shape is written with A for a letter and 9 for a digit: "AA999AA". Shapes say what something may be; it takes a
 * label, or a checksum, to say that it is.
 */
import type { Ahead } from "../scanner/ahead.ts";
import { END, isDigitCode, isGlued, isGroupSpace, isWord } from "../scanner/characters.ts";

/** A run of alternating letters and digits, each with its least and largest number: "L2-3D4" is "AA9999" and "AAA9999". */
function expand(template: string): string[] {
  let shapes = [""];
  for (const [, kind, from, to] of template.matchAll(/([LD])(\d)(?:-(\d))?/g)) {
    const sign = kind === "L" ? "A" : "9";
    shapes = shapes.flatMap((shape) => {
      const longer: string[] = [];
      for (let length = Number(from); length <= Number(to ?? from); length++) longer.push(shape + sign.repeat(length));
      return longer;
    });
  }
  return shapes;
}

/** A shape as a number, so that reading one allocates nothing: a one, and behind it one bit a character, 1 for a letter. */
const EMPTY = 1;

function withDigit(shape: number): number {
  return shape << 1;
}

function withLetter(shape: number): number {
  return (shape << 1) | 1;
}

/** The number of a shape that is written with A and 9. */
export function shapeCode(shape: string): number {
  let code = EMPTY;
  for (let i = 0; i < shape.length; i++) code = shape.charCodeAt(i) === 0x39 ? withDigit(code) : withLetter(code);
  return code;
}

/** Whether the shape has a letter in it. */
export function hasLetter(shape: number): boolean {
  return shape !== 1 << (31 - Math.clz32(shape));
}

/** Longest shape of a table, in characters. */
const TABLE_CHARS_MAX = 11;

/** Index: shape; those of fewer or more characters are not in it. */
function tableOf(templates: string, charsMin: number, charsMax: number): Uint8Array {
  const table = new Uint8Array(2 << TABLE_CHARS_MAX);
  for (const shape of templates.split(" ").flatMap(expand)) {
    if (shape.length >= charsMin && shape.length <= charsMax) table[shapeCode(shape)] = 1;
  }
  return table;
}

export const PLATE_CHARS_MIN = 4;
const PLATE_CHARS_MAX = 9;

/**
 * Licence plates, by https://en.wikipedia.org/wiki/Vehicle_registration_plates_of_Europe: Germany, Austria; France, Italy,
 * Slovakia, Slovenia; Spain; Great Britain and Northern Ireland; Ireland; Netherlands, Portugal; Belgium; Switzerland and
 * others of letters and a number; Poland; Sweden, Finland, Hungary, Lithuania, Cyprus, Malta; Estonia; Czechia; Romania;
 * Bulgaria; Croatia; and the commonest of the United States.
 */
const PLATES = tableOf(
  [
    "L2-5D1-4 L2-5D1-4L1 L1-2D1-5L1-3",
    "L2D3L2 D1-4L2-3D2 L1-2D4L1-2",
    "D4L3 L2D2L3 L1D1-3L3 L3D1-3L1 D1-4L1-3",
    "D2-3L1-2D1-6",
    "L2D4 D4L2 D2L2D2 L2D2L2 L4D2 D2L4 D2L3D1 D1L3D2 L2D3L1 L1D3L2 L3D2L1 L1D2L3 D1L2D3 D3L2D1",
    "D1L3D3 L1-3D2-6",
    "L2-3D5 L2-3D4L1 L2-3D3L2 L2D1L1D3 L2D2L1D2 L2D1L2D2 L3D1L1D2 L3D2L1D1 L3D1L2D1 L3D2L2 L3L1D3 L5D2 L4D2L1 L3D1L2",
    "L4D3 D3L3 D1L1D5 D1L2D4 D1L1D1D4",
    "L1-2D2-3L3",
  ].join(" "),
  PLATE_CHARS_MIN,
  PLATE_CHARS_MAX,
);

/** Passports and cards that are printed with a space behind the letters: "AB 1234567", "12 AB 34567". */
const SPACED_DOCUMENTS = tableOf("L1-3D6-8 D2L2D5", 1, TABLE_CHARS_MAX);

/**
 * Letters on plates besides A to Z: those of Greek and Cyrillic that look like Latin ones (Vienna Convention on Road Traffic,
 * annex 2, which is why there are no others), and those of German and South Slavic towns.
 */
const NATIONAL_LETTERS = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХÄÖÜČĆŠŽĐ";
const PLATE_LETTERS = new Uint8Array(0x430);
for (const letter of `ABCDEFGHIJKLMNOPQRSTUVWXYZ${NATIONAL_LETTERS}`) PLATE_LETTERS[letter.charCodeAt(0)] = 1;

export function isPlateLetter(code: number): boolean {
  return PLATE_LETTERS[code] === 1;
}

const GROUPS_MAX = 4;
/** The groups of a British driving licence. */
const DVLA_GROUPS: readonly number[] = [5, 6, 5];
const DVLA_CHARS = 16;

/** What `readGroups` has read. One for all. */
interface Groups {
  count: number;
  /** End of each group. */
  readonly end: Int32Array;
  /** Shape of all groups up to and with this one. */
  readonly shape: Int32Array;
}
const groups: Groups = { count: 0, end: new Int32Array(GROUPS_MAX), shape: new Int32Array(GROUPS_MAX) };

/** Groups of capitals and digits from `start` on, one space or hyphen or middle dot between them. */
function readGroups(ahead: Ahead, start: number): void {
  let at = start;
  let shape = EMPTY;
  let chars = 0;
  groups.count = 0;
  while (groups.count < GROUPS_MAX) {
    const from = at;
    for (; chars <= DVLA_CHARS; chars++, at++) {
      const code = ahead.code(at);
      if (isDigitCode(code)) shape = withDigit(shape);
      else if (isPlateLetter(code)) shape = withLetter(shape);
      else break;
    }
    if (at === from || (ahead.code(at) !== END && goesOn(ahead.text, at))) return;
    groups.end[groups.count] = at;
    groups.shape[groups.count] = shape;
    groups.count++;
    const gap = ahead.code(at);
    if (chars >= DVLA_CHARS || (!isGroupSpace(gap) && gap !== 0x2d && gap !== 0xb7)) return;
    at++;
  }
}

/** The word goes on at `at`: behind a letter of another script with any letter, else with a Latin one. */
function goesOn(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) > 0x370 ? isWord(text, at) : isGlued(text, at);
}

/** End of the plate that begins at `start`, or -1. */
export function plateEnd(ahead: Ahead, start: number): number {
  readGroups(ahead, start);
  for (let group = groups.count - 1; group >= 0; group--) {
    if (isPlate(groups.shape[group] as number)) return groups.end[group] as number;
  }
  return -1;
}

function isPlate(shape: number): boolean {
  return PLATES[shape] === 1;
}

/** Whether the capitals and digits in [start, end) have the shape of a passport's number with a space in it. */
export function isSpacedDocument(shape: number): boolean {
  return SPACED_DOCUMENTS[shape] === 1;
}

/** Shape of the first TABLE_CHARS_MAX and one of the letters and digits in [start, end), other characters left out. */
export function shapeOf(text: string, start: number, end: number): number {
  let shape = EMPTY;
  for (let i = start; i < end && shape < 2 << TABLE_CHARS_MAX; i++) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) shape = withDigit(shape);
    else if (isPlateLetter(code)) shape = withLetter(shape);
  }
  return shape;
}

/** End of the plate or document that goes on behind the space at `at`, or -1. */
export function documentEnd(ahead: Ahead, start: number, at: number): number {
  const { text } = ahead;
  let from = at;
  while (from > start && at - from <= PLATE_CHARS_MAX && isPlateCode(text.charCodeAt(from - 1))) from--;
  if (from === at || at - from > PLATE_CHARS_MAX || (from > 0 && isGlued(text, from - 1))) return -1;
  const next = ahead.code(at + 1);
  if (!isDigitCode(next) && !isPlateLetter(next)) return -1;
  readGroups(ahead, from);
  let end = -1;
  for (let group = 0; group < groups.count; group++) {
    const shape = groups.shape[group] as number;
    if (isPlate(shape) || isSpacedDocument(shape)) end = groups.end[group] as number;
  }
  if (end > at) return end;
  // "FOX99 812159 J99AB": the engine has joined the digits on both sides of the first space already.
  const first = from - 1 - (DVLA_GROUPS[0] as number);
  if (first >= start && isGroupSpace(text.charCodeAt(from - 1)) && isDigitCode(text.charCodeAt(from - 2))) {
    readGroups(ahead, first);
    from = first;
  }
  return hasDvlaGroups(from) ? (groups.end[2] as number) : -1;
}

function hasDvlaGroups(from: number): boolean {
  let start = from;
  for (const [group, length] of DVLA_GROUPS.entries()) {
    if (group >= groups.count || (groups.end[group] as number) - start !== length) return false;
    start = (groups.end[group] as number) + 1;
  }
  return true;
}

function isPlateCode(code: number): boolean {
  return isDigitCode(code) || isPlateLetter(code) || code === 0x2d;
}
