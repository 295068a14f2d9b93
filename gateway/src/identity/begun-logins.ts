/**
 * What is remembered of a login between the way out and the way back. It travels sealed in a cookie of the browser that began, so
 * that nobody can finish a login in another's browser, and a flood of half logins fills no memory here.
 */
import { SluiceError } from "../core/errors.ts";
import { FRESH_LOGIN_MS } from "../core/identity.ts";
import type { Random } from "./key-format.ts";
import { createTextSealer, type TextSealer } from "./sealed-text.ts";
import { parseObject } from "./strict-json.ts";

/** From the way out to the way back. */
export const LOGIN_MS = 10 * 60_000;

interface Begun {
  readonly provider: string;
  /** Path of this gateway where the person wanted to go. */
  readonly returnTo: string;
  readonly at: number;
  /** The provider was asked to have the person log in there anew. */
  readonly fresh?: true;
}

export class BegunLogins<Login extends Begun> {
  readonly #sealer: TextSealer;
  readonly #random: Random;

  /** `use` and `cookieName` are bound: what one kind of login began no other finishes. */
  constructor({ key, random }: { readonly key: Uint8Array; readonly random: Random }, use: string, cookieName: string) {
    this.#sealer = createTextSealer(key, use, cookieName);
    this.#random = random;
  }

  /** The cookie's value. */
  seal(begun: Login): string {
    return this.#sealer.seal(JSON.stringify(begun), this.#random);
  }

  /** Undefined when the cookie is not ours. */
  open(cookie: string | undefined): Login | undefined {
    const opened = cookie === undefined ? undefined : this.#sealer.open(cookie);
    // Sealed by us: its form is ours.
    return opened === undefined ? undefined : (parseObject(opened) as Login | undefined);
  }

  /** What this browser began with this provider. Throws login_failed, login_expired. */
  demand(cookie: string | undefined, provider: string, now: number): Login {
    const begun = this.open(cookie);
    if (begun === undefined || begun.provider !== provider) {
      throw new SluiceError(
        "login_failed",
        "this browser did not begin the login that it comes back from; begin again",
      );
    }
    if (now - begun.at >= LOGIN_MS) throw new SluiceError("login_expired", "the login took too long; begin again");
    return begun;
  }
}

/**
 * A provider with a session of its own lets people in unasked, and what asks it not to travels through the browser of whoever
 * would like it to. So what counts is the time of the login that it signs, which `claim` names; in milliseconds since the epoch.
 * Throws login_time_missing, login_not_fresh.
 */
export function checkFresh(provider: string, authenticatedAt: number | undefined, now: number, claim: string): void {
  if (authenticatedAt === undefined) {
    throw new SluiceError(
      "login_time_missing",
      `provider "${provider}" does not say when you logged in there, so this login cannot count as a fresh one; it has to be configured to send ${claim}`,
    );
  }
  if (now - authenticatedAt < FRESH_LOGIN_MS) return;
  throw new SluiceError(
    "login_not_fresh",
    `provider "${provider}" did not ask you anew: it says (${claim}) that you logged in there more than ${FRESH_LOGIN_MS / 60_000} minutes ago; log out there first`,
  );
}
