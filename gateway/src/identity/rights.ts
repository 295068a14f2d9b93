/**
 * Asserted → Principal, by the configuration in force. Groups add up; actors take away. Pure and without waiting, so that a
 * reload gives everybody his new rights with the next request.
 */
import { SluiceError } from "../core/errors.ts";
import type { Actor, Principal, Role } from "../core/principal.ts";
import { ACTORS_MAX, acceptedUntil, type Asserted } from "./claims.ts";
import type { AgentSettings, CertificateSettings, GroupSettings, IdentitySettings } from "../core/identity.ts";

/** The settings, arranged for looking up. */
export interface RightsTable {
  readonly groups: readonly GroupSettings[];
  /** `from` → agent. */
  readonly agents: ReadonlyMap<string, AgentSettings>;
  /** Every `from` of every group: values that mean something here. */
  readonly mapped: ReadonlySet<string>;
}

export function rightsTable({ groups, agents }: IdentitySettings): RightsTable {
  return {
    groups,
    agents: new Map(agents.flatMap((agent) => agent.from.map((from) => [from, agent] as const))),
    mapped: new Set(groups.flatMap(({ from }) => from)),
  };
}

/**
 * Who asks and what they may do. `credential` is an id for messages and records. Throws group_missing, actor_unknown, and
 * purpose_not_allowed when a person and those who act for it have no purpose in common.
 */
export function principalOf(asserted: Asserted, table: RightsTable, credential: string): Principal {
  const id = `${asserted.provider}:${asserted.subject}`;
  const groups = groupsOf(asserted, table);
  if (groups.length === 0) {
    throw new SluiceError(
      "group_missing",
      `provider "${asserted.provider}" vouches for you, and none of your groups has rights here (identity.groups); ask whoever runs this gateway`,
    );
  }
  const itself = table.agents.get(id);
  const agents = actingAgents(asserted, table);
  // An agent that acts for itself has no more than its entry says either.
  const restrictions = itself === undefined ? agents : [...agents, itself];
  let purposes = union(groups.map((group) => group.purposes));
  let connections = groups.some((group) => group.connections === undefined)
    ? undefined
    : union(groups.map((group) => group.connections ?? []));
  let roles: readonly Role[] = union(groups.map((group) => group.roles));
  for (const agent of restrictions) {
    purposes = purposes.filter((each) => agent.purposes.includes(each));
    const allowed = agent.connections;
    if (allowed !== undefined) connections = connections?.filter((each) => allowed.includes(each)) ?? allowed;
    // Approving, auditing and operating is done by people.
    roles = roles.filter((role) => role === "user");
  }
  if (restrictions.length > 0 && purposes.length === 0) {
    throw new SluiceError(
      "purpose_not_allowed",
      `there is no purpose that you and ${restrictions.map(({ name }) => `agent "${name}"`).join(", ")} have in common`,
    );
  }
  const defaultPurpose = defaultOf(groups, purposes);
  return {
    id,
    kind: itself === undefined ? asserted.kind : "agent",
    credential,
    provider: asserted.provider,
    groups: groups.map(({ name }) => name),
    roles,
    purposes,
    ...(defaultPurpose === undefined ? {} : { defaultPurpose }),
    ...(connections === undefined ? {} : { connections }),
    actors: agents.map(({ name, from }): Actor => ({ id: actorId(name), kind: "agent", from })),
    limits: {
      requestsPerMinute: Math.max(...groups.map(({ limits }) => limits.requestsPerMinute)),
      concurrentStreams: Math.max(...groups.map(({ limits }) => limits.concurrentStreams)),
    },
    expiresAt: acceptedUntil(asserted),
  };
}

export function actorId(agent: string): string {
  return `agent:${agent}`;
}

/** Principal of an agent, however it asks, of an API key or a certificate → people it belongs to. */
export function ownersTable(
  {
    agents,
    certificates,
  }: Pick<IdentitySettings, "agents"> & {
    readonly certificates: readonly Pick<CertificateSettings, "principal" | "owners">[];
  },
  keys: readonly {
    readonly id: string;
    readonly principal: Pick<Principal, "id">;
    readonly owners?: readonly string[];
  }[],
): ReadonlyMap<string, readonly string[]> {
  const keyed = new Map(keys.map(({ id, principal }) => [`key:${id}`, principal.id]));
  const owners = new Map<string, readonly string[]>();
  // What proves the same principal belongs to all their people.
  const add = (id: string, own: readonly string[] = []): unknown => owners.set(id, union([owners.get(id) ?? [], own]));
  for (const { name, from, owners: own } of agents)
    for (const id of [actorId(name), ...from.map((each) => keyed.get(each) ?? each)]) add(id, own);
  for (const { principal, owners: own } of keys) add(principal.id, own);
  for (const { principal, owners: own } of certificates) add(principal, own);
  return owners;
}

function groupsOf({ provider, groups }: Asserted, table: RightsTable): readonly GroupSettings[] {
  const held = new Set(groups.map((value) => `${provider}:${value}`));
  return table.groups.filter(({ from }) => from.some((each) => held.has(each)));
}

/**
 * Everybody who stands between the person and this gateway, the one that sends the request first. RFC 8693 section 4.1 lets only
 * the current actor count, so that nobody gains by those before; here those before can only take away. A token that was issued to
 * a registered agent is used by that agent, even if no `act` says so.
 */
function actingAgents({ actors, client }: Asserted, { agents }: RightsTable): readonly AgentSettings[] {
  const acting = actors.map((from) => {
    const agent = agents.get(from);
    if (agent !== undefined) return agent;
    throw new SluiceError("actor_unknown", "the token names an actor that is not registered (identity.agents)");
  });
  const holder = client === undefined ? undefined : agents.get(client);
  const chain = [...new Set(holder === undefined || acting.includes(holder) ? acting : [holder, ...acting])];
  if (chain.length > ACTORS_MAX)
    throw new SluiceError("actor_not_allowed", `more than ${ACTORS_MAX} agents act one for another`);
  return chain;
}

function union<T>(lists: readonly (readonly T[])[]): readonly T[] {
  return [...new Set(lists.flat())];
}

/** The first group's that has one which is still allowed; where only one purpose is left, that one. */
function defaultOf(groups: readonly GroupSettings[], purposes: readonly string[]): string | undefined {
  if (purposes.length === 1) return purposes[0];
  return groups
    .map(({ defaultPurpose }) => defaultPurpose)
    .find((each) => each !== undefined && purposes.includes(each));
}
