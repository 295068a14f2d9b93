/** The shape of `evidence.shared`: one log for all gateways of a database, and where its public files lie. */
import * as z from "zod";

const strict = z.strictObject;
const reference = z
  .string()
  .regex(
    /^(?:env|file|vault|aws-sm|sealed):[^\p{Cc}]+$/u,
    "a reference such as env:NAME or file:/path, never the key itself",
  );

export const sharedEvidenceSchema = strict({
  folder: z
    .string()
    .min(1)
    .optional()
    .describe("A folder that every gateway has mounted, and that is there already; relative to this file"),
  s3: strict({
    url: z
      .string()
      .describe("Of the bucket, and of a folder in it: https://log-bucket.s3.eu-central-1.amazonaws.com/sluice"),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, "a region such as eu-central-1")
      .default("us-east-1")
      .describe("As the storage wants it signed"),
    access_key: reference.describe("Where the access key id is read from: env:NAME or file:/path"),
    secret_key: reference.describe("Where its secret is read from: env:NAME or file:/path"),
  })
    .optional()
    .describe("Storage that speaks S3, instead of a folder"),
});

export type SharedEvidenceDocument = z.output<typeof sharedEvidenceSchema>;
