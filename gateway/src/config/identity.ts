/**
 * Who may come in: providers, groups, agents and certificates, checked against one another and against purposes, connections
 * and API keys. A name that leads nowhere is a problem here and never a right that silently is not there.
 */
import type {
  AgentSettings,
  CertificateMatch,
  CertificateSettings,
  GroupSettings,
  IdentitySettings,
  ProviderSettings,
} from "../core/identity.ts";
import type { Secret } from "../core/secret.ts";
import { isLoopback } from "./connections.ts";
import { checkName, type GrantNames, resolveGrant, resolveLimits } from "./grant.ts";
import type { Path } from "./problem.ts";
import type { IdentityDocument } from "./sections/identity.ts";
import { durationMs } from "./units.ts";

export interface IdentityContext extends GrantNames {
  /** Ids of the section `keys`. */
  readonly keyIds: readonly string[];
  /** Undefined when nothing is found; why is reported where references are followed. */
  readonly secretOf: (reference: string, path: Path) => Secret | undefined;
}

/** First parts of principals' ids that are no provider's: `service:crm`, `agent:crm-bot`, `key:abcdefgh`. */
const RESERVED: ReadonlySet<string> = new Set(["service", "agent", "key"]);

export function resolveIdentity(document: IdentityDocument, context: IdentityContext): IdentitySettings {
  const resource = resolveResource(document, context);
  const providers = resolveProviders(document, context);
  return {
    ...(resource === undefined ? {} : { resource }),
    providers,
    groups: resolveGroups(document, context),
    agents: resolveAgents(document, context),
    certificates: resolveCertificates(document, context),
  };
}

/** RFC 9728 section 1.2: an https URL without fragment; without query, because there is no need for one here. */
function resolveResource({ resource }: IdentityDocument, { report }: IdentityContext): string | undefined {
  if (resource === undefined) return undefined;
  const fault = faultOfUrl(resource);
  if (fault !== undefined) report.problem(["identity", "resource"], fault);
  return resource.replace(/\/$/, "");
}

function resolveProviders(
  document: IdentityDocument,
  { report, secretOf, keyIds }: IdentityContext,
): ProviderSettings[] {
  const seen = new Map<string, string>();
  const directories = new Map<string, string>();
  return Object.entries(document.providers).map(([name, each]) => {
    const path: Path = ["identity", "providers", name];
    if (RESERVED.has(name)) report.problem(path, `"${name}" begins other principals' ids; choose another name`, "key");
    const fault = faultOfUrl(each.issuer);
    if (fault !== undefined) report.problem([...path, "issuer"], fault);
    const twin = seen.get(each.issuer);
    if (twin !== undefined) report.problem([...path, "issuer"], `is the issuer of provider "${twin}" too`);
    seen.set(each.issuer, name);
    if (each.client_secret !== undefined && each.client_id === undefined)
      report.problem(path, "has a `client_secret` and no `client_id`", "key");
    const clientSecret =
      each.client_secret === undefined ? undefined : secretOf(each.client_secret, [...path, "client_secret"]);
    const { groups_claim: groups, authorized_parties: authorizedParties, device, scim } = each;
    if (scim !== undefined) {
      checkName("API key", scim.key, keyIds, [...path, "scim", "key"], report);
      const other = directories.get(scim.key);
      if (other !== undefined)
        report.problem([...path, "scim", "key"], `is the key of the directory of "${other}" too`);
      directories.set(scim.key, name);
    }
    return {
      name,
      issuer: each.issuer,
      audiences: each.audience,
      ...(each.client_id === undefined ? {} : { clientId: each.client_id }),
      ...(clientSecret === undefined ? {} : { clientSecret }),
      algorithms: each.algorithms,
      clockSkewMs: durationMs(each.clock_skew) ?? 0,
      subjectClaim: each.subject_claim,
      ...(groups === undefined ? {} : { groupsClaim: typeof groups === "string" ? groups.split(".") : groups }),
      ...(authorizedParties === undefined ? {} : { authorizedParties }),
      ...(device === undefined ? {} : { device: { clientId: device.client_id, scope: device.scopes.join(" ") } }),
      ...(scim === undefined ? {} : { scim: { keyId: scim.key, subject: scim.subject, groups: scim.groups } }),
    };
  });
}

/**
 * Plaintext only where nobody else is on the line. Discovery compares an issuer character by character, so it is kept as it
 * is written.
 */
function faultOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return "must be an https URL";
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return "must be https: whoever is on the line to an http URL decides who is let in";
  if (url.username !== "" || url.password !== "") return "must not hold a user or password";
  if (text.includes("?") || text.includes("#")) return "must have neither query nor fragment";
  return undefined;
}

function resolveGroups(document: IdentityDocument, context: IdentityContext): GroupSettings[] {
  const groups = Object.entries(document.groups).map(([name, each]) => {
    const path: Path = ["identity", "groups", name];
    for (const [index, from] of each.from.entries()) checkFrom(from, [...path, "from", index], document, context);
    return {
      name,
      from: each.from,
      roles: each.roles,
      ...resolveGrant(each, path, "this group's", context),
      limits: resolveLimits(each.limits),
    };
  });
  for (const [name, provider] of Object.entries(document.providers)) {
    const path: Path = ["identity", "providers", name];
    const named = groups.some(({ from }) => from.some((each) => each.startsWith(`${name}:`)));
    if (!named) context.report.warn(path, "no group is `from` it: everybody whom it vouches for is refused", "key");
    else if (provider.groups_claim === undefined && provider.scim?.groups !== true)
      context.report.problem(path, "has no `groups_claim` and no `scim.groups`, and groups are `from` it", "key");
  }
  return groups;
}

function resolveAgents(document: IdentityDocument, context: IdentityContext): AgentSettings[] {
  const seen = new Map<string, string>();
  return Object.entries(document.agents).map(([name, each]) => {
    const path: Path = ["identity", "agents", name];
    const all = typeof each.from === "string" ? [each.from] : each.from;
    for (const [index, from] of all.entries()) {
      const at = typeof each.from === "string" ? [...path, "from"] : [...path, "from", index];
      checkFrom(from, at, document, context, "key");
      const twin = seen.get(from);
      if (twin !== undefined) context.report.problem(at, `is agent "${twin}" already`);
      seen.set(from, name);
    }
    const { purposes, connections } = resolveGrant(each, path, "this agent's", context);
    return { name, from: all, purposes, ...(connections === undefined ? {} : { connections }) };
  });
}

/** `provider:value`, or `key:id` where an API key will do. */
function checkFrom(from: string, path: Path, document: IdentityDocument, context: IdentityContext, also?: "key"): void {
  const colon = from.indexOf(":");
  const [source, value] = [from.slice(0, colon), from.slice(colon + 1)];
  const example = also === "key" ? '"corp:crm-bot" or "key:<id of an API key>"' : '"corp:Support EMEA"';
  if (colon < 1 || value === "") context.report.problem(path, `must be a provider, a colon and a value: ${example}`);
  else if (also === "key" && source === "key") checkName("API key", value, context.keyIds, path, context.report);
  else checkName("provider", source, Object.keys(document.providers), path, context.report);
}

function resolveCertificates(document: IdentityDocument, context: IdentityContext): CertificateSettings[] {
  const seen = new Map<string, string>();
  return Object.entries(document.certificates).flatMap(([name, each]) => {
    const path: Path = ["identity", "certificates", name];
    const matches: CertificateMatch[] = [];
    if (each.spki_sha256 !== undefined) {
      const sha256 = Buffer.from(each.spki_sha256, "base64").toString("base64url");
      matches.push({ by: "key", sha256 });
    }
    if (each.san !== undefined) matches.push({ by: "name", name: each.san });
    if (each.subject !== undefined) matches.push({ by: "subject", attributes: each.subject });
    const [match, second] = matches;
    if (match === undefined || second !== undefined) {
      context.report.problem(path, "must have exactly one of `subject`, `san` and `spki_sha256`", "key");
      return [];
    }
    if (match.by === "subject" && Object.keys(match.attributes).length === 0)
      context.report.problem([...path, "subject"], "must name at least one attribute");
    const twin = seen.get(JSON.stringify(match));
    if (twin !== undefined) context.report.problem(path, `matches the same certificates as "${twin}"`, "key");
    seen.set(JSON.stringify(match), name);
    return [
      {
        name,
        match,
        principal: each.principal,
        roles: each.roles,
        groups: each.groups,
        ...resolveGrant(each, path, "this certificate's", context),
        limits: resolveLimits(each.limits),
      },
    ];
  });
}
