/**
 * The file `minimum`: the log's minimum index, "a lower bound on log entry indices that the log publishes"
 * (https://c2sp.org/tlog-tiles#pruning). It is durable before anything below it is removed, so that what is missing below it was
 * pruned and nothing else was. log.json tells it to the public.
 */

import { join } from "node:path";
import { corrupt } from "./corrupt.ts";
import { type Disk, replaceFile } from "./disk.ts";

/** 0 for a log that was never pruned. Throws evidence_corrupt. */
export async function readMinimum(disk: Disk, dir: string): Promise<number> {
  const text = (await disk.readFile(minimumPath(dir)))?.toString("utf8");
  if (text === undefined) return 0;
  const digits = /^(0|[1-9][0-9]{0,14})\n$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  const remedy = "restore it from a backup, or write in it the minimumIndex of public/log.json";
  throw corrupt("the file `minimum`, which says what was pruned, cannot be read", { remedy });
}

/** Durable when it returns. */
export async function writeMinimum(disk: Disk, dir: string, minimum: number): Promise<void> {
  const path = minimumPath(dir);
  const bytes = Buffer.from(`${String(minimum)}\n`);
  await replaceFile(disk, `${path}.new`, { path, bytes, permissions: 0o600, durable: true });
}

function minimumPath(dir: string): string {
  return join(dir, "minimum");
}
