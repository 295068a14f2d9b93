/** The shape of the section `subjects`: what people are known by, and how long the keys live that their data is sealed under. */
import * as z from "zod";
import { DURATION, durationMs } from "../units.ts";

const duration = z
  .string()
  .regex(DURATION, { error: "a duration such as 30s, 5m, 1h or P30D", abort: true })
  .refine((text) => (durationMs(text) ?? 0) > 0, "more than 0 seconds");

export const subjectsSchema = z.strictObject({
  epoch: duration
    .default("P30D")
    .describe("How long one key wraps the keys of data subjects; then those that are left come under a new one"),
  backups: duration
    .default("P30D")
    .describe(
      "How long backups of the database are kept. That long after an epoch its key is destroyed, and what was erased by then is dead in older backups too",
    ),
  email_tags: z
    .enum(["strip", "keep"])
    .default("strip")
    .describe("jane+news@example.com is the person of jane@example.com (strip), or somebody else (keep)"),
  gateway: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, "a name of 1 to 63 of a-z, 0-9, - and ., beginning with a letter or digit")
    .optional()
    .describe(
      "Name of this gateway among those of one database, on certificates and in its folder of the index. Default: the name of the machine",
    ),
});

export type SubjectsDocument = z.output<typeof subjectsSchema>;
