/**
 * Decodes what is encoded character by character: percent-encoding, character references of HTML, escapes of JSON and programs,
 * quoted-printable, characters that nobody sees, and ASCII in the guise of other characters. All of them in one pass, so that
 * a value may mix them; each decoded character remembers the stretch of the text that it came from. Encoded twice in the same
 * form (`%2540`, `&amp;#64;`, `\\u0040`) counts as once. One call never decodes what it has decoded.
 */
import { codeAt, isAsciiAlnum, isDigitCode, isGroupSpace, isLowerCode } from "../scanner/characters.ts";
import { fromUnits, hexValue } from "./base64.ts";
import {
  COMMON_ENTITIES,
  ENCODED_CLASSES,
  ENTITIES,
  ENTITY_CHARS_MAX,
  foldOf,
  foldPair,
  FOREIGN,
  GUISE,
  INVISIBLE,
  LOOKALIKE,
  MARK,
  TYPOGRAPHY,
} from "./characters.ts";

/** The forms, one bit each, and their names in findings. */
export const PERCENT = 1;
export const ENTITY = 2;
export const ESCAPE = 4;
export const QUOTED = 8;
export const HIDDEN = 16;
export const GUISED = 32;
export const INLINE_FORMS: readonly (readonly [number, string])[] = [
  [PERCENT, "percent"],
  [ENTITY, "entity"],
  [ESCAPE, "escape"],
  [QUOTED, "quoted-printable"],
  [HIDDEN, "invisible"],
  [GUISED, "guise"],
];

/** A decoded stretch. */
export interface Decoded {
  readonly text: string;
  /** By decoded code unit: where its source begins and ends. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** By decoded code unit: its form, 0 when it stood there as it is. */
  readonly form: Uint8Array;
  /** By decoded code unit: forms of what was left out directly before it. */
  readonly gap: Uint8Array;
  /** By decoded code unit: forms anywhere in its word, words being parted by white space of the source. */
  readonly word: Uint8Array;
}

interface Buffers {
  size: number;
  units: Uint16Array;
  start: Int32Array;
  end: Int32Array;
  form: Uint8Array;
  gap: Uint8Array;
  word: Uint8Array;
}

function buffers(size: number): Buffers {
  return {
    size,
    units: new Uint16Array(size),
    start: new Int32Array(size),
    end: new Int32Array(size),
    form: new Uint8Array(size),
    gap: new Uint8Array(size),
    word: new Uint8Array(size),
  };
}

/** The longest that one source character becomes: `㏂`, `ﬃ`, `⒜`. */
const EXPANSION_MAX = 3;
const held: [Buffers, Buffers] = [buffers(2048), buffers(2048)];

/** One encoded character under way: how much of the text it takes and what it stands for. */
const unit = { chars: 0, form: 0, code: 0 };

/** Whether an encoded character begins at `at` that is a reason to look: the trigger of the scan, which asks for every MARK. */
export function opensUnit(text: string, at: number, to: number): boolean {
  const next = codeAt(text, at + 1);
  // Mostly the next character already says no: `a = b`, `a && b`, `\n`, `100% of`.
  switch (text.charCodeAt(at)) {
    case 0x25:
      return at + 2 < to && isHexPair(text, at + 1);
    case 0x26:
      if (next !== 0x23 && !isAsciiAlnum(next)) return false;
      return readEntity(text, at, to) && !COMMON_ENTITIES.has(text.slice(at + 1, at + unit.chars - 1));
    case 0x5c:
      if (next !== 0x75 && next !== 0x78 && next !== 0x55 && next !== 0x5c) return false;
      return readEscape(text, at, to) && unit.chars > 2;
    default:
      return hexValue(next) >= 2 && opensQuoted(text, at, to);
  }
}

/** Whether the character at `at`, which is of one of the classes above RUN and MARK, is a reason to look. */
export function hidesHere(text: string, at: number, from: number, to: number): boolean {
  const classes = ENCODED_CLASSES[text.charCodeAt(at)] as number;
  if ((classes & GUISE) !== 0)
    return (
      foldPair(text.charCodeAt(at), text.charCodeAt(at + 1)) !== undefined || foldOf(text.charCodeAt(at)) !== undefined
    );
  if ((classes & (INVISIBLE | TYPOGRAPHY)) === 0) return false;
  let left = at - 1;
  // The first of a flood answers for all of it.
  if ((classes & INVISIBLE) !== 0 && left >= from && isUnseen(text, left)) return false;
  while (left >= from && isUnseen(text, left)) left--;
  let right = at + 1;
  while (right < to && isUnseen(text, right)) right++;
  if ((classes & TYPOGRAPHY) !== 0) {
    return left >= from && right < to && isDigitCode(text.charCodeAt(left)) && isDigitCode(text.charCodeAt(right));
  }
  if (isValueAt(text, left, from, to) && isValueAt(text, right, from, to)) return true;
  return isDigitBeyond(text, left, -1, from, to) && isDigitBeyond(text, right, 1, from, to);
}

/** A digit at `at`, or behind the space there that parts the groups of a number. */
function isDigitBeyond(text: string, at: number, step: number, from: number, to: number): boolean {
  let place = at;
  if (place >= from && place < to && isGroupSpace(text.charCodeAt(place))) {
    place += step;
    while (place >= from && place < to && isUnseen(text, place)) place += step;
  }
  return place >= from && place < to && isDigitCode(text.charCodeAt(place));
}

/** Whether the letter at `at`, which looks Latin and is not, stands in one word with Latin letters or digits. */
export function isMixed(text: string, at: number, from: number, to: number): boolean {
  return disguiseEnd(text, wordStartOf(text, at, from), from, to).folds;
}

function isUnseen(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return ((ENCODED_CLASSES[code] as number) & INVISIBLE) !== 0 || (code >= 0xdc00 && code <= 0xdfff);
}

/** A character that values are made of. */
function isValueAt(text: string, at: number, from: number, to: number): boolean {
  if (at < from || at >= to) return false;
  const code = text.charCodeAt(at);
  return (
    isAsciiAlnum(code) || VALUE_SIGNS.includes(text[at] ?? " ") || ((ENCODED_CLASSES[code] as number) & GUISE) !== 0
  );
}

const VALUE_SIGNS = "@.+-_:/()";

function isHexPair(text: string, at: number): boolean {
  return hexValue(text.charCodeAt(at)) >= 0 && hexValue(text.charCodeAt(at + 1)) >= 0;
}

function byteAt(text: string, at: number): number {
  return (hexValue(text.charCodeAt(at)) << 4) | hexValue(text.charCodeAt(at + 1));
}

/** `%40`, and `%2540`. */
function readPercent(text: string, at: number, to: number): boolean {
  if (at + 2 >= to || !isHexPair(text, at + 1)) return false;
  const code = byteAt(text, at + 1);
  const twice = code === 0x25 && at + 4 < to && isHexPair(text, at + 3);
  unit.chars = twice ? 5 : 3;
  unit.code = twice ? byteAt(text, at + 3) : code;
  unit.form = PERCENT;
  return true;
}

const CODE_POINT_CHARS_MAX = 7;
const AMP = "&amp;";

/** `&#64;`, `&#x40;`, `&commat;`, and the same behind `&amp;`. */
function readEntity(text: string, at: number, to: number): boolean {
  const body = text.startsWith(AMP, at) ? at + AMP.length : at + 1;
  return readReference(text, at, body, to) || (body > at + 1 && readReference(text, at, at + 1, to));
}

function readReference(text: string, at: number, body: number, to: number): boolean {
  unit.form = ENTITY;
  let end = body;
  if (text.charCodeAt(body) !== 0x23) {
    while (end < to && end - body < ENTITY_CHARS_MAX && isAsciiAlnum(text.charCodeAt(end))) end++;
    if (end === body || end >= to || text.charCodeAt(end) !== 0x3b) return false;
    const named = ENTITIES.get(text.slice(body, end));
    if (named === undefined) return false;
    unit.chars = end + 1 - at;
    unit.code = named === "" ? NOTHING : named.charCodeAt(0);
    return true;
  }
  const hexadecimal = (text.charCodeAt(body + 1) | 0x20) === 0x78;
  const digits = hexadecimal ? body + 2 : body + 1;
  let code = 0;
  for (end = digits; end < to && end - digits < CODE_POINT_CHARS_MAX; end++) {
    const value = hexValue(text.charCodeAt(end));
    if (value < 0 || (!hexadecimal && value > 9)) break;
    code = code * (hexadecimal ? 16 : 10) + value;
  }
  // Browsers read a reference without its semicolon, and so must we.
  if (end === digits || code > 0x10ffff) return false;
  unit.chars = (end < to && text.charCodeAt(end) === 0x3b ? end + 1 : end) - at;
  unit.code = foldedPoint(code);
  return true;
}

/** Left out of the decoded text. */
const NOTHING = -1;
const BACKSLASHES_MAX = 4;
const SIMPLE: Readonly<Record<string, number>> = {
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  b: 0x20,
  f: 0x20,
  '"': 0x22,
  "'": 0x27,
  "/": 0x2f,
};

/** `\u0040`, `\u{40}`, `\x40`, `\U00000040`, behind one backslash or several; and `\n`, `\"`, `\/`. */
function readEscape(text: string, at: number, to: number): boolean {
  unit.form = ESCAPE;
  let body = at + 1;
  while (body < to && body - at < BACKSLASHES_MAX && text.charCodeAt(body) === 0x5c) body++;
  const letter = text[body] ?? "";
  if (body >= to) return false;
  const simple = SIMPLE[letter];
  if (simple !== undefined) {
    unit.chars = body + 1 - at;
    unit.code = simple;
    return unit.chars === 2;
  }
  const braced = letter === "u" && text[body + 1] === "{";
  const length = letter === "u" ? 4 : letter === "x" ? 2 : letter === "U" ? 8 : 0;
  if (length === 0) return false;
  const digits = braced ? body + 2 : body + 1;
  let end = digits;
  let code = 0;
  const limit = Math.min(to, digits + (braced ? 6 : length));
  for (; end < limit; end++) {
    const value = hexValue(text.charCodeAt(end));
    if (value < 0) break;
    code = code * 16 + value;
  }
  if (braced ? end === digits || end >= to || text[end] !== "}" : end - digits !== length) return false;
  if (code > 0x10ffff) return false;
  unit.chars = (braced ? end + 1 : end) - at;
  unit.code = code;
  return true;
}

/**
 * `=40` of quoted-printable, https://www.rfc-editor.org/rfc/rfc2045#section-6.7. `=` before two digits is mostly an assignment
 * (`page=12`), so alone only what a mailer must write so is read: the equals sign itself and `@`; anything else where the next
 * or the last character is written so too.
 */
function readQuoted(text: string, at: number, to: number): boolean {
  if (!opensQuoted(text, at, to) && !(isQuoted(text, at, to) && isQuoted(text, at - 3, to))) return false;
  unit.chars = 3;
  unit.code = byteAt(text, at + 1);
  unit.form = QUOTED;
  return true;
}

function opensQuoted(text: string, at: number, to: number): boolean {
  if (!isQuoted(text, at, to)) return false;
  const code = byteAt(text, at + 1);
  return code === 0x3d || code === 0x40 || isQuoted(text, at + 3, to);
}

function isQuoted(text: string, at: number, to: number): boolean {
  if (at < 0 || at + 2 >= to || text.charCodeAt(at) !== 0x3d || !isHexPair(text, at + 1)) return false;
  return !isLowerCode(text.charCodeAt(at + 1)) && !isLowerCode(text.charCodeAt(at + 2));
}

/** The unit at `at`, when one begins there. Bytes of percent-encoding and quoted-printable are bytes of UTF-8. */
function readUnit(text: string, at: number, to: number, plus: boolean): boolean {
  switch (text.charCodeAt(at)) {
    case 0x25:
      return readPercent(text, at, to) && joinUtf8(text, at, to, readPercent);
    case 0x26:
      return readEntity(text, at, to);
    case 0x5c:
      return readEscape(text, at, to);
    case 0x3d:
      return readQuoted(text, at, to) && joinUtf8(text, at, to, readQuoted);
    case 0x2b:
      unit.chars = 1;
      unit.code = 0x20;
      unit.form = PERCENT;
      return plus;
    default:
      return false;
  }
}

const NO_CHARACTER = 0xfffd;

/** Puts the bytes of one character together; a byte that is none of UTF-8 is one of Latin-1, `M%FCller`, or no text. */
function joinUtf8(text: string, at: number, to: number, read: typeof readPercent): true {
  const first = unit.code;
  if (first < 0x80) return true;
  const { chars } = unit;
  if (readWide(text, at, to, read)) return true;
  unit.chars = chars;
  unit.code = first >= 0xa0 ? first : NO_CHARACTER;
  return true;
}

function readWide(text: string, at: number, to: number, read: typeof readPercent): boolean {
  const first = unit.code;
  const more =
    first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
  if (more === 0) return false;
  let code = first & (0x3f >> more);
  let { chars } = unit;
  for (let byte = 0; byte < more; byte++) {
    if (!read(text, at + chars, to) || (unit.code & 0xc0) !== 0x80) return false;
    code = (code << 6) | (unit.code & 0x3f);
    chars += unit.chars;
  }
  unit.chars = chars;
  unit.code = foldedPoint(code);
  return code <= 0x10ffff;
}

/** A character reference may itself stand for a guise or for what nobody sees. */
function foldedPoint(code: number): number {
  if (code > 0xffff) return code;
  const classes = ENCODED_CLASSES[code] as number;
  if ((classes & INVISIBLE) !== 0) return NOTHING;
  const to = (classes & GUISE) !== 0 ? foldOf(code) : undefined;
  return to?.length === 1 ? to.charCodeAt(0) : code;
}

/** Whether a `+` in a query string stands for a space: behind a `=`, but not first there, and not in front of an `@`. */
const PLUS_REACH = 48;

function plusIsSpace(text: string, at: number, from: number, to: number): boolean {
  let left = at - 1;
  const floor = Math.max(from, at - PLUS_REACH);
  while (left >= floor && (isAsciiAlnum(text.charCodeAt(left)) || "%.+-_@".includes(text[left] ?? " "))) left--;
  if (left < floor || left === at - 1 || !"=&?".includes(text[left] ?? " ")) return false;
  let right = at + 1;
  const limit = Math.min(to, at + PLUS_REACH);
  while (right < limit && (isAsciiAlnum(text.charCodeAt(right)) || ".+-_".includes(text[right] ?? " "))) right++;
  return text[right] !== "@" && !text.startsWith("%40", right);
}

/** Whether the word at `at` is Latin in disguise: it has letters that only look Latin, none that do not, and ASCII beside them. */
function disguiseEnd(text: string, at: number, from: number, to: number): { end: number; folds: boolean } {
  let end = at;
  let seen = 0;
  let ascii = false;
  for (; end < to; end++) {
    const code = text.charCodeAt(end);
    const classes = ENCODED_CLASSES[code] as number;
    if (isAsciiAlnum(code)) ascii = true;
    else if ((classes & (LOOKALIKE | FOREIGN)) === 0 && (classes & INVISIBLE) === 0) break;
    seen |= classes;
  }
  const beside = (end < to && "@.-_".includes(text[end] ?? " ")) || (at > from && "@.-_".includes(text[at - 1] ?? " "));
  return { end, folds: (seen & (LOOKALIKE | FOREIGN)) === LOOKALIKE && (ascii || beside) };
}

/** Decodes `text`, all of it. The arrays of the result are valid until the next call for the same level. */
export function decodeInline(text: string, level: 0 | 1): Decoded {
  const from = 0;
  const to = text.length;
  const most = to * EXPANSION_MAX;
  if (held[level].size < most) held[level] = buffers(most * 2);
  const { units, start, end, form, gap, word } = held[level];
  let size = 0;
  let wordAt = 0;
  let wordForms = 0;
  let gapForms = 0;
  let disguise = { end: from, folds: false };
  let percent = false;

  const put = (code: number, at: number, till: number, as: number): void => {
    units[size] = code;
    start[size] = at;
    end[size] = till;
    form[size] = as;
    gap[size] = gapForms;
    wordForms |= as | gapForms;
    gapForms = 0;
    size++;
  };
  const endWord = (): void => {
    word.fill(wordForms, wordAt, size);
    wordAt = size;
    wordForms = 0;
    percent = false;
  };

  for (let at = from; at < to; ) {
    const code = text.charCodeAt(at);
    const classes = ENCODED_CLASSES[code] as number;
    if (classes <= 1 && code !== 0x2b) {
      // Ordinary: a digit of base64, or nothing in particular.
      if (code <= 0x20) endWord();
      put(code, at, at + 1, 0);
      if (code <= 0x20) endWord();
      at++;
      continue;
    }
    if ((classes & MARK) !== 0 || code === 0x2b) {
      const plus = code === 0x2b && percent && plusIsSpace(text, at, from, to);
      if (readUnit(text, at, to, plus)) {
        const till = at + unit.chars;
        percent ||= unit.form === PERCENT;
        if (unit.code === NOTHING) gapForms |= unit.form;
        else if (unit.code > 0xffff) {
          put(0xd800 + ((unit.code - 0x10000) >> 10), at, till, unit.form);
          put(0xdc00 + ((unit.code - 0x10000) & 0x3ff), at, till, unit.form);
        } else put(unit.code, at, till, unit.form);
        at = till;
        continue;
      }
      put(code, at, at + 1, 0);
      at++;
      continue;
    }
    if ((classes & (LOOKALIKE | FOREIGN)) !== 0 && at >= disguise.end)
      disguise = disguiseEnd(text, wordStartOf(text, at, from), from, to);
    const pair = code >= 0xd800 && code < 0xdc00;
    const to1 = pair ? foldPair(code, text.charCodeAt(at + 1)) : foldOf(code);
    if ((classes & INVISIBLE) !== 0 && (!pair || to1 === "")) {
      gapForms |= HIDDEN;
      at += pair ? 2 : 1;
      continue;
    }
    const folds = to1 !== undefined && ((classes & LOOKALIKE) === 0 || disguise.folds);
    const chars = pair && at + 1 < to ? 2 : 1;
    if (folds) for (let index = 0; index < to1.length; index++) put(to1.charCodeAt(index), at, at + chars, GUISED);
    else for (let index = 0; index < chars; index++) put(text.charCodeAt(at + index), at + index, at + index + 1, 0);
    at += chars;
  }
  endWord();
  return { text: textOf(units, size), start, end, form, gap, word };
}

/** The word began with ASCII, before the first letter that made us look. */
function wordStartOf(text: string, at: number, from: number): number {
  let start = at;
  while (start > from && isAsciiAlnum(text.charCodeAt(start - 1))) start--;
  return start;
}

const PIECE_UNITS = 4096;

function textOf(units: Uint16Array, size: number): string {
  let text = "";
  for (let at = 0; at < size; at += PIECE_UNITS) {
    text += fromUnits(units.subarray(at, Math.min(size, at + PIECE_UNITS)));
  }
  units.fill(0, 0, size);
  return text;
}

/** Names of the forms in `bits`, joined: "percent", "entity+invisible". */
export function formNames(bits: number): string {
  const names: string[] = [];
  for (const [bit, name] of INLINE_FORMS) if ((bits & bit) !== 0) names.push(name);
  return names.join("+");
}

/** Forms in the decoded stretch [start, end), what was left out inside of it too; not what was left out before it. */
export function formsIn(decoded: Decoded, start: number, end: number): number {
  let bits = decoded.form[start] as number;
  for (let at = start + 1; at < end; at++) bits |= (decoded.form[at] as number) | (decoded.gap[at] as number);
  return bits;
}

/** What `second` has decoded of the text of `first`, told in places of the text that `first` was decoded from. */
export function through(first: Decoded, second: Decoded): Decoded {
  const size = second.text.length;
  const start = new Int32Array(size);
  const end = new Int32Array(size);
  const form = new Uint8Array(size);
  const gap = new Uint8Array(size);
  let last = 0;
  for (let at = 0; at < size; at++) {
    const from = second.start[at] as number;
    const to = second.end[at] as number;
    start[at] = first.start[from] as number;
    end[at] = first.end[to - 1] as number;
    form[at] = (second.form[at] as number) | formsIn(first, from, to);
    gap[at] = (second.gap[at] as number) | (first.gap[from] as number);
    for (; last < from; last++)
      gap[at] = (gap[at] as number) | (first.form[last] as number) | (first.gap[last] as number);
    last = Math.max(last, to);
  }
  return { text: second.text, start, end, form, gap, word: second.word };
}
