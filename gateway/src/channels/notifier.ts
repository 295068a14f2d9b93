/**
 * Tells channels what they have to know, and goes on until they do. What is to be said stands in the database before it is said,
 * so it survives a restart and is said by one gateway of several; a channel that is down is tried again, less and less often,
 * and holds up neither another channel nor the request that waits. Each try is on record before it leaves. At least once: after
 * a crash between sending and writing that down, it is said again.
 */
import type { Clock } from "../core/clock.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { ControlEvent, RecordEvent } from "../core/event.ts";
import { type Review, stateAt } from "../reviews/review.ts";
import { type Alarm, alarmFrom } from "./alarms.ts";
import type { Channel, Notice } from "./channel.ts";
import type { ChannelStore, Job } from "./store.ts";

export interface NotifierOptions {
  readonly store: ChannelStore;
  readonly reviewOf: (id: string) => Promise<Review | undefined>;
  /** Ids of what is pending, for what was missed while nobody listened. */
  readonly pending: () => Promise<readonly string[]>;
  readonly channels: () => readonly Channel[];
  readonly noticeOf: (review: Review) => Pick<Notice, "url" | "requester" | "stepUp">;
  /** Groups whose channels hear alarms. */
  readonly alarmed: () => readonly string[];
  /** https URL that people know this gateway by. */
  readonly origin: () => string;
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** Gets what goes wrong in the background, as a warning. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
  /** Between two looks for what is due. */
  readonly turnMs?: number;
}

const TURN_MS = 1_000;
/** Reviews that are still to be looked at. Beyond it they are found by the next look at what is pending. */
const HEARD_MAX = 10_000;
/** A review is announced inside of the transaction that makes it: it is there a moment later, or never. */
const LOOK_MS = 30_000;
const LOOKS_PER_TURN_MAX = 100;
const QUEUED_MAX = 50_000;
const RUNNING_PER_CHANNEL_MAX = 2;
/** Longer than any channel's own time limit: then another gateway may try. */
const LEASE_MS = 120_000;
const TRIES_MAX = 12;
const BACKOFF_MS = 2_000;
const BACKOFF_MS_MAX = 600_000;
const FOLLOWING_MAX = 1_000;
const PURGE_MS = 60_000;
const KEEP_MS = 86_400_000;
/** An alarm that could not be told for so long is told no more. */
const ALARM_MS = 86_400_000;

type Saying = (() => Promise<string | undefined>) | "later" | "never";

export class Notifier {
  readonly #options: NotifierOptions;
  /** Review → when we heard of it. */
  readonly #opened = new Map<string, number>();
  readonly #closed = new Set<string>();
  readonly #alarms = new Set<string>();
  readonly #running = new Map<string, Set<Promise<void>>>();
  #timer: NodeJS.Timeout | undefined;
  #turning: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #purgedAt = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#later();
  }

  /** A review has opened. Returns at once and never throws: who waits for the review waits for no channel. */
  opened(review: string): void {
    if (this.#opened.size < HEARD_MAX) this.#opened.set(review, this.#options.clock());
    this.#soon();
  }

  /** A review may have been decided, expired or taken back. */
  closed(review: string): void {
    if (this.#closed.size < HEARD_MAX) this.#closed.add(review);
    this.#soon();
  }

  /** People have to know of it, each channel once. Returns at once and never throws. */
  alarm({ id }: Alarm): void {
    this.#alarms.add(id);
    this.#soon();
  }

  /** Looks for what nobody has told us: at the start, and after wake-ups were lost. */
  missed(): void {
    void this.#look().catch((thrown: unknown) => this.#fault(thrown));
  }

  /** Resolves when nothing is due and nothing is under way. */
  async settled(): Promise<void> {
    do {
      await this.#turn();
      await Promise.all([...this.#running.values()].flatMap((each) => [...each]));
    } while (this.#again || [...this.#running.values()].some(({ size }) => size > 0));
  }

  async close(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turning;
    await Promise.all([...this.#running.values()].flatMap((each) => [...each]));
  }

  async #look(): Promise<void> {
    for (const id of await this.#options.pending()) this.opened(id);
    for (const id of await this.#options.store.following(FOLLOWING_MAX)) this.closed(id);
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.#turn().finally(() => this.#later());
    }, this.#options.turnMs ?? TURN_MS);
    this.#timer.unref();
  }

  #soon(): void {
    setImmediate(() => void this.#turn());
  }

  /** Never rejects. */
  #turn(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#again = this.#turning !== undefined;
    this.#turning ??= this.#turnOnce()
      .catch((thrown: unknown) => this.#fault(thrown))
      .finally(() => {
        this.#turning = undefined;
        if (this.#again) this.#soon();
      });
    return this.#turning;
  }

  async #turnOnce(): Promise<void> {
    const { store, clock, channels } = this.#options;
    await this.#queueAlarms();
    await this.#queueOpened();
    for (const id of this.#closed) await this.#queueClosed(id);
    const now = clock();
    const due = channels().length === 0 ? new Set<string>() : await store.due(now);
    for (const channel of channels().filter(({ id }) => due.has(id))) {
      // Each has places of its own, so that a slow one takes none of another.
      const free = RUNNING_PER_CHANNEL_MAX - (this.#running.get(channel.id)?.size ?? 0);
      if (free <= 0) continue;
      for (const job of await store.takeJobs(channel.id, now, LEASE_MS, free)) this.#run(channel, job);
    }
    if (now - this.#purgedAt < PURGE_MS) return;
    this.#purgedAt = now;
    await store.purge(now - KEEP_MS);
  }

  /** In one statement for many: each that commits holds up the embedded database for one flush of the disk. */
  async #queueOpened(): Promise<void> {
    const { store, clock, reviewOf, channels, record } = this.#options;
    const now = clock();
    const seen: string[] = [];
    const jobs: Omit<Job, "tries">[] = [];
    for (const [id, heardAt] of [...this.#opened].slice(0, LOOKS_PER_TURN_MAX)) {
      const review = await reviewOf(id);
      if (review === undefined && now - heardAt < LOOK_MS) {
        // Behind the others, so that none waits for what may never come.
        this.#opened.delete(id);
        this.#opened.set(id, heardAt);
        continue;
      }
      seen.push(id);
      if (review === undefined || stateAt(review, now) !== "pending") continue;
      for (const channel of channels().filter((each) => each.serves(review)))
        jobs.push({ review: id, channel: channel.id, kind: "opened", expiresAt: review.expiresAt });
    }
    if (jobs.length > 0 && (await store.queued()) + jobs.length > QUEUED_MAX) {
      await record({ name: "channel.dropped", facts: { messages: jobs.length, reviews: seen.length } });
      this.#fault(
        new SluiceError("overloaded", `nobody is told of ${seen.length} reviews: ${QUEUED_MAX} messages wait`),
      );
    } else await store.addJobs(jobs, now);
    // Last, so that they are looked at again if any of this fails.
    for (const id of seen) this.#opened.delete(id);
    if (seen.length === LOOKS_PER_TURN_MAX) this.#again = true;
  }

  async #queueAlarms(): Promise<void> {
    const { store, clock, channels, alarmed } = this.#options;
    const now = clock();
    for (const id of this.#alarms) {
      const hearing = channels().filter(({ groups }) => groups.some((group) => alarmed().includes(group)));
      const job = { review: id, kind: "alarm", expiresAt: now + ALARM_MS } as const;
      await store.addJobs(
        hearing.map(({ id: channel }) => ({ ...job, channel })),
        now,
      );
      // Last, so that it is queued again if that fails.
      this.#alarms.delete(id);
    }
  }

  async #queueClosed(id: string): Promise<void> {
    const { store, clock, reviewOf, channels } = this.#options;
    // First, so that what is said of it meanwhile is looked at again.
    this.#closed.delete(id);
    try {
      const review = await reviewOf(id);
      const now = clock();
      if (review === undefined || stateAt(review, now) === "pending") return;
      const told = new Set(await store.toldOf(id));
      for (const { id: channel, follows } of channels()) {
        if (follows && told.has(channel))
          await store.addJobs([{ review: id, channel, kind: "closed", expiresAt: now + KEEP_MS }], now);
      }
    } catch (thrown) {
      this.#closed.add(id);
      throw thrown;
    }
  }

  #run(channel: Channel, job: Job): void {
    const running = this.#running.get(channel.id) ?? new Set();
    this.#running.set(channel.id, running);
    const work = this.#deliver(channel, job)
      .catch((thrown: unknown) => this.#fault(thrown))
      .finally(() => {
        running.delete(work);
        if (running.size === 0) this.#running.delete(channel.id);
        if (!this.#stopped) this.#soon();
      });
    running.add(work);
  }

  async #deliver(channel: Channel, job: Job): Promise<void> {
    const { store, clock } = this.#options;
    const say = job.kind === "alarm" ? this.#alarm(channel, job) : await this.#notice(channel, job);
    if (say === "later") return store.retryJob(job, clock() + BACKOFF_MS);
    if (say === "never") return store.endJob(job, "skipped");
    const facts = { channel: channel.id, kind: job.kind, try: job.tries };
    await this.#record(job, { name: "channel.notified", target: job.review, facts });
    try {
      const reference = await say();
      await store.endJob(job, "sent", reference);
    } catch (thrown) {
      const error = toSluiceError(thrown);
      const now = clock();
      const backoffMs = Math.min(BACKOFF_MS * 2 ** (job.tries - 1), BACKOFF_MS_MAX);
      const next = now + Math.max(backoffMs, (error.retryAfterSeconds ?? 0) * 1_000);
      const final = !error.retriable || job.tries >= TRIES_MAX || next >= job.expiresAt;
      const failed = { ...facts, code: error.code, final };
      await this.#record(job, { name: "channel.failed", target: job.review, facts: failed });
      if (final) await store.endJob(job, "failed");
      else await store.retryJob(job, next);
      this.#fault(error);
    }
  }

  #alarm(channel: Channel, job: Job): Saying {
    const alarm = alarmFrom(job.review);
    if (alarm === undefined || this.#options.clock() >= job.expiresAt) return "never";
    return () => channel.raise(alarm, this.#options.origin()).then(() => undefined);
  }

  async #notice(channel: Channel, job: Job): Promise<Saying> {
    const { store, clock, reviewOf, noticeOf } = this.#options;
    const review = await reviewOf(job.review);
    const state = review === undefined ? undefined : stateAt(review, clock());
    if (review === undefined || state === undefined || (job.kind === "opened") !== (state === "pending"))
      return "never";
    const told = job.kind === "closed" ? await store.telling(job.review, channel.id) : undefined;
    // Where it will be said only now that it opened, the end comes after that; where it was not said, neither is the end.
    if (told?.state === "queued") return "later";
    if (job.kind === "closed" && told?.state !== "sent") return "never";
    const earlier = told?.reference;
    const kind = job.kind === "closed" ? "closed" : "opened";
    const notice: Notice = { kind, review, state, ...noticeOf(review), ...(earlier === undefined ? {} : { earlier }) };
    return () => channel.notify(notice);
  }

  /** What cannot be recorded is not said, but that nothing can be recorded: that does not wait for the log. */
  async #record(job: Job, event: ControlEvent): Promise<void> {
    try {
      await this.#options.record(event);
    } catch (thrown) {
      if (alarmFrom(job.review)?.kind !== "log-broken") throw thrown;
    }
  }

  #fault(thrown: unknown): void {
    // The database may be closed by then; the next start goes on where this one stopped.
    if (!this.#stopped) this.#options.onFault(toSluiceError(thrown));
  }
}
