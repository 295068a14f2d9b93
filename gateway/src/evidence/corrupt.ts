/** The one way to say that a log is not what was signed, or cannot be read: what is wrong, and what its operator can do. */

import { SluiceError } from "../core/errors.ts";

const REMEDY =
  "restore the log's folder from a backup, or set it aside and begin a new log under another evidence.origin; nothing was changed";

/** An evidence_corrupt; `remedy` says what to do where it is something else than to restore the log. */
export function corrupt(
  what: string,
  { remedy = REMEDY, cause }: { remedy?: string; cause?: unknown } = {},
): SluiceError {
  return new SluiceError("evidence_corrupt", `${what}: ${remedy}`, cause === undefined ? {} : { cause });
}

/** For what is rebuilt out of the segments. */
export const REPAIR = "`sluice fsck --repair` rebuilds it";

/** A public file that a checkpoint requires, and what was found of it. */
export function damaged(path: string, found: Uint8Array | undefined): SluiceError {
  const remedy = `restore it from a backup; where this gateway has the log to itself, ${REPAIR}`;
  return corrupt(`${path} is ${found === undefined ? "missing" : "damaged"}`, { remedy });
}
