/** The shape of the section `custody`: where secrets and wrapped keys are, and who keeps the root key. */
import * as z from "zod";
import { DURATION, durationMs } from "../units.ts";

const strict = z.strictObject;

const duration = z
  .string()
  .regex(DURATION, { error: "a duration such as 30s, 5m, 1h or P1D", abort: true })
  .refine((text) => (durationMs(text) ?? 0) >= 1_000, "at least 1s");

/** What signs in to a secret service cannot come from one. */
const LOCAL_REFERENCE = z
  .string()
  .regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, "env:NAME or file:/path, never the secret itself");

const line = z.string().regex(/^[^\p{Cc}]{1,512}$/u, "1 to 512 characters on one line");
/** Path of a secret engine or an auth method. */
const mount = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_.-]+)*$/, "a mount such as transit");

export const ROOT_PROVIDERS = ["file", "pkcs11", "aws-kms", "transit"] as const;

const root = strict({
  provider: z
    .enum(ROOT_PROVIDERS)
    .default("file")
    .describe("Who keeps the root key: a file, an HSM (pkcs11), AWS KMS, or the transit engine of Vault or OpenBao"),
  path: line.optional().describe("file: the key file. Default: root.key in `dir`"),
  module: line.optional().describe("pkcs11: the module, for example /usr/lib/softhsm/libsofthsm2.so"),
  token: line.optional().describe("pkcs11: label of the token"),
  pin: LOCAL_REFERENCE.optional().describe("pkcs11: the user PIN, as env:NAME or file:/path"),
  mount: mount.optional().describe("transit: where the engine is mounted. Default: transit"),
  key: line
    .optional()
    .describe("pkcs11: label of the key; aws-kms: id, ARN or alias; transit: name. Default but for aws-kms: sluice"),
}).describe("The root key: it wraps the keys that seal what is stored");

const vault = strict({
  url: z.string().describe("Address of Vault or OpenBao: https://vault.example.com:8200"),
  ca: line.optional().describe("File with the authorities of a private PKI, PEM"),
  namespace: line.optional().describe("Namespace of Vault Enterprise or OpenBao"),
  token: LOCAL_REFERENCE.optional().describe("Sign in with this token: env:NAME or file:/path"),
  approle: strict({
    mount: mount.default("approle").describe("Where the auth method is mounted"),
    role_id: LOCAL_REFERENCE.describe("env:NAME or file:/path"),
    secret_id: LOCAL_REFERENCE.describe("env:NAME or file:/path"),
  })
    .optional()
    .describe("Sign in with an AppRole"),
}).describe("For references vault:<mount>/<path>#<field>, and for the root key transit");

const aws = strict({
  region: line.optional().describe("Default: what AWS's own client finds in its environment"),
  endpoint: z.string().optional().describe("Of a VPC endpoint, or of a stand-in. Default: the region's own"),
}).describe("For references aws-sm:<name>, and for the root key aws-kms");

export const custodySchema = strict({
  dir: line.optional().describe("Wrapped keys and sealed secrets. Default: custody in `evidence.dir`"),
  refresh: duration.default("5m").describe("How often secrets are read again"),
  keep: duration.default("24h").describe("How long the last value of a secret is used while its source fails"),
  cache: duration.default("60s").describe("How long a key is held in memory in clear before the root is asked again"),
  root: root.prefault({}),
  vault: vault.optional(),
  aws: aws.prefault({}),
});

export type CustodyDocument = z.output<typeof custodySchema>;
