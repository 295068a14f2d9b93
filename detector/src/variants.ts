/**
 * The spellings in which a placeholder `[EMAIL_1]` may come back from a model, as one left-to-right reader: an opening
 * bracket, a body, a closing bracket, each in any of the escapes below, plus the bare word `EMAIL_1`. The reader looks at
 * each character of a candidate once and never backtracks; a body holds no opening bracket, so a text is read in linear
 * time. It only reads: whether the name was issued is the caller's question.
 *
 * | part | spellings |
 * |---|---|
 * | open | `[` `\[` `［` `【` `&#91;` `&#x5b;` `&lbrack;` `&lsqb;` `%5B` `\u005b` |
 * | body | letters in either case, digits, and for `_` also `\_`, space, hyphen |
 * | close | `]` `\]` `］` `】` `&#93;` `&#x5d;` `&rbrack;` `&rsqb;` `%5D` `\u005d` |
 *
 * Parentheses, braces, angle brackets and quotes are not spellings of a bracket: `(EMAIL_1)` is a bare word in parentheses,
 * and the parentheses stay. The bare word must be upper-case as issued, because `email_1` is what programs call a variable.
 */

/** How the value must be written: in the escape that the opening bracket was written in. */
export type Escape = "none" | "html" | "percent" | "json";

/** Where the reader stopped. `cut` means that the text ended while everything so far fits. */
export type Reading = "no" | "cut" | "yes";

/** What the reader found; one object is reused for every candidate, so copy what must last. */
export interface Candidate {
  /** Canonical name, for example `EMAIL_1`; so far, when the reading is `cut`. */
  name: string;
  /** Offset after the last character, when the reading is `yes`. */
  end: number;
  escape: Escape;
  /** The text ended inside the closing bracket, so the name is complete. */
  closing: boolean;
  /** Opened by `\[` and closed by an unescaped bracket: the backslash may be the text's own, as in `CORP\[PERSON_1]`. */
  looseBackslash: boolean;
}

export function newCandidate(): Candidate {
  return { name: "", end: 0, escape: "none", closing: false, looseBackslash: false };
}

/** Most characters that one escaped bracket takes (`&lbrack;`). */
export const BRACKET_LENGTH_MAX = 8;

const OPEN_ENTITIES = ["&#91;", "&#x5b;", "&lbrack;", "&lsqb;"];
const CLOSE_ENTITIES = ["&#93;", "&#x5d;", "&rbrack;", "&rsqb;"];
const OPEN_JSON = ["\\u005b"];
const CLOSE_JSON = ["\\u005d"];
const OPEN_PERCENT = ["%5b"];
const CLOSE_PERCENT = ["%5d"];

/** The escaped opening brackets that end in a character which is not part of a word, so that a bare word could follow. */
export const OPENERS_BEFORE_A_WORD: readonly string[] = OPEN_ENTITIES;

/** The characters with which a bracketed variant can begin. */
export const OPENERS: readonly string[] = ["[", "\\", "&", "%", "［", "【"];

/** UTF-16 unit of one of OPENERS. */
export function opensBracket(unit: number): boolean {
  return unit === 0x5b || unit === 0x5c || unit === 0x26 || unit === 0x25 || unit === 0xff3b || unit === 0x3010;
}

/** `[`, `［` or `【`. */
export function isOpeningBracket(unit: number): boolean {
  return unit === 0x5b || unit === 0xff3b || unit === 0x3010;
}

const NO = -1;
const CUT = -2;

/** Length of the spelling (compared in lower case) that stands at `at`, or NO, or CUT when the text ends inside one. */
function spelled(text: string, at: number, spellings: readonly string[]): number {
  const available = text.length - at;
  let result = NO;
  for (const spelling of spellings) {
    const length = Math.min(spelling.length, available);
    let same = 0;
    while (same < length && lower(text.charCodeAt(at + same)) === spelling.charCodeAt(same)) same++;
    if (same === spelling.length) return same;
    if (same === available) result = CUT;
  }
  return result;
}

function lower(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
}

function bracketLength(text: string, at: number, into: Candidate): number {
  switch (text.charCodeAt(at)) {
    case 0x5b:
    case 0xff3b:
    case 0x3010:
      into.escape = "none";
      return 1;
    case 0x5c: {
      if (at + 1 === text.length) return CUT;
      if (text.charCodeAt(at + 1) === 0x5b) {
        into.escape = "none";
        return 2;
      }
      into.escape = "json";
      return spelled(text, at, OPEN_JSON);
    }
    case 0x26:
      into.escape = "html";
      return spelled(text, at, OPEN_ENTITIES);
    case 0x25:
      into.escape = "percent";
      return spelled(text, at, OPEN_PERCENT);
    default:
      return NO;
  }
}

function closingLength(text: string, at: number): number {
  switch (text.charCodeAt(at)) {
    case 0x5d:
    case 0xff3d:
    case 0x3011:
      return 1;
    case 0x5c:
      if (at + 1 === text.length) return CUT;
      return text.charCodeAt(at + 1) === 0x5d ? 2 : spelled(text, at, CLOSE_JSON);
    case 0x26:
      return spelled(text, at, CLOSE_ENTITIES);
    case 0x25:
      return spelled(text, at, CLOSE_PERCENT);
    default:
      return NO;
  }
}

/** Reads a bracketed variant at `at`, where `opensBracket` holds. Gives up on a name longer than `nameLengthMax`. */
export function readBracketed(text: string, at: number, nameLengthMax: number, into: Candidate): Reading {
  into.name = "";
  into.closing = false;
  into.looseBackslash = false;
  const opening = bracketLength(text, at, into);
  if (opening === NO) return "no";
  if (opening === CUT) return "cut";
  let index = at + opening;
  let name = "";
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    const character = bodyCharacter(unit);
    if (character !== "") {
      name += character;
      index++;
    } else if (unit === 0x5c && text.charCodeAt(index + 1) === 0x5f) {
      name += "_";
      index += 2;
    } else {
      const closing = closingLength(text, index);
      into.name = name;
      if (closing === NO || name === "") return "no";
      if (closing === CUT) {
        // A lone backslash at the end may still become `\_`.
        into.closing = unit !== 0x5c || index + 1 < text.length;
        return "cut";
      }
      into.end = index + closing;
      into.looseBackslash = opening === 2 && closing === 1;
      return "yes";
    }
    if (name.length > nameLengthMax) return "no";
  }
  into.name = name;
  return "cut";
}

/** One character of the canonical name, or "" when `unit` cannot stand for one. */
function bodyCharacter(unit: number): string {
  if (unit >= 0x41 && unit <= 0x5a) return String.fromCharCode(unit);
  if (unit >= 0x30 && unit <= 0x39) return String.fromCharCode(unit);
  if (unit >= 0x61 && unit <= 0x7a) return String.fromCharCode(unit - 0x20);
  if (unit === 0x5f || unit === 0x20 || unit === 0x2d) return "_";
  return "";
}

/**
 * Reads a bare word at `at`, where an upper-case letter stands that continues no word. `yes` means that the word ended
 * before a character that cannot continue it; a word that ends with the text is `cut`.
 */
export function readBare(text: string, at: number, nameLengthMax: number, into: Candidate): Reading {
  into.escape = "none";
  into.closing = false;
  into.looseBackslash = false;
  let index = at;
  let name = "";
  for (; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if ((unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f) {
      name += String.fromCharCode(unit);
    } else if (unit === 0x5c) {
      if (index + 1 === text.length) break;
      if (text.charCodeAt(index + 1) !== 0x5f) break;
      name += "_";
      index++;
    } else break;
    if (name.length > nameLengthMax) return "no";
  }
  into.name = name;
  into.end = index;
  if (index === text.length || (text.charCodeAt(index) === 0x5c && index + 1 === text.length)) return "cut";
  return continuesWord(text.charCodeAt(index)) ? "no" : "yes";
}

/**
 * Letters, digits, marks and underscore of every script. The halves of a surrogate pair count as neither, so that the answer
 * needs one unit only and is the same however the text is cut.
 */
export function continuesWord(unit: number): boolean {
  if (unit < 128) return ASCII_WORD[unit] === 1;
  return WORD.test(String.fromCharCode(unit));
}

const WORD = /[\p{L}\p{N}\p{M}_]/u;
const ASCII_WORD = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++) if (WORD.test(String.fromCharCode(unit))) ASCII_WORD[unit] = 1;
