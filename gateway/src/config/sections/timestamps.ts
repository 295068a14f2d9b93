/** The shape of the section `timestamps`: which authorities stamp the log's checkpoints, and how often. */
import * as z from "zod";
import { DURATION, durationMs } from "../units.ts";

const strict = z.strictObject;

const AUTHORITIES_MAX = 8;
const EVERY_MS_MIN = 60_000;

const authority = strict({
  url: z.string().describe("Where it is asked (RFC 3161 over HTTP): https://tsa.example.com/tsr; http will do"),
  roots: z
    .string()
    .regex(/^[^\p{Cc}]{1,512}$/u, "the path of a file")
    .describe("File with the root certificates that its stamps must lead to, PEM; relative to this file"),
  policies: z
    .array(z.string().regex(/^[0-2](?:\.(?:0|[1-9]\d{0,14})){1,31}$/, "an object identifier such as 1.2.3.4.1"))
    .min(1, "a list of one policy or more")
    .max(16, "at most 16")
    .optional()
    .describe("Policies of the authority that are accepted; with one, it is asked for. Absent: any"),
  allow_private_address: z.boolean().default(false).describe("It may be on a private network or this machine"),
});

export const timestampsSchema = strict({
  authorities: z
    .array(authority)
    .max(AUTHORITIES_MAX, `at most ${AUTHORITIES_MAX}`)
    .default([])
    .describe(
      "Who is asked for stamps, all of them each time. Two, so that one that is away or lies is not all there is",
    ),
  every: z
    .string()
    .regex(DURATION, { error: "a duration such as 10m or 1h", abort: true })
    .refine((text) => (durationMs(text) ?? 0) >= EVERY_MS_MIN, "at least 1m")
    .default("10m")
    .describe(
      "How often, while entries arrive; also at the end of each day (UTC), and after erasures, holds and new keys",
    ),
});

export type TimestampsDocument = z.output<typeof timestampsSchema>;
