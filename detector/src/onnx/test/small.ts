/** A vocabulary of a few words, and what a model that knows them says of each. */
import type { Tokenizer } from "../tokenizer.ts";
import { wordPiece } from "../word-piece.ts";

export const LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-MISC"] as const;
export const TYPES_OF_LABELS = { PER: "PERSON", LOC: "LOCATION" };
const SURE = 8;

const PIECES: readonly (readonly [string, (typeof LABELS)[number]])[] = [
  ["[PAD]", "O"],
  ["[UNK]", "O"],
  ["[CLS]", "B-PER"],
  ["[SEP]", "B-PER"],
  ["anna", "B-PER"],
  ["schmidt", "I-PER"],
  ["##chen", "B-LOC"],
  ["lives", "O"],
  ["in", "O"],
  ["new", "B-LOC"],
  ["york", "I-LOC"],
  ["esperanto", "B-MISC"],
  [",", "O"],
  [".", "O"],
  ["@", "O"],
  ["example", "O"],
  ["com", "O"],
];

export const TABLE: readonly (readonly number[])[] = PIECES.map(([, label]) =>
  LABELS.map((name) => (name === label ? SURE : 0)),
);
/** Of the label that a piece has: e⁸ ⁄ (e⁸ + 5), and what another label of the same type adds. */
export const PROBABILITY = (Math.exp(SURE) + 1) / (Math.exp(SURE) + LABELS.length - 1);

export function smallTokenizer(): Tokenizer {
  return wordPiece({ vocabulary: new Map(PIECES.map(([piece], id) => [piece, id])) });
}
