/** What the verbs of `sluice policy` work on: a configuration with its policies, and the people that it knows. */
import type { Config } from "../config/config.ts";
import type { Connection } from "../core/connection.ts";
import { SluiceError } from "../core/errors.ts";
import { type Principal, type Role, ROLES } from "../core/principal.ts";
import type { Vocabulary } from "../policy/load.ts";
import type { PolicyFiles } from "../policy/source.ts";
import { CliError, EXIT } from "./exit.ts";

export interface Setup {
  readonly config: Config;
  /** Everything that requests can go to. */
  readonly connections: readonly Connection[];
  readonly vocabulary: Vocabulary;
  readonly policies?: PolicyFiles & { readonly dir: string };
}

/** Stands for every variable: policies are looked at where the targets' secrets are not, and need none of them. */
const NO_SECRETS: Readonly<Record<string, string>> = new Proxy({}, { get: () => "not-read" });

/** Throws `config_invalid`. */
export async function loadSetup(file: string | undefined): Promise<Setup> {
  const [{ loadConfig, withRehearsal }, { policyVocabulary }, { DETECTIONS }, { localConnection }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/policy.ts"),
    import("../server/detections.ts"),
    import("../server/local.ts"),
  ]);
  const loaded = await loadConfig({ file, detections: DETECTIONS, env: NO_SECRETS });
  const config = loaded.rehearsal ? withRehearsal(loaded, new URL("http://127.0.0.1")) : loaded;
  const connections = [...config.connections, localConnection(config)];
  const { policies } = config;
  return {
    config,
    connections,
    vocabulary: policyVocabulary(config, connections),
    ...(policies === undefined ? {} : { policies }),
  };
}

/** Throws a CliError (2) when the configuration names no policies. */
export function policiesOf({ config, policies }: Setup): NonNullable<Setup["policies"]> {
  if (policies !== undefined) return policies;
  const message = `${config.source} has no \`policies\`: what each credential may do is enough. Write policies: { dir: ./policies }`;
  throw new CliError(EXIT.usage, "policies_missing", message);
}

/** Owners of API keys, by the key's id and by their own. */
export function principalsOf({ keys }: Config): ReadonlyMap<string, Principal> {
  return new Map(
    keys.flatMap(
      ({ id, principal }) =>
        [
          [principal.id, principal],
          [id, principal],
        ] as const,
    ),
  );
}

export interface Somebody {
  readonly name: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly agents: readonly string[];
}

/**
 * Who is meant: the owner of a key; else a person in these groups, with what `identity.groups` gives them; else, without
 * groups, a person with every purpose. Agents act for it and take away what they do not have themselves. Throws a CliError (2).
 */
export async function principalFor({ name, groups, roles, agents }: Somebody, setup: Setup): Promise<Principal> {
  const { config, vocabulary } = setup;
  const known = new Set(vocabulary.groups);
  const wrong = groups.find((group) => !known.has(group));
  if (wrong !== undefined)
    throw new CliError(EXIT.usage, "group_unknown", `unknown group "${wrong}"; known: ${[...known].join(", ")}`);
  const own = principalsOf(config).get(name);
  const base = own ?? (groups.length > 0 ? await memberOf(name, groups, agents, setup) : stranger(name, config));
  const given = [...base.roles, ...roles.map(roleOf)];
  return {
    ...base,
    groups: [...new Set([...base.groups, ...groups])],
    roles: [...new Set(given)],
    actors: base.actors.length > 0 ? base.actors : agents.map((agent) => ({ id: `agent:${agent}`, kind: "agent" })),
  };
}

const LIMITS = { requestsPerMinute: 1, concurrentStreams: 1 };

function stranger(id: string, { purposes }: Config): Principal {
  return {
    id,
    kind: "human",
    credential: "explain",
    groups: [],
    roles: ["user"],
    purposes: [...purposes.keys()],
    actors: [],
    limits: LIMITS,
  };
}

/** The rights that the gateway itself would work out, for somebody in these groups by our own names. */
async function memberOf(
  name: string,
  groups: readonly string[],
  agents: readonly string[],
  { config }: Setup,
): Promise<Principal> {
  const { principalOf, rightsTable } = await import("../identity/rights.ts");
  const { identity } = config;
  const mapped = identity.groups.filter((each) => groups.includes(each.name));
  if (mapped.length === 0) return stranger(name, config);
  const provider = "explain";
  const table = rightsTable({
    ...identity,
    groups: mapped.map((each) => ({ ...each, from: [`${provider}:${each.name}`] })),
    agents: identity.agents.map((each) => ({ ...each, from: [`${provider}:${each.name}`] })),
  });
  const actors = agents.map((agent) => `${provider}:${agent}`);
  try {
    const principal = principalOf(
      { provider, subject: name, kind: "human", groups, actors, expiresAt: 0 },
      table,
      "explain",
    );
    const { provider: _, expiresAt: __, ...rest } = principal;
    return { ...rest, id: name };
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.kind === "denied")
      throw new CliError(EXIT.failed, thrown.code, thrown.message);
    throw thrown;
  }
}

function roleOf(name: string): Role {
  const role = ROLES.find((each) => each === name);
  if (role === undefined)
    throw new CliError(EXIT.usage, "role_unknown", `unknown role "${name}"; known: ${ROLES.join(", ")}`);
  return role;
}
