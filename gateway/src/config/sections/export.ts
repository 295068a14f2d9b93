/** The shape of the section `export`: where the evidence is sent on to, and in what form. */
import * as z from "zod";
import { EXPORT_FORMATS } from "../../core/export.ts";
import { BYTES, byteCount, DURATION, durationMs } from "../units.ts";

const strict = z.strictObject;
const DESTINATIONS_MAX = 20;
const LOCK_DAYS_MAX = 3_650;
/** "Receivers SHOULD be able to accept messages of up to and including 8192 octets": RFC 5425 section 4.3.1, and what is shorter than any record. */
const MESSAGE_BYTES = { min: 1_024, max: 1_048_576 } as const;

const reference = z
  .string()
  .regex(
    /^(?:env|file|vault|aws-sm|sealed):[^\p{Cc}]+$/u,
    "a reference such as env:NAME or file:/path, never the secret",
  );
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "a name of 1 to 63 of a-z, 0-9, _ and -, beginning with a letter");
const duration = z
  .string()
  .regex(DURATION, { error: "a duration such as 30s, 5m, 1h or P30D", abort: true })
  .refine((text) => (durationMs(text) ?? 0) > 0, "more than 0 seconds");
const line = z.string().regex(/^[^\s\p{Cc}]{1,255}$/u, "1 to 255 characters without spaces");

const common = {
  from: z
    .enum(["beginning", "now"])
    .default("beginning")
    .describe("Where it begins when it is new: with the first record of the log, or with what comes from now on"),
  ca: reference.optional().describe("Authorities of a private PKI, PEM. Default: those of the runtime"),
  allow_private_address: z.boolean().default(false).describe("It may be on a private network or this machine"),
};

const url = z.string().min(1).describe("https URL");

const syslog = strict({
  kind: z.literal("syslog").describe("RFC 5424 over TLS (RFC 5425)"),
  address: line.describe("Host and port of the receiver. Without a port: 6514"),
  server_name: line.optional().describe("Name that its certificate has to have. Default: the host"),
  certificate: reference.optional().describe("Who we are to the receiver, PEM"),
  key: reference.optional().describe("Private key of the certificate, PEM, by reference"),
  format: z
    .enum(EXPORT_FORMATS)
    .default("ocsf")
    .describe("What the message is: an OCSF event in JSON, structured data with a line of text, or CEF"),
  message_bytes_max: z
    .string()
    .regex(BYTES, { error: "a size such as 8KiB", abort: true })
    .refine((text) => (byteCount(text) ?? 0) >= MESSAGE_BYTES.min, "at least 1KiB")
    .refine((text) => (byteCount(text) ?? 0) <= MESSAGE_BYTES.max, "at most 1MiB")
    .default("8KiB")
    .describe("Longest message that the receiver takes; longer ones come without their fields and say so"),
  enterprise_number: z
    .number()
    .int("a whole number")
    .min(1, "1 or more")
    .max(4_294_967_295)
    .default(32_473)
    .describe("Private enterprise number (IANA) in the name of the structured data. Default: the one for examples"),
  settle: duration
    .default("5s")
    .describe("How long the receiver has to live on after it has read a record, for the record to count as arrived"),
  ...common,
});

const splunk = strict({
  kind: z.literal("splunk").describe("Splunk's HTTP Event Collector"),
  url: z.string().min(1).describe("https URL of the collector, without path: https://splunk.example.com:8088"),
  token: reference.describe("Token of the collector, by reference"),
  index: line.optional().describe("Index to write to. Default: the token's"),
  acknowledged: z
    .boolean()
    .default(true)
    .describe(
      "Wait for indexer acknowledgement. Not every Splunk Cloud has it; without it, what was taken may be lost",
    ),
  acknowledged_within: duration.default("2m").describe("What is not acknowledged by then is sent again"),
  ...common,
});

const otlp = strict({
  kind: z.literal("otlp").describe("OpenTelemetry logs over HTTP, in JSON"),
  url: z.string().min(1).describe("https URL, with its path: https://collector.example.com:4318/v1/logs"),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "a header's name"), reference)
    .default({})
    .describe("header → its value, by reference: authorization"),
  ...common,
});

const webhook = strict({
  kind: z.literal("webhook").describe("JSON, signed as Standard Webhooks say"),
  url,
  secret: reference.describe("whsec_… in base64, 24 to 64 bytes, by reference"),
  ...common,
});

const s3 = strict({
  kind: z.literal("s3").describe("Tiles, checkpoints and timestamps, and never entries, to an S3-compatible bucket"),
  endpoint: z.string().min(1).describe("https URL of the store: https://s3.eu-central-1.amazonaws.com"),
  region: line.default("us-east-1").describe("Region that requests are signed for"),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket's name"),
  prefix: z
    .string()
    .regex(/^(?:[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*)?$/, "names joined by /, without one at its ends")
    .default("")
    .describe("Folder in the bucket"),
  access_key: reference.describe("Access key id, by reference"),
  secret_key: reference.describe("Secret access key, by reference"),
  lock: strict({
    mode: z
      .enum(["compliance", "governance"])
      .describe("compliance: nobody can shorten it or delete before. governance: who has a permission of its own can"),
    days: z
      .number()
      .int("a whole number")
      .min(1, "1 or more")
      .max(LOCK_DAYS_MAX, `at most ${LOCK_DAYS_MAX}`)
      .describe("For how long each object is locked. Not longer than you keep the log"),
  })
    .optional()
    .describe("Object Lock, which the bucket must have. Absent: nothing is locked"),
  every: duration.default("1m").describe("Least time between two checkpoints that are sent"),
  ...common,
});

export const exportSchema = strict({
  destinations: z
    .record(name, z.discriminatedUnion("kind", [syslog, splunk, otlp, webhook, s3]))
    .refine((all) => Object.keys(all).length <= DESTINATIONS_MAX, `at most ${DESTINATIONS_MAX}`)
    .default({})
    .describe("Where evidence is sent on to, by name. The name is what the cursor hangs on"),
});

export type ExportDocument = z.output<typeof exportSchema>;
