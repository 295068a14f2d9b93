/**
 * Changes the keys of a log, in two steps with time between them. First new keys are made beside the old ones, and both sign every
 * checkpoint, so that whoever pins the old keys loses nothing while learning the new ones: these stand in an event of the log,
 * under checkpoints that the old keys signed. Later the old ones are retired, on record too, and destroyed. An old key that is
 * stolen afterwards signs for nobody who has followed. Nobody may have the log open; each step may be repeated after a crash.
 */

import { SluiceError } from "../core/errors.ts";
import { realDisk } from "./disk.ts";
import type { Generation } from "./generations.ts";
import { prepareKeys, writeGenerations } from "./keys.ts";
import { eventLeaf } from "./leaf.ts";
import { takeLock } from "./lock.ts";
import { type EvidenceLog, type EvidenceOptions, asDisk, openEvidence } from "./log.ts";

export interface CeremonyOptions extends Pick<EvidenceOptions, "dir" | "origin" | "clock" | "disk"> {
  /** For a log that is not of one gateway: opens it with the keys in `dir`. Rejects when another gateway has it open. */
  readonly open?: (options: Pick<EvidenceOptions, "checkpointIntervalMs">) => Promise<EvidenceLog>;
}

export interface KeysChanged {
  /** The new keys, or those that are retired. */
  readonly vkeys: readonly string[];
  /** Size of the first checkpoint that the new keys sign, or of the last one that the retired ones have signed. */
  readonly size: number;
  /** Keys that sign from now on. */
  readonly signing: readonly string[];
}

/** Long enough that no checkpoint falls between a ceremony's steps; closing makes one. */
export const INTERVAL_MS = 60_000;

/** New keys, which sign beside the old ones. Throws what openEvidence throws, and key_in_use when two generations sign already. */
export async function addKeys(options: CeremonyOptions): Promise<KeysChanged> {
  return asDisk(() => add(options));
}

async function add(options: CeremonyOptions): Promise<KeysChanged> {
  const { disk = realDisk, dir, origin } = options;
  const { generations, vkeys, size } = await withLog(options, async (log) => {
    const before = generationsOf(log);
    if (signingOf(before).length > 1) {
      throw new SluiceError("key_in_use", "two generations of keys sign already: retire the old one first (--retire)");
    }
    const made = await prepareKeys(disk, dir, origin, before.length + 1);
    const from = log.size + 1;
    await record(log, options, "log.key_added", { from, vkeys: made });
    return { generations: [...before, { vkeys: made, from }], vkeys: made, size: from };
  });
  return { vkeys, size, signing: await putInForce(options, generations) };
}

/** Ends the old keys. Throws what openEvidence throws, and key_unknown when there are no newer ones. */
export async function retireKeys(options: CeremonyOptions): Promise<KeysChanged> {
  return asDisk(() => retire(options));
}

async function retire(options: CeremonyOptions): Promise<KeysChanged> {
  const { generations, vkeys, size } = await withLog(options, async (log) => {
    const before = generationsOf(log);
    const [old, newer] = signingOf(before);
    if (old === undefined || newer === undefined) {
      throw new SluiceError(
        "key_unknown",
        "only one generation of keys signs: make another one first, without --retire",
      );
    }
    const to = log.size + 1;
    await record(log, options, "log.key_retired", { to, vkeys: old.vkeys });
    return { generations: before.map((each) => (each === old ? { ...old, to } : each)), vkeys: old.vkeys, size: to };
  });
  return { vkeys, size, signing: await putInForce(options, generations) };
}

/** Those that sign, the oldest first. */
function signingOf(generations: readonly Generation[]): readonly Generation[] {
  return generations.filter(({ to }) => to === undefined);
}

/** The first generation is not written down before there is a second one. */
function generationsOf(log: EvidenceLog): readonly Generation[] {
  return log.generations.length > 0 ? log.generations : [{ vkeys: log.vkeys, from: 0 }];
}

async function record(
  log: EvidenceLog,
  { clock }: CeremonyOptions,
  name: string,
  facts: Readonly<Record<string, number | readonly string[]>>,
): Promise<void> {
  await log.append(eventLeaf({ time: clock(), event: { name, facts } }));
}

/** Closing makes the checkpoint that covers what was put on record, with the keys that signed so far. */
async function withLog<T>(options: CeremonyOptions, work: (log: EvidenceLog) => Promise<T>): Promise<T> {
  const { open, ...own } = options;
  const log = await (open?.({ checkpointIntervalMs: INTERVAL_MS }) ??
    openEvidence({ ...own, checkpointIntervalMs: INTERVAL_MS }));
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Gives the keys that sign, after the first checkpoint that they have signed. */
async function putInForce(options: CeremonyOptions, generations: readonly Generation[]): Promise<readonly string[]> {
  const { disk = realDisk, dir, clock } = options;
  const lock = await takeLock(disk, dir, clock());
  try {
    await writeGenerations(disk, dir, generations);
  } finally {
    lock.release();
  }
  return withLog(options, (log) => Promise.resolve(log.vkeys));
}
