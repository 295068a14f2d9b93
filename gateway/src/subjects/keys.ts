/**
 * The keys of data subjects: an identifier becomes a tag, the tag leads to a random key. What is in memory is given at once; what is not
 * is read, or made, for all that wait together, so that one statement and one flush of the disk serve many. A key that was destroyed
 * is not brought back by a reading that was under way: it stays on a list for longer than any reading takes.
 */
import type { EpochKeys, Wrapped } from "../core/epoch-keys.ts";
import { SluiceError } from "../core/errors.ts";
import type { Identifier, SubjectId, SubjectKey, SubjectKeys } from "../core/subjects.ts";
import { HeldKeys } from "./held-keys.ts";
import { type Normalizing, normalized } from "./identifier.ts";
import type { IndexKeys } from "./index-keys.ts";
import type { SubjectRow, SubjectRows } from "./rows.ts";
import type { Tagger } from "./tagger.ts";
import { ID_BYTES, KEY_BYTES, subjectBinding } from "./wrapping.ts";

export interface SubjectKeysOptions {
  readonly rows: SubjectRows;
  readonly epochKeys: Pick<EpochKeys, "wrap" | "unwrap">;
  readonly indexKeys: IndexKeys;
  readonly normalizing: () => Normalizing;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly holdMs: number;
  /** Default: 65,536. */
  readonly keysMax?: number;
}

/** Some 30 MB of memory. */
const KEYS_MAX = 65_536;
/** Tags that are looked up together. */
const TAGS_MAX = 4_096;
/** A key may be dropped between the moment when it is there and the one when it is used; so often it is read again. */
const TRIES_MAX = 8;
/** Longest wait for more to do. */
const PAUSE_MS_MAX = 10;
/** Longer than a statement may take. */
const DESTROYED_MS = 120_000;
const ID = /^[\w-]{11}$/;

/** Tags that wait to be looked up, and when they are. */
interface Batch {
  readonly epoch: number;
  readonly tags: Set<string>;
  /** Rows that do not open fail those who want them, and nobody else. */
  readonly failed: Map<string, SluiceError>;
  readonly done: Promise<void>;
  readonly settle: (work: Promise<void>) => void;
}

export class Keys implements SubjectKeys {
  readonly #options: SubjectKeysOptions;
  readonly #held: HeldKeys;
  readonly #destroyed = new Map<SubjectId, number>();
  readonly #reading = new Map<SubjectId, Promise<void>>();
  #batch: Batch | undefined;
  #running: Promise<void> = Promise.resolve();
  #pauseMs = 0;
  /** Counts how often everything was dropped: what was read before is not held after. */
  #purges = 0;

  constructor(options: SubjectKeysOptions) {
    this.#options = options;
    this.#held = new HeldKeys({ keysMax: options.keysMax ?? KEYS_MAX, holdMs: options.holdMs });
  }

  get held(): number {
    return this.#held.size;
  }

  keysFor(
    identifiers: readonly Identifier[],
  ): readonly (SubjectKey | undefined)[] | Promise<readonly (SubjectKey | undefined)[]> {
    const tagger = this.#options.indexKeys.current();
    return tagger instanceof Promise
      ? tagger.then((each) => this.#keysBy(each, identifiers))
      : this.#keysBy(tagger, identifiers);
  }

  keyOf(id: SubjectId): SubjectKey | undefined | Promise<SubjectKey | undefined> {
    return this.#held.byId(id, this.#options.clock()) ?? (ID.test(id) ? this.#read(id) : undefined);
  }

  /** Resolves when the copies in memory are overwritten. */
  async forget(ids: readonly SubjectId[]): Promise<void> {
    const until = this.#options.clock() + DESTROYED_MS;
    for (const id of ids) this.#destroyed.set(id, until);
    await this.#held.drop(ids);
  }

  /** Something may have been destroyed that nobody here heard of. Resolves when all copies in memory are overwritten. */
  async forgetAll(): Promise<void> {
    this.#purges += 1;
    await this.#held.dropAll();
  }

  sweep(now: number): void {
    this.#held.sweep(now);
    for (const [id, until] of this.#destroyed) if (now >= until) this.#destroyed.delete(id);
  }

  /** Of values that mean nobody, undefined. */
  tagsOf(tagger: Tagger, identifiers: readonly Identifier[]): (string | undefined)[] {
    const settings = this.#options.normalizing();
    return identifiers.map((identifier) => {
      const value = normalized(identifier, settings);
      return value === undefined ? undefined : tagger.tag(identifier.type, value);
    });
  }

  #keysBy(
    tagger: Tagger,
    identifiers: readonly Identifier[],
  ): readonly (SubjectKey | undefined)[] | Promise<readonly (SubjectKey | undefined)[]> {
    const tags = this.tagsOf(tagger, identifiers);
    const keys: (SubjectKey | undefined)[] = [];
    const missing = this.#collect(tags, keys);
    return missing.length === 0 ? keys : this.#keysLater(tagger.epoch, tags, missing);
  }

  /** Puts those that are in memory in `keys`; gives the tags of the others. */
  #collect(tags: readonly (string | undefined)[], keys: (SubjectKey | undefined)[]): string[] {
    const now = this.#options.clock();
    const missing: string[] = [];
    for (const tag of tags) {
      const held = tag === undefined ? undefined : this.#held.byTag(tag, now);
      keys.push(held);
      if (tag !== undefined && held === undefined) missing.push(tag);
    }
    return missing;
  }

  /** All of them are looked at again after each wait: what was there before may have left meanwhile. */
  async #keysLater(
    epoch: number,
    tags: readonly (string | undefined)[],
    first: readonly string[],
  ): Promise<readonly (SubjectKey | undefined)[]> {
    let missing = first;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      await this.#fetch(epoch, missing);
      const keys: (SubjectKey | undefined)[] = [];
      missing = this.#collect(tags, keys);
      if (missing.length === 0) return keys;
    }
    throw new SluiceError("key_unavailable", "keys of data subjects leave memory faster than they can be used");
  }

  /** Resolves when these keys are in memory: with those of everybody who asks while others are being fetched. */
  async #fetch(epoch: number, tags: readonly string[]): Promise<void> {
    for (let at = 0; at < tags.length; ) {
      const batch = this.#openBatch(epoch);
      const mine: string[] = [];
      for (; at < tags.length && batch.tags.size < TAGS_MAX; at++) {
        mine.push(tags[at] as string);
        batch.tags.add(tags[at] as string);
      }
      await batch.done;
      if (batch.failed.size === 0) continue;
      for (const tag of mine) {
        const error = batch.failed.get(tag);
        if (error !== undefined) throw error;
      }
    }
  }

  #openBatch(epoch: number): Batch {
    if (this.#batch?.epoch === epoch && this.#batch.tags.size < TAGS_MAX) return this.#batch;
    let settle: Batch["settle"] = () => undefined;
    const done = new Promise<void>((resolve) => (settle = resolve));
    const batch: Batch = { epoch, tags: new Set(), failed: new Map(), done, settle };
    this.#batch = batch;
    this.#running = this.#running.then(() => this.#run(batch));
    return batch;
  }

  /**
   * One after another: who comes while one is fetched is served by the next. The embedded database holds this thread for each flush of
   * the disk, so the next one waits as long as the last one took, and gets more to do.
   */
  async #run(batch: Batch): Promise<void> {
    await pause(this.#pauseMs);
    if (this.#batch === batch) this.#batch = undefined;
    const began = performance.now();
    const work = this.#fetchBatch(batch);
    batch.settle(work);
    await work.catch(() => undefined);
    this.#pauseMs = Math.min(PAUSE_MS_MAX, Math.floor(performance.now() - began));
  }

  async #fetchBatch({ epoch, tags, failed }: Batch): Promise<void> {
    const { rows } = this.#options;
    const wanted = new Map([...tags].map((tag) => [tag, Buffer.from(tag, "latin1")]));
    // Somebody may delete a row between the two statements: then it is made in the next round.
    for (let round = 0; wanted.size > 0; round++) {
      if (round === TRIES_MAX)
        throw new SluiceError("key_unavailable", "rows of data subjects vanish as they are made");
      const purges = this.#purges;
      for (const row of await rows.byTags(epoch, [...wanted.values()])) {
        const tag = tagOf(row);
        try {
          if (await this.#open(row, purges)) wanted.delete(tag);
        } catch (thrown) {
          if (!(thrown instanceof SluiceError) || thrown.code === "key_unavailable") throw thrown;
          failed.set(tag, thrown);
          wanted.delete(tag);
        }
      }
      if (wanted.size > 0) await this.#make(epoch, wanted, purges);
    }
  }

  /** False when it is destroyed, though a row was still read. */
  async #open(row: SubjectRow, purges: number): Promise<boolean> {
    const key = await this.#options.epochKeys.unwrap(row.kek, row.wrapped, subjectBinding(row));
    const isHeld = this.#hold(row, key, purges);
    key.fill(0);
    return isHeld;
  }

  #hold(row: Pick<SubjectRow, "id" | "tag">, key: Uint8Array, purges: number): boolean {
    const id = idOf(row.id);
    if (this.#destroyed.has(id) || purges !== this.#purges) return false;
    this.#held.put(tagOf(row), id, key, this.#options.clock());
    return true;
  }

  async #make(epoch: number, wanted: Map<string, Buffer>, purges: number): Promise<void> {
    const { rows, random, clock } = this.#options;
    const keys = new Map<string, { readonly row: SubjectRow; readonly key: Uint8Array }>();
    try {
      for (const tag of wanted.values()) {
        const id = Uint8Array.from(random(ID_BYTES));
        const key = Uint8Array.from(random(KEY_BYTES));
        const { version, wrapped } = await this.#wrap(key, { id, epoch, tag });
        keys.set(idOf(id), { row: { id, epoch, tag, kek: version, wrapped, created_at: clock() }, key });
      }
      for (const id of await rows.insert([...keys.values()].map(({ row }) => row))) {
        const made = keys.get(idOf(id));
        if (made !== undefined && this.#hold(made.row, made.key, purges)) wanted.delete(tagOf(made.row));
      }
    } finally {
      for (const { key } of keys.values()) key.fill(0);
    }
  }

  #wrap(key: Uint8Array, row: Pick<SubjectRow, "id" | "epoch" | "tag">): Wrapped | Promise<Wrapped> {
    return this.#options.epochKeys.wrap(key, subjectBinding(row));
  }

  /** Undefined when there is no such row. Those who ask for one id at once are served by one reading. */
  async #read(id: SubjectId): Promise<SubjectKey | undefined> {
    if (this.#destroyed.has(id)) return undefined;
    let reading = this.#reading.get(id);
    if (reading === undefined) {
      reading = this.#readRow(id).finally(() => this.#reading.delete(id));
      this.#reading.set(id, reading);
    }
    await reading;
    return this.#held.byId(id, this.#options.clock());
  }

  async #readRow(id: SubjectId): Promise<void> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const purges = this.#purges;
      const [row] = await this.#options.rows.byIds([Buffer.from(id, "base64url")]);
      if (row === undefined || (await this.#open(row, purges)) || this.#destroyed.has(id)) return;
    }
  }
}

/** At least until others have had their turn. */
const pause = (ms: number): Promise<unknown> =>
  new Promise((resolve) => (ms < 1 ? setImmediate(resolve) : setTimeout(resolve, ms)));

/** As other rooms know it. */
export function idOf(bytes: Uint8Array): SubjectId {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

function tagOf({ tag }: Pick<SubjectRow, "tag">): string {
  return Buffer.from(tag.buffer, tag.byteOffset, tag.length).toString("latin1");
}
