/**
 * Limits that policies oblige to (`@limit("200/h")`): requests of one principal under one policy. A token bucket that starts full
 * and refills evenly, so that over any stretch of time at most twice the limit passes, and in the long run the limit. In memory;
 * of too many accounts, those go that were used the longest time ago.
 */
import type { RateRule } from "../core/decision.ts";
import { SluiceError } from "../core/errors.ts";

const ACCOUNTS_MAX = 100_000;

interface Account {
  tokens: number;
  refilledAt: number;
}

export class Quotas {
  readonly #accounts = new Map<string, Account>();

  /** Takes one request, or throws `rate_limited`. `now` in milliseconds. */
  take(principal: string, { policy, requests, perMs }: RateRule, now: number): void {
    const key = `${policy}\n${principal}`;
    const account = this.#accounts.get(key) ?? { tokens: requests, refilledAt: now };
    const elapsed = Math.max(0, now - account.refilledAt);
    account.tokens = Math.min(requests, account.tokens + (elapsed * requests) / perMs);
    account.refilledAt = now;
    // In order of use, so that the first is the one that has had the longest time to fill.
    this.#accounts.delete(key);
    this.#accounts.set(key, account);
    if (this.#accounts.size > ACCOUNTS_MAX) {
      for (const oldest of this.#accounts.keys()) {
        this.#accounts.delete(oldest);
        break;
      }
    }
    if (account.tokens < 1) {
      const seconds = Math.ceil(((1 - account.tokens) * perMs) / requests / 1_000);
      throw new SluiceError("rate_limited", `more requests than policy "${policy}" allows`, {
        retryAfterSeconds: seconds,
      });
    }
    account.tokens -= 1;
  }
}
