/**
 * Geographical coordinates, latitude and longitude as one finding: decimal degrees with four decimals or more, degrees with
 * minutes and seconds, and the pair of a geo: URI (https://www.rfc-editor.org/rfc/rfc5870). With a label fewer decimals do,
 * and each half may stand alone. Lists of numbers, such as vectors and polygons' points in a row, are left alone.
 */
import { Ahead } from "../scanner/ahead.ts";
import { DIGIT, END, isDigitCode, isGlued, isGroupSpace, JOINED } from "../scanner/characters.ts";
import { atomEnd, atomLength, atomStart, isNumber, type Island } from "../scanner/island.ts";
import { COORDINATE, hasDirect, LATITUDE, LONGITUDE } from "./document-labels.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

// Signs in and around coordinates, one bit each in MARKS.
const DEGREE = 1;
const MINUTE = 2;
const SECOND = 4;
const NORTH_SOUTH = 8;
/** O is east in German and west in French, Spanish, Italian and Portuguese. */
const EAST_WEST = 16;
const PARTING = 32;
const SLASH = 64;
const POINT = 128;
const NEGATIVE = 256;
const POSITIVE = 512;
/** A single one opens a string as well. */
const APOSTROPHE = 1024;
const ASCII_QUOTE = 2048;
/** What stands before an amount. */
const CURRENCY = 4096;

/** Index: UTF-16 code unit. */
const MARKS = new Uint16Array(0x2300);
for (const [signs, bit] of [
  ["°º˚", DEGREE],
  ["'′’´", MINUTE],
  ['″”"', SECOND],
  ["NS", NORTH_SOUTH],
  ["EWO", EAST_WEST],
  [",;", PARTING],
  ["/", SLASH],
  [".", POINT],
  ["-−", NEGATIVE],
  ["+", POSITIVE],
  ["'’", APOSTROPHE],
  ['"', ASCII_QUOTE],
  ["$€£¥%#", CURRENCY],
] as const) {
  for (const sign of signs) MARKS[sign.charCodeAt(0)] = (MARKS[sign.charCodeAt(0)] as number) | bit;
}
const SIGN = NEGATIVE | POSITIVE;
const HALF_MARK = DEGREE | MINUTE | SECOND | NORTH_SOUTH | EAST_WEST | POINT | SIGN;

/** One half of a pair. */
interface Half {
  end: number;
  value: number;
  decimals: number;
  /** A degree sign, minutes, or a letter for the hemisphere: it cannot be but an angle. */
  degree: boolean;
  minutes: boolean;
  axis: "" | "latitude" | "longitude";
}

function createHalf(): Half {
  return { end: -1, value: 0, decimals: 0, degree: false, minutes: false, axis: "" };
}
const first = createHalf();
const second = createHalf();

/** Longest half: `-179° 59' 59.99999" W` with a few spaces. */
const HALF_CHARS_MAX = 32;
const DECIMALS_MAX = 18;
/** Decimals without which two numbers beside one another are no place: four are eleven metres. */
const DECIMALS_MIN = 4;
const DECIMALS_SURE = 5;
const DECIMALS_LABELLED = 2;
const DECIMALS_JOINED = 3;
/** "2.35" */
const DIGITS_MIN = 3;

function isMark(marks: number, code: number): boolean {
  return code < MARKS.length && ((MARKS[code] as number) & marks) !== 0;
}

function axisOf(code: number): Half["axis"] {
  return isMark(NORTH_SOUTH, code) ? "latitude" : isMark(EAST_WEST, code) ? "longitude" : "";
}

/** Reads the half that begins at `start`. */
function readHalf(ahead: Ahead, start: number, half: Half): boolean {
  half.axis = axisOf(ahead.code(start));
  let at = half.axis === "" ? start : start + 1;
  if (half.axis !== "" && isGroupSpace(ahead.code(at))) at++;
  const sign = ahead.code(at);
  const negative = sign === 0x2d || sign === 0x2212;
  if (negative || sign === 0x2b) at++;
  const from = at;
  while (at - from < 3 && isDigitCode(ahead.code(at))) at++;
  if (at === from || isDigitCode(ahead.code(at))) return false;
  let value = Number(ahead.text.slice(from, at));
  const fraction = fractionEnd(ahead, at, half);
  if (fraction > at) value += Number(`0.${ahead.text.slice(at + 1, fraction)}`);
  at = fraction;
  half.degree = false;
  half.minutes = false;
  const spaced = isGroupSpace(ahead.code(at)) && isMark(DEGREE, ahead.code(at + 1)) ? at + 1 : at;
  if (isMark(DEGREE, ahead.code(spaced))) {
    half.degree = true;
    at = spaced + 1;
    if (half.decimals === 0) at = readMinutes(ahead, at, half);
  }
  at = readHemisphere(ahead, at, half);
  half.value = negative ? -value : value;
  half.end = at;
  return value <= 180 && (half.axis !== "latitude" || value <= 90);
}

/** End of ".8566", or `at`. Sets the number of decimals. */
function fractionEnd(ahead: Ahead, at: number, half: Half): number {
  half.decimals = 0;
  if (ahead.code(at) !== 0x2e) return at;
  let end = at + 1;
  while (end - at <= DECIMALS_MAX && isDigitCode(ahead.code(end))) end++;
  half.decimals = end - at - 1;
  return half.decimals === 0 ? at : end;
}

/** End of minutes and seconds behind the degree sign, or `at`. */
function readMinutes(ahead: Ahead, at: number, half: Half): number {
  const minutes = partEnd(ahead, at, MINUTE);
  if (minutes < 0) return at;
  half.minutes = true;
  const seconds = partEnd(ahead, minutes, SECOND);
  return seconds < 0 ? minutes : seconds;
}

/** End of a number below sixty and its mark. */
function partEnd(ahead: Ahead, from: number, marks: number): number {
  let at = isGroupSpace(ahead.code(from)) ? from + 1 : from;
  const digits = at;
  while (at - digits < 2 && isDigitCode(ahead.code(at))) at++;
  if (at === digits || (at - digits === 2 && ahead.text.charCodeAt(digits) > 0x35)) return -1;
  if (ahead.code(at) === 0x2e || ahead.code(at) === 0x2c) {
    at++;
    const fraction = at;
    while (at - fraction < DECIMALS_MAX && isDigitCode(ahead.code(at))) at++;
    if (at === fraction) return -1;
  }
  if (isMark(marks, ahead.code(at))) return at + 1;
  // Seconds are also written with two minute marks.
  return marks === SECOND && isMark(MINUTE, ahead.code(at)) && isMark(MINUTE, ahead.code(at + 1)) ? at + 2 : -1;
}

function readHemisphere(ahead: Ahead, at: number, half: Half): number {
  if (half.axis !== "") return at;
  const from = isGroupSpace(ahead.code(at)) ? at + 1 : at;
  const axis = axisOf(ahead.code(from));
  if (axis === "") return at;
  const after = ahead.code(from + 1);
  if (after !== END && isGlued(ahead.text, from + 1)) return at;
  half.axis = axis;
  half.degree = true;
  return from + 1;
}

/** End of the pair that begins at `start`, or -1. Leaves its halves in `first` and `second`. */
function readPair(ahead: Ahead, start: number): number {
  if (!readHalf(ahead, start, first)) return -1;
  let at = first.end;
  const comma = isMark(PARTING | SLASH, ahead.code(at));
  if (comma) at++;
  const spaced = isGroupSpace(ahead.code(at));
  if (spaced) at++;
  if ((!comma && !spaced && !first.degree) || !readHalf(ahead, at, second)) return -1;
  if (!isPlace() || (!comma && !(first.degree && second.degree) && !isPoint(ahead.text, start))) return -1;
  const after = ahead.code(second.end);
  if (after !== END && isGlued(ahead.text, second.end)) return -1;
  if ((after === 0x2e || after === 0x2f) && isDigitCode(ahead.code(second.end + 1))) return -1;
  return second.end;
}

/** "POINT(2.3522 48.8566)" of https://www.ogc.org/standard/sfa/, where a space parts the halves. */
function isPoint(text: string, start: number): boolean {
  return (
    start >= 6 && /^point ?\($/i.test(text.slice(text.charCodeAt(start - 2) === 0x20 ? start - 7 : start - 6, start))
  );
}

/** One half is a latitude and one a longitude, and not both smaller than one: there is sea, and in texts statistics. */
function isPlace(): boolean {
  const a = Math.abs(first.value);
  const b = Math.abs(second.value);
  if (first.axis !== "" || second.axis !== "") {
    return first.axis !== second.axis && first.axis !== "" && second.axis !== "";
  }
  if (first.minutes !== second.minutes || Math.min(a, b) > 90) return false;
  return first.minutes || a >= 1 || b >= 1;
}

/** A number stands in front of the pair, or behind it: a list. */
function isListed(ahead: Ahead, start: number, end: number): boolean {
  if (first.degree && second.degree) return false;
  const { text } = ahead;
  let left = start - 1;
  while (
    left >= 0 &&
    start - left <= 3 &&
    (isGroupSpace(text.charCodeAt(left)) || isMark(PARTING, text.charCodeAt(left)))
  )
    left--;
  if (left >= 0 && left < start - 1 && isDigitCode(text.charCodeAt(left))) return true;
  let right = end;
  if (isMark(PARTING, ahead.code(right))) right++;
  if (isGroupSpace(ahead.code(right))) right++;
  if (right === end) return false;
  if (isMark(SIGN, ahead.code(right))) right++;
  const digits = right;
  while (right - digits < 4 && isDigitCode(ahead.code(right))) right++;
  return (
    right > digits &&
    ahead.code(right) === 0x2e &&
    isDigitCode(ahead.code(right + 1)) &&
    isDigitCode(ahead.code(right + 2))
  );
}

/** How far the marks say what it is: by themselves, by their decimals, or only with a label. */
function strength(): "angle" | "sure" | "likely" | "weak" {
  const angles = first.degree && second.degree;
  const decimals = Math.min(first.decimals, second.decimals);
  if (angles && ((first.minutes && second.minutes) || first.axis !== "" || decimals >= DECIMALS_JOINED)) return "angle";
  if (decimals >= DECIMALS_SURE) return "sure";
  // FX rates and measurements have four decimals and are small.
  const large = Math.abs(first.value) >= 10 || Math.abs(second.value) >= 10;
  return decimals >= DECIMALS_MIN && large ? "likely" : "weak";
}

/** End of the pair of which the character at `at`, a space or `"`, is part; or -1. */
export function coordinatesEnd(ahead: Ahead, start: number, at: number): number {
  const { text } = ahead;
  const last = text.charCodeAt(at - 1);
  if (isDigitCode(last)) {
    if (text.charCodeAt(at) !== 0x22 && !isMark(DEGREE | NORTH_SOUTH | EAST_WEST, ahead.code(at + 1))) return -1;
  } else if (
    !(isMark(PARTING | DEGREE | MINUTE | SECOND | NORTH_SOUTH | EAST_WEST, last) && !isMark(ASCII_QUOTE, last))
  )
    return -1;
  let from = at;
  while (from > start && at - from < HALF_CHARS_MAX && isHalfCode(text.charCodeAt(from - 1))) from--;
  // '48.8566, 2.3522' of SQL, "gps;48.8566, 2.3522" of a table: no half begins with a mark.
  while (from < at && (isMark(APOSTROPHE, text.charCodeAt(from)) || text.charCodeAt(from) === 0x3b)) from++;
  if (from === at || at - from >= HALF_CHARS_MAX || (from > 0 && isGlued(text, from - 1))) return -1;
  const end = readPair(ahead, from);
  if (end <= at || isListed(ahead, from, end)) return -1;
  return strength() === "weak" && Math.min(first.decimals, second.decimals) < DECIMALS_JOINED ? -1 : end;
}

function isHalfCode(code: number): boolean {
  return isDigitCode(code) || (isMark(HALF_MARK | PARTING, code) && !isMark(ASCII_QUOTE, code));
}

const ahead = new Ahead();

export const coordinates: Recognizer = {
  name: "coordinates",
  trigger: DIGIT,
  digitsMin: DIGITS_MIN,
  find(island: Island, sink: Sink): void {
    const { text } = island;
    ahead.open(text, island.end, true);
    for (let atom = 0; atom < island.atoms; atom++) {
      if (atomLength(island, atom) > 3 || !isNumber(island, atom)) continue;
      const after = text.charCodeAt(atomEnd(island, atom));
      if (after !== 0x2e && !isMark(DEGREE, after) && !((island.classes & JOINED) !== 0 && after === 0x20)) continue;
      const end = findAt(island, atom, sink);
      while (end > 0 && atom + 1 < island.atoms && atomStart(island, atom + 1) < end) atom++;
    }
    ahead.release();
  },
};

/** End of what was found at this atom, or -1. */
function findAt(island: Island, atom: number, sink: Sink): number {
  const { text } = island;
  let start = atomStart(island, atom);
  if (start > island.start && isMark(SIGN, text.charCodeAt(start - 1))) start--;
  const letter = start > island.start && isGroupSpace(text.charCodeAt(start - 1)) ? start - 2 : start - 1;
  if (letter >= island.start && axisOf(text.charCodeAt(letter)) !== "" && !(letter > 0 && isGlued(text, letter - 1))) {
    start = letter;
  }
  if (!startsFree(text, start)) return -1;
  const end = readPair(ahead, start);
  if (end < 0) return findHalf(text, start, sink);
  const scheme = text.startsWith("geo:", start - 4);
  if (!scheme && isListed(ahead, start, end))
    return hasDirect(text, start, COORDINATE) ? add(sink, start, end, 0.8) : -1;
  const kind = strength();
  if (scheme || kind === "angle") return add(sink, start, end, 0.95);
  const labelled = hasDirect(text, start, COORDINATE) || hasDirect(text, start, LATITUDE);
  if (kind === "weak" && (!labelled || Math.min(first.decimals, second.decimals) < DECIMALS_LABELLED)) return -1;
  return add(sink, start, end, labelled ? 0.92 : kind === "sure" ? 0.8 : 0.7);
}

function add(sink: Sink, start: number, end: number, score: number): number {
  sink.add("COORDINATES", start, end, score, "coordinates", "latitude and longitude");
  return end;
}

/** "lat: 48.8566", `"lng": 2.3522`: a half by itself, behind its label. */
function findHalf(text: string, start: number, sink: Sink): number {
  if (!readHalf(ahead, start, first) || (first.decimals < DECIMALS_LABELLED && !first.minutes)) return -1;
  const { end } = first;
  const after = ahead.code(end);
  if (after !== END && (isGlued(text, end) || (after === 0x2e && isDigitCode(ahead.code(end + 1))))) return -1;
  const latitude = hasDirect(text, start, LATITUDE) && Math.abs(first.value) <= 90;
  if (!latitude && !hasDirect(text, start, LONGITUDE)) return -1;
  sink.add(
    "COORDINATES",
    start,
    end,
    0.85,
    "coordinates",
    latitude ? "word for a latitude before it" : "word for a longitude before it",
  );
  return end;
}

/** Not the tail of a number, a version, an amount or a word. */
function startsFree(text: string, start: number): boolean {
  if (start === 0) return true;
  const before = text.charCodeAt(start - 1);
  return !isGlued(text, start - 1) && !isMark(POINT | NEGATIVE | POSITIVE | CURRENCY, before);
}
