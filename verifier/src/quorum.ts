/**
 * Whether witnesses have cosigned as a policy wants it. https://c2sp.org/tlog-policy: "the group is considered to witness a
 * checkpoint if and only if at least k of its n members have witnessed that checkpoint". Pure; which cosignatures verify is
 * for signature.ts to say.
 */

import type { Policy } from "./policy.ts";

/** A group on the way to the quorum that is not met; for a quorum that is one witness, that witness. */
export interface QuorumGap {
  readonly name: string;
  readonly needs: number;
  readonly has: number;
  /** Members that have not witnessed the checkpoint, in the order of the policy. */
  readonly without: readonly string[];
}

export interface QuorumVerdict {
  readonly met: boolean;
  /** Witnesses that have cosigned, in the order of the policy; whether the quorum needs them or not. */
  readonly witnesses: readonly string[];
  /** Empty when it is met. */
  readonly gaps: readonly QuorumGap[];
}

/** `cosigned`: names of the policy's witnesses of which a cosignature verifies. */
export function judgeQuorum(policy: Policy, cosigned: ReadonlySet<string>): QuorumVerdict {
  const witnesses = policy.witnesses.map(({ name }) => name).filter((name) => cosigned.has(name));
  const met = new Set(witnesses);
  // A group stands after its members, so one pass decides all.
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => met.has(member)).length >= threshold) met.add(name);
  }
  const { quorum } = policy;
  if (quorum === undefined || met.has(quorum)) return { met: true, witnesses, gaps: [] };
  return { met: false, witnesses, gaps: gapsOf(policy, quorum, met) };
}

/** What lacks what, from the quorum downwards. */
function gapsOf(policy: Policy, quorum: string, met: ReadonlySet<string>): QuorumGap[] {
  const groups = new Map(policy.groups.map((group) => [group.name, group]));
  const gaps: QuorumGap[] = [];
  const open = [quorum];
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    const group = groups.get(name);
    if (group === undefined) {
      if (name === quorum) gaps.push({ name, needs: 1, has: 0, without: [name] });
      continue;
    }
    const without = group.members.filter((member) => !met.has(member));
    gaps.push({ name, needs: group.threshold, has: group.members.length - without.length, without });
    open.push(...without);
  }
  return gaps;
}

/** For people: "X-and-Y has 1 of 2 (without X), X has 1 of 2 (without X1, X3)". */
export function describeGaps(gaps: readonly QuorumGap[]): string {
  return gaps
    .map(
      ({ name, needs, has, without }) =>
        `${name} has ${String(has)} of ${String(needs)} (without ${without.join(", ")})`,
    )
    .join("; ");
}
