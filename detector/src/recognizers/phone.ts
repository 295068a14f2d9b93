/**
 * Phone numbers. International ones ("+49 …") when libphonenumber says so; national ones when a word before them speaks of
 * a phone, or when the caller named a region in which they are valid. libphonenumber only judges candidates: its own finder
 * would be a hundred times slower. Dates, decimals, times and parts of longer identifiers are no candidates.
 */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { isPlainInternational } from "../international.ts";
import { DIGIT, isDigitCode, isGlued, isIn, setOf } from "../scanner/characters.ts";
import { contextBefore, hasWord, lineAbove, meaningAt } from "../scanner/context.ts";
import { Ahead } from "../scanner/ahead.ts";
import { atomEnd, atomStart, isInsideUrl, isNumber, type Island } from "../scanner/island.ts";
import { ACCOUNT, CALL, CUSTOMER, ID, IS, LINK, MARKER, ORDER, OTHER, PHONE, POSSESSIVE } from "../scanner/words.ts";
import { extensionAt } from "./phone-extension.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

/** https://www.itu.int/rec/T-REC-E.164: fifteen digits with the calling code. */
const DIGITS_MAX = 15;
const DIGITS_MIN_INTERNATIONAL = 7;
const DIGITS_MIN_NATIONAL = 6;
/** A candidate that is not valid is tried again without its last group; more often costs time and finds nothing. */
const ATTEMPTS = 3;
const GAP_CHARS_MAX = 3;
/** Digits after which a number may be complete, so that a group with a leading zero is the next one's. */
const WHOLE_NATIONAL = 9;
const WHOLE_INTERNATIONAL = 11;

export const phone: Recognizer = {
  name: "phone",
  types: ["PHONE"],
  trigger: DIGIT,
  digitsMin: DIGITS_MIN_NATIONAL,
  find(island: Island, sink: Sink): void {
    let atom = 0;
    while (atom < island.atoms) {
      if (digitsEnd(island, atom) < 0) {
        atom++;
        continue;
      }
      let last = atom;
      while (last + 1 < island.atoms && digitsEnd(island, last + 1) > 0 && isPhoneGap(island, last)) last++;
      findInRun(island, atom, last, sink);
      atom = last + 1;
    }
  },
};

/** End of the digits that are this atom, or that stand in it before an extension ("5552671x12"); -1 when it is no number. */
function digitsEnd(island: Island, atom: number): number {
  if (isNumber(island, atom)) return atomEnd(island, atom);
  const { text } = island;
  const end = atomEnd(island, atom);
  let at = atomStart(island, atom);
  while (at < end && isDigitCode(text.charCodeAt(at))) at++;
  return at > atomStart(island, atom) && (text.charCodeAt(at) | 0x20) === 0x78 && extensionTo(island, at) === end
    ? at
    : -1;
}

function digitsLength(island: Island, atom: number): number {
  return digitsEnd(island, atom) - atomStart(island, atom);
}

const ahead = new Ahead();

/** End of the extension at `at`, or -1. */
function extensionTo(island: Island, at: number): number {
  ahead.open(island.text, island.end, true);
  const end = extensionAt(ahead, at);
  ahead.release();
  return end;
}

/** Proposes the number and the extension behind it; returns the last atom of both. */
function add(island: Island, sink: Sink, start: number, last: number, score: number, why: string): number {
  const end = digitsEnd(island, last);
  const extension = end >= island.end ? -1 : extensionTo(island, island.text.charCodeAt(end) === 0x20 ? end + 1 : end);
  sink.add("PHONE", start, Math.max(end, extension), score, "phone", why);
  let atom = last;
  while (atom + 1 < island.atoms && atomStart(island, atom + 1) < extension) atom++;
  return atom;
}

/** What people write between the groups of one number: up to three of space, hyphen, dot, slash and brackets. */
function isPhoneGap(island: Island, atom: number): boolean {
  const from = digitsEnd(island, atom);
  const to = atomStart(island, atom + 1);
  if (to - from > GAP_CHARS_MAX) return false;
  // " -": the next number is negative.
  if (to - from === 2 && island.text.charCodeAt(from) === 0x20 && island.text.charCodeAt(from + 1) === 0x2d)
    return false;
  for (let i = from; i < to; i++) if (!isPhoneSeparator(island.text.charCodeAt(i))) return false;
  return true;
}

function isPhoneSeparator(code: number): boolean {
  return (
    code === 0x20 ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x2f ||
    code === 0x28 ||
    code === 0x29 ||
    code === 0xa0 ||
    code === 0x2007 ||
    code === 0x2009 ||
    code === 0x202f ||
    code === 0x2010 ||
    code === 0x2011 ||
    code === 0x2013
  );
}

/** What a word before the number says about it. */
type Label = "phone" | "call" | "none" | "other";

/** A run may hold several numbers ("030 1234567 / 0171 7654321"): the next begins where one that was found ends. */
function findInRun(island: Island, first: number, last: number, sink: Sink): void {
  const { text } = island;
  if (first === last && digitsLength(island, first) < DIGITS_MIN_NATIONAL) return;
  let label: Label | undefined;
  for (let atom = first; atom <= last; ) {
    const start = atomStart(island, atom);
    if (start > 0 && text.charCodeAt(start - 1) === 0x2b) {
      atom = findInternational(island, atom, last, start - 1, sink) + 1;
    } else {
      if (atom === first && !startsFree(text, start)) return;
      label ??= labelOf(text, start);
      atom = findNational(island, atom, last, label, sink) + 1;
    }
    if (atom === 0) return;
  }
}

function labelOf(text: string, at: number): Label {
  contextBefore(text, at);
  if (!hasWord(0)) {
    const above = labelAbove(text, at);
    return above === "none" && isSigned(text, at) ? "call" : above;
  }
  let numbered = false;
  let linked = true;
  for (let word = 0; hasWord(word); word++) {
    const meaning = meaningAt(word);
    if ((meaning & PHONE) !== 0) return "phone";
    if ((meaning & CALL) !== 0) return "call";
    if ((meaning & (OTHER | ID | ORDER | CUSTOMER | ACCOUNT)) !== 0) return "other";
    // "my number is …", and not "my passport number is …".
    if (numbered && linked && (meaning & POSSESSIVE) !== 0) return "call";
    if ((meaning & MARKER) !== 0) numbered = true;
    else if ((meaning & (IS | LINK)) === 0) linked = false;
  }
  return isSigned(text, at) ? "call" : "none";
}

/** "T: 030 1234567", "M. (0)171 …" of signatures: one letter, and a number that begins with a trunk prefix. */
function isSigned(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 0x30 || !isDigitCode(text.charCodeAt(at + 1))) return false;
  let i = at - 1;
  while (i > 0 && at - i < GAP_CHARS_MAX && " (\u00a0".includes(text.charAt(i))) i--;
  if (i < 1 || (text.charCodeAt(i) !== 0x3a && text.charCodeAt(i) !== 0x2e)) return false;
  return "TtMmFf".includes(text.charAt(i - 1)) && (i === 1 || !isGlued(text, i - 2));
}

/** "Phone" on a line of its own, and the number on the next. */
function labelAbove(text: string, at: number): Label {
  const above = lineAbove(text, at);
  if (above < 0) return "none";
  contextBefore(text, above);
  let label: Label = "none";
  for (let word = 0; hasWord(word); word++) {
    const meaning = meaningAt(word);
    if (meaning === 0) return "none";
    if ((meaning & PHONE) !== 0) label = "phone";
  }
  return label;
}

const CLOSED_BEFORE = setOf("-–/,#$€£%@&~*^\\");
const CLOSED_BEHIND = setOf("%€$£°@=_");
const PARTS_BEHIND = setOf("-.:/");

/** The number is not the tail of something else: no decimal, no price, no part of an identifier, a path or a time. */
function startsFree(text: string, start: number): boolean {
  let at = start - 1;
  if (at >= 0 && text.charCodeAt(at) === 0x28) at--;
  if (at < 0) return true;
  const code = text.charCodeAt(at);
  if (isIn(CLOSED_BEFORE, code)) return false;
  if (code === 0x2e || code === 0x3a) return at === 0 || !isDigitCode(text.charCodeAt(at - 1));
  return !isGlued(text, at);
}

/** The number is not the head of something else. */
function endsFree(island: Island, end: number): boolean {
  if (end >= island.end) return true;
  const { text } = island;
  const code = text.charCodeAt(end);
  if (isIn(CLOSED_BEHIND, code)) return false;
  if (end + 1 >= island.end) return true;
  return code === 0x2c ? !isDigitCode(text.charCodeAt(end + 1)) : !isIn(PARTS_BEHIND, code) || !isGlued(text, end + 1);
}

/**
 * Last atom of the longest candidate: at most DIGITS_MAX digits. A group that begins like a trunk prefix begins the next
 * number once `whole` digits are there.
 */
function longest(island: Island, first: number, last: number, whole: number): number {
  let digits = 0;
  let atom = first;
  for (; atom <= last; atom++) {
    const start = atomStart(island, atom);
    const length = digitsLength(island, atom);
    if (digits + length > DIGITS_MAX) break;
    // "030 1234567 0171 7654321", "030 1234567 / 0171 …": two numbers.
    const enough = island.text.charCodeAt(start - 2) === 0x2f ? whole - 2 : whole;
    if (digits >= enough && length >= 3 && island.text.charCodeAt(start) === 0x30) break;
    digits += length;
  }
  return atom - 1;
}

function digitsOf(island: Island, first: number, last: number, skipTrunk: boolean): string {
  let digits = "";
  for (let atom = first; atom <= last; atom++) {
    const start = atomStart(island, atom);
    const end = digitsEnd(island, atom);
    // "+49 (0)30": the trunk prefix that is not dialled from abroad.
    if (
      skipTrunk &&
      end - start === 1 &&
      island.text[start] === "0" &&
      island.text[start - 1] === "(" &&
      island.text[end] === ")"
    )
      continue;
    digits += island.text.slice(start, end);
  }
  return digits;
}

/** Last atom of the number, or -1. */
function findInternational(island: Island, first: number, last: number, plus: number, sink: Sink): number {
  const { text } = island;
  if (plus > 0 && (isGlued(text, plus - 1) || text.charCodeAt(plus - 1) === 0x2b)) return -1;
  if (text.charCodeAt(plus + 1) === 0x30) return -1;
  let end = longest(island, first, last, WHOLE_INTERNATIONAL);
  for (let attempt = 0; attempt < ATTEMPTS && end >= first; attempt++, end--) {
    if (!endsFree(island, digitsEnd(island, end))) continue;
    const digits = digitsOf(island, first, end, true);
    if (digits.length < DIGITS_MIN_INTERNATIONAL || digits.length > DIGITS_MAX) continue;
    let valid = isPlainInternational(digits);
    if (!valid) {
      const number = parsePhoneNumberFromString(`+${digits}`);
      if (number === undefined) continue;
      valid = number.isValid();
      if (!valid && !number.isPossible()) continue;
    }
    // Possible but not valid: the right length, an area code that is not in use. Believed when written as a phone number.
    if (!valid && end === first && labelOf(text, plus) !== "phone") continue;
    const why = valid ? "valid international number" : "international number of possible length";
    const from = opening(text, plus, digitsEnd(island, end));
    return add(island, sink, from, end, valid ? 0.95 : 0.7, why);
  }
  return -1;
}

/** Last atom of the number, or -1. */
function findNational(island: Island, first: number, last: number, label: Label, sink: Sink): number {
  const { text, region } = island;
  if (
    label === "other" ||
    (label === "none" && region === undefined && text.charCodeAt(atomStart(island, first)) !== 0x30)
  )
    return -1;
  const start = atomStart(island, first);
  if (isInsideUrl(island, start)) return -1;
  let end = longest(island, first, last, WHOLE_NATIONAL);
  for (let attempt = 0; attempt < ATTEMPTS && end >= first; attempt++, end--) {
    if (!endsFree(island, digitsEnd(island, end)) || !looksLikePhone(island, first, end)) continue;
    const digits = digitsOf(island, first, end, false);
    // "0082-017625/1999": a file number, not a call to Korea.
    if (digits.startsWith("00") && label === "none" && text.slice(start, digitsEnd(island, end)).includes("/"))
      continue;
    // "008-2696532": the prefix and half a calling code are no group.
    if (digits.startsWith("00") && end > first && hasHalfCode(text, start, digitsEnd(island, first))) continue;
    const [score, why] = judge(digits, end > first, label, region);
    if (score === 0) continue;
    return add(island, sink, opening(text, start, digitsEnd(island, end)), end, score, why);
  }
  return -1;
}

/** A bracket before the number belongs to it when it closes inside: "(212) 555-0123", but not "(030 1234567)". */
function opening(text: string, start: number, end: number): number {
  const opened = start > 0 && text.charCodeAt(start - 1) === 0x28;
  return opened && text.slice(start, end).includes(")") ? start - 1 : start;
}

function judge(
  digits: string,
  grouped: boolean,
  label: Label,
  region: string | undefined,
): readonly [score: number, why: string] {
  const trunk = digits.startsWith("0");
  if (digits.startsWith("00") && digits.length >= 10) {
    const valid = parsePhoneNumberFromString(`+${digits.slice(2)}`)?.isValid() === true;
    if (valid && (grouped || label !== "none")) return [0.75, "valid international number with the prefix 00"];
    // In one piece and without a word, only from where people dial 00: other numbers are filled up with zeros.
    if (valid && isEuropean(digits)) return [0.6, "valid European number with the prefix 00"];
  }
  if (digits.length < DIGITS_MIN_NATIONAL || digits.startsWith("00")) return [0, ""];
  const valid =
    region !== undefined &&
    isSupportedCountry(region) &&
    parsePhoneNumberFromString(digits, region satisfies CountryCode)?.isValid() === true;
  const shaped = grouped || trunk || digits.length === 10 || digits.length === 11;
  if (label === "phone") return [valid ? 0.9 : 0.75, "word for a phone before it"];
  if (label === "call" && shaped && digits.length >= 7)
    return [valid ? 0.85 : 0.65, "word for a call before it, shape of a phone number"];
  // Without a word: a trunk prefix or groups must show that it is dialled, or any id of the right length would do.
  if (valid && (trunk || grouped) && digits.length >= 7) return [0.7, "valid number of the default region"];
  return [0, ""];
}

/** Only 1 and 7 are calling codes of one digit. */
function hasHalfCode(text: string, start: number, end: number): boolean {
  return end - start === 3 && text[start + 2] !== "1" && text[start + 2] !== "7";
}

/** Calling codes 30 to 49 behind "00", https://www.itu.int/rec/T-REC-E.164, and none of the shortest numbers. */
function isEuropean(digits: string): boolean {
  const first = digits.charCodeAt(2);
  return (first === 0x33 || first === 0x34) && digits.length >= 12;
}

/** Neither a date, a range of years nor a decimal number, and of a length that is dialled. */
function looksLikePhone(island: Island, first: number, last: number): boolean {
  const groups = last - first + 1;
  const a = digitsLength(island, first);
  if (groups === 1) return a >= DIGITS_MIN_NATIONAL;
  const b = digitsLength(island, first + 1);
  for (let atom = first; atom < last; atom++) {
    if (island.text.charCodeAt(digitsEnd(island, atom)) === 0x2e && digitsLength(island, atom) > 5) return false;
  }
  const gap = island.text.charCodeAt(digitsEnd(island, first));
  if (groups === 2)
    return (gap !== 0x2e || b >= 5) && !(a === 4 && b === 4 && isYear(island, first) && isYear(island, last));
  if (groups > 3) return true;
  const c = digitsLength(island, first + 2);
  const yearFirst = a === 4 && b <= 2 && c <= 2;
  const yearLast = a <= 2 && b <= 2 && (c === 4 || c === 2);
  return !yearFirst && !yearLast;
}

function isYear(island: Island, atom: number): boolean {
  const century = island.text.slice(atomStart(island, atom), atomStart(island, atom) + 2);
  return century === "19" || century === "20";
}
