/**
 * Who asks: a service with a key, a person, or an agent that acts for a person. Whatever proved it (key, token, session,
 * certificate), the rooms behind `identify` see this and nothing of the credential but its id.
 */

export interface Principal {
  /** Stable for the owner of the credential: `service:crm`, `corp:00u1…`. On record only as a pseudonym (see evidence). */
  readonly id: string;
  readonly kind: "service" | "human" | "agent";
  /** Id of the credential that proved it, for example the key id. Never the credential. */
  readonly credential: string;
  /** Name of the identity provider that vouches; absent for our own keys. */
  readonly provider?: string;
  /** Groups of this gateway's configuration, in its order. */
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
  /** Purposes this credential may use. Without `defaultPurpose` each request must name one. */
  readonly purposes: readonly string[];
  readonly defaultPurpose?: string;
  /** Connections this credential may use; absent means all. */
  readonly connections?: readonly string[];
  /**
   * Who acts on the principal's behalf, the one that sent the request first (RFC 8693 §4.1, claim `act`). Empty when the
   * principal acts itself. The rights above are already what all of them have in common.
   */
  readonly actors: readonly Actor[];
  /**
   * True for a person's token that was issued to a client which is none of this gateway's own there: any application may have had
   * it written for itself, so nothing is done with it that is for people to do.
   */
  readonly heldByOthers?: boolean;
  readonly limits: PrincipalLimits;
  /** Milliseconds since the epoch at which the credential ends, and what it had begun with it; absent means never. */
  readonly expiresAt?: number;
}

export interface Actor {
  readonly id: string;
  readonly kind: "service" | "agent";
  /** What providers call it, as `provider:subject`; each of these is it. */
  readonly from?: readonly string[];
}

/** A person, and neither an agent nor an application that has a token of that person's. */
export function isInPerson({
  kind,
  actors,
  heldByOthers,
}: Pick<Principal, "kind" | "actors" | "heldByOthers">): boolean {
  return kind === "human" && actors.length === 0 && heldByOthers !== true;
}

/** How a person comes whose token is held by an application that this gateway does not know. */
export const OWN_WAYS =
  "in the browser, or with a token of a client that the configuration names for your provider (client_id, device, authorized_parties)";

/** True when the principal, or anybody who acts for it, has an id of which `is` is true. */
export function isAmong({ id, actors }: Principal, is: (id: string) => boolean): boolean {
  return is(id) || actors.some((actor) => is(actor.id) || actor.from?.some(is) === true);
}

/** What a person or service is here for; permissions of the control API follow from it. */
export const ROLES = ["user", "approver", "privacy-officer", "auditor", "operator"] as const;

export type Role = (typeof ROLES)[number];

/** Counted for the principal, whoever acts for it: budgets are a person's. */
export interface PrincipalLimits {
  readonly requestsPerMinute: number;
  readonly concurrentStreams: number;
}
