/**
 * Who may come in: providers, groups, agents and certificates, checked against one another and against purposes, connections
 * and API keys. A name that leads nowhere is a problem here and never a right that silently is not there.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type {
  AgentSettings,
  CertificateMatch,
  CertificateSettings,
  GroupSettings,
  IdentitySettings,
  ProviderSettings,
  SamlProviderSettings,
  ScimSettings,
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
  const directories = new Map<string, string>();
  return {
    ...(resource === undefined ? {} : { resource }),
    providers: resolveProviders(document, context, directories),
    saml: resolveSamlProviders(document, context, directories),
    groups: resolveGroups(document, context),
    agents: resolveAgents(document, context),
    certificates: resolveCertificates(document, context),
    rememberMs: durationMs(document.remember) ?? 0,
  };
}

/** RFC 9728 section 1.2: an https URL without fragment; without query, because there is no need for one here. */
function resolveResource({ resource }: IdentityDocument, { report }: IdentityContext): string | undefined {
  if (resource === undefined) return undefined;
  const fault = faultOfIssuer(resource);
  if (fault !== undefined) report.problem(["identity", "resource"], fault);
  return resource.replace(/\/$/, "");
}

type ProviderDocument = IdentityDocument["providers"][string];
type SamlDocument = Extract<ProviderDocument, { kind: "saml" }>;

function providersOf<K extends ProviderDocument["kind"]>(
  document: IdentityDocument,
  kind: K,
  { report }: IdentityContext,
): [name: string, provider: Extract<ProviderDocument, { kind: K }>, path: Path][] {
  const seen = new Map<string, string>();
  return Object.entries(document.providers).flatMap(([name, each]) => {
    if (each.kind !== kind) return [];
    const path: Path = ["identity", "providers", name];
    if (RESERVED.has(name)) report.problem(path, `"${name}" begins other principals' ids; choose another name`, "key");
    const twin = seen.get(each.issuer);
    if (twin !== undefined) report.problem([...path, "issuer"], `is the issuer of provider "${twin}" too`);
    seen.set(each.issuer, name);
    return [[name, each as Extract<ProviderDocument, { kind: K }>, path]];
  });
}

/** `directories`: API keys of directories so far, with whose they are. */
function resolveProviders(
  document: IdentityDocument,
  context: IdentityContext,
  directories: Map<string, string>,
): ProviderSettings[] {
  const { report, secretOf } = context;
  return providersOf(document, "oidc", context).map(([name, each, path]) => {
    const fault = faultOfIssuer(each.issuer);
    if (fault !== undefined) report.problem([...path, "issuer"], fault);
    if (each.client_secret !== undefined && each.client_id === undefined)
      report.problem(path, "has a `client_secret` and no `client_id`", "key");
    const clientSecret =
      each.client_secret === undefined ? undefined : secretOf(each.client_secret, [...path, "client_secret"]);
    const { groups_claim: groups, authorized_parties: authorizedParties, device } = each;
    return {
      name,
      issuer: each.issuer,
      audiences: each.audience,
      ...(each.client_id === undefined ? {} : { clientId: each.client_id, scope: each.scopes.join(" ") }),
      ...(clientSecret === undefined ? {} : { clientSecret }),
      algorithms: each.algorithms,
      clockSkewMs: durationMs(each.clock_skew) ?? 0,
      subjectClaim: each.subject_claim,
      ...resolveCase(each, path, context),
      ...(groups === undefined ? {} : { groupsClaim: typeof groups === "string" ? groups.split(".") : groups }),
      ...(authorizedParties === undefined ? {} : { authorizedParties }),
      ...(device === undefined ? {} : { device: { clientId: device.client_id, scope: device.scopes.join(" ") } }),
      ...resolveScim(each.scim, name, path, context, directories),
    };
  });
}

/** SAML Core section 8.3. */
const NAME_ID_FORMATS = {
  persistent: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  email: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
  unspecified: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
} as const;

function resolveSamlProviders(
  document: IdentityDocument,
  context: IdentityContext,
  directories: Map<string, string>,
): SamlProviderSettings[] {
  return providersOf(document, "saml", context).map(([name, each, path]) => {
    const fault = faultOfUrl(each.entry_point);
    if (fault !== undefined) context.report.problem([...path, "entry_point"], fault);
    const { subject_attribute: subjectAttribute, groups_attribute: groupsAttribute } = each;
    return {
      name,
      issuer: each.issuer,
      entryPoint: each.entry_point,
      certificates: each.certificates.flatMap((reference, index) =>
        certificatesIn(reference, [...path, "certificates", index], context),
      ),
      entityId: each.entity_id,
      audiences: each.audience ?? [each.entity_id],
      nameIdFormat: NAME_ID_FORMATS[each.name_id_format],
      ...(subjectAttribute === undefined ? {} : { subjectAttribute }),
      ...(groupsAttribute === undefined ? {} : { groupsAttribute }),
      clockSkewMs: durationMs(each.clock_skew) ?? 0,
      ...resolveCase(each, path, context),
      ...resolveDecryption(each, path, context),
      ...resolveScim(each.scim, name, path, context, directories),
    };
  });
}

function resolveCase(
  provider: ProviderDocument,
  path: Path,
  { report }: IdentityContext,
): Pick<ProviderSettings, "foldsCase"> {
  // RFC 7643 section 4.1.1: `userName` has no case, so what is compared with it has none either.
  if (provider.fold_case === false && provider.scim?.subject === "user_name")
    report.problem([...path, "fold_case"], "must not be false with `scim.subject: user_name`, which has no case");
  return foldsCase(provider) ? { foldsCase: true } : {};
}

/** Whether one who is written in two ways is one person, where the document does not say. */
function foldsCase(provider: ProviderDocument): boolean {
  const isMail =
    provider.kind === "saml" && provider.name_id_format === "email" && provider.subject_attribute === undefined;
  return provider.fold_case ?? (isMail || provider.scim?.subject === "user_name");
}

function resolveDecryption(
  { decryption }: SamlDocument,
  path: Path,
  context: IdentityContext,
): Pick<SamlProviderSettings, "decryption"> {
  if (decryption === undefined) return {};
  const at: Path = [...path, "decryption"];
  const key = context.secretOf(decryption.key, [...at, "key"]);
  const [certificate, ...others] = certificatesIn(decryption.certificate, [...at, "certificate"], context);
  if (key === undefined || certificate === undefined) return {};
  if (others.length > 0) context.report.problem([...at, "certificate"], "the file holds more than one certificate");
  if (!isPair(key.reveal(), certificate)) context.report.problem([...at, "key"], "is not the key of `certificate`");
  return { decryption: { key, certificate } };
}

function isPair(key: string, certificate: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    // No key at all, or one that asks for a password.
    return false;
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** NIST SP 800-131A revision 2, table 2. */
const RSA_BITS_MIN = 2048;

/** Those of one file. They are trusted because they stand there: who issued them and when they end is not asked. */
function certificatesIn(reference: string, path: Path, { report, secretOf }: IdentityContext): string[] {
  const text = secretOf(reference, path)?.reveal();
  if (text === undefined) return [];
  const certificates = text.match(PEM_CERTIFICATE) ?? [];
  if (certificates.length === 0) report.problem(path, "the file holds no certificate (BEGIN CERTIFICATE)");
  for (const pem of certificates) {
    const fault = faultOfCertificate(pem);
    if (fault !== undefined) report.problem(path, `the file holds a certificate ${fault}`);
  }
  return [...certificates];
}

function faultOfCertificate(pem: string): string | undefined {
  let key: KeyObject;
  try {
    key = new X509Certificate(pem).publicKey;
  } catch {
    return "that cannot be read";
  }
  if (key.asymmetricKeyType !== "rsa") return "whose key is not of RSA";
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS_MIN)
    return `whose key has fewer than ${RSA_BITS_MIN} bits`;
  return undefined;
}

function resolveScim(
  scim: ProviderDocument["scim"],
  provider: string,
  path: Path,
  { report, keyIds }: IdentityContext,
  directories: Map<string, string>,
): { scim?: ScimSettings } {
  if (scim === undefined) return {};
  const at: Path = [...path, "scim", "key"];
  checkName("API key", scim.key, keyIds, at, report);
  const other = directories.get(scim.key);
  if (other !== undefined) report.problem(at, `is the key of the directory of "${other}" too`);
  directories.set(scim.key, provider);
  return { scim: { keyId: scim.key, subject: scim.subject, groups: scim.groups } };
}

/** Discovery compares an issuer character by character, so it is kept as it is written. */
function faultOfIssuer(text: string): string | undefined {
  if (text.includes("?")) return "must have neither query nor fragment";
  return faultOfUrl(text);
}

/** Plaintext only where nobody else is on the line. */
function faultOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return "must be an https URL";
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return "must be https: whoever is on the line to an http URL decides who is let in";
  if (url.username !== "" || url.password !== "") return "must not hold a user or password";
  if (text.includes("#")) return "must have no fragment";
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
    else if (provider.scim?.groups !== true) {
      const [key, stands] =
        provider.kind === "oidc"
          ? ["groups_claim", provider.groups_claim]
          : ["groups_attribute", provider.groups_attribute];
      if (stands === undefined)
        context.report.problem(path, `has no \`${key}\` and no \`scim.groups\`, and groups are \`from\` it`, "key");
    }
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
    return {
      name,
      from: all,
      purposes,
      ...(connections === undefined ? {} : { connections }),
      ...ownersOf(each, path, document, context),
    };
  });
}

const EXAMPLES = {
  group: '"corp:Support EMEA"',
  key: '"corp:crm-bot" or "key:<id of an API key>"',
  person: '"corp:<subject>"',
} as const;

/** People that an agent, a key or a certificate belongs to. */
export function ownersOf(
  { owners }: { readonly owners: readonly string[] },
  path: Path,
  document: IdentityDocument,
  context: Pick<IdentityContext, "report" | "keyIds">,
): { owners?: readonly string[] } {
  for (const [index, owner] of owners.entries())
    checkFrom(owner, [...path, "owners", index], document, context, "person");
  return owners.length === 0 ? {} : { owners };
}

/** `provider:value`, or `key:id` where an API key will do. */
function checkFrom(
  from: string,
  path: Path,
  document: IdentityDocument,
  context: Pick<IdentityContext, "report" | "keyIds">,
  what: keyof typeof EXAMPLES = "group",
): void {
  const colon = from.indexOf(":");
  const [source, value] = [from.slice(0, colon), from.slice(colon + 1)];
  if (colon < 1 || value === "")
    context.report.problem(path, `must be a provider, a colon and a value: ${EXAMPLES[what]}`);
  else if (what === "key" && source === "key") checkName("API key", value, context.keyIds, path, context.report);
  else checkName("provider", source, Object.keys(document.providers), path, context.report);
  const provider = document.providers[source];
  // A group's value is no person's name and is compared as it stands.
  if (what !== "group" && provider !== undefined && foldsCase(provider) && value !== value.toLowerCase())
    context.report.problem(path, `must be in lower case, as all ids of provider "${source}" are (fold_case)`);
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
        ...ownersOf(each, path, document, context),
        limits: resolveLimits(each.limits),
      },
    ];
  });
}
