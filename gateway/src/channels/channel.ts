/**
 * The contract of every way to tell people that a review waits. One channel is one destination: an address, a URL, a room of a
 * chat. It is told what to say and says it once; when, how often and whether it is on record is the notifier's matter.
 */
import { SluiceError } from "../core/errors.ts";
import type { Review } from "../reviews/review.ts";
import type { Alarm } from "./alarms.ts";

export interface Channel {
  /** Stable over restarts, and without personal data: it stands in the database and on record. */
  readonly id: string;
  /** Wants to know of the end of a review too. */
  readonly follows: boolean;
  /** Whose members it tells. */
  readonly groups: readonly string[];
  /** Has somebody here a part in deciding this review? */
  serves(review: Review): boolean;
  /**
   * Resolves when the other side has taken it. `earlier` is what it resolved with for the same review before. Rejects with
   * channel_unavailable when it is worth trying again, with another code when it is not. Callers bound the number of calls at once.
   */
  notify(notice: Notice): Promise<string | undefined>;
  /** Says an alarm; `url` is the gateway's. Resolves and rejects as `notify` does. */
  raise(alarm: Alarm, url: string): Promise<void>;
  /** No call may follow. */
  close(): Promise<void>;
}

/** What is said of a review: never what is to be sent, masked or not. */
export interface Notice {
  readonly kind: "opened" | "closed";
  readonly review: Review;
  /** As it is now. */
  readonly state: Review["state"];
  /** Where it can be read and decided, by who logs in. */
  readonly url: string;
  /** Who asks, and through which agents, as people know them. */
  readonly requester: string;
  /** A yes needs a passkey, which only a browser can ask for. */
  readonly stepUp: boolean;
  readonly earlier?: string;
}

/** `what` completes "channel x …". */
export function unavailable(
  channel: string,
  what: string,
  options: { cause?: unknown; retryAfterSeconds?: number } = {},
) {
  return new SluiceError("channel_unavailable", `channel ${channel} ${what}`, options);
}

/** Does the review ask one of these groups? */
export function asks({ approvals }: Review, groups: readonly string[]): boolean {
  return approvals.some(({ group }) => groups.includes(group));
}
