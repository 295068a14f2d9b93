/**
 * Cuts text into chunks: lines, and longer lines at their last white space before CHUNK_CHARS_MAX. Where a chunk ends is told by
 * the text from its own start on, so that whoever brings the text in pieces gets the chunks of whoever brings it whole.
 */

/** UTF-16 code units. */
export const CHUNK_CHARS_MAX = 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200a);
}

/**
 * End of the chunk that begins at `from`: behind its line feed, or where it is cut. -1 when `text` ends before that can be told
 * and more may come.
 */
export function chunkEnd(text: string, from: number, final: boolean): number {
  const limit = Math.min(text.length, from + CHUNK_CHARS_MAX);
  for (let at = from; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code <= CARRIAGE_RETURN && (code === LINE_FEED || code === CARRIAGE_RETURN)) return at + 1;
  }
  if (limit - from < CHUNK_CHARS_MAX) return final ? limit : -1;
  let blank = limit - 1;
  while (blank > from && !isBlank(text.charCodeAt(blank))) blank--;
  if (blank > from) return blank + 1;
  // One word of a thousand characters: cut anywhere but between surrogates.
  const last = text.charCodeAt(limit - 1);
  return last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit;
}

export class Chunks {
  #at = 0;

  /** Calls `onChunk` for each chunk that is complete; returns the offset up to which `text` is settled. */
  advance(text: string, final: boolean, onChunk: (from: number, to: number) => void): number {
    while (this.#at < text.length) {
      const end = chunkEnd(text, this.#at, final);
      if (end < 0) break;
      onChunk(this.#at, end);
      this.#at = end;
    }
    return this.#at;
  }

  /** The text has lost `chars` characters at its front, all of them settled. */
  shift(chars: number): void {
    this.#at -= chars;
  }
}
