/**
 * Byte-level BPE as GPT-2 and RoBERTa have it: split into words with the space before them, write each byte as a letter, then join
 * the pairs that were learned first. https://github.com/openai/gpt-2/blob/master/src/encoder.py
 */
import { addWord, noPieces, type Pieces, type Tokenizer } from "./tokenizer.ts";

export interface BytePairsOptions {
  /** piece → number. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** "Ġ t": the two parts with a space between; the first was learned first. */
  readonly merges: readonly string[];
  /** A word that is a piece is not split and joined. */
  readonly ignoreMerges?: boolean;
  /** Whether a text is read as if a space stood before it. */
  readonly prefixSpace?: boolean;
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/** The letters that GPT-2 writes bytes as: printable ones stand for themselves, the others follow from U+0100 on. */
const LETTERS: readonly string[] = letters();

function letters(): string[] {
  let other = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    return String.fromCharCode(printable ? byte : other++);
  });
}

/** White space is Unicode's, which is not that of JavaScript's `\s`. */
const WORD =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\t-\r\x85\p{Z}\p{L}\p{N}]+|[\t-\r\x85\p{Z}]+(?![^\t-\r\x85\p{Z}])|[\t-\r\x85\p{Z}]+/gu;
const WHITE = /^[\t-\r\x85\p{Z}]/u;
/** Joining takes time in the square of a word: longer ones are joined in parts. */
const PART_BYTES_MAX = 128;

export function bytePairs(options: BytePairsOptions): Tokenizer {
  const { vocabulary, ignoreMerges = false, prefixSpace = false, before, behind } = options;
  const ranks = new Map(options.merges.map((merge, rank) => [merge, rank]));
  const utf8 = new TextEncoder();

  function joined(letters: string[]): string[] {
    const parts = letters;
    while (parts.length > 1) {
      let best = Number.POSITIVE_INFINITY;
      let pair = "";
      for (let at = 0; at + 1 < parts.length; at++) {
        const rank = ranks.get(`${parts[at]} ${parts[at + 1]}`);
        if (rank !== undefined && rank < best) {
          best = rank;
          pair = `${parts[at]} ${parts[at + 1]}`;
        }
      }
      if (pair === "") break;
      let size = 0;
      for (let at = 0; at < parts.length; at++) {
        const both = at + 1 < parts.length && `${parts[at]} ${parts[at + 1]}` === pair;
        parts[size++] = both ? (parts[at] as string) + (parts[++at] as string) : (parts[at] as string);
      }
      parts.length = size;
    }
    return parts;
  }

  function idsOf(word: string): number[] {
    const all = [...utf8.encode(word)].map((byte) => LETTERS[byte] as string);
    const whole = ignoreMerges ? vocabulary.get(all.join("")) : undefined;
    if (whole !== undefined) return [whole];
    const ids: number[] = [];
    for (let from = 0; from < all.length; from += PART_BYTES_MAX) {
      // A letter that is no piece has no number: the model never saw it.
      for (const piece of joined(all.slice(from, from + PART_BYTES_MAX))) {
        const id = vocabulary.get(piece);
        if (id !== undefined) ids.push(id);
      }
    }
    return ids;
  }

  function split(text: string): Pieces {
    const pieces = noPieces();
    const spaced = prefixSpace && text !== "" && !text.startsWith(" ");
    const shift = spaced ? -1 : 0;
    for (const { 0: word, index } of (spaced ? ` ${text}` : text).matchAll(WORD)) {
      const at = index + shift;
      const end = at + word.length;
      // White space alone is an empty word: its pieces count for the model, and no label of theirs does.
      const blank = WHITE.test(word.slice(-1));
      addWord(pieces, blank ? end : at + (word.startsWith(" ") ? 1 : 0), end, idsOf(word));
    }
    return pieces;
  }

  return { split, before, behind };
}
