import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { createAuthenticator } from "../identity/authenticate.ts";
import { createDisabled } from "../identity/disabled.ts";
import { newSigningKey } from "../identity/test/saml-idp.ts";
import type { IdentitySettings } from "../core/identity.ts";
import { resolveIdentity } from "./identity.ts";
import { formatProblem } from "./problem.ts";
import { identitySchema } from "./sections/identity.ts";
import { parseSource, Report } from "./source.ts";

/** Resolves a document that has the right form; what is said of its meaning comes back beside it. */
function resolved(yaml: string) {
  const source = parseSource(yaml, "sluice.yaml");
  const report = new Report(source);
  const document = identitySchema.parse((source.value as { identity: unknown }).identity);
  const identity = resolveIdentity(document, {
    purposeNames: ["support", "research"],
    connectionNames: ["openai", "local-model"],
    keyIds: ["crm-production"],
    secretOf: (reference) => new Secret(FILES[reference] ?? reference),
    report,
  });
  return { identity, problems: report.problems.map(formatProblem), warnings: report.warnings.map(formatProblem) };
}

const WHOLE = `
identity:
  resource: https://gateway.example.com/
  providers:
    corp:
      kind: oidc
      issuer: https://login.example.com/realms/corp
      audience: [https://gateway.example.com]
      client_id: sluice
      client_secret: env:CORP_SECRET
      groups_claim: realm_access.roles
      clock_skew: 30s
    partner:
      kind: oidc
      issuer: http://localhost:8080
      audience: [sluice, sluice-test]
      algorithms: [ES256]
      subject_claim: oid
      groups_claim: [https://example.com/groups]
      authorized_parties: [portal]
  groups:
    support:
      from: ["corp:Support EMEA", "partner:agents: level 2"]
      purposes: [support]
      connections: [openai]
    officers:
      from: ["corp:Datenschutz"]
      roles: [user, privacy-officer, approver]
      purposes: [support, research]
      default_purpose: research
      limits: { requests_per_minute: 60 }
  agents:
    crm-bot: { from: "corp:crm-bot", purposes: [support] }
    mailer: { from: ["key:crm-production", "partner:mailer"], purposes: [research], connections: [local-model], owners: ["corp:00u1"] }
  certificates:
    batch:
      subject: { CN: batch, O: Example }
      principal: service:batch
      purposes: [support]
    nightly:
      san: URI:spiffe://example.com/nightly
      principal: service:nightly
      purposes: [support]
    pinned:
      spki_sha256: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
      principal: service:pinned
      purposes: [support]
      roles: [auditor]
`;

const RSA = newSigningKey().cert;
const NEXT = newSigningKey().cert;
const OWN = newSigningKey();
const FILES: Readonly<Record<string, string>> = {
  "file:idp.pem": `# of 2026\n${RSA}\n# of 2027\n${NEXT}`,
  "file:key.pem": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
  "file:broken.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  "file:own.key": OWN.key,
  "file:own.pem": OWN.cert,
  "file:other.key": newSigningKey().key,
  "file:short.pem": newSigningKey(1024).cert,
};

/** JSON is YAML. */
function saml(change: object): string {
  const corp = {
    kind: "saml",
    issuer: "urn:example:idp",
    entry_point: "https://idp.example.com/sso",
    certificates: ["file:idp.pem"],
    entity_id: "https://sluice.example.com/saml",
    groups_attribute: "groups",
    ...change,
  };
  const groups = { support: { from: ["corp:Support"], purposes: ["support"] } };
  return JSON.stringify({ identity: { providers: { corp }, groups } });
}

describe("the section identity", () => {
  test("resolves to what the room asks for, with defaults that let nobody in by accident", () => {
    const { identity, problems, warnings } = resolved(WHOLE);
    expect([problems, warnings]).toEqual([[], []]);
    // What config gives is what identity takes.
    const settings: IdentitySettings = identity;
    expect(settings.resource).toBe("https://gateway.example.com");
    expect(settings.providers).toEqual([
      {
        name: "corp",
        issuer: "https://login.example.com/realms/corp",
        audiences: ["https://gateway.example.com"],
        clientId: "sluice",
        clientSecret: new Secret("env:CORP_SECRET"),
        scope: "openid profile",
        algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
        clockSkewMs: 30_000,
        subjectClaim: "sub",
        groupsClaim: ["realm_access", "roles"],
      },
      {
        name: "partner",
        issuer: "http://localhost:8080",
        audiences: ["sluice", "sluice-test"],
        algorithms: ["ES256"],
        clockSkewMs: 60_000,
        subjectClaim: "oid",
        groupsClaim: ["https://example.com/groups"],
        authorizedParties: ["portal"],
      },
    ]);
    expect(settings.groups).toEqual([
      {
        name: "support",
        from: ["corp:Support EMEA", "partner:agents: level 2"],
        roles: ["user"],
        purposes: ["support"],
        defaultPurpose: "support",
        connections: ["openai"],
        limits: { requestsPerMinute: 600, concurrentStreams: 20 },
      },
      {
        name: "officers",
        from: ["corp:Datenschutz"],
        roles: ["user", "privacy-officer", "approver"],
        purposes: ["support", "research"],
        defaultPurpose: "research",
        limits: { requestsPerMinute: 60, concurrentStreams: 20 },
      },
    ]);
    expect(settings.agents).toEqual([
      { name: "crm-bot", from: ["corp:crm-bot"], purposes: ["support"] },
      {
        name: "mailer",
        from: ["key:crm-production", "partner:mailer"],
        purposes: ["research"],
        connections: ["local-model"],
        owners: ["corp:00u1"],
      },
    ]);
    expect(settings.rememberMs).toBe(30 * 86_400_000);
    expect(settings.certificates.map(({ name, match }) => [name, match])).toEqual([
      ["batch", { by: "subject", attributes: { CN: "batch", O: "Example" } }],
      ["nightly", { by: "name", name: "URI:spiffe://example.com/nightly" }],
      ["pinned", { by: "key", sha256: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" }],
    ]);
    expect(() =>
      createAuthenticator(identity, {
        clock: Date.now,
        random: randomBytes,
        processKey: randomBytes(32),
        disabled: createDisabled(),
      } as never),
    ).not.toThrow();
  });

  test("names what leads nowhere, and what was probably meant", () => {
    const { problems } = resolved(`
identity:
  providers:
    corp: { kind: oidc, issuer: https://login.example.com, audience: [a], groups_claim: groups }
  groups:
    support: { from: ["corpp:Support", Support, "corp:"], purposes: [suport], connections: [opnai], default_purpose: research }
  agents:
    bot: { from: "key:crm-prodution", purposes: [support] }
    twin: { from: ["corp:a", "corp:a"], purposes: [support], owners: ["key:crm-production", olga] }
`);
    expect(problems).toEqual([
      'sluice.yaml:6:23 identity.groups.support.from[0]: unknown provider "corpp"; did you mean "corp"?',
      'sluice.yaml:6:40 identity.groups.support.from[1]: must be a provider, a colon and a value: "corp:Support EMEA"',
      'sluice.yaml:6:49 identity.groups.support.from[2]: must be a provider, a colon and a value: "corp:Support EMEA"',
      'sluice.yaml:6:70 identity.groups.support.purposes[0]: unknown purpose "suport"; did you mean "support"?',
      'sluice.yaml:6:93 identity.groups.support.connections[0]: unknown connection "opnai"; did you mean "openai"?',
      "sluice.yaml:6:118 identity.groups.support.default_purpose: must be one of this group's purposes: suport",
      'sluice.yaml:8:18 identity.agents.bot.from: unknown API key "crm-prodution"; did you mean "crm-production"?',
      'sluice.yaml:9:30 identity.agents.twin.from[1]: is agent "twin" already',
      'sluice.yaml:9:71 identity.agents.twin.owners[0]: unknown provider "key"',
      'sluice.yaml:9:93 identity.agents.twin.owners[1]: must be a provider, a colon and a value: "corp:<subject>"',
    ]);
  });

  test("knows where people's names have no case, and wants them so where rights depend on them", () => {
    const oidc = (change: string) =>
      resolved(
        `identity: { providers: { corp: { kind: oidc, issuer: https://login.example.com, audience: [a]${change} } } }`,
      );
    const byName = ", scim: { key: crm-production, subject: user_name }";
    const folds = (change: string) => oidc(change).identity.providers[0]?.foldsCase === true;
    expect([folds(""), folds(", fold_case: true"), folds(byName)]).toEqual([false, true, true]);
    expect(oidc(`${byName}, fold_case: false`).problems).toEqual([
      expect.stringContaining("fold_case: must not be false"),
    ]);
    const mail = (change: object) => resolved(saml({ name_id_format: "email", ...change })).identity.saml[0]?.foldsCase;
    expect([mail({}), mail({ fold_case: false }), mail({ subject_attribute: "uid" })]).toEqual([
      true,
      undefined,
      undefined,
    ]);
    const { problems } = resolved(`
identity:
  providers: { corp: { kind: oidc, issuer: https://login.example.com, audience: [a], fold_case: true } }
  agents:
    bot: { from: ["corp:CRM-bot"], purposes: [support], owners: ["corp:Olga@example.org", "corp:carl@example.org"] }
`);
    expect(problems).toEqual([
      expect.stringContaining(
        'agents.bot.from[0]: must be in lower case, as all ids of provider "corp" are (fold_case)',
      ),
      expect.stringContaining("agents.bot.owners[0]: must be in lower case"),
    ]);
  });

  test.each([
    ["https://login.example.com?tenant=1", "must have neither query nor fragment"],
    ["https://user:secret@login.example.com", "must not hold a user or password"],
    ["ldap://login.example.com", "must be an https URL"],
    ["login.example.com", "must be an https URL"],
    ["http://login.example.com", "must be https: whoever is on the line to an http URL decides who is let in"],
  ])("an issuer %s is refused", (issuer, reason) => {
    const { problems } = resolved(`
identity:
  providers: { corp: { kind: oidc, issuer: "${issuer}", audience: [a] } }
`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`identity.providers.corp.issuer: ${reason}`);
  });

  test("says what cannot work together", () => {
    const { problems, warnings } = resolved(`
identity:
  providers:
    service: { kind: oidc, issuer: https://a.example.com, audience: [a] }
    one: { kind: oidc, issuer: https://b.example.com, audience: [a], client_secret: env:X }
    two: { kind: oidc, issuer: https://b.example.com, audience: [b] }
  groups:
    support: { from: ["two:Support"], purposes: [support] }
  certificates:
    none: { principal: service:a, purposes: [support] }
    both: { principal: service:a, purposes: [support], san: "DNS:a", subject: { CN: a } }
    first: { principal: service:a, purposes: [support], san: "DNS:b" }
    second: { principal: service:b, purposes: [support], san: "DNS:b" }
    empty: { principal: service:b, purposes: [support], subject: {} }
`);
    expect(problems.map((each) => each.replace(/^\S+ /, ""))).toEqual([
      'identity.providers.service: "service" begins other principals\' ids; choose another name',
      'identity.providers.two.issuer: is the issuer of provider "one" too',
      "identity.providers.one: has a `client_secret` and no `client_id`",
      "identity.providers.two: has no `groups_claim` and no `scim.groups`, and groups are `from` it",
      "identity.certificates.none: must have exactly one of `subject`, `san` and `spki_sha256`",
      "identity.certificates.both: must have exactly one of `subject`, `san` and `spki_sha256`",
      'identity.certificates.second: matches the same certificates as "first"',
      "identity.certificates.empty.subject: must name at least one attribute",
    ]);
    expect(warnings.map((each) => each.replace(/^\S+ /, ""))).toEqual([
      "identity.providers.service: no group is `from` it: everybody whom it vouches for is refused",
      "identity.providers.one: no group is `from` it: everybody whom it vouches for is refused",
    ]);
  });

  test.each([
    ["an entry point without query", "https://idp.example.com/sso", undefined],
    ["an entry point with a query", "https://accounts.example.com/saml?idpid=C01", undefined],
    ["an entry point in plaintext", "http://idp.example.com/sso", "must be https: whoever"],
    ["an entry point with a fragment", "https://idp.example.com/sso#x", "must have no fragment"],
  ])("SAML: %s", (_, entryPoint, fault) => {
    const { problems } = resolved(saml({ entry_point: entryPoint }));
    expect(problems.map((each) => each.replace(/^\S+ /, ""))).toEqual(
      fault === undefined ? [] : [expect.stringContaining(`identity.providers.corp.entry_point: ${fault}`)],
    );
  });

  test("SAML: resolves to what the room asks for", () => {
    const { identity, warnings } = resolved(saml({}));
    expect(warnings).toEqual([]);
    expect(identity.providers).toEqual([]);
    expect(identity.saml).toEqual([
      {
        name: "corp",
        issuer: "urn:example:idp",
        entryPoint: "https://idp.example.com/sso",
        certificates: [RSA.trim(), NEXT.trim()],
        entityId: "https://sluice.example.com/saml",
        audiences: ["https://sluice.example.com/saml"],
        nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        groupsAttribute: "groups",
        clockSkewMs: 60_000,
      },
    ]);
    const other = resolved(
      saml({
        audience: ["a", "b"],
        name_id_format: "email",
        subject_attribute: "uid",
        clock_skew: "5m",
        scim: { key: "crm-production" },
      }),
    );
    expect(other.identity.saml).toMatchObject([
      {
        audiences: ["a", "b"],
        nameIdFormat: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        subjectAttribute: "uid",
        clockSkewMs: 300_000,
        scim: { keyId: "crm-production", subject: "external_id", groups: false },
      },
    ]);
  });

  test("SAML: says what is wrong with certificates and groups", () => {
    const said = (change: object) => resolved(saml(change)).problems.map((each) => each.replace(/^\S+ /, ""));
    const place = "identity.providers.corp.certificates[0]";
    expect(said({ certificates: ["file:key.pem"] })).toEqual([
      `${place}: the file holds no certificate (BEGIN CERTIFICATE)`,
    ]);
    expect(said({ certificates: ["file:broken.pem"] })).toEqual([
      `${place}: the file holds a certificate that cannot be read`,
    ]);
    expect(said({ certificates: ["file:short.pem"] })).toEqual([
      `${place}: the file holds a certificate whose key has fewer than 2048 bits`,
    ]);
    const pair = (key: string, certificate: string) => ({
      decryption: { key: `file:${key}`, certificate: `file:${certificate}` },
    });
    expect(said(pair("own.key", "own.pem"))).toEqual([]);
    for (const key of ["other.key", "own.pem", "key.pem"])
      expect(said(pair(key, "own.pem"))).toEqual([
        "identity.providers.corp.decryption.key: is not the key of `certificate`",
      ]);
    expect(said(pair("own.key", "idp.pem"))).toContain(
      "identity.providers.corp.decryption.certificate: the file holds more than one certificate",
    );
    expect(said({ groups_attribute: undefined })).toEqual([
      "identity.providers.corp: has no `groups_attribute` and no `scim.groups`, and groups are `from` it",
    ]);
  });

  test.each([
    ["no certificate", { certificates: [] }],
    ["a certificate that stands in the file", { certificates: ["-----BEGIN CERTIFICATE-----"] }],
    ["a transient name", { name_id_format: "transient" }],
    ["a skew of more than five minutes", { clock_skew: "10m" }],
    ["a signature algorithm", { signature_algorithm: "sha1" }],
    ["a way to accept what is not signed", { want_assertions_signed: false }],
    ["a key of the other kind", { client_id: "sluice" }],
  ])("SAML: a provider with %s has no valid form", (_, change) => {
    const { identity } = JSON.parse(saml(change)) as { identity: unknown };
    expect(identitySchema.safeParse(identity).success).toBe(false);
  });

  test.each([
    ["the algorithm none", "algorithms: [none]"],
    ["a shared secret's algorithm", "algorithms: [RS256, HS256]"],
    ["no algorithm at all", "algorithms: []"],
    ["no audience", "audience: []"],
    ["a skew of more than five minutes", "clock_skew: 6m"],
    ["a secret that stands in the file", "client_secret: hunter2"],
    ["another kind", "kind: ldap"],
    ["a login that asks for no openid", "scopes: [profile]"],
    ["a key that nobody knows", "jwks: https://x"],
  ])("a provider with %s has no valid form", (_, change) => {
    const source = parseSource(`{ kind: oidc, issuer: "https://a", audience: [a] }`, "");
    const changed = parseSource(`{ ${change} }`, "");
    const corp = { ...(source.value as object), ...(changed.value as object) };
    expect(identitySchema.safeParse({ providers: { corp: source.value } }).success).toBe(true);
    expect(identitySchema.safeParse({ providers: { corp } }).success).toBe(false);
  });

  test.each(["12h", "367d", "a month"])("people are not remembered for %s", (remember) => {
    expect(identitySchema.safeParse({ remember }).success).toBe(false);
    expect(identitySchema.safeParse({ remember: "7d" }).success).toBe(true);
  });
});
