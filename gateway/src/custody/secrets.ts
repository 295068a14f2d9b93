/**
 * Secrets that change while exchanges run. Each reference has one cell; the Secret that the configuration holds reads the cell,
 * so a new value is used by every exchange that opens from then on, and whoever has revealed the old one goes on with it.
 *
 * When a source cannot be asked, the last value is used for `keepMs` more and then no more. When a source says twice that the
 * secret is gone, it is believed: withdrawn means withdrawn. A new value that could not stand where the old one stood (more
 * than one line where there was one) is not taken.
 */
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { Secret } from "../core/secret.ts";
import { type Reading, SECRET_CHARS_MAX } from "./source.ts";

const READS_AT_ONCE = 8;
/** An answer of the target that it does not know the credential makes it be read again, but not more often than this. */
const HURRY_MS = 10_000;
/** Before a source is asked again that says a secret is gone: files are replaced by removing and writing them, too. */
const GONE_AGAIN_MS = 2_000;
const ONE_LINE = /^[\x20-\x7e]+$/;

/** What the reader of a configuration gets for a reference. `secret` is the living one; `value` is what it holds now. */
export type Followed = { readonly value: string; readonly secret: Secret } | { readonly reason: string };

export interface Trouble {
  readonly reference: string;
  readonly reason: string;
  /** Milliseconds since the epoch at which the value that is still used was read. */
  readonly readAt: number;
  /** Milliseconds since the epoch from which it is not used any more. */
  readonly usedUntil: number;
}

export interface Watch {
  readonly refreshMs: number;
  readonly keepMs: number;
  /** On record before a new value is used. */
  readonly record: RecordEvent;
  /** Gets each failed reading of a secret that is in use. Holds no value. */
  readonly warn: (trouble: Trouble) => void;
}

/** Reveals what the cell holds when it is asked. Throws `secret_unavailable` when that may not be used any more. */
class LivingSecret extends Secret {
  readonly #now: () => string;

  constructor(now: () => string) {
    super("");
    this.#now = now;
  }

  override reveal(): string {
    return this.#now();
  }
}

interface Cell {
  readonly reference: string;
  readonly secret: Secret;
  read: (reference: string) => Promise<Reading>;
  value: string;
  readAt: number;
  reason: string | undefined;
  withdrawn: boolean;
  /** The source has said once that it is gone. */
  goneSaid: boolean;
  reading: Promise<void> | undefined;
}

export class Secrets {
  readonly #clock: () => number;
  readonly #cells = new Map<string, Cell>();
  readonly #bySecret = new WeakMap<Secret, Cell>();
  #watch: Watch | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #again = new Set<NodeJS.Timeout>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /**
   * Reads each reference now and keeps it. One that was read before and cannot be read now keeps its value within its time. `read`
   * must not reject for what a source does.
   */
  async follow(
    references: Iterable<string>,
    read: (reference: string) => Promise<Reading>,
  ): Promise<Map<string, Followed>> {
    const found = new Map<string, Followed>();
    await eachOf([...new Set(references)], async (reference) =>
      found.set(reference, await this.#follow(reference, read)),
    );
    return found;
  }

  async #follow(reference: string, read: (reference: string) => Promise<Reading>): Promise<Followed> {
    const known = this.#cells.get(reference);
    if (known !== undefined) {
      known.read = read;
      await this.#reread(known);
      if (!this.#isUsable(known)) return { reason: known.reason ?? `${reference} is withdrawn` };
      return { value: known.value, secret: known.secret };
    }
    const reading = usable(reference, await read(reference));
    if ("reason" in reading) return { reason: reading.reason };
    const cell: Cell = {
      reference,
      secret: new LivingSecret(() => this.#reveal(cell)),
      read,
      value: reading.value,
      readAt: this.#clock(),
      reason: undefined,
      withdrawn: false,
      goneSaid: false,
      reading: undefined,
    };
    this.#cells.set(reference, cell);
    this.#bySecret.set(cell.secret, cell);
    return { value: cell.value, secret: cell.secret };
  }

  /** Forgets every reference that is not named here: the configuration in force does not have it any more. */
  retain(references: Iterable<string>): void {
    const kept = new Set(references);
    for (const reference of this.#cells.keys()) if (!kept.has(reference)) this.#cells.delete(reference);
  }

  /** From now on secrets are read again by themselves. Called again, with other times, it starts anew. */
  begin(watch: Watch): void {
    this.#watch = watch;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.refresh(), watch.refreshMs);
    this.#timer.unref();
  }

  /** Reads all of them now. */
  async refresh(): Promise<void> {
    await eachOf([...this.#cells.values()], (cell) => this.#reread(cell));
  }

  /** The target did not take it: perhaps there is a newer one. Returns at once. */
  refused(secret: Secret): void {
    const cell = this.#bySecret.get(secret);
    if (cell === undefined || this.#clock() - cell.readAt < HURRY_MS) return;
    void this.#reread(cell);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const timer of this.#again) clearTimeout(timer);
    this.#again.clear();
    this.#watch = undefined;
  }

  #reveal(cell: Cell): string {
    if (this.#isUsable(cell)) return cell.value;
    const why = cell.withdrawn ? "its source says that it is gone" : "it could not be read for too long";
    throw new SluiceError("secret_unavailable", `the secret ${cell.reference} is not used any more: ${why}`);
  }

  #isUsable(cell: Cell): boolean {
    if (cell.withdrawn) return false;
    return cell.reason === undefined || this.#watch === undefined || this.#clock() < this.#usedUntil(cell);
  }

  #usedUntil({ readAt }: Cell): number {
    return readAt + (this.#watch?.keepMs ?? 0);
  }

  #reread(cell: Cell): Promise<void> {
    cell.reading ??= this.#readInto(cell).finally(() => (cell.reading = undefined));
    return cell.reading;
  }

  async #readInto(cell: Cell): Promise<void> {
    const { reference } = cell;
    const asked = this.#clock();
    const reading = await this.#ask(cell);
    if ("reason" in reading) {
      if (reading.gone && cell.goneSaid) cell.withdrawn = true;
      else if (reading.gone) this.#askAgain(cell);
      cell.goneSaid = reading.gone;
      return this.#trouble(cell, reading.reason);
    }
    if (reading.value !== cell.value) {
      if (ONE_LINE.test(cell.value) && !ONE_LINE.test(reading.value))
        return this.#trouble(
          cell,
          `the new value of ${reference} is not one line of printable ASCII as the one before`,
        );
      try {
        await this.#watch?.record({ name: "secret.changed", target: reference });
      } catch (thrown) {
        if (!(thrown instanceof SluiceError)) throw thrown;
        return this.#trouble(cell, `the new value of ${reference} could not be put on record`);
      }
      cell.value = reading.value;
    }
    cell.readAt = asked;
    cell.reason = undefined;
    cell.withdrawn = false;
    cell.goneSaid = false;
  }

  /** A source that throws is a bug, which must not take down what works with the last value. */
  async #ask({ reference, read }: Cell): Promise<Reading> {
    try {
      return usable(reference, await read(reference));
    } catch (thrown) {
      return { reason: `${reference}: ${toSluiceError(thrown).code} error`, gone: false };
    }
  }

  #trouble(cell: Cell, reason: string): void {
    cell.reason = reason;
    const { reference, readAt } = cell;
    const usedUntil = cell.withdrawn ? this.#clock() : this.#usedUntil(cell);
    this.#watch?.warn({ reference, reason, readAt, usedUntil });
  }

  #askAgain(cell: Cell): void {
    if (this.#watch === undefined) return;
    const timer = setTimeout(() => {
      this.#again.delete(timer);
      if (this.#cells.get(cell.reference) === cell) void this.#reread(cell);
    }, GONE_AGAIN_MS);
    timer.unref();
    this.#again.add(timer);
  }
}

/** Editors and `echo` end a file with a line break that is no part of the secret. */
function usable(reference: string, reading: Reading): Reading {
  if ("reason" in reading) return reading;
  const value = reading.value.replace(/\r?\n$/, "");
  if (value === "") return { reason: `${reference} is empty`, gone: false };
  if (value.length > SECRET_CHARS_MAX)
    return { reason: `${reference} is longer than ${SECRET_CHARS_MAX}`, gone: false };
  return { value };
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, items.length) }, lane));
}
