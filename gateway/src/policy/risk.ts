/**
 * A number from 0 to 100 that policies set thresholds on, and what it was computed from. The sum of the weights below, never
 * more than 100; each is a fact that can be explained to who asks and to who approves. Never computed from the text: two
 * requests with the same facts have the same risk. More found, or farther away, is never less risk.
 */
import type { Connection } from "../core/connection.ts";
import type { FoundFacts, Risk } from "../core/decision.ts";
import type { Principal } from "../core/principal.ts";
import type { TransferMechanism } from "../core/register.ts";
import type { Counts } from "../core/segment.ts";
import { staysInEea } from "./facts.ts";
import type { Habit } from "./habits.ts";
import { discloses } from "./lawful-basis.ts";
import type { RequestAction } from "./schema.ts";

/** For a category that is there at all; special categories of GDPR Art. 9 have the weight of their own below. */
const CATEGORY_WEIGHTS: Readonly<Record<string, number>> = {
  secret: 25,
  "national-id": 20,
  financial: 15,
  "direct-identifier": 5,
  contact: 5,
  "online-identifier": 3,
};
/** Each special category. */
const SPECIAL_WEIGHT = 30;
/** At so many findings, so much; the largest that applies. */
const VOLUME_WEIGHTS: readonly (readonly [findings: number, weight: number])[] = [
  [1_000, 30],
  [100, 20],
  [20, 10],
  [5, 5],
];
/** By the footing on which data leaves the EEA. */
const TRANSFER_WEIGHTS: Readonly<Record<TransferMechanism, number>> = {
  adequacy: 5,
  dpf: 10,
  scc: 15,
  bcr: 15,
  derogation: 25,
};
/** The recipient decides by itself what it does with the data. */
const CONTROLLER_WEIGHT = 10;
/** Images, audio or files go along that nobody has scanned. */
const OPAQUE_WEIGHT = 15;
const AGENT_WEIGHT = 5;
const UNUSUAL_HOUR_WEIGHT = 10;
const UNUSUAL_PURPOSE_WEIGHT = 10;

export const RISK_MAX = 100;

/** The table above, for the documentation. */
export const RISK_WEIGHTS: readonly (readonly [fact: string, weight: number])[] = [
  ["each special category (GDPR Art. 9)", SPECIAL_WEIGHT],
  ...Object.entries(CATEGORY_WEIGHTS).map(([category, weight]) => [`category ${category}`, weight] as const),
  ...VOLUME_WEIGHTS.map(([findings, weight]) => [`${findings} findings or more (the largest counts)`, weight] as const),
  ...Object.entries(TRANSFER_WEIGHTS).map(
    ([mechanism, weight]) => [`outside the EEA by ${mechanism}`, weight] as const,
  ),
  ["recipient is not a processor", CONTROLLER_WEIGHT],
  ["parts that nobody scanned go along", OPAQUE_WEIGHT],
  ["an agent acts", AGENT_WEIGHT],
  ["unusual hour for this principal", UNUSUAL_HOUR_WEIGHT],
  ["unusual purpose for this principal", UNUSUAL_PURPOSE_WEIGHT],
];

/** Class of the number of findings: the threshold above that they reach, or 0. */
export function volumeOf(...findings: readonly Counts[]): number {
  let total = 0;
  for (const counts of findings) for (const name in counts) total += counts[name] ?? 0;
  return VOLUME_WEIGHTS.find(([least]) => total >= least)?.[0] ?? 0;
}

export interface RiskFacts {
  readonly principal: Principal;
  readonly action: RequestAction;
  readonly connection: Connection;
  readonly found: FoundFacts;
  /** Of `found`, what specialFound says. */
  readonly special: Counts;
  /** Parts that could not be scanned. */
  readonly opaqueParts: number;
  /** Absent: nothing is known of what is usual. */
  readonly habit?: Habit | undefined;
}

export function riskOf(facts: RiskFacts): Risk {
  const { principal, action, connection, found, special, opaqueParts, habit } = facts;
  let score = 0;
  const reasons: string[] = [];
  const add = (weight: number, reason: string): void => {
    score += weight;
    reasons.push(reason);
  };
  for (const category in special) add(SPECIAL_WEIGHT, `${category} found (${special[category] ?? 0})`);
  for (const category in CATEGORY_WEIGHTS) {
    const count = found.categories[category] ?? 0;
    if (count > 0) add(CATEGORY_WEIGHTS[category] ?? 0, `${category} found (${count})`);
  }
  let total = 0;
  for (const type in found.found) total += found.found[type] ?? 0;
  const volume = VOLUME_WEIGHTS.find(([findings]) => total >= findings);
  if (volume !== undefined) add(volume[1], `${total} findings`);

  if (discloses(action, connection)) {
    const { country, role, transfer } = connection.recipient;
    if (!staysInEea(connection)) {
      const mechanism = transfer?.mechanism ?? "derogation";
      add(TRANSFER_WEIGHTS[mechanism], `outside the EEA: ${country} by ${mechanism}`);
    }
    if (role !== "processor") add(CONTROLLER_WEIGHT, `recipient is a ${role}`);
    if (opaqueParts > 0 && connection.rules.opaqueParts === "allow") {
      add(OPAQUE_WEIGHT, `${opaqueParts} parts that nobody scanned`);
    }
  }
  if (principal.kind === "agent" || principal.actors.length > 0) add(AGENT_WEIGHT, "an agent acts");
  if (habit?.unusualHour === true) add(UNUSUAL_HOUR_WEIGHT, "unusual hour for this principal");
  if (habit?.unusualPurpose === true) add(UNUSUAL_PURPOSE_WEIGHT, "unusual purpose for this principal");
  return { score: Math.min(RISK_MAX, score), reasons };
}
