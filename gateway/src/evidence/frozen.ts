/** The file `frozen`: this log has ended, or is being ended; nobody but the ceremony (freezing.ts) opens it. */

import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { corrupt } from "./corrupt.ts";
import type { Disk } from "./disk.ts";

export const FROZEN_FILE = "frozen";

export interface Frozen {
  readonly origin: string;
  /** Origin of the log that goes on. */
  readonly next: string;
  /** Where the files of this one go. */
  readonly to: string;
  /** `sealed`: the last entry is written. `moved`: the files are where they go. */
  readonly stage: Stage;
}

const STAGES = ["begun", "sealed", "moved"] as const;
type Stage = (typeof STAGES)[number];

/** Undefined for a log that goes on. Throws evidence_corrupt. */
export async function readFrozen(disk: Disk, dir: string): Promise<Frozen | undefined> {
  const bytes = await disk.readFile(join(dir, FROZEN_FILE));
  if (bytes === undefined) return undefined;
  try {
    const { origin, next, to, stage } = JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;
    const known = STAGES.find((each) => each === stage);
    const areTexts = typeof origin === "string" && typeof next === "string" && typeof to === "string";
    if (areTexts && known !== undefined) return { origin, next, to, stage: known };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw corrupt("the file `frozen` cannot be read", {
    remedy: "restore it from a backup, or run `sluice log freeze` again without it",
  });
}

/** Throws evidence_frozen. */
export async function refuseFrozen(disk: Disk, dir: string): Promise<void> {
  const frozen = await readFrozen(disk, dir);
  if (frozen === undefined) return;
  throw new SluiceError(
    "evidence_frozen",
    `the log ${frozen.origin} is frozen and goes on as ${frozen.next}; if that is not so yet, run \`sluice log freeze\` to its end`,
  );
}
