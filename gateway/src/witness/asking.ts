/**
 * The log's side of witnessing: after a checkpoint is published, the witnesses of the policy are asked for their cosignatures, all
 * at once, and what they sign is put under it. Promises that nothing unverified gets there, that a witness that is away costs
 * the log nothing but its line, and that one which contradicts the log is on record. Where the quorum is required, `refusal` says
 * when no more exchanges may be opened.
 */
import type { Agent } from "undici";
import {
  type NoteSignature,
  type Policy,
  type PolicyWitness,
  type ReadTile,
  judgeQuorum,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  proveConsistency,
  tilePath,
  verifyNote,
} from "@sluice/verifier";
import type { Clock } from "../core/clock.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { WitnessSettings, WitnessState, WitnessStates } from "../core/witnesses.ts";
import { Link, type Outcome, type Published } from "./link.ts";

/** The part of the evidence log that is needed here. */
export interface CosignableLog {
  readonly published: number;
  onPublished(listener: (published: Published) => void): () => void;
  /** See EvidenceLog. */
  addCosignatures(published: Published, lines: readonly NoteSignature[], enough: boolean): Promise<void>;
  file(path: string): Promise<{ readonly body: Uint8Array } | undefined>;
}

export interface AskingOptions {
  readonly settings: WitnessSettings;
  readonly log: CosignableLog;
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** What goes wrong in the background. Must not throw. */
  readonly onFault: (error: SluiceError, what: string) => void;
}

/** Pauses before a witness that is away is asked again: doubled from the first to the longest. */
const PAUSE_FIRST_MS = 1_000;
const PAUSE_MAX_MS = 60_000;
/** A single failure is a hiccup of the network and no news. */
const FAILURES_UNTIL_AWAY = 2;
/** An alarm has to come soon after it is due. */
const WATCH_MS = 1_000;

interface Asked {
  readonly link: Link;
  state: WitnessState;
  failures: number;
  /** Milliseconds since the epoch before which it is left alone. */
  dueAt: number;
  busy: boolean;
  /** Size of our newest checkpoint that it has cosigned in this run. */
  cosigned: number;
}

/** Asking about one checkpoint. */
interface Round {
  readonly published: Published;
  readonly startedAt: number;
  /** By the names of the policy. */
  readonly lines: Map<string, NoteSignature>;
  open: number;
  met: boolean;
}

export class Asking {
  readonly #options: AskingOptions;
  readonly #policy: Policy;
  readonly #asked: readonly Asked[];
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #stopListening: () => void;
  readonly #watching: NodeJS.Timeout;
  #agent: Promise<Agent> | undefined;
  #newest: Published | undefined;
  #round: Round | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Records that the quorum has cosigned. */
  #size = 0;
  /** Since when a published checkpoint has lacked the quorum, in milliseconds since the epoch. */
  #lackingSince: number | undefined;
  #isMissing = false;
  #closing: Promise<void> | undefined;

  private constructor(options: AskingOptions) {
    this.#options = options;
    this.#policy = parsePolicy(options.settings.policy);
    const byUrl = Map.groupBy(this.#policy.witnesses, ({ url }) => url);
    byUrl.delete(undefined);
    this.#asked = [...byUrl].map(([url = "", witnesses]) => ({
      link: this.#linkTo(url, witnesses),
      state: "unasked",
      failures: 0,
      dueAt: 0,
      busy: false,
      cosigned: -1,
    }));
    this.#stopListening = options.log.onPublished((published) => this.#published(published));
    this.#watching = setInterval(() => this.#watch(), WATCH_MS);
    this.#watching.unref();
  }

  /** Begins to ask. Rejects with the log's error when its files cannot be read. */
  static async open(options: AskingOptions): Promise<Asking> {
    const asking = new Asking(options);
    try {
      await asking.#recall();
    } catch (thrown) {
      await asking.close();
      throw thrown;
    }
    asking.#wake();
    return asking;
  }

  /** Why no exchange may be opened now: `witness_quorum_missing`; undefined when one may. */
  refusal(): SluiceError | undefined {
    return this.#options.settings.required && this.#lacksTooLong() ? missing() : undefined;
  }

  states(): WitnessStates {
    const isMet = this.#lackingSince === undefined || this.#policy.quorum === undefined;
    const quorum = isMet ? "met" : this.#lacksTooLong() ? "missing" : "pending";
    return {
      quorum,
      size: this.#size,
      witnesses: this.#asked.flatMap(({ link, state }) => link.names.map((name) => ({ name, state }))),
    };
  }

  /** Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#stopped.abort();
    this.#stopListening();
    clearInterval(this.#watching);
    clearTimeout(this.#timer);
    await Promise.allSettled(this.#running);
    await (await this.#agent)?.close();
  }

  #linkTo(url: string, witnesses: readonly PolicyWitness[]): Link {
    const { log } = this.#options;
    const readTile: ReadTile = async (level, index, width) => {
      const path = tilePath(level, index, width);
      const file = await log.file(path);
      if (file === undefined) throw new Error(`${path} is published and missing`);
      return file.body;
    };
    return new Link({
      url,
      witnesses,
      prove: (oldSize, size) => proveConsistency(oldSize, size, readTile),
      published: () => log.published,
      agent: () => (this.#agent ??= makeAgent()),
    });
  }

  /** What was published, and what the quorum had cosigned, before this run: a restart is no way around a missing quorum. */
  async #recall(): Promise<void> {
    const { log, settings, clock } = this.#options;
    const cosigned = (await log.file("checkpoint.cosigned"))?.body;
    const since = cosigned === undefined ? undefined : await this.#readCosigned(cosigned);
    const newest = (await log.file("checkpoint"))?.body;
    if (newest === undefined) return;
    const checkpoint = Buffer.from(newest).toString("utf8");
    const { size } = parseCheckpoint(parseNote(checkpoint).text);
    if ((this.#newest?.size ?? -1) < size) this.#newest = { size, checkpoint };
    // A log that requires witnesses and was never cosigned waits for them before its first exchange.
    const lacking = since ?? (settings.required ? 0 : clock());
    if (this.#size < size || since === undefined) this.#lackingSince = lacking;
  }

  /** When the quorum cosigned it; undefined when it did not. */
  async #readCosigned(bytes: Uint8Array): Promise<number | undefined> {
    const note = parseNote(bytes);
    const { keys } = await verifyNote(
      note,
      this.#policy.witnesses.map(({ key }) => key),
    );
    const names = this.#policy.witnesses.filter((_, at) => keys[at]?.status === "verified").map(({ name }) => name);
    if (!judgeQuorum(this.#policy, new Set(names)).met) return undefined;
    this.#size = parseCheckpoint(note.text).size;
    const times = keys.flatMap(({ timestamp }) => timestamp ?? []);
    return times.length === 0 ? undefined : Math.min(...times) * 1_000;
  }

  #published(published: Published): void {
    this.#newest = published;
    if (published.size > this.#size) this.#lackingSince ??= this.#options.clock();
    this.#wake();
  }

  /** Begins a round when there is something to ask and somebody to ask it of; else sees to it that it is called again. */
  #wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const newest = this.#newest;
    if (this.#stopped.signal.aborted || newest === undefined) return;
    const round = this.#round;
    // While a round may still meet the quorum, another one would only ask about another size.
    if (round !== undefined && round.open > 0 && !round.met) return;
    const needed = this.#asked.filter(({ busy, cosigned }) => !busy && cosigned < newest.size);
    if (needed.length === 0) return;
    const now = this.#options.clock();
    const startAt = this.#startAt(needed, round);
    if (startAt > now) {
      // A clock that is set back must not put witnesses off for longer than a round.
      const pause = Math.min(startAt - now, Math.max(PAUSE_MAX_MS, this.#options.settings.everyMs));
      this.#timer = setTimeout(() => this.#wake(), pause);
      this.#timer.unref();
      return;
    }
    this.#begin(
      newest,
      needed.filter(({ failures, dueAt }) => failures === 0 || dueAt <= now),
    );
  }

  /** Who is well is asked at the configured pace, and with whoever failed when the quorum still needs that one. */
  #startAt(needed: readonly Asked[], round: Round | undefined): number {
    if (round === undefined) return 0;
    const { everyMs } = this.#options.settings;
    const failed = needed.filter(({ failures }) => failures > 0).map(({ dueAt }) => dueAt);
    if (failed.length === needed.length || (failed.length > 0 && !round.met)) return Math.min(...failed);
    return Math.min(...failed, round.startedAt + (round.met ? everyMs : Math.max(everyMs, PAUSE_FIRST_MS)));
  }

  #begin(published: Published, needed: readonly Asked[]): void {
    const before = this.#round;
    // Who cosigned this very checkpoint before still has.
    const lines = before?.published.size === published.size ? before.lines : new Map<string, NoteSignature>();
    const startedAt = this.#options.clock();
    const round: Round = { published, startedAt, lines, open: needed.length, met: false };
    this.#round = round;
    for (const asked of needed) {
      asked.busy = true;
      const running = this.#ask(asked, round);
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    }
  }

  /** Never rejects. */
  async #ask(asked: Asked, round: Round): Promise<void> {
    try {
      const outcome = await asked.link.ask(round.published, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return;
      await this.#settle(asked, round, outcome);
    } catch (thrown) {
      this.#postpone(asked);
      this.#options.onFault(toSluiceError(thrown), "the log could not be shown to a witness");
    } finally {
      asked.busy = false;
      round.open -= 1;
      this.#wake();
    }
  }

  async #settle(asked: Asked, round: Round, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "cosigned":
        await this.#take(asked, round, outcome.lines);
        return this.#is(asked, "there");
      case "later":
        asked.failures = 0;
        asked.cosigned = Math.max(asked.cosigned, round.published.size);
        return this.#is(asked, "there");
      case "away":
        this.#postpone(asked);
        if (asked.failures < FAILURES_UNTIL_AWAY) return;
        return this.#is(asked, "away", { reason: outcome.reason });
      case "conflict": {
        // Nothing that passes in a moment, and each turn of it is on record: one that says now this, now that must not fill the log.
        this.#postpone(asked, PAUSE_MAX_MS);
        const { reason, size } = outcome;
        return this.#is(asked, "conflict", size === undefined ? { reason } : { reason, size });
      }
    }
  }

  async #take(asked: Asked, round: Round, lines: ReadonlyMap<string, NoteSignature>): Promise<void> {
    const { published } = round;
    for (const [name, line] of lines) round.lines.set(name, line);
    const { met } = judgeQuorum(this.#policy, new Set(round.lines.keys()));
    await this.#options.log.addCosignatures(published, [...round.lines.values()], met);
    asked.failures = 0;
    asked.dueAt = 0;
    asked.cosigned = Math.max(asked.cosigned, published.size);
    round.met ||= met;
    if (!met || published.size < this.#size) return;
    this.#size = published.size;
    // What was published since is younger than this round.
    this.#lackingSince = this.#newest !== undefined && this.#newest.size > published.size ? round.startedAt : undefined;
    this.#watch();
  }

  #postpone(asked: Asked, firstMs = PAUSE_FIRST_MS): void {
    asked.failures += 1;
    const pause = Math.min(firstMs * 2 ** Math.min(asked.failures - 1, 10), PAUSE_MAX_MS);
    asked.dueAt = this.#options.clock() + pause;
  }

  /** Puts on record what has changed. */
  async #is(asked: Asked, state: WitnessState, facts: Readonly<Record<string, string | number>> = {}): Promise<void> {
    const before = asked.state;
    if (before === state) return;
    if (before === "unasked" && state === "there") {
      asked.state = state;
      return;
    }
    const name = state === "there" ? "witness.back" : state === "away" ? "witness.away" : "witness.conflict";
    if (state === "conflict") {
      const what = "a witness has cosigned another history than the one that this log has";
      this.#options.onFault(new SluiceError("witness_conflict", `${asked.link.names.join(", ")}: ${what}`), what);
    }
    await this.#options.record({ name, target: asked.link.names.join(","), facts });
    asked.state = state;
  }

  #lacksTooLong(): boolean {
    if (this.#lackingSince === undefined || this.#policy.quorum === undefined) return false;
    return this.#options.clock() - this.#lackingSince > this.#options.settings.graceMs;
  }

  /** Says once that the quorum is missing. */
  #watch(): void {
    const isMissing = this.#lacksTooLong();
    if (isMissing && !this.#isMissing) {
      this.#options.onFault(missing(), "checkpoints are published that too few witnesses have cosigned");
    }
    this.#isMissing = isMissing;
  }
}

function missing(): SluiceError {
  return new SluiceError(
    "witness_quorum_missing",
    "too few witnesses have cosigned the evidence log for too long; requests that need it are refused until they do",
    { retryAfterSeconds: 30 },
  );
}

async function makeAgent(): Promise<Agent> {
  const { Agent } = await import("undici");
  return new Agent({
    connect: { timeout: 5_000 },
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    keepAliveTimeout: 30_000,
  });
}
