/**
 * Postal addresses in one chunk of text. What is there decides: street, house number, postcode and town are an address;
 * a word for a street with a number is nearly one; words that are also something else, and postcodes that are just digits,
 * need a label, a country's prefix or a whole line. Nothing outside of the chunk is read. Time is linear: every number looks
 * at a bounded number of tokens around it.
 */
import { blockLine } from "./block.ts";
import { DIGIT, isDigitCode } from "../scanner/characters.ts";
import type { Sink } from "../recognizers/recognizer.ts";
import { ANY } from "../scanner/chunks.ts";
import { houseEndFrom, isYear, numberEnd } from "./house-number.ts";
import { findPostcodes } from "./postcode-town.ts";
import { phraseEnd } from "./phrase.ts";
import { BARE, isTail, STRONG, type Street, streetBefore, streetBehind, WEAK } from "./street.ts";
import { type Address, closes, type Tail, tailOf } from "./tail.ts";
import { HOME, labelBefore, ROOF } from "./label.ts";
import { PARTICULAR, postcodeAt } from "./postcode.ts";
import {
  digitsOf,
  endOf,
  isCapital,
  isGlued,
  isMixed,
  isNumber,
  isShouted,
  isSign,
  isWordAt,
  lengthOf,
  means,
  releaseTokens,
  signAt,
  spotAt,
  startOf,
  tokenize,
  tokens,
} from "./tokens.ts";
import { townEnd } from "./town.ts";
import { unitEnd } from "./unit.ts";
import { BOX, BOXES, BOXES_WEAK, FOLLOWER, languageBit, METONYM, NUMBER_WORD, STOP, UNIT } from "./words.ts";

const RECOGNIZER = "address";
const ENGLISH = languageBit("en");
const DIGITS_BEHIND = 4;
const DIGITS_BEFORE = 5;
const BOX_TOKENS_MAX = 6;
const REACH_CHARS = 240;
/** Lines that may be part of a block. */
const LINE_CHARS_MAX = 80;

/** Adds the ADDRESS findings of the chunk [from, to) to `sink`. `classes`: what it holds at most. */
export function findAddresses(text: string, from: number, to: number, sink: Sink, classes = ANY): void {
  if ((classes & DIGIT) === 0 || !sink.wants("ADDRESS")) return;
  if (to - from <= REACH_CHARS) tokenize(text, from, lineEnd(text, from, to));
  else if (!tokenizeNear(text, from, lineEnd(text, from, to))) return;
  if (!tokens.digits) return releaseTokens();
  const found: Address[] = [];
  let floor = 0;
  for (let spot = 0; spot < tokens.spots; spot++) {
    const index = spotAt(spot);
    const address = index < floor ? undefined : addressAt(index, floor);
    if (address === undefined) continue;
    found.push(address);
    floor = address.end;
  }
  findPostcodes(found);
  if (to - from <= LINE_CHARS_MAX && found.length < 2) {
    const line = blockLine(text, from);
    if (line !== undefined && !(found.length === 1 && found[0]?.end === line.end)) found.splice(0, 1, line);
  }
  for (const { start, end, score, why } of found)
    sink.add("ADDRESS", startOf(start), endOf(end - 1), score, RECOGNIZER, why);
  releaseTokens();
}

/** Tokenizes what is near the numbers of a long chunk; returns whether there are any. */
function tokenizeNear(text: string, from: number, to: number): boolean {
  const first = firstDigit(text, from, to);
  if (first < 0) return false;
  tokenize(text, windowStart(text, from, first), windowEnd(text, first, to));
  return true;
}

function firstDigit(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) if (isDigitCode(text.charCodeAt(at))) return at;
  return -1;
}

/** The line without what ends it. */
function lineEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (text.charCodeAt(end - 1) === 0x0a || text.charCodeAt(end - 1) === 0x0d)) end--;
  return end;
}

/** Start of the words that can matter to a number at `first`: more than any rule reads. */
function windowStart(text: string, from: number, first: number): number {
  let at = first - REACH_CHARS;
  if (at <= from) return from;
  while (at < first && text.charCodeAt(at) !== 0x20) at++;
  return at;
}

function windowEnd(text: string, first: number, to: number): number {
  let last = to - 1;
  while (last > first && !isDigitCode(text.charCodeAt(last))) last--;
  let at = last + REACH_CHARS;
  if (at >= to) return to;
  while (at > last + 1 && text.charCodeAt(at) !== 0x20) at--;
  return at > last + 1 ? at : to;
}

function addressAt(index: number, floor: number): Address | undefined {
  if (isWordAt(index))
    return isNoNumber(index) ? judged(streetBefore(index, floor), index, index + 3, floor) : undefined;
  if (!isNumber(index) && !isMixed(index)) return undefined;
  const box = boxBefore(index, floor);
  if (box !== undefined) return box;
  const digits = numberEnd(index, DIGITS_BEFORE);
  if (digits < 0) return undefined;
  const behind = digitsOf(index) > DIGITS_BEHIND ? -1 : houseEndFrom(digits, true);
  const before = behind < 0 ? NOWHERE : streetBefore(index, floor);
  const first = before.strength > 0 ? judged(before, index, behind, floor) : undefined;
  if (before.strength === STRONG && first !== undefined) return first;
  const second = numberFirst(index, houseEndFrom(digits, false), floor);
  if (first === undefined) return second;
  return second !== undefined && second.score > first.score ? second : first;
}

const NOWHERE: Street = { start: -1, end: -1, strength: 0, languages: 0, comma: false };

/** "s/n": a Spanish house without a number. */
function isNoNumber(index: number): boolean {
  return (
    lengthOf(index) === 1 &&
    isSign(index + 1, 0x2f) &&
    isGlued(index + 1) &&
    isWordAt(index + 2) &&
    isGlued(index + 2) &&
    tokens.text.slice(startOf(index), endOf(index + 2)).toLowerCase() === "s/n"
  );
}

/** An address whose number stands behind its street. */
function judged(street: Street, number: number, end: number, floor: number): Address | undefined {
  if (street.strength === 0 || isHopeless(street)) return undefined;
  const lower = isWordAt(number - 1) && !isCapital(number - 1);
  const tail = tailOf(end, street.languages, street.strength, lower);
  const start = tail.postcode > 0 ? street.start : postcodeTownBefore(street.start, floor, tail);
  return verdict(start, street, tail, {
    year: isYear(number) && isNumber(number),
    first: false,
    lettered: isMixed(number) || end > number + 1,
    comma: street.comma,
  });
}

/** A bare name needs a postcode, and so a second number; or the word "address" directly before it. */
function isHopeless(street: Street): boolean {
  return street.strength === BARE && tokens.spots === 1 && labelBefore(street.start) !== ROOF;
}

/** "1051 Budapest, Nádor utca 12": first token of the postcode, which `tail` then has, or `start`. */
function postcodeTownBefore(start: number, floor: number, tail: Tail): number {
  if (!isSign(start - 1, 0x2c)) return postcodeGluedBefore(start, floor, tail);
  const limit = Math.max(floor, start - 9);
  for (let at = start - 3; at >= limit; at--) {
    if (isGlued(at) && isTail(at)) continue;
    const code = postcodeAt(at, true);
    if (code.end < 0 || code.townFirst || (isYear(at) && code.worth < PARTICULAR)) continue;
    const { worth, digits, end } = code;
    if (digits === 3 || townEnd(end) !== start - 1) continue;
    tail.postcode = worth;
    tail.digits = digits;
    tail.town = tail.comma = true;
    // "H-1051", "SE-111 22": the longer reading.
    const longer = at - 1 >= limit ? postcodeAt(at - 1, true).end : -1;
    return longer > at && townEnd(longer) === start - 1 ? at - 1 : at;
  }
  return start;
}

/** "1052 Budapest Váci utca 44": the town was taken for the start of the street's name. */
function postcodeGluedBefore(start: number, floor: number, tail: Tail): number {
  const at = start - 1;
  if (at < floor || !isNumber(at) || lengthOf(at) < 4 || (isGlued(at) && isTail(at)) || !isCapital(start + 1))
    return start;
  const code = postcodeAt(at, true);
  if (code.end !== start || code.townFirst || (isYear(at) && at > 0 && signAt(at - 1) === 0)) return start;
  tail.postcode = code.worth;
  tail.digits = code.digits;
  tail.town = true;
  return at;
}

/** An address whose number, [index, end), stands before its street. */
function numberFirst(index: number, end: number, floor: number): Address | undefined {
  if (end < 0 || isTail(index)) return undefined;
  const street = streetBehind(end);
  if (street.strength === 0 || isHopeless(street)) return undefined;
  const tail = tailOf(street.end, street.languages, street.strength, false);
  const english = street.languages === ENGLISH;
  if (english && street.strength === STRONG && tail.end === street.end && !isAddressLike(index, street))
    return undefined;
  const number = { year: isYear(index) && isNumber(index), first: true, lettered: isMixed(index), comma: false };
  return verdict(unitBefore(index, floor), { ...street, start: index }, tail, number);
}

/** What the house number looks like. */
interface HouseNumber {
  readonly year: boolean;
  /** It stands before the street. */
  readonly first: boolean;
  readonly lettered: boolean;
  /** A comma stands between it and a bare name. */
  readonly comma: boolean;
}

/** "500 High Street shops", "top 10 Wall Street banks", "in 2008 Wall Street" are about something else. */
function isAddressLike(index: number, street: Street): boolean {
  if (isYear(index) && labelBefore(index) === 0) return false;
  for (let at = index + 1; at < street.end; at++) if (means(at, METONYM) && labelBefore(index) === 0) return false;
  const next = street.end;
  if (!isWordAt(next) || isCapital(next)) return true;
  return means(next, FOLLOWER);
}

/** "Flat 2, 12 High Street": first token of the flat, or `index`. */
function unitBefore(index: number, floor: number): number {
  const comma = isSign(index - 1, 0x2c) ? index - 1 : index;
  for (let at = comma - 2; at >= Math.max(floor, comma - 3); at--) {
    if (means(at, UNIT) && unitEnd(at) === comma) return at;
  }
  return index;
}

/** Whether the address has a line, or a part of it between signs, to itself. */
function standsAlone(start: number, end: number): boolean {
  const before = start === 0 || signAt(start - 1) !== 0;
  return before && (end >= tokens.count || signAt(end) !== 0) && closes(end);
}

function verdict(start: number, street: Street, tail: Tail, number: HouseNumber): Address | undefined {
  const { end, postcode, town, country, unit } = tail;
  const complete = postcode > 0 && town;
  const label = labelBefore(start);
  const address = (score: number, why: string): Address => ({ start, end, score, why });
  if (street.strength === STRONG) {
    if (complete) return address(0.97, "street, number, postcode and town");
    if (postcode > 0) return address(0.95, "street, number and postcode");
    if (town) return address(0.9, country ? "street, number, town and country" : "street, number and town");
    return number.year && label === 0 ? undefined : address(0.85, "word for a street, and a number");
  }
  if (number.year && label < HOME && postcode < PARTICULAR) return undefined;
  if (street.strength !== WEAK) return bareVerdict(start, tail, label, number);
  if (complete) return address(0.95, "street, number, postcode and town");
  if (postcode > 0) return address(0.9, "street, number and postcode");
  if (label > 0) return address(town ? 0.85 : 0.75, "street and number behind a label");
  const alone = standsAlone(start, end);
  if (country || (town && alone && number.first)) return address(0.75, "street, number and town");
  if (unit && alone) return address(0.65, "street, number and flat");
  const line = start === 0 && end >= tokens.count && number.first;
  return line ? address(0.6, "street and number alone on a line") : undefined;
}

/** No word says that this is a street. */
function bareVerdict(start: number, tail: Tail, label: number, number: HouseNumber): Address | undefined {
  const { end, postcode, comma, digits } = tail;
  const complete = postcode > 0 && tail.town;
  const address = (score: number, why: string): Address => ({ start, end, score, why });
  if (number.comma && !(complete && (digits >= 5 || postcode >= PARTICULAR))) return undefined;
  if (postcode >= PARTICULAR && complete && (tail.townFirst || !number.first))
    return address(0.92, "number, postcode of a particular shape and town");
  // "50000 Quaoar, 90377 Sedna": where the number comes first, bare digits are no postcode without their state.
  if (complete && (number.first ? tail.state : digits >= 5 && (comma || number.comma || label > 0)))
    return address(0.9, "name, number, postcode and town");
  if (number.first) return undefined;
  const parted = comma && (standsAlone(start, end) || (number.lettered && closes(end)));
  if (complete && digits === 4 && (label >= HOME || parted)) return address(0.8, "name, number, postcode and town");
  if (label === ROOF && isCapital(start) && !isShouted(start)) return address(0.65, "name and number behind a label");
  return undefined;
}

/** The post-office box whose number is at `number`. */
function boxBefore(number: number, floor: number): Address | undefined {
  let last = number - 1;
  while (last > floor && (!isWordAt(last) || means(last, NUMBER_WORD)) && number - last < BOX_TOKENS_MAX) last--;
  if (!means(last, BOX)) return undefined;
  for (let at = Math.max(floor, number - BOX_TOKENS_MAX); at < number; at++) {
    const box = means(at, BOX) ? boxAt(at, number) : undefined;
    if (box !== undefined) return box;
  }
  return undefined;
}

/** "P.O. Box 123", "Postfach 12 34 56, 10115 Berlin" */
function boxAt(index: number, number: number): Address | undefined {
  const strong = phraseEnd(BOXES, index);
  const end = strong >= 0 ? strong : phraseEnd(BOXES_WEAK, index);
  if (end < 0) return undefined;
  let at = isSign(end, 0x2e) ? end + 1 : end;
  if (isSign(at, 0x3a)) at++;
  if (means(at, NUMBER_WORD)) at += isSign(at + 1, 0x2e) || isSign(at + 1, 0xb0) ? 2 : 1;
  if (isSign(at, 0x23)) at++;
  if (at !== number || !isNumber(at) || lengthOf(at) > 6) return undefined;
  at++;
  for (let group = 0; group < 2 && isNumber(at) && !isGlued(at) && lengthOf(at) <= 2 && lengthOf(at - 1) <= 2; group++)
    at++;
  const tail = tailOf(at, 0, STRONG, false);
  if (tail.postcode > 0) return { start: index, end: tail.end, score: 0.95, why: "post-office box and postcode" };
  if (strong < 0 || means(at, STOP)) return undefined;
  return { start: index, end: tail.end, score: 0.85, why: "post-office box with its number" };
}
