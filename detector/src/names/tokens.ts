/**
 * Cuts one chunk of text into tokens: runs of letters and digits, single signs, in one pass and into arrays that are used
 * again for the next chunk. A token carries the hash of its lower-case form and a small symbol for its looks. Nothing is
 * allocated; nothing outside of [from, to) is read. The arrays belong to whoever called last.
 */
import { CHUNK_CHARS_MAX } from "../scanner/chunks.ts";
import {
  DIGIT,
  HIGH_SURROGATE,
  KINDS,
  LOW_SURROGATE,
  LOWER,
  LOWER_FORM,
  PUNCTUATION,
  SPACE,
  UNCASED,
  UPPER,
} from "./letters.ts";

// What is imported is read from a cell, and its kind is checked, at every use; a constant of the module's own is part of the code.
const KIND_OF = KINDS;
const LOWERED = LOWER_FORM;

/** Empty tokens before the first and behind the last, so that looking at neighbours needs no bounds check. */
export const PAD = 3;

// The looks of a token. Up to CASED_END they are words.
export const LOOK_LOWER = 0;
export const LOOK_CAPITAL = 1;
export const LOOK_CAPS = 2;
export const LOOK_INITIAL = 3;
export const LOOK_CAMEL = 4;
/** A word of a line without a capital: whether it is a name cannot be seen. */
export const LOOK_LINE_LOWER = 5;
/** A word of a line in capitals. */
export const LOOK_LINE_CAPS = 6;
/** A capitalised word of a line in which nearly all are: a title. */
export const LOOK_LINE_TITLE = 7;
export const LOOK_UNCASED = 8;
export const LOOK_MIXED = 9;
export const LOOK_DIGITS = 10;
export const LOOK_EDGE = 11;
export const LOOK_OTHER = 12;
/** Signs: 16 and above, one symbol a group. */
export const LOOK_SIGN = 16;

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** Hash of a word before its first letter, */
export const WORD_HASH = FNV_OFFSET;

/** and with one letter more, whatever its case. */
export function hashOn(hash: number, code: number): number {
  return Math.imul(hash ^ (LOWERED[code] as number), FNV_PRIME);
}

const SIGN_GROUPS = [".", ",", ":", ";", "!?", '"', "([{", ")]}", "-", "/", "'", "@", "#", "=", "|*•·", "&"];

function buildSigns(): Uint8Array {
  const looks = new Uint8Array(0x10000).fill(LOOK_OTHER);
  for (const [index, group] of SIGN_GROUPS.entries()) {
    for (let at = 0; at < group.length; at++) looks[group.charCodeAt(at)] = LOOK_SIGN + index;
  }
  for (let code = 0; code < 0x10000; code++) {
    const form = LOWERED[code] as number;
    if (form !== code && KIND_OF[code] === PUNCTUATION) looks[code] = looks[form] as number;
  }
  return looks;
}
const SIGNS = buildSigns();

/** The look of a token that is this sign. */
export function signLook(sign: string): number {
  return SIGNS[sign.charCodeAt(0)] as number;
}

/** Signs that programs are full of and prose is not. */
const CODE_SIGNS = buildSet("{}()[]=<>;_\\|$`*+^~&");

function buildSet(signs: string): Uint8Array {
  const set = new Uint8Array(128);
  for (let at = 0; at < signs.length; at++) set[signs.charCodeAt(at)] = 1;
  return set;
}

/** Kinds that end a word. */
const BREAKS = (1 << SPACE) | (1 << PUNCTUATION) | (1 << HIGH_SURROGATE) | (1 << LOW_SURROGATE);
const SIZE = CHUNK_CHARS_MAX + 2 * PAD + 2;

/** The tokens of one chunk; entries PAD … PAD + count - 1 of each array are theirs. */
export class Tokens {
  count = 0;
  readonly start = new Int32Array(SIZE);
  readonly end = new Int32Array(SIZE);
  /** FNV-1a of the lower-case form. */
  readonly word = new Int32Array(SIZE);
  /** A LOOK_ symbol. */
  readonly look = new Uint8Array(SIZE);
  /** 1: no space stands before it. */
  readonly glued = new Uint8Array(SIZE);
  /** Tokens that look like words with a capital. 0: the chunk can be skipped unless it is a line without case. */
  capitals = 0;
  /** LOOK_LINE_… when the whole chunk is of that sort, else LOOK_LOWER. */
  line = LOOK_LOWER;
  /** Number of the language that most of its words are signs of, 0 for none; the gate sets it. */
  language = 0;
  /** 0…3: how much the chunk looks like a program or data. */
  code = 0;
  #used = 0;

  read(text: string, from: number, to: number): void {
    const { start, end, word, look, glued } = this;
    let n = PAD;
    let at = from;
    let touch = 0;
    let lowers = 0;
    let capitals = 0;
    let caps = 0;
    let sentenceCapitals = 0;
    let longs = 0;
    let codeSigns = 0;
    while (at < to) {
      const code = text.charCodeAt(at);
      const kind = KIND_OF[code] as number;
      if (kind === SPACE) {
        at++;
        touch = 0;
        continue;
      }
      start[n] = at;
      glued[n] = touch;
      touch = 1;
      if (kind === PUNCTUATION) {
        const first = at++;
        if (code < 128) codeSigns += CODE_SIGNS[code] as number;
        while (at < to && text.charCodeAt(at) === code) at++;
        word[n] = Math.imul((FNV_OFFSET ^ (LOWERED[code] as number)) + (at - first > 1 ? 77 : 0), FNV_PRIME);
        look[n] = SIGNS[code] as number;
        end[n++] = at;
        continue;
      }
      if (kind === HIGH_SURROGATE || kind === LOW_SURROGATE) {
        const pair = kind === HIGH_SURROGATE && at + 1 < to && KIND_OF[text.charCodeAt(at + 1)] === LOW_SURROGATE;
        at += pair ? 2 : 1;
        word[n] = FNV_PRIME;
        look[n] = LOOK_OTHER;
        end[n++] = at;
        continue;
      }
      // A word: letters, marks and digits in a run.
      let hash = FNV_OFFSET;
      let kinds = 0;
      let uppers = 0;
      let inner = 0;
      const first = at;
      let k = kind;
      let c = code;
      for (;;) {
        if (k === LOWER) {
          // Most letters.
          do {
            hash = Math.imul(hash ^ (LOWERED[c] as number), FNV_PRIME);
            if (++at >= to) break;
            c = text.charCodeAt(at);
            k = KIND_OF[c] as number;
          } while (k === LOWER);
          kinds |= 1 << LOWER;
          if (at >= to) break;
          if (k === UPPER) inner++;
        } else {
          hash = Math.imul(hash ^ (LOWERED[c] as number), FNV_PRIME);
          kinds |= 1 << k;
          if (k === UPPER) uppers++;
          if (++at >= to) break;
          c = text.charCodeAt(at);
          k = KIND_OF[c] as number;
        }
        if (((1 << k) & BREAKS) !== 0) break;
      }
      word[n] = hash;
      const length = at - first;
      let sort: number;
      if ((kinds & (1 << DIGIT)) !== 0) {
        sort = kinds === 1 << DIGIT ? LOOK_DIGITS : LOOK_MIXED;
      } else if (uppers === 0) {
        if ((kinds & (1 << LOWER)) !== 0) {
          sort = LOOK_LOWER;
          lowers++;
          if (length > 3) longs++;
        } else sort = (kinds & (1 << UNCASED)) !== 0 ? LOOK_UNCASED : LOOK_OTHER;
      } else if (length === 1) {
        sort = LOOK_INITIAL;
        // "I" in a line of chat says nothing about its case.
        if (code !== 0x49) capitals++;
      } else {
        sort = (kinds & (1 << LOWER)) === 0 ? LOOK_CAPS : inner > 0 || kind !== UPPER ? LOOK_CAMEL : LOOK_CAPITAL;
        capitals++;
        if (sort === LOOK_CAPS) caps++;
        else if (sort === LOOK_CAPITAL && length > 3) sentenceCapitals++;
      }
      look[n] = sort;
      end[n++] = at;
    }
    this.count = n - PAD;
    this.capitals = capitals;
    this.code = codeSigns === 0 ? 0 : codeSigns * 10 < n - PAD ? 1 : codeSigns * 4 < n - PAD ? 2 : 3;
    this.line = lineOf(lowers, longs, capitals, caps, sentenceCapitals);
    if (this.line !== LOOK_LOWER) this.#relook(n);
    this.#close(n);
  }

  #relook(n: number): void {
    const { look, line } = this;
    const from = line === LOOK_LINE_LOWER ? LOOK_LOWER : line === LOOK_LINE_CAPS ? LOOK_CAPS : LOOK_CAPITAL;
    for (let i = PAD; i < n; i++) if (look[i] === from) look[i] = line;
  }

  /** Wipes what an earlier, longer chunk left behind the last token. */
  #close(n: number): void {
    const stop = Math.max(this.#used, n + PAD);
    for (let i = n; i < stop && i < SIZE; i++) {
      this.word[i] = 0;
      this.look[i] = LOOK_EDGE;
      this.glued[i] = 0;
      this.start[i] = 0;
      this.end[i] = 0;
    }
    if (this.#used === 0) this.look.fill(LOOK_EDGE, 0, PAD);
    this.#used = n;
  }
}

function lineOf(lowers: number, longs: number, capitals: number, caps: number, titled: number): number {
  if (capitals === 0) return lowers > 0 ? LOOK_LINE_LOWER : LOOK_LOWER;
  if (caps >= 2 && lowers === 0 && titled === 0) return LOOK_LINE_CAPS;
  if (titled >= 4 && titled >= longs * 4) return LOOK_LINE_TITLE;
  return LOOK_LOWER;
}
