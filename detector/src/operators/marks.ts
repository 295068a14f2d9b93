/**
 * The marks that operators write in place of a value, and the way to know them again, so that text which was scrubbed once
 * stays as it is when it is scrubbed again:
 *
 * | mark | operator |
 * |---|---|
 * | `[EMAIL:9f8a…]` | hash (8 to 64 hexadecimal digits), pseudonym (16 characters of base 32) |
 * | `email_7f3a…` | pseudonym in its plain form |
 * | `[EMAIL~AQ…]` | encrypt, encrypt-deterministic (base64url) |
 * | `198.51.100.0/24`, `2001:db8::/48` | generalize, of IP addresses |
 *
 * A mark counts only with a type of TYPES and a body of that very form: in `[NOTE:jane@example.org]` and in
 * `[EMAIL:jane@example.org]` the address is still found. Linear in the text given; reads nothing outside of it.
 */
import { codeAt } from "../scanner/characters.ts";
import { TYPES } from "../types.ts";

export function valueMark(type: string, tag: string): string {
  return `[${type}:${tag}]`;
}

export function tokenMark(type: string, body: string): string {
  return `[${type}~${body}]`;
}

export function plainMark(type: string, tag: string): string {
  return `${type.toLowerCase()}_${tag}`;
}

const BRACKETED = /\[([A-Z][A-Z0-9_]*)(?::([0-9a-z]+)|~([A-Za-z0-9_-]+))\]/g;
const TAG = /^(?:[0-9a-f]{8,64}|[0-9a-hjkmnp-tv-z]{16})$/;
/** Version 1, one of three algorithms, key id and an authentication tag of sixteen bytes: nothing shorter was sealed. */
const BODY = /^AQ[EIM][A-Za-z0-9_-]{25}/;

interface Range {
  readonly start: number;
  readonly end: number;
}

const OPENING = 0x5b;
const NONE: readonly Range[] = [];

function holds(text: string, code: number, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (text.charCodeAt(at) === code) return true;
  return false;
}

/** The bracketed marks in [from, to), ascending. */
export function findMarks(text: string, from = 0, to: number = text.length): readonly Range[] {
  if (!holds(text, OPENING, from, to)) return NONE;
  const found: Range[] = [];
  const part = from === 0 && to === text.length ? text : text.slice(from, to);
  for (const match of part.matchAll(BRACKETED)) {
    const [whole, type = "", tag, body] = match;
    if (!Object.hasOwn(TYPES, type)) continue;
    const valid = tag === undefined ? BODY.test(body ?? "") : TAG.test(tag);
    if (valid) found.push({ start: from + match.index, end: from + match.index + whole.length });
  }
  return found;
}

const PLAIN_CHARS_MAX = 64;
const PLAIN_TAG_CHARS = 16;
const UNDERSCORE = 0x5f;
const SLASH = 0x2f;
const PLAIN = /^([a-z][a-z0-9_]*)_([0-9a-hjkmnp-tv-z]{16})$/;

function isNameUnit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x61 && unit <= 0x7a) || unit === 0x5f;
}

/** [start, end) lies in a pseudonym of the plain form that lies in [from, to). */
function isInPlainMark(text: string, start: number, end: number, from: number, to: number): boolean {
  let left = start;
  let right = end;
  while (left > from && start - left < PLAIN_CHARS_MAX && isNameUnit(text.charCodeAt(left - 1))) left--;
  while (right < to && right - end < PLAIN_CHARS_MAX && isNameUnit(text.charCodeAt(right))) right++;
  // The tag and its underscore; any letter may begin the type, no digit does.
  if (right - left > 2 * PLAIN_CHARS_MAX || codeAt(text, right - PLAIN_TAG_CHARS - 1) !== UNDERSCORE) return false;
  const [, type = "", tag = ""] = PLAIN.exec(text.slice(left, right)) ?? [];
  return Object.hasOwn(TYPES, type.toUpperCase()) && /[a-z]/.test(tag);
}

/** [start, end) is the address of a network, as `generalize` writes it: it stands for 256 lines or more, whoever wrote it. */
function isNetwork(text: string, start: number, end: number, to: number): boolean {
  if (codeAt(text, end) !== SLASH) return false;
  const suffix = text.slice(end, Math.min(end + 4, to));
  if (/^\/24(?![0-9])/.test(suffix)) return text.slice(start, end).endsWith(".0");
  return /^\/48(?![0-9])/.test(suffix) && text.slice(start, end).endsWith("::");
}

function isIn(marks: readonly Range[], start: number, end: number): boolean {
  for (const mark of marks) if (mark.start <= start && end <= mark.end) return true;
  return false;
}

/**
 * Takes out of `found` what is (a part of) a mark that stands whole in [from, to). Offsets are those of `text`. The detector
 * calls it for each stretch in which it found anything.
 */
export function dropMarks(text: string, from: number, to: number, found: Range[]): void {
  const marks = findMarks(text, from, to);
  let kept = 0;
  for (const finding of found) {
    const { start, end } = finding;
    if (isIn(marks, start, end) || isInPlainMark(text, start, end, from, to) || isNetwork(text, start, end, to))
      continue;
    found[kept++] = finding;
  }
  found.length = kept;
}
