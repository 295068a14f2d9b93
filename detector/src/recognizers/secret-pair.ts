/**
 * Secrets that only their name gives away: `password=…`, `"api_key": "…"`, `<secret>…</secret>`, `--token …`,
 * `Authorization: Bearer …`, "my password is …". The name is read by whole words, the value must look generated or chosen
 * (secret-value.ts). A value ends at white space, at its quotation mark, or where a query string's next parameter begins.
 */
import { DIGIT, isGroupSpace, isWord, PAIR, SIGN } from "../scanner/characters.ts";
import { contextBefore, meaningAt } from "../scanner/context.ts";
import type { Island } from "../scanner/island.ts";
import { AUTHORIZATION, BASIC, BEARER, IS, KEY, KEY_KIND, LINK, PASSWORD, TOKEN } from "../scanner/words.ts";
import type { Recognizer, Sink } from "./recognizer.ts";
import { isPlaceholder, looksLikePassword, looksLikeToken, shapeOf } from "./secret-value.ts";

/** Quotes, spaces and brackets between a name, its sign and its value: `"] = "`. */
const SIGNS_BETWEEN_MAX = 8;
const FLAG_CHARS_MAX = 40;
const VALUE_CHARS_MIN = 6;
const READ_AGAIN_MAX = 4;

export const secretPair: Recognizer = {
  name: "secret-pair",
  trigger: DIGIT | SIGN | PAIR,
  find(island: Island, sink: Sink): void {
    const { text, start, end } = island;
    let at = findAt(island, start, sink);
    if ((island.classes & PAIR) === 0) return;
    // A value that is refused may hold the pair that counts (`token: password=…`), so its inside is read again, but not for
    // ever: `password=password=…` would make that quadratic.
    let budget = READ_AGAIN_MAX * (end - start);
    for (let i = start; i + 1 < end && budget > 0; i++) {
      const code = text.charCodeAt(i);
      if (i < at || (code !== 0x3d && code !== 0x3a) || isPairCode(text.charCodeAt(i + 1))) continue;
      at = findAt(island, i + 1, sink);
      if (at < 0) budget += at;
    }
  },
};

function isPairCode(code: number): boolean {
  return code === 0x3d || code === 0x3a || code === 0x3e;
}

/** End of the value that begins at `at` when it is a secret; else how much was read in vain, as a negative number. */
function findAt(island: Island, at: number, sink: Sink): number {
  const { text, end: limit } = island;
  const quoted = text.charCodeAt(at) === 0x27;
  const start = quoted ? at + 1 : at;
  const name = limit - start < VALUE_CHARS_MIN ? undefined : nameBefore(text, start);
  if (name === undefined) return 0;
  const end = valueEnd(text, start, limit, quoted || (start > 0 && text.charCodeAt(start - 1) === 0x27));
  const refused = end - start < VALUE_CHARS_MIN || isPlaceholder(text, start, end) || isReference(text, start, end);
  if (refused) return start - end;
  const shape = shapeOf(text, start, end);
  if (name === "password" ? !looksLikePassword(shape) : !looksLikeToken(shape)) return start - end;
  sink.add("SECRET", start, end, 0.85, "secret-pair", `value of a name for a ${name}, entropy over its floor`);
  return end;
}

function valueEnd(text: string, start: number, limit: number, quoted: boolean): number {
  let end = start;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (isGroupSpace(code) || (quoted && code === 0x27)) return end;
    // `\n`, `\"` of a JSON text inside a text; `&name=` of a query string, `;Name=` of a connection string.
    if (code === 0x5c && (end + 1 === limit || "nrt".includes(text[end + 1] ?? ""))) return end;
    if ((code === 0x26 || code === 0x3b || code === 0x2c) && isParameter(text, end + 1, limit)) return end;
  }
  while (end > start && ",;:.)]}'?".includes(text[end - 1] ?? "")) end--;
  return end;
}

function isParameter(text: string, from: number, limit: number): boolean {
  let at = from;
  while (at < limit && at - from < FLAG_CHARS_MAX && isWord(text, at)) at++;
  return at > from && at < limit && text.charCodeAt(at) === 0x3d;
}

/** What the text to the left says that the value is. */
function nameBefore(text: string, start: number): "password" | "token" | undefined {
  if (hasPairBefore(text, start)) {
    contextBefore(text, start);
    return named();
  }
  // Exactly one space behind the word.
  if (start < 2 || text.charCodeAt(start - 1) !== 0x20 || !isWord(text, start - 2)) return undefined;
  contextBefore(text, start);
  const nearest = meaningAt(0);
  if ((nearest & BEARER) !== 0) return "token";
  if ((nearest & BASIC) !== 0 && (meaningAt(1) & AUTHORIZATION) !== 0) return "token";
  if ((nearest & IS) !== 0 && (meaningAt(1) & PASSWORD) !== 0) return "password";
  return (nearest & (PASSWORD | TOKEN | KEY)) !== 0 && isFlag(text, start - 1) ? named() : undefined;
}

function named(): "password" | "token" | undefined {
  const nearest = meaningAt(0);
  if ((nearest & PASSWORD) !== 0) return "password";
  if ((nearest & TOKEN) !== 0) return "token";
  if ((nearest & KEY) !== 0 && (meaningAt(1) & KEY_KIND) !== 0) return "token";
  if ((nearest & (IS | LINK)) !== 0 && (meaningAt(1) & PASSWORD) !== 0) return "password";
  return undefined;
}

/** `name=`, `"name": "`, `name => '`, `<name>`, `config["name"] = "` end directly before `start`. */
function hasPairBefore(text: string, start: number): boolean {
  const floor = Math.max(0, start - SIGNS_BETWEEN_MAX);
  let pair = false;
  for (let i = start - 1; i >= floor; i--) {
    const char = text[i] ?? "";
    if (char === "=" || char === ":" || char === ">") pair = true;
    else if (isWord(text, i)) return pair;
    else if (!" \t\"'`\\]-".includes(char)) return false;
  }
  return false;
}

/** The word that ends at `end` belongs to a command line's `--flag`. */
function isFlag(text: string, end: number): boolean {
  let at = end;
  const floor = Math.max(0, end - FLAG_CHARS_MAX);
  while (at > floor && (isWord(text, at - 1) || text.charCodeAt(at - 1) === 0x2d)) at--;
  return at < end && text.startsWith("--", at);
}

/** `getenv("X")`, `process.env.DB_PASS`, `request?.token`, `/home/user`, `/^[a-z]+$/`: where it is or how it looks. */
const NAME_REFERENCE = /^[A-Za-z_$][\w$]*(?:\?\.|\(|\[|(?:\.[A-Za-z_$][\w$]*)+(?:$|[([?]))/;
const REFERENCE_CHARS_MAX = 80;

function isReference(text: string, start: number, end: number): boolean {
  const first = text[start] ?? "";
  if (first === "(" || text.startsWith("/^", start)) return true;
  const head = text.slice(start, Math.min(end, start + REFERENCE_CHARS_MAX));
  if (head.includes("://") || NAME_REFERENCE.test(head)) return true;
  return (first === "/" || first === "~") && end - start < REFERENCE_CHARS_MAX / 2 && head.includes("/", 1);
}
