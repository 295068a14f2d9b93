/**
 * Dates of birth: a date of the calendar (dates.ts) behind words for a birth, in 24 languages and as the key of a record.
 * "Date of birth" must stand directly before the date; "born" may be parted from it by a place. A date without such words is
 * nobody's birthday.
 */
import { Ahead } from "../scanner/ahead.ts";
import { codeAt, DIGIT, isDigitCode, isGlued, isIn, JOINED, setOf } from "../scanner/characters.ts";
import { atomEnd, atomStart, isInsideUrl, isNumber, type Island } from "../scanner/island.ts";
import { dateEnd } from "./dates.ts";
import { BIRTH, BORN, labelsBefore } from "./document-labels.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

/** "1.1.90" */
const CHARS_MIN = 6;
const DIGITS_MIN = 4;
const DIGITS_COMPACT = 8;
/** A number may begin a date when one of these or a space follows: the signs of dates, and of "1990-03-12T…". */
const SIGNS = setOf("-/. \u00a0\u202f");
/** Behind one of these it is a part of something else. */
const JOINING = setOf("-/.,+$€£#");

const ahead = new Ahead();

export const birthDate: Recognizer = {
  name: "birth-date",
  types: ["DATE_OF_BIRTH"],
  trigger: DIGIT,
  charsMin: CHARS_MIN,
  digitsMin: DIGITS_MIN,
  find(island: Island, sink: Sink): void {
    const { text } = island;
    const joined = (island.classes & JOINED) !== 0;
    let floor = island.start;
    ahead.open(text, island.end, true);
    for (let atom = 0; atom < island.atoms; atom++) {
      const start = atomStart(island, atom);
      if (start < floor || !mayBegin(island, atom, joined)) continue;
      const end = startsFree(text, start) ? dateEnd(ahead, start) : -1;
      if (end < 0) continue;
      floor = end;
      const score = scoreOf(text, start);
      if (score === 0 || isInsideUrl(island, start)) continue;
      sink.add("DATE_OF_BIRTH", start, end, score, "birth-date", "day of the calendar behind a word for a birth");
    }
    ahead.release();
  },
};

function mayBegin(island: Island, atom: number, joined: boolean): boolean {
  const { text } = island;
  const start = atomStart(island, atom);
  const end = atomEnd(island, atom);
  const length = end - start;
  if (!isDigitCode(text.charCodeAt(start))) return joined;
  if (!isNumber(island, atom)) {
    // "12th of March", "1er mars", "1990-03-12T10:00".
    return length <= 4 && (joined || codeAt(text, end) === 0x2d || codeAt(text, end) === 0x2f);
  }
  if (length === DIGITS_COMPACT) return true;
  if (length !== 4 && length > 2) return false;
  return end < island.end && isIn(SIGNS, text.charCodeAt(end));
}

/** Not the end of a longer number, a version, a path or a name. */
function startsFree(text: string, start: number): boolean {
  if (start === 0) return true;
  if (isGlued(text, start - 1)) return false;
  return !isIn(JOINING, text.charCodeAt(start - 1)) || start < 2 || !isGlued(text, start - 2);
}

/** What the words before the date are worth; 0 when none speaks of a birth. */
function scoreOf(text: string, start: number): number {
  const { direct, near } = labelsBefore(text, start);
  if (direct.includes(BIRTH)) return 0.95;
  if (direct.includes(BORN)) return 0.92;
  if (isStarred(text, start) || isFinnish(text, start)) return 0.75;
  // "born in London on 12 May 1990", but not across the end of a sentence, nor past another date.
  return near.includes(BORN) && !isParted(text, start) ? 0.65 : 0;
}

const FINNISH_GAP_MAX = 8;
const BORN_REACH_CHARS = 64;

/** Between "born" and the date stands a digit, or a full stop with a space behind it that ends no abbreviation. */
function isParted(text: string, start: number): boolean {
  for (let i = start - 1; i >= 0 && start - i < BORN_REACH_CHARS; i--) {
    const code = text.charCodeAt(i);
    if (code === 0x0a || code === 0x0d) return false;
    if (isDigitCode(code) || code === 0x3b || code === 0x21 || code === 0x3f) return !isBehindBorn(text, i, start);
    if (code === 0x2e && text.charCodeAt(i + 1) === 0x20 && i > 4 && isGlued(text, i - 4))
      return !isBehindBorn(text, i, start);
  }
  return false;
}

/** Whether a word for a birth stands between `at` and the date, so that what is at `at` does not part them. */
function isBehindBorn(text: string, at: number, start: number): boolean {
  const stretch = text.slice(at + 1, start);
  const { near } = labelsBefore(stretch, stretch.length);
  return near.includes(BORN);
}

/**
 * "Aino Virtanen (s. 19.1.1986)", "S.: 19. tammikuuta 1986" of Finnish. Without a colon "s." is "see" as well, in German and
 * others, which write the zero of "05.01.".
 */
function isFinnish(text: string, start: number): boolean {
  let at = start - 1;
  while (at >= 0 && start - at < FINNISH_GAP_MAX && (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09))
    at--;
  const colon = at >= 0 && text.charCodeAt(at) === 0x3a;
  if (colon) at--;
  if (at < 1 || text.charCodeAt(at) !== 0x2e || (text.charCodeAt(at - 1) | 0x20) !== 0x73) return false;
  const before = at === 1 ? 0x0a : text.charCodeAt(at - 2);
  if (colon) return before === 0x0a || before === 0x20;
  return before === 0x28 && text.charCodeAt(start) !== 0x30 && !text.slice(start, start + 4).includes(".0");
}

/** "Anna Muster (* 12. März 1990": the star of German genealogy, behind a bracket. */
function isStarred(text: string, start: number): boolean {
  const at = text.charCodeAt(start - 1) === 0x20 ? start - 2 : start - 1;
  return at > 0 && text.charCodeAt(at) === 0x2a && text.charCodeAt(at - 1) === 0x28;
}
