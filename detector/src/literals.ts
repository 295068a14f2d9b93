/**
 * Finds text that the restorer would take for a placeholder although nobody issued it: what a user typed as `[EMAIL_1]`, in
 * any spelling that `variants.ts` accepts. It is replaced by a placeholder of type LITERAL in every request, whether or not
 * it collides with one, so that the masked text of an earlier turn never changes. Only names of known types count:
 * `df[col_1]` in somebody's program stays as it is.
 */
import { LITERAL } from "./placeholders.ts";
import { TYPES } from "./types.ts";
import { newCandidate, OPENERS, opensBracket, readBracketed } from "./variants.ts";

/** More digits than any request can issue numbers; a longer one, as in `[PHONE_4917012345678]`, is left to detection. */
const DIGITS_MAX = 7;
const NAME_LENGTH_MAX = 64;

const NAME = new RegExp(`^([A-Z][A-Z0-9_]*)_[0-9]{1,${DIGITS_MAX}}$`);

/** Every type of the detector, and LITERAL itself. */
export function isPlaceholderType(type: string): boolean {
  return Object.hasOwn(TYPES, type) || type === LITERAL;
}

/**
 * UTF-16 offsets, ascending, disjoint. `isType` decides which names count (default: `isPlaceholderType`). Only those that
 * begin in [from, to) are reported, so that a long text can be searched in slices. Linear time.
 */
export function findLiterals(
  text: string,
  isType: (type: string) => boolean = isPlaceholderType,
  from = 0,
  to: number = text.length,
): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  // Most texts hold no opening bracket in any spelling: four searches are faster than a look at every character.
  const part = from === 0 && to === text.length ? text : text.slice(from, to);
  if (!OPENERS.some((opener) => part.includes(opener))) return found;
  const candidate = newCandidate();
  for (let at = from; at < to; at++) {
    if (!opensBracket(text.charCodeAt(at))) continue;
    if (readBracketed(text, at, NAME_LENGTH_MAX, candidate) !== "yes") continue;
    const type = NAME.exec(candidate.name)?.[1];
    if (type === undefined || !isType(type)) continue;
    found.push({ start: at, end: candidate.end });
    at = candidate.end - 1;
  }
  return found;
}

/**
 * The bare words of placeholder form (`EMAIL_1`, also inside brackets) that the text holds. In the answer to this text such a
 * word may be the text's own, so the restorer must not read it as a placeholder without brackets. Linear time; [from, to) as
 * for `findLiterals`, by the place of the last underscore.
 */
export function findBareWords(
  text: string,
  isType: (type: string) => boolean = isPlaceholderType,
  from = 0,
  to: number = text.length,
): string[] {
  const found: string[] = [];
  for (
    let underscore = text.indexOf("_", from);
    underscore !== -1 && underscore < to;
    underscore = text.indexOf("_", underscore + 1)
  ) {
    let end = underscore + 1;
    while (end - underscore <= DIGITS_MAX && isDigit(text.charCodeAt(end))) end++;
    if (end === underscore + 1) continue;
    let start = underscore;
    while (start > 0 && underscore - start < NAME_LENGTH_MAX && isNameUnit(text.charCodeAt(start - 1))) start--;
    const name = text.slice(start, end).replaceAll("\\", "");
    const type = NAME.exec(name)?.[1];
    if (type !== undefined && isType(type)) found.push(name);
  }
  return found;
}

/** A stretch of text to be replaced. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/**
 * Findings and literals of one text as one ascending, disjoint list. A finding within a literal (an order number in
 * `[ORDER_NUMBER_12]`) yields to it; a finding that reaches beyond a literal wins, so that none of it stays in the text.
 */
export function mergeLiterals(
  findings: readonly Stretch[],
  literals: readonly { readonly start: number; readonly end: number }[],
): readonly Stretch[] {
  if (literals.length === 0) return findings;
  const merged: Stretch[] = [];
  let next = 0;
  for (const { start, end } of literals) {
    let finding = findings[next];
    for (; finding !== undefined && finding.end <= start; finding = findings[next]) {
      merged.push(finding);
      next++;
    }
    let after = next;
    let within = true;
    for (; finding !== undefined && finding.start < end; finding = findings[++after]) {
      within &&= finding.start >= start && finding.end <= end;
    }
    if (!within) continue;
    merged.push({ start, end, type: LITERAL });
    next = after;
  }
  for (const finding of findings.slice(next)) merged.push(finding);
  return merged;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Upper-case letters, digits, underscore, and the backslash that escapes one. */
function isNameUnit(unit: number): boolean {
  return (unit >= 0x41 && unit <= 0x5a) || isDigit(unit) || unit === 0x5f || unit === 0x5c;
}
