/**
 * Requests per minute and concurrent exchanges per principal, in memory. A token bucket that refills continuously and
 * starts full; state of principals unseen for long is dropped, so memory is bounded by the principals of the last minutes.
 */
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";

const PRINCIPALS_MAX = 100_000;
const IDLE_MS = 120_000;

interface Account {
  tokens: number;
  refilledAt: number;
  open: number;
}

export class Throttle {
  readonly #accounts = new Map<string, Account>();

  /** Takes one request and one concurrent exchange, or throws `rate_limited` or `streams_limited`. `now` in ms. */
  enter(principal: Principal, now: number): void {
    const { requestsPerMinute, concurrentStreams } = principal.limits;
    const account = this.#account(principal, now);
    const elapsed = Math.max(0, now - account.refilledAt);
    account.tokens = Math.min(requestsPerMinute, account.tokens + (elapsed * requestsPerMinute) / 60_000);
    account.refilledAt = now;
    if (account.open >= concurrentStreams) {
      throw new SluiceError("streams_limited", `more than ${concurrentStreams} exchanges at once for this principal`, {
        retryAfterSeconds: 1,
      });
    }
    if (account.tokens < 1) {
      const wait = Math.ceil(((1 - account.tokens) * 60) / requestsPerMinute);
      throw new SluiceError("rate_limited", `more than ${requestsPerMinute} requests a minute for this principal`, {
        retryAfterSeconds: Math.max(1, wait),
      });
    }
    account.tokens -= 1;
    account.open += 1;
  }

  leave(principal: Principal): void {
    const account = this.#accounts.get(principal.id);
    if (account !== undefined && account.open > 0) account.open -= 1;
  }

  #account(principal: Principal, now: number): Account {
    const known = this.#accounts.get(principal.id);
    if (known !== undefined) return known;
    if (this.#accounts.size >= PRINCIPALS_MAX) this.#forget(now);
    const fresh = { tokens: principal.limits.requestsPerMinute, refilledAt: now, open: 0 };
    this.#accounts.set(principal.id, fresh);
    return fresh;
  }

  #forget(now: number): void {
    for (const [id, account] of this.#accounts) {
      if (account.open === 0 && now - account.refilledAt > IDLE_MS) this.#accounts.delete(id);
    }
    if (this.#accounts.size >= PRINCIPALS_MAX) {
      throw new SluiceError("overloaded", "too many principals at once", { retryAfterSeconds: 60 });
    }
  }
}
