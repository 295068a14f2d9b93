/**
 * Hardware addresses of network interfaces, IEEE 802 (https://standards.ieee.org/products-programs/regauth/): six or eight
 * pairs of hexadecimal digits with colons or hyphens, three groups of four with dots, or twelve digits behind a label. Longer
 * chains are fingerprints and dumps, shorter ones times. Addresses that name no device (null, broadcast, multicast) are left out.
 */
import { CLASSES, DASH, DIGIT, isDigitCode, isGlued, LETTER, PAIR } from "../scanner/characters.ts";
import { contextBefore, hasWord, meaningAt } from "../scanner/context.ts";
import { atomEnd, atomLength, atomStart, gapAfter, type Island } from "../scanner/island.ts";
import { OTHER } from "../scanner/words.ts";
import { hasDirect, MAC } from "./document-labels.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

/** EUI-48 and EUI-64. */
const PAIRS: ReadonlySet<number> = new Set([6, 8]);
const CHARS_MIN = 12;
const BARE_CHARS = 12;
/** First digits of addresses that belong to a group of devices or to none. */
const GROUP_PREFIXES: readonly string[] = [
  "01005e",
  "0180c2",
  "01000c",
  "3333",
  "ffffffffffff",
  "000000000000",
  "0000000000000000",
];

const WHY = "six or eight pairs of hexadecimal digits";

export const mac: Recognizer = {
  name: "mac",
  trigger: PAIR | DASH | DIGIT,
  charsMin: CHARS_MIN,
  find(island: Island, sink: Sink): void {
    if ((island.classes & (PAIR | DASH)) !== 0) findPairs(island, sink);
    for (let atom = 0; atom < island.atoms; atom++) {
      const length = atomLength(island, atom);
      if (length === 4 && gapAfter(island, atom) === 0x2e) findDotted(island, atom, sink);
      else if (length === BARE_CHARS) findBare(island, atom, sink);
    }
  },
};

function isHexCode(code: number): boolean {
  return isDigitCode(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

/** Chains of words of two hexadecimal digits each, all parted by the same sign. */
function findPairs(island: Island, sink: Sink): void {
  const { text, start, end } = island;
  let i = start;
  while (i + CHARS_MIN < end) {
    if (!isPairAt(text, i, end)) {
      // On to the next word.
      while (i < end && isGlued(text, i)) i++;
      i++;
      continue;
    }
    const sign = text.charCodeAt(i + 2);
    if (sign !== 0x3a && sign !== 0x2d) {
      i += 3;
      continue;
    }
    let to = i + 2;
    let pairs = 1;
    while (to < end && text.charCodeAt(to) === sign && isPairAt(text, to + 1, end)) {
      pairs++;
      to += 3;
    }
    if (PAIRS.has(pairs) && isWhole(text, i, to, end, sign)) {
      findChain(text, i, to, sign, sink);
    }
    i = to + 1;
  }
}

/** Two hexadecimal digits that are a word of their own begin at `at`. */
function isPairAt(text: string, at: number, end: number): boolean {
  return (
    at + 2 <= end &&
    isHexCode(text.charCodeAt(at)) &&
    isHexCode(text.charCodeAt(at + 1)) &&
    !isGlued(text, at + 2) &&
    !(at > 0 && isGlued(text, at - 1))
  );
}

/** Not the end, nor the beginning, of a longer chain. */
function isWhole(text: string, from: number, to: number, end: number, sign: number): boolean {
  const after = text.charCodeAt(to);
  if (to < end && (after === sign || after === 0x2e) && to + 1 < end && isGlued(text, to + 1)) return false;
  if (to < end && after === sign && sign === 0x3a) return false;
  if (from === 0) return true;
  const before = text.charCodeAt(from - 1);
  if (before === 0x2e) return false;
  // "mac:00:1a…" is a label, "2001:00:1a…" and "-00-1a" are not.
  if (before !== 0x3a && before !== 0x2d) return !isDumped(text, from);
  let at = from - 1;
  let labelled = false;
  while (at > 0 && from - at < 32 && isGlued(text, at - 1)) {
    at--;
    if (!isHexCode(text.charCodeAt(at)) && ((CLASSES[text.charCodeAt(at)] as number) & LETTER) !== 0) labelled = true;
  }
  return labelled || (at === from - 1 && before === 0x3a);
}

/** The line before ends in the middle of a chain: "…:3d:\n    4e:5f:…". */
function isDumped(text: string, from: number): boolean {
  let at = from - 1;
  while (at >= 0 && from - at < 32 && isSpaceCode(text.charCodeAt(at))) at--;
  if (at < 2 || text.charCodeAt(at) !== 0x3a || (at > 2 && isGlued(text, at - 3))) return false;
  return isHexCode(text.charCodeAt(at - 1)) && isHexCode(text.charCodeAt(at - 2));
}

function isSpaceCode(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function findChain(text: string, from: number, to: number, sign: number, sink: Sink): void {
  if (isGroup(text, from, to)) return;
  const decimal = !hasHexLetter(text, from, to);
  // "24-05-01-12-30-45" is a time, and a slug of numbers looks no different.
  if (decimal && sign === 0x2d && !hasDirect(text, from, MAC)) return;
  // Serial numbers of certificates have eight pairs too.
  if (to - from > 17 && speaksOfOther(text, from) && !hasDirect(text, from, MAC)) return;
  sink.add("MAC_ADDRESS", from, to, decimal ? 0.9 : 0.97, "mac", WHY);
}

function speaksOfOther(text: string, from: number): boolean {
  contextBefore(text, from);
  for (let word = 0; hasWord(word); word++) if ((meaningAt(word) & OTHER) !== 0) return true;
  return false;
}

function hasHexLetter(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((text.charCodeAt(i) | 0x20) >= 0x61) return true;
  return false;
}

function isGroup(text: string, from: number, to: number): boolean {
  const digits = text.slice(from, to).replaceAll(/[:.-]/g, "").toLowerCase();
  return GROUP_PREFIXES.some((prefix) => digits.startsWith(prefix));
}

/** "001a.2b3c.4d5e", with a letter and a digit in it, because versions have dots too. */
function findDotted(island: Island, atom: number, sink: Sink): void {
  const { text } = island;
  const last = atom + 2;
  if (last >= island.atoms || gapAfter(island, atom + 1) !== 0x2e) return;
  for (let i = atom; i <= last; i++) if (atomLength(island, i) !== 4 || !isHexAtom(island, i)) return;
  const start = atomStart(island, atom);
  const end = atomEnd(island, last);
  if ((atom > 0 && gapAfter(island, atom - 1) === 0x2e) || gapAfter(island, last) === 0x2e) return;
  if (isGroup(text, start, end) || !hasDigit(text, start, end)) return;
  if (!hasHexLetter(text, start, end) && !hasDirect(text, start, MAC)) return;
  sink.add("MAC_ADDRESS", start, end, 0.9, "mac", "three groups of four hexadecimal digits");
}

function findBare(island: Island, atom: number, sink: Sink): void {
  const start = atomStart(island, atom);
  const end = atomEnd(island, atom);
  if (!isHexAtom(island, atom) || isGroup(island.text, start, end) || !hasDirect(island.text, start, MAC)) return;
  sink.add("MAC_ADDRESS", start, end, 0.85, "mac", "twelve hexadecimal digits behind a word for a hardware address");
}

function isHexAtom(island: Island, atom: number): boolean {
  for (let i = atomStart(island, atom); i < atomEnd(island, atom); i++) {
    if (!isHexCode(island.text.charCodeAt(i))) return false;
  }
  return true;
}

function hasDigit(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (isDigitCode(text.charCodeAt(i))) return true;
  return false;
}
