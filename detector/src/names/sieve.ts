/**
 * A first, quick look at the tokens that the gate has left open: most of them are no names, and a handful of features is
 * enough to tell. What stays goes to the tagger, which looks at everything. The weights are one byte each, of hashed features that
 * nobody tells apart, in a table that a processor keeps near.
 */
import { LEADING, leadingFeatures } from "./features.ts";
import { GAP_MAX, OPEN } from "./gate.ts";
import { PAD, type Tokens } from "./tokens.ts";

// What is imported is read from a cell, and its kind is checked, at every use; a constant of the module's own is part of the code.
const EARLY = LEADING;

export const SIEVE_LOG2 = 18;
export const SIEVE_SHIFT = 32 - SIEVE_LOG2;
/** Was open. */
const SIEVED = 2;

export interface Sieve {
  /** 2^SIEVE_LOG2 weights. */
  readonly weights: Int8Array;
  /** The least sum of weights with which a token stays open. */
  readonly limit: number;
}

/**
 * Closes the open tokens that are hardly part of a name, but for few between two that stay. Returns the number of those that stay.
 * Writes the leading features of each token that was open to `leading`, EARLY a token.
 */
export function sift(
  sieve: Sieve,
  tokens: Tokens,
  text: string,
  bits: Uint8Array,
  classes: Uint16Array,
  open: Uint8Array,
  leading: Int32Array,
): number {
  const { weights, limit } = sieve;
  const stop = PAD + tokens.count;
  let kept = 0;
  let previous = -1;
  for (let i = PAD; i < stop; i++) {
    if (open[i] !== OPEN) continue;
    const first = i * EARLY;
    leadingFeatures(tokens, text, i, bits, classes, leading, first);
    let sum = 0;
    for (let f = first; f < first + EARLY; f++)
      sum = (sum + (weights[(leading[f] as number) >>> SIEVE_SHIFT] as number)) | 0;
    if (sum < limit) {
      open[i] = SIEVED;
      continue;
    }
    kept++;
    if (previous >= 0 && i - previous <= GAP_MAX + 1) {
      for (let back = i - 1; back > previous; back--) {
        if (open[back] !== SIEVED) continue;
        open[back] = OPEN;
        kept++;
      }
    }
    previous = i;
  }
  return kept;
}
