/** The head of a policy: whom, what and where it can speak of at all. Exact, so that whatever it leaves out cannot match. */
import type { Connection } from "../core/connection.ts";
import type { Principal } from "../core/principal.ts";
import type { PolicyJson } from "./cedar.ts";
import { ACTION_GROUPS, CONTROL_ACTIONS, POLICY_ACTIONS, type PolicyAction } from "./schema.ts";

export interface Scope {
  readonly actions: ReadonlySet<PolicyAction>;
  /** Whether the resource part holds for the connection, or for the evidence (undefined). */
  holdsFor(connection: Connection | undefined): boolean;
  /** Whether the principal part holds. */
  holdsForPrincipal(principal: Principal): boolean;
}

export function scopeOf({ principal, action, resource }: PolicyJson): Scope {
  return {
    actions: actionsOf(action),
    holdsFor: (connection) => resourceHolds(resource, connection),
    holdsForPrincipal: (who) => principalHolds(principal, who),
  };
}

function principalHolds(scope: PolicyJson["principal"], principal: Principal): boolean {
  switch (scope.op) {
    case "All":
      return true;
    case "==":
    case "in":
      return "entity" in scope && isMember(scope.entity, principal);
    case "is":
      if (scope.entity_type !== "Principal") return false;
      return scope.in === undefined || ("entity" in scope.in && isMember(scope.in.entity, principal));
  }
}

/** Cedar's `in` holds for the entity itself too; `==` with a group never does, and strict validation has said so. */
function isMember(entity: EntityRef, principal: Principal): boolean {
  const id = idOf(entity);
  switch (typeOf(entity)) {
    case "Principal":
      return principal.id === id;
    case "Group":
      return principal.groups.includes(id);
    case "Role":
      return principal.roles.some((role) => role === id);
    default:
      return false;
  }
}

function actionsOf(action: PolicyJson["action"]): ReadonlySet<PolicyAction> {
  if (action.op === "All") return new Set(POLICY_ACTIONS);
  const named =
    action.op === "=="
      ? "entity" in action
        ? [action.entity]
        : []
      : "entity" in action
        ? [action.entity]
        : action.entities;
  return new Set(
    named.flatMap((each): readonly PolicyAction[] => {
      const id = idOf(each);
      // `==` means the group itself, which nobody asks for.
      if (action.op === "in" && Object.hasOwn(ACTION_GROUPS, id)) return ACTION_GROUPS[id] ?? [];
      return POLICY_ACTIONS.filter((known) => known === id);
    }),
  );
}

function resourceHolds(resource: PolicyJson["resource"], connection: Connection | undefined): boolean {
  switch (resource.op) {
    case "All":
      return true;
    case "==":
    case "in":
      return "entity" in resource && isOrIn(resource.entity, connection);
    case "is": {
      if (resource.entity_type !== (connection === undefined ? "Evidence" : "Connection")) return false;
      const { in: within } = resource;
      return within === undefined || ("entity" in within && isOrIn(within.entity, connection));
    }
  }
}

function isOrIn(entity: EntityRef, connection: Connection | undefined): boolean {
  const id = idOf(entity);
  const type = typeOf(entity);
  if (connection === undefined) return type === "Evidence" && id === EVIDENCE_ID;
  return type === "Connection" ? connection.name === id : type === "Tag" && connection.tags.includes(id);
}

/** The log is one. */
export const EVIDENCE_ID = "log";

type EntityRef =
  | { readonly type: string; readonly id: string }
  | { readonly __entity: { readonly type: string; readonly id: string } };

const idOf = (entity: EntityRef): string => ("__entity" in entity ? entity.__entity.id : entity.id);
const typeOf = (entity: EntityRef): string => ("__entity" in entity ? entity.__entity.type : entity.type);

/** Whether an action looks at the evidence and not at a connection. */
export function isControl(action: PolicyAction): boolean {
  return CONTROL_ACTIONS.some((each) => each === action);
}
