/** Where the number of a document may begin and end: it is a word of its own, not a part of an amount, a path or an identifier. */
import { isDigitCode, isGlued, isIn, setOf } from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";

const SLASH = 0x2f;
/** Signs that make it a part of something else, and those that do so when more is glued to them. */
const CLOSED_BEFORE = setOf("$€£¥%&@\\~^");
const CLOSED_BEHIND = setOf("%€$£@°=");
const PARTS_BEFORE = setOf("-/.");
const PARTS_BEHIND = setOf("-./:,");

export function startsWhole(text: string, start: number): boolean {
  if (start === 0) return true;
  if (isGlued(text, start - 1)) return false;
  const before = text.charCodeAt(start - 1);
  // "Pass-Nr.-C01X…" is written, but a hyphen behind a digit joins two parts of one number.
  if (isIn(PARTS_BEFORE, before)) return before !== SLASH && start > 1 && !isDigitCode(text.charCodeAt(start - 2));
  return !isIn(CLOSED_BEFORE, before);
}

export function endsWhole(island: Island, end: number): boolean {
  const { text } = island;
  if (end >= island.end) return true;
  const after = text.charCodeAt(end);
  if (isIn(CLOSED_BEHIND, after)) return false;
  return !isIn(PARTS_BEHIND, after) || end + 1 >= island.end || !isGlued(text, end + 1);
}
