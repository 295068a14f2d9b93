/**
 * The key-encryption keys (KEK) of one ring: random keys, numbered from 1, each wrapped by the root key and never stored in any
 * other form. The newest seals, all of them open. In memory a key is held in clear for `cacheMs` at most and then cleared, so
 * that a root key that is withdrawn takes effect within that time; whoever owns the process memory in between owns the keys.
 */
import { SluiceError } from "../core/errors.ts";
import { KEY_BYTES, type Random, SEALS_MAX } from "./aead.ts";
import { type KeyName, open, type Place, rewrap, type SealingKey, seal, sealedUnder } from "./envelope.ts";
import type { RootKey } from "./root.ts";

export interface KekRecord {
  /** From 1. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Id of the root key that wrapped it. */
  readonly root: string;
  readonly wrapped: Uint8Array;
}

/** Keeps the wrapped keys of one ring. Durable when a promise resolves; safe with many processes. */
export interface KekStore {
  /** In the order of their versions. */
  list(): Promise<readonly KekRecord[]>;
  /** False when there is one of this version already. */
  add(record: KekRecord): Promise<boolean>;
  /** Puts another wrapping of the same key in place. */
  replace(record: KekRecord): Promise<void>;
  /** Overwrites it and removes it; no error when there is none. */
  destroy(version: number): Promise<void>;
}

/**
 * Is told of a new key before it is kept and seals anything; throws where others know another one by this name. Gives what takes
 * the word back: the key was not kept.
 */
export type EnterKey = (version: number, key: Uint8Array) => Promise<() => Promise<void>>;

export interface KeyringOptions {
  /** Key id on what is sealed: `secrets`. */
  readonly ring: string;
  /** Opens the root key; called once, when it is needed. It may make one only where nothing is wrapped yet. */
  readonly openRoot: (mayCreate: boolean) => Promise<RootKey>;
  readonly store: KekStore;
  readonly clock: () => number;
  readonly random: Random;
  readonly cacheMs: number;
  /** Absent: nobody shares what is sealed here. */
  readonly enter?: () => EnterKey | undefined;
}

interface Held {
  readonly key: Buffer;
  readonly until: number;
}

export class Keyring {
  readonly #options: KeyringOptions;
  readonly #held = new Map<number, Held>();
  readonly #unwrapping = new Map<number, Promise<void>>();
  readonly #destroyed = new Set<number>();
  /** Seals of this process by version: the count over all is smaller than `SEALS_MAX` when keys are rotated as documented. */
  readonly #seals = new Map<number, number>();
  readonly #sweeping: NodeJS.Timeout;
  #root: Promise<RootKey> | undefined;
  #closed = false;

  constructor(options: KeyringOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), Math.max(1_000, options.cacheMs / 2));
    this.#sweeping.unref();
  }

  get ring(): string {
    return this.#options.ring;
  }

  /** Under the newest key. Throws `key_unavailable`, and `key_unknown` when there is no key yet. */
  async seal(place: Place, plaintext: Uint8Array): Promise<Buffer> {
    const version = await this.#newest();
    this.count(version);
    return this.use(version, (key) => seal(key, place, plaintext, this.#options.random));
  }

  /** The caller clears the result. Throws `seal_invalid`, `key_unknown`, `key_unavailable`. */
  async open(place: Place, sealed: Uint8Array): Promise<Buffer> {
    const { version } = this.#ours(sealedUnder(sealed, place));
    return this.use(version, (key) => open(key, place, sealed));
  }

  /** The same value under the newest key; undefined when it is there already. */
  async rewrap(place: Place, sealed: Uint8Array): Promise<Buffer | undefined> {
    const { version } = this.#ours(sealedUnder(sealed, place));
    const newest = await this.#newest();
    if (version >= newest) return undefined;
    this.count(newest);
    // Two keys are needed at once; the older is copied, and cleared as soon as it was used.
    const older = await this.use(version, (key) => ({ ...key, key: Buffer.from(key.key) }));
    try {
      return await this.use(newest, (key) => rewrap(older, key, place, sealed, this.#options.random));
    } finally {
      older.key.fill(0);
    }
  }

  /** Version of the key that it needs; undefined when it is no sealed value, or of another ring. */
  versionOf(place: Place, sealed: Uint8Array): number | undefined {
    try {
      return this.#ours(sealedUnder(sealed, place)).version;
    } catch (thrown) {
      if (thrown instanceof SluiceError) return undefined;
      throw thrown;
    }
  }

  list(): Promise<readonly KekRecord[]> {
    return this.#options.store.list();
  }

  /** Of each key by its version, made by `of` from the key in clear. Throws `key_unavailable`, `key_unknown`, `seal_invalid`. */
  async fingerprints(of: (key: Uint8Array) => string): Promise<ReadonlyMap<number, string>> {
    const found = new Map<number, string>();
    for (const { version } of await this.list()) found.set(version, await this.use(version, ({ key }) => of(key)));
    return found;
  }

  /**
   * Makes the next version and returns its number. `before` is told the number first and may refuse by throwing. When another
   * process makes the same version at the same time, one of them makes the one after it; with `after`, the newest version that the
   * caller knows (0: none), it takes what the other has made.
   */
  async rotate(before: (version: number) => Promise<void>, after?: number): Promise<number> {
    const { store, clock, random, ring } = this.#options;
    for (;;) {
      const known = await store.list();
      const newest = known.at(-1)?.version ?? 0;
      if (after !== undefined && newest > after) return newest;
      const version = newest + 1;
      const root = await this.#openRoot(known.length === 0);
      const key = Uint8Array.from(random(KEY_BYTES));
      try {
        const createdAt = clock();
        const wrapped = await root.wrap(key, bindingOf(ring, version));
        await before(version);
        const takeBack = await this.#options.enter?.()?.(version, key);
        let isKept = false;
        try {
          isKept = await store.add({ version, createdAt, root: root.id, wrapped });
        } finally {
          if (!isKept) await takeBack?.();
        }
        if (isKept) return version;
      } finally {
        key.fill(0);
      }
    }
  }

  /** Wraps every key anew, under the newest version of the root key. Returns how many there are. */
  async rewrapKeys(): Promise<number> {
    const { store, ring } = this.#options;
    const records = await store.list();
    const root = await this.#openRoot(false);
    for (const record of records) {
      const key = await this.#unwrap(record);
      try {
        const wrapped = await root.wrap(key, bindingOf(ring, record.version));
        await store.replace({ ...record, root: root.id, wrapped });
      } finally {
        key.fill(0);
      }
    }
    return records.length;
  }

  /** Its file is overwritten and removed, and the copy in memory cleared. What stands under it is lost. */
  async destroy(version: number): Promise<void> {
    // First of all, so that an unwrapping that is under way does not bring it back.
    this.#destroyed.add(version);
    this.#clear(version);
    await this.#options.store.destroy(version);
  }

  /** Makes one only when nothing is wrapped yet and `mayCreate`. */
  async root(mayCreate = false): Promise<RootKey> {
    const known = await this.#options.store.list();
    return this.#openRoot(mayCreate && known.length === 0);
  }

  /** Whatever is asked of it afterwards throws `key_unavailable`, and no key is held any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeping);
    for (const { key } of this.#held.values()) key.fill(0);
    this.#held.clear();
    const root = this.#root;
    this.#root = undefined;
    if (root !== undefined) await (await root).close();
  }

  async #openRoot(mayCreate: boolean): Promise<RootKey> {
    if (this.#closed) throw new SluiceError("key_unavailable", `the ring "${this.ring}" is closed`);
    this.#root ??= this.#options.openRoot(mayCreate).catch((thrown: unknown) => {
      this.#root = undefined;
      throw thrown;
    });
    return this.#root;
  }

  async #newest(): Promise<number> {
    const version = (await this.#options.store.list()).at(-1)?.version;
    if (version !== undefined) return version;
    throw new SluiceError("key_unknown", `the ring "${this.ring}" has no key yet; \`sluice keys rotate\` makes one`);
  }

  #ours(name: KeyName): KeyName {
    if (name.id === this.ring) return name;
    throw new SluiceError("key_unknown", `sealed under "${name.id}", which is no key of the ring "${this.ring}"`);
  }

  /** Counts one more encryption under a key. Throws `key_unavailable` when it has sealed enough. */
  count(version: number): void {
    const seals = (this.#seals.get(version) ?? 0) + 1;
    if (seals > SEALS_MAX)
      throw new SluiceError("key_unavailable", `key ${this.ring}/${version} has sealed enough; \`sluice keys rotate\``);
    this.#seals.set(version, seals);
  }

  /** At once when the key is in memory. `work` must be done with it when it returns: the key is cleared at any time after. */
  use<T>(version: number, work: (key: SealingKey) => T): T | Promise<T> {
    const key = this.#inMemory(version);
    return key === undefined ? this.#useLater(version, work) : work(key);
  }

  async #useLater<T>(version: number, work: (key: SealingKey) => T): Promise<T> {
    for (;;) {
      await this.#hold(version);
      const key = this.#inMemory(version);
      if (key !== undefined) return work(key);
    }
  }

  #inMemory(version: number): SealingKey | undefined {
    const held = this.#held.get(version);
    return held !== undefined && this.#options.clock() < held.until
      ? { id: this.ring, version, key: held.key }
      : undefined;
  }

  /** Many that need one key ask the root once. */
  async #hold(version: number): Promise<void> {
    let running = this.#unwrapping.get(version);
    if (running === undefined) {
      running = this.#fetch(version).finally(() => this.#unwrapping.delete(version));
      this.#unwrapping.set(version, running);
    }
    await running;
  }

  async #fetch(version: number): Promise<void> {
    const gone = (): SluiceError => new SluiceError("key_unknown", `key ${this.ring}/${version} is not here`);
    const record = (await this.#options.store.list()).find((each) => each.version === version);
    if (record === undefined) throw gone();
    const key = await this.#unwrap(record);
    if (this.#closed || this.#destroyed.has(version)) {
      key.fill(0);
      throw this.#closed ? new SluiceError("key_unavailable", `the ring "${this.ring}" is closed`) : gone();
    }
    this.#clear(version);
    this.#held.set(version, { key, until: this.#options.clock() + this.#options.cacheMs });
  }

  async #unwrap({ version, root: id, wrapped }: KekRecord): Promise<Buffer> {
    const root = await this.#openRoot(false);
    try {
      return await root.unwrap(wrapped, bindingOf(this.ring, version));
    } catch (thrown) {
      // A root key may move: a file to another path, a key behind another alias. Only when it does not open is the name a reason.
      if (!(thrown instanceof SluiceError) || thrown.code === "key_unavailable" || root.id === id) throw thrown;
      throw new SluiceError(
        "key_unknown",
        `key ${this.ring}/${version} is wrapped under ${id}, and the root key of the configuration is ${root.id}`,
      );
    }
  }

  #sweep(): void {
    const now = this.#options.clock();
    for (const [version, { until }] of this.#held) if (now >= until) this.#clear(version);
  }

  #clear(version: number): void {
    this.#held.get(version)?.key.fill(0);
    this.#held.delete(version);
  }
}

/** What a wrapped key is bound to. Neither part can hold the byte between them. */
function bindingOf(ring: string, version: number): Buffer {
  return Buffer.from(`sluice kek\0${ring}\0${version}`);
}
