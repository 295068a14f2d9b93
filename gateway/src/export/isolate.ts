/**
 * Delivers a range around records that the receiver refuses. Who refuses some records and takes others has something against
 * those; who refuses all of them has something against us, and then nothing is passed over.
 */
import { toSluiceError } from "../core/errors.ts";
import { type Destination, type Range, refused } from "./destination.ts";

/** So many records between two indexes were not taken, and will not be if they are sent again. */
export interface NotTaken {
  readonly from: number;
  readonly to: number;
  readonly records: number;
  /** `export_refused`: all between the two. `partial`: it was not said which. */
  readonly reason: "export_refused" | "partial";
}

/** Tries to find out which records of a batch are refused, before all of them are taken to be. */
const TRIES_MAX = 32;

/** What was not taken while the rest was. Rejects as the destination does, with export_refused only when it takes nothing. */
export async function deliverAround(
  destination: Destination,
  range: Range,
  signal: AbortSignal,
): Promise<readonly NotTaken[]> {
  const notTaken: NotTaken[] = [];
  const fault = await deliverWhole(destination, range, signal, notTaken);
  if (fault === undefined) return notTaken;
  const taken = await deliverHalves(destination, range, signal, { left: TRIES_MAX }, notTaken);
  if (!taken) throw fault;
  return notTaken;
}

/** Why nothing of it was taken; undefined when some was. Rejects with everything else. */
async function deliverWhole(
  destination: Destination,
  range: Range,
  signal: AbortSignal,
  notTaken: NotTaken[],
): Promise<Error | undefined> {
  const { from, to, records } = range;
  try {
    const { refused: count } = await destination.deliver(range, signal);
    if (count > 0 && count >= records.length) return refused(destination.name, "rejects every record");
    if (count > 0) notTaken.push({ from, to, records: count, reason: "partial" });
    return undefined;
  } catch (thrown) {
    const error = toSluiceError(thrown);
    if (error.code !== "export_refused") throw error;
    return error;
  }
}

/** Is anything of it taken? */
async function deliverHalves(
  destination: Destination,
  { from, to, records }: Range,
  signal: AbortSignal,
  tries: { left: number },
  notTaken: NotTaken[],
): Promise<boolean> {
  if (records.length <= 1 || tries.left <= 0) {
    notTaken.push({ from, to, records: to - from, reason: "export_refused" });
    return false;
  }
  const middle = Math.floor(records.length / 2);
  const halves: readonly Range[] = [
    { from, to: from + middle, records: records.slice(0, middle) },
    { from: from + middle, to, records: records.slice(middle) },
  ];
  let taken = false;
  for (const half of halves) {
    tries.left -= 1;
    const fault = await deliverWhole(destination, half, signal, notTaken);
    if (fault === undefined || (await deliverHalves(destination, half, signal, tries, notTaken))) taken = true;
  }
  return taken;
}
