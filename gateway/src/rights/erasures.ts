/**
 * Carries out erasures: on record first, then no key is left, then copies elsewhere are deleted, then a certificate. Each step is durable
 * before the next begins and may be done again, so that a crash anywhere is followed by the same steps from where it came. What has begun
 * is never undone: there is no way to.
 */
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { CallableSink, ErasureSettings } from "../core/rights.ts";
import type { Identifier, KeyDestruction, SubjectId, SubjectIndex } from "../core/subjects.ts";
import { certificateText } from "./certificate.ts";
import type { Erasure, ErasurePlan, ErasureRequest, ErasureStatus, SinkCall } from "./erasure.ts";
import type { ErasureStore, SinkResult } from "./erasure-store.ts";
import { heldError, type Holds } from "./holds.ts";
import { ERASED, SETTLED } from "./replay.ts";
import { entryText, type LogReader, recordsOf, type SubjectRecord } from "./records.ts";
import { checkIdentifiers, type Normalise } from "./identifiers.ts";
import type { IdentifierSealing } from "./sealing.ts";
import { identifiersFor, type Sink, type SinkIdentifier } from "./sinks/sink.ts";

export interface ErasuresOptions {
  readonly store: ErasureStore;
  readonly subjects: Pick<SubjectIndex, "idsOf" | "postings">;
  /** Of the log. */
  readonly origin: string;
  readonly keys: KeyDestruction;
  readonly holds: Pick<Holds, "covering">;
  readonly log: LogReader & {
    /** A signed note of this text. */
    signText(text: string): Promise<string>;
  };
  readonly record: RecordEvent;
  readonly settings: () => ErasureSettings;
  readonly openSink: (settings: CallableSink) => Sink;
  readonly sealing: IdentifierSealing;
  readonly normalise: Normalise;
  /** Keyed one-way function of a type and a normalised value. */
  readonly tag: (identifier: Identifier) => string;
  /** Takes what was deleted from the database's own traces too. */
  readonly overwrite: () => Promise<void>;
  /** Longest time for which a gateway holds a key in memory. */
  readonly cacheMs: number;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Gets what goes wrong in the background. Must not throw. */
  readonly onFault: (error: SluiceError, what: string) => void;
}

const ID_BYTES = 16;
/** As many as one entry of the log can name. */
const IDS_MAX = 4_000;
/** Tries to open an erasure while others are opened or holds are placed. */
const TRIES_MAX = 20;
const RETRY_FIRST_MS = 5_000;
const RETRY_MAX_MS = 3_600_000;
/** A call of a sink that was not heard of for so long is done again, by whoever comes first. */
const CALL_MS = 300_000;
const FRESH_MS = 60_000;
/** How long a request for an erasure waits for all gateways. */
const ANSWER_MS = 10_000;
/** How often the database learns how far it is told: what a start after a crash reads of the log again. */
const ADVANCE_MS = 600_000;

const place = (id: string): string => `erasures/${id}`;

export class Erasures {
  readonly #options: ErasuresOptions;
  /** Jobs that are being worked on here, so that no two turns take the same. */
  readonly #running = new Map<string, Promise<void>>();
  #advancedAt = 0;
  #resumed = false;
  #closed = false;

  constructor(options: ErasuresOptions) {
    this.#options = options;
  }

  /** What an erasure would come to. Throws as `erase` does, and does nothing. */
  async plan(request: Pick<ErasureRequest, "identifiers">, by: string): Promise<ErasurePlan> {
    const { records, ids } = await this.#examine(request.identifiers, by);
    return { ids, records: records.count, datasets: records.datasets, sinks: this.#sinksFor(request.identifiers) };
  }

  /**
   * Erases, and waits until no key is left; sinks and certificate follow. Throws identifier_empty, subject_unknown, subject_held,
   * subject_too_large, evidence_unavailable, key_unavailable, database_unavailable. The answer to somebody who was erased already, and of
   * whom nothing has come since, is that erasure, `repeated`.
   */
  async erase(request: ErasureRequest, by: string): Promise<ErasureStatus> {
    const { store, sealing, clock, random, settings, record } = this.#options;
    const { identifiers, reference, basis } = request;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const turn = await store.turn();
      const repeated = await this.#repeated(identifiers);
      if (repeated !== undefined) {
        await record({ name: "subject.erased-again", actor: by, target: repeated.id, facts: { reference } });
        return { ...(await this.status(repeated.id)), repeated: true };
      }
      const { ids, records } = await this.#examine(identifiers, by);
      const now = clock();
      const id = `er-${Buffer.from(random(ID_BYTES)).toString("hex")}`;
      const sinks = this.#callsFor(identifiers, now);
      const needed = sinks.some(({ state }) => state === "pending");
      const sealed = needed ? await sealing.seal(identifiers, place(id)) : undefined;
      const remember = settings().rememberMs;
      const opened = await store.insert(
        {
          erasure: {
            id,
            state: "opened",
            ids,
            reference,
            basis,
            requestedBy: by,
            records: records.count,
            datasets: records.datasets,
            gateways: [],
            createdAt: now,
            restored: false,
            hasCertificate: false,
          },
          sinks,
          ...(sealed === undefined ? {} : { sealed }),
          tags: remember === 0 ? [] : [...new Set(identifiers.map((each) => this.#options.tag(each)))],
          tagsUntil: now + remember,
        },
        turn,
      );
      if (!opened) continue;
      // A gateway that does not answer is waited for in the background.
      await within(ANSWER_MS, this.#run(id, "destroyed"));
      // Sinks take the time that they take.
      void this.#go(id);
      return this.status(id);
    }
    throw new SluiceError("overloaded", "too many erasures and holds at once; try again");
  }

  /** Throws erasure_unknown. */
  async status(id: string): Promise<ErasureStatus> {
    const erasure = await this.#read(id);
    return { erasure, sinks: await this.#options.store.sinks(id), repeated: false };
  }

  list(limit: number): Promise<readonly Erasure[]> {
    return this.#options.store.list(limit);
  }

  tainted(): ReturnType<ErasureStore["tainted"]> {
    return this.#options.store.tainted();
  }

  /** The signed note. Throws erasure_unknown, certificate_pending. */
  async certificate(id: string): Promise<string> {
    await this.#read(id);
    const certificate = await this.#options.store.certificate(id);
    if (certificate !== undefined) return certificate;
    const waiting = (await this.#options.store.sinks(id)).filter(({ state }) => state === "pending");
    const why = waiting.length === 0 ? "" : `; it waits for ${waiting.map(({ sink }) => sink).join(", ")}`;
    throw new SluiceError("certificate_pending", `erasure ${id} has no certificate yet${why}`);
  }

  /** Goes on with what is not at its end: after a start, and now and then. Never rejects. */
  async resume(): Promise<void> {
    const { store, clock, log, onFault } = this.#options;
    try {
      const published = log.published;
      await store.forgetTags(clock());
      // What has just begun is somebody's who is at it, but for what the process before this one has left.
      const begun = this.#resumed ? clock() - FRESH_MS : Number.POSITIVE_INFINITY;
      this.#resumed = true;
      const unfinished = (await store.unfinished()).filter(
        ({ state, createdAt }) => (state !== "opened" && state !== "recorded") || createdAt <= begun,
      );
      await Promise.all(unfinished.map(({ id }) => this.#go(id)));
      const now = clock();
      if (now < this.#advancedAt + ADVANCE_MS) return;
      this.#advancedAt = now;
      await this.#advance(published);
    } catch (thrown) {
      onFault(toSluiceError(thrown), "erasures are not carried on with");
    }
  }

  /** Waits for what is being done. Goes on with nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running.values());
    // So that the next start has nothing to read again. It does without, if the database is away.
    await this.#advance(this.#options.log.published).catch(() => undefined);
  }

  /** Only what was destroyed here may be left behind. */
  async #advance(published: number): Promise<void> {
    const { store } = this.#options;
    const unfinished = await store.unfinished();
    if (unfinished.every(({ state }) => state !== "opened" && state !== "recorded"))
      await store.advance(published, this.#options.clock());
  }

  /** Never rejects: what does not go now goes with the next `resume`. */
  async #go(id: string): Promise<void> {
    if (this.#closed) return;
    await this.#run(id, "certified").catch((thrown: unknown) => {
      this.#options.onFault(toSluiceError(thrown), `erasure ${id} is not carried on with`);
    });
  }

  /** One turn at a time for each. */
  #run(id: string, until: "destroyed" | "certified"): Promise<void> {
    const known = this.#running.get(id);
    if (known !== undefined) return known;
    const run = this.#forward(id, until).finally(() => this.#running.delete(id));
    this.#running.set(id, run);
    return run;
  }

  /** One step after the other, up to `until` or to where it has to wait. */
  async #forward(id: string, until: "destroyed" | "certified"): Promise<void> {
    for (;;) {
      const erasure = await this.#read(id);
      switch (erasure.state) {
        case "opened":
          await this.#recordIt(erasure);
          break;
        case "recorded":
          await this.#destroy(erasure);
          break;
        case "destroyed":
          if (until === "destroyed" || !(await this.#callSinks(erasure))) return;
          await this.#settle(erasure);
          break;
        case "settled":
          await this.#certify(erasure);
          break;
        case "certified":
          return;
      }
      if (this.#closed && until === "certified") return;
    }
  }

  /** From here on it is done, whatever happens: the next start reads it from the log. */
  async #recordIt(erasure: Erasure): Promise<void> {
    const { store, record, clock } = this.#options;
    const { id, ids, basis, reference, datasets, records, requestedBy, createdAt } = erasure;
    const { index } = await record({
      name: ERASED,
      actor: requestedBy,
      target: id,
      facts: { basis, datasets, ids, received: new Date(createdAt).toISOString(), records, reference },
    });
    await store.step(id, "opened", "recorded", { evidence: index, recordedAt: clock() });
  }

  async #destroy({ id, ids, datasets }: Erasure): Promise<void> {
    const { store, keys, clock } = this.#options;
    const gateways = await keys.destroy(ids);
    await store.taint(id, datasets, clock());
    await store.step(id, "recorded", "destroyed", { gateways, destroyedAt: clock() });
  }

  /** True when none is pending any more. */
  async #callSinks(erasure: Erasure): Promise<boolean> {
    const { store, clock, sealing } = this.#options;
    const now = clock();
    const due = await store.claim(erasure.id, now, now + CALL_MS);
    if (due.length > 0) {
      const sealed = await store.sealed(erasure.id);
      const identifiers = sealed === undefined ? [] : await sealing.open(sealed, place(erasure.id));
      await Promise.all(due.map((call) => this.#callSink(erasure, call, identifiers)));
    }
    return (await store.sinks(erasure.id)).every(({ state }) => state !== "pending");
  }

  async #callSink(erasure: Erasure, call: SinkCall, identifiers: readonly Identifier[]): Promise<void> {
    const { store, settings, openSink, clock, normalise, onFault } = this.#options;
    const { sinks, giveUpMs } = settings();
    const found = sinks.find(({ name }) => name === call.sink);
    const done = (result: SinkResult): Promise<void> => store.called(erasure.id, call.sink, result);
    const attempts = call.attempts + 1;
    const residual = (reason: string): Promise<void> =>
      done({ state: "residual", attempts, at: clock(), reason, nextAt: 0 });
    if (found === undefined || found.kind === "backup") return residual("sink_not_configured");
    const known: readonly SinkIdentifier[] = identifiers.map((each) => ({
      ...each,
      normalised: normalise(each) ?? each.value,
    }));
    const own = identifiersFor(found, known);
    if (own.length === 0) return residual("identifiers_lost");
    try {
      const { removed } = await openSink(found).erase(own, `${erasure.id}_${call.sink}`);
      await done({
        state: "acknowledged",
        attempts,
        at: clock(),
        nextAt: 0,
        ...(removed === undefined ? {} : { removed }),
      });
    } catch (thrown) {
      const error = toSluiceError(thrown);
      if (clock() >= (erasure.destroyedAt ?? erasure.createdAt) + giveUpMs) {
        await residual(error.code);
        return;
      }
      const nextAt = clock() + Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(call.attempts, 20));
      await done({ state: "pending", attempts, reason: error.code, nextAt });
      onFault(error, `sink ${call.sink} has not deleted what erasure ${erasure.id} asks for`);
    }
  }

  /** Nobody is to be called any more, so nobody here needs to know who it was. */
  async #settle({ id }: Erasure): Promise<void> {
    const { store, record, clock, overwrite } = this.#options;
    const sinks = await store.sinks(id);
    const named = (state: SinkCall["state"]): readonly string[] =>
      sinks.filter((each) => each.state === state).map(({ sink, at }) => `${sink} ${iso(at ?? 0)}`);
    await record({
      name: SETTLED,
      target: id,
      facts: {
        acknowledged: named("acknowledged"),
        expires: named("expires"),
        residual: named("residual"),
      },
    });
    await store.step(id, "destroyed", "settled", { settledAt: clock() });
    await overwrite();
  }

  async #certify(erasure: Erasure): Promise<void> {
    const { store, keys, log, clock, cacheMs } = this.#options;
    const { id, evidence } = erasure;
    if (evidence === undefined) throw new Error("assertion: a settled erasure is on record");
    const [proof, backupsDeadBy] = [await log.proof(evidence), await keys.backupsDeadBy()];
    const text = await entryText(log, evidence);
    const { time } = JSON.parse(text) as { time: string };
    const certificate = await log.signText(
      certificateText({
        erasure,
        sinks: await store.sinks(id),
        origin: this.#options.origin,
        entry: { index: evidence, text, time, proof },
        backupsDeadBy,
        cacheMs,
        now: clock(),
      }),
    );
    await store.step(id, "settled", "certified", { certificate });
  }

  /** Ids and what stands behind them. Throws identifier_empty, subject_unknown, subject_held, subject_too_large; refusals are on record. */
  async #examine(identifiers: readonly Identifier[], by: string) {
    const { subjects, holds, record } = this.#options;
    checkIdentifiers(identifiers, this.#options.normalise);
    const ids = [...(await subjects.idsOf(identifiers))].sort();
    if (ids.length === 0) {
      await record({ name: "subject.unknown", actor: by, facts: { identifiers: identifiers.length } });
      throw new SluiceError(
        "subject_unknown",
        "nothing is kept under these identifiers; look whether they are written as the person is known here",
      );
    }
    if (ids.length > IDS_MAX) {
      throw new SluiceError(
        "subject_too_large",
        `these identifiers have more than ${IDS_MAX} keys; erase in parts, a few identifiers at a time`,
      );
    }
    let read: Promise<readonly SubjectRecord[]> | undefined;
    const records = (): Promise<readonly SubjectRecord[]> => {
      read ??= recordsOf(this.#options.log, subjects, ids);
      return read;
    };
    const hold = await holds.covering(ids, records);
    if (hold !== undefined) {
      const justification = `justifications:${hold.justification}`;
      await record({ name: "subject.held", actor: by, target: hold.id, facts: { justification } });
      throw heldError(hold);
    }
    return { ids, records: await this.#countIn(ids, records) };
  }

  /** Reads records only where datasets ask for their purposes. */
  async #countIn(ids: readonly SubjectId[], records: () => Promise<readonly SubjectRecord[]>) {
    const { settings, subjects } = this.#options;
    const { datasets } = settings();
    if (datasets.length === 0) {
      const indexes = new Set((await subjects.postings(ids)).map(({ record }) => record));
      return { count: indexes.size, datasets: [] };
    }
    const found = await records();
    const purposes = new Set(found.map(({ purpose }) => purpose));
    const touched = datasets.filter((each) => each.purposes.some((purpose) => purposes.has(purpose)));
    return { count: found.length, datasets: touched.map(({ name }) => name) };
  }

  /** The erasure before this one, where nothing has come since. */
  async #repeated(identifiers: readonly Identifier[]): Promise<Erasure | undefined> {
    const { store, subjects, tag, clock } = this.#options;
    checkIdentifiers(identifiers, this.#options.normalise);
    if ((await subjects.idsOf(identifiers)).length > 0) return undefined;
    return store.remembered([...new Set(identifiers.map(tag))], clock());
  }

  #sinksFor(identifiers: readonly Identifier[]): ErasurePlan["sinks"] {
    return this.#callsFor(identifiers, this.#options.clock()).map(({ sink, kind }) => ({ sink, kind }));
  }

  /** Sinks that have to do with these identifiers. */
  #callsFor(identifiers: readonly Identifier[], now: number): readonly SinkCall[] {
    return this.#options.settings().sinks.flatMap((sink): readonly SinkCall[] => {
      const about = { sink: sink.name, kind: sink.kind, attempts: 0 };
      if (sink.kind === "backup") return [{ ...about, state: "expires", at: now + sink.keepMs }];
      const wanted = identifiers.some(({ type }) => sink.types === undefined || sink.types.includes(type));
      return wanted ? [{ ...about, state: "pending" }] : [];
    });
  }

  async #read(id: string): Promise<Erasure> {
    const erasure = await this.#options.store.read(id);
    if (erasure === undefined) throw new SluiceError("erasure_unknown", "there is no erasure of this id");
    return erasure;
  }
}

/** Resolves when it is done, or its time is over. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  work.catch(() => undefined);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
