/** The map that `sluice scrub` writes: what stands for what. It comes from a file, so all of it is checked. */
import type { Entity } from "@sluice/detector";
import { CliError, EXIT } from "./exit.ts";

/** A stand-in that looks like a value, and the value. */
export interface StandIn {
  readonly written: string;
  readonly type: string;
  readonly value: string;
}

export interface RestoreMap {
  readonly entities: readonly Entity[];
  readonly replacements: readonly StandIn[];
  readonly bareWords: readonly string[];
}

/** Throws a CliError that names the file and no content of it. */
export function parseMap(text: string, path: string): RestoreMap {
  const wrong = new CliError(
    EXIT.usage,
    "map_invalid",
    `${path} is not a map of \`sluice scrub\`: make one with --map or --json`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (typeof value !== "object" || value === null) throw wrong;
  const { entities, replacements = [], bareWords = [] } = value as Record<string, unknown>;
  if (!isListOf(entities, isEntity) || !isListOf(replacements, isStandIn) || !isListOf(bareWords, isText)) throw wrong;
  return { entities, replacements, bareWords };
}

function isListOf<T>(value: unknown, is: (each: unknown) => each is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isEntity(value: unknown): value is Entity {
  if (typeof value !== "object" || value === null) return false;
  const { placeholder, type, value: original } = value as Record<string, unknown>;
  return isText(placeholder) && isText(type) && isText(original) && placeholder.startsWith(`[${type}_`);
}

function isStandIn(value: unknown): value is StandIn {
  if (typeof value !== "object" || value === null) return false;
  const { written, type, value: original } = value as Record<string, unknown>;
  return isText(written) && written !== "" && isText(type) && isText(original);
}
