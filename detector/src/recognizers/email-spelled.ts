/**
 * E-mail addresses that are spelled out against harvesters: "anna (at) firma (dot) de", "anna[at]firma.de", "anna at firma
 * dot de". Signs in brackets say it clearly; as bare words both "at" and "dot" must be there and a top-level domain must
 * follow, because "at" is a word of every sentence.
 */
import { Ahead } from "../scanner/ahead.ts";
import { DASH, classAt, CLASSES, DIGIT, JOINED, LETTER, OPENER } from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

const AT_WORDS = new Set(["at", "ät", "@", "arroba", "chiocciola", "małpa", "malpa", "zavináč"]);
const DOT_WORDS = new Set([
  "dot",
  ".",
  "punkt",
  "point",
  "punto",
  "ponto",
  "punt",
  "kropka",
  "tečka",
  "pont",
  "prik",
  "piste",
]);
/** "a(@)b.de" */
const CHARS_MIN = 8;
const SIGN_CHARS_MAX = 11;
/** https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 */
const LOCAL_CHARS_MAX = 64;
const LABEL_CHARS_MAX = 63;
const LABELS_MAX = 8;
/** Domains that follow a bare "dot". Not "in", "so", "to": words that follow one in a sentence. */
const BARE_TOP_LABELS = new Set(
  (
    "com net org info biz edu gov eu io co app dev me online de fr es it nl pl pt se dk fi at be ch cz sk hu ro hr si lt lv ee gr bg ie " +
    "uk us lu mt cy no li is ca au ru ua jp cn br mx"
  ).split(" "),
);
const ARTICLES = new Set(
  "the a an this that every each his her its our one any red big same first last next".split(" "),
);

const WHY = "address with its signs spelled out";
/** The bracket that closes what `code` opens; 0 when it opens nothing. */
function closerOf(code: number): number {
  if (code === 0x28) return 0x29;
  return code === 0x5b || code === 0x7b ? code + 2 : 0;
}

/** How "at" and "dot" are written: in brackets, or as words between spaces. */
interface Sign {
  end: number;
  bare: boolean;
}
const sign: Sign = { end: -1, bare: false };

/** Reads the sign at `at`, with the spaces around it. */
function readSign(ahead: Ahead, at: number, words: ReadonlySet<string>, bare: string): boolean {
  let i = at;
  const spaced = ahead.code(i) === 0x20;
  if (spaced) i++;
  const closer = closerOf(ahead.code(i));
  const from = closer === 0 ? i : i + 1;
  let to = from;
  if (closer === 0) {
    while (to - from < bare.length && (ahead.code(to) | 0x20) === bare.charCodeAt(to - from)) to++;
    if (!spaced || to - from < bare.length || ahead.code(to) !== 0x20) return false;
    sign.end = to + 1;
    sign.bare = true;
    return true;
  }
  while (to - from <= SIGN_CHARS_MAX && isSignCode(ahead.code(to))) to++;
  const word = ahead.text.slice(from, to).toLowerCase();
  if (!words.has(word) || ahead.code(to) !== closer) return false;
  sign.end = ahead.code(to + 1) === 0x20 ? to + 2 : to + 1;
  sign.bare = false;
  return true;
}

function isSignCode(code: number): boolean {
  return ((CLASSES[code] as number) & (LETTER | DASH)) !== 0 || code === 0x40 || code === 0x2e;
}

/** What is known of an address that was read. */
interface Spelled {
  end: number;
  bare: boolean;
}
const spelled: Spelled = { end: -1, bare: false };

/** Reads sign and domain from `at` on, the end of a local part. */
function readRest(ahead: Ahead, at: number): boolean {
  spelled.end = -1;
  if (!readSign(ahead, at, AT_WORDS, "at")) return false;
  const bareAt = sign.bare;
  let bare = bareAt;
  let from = sign.end;
  let labels = 0;
  while (labels < LABELS_MAX) {
    const to = labelEnd(ahead, from);
    if (to < 0) break;
    labels++;
    const top = labels > 1 && isTopLabel(ahead, from, to, bare);
    if (top) {
      spelled.end = to;
      spelled.bare = bareAt;
    }
    if (ahead.code(to) === 0x2e && !bareAt) {
      from = to + 1;
      bare = false;
    } else if (readSign(ahead, to, DOT_WORDS, "dot") && (bareAt || !sign.bare || labels < 3)) {
      if (labels === 1 && bareAt && ARTICLES.has(ahead.text.slice(from, to).toLowerCase())) break;
      from = sign.end;
      bare = sign.bare;
    } else break;
  }
  return spelled.end > 0;
}

/** Letters, digits and inner hyphens. */
function labelEnd(ahead: Ahead, from: number): number {
  let to = from;
  while (to - from <= LABEL_CHARS_MAX) {
    const code = ahead.code(to);
    const classes = CLASSES[code] as number;
    if (code === 0x5f || ((classes & (LETTER | DIGIT)) === 0 && !(code === 0x2d && to > from))) break;
    to++;
  }
  return to === from || to - from > LABEL_CHARS_MAX || ahead.text.charCodeAt(to - 1) === 0x2d ? -1 : to;
}

function isTopLabel(ahead: Ahead, from: number, to: number, bare: boolean): boolean {
  if (to - from < 2) return false;
  if (bare) return BARE_TOP_LABELS.has(ahead.text.slice(from, to).toLowerCase());
  for (let i = from; i < to; i++) if ((classAt(ahead.text, i) & DIGIT) !== 0) return false;
  return true;
}

/** Start of the local part that ends at `at`, or -1. */
function localStart(text: string, floor: number, at: number): number {
  let start = at;
  while (start > floor && at - start <= LOCAL_CHARS_MAX && isLocalCode(text, start - 1)) start--;
  if (at - start > LOCAL_CHARS_MAX) return -1;
  while (start < at && !isGluedLetter(text, start)) start++;
  return start === at || !isGluedLetter(text, at - 1) ? -1 : start;
}

function isLocalCode(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return isGluedLetter(text, index) || code === 0x2e || code === 0x2d || code === 0x2b || code === 0x5f;
}

function isGluedLetter(text: string, index: number): boolean {
  return (classAt(text, index) & (LETTER | DIGIT)) !== 0;
}

/** End of the address that goes on behind the space at `at`; or -1. */
export function spelledEnd(ahead: Ahead, start: number, at: number): number {
  const { text } = ahead;
  const last = text.charCodeAt(at - 1);
  const word = isGluedLetter(text, at - 1);
  if (word && localStart(text, start, at) >= 0 && readRest(ahead, at)) return spelled.end;
  // "anna(at) firma.de", "anna[at]firma [dot] de": the first sign has no space in front of it.
  if (!word && last !== 0x29 && last !== 0x5d && last !== 0x7d) return -1;
  const opener = openerBefore(text, start, at, word ? LABEL_CHARS_MAX : 0);
  if (opener <= start || !isGluedLetter(text, opener - 1) || !readRest(ahead, opener)) return -1;
  return spelled.end > at ? spelled.end : -1;
}

/** The bracket of a sign behind which at most `chars` of a host stand in front of `at`. */
function openerBefore(text: string, start: number, at: number, chars: number): number {
  for (let i = at - 2; i > start && at - i <= SIGN_CHARS_MAX + 2 + chars; i--) {
    if ((classAt(text, i) & OPENER) !== 0) return i;
  }
  return -1;
}

const ahead = new Ahead();

export const emailSpelled: Recognizer = {
  name: "email-spelled",
  trigger: OPENER | JOINED,
  lettered: true,
  charsMin: CHARS_MIN,
  find(island: Island, sink: Sink): void {
    const { text, start, end } = island;
    const joined = (island.classes & JOINED) !== 0;
    ahead.open(text, end, true);
    let floor = start;
    for (let i = start + 1; i + 2 < end; i++) {
      const code = text.charCodeAt(i);
      if ((classAt(text, i) & OPENER) === 0 ? !joined || code !== 0x20 : !startsSign(text, i + 1)) continue;
      // The space in front of a bracket was tried before the bracket.
      const at = i > floor && code !== 0x20 && text.charCodeAt(i - 1) === 0x20 ? i - 1 : i;
      const last = localStart(text, floor, at);
      if (last < 0 || !readRest(ahead, at)) continue;
      const from = dottedStart(text, floor, last);
      sink.add("EMAIL", from, spelled.end, spelled.bare ? 0.75 : 0.9, "email-spelled", WHY);
      floor = i = spelled.end;
    }
    ahead.release();
  },
};

/** Start of "jane(dot)doe" of which the part behind the last sign begins at `start`. */
function dottedStart(text: string, floor: number, start: number): number {
  let from = start;
  for (let part = 0; part < LABELS_MAX && from > floor && ")]}".includes(text.charAt(from - 1)); part++) {
    const opener = openerBefore(text, floor, from + 1, 0);
    if (opener < 0 || !DOT_WORDS.has(text.slice(opener + 1, from - 1).toLowerCase())) break;
    const before = localStart(text, floor, opener);
    if (before < 0) break;
    from = before;
  }
  return from;
}

/** The first letter of a word for "@" stands behind the bracket. */
function startsSign(text: string, at: number): boolean {
  return "aA@äÄcCmMzZ".includes(text.charAt(at));
}
