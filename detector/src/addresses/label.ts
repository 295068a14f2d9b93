/** Words before an address that say that it is one: "Adresse:", "lives at", "ship to", "PLZ". Same chunk, a few words back. */
import { hashFolded } from "../signals/fold.ts";
import { hashAt, isCapital, isShouted, isWordAt, lengthOf, means, signAt } from "./tokens.ts";
import { LABEL, LIVES, OTHER_ADDRESS, ZIP } from "./words.ts";

/** "at" stands directly before it. */
const AT_ONLY = 1;
/** Somebody lives there, something is sent there. */
export const HOME = 2;
/** The word "address" itself, and only signs between. */
export const ROOF = 3;

const TOKENS_MAX = 8;
const WORDS_MAX = 5;

/** 0, AT_ONLY, HOME or ROOF, in this order of strength, for the address that begins at token `index`. */
export function labelBefore(index: number): number {
  let words = 0;
  for (let at = index - 1; at >= Math.max(0, index - TOKENS_MAX) && words < WORDS_MAX; at--) {
    if (!isWordAt(at)) {
      // A sentence or a field has ended.
      if (isEnd(at)) return 0;
      continue;
    }
    if (means(at, LABEL) && !means(at - 1, OTHER_ADDRESS) && !means(at + 1, OTHER_ADDRESS))
      return words === 0 && signAt(at + 1) !== 0 ? ROOF : HOME;
    if (means(at, LIVES)) {
      if (lengthOf(at) > 2) return HOME;
      if (words === 0) return AT_ONLY;
    }
    words++;
  }
  return 0;
}

function isEnd(index: number): boolean {
  const sign = signAt(index);
  return (
    sign === 0x3b ||
    sign === 0x21 ||
    sign === 0x3f ||
    (sign === 0x2e && isCapital(index + 1) && lengthOf(index - 1) > 4)
  );
}

/** Words that may stand between "postal" and the code. */
const LINKS = new Set(
  ["code", "kod", "cod", "código", "broj", "številka", "number", "nummer", "is", "ist", "est", "es", "jest", "je"].map(
    (word) => hashFolded(word, 0, word.length),
  ),
);

/** Whether a word for "postcode" stands directly before token `index`. */
export function postcodeLabelBefore(index: number): boolean {
  let signed = false;
  let links = 0;
  for (let at = index - 1; at >= Math.max(0, index - 6); at--) {
    if (!isWordAt(at)) {
      const sign = signAt(at);
      if (sign === 0x3a || sign === 0x3d || sign === 0x22) signed = true;
      else if (sign !== 0x2e && sign !== 0x28) return false;
      continue;
    }
    // "CAP", "PLZ", "cp:"; short words in small letters are other words too.
    if (means(at, ZIP)) return signed || lengthOf(at) > 3 || isShouted(at);
    if (++links > 2 || !LINKS.has(hashAt(at))) return false;
  }
  return false;
}
