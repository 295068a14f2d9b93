/**
 * Target → connection. What the client may write as model: an alias from the config, `connection/model`, or a model name
 * that a connection of the right family lists. Pure; the first match in the config's order wins.
 */
import type { Connection } from "../core/connection.ts";
import { SluiceError } from "../core/errors.ts";

export interface Registry {
  readonly connections: readonly Connection[];
  /** alias → `connection/model`, and those that are asked when it fails */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
}

export interface Resolved {
  readonly connection: Connection;
  /** The model name as the upstream knows it. */
  readonly model: string;
  /** How many candidates there are behind this one. */
  readonly fallbacks: number;
}

/** What a model name may look like. Anything else is not a model name, and could not go on record as one. */
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}$/;

/** `candidate`: which of an alias' targets, from 0. Throws model_unknown. */
export function resolve(registry: Registry, family: string, target: string, candidate = 0): Resolved {
  const targets = registry.aliases.get(target);
  const name = targets === undefined ? target : (targets[candidate] ?? "");
  const fallbacks = targets === undefined ? 0 : targets.length - 1 - candidate;
  const { connection, model } = find(registry, family, name);
  return { connection, model, fallbacks };
}

function find(registry: Registry, family: string, name: string): Omit<Resolved, "fallbacks"> {
  const slash = name.indexOf("/");
  if (slash > 0) {
    const prefix = name.slice(0, slash);
    const named = registry.connections.find((each) => each.name === prefix);
    // A model name may itself hold a slash ("meta-llama/Llama-3"), so an unknown prefix falls through to the patterns.
    if (named !== undefined) {
      if (named.kind !== family) throw wrongFamily(named, family);
      if (MODEL_NAME.test(name)) return { connection: named, model: name.slice(slash + 1) };
    }
  }
  // A connection that lists no models has nothing to choose from: it is asked for by its own name.
  const byName = registry.connections.find((each) => each.name === name && each.models.length === 0);
  if (byName !== undefined && byName.kind === family) return { connection: byName, model: "" };
  for (const connection of MODEL_NAME.test(name) ? registry.connections : []) {
    if (connection.kind === family && connection.models.some((pattern) => matches(pattern, name))) {
      return { connection, model: name };
    }
  }
  // The model is the client's text and is not echoed.
  throw new SluiceError(
    "model_unknown",
    `no connection for this model; list what this credential may use with GET /v1/models, or ask for "connection/model"`,
  );
}

function wrongFamily(connection: Connection, family: string): SluiceError {
  return new SluiceError(
    "model_unknown",
    `connection "${connection.name}" speaks ${connection.kind}, and this endpoint is of the ${family} family`,
  );
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

export interface ListedModel {
  readonly id: string;
  /** Name of the connection that a request for it goes to. */
  readonly connection: string;
}

export function listModels({ connections, aliases }: Registry, family: string): readonly ListedModel[] {
  const listed = new Map<string, ListedModel>();
  const add = (id: string, connection: string): void => {
    // The first connection that names a model is the one that a request for it goes to.
    if (!listed.has(id)) listed.set(id, { id, connection });
  };
  const served = connections.filter((each) => each.kind === family);
  for (const [alias, [target = ""]] of aliases) {
    const connection = served.find((each) => target.startsWith(`${each.name}/`));
    if (connection !== undefined) add(alias, connection.name);
  }
  for (const { name, models } of served) for (const id of models) if (!id.endsWith("*")) add(id, name);
  return [...listed.values()];
}
