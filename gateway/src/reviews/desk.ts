/**
 * Where requests wait for people. The gate asks here before it sends what policy wants approved, and gets a grant or an error
 * that says what to do; approvers vote here, from whatever door they come. What is decided is in the database and on record
 * before anybody is told, and who waits is woken at once, in this process and in others. Nothing here decides: the rules are in
 * review.ts and grant.ts.
 */
import type { Clock } from "../core/clock.ts";
import type { Connection, Purpose } from "../core/connection.ts";
import type { ApprovalRule, Risk } from "../core/decision.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import { isInPerson, OWN_WAYS, type Principal } from "../core/principal.ts";
import type { Counts } from "../core/segment.ts";
import { covers, type Grant, grantEvent, grantOf, isAsked, type Need } from "./grant.ts";
import {
  approvers,
  cancel,
  castVote,
  checkVoter,
  expire,
  type GroupsOf,
  type Review,
  requested,
  type Sending,
  settle,
  stateAt,
  type Transition,
  type Vote,
} from "./review.ts";
import type { Change, ListQuery, Page, ReviewStore } from "./store.ts";
import { Waiting } from "./waiting.ts";
import { type Ending, GrantWatch } from "./watch.ts";

export interface ReviewSettings {
  /** From the request to the end of the time in which it can be decided. */
  readonly expiresMs: number;
  /** How long a single-use grant waits for its request. */
  readonly useMs: number;
  readonly pendingPerPrincipalMax: number;
  /** New ones of one principal. */
  readonly hourlyPerPrincipalMax: number;
  readonly pendingMax: number;
  /** Of what is to be sent, so much is shown. */
  readonly previewBytesMax: number;
  /** How long closed reviews and grants are kept. */
  readonly keepMs: number;
  /** From this risk on a yes takes a passkey. Absent: never. */
  readonly stepUpRisk?: number;
  /** Absent: nobody can break the glass. */
  readonly breakGlass?: {
    /** Who looks at it afterwards. */
    readonly approvals: readonly ApprovalRule[];
    readonly longestMs: number;
    /** Within which it has to be looked at. */
    readonly dueMs: number;
    /** For how long somebody cannot do it again after others said no to it, or nobody looked at it in time. */
    readonly pauseMs: number;
  };
}

export interface DeskOptions {
  readonly store: ReviewStore;
  readonly wakeups: {
    send(topic: string, message: string): Promise<void>;
    listen(topic: string, listener: { heard(message: string): void; missed(): void }): () => void;
  };
  readonly settings: () => ReviewSettings;
  /** Groups that a person is in now; empty for one who has left or is unknown. */
  readonly membership: (person: string) => Promise<readonly string[]>;
  /** People that an agent belongs to, by whichever of its principals it asks; empty for whoever is no agent. */
  readonly peopleOf: (principal: string) => readonly string[];
  /** Where an approver finds a review. */
  readonly urlOf: (review: string) => string;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** Gets what goes wrong in the background. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
}

export interface Ask {
  readonly principal: Principal;
  readonly purpose: Pick<Purpose, "id" | "basis">;
  readonly connection: Pick<Connection, "name" | "recipient">;
  /** SHA-256 of what is to be sent and how: equal for requests that one yes is good for. */
  readonly digest: Uint8Array;
  /** SHA-256 of its body alone. */
  readonly body: Uint8Array;
  readonly sending: Sending;
  readonly categories: readonly string[];
  readonly risk: Risk;
  /** Class of the number of findings; the larger the more. */
  readonly volume: number;
  /** Parts that nobody could scan, by kind. */
  readonly opaque: Counts;
  /** At least one. */
  readonly approvals: readonly ApprovalRule[];
  /** What is to be sent, masked, as UTF-8. */
  readonly preview: Uint8Array;
  /** Milliseconds that a yes is to hold for all requests of this scope and these categories; absent: for this one. */
  readonly windowMs?: number;
}

export interface BreakGlass {
  readonly principal: Principal;
  readonly purpose: Pick<Purpose, "id" | "basis">;
  readonly connection: Pick<Connection, "name" | "recipient">;
  readonly reason: string;
  readonly ms: number;
}

/** A review as one person sees it. */
export interface Shown {
  readonly review: Review;
  readonly state: Review["state"];
  readonly url: string;
  /** What is to be sent, masked; for break-glass the reason. Absent once the review is closed. */
  readonly preview?: string;
  /** By person. */
  readonly comments: ReadonlyMap<string, string>;
  /** What it has led to, or is about; absent where there is none, or it is forgotten. */
  readonly grant?: Grant;
  readonly mayVote: boolean;
}

/** Says which review, and where. */
type ApprovalCode = "approval_required" | "approval_denied" | "approval_expired";

const WAITERS_MAX = 20_000;
const SWEEP_MS = 1_000;
const SWEEP_MAX = 200;
const PURGE_MS = 10_000;
const ID_BYTES = 16;
const REVIEWS = "reviews";
const GRANTS = "grants";

export class ReviewDesk {
  readonly #options: DeskOptions;
  readonly #waiting = new Waiting<Need, Grant>();
  readonly #watch: GrantWatch;
  readonly #stop: (() => void)[] = [];
  /** Grants to be given back. */
  readonly #returning: Grant[] = [];
  #sweeping: NodeJS.Timeout | undefined;
  #purgedAt = 0;
  #closed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    const { wakeups, store, clock, onFault } = options;
    this.#watch = new GrantWatch({ read: (ids) => store.readGrants(ids), clock, onFault });
    this.#stop.push(
      wakeups.listen(REVIEWS, { heard: (id) => this.#waiting.wake(id), missed: () => this.#look() }),
      wakeups.listen(GRANTS, { heard: (id) => this.#watch.look([id]), missed: () => this.#watch.look() }),
    );
    this.#sweepLater();
  }

  /**
   * A grant for this request: one that is there, or the one that approvers give within `waitMs`. The same request sent again
   * while it is pending waits for the same review. Throws SluiceError (approval_required when it is still pending,
   * approval_denied, approval_expired), reviews_limited, client_closed when `signal` is aborted; aborted with a SluiceError as
   * its reason it throws that, and nobody is asked any more.
   */
  async ask(ask: Ask, signal: AbortSignal | undefined, waitMs: number): Promise<Grant> {
    if (ask.approvals.length === 0) throw new Error("assertion: nobody is to be asked");
    const { clock, store } = this.#options;
    const need = this.#needOf(ask);
    const until = clock() + waitMs;
    for (;;) {
      checkThere(signal);
      const grant = await this.#taken(need, signal);
      if (grant !== undefined) return grant;
      const joined = await this.#joined(ask, need);
      if (joined === undefined) continue;
      const { review, isNew } = joined;
      // Another one may have been opened and granted since we looked: with ours in place, none can be any more.
      const late = isNew ? await this.#taken(need, signal) : undefined;
      if (late !== undefined) {
        try {
          await this.#drop(review);
        } catch (thrown) {
          await this.giveBack(late);
          throw thrown;
        }
        return late;
      }
      const place = this.#waiting.join(review.id, need);
      const overloaded = this.#waiting.count > WAITERS_MAX;
      let handed: Grant | undefined;
      let lost = true;
      try {
        // What was decided before we joined has woken nobody.
        if (!overloaded && (await store.closedOf([review.id])).length === 0) {
          await place.until(Math.min(until, review.expiresAt) - clock(), signal);
        }
        lost = signal?.aborted === true;
      } finally {
        handed = await place.leave();
        if (handed !== undefined && lost) await this.giveBack(handed);
      }
      if (signal?.reason instanceof SluiceError && !this.#waiting.has(review.id)) await this.#drop(review);
      checkThere(signal);
      if (handed !== undefined) return handed;
      if (overloaded || this.#closed) throw this.#required(review);
      await this.#checkDecided(review.id, until);
    }
  }

  /** What the grant was taken for did not come about: one for a single use is there again. Never rejects. */
  async giveBack(grant: Grant): Promise<void> {
    const { store, clock, onFault } = this.#options;
    if (grant.state !== "used") return;
    try {
      await store.giveBack(grant, clock());
    } catch (thrown) {
      // What cannot be recorded does not happen; the sweep tries again.
      this.#returning.push(grant);
      onFault(toSluiceError(thrown));
    }
  }

  /**
   * A person's vote. `passkey`: it was given with one. Throws review_unknown, review_closed, approval_self, permission_missing.
   */
  async vote(
    id: string,
    voter: Principal,
    decision: Vote["decision"],
    comment?: string,
    passkey = false,
  ): Promise<Review> {
    const { store, clock } = this.#options;
    const known = await this.#read(id);
    const groups = await this.#groupsOf(known, voter);
    const said = comment === undefined || comment === "" ? undefined : await store.sealComment(id, voter.id, comment);
    // If this vote is the last one, a request that waits here goes on with it, without another turn of database and log.
    const claim = this.#waiting.claim(id);
    try {
      let grant: Grant | undefined;
      const voted = await store.change(id, (review) => {
        const now = clock();
        const transition = castVote(review, voter, decision, now, groups.of, passkey);
        const change = this.#granting(transition, groups.of, now, voter.id, claim?.wish);
        grant = change.grant;
        return said === undefined ? change : { ...change, comment: said };
      });
      claim?.settle(grant?.state === "used" ? grant : undefined);
      // Votes that came in between were by people whose groups nobody had asked for: once more with theirs.
      const unsettled = voted.state === "pending" && voted.votes.some(({ person }) => !groups.knows(person));
      const result = unsettled ? await this.#settled(id, voter) : voted;
      if (result.state !== "pending") await this.#tell(result);
      return result;
    } finally {
      claim?.settle(undefined);
    }
  }

  /** The requester takes it back. Throws review_unknown, review_closed, permission_missing. */
  async cancel(id: string, by: Principal): Promise<Review> {
    const { store, clock } = this.#options;
    const review = await store.change(id, (pending) => {
      if (pending.requester !== by.id || pending.kind !== "request" || !maySee(by, pending)) {
        throw new SluiceError("permission_missing", `review ${id} is not a request of yours`);
      }
      return cancel(pending, clock(), by.id);
    });
    await this.#tell(review);
    return review;
  }

  /** Throws review_unknown for whoever neither asked for it, nor decides it, nor has decided it; and for agents and services unless they asked. */
  async show(id: string, viewer: Principal): Promise<Shown> {
    const { store, clock, urlOf } = this.#options;
    const review = await this.#read(id);
    const { groups } = viewer;
    const decides = review.approvals.some(({ group }) => groups.includes(group));
    const hasPart = review.parties.includes(viewer.id) || review.votes.some(({ person }) => person === viewer.id);
    if ((!decides && !hasPart) || !maySee(viewer, review)) throw unknownReview(id);
    const state = stateAt(review, clock());
    const preview = state === "pending" ? await store.preview(id) : undefined;
    const grant = review.grant === undefined ? undefined : await store.readGrant(review.grant);
    return {
      review,
      state,
      url: urlOf(id),
      ...(preview === undefined ? {} : { preview: Buffer.from(preview).toString("utf8") }),
      ...(grant === undefined ? {} : { grant }),
      comments: await store.comments(id),
      mayVote: state === "pending" && mayVote(review, viewer, () => groups),
    };
  }

  /** `decide`: what waits for the groups of this principal, if it is a person. `requested`: what it asked for. */
  async list(
    viewer: Principal,
    view: "decide" | "requested",
    page: Pick<ListQuery, "state" | "limit" | "cursor">,
  ): Promise<Page> {
    const { store } = this.#options;
    const { id, groups } = viewer;
    if (view === "decide")
      return isInPerson(viewer) ? store.list({ ...page, of: { groups, not: id } }) : { reviews: [] };
    const actors = isInPerson(viewer) ? {} : { actors: viewer.actors.map((each) => each.id) };
    return store.list({ ...page, of: { requester: id, ...actors } });
  }

  /** Ends a grant and what runs under it. Throws grant_unknown, grant_ended. */
  async revoke(id: string, by: string): Promise<Grant> {
    const { store, clock, wakeups } = this.#options;
    const grant = await store.revoke(id, clock(), by);
    await wakeups.send(GRANTS, id);
    return grant;
  }

  /**
   * In an emergency a person takes a grant that nobody has given. It goes on record as an alarm, and a review of it opens that
   * others have to decide in time; a no, or no answer, ends the grant. Throws permission_missing, field_invalid,
   * break_glass_refused.
   */
  async breakGlass({ principal, purpose, connection, reason, ms }: BreakGlass): Promise<Grant> {
    const { store, clock, settings } = this.#options;
    const rules = settings().breakGlass;
    if (rules === undefined)
      throw new SluiceError("permission_missing", "break-glass is not set up (reviews.break_glass)");
    if (!isInPerson(principal))
      throw new SluiceError("permission_missing", `only people themselves break the glass, ${OWN_WAYS}`);
    if (reason.trim() === "") throw new SluiceError("field_invalid", "reason: say why");
    if (!(ms > 0 && ms <= rules.longestMs)) {
      throw new SluiceError(
        "field_invalid",
        `minutes: more than 0 and at most ${Math.floor(rules.longestMs / 60_000)}`,
      );
    }
    const now = clock();
    const review: Review = {
      ...this.#reviewOf({ principal, purpose, connection }, now, now + rules.dueMs),
      kind: "after-the-fact",
      digest: "",
      categories: [],
      risk: { score: 100, reasons: ["break-glass"] },
      volume: 0,
      opaque: {},
      approvals: rules.approvals,
      bytes: Buffer.byteLength(reason),
      grant: this.#newId("gr"),
    };
    const grant: Grant = {
      ...grantOf(review, review.grant ?? "", [], now, ms),
      kind: "break-glass",
      approvals: [],
    };
    const alarm = {
      name: "break-glass.opened",
      actor: principal.id,
      target: grant.id,
      facts: { alarm: true, connection: connection.name, minutes: ms / 60_000, purpose: purpose.id, review: review.id },
    };
    const events = [alarm, grantEvent(grant, "opened", principal.id), requested(review)];
    const inTheWay = await store.againstGlass(grant, now, now - rules.pauseMs);
    if (inTheWay !== undefined) throw this.#glassRefused(inTheWay, rules.pauseMs);
    const kept = await store.insert({ review, events, grant }, Buffer.from(reason));
    if (kept === undefined) throw new SluiceError("break_glass_refused", "you have broken the glass this very moment");
    return grant;
  }

  #glassRefused({ id, kind, state, decidedAt = 0 }: Review, pauseMs: number): SluiceError {
    const url = this.#options.urlOf(id);
    const notBefore = `not before ${new Date(decidedAt + pauseMs).toISOString()}`;
    let why = `review ${id} said no to the last time; ${notBefore}`;
    if (kind === "request") why = `review ${id} said no to a request of yours like that, so somebody can be asked`;
    else if (state === "pending") why = `review ${id} of the last time waits for others to look at it`;
    else if (state === "expired")
      why = `nobody has looked at the last time (review ${id}) while there was time; ${notBefore}`;
    return new SluiceError("break_glass_refused", `the glass stays whole: ${why}: ${url}`, {
      details: { review: id, review_url: url },
    });
  }

  /** As GrantWatch.add: `listener` is called once when what runs under the grant has to end. */
  watch(grant: Grant, listener: (why: Ending) => void): () => void {
    return this.#watch.add(grant, listener);
  }

  /** A principal is no longer welcome: what it waits for is cancelled, what it was granted ends, with what runs under it. */
  async dismiss(principal: string, by: string): Promise<void> {
    const { store, clock } = this.#options;
    const open = await store.openOf(principal);
    for (const id of open.reviews) {
      const review = await unlessDone(() => store.change(id, (pending) => cancel(pending, clock(), by)));
      if (review !== undefined) await this.#tell(review);
    }
    for (const id of open.grants) await unlessDone(() => this.revoke(id, by));
  }

  /** Puts on record what time has decided, and forgets what is old. Runs by itself every second. */
  async sweep(): Promise<void> {
    const { store, clock, settings, wakeups } = this.#options;
    const now = clock();
    for (const grant of this.#returning.splice(0)) await this.giveBack(grant);
    const due = await store.due(now, SWEEP_MAX);
    for (const id of due.reviews) {
      const review = await unlessDone(() =>
        store.change(id, (pending) => {
          const transition = expire(pending, now);
          return transition === undefined ? undefined : withRevocation(transition);
        }),
      );
      if (review !== undefined) await this.#tell(review);
    }
    for (const grant of due.grants) if (await store.end(grant, now)) await wakeups.send(GRANTS, grant.id);
    if (now - this.#purgedAt < PURGE_MS) return;
    this.#purgedAt = now;
    await store.purge(now - settings().keepMs, SWEEP_MAX);
  }

  /** Stops sweeping and listening. Who waits is let go with approval_required. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweeping);
    this.#watch.close();
    for (const stop of this.#stop.splice(0)) stop();
    this.#waiting.wakeAll();
  }

  /**
   * A grant that is there. One that was used up for a client that is gone by now was not: it is given back. A no to these bytes
   * stands before any grant.
   */
  async #taken(need: Need, signal: AbortSignal | undefined): Promise<Grant | undefined> {
    const { clock, store } = this.#options;
    const denied = await store.denied(need, clock());
    if (denied !== undefined) throw this.#denied(denied);
    const grant = await store.take(need, clock());
    if (grant !== undefined && signal?.aborted === true) await this.giveBack(grant);
    checkThere(signal);
    return grant;
  }

  /** The pending review to wait for. Undefined when it was decided while we looked. */
  async #joined(ask: Ask, need: Need): Promise<{ review: Review; isNew: boolean } | undefined> {
    const { store, clock, settings } = this.#options;
    for (;;) {
      const now = clock();
      let replaced: Transition | undefined;
      for (const found of await store.find(need, now)) {
        if (found.state === "denied") throw this.#denied(found);
        if (found.state !== "pending") return undefined;
        if (stateAt(found, now) === "pending" && isAsked(found.approvals, need.approvals)) {
          return { review: found, isNew: false };
        }
        // Its time is over, or policy asks for other people by now: who waits for it will join the new one.
        replaced = expire(found, now) ?? cancel(found, now);
      }
      const { expiresMs, pendingMax, pendingPerPrincipalMax, hourlyPerPrincipalMax, previewBytesMax } = settings();
      const { sending, categories, risk, volume, opaque, approvals, windowMs, preview } = ask;
      const review: Review = {
        ...this.#reviewOf(ask, now, now + expiresMs),
        kind: "request",
        digest: need.digest,
        body: need.body,
        sending,
        categories,
        risk,
        volume,
        opaque,
        approvals,
        ...(windowMs === undefined ? {} : { windowMs }),
        bytes: preview.length,
      };
      const kept = await store.insert(
        { review, events: [requested(review)] },
        beginning(preview, previewBytesMax),
        { perPrincipal: pendingPerPrincipalMax, hourly: hourlyPerPrincipalMax, all: pendingMax },
        replaced,
      );
      if (kept === undefined) continue;
      if (replaced !== undefined) await this.#tell(replaced.review);
      return { review: kept, isNew: true };
    }
  }

  /** Throws unless there is something to look for: a grant to take, another review to join, or time to wait. */
  async #checkDecided(id: string, until: number): Promise<void> {
    const review = await this.#read(id);
    const now = this.#options.clock();
    switch (stateAt(review, now)) {
      case "pending":
        if (now >= until) throw this.#required(review);
        return;
      case "granted":
        return;
      case "denied":
        throw this.#denied(review);
      case "expired":
        throw this.#error("approval_expired", review, "was not decided in time; send the request again to ask anew");
      case "cancelled":
        if (review.withdrawn === true) throw this.#error("approval_denied", review, "was taken back");
        return;
    }
  }

  async #settled(id: string, voter: Principal): Promise<Review> {
    const { store, clock } = this.#options;
    const groups = await this.#groupsOf(await this.#read(id), voter);
    try {
      return await store.change(id, (review) => {
        const now = clock();
        const transition = settle(review, now, groups.of);
        return transition === undefined ? undefined : this.#granting(transition, groups.of, now);
      });
    } catch (thrown) {
      if (thrown instanceof SluiceError && thrown.code === "review_closed") return this.#read(id);
      throw thrown;
    }
  }

  /** What follows from a decision: a yes makes a grant, used at once for `waiting` if it covers that; a no ends one that was taken. */
  #granting(transition: Transition, groupsOf: GroupsOf, now: number, by?: string, waiting?: Need): Change {
    const { review, events } = transition;
    if (review.state !== "granted") return withRevocation(transition, by);
    if (review.kind === "after-the-fact") return transition;
    const { useMs } = this.#options.settings();
    const grant = grantOf(review, this.#newId("gr"), approvers(review, groupsOf), now, useMs);
    const opened: Change = {
      review: { ...review, grant: grant.id },
      events: [...events, grantEvent(grant, "opened")],
      grant,
    };
    if (waiting === undefined || grant.kind !== "single-use" || !covers(grant, waiting, now)) return opened;
    const used = grantEvent(grant, "used", grant.principal);
    return { ...opened, events: [...opened.events, used], grant: { ...grant, state: "used", usedAt: now } };
  }

  #reviewOf(
    { principal, purpose, connection }: Pick<Ask, "principal" | "purpose" | "connection">,
    now: number,
    end: number,
  ) {
    const actors = principal.actors.map(({ id }) => id);
    const asking = [principal.id, ...actors];
    return {
      id: this.#newId("rv"),
      state: "pending",
      requester: principal.id,
      actors,
      parties: [...new Set([...asking, ...asking.flatMap((each) => this.#options.peopleOf(each))])],
      purpose: purpose.id,
      basis: purpose.basis,
      connection: connection.name,
      recipient: { name: connection.recipient.name, country: connection.recipient.country },
      createdAt: now,
      expiresAt: end,
      votes: [],
    } as const;
  }

  /** Of everybody who has voted, and of the voter: what the credential says and is still so. */
  async #groupsOf(review: Review, voter: Principal): Promise<{ of: GroupsOf; knows: (person: string) => boolean }> {
    const people = [...new Set([voter.id, ...review.votes.map(({ person }) => person)])];
    const groups = new Map(
      await Promise.all(
        people.map(async (person) => {
          const now = await this.#options.membership(person);
          return [person, person === voter.id ? now.filter((group) => voter.groups.includes(group)) : now] as const;
        }),
      ),
    );
    return { of: (person) => groups.get(person) ?? [], knows: (person) => groups.has(person) };
  }

  async #read(id: string): Promise<Review> {
    const review = await this.#options.store.read(id);
    if (review === undefined) throw unknownReview(id);
    return review;
  }

  /** It is not needed as it is: nobody is to decide it any more. */
  async #drop(review: Review): Promise<void> {
    const { store, clock } = this.#options;
    await unlessDone(() => store.change(review.id, (pending) => cancel(pending, clock())));
    await this.#tell(review);
  }

  async #tell(review: Review): Promise<void> {
    const { wakeups } = this.#options;
    await wakeups.send(REVIEWS, review.id);
    if (review.grant !== undefined) await wakeups.send(GRANTS, review.grant);
  }

  #required(review: Review): SluiceError {
    return this.#error(
      "approval_required",
      review,
      "has to be approved first; send the same request again, unchanged, once it is",
    );
  }

  #denied(review: Review): SluiceError {
    return this.#error("approval_denied", review, "was denied");
  }

  #error(code: ApprovalCode, { id }: Review, what: string): SluiceError {
    const url = this.#options.urlOf(id);
    return new SluiceError(code, `review ${id} ${what}: ${url}`, { details: { review: id, review_url: url } });
  }

  #needOf({ principal, purpose, connection, digest, risk, ...rest }: Ask): Need {
    const { stepUpRisk } = this.#options.settings();
    return {
      principal: principal.id,
      actors: principal.actors.map(({ id }) => id),
      purpose: purpose.id,
      basis: purpose.basis,
      connection: connection.name,
      recipient: { name: connection.recipient.name, country: connection.recipient.country },
      digest: Buffer.from(digest).toString("base64url"),
      body: Buffer.from(rest.body).toString("base64url"),
      endpoint: rest.sending.endpoint,
      categories: rest.categories,
      risk: risk.score,
      volume: rest.volume,
      opaque: rest.opaque,
      approvals: rest.approvals,
      stepUp: stepUpRisk !== undefined && risk.score >= stepUpRisk,
    };
  }

  #newId(kind: string): string {
    return `${kind}-${Buffer.from(this.#options.random(ID_BYTES)).toString("hex")}`;
  }

  /** Wake-ups may have been lost: whoever waits for what is closed is woken. */
  #look(): void {
    this.#options.store
      .closedOf(this.#waiting.ids())
      .then((closed) => closed.forEach((id) => this.#waiting.wake(id)))
      .catch((thrown: unknown) => this.#options.onFault(toSluiceError(thrown)));
  }

  #sweepLater(): void {
    this.#sweeping = setTimeout(() => {
      this.sweep()
        .catch((thrown: unknown) => {
          // The database may be closed by then; the next start goes on where this one stopped.
          if (!this.#closed) this.#options.onFault(toSluiceError(thrown));
        })
        .finally(() => {
          if (!this.#closed) this.#sweepLater();
        });
    }, SWEEP_MS);
    this.#sweeping.unref();
  }
}

/** A person sees all that concerns it. Others see what they asked themselves, for the same principal by the same agents. */
function maySee(viewer: Principal, { requester, actors }: Review): boolean {
  if (isInPerson(viewer)) return true;
  return requester === viewer.id && actors.join(" ") === viewer.actors.map(({ id }) => id).join(" ");
}

/** A review that says no afterwards ends the grant that it is about. */
function withRevocation(transition: Transition, by?: string): Change {
  const { state, grant } = transition.review;
  if (grant === undefined || (state !== "denied" && state !== "expired")) return transition;
  return { ...transition, revokes: by === undefined ? { grant } : { grant, by } };
}

function mayVote(review: Review, voter: Principal, groupsOf: GroupsOf): boolean {
  try {
    checkVoter(review, voter, groupsOf);
    return true;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return false;
    throw thrown;
  }
}

/** Undefined when somebody else was first, which is as well. */
async function unlessDone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    const codes = ["review_closed", "review_unknown", "grant_ended", "grant_unknown"];
    if (thrown instanceof SluiceError && codes.includes(thrown.code)) return undefined;
    throw thrown;
  }
}

/** The first bytes of a UTF-8 text, up to the end of a character. */
function beginning(text: Uint8Array, bytesMax: number): Uint8Array {
  if (text.length <= bytesMax) return text;
  let end = bytesMax;
  while (end > 0 && ((text[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return text.subarray(0, end);
}

function checkThere(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  if (signal.reason instanceof SluiceError) throw signal.reason;
  throw new SluiceError("client_closed", "the client left while its request waited for approval");
}

function unknownReview(id: string): SluiceError {
  return new SluiceError("review_unknown", `there is no review ${id} that you have a part in`);
}
