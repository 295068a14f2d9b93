/**
 * Why a decision is what it is: which policies applied, and of those that did not, the first thing that was not so. Asks Cedar
 * about each condition by itself, so an explanation is no faster than it has to be, and says the same as the decision.
 */
import type { Connection } from "../core/connection.ts";
import type { Authorizer } from "./authorizer.ts";
import { conjunctsOf, holds, textOf } from "./condition.ts";
import type { Facts } from "./facts.ts";
import type { Policy, PolicySet, Vocabulary } from "./load.ts";
import { ask, type Question, type Reply } from "./question.ts";

export interface Explanation {
  /** Absent for actions on the evidence. */
  readonly connection?: string;
  readonly decision: Reply["decision"];
  /** Policies for this action and this connection, in the order of the files. */
  readonly considered: readonly Considered[];
}

export interface Considered {
  readonly policy: string;
  /** A duty adds obligations where a permit applies. */
  readonly effect: Policy["effect"] | "duty";
  readonly description?: string;
  readonly applies: boolean;
  /** The first condition that does not hold, as Cedar writes it; absent when it applies. */
  readonly because?: string;
}

/** `set` is absent when there are no policies. */
export function explain(
  authorizer: Authorizer,
  set: PolicySet | undefined,
  question: Question,
  connection: Connection | undefined,
  vocabulary: Pick<Vocabulary, "purposes">,
): Explanation {
  const { decision, facts } = ask(authorizer, question, connection, vocabulary);
  const policies =
    set?.policies.filter(({ scope }) => scope.actions.has(question.action) && scope.holdsFor(connection)) ?? [];
  return {
    ...(connection === undefined ? {} : { connection: connection.name }),
    decision,
    considered: facts === undefined ? [] : policies.map((policy) => consider(policy, facts)),
  };
}

function consider(policy: Policy, facts: Facts): Considered {
  const { id, description } = policy;
  const missed = conjunctsOf(policy).find((conjunct) => holds(conjunct, facts) !== true);
  return {
    policy: id,
    effect: policy.duty ? "duty" : policy.effect,
    ...(description === undefined ? {} : { description }),
    applies: missed === undefined,
    ...(missed === undefined ? {} : { because: textOf(missed) }),
  };
}
