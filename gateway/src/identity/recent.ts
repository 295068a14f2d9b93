/** A bounded memory that gives up what was used longest ago. */
export class Recent<V> {
  readonly #max: number;
  /** In order of use. */
  readonly #entries = new Map<string, V>();
  /** The last key, which is in its place already when it is used again. */
  #newest: string | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || key === this.#newest) return value;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#newest = key;
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#newest = key;
    const oldest = this.#entries.size > this.#max ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets what `gone` says of. */
  forget(gone: (value: V) => boolean): void {
    for (const [key, value] of this.#entries) if (gone(value)) this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }
}
