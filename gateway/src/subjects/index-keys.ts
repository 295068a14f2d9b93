/**
 * The index keys: one for each epoch, random, wrapped like the subjects' keys, and kept as long as there are subjects of that epoch. In
 * memory each is held as long as the keys of subjects are, and then cleared.
 */
import type { EpochKeys } from "../core/epoch-keys.ts";
import { SluiceError } from "../core/errors.ts";
import type { EpochRow, SubjectRows } from "./rows.ts";
import { Tagger } from "./tagger.ts";
import { indexBinding, KEY_BYTES } from "./wrapping.ts";

export interface IndexKeysOptions {
  readonly rows: Pick<SubjectRows, "epochs" | "keepEpoch">;
  readonly epochKeys: Pick<EpochKeys, "current" | "wrap" | "unwrap">;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly holdMs: number;
}

/** One may be dropped while another is opened; so often all are looked at again. */
const TRIES_MAX = 8;

interface Held {
  readonly tagger: Tagger;
  readonly until: number;
}

export class IndexKeys {
  readonly #options: IndexKeysOptions;
  readonly #held = new Map<number, Held>();
  #opening: Promise<Tagger> | undefined;

  constructor(options: IndexKeysOptions) {
    this.#options = options;
  }

  /** Of this epoch; made where there is none. Good until the next turn of the event loop. */
  current(): Tagger | Promise<Tagger> {
    const epoch = this.#options.epochKeys.current();
    const known = typeof epoch === "number" ? this.#inMemory(epoch) : undefined;
    if (known !== undefined) return known;
    this.#opening ??= this.#open(epoch).finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /**
   * Of every epoch that has subjects, and never of fewer: who is looked for in some epochs only is erased in some only. Makes none.
   * Good until the next turn of the event loop. Rejects with key_unavailable.
   */
  async all(): Promise<readonly Tagger[]> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const rows = await this.#options.rows.epochs();
      for (const row of rows) if (this.#inMemory(row.epoch) === undefined) await this.#hold(row);
      const taggers = rows.flatMap(({ epoch }) => this.#held.get(epoch)?.tagger ?? []);
      if (taggers.length === rows.length) return taggers;
    }
    throw new SluiceError("key_unavailable", "index keys leave memory faster than they can be used; try again");
  }

  sweep(now: number): void {
    for (const [epoch, held] of this.#held) if (!this.#isGood(held, now)) this.#drop(epoch);
  }

  clear(): void {
    for (const epoch of this.#held.keys()) this.#drop(epoch);
  }

  #inMemory(epoch: number): Tagger | undefined {
    const held = this.#held.get(epoch);
    return held !== undefined && this.#isGood(held, this.#options.clock()) ? held.tagger : undefined;
  }

  /** Its time is not over, nor further away than it can be: then the clock was put back. */
  #isGood({ until }: Held, now: number): boolean {
    return now < until && until <= now + this.#options.holdMs;
  }

  async #open(asked: number | Promise<number>): Promise<Tagger> {
    const { rows, epochKeys, clock, random } = this.#options;
    const epoch = await asked;
    const known = (await rows.epochs()).find((row) => row.epoch === epoch);
    if (known !== undefined) return this.#hold(known);
    const key = Uint8Array.from(random(KEY_BYTES));
    try {
      const { version, wrapped } = await epochKeys.wrap(key, indexBinding({ epoch }));
      return await this.#hold(await rows.keepEpoch({ epoch, kek: version, wrapped, created_at: clock() }));
    } finally {
      key.fill(0);
    }
  }

  async #hold(row: EpochRow): Promise<Tagger> {
    const key = await this.#options.epochKeys.unwrap(row.kek, row.wrapped, indexBinding(row));
    const tagger = new Tagger(row.epoch, key);
    key.fill(0);
    this.#drop(row.epoch);
    this.#held.set(row.epoch, { tagger, until: this.#options.clock() + this.#options.holdMs });
    return tagger;
  }

  #drop(epoch: number): void {
    const held = this.#held.get(epoch);
    this.#held.delete(epoch);
    // Who has it in this turn may still make tags with it.
    if (held !== undefined) setImmediate(() => held.tagger.clear());
  }
}
