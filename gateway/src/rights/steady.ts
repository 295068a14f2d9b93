/**
 * A clock for what cannot be undone. The system's may jump ahead, by a mistake or by somebody's hand, and be right again a minute later;
 * what was deleted meanwhile as too old, and a hold that was over meanwhile, would not come back. This one follows it at no more
 * than twice the pace of time itself: after a jump it waits, after a long sleep of the machine it is late for as long again.
 */
import type { Clock } from "../core/clock.ts";

const PACE_MAX = 2;

/** Milliseconds since the epoch. `monotonic`: milliseconds of a clock that never jumps. */
export function steady(clock: Clock, monotonic: Clock): Clock {
  let at = clock();
  let since = monotonic();
  return () => {
    const now = monotonic();
    at = Math.min(clock(), at + PACE_MAX * (now - since));
    since = now;
    return at;
  };
}
