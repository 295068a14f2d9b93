/**
 * Who may use which route of the control API: permission → roles, in one table. Every route names its permission in its config;
 * one that names none does not start. A permission never opens an exchange by itself: what goes to a target is for the policy.
 */
import { SluiceError } from "../core/errors.ts";
import { OWN_WAYS, type Principal, type Role } from "../core/principal.ts";
import type { ControlAction } from "../policy/index.ts";

interface Row {
  /** Roles that have it; empty with `open` says that nobody is asked who he is. */
  readonly roles: readonly Role[];
  /** Where an application speaks for people: roles that have it too in the hands of a service that acts itself. No agent has it. */
  readonly services?: readonly Role[];
  /** Whoever has one of these besides has it not: who turns keys reads nothing of what they seal (docs/custody.md). */
  readonly never?: readonly Role[];
  /** Only people themselves have it, though it is for the role `user`. */
  readonly inPerson?: true;
  /**
   * What goes on record for a use of it, before it is answered: an event for each (`each`), for each that may change something
   * (`changes`), or nothing (`never`), where the exchange that it opens is on record itself or there is nothing to know.
   */
  readonly record: "each" | "changes" | "never";
  /** What policies call it, where they may speak of it. */
  readonly action?: ControlAction;
}

const EVERYBODY: readonly Role[] = ["user", "approver", "privacy-officer", "auditor", "operator"];

export const PERMISSIONS = {
  /** Health, readiness, metrics, the description of the API, and how to sign in. */
  open: { roles: [], record: "never" },
  /** Texts are scrubbed and restored for the caller; the gate records the exchange. */
  exchange: { roles: EVERYBODY, record: "never" },
  /** One's own session: who I am, the way out. */
  session: { roles: EVERYBODY, record: "changes" },
  /** The application that speaks with a person says what the person said; the ledger records each word itself. */
  "consent.write": { roles: ["privacy-officer"], services: ["user"], record: "never" },
  "consent.read": { roles: ["privacy-officer", "auditor"], services: ["user"], record: "each" },
  /** For the person whose data it is. The room records each use itself, with how much it was and never with whom it was about. */
  "subjects.find": { roles: ["privacy-officer"], record: "never", action: "read-evidence" },
  "subjects.export": { roles: ["privacy-officer"], never: ["operator"], record: "never", action: "export" },
  "subjects.erase": { roles: ["privacy-officer"], record: "never" },
  /** Certificates name nobody. */
  "erasures.read": { roles: ["privacy-officer", "auditor", "operator"], record: "each" },
  "holds.read": { roles: ["privacy-officer", "auditor"], record: "each" },
  "holds.write": { roles: ["privacy-officer"], record: "never" },
  "retention.read": { roles: ["privacy-officer", "auditor", "operator"], record: "each" },
  "retention.run": { roles: ["privacy-officer", "operator"], record: "never" },
  /** Whom a review concerns is asked of it: who asked, and who is in the groups that decide. What becomes of it the desk records. */
  "reviews.read": { roles: EVERYBODY, record: "each" },
  "reviews.decide": { roles: ["approver", "privacy-officer"], record: "never", action: "approve" },
  "reviews.cancel": { roles: EVERYBODY, record: "never" },
  "grants.revoke": { roles: ["approver", "privacy-officer"], record: "never", action: "approve" },
  /** Policies are asked once it is known for which purpose. */
  "break-glass": { roles: ["user", "privacy-officer", "operator"], inPerson: true, record: "never" },
  "keys.read": { roles: ["operator", "privacy-officer", "auditor"], record: "each" },
  "keys.rotate": { roles: ["operator"], record: "changes" },
  /** How far each destination is; nothing of the evidence itself. */
  "exports.read": { roles: ["operator", "auditor"], record: "never" },
  /** What was sent and answered, without values; the route records each use as an event of its own. */
  "recordings.replay": { roles: ["privacy-officer", "auditor"], record: "never", action: "read-evidence" },
  /** The values too. Policies are asked once it is known for which purpose; the route records it before anything is shown. */
  "recordings.reveal": { roles: ["privacy-officer"], never: ["operator"], record: "never" },
  "evidence.read": { roles: ["auditor", "privacy-officer"], record: "each", action: "read-evidence" },
  "evidence.export": { roles: ["auditor", "privacy-officer"], record: "each", action: "export" },
} as const satisfies Record<string, Row>;

export type Permission = keyof typeof PERMISSIONS;

export function permissionRow(permission: Permission): Row {
  return PERMISSIONS[permission];
}

export function isPermission(name: unknown): name is Permission {
  return typeof name === "string" && Object.hasOwn(PERMISSIONS, name);
}

/**
 * Throws permission_missing for a principal without any of its roles, and for an application that holds a person's token where no
 * agent of that person gets anywhere: agents have the role `user` at most, and a token of a person all that the person has.
 */
export function checkRole(principal: Principal, permission: Permission): void {
  const { credential, kind, actors, roles: has, heldByOthers } = principal;
  const { roles, services, inPerson, never = [] } = permissionRow(permission);
  const isAgent = kind === "agent" || actors.length > 0;
  const isHeld = kind === "human" && !isAgent && heldByOthers === true;
  if (isHeld && (inPerson === true || !roles.includes("user"))) {
    throw new SluiceError(
      "permission_missing",
      `credential "${credential}" may not do this: it is a person's token that some application got; people do it ${OWN_WAYS}`,
    );
  }
  const other = has.find((role) => never.includes(role));
  if (other !== undefined && has.some((role) => roles.includes(role))) {
    throw new SluiceError(
      "permission_missing",
      `credential "${credential}" may not do this: who is ${other} as well reads nothing of people in clear`,
    );
  }
  const enough = kind === "service" && !isAgent ? [...roles, ...(services ?? [])] : roles;
  if (!(isAgent && services !== undefined) && has.some((role) => enough.includes(role))) return;
  const others =
    services === undefined ? "" : `, or to be a service of the role ${services.join(", ")}; no agent has it`;
  throw new SluiceError(
    "permission_missing",
    `credential "${credential}" may not do this; it needs one of the roles [${roles.join(", ")}]${others}`,
  );
}
