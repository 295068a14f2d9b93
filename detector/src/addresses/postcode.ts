/**
 * Postcodes at a token. What a shape is worth: letters or groups at fixed places, or a country's prefix, are particular; a
 * bare row of digits is a postcode only where a street, a label or a city says so, and that is the caller's business.
 */
import { isUpper } from "../signals/fold.ts";
import { isDigitCode } from "../scanner/characters.ts";
import { COUNTRIES, type Country, type Shape, UK_AREAS } from "./countries.ts";
import {
  digitsOf,
  endOf,
  isDash,
  isGlued,
  isMixed,
  isNumber,
  isShouted,
  isWordAt,
  lengthOf,
  means,
  signAt,
  startOf,
  tokens,
  valueOf,
} from "./tokens.ts";
import { languageBits, PREFIX } from "./words.ts";

/** A row of digits as many numbers are. */
export const BARE = 1;
/** Letters or groups at fixed places. */
export const PARTICULAR = 2;
/** With its country before it. */
export const PREFIXED = 3;

export interface Postcode {
  /** Token behind it; -1 when there is none. */
  end: number;
  worth: number;
  /** Languages of the countries that write it so. */
  languages: number;
  digits: number;
  /** The town stands before it rather than behind it. */
  townFirst: boolean;
}

const NONE: Postcode = { end: -1, worth: 0, languages: 0, digits: 0, townFirst: false };
const found: Postcode = { ...NONE };

/** What every postcode of a shape has in common. */
interface Shaped {
  languages: number;
  readonly digits: number;
}
const shaped = new Map<string, Shaped>();
const prefixLanguages = new Map<string, { languages: number; shapes: readonly Shape[] }>();
for (const country of COUNTRIES) indexCountry(country);

function indexCountry({ languages, shapes, prefixes }: Country): void {
  const bits = languageBits(languages);
  for (const shape of shapes) shapedAs(shape).languages |= bits;
  for (const prefix of prefixes.split(" ")) if (prefix !== "") prefixLanguages.set(prefix, { languages: bits, shapes });
}

function shapedAs(shape: Shape): Shaped {
  const known = shaped.get(shape);
  if (known !== undefined) return known;
  const made = { languages: 0, digits: digitsOfShape(shape) };
  shaped.set(shape, made);
  return made;
}

function digitsOfShape(shape: Shape): number {
  // "VLT 1117" is a particular shape, and the shape of every year behind three capitals.
  return shape === "MT" ? 4 : shape.replaceAll(/[^9]/g, "").length;
}

function take(end: number, worth: number, shape: Shape, townFirst = false): Postcode {
  const { languages, digits } = shapedAs(shape);
  found.end = end;
  found.worth = worth;
  found.languages = languages;
  found.digits = digits;
  found.townFirst = townFirst;
  return found;
}

/**
 * The postcode that begins at `index`. `strict`: only what its country can have issued; otherwise what is written like it,
 * for use behind a street. The same object every time.
 */
export function postcodeAt(index: number, strict: boolean): Postcode {
  if (index >= tokens.count) return NONE;
  if (isNumber(index)) return numeric(index, strict);
  if (isMixed(index)) return mixed(index, strict);
  if (isWordAt(index)) return worded(index);
  return NONE;
}

/** Nothing glued behind it: no decimal, no longer number, no unit. */
function endsFree(end: number): boolean {
  if (end >= tokens.count || !isGlued(end)) return true;
  const sign = signAt(end);
  if (sign === 0) return false;
  if (sign === 0x2e || sign === 0x2c || sign === 0x3a) return !(isNumber(end + 1) && isGlued(end + 1));
  return !isDash(sign) && sign !== 0x25 && sign !== 0x20ac && sign !== 0x24 && sign !== 0x2f && sign !== 0x3d;
}

function numeric(index: number, strict: boolean): Postcode {
  const digits = lengthOf(index);
  const next = index + 1;
  if (isNumber(next) && !isGlued(next) && endOf(index) + 1 === startOf(next)) {
    if (digits === 3 && lengthOf(next) === 2 && endsFree(next + 1)) return take(next + 1, PARTICULAR, "999 99");
    if (digits === 2 && lengthOf(next) === 3 && endsFree(next + 1)) return take(next + 1, BARE, "99 999");
  }
  if (isDash(signAt(next)) && isGlued(next) && isNumber(next + 1) && isGlued(next + 1) && endsFree(next + 2)) {
    const more = lengthOf(next + 1);
    // "95–105" with a dash are pages.
    if (digits === 2 && more === 3 && signAt(next) === 0x2d) return take(next + 2, PARTICULAR, "99-999");
    if (digits === 4 && more === 3 && (!strict || valueOf(index) >= 1000))
      return take(next + 2, PARTICULAR, "9999-999");
    if (digits === 5 && more === 4) return take(next + 2, BARE, "99999-9999", true);
  }
  if (digits === 4 && isDutchLetters(next) && endOf(index) + 1 === startOf(next) && (!strict || valueOf(index) >= 1000))
    return take(next + 1, PARTICULAR, "9999 AA");
  if (!endsFree(next)) return NONE;
  if (digits === 3) return take(next, BARE, "999");
  if (digits === 4) return take(next, BARE, "9999");
  if (digits === 5) return take(next, BARE, "99999");
  if (digits === 6) return take(next, BARE, "999999");
  return NONE;
}

/** https://nl.wikipedia.org/wiki/Postcodes_in_Nederland: SA, SD and SS are not issued; the others here are units. */
const NOT_DUTCH = new Set(
  "SA SD SS US UN UK EU AC FC SC AD BC CE PC TV HD MB GB KB TB KM KG CM MM ML MW KW KV HP PS AM PM IT ID IS IN NO OR OK".split(
    " ",
  ),
);

function isDutchLetters(index: number): boolean {
  return isWordAt(index) && lengthOf(index) === 2 && isShouted(index);
}

/** Two capitals behind a year or a quantity: "2012 US Open", "4096 MB Speicher". */
export function isDutchLookalike(index: number): boolean {
  return NOT_DUTCH.has(tokens.text.slice(startOf(index + 1), endOf(index + 1)));
}

function codeAt(index: number, offset: number): number {
  return tokens.text.charCodeAt(startOf(index) + offset);
}

function mixed(index: number, strict: boolean): Postcode {
  const length = lengthOf(index);
  const digits = digitsOf(index);
  // "1012AB"
  if (length === 6 && digits === 4 && isUpper(codeAt(index, 4)) && isUpper(codeAt(index, 5)) && codeAt(index, 0) > 0x30)
    return take(index + 1, PARTICULAR, "9999 AA");
  if (digits > 0) return NONE;
  // "LV1010", "MSD1751"
  const letters = leadingCapitals(index);
  const rest = length - letters;
  if (letters >= 2 && restIsDigits(index, letters)) {
    const prefix = prefixLanguages.get(tokens.text.slice(startOf(index), startOf(index) + letters));
    if (prefix?.shapes.some((shape) => shape === "9".repeat(rest)) === true) {
      const taken = take(index + 1, PREFIXED, "9".repeat(rest) as Shape);
      taken.languages = prefix.languages;
      return taken;
    }
    if (letters === 3 && rest === 4) return take(index + 1, BARE, "MT", true);
  }
  return britishOrIrish(index, letters, strict);
}

function leadingCapitals(index: number): number {
  let count = 0;
  while (count < lengthOf(index) && isUpper(codeAt(index, count)) && codeAt(index, count) < 0x80) count++;
  return count;
}

function restIsDigits(index: number, from: number): boolean {
  for (let at = from; at < lengthOf(index); at++) if (!isDigitCode(codeAt(index, at))) return false;
  return true;
}

const UK_AREA_NAMES: ReadonlySet<string> = new Set(UK_AREAS.split(" "));
/** Not C, I, K, M, O, V: https://assets.publishing.service.gov.uk/media/5a7f33d4ed915d74e33f4fd6/ILRSpecification2013_14Appendix_C_Aug13.pdf */
const UK_INWARD_EXCLUDED = "CIKMOV";
/** https://www.eircode.ie: letters of the unique identifier. */
const EIRCODE = "0123456789ACDEFHKNPRTVWXY";
/** First letters of routing keys. */
const EIRCODE_FIRST = "ACDEFHKNPRTVWXY";

function isCapitalOrDigit(code: number): boolean {
  return isDigitCode(code) || (isUpper(code) && code < 0x80);
}

/** Outward code in one token, inward code in the next ("SW1A 1AA"), or both in one ("SW1A1AA"). */
function britishOrIrish(index: number, letters: number, strict: boolean): Postcode {
  if (letters < 1 || letters > 2) return NONE;
  const length = lengthOf(index);
  for (let at = 0; at < length; at++) if (!isCapitalOrDigit(codeAt(index, at))) return NONE;
  const next = index + 1;
  const split = next < tokens.count && !isGlued(next) && startOf(next) === endOf(index) + 1;
  if (letters === 1 && length === 3 && EIRCODE_FIRST.includes(tokens.text.charAt(startOf(index)))) {
    const routing = isDigitCode(codeAt(index, 1)) && (isDigitCode(codeAt(index, 2)) || codeAt(index, 2) === 0x57);
    if (routing && split && lengthOf(next) === 4 && isEircodeEnd(next, 0, strict))
      return take(next + 1, PARTICULAR, "IE", true);
  }
  if (letters === 1 && length === 7 && strict && restIsEircode(index)) return take(index + 1, PARTICULAR, "IE", true);
  if (
    length >= 2 &&
    length <= 4 &&
    split &&
    lengthOf(next) === 3 &&
    isInward(next, 0, strict) &&
    isOutward(index, length, letters)
  )
    return take(next + 1, PARTICULAR, "UK", true);
  if (length >= 5 && length <= 7 && isInward(index, length - 3, true) && isOutward(index, length - 3, letters))
    return take(index + 1, PARTICULAR, "UK", true);
  return NONE;
}

function restIsEircode(index: number): boolean {
  return isDigitCode(codeAt(index, 1)) && isDigitCode(codeAt(index, 2)) && isEircodeEnd(index, 3, true);
}

function isEircodeEnd(index: number, from: number, strict: boolean): boolean {
  let capitals = 0;
  let digits = 0;
  for (let at = from; at < from + 4; at++) {
    const code = codeAt(index, at);
    if (!isCapitalOrDigit(code)) return false;
    if (strict && !EIRCODE.includes(String.fromCharCode(code))) return false;
    if (isDigitCode(code)) digits++;
    else capitals++;
  }
  return !strict || (capitals > 0 && digits > 0);
}

function isInward(index: number, from: number, strict: boolean): boolean {
  const [a, b, c] = [codeAt(index, from), codeAt(index, from + 1), codeAt(index, from + 2)];
  if (!isDigitCode(a)) return false;
  if (!strict) return isCapitalOrDigit(b) && isCapitalOrDigit(c) && lengthOf(index) === from + 3;
  const letter = (code: number): boolean =>
    isUpper(code) && code < 0x80 && !UK_INWARD_EXCLUDED.includes(String.fromCharCode(code));
  return letter(b) && letter(c);
}

/** A9, A99, AA9, AA99, A9A, AA9A with an area that exists. */
function isOutward(index: number, length: number, letters: number): boolean {
  if (length <= letters || length > 4 || !isDigitCode(codeAt(index, letters))) return false;
  if (length - letters === 2 && !isCapitalOrDigit(codeAt(index, letters + 1))) return false;
  if (length - letters > 2) return false;
  return isUkArea(index, letters);
}

function isUkArea(index: number, letters: number): boolean {
  return UK_AREA_NAMES.has(tokens.text.slice(startOf(index), startOf(index) + letters));
}

/** "D-10115", "SE-111 22", "LV-1010", "CH 8001"; "VLT 1117". */
function worded(index: number): Postcode {
  const length = lengthOf(index);
  if (length > 3) return NONE;
  let at = index + 1;
  const dashed = isDash(signAt(at)) && isGlued(at) && isGlued(at + 1);
  if (dashed) at++;
  if (!isNumber(at) || !(length === 1 || isShouted(index)) || !isUpper(codeAt(index, 0))) return NONE;
  if (means(index, PREFIX) && (dashed || length > 1)) {
    const row = prefixLanguages.get(tokens.text.slice(startOf(index), endOf(index)));
    const code = row === undefined ? NONE : numeric(at, false);
    if (row !== undefined && code.end >= 0 && (code.languages & row.languages) !== 0 && fits(row.shapes, code)) {
      code.worth = PREFIXED;
      code.languages = row.languages;
      return code;
    }
  }
  if (length === 3 && !dashed && !isGlued(at) && lengthOf(at) === 4 && endsFree(at + 1))
    return take(at + 1, BARE, "MT", true);
  return NONE;
}

/** One of the country's shapes has this many digits. */
function fits(shapes: readonly Shape[], code: Postcode): boolean {
  return shapes.some((shape) => shape.replaceAll(/[^9]/g, "").length === code.digits);
}
