/** Reviews and grants as rows and back, and places in a list as cursors. What is asked for has a column of its own; the rest is JSON. */
import type { Insertable, Selectable } from "kysely";
import { SluiceError } from "../core/errors.ts";
import { type Grant, type GrantState, scopeKey } from "./grant.ts";
import type { Review, ReviewState, Vote } from "./review.ts";

interface ReviewRow {
  id: string;
  kind: string;
  state: string;
  requester: string;
  /** JSON; null of what an older version has kept. */
  actors: string | null;
  scope: string;
  digest: string;
  /** Null where nothing in particular is sent. */
  body: string | null;
  facts: string;
  preview: Uint8Array | null;
  created_at: number;
  expires_at: number;
  decided_at: number | null;
}

interface GrantRow {
  id: string;
  kind: string;
  state: string;
  principal: string;
  scope: string;
  digest: string;
  facts: string;
  granted_at: number;
  expires_at: number;
  closed_at: number | null;
}

export interface Tables {
  reviews: ReviewRow;
  /** Whose members have to decide, for finding what waits for a person. */
  review_groups: { review: string; group_name: string };
  review_votes: {
    review: string;
    person: string;
    decision: string;
    at: number;
    comment: Uint8Array | null;
    /** 1: given with one. */
    passkey: number;
  };
  grants: GrantRow;
}

type Facts = Omit<
  Review,
  "id" | "kind" | "state" | "requester" | "digest" | "body" | "createdAt" | "expiresAt" | "decidedAt" | "votes"
>;

/** What has no column of its own. */
export function factsOf(review: Review): string {
  const { actors, parties, purpose, basis, connection, recipient, categories, risk, approvals, bytes } = review;
  const { volume, opaque, sending, windowMs, grant, withdrawn } = review;
  const facts: Facts = {
    actors,
    parties,
    purpose,
    basis,
    connection,
    recipient,
    categories,
    risk,
    volume,
    opaque,
    approvals,
    bytes,
    ...(sending === undefined ? {} : { sending }),
    ...(windowMs === undefined ? {} : { windowMs }),
    ...(grant === undefined ? {} : { grant }),
    ...(withdrawn === undefined ? {} : { withdrawn }),
  };
  return JSON.stringify(facts);
}

export function rowOf(review: Review, preview: Uint8Array): Insertable<ReviewRow> {
  const { id, kind, state, requester, digest, createdAt, expiresAt, decidedAt } = review;
  return {
    id,
    kind,
    state,
    requester,
    actors: actorsKey(review.actors),
    scope: scopeKey({ ...review, principal: requester }),
    digest,
    body: review.body ?? null,
    facts: factsOf(review),
    preview,
    created_at: createdAt,
    expires_at: expiresAt,
    decided_at: decidedAt ?? null,
  };
}

/** One text for one chain of agents. */
export const actorsKey = (actors: readonly string[]): string => JSON.stringify(actors);

export function reviewFrom(
  row: Omit<Selectable<ReviewRow>, "actors" | "scope" | "preview">,
  votes: readonly Omit<Selectable<Tables["review_votes"]>, "review" | "comment">[],
): Review {
  return {
    ...(JSON.parse(row.facts) as Facts),
    id: row.id,
    kind: row.kind as Review["kind"],
    state: row.state as ReviewState,
    requester: row.requester,
    digest: row.digest,
    ...(row.body === null ? {} : { body: row.body }),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
    votes: votes.map(({ person, decision, at, passkey }) => ({
      person,
      decision: decision as Vote["decision"],
      at,
      ...(passkey === 1 ? { passkey: true } : {}),
    })),
  };
}

type GrantFacts = Pick<
  Grant,
  | "actors"
  | "purpose"
  | "basis"
  | "connection"
  | "recipient"
  | "endpoint"
  | "categories"
  | "risk"
  | "volume"
  | "opaque"
  | "approvals"
  | "approvers"
  | "stepUp"
  | "review"
>;

export function grantRowOf(grant: Grant): Insertable<GrantRow> {
  const { id, kind, state, principal, digest, grantedAt, expiresAt, usedAt, ...facts } = grant;
  return {
    id,
    kind,
    state,
    principal,
    scope: scopeKey(grant),
    digest,
    facts: JSON.stringify(facts satisfies GrantFacts),
    granted_at: grantedAt,
    expires_at: expiresAt,
    closed_at: usedAt ?? null,
  };
}

export function grantFrom(row: Selectable<GrantRow>): Grant {
  return {
    ...(JSON.parse(row.facts) as GrantFacts),
    id: row.id,
    kind: row.kind as Grant["kind"],
    state: row.state as GrantState,
    principal: row.principal,
    digest: row.digest,
    grantedAt: row.granted_at,
    expiresAt: row.expires_at,
    ...(row.state === "used" && row.closed_at !== null ? { usedAt: row.closed_at } : {}),
  };
}

/** Where the list goes on behind this one. */
export function cursorOf({ created_at: createdAt, id }: Pick<Selectable<ReviewRow>, "created_at" | "id">): string {
  return Buffer.from(`${createdAt} ${id}`).toString("base64url");
}

/** Throws field_invalid for a cursor that is none of ours. */
export function placeOf(cursor: string): { createdAt: number; id: string } {
  const match = /^(\d{1,15}) ([\w-]{1,64})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"));
  if (match === null) throw new SluiceError("field_invalid", "cursor: not one that a list of reviews gave");
  return { createdAt: Number(match[1]), id: match[2] ?? "" };
}
