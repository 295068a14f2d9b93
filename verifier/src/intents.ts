/**
 * Pairs outcomes with their intents while a log streams by. Keeps two bits for each entry, so a log of a hundred million
 * entries costs 25 MB here.
 */

import type { Leaf } from "./leaf.ts";

/** `outcome_without_intent`: names no earlier intent. `outcome_repeated`: that intent already has its outcome. */
export type IntentProblem = "outcome_without_intent" | "outcome_repeated";

export class IntentPairs {
  readonly #intents = new BitSet();
  readonly #open = new BitSet();

  /** To be called for every leaf, in order. */
  see(index: number, leaf: Leaf): IntentProblem | undefined {
    if (leaf.type === "intent") {
      this.#intents.add(index);
      this.#open.add(index);
      return undefined;
    }
    if (leaf.type !== "outcome") return undefined;
    const intent = leaf["intent"];
    if (typeof intent !== "number" || !Number.isSafeInteger(intent) || !this.#intents.has(intent)) {
      return "outcome_without_intent";
    }
    if (!this.#open.has(intent)) return "outcome_repeated";
    this.#open.remove(intent);
    return undefined;
  }

  /** Intents that have no outcome yet, ascending. */
  orphans(): number[] {
    return this.#open.members();
  }
}

const CHUNK_BITS = 65_536;
const WORD_BITS = 32;

/** A growing set of indexes, in chunks of 8 KiB that exist only where something was added. */
class BitSet {
  readonly #chunks = new Map<number, Int32Array>();

  add(index: number): void {
    const key = Math.floor(index / CHUNK_BITS);
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      chunk = new Int32Array(CHUNK_BITS / WORD_BITS);
      this.#chunks.set(key, chunk);
    }
    const word = wordOf(index);
    chunk[word] = (chunk[word] ?? 0) | maskOf(index);
  }

  has(index: number): boolean {
    const chunk = this.#chunks.get(Math.floor(index / CHUNK_BITS));
    return ((chunk?.[wordOf(index)] ?? 0) & maskOf(index)) !== 0;
  }

  remove(index: number): void {
    const chunk = this.#chunks.get(Math.floor(index / CHUNK_BITS));
    if (chunk === undefined) return;
    const word = wordOf(index);
    chunk[word] = (chunk[word] ?? 0) & ~maskOf(index);
  }

  /** Ascending, as indexes are only ever added in ascending order. */
  members(): number[] {
    const members: number[] = [];
    for (const [key, chunk] of this.#chunks) {
      for (const [word, bits] of chunk.entries()) {
        if (bits === 0) continue;
        for (let bit = 0; bit < WORD_BITS; bit++) {
          if ((bits & (1 << bit)) !== 0) members.push(key * CHUNK_BITS + word * WORD_BITS + bit);
        }
      }
    }
    return members;
  }
}

function wordOf(index: number): number {
  return Math.floor((index % CHUNK_BITS) / WORD_BITS);
}

function maskOf(index: number): number {
  return 1 << (index % WORD_BITS);
}
