/**
 * Brings the published part of the log to one destination, at least once and in order. The cursor is an index of the log and
 * moves only behind what was acknowledged; after any failure everything from the cursor on is sent again, less and less often. A
 * destination that is away costs nobody anything but itself. Going away, coming back, refusing and skipping are each one event:
 * what the pump itself puts on the log never makes it go, so that an export cannot feed itself.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { ControlEvent, RecordEvent } from "../core/event.ts";
import type { Destination, Range } from "./destination.ts";
import { deliverAround, type NotTaken } from "./isolate.ts";
import { exportRecord, type ExportRecord } from "./record.ts";
import type { Cursor, ExportStore, Key, Lease } from "./store.ts";

/** What is needed of the log. */
export interface ExportLog {
  /** Records that a published checkpoint covers. */
  readonly published: number;
  /** Entries below it were pruned. */
  readonly minimum: number;
  onPublished(listener: () => void): () => void;
  /** Entries from one index up to another, in order. */
  entries(from: number, to: number): AsyncIterable<{ readonly index: number; readonly bytes: Uint8Array }>;
  /** A file of the public folder. */
  file(path: string): Promise<{ readonly body: Uint8Array } | undefined>;
}

export interface PumpTimes {
  /** Between two attempts, from the first to the longest. */
  readonly backoffMs: number;
  readonly backoffMsMax: number;
  /** It fails for so long before that is on record. */
  readonly awayMs: number;
  /** Least time between two events of one kind. */
  readonly quietMs: number;
  /** A gateway that says nothing for so long is gone, and another one goes on. */
  readonly leaseMs: number;
  /** Between two writings of the cursor: each holds the embedded database for a flush of the disk. */
  readonly saveMs: number;
}

export const PUMP_TIMES: PumpTimes = {
  backoffMs: 1_000,
  backoffMsMax: 60_000,
  awayMs: 30_000,
  quietMs: 600_000,
  leaseMs: 30_000,
  saveMs: 1_000,
};

export interface PumpOptions {
  readonly destination: Destination;
  readonly log: ExportLog;
  readonly origin: string;
  /** Where it begins when it is new. */
  readonly start: () => number;
  readonly store: ExportStore;
  /** Of this process. */
  readonly holder: string;
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** Told once of each outage. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
  readonly times: PumpTimes;
}

export type PumpState = "following" | "retrying" | "away" | "elsewhere";

export interface PumpStatus {
  readonly destination: string;
  readonly kind: string;
  /** `elsewhere`: another gateway sends. */
  readonly state: PumpState;
  /** The first record that is not acknowledged. */
  readonly next: number;
  /** Published records that are not acknowledged. */
  readonly lag: number;
  /** Milliseconds since the epoch. */
  readonly failingSince?: number;
  /** Of the last failure, while it lasts. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** Records that are turned before others get their turn. */
const SLICE = 64;
/** Another gateway of the log may have published, and sent on, what this one hears of in a moment. */
const HEARSAY_MS = 2_000;
/** The place went to another gateway. */
const TAKEN = new Error("taken");
/** Indexes of own events that are remembered. */
const OWN_MAX = 1_000;

export class Pump {
  readonly #options: PumpOptions;
  readonly #key: Key;
  readonly #stopping = new AbortController();
  readonly #forget: () => void;
  readonly #running: Promise<void>;
  /** Resolves the waits for something to happen. */
  #wake: (() => void)[] = [];
  #cursor: Cursor = { next: 0 };
  #saved: Cursor = { next: 0 };
  #savedAt = 0;
  #heldUntil = 0;
  #failingSince: number | undefined;
  #error: SluiceError | undefined;
  #holds = false;
  readonly #own = new Set<number>();
  /** When an event of each name was last put on record. */
  readonly #said = new Map<string, number>();

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#key = { destination: options.destination.name, origin: options.origin };
    this.#forget = options.log.onPublished(() => this.#woken());
    this.#running = this.#run();
  }

  get status(): PumpStatus {
    const { destination, log } = this.#options;
    const { next, awaySince } = this.#cursor;
    const failing = this.#failingSince;
    const state = stateOf(this.#holds, failing !== undefined, awaySince !== undefined);
    return {
      destination: destination.name,
      kind: destination.kind,
      state,
      next,
      lag: Math.max(0, log.published - next),
      ...(failing === undefined ? {} : { failingSince: failing }),
      ...(this.#error === undefined ? {} : { error: { code: this.#error.code, message: this.#error.message } }),
    };
  }

  /** What was sent and is not acknowledged is sent again by whoever goes on. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#forget();
    this.#woken();
    await this.#running;
    await this.#options.destination.close();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { times, store, holder } = this.#options;
    let backoffMs = times.backoffMs;
    while (!this.#stopped) {
      let pauseMs = times.leaseMs / 3;
      const before = this.#cursor.next;
      try {
        if (!this.#holds || this.#options.clock() >= this.#heldUntil) this.#holds = await this.#take();
        if (this.#holds) await this.#stream();
      } catch (thrown) {
        if (this.#stopped) break;
        // Another gateway is at it now: nothing has failed.
        if (thrown === TAKEN) continue;
        if (this.#cursor.next > before) backoffMs = times.backoffMs;
        const error = toSluiceError(thrown);
        await this.#failed(error);
        pauseMs = Math.max(backoffMs, (error.retryAfterSeconds ?? 0) * 1_000);
        backoffMs = Math.min(2 * backoffMs, times.backoffMsMax);
      }
      await this.#pause(pauseMs);
    }
    await this.#save().catch(() => undefined);
    // The database may be closed by then; the place is free when its time is over.
    await store.release(this.#key, holder).catch(() => undefined);
    this.#holds = false;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Keeps the place meanwhile. */
  async #pause(ms: number): Promise<void> {
    const { clock, times } = this.#options;
    const until = clock() + ms;
    for (let left = ms; left > 0 && !this.#stopped; left = until - clock()) {
      await sleep(Math.min(left, times.leaseMs / 3), undefined, { signal: this.#stopping.signal, ref: false }).catch(
        () => undefined,
      );
      if (this.#holds && !this.#stopped) await this.#renew().catch(() => undefined);
    }
  }

  async #take(): Promise<boolean> {
    const { store, start } = this.#options;
    const taken = await store.take(this.#key, this.#lease(), start());
    const cursor = taken ?? (await store.read(this.#key));
    if (cursor !== undefined) this.#cursor = this.#saved = cursor;
    return taken !== undefined;
  }

  #lease(): Lease {
    const { holder, clock, times } = this.#options;
    const now = clock();
    this.#heldUntil = now + times.leaseMs;
    return { holder, now, untilMs: this.#heldUntil };
  }

  /** Sends from the cursor on until something fails, or the place is lost, or it is over. */
  async #stream(): Promise<void> {
    const { destination, log, times } = this.#options;
    const failing = new AbortController();
    const signal = AbortSignal.any([failing.signal, this.#stopping.signal]);
    setMaxListeners(0, signal);
    let failure: { readonly thrown: unknown } | undefined;
    let underWay = 0;
    let acknowledged: Promise<void> = Promise.resolve();
    const fail = (thrown: unknown): void => {
      failure ??= { thrown };
      failing.abort();
      this.#woken();
    };
    const keeping = setInterval(() => void this.#renew().catch(fail), Math.min(times.saveMs, times.leaseMs / 3));
    keeping.unref();
    try {
      await this.#caughtUp(() => failure !== undefined);
      let notBefore = 0;
      for (let at = this.#cursor.next; ; ) {
        await this.#until(() => {
          if (failure !== undefined || this.#stopped) return true;
          return underWay < destination.deliveriesMax && this.#isWorth(at) && performance.now() >= notBefore;
        }, notBefore);
        if (failure !== undefined || this.#stopped) break;
        at = await this.#pastPruned(at);
        // Cut where the log's own bundles are cut, if the size allows it: none is read twice.
        const { recordsMax } = destination;
        const to = Math.min(log.published, (Math.floor(at / recordsMax) + 1) * recordsMax);
        if (to <= at) continue;
        const range = await this.#read(at, to);
        notBefore = performance.now() + destination.everyMs;
        underWay += 1;
        const delivery = deliverAround(destination, range, signal);
        // In the order of the log, whichever answer comes first: behind one that failed, none counts.
        acknowledged = acknowledged.then(() => delivery).then((notTaken) => this.#acknowledged(range, notTaken));
        acknowledged.catch(fail).finally(() => {
          underWay -= 1;
          this.#woken();
        });
        delivery.catch(fail);
        at = to;
      }
    } finally {
      clearInterval(keeping);
      failing.abort();
      await acknowledged.catch(() => undefined);
    }
    if (failure !== undefined) throw failure.thrown;
  }

  /** A log never gets shorter. Rejects with evidence_corrupt where more was sent on than it has. */
  async #caughtUp(hasFailed: () => boolean): Promise<void> {
    const { next } = this.#cursor;
    const { log, destination } = this.#options;
    const until = performance.now() + HEARSAY_MS;
    const isThere = (): boolean => log.published >= next || hasFailed() || this.#stopped;
    await this.#until(() => isThere() || performance.now() >= until, until);
    if (isThere()) return;
    throw new SluiceError(
      "evidence_corrupt",
      `${destination.name} has ${next} records and the log ${log.published}: its folder was restored from an older copy, and goes on ` +
        "as another history. Restore the newest one; what the destination has shows what is lost",
    );
  }

  /** Is there anything but what this pump itself has put there? */
  #isWorth(at: number): boolean {
    const { published } = this.#options.log;
    for (let index = at; index < published && index - at <= OWN_MAX; index++) if (!this.#own.has(index)) return true;
    return false;
  }

  async #pastPruned(at: number): Promise<number> {
    const { log, destination, store, clock } = this.#options;
    const first = destination.takes === "files" ? 0 : log.minimum;
    if (at >= first) return at;
    const skipped = { from: at, to: first, records: first - at };
    await store.addRefusal(this.#key, { ...skipped, reason: "skipped", at: clock() });
    await this.#say({ name: "export.skipped", target: destination.name, facts: skipped });
    return first;
  }

  async #read(from: number, to: number): Promise<Range> {
    const { log, origin, destination } = this.#options;
    const records: ExportRecord[] = [];
    if (destination.takes === "files") return { from, to, records };
    for await (const { index, bytes } of log.entries(from, to)) {
      records.push(exportRecord(index, bytes, origin));
      if (records.length % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return { from, to, records };
  }

  async #acknowledged({ to }: Range, notTaken: readonly NotTaken[]): Promise<void> {
    for (const each of notTaken) await this.#refused(each);
    this.#cursor = { ...this.#cursor, next: to };
    // What is acknowledged is never looked at again.
    for (const index of this.#own) if (index < to) this.#own.delete(index);
    const wasAway = this.#cursor.awaySince !== undefined;
    const since = this.#cursor.awaySince ?? this.#failingSince;
    if (since === undefined) return;
    const { destination, clock } = this.#options;
    const seconds = Math.round((clock() - since) / 1_000);
    this.#failingSince = undefined;
    this.#error = undefined;
    this.#cursor = { next: to };
    if (wasAway) await this.#say({ name: "export.back", target: destination.name, facts: { seconds } });
  }

  async #refused(what: NotTaken): Promise<void> {
    const { store, clock, destination } = this.#options;
    await store.addRefusal(this.#key, { ...what, at: clock() });
    if (this.#saidLately("export.refused")) return;
    await this.#say({ name: "export.refused", target: destination.name, facts: { ...what } });
  }

  async #failed(reason: SluiceError): Promise<void> {
    const { clock, times, destination, log, onFault } = this.#options;
    const now = clock();
    if (this.#failingSince === undefined) onFault(reason);
    this.#failingSince ??= now;
    this.#error = reason;
    if (this.#cursor.awaySince !== undefined || now - this.#failingSince < times.awayMs) return;
    if (this.#saidLately("export.away")) return;
    const lag = Math.max(0, log.published - this.#cursor.next);
    const facts = { code: reason.code, lag };
    this.#cursor = { ...this.#cursor, awaySince: this.#failingSince };
    await this.#say({ name: "export.away", target: destination.name, facts });
    await this.#save().catch(() => undefined);
  }

  #saidLately(name: string): boolean {
    const { clock, times } = this.#options;
    const at = this.#said.get(name);
    return at !== undefined && clock() - at < times.quietMs;
  }

  /** A log that takes no events is no reason to send nothing. */
  async #say(event: ControlEvent): Promise<void> {
    const { record, clock } = this.#options;
    this.#said.set(event.name, clock());
    try {
      const { index } = await record(event);
      if (this.#own.size < OWN_MAX) this.#own.add(index);
    } catch (thrown) {
      this.#options.onFault(toSluiceError(thrown));
    }
  }

  /** Rejects when the place is another's. */
  async #renew(): Promise<void> {
    const { clock, times } = this.#options;
    const now = clock();
    const moved = this.#cursor.next !== this.#saved.next || this.#cursor.awaySince !== this.#saved.awaySince;
    const due = moved ? now - this.#savedAt >= times.saveMs : now >= this.#heldUntil - (2 * times.leaseMs) / 3;
    if (!due) return;
    if (await this.#save()) return;
    this.#holds = false;
    this.#failingSince = undefined;
    this.#error = undefined;
    throw TAKEN;
  }

  async #save(): Promise<boolean> {
    const { store, clock } = this.#options;
    if (!this.#holds) return false;
    const cursor = this.#cursor;
    this.#savedAt = clock();
    const saved = await store.save(this.#key, this.#lease(), cursor);
    if (saved) this.#saved = cursor;
    return saved;
  }

  #woken(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** `at`: of the monotonic clock, when to look again by itself. */
  async #until(isTrue: () => boolean, at: number): Promise<void> {
    while (!isTrue()) {
      const woken = new Promise<void>((resolve) => this.#wake.push(resolve));
      const waitMs = at - performance.now();
      const timer = waitMs > 0 ? setTimeout(() => this.#woken(), waitMs + 1) : undefined;
      timer?.unref();
      await woken;
      clearTimeout(timer);
    }
  }
}

function stateOf(holds: boolean, isFailing: boolean, isAway: boolean): PumpState {
  if (isFailing) return isAway ? "away" : "retrying";
  return holds ? "following" : "elsewhere";
}
