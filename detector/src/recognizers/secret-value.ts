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
  const value = text.slice(start, end).toLowerCase();
  if (value.includes("${") || value.includes("{{")) return true;
  return PLACEHOLDER_VALUES.has(value) || PLACEHOLDER_WORDS.some((word) => value.includes(word));
}

/** `$2b$12$…`, `$argon2id$…`: a password hash, not a variable. */
function startsAsHash(text: string, start: number): boolean {
  return (
    text.startsWith("$2", start) || text.startsWith("$argon2", start) || /^\$\d\$/.test(text.slice(start, start + 3))
  );
}

export interface ValueShape {
  readonly length: number;
  readonly digits: number;
  readonly letters: number;
  readonly signs: number;
  /** Shannon entropy in bits a character. */
  readonly entropy: number;
}

const counts = new Int32Array(128);

export function shapeOf(text: string, start: number, end: number): ValueShape {
  counts.fill(0);
  let digits = 0;
  let letters = 0;
  let signs = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) digits++;
    else if (isLowerCode(code) || isUpperCode(code) || code >= 0x80) letters++;
    else if (code !== 0x2e && code !== 0x2d && code !== 0x5f && code !== 0x2f && code !== 0x2c) signs++;
    const slot = code & 0x7f;
    counts[slot] = (counts[slot] as number) + 1;
  }
  const length = end - start;
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / length) * Math.log2(count / length);
  return { length, digits, letters, signs, entropy };
}

/** What people choose: short, but not a word. */
export function looksLikePassword(shape: ValueShape): boolean {
  return shape.length >= 6 && shape.digits + shape.signs > 0 && shape.entropy >= 2.2;
}

/** What machines generate. */
export function looksLikeToken(shape: ValueShape): boolean {
  return shape.length >= 12 && shape.digits > 0 && shape.letters > 0 && shape.entropy >= 3;
}
