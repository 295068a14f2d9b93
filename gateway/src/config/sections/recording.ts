/** The shape of the section `recording`: of which exchanges what is kept, sealed, beside the log. */
import * as z from "zod";
import { RECORDING_MODES, SHARINGS } from "../../core/recording.ts";
import { BYTES, byteCount } from "../units.ts";

const EXCHANGE_BYTES_MAX = 32 * 1024 * 1024;
const EXCHANGE_BYTES_MIN = 16 * 1024;
const FILE_BYTES_MAX = 1024 * 1024 * 1024;

const mode = z.enum(RECORDING_MODES);
const shared = z.enum(SHARINGS);
const size = (least: number, most: number, words: string) =>
  z
    .string()
    .regex(BYTES, { error: "a size such as 512KiB or 8MiB", abort: true })
    .refine((text) => (byteCount(text) ?? 0) >= least && (byteCount(text) ?? 0) <= most, words);

export const recordingSchema = z.strictObject({
  default: mode
    .default("none")
    .describe(
      "What is kept of an exchange that no rule fits: nothing (none), what the provider saw (scrubbed), or the values too (sealed)",
    ),
  shared: shared
    .default("all-of")
    .describe(
      "Who can make the text between the values unreadable: the erasure of anybody in it (all-of), or only that of all of them (any-of)",
    ),
  rules: z
    .array(
      z.strictObject({
        connection: z.string().optional().describe("A connection. Absent: any"),
        purpose: z.string().optional().describe("A purpose. Absent: any"),
        mode: mode.describe("Of all rules that fit, the one that keeps most decides"),
        shared: shared.optional().describe("Where it differs from `recording.shared`"),
      }),
    )
    .default([])
    .describe("What is kept of some exchanges; their order is of no matter"),
  dir: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where recordings lie: with `database.url` a folder that every gateway has mounted and that is there already, in which each writes below its own name and reads what all wrote. Relative to this file. Default: recordings in `evidence.dir`",
    ),
  exchange_bytes_max: size(EXCHANGE_BYTES_MIN, EXCHANGE_BYTES_MAX, "16KiB to 32MiB")
    .default("8MiB")
    .describe("Longest recording of one exchange, sealed, or of one segment of it"),
  at_limit: z
    .enum(["end", "segment"])
    .default("end")
    .describe("What happens there: the exchange ends with recording_full, or its recording goes on in another segment"),
  file_bytes_max: size(1024 * 1024, FILE_BYTES_MAX, "1MiB to 1GiB")
    .default("64MiB")
    .describe("A new file of recordings begins beyond it"),
});

export type RecordingDocument = z.output<typeof recordingSchema>;
