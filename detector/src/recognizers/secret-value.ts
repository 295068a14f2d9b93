/**
 * Is this value a secret, or does it only stand where one would? Placeholders, references to variables, calls, paths and
 * words of low entropy are not. The floors follow gitleaks' generic rule (MIT): a value without digit or sign is a word.
 */
import { isAsciiAlnum, isDigitCode, isLowerCode, isUpperCode } from "../scanner/characters.ts";

const PLACEHOLDER_WORDS = [
  "your",
  "changeme",
  "change_me",
  "change-me",
  "xxxx",
  "****",
  "....",
  "placeholder",
  "redacted",
  "insert",
  "replace",
  "password",
  "passwd",
  "passwort",
  "<",
  "todo",
];
const PLACEHOLDER_VALUES = new Set([
  "pass",
  "pwd",
  "secret",
  "token",
  "user",
  "username",
  "xxx",
  "***",
  "...",
  "null",
  "none",
  "undefined",
  "aws4-hmac-sha256",
]);
/** Placeholder words are looked for in values up to this length; a longer value is no placeholder. */
const PLACEHOLDER_CHARS_MAX = 64;

/** `${PASS}`, `{{ secret }}`, `%s`, `YOUR_API_KEY`, `********`, `[SECRET_1]`. */
export function isPlaceholder(text: string, start: number, end: number): boolean {
  const first = text[start] ?? "";
  if (first === "{" || first === "<" || first === "[" || first === "%") return true;
  if (first === "$" && !startsAsHash(text, start)) {
    let at = start + 1;
    while (at < end && (isAsciiAlnum(text.charCodeAt(at)) || text[at] === "_")) at++;
    if (at === end || text[start + 1] === "{" || text[start + 1] === "(") return true;
  }
  if (end - start > PLACEHOLDER_CHARS_MAX) return false;
  const written = text.slice(start, end);
  // In capitals it is how AWS marks the keys of its manual; in small letters it may be a host in a password.
  if (written.includes("EXAMPLE")) return true;
  const value = written.toLowerCase();
  if (value.includes("${") || value.includes("{{")) return true;
  return PLACEHOLDER_VALUES.has(value) || PLACEHOLDER_WORDS.some((word) => value.includes(word));
}

/** `$2b$12$…`, `$argon2id$…`: a password hash, not a variable. */
function startsAsHash(text: string, start: number): boolean {
  return (
    text.startsWith("$2", start) || text.startsWith("$argon2", start) || /^\$\d\$/.test(text.slice(start, start + 3))
  );
}

/** What documentation writes inside of a token whose form is right. A random body of forty holds one once in ten thousand. */
const MADE_UP_WORDS = [
  "example",
  "xxxx",
  "your",
  "placeholder",
  "changeme",
  "redacted",
  "dummy",
  "insert",
  "....",
  "****",
];
const MADE_UP_CHARS_MAX = 256;
/** Characters in alphabetical order, or of one kind, that no generator writes in a row. */
const ORDERED_CHARS_MAX = 12;

/** A token that was written by hand to show the form: `AKIA…EXAMPLE`, `ghp_xxxx…`, `AIzaSyabcdefghijklmnop…`. */
export function isMadeUp(text: string, start: number, end: number): boolean {
  let ordered = 1;
  let same = 1;
  for (let at = start + 1; at < end; at++) {
    const step = orderOf(text.charCodeAt(at)) - orderOf(text.charCodeAt(at - 1));
    ordered = step === 1 ? ordered + 1 : 1;
    same = step === 0 ? same + 1 : 1;
    if (ordered > ORDERED_CHARS_MAX || same > ORDERED_CHARS_MAX * 2) return true;
  }
  if (end - start > MADE_UP_CHARS_MAX) return false;
  const value = text.slice(start, end).toLowerCase();
  return MADE_UP_WORDS.some((word) => value.includes(word));
}

/** Place in 0–9a–z; letters of both cases are the same. */
function orderOf(code: number): number {
  if (isDigitCode(code)) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower - 0x57 : code + 256;
}

export interface ValueShape {
  readonly length: number;
  readonly digits: number;
  readonly letters: number;
  readonly lowers: number;
  readonly signs: number;
  /** Shannon entropy in bits a character. */
  readonly entropy: number;
}

const counts = new Int32Array(128);

export function shapeOf(text: string, start: number, end: number): ValueShape {
  counts.fill(0);
  let digits = 0;
  let letters = 0;
  let lowers = 0;
  let signs = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) digits++;
    else if (isLowerCode(code)) lowers++;
    else if (isUpperCode(code) || code >= 0x80) letters++;
    else if (code !== 0x2e && code !== 0x2d && code !== 0x5f && code !== 0x2f && code !== 0x2c) signs++;
    const slot = code & 0x7f;
    counts[slot] = (counts[slot] as number) + 1;
  }
  const length = end - start;
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / length) * Math.log2(count / length);
  return { length, digits, letters: letters + lowers, lowers, signs, entropy };
}

/** What people choose: short, but not a word. */
export function looksLikePassword(shape: ValueShape): boolean {
  return shape.length >= 6 && shape.digits + shape.signs > 0 && shape.entropy >= 2.2;
}

const CHOSEN_CHARS_MIN = 8;
/** With a sign in it; without one "Argon2id" has as many. */
const CHOSEN_CHANGES_MIN = 3;

/** What nobody would take for a word, a standard or a version: a digit, and capitals, small letters, digits and signs by turns. */
export function looksChosen(text: string, start: number, end: number): boolean {
  let last = 0;
  let changes = 0;
  let seen = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    const kind = isDigitCode(code) ? 1 : isLowerCode(code) ? 2 : isUpperCode(code) ? 4 : 8;
    // "AES-256-GCM", "base64url/v1.2": parts of a name.
    if (kind === 8 && "-./_".includes(text.charAt(at))) return false;
    if (last !== 0 && kind !== last) changes++;
    seen |= kind;
    last = kind;
  }
  const least = (seen & 8) === 0 ? CHOSEN_CHANGES_MIN + 1 : CHOSEN_CHANGES_MIN;
  return end - start >= CHOSEN_CHARS_MIN && (seen & 1) !== 0 && changes >= least;
}

/** What machines generate. */
export function looksLikeToken(shape: ValueShape): boolean {
  return shape.length >= 12 && shape.digits > 0 && shape.letters > 0 && shape.entropy >= 3;
}

const RANDOM_ENTROPY_MIN = 2.5;
const SOLID_CHARS = 4;

/** `sk-learn-contrib`, `hf_transfer_enabled`: words, each of one kind of letters. A random body mixes the kinds within one. */
export function looksRandom(text: string, start: number, end: number): boolean {
  const shape = shapeOf(text, start, end);
  if (shape.entropy < RANDOM_ENTROPY_MIN) return false;
  let from = start;
  let kinds = 0;
  let segments = 0;
  for (let at = start; at <= end; at++) {
    const code = at < end ? text.charCodeAt(at) : 0;
    const kind = isDigitCode(code) ? 1 : isLowerCode(code) ? 2 : isUpperCode(code) ? 4 : 0;
    if (kind !== 0) {
      // A capital at the front is how a word is written.
      if (kind !== 4 || at > from || isUpperCode(text.charCodeAt(at + 1))) kinds |= kind;
      continue;
    }
    if (at > from) segments++;
    if (at - from >= SOLID_CHARS && (kinds & (kinds - 1)) !== 0) return true;
    from = at + 1;
    kinds = 0;
  }
  return segments === 1 && shape.letters + shape.digits === shape.length && shape.lowers === 0;
}
