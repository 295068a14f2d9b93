/**
 * Which spaces stand inside of an identifier that has letters in it: "QQ 12 34 56 C", "15 070649 C 103". The engine joins
 * digits to digits by itself; here a form is read to its end before anything is joined. See scanner/joint.ts.
 */
import type { Ahead } from "../scanner/ahead.ts";
import { isAsciiAlnum, isDigitCode, isGlued, isGroupSpace, isUpperCode } from "../scanner/characters.ts";
import { IDENTIFIERS } from "./countries/all.ts";
import { separatorOf } from "./shapes.ts";

/** Forms with a space beside a letter, as they are written in the rows, without the mark for standing alone. */
const FORMS: readonly string[] = [
  ...new Set(
    IDENTIFIERS.flatMap(({ shapes }) => shapes)
      .map((form) => form.replace("!", ""))
      .filter((form) => /[@A-Z*] | [@A-Z*]| [#]+[@*]/.test(form)),
  ),
];
/** Forms by the number of characters before each of their spaces: where the space at hand may be. */
const BY_SPACE: readonly (readonly string[])[] = Array.from({ length: 24 }, (_, at) =>
  FORMS.filter((form) => form[at] === " "),
);
/** Greek capitals in front of six digits, which a Greek identity card has. */
const LEADS_MAX = 2;
const LEAD_DIGITS = 6;

/** [start, at) is the island so far; the character at `at` is a space. Returns the end of the identifier, or -1. */
export function identifierEnd(ahead: Ahead, start: number, at: number): number {
  const { text } = ahead;
  const last = text.charCodeAt(at - 1);
  const next = ahead.code(at + 1);
  if (isGreekCapital(last)) return isDigitCode(next) ? leadEnd(ahead, start, at) : -1;
  // At least one side of the space is a capital or ends in one.
  if (
    !(isUpperCode(last) && (isDigitCode(next) || isUpperCode(next))) &&
    !(isDigitCode(last) && isMixed(ahead, at + 1))
  )
    return -1;
  let end = -1;
  for (let length = 1; length < BY_SPACE.length && at - length >= start; length++) {
    const from = at - length;
    if (from > 0 && isGlued(text, from - 1)) continue;
    for (const form of BY_SPACE[length] as readonly string[]) end = Math.max(end, formEnd(ahead, form, from));
  }
  return end > at ? end : -1;
}

/** A group that has capitals in it, and no word. */
function isMixed(ahead: Ahead, at: number): boolean {
  for (let i = at; i < at + 3; i++) {
    const code = ahead.code(i);
    if (isUpperCode(code)) return !isLetterBehind(ahead, i + 1);
    if (!isDigitCode(code)) return false;
  }
  return false;
}

/** A small letter, so that the capital before it begins a word. */
function isLetterBehind(ahead: Ahead, at: number): boolean {
  const code = ahead.code(at);
  return code >= 0x61 && code <= 0x7a;
}

function formEnd(ahead: Ahead, form: string, from: number): number {
  for (let i = 0; i < form.length; i++) {
    if (!fits(form.charCodeAt(i), ahead.code(from + i))) return -1;
  }
  const end = from + form.length;
  return isAsciiAlnum(ahead.code(end)) ? -1 : end;
}

function fits(sign: number, code: number): boolean {
  if (sign === 0x23) return isDigitCode(code);
  if (sign === 0x40) return isUpperCode(code);
  if (sign === 0x2a) return isDigitCode(code) || isUpperCode(code);
  return separatorOf(code) === sign;
}

function leadEnd(ahead: Ahead, start: number, at: number): number {
  let from = at;
  while (from > start && isGreekCapital(ahead.text.charCodeAt(from - 1))) from--;
  if (at - from > LEADS_MAX) return -1;
  for (let i = 1; i <= LEAD_DIGITS; i++) if (!isDigitCode(ahead.code(at + i))) return -1;
  const end = at + 1 + LEAD_DIGITS;
  return isAsciiAlnum(ahead.code(end)) || isGroupSpace(ahead.code(at + 1)) ? -1 : end;
}

function isGreekCapital(code: number): boolean {
  return code >= 0x391 && code <= 0x3a9;
}
