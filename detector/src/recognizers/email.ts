/**
 * E-mail addresses: the part of RFC 5321 that people use, with Unicode on both sides of the "@" (RFC 6531). Left out on
 * purpose: quoted local parts, address literals, and the signs of RFC 5322 `atext` that in real text are syntax around an
 * address far more often than part of one (`=`, `&`, `/`, `{`, …).
 */
import {
  AT,
  classAt,
  CLASSES,
  codeAt,
  DIGIT,
  HIDES,
  isLowerCode,
  isUpperCode,
  isWord,
  LETTER,
} from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

/** "a@b.de" */
const CHARS_MIN = 6;
/** https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 */
const LOCAL_MAX = 64;
const DOMAIN_MAX = 255;
const TOP_LABEL_MAX = 24;
/** First of the ideographs and kana: no space separates them from a Latin address beside them. */
const CJK_FIRST = 0x2e80;
/** Endings of file names that are no top-level domains: `logo@2x.png`. */
const FILE_ENDINGS = new Set(
  "png jpg jpeg gif svg webp bmp ico js mjs cjs jsx ts tsx css scss json html htm xml yaml yml txt pdf exe dll lock".split(
    " ",
  ),
);
/** Users that stand for a service in `git@host:path`, not for a person. */
const SERVICE_USERS = new Set(["git", "hg"]);

export const email: Recognizer = {
  name: "email",
  trigger: AT | HIDES,
  lettered: true,
  charsMin: CHARS_MIN,
  find(island: Island, sink: Sink): void {
    const { text } = island;
    let floor = island.start;
    for (let at = island.start; at < island.end; at++) {
      const code = text.charCodeAt(at);
      // "%40" is the "@" of a form or a URL.
      const escaped = code === 0x25 && codeAt(text, at + 1) === 0x34 && text.startsWith("40", at + 1);
      if (!escaped && ((CLASSES[code] as number) & AT) === 0) continue;
      const domain = escaped ? at + 3 : at + 1;
      const end = domainEnd(text, domain, island.end);
      const start = end < 0 ? -1 : localStart(text, at, floor);
      if (start >= 0 && !isFediverse(text, start) && !SERVICE_USERS.has(text.slice(start, at))) {
        sink.add("EMAIL", start, end, 0.98, "email", "address grammar of RFC 5321, domain with a top-level label");
      }
      floor = Math.min(domain, island.end);
    }
  },
};

/** "@anna@mastodon.example" is a handle, see handle.ts. */
function isFediverse(text: string, start: number): boolean {
  return start > 0 && text.charCodeAt(start - 1) === 0x40 && (start === 1 || " (\n".includes(text.charAt(start - 2)));
}

/** Start of the local part that ends at `at`, or -1. */
function localStart(text: string, at: number, floor: number): number {
  let start = at;
  const cjk = at > floor && text.charCodeAt(at - 1) >= CJK_FIRST;
  while (start > floor && at - start <= LOCAL_MAX) {
    const code = text.charCodeAt(start - 1);
    if (!isLocalCode(text, start - 1, code)) break;
    if (code === 0x2e && text.charCodeAt(start) === 0x2e) break;
    if (isWord(text, start - 1) && code >= CJK_FIRST !== cjk) break;
    start--;
  }
  if (at - start > LOCAL_MAX) return -1;
  while (start < at && !isWord(text, start)) start++;
  // A JSON escape before the address (`\njohn@…`) is not part of it.
  if (start > floor && text.charCodeAt(start - 1) === 0x5c && "nrt".includes(text[start] ?? "")) start++;
  // Nor is the percent form of a sign before it: `%22maxine%40…`, `=%20jane@…`.
  if (start > floor && text.charCodeAt(start - 1) === 0x25 && isHexPair(text, start, at)) start += 2;
  if (start === at || !isWord(text, start)) return -1;
  // `%s@host`, `${user}@host`: a template.
  const before = start > floor ? (text[start - 1] ?? "") : "";
  return at - start <= 2 && before !== "" && "%$}".includes(before) ? -1 : start;
}

function isHexPair(text: string, start: number, end: number): boolean {
  return start + 2 < end && /^[0-9A-Fa-f]{2}$/.test(text.slice(start, start + 2));
}

function isLocalCode(text: string, index: number, code: number): boolean {
  if ((classAt(text, index) & (LETTER | DIGIT)) !== 0) return true;
  if (code === 0x2e || code === 0x2d || code === 0x2b) return true;
  // An apostrophe inside a name; at the edge it is a quotation mark.
  return (code === 0x27 || code === 0x2019) && index > 0 && isWord(text, index - 1) && isWord(text, index + 1);
}

/** End of the domain that begins at `start`, or -1: labels of letters, digits and inner hyphens, the last one alphabetic. */
function domainEnd(text: string, start: number, limit: number): number {
  let end = -1;
  let labelStart = start;
  let labels = 0;
  const stop = Math.min(limit, start + DOMAIN_MAX);
  for (let i = start; i <= stop; i++) {
    const code = i < stop ? text.charCodeAt(i) : 0;
    if (code === 0x2d && i > labelStart) continue;
    if (i < stop && code !== 0x5f && isWord(text, i) && (i === labelStart || sameScript(text, i, code))) continue;
    if (i === labelStart || text.charCodeAt(i - 1) === 0x2d) break;
    labels++;
    if (labels > 1 && isTopLabel(text, labelStart, i, end >= 0)) end = i;
    if (code !== 0x2e) break;
    labelStart = i + 1;
  }
  return end;
}

function sameScript(text: string, index: number, code: number): boolean {
  return code >= CJK_FIRST === text.charCodeAt(index - 1) >= CJK_FIRST;
}

function isTopLabel(text: string, start: number, end: number, afterTopLabel: boolean): boolean {
  if (end - start < 2 || end - start > TOP_LABEL_MAX) return false;
  // "…@example.com.Please": the next sentence, its space forgotten.
  const first = text.charCodeAt(start);
  if (
    afterTopLabel &&
    isUpperCode(first) &&
    isLowerCode(text.charCodeAt(start + 1)) &&
    isLowerCode(text.charCodeAt(start - 2))
  )
    return false;
  if (text.startsWith("xn--", start)) return true;
  for (let i = start; i < end; i++) if ((classAt(text, i) & LETTER) === 0) return false;
  return !FILE_ENDINGS.has(text.slice(start, end).toLowerCase());
}
