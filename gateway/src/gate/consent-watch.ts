/**
 * What runs, or waits, and is about somebody: when that person takes consent back or opts out of AI, the decision is made again
 * with nothing changed but the word (GDPR Art. 7(3), 21), and what it denies now ends. So a withdrawal ends only what rests on
 * consent, by its lawful basis or by a policy, and an opt-out all that names the person. While the ledger cannot be asked, what
 * runs goes on and is asked about again and again.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { FoundFacts } from "../core/decision.ts";
import { SluiceError } from "../core/errors.ts";
import type { ConsentState } from "../core/register.ts";
import type { Admitted, Authorizer, Surroundings } from "../policy/index.ts";

/** A decision, as it can be made again. */
export interface Concern {
  /** Whom it is about. */
  readonly subject: string;
  readonly authorizer: Authorizer;
  readonly admitted: Admitted;
  readonly found: FoundFacts;
  readonly surroundings: Surroundings;
  /** `ConsentWatch.changes` before the ledger was asked. */
  readonly since: number;
}

interface Watched {
  readonly concern: Concern;
  readonly end: (error: SluiceError) => void;
  /** Changes that were heard of and not looked at. */
  unseen: number;
}

const RETRY_MS = 250;

export class ConsentWatch {
  readonly #ask: (subject: string, purpose: string) => ConsentState | Promise<ConsentState>;
  readonly #watched = new Set<Watched>();
  #changes = 0;

  constructor(ask: (subject: string, purpose: string) => ConsentState | Promise<ConsentState>) {
    this.#ask = ask;
  }

  /** How often something has changed. What the ledger says now may be forgotten by it once this is another number. */
  get changes(): number {
    return this.#changes;
  }

  /** `end` is called at most once, when the person's word does not allow it any more; also when that changed since it was asked. */
  add(concern: Concern, end: (error: SluiceError) => void): () => void {
    const watched: Watched = { concern, end, unseen: 0 };
    this.#watched.add(watched);
    if (concern.since !== this.#changes) void this.#look(watched);
    return () => void this.#watched.delete(watched);
  }

  /** Somebody said something. `concerns`: was it this person, or may it have been? */
  changed(concerns: (subject: string) => boolean): void {
    this.#changes += 1;
    for (const watched of this.#watched) if (concerns(watched.concern.subject)) void this.#look(watched);
  }

  /** One look at a time; what changes meanwhile is looked at by the same. Never rejects. */
  async #look(watched: Watched): Promise<void> {
    watched.unseen += 1;
    if (watched.unseen > 1) return;
    while (watched.unseen > 0 && this.#watched.has(watched)) {
      const seen = watched.unseen;
      try {
        const error = await this.#lost(watched.concern);
        if (error !== undefined && this.#watched.delete(watched)) watched.end(error);
        watched.unseen -= seen;
      } catch {
        // The database has reported its own fault, and refuses what begins; what runs is looked at when it answers.
        await pause(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async #lost({ subject, authorizer, admitted, found, surroundings }: Concern): Promise<SluiceError | undefined> {
    const consent = await this.#ask(subject, admitted.resolved.id);
    const decision = authorizer.decide(admitted, found, { ...surroundings, consent });
    return decision.effect === "deny" ? new SluiceError(decision.code, decision.message) : undefined;
  }
}
