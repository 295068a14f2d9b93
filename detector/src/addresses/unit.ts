/** Flats, floors, doors and staircases at a token: "Apt. 4B", "2. OG", "2º B", "3ºA", "esc. 2", "bus 3", "7. tv", "R/C". */
import { hashFolded, isUpper } from "../signals/fold.ts";
import {
  digitsOf,
  endOf,
  firstCode,
  hashAt,
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
} from "./tokens.ts";
import { NUMBER_WORD, UNIT, UNIT_ALONE, UNIT_BEHIND } from "./words.ts";

const PARTS_MAX = 6;
const ORDINALS: ReadonlySet<number> = new Set(
  "ground first second third fourth fifth sixth seventh eighth ninth tenth top"
    .split(" ")
    .map((word) => hashFolded(word, 0, word.length)),
);

/** Token behind all the units that begin at `index`, or -1. */
export function unitEnd(index: number): number {
  let end = -1;
  let at = index;
  for (let part = 0; part < PARTS_MAX; part++) {
    const next = part > 0 && isDoor(at) ? at + 1 : oneUnitEnd(at);
    if (next < 0) break;
    end = next;
    // "esc. 2, 3º B"; a full stop is part of the unit when more follows.
    at = isSign(next, 0x2c) || (isSign(next, 0x2e) && isGlued(next)) ? next + 1 : next;
  }
  return end;
}

/** "2. em. 5": the door behind the floor. */
function isDoor(at: number): boolean {
  return isSign(at - 1, 0x2e) && means(at - 2, UNIT_BEHIND) && isNumber(at) && lengthOf(at) <= 2 && !isWordAt(at + 1);
}

function oneUnitEnd(index: number): number {
  if (isWordAt(index)) return wordUnitEnd(index);
  // "#5"
  if (isSign(index, 0x23) && isGlued(index + 1) && isValue(index + 1)) return index + 2;
  // "2-Ed.", "505-Piso" begin with the hyphen behind the house number.
  if (isDash(signAt(index)) && isGlued(index) && isGlued(index + 1)) return oneUnitEnd(index + 1);
  if (!isNumber(index) && !isMixed(index)) return -1;
  if (digitsOf(index) === 0 || digitsOf(index) > 3) return -1;
  return isNumber(index) ? numberUnitEnd(index) : mixedUnitEnd(index);
}

/** A number, a letter, or both. */
function isValue(index: number): boolean {
  if (isNumber(index)) return lengthOf(index) <= 4;
  if (isMixed(index)) return lengthOf(index) <= 5;
  return isWordAt(index) && (lengthOf(index) === 1 || isRoman(index)) && isUpper(firstCode(index));
}

function isRoman(index: number): boolean {
  if (lengthOf(index) > 4) return false;
  for (let at = startOf(index); at < endOf(index); at++) if (!"IVX".includes(tokens.text.charAt(at))) return false;
  return true;
}

function wordUnitEnd(index: number): number {
  if (means(index, UNIT)) {
    let at = index + 1;
    if (isSign(at, 0x2e) || isSign(at, 0x3a)) at++;
    if (means(at, NUMBER_WORD)) at += isSign(at + 1, 0x2e) ? 2 : 1;
    if (isSign(at, 0xb0) || isSign(at, 0x23)) at++;
    if (isValue(at)) {
      // "dør 12-14", "tr. 2/3"
      const dash = signAt(at + 1);
      if ((isDash(dash) || dash === 0x2f) && isGlued(at + 1) && isGlued(at + 2) && isValue(at + 2)) return at + 3;
      return at + 1;
    }
  }
  // "Fifth Floor"
  if (means(index + 1, UNIT_BEHIND) && ORDINALS.has(hashAt(index))) return index + 2;
  // "II/3": floor and door
  if (isRoman(index) && isSign(index + 1, 0x2f) && isGlued(index + 1) && isGlued(index + 2) && isValue(index + 2))
    return index + 3;
  // "R/C"
  if (lengthOf(index) === 1 && isSign(index + 1, 0x2f) && isGlued(index + 1) && isGlued(index + 2)) {
    const pair = tokens.text.slice(startOf(index), endOf(index + 2)).toLowerCase();
    if (pair === "r/c") return index + 3;
  }
  if (!means(index, UNIT_ALONE) || isSaint(index)) return -1;
  // "Bajo A", "st. tv", "Bajo Izda."
  const at = isSign(index + 1, 0x2e) && isGlued(index + 1) && isWordAt(index + 2) ? index + 2 : index + 1;
  if (means(at, UNIT_ALONE | UNIT_BEHIND) || (isWordAt(at) && lengthOf(at) === 1 && isUpper(firstCode(at))))
    return at + 1;
  return index + 1;
}

/** "St. Albans" begins a town, "st. tv" is a floor; so "Th", "Kl". Behind a hyphen ("2-Ed.") they are units. */
function isSaint(index: number): boolean {
  if (lengthOf(index) > 2 || firstCode(index) > 0x7f || !isUpper(firstCode(index)) || isDash(signAt(index - 1)))
    return false;
  return !isUpper(tokens.text.charCodeAt(endOf(index) - 1));
}

/** "2. OG", "5 étage", "3 hoog achter", "7. tv", "2 º". */
function numberUnitEnd(index: number): number {
  let at = index + 1;
  if (isSign(at, 0x2e) && isGlued(at)) at++;
  if (isSign(at, 0xb0) && isGlued(at)) at++;
  if (isWordAt(at) && isGlued(at) && isOrdinalSign(at)) return sideEnd(at + 1);
  if (!means(at, UNIT_BEHIND | UNIT_ALONE)) return -1;
  at++;
  return tailWordEnd(at);
}

/** "2º B", "3ºA", "1er étage", "4Drt", "2ος", "2e verdieping". */
function mixedUnitEnd(index: number): number {
  const digits = digitsOf(index);
  const suffix = tokens.text.slice(startOf(index) + digits, endOf(index)).toLowerCase();
  const next = index + 1;
  if (suffix.length > 4) return -1;
  const ordinal = suffix.startsWith("º") || suffix.startsWith("ª") || suffix === "ος" || suffix === "oς";
  if (ordinal || isSideWord(suffix)) {
    return sideEnd(next);
  }
  if (means(next, UNIT_BEHIND) && /^(e|er|ere|ème|eme|è|º|th|st|nd|rd|te)$/u.test(suffix)) return tailWordEnd(next + 1);
  return -1;
}

/** "º", "ª", "o" of "3.º", "3.o" */
function isOrdinalSign(index: number): boolean {
  return lengthOf(index) === 1 && "ºªoa".includes(tokens.text.charAt(startOf(index)));
}

/** What may follow an ordinal: "3º B", "3º Dcha.", "5º-B". */
function sideEnd(next: number): number {
  const at = isDash(signAt(next)) && isGlued(next) && isGlued(next + 1) ? next + 1 : next;
  if (means(at, UNIT_ALONE | UNIT_BEHIND)) return tailWordEnd(at + 1);
  if (isWordAt(at) && lengthOf(at) === 1 && isUpper(firstCode(at))) return at + 1;
  return next;
}

function isSideWord(suffix: string): boolean {
  return ["drt", "dto", "esq", "frt", "og", "izq"].includes(suffix);
}

/** "3 hoog achter", "6.em 34 ajtó", "3.º Esq.". */
function tailWordEnd(at: number): number {
  if (
    isWordAt(at) &&
    ["achter", "voor", "links", "rechts", "izda", "dcha", "esq", "dto"].includes(
      tokens.text.slice(startOf(at), endOf(at)).toLowerCase(),
    )
  )
    return at + 1;
  return at;
}
