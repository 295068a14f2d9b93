/**
 * Secrets that only their name gives away: `password=…`, `"api_key": "…"`, `<secret>…</secret>`, `--token …`,
 * `Authorization: Bearer …`, "my password is …", "password …" before what no word looks like, .netrc, connection strings, options of commands. The name is read by whole words,
 * the value must look generated or chosen (secret-value.ts). A value ends at white space, at its quotation mark, or where a query
 * string's next parameter begins.
 */
import { codeAt, DIGIT, isGroupSpace, isIn, isWord, PAIR, PAIRED, setOf, SIGN } from "../scanner/characters.ts";
import { cellStart, contextBefore, hasWord, isCell, lineAbove, LOOKBACK_CHARS, meaningAt } from "../scanner/context.ts";
import type { Island } from "../scanner/island.ts";
import { AUTHORIZATION, BASIC, BEARER, IS, KEY, KEY_KIND, LINK, MARKER, PASSWORD, TOKEN } from "../scanner/words.ts";
import { type Recognizer, type Sink, wording } from "./recognizer.ts";
import { besideRule, mayStandBeside } from "./secret-beside.ts";
import { isPlaceholder, looksChosen, looksLikePassword, looksLikeToken, looksRandom, shapeOf } from "./secret-value.ts";

/** Quotes, spaces and brackets between a name, its sign and its value: `"] = "`. */
const SIGNS_BETWEEN_MAX = 8;
const FLAG_CHARS_MAX = 40;
const VALUE_CHARS_MIN = 6;
/** Where the grammar leaves no doubt that a password stands there. */
const CERTAIN_CHARS_MIN = 4;
const READ_AGAIN_MAX = 4;
const LAST_OF_PASSWORD = 0x64;
const LETTERS_CHARS_MIN = 20;
const SPOKEN_TOKEN_CHARS_MIN = 20;

/** What a name says of its value. "certain": a password, whatever it looks like; "spoken…": nothing but a space parts the two. */
type Kind = "password" | "token" | "certain" | "spoken-password" | "spoken-token";

const RULES: Readonly<Record<Kind, string>> = {
  password: "named-password: value of a name for a password, entropy over its floor",
  token: "named-token: value of a name for a token, entropy over its floor",
  certain: "named-password: where a connection string has its password",
  "spoken-password": "named-password: looks like nothing else, with the word directly before it",
  "spoken-token": "named-token: long and random, with the word directly before it",
};

const WHY_VENDOR = wording((rule) => `${rule}: form, with the vendor's name before it`);

export const secretPair: Recognizer = {
  name: "secret-pair",
  trigger: DIGIT | SIGN | PAIR | PAIRED,
  charsMin: CERTAIN_CHARS_MIN,
  find(island: Island, sink: Sink): void {
    const { text, start, end } = island;
    // A word of letters only is no password; it may be a vendor's key, and they are longer than words.
    if ((island.classes & (DIGIT | SIGN | PAIR)) === 0 && end - start < LETTERS_CHARS_MIN) return;
    if (findOption(island, sink)) return;
    let at = findAt(island, cellStart(text, start, end), sink);
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
  if (limit - start < CERTAIN_CHARS_MIN) return 0;
  const paired = hasPairBefore(text, start);
  // Most numbers in prose are as short: only .netrc's "password" makes one a secret without a sign before it.
  if (!paired && limit - start < VALUE_CHARS_MIN && codeAt(text, start - 2) !== LAST_OF_PASSWORD) return 0;
  const kind = paired ? nameOfPair(text, start) : nameBefore(text, start);
  const beside = paired && mayStandBeside(text, start, limit);
  if (kind === undefined && !beside) return 0;
  const end = valueEnd(text, start, limit, quoted || (start > 0 && text.charCodeAt(start - 1) === 0x27));
  if (end - start < (kind === "certain" ? CERTAIN_CHARS_MIN : VALUE_CHARS_MIN)) return start - end;
  const vendor = beside ? besideRule(text, start, end) : undefined;
  if (vendor !== undefined && !isPlaceholder(text, start, end)) {
    sink.add("SECRET", start, end, 0.9, "secret-pair", WHY_VENDOR(vendor.id));
    return end;
  }
  if (kind === undefined || isPlaceholder(text, start, end) || isReference(text, start, end)) return start - end;
  if (!looksRight(kind, text, start, end)) return start - end;
  sink.add("SECRET", start, end, kind.startsWith("spoken") ? 0.7 : 0.85, "secret-pair", RULES[kind]);
  return end;
}

/** What stands in minified programs and in no password that people choose. */
const CODE = ["})", "()", ");", "=>", "!!", "){", "&&", "this."];
/** What no generated token has in it. */
const SYNTAX = "(){}[];,|<>";

function looksRight(kind: Kind, text: string, start: number, end: number): boolean {
  if (kind === "certain") return true;
  const shape = shapeOf(text, start, end);
  const value = text.substring(start, Math.min(end, start + REFERENCE_CHARS_MAX));
  if (kind === "password" || kind === "spoken-password") {
    if (kind !== "password" && !looksChosen(text, start, end)) return false;
    return looksLikePassword(shape) && !CODE.some((part) => value.includes(part));
  }
  if (kind === "spoken-token" && end - start < SPOKEN_TOKEN_CHARS_MIN) return false;
  return looksLikeToken(shape) && ![...SYNTAX].some((sign) => value.includes(sign)) && looksRandom(text, start, end);
}

/** What ends a sentence or closes a bracket is no part of a value. */
const CLOSING = setOf(",;:.)]}'?");

function valueEnd(text: string, start: number, limit: number, quoted: boolean): number {
  let end = start;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (isGroupSpace(code) || (quoted && code === 0x27)) return end;
    // `\n`, `\"` of a JSON text inside a text; `&name=` of a query string, `;Name=` of a connection string.
    if (code === 0x5c && (end + 1 === limit || "nrt".includes(text[end + 1] ?? ""))) return end;
    if ((code === 0x26 || code === 0x3b || code === 0x2c) && isParameter(text, end + 1, limit)) return end;
  }
  while (end > start && isIn(CLOSING, text.charCodeAt(end - 1))) end--;
  return end;
}

function isParameter(text: string, from: number, limit: number): boolean {
  let at = from;
  while (at < limit && at - from < FLAG_CHARS_MAX && isWord(text, at)) at++;
  return at > from && at < limit && text.charCodeAt(at) === 0x3d;
}

/** What the name before the sign before `start` says. */
function nameOfPair(text: string, start: number): Kind | undefined {
  contextBefore(text, start);
  const kind = named() ?? namedAround(text, start);
  return kind === "password" && isConnectionString(text, start) ? "certain" : kind;
}

/** What words without a sign say. */
function nameBefore(text: string, start: number): Kind | undefined {
  const before = codeAt(text, start - 1);
  if (start > 2 && (before === 0x22 || before === 0x27) && text.charCodeAt(start - 2) === 0x20) {
    // `the password is "…"`
    contextBefore(text, start);
    return (meaningAt(0) & IS) !== 0 && (meaningAt(1) & PASSWORD) !== 0 ? "password" : undefined;
  }
  if (start < 2 || before !== 0x20) return nameAbove(text, start);
  // Exactly one space behind the word; columns are parted by more.
  if (text.charCodeAt(start - 2) === 0x20) {
    contextBefore(text, start);
    return (meaningAt(0) & PASSWORD) === 0 ? undefined : "spoken-password";
  }
  if (!isWord(text, start - 2)) return undefined;
  contextBefore(text, start);
  const nearest = meaningAt(0);
  if ((nearest & BEARER) !== 0) return "token";
  if ((nearest & BASIC) !== 0 && (meaningAt(1) & AUTHORIZATION) !== 0) return "token";
  // "Pass Nr. ist …" speaks of a passport.
  if ((nearest & IS) !== 0 && (meaningAt(1) & MARKER) !== 0) return undefined;
  if ((nearest & IS) !== 0 && ((meaningAt(1) | meaningAt(2) | meaningAt(3)) & PASSWORD) !== 0) return "password";
  // "parool on …", "parole ir …": words that are "and" or "on" in other languages.
  if ((nearest & LINK) !== 0 && (meaningAt(1) & PASSWORD) !== 0) return "spoken-password";
  if (
    (nearest & IS) !== 0 &&
    ((meaningAt(1) & TOKEN) !== 0 || ((meaningAt(1) & KEY) !== 0 && (meaningAt(2) & KEY_KIND) !== 0))
  )
    return "spoken-token";
  if ((nearest & PASSWORD) !== 0 && isNetrc(text, start)) return "certain";
  if ((nearest & (PASSWORD | TOKEN | KEY)) === 0) return undefined;
  const kind = named();
  if (kind === undefined || isFlag(text, start - 1)) return kind;
  return kind === "password" ? "spoken-password" : "spoken-token";
}

/** "Password:" on the line above, and nothing else there. */
function nameAbove(text: string, start: number): Kind | undefined {
  const above = lineAbove(text, start);
  if (above < 0) return undefined;
  contextBefore(text, above);
  for (let word = 0; hasWord(word); word++) if ((meaningAt(word) & (PASSWORD | LINK)) === 0) return undefined;
  return (meaningAt(0) & PASSWORD) === 0 ? undefined : "spoken-password";
}

function named(): Kind | undefined {
  const nearest = meaningAt(0);
  if ((nearest & PASSWORD) !== 0) return "password";
  if ((nearest & TOKEN) !== 0) return "token";
  if ((nearest & KEY) !== 0 && (meaningAt(1) & KEY_KIND) !== 0) return "token";
  if ((nearest & (IS | LINK)) !== 0 && (meaningAt(1) & PASSWORD) !== 0) return "password";
  return undefined;
}

const VALUE_NAME = "value";
const VALUE_LAST = VALUE_NAME.charCodeAt(VALUE_NAME.length - 1);

/**
 * The name is the value of another pair: `<add key="Password" value="…">`, `{"name": "DB_PASSWORD", "value": "…"}`, and the two
 * lines of a container's environment, `- name: DB_PASSWORD` and `value: …`.
 */
function namedAround(text: string, start: number): Kind | undefined {
  let end = start;
  const floor = Math.max(0, start - SIGNS_BETWEEN_MAX);
  while (end > floor && !isWord(text, end - 1)) end--;
  const from = end - VALUE_NAME.length;
  if (
    (text.charCodeAt(end - 1) | 0x20) !== VALUE_LAST ||
    from < 1 ||
    isWord(text, from - 1) ||
    text.slice(from, end).toLowerCase() !== VALUE_NAME
  )
    return undefined;
  let at = from;
  const lineFloor = Math.max(0, from - LOOKBACK_CHARS / 2);
  while (at > lineFloor && " \t\"'{-".includes(text[at - 1] ?? "")) at--;
  const line = text[at - 1];
  if (line === "\n") while (at > lineFloor && "\r\n".includes(text[at - 1] ?? "")) at--;
  contextBefore(text, line === "\n" ? at : from);
  return named();
}

/** `;Password=…` of ADO, ODBC and JDBC. */
function isConnectionString(text: string, start: number): boolean {
  if (text.charCodeAt(start - 1) !== 0x3d) return false;
  let at = start - 1;
  const floor = Math.max(0, start - FLAG_CHARS_MAX);
  while (at > floor && (isWord(text, at - 1) || text[at - 1] === " ")) at--;
  return at > 0 && text[at - 1] === ";";
}

/** `machine … login … password …`: https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html */
function isNetrc(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - LOOKBACK_CHARS), start);
  const login = before.lastIndexOf("login ");
  return login > 0 && (before.lastIndexOf("machine ", login) >= 0 || before.lastIndexOf("default ", login) >= 0);
}

/** `name=`, `"name": "`, `name => '`, `<name>`, `config["name"] = "`, `name;`, "name - ", name and a tab end directly before `start`. */
function hasPairBefore(text: string, start: number): boolean {
  const floor = Math.max(0, start - SIGNS_BETWEEN_MAX);
  let pair = false;
  for (let i = start - 1; i >= floor; i--) {
    const code = text.charCodeAt(i);
    const between = code < BETWEEN.length ? (BETWEEN[code] as number) : NOT_BETWEEN;
    if (
      between === BETWEEN_PAIR ||
      (code === 0x2d && isDashAlone(text, i)) ||
      (code === 0x3b && isCell(text, i, start))
    )
      pair = true;
    else if (between === NOT_BETWEEN) return pair && isWord(text, i);
  }
  return false;
}

/** "password - hunter2" */
function isDashAlone(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) === 0x20 && text.charCodeAt(at + 1) === 0x20;
}

// What may stand between a name and its value.
const NOT_BETWEEN = 0;
const BETWEEN_FILL = 1;
const BETWEEN_PAIR = 2;
/** Index: ASCII code. */
const BETWEEN = new Uint8Array(0x80);
for (const sign of " \"'`\\]-*") BETWEEN[sign.charCodeAt(0)] = BETWEEN_FILL;
for (const sign of "=:>\t|") BETWEEN[sign.charCodeAt(0)] = BETWEEN_PAIR;

/** The word that ends at `end` belongs to a command line's `--flag`. */
function isFlag(text: string, end: number): boolean {
  let at = end;
  const floor = Math.max(0, end - FLAG_CHARS_MAX);
  while (at > floor && (isWord(text, at - 1) || text.charCodeAt(at - 1) === 0x2d)) at--;
  return at < end && text.startsWith("--", at);
}

/** Lower case; the secret follows, after a quotation mark or at once. */
const LEADS = ["identified by ", "sshpass -p ", "convertto-securestring ", " -u ", "--user "];
const LEAD_CHARS_MAX = 24;
/** The two characters before the space that ends each lead: a cheap no for nearly every island. */
const LEAD_LAST = new Uint8Array(128);
const LEAD_LAST_BUT_ONE = new Uint8Array(128);
for (const lead of LEADS) {
  LEAD_LAST[lead.charCodeAt(lead.length - 2)] = 1;
  LEAD_LAST_BUT_ONE[lead.charCodeAt(lead.length - 3)] = 1;
}

function isOf(lasts: Uint8Array, code: number): boolean {
  return code < lasts.length && lasts[code | 0x20] === 1;
}

const COMMANDS_OF_USER = ["curl ", "wget ", "http "];
const COMMANDS_OF_P = ["mysql", "mariadb"];
const OPTION_WHY = "command-line-password: where a command or statement takes its password";

/** Secrets that a command or a statement takes without a name: `curl -u user:…`, `mysql -p…`, `IDENTIFIED BY '…'`. */
function findOption(island: Island, sink: Sink): boolean {
  const { text, start, end } = island;
  const first = text.charCodeAt(start);
  if (first === 0x2d && codeAt(text, start + 1) === 0x70) return findGlued(text, start, end, sink);
  const before = codeAt(text, start - 1);
  const at = before === 0x22 || before === 0x27 ? start - 1 : start;
  if (codeAt(text, at - 1) !== 0x20) return false;
  if (!isOf(LEAD_LAST, codeAt(text, at - 2)) || !isOf(LEAD_LAST_BUT_ONE, codeAt(text, at - 3))) return false;
  const lead = text.slice(Math.max(0, at - LEAD_CHARS_MAX), at).toLowerCase();
  const which = LEADS.findIndex((candidate) => lead.endsWith(candidate));
  if (which < 0) return false;
  const quoted = first === 0x27;
  // "Identified by" is a verb in prose; in SQL its password is quoted.
  if (which === 0 && !quoted && at === start) return false;
  let from = quoted ? start + 1 : start;
  const to = valueEnd(text, from, end, quoted || before === 0x27);
  if (which >= LEADS.indexOf(" -u ")) {
    const colon = text.slice(from, to).indexOf(":");
    if (colon < 0 || !follows(text, at, COMMANDS_OF_USER)) return false;
    from += colon + 1;
  }
  if (to - from < CERTAIN_CHARS_MIN || isPlaceholder(text, from, to) || isReference(text, from, to)) return false;
  sink.add("SECRET", from, to, 0.9, "secret-pair", OPTION_WHY);
  return true;
}

/** `mysql -pSecret1`. */
function findGlued(text: string, start: number, end: number, sink: Sink): boolean {
  const quoted = text.charCodeAt(start + 2) === 0x27;
  const from = quoted ? start + 3 : start + 2;
  const to = valueEnd(text, from, end, quoted);
  if (text.slice(from, to).includes("=") || isPlaceholder(text, from, to) || !follows(text, start, COMMANDS_OF_P))
    return false;
  if (!looksLikePassword(shapeOf(text, from, to))) return false;
  sink.add("SECRET", from, to, 0.85, "secret-pair", OPTION_WHY);
  return true;
}

/** One of the commands stands before `at` in its line. */
function follows(text: string, at: number, commands: readonly string[]): boolean {
  const before = text.slice(Math.max(0, at - LOOKBACK_CHARS), at);
  const line = before.substring(before.lastIndexOf("\n") + 1);
  return commands.some((command) => line.includes(command));
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
