/**
 * Asks Cedar: facts → the answer of the policies, with the policies that determined it. Default deny; a forbid wins; a policy
 * that cannot be evaluated denies, because a forbid that Cedar leaves out for an error would be a hole. Only those policies are
 * asked that can hold for action, connection, principal and purpose, which cannot change the answer: Cedar evaluates a policy's
 * scope before its conditions, from left to right, and of the policies left out that is false (https://docs.cedarpolicy.com/auth/authorization.html).
 */
import type { Connection } from "../core/connection.ts";
import type { Obligations } from "../core/decision.ts";
import { cedar, prepare, type Slot } from "./cedar.ts";
import { createReader, type Facts, type Reader } from "./facts.ts";
import type { Policy, PolicySet } from "./load.ts";
import { mergeObligations, NO_OBLIGATIONS } from "./obligations.ts";
import { isControl, type Known, withoutScope } from "./scope.ts";
import { type PolicyAction, REQUEST_ACTIONS } from "./schema.ts";
import { usesOf } from "./uses.ts";

export interface Answer {
  readonly effect: "allow" | "deny";
  /** Ids of the permits (allow) or the forbids (deny) that determined it, in the order of the files; none is the default deny. */
  readonly policies: readonly string[];
  readonly obligations: Obligations;
  /** Ids of policies that could not be evaluated; then the effect is deny. */
  readonly failed: readonly string[];
}

export interface Evaluator {
  answer(facts: Facts): Answer;
}

export interface EvaluatorOptions {
  /** Answers that are kept, the least recently used of them given up first; 0: none. */
  readonly cacheMax: number;
  /** Every policy is asked, whatever its scope. The answers are the same; it is there to show that. */
  readonly whole?: boolean;
  /** Default PREPARED_MAX. */
  readonly preparedMax?: number;
}

/**
 * Policies that are kept parsed for being asked apart, each counted in every part that it is in: some 4 KB and 0.2 ms each.
 * Beyond it the next wider part is asked, which gives the same answer.
 */
const PREPARED_MAX = 20_000;
/** Of these, how many are parsed before the first request. */
const PREPARED_AT_ONCE = 2_000;
/** Ways in which principals and purposes can differ that are remembered for an action on a connection. */
const NARROWER_MAX = 1_000;

/** The policies that can matter for an action on a connection. */
interface Part {
  /** What of their scopes holds in every place that the part is for, and is left out. */
  readonly known: Known;
  readonly policies: readonly Policy[];
  /** Some of them are for certain purposes only. */
  readonly byPurpose: boolean;
  readonly slot: Slot;
  readonly reader: Reader;
}

/** An action on a connection. */
interface Place {
  readonly part: Part;
  /** Tells its keys from those of other places. */
  readonly prefix: string;
  /** By what scopes can see of principal and purpose, the part of it that can matter. */
  readonly narrower: Map<string, Part>;
}

export function createEvaluator({ policies, vocabulary }: PolicySet, options: EvaluatorOptions): Evaluator {
  const byId = new Map(policies.map((policy, at) => [policy.id, { policy, at }]));
  const parts = new Map<string, Part>();
  const places = new WeakMap<object, Map<PolicyAction, Place>>();
  const cache = new Map<string, Answer>();
  const { preparedMax = PREPARED_MAX } = options;
  let placed = 0;
  let prepared = 0;

  function partOf(chosen: readonly Policy[], known: Known): Part {
    const signature = JSON.stringify([known, chosen.map(({ id }) => byId.get(id)?.at)]);
    let part = parts.get(signature);
    if (part === undefined) {
      const bare = chosen.map(({ id, json }) => [id, withoutScope(json, known)] as const);
      part = {
        known,
        policies: chosen,
        byPurpose: chosen.some(({ scope }) => scope.purposes !== undefined),
        slot: prepare(Object.fromEntries(bare)),
        reader: createReader(usesOf(bare.map(([, json]) => json))),
      };
      parts.set(signature, part);
      prepared += chosen.length;
    }
    return part;
  }

  function choose(action: PolicyAction, connection: Connection | undefined): Part {
    if (options.whole === true) return partOf(policies, { action: false, resource: false, principal: false });
    const ofAction = policies.filter(({ scope }) => scope.actions.has(action));
    const ofPlace = ofAction.filter(({ scope }) => scope.holdsFor(connection));
    const isRoom = prepared + ofPlace.length <= preparedMax;
    return partOf(isRoom ? ofPlace : ofAction, { action: true, resource: isRoom, principal: false });
  }

  /** The same connection object has the same place: a reload makes other objects, and another evaluator. */
  function placeOf({ action, connection }: Pick<Facts, "action" | "connection">): Place {
    const resource = connection ?? EVIDENCE;
    let ofResource = places.get(resource);
    if (ofResource === undefined) places.set(resource, (ofResource = new Map<PolicyAction, Place>()));
    let place = ofResource.get(action);
    if (place === undefined) {
      place = { part: choose(action, connection), prefix: `${placed++}:`, narrower: new Map() };
      ofResource.set(action, place);
    }
    return place;
  }

  function narrow({ part, narrower }: Place, facts: Facts): Part {
    if (options.whole === true) return part;
    const purpose = isControl(facts.action) ? undefined : facts.purpose?.id;
    const who = `${part.byPurpose ? purpose : ""}:${part.reader.who(facts)}`;
    let found = narrower.get(who);
    if (found === undefined && narrower.size < NARROWER_MAX && prepared < preparedMax) {
      const own = part.policies.filter(
        ({ scope }) =>
          scope.holdsForPrincipal(facts.principal) && (purpose === undefined || scope.purposes?.has(purpose) !== false),
      );
      found = partOf(own, { ...part.known, principal: true });
      narrower.set(who, found);
    }
    return found ?? part;
  }

  /** Cedar names policies in no order. */
  function inOrder(ids: readonly string[]): Policy[] {
    return ids
      .flatMap((id) => byId.get(id) ?? [])
      .toSorted((a, b) => a.at - b.at)
      .map(({ policy }) => policy);
  }

  function ask(part: Part, facts: Facts): Answer {
    const answer = cedar().statefulIsAuthorized({
      ...part.reader.request(facts),
      preparsedPolicySetId: part.slot.name,
    });
    if (answer.type === "failure") {
      // The facts are ours and typed by the schema, so this is a bug; it must not let anything pass.
      throw new Error(
        `assertion: Cedar did not take the facts: ${answer.errors.map(({ message }) => message).join("; ")}`,
      );
    }
    const { decision, diagnostics } = answer.response;
    const failed = inOrder(diagnostics.errors.map(({ policyId }) => policyId)).map(({ id }) => id);
    const determining = inOrder(diagnostics.reason);
    // To Cedar a duty is a permit like others; alone it opens nothing.
    const isOpened = decision === "allow" && determining.some(({ duty }) => !duty);
    const effect = isOpened && failed.length === 0 ? "allow" : "deny";
    return {
      effect,
      policies: determining.filter((each) => (each.effect === "permit") === (effect === "allow")).map(({ id }) => id),
      obligations:
        effect === "allow" ? mergeObligations(determining.map(({ obligations }) => obligations)) : NO_OBLIGATIONS,
      failed,
    };
  }

  // Parsing takes milliseconds; the first request of each kind should not wait for it.
  for (const connection of vocabulary.connections) {
    for (const action of REQUEST_ACTIONS) if (prepared < PREPARED_AT_ONCE) placeOf({ action, connection });
  }

  return {
    answer(facts) {
      const place = placeOf(facts);
      if (options.cacheMax === 0) return ask(narrow(place, facts), facts);
      const key = place.prefix + place.part.reader.key(facts);
      const known = cache.get(key);
      if (known !== undefined) {
        cache.delete(key);
        cache.set(key, known);
        return known;
      }
      const answer = ask(narrow(place, facts), facts);
      cache.set(key, answer);
      if (cache.size > options.cacheMax) {
        for (const oldest of cache.keys()) {
          cache.delete(oldest);
          break;
        }
      }
      return answer;
    },
  };
}

const EVIDENCE: object = Object.freeze({});
