/**
 * What is done to a log while no gateway has it open, for `sluice fsck` and `sluice log`. The command line knows a folder; this
 * finds the log in it. Everything here throws evidence_locked while a gateway runs, evidence_corrupt for a log that is not what was
 * signed, and evidence_unavailable when the disk fails.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadCustody } from "../config/load.ts";
import { SluiceError } from "../core/errors.ts";
import { Custody } from "../custody/index.ts";
import {
  type Continued,
  type Inspection,
  type KeysChanged,
  addKeys,
  freezeLog,
  inspectLog,
  originOf,
  retireKeys,
  SHARED_MARK,
} from "../evidence/index.ts";

import { openLog } from "./evidence-log.ts";

export type { Continued, Inspection, KeysChanged };

/** Where a log may lie in what people point at: the log's own folder, or the data folder. */
const FOLDERS = ["", "evidence"];

/** The folder of a log with its private files, or undefined: what is served to the public alone can only be verified. */
export function findLog(place: string): string | undefined {
  const dirs = FOLDERS.map((folder) => join(place, folder));
  return dirs.find((dir) => existsSync(join(dir, "signed")) || existsSync(join(dir, "segments")));
}

/** Reads all records of the log in `dir` and holds them against what was signed; `repair` writes again what follows from them. */
export function inspect(dir: string, repair: boolean): Promise<Inspection> {
  return whileStopped(() => inspectLog({ dir, clock: Date.now, repair }));
}

/**
 * The next step of changing the log's keys: new ones beside the old, or, with `retire`, the end of the old ones. A shared log is found by
 * the configuration in the file `config`.
 */
export async function rotateKeys(place: string, retire: boolean, config?: string): Promise<KeysChanged> {
  const shared = findShared(place);
  const dir = shared ?? ownLog(place);
  const options =
    shared === undefined ? { dir, origin: await originOf(dir), clock: Date.now } : await sharedLog(dir, config);
  return whileStopped(() => (retire ? retireKeys(options) : addKeys(options)));
}

/** Ends the log, moves it to the folder `to`, and begins the log `next` in its place. */
export async function freeze(place: string, next: string, to: string): Promise<Continued> {
  if (findShared(place) !== undefined) {
    throw new SluiceError(
      "config_invalid",
      "a shared log is not frozen by this command: its files and its database stay where they are. Begin another one with another " +
        "origin, database and folder (docs/deployment.md, “Another log”)",
    );
  }
  const dir = ownLog(place);
  const origin = await originOf(dir);
  return whileStopped(() => freezeLog({ dir, origin, clock: Date.now, next, to: resolve(to) }));
}

function ownLog(place: string): string {
  const dir = findLog(place) ?? (existsSync(join(place, "frozen")) ? place : undefined);
  if (dir === undefined) {
    throw new SluiceError(
      "config_invalid",
      `no log with its private files at ${place}: name evidence.dir of the gateway`,
    );
  }
  return dir;
}

/** The folder of a gateway of a shared log. */
function findShared(place: string): string | undefined {
  return FOLDERS.map((folder) => join(place, folder)).find((dir) => existsSync(join(dir, SHARED_MARK)));
}

/** What a ceremony needs of a shared log, which this gateway has to itself then. */
async function sharedLog(dir: string, config: string | undefined) {
  const custody = new Custody(Date.now);
  try {
    const settings = await loadCustody({ file: config, custody });
    const { evidence } = settings;
    const shared = await settings.shared();
    if (shared === undefined || resolve(evidence.dir) !== resolve(dir)) {
      throw new SluiceError(
        "config_invalid",
        `${dir} is of a gateway of a shared log: name its configuration with --config, so that the database and the files are found`,
      );
    }
    const { url } = await settings.database();
    return {
      dir,
      origin: evidence.origin,
      clock: Date.now,
      open: ({ checkpointIntervalMs }: { readonly checkpointIntervalMs: number }) =>
        openLog({ evidence: { ...evidence, checkpointIntervalMs, shared }, url }, () => {}, true),
    };
  } finally {
    await custody.close();
  }
}

async function whileStopped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== "evidence_locked") throw thrown;
    throw new SluiceError("evidence_locked", `${thrown.message}: stop the gateway first`, { cause: thrown });
  }
}
