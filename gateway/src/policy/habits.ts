/**
 * At which hours and for which purposes a principal usually sends: small, bounded, in memory, and forgotten with the process.
 * Whoever decides is told "unusual" as a fact and keeps no memory itself; asking teaches nothing, so that what was refused or
 * held is as unusual when it is tried again. Until enough has been seen nothing is unusual, so a new principal, or a gateway
 * that has just started, raises no alarm.
 */
import { hourOf } from "./facts.ts";

export interface Habit {
  /** Never seen within an hour of this time of day (UTC). */
  readonly unusualHour: boolean;
  /** Never seen for this purpose. */
  readonly unusualPurpose: boolean;
}

export interface Habits {
  /** What is unusual about a request. `now`: milliseconds since the epoch. */
  look(principal: string, purpose: string, now: number): Habit;
  /** Remembers that one was sent. */
  learn(principal: string, purpose: string, now: number): void;
}

/** Requests of a principal that were sent, from which on something can be unusual. */
const SEEN_MIN = 20;
const PURPOSES_MAX = 64;

const USUAL: Habit = Object.freeze({ unusualHour: false, unusualPurpose: false });

interface Seen {
  requests: number;
  /** One bit for each hour of the day. */
  hours: number;
  readonly purposes: Set<string>;
}

/** `principalsMax`: beyond it, those are forgotten who have not asked for the longest time. */
export function createHabits(principalsMax: number): Habits {
  const principals = new Map<string, Seen>();

  function seenOf(principal: string): Seen {
    const known = principals.get(principal);
    const seen = known ?? { requests: 0, hours: 0, purposes: new Set<string>() };
    if (known !== undefined) principals.delete(principal);
    principals.set(principal, seen);
    if (principals.size > principalsMax) {
      for (const oldest of principals.keys()) {
        principals.delete(oldest);
        break;
      }
    }
    return seen;
  }

  return {
    look(principal, purpose, now) {
      const seen = principals.get(principal);
      if (seen === undefined || seen.requests < SEEN_MIN) return USUAL;
      const hour = hourOf(now);
      const around = [hour + 23, hour, hour + 1].reduce((bits, each) => bits | (1 << (each % 24)), 0);
      return { unusualHour: (seen.hours & around) === 0, unusualPurpose: !seen.purposes.has(purpose) };
    },
    learn(principal, purpose, now) {
      const seen = seenOf(principal);
      seen.requests += 1;
      seen.hours |= 1 << hourOf(now);
      if (seen.purposes.size < PURPOSES_MAX) seen.purposes.add(purpose);
    },
  };
}
