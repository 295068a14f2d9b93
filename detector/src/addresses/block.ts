/**
 * Addresses over several lines, each of which is a chunk of its own: what the line before says about this one. Reads at most
 * LOOKBACK_CHARS before the chunk, and only for a line that could be part of an address.
 */
import { isDigitCode } from "../scanner/characters.ts";
import { LOOKBACK_CHARS } from "../scanner/context.ts";
import { FOLDED, hashFolded, isUpper } from "../signals/fold.ts";
import { houseEnd, isYear } from "./house-number.ts";
import { phraseEnd } from "./phrase.ts";
import { postcodeAt } from "./postcode.ts";
import { streetBefore, WEAK } from "./street.ts";
import { type Address, tailOf } from "./tail.ts";
import { isCapital, isMixed, isNumber, isShouted, isSign, lengthOf, means, tokens } from "./tokens.ts";
import { townEnd } from "./town.ts";
import { COUNTRY_NAMES, LABEL, MEANINGS, STREET_AHEAD } from "./words.ts";

/** Longer lines are no part of a block. */
const LINE_CHARS_MAX = 80;
const NAME_WORDS_MAX = 5;
const DIGITS_MAX = 4;
/** A shorter word of capitals is a code. */
const CODE_CHARS_MAX = 6;

/** What the line before is. */
const OTHER = 0;
/** "Lieferadresse:" */
const LABELLED = 1;
/** Two words or more with capitals, and nothing else: who lives there. */
const NAMED = 2;
/** Words and a house number. */
const STREET = 3;

/** The address that fills the line of tokens because of the line before it, which ends at `from`. */
export function blockLine(text: string, from: number): Address | undefined {
  const { count } = tokens;
  if (count < 2 || count > 16 || !isLineEnd(text.charCodeAt(from - 1))) return undefined;
  const postcode = postcodeLine();
  if (postcode !== undefined) return lineBefore(text, from) === STREET ? postcode : undefined;
  const street = streetLine();
  if (street === undefined) return undefined;
  const before = lineBefore(text, from);
  return before === LABELLED || before === NAMED ? street : undefined;
}

/** "10115 Berlin", "10115 Berlin, Deutschland", and nothing else. */
function postcodeLine(): Address | undefined {
  if (!isNumber(0)) return undefined;
  const code = postcodeAt(0, true);
  if (code.end < 0 || code.townFirst) return undefined;
  const town = townEnd(code.end);
  if (town < 0) return undefined;
  const country = phraseEnd(COUNTRY_NAMES, isSign(town, 0x2c) ? town + 1 : town);
  const end = Math.max(town, country);
  return end === tokens.count ? { start: 0, end, score: 0.75, why: "postcode and town under a street" } : undefined;
}

/** "Forellental 63c", "Dlouhá 12/34", and nothing else. */
function streetLine(): Address | undefined {
  // "KÖ-XW 30" is a licence plate.
  if (!(isCapital(0) || means(0, STREET_AHEAD)) || (isShouted(0) && lengthOf(0) <= CODE_CHARS_MAX)) return undefined;
  for (let index = 1; index < tokens.count; index++) {
    if (!isNumber(index) && !isMixed(index)) continue;
    const house = houseEnd(index, DIGITS_MAX, true);
    if (house < 0) continue;
    const street = streetBefore(index, 0);
    if (street.strength === 0 || street.start !== 0 || (isYear(index) && isNumber(index))) return undefined;
    const { end } = tailOf(house, street.languages, street.strength, false);
    if (end !== tokens.count) return undefined;
    return { start: 0, end, score: street.strength === WEAK ? 0.7 : 0.6, why: "street and number in a block" };
  }
  return undefined;
}

/** What the line is that ends directly before `from`. */
function lineBefore(text: string, from: number): number {
  const floor = Math.max(0, from - LOOKBACK_CHARS);
  let end = from;
  if (text.charCodeAt(end - 1) === 0x0a) end--;
  if (text.charCodeAt(end - 1) === 0x0d) end--;
  if (end === from) return OTHER;
  let start = end;
  while (start > floor && end - start <= LINE_CHARS_MAX && !isLineEnd(text.charCodeAt(start - 1))) start--;
  // A line that begins before what may be read is not known.
  if (end - start > LINE_CHARS_MAX || (start === floor && from >= LOOKBACK_CHARS)) return OTHER;
  return kindOf(text, start, end);
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

function kindOf(text: string, start: number, end: number): number {
  let words = 0;
  let capitals = 0;
  let numbers = 0;
  let label = false;
  let signs = 0;
  for (let at = start; at < end; ) {
    const code = text.charCodeAt(at);
    if ((FOLDED[code] as number) === 0) {
      // A colon at the end, full stops and commas are in names and streets; other signs are not.
      if (code > 0x20 && !".,-'’/&".includes(text.charAt(at)) && code !== 0x3a) signs++;
      at++;
      continue;
    }
    const from = at;
    while (at < end && (FOLDED[text.charCodeAt(at)] as number) !== 0) at++;
    if (isDigitCode(code)) {
      if (at - from <= DIGITS_MAX + 1) numbers++;
      else signs++;
      continue;
    }
    words++;
    if (isUpper(code)) capitals++;
    label = (MEANINGS.get(text, from, at, hashFolded(text, from, at)) & LABEL) !== 0;
  }
  if (signs > 0) return OTHER;
  if (label && numbers === 0 && words <= 3) return LABELLED;
  if (numbers === 0) return words >= 2 && words <= NAME_WORDS_MAX && capitals === words ? NAMED : OTHER;
  return words > 0 && capitals > 0 && numbers <= 3 && text.charCodeAt(end - 1) !== 0x3a ? STREET : OTHER;
}
