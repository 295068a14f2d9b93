/** Finding one's way in plain JSON values of unknown shape. Only own members count: a document cannot reach a prototype. */
import type { Path } from "./problem.ts";

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at the end of `path`, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  let at = root;
  for (const part of path) {
    if (Array.isArray(at)) at = typeof part === "number" ? (at[part] as unknown) : undefined;
    else if (isObject(at) && Object.hasOwn(at, part)) at = at[part];
    else return undefined;
  }
  return at;
}

/** Values of a mapping or a list; nothing otherwise. */
export function membersAt(root: unknown, path: Path): unknown[] {
  const at = valueAt(root, path);
  return Array.isArray(at) ? (at as unknown[]) : isObject(at) ? Object.values(at) : [];
}
