/** The shape of the section `witnesses`: who cosigns the log's checkpoints, and what happens when they do not. */
import * as z from "zod";
import { DURATION, durationMs } from "../units.ts";

const strict = z.strictObject;

const duration = z
  .string()
  .regex(DURATION, { error: "a duration such as 30s, 5m or 1h", abort: true })
  .refine((text) => (durationMs(text) ?? 0) >= 1_000, "at least 1s");
/** Whatever tlog-policy lets a name be, on one line and in one word. */
const word = z.string().regex(/^[^\s\p{Cc}#][^\s\p{Cc}]{0,127}$/u, "one word of 1 to 128 characters");

const witness = strict({
  name: word.describe("What this configuration calls it"),
  vkey: z.string().describe("Its verifier key, as `sluice witness key` prints it or its operator publishes it"),
  url: z.string().describe("Where it is asked: the submission prefix, https://witness.example.com/w1"),
});

export const witnessesSchema = strict({
  policy: z
    .union([
      z.string().regex(/^[^\p{Cc}]{1,512}$/u, "the path of a policy file, or a list of witnesses"),
      z.array(witness).min(1, "a list of one witness or more").max(100, "at most 100"),
    ])
    .describe("A C2SP tlog-policy file with the witnesses' URLs, relative to this file; or a list of witnesses"),
  quorum: z
    .union([z.enum(["all", "any", "none"]), z.number().int("a whole number").positive("1 or more")])
    .optional()
    .describe("Of a list: how many must cosign. Default: all. A policy file says it itself"),
  every: z
    .union([z.literal("checkpoint"), duration])
    .default("60s")
    .describe("How often they are asked while the log grows: every checkpoint, or so often at most"),
  missing_after: duration
    .default("5m")
    .describe(
      "How long checkpoints may lack the quorum before there is an alarm; with `required` requests are refused",
    ),
  required: z
    .boolean()
    .default(false)
    .describe("Refuse exchanges while the quorum has been missing for longer than that (witness_quorum_missing)"),
});

export type WitnessesDocument = z.output<typeof witnessesSchema>;
