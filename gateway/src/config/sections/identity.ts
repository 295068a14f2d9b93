/** The shape of the section `identity`: providers, groups, agents and certificates. Says nothing about how they belong together. */
import * as z from "zod";
import { ROLES } from "../../core/principal.ts";
import { DURATION, durationMs } from "../units.ts";

/**
 * Signatures of RFC 7518, RFC 8037 and RFC 9864. Never `none`, and no HS*: a secret that both sides know proves nothing about
 * who signed, and an allow-list with both kinds is how a public key gets taken for a shared secret.
 */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

const CLOCK_SKEW_MS_MAX = 5 * 60_000;
const DAY_MS = 86_400_000;
const REMEMBER_DAYS_MAX = 366;

const strict = z.strictObject;

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "a name of 1 to 63 of a-z, 0-9, _ and -, beginning with a letter");
/** What others call things: claim values, subjects, audiences. */
const value = z.string().regex(/^[^\p{Cc}]{1,512}$/u, "1 to 512 characters on one line");
const count = z.number().int("a whole number").positive("1 or more");
const roles = z.array(z.enum(ROLES)).default(["user"]);

const clockSkew = z
  .union([
    z.number().nonnegative("0 seconds or more"),
    z.string().regex(DURATION, { error: "a duration such as 60s or 5m", abort: true }),
  ])
  .refine((written) => (durationMs(written) ?? 0) <= CLOCK_SKEW_MS_MAX, "at most 5m");

/** The name of a SAML attribute is mostly a URI. */
const attribute = z.string().regex(/^[^\s\p{Cc}]{1,256}$/u, "the name of an attribute");

const scopes = z
  .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, "a scope of visible characters"))
  .min(1, "a list of one scope or more");

const step = z.string().regex(/^[^\p{Cc}]{1,256}$/u, "1 to 256 characters on one line");

const reference = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:[^\p{Cc}]+$/u, "a reference such as env:NAME or file:/path, never the secret itself");

const pemFile = z.string().regex(/^file:[^\p{Cc}]+$/u, "a reference to a PEM file: file:/path");

const scim = strict({
  key: z.string().describe("Id of the API key that the provider's directory sends: an entry of `keys`"),
  subject: z
    .enum(["external_id", "user_name"])
    .default("external_id")
    .describe("Which attribute of the directory is what tokens and assertions call the person"),
  groups: z
    .boolean()
    .default(false)
    .describe(
      "The groups that the directory sends count instead of those in tokens and assertions, for people whom it has sent",
    ),
})
  .optional()
  .describe(
    "The provider's directory tells of its people over SCIM 2.0, at /scim/v2: who is taken out there is out here",
  );

const foldCase = z
  .boolean()
  .optional()
  .describe(
    "Whether what it calls people is one name in whichever case: ids are in lower case then. Absent: yes where people are named by e-mail address (name_id_format: email) or by scim.subject: user_name, else no",
  );

const oidcProvider = strict({
  kind: z
    .literal("oidc")
    .describe("oidc: OpenID Connect, or any OAuth 2.0 server that signs JWTs and publishes its keys"),
  issuer: z
    .string()
    .describe("Issuer URL, exactly as the provider writes it in `iss`: https://login.example.com/realms/corp"),
  audience: z
    .array(value)
    .min(1, "a list of one audience or more")
    .describe("One of these must be in `aud`: what the provider calls this gateway"),
  client_id: value.optional().describe("Our own client at the provider, for logging in with a browser"),
  client_secret: reference.optional().describe("Where the secret of that client is read from: env:NAME or file:/path"),
  scopes: scopes
    .refine((all) => all.includes("openid"), "must have openid")
    .default(["openid", "profile"])
    .describe(
      "What a login with a browser asks for. Of a profile the name is kept, for approvers to see, and nothing else",
    ),
  algorithms: z
    .array(z.enum(ALGORITHMS))
    .min(1, "a list of one algorithm or more")
    .default(["RS256", "PS256", "ES256", "EdDSA"])
    .describe("Signature algorithms that are accepted"),
  clock_skew: clockSkew.default(60).describe("How far the provider's clock may be off; at most 5m"),
  subject_claim: z
    .string()
    .regex(/^[^\s\p{Cc}]{1,256}$/u, "the name of a claim")
    .default("sub")
    .describe("Claim that names the person, and never another person later: sub, oid"),
  fold_case: foldCase,
  groups_claim: z
    .union([
      z
        .string()
        .regex(/^[^.\s\p{Cc}]{1,256}(?:\.[^.\s\p{Cc}]{1,256}){0,7}$/u, "a path such as groups or realm_access.roles"),
      z.array(step).min(1, "a list of one step or more").max(8, "at most 8 steps"),
    ])
    .optional()
    .describe("Where the groups stand: realm_access.roles, or a list of steps when a name has dots in it"),
  authorized_parties: z
    .array(value)
    .min(1, "a list of one client or more")
    .optional()
    .describe("Clients whose tokens are accepted (azp or client_id). Absent: every client"),
  device: strict({
    client_id: value.describe("A public client at the provider that may use the device grant (RFC 8628)"),
    scopes: scopes.default(["openid"]).describe("What it asks for, so that the token is for this gateway"),
  })
    .optional()
    .describe("People may log in from a command line: `sluice login`"),
  scim,
});

const samlProvider = strict({
  kind: z.literal("saml").describe("saml: SAML 2.0, for logging in with a browser"),
  issuer: value.describe("The provider's entityID, exactly as it stands in its metadata"),
  entry_point: z
    .string()
    .describe("Where a browser is sent to log in: the provider's SingleSignOnService for HTTP-Redirect"),
  certificates: z
    .array(pemFile)
    .min(1, "a list of one file or more")
    .max(8, "at most 8 files")
    .describe("Whose signatures are accepted: PEM files, of several certificates while the provider changes its key"),
  entity_id: value.describe("What this gateway is called at the provider (our own entityID)"),
  audience: z
    .array(value)
    .min(1, "a list of one audience or more")
    .optional()
    .describe("One of these must be in the assertion's audience restriction. Absent: entity_id"),
  name_id_format: z
    .enum(["persistent", "email", "unspecified"])
    .default("persistent")
    .describe("Format that a NameID must have, where it names the person; transient ones name nobody for long"),
  subject_attribute: attribute
    .optional()
    .describe("Attribute that names the person, and never another person later. Absent: the NameID does"),
  fold_case: foldCase,
  groups_attribute: attribute.optional().describe("Attribute that the groups stand in, with one value or many"),
  clock_skew: clockSkew.default(60).describe("How far the provider's clock may be off; at most 5m"),
  decryption: strict({
    key: reference.describe("An RSA key (PEM): env:NAME or file:/path"),
    certificate: pemFile.describe("Its certificate, for our metadata"),
  })
    .optional()
    .describe("For a provider that encrypts its assertions. Absent: encrypted ones are refused"),
  scim,
});

const provider = z.discriminatedUnion("kind", [oidcProvider, samlProvider]);

const limits = strict({
  requests_per_minute: count.default(600).describe("Beyond it requests are refused for a while (rate_limited)"),
  concurrent_streams: count.default(20).describe("Exchanges at once"),
});

const group = strict({
  from: z
    .array(value)
    .default([])
    .describe('Who is in it, by provider and value of its groups claim: ["corp:Support EMEA"]'),
  roles: roles.describe("user, approver, privacy-officer, auditor, operator"),
  purposes: z.array(name).default([]).describe("What its members may use the gateway for: entries of `purposes`"),
  default_purpose: name.optional().describe("Used when a request names none"),
  connections: z.array(name).optional().describe("Connections its members may use. Absent: all"),
  limits: limits.prefault({}).describe("For each member; of several groups the largest count"),
});

export const owners = z
  .array(value)
  .max(100, "at most 100 people")
  .default([])
  .describe('People it belongs to: ["corp:00u1"]. They cannot approve what it asks for');

const agent = strict({
  from: z
    .union([value, z.array(value).min(1, "a list of one or more")])
    .describe('How it is recognised: "corp:<client id or subject>", or "key:<id of an API key>"'),
  purposes: z
    .array(name)
    .min(1, "a list of one purpose or more")
    .describe("What it may act for; of these only those that the person has too"),
  connections: z.array(name).optional().describe("Connections it may use, if the person may too. Absent: all"),
  owners,
});

const certificate = strict({
  subject: z
    .record(z.string().regex(/^[A-Za-z0-9.]{1,64}$/, "an attribute such as CN or OU"), value)
    .optional()
    .describe("Every attribute of the certificate's subject: { CN: batch, O: Example }"),
  san: z
    .string()
    .regex(/^(?:DNS|URI|email):[^\p{Cc}]{1,512}$/u, "DNS:…, URI:… or email:…")
    .optional()
    .describe("One of the certificate's alternative names: URI:spiffe://example.org/batch"),
  spki_sha256: z
    .string()
    .regex(/^[A-Za-z0-9+/_-]{43}=?$/, "a SHA-256 in base64 (44 characters)")
    .optional()
    .describe(
      "SHA-256 of the certificate's public key, base64; it stays when the certificate is renewed with the same key",
    ),
  principal: z
    .string()
    .regex(/^[^\s\p{Cc}]{1,128}$/u, "1 to 128 characters without spaces, for example service:batch")
    .describe("Whom it proves, for example service:batch. On record only as a pseudonym"),
  roles: roles.describe("user, approver, privacy-officer, auditor, operator"),
  groups: z.array(name).default([]).describe("Groups that policies may ask for"),
  purposes: z.array(name).min(1, "a list of one purpose or more").describe("What it may be used for"),
  default_purpose: name.optional().describe("Used when a request names none. With one purpose, that one"),
  connections: z.array(name).optional().describe("Connections it may use. Absent: all"),
  owners,
  limits: limits.prefault({}),
});

export const identitySchema = strict({
  resource: z
    .string()
    .optional()
    .describe("The URL that clients know this gateway by (RFC 9728). Absent: the one that it listens on"),
  providers: z.record(name, provider).default({}).describe("Who vouches for people. Several at once are usual"),
  groups: z.record(name, group).default({}).describe("Rights by group; a person in none of them has none"),
  agents: z.record(name, agent).default({}).describe("Programs that may act for a person (RFC 8693)"),
  certificates: z
    .record(name, certificate)
    .default({})
    .describe("Machines that prove themselves with a client certificate"),
  remember: z
    .string()
    .regex(DURATION, { error: "a duration such as 7d or P30D", abort: true })
    .refine((text) => (durationMs(text) ?? 0) >= DAY_MS, "at least 1d")
    .refine((text) => (durationMs(text) ?? 0) <= REMEMBER_DAYS_MAX * DAY_MS, `at most ${REMEMBER_DAYS_MAX}d`)
    .default("P30D")
    .describe(
      "How long somebody who has not come in still counts as who he was: for votes given before, and by mail or chat",
    ),
});

export type IdentityDocument = z.output<typeof identitySchema>;
