/**
 * Cuts text into chunks: lines, and longer lines at their last white space before CHUNK_CHARS_MAX. Where a chunk ends is told by
 * the text from its own start on, so that whoever brings the text in pieces gets the chunks of whoever brings it whole.
 */
import { isLineEnd } from "./characters.ts";

/** UTF-16 code units. */
export const CHUNK_CHARS_MAX = 1024;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200a);
}

/** End of the chunk that begins at `from`, when no line ends between there and `end`, but at `end` itself. */
function chunkEnd(text: string, from: number, end: number): number {
  const chars = end - from;
  if (chars < CHUNK_CHARS_MAX || (chars === CHUNK_CHARS_MAX && isLineEnd(text.charCodeAt(end - 1)))) return end;
  const limit = from + CHUNK_CHARS_MAX;
  let blank = limit - 1;
  while (blank > from && !isBlank(text.charCodeAt(blank))) blank--;
  if (blank > from) return blank + 1;
  // One word of a thousand characters: cut anywhere but between surrogates.
  const last = text.charCodeAt(limit - 1);
  return last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit;
}

/** The chunks of a text by the rule alone, for who has no engine that reads the text anyway. */
export function chunksOf(text: string): [from: number, to: number][] {
  const chunks: [number, number][] = [];
  for (let from = 0; from < text.length; ) {
    let line = from;
    while (line < text.length && line - from < CHUNK_CHARS_MAX && !isLineEnd(text.charCodeAt(line))) line++;
    const end = chunkEnd(text, from, Math.min(line + 1, text.length));
    chunks.push([from, end]);
    from = end;
  }
  return chunks;
}

type OnChunk = (from: number, to: number, classes: number) => void;

export class Chunks {
  #at = 0;

  /**
   * Calls `onChunk` for each chunk that is complete, with the classes that it holds at most; returns where the last one ends.
   * `lineEnds`: of each of the `lines` lines its end, and the classes of all that is in it; between the last and `passed` no line ends.
   */
  advance(text: string, lineEnds: readonly number[], lines: number, passed: number, onChunk: OnChunk): number {
    for (let line = 0; line < lines; line++) {
      const end = lineEnds[line * 2] as number;
      while (this.#at < end) this.#next(chunkEnd(text, this.#at, end), lineEnds[line * 2 + 1] as number, onChunk);
    }
    while (passed - this.#at >= CHUNK_CHARS_MAX) this.#next(chunkEnd(text, this.#at, passed), ANY, onChunk);
    return this.#at;
  }

  #next(end: number, classes: number, onChunk: OnChunk): void {
    onChunk(this.#at, end, classes);
    this.#at = end;
  }

  /** The text has lost `chars` characters at its front, all of them settled. */
  shift(chars: number): void {
    this.#at -= chars;
  }
}

/** Every class. */
export const ANY = -1;
