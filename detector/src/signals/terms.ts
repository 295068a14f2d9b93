/** The grammar of the language files (language.ts), in one place: for the lexicon, which makes no strings of them, and for tests. */
import { foldedLength } from "./fold.ts";

/** How much a term says by itself. */
export const NEVER = 0;
export const AMBIGUOUS = 1;
export const TOPIC = 2;
export const STATEMENT = 3;

const BEGINNING_CHARS_MIN = 3;
export const PHRASE_WORDS_MAX = 5;

const COMMA = 0x2c;
const STAR = 0x2a;

/** One term after the other. What it says of a term holds until the next. */
export class TermReader {
  readonly text: string;
  strength = TOPIC;
  /** With exactly these accents. */
  exact = false;
  /** Where the term stands, its marks included. */
  start = 0;
  end = 0;
  /** Words, and where they stand; the star of a beginning is the last of its characters. */
  count = 0;
  readonly starts = new Int32Array(PHRASE_WORDS_MAX);
  readonly ends = new Int32Array(PHRASE_WORDS_MAX);
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** False when there is none left. @throws Error that names a term which cannot be looked up */
  next(): boolean {
    const { text } = this;
    while (this.#at < text.length && (isSpace(text.charCodeAt(this.#at)) || text.charCodeAt(this.#at) === COMMA))
      this.#at++;
    if (this.#at === text.length) return false;
    this.start = this.#at;
    this.#readMarks();
    this.#readWords();
    return true;
  }

  /** Whether a word stands for all that begin so. */
  isBeginning(word: number): boolean {
    return this.text.charCodeAt((this.ends[word] as number) - 1) === STAR;
  }

  word(index: number): string {
    return this.text.slice(this.starts[index], this.ends[index]);
  }

  words(): string[] {
    return Array.from({ length: this.count }, (_, index) => this.word(index));
  }

  #readMarks(): void {
    this.exact = false;
    let strength: number | undefined;
    for (; ; this.#at++) {
      const mark = this.text[this.#at];
      if (mark === "=") this.exact = true;
      else if (mark === "!") strength ??= STATEMENT;
      else if (mark === "?") strength ??= AMBIGUOUS;
      else if (mark === "-") strength ??= NEVER;
      else break;
    }
    this.strength = strength ?? TOPIC;
  }

  #readWords(): void {
    const { text } = this;
    this.count = 0;
    let code = text.charCodeAt(this.#at);
    while (this.#at < text.length && code !== COMMA) {
      const start = this.#at;
      while (this.#at < text.length && code !== COMMA && !separates(code)) code = text.charCodeAt(++this.#at);
      if (this.#at > start) {
        if (this.count === PHRASE_WORDS_MAX) throw new Error(`"${this.word(0)} …" has too many words`);
        this.starts[this.count] = start;
        this.ends[this.count++] = this.#at;
        this.end = this.#at;
      } else code = text.charCodeAt(++this.#at);
    }
    if (this.count === 0) throw new Error("a term has no words");
    for (let word = 0; word < this.count; word++) {
      const star = text.indexOf("*", this.starts[word]);
      if (star >= 0 && star < (this.ends[word] as number) - 1)
        throw new Error(`"${this.word(word)}" has a star inside a word`);
    }
    if (
      this.isBeginning(0) &&
      foldedLength(text, this.starts[0] as number, this.ends[0] as number) < BEGINNING_CHARS_MIN
    )
      throw new Error(`"${this.word(0)}" begins too many words`);
  }
}

function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xa0;
}

/** Between the words of a phrase: a space, a hyphen, an apostrophe. */
function separates(code: number): boolean {
  return isSpace(code) || code === 0x2d || code === 0x27 || code === 0x2019;
}
