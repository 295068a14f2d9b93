/**
 * Puts jumps of the machine's clock on record. Times in leaves, checkpoints and stamps are the wall clock's, and nothing is ever
 * ordered by them: the order of the log is the order of its entries. But whoever reads a time must be able to tell that the clock
 * was set back or forth in between, so it is held against the monotonic clock at each checkpoint, and once a minute while there are
 * none, so that a clock that is only slewed does not look like one that was set.
 */

import type { Clock } from "../core/clock.ts";
import type { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { asUnavailable } from "./log.ts";
import type { OnPublished } from "./publisher.ts";

export interface ClockWatchOptions {
  readonly log: { onPublished(listener: OnPublished): () => void };
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: Clock;
  /** A difference between the two of at most so many milliseconds, from one look to the next, is no jump. */
  readonly limitMs?: number;
  /** The event could not be recorded. */
  readonly onFault: (error: SluiceError) => void;
}

/** A clock that is slewed by the usual 500 ppm moves 30 ms in a minute; only a step, or a slew as good as one, gets here. */
const LIMIT_MS = 2000;
const LOOK_MS = 60_000;

/** Watches until the returned function is called, which waits for what is being recorded. */
export function watchClock(options: ClockWatchOptions): () => Promise<void> {
  const { log, record, clock, monotonic, limitMs = LIMIT_MS, onFault } = options;
  let [wall, steady] = [clock(), monotonic()];
  let recording: Promise<unknown> = Promise.resolve();
  const look = (): void => {
    const [wallNow, steadyNow] = [clock(), monotonic()];
    const jump = wallNow - wall - (steadyNow - steady);
    [wall, steady] = [wallNow, steadyNow];
    if (Math.abs(jump) <= limitMs) return;
    const facts = { direction: jump > 0 ? "forward" : "back", seconds: Math.round(Math.abs(jump) / 100) / 10 };
    recording = record({ name: "clock.jumped", facts }).catch((error: unknown) => {
      onFault(asUnavailable(error));
    });
  };
  const stop = log.onPublished(look);
  const timer = setInterval(look, LOOK_MS).unref();
  return async () => {
    stop();
    clearInterval(timer);
    await recording;
  };
}
