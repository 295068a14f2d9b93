/**
 * What somebody decides by way of a channel becomes a vote here, or a refusal, and nowhere else. The channel says which person it
 * was and how sure that is; who this person is now is asked of the gateway, and whether the vote counts is decided by the desk.
 * Both outcomes are on record. A yes to a risky request needs a passkey, by whatever door it comes; a no never does.
 */
import type { Clock } from "../core/clock.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Principal } from "../core/principal.ts";
import type { ReviewDesk, Shown } from "../reviews/index.ts";
import { checkVoter, type Review, type Vote } from "../reviews/review.ts";

export interface DecisionOptions {
  readonly desk: Pick<ReviewDesk, "show" | "vote">;
  readonly reviewOf: (id: string) => Promise<Review | undefined>;
  /** Who that is, with the rights of this moment; undefined when nobody knows, or the account is disabled. */
  readonly principalOf: (person: string) => Principal | undefined | Promise<Principal | undefined>;
  /**
   * Throws what keeps the principal from deciding anything at all, as the control API does: role, policy. `network`: address that
   * the click came from; undefined where nobody knows.
   */
  readonly authorize: (principal: Principal, network: string | undefined) => void;
  /** From this score on a yes needs a passkey; absent: never. */
  readonly stepUpRisk: () => number | undefined;
  readonly urlOf: (review: string) => string;
  readonly record: RecordEvent;
  readonly clock: Clock;
  /** Gets every refusal. Must not throw. */
  readonly onRefused: (error: SluiceError) => void;
}

export interface Said {
  readonly review: string;
  /** A person's id, or the principal where the gateway has just identified it. */
  readonly by: string | Principal;
  readonly decision: Vote["decision"];
  readonly comment?: string | undefined;
  readonly network?: string | undefined;
  /** `email`, `slack`, `browser`: for the record. */
  readonly channel: string;
  /** A passkey said yes to this very review. */
  readonly passkey?: boolean;
}

const UNKNOWN_MAX = 60;
const UNKNOWN_MS = 60_000;

export class Decisions {
  readonly #options: DecisionOptions;
  /** Refusals of people who have not proven who they are. */
  readonly #unknown = { since: 0, recorded: 0, skipped: 0 };

  constructor(options: DecisionOptions) {
    this.#options = options;
  }

  /** Throws person_unknown, step_up_required, review_unknown, and what `authorize` and the desk throw. */
  async decide(said: Said): Promise<Review> {
    const { desk, record } = this.#options;
    const person = typeof said.by === "string" ? said.by : said.by.id;
    try {
      const principal = await this.#principal(said);
      if (said.decision === "approve" && said.passkey !== true) await this.checkStepUp(said.review);
      const review = await desk.vote(said.review, principal, said.decision, said.comment, said.passkey);
      await record({
        name: "channel.decided",
        actor: person,
        target: said.review,
        facts: { channel: said.channel, decision: said.decision, passkey: said.passkey === true, state: review.state },
      });
      return review;
    } catch (thrown) {
      await this.refused(said.channel, toSluiceError(thrown), { person, review: said.review });
      throw thrown;
    }
  }

  /**
   * What will be sent, masked, for who may decide it at this moment. On record before it resolves, as each reading of a review is.
   * Throws person_unknown, review_unknown, review_closed, and what `authorize` and checkVoter throw.
   */
  async show(said: Pick<Said, "review" | "network" | "channel"> & { readonly by: string }): Promise<Shown> {
    const { review: id, by, channel } = said;
    try {
      const principal = await this.#principal(said);
      const shown = await this.#options.desk.show(id, principal);
      checkVoter(shown.review, principal, () => principal.groups);
      if (shown.state !== "pending")
        throw new SluiceError("review_closed", `review ${id} is ${shown.state} already`, { details: { review: id } });
      await this.#options.record({ name: "reviews.read", actor: by, target: id, facts: { channel } });
      return shown;
    } catch (thrown) {
      await this.refused(channel, toSluiceError(thrown), { person: by, review: id });
      throw thrown;
    }
  }

  /** Throws step_up_required, review_unknown. */
  async checkStepUp(id: string): Promise<void> {
    const risk = this.#options.stepUpRisk();
    if (risk === undefined) return;
    const review = await this.#options.reviewOf(id);
    if (review === undefined) throw new SluiceError("review_unknown", `there is no review ${id}`);
    if (!this.needsStepUp(review)) return;
    const url = this.#options.urlOf(id);
    throw new SluiceError(
      "step_up_required",
      `a yes to review ${id} needs a passkey, because its risk is ${risk} or more; decide it in a browser: ${url}`,
      { details: { review: id, review_url: url } },
    );
  }

  needsStepUp({ risk, kind }: Review): boolean {
    const from = this.#options.stepUpRisk();
    // Of what has happened already a yes allows nothing more.
    return from !== undefined && kind === "request" && risk.score >= from;
  }

  /**
   * Puts on record that somebody was refused; `who` only where that was proven. Of what anybody may cause without proving who he
   * is, so much each minute, and then how much more there was.
   */
  async refused(channel: string, error: SluiceError, who: { person?: string; review?: string } = {}): Promise<void> {
    this.#options.onRefused(error);
    const skipped = who.person === undefined ? this.#count() : 0;
    if (skipped === undefined) return;
    await this.#options.record({
      name: "channel.refused",
      ...(who.person === undefined ? {} : { actor: who.person }),
      ...(who.review === undefined ? {} : { target: who.review }),
      facts: { channel, code: error.code, ...(skipped === 0 ? {} : { skipped }) },
    });
  }

  /** How many were skipped since the last that was recorded; undefined when this one is skipped too. */
  #count(): number | undefined {
    const now = this.#options.clock();
    const unknown = this.#unknown;
    if (now - unknown.since >= UNKNOWN_MS) {
      unknown.since = now;
      unknown.recorded = 0;
    }
    if (unknown.recorded >= UNKNOWN_MAX) {
      unknown.skipped += 1;
      return undefined;
    }
    unknown.recorded += 1;
    const { skipped } = unknown;
    unknown.skipped = 0;
    return skipped;
  }

  async #principal({ by, network }: Pick<Said, "by" | "network">): Promise<Principal> {
    const { principalOf, authorize } = this.#options;
    const principal = typeof by === "string" ? await principalOf(by) : by;
    if (principal === undefined) {
      throw new SluiceError(
        "person_unknown",
        "this gateway does not know you, or has not seen you for too long; log in to it once in a browser",
      );
    }
    authorize(principal, network);
    return principal;
  }
}
