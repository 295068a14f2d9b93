/** What follows a street and its number on the line: flats, postcode, town, country, through commas and spaces. */
import { phraseEnd } from "./phrase.ts";
import { isDutchLookalike, PARTICULAR, type Postcode, postcodeAt } from "./postcode.ts";
import {
  digitsOf,
  isCapital,
  isDash,
  isGlued,
  isMixed,
  isNumber,
  isShouted,
  isSign,
  isWordAt,
  lengthOf,
  means,
  signAt,
  tokens,
  valueOf,
} from "./tokens.ts";
import { isYear } from "./house-number.ts";
import { BARE, STRONG } from "./street.ts";
import { townEnd } from "./town.ts";
import { unitEnd } from "./unit.ts";
import { AT, COUNTRY_NAMES, FOLLOWER, languageBit, languageBits, PARTICLE, STATE, UNIT_ALONE, ZIP } from "./words.ts";

/** What was decided about the tokens from `start` to `end`. */
export interface Address {
  start: number;
  end: number;
  score: number;
  why: string;
}

export interface Tail {
  /** Token behind the address. */
  end: number;
  /** Worth of the postcode, 0 without one. */
  postcode: number;
  digits: number;
  town: boolean;
  country: boolean;
  unit: boolean;
  /** A comma or a dash stood before the postcode or the town. */
  comma: boolean;
  /** An American state before the postcode. */
  state: boolean;
  /** The postcode is one of those that stand behind their town. */
  townFirst: boolean;
}

const PARTS_MAX = 8;
const ENGLISH = languageBit("en");
const ROMANCE = languageBits("es pt it");
const SEGMENTS_MAX = 3;

interface State extends Tail {
  languages: number;
  strength: number;
  lower: boolean;
  /** Parts that were read as towns. */
  towns: number;
}

/** Reads on behind token `end`. `languages` and `strength` are the street's; `lower`: it is written in small letters. */
export function tailOf(end: number, languages: number, strength: number, lower: boolean): Tail {
  const state: State = {
    end,
    postcode: 0,
    digits: 0,
    town: false,
    country: false,
    unit: false,
    comma: false,
    state: false,
    townFirst: false,
    towns: 0,
    languages,
    strength,
    lower,
  };
  for (let part = 0; part < PARTS_MAX && !state.country; part++) if (!readPart(state)) break;
  return state;
}

function readPart(state: State): boolean {
  let at = state.end;
  // "utca 12. II. em.", "Main St., Springfield"
  if (
    isSign(at, 0x2e) &&
    isGlued(at) &&
    (isSign(at + 1, 0x2c) || unitEnd(at + 1) >= 0 || isLongPostcodeTown(at + 1, state))
  )
    at++;
  const comma = isSign(at, 0x2c) || isSpacedDash(at);
  if (comma) at++;
  else if (signAt(at) !== 0 && !isDash(signAt(at)) && signAt(at) !== 0x28 && signAt(at) !== 0x23) return false;
  if (at >= tokens.count) return false;
  if (state.postcode === 0 && !state.town && !isPostcodeTown(at, state)) {
    let unit = unitEnd(at);
    if (unit < 0 && (state.languages & ROMANCE) !== 0) unit = looseUnitEnd(at, comma);
    if (unit >= 0) {
      state.end = unit;
      state.unit = true;
      return true;
    }
  }
  if (isSign(at, 0x28)) return readRegion(state, at);
  if (state.postcode === 0 && readPostcode(state, at, comma)) return true;
  if (state.town || state.postcode !== 0) {
    const country = phraseEnd(COUNTRY_NAMES, at);
    if (country >= 0) {
      state.end = country;
      state.country = true;
      return true;
    }
  }
  if (state.postcode === 0 && !comma && means(at, AT) && !isCapital(at)) return readPostcodeAfterIn(state, at);
  return readTown(state, at, comma);
}

/** "Calle Mayor, 5, 3 A", "…, 8A", "…, 2, A", "…, 2, 1", "5 1A": floor and door without a word. */
function looseUnitEnd(at: number, comma: boolean): number {
  if (isMixed(at) && lengthOf(at) <= 3 && digitsOf(at) === lengthOf(at) - 1)
    return closes(at + 1) || isNumber(at + 1) ? at + 1 : -1;
  if (!comma || !isNumber(at) || lengthOf(at) > 2) return -1;
  const door = isSign(at + 1, 0x2c) ? at + 2 : at + 1;
  if (means(door, UNIT_ALONE)) return door + 1;
  const letter = isWordAt(door) && lengthOf(door) === 1 && isCapital(door);
  const number = door > at + 1 && isNumber(door) && lengthOf(door) <= 2;
  return (letter || number) && closes(door + 1) ? door + 1 : -1;
}

/** " - " between parts. */
function isSpacedDash(index: number): boolean {
  return isDash(signAt(index)) && !isGlued(index) && !isGlued(index + 1);
}

/** "C/ Cobre, 5. 28013 Madrid" */
function isLongPostcodeTown(at: number, state: State): boolean {
  const code = fitting(at, state);
  return code.end >= 0 && (code.digits >= 5 || code.worth >= PARTICULAR) && townEnd(code.end) >= 0;
}

/** "5 1010 Wien" is no floor. */
function isPostcodeTown(at: number, state: State): boolean {
  if (!isNumber(at) || lengthOf(at) < 3) return false;
  const code = fitting(at, state);
  return code.end >= 0 && townEnd(code.end) >= 0;
}

/** "(MI)", "(Madrid)" */
function readRegion(state: State, at: number): boolean {
  if (!state.town || !isCapital(at + 1) || !isSign(at + 2, 0x29)) return false;
  state.end = at + 3;
  return true;
}

const NO_POSTCODE: Postcode = { end: -1, worth: 0, languages: 0, digits: 0, townFirst: false };

/** A postcode of a country in which the street's language is spoken. */
function fitting(at: number, state: State): Postcode {
  const code = postcodeAt(at, false);
  if (code.end < 0) return NO_POSTCODE;
  // Endings of one language are those of another's names ("Gregorovej"): only short postcodes are told apart by language.
  const foreign = state.languages !== 0 && (code.languages & state.languages) === 0;
  if (foreign && code.worth < PARTICULAR && (code.digits < 5 || state.languages === ENGLISH)) return NO_POSTCODE;
  if (state.strength === BARE && code.townFirst && code.worth < PARTICULAR && code.digits === 4) return NO_POSTCODE;
  if (state.strength === BARE && isNumber(at) && isWordAt(at + 1) && code.end === at + 2 && isDutchLookalike(at))
    return NO_POSTCODE;
  if (state.strength === BARE && code.digits === 4 && code.worth < PARTICULAR && isYear(at)) return NO_POSTCODE;
  return code;
}

/** "ΤΚ 26221 Πάτρα", "PLZ: 10115 Berlin": token of the postcode behind its name. */
function behindName(at: number): number {
  if (!means(at, ZIP) || !isCapital(at)) return at;
  let next = at + 1;
  if (isSign(next, 0x2e) && isGlued(next)) next++;
  if (isSign(next, 0x3a)) next++;
  return isNumber(next) || isMixed(next) ? next : at;
}

function readPostcode(state: State, label: number, comma: boolean): boolean {
  const at = behindName(label);
  const code = fitting(at, state);
  const { end, worth, digits, townFirst } = code;
  if (end < 0) return false;
  const town = townEnd(end, state.lower);
  if (digits === 3 && worth < PARTICULAR && (town < 0 || !comma)) return false;
  if (!townFirst && town < 0 && !state.town) {
    const alone = worth >= PARTICULAR ? !isDutchLookalike(at) : comma && digits >= 5 && state.strength === STRONG;
    if (!alone || !closes(end)) return false;
  }
  // "Madrid 28013 Entregado": a postcode behind its town has none behind it.
  if (town >= 0 && !state.town) state.end = town;
  else state.end = end;
  state.town ||= town >= 0;
  state.townFirst = townFirst;
  state.postcode = worth;
  state.digits = digits;
  state.comma ||= comma;
  return true;
}

/** "Hauptstraße 5 in 10115 Berlin" */
function readPostcodeAfterIn(state: State, at: number): boolean {
  const code = fitting(at + 1, state);
  if (code.end < 0) return false;
  const { worth, digits } = code;
  const town = townEnd(code.end, state.lower);
  if (town < 0) return false;
  state.end = town;
  state.town = true;
  state.postcode = worth;
  state.digits = digits;
  state.comma = true;
  return true;
}

/** A town: before its postcode, or alone behind a comma. */
function readTown(state: State, at: number, comma: boolean): boolean {
  if (state.town && state.postcode !== 0) return false;
  // "12 High Street, Headington, Oxford": British addresses name the district too.
  if (state.town && (!comma || state.languages !== ENGLISH || state.towns > 1)) return false;
  const first = townEnd(at, state.lower && comma);
  // "Algorithm 5, RFC 1321"
  if (first < 0 || (state.strength === BARE && first === at + 1 && isShouted(at) && lengthOf(at) <= 3)) return false;
  let end = first;
  for (let segment = 0; segment < SEGMENTS_MAX && state.postcode === 0; segment++) {
    let next = isSign(end, 0x2c) ? end + 1 : end;
    const american = isWordAt(next) && means(next, STATE) && isShouted(next) && lengthOf(next) === 2;
    if (american) next++;
    if (isSign(next, 0x2c)) next++;
    const code = fitting(next, state);
    if (code.end >= 0 && (code.digits >= 4 || code.worth >= PARTICULAR) && !isFirstYear(next, code)) {
      const { worth, digits, townFirst } = code;
      const behind = townFirst ? -1 : townEnd(code.end);
      state.end = behind >= 0 && end !== next ? behind : code.end;
      state.town = true;
      state.state = american;
      state.townFirst = townFirst;
      state.postcode = worth;
      state.digits = digits;
      state.comma ||= comma;
      return true;
    }
    if (next === end) break;
    const more = townEnd(next);
    if (more < 0) break;
    end = more;
  }
  if (!comma || !closes(first) || state.strength === BARE) return false;
  state.end = first;
  state.town = true;
  state.towns++;
  state.comma = true;
  return true;
}

function isFirstYear(index: number, code: Postcode): boolean {
  return (
    code.worth < PARTICULAR && code.digits === 4 && isNumber(index) && valueOf(index) >= 1500 && valueOf(index) < 2100
  );
}

/** The address may end before this token: nothing, punctuation, or a small word that goes on with the sentence. */
export function closes(index: number): boolean {
  if (index >= tokens.count) return true;
  const sign = signAt(index);
  if (sign !== 0) return !((isDash(sign) || sign === 0x2f || sign === 0x27 || sign === 0x2019) && isGlued(index));
  if (!isWordAt(index) || isCapital(index)) return false;
  return means(index, FOLLOWER | PARTICLE | AT) || lengthOf(index) <= 3;
}
