/**
 * Who may not come in any more, whatever proves it: people and agents that were taken out elsewhere (SCIM, back-channel logout).
 * In memory and looked at with every request, so that a token which is good for another hour is not good for another second.
 */
import { SluiceError } from "../core/errors.ts";
import { isAmong, type Principal } from "../core/principal.ts";

export interface Disabled {
  /** True when somebody is disabled by it who was not before. Listeners are called before it returns. */
  disable(principalId: string): boolean;
  /** True when it was disabled. */
  enable(principalId: string): boolean;
  has(principalId: string): boolean;
  /** Throws `account_disabled` when the principal, or anybody who acts for it, is disabled. */
  check(principal: Principal): void;
  /** The same for somebody of whom only the id is known. */
  checkId(principalId: string): void;
  /** Tells of each principal that is disabled from now on, by id: what runs for it is to be ended. Returns how to stop listening. */
  onDisabled(listener: (principalId: string) => void): () => void;
}

export function createDisabled(principalIds: Iterable<string> = []): Disabled {
  const disabled = new Set(principalIds);
  const listeners = new Set<(principalId: string) => void>();
  return {
    disable(id) {
      if (disabled.has(id)) return false;
      disabled.add(id);
      for (const listener of listeners) listener(id);
      return true;
    },
    enable: (id) => disabled.delete(id),
    has: (id) => disabled.has(id),
    check(principal) {
      // The usual case, and it stands before every request.
      if (disabled.size === 0) return;
      if (isAmong(principal, (id) => disabled.has(id))) throw refused();
    },
    checkId(id) {
      if (disabled.has(id)) throw refused();
    },
    onDisabled(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function refused(): SluiceError {
  return new SluiceError("account_disabled", "this account, or an agent that acts for it, has been disabled");
}
