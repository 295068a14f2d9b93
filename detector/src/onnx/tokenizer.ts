/**
 * The contract between a tokenizer and the model: the pieces of a text as numbers of the model's vocabulary, and the words that they
 * are pieces of. Only words have places in the text: a label is a word's, told by its first piece.
 */

export interface Pieces {
  /** By piece: its number in the vocabulary. */
  readonly ids: number[];
  /** By piece: its word. Ascending. */
  readonly words: number[];
  /** By word: where it begins and ends in the text, in UTF-16 code units, without white space. */
  readonly start: number[];
  readonly end: number[];
}

export interface Tokenizer {
  /** Time linear in `text`. What looks like a special token in it is text. */
  split(text: string): Pieces;
  /** What the model expects before and behind the pieces of a text: `[CLS]`, `[SEP]`. */
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

export function noPieces(): Pieces {
  return { ids: [], words: [], start: [], end: [] };
}

/** Adds a word to `pieces`. */
export function addWord(pieces: Pieces, start: number, end: number, ids: readonly number[]): void {
  const word = pieces.start.length;
  pieces.start.push(start);
  pieces.end.push(end);
  for (const id of ids) {
    pieces.ids.push(id);
    pieces.words.push(word);
  }
}
