/**
 * What is done to a log while no gateway has it open, for `sluice fsck` and `sluice log`. The command line knows a folder; this
 * finds the log in it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { type Inspection, inspectLog } from "../evidence/index.ts";

export type { Inspection };

/** Where a log may lie in what people point at: the log's own folder, or the data folder. */
const FOLDERS = ["", "evidence"];

/** The folder of a log with its private files, or undefined: what is served to the public alone can only be verified. */
export function findLog(place: string): string | undefined {
  return FOLDERS.map((folder) => join(place, folder)).find((dir) => existsSync(join(dir, "segments")));
}

/**
 * Reads all records of the log in `dir` and holds them against what was signed; `repair` writes again what follows from them. Throws
 * evidence_locked, evidence_corrupt or evidence_unavailable.
 */
export async function inspect(dir: string, repair: boolean): Promise<Inspection> {
  try {
    return await inspectLog({ dir, clock: Date.now, repair });
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== "evidence_locked") throw thrown;
    throw new SluiceError("evidence_locked", `${thrown.message}: stop the gateway first`, { cause: thrown });
  }
}
