/** The shape of the section `reviews`: how long requests wait for people, and what a yes allows. */
import * as z from "zod";
import { BYTES, byteCount, DURATION, durationMs } from "../units.ts";

const strict = z.strictObject;
const WAIT_MS_MAX = 600_000;
const PREVIEW_BYTES_MAX = 4 * 1024 * 1024;

const anyDuration = z.string().regex(DURATION, { error: "a duration such as 30s, 5m, 1h or P30D", abort: true });
const duration = anyDuration.refine((text) => (durationMs(text) ?? 0) > 0, "more than 0 seconds");
const count = z.number().int("a whole number").positive("1 or more");
const group = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "a name of 1 to 63 of a-z, 0-9, _ and -, beginning with a letter");

export const reviewsSchema = strict({
  wait: z
    .union([z.literal(0), anyDuration.refine((text) => (durationMs(text) ?? 0) <= WAIT_MS_MAX, "at most 10m")])
    .default("30s")
    .describe("How long a request is held for a decision before its sender is told to come again. 0 or 0s: not at all"),
  expires: duration.default("1h").describe("How long a request can be decided; without an answer it is denied"),
  use_within: duration.default("1h").describe("How long a yes to one request waits for it to be sent again"),
  grant: z
    .union([z.literal("once"), duration])
    .default("once")
    .describe("What a yes allows: this request, once; or requests of its kind (docs/reviews.md) for so long: 30m"),
  pending_per_principal_max: count.default(20).describe("Most requests of one principal that wait"),
  hourly_per_principal_max: count
    .default(60)
    .describe("Most requests of one principal that people are asked about in an hour, those it takes back included"),
  pending_max: count.max(100_000, "at most 100000").default(10_000).describe("Most requests that wait"),
  preview_bytes_max: z
    .string()
    .regex(BYTES, { error: "a size such as 64KiB", abort: true })
    .refine((text) => (byteCount(text) ?? 0) > 0, "more than 0 bytes")
    .refine((text) => (byteCount(text) ?? 0) <= PREVIEW_BYTES_MAX, "at most 4MiB")
    .default("64KiB")
    .describe("So much of a request is kept, sealed, and shown to who decides"),
  keep: duration.default("P90D").describe("How long decided reviews and ended grants are kept"),
  break_glass: strict({
    approvals: z
      .array(
        strict({
          group: group.describe("A group of `identity.groups`"),
          people: count.default(1).describe("How many of them have to agree"),
        }),
      )
      .min(1, "a list of one group or more")
      .describe("Who has to look at it afterwards"),
    longest: duration.default("1h").describe("Longest time for which the glass can be broken"),
    due: duration.default("P3D").describe("Within which it has to be looked at; without an answer it is denied"),
    pause: duration
      .default("P7D")
      .describe(
        "For how long somebody cannot break it again after others said no to it, or nobody looked at it in time",
      ),
  })
    .optional()
    .describe("What to do in an emergency when nobody can be asked. Absent: there is no such way"),
});

export type ReviewsDocument = z.output<typeof reviewsSchema>;
