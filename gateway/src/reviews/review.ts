/**
 * A request for approval and what may become of it: pending → granted | denied | expired | cancelled. Pure: the time, and who
 * belongs to which group now, are parameters. Nobody who has a part in a request ever counts for it, whatever role he has, and
 * what was decided is never decided again. Every change says what goes on record with it.
 */
import type { ApprovalRule, Risk } from "../core/decision.ts";
import { SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import { OWN_WAYS, type Principal } from "../core/principal.ts";
import type { Counts } from "../core/segment.ts";

export type ReviewState = "pending" | "granted" | "denied" | "expired" | "cancelled";

export interface Review {
  readonly id: string;
  /** `request`: something waits for it. `after-the-fact`: somebody broke the glass, and it is looked at afterwards. */
  readonly kind: "request" | "after-the-fact";
  readonly state: ReviewState;
  /** Principal on whose behalf it was asked for. */
  readonly requester: string;
  /** Agents that act for the requester, the one that sent the request first. */
  readonly actors: readonly string[];
  /** Everybody in whose name it was asked for: requester, agents, and the people that the agents belong to. */
  readonly parties: readonly string[];
  readonly purpose: string;
  /** DPV term of the lawful basis. */
  readonly basis: string;
  readonly connection: string;
  readonly recipient: { readonly name: string; readonly country: string };
  /** base64url SHA-256 of what is to be sent and how; empty where nothing in particular is. */
  readonly digest: string;
  /** The same of the body alone; absent where nothing in particular is sent. */
  readonly body?: string;
  /** Absent where nothing in particular is sent. */
  readonly sending?: Sending;
  /** Categories of personal data that were found in it. */
  readonly categories: readonly string[];
  readonly risk: Risk;
  /** Class of the number of findings; the larger the more. */
  readonly volume: number;
  /** Parts of it that nobody could scan, by kind. */
  readonly opaque: Counts;
  /** All of them must be met. */
  readonly approvals: readonly ApprovalRule[];
  /** Milliseconds that a yes holds for every request of this scope; absent: it holds for this very request, once. */
  readonly windowMs?: number;
  /** The grant that it has led to, or that it is about where that was there first. */
  readonly grant?: string;
  /** Bytes of what is to be sent; the preview may show less. */
  readonly bytes: number;
  readonly createdAt: number;
  /** From then on it is expired, decided or not by a sweep. */
  readonly expiresAt: number;
  readonly decidedAt?: number;
  /** It was cancelled by somebody, and not because another review takes its place. */
  readonly withdrawn?: true;
  /** One of each person, in the order in which they came. */
  readonly votes: readonly Vote[];
}

/** In what way a request is sent, beside its body. */
export interface Sending {
  /** In the words of its family: `chat.completions`; of a custom API the path. */
  readonly endpoint: string;
  /** Empty where the connection has none to choose from. */
  readonly model: string;
  /** Without `?`; usually empty. */
  readonly query: string;
  /** Of the client's headers those that reach the target: name, value, name, value. */
  readonly headers: readonly string[];
}

/** As one line for people. */
export function wayOf({ endpoint, model, query, headers }: Sending): string {
  const parts = [endpoint, ...(model === "" ? [] : [`model ${model}`]), ...(query === "" ? [] : [`?${query}`])];
  for (let at = 0; at < headers.length; at += 2) parts.push(`${headers[at]}: ${headers[at + 1]}`);
  return parts.join("; ");
}

export interface Vote {
  readonly person: string;
  readonly decision: "approve" | "deny";
  readonly at: number;
  /** It was given with a passkey. */
  readonly passkey?: true;
}

/** What a change leads to, and what goes on record before it is in force. */
export interface Transition {
  readonly review: Review;
  readonly events: readonly ControlEvent[];
}

/** Groups of a person now; empty for one who has left. */
export type GroupsOf = (person: string) => readonly string[];

export type Voter = Pick<Principal, "id" | "kind" | "actors" | "heldByOthers">;

/** The state as it is at `now`: nothing needs to run for a review to expire. */
export function stateAt(review: Pick<Review, "state" | "expiresAt">, now: number): ReviewState {
  return review.state === "pending" && now >= review.expiresAt ? "expired" : review.state;
}

/** May `voter` vote here, the state aside? Throws approval_self or permission_missing. */
export function checkVoter(review: Review, voter: Voter, groupsOf: GroupsOf): void {
  if (review.parties.includes(voter.id)) {
    throw new SluiceError(
      "approval_self",
      `review ${review.id} was asked for by you or in your name; somebody else has to decide it`,
    );
  }
  if (voter.kind !== "human" || voter.actors.length > 0) {
    throw new SluiceError(
      "permission_missing",
      `review ${review.id} is decided by people themselves, not by services or agents`,
    );
  }
  if (voter.heldByOthers === true) {
    throw new SluiceError("permission_missing", `review ${review.id} is decided ${OWN_WAYS}`);
  }
  const groups = groupsOf(voter.id);
  if (!review.approvals.some(({ group }) => groups.includes(group))) {
    const wanted = [...new Set(review.approvals.map(({ group }) => group))];
    throw new SluiceError("permission_missing", `review ${review.id} is decided by ${wanted.join(", ")}`);
  }
}

/**
 * A person's vote. One no ends the review. A yes may become a no while it is pending, never the other way round; said again it
 * adds nothing, and what is enough by now is seen. Throws approval_self, permission_missing, review_closed.
 */
export function castVote(
  review: Review,
  voter: Voter,
  decision: Vote["decision"],
  now: number,
  groupsOf: GroupsOf,
  passkey = false,
): Transition {
  checkVoter(review, voter, groupsOf);
  checkOpen(review, now);
  const before = review.votes.find(({ person }) => person === voter.id);
  const vote: Vote = { person: voter.id, decision, at: now, ...(passkey ? { passkey } : {}) };
  const voted: Review =
    before?.decision === decision && (before.passkey === true || !passkey)
      ? review
      : { ...review, votes: [...review.votes.filter((each) => each !== before), vote] };
  const said: ControlEvent[] =
    voted === review
      ? []
      : [{ name: "review.voted", actor: voter.id, target: review.id, facts: { decision, kind: review.kind } }];
  if (decision === "deny") {
    const denied = close(voted, "denied", now);
    return {
      review: denied,
      events: [...said, { name: "review.denied", actor: voter.id, target: review.id, facts: factsOf(denied) }],
    };
  }
  const granted = settle(voted, now, groupsOf);
  return granted === undefined ? { review: voted, events: said } : { ...granted, events: [...said, ...granted.events] };
}

/** Granted, if the people who said yes are enough by the groups they are in now. */
export function settle(review: Review, now: number, groupsOf: GroupsOf): Transition | undefined {
  if (stateAt(review, now) !== "pending" || !isMet(review, groupsOf)) return undefined;
  const granted = close(review, "granted", now);
  return { review: granted, events: [{ name: "review.granted", target: review.id, facts: factsOf(granted) }] };
}

/** No time left means no. Undefined when there is time, or when it is over anyway. */
export function expire(review: Review, now: number): Transition | undefined {
  if (review.state !== "pending" || now < review.expiresAt) return undefined;
  const expired = close(review, "expired", now);
  return { review: expired, events: [{ name: "review.expired", target: review.id, facts: factsOf(expired) }] };
}

/** `by`: who takes it back; absent when the gateway does, because it is not needed as it is. Throws review_closed. */
export function cancel(review: Review, now: number, by?: string): Transition {
  checkOpen(review, now);
  const cancelled: Review = { ...close(review, "cancelled", now), ...(by === undefined ? {} : { withdrawn: true }) };
  const event = { name: "review.cancelled", target: review.id, facts: factsOf(cancelled) };
  return { review: cancelled, events: [by === undefined ? event : { ...event, actor: by }] };
}

/** People who said yes and still may, by the groups they are in now. */
export function approvers({ parties, votes, approvals }: Review, groupsOf: GroupsOf): readonly string[] {
  const people = votes
    .filter(({ person, decision }) => decision === "approve" && !parties.includes(person))
    .filter(({ person }) => groupsOf(person).some((group) => approvals.some((rule) => rule.group === group)));
  return [...new Set(people.map(({ person }) => person))];
}

function isMet(review: Review, groupsOf: GroupsOf): boolean {
  const people = approvers(review, groupsOf);
  // No rule asks for nobody, and nobody having said yes is never enough.
  if (review.approvals.length === 0 || people.length === 0) return false;
  return review.approvals.every(
    (rule) => people.filter((person) => groupsOf(person).includes(rule.group)).length >= rule.people,
  );
}

function checkOpen(review: Review, now: number): void {
  const state = stateAt(review, now);
  if (state !== "pending") throw new SluiceError("review_closed", `review ${review.id} is ${state} already`);
}

function close(review: Review, state: ReviewState, now: number): Review {
  return { ...review, state, decidedAt: now };
}

function factsOf({ categories, connection, kind, purpose, risk, votes }: Review): NonNullable<ControlEvent["facts"]> {
  return { categories, connection, kind, purpose, risk: risk.score, votes: votes.length };
}

/** What goes on record when it is asked for. */
export function requested(review: Review): ControlEvent {
  return { name: "review.requested", actor: review.requester, target: review.id, facts: factsOf(review) };
}
