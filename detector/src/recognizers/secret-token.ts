/**
 * Secrets that say themselves whose they are: the anchors of the rules, looked up by their first two characters wherever a word
 * begins, or anywhere when the anchor lies inside of the token. One table look-up a character; a shape is tried only behind an
 * anchor, and the work of failed tries is bounded for each island.
 */
import { classAt, DIGIT, isWord, LETTER, LONG } from "../scanner/characters.ts";
import type { Island } from "../scanner/island.ts";
import { type Recognizer, type Sink, wording } from "./recognizer.ts";
import { SECRET_RULES } from "./secret-rules/index.ts";
import type { SecretRule } from "./secret-rules/rule.ts";
import { afterAnchor, matched, matchShape, parseShape, type Shape } from "./secret-shape.ts";
import { isMadeUp, looksRandom } from "./secret-value.ts";

/** Flags of ANCHORS and of WORD_BIT: an anchor that begins so may stand at the start of a word, or anywhere. */
const AT_WORD = 1;
const ANYWHERE = 2;
const WORD_BIT = 4;

interface Anchored {
  readonly rule: SecretRule;
  readonly shape: Shape;
}

export interface AnchorTable {
  /** By code unit: AT_WORD, ANYWHERE, WORD_BIT. */
  readonly first: Uint8Array;
  /** By two code units: index in `buckets`, 0 for none. */
  readonly pairs: Uint16Array;
  /** Longest anchor first. */
  readonly buckets: readonly (readonly Anchored[])[];
  /** Characters of the shortest token. */
  readonly charsMin: number;
}

/** For all rules, or in tests for one. */
export function anchorTable(rules: readonly SecretRule[]): AnchorTable {
  const first = new Uint8Array(128);
  for (let code = 0; code < 128; code++) if (isWord(String.fromCharCode(code), 0)) first[code] = WORD_BIT;
  const pairs = new Uint16Array(128 * 128);
  const buckets: Anchored[][] = [[]];
  let charsMin = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    if (rule.beside !== undefined) continue;
    for (const source of rule.shapes) {
      const shape = parseShape(source);
      charsMin = Math.min(charsMin, shape.min);
      const code = shape.anchor.charCodeAt(0);
      const inside = shape.lead.length > 0 || ((first[code] as number) & WORD_BIT) === 0;
      first[code] = (first[code] as number) | (inside ? ANYWHERE : AT_WORD);
      for (const next of afterAnchor(shape)) {
        const pair = (code << 7) | next.charCodeAt(0);
        if (pairs[pair] === 0) pairs[pair] = buckets.push([]) - 1;
        buckets[pairs[pair] as number]?.push({ rule, shape });
      }
    }
  }
  // A stable sort: among equal anchors the rule's own order stands.
  for (const bucket of buckets) bucket.sort((a, b) => b.shape.anchor.length - a.shape.anchor.length);
  return { first, pairs, buckets, charsMin };
}

const ALL = anchorTable(SECRET_RULES);
/** Characters that failed tries may read, for each character of the island; a body that is judged is read thrice. */
const READ_MAX = 8;
const JUDGED_TIMES = 3;
/** How far `near` looks to either side. */
const NEAR_CHARS = 512;
const SCORE = 0.97;
const SCORE_CHECKED = 0.99;
/** The shape is there, its checksum is not: mistyped, cut and continued, or made up. */
const SCORE_UNCHECKED = 0.86;

const WHY_FORM = wording((rule) => `${rule}: prefix and form`);
const WHY_CHECKED = wording((rule) => `${rule}: form and checksum`);
const WHY_UNCHECKED = wording((rule) => `${rule}: form, but not its checksum`);

export const secretToken: Recognizer = {
  name: "secret-token",
  trigger: DIGIT | LONG,
  charsMin: ALL.charsMin,
  find(island: Island, sink: Sink): void {
    findAnchored(ALL, island, sink);
  },
};

export function findAnchored(table: AnchorTable, island: Island, sink: Sink): void {
  const { text, start, end } = island;
  const { first, pairs } = table;
  if (end - start < table.charsMin) return;
  let budget = READ_MAX * (end - start);
  let floor = start;
  let word = start > 0 && isWord(text, start - 1);
  const last = end - 1;
  for (let i = start; i < last; i++) {
    const code = text.charCodeAt(i);
    if (code >= 128) {
      word = (classAt(text, i) & (LETTER | DIGIT)) !== 0;
      continue;
    }
    const flags = first[code] as number;
    if ((flags & (word ? ANYWHERE : ANYWHERE | AT_WORD)) !== 0) {
      const next = text.charCodeAt(i + 1);
      const bucket = next < 128 ? (pairs[(code << 7) | next] as number) : 0;
      if (bucket !== 0 && budget > 0) {
        const read = tryBucket(table.buckets[bucket] as readonly Anchored[], text, i, floor, end, word, sink);
        if (read < 0) {
          // Behind a name the value is read once more: it may say itself whose it is.
          floor = matched.named ? matched.start : matched.end;
          i = floor - 1;
          budget -= matched.end - floor;
          word = false;
          continue;
        }
        budget -= read;
      }
    }
    // The letter of a JSON escape (`\nghp_…`) is no part of the word behind it.
    if (code === 0x5c && "nrtbf".includes(text[i + 1] ?? " ")) i++;
    word = (flags & WORD_BIT) !== 0;
  }
}

/** -1 when a token was found and lies in `matched`; else how many characters were read in vain. */
function tryBucket(
  bucket: readonly Anchored[],
  text: string,
  at: number,
  floor: number,
  limit: number,
  word: boolean,
  sink: Sink,
): number {
  let read = 0;
  for (const { rule, shape } of bucket) {
    if (word && shape.lead.length === 0 && isWord(text, at)) continue;
    const fits = matchShape(shape, text, at, floor, limit);
    read += matched.reach - at;
    if (!fits) continue;
    if (accept(rule, text, limit, sink)) return -1;
    read += JUDGED_TIMES * (matched.end - matched.start);
  }
  return read;
}

/** Adds what lies in `matched` unless its body says that it is none. */
function accept(rule: SecretRule, text: string, limit: number, sink: Sink): boolean {
  const { start, end, bodyStart } = matched;
  if (rule.near !== undefined) {
    const around = text.substring(Math.max(0, start - NEAR_CHARS), Math.min(limit, end + NEAR_CHARS));
    if (!rule.near.some((word) => around.includes(word))) return false;
  }
  if (isMadeUp(text, start, end) || (rule.plain !== true && !looksRandom(text, bodyStart, end))) return false;
  const passed = rule.check?.(text.slice(start, end));
  if (passed === false && rule.strict === true) return false;
  const score = passed === undefined ? SCORE : passed ? SCORE_CHECKED : SCORE_UNCHECKED;
  const why = passed === undefined ? WHY_FORM : passed ? WHY_CHECKED : WHY_UNCHECKED;
  sink.add("SECRET", start, end, score, "secret-token", why(rule.id));
  return true;
}
