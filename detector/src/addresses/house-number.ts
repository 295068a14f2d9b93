/** House numbers at a token: "12", "12a", "12-14", "12/3", "12 bis", "4 A 12", "703 III". */
import {
  digitsOf,
  endOf,
  firstCode,
  isDash,
  isGlued,
  isMixed,
  isNumber,
  isSign,
  isWordAt,
  lengthOf,
  means,
  signAt,
  startOf,
  tokens,
  valueOf,
} from "./tokens.ts";
import { isUpper } from "../signals/fold.ts";
import { NUMBER_TAIL } from "./words.ts";

const PARTS_MAX = 2;
const ROMAN = new Set(["I", "II", "III", "IV", "V", "VI"]);
const ROMAN_CHARS_MAX = 3;
/** Behind a Dutch house number and its hyphen: the house itself, the ground floor, the second door. */
const ADDITIONS = new Set(["hs", "bg", "bis"]);
/** Signs that may be glued to the front of a house number: "Str.5", "Rua Nova,12", "№12", "n°12", "(12". */
const OPENING = ".,(\"'„“«[№°>º/";
/** Signs between fields: a number before one of them is another field's. */
const FIELD_SIGNS = ";|=\t:{<";

/** Token behind the house number at `index`, or -1. `behind`: it stands behind the street, so that letters may follow. */
export function houseEnd(index: number, digitsMax: number, behind: boolean): number {
  const at = numberEnd(index, digitsMax);
  return at < 0 ? -1 : houseEndFrom(at, behind);
}

/** Token behind the digits of the house number at `index`, which letters may follow, or -1. */
export function numberEnd(index: number, digitsMax: number): number {
  if (!startsHouse(index, digitsMax)) return -1;
  let at = index + 1;
  let last = index;
  for (let part = 0; part < PARTS_MAX; part++) {
    const sign = signAt(at);
    if (!isDash(sign) && sign !== 0x2f) break;
    const joined = isGlued(at) && isGlued(at + 1);
    if (joined ? !isPart(at + 1) : sign === 0x2f || !isSpacedRange(at, index)) break;
    last = at + 1;
    at += 2;
  }
  // "416-865-3703", "1-2-3-4"
  if (isLonger(at, index)) return -1;
  // "03/2024" is a month.
  return last > index && isNumber(last) && isYear(last) ? -1 : at;
}

/** Token behind the house number whose digits end before `digitsEnd`, or -1. */
export function houseEndFrom(digitsEnd: number, behind: boolean): number {
  let at = digitsEnd;
  if (means(at, NUMBER_TAIL) && !isGlued(at)) at++;
  else if (behind) at = letterEnd(at);
  return endsNumber(at) ? at : -1;
}

/** More numbers are glued on, or the parts are as long as those of a phone number. */
function isLonger(at: number, index: number): boolean {
  const sign = signAt(at);
  if ((isDash(sign) || sign === 0x2f) && isGlued(at) && isGlued(at + 1) && isNumber(at + 1)) return true;
  return (
    isDash(signAt(index + 1)) && isGlued(index + 1) && isNumber(index + 2) && lengthOf(index) + lengthOf(index + 2) > 8
  );
}

export function isYear(index: number): boolean {
  const value = valueOf(index);
  return lengthOf(index) === 4 && value >= 1800 && value < 2100;
}

function startsHouse(index: number, digitsMax: number): boolean {
  const digits = digitsOf(index);
  if (digits === 0 || digits > digitsMax || tokens.text.charCodeAt(startOf(index)) === 0x30) return false;
  if (!isNumber(index) && !isLettered(index)) return false;
  if (index === 0 || !isGlued(index)) return true;
  const sign = signAt(index - 1);
  if (sign === 0) return false;
  const char = String.fromCharCode(sign);
  // "12:30" is a time.
  if (FIELD_SIGNS.includes(char)) return !(char === ":" && isGlued(index - 1) && isNumber(index - 2));
  if (!OPENING.includes(char)) return false;
  // "1.5", "10,25", "3/4": the tail of another number.
  return !(isGlued(index - 1) && (isNumber(index - 2) || isMixed(index - 2)));
}

/** "12a", "12B": digits and one letter that is no ordinal's. */
function isLettered(index: number): boolean {
  if (!isMixed(index) || lengthOf(index) !== digitsOf(index) + 1) return false;
  const code = tokens.text.charCodeAt(endOf(index) - 1);
  return code !== 0xba && code !== 0xaa;
}

function isPart(index: number): boolean {
  if (isNumber(index)) return lengthOf(index) <= 4;
  if (!isWordAt(index)) return isLettered(index);
  if (lengthOf(index) > 3) return false;
  const word = tokens.text.slice(startOf(index), endOf(index));
  return word.length === 1 || ROMAN.has(word) || ADDITIONS.has(word.toLowerCase());
}

/** "12 - 14", "824 - 716": a number of houses or the flat. */
function isSpacedRange(at: number, index: number): boolean {
  return !isGlued(at) && !isGlued(at + 1) && isNumber(at + 1) && lengthOf(at + 1) <= 3 && isNumber(index);
}

function isRoman(at: number): boolean {
  const first = firstCode(at);
  return (first === 0x49 || first === 0x56) && ROMAN.has(tokens.text.slice(startOf(at), endOf(at)));
}

/** "12 a", "4 A", "4 A 12", "703 III". */
function letterEnd(at: number): number {
  if (!isWordAt(at) || isGlued(at)) return at;
  const next = at + 1;
  const single = lengthOf(at) === 1;
  if (!single && (lengthOf(at) > ROMAN_CHARS_MAX || !isRoman(at))) return at;
  const closed = next >= tokens.count || !isWordAt(next);
  // "12 a Milano": the letter is a preposition.
  if (!isUpper(firstCode(at))) return single && closed && signAt(next) !== 0x2e && !isNumber(next) ? next : at;
  if (single && isNumber(next) && lengthOf(next) <= 3 && !isGlued(next)) {
    const after = next + 1;
    if (after >= tokens.count || signAt(after) !== 0) return after;
    // "4 A 00100 Helsinki" has its postcode next, "4 A 12 00100 Helsinki" behind that.
    if (isNumber(after) && lengthOf(after) >= 4) return after;
  }
  return next;
}

/** Neither a decimal, a time, a price nor a share. */
function endsNumber(at: number): boolean {
  if (at >= tokens.count || !isGlued(at)) return true;
  const sign = signAt(at);
  // "6a:fc:e6", "8D-AC-39": the first byte of more.
  if ((sign === 0x3a || isDash(sign)) && isGlued(at + 1) && isMixed(at - 1) && signAt(at + 1) === 0) return false;
  if (
    sign === 0x25 ||
    sign === 0x20ac ||
    sign === 0x24 ||
    sign === 0xa3 ||
    sign === 0xb0 ||
    sign === 0x3d ||
    sign === 0x5f
  )
    return false;
  if (sign === 0x2e || sign === 0x2c || sign === 0x3a) return !(isNumber(at + 1) && isGlued(at + 1));
  return !(isSign(at, 0x2f) && isGlued(at + 1) && !isWordAt(at + 1));
}
