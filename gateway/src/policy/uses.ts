/** What a set of policies asks for at all, read from their syntax trees: facts by path, and names by kind. */
import type { PolicyJson } from "./cedar.ts";

export interface Uses {
  /** Whether a fact can matter: the policies name its path, or a record that it is part of as a whole. */
  asks(path: string): boolean;
  readonly principals: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly tags: ReadonlySet<string>;
  readonly actions: ReadonlySet<string>;
}

/** A name of an entity in a policy, for example `Group::"support"`. */
export interface Reference {
  readonly type: string;
  readonly id: string;
}

export function usesOf(policies: readonly PolicyJson[]): Uses {
  const paths = new Set<string>();
  const named = new Map<string, Set<string>>();
  for (const policy of policies) {
    for (const { type, id } of referencesOf(policy)) named.set(type, (named.get(type) ?? new Set()).add(id));
    for (const { body } of policy.conditions) collectPaths(body, paths);
  }
  const of = (type: string): ReadonlySet<string> => named.get(type) ?? new Set();
  return {
    asks(path) {
      const parts = path.split(".");
      if (paths.has(path)) return true;
      // `principal` and `resource` by themselves are compared as names; `context` is a value with all that is in it.
      for (let length = parts.length - 1; length > 1; length--)
        if (paths.has(parts.slice(0, length).join("."))) return true;
      return parts[0] === "context" && paths.has("context");
    },
    principals: of("Principal"),
    groups: of("Group"),
    roles: of("Role"),
    tags: of("Tag"),
    actions: of("Action"),
  };
}

/** Every entity that the policy names, in its scope and its conditions. */
export function referencesOf(policy: PolicyJson): Reference[] {
  const found: Reference[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each);
    } else if (isRecord(value)) {
      const { type, id } = value;
      if (typeof type === "string" && typeof id === "string" && Object.keys(value).length === 2)
        found.push({ type, id });
      else for (const each of Object.values(value)) visit(each);
    }
  };
  visit([policy.principal, policy.action, policy.resource, policy.conditions.map(({ body }) => body)]);
  return found;
}

/** Longest paths from a variable: `context.counts.health`, and what `has` asks for. */
function collectPaths(expression: unknown, paths: Set<string>): void {
  if (Array.isArray(expression)) {
    for (const each of expression) collectPaths(each, paths);
    return;
  }
  if (!isRecord(expression)) return;
  const path = pathOf(expression);
  if (path !== undefined) {
    paths.add(path);
    return;
  }
  const { has } = expression;
  const base = isRecord(has) ? pathOf(has["left"]) : undefined;
  if (isRecord(has) && base !== undefined) {
    const { attr } = has;
    paths.add([base, ...(Array.isArray(attr) ? attr.map(String) : [String(attr)])].join("."));
    return;
  }
  for (const each of Object.values(expression)) collectPaths(each, paths);
}

/** `context.risk` for an expression that is a chain of members from a variable. */
export function pathOf(expression: unknown): string | undefined {
  if (!isRecord(expression)) return undefined;
  const variable = expression["Var"];
  if (typeof variable === "string") return variable;
  const member = expression["."];
  if (!isRecord(member) || typeof member["attr"] !== "string") return undefined;
  const base = pathOf(member["left"]);
  return base === undefined ? undefined : `${base}.${member["attr"]}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
