/**
 * A yes: what it is good for, and for how long. A single-use grant is bound to one request (the SHA-256 of what is sent and how),
 * the principal with all who act for it, purpose and connection. A time-boxed one is bound to the same with the endpoint alone in
 * the place of the request, and covers no more than what was approved was: in categories, risk, volume and parts that nobody
 * scanned. A break-glass one was given by nobody: somebody took it, and people look at it afterwards. Pure.
 */
import { hash } from "node:crypto";
import type { ApprovalRule } from "../core/decision.ts";
import type { ControlEvent } from "../core/event.ts";
import type { Counts } from "../core/segment.ts";
import type { Review } from "./review.ts";

export type GrantKind = "single-use" | "time-boxed" | "break-glass";

/** `ended`: its time is over. */
export type GrantState = "active" | "used" | "revoked" | "ended";

/** Whose requests, for what, to where. */
export interface Scope {
  readonly principal: string;
  /** Agents that act for the principal, the one that sent the request first. */
  readonly actors: readonly string[];
  readonly purpose: string;
  /** DPV term of the lawful basis. */
  readonly basis: string;
  readonly connection: string;
  /** As approvers saw it: behind the same name the configuration may put another one later. */
  readonly recipient: { readonly name: string; readonly country: string };
}

/** How much there is in a request. Of two requests of a scope, one may be within what the other was approved with. */
export interface Extent {
  /** Categories of personal data in it. */
  readonly categories: readonly string[];
  /** Score. */
  readonly risk: number;
  /** Class of the number of findings; the larger the more. */
  readonly volume: number;
  /** Parts that nobody could scan, by kind. */
  readonly opaque: Counts;
}

/** Of a grant, what the request had that was approved. */
export interface Grant extends Scope, Extent {
  /** The one that requests may be for; absent: any of the connection. */
  readonly endpoint?: string;
  readonly id: string;
  readonly kind: GrantKind;
  readonly state: GrantState;
  /** base64url SHA-256 of the one request that it is good for; empty for any of its scope. */
  readonly digest: string;
  /** What was asked of approvers, and met. */
  readonly approvals: readonly ApprovalRule[];
  /** Everybody whose yes it is gave it with a passkey. */
  readonly stepUp: boolean;
  /** People whose yes it is. */
  readonly approvers: readonly string[];
  readonly review: string;
  readonly grantedAt: number;
  /** Of a single-use grant: until when it may be used. Of the others: when it ends, with all that runs under it. */
  readonly expiresAt: number;
  /** When it was used up. */
  readonly usedAt?: number;
}

/** What a request needs a yes for. */
export interface Need extends Scope, Extent {
  readonly endpoint: string;
  readonly digest: string;
  /** base64url SHA-256 of the body alone. */
  readonly body: string;
  readonly approvals: readonly ApprovalRule[];
  /** A yes to it takes a passkey. */
  readonly stepUp: boolean;
}

/** One text for one scope: equal when all of it is. */
export function scopeKey({ principal, actors, purpose, basis, connection, recipient }: Scope): string {
  const { name, country } = recipient;
  return hash("sha256", JSON.stringify([principal, actors, purpose, basis, connection, name, country]), "base64url");
}

/** Is this a yes to that, now? Also when policy has come to ask for more people than it did then. */
export function covers(grant: Grant, need: Need, now: number): boolean {
  if (grant.state !== "active" || now >= grant.expiresAt || scopeKey(grant) !== scopeKey(need)) return false;
  switch (grant.kind) {
    case "single-use":
      return grant.digest === need.digest && isGivenFor(grant, need);
    case "time-boxed":
      return grant.endpoint === need.endpoint && isWithin(need, grant) && isGivenFor(grant, need);
    case "break-glass":
      return true;
  }
}

/** Did those say yes who have to, in the way in which they have to? */
function isGivenFor({ approvals, stepUp }: Grant, need: Need): boolean {
  return isAsked(approvals, need.approvals) && (stepUp || !need.stepUp);
}

/** Is this no more than that? What an older version has kept without these numbers is less than anything. */
function isWithin(need: Extent, approved: Extent): boolean {
  return (
    need.risk <= approved.risk &&
    need.volume <= approved.volume &&
    need.categories.every((category) => approved.categories.includes(category)) &&
    Object.entries(need.opaque).every(([kind, count]) => count <= (approved.opaque[kind] ?? 0))
  );
}

/** Were at least those asked who have to be asked now? */
export function isAsked(asked: readonly ApprovalRule[], wanted: readonly ApprovalRule[]): boolean {
  return wanted.every(({ group, people }) => asked.some((rule) => rule.group === group && rule.people >= people));
}

/** The grant to use: one that others can use too before one that is used up; the last resort last. */
export function pick(grants: readonly Grant[], need: Need, now: number): Grant | undefined {
  const fitting = grants.filter((grant) => covers(grant, need, now));
  for (const kind of ["time-boxed", "single-use", "break-glass"] as const) {
    const found = fitting.find((grant) => grant.kind === kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a granted review leads to. `useMs`: how long a single-use grant may wait for its request. */
export function grantOf(review: Review, id: string, approvers: readonly string[], now: number, useMs: number): Grant {
  const { requester, actors, purpose, basis, connection, recipient, digest, approvals, windowMs, votes } = review;
  const { categories, risk, volume, opaque, sending } = review;
  const passkeys = new Set(votes.filter(({ passkey }) => passkey === true).map(({ person }) => person));
  return {
    id,
    kind: windowMs === undefined ? "single-use" : "time-boxed",
    state: "active",
    principal: requester,
    actors,
    purpose,
    basis,
    connection,
    recipient,
    ...(sending === undefined ? {} : { endpoint: sending.endpoint }),
    digest: windowMs === undefined ? digest : "",
    categories,
    risk: risk.score,
    volume,
    opaque,
    approvals,
    approvers,
    stepUp: approvers.length > 0 && approvers.every((person) => passkeys.has(person)),
    review: review.id,
    grantedAt: now,
    expiresAt: now + (windowMs ?? useMs),
  };
}

/** `verb`: opened, used, revoked, ended. `actor`: who did it; absent when time did. */
export function grantEvent(grant: Grant, verb: string, actor?: string): ControlEvent {
  const event: ControlEvent = {
    name: `grant.${verb}`,
    target: grant.id,
    facts: { connection: grant.connection, kind: grant.kind, purpose: grant.purpose, review: grant.review },
  };
  return actor === undefined ? event : { ...event, actor };
}
