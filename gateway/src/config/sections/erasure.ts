/** The shapes of the sections `erasure` and `retention`: where copies are deleted when a person is, and how long things are kept. */
import * as z from "zod";
import { SINK_PARAMETERS } from "../../core/rights.ts";
import { DURATION, durationMs } from "../units.ts";

const strict = z.strictObject;
const SINKS_MAX = 50;

const anyDuration = z.string().regex(DURATION, { error: "a duration such as 30s, 5m, 1h or P30D", abort: true });
const duration = anyDuration.refine((text) => (durationMs(text) ?? 0) > 0, "more than 0 seconds");
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "a name of 1 to 63 of a-z, 0-9, _ and -, beginning with a letter");
const reference = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]*:[^\p{Cc}]+$/u,
    "a reference such as env:NAME or file:/path, never the secret itself: a configuration is read by more people",
  )
  .refine((text) => !/^(?:postgres(?:ql)?|https?):/.test(text), "a reference such as env:NAME, never the URL itself");
const types = z
  .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, "a type such as EMAIL, or SUBJECT"))
  .min(1, "a list of one type or more")
  .optional()
  .describe("Types of identifiers that it is called with. Absent: all");
const identifier = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/;

const sql = strict({
  kind: z.literal("sql").describe("A statement on a PostgreSQL database of yours"),
  url: reference.describe("Where its URL is read from: env:NAME or file:/path"),
  statement: z
    .string()
    .regex(
      /^\s*(?:delete|update|with|select|call)\s[^;]*;?\s*$/is,
      "one statement, for example delete from notes where email = $1",
    )
    .describe("Run once for each identifier; $1, $2, … are `parameters`"),
  parameters: z
    .array(z.enum(SINK_PARAMETERS))
    .min(1, "a list of one or more")
    .default(["value"])
    .describe("What $1, $2, … are: the value as it was written, normalised, or its type"),
  types,
});

const vector = strict({
  kind: z
    .literal("vector")
    .describe("Rows of a table with metadata beside vectors or texts; pgvector or a plain table"),
  url: reference.describe("Where the URL of the PostgreSQL database is read from: env:NAME or file:/path"),
  table: z
    .string()
    .refine(
      (text) => text.split(".").length <= 2 && text.split(".").every((part) => identifier.test(part)),
      "a table, or schema.table",
    )
    .describe("The table: documents, or rag.documents"),
  column: z
    .string()
    .regex(identifier, "the name of a column")
    .default("metadata")
    .describe("Its column of metadata, json or jsonb"),
  key: z
    .string()
    .regex(/^[^\p{Cc}]{1,128}$/u, "1 to 128 characters on one line")
    .describe("Member of the metadata that holds the identifier"),
  types,
});

const http = strict({
  kind: z.literal("http").describe("A signed POST to a system of yours, which deletes by itself"),
  url: z.string().describe("https://…"),
  secret: reference.describe(
    "Signs what is sent, as Standard Webhooks say: env:NAME or file:/path of whsec_ and base64",
  ),
  allow_private_address: z.boolean().default(false).describe("Permit addresses that are not public"),
  types,
});

const s3 = strict({
  kind: z.literal("s3").describe("Objects below a prefix, in an S3-compatible store"),
  endpoint: z.string().describe("https://s3.eu-central-1.amazonaws.com, or your own store"),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, "a region such as eu-central-1")
    .default("us-east-1")
    .describe("Region of the bucket"),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of a bucket")
    .describe("The bucket"),
  prefix: z
    .string()
    .regex(
      /^[^{}]*\{value\}[^{}A-Za-z0-9][^{}]*$/,
      "holds {value} once, and a sign behind it that ends it: users/{value}/",
    )
    .describe("All below it is deleted: users/{value}/"),
  access_key: reference.describe("env:NAME or file:/path"),
  secret_key: reference.describe("env:NAME or file:/path"),
  allow_private_address: z.boolean().default(false).describe("Permit addresses that are not public"),
  types,
});

const backup = strict({
  kind: z.literal("backup").describe("Copies that nobody can delete from: they expire, and the certificate says when"),
  keep: duration.describe("How long such a copy is kept: P35D"),
});

export const erasureSchema = strict({
  sinks: z
    .record(name, z.discriminatedUnion("kind", [sql, vector, http, s3, backup]))
    .refine((sinks) => Object.keys(sinks).length <= SINKS_MAX, `at most ${SINKS_MAX}`)
    .default({})
    .describe("Systems that hold copies and are told when a person is erased"),
  datasets: z
    .record(
      name,
      strict({
        purposes: z
          .array(name)
          .min(1, "a list of one purpose or more")
          .describe("Purposes whose recordings it was made of"),
      }),
    )
    .default({})
    .describe("Training sets and fine-tunes: when somebody in them is erased they are marked as tainted"),
  give_up: duration
    .default("P7D")
    .describe("How long a sink is called again while it fails; then it stands on the certificate as a residual"),
  remember: anyDuration
    .default("P90D")
    .describe(
      "For how long an erasure is recognised when it is asked for again, by keyed tags of the identifiers. 0s: not at all",
    ),
  hold_longest: duration.default("P365D").describe("Longest time for which a legal hold is placed or renewed"),
});

export const retentionSchema = strict({
  metadata: duration
    .refine((text) => (durationMs(text) ?? 0) >= 86_400_000, "at least P1D")
    .default("P365D")
    .describe(
      "How long entries of the log and the index of data subjects are kept. Recordings: `purposes.<purpose>.retention`",
    ),
  every: duration.default("P1D").describe("How often what is old enough is deleted"),
});

export type ErasureDocument = z.output<typeof erasureSchema>;
export type RetentionDocument = z.output<typeof retentionSchema>;
