/** Where the number of a document may begin and end: it is a word of its own, not a part of an amount, a path or an identifier. */
import { isDigitCode, isGlued } from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";

export function startsWhole(text: string, start: number): boolean {
  if (start === 0) return true;
  if (isGlued(text, start - 1)) return false;
  const before = text.charAt(start - 1);
  // "Pass-Nr.-C01X…" is written, but a hyphen behind a digit joins two parts of one number.
  if ("-/.".includes(before)) return before !== "/" && start > 1 && !isDigitCode(text.charCodeAt(start - 2));
  return !"$€£¥%&@\\~^".includes(before);
}

export function endsWhole(island: Island, end: number): boolean {
  const { text } = island;
  if (end >= island.end) return true;
  const after = text.charAt(end);
  if ("%€$£@°=".includes(after)) return false;
  return !"-./:,".includes(after) || end + 1 >= island.end || !isGlued(text, end + 1);
}
