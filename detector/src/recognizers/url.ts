/**
 * URLs that say something about a person: a user name before the host, or a query parameter that names, contacts or
 * authenticates one. A plain URL is no finding. A URL with a password (`postgres://user:password@host`), or whose path is
 * itself the credential (webhooks), is a SECRET as a whole.
 */
import { isDigitCode, isWord, PAIR } from "../scanner/characters.ts";
import { wordStart } from "../scanner/context.ts";
import type { Island } from "../scanner/island.ts";
import { meaningOf, PARAMETER, PARAMETER_PART, PARAMETER_TAIL } from "../scanner/words.ts";
import type { Recognizer, Sink } from "./recognizer.ts";
import { findPassword, findWebhook } from "./secret-url.ts";
import { isPlaceholder } from "./secret-value.ts";

const SERVICE_USERS = new Set(["git", "hg", "ssh"]);
const EMPTY_VALUES = new Set(["true", "false", "null", "undefined", "yes", "no", "0", "1"]);
/** More personal parameters than this in one URL add nothing: the whole URL is the finding. */
const PARAMETERS_MAX = 16;

export const url: Recognizer = {
  name: "url",
  trigger: PAIR,
  find(island: Island, sink: Sink): void {
    for (let i = 0; i < island.urls; i++) {
      findInUrl(island.text, island.urlStart[i] as number, island.urlEnd[i] as number, sink);
    }
  },
};

function findInUrl(text: string, start: number, end: number, sink: Sink): void {
  const hostStart = text.indexOf("://", start) + 3;
  let authorityEnd = hostStart;
  let at = -1;
  for (; authorityEnd < end; authorityEnd++) {
    const char = text[authorityEnd];
    if (char === "/" || char === "?" || char === "#") break;
    if (char === "@") at = authorityEnd;
  }
  if (at < 0 && findWebhook(text, start, hostStart, authorityEnd, end, sink)) return;
  if (at >= 0) findUserinfo(text, start, hostStart, at, end, sink);
  findParameters(text, start, authorityEnd, end, sink);
}

/** https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1 */
function findUserinfo(text: string, start: number, from: number, at: number, end: number, sink: Sink): void {
  if (findPassword(text, start, from, at, end, sink)) return;
  let colon = from;
  while (colon < at && text.charCodeAt(colon) !== 0x3a) colon++;
  if (colon > from && !SERVICE_USERS.has(text.slice(from, colon)) && !isPlaceholder(text, from, colon)) {
    sink.add("URL", start, end, 0.9, "url", "URL with a user name before the host");
  }
}

function findParameters(text: string, start: number, from: number, end: number, sink: Sink): void {
  let name = -1;
  let personal = 0;
  for (let i = from; i < end && personal < PARAMETERS_MAX; i++) {
    const char = text[i];
    if (char === "?" || char === "#" || char === "&" || char === ";") name = i + 1;
    if (char !== "=" || name < 0 || name === i) continue;
    const valueEnd = parameterEnd(text, i + 1, end);
    if (isPersonal(text, name, i) && holdsValue(text, i + 1, valueEnd)) {
      personal++;
      // The parameter alone loses to the URL, and stands when an e-mail address in the URL wins against the URL.
      sink.add("URL", i + 1, valueEnd, 0.7, "url", "value of a personal query parameter");
    }
    name = -1;
    i = valueEnd - 1;
  }
  if (personal > 0) sink.add("URL", start, end, 0.85, "url", "URL with a personal query parameter");
}

function parameterEnd(text: string, from: number, end: number): number {
  let to = from;
  while (to < end && text[to] !== "&" && text[to] !== ";" && text[to] !== "#") to++;
  return to;
}

/** The parameter's name at [start, end): its last word, or its last two ("user_id", "accessToken"). */
function isPersonal(text: string, start: number, end: number): boolean {
  const from = wordStart(text, end, start);
  const last = meaningOf(text, from, end);
  if ((last & PARAMETER) !== 0) return true;
  if ((last & PARAMETER_TAIL) === 0) return false;
  const separated = from > start && (text[from - 1] === "_" || !isWord(text, from - 1));
  const before = separated ? from - 1 : from;
  return (
    before > start && (meaningOf(text, wordStart(text, before, start), before) & (PARAMETER | PARAMETER_PART)) !== 0
  );
}

function holdsValue(text: string, from: number, end: number): boolean {
  if (end - from < 1 || isPlaceholder(text, from, end)) return false;
  if (end - from > 9) return true;
  const value = text.slice(from, end).toLowerCase();
  return !EMPTY_VALUES.has(value) && (value.length > 1 || isDigitCode(value.charCodeAt(0)));
}
