/**
 * The shape of `sluice.yaml`: every key, its default and what it means, in one place. Types are inferred from it, the JSON
 * Schema for editors is exported from it, and a key that is not here is refused. It describes the document only; what one
 * part says about another (references, secrets, addresses) is resolved in resolve.ts.
 */
import * as z from "zod";
import { OPERATORS } from "../core/connection.ts";
import { ROLES } from "../core/principal.ts";
import { TRANSFER_MECHANISMS } from "../core/register.ts";
import { databaseSchema } from "./sections/database.ts";
import { custodySchema } from "./sections/custody.ts";
import { identitySchema, owners } from "./sections/identity.ts";
import { policiesSchema } from "./sections/policy.ts";
import { channelsSchema } from "./sections/channels.ts";
import { sharedEvidenceSchema } from "./sections/evidence-shared.ts";
import { recordingSchema } from "./sections/recording.ts";
import { reviewsSchema } from "./sections/reviews.ts";
import { exportSchema } from "./sections/export.ts";
import { erasureSchema, retentionSchema } from "./sections/erasure.ts";
import { subjectsSchema } from "./sections/subjects.ts";
import { timestampsSchema } from "./sections/timestamps.ts";
import { witnessesSchema } from "./sections/witnesses.ts";
import { BYTES, byteCount, DURATION, durationMs } from "./units.ts";

const KIND_NAMES = ["openai", "anthropic", "custom"] as const;

interface KindRow {
  /** Where the family's credential travels when the connection does not say otherwise. */
  readonly header: string;
  readonly prefix: string;
  /** The document describes the endpoints; else the protocol knows them. */
  readonly endpoints: boolean;
}

/** What a connection of each protocol family needs. Adding a family: a name and a row here, one line in server/compose.ts. */
export const KINDS: Readonly<Record<(typeof KIND_NAMES)[number], KindRow>> = {
  openai: { header: "authorization", prefix: "Bearer ", endpoints: false },
  anthropic: { header: "x-api-key", prefix: "", endpoints: false },
  custom: { header: "authorization", prefix: "Bearer ", endpoints: true },
};

/** Known whatever the detector finds: to be able to find a card and to give it back are two decisions. */
export const NEVER_RESTORE: readonly string[] = ["secret", "CARD", "national-id"];

const strict = z.strictObject;

/** Names that appear in headers, on record and before the slash of `connection/model`. */
const NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const name = z.string().regex(NAME, "a name of 1 to 63 of a-z, 0-9, _ and -, beginning with a letter");

/** Shown to people and put on record: one line, not empty. */
const line = z.string().regex(/^(?=.*\S)[^\p{Cc}]{1,200}$/u, "one line of 1 to 200 characters");

const bytes = z.union([
  z.number().int("a whole number of bytes, or a size such as 10MiB").positive("more than 0 bytes"),
  z
    .string()
    .regex(BYTES, { error: "a size such as 512KiB, 10MiB or 1GB", abort: true })
    .refine((text) => (byteCount(text) ?? 0) > 0, "more than 0 bytes"),
]);

const DURATION_FORM = "a duration such as 500ms, 30s, 5m, 1h, P30D or PT1H30M";
const duration = z
  .string()
  .regex(DURATION, { error: DURATION_FORM, abort: true })
  .refine((text) => (durationMs(text) ?? 0) > 0, "more than 0 seconds");
const seconds = z.union([z.number().positive("more than 0 seconds"), duration]);
const count = z.number().int("a whole number").positive("1 or more");

const operator = z.enum(OPERATORS).describe("What is done with a finding");
const operators = z.record(z.string(), operator).default({});

const controller = strict({
  name: line.describe("Name of the organisation that determines purposes and means (GDPR Art. 4(7))"),
  contact: line.describe("How a data subject reaches it: an address, e-mail or URL"),
  country: z.string().describe("ISO 3166-1 alpha-2, for example DE"),
  dpo: line.optional().describe("How the data protection officer is reached (GDPR Art. 37)"),
}).describe("Who is responsible. Needed for the record of processing (GDPR Art. 30)");

const purpose = strict({
  dpv: z
    .string()
    .regex(/^[a-z][a-z0-9-]*:[A-Za-z][A-Za-z0-9-]*$/, "a DPV term such as dpv:CustomerCare")
    .describe("Term of the W3C Data Privacy Vocabulary, for example dpv:CustomerCare"),
  basis: z.string().describe("Lawful basis as a DPV term, for example eu-gdpr:A6-1-b (GDPR Art. 6(1)(b))"),
  condition: z
    .string()
    .optional()
    .describe(
      "Condition of GDPR Art. 9(2) under which special categories are processed: eu-gdpr:A9-2-h. Absent: they are refused",
    ),
  assessment: line
    .optional()
    .describe("Reference to the assessment of legitimate interests; basis eu-gdpr:A6-1-f needs one"),
  retention: z
    .string()
    .regex(/^P[1-9]\d{0,4}D$/, "a number of days in ISO 8601, for example P30D")
    .default("P30D")
    .describe("How long recordings of this purpose are kept, in days: P30D"),
  description: line.optional().describe("What it is for, in your own words"),
});

const recipient = strict({
  name: line.describe("Legal name of who receives the data (GDPR Art. 4(9))"),
  country: z.string().describe("ISO 3166-1 alpha-2 of where the data goes"),
  role: z.enum(["processor", "controller", "joint-controller"]).describe("GDPR Art. 4(7), 4(8), 26"),
  dpa: line.optional().describe("Reference to the data processing agreement (GDPR Art. 28)"),
  transfer: strict({
    mechanism: z
      .enum(TRANSFER_MECHANISMS)
      .describe("adequacy (Art. 45), dpf (Art. 45), scc (Art. 46(2)(c)), bcr (Art. 47) or derogation (Art. 49)"),
    reference: line.describe("Where it is found: the decision, the entry in the list, the date of the clauses"),
    assessment: line.optional().describe("Reference to the transfer impact assessment; scc and bcr need one"),
  })
    .optional()
    .describe("On what footing data leaves the EEA (GDPR Chapter V)"),
});

export const rulesSchema = strict({
  request: operators.describe(
    "Operator by type (EMAIL) or category (contact) for what is sent; a type wins over its category",
  ),
  response: operators.describe("The same for what the model recalls or invents. Empty: the answer is only restored"),
  default: operator.default("placeholder").describe("Operator for everything that `request` does not name"),
  never_restore: z
    .array(z.string())
    .default([...NEVER_RESTORE])
    .describe("Types and categories whose placeholder is never turned back into the value"),
  opaque_parts: z
    .enum(["block", "withhold", "allow"])
    .default("block")
    .describe(
      "Images, audio and files, which are not scanned: refuse the request, leave them out, or let them pass unseen",
    ),
});

export const connectionLimitsSchema = strict({
  response_bytes_max: bytes.default("64MiB").describe("Longest answer that is accepted"),
  event_bytes_max: bytes.default("4MiB").describe("Longest single event of a stream"),
  connect_seconds: seconds.default(10).describe("Until the connection stands, TLS included"),
  first_byte_seconds: seconds.default(300).describe("Until the first byte of the answer"),
  idle_seconds: seconds.default(120).describe("Longest silence between two chunks of an answer"),
  total_seconds: seconds.default(900).describe("Longest whole exchange with the target"),
  retries_max: z
    .number()
    .int("a whole number")
    .min(0, "0 or more")
    .max(5, "at most 5")
    .default(1)
    .describe("Retries before the first byte of an answer, on connection failure or 502, 503, 504"),
});

const PATH = /^(?:\*|[^.*\s]+)(?:\.(?:\*|[^.*\s]+))*$/;
const paths = z.array(
  z.string().regex(PATH, "a dotted path such as inputs.*.text, where * stands for any index or key"),
);

const endpoint = strict({
  path: z
    .string()
    .regex(/^\/[^?#\s]*$/, "a path that begins with /, without query")
    .describe("Path below the connection's URL, for example /generate"),
  request: strict({
    text: paths.default([]).describe("Texts of the user: scanned, and restorable in the answer"),
    system: paths.default([]).describe("Texts of the operator: scanned, and never restored to the user"),
    fixed: paths.default([]).describe("Strings passed on as they are: codes and ids. Every other string is scanned"),
  }).prefault({}),
  response: strict({
    text: paths.default([]).describe("Texts of the answer, in which placeholders are restored"),
  }).prefault({}),
  stream: z.enum(["none", "sse", "json-lines"]).default("none").describe("How the answer is streamed"),
});

const CREDENTIAL =
  /^(?:none|env:[A-Za-z_][A-Za-z0-9_]*|file:[^\p{Cc}]+|vault:[^\p{Cc}]+#[^\p{Cc}]+|aws-sm:[^\p{Cc}]+|sealed:[a-z0-9][a-z0-9_-]{0,63})$/u;

const connection = strict({
  kind: z.enum(KIND_NAMES).describe("The API that the target speaks"),
  url: z
    .string()
    .describe("Base URL, as the provider's own SDK takes it: https://api.openai.com/v1, https://api.anthropic.com"),
  credential: z
    .string()
    .regex(
      CREDENTIAL,
      "a reference (env:NAME, file:/path, vault:mount/path#field, aws-sm:name or sealed:name) or none, never the credential itself: a configuration is read by more people and " +
        "kept longer than a secret should be. If this was a live credential, revoke it",
    )
    .describe("Where the target's credential is read from: env:NAME, file:/path, or none"),
  recipient: name.describe("Who receives the data: an entry of `recipients`"),
  tags: z
    .array(name)
    .max(32, "at most 32")
    .default([])
    .describe("Names that policies may ask for, for example production"),
  models: z
    .array(
      z
        .string()
        .regex(/^[^*\s]*\*?$/, "a model name, or a pattern with one * at its end")
        .min(1),
    )
    .default([])
    .describe('Model names or patterns with one trailing *, in order of preference: ["gpt-5*"]'),
  rules: rulesSchema.prefault({}).describe("What is done with personal data on this connection"),
  limits: connectionLimitsSchema.prefault({}),
  allow_private_address: z
    .boolean()
    .default(false)
    .describe("Permit addresses that are not public: loopback, RFC 1918 and so on"),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe("Headers always sent, for example an API version. No credentials"),
  query: z
    .record(z.string(), z.string())
    .default({})
    .describe("Query parameters always sent, for example Azure's api-version"),
  auth_header: z
    .string()
    .optional()
    .describe("Header that carries the credential, where it is not the family's own: api-key"),
  auth_prefix: z
    .string()
    .optional()
    .describe('What stands before the credential in that header, for example "Bearer "'),
  endpoints: z.array(endpoint).default([]).describe("Endpoints of a custom inference API; only for kind custom"),
});

const key = strict({
  hash: z
    .string()
    .regex(
      /^scrypt\$\d{1,8}\$\d{1,3}\$\d{1,3}\$[A-Za-z0-9_-]{22,86}\$[A-Za-z0-9_-]{43,86}$/,
      'a hash as "sluice key new" or "sluice key hash" prints it (scrypt$…), never the key itself',
    )
    .describe("scrypt$N$r$p$salt$hash, from `sluice key new`"),
  principal: z
    .string()
    .regex(/^[^\s\p{Cc}]{1,128}$/u, "1 to 128 characters without spaces, for example service:crm")
    .describe("Who holds the key, for example service:crm. On record only as a pseudonym"),
  purposes: z
    .array(name)
    .min(1, "a list of one purpose or more")
    .describe("What this key may be used for: entries of `purposes`"),
  default_purpose: name.optional().describe("Used when a request names none. With one purpose, that one"),
  connections: z.array(name).optional().describe("Connections this key may use. Absent: all"),
  expires: z
    .string()
    .optional()
    .describe("From this moment the key is refused: 2027-01-31 (00:00 UTC) or 2027-01-31T12:00:00Z"),
  roles: z
    .array(z.enum(ROLES))
    .default(["user"])
    .describe("What its holder is here for: user, approver, privacy-officer, auditor, operator"),
  groups: z.array(name).default([]).describe("Groups that policies may ask for"),
  owners,
  limits: strict({
    requests_per_minute: count.default(600).describe("Beyond it requests are refused for a while (rate_limited)"),
    concurrent_streams: count.default(20).describe("Exchanges at once with this key"),
  }).prefault({}),
});

const listener = strict({
  address: z.string().describe('Host and port: "127.0.0.1:8787" or "[::1]:8787". Beyond loopback only with tls'),
  tls: strict({
    cert: z.string().min(1).describe("Path of the certificate chain, PEM"),
    key: z.string().min(1).describe("Path of its private key, PEM"),
    client_ca: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Path of the authorities of client certificates, PEM. A certificate is asked for, and needed by who has no key or token",
      ),
  }).optional(),
});

const limits = strict({
  body_bytes_max: bytes.default("10MiB").describe("Longest request body as received"),
  decoded_bytes_max: bytes.default("20MiB").describe("Longest request body after decompression"),
  header_bytes_max: bytes.default("16KiB").describe("Longest request head"),
  json_depth_max: count.max(256, "at most 256").default(64).describe("Deepest nesting of a JSON body"),
  text_chars_max: count.default(4_000_000).describe("Most characters that are scanned in one request (UTF-16 units)"),
  request_seconds: seconds.default(30).describe("Until a request has arrived as a whole"),
  scrub_seconds: seconds.default(10).describe("Longest scan of one request; beyond it the request is refused"),
  drain_seconds: seconds.default(30).describe("How long a stop waits for running exchanges"),
  streams_max: count.default(1_000).describe("Most exchanges at once, all keys together"),
  connections_max: count.default(4_000).describe("Most client connections at once, each listener"),
});

const score = z.number().min(0, "0 to 1").max(1, "0 to 1");

const recognizer = strict({
  type: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "upper-case letters, digits and _, for example EMPLOYEE_NUMBER")
    .describe("What it finds: a type of the detector, or one of your own"),
  category: z.string().optional().describe("Category of a type of your own: direct-identifier, contact, health, …"),
  dpv: z.string().optional().describe("Term of https://w3id.org/dpv/pd, for example pd:UID"),
  patterns: z
    .array(
      strict({
        name: z.string().describe("Part of a finding's recognizer"),
        regex: z.string().min(1).describe("RE2 syntax: linear time, no look-around, no back-references"),
        score: score.optional().describe("Default 0.8. Below the threshold it counts only behind a context word"),
        ignore_case: z.boolean().default(false).describe("Capitals and small letters count as the same"),
      }),
    )
    .default([])
    .describe("Regular expressions"),
  terms: z.array(z.string()).default([]).describe("Found as whole words, whatever their case"),
  context: z.array(z.string()).default([]).describe("Words before a match that make it surer"),
});

const detector = strict({
  names: z
    .enum(["persons", "all", "off"])
    .default("persons")
    .describe("Names that are found: of persons; of places and organisations too; none"),
  region: z
    .string()
    .regex(/^[A-Z]{2}$/, "a country code such as DE")
    .optional()
    .describe("Country of telephone numbers that are written without one"),
  thresholds: z.record(z.string(), score).default({}).describe("Lowest score by type, instead of 0.5"),
  allow: z
    .array(z.string().min(1))
    .max(10_000, "at most 10,000 values")
    .default([])
    .describe("Values that are never hidden: a support address, test numbers"),
  recognizers: z.array(recognizer).default([]).describe("Recognizers of your own"),
});

const ORIGIN = /^[^\s+\p{Cc}/:][^\s+\p{Cc}]{0,254}$/u;

const evidence = strict({
  dir: z.string().min(1).default("./sluice-data").describe("Where the evidence is kept; relative to this file"),
  origin: z
    .string()
    .regex(ORIGIN, { error: "a URL without scheme, spaces and +, for example sluice.example.com/log", abort: true })
    .refine((text) => !text.includes("://"), "a URL without its scheme")
    .default("localhost/sluice")
    .describe(
      "Name of the log and of its keys: a URL without scheme that is yours (C2SP tlog-checkpoint). Never change it",
    ),
  checkpoint_interval: duration
    .default("1s")
    .describe("How often a signed checkpoint is published while entries arrive"),
  public: z
    .boolean()
    .default(false)
    .describe("Anybody may read the log over HTTP; else who has the role auditor or privacy-officer"),
  pack: z
    .boolean()
    .default(true)
    .describe(
      "Finished parts of the log lie packed (gzip); our verifiers read both forms. false, where a static web server cannot serve .gz",
    ),
  shared: sharedEvidenceSchema
    .optional()
    .describe(
      "One log for all gateways of `database.url` (docs/deployment.md). Absent: each gateway has a log of its own",
    ),
});

const observability = strict({
  log_level: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
    .default("info")
    .describe("Least severity that is logged"),
  metrics: z.boolean().default(true).describe("Serve /metrics in the Prometheus format"),
  otlp_url: z.string().optional().describe("Where spans are sent over OTLP/HTTP. Absent: nowhere"),
});

const session = strict({
  ttl: duration.default("1h").describe("How long a conversation's placeholders are kept after its last request"),
});

const pseudonyms = strict({
  epoch: z
    .string()
    .regex(/^[\w.-]{1,32}$/, "1 to 32 letters, digits, dots, underscores or hyphens")
    .default("1")
    .describe(
      "Another epoch makes every pseudonym, surrogate and token another one, so that what came before cannot be joined",
    ),
});

export const documentSchema = strict({
  controller: controller.optional(),
  purposes: z
    .record(name, purpose)
    .default({})
    .describe("Why data is processed: each exchange has one purpose (GDPR Art. 5(1)(b))"),
  recipients: z.record(name, recipient).default({}).describe("Who receives data (GDPR Art. 4(9), Art. 30(1)(d))"),
  connections: z
    .record(name, connection)
    .default({})
    .describe("Targets, and what is done with personal data on the way"),
  rehearsal: z
    .boolean()
    .default(false)
    .describe("Serve the built-in stand-in for a provider as connections of its own, to try things out"),
  models: z
    .record(
      z.string().regex(/^[^\s/\p{Cc}][^\s\p{Cc}]{0,127}$/u, "an alias of 1 to 128 characters without spaces"),
      z.union([z.string(), z.array(z.string()).min(1, "at least one").max(8, "at most 8")]),
    )
    .default({})
    .describe(
      'Alias to "connection/model", or to a list: the next one is asked when the one before it fails before it answers',
    ),
  keys: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9-]{7,63}$/, "a key id of 8 to 64 of a-z, 0-9 and -"), key)
    .default({})
    .describe("API keys by id; only their hashes. Make one with `sluice key new`"),
  reviews: reviewsSchema.prefault({}).describe("Requests that wait for people, where a policy says @approve"),
  channels: channelsSchema.prefault({}).describe("How approvers are told that a review waits, and how they may decide"),
  database: databaseSchema.prefault({}).describe("Where control state is kept: reviews, sessions, consents"),
  identity: identitySchema.prefault({}).describe("Who vouches for people, and what their groups may do"),
  policies: policiesSchema
    .optional()
    .describe("Who may do what: Cedar policies. Absent: what each credential may do is enough"),
  erasure: erasureSchema.prefault({}).describe("What is done when a person is to be forgotten"),
  recording: recordingSchema.prefault({}).describe("What is kept, sealed, of what is sent and answered"),
  retention: retentionSchema.prefault({}).describe("How long what the log says is kept"),
  subjects: subjectsSchema
    .prefault({})
    .describe("The keys that people's data is sealed under, and what people are found by"),
  export: exportSchema.prefault({}).describe("Where the evidence is sent on to: a SIEM, a collector, a bucket"),
  custody: custodySchema.prefault({}).describe("Where secrets are read from, and the keys that seal what is stored"),
  timestamps: timestampsSchema
    .prefault({})
    .describe("Who says when: time-stamps (RFC 3161) over the log's checkpoints"),
  witnesses: witnessesSchema
    .optional()
    .describe("Who cosigns the log's checkpoints, so that its history cannot be rewritten unseen. Absent: nobody"),
  listeners: z
    .array(listener)
    .min(1, "a list of one listener or more")
    .default([{ address: "127.0.0.1:8787" }])
    .describe("Where clients connect"),
  detector: detector.prefault({}).describe("What is looked for in texts"),
  limits: limits.prefault({}).describe("Bounds on what clients may send and how long it may take"),
  evidence: evidence.prefault({}).describe("The log that every exchange is recorded in"),
  observability: observability.prefault({}).describe("Logs, metrics and traces; none of them holds payload"),
  pseudonyms: pseudonyms.prefault({}).describe("The keyed operators: pseudonym, surrogate, format-preserving, encrypt"),
  session: session.prefault({}).describe("Conversations named by the header Sluice-Session"),
});

/** A document as it stands after defaults; units still as written. */
export type ConfigDocument = z.output<typeof documentSchema>;
export type ConnectionDocument = ConfigDocument["connections"][string];

/** Where editors and reviewers find the schema by name. Not fetched by anything here. */
const SCHEMA_TITLE = "Configuration of Sluice (sluice.yaml)";

/** JSON Schema (draft 2020-12) of `sluice.yaml`. */
export function jsonSchema(): Record<string, unknown> {
  return { title: SCHEMA_TITLE, ...z.toJSONSchema(documentSchema, { io: "input" }) };
}
