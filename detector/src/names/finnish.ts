/**
 * What a Finnish word may have been before it was bent, where taking off an ending of up to three letters does not tell: "Halosen" is
 * of Halonen, "Iglesiakselle" of Iglesias, "Simonideen" of Simonides, "Pekan" of Pekka, "Niemen" of Niemi, "Poseidonille" of Poseidon.
 * The rules are those of any grammar (https://en.wikipedia.org/wiki/Finnish_noun_cases, …/Consonant_gradation#Finnish); what no table
 * knows is not found. The product asks it, the trainer does not: see MODEL_CARD.md.
 */
import { lookUp } from "./lexicon.ts";

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
const CHARS_MAX = 40;
/** Shortest word without its ending. */
const STEM_MIN = 4;

const code = (letter: string): number => letter.charCodeAt(0);
const A = code("a");
const D = code("d");
const E = code("e");
const G = code("g");
const I = code("i");
const K = code("k");
const L = code("l");
const M = code("m");
const N = code("n");
const O = code("o");
const P = code("p");
const R = code("r");
const S = code("s");
const T = code("t");
const V = code("v");
const AE = code("ä");
const VOWELS = new Set(Array.from("aeiouyäö", code));

/** Of the word under way. */
const letters = new Uint16Array(CHARS_MAX);

/** What `table` says of the word that [start, end) is a form of, 0 for none. `form`: of each code unit the one that the table was made with. */
export function lookUpFinnish(table: Int32Array, text: string, start: number, end: number, form: Uint16Array): number {
  const count = end - start;
  if (count <= STEM_MIN || count > CHARS_MAX) return 0;
  for (let at = 0; at < count; at++) letters[at] = form[text.charCodeAt(start + at)] as number;
  const last = letters[count - 1] as number;
  if (last === N) return ofStem(table, count - 1, false);
  const second = letters[count - 2] as number;
  const third = letters[count - 3] as number;
  if (last === E) return second === L && third === L ? ofStem(table, count - 3, false) : 0;
  if (last === I) return second === S && third === K ? ofStem(table, count - 3, false) : 0;
  if (last !== A && last !== AE) return 0;
  // -lla, -lta, -ssa, -sta; -na, -ta
  const isLong = (second === third || second === T) && (third === L || third === S);
  const found = isLong ? ofStem(table, count - 3, false) : 0;
  return found === 0 && (second === N || second === T) ? ofStem(table, count - 2, second === T) : found;
}

/** The word without its case is the first `count` letters. */
function ofStem(table: Int32Array, count: number, partitive: boolean): number {
  if (count < STEM_MIN) return 0;
  const last = letters[count - 1] as number;
  const second = letters[count - 2] as number;
  let found = 0;
  if (last === S) return partitive ? known(table, count - 1, N, E, N) : 0;
  if (last === E && second === S) {
    found = known(table, count - 2, N, E, N);
    if (found === 0 && letters[count - 3] === K) found = known(table, count - 3, S);
    return found;
  }
  if (last === E && second === E) return known(table, count - 1, S);
  if (!VOWELS.has(last)) return 0;
  found = ofStrong(table, count, last, second, letters[count - 3] as number);
  if (found === 0 && last === E) found = known(table, count - 1, I);
  // A name that ends in a consonant takes an i.
  if (found === 0 && last === I && count > STEM_MIN) found = known(table, count - 1);
  return found;
}

/** The grade of the consonant before the last vowel, undone. */
function ofStrong(table: Int32Array, count: number, vowel: number, second: number, third: number): number {
  if (second === K || second === P || second === T)
    return third === K || third === P || third === T ? 0 : withVowel(table, count - 1, second, vowel);
  if (second === third) {
    const strong = second === M ? P : second === N || second === L || second === R ? T : 0;
    return strong === 0 ? 0 : withVowel(table, count - 2, strong, vowel);
  }
  if (second === G && third === N) return withVowel(table, count - 2, K, vowel);
  if (second === D) return withVowel(table, count - 2, T, vowel);
  if (second === V) return withVowel(table, count - 2, P, vowel);
  // "Mäen", "Joen"
  return vowel === E && (second === A || second === AE || second === O) ? withVowel(table, count - 1, K, vowel) : 0;
}

/** An e at the end of a stem is often an i at the end of the word. */
function withVowel(table: Int32Array, keep: number, consonant: number, vowel: number): number {
  const found = known(table, keep, consonant, vowel);
  return found === 0 && vowel === E ? known(table, keep, consonant, I) : found;
}

/** Looks up the first `keep` letters and those given, 0 for none. */
function known(table: Int32Array, keep: number, first = 0, second = 0, third = 0): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < keep; at++) hash = Math.imul(hash ^ (letters[at] as number), FNV_PRIME);
  if (first !== 0) hash = Math.imul(hash ^ first, FNV_PRIME);
  if (second !== 0) hash = Math.imul(hash ^ second, FNV_PRIME);
  if (third !== 0) hash = Math.imul(hash ^ third, FNV_PRIME);
  return lookUp(table, hash);
}
