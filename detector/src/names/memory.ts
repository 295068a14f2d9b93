/**
 * Remembers the names of one document and finds them again where the tagger alone would not: in lower case, in capitals, a
 * surname on its own. Holds hashes, never text, and no more than NAMES_MAX of them; what is an everyday word in any language
 * of the lexicon is not found again on its own.
 */
import { CHUNK_CHARS_MAX } from "../scanner/chunks.ts";
import type { Sink } from "../recognizers/recognizer.ts";
import type { Finding } from "../types.ts";
import { isInCode } from "./gate.ts";
import { COMMON, lookUp, TITLED } from "./lexicon.ts";
import type { NamesModel } from "./model.ts";
import {
  LOOK_CAMEL,
  LOOK_CAPITAL,
  LOOK_CAPS,
  LOOK_INITIAL,
  LOOK_LINE_CAPS,
  LOOK_LINE_TITLE,
  LOOK_UNCASED,
  PAD,
  hashOn,
  Tokens,
  WORD_HASH,
} from "./tokens.ts";

/** A finding below it teaches nothing: one doubtful hit would be copied all over the document. */
export const LEARN_SCORE_MIN = 0.75;
const NAMES_MAX = 4096;
const WORDS_MAX = 5;
/** Shortest word that is found again on its own, with a capital and without. */
const ALONE_CHARS_MIN = 3;
const LOWER_CHARS_MIN = 4;
/** Endings that a surname takes in the languages that bend names; only looked for behind a capital. */
const ENDINGS = new Set("s a u om em ovi owi ov in lle n nak nek t".split(" "));
const ENDING_CHARS_MAX = 3;
const ENDING_STEM_MIN = 5;
/** Of the filter at first; with more names it grows. */
const FILTER_BITS_MIN = 512;
const FILTER_BITS_PER_WORD = 16;

interface Full {
  readonly type: string;
  readonly words: readonly number[];
}

interface Alone {
  readonly type: string;
  readonly surname: boolean;
  /** It may take an ending. */
  readonly bends: boolean;
  /** It may stand in lower case: it was part of a name of several words, or no list of names has it. "Grant" may be no name there. */
  readonly lowers: boolean;
}

/** Shared with nobody else: the tagger has its own. */
const ownTokens = new Tokens();

function readOwn(text: string, from: number, to: number): Tokens {
  ownTokens.read(text, from, to);
  return ownTokens;
}

function isWordLook(look: number): boolean {
  return look <= LOOK_UNCASED;
}

export class NameMemory {
  readonly #lexicon: Int32Array;
  readonly #full = new Map<number, Full[]>();
  readonly #alone = new Map<number, Alone>();
  /** Most words are no name of this document: one bit says so. */
  #filter = new Uint32Array(FILTER_BITS_MIN >> 5);
  #marks = 0;
  #names = 0;
  /** Last token of the match that was found last. */
  #reach = -1;

  constructor(model: NamesModel) {
    this.#lexicon = model.lexicon;
  }

  /** Takes in what was found in `text`, from the finding `first` on; offsets of the findings are into it. */
  learn(findings: readonly Finding[], text: string, first = 0): void {
    for (let index = first; index < findings.length; index++) {
      const { type, start, end, score } = findings[index] as Finding;
      if (score < LEARN_SCORE_MIN || this.#names >= NAMES_MAX || end - start > CHUNK_CHARS_MAX) continue;
      if (type === "PERSON" || type === "LOCATION" || type === "ORGANIZATION") this.#learn(type, text, start, end);
    }
  }

  #learn(type: string, text: string, start: number, end: number): void {
    const tokens = readOwn(text, start, end);
    const words: number[] = [];
    for (let i = PAD; i < PAD + tokens.count; i++) {
      if (isWordLook(tokens.look[i] as number)) words.push(tokens.word[i] as number);
    }
    const [first] = words;
    if (first === undefined || words.length > WORDS_MAX) return;
    const known = this.#full.get(first) ?? [];
    if (known.some((full) => full.words.length === words.length && full.words.every((w, at) => w === words[at])))
      return;
    this.#names++;
    if (words.length > 1) {
      this.#full.set(first, [...known, { type, words }]);
      this.#mark(first);
    }
    if (type !== "PERSON") {
      if (words.length === 1) this.#learnAlone(tokens, PAD, type, false, false);
      return;
    }
    let last = PAD + tokens.count - 1;
    while (!isWordLook(tokens.look[last] as number)) last--;
    for (let i = PAD; i <= last; i++)
      if (isWordLook(tokens.look[i] as number)) this.#learnAlone(tokens, i, type, i === last, words.length > 1);
  }

  #learnAlone(tokens: Tokens, i: number, type: string, surname: boolean, inFull: boolean): void {
    const hash = tokens.word[i] as number;
    const look = tokens.look[i] as number;
    const length = (tokens.end[i] as number) - (tokens.start[i] as number);
    if (length < ALONE_CHARS_MIN || look === LOOK_INITIAL) return;
    const kinds = lookUp(this.#lexicon, hash);
    if ((kinds & (COMMON | TITLED)) !== 0) return;
    const lowers = inFull || kinds === 0;
    const known = this.#alone.get(hash);
    if (known !== undefined && (known.lowers || !lowers)) return;
    this.#alone.set(hash, { type, surname, bends: surname && length >= ENDING_STEM_MIN, lowers });
    if (known !== undefined) return;
    this.#mark(hash);
  }

  #mark(hash: number): void {
    if (++this.#marks * FILTER_BITS_PER_WORD > this.#filter.length << 5) {
      this.#filter = new Uint32Array(this.#filter.length * 8);
      for (const known of this.#full.keys()) this.#set(known);
      for (const known of this.#alone.keys()) this.#set(known);
    }
    this.#set(hash);
  }

  #set(hash: number): void {
    const bit = this.#bit(hash);
    this.#filter[bit >> 5] = (this.#filter[bit >> 5] as number) | (1 << (bit & 31));
  }

  #bit(hash: number): number {
    return (hash ^ (hash >>> 16)) & ((this.#filter.length << 5) - 1);
  }

  #may(hash: number): boolean {
    const bit = this.#bit(hash);
    return ((this.#filter[bit >> 5] as number) & (1 << (bit & 31))) !== 0;
  }

  /**
   * Adds the remembered names that stand in the chunk [from, to), also those that the tagger has found itself. `read`: the chunk's
   * tokens, if somebody has them.
   */
  findAgain(text: string, from: number, to: number, sink: Sink, read?: Tokens): void {
    if (this.#names === 0) return;
    const tokens = read ?? readOwn(text, from, to);
    const stop = PAD + tokens.count;
    for (let i = PAD; i < stop; i++) {
      const look = tokens.look[i] as number;
      if (!isWordLook(look)) continue;
      const hash = tokens.word[i] as number;
      const known = this.#may(hash);
      const start = tokens.start[i] as number;
      const full = known ? this.#longest(tokens, hash, i, stop) : undefined;
      if (full !== undefined) {
        const last = this.#reach;
        const end = tokens.end[last] as number;
        if (
          !isInCode(text, from, to, start, tokens.end[i] as number, look) &&
          !isInCode(text, from, to, tokens.start[last] as number, end, tokens.look[last] as number)
        ) {
          sink.add(
            full.type,
            start,
            end,
            look === LOOK_CAPITAL || look === LOOK_CAPS ? 0.9 : 0.8,
            "names-again",
            "a name that stands elsewhere in the document",
          );
        }
        i = last;
        continue;
      }
      const end = tokens.end[i] as number;
      const same = known ? this.#alone.get(hash) : undefined;
      const alone = same ?? this.#stemOf(text, start, end, hash, look);
      if (alone === undefined) continue;
      const score = aloneScore(alone, look, end - start);
      if (score === 0 || isInCode(text, from, to, start, end, look)) continue;
      sink.add(alone.type, start, end, score, "names-again", "part of a name that stands elsewhere in the document");
    }
  }

  /** The surname that the word with a capital at [start, end) is with an ending. */
  #stemOf(text: string, start: number, end: number, hash: number, look: number): Alone | undefined {
    if (end - start <= ENDING_STEM_MIN || !hasCapital(look)) return undefined;
    let stem = WORD_HASH;
    for (let at = start; at < end; at++) {
      if (at - start >= ENDING_STEM_MIN && end - at <= ENDING_CHARS_MAX && this.#may(stem)) {
        const alone = this.#alone.get(stem);
        if (alone?.bends === true && ENDINGS.has(text.slice(at, end).toLowerCase()))
          return (lookUp(this.#lexicon, hash) & (COMMON | TITLED)) === 0 ? alone : undefined;
      }
      stem = hashOn(stem, text.charCodeAt(at));
    }
    return undefined;
  }

  /** The longest remembered name that begins at token `i`; leaves its last token in `#reach`. */
  #longest(tokens: Tokens, hash: number, i: number, stop: number): Full | undefined {
    const names = this.#full.get(hash);
    if (names === undefined) return undefined;
    let longest: Full | undefined;
    this.#reach = -1;
    for (const name of names) {
      const last = this.#matches(tokens, name, i, stop);
      if (last <= this.#reach) continue;
      this.#reach = last;
      longest = name;
    }
    return longest;
  }

  #matches(tokens: Tokens, { words }: Full, i: number, stop: number): number {
    let at = i;
    for (let k = 0; k < words.length; k++) {
      // Signs may stand between the words: "J. Doe", "Anna-Maria".
      if (k > 0) for (let signs = 0; signs < 2 && at < stop && !isWordLook(tokens.look[at] as number); signs++) at++;
      if (at >= stop || tokens.word[at] !== words[k]) return -1;
      at++;
    }
    return at - 1;
  }
}

function hasCapital(look: number): boolean {
  return (
    look === LOOK_CAPITAL ||
    look === LOOK_CAPS ||
    look === LOOK_LINE_CAPS ||
    look === LOOK_LINE_TITLE ||
    look === LOOK_CAMEL
  );
}

function aloneScore(alone: Alone, look: number, length: number): number {
  if (hasCapital(look)) return alone.surname ? 0.85 : 0.75;
  if (!alone.lowers || length < LOWER_CHARS_MIN) return 0;
  return alone.surname ? 0.65 : 0.6;
}
