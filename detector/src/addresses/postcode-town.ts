/**
 * Postcode and town without a street. A row of digits with a town behind it is no address unless a label says so; a shape
 * with letters or groups, or with its country before it, is.
 */
import { isYear } from "./house-number.ts";
import { HOME, labelBefore, postcodeLabelBefore, ROOF } from "./label.ts";
import { phraseEnd } from "./phrase.ts";
import { isDutchLookalike, PARTICULAR, postcodeAt, PREFIXED } from "./postcode.ts";
import { isTail, streetBefore, STRONG } from "./street.ts";
import {
  isCapital,
  isGlued,
  isMixed,
  isNumber,
  isShouted,
  isSign,
  isWordAt,
  kindOf,
  lengthOf,
  means,
  SIGN,
  signAt,
  spotAt,
  startOf,
  tokens,
  valueOf,
  WORD,
} from "./tokens.ts";
import { type Address, closes } from "./tail.ts";
import { townEnd, townStart } from "./town.ts";
import { COUNTRY_NAMES, LIVES, NOT_STREET, PARTICLE, PREFIX, STATE, STREET_BEHIND } from "./words.ts";

/** Adds to `found`, which is in order, what stands between its members; keeps the order. */
export function findPostcodes(found: Address[]): void {
  let next = 0;
  let floor = 0;
  let index = 0;
  for (let spot = 0; spot < tokens.spots; spot++) {
    const last = spotAt(spot);
    // What stands before the number may be its country.
    for (index = Math.max(index, last - PREFIX_TOKENS_MAX); index <= last; index++) {
      let known = found[next];
      while (known !== undefined && index >= known.start) {
        index = Math.max(index, known.end);
        floor = known.end;
        known = found[++next];
      }
      if (index > last) break;
      const kind = kindOf(index);
      if (kind === SIGN || (kind === WORD && lengthOf(index) > PREFIX_CHARS_MAX)) continue;
      const address = postcodeTownAt(index, floor);
      if (address === undefined || (known !== undefined && address.end > known.start)) continue;
      found.splice(next++, 0, address);
      index = address.end - 1;
      floor = address.end;
    }
  }
}

function postcodeTownAt(index: number, floor: number): Address | undefined {
  if (!isNumber(index) && !isMixed(index) && !isPrefix(index)) return undefined;
  // The tail of a longer number or code.
  if (isTail(index) || (isGlued(index) && signAt(index - 1) === 0x2e)) return undefined;
  if (isNumber(index) && index > floor && isNumber(index - 1) && !isGlued(index)) return undefined;
  const code = postcodeAt(index, true);
  if (code.end < 0) return undefined;
  const { worth, digits, townFirst } = code;
  const { end } = code;
  if (townFirst) return townFirstAt(index, end, worth, digits, floor);
  const american = digits >= 5 && worth < PARTICULAR ? stateAndZip(index, end, floor) : undefined;
  if (american !== undefined) return american;
  const town = realTown(end) ? townEnd(end) : -1;
  const zip = postcodeLabelBefore(index);
  if (town < 0 && !zip) return undefined;
  const label = labelBefore(index);
  if (isYear(index) && isNumber(index) && worth < PARTICULAR && label < ROOF && !(zip && signAt(index - 1) !== 0))
    return undefined;
  if (town < 0) return labelled(index, end, worth, digits);
  // "Carretera Toledo 28905 Getafe": a street without a number.
  const street = digits >= 5 || worth >= PARTICULAR ? streetBefore(index, floor, true) : undefined;
  if (street?.strength === STRONG) return withCountry(street.start, town, 0.9, "street, postcode and town");
  const score = townScore(index, end, town, worth, digits, digits > 3 ? label >= HOME || zip : label === ROOF || zip);
  if (score === 0) return undefined;
  return withCountry(index, town, score, "postcode and town");
}

const PREFIX_CHARS_MAX = 3;
/** The prefix, and a sign behind it. */
const PREFIX_TOKENS_MAX = 2;

/** Up to three letters before a number. */
function isPrefix(index: number): boolean {
  if (!isWordAt(index) || lengthOf(index) > PREFIX_CHARS_MAX || !(isNumber(index + 1) || isNumber(index + 2)))
    return false;
  return lengthOf(index) === 3 || means(index, PREFIX);
}

function labelled(start: number, end: number, worth: number, digits: number): Address | undefined {
  // "CP 76 400" is many things.
  if (digits < 4 || !closes(end) || (worth < PARTICULAR && end > start + 1)) return undefined;
  return { start, end, score: worth >= PARTICULAR || digits >= 5 ? 0.7 : 0.6, why: "postcode behind its label" };
}

/** A word with small letters, or a line of capitals. */
function realTown(index: number): boolean {
  if (!isCapital(index) || means(index, NOT_STREET) || lengthOf(index) < 3)
    return isWordAt(index) && means(index, PARTICLE);
  return !isShouted(index) || lengthOf(index) >= 4;
}

function townScore(index: number, end: number, town: number, worth: number, digits: number, label: boolean): number {
  if (label) return worth >= PARTICULAR ? 0.85 : digits >= 4 ? 0.75 : 0.6;
  const alone = (index === 0 || signAt(index - 1) !== 0) && closes(town);
  if (isShouted(end) && !(index === 0 && town >= tokens.count)) return 0;
  if (worth === PREFIXED) return lengthOf(index) === 1 && digits < 5 && !alone ? 0 : 0.85;
  if (worth < PARTICULAR) return 0;
  // "1012 AB Amsterdam", and not "2012 US Open"
  if (isMixed(index) || (isNumber(index) && isWordAt(index + 1)))
    return isDutchPlausible(index) && (!isYear(index) || alone) ? 0.75 : 0;
  // "50-100 Mitarbeiter" is a range: the second number is larger and round.
  if (digits === 5 && isRange(index)) return alone && valueOf(index + 2) % 10 !== 0 ? 0.7 : 0;
  if (digits === 7) return isYear(index) && !alone ? 0 : 0.75;
  return 0.75;
}

function isDutchPlausible(index: number): boolean {
  return isMixed(index) || !isDutchLookalike(index);
}

function isRange(index: number): boolean {
  if (!isNumber(index) || lengthOf(index) !== 2 || !isNumber(index + 2)) return false;
  const zero = tokens.text.charCodeAt(startOf(index)) === 0x30 || tokens.text.charCodeAt(startOf(index + 2)) === 0x30;
  return !zero && valueOf(index + 2) % 50 === 0;
}

/** "London SW1A 1AA", "Dublin 2, D02 AF30", "Valletta VLT 1117"; the town may stand behind it too. */
function townFirstAt(index: number, end: number, worth: number, digits: number, floor: number): Address | undefined {
  const maltese = digits === 4;
  if (worth < PARTICULAR && !maltese) return stateAndZip(index, end, floor);
  let start = index;
  if (isSign(start - 1, 0x2c)) start--;
  // "Dublin 2, D02 AF30"
  if (isNumber(start - 1) && lengthOf(start - 1) <= 2 && isCapital(start - 2)) start--;
  const before = townStart(start, floor);
  const label = labelBefore(before) >= HOME || labelBefore(index) >= HOME || postcodeLabelBefore(index);
  // Three capitals and four digits are a year behind a name, too.
  if (maltese && !label && !isMalta(end)) return undefined;
  if (before < start && realTown(before)) {
    const from = lineStart(before, floor);
    // "TF514HW" behind a word is a licence plate as well.
    if (end === index + 1 && from === before && !label) return undefined;
    return withCountry(
      from,
      end,
      from < before ? 0.95 : 0.85,
      from < before ? "street, town and postcode" : "town and postcode",
    );
  }
  const town = realTown(end) && !isShouted(end) ? townEnd(end) : -1;
  if (town >= 0 && closes(town)) return withCountry(index, town, 0.8, "postcode and town");
  if (maltese ? !postcodeLabelBefore(index) : !label) return undefined;
  return { start: index, end, score: 0.75, why: "postcode behind its label" };
}

function isMalta(index: number): boolean {
  return phraseEnd(COUNTRY_NAMES, isSign(index, 0x2c) ? index + 1 : index) >= 0;
}

/** "Rose Cottage, Mill Lane, Oxford OX1 2AB": parts between commas, when one of them names a street. */
function lineStart(town: number, floor: number): number {
  let start = town;
  let at = town;
  for (let part = 0; part < 3 && isSign(at - 1, 0x2c); part++) {
    const from = townStart(at - 1, floor);
    if (from >= at - 1) break;
    at = from;
    for (let word = from + 1; word < start - 1; word++) if (means(word, STREET_BEHIND)) start = Math.min(start, from);
    if (start < town && from < start && (from === 0 || signAt(from - 1) !== 0)) start = from;
  }
  return start;
}

/** "Springfield, IL 62704" */
function stateAndZip(index: number, end: number, floor: number): Address | undefined {
  if (!isWordAt(index - 1) || !means(index - 1, STATE) || !isShouted(index - 1) || lengthOf(index - 1) !== 2)
    return undefined;
  const comma = isSign(index - 2, 0x2c);
  const before = townStart(comma ? index - 2 : index - 1, floor);
  if (!comma || before >= index - 2 || means(before, LIVES)) return undefined;
  return withCountry(before, end, 0.85, "town, state and ZIP code");
}

function withCountry(start: number, end: number, score: number, why: string): Address {
  const at = isSign(end, 0x2c) || isSign(end, 0x2d) ? end + 1 : end;
  const country = phraseEnd(COUNTRY_NAMES, at);
  return { start, end: country >= 0 ? country : end, score, why };
}
