/**
 * Subject keys in memory: so many, for so long, and cleared by overwriting. A key that leaves is overwritten at the next turn of the
 * event loop and its place is given to no other key before, so that whoever got it in this turn may use it to its end.
 */
import type { SubjectKey } from "../core/subjects.ts";

const KEY_BYTES = 32;
const KEYS_PER_SLAB = 1_024;

export interface HeldKey extends SubjectKey {
  /** Of latin1. */
  readonly tag: string;
  readonly key: Buffer;
  /** Time from which it is not used any more. */
  readonly until: number;
}

export interface HeldKeysOptions {
  readonly keysMax: number;
  /** How long a key is used. */
  readonly holdMs: number;
}

export class HeldKeys {
  readonly #options: HeldKeysOptions;
  /** In the order in which they came, and so in the order in which they go. */
  readonly #byTag = new Map<string, HeldKey>();
  readonly #byId = new Map<string, HeldKey>();
  #free: Buffer[] = [];
  #leaving: Buffer[] = [];
  #clearing: Promise<void> | undefined;

  constructor(options: HeldKeysOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byTag.size;
  }

  byTag(tag: string, now: number): HeldKey | undefined {
    const held = this.#byTag.get(tag);
    return held !== undefined && this.#isGood(held, now) ? held : undefined;
  }

  byId(id: string, now: number): HeldKey | undefined {
    const held = this.#byId.get(id);
    return held !== undefined && this.#isGood(held, now) ? held : undefined;
  }

  /** `key` is copied. */
  put(tag: string, id: string, key: Uint8Array, now: number): void {
    const before = this.#byTag.get(tag);
    if (before !== undefined) this.#drop(before);
    if (this.#byTag.size >= this.#options.keysMax) {
      for (const oldest of this.#byTag.values()) {
        this.#drop(oldest);
        break;
      }
    }
    const place = this.#place();
    place.set(key);
    const held = { id, tag, key: place, until: now + this.#options.holdMs };
    this.#byTag.set(tag, held);
    this.#byId.set(id, held);
  }

  /** Resolves when they are overwritten. */
  drop(ids: Iterable<string>): Promise<void> {
    for (const id of ids) {
      const held = this.#byId.get(id);
      if (held !== undefined) this.#drop(held);
    }
    return this.#cleared();
  }

  dropAll(): Promise<void> {
    for (const held of this.#byTag.values()) this.#leave(held.key);
    this.#byTag.clear();
    this.#byId.clear();
    return this.#cleared();
  }

  /** Drops those whose time is over. */
  sweep(now: number): void {
    for (const held of this.#byTag.values()) {
      if (this.#isGood(held, now)) return;
      this.#drop(held);
    }
  }

  /** Its time is not over, nor further away than it can be: then the clock was put back, and nobody knows how old it is. */
  #isGood({ until }: HeldKey, now: number): boolean {
    return now < until && until <= now + this.#options.holdMs;
  }

  #drop(held: HeldKey): void {
    this.#byTag.delete(held.tag);
    this.#byId.delete(held.id);
    this.#leave(held.key);
  }

  #leave(key: Buffer): void {
    this.#leaving.push(key);
    void this.#cleared();
  }

  #cleared(): Promise<void> {
    if (this.#leaving.length === 0) return Promise.resolve();
    this.#clearing ??= new Promise((resolve) => {
      setImmediate(() => {
        const gone = this.#leaving;
        this.#leaving = [];
        this.#clearing = undefined;
        for (const key of gone) this.#free.push(key.fill(0));
        resolve();
      });
    });
    return this.#clearing;
  }

  #place(): Buffer {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slab = Buffer.alloc(KEY_BYTES * KEYS_PER_SLAB);
    for (let at = KEYS_PER_SLAB - 1; at >= 0; at--) {
      this.#free.push(slab.subarray(at * KEY_BYTES, (at + 1) * KEY_BYTES));
    }
    return this.#free.pop() as Buffer;
  }
}
