/**
 * What is done to a log while no gateway has it open, for `sluice fsck` and `sluice log`. The command line knows a folder; this
 * finds the log in it. Everything here throws evidence_locked while a gateway runs, evidence_corrupt for a log that is not what was
 * signed, and evidence_unavailable when the disk fails.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { SluiceError } from "../core/errors.ts";
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

/** The next step of changing the log's keys: new ones beside the old, or, with `retire`, the end of the old ones. */
export async function rotateKeys(place: string, retire: boolean): Promise<KeysChanged> {
  const dir = ownLog(place);
  const options = { dir, origin: await originOf(dir), clock: Date.now };
  return whileStopped(() => (retire ? retireKeys(options) : addKeys(options)));
}

/** Ends the log, moves it to the folder `to`, and begins the log `next` in its place. */
export async function freeze(place: string, next: string, to: string): Promise<Continued> {
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
  if (existsSync(join(dir, SHARED_MARK))) {
    const text = "the log of many gateways keeps its keys and its origin: there is no ceremony for it yet";
    throw new SluiceError("config_invalid", text);
  }
  return dir;
}

async function whileStopped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== "evidence_locked") throw thrown;
    throw new SluiceError("evidence_locked", `${thrown.message}: stop the gateway first`, { cause: thrown });
  }
}
