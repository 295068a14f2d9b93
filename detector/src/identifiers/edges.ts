/**
 * What may stand around an identifier. The same digits are an identifier behind a colon, a page behind a slash, an amount
 * before a percent sign and a decimal's tail behind a dot. Reads one character in front, one behind the island's end.
 */
import { isDigitCode, isGlued, isGroupSpace, isIn, isWord, setOf } from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";

/** Part of something else, whatever is written before it. */
export const CLOSED = 0;
/** Only when a label stands directly before it. */
export const LABELLED = 1;
export const OPEN = 2;

export type Edge = typeof CLOSED | typeof LABELLED | typeof OPEN;

const UNDERSCORE = 0x5f;
const DOT = 0x2e;
const COLON = 0x3a;
const CLOSED_BEFORE = setOf("+$€£¥");
const LABELLED_BEFORE = setOf("@%~^&#\\*-/");
const CLOSED_BEHIND = setOf("%€$£¥°@");
const LABELLED_BEHIND = setOf("=(");
const PARTS_BEHIND = setOf("-/");
/** Letters behind a backslash. */
const ESCAPES = setOf("ntr");

/** `spaced`: the value has spaces in it, so that numbers beside it would be further groups of a table. */
export function edgesOf(island: Island, start: number, end: number, spaced: boolean): Edge {
  const left = leftEdge(island.text, start, spaced);
  return left === CLOSED ? CLOSED : (Math.min(left, rightEdge(island, end, spaced)) as Edge);
}

function leftEdge(text: string, start: number, spaced: boolean): Edge {
  if (start === 0) return OPEN;
  const code = text.charCodeAt(start - 1);
  if (code === UNDERSCORE) return LABELLED;
  if (isGlued(text, start - 1)) return isIn(ESCAPES, code) ? escaped(text, start) : CLOSED;
  if (isIn(CLOSED_BEFORE, code)) return CLOSED;
  if (isIn(LABELLED_BEFORE, code)) return LABELLED;
  const behind = start > 1 ? text.charCodeAt(start - 2) : 0x20;
  if (code === DOT) return isDigitCode(behind) ? CLOSED : OPEN;
  if (code === COLON) return isDigitCode(behind) ? LABELLED : OPEN;
  if (spaced && isGroupSpace(code) && isDigitCode(behind)) return LABELLED;
  return OPEN;
}

/** A letter that belongs to `\n`. */
function escaped(text: string, start: number): Edge {
  return start > 1 && text.charCodeAt(start - 2) === 0x5c ? OPEN : CLOSED;
}

function rightEdge(island: Island, end: number, spaced: boolean): Edge {
  const { text } = island;
  if (end >= text.length) return OPEN;
  const code = text.charCodeAt(end);
  if (code === UNDERSCORE) return LABELLED;
  if (isGlued(text, end) || isIn(CLOSED_BEHIND, code)) return CLOSED;
  if (isIn(LABELLED_BEHIND, code)) return LABELLED;
  // Behind the island's end nothing is read.
  if (end + 1 >= island.end || !isWord(text, end + 1)) return OPEN;
  const digit = isDigitCode(text.charCodeAt(end + 1));
  if (code === DOT) return digit ? CLOSED : LABELLED;
  if (isIn(PARTS_BEHIND, code)) return LABELLED;
  if (code === COLON) return digit ? LABELLED : OPEN;
  return spaced && digit && isGroupSpace(code) ? LABELLED : OPEN;
}
