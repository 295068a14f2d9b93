/**
 * Choices that a key and a value determine: HMAC-SHA-256 in counter mode as a stream of numbers. The same key and parts give
 * the same choices on every machine; without the key they say nothing about the value.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { frame } from "../bytes.ts";

const WORD = 0x1_0000_0000;

export class Draws {
  readonly #key: Uint8Array;
  readonly #seed: Uint8Array;
  #block = new DataView(new ArrayBuffer(0));
  #blocks = 0;
  #at = 0;

  constructor(key: Uint8Array, ...parts: readonly string[]) {
    this.#key = key;
    this.#seed = frame(...parts);
  }

  /** Integer in [0, below), `below` at most 2³². Without bias: what does not divide evenly is drawn again. */
  int(below: number): number {
    const limit = WORD - (WORD % below);
    let word = this.#word();
    while (word >= limit) word = this.#word();
    return word % below;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T;
  }

  digits(count: number): string {
    let text = "";
    for (let digit = 0; digit < count; digit++) text += String(this.int(10));
    return text;
  }

  #word(): number {
    if (this.#at === this.#block.byteLength) {
      const counter = new Uint8Array(4);
      new DataView(counter.buffer).setUint32(0, this.#blocks++);
      const bytes = hmac(sha256, this.#key, concatBytes(counter, this.#seed));
      this.#block = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#at = 0;
    }
    const word = this.#block.getUint32(this.#at);
    this.#at += 4;
    return word;
  }
}
