/**
 * The contract of every place that evidence is sent on to. A destination knows how to bring a range there and how to tell that it
 * arrived; when, how much at once, how often again and what is on record of it is the pump's matter.
 */
import { SluiceError } from "../core/errors.ts";
import type { ExportRecord } from "./record.ts";

export interface Destination {
  readonly name: string;
  /** In words of the configuration: `syslog`, `splunk`, … */
  readonly kind: string;
  /** `records`: each of them. `files`: tiles and checkpoints, for which nothing is read from the log but its size. */
  readonly takes: "records" | "files";
  /** Most records of one delivery; ranges end at multiples of it, or at the end of the log. */
  readonly recordsMax: number;
  /** Deliveries that may be under way at once, in order. */
  readonly deliveriesMax: number;
  /** Least time from one delivery to the next. */
  readonly everyMs: number;
  /**
   * Resolves when the other side has acknowledged the range, in whatever way it can. At least once: whoever calls again after a
   * rejection sends it again. Rejects with export_unavailable when it is worth trying again, and with export_refused when these
   * very records are refused. Calls follow in the order of the log; one that rejects makes those after it reject too.
   */
  deliver(range: Range, signal: AbortSignal): Promise<Delivered>;
  /** No call may follow. */
  close(): Promise<void>;
}

export interface Range {
  readonly from: number;
  /** The first that is not in it. */
  readonly to: number;
  readonly records: readonly ExportRecord[];
}

/** How many the other side said it did not take, and will not take if they are sent again. It does not say which. */
export interface Delivered {
  readonly refused: number;
}

export const DELIVERED: Delivered = Object.freeze({ refused: 0 });

/** `what` completes "destination x …". */
export function away(
  name: string,
  what: string,
  options: { cause?: unknown; retryAfterSeconds?: number } = {},
): SluiceError {
  return new SluiceError("export_unavailable", `destination ${name} ${what}`, options);
}

export function refused(name: string, what: string): SluiceError {
  return new SluiceError("export_refused", `destination ${name} ${what}`);
}
