/**
 * When an authority is to be asked: every ten minutes with new entries, at the end of each day (UTC), at once after an event
 * that others will ask about, again with growing pauses while it is away, and once more before the last stamp's certificate
 * expires. Pure; the clock may jump either way.
 */

/** Pauses before an authority that is away is asked again: doubled from the first on, up to the usual time between stamps. */
const PAUSE_FIRST_MS = 5_000;
/** However many events call for a stamp at once. */
const URGENT_PAUSE_MS = 10_000;
/** RFC 4998 section 5.2: the new stamp must be made while the old one is still good. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;

/** What is known of one authority's stamps. Times in milliseconds since 1970. */
export interface Progress {
  /** Entries that its last stamp covers. */
  readonly size: number;
  /** When it was last asked; absent before the first time. */
  readonly askedAt?: number;
  /** When the certificate of its last stamp expires. */
  readonly until?: number;
  /** How often in a row it has failed. */
  readonly failures: number;
}

export interface Present {
  readonly now: number;
  readonly everyMs: number;
  /** Entries that the newest checkpoint covers. */
  readonly published: number;
  /** Whether there are entries beyond `progress.size` that are not only about stamps. */
  readonly news: boolean;
  /** A stamp that covers so many entries is wanted at once. */
  readonly soon: number;
}

export function isDue({ size, askedAt, until, failures }: Progress, present: Present): boolean {
  const { now, everyMs, published, news, soon } = present;
  if (published <= size) return false;
  if (askedAt === undefined) return true;
  // A clock that was set back must not stop stamps until it has caught up.
  const since = now < askedAt ? Number.POSITIVE_INFINITY : now - askedAt;
  if (failures > 0) return since >= pauseMs(failures, everyMs);
  if (soon > size && published >= soon && since >= URGENT_PAUSE_MS) return true;
  if (news) return slot(now, everyMs) !== slot(askedAt, everyMs) || slot(now, DAY_MS) !== slot(askedAt, DAY_MS);
  return until !== undefined && until - now < RENEW_BEFORE_MS && since >= DAY_MS;
}

function pauseMs(failures: number, everyMs: number): number {
  return Math.min(PAUSE_FIRST_MS * 2 ** Math.min(failures - 1, 20), everyMs);
}

const slot = (time: number, length: number): number => Math.floor(time / length);
