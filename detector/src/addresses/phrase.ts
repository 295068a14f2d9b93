/** Phrases of several words at a token: names of countries, post-office boxes. */
import { hashAt, isShouted, isSign, isWordAt, lengthOf } from "./tokens.ts";
import type { Phrases } from "./words.ts";

/** Token behind the longest phrase that begins at `index`, or -1. A full stop behind a word belongs to it. */
export function phraseEnd(phrases: Phrases, index: number): number {
  if (!isWordAt(index)) return -1;
  const candidates = phrases.get(hashAt(index));
  if (candidates === undefined) return -1;
  for (const candidate of candidates) {
    const end = matchEnd(candidate, index);
    if (end >= 0) return end;
  }
  return -1;
}

function matchEnd(candidate: readonly number[], index: number): number {
  let at = index;
  for (let word = 0; word < candidate.length; word++) {
    if (word > 0 && isSign(at, 0x2e)) at++;
    if (!isWordAt(at) || hashAt(at) !== candidate[word]) return -1;
    // "us" and "uk" are countries in capitals only.
    if (candidate.length === 1 && lengthOf(at) <= 3 && !isShouted(at)) return -1;
    at++;
  }
  return at;
}
