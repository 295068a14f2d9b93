/** The head of a policy: whom, what and where it can speak of at all. Exact, so that whatever it leaves out cannot match. */
import type { Connection } from "../core/connection.ts";
import type { Principal } from "../core/principal.ts";
import type { PolicyJson } from "./cedar.ts";
import { isRecord, pathOf } from "./uses.ts";
import { ACTION_GROUPS, CONTROL_ACTIONS, type ControlAction, POLICY_ACTIONS, type PolicyAction } from "./schema.ts";

/** What a scope can see of a connection. */
type Place = Pick<Connection, "name" | "tags">;

export interface Scope {
  readonly actions: ReadonlySet<PolicyAction>;
  /** Whether the resource part holds for the connection, or for the evidence (undefined). */
  holdsFor(connection: Place | undefined): boolean;
  /** Whether the principal part holds. */
  holdsForPrincipal(principal: Principal): boolean;
  /**
   * Purposes outside of which the conditions are false: those that the first thing asked names. Absent: not told so. Only of
   * the first, because what stands before it might fail to evaluate, which is an answer of its own.
   */
  readonly purposes?: ReadonlySet<string>;
}

export function scopeOf({ principal, action, resource, conditions }: PolicyJson): Scope {
  const [first] = conditions;
  const purposes = first?.kind === "when" ? leadingPurposes(first.body) : undefined;
  return {
    ...(purposes === undefined ? {} : { purposes }),
    actions: actionsOf(action),
    holdsFor: (connection) => resourceHolds(resource, connection),
    holdsForPrincipal: (who) => principalHolds(principal, who),
  };
}

/** Parts of a scope that are known to hold. */
export interface Known {
  readonly action: boolean;
  readonly resource: boolean;
  readonly principal: boolean;
}

/** The policy without what is known to hold: it says the same, and Cedar need not look it up (a microsecond each). */
export function withoutScope(json: PolicyJson, known: Known): PolicyJson {
  return {
    ...json,
    annotations: {},
    ...(known.action ? { action: { op: "All" } } : {}),
    ...(known.resource ? { resource: { op: "All" } } : {}),
    ...(known.principal ? { principal: { op: "All" } } : {}),
  };
}

/** `context.purpose == Purpose::"a"` or `context.purpose in [Purpose::"a", …]` at the beginning of a conjunction. */
function leadingPurposes(expression: unknown): ReadonlySet<string> | undefined {
  if (!isRecord(expression)) return undefined;
  const both = expression["&&"];
  if (isRecord(both))
    return leadingPurposes(both["left"]) ?? (alwaysTrue(both["left"]) ? leadingPurposes(both["right"]) : undefined);
  const compared = expression["=="] ?? expression["in"];
  if (!isRecord(compared) || pathOf(compared["left"]) !== "context.purpose") return undefined;
  const { right } = compared;
  const items: unknown = isRecord(right) && "Set" in right ? right["Set"] : [right];
  if (!Array.isArray(items)) return undefined;
  const names = items.map(purposeNamed);
  return names.every((name) => name !== undefined) ? new Set(names) : undefined;
}

/** Every request has a purpose; only actions on the evidence may be without one. */
function alwaysTrue(expression: unknown): boolean {
  const has = isRecord(expression) ? expression["has"] : undefined;
  return isRecord(has) && pathOf(has["left"]) === "context" && has["attr"] === "purpose";
}

function purposeNamed(expression: unknown): string | undefined {
  const value = isRecord(expression) ? expression["Value"] : undefined;
  const entity = isRecord(value) ? value["__entity"] : undefined;
  return isRecord(entity) && entity["type"] === "Purpose" && typeof entity["id"] === "string"
    ? entity["id"]
    : undefined;
}

function principalHolds(scope: PolicyJson["principal"], principal: Principal): boolean {
  switch (scope.op) {
    case "All":
      return true;
    case "==":
      return "entity" in scope && typeOf(scope.entity) === "Principal" && idOf(scope.entity) === principal.id;
    case "in":
      return "entity" in scope && isMember(scope.entity, principal);
    case "is":
      if (scope.entity_type !== "Principal") return false;
      return scope.in === undefined || ("entity" in scope.in && isMember(scope.in.entity, principal));
  }
}

/** Cedar's `in` holds for the entity itself too. */
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

function resourceHolds(resource: PolicyJson["resource"], connection: Place | undefined): boolean {
  switch (resource.op) {
    case "All":
      return true;
    case "==":
      return "entity" in resource && typeOf(resource.entity) !== "Tag" && isOrIn(resource.entity, connection);
    case "in":
      return "entity" in resource && isOrIn(resource.entity, connection);
    case "is": {
      if (resource.entity_type !== (connection === undefined ? "Evidence" : "Connection")) return false;
      const { in: within } = resource;
      return within === undefined || ("entity" in within && isOrIn(within.entity, connection));
    }
  }
}

function isOrIn(entity: EntityRef, connection: Place | undefined): boolean {
  const id = idOf(entity);
  const type = typeOf(entity);
  if (connection === undefined) return type === "Evidence" && id === EVIDENCE_ID;
  return type === "Connection" ? connection.name === id : type === "Tag" && connection.tags.includes(id);
}

/** The log is one. */
export const EVIDENCE_ID = "log";

type EntityRef =
  | { readonly type: string; readonly id: string }
  | { readonly ["__entity"]: { readonly type: string; readonly id: string } };

/** Cedar writes a name in either form. */
function bare(entity: EntityRef): { readonly type: string; readonly id: string } {
  return "type" in entity ? entity : entity["__entity"];
}

const idOf = (entity: EntityRef): string => bare(entity).id;
const typeOf = (entity: EntityRef): string => bare(entity).type;

/** Whether an action looks at the evidence and not at a connection. */
export function isControl(action: PolicyAction): action is ControlAction {
  return CONTROL_ACTIONS.some((each) => each === action);
}
