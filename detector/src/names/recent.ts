/**
 * What was worked out of late for single words: texts say the same words again. One entry a slot; a newer word takes the slot of an
 * older one. Forgets all when it is asked for another owner (a table of another model).
 */
const SLOTS = 1 << 13;

export class Recent {
  readonly #keys = new Int32Array(SLOTS);
  readonly #values = new Uint16Array(SLOTS);
  #owner: object | undefined;

  begin(owner: object): void {
    if (this.#owner === owner) return;
    this.#owner = owner;
    this.#keys.fill(0);
  }

  /** The value set for this key, -1 when it is not known any more. */
  get(key: number): number {
    const slot = (key ^ (key >>> 16)) & (SLOTS - 1);
    return this.#keys[slot] === key && key !== 0 ? (this.#values[slot] as number) : -1;
  }

  set(key: number, value: number): void {
    const slot = (key ^ (key >>> 16)) & (SLOTS - 1);
    this.#keys[slot] = key;
    this.#values[slot] = value;
  }
}
