/**
 * The rights of those whose data it is: finding and copying it (access.ts), forgetting it (erasures.ts), keeping it for the law (holds.ts),
 * and letting it go in time (retention.ts). Only this file, and its tables and routes by the server, are imported by other rooms.
 */
import { createHmac } from "node:crypto";
import type { Kysely } from "kysely";
import type { EpochKeys } from "../core/epoch-keys.ts";
import { type SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { RecordingArchive } from "../core/recording.ts";
import type { ErasureSettings, RetentionSettings } from "../core/rights.ts";
import type { Identifier, KeyDestruction, SubjectIndex } from "../core/subjects.ts";
import { Access } from "./access.ts";
import { ErasureStore } from "./erasure-store.ts";
import { Erasures, type ErasuresOptions } from "./erasures.ts";
import { Holds, LoggedHolds } from "./holds.ts";
import { replayErasures } from "./replay.ts";
import { Retention, type RetentionOptions } from "./retention.ts";
import { IdentifierSealing, sealedUser } from "./sealing.ts";
import { steady } from "./steady.ts";
import { openSink, type SinkTools } from "./sinks/open.ts";
import { type AddressCheck, openOutgoing } from "./sinks/outgoing.ts";

export interface RightsSettings {
  readonly erasure: ErasureSettings;
  readonly retention: RetentionSettings;
  /** How long recordings are kept, ISO 8601, by purpose. */
  readonly purposes: ReadonlyMap<string, string>;
}

export interface RightsOptions {
  readonly database: { readonly sql: Kysely<unknown>; scrubFreed(): Promise<void> };
  readonly log: ErasuresOptions["log"] & RetentionOptions["log"];
  readonly subjects: {
    readonly index: SubjectIndex;
    readonly destruction: KeyDestruction;
    normalize(identifier: Identifier): string | undefined;
    retire(before: { readonly record: number; readonly time: number }): Promise<unknown>;
  };
  /** Of the log. */
  readonly origin: string;
  readonly archive: RecordingArchive;
  readonly epochKeys: EpochKeys;
  readonly record: RecordEvent;
  /** Name of this one. */
  readonly gateway: string;
  readonly settings: () => RightsSettings;
  /** 32 bytes, the same for all gateways of a database: by it an erasure is known again that was carried out. */
  readonly tagKey: Uint8Array;
  readonly addresses: AddressCheck;
  readonly signed: SinkTools["signed"];
  readonly clock: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** What goes wrong in the background; `what` says what does not happen meanwhile. Must not throw. */
  readonly onFault: (error: SluiceError, what: string) => void;
}

export interface Rights {
  readonly erasures: Erasures;
  readonly holds: Holds;
  readonly access: Access;
  readonly retention: Retention;
  close(): Promise<void>;
}

/** Longest time for which a gateway holds a key in memory. */
const KEYS_HELD_MS = 60_000;
const RESUME_MS = 5_000;
const SWEEP_MS = 60_000;
/** A run that failed is tried again after this, or when it is time anyway. */
const RETENTION_AGAIN_MS = 3_600_000;
/** So that a start is not a deletion, before anybody has looked at what came up. */
const RETENTION_FIRST_MS = 600_000;
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * To be called, and to be done, before anything is opened that could give a key away. Rejects with evidence_unavailable,
 * database_unavailable.
 */
export function replayRights(
  options: Pick<RightsOptions, "database" | "gateway" | "settings" | "clock"> & {
    readonly log: Pick<RightsOptions["log"], "published" | "minimum" | "entries">;
    readonly destruction: KeyDestruction;
  },
): Promise<number> {
  const { database, gateway, log, destruction, settings, clock } = options;
  const store = new ErasureStore(database.sql, gateway);
  const holds = new LoggedHolds(database.sql);
  return replayErasures({ store, holds, log, keys: destruction, settings: () => settings().erasure, clock });
}

/** Goes on with what a stop or a crash has left. Nothing here is asked on the way of a request. */
export function openRights(options: RightsOptions): Rights {
  const { database, log, subjects, archive, epochKeys, record, settings, clock, random, onFault } = options;
  const { index, destruction } = subjects;
  const normalise = (identifier: Identifier): string | undefined => subjects.normalize(identifier);
  const overwrite = (): Promise<void> => database.scrubFreed();
  const sealing = new IdentifierSealing(epochKeys);
  epochKeys.addUser(sealedUser(database.sql, epochKeys));
  const outgoing = openOutgoing(options.addresses);
  const tools: SinkTools = { send: outgoing.send, signed: options.signed, clock };
  const unhurried = steady(clock, options.monotonic);
  const holds = new Holds({
    sql: database.sql,
    sealing,
    normalise,
    subjects: index,
    record,
    longestMs: () => settings().erasure.holdLongestMs,
    clock: unhurried,
    random,
    overwrite,
  });
  const erasures = new Erasures({
    store: new ErasureStore(database.sql, options.gateway),
    subjects: index,
    keys: destruction,
    origin: options.origin,
    holds,
    log,
    record,
    settings: () => settings().erasure,
    openSink: (sink) => openSink(sink, tools),
    sealing,
    normalise,
    tag: (identifier) =>
      createHmac("sha256", options.tagKey)
        .update(`erasure\0${identifier.type}\0${normalise(identifier) ?? ""}`)
        .digest("base64url"),
    overwrite,
    cacheMs: KEYS_HELD_MS,
    clock,
    random,
    onFault,
  });
  const access = new Access({ log, subjects: index, archive, normalise, record, clock });
  const retention = new Retention({
    log,
    subjects: { postings: (ids) => index.postings(ids), retire: (before) => subjects.retire(before) },
    archive,
    holds,
    record,
    settings: () => settings().retention,
    purposes: () => settings().purposes,
    clock: unhurried,
  });

  const resuming = setInterval(() => void erasures.resume(), RESUME_MS);
  resuming.unref();
  const sweeping = setInterval(() => {
    holds.sweep().catch((thrown: unknown) => onFault(toSluiceError(thrown), "legal holds that are over do not end"));
  }, SWEEP_MS);
  sweeping.unref();
  let pruning: NodeJS.Timeout | undefined;
  let closed = false;
  const pruneIn = (ms: number): void => {
    if (closed) return;
    pruning = setTimeout(
      () => {
        retention.run().then(
          () => pruneIn(settings().retention.everyMs),
          (thrown: unknown) => {
            onFault(toSluiceError(thrown), "what is old enough is not deleted");
            pruneIn(Math.min(RETENTION_AGAIN_MS, settings().retention.everyMs));
          },
        );
      },
      Math.min(ms, TIMER_MAX_MS),
    );
    pruning.unref();
  };
  pruneIn(Math.min(RETENTION_FIRST_MS, settings().retention.everyMs));
  void erasures.resume();

  return {
    erasures,
    holds,
    access,
    retention,
    async close() {
      closed = true;
      clearInterval(resuming);
      clearInterval(sweeping);
      clearTimeout(pruning);
      await erasures.close();
      await retention.close();
      await outgoing.close();
    },
  };
}
