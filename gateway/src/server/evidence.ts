/**
 * The parts that feed or read the evidence beside the log itself, opened in the order in which they need one another once log,
 * custody and database are there, and closed the other way round. It decides nothing; compose.ts joins it to the data plane.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../config/load.ts";
import type { EpochKeys } from "../core/epoch-keys.ts";
import { type SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Custody } from "../custody/index.ts";
import { type EvidenceLog, watchClock } from "../evidence/index.ts";
import { Exports } from "../export/index.ts";
import { ExportStore } from "../export/store.ts";
import { addressRefusal, checkedLookup } from "../protocols/http/address.ts";
import { Recordings, recordingsDir } from "../recordings/index.ts";
import type { Rights } from "../rights/index.ts";
import { openSubjects, type Subjects } from "../subjects/index.ts";
import { Stamps } from "../timestamps/index.ts";
import { Asking } from "../witness/index.ts";
import type { Database } from "./database.ts";
import { Leases } from "./database/leases.ts";
import { SharedKeys } from "./database/shared-keys.ts";
import { keepMember, type Member, Membership } from "./membership.ts";
import { openRightsOf, replayErased } from "./rights.ts";
import { VERSION } from "./version.ts";

export interface EvidencePartsOptions {
  readonly config: Config;
  readonly log: EvidenceLog;
  readonly record: RecordEvent;
  readonly custody: Custody;
  readonly epochKeys: EpochKeys;
  readonly database: Pick<Database, "sql" | "wakeups" | "scrubFreed">;
  /** What goes wrong in the background; it must not throw. `what` says what does not happen meanwhile. */
  readonly onFault: (error: SluiceError, what: string) => void;
}

export interface EvidenceParts {
  readonly subjects: Subjects;
  readonly recordings: Recordings;
  readonly rights: Rights;
  readonly exports: Exports;
  readonly stamps: Stamps;
  /** Present when the configuration names witnesses. */
  readonly witnesses?: Asking;
  /** Puts another configuration in force. */
  configure(config: Config): void;
  close(): Promise<void>;
}

export async function openEvidenceParts(options: EvidencePartsOptions): Promise<EvidenceParts> {
  const member = memberOf(options.config);
  const named = (each: Config): Config =>
    member === undefined ? each : { ...each, subjects: { ...each.subjects, gateway: member.name } };
  let config = named(options.config);
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    // Each part opens here, and says how it closes.
    const { log, record, onFault } = options;
    const monotonic = (): number => performance.now();
    const unwatched = (error: SluiceError): void => onFault(error, "a jump of the clock is not on record");
    opened.push(watchClock({ log, record, clock: Date.now, monotonic, onFault: unwatched }));
    const membership = member === undefined ? undefined : await takeName(options, member);
    if (membership !== undefined) opened.push(() => membership.close());
    const subjects = await openSubjectsOf(options, () => config, membership);
    opened.push(() => subjects.close());
    await replayErased(options, () => config, subjects);
    const recordings = await openRecordings(options, subjects, member?.name, membership);
    opened.push(() => recordings.close());
    const mending = mendIndex(subjects, recordings).catch((thrown: unknown) => {
      onFault(toSluiceError(thrown), "a damaged index of data subjects is not made again before the next start");
    });
    opened.push(() => mending);
    const rights = await openRightsOf(options, () => config, subjects, recordings);
    opened.push(() => rights.close());
    const witnesses = await openWitnesses(options);
    if (witnesses !== undefined) opened.push(() => witnesses.close());
    const stamps = await openStamps(options);
    opened.push(() => stamps.close());
    // Last, so that what the others put on the log at their end is not sent while they close.
    const exports = openExports(options, stamps);
    opened.push(() => exports.close());
    return {
      subjects,
      recordings,
      rights,
      exports,
      stamps,
      ...(witnesses === undefined ? {} : { witnesses }),
      configure(next) {
        config = named(next);
        recordings.configure(next.recording);
        exports.configure(next.export);
        stamps.configure(next.timestamps);
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** What is damaged of the index is made again, from the log and the recordings. Nobody waits for it. */
async function mendIndex(subjects: Subjects, recordings: Recordings): Promise<void> {
  const damaged = await subjects.checkIndex();
  if (damaged.length > 0) await subjects.rebuildIndex((post) => recordings.postAgain(post));
}

/** Of the folder that the gateways of one database share for recordings, and for the index of them; undefined where there is none. */
function sharedDirOf({ recording, database }: Config): string | undefined {
  return database.url === undefined ? undefined : recording.dir;
}

/** Undefined where this gateway shares no folder: then nobody asks for its name. */
function memberOf(config: Config): Member | undefined {
  const { gateway, gatewayIsMachine } = config.subjects;
  if (sharedDirOf(config) === undefined) return undefined;
  return keepMember(config.evidence.dir, gatewayIsMachine ? undefined : gateway, gateway);
}

function takeName({ database, onFault }: EvidencePartsOptions, member: Member): Promise<Membership> {
  return Membership.take({
    member,
    leases: new Leases(database.sql, Date.now),
    clock: Date.now,
    onFault: (error) => onFault(error, "another gateway may write in the folder of this one"),
  });
}

function openRecordings(
  { config, log, epochKeys, onFault }: EvidencePartsOptions,
  { keys, index }: Subjects,
  gateway: string | undefined,
  membership: Membership | undefined,
): Promise<Recordings> {
  const own = recordingsDir(config.evidence.dir);
  const sharedDir = sharedDirOf(config);
  return Recordings.open({
    ...(sharedDir === undefined || gateway === undefined || membership === undefined
      ? { dir: config.recording.dir ?? own }
      : {
          dir: own,
          shared: {
            dir: sharedDir,
            gateway,
            isLive: (name) => membership.isLive(name),
            exclusive: (work) => membership.exclusive("recordings", work),
          },
        }),
    origin: config.evidence.origin,
    settings: config.recording,
    epochs: epochKeys,
    subjects: keys,
    index,
    log,
    clock: Date.now,
    onFault,
  });
}

async function openWitnesses({ config, log, record, onFault }: EvidencePartsOptions): Promise<Asking | undefined> {
  if (config.witnesses === undefined) return undefined;
  return Asking.open({ settings: config.witnesses, log, record, clock: Date.now, onFault });
}

function openStamps({ config, log, record, onFault }: EvidencePartsOptions): Promise<Stamps> {
  return Stamps.open({
    settings: config.timestamps,
    log,
    record,
    clock: Date.now,
    random: randomBytes,
    addresses: { lookup: checkedLookup, refusal: addressRefusal },
    onFault: (error) =>
      onFault(error, "the log is not stamped by this authority meanwhile; it is when the authority is back"),
  });
}

function openExports({ config, log, record, database, onFault }: EvidencePartsOptions, stamps: Stamps): Exports {
  return new Exports({
    settings: config.export,
    log,
    origin: config.evidence.origin,
    stamps: (most) => Promise.resolve(stamps.newest(most)),
    store: new ExportStore(database.sql),
    record,
    clock: Date.now,
    version: VERSION,
    addresses: { lookup: checkedLookup, refusal: addressRefusal },
    onFault: (error) => onFault(error, "evidence is not sent on meanwhile; it is when the destination is back"),
  });
}

/** It makes no key, and no file, before something about a person is recorded. */
async function openSubjectsOf(
  { log, record, custody, epochKeys, database, onFault }: EvidencePartsOptions,
  config: () => Config,
  membership: Membership | undefined,
): Promise<Subjects> {
  const { evidence, database: where } = config();
  const alone = where.url === undefined;
  const sharedDir = sharedDirOf(config());
  // Nobody else seals under the keys of one gateway alone.
  const shared = alone ? undefined : await SharedKeys.open(database.sql);
  const keyDir = (): string => join(config().custody.dir, "keys");
  if (shared !== undefined)
    custody.share("subjects", (version, key) => shared.enter("subjects", version, key, keyDir()));
  const subjects = await openSubjects({
    dir: evidence.dir,
    ...(sharedDir === undefined || membership === undefined
      ? {}
      : { shared: { dir: join(sharedDir, ".index"), lost: () => membership.lost() } }),
    database,
    alone,
    epochKeys,
    log,
    record,
    settings: () => ({ ...config().subjects, region: config().detector.region }),
    clock: Date.now,
    random: randomBytes,
    keyDestroyed: async (version) => shared?.leave("subjects", version),
    onFault,
  });
  try {
    const fingerprints = (of: (key: Uint8Array) => string) => custody.epochFingerprints(config().custody, of);
    // After what was destroyed is gone: a restore may have brought its name back.
    await shared?.checkRing("subjects", { fingerprints }, keyDir());
    return subjects;
  } catch (thrown) {
    await subjects.close();
    throw thrown;
  }
}
