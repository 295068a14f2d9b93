/**
 * The door to Cedar's engine, which is WebAssembly: 30 ms and some 50 MB that are spent when the first policy is loaded and
 * never by who has none. The engine keeps parsed policy sets by name and has no way to forget one, so names are used again
 * once the set that they belonged to is gone.
 */
import { createRequire } from "node:module";
import type * as Cedar from "@cedar-policy/cedar-wasm/nodejs";

export type { CedarValueJson, Context, EntityJson, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
export type Engine = typeof Cedar;

let loaded: Engine | undefined;

/** Loads the engine at the first call. */
export function cedar(): Engine {
  loaded ??= createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs") as Engine;
  return loaded;
}

/** Cedar's own name for a set of policies that it keeps parsed. Lives as long as the slot is reachable. */
export interface Slot {
  readonly name: string;
}

const free: string[] = [];
let made = 0;

const lost = new FinalizationRegistry<string>((name) => {
  cedar().preparsePolicySet(name, { staticPolicies: {} });
  free.push(name);
});

/** `policies` by id. All of them have been parsed before, so failing now is a bug. */
export function prepare(policies: Readonly<Record<string, Cedar.PolicyJson>>): Slot {
  const name = free.pop() ?? `policies-${made++}`;
  const answer = cedar().preparsePolicySet(name, { staticPolicies: { ...policies } });
  if (answer.type === "failure") throw new Error("assertion: a policy that was checked is not parsed");
  if (!warm) warmUp(name);
  const slot: Slot = { name };
  lost.register(slot, name);
  return slot;
}

let warm = false;

/** The engine compiles itself as it is used, which takes the first call some 30 ms: no request should wait for that. */
function warmUp(preparsedPolicySetId: string): void {
  warm = true;
  const principal = { type: "Principal", id: "nobody" };
  const resource = { type: "Connection", id: "nowhere" };
  const entities = [principal, resource].map((uid) => ({ uid, attrs: {}, parents: [{ type: "Group", id: "none" }] }));
  cedar().statefulIsAuthorized({
    principal,
    action: { type: "Action", id: "infer" },
    resource,
    context: {},
    entities,
    preparsedPolicySetId,
  });
}
