/**
 * Every refused request goes on record, but a flood of refusals must not fill the log or the disk: each credential (and
 * everybody without one together) has a budget of recorded refusals; what exceeds it is counted, and the next recorded
 * refusal carries that count as `suppressed`.
 */

const REFUSALS_PER_SECOND = 10;
const REFUSALS_BURST = 50;
const SOURCES_MAX = 10_000;

interface Budget {
  tokens: number;
  refilledAt: number;
  suppressed: number;
}

export class RefusalBudget {
  readonly #budgets = new Map<string, Budget>();

  /** How many refusals were left out since the last recorded one, when this one is to be recorded; undefined when it is not. */
  take(source: string, now: number): number | undefined {
    const budget = this.#budget(source, now);
    budget.tokens = Math.min(
      REFUSALS_BURST,
      budget.tokens + (Math.max(0, now - budget.refilledAt) * REFUSALS_PER_SECOND) / 1000,
    );
    budget.refilledAt = now;
    if (budget.tokens < 1) {
      budget.suppressed += 1;
      return undefined;
    }
    budget.tokens -= 1;
    const suppressed = budget.suppressed;
    budget.suppressed = 0;
    return suppressed;
  }

  #budget(source: string, now: number): Budget {
    const known = this.#budgets.get(source);
    if (known !== undefined) return known;
    // The oldest source goes first (a Map keeps insertion order); losing a budget only resets it.
    if (this.#budgets.size >= SOURCES_MAX) {
      const oldest = this.#budgets.keys().next();
      if (oldest.done !== true) this.#budgets.delete(oldest.value);
    }
    const fresh = { tokens: REFUSALS_BURST, refilledAt: now, suppressed: 0 };
    this.#budgets.set(source, fresh);
    return fresh;
  }
}
