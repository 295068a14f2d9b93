/** The export's door: how far each destination is. No record goes out here. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Exports, ExportStatus } from "./index.ts";

const time = z.string().describe("RFC 3339");

const statusReply = z.object({
  destinations: z.array(
    z.object({
      destination: z.string(),
      kind: z.string(),
      state: z
        .enum(["following", "retrying", "away", "elsewhere"])
        .describe("elsewhere: another gateway sends. away: it fails for long, and that is on record"),
      next: z.number().describe("Index of the first record that is not acknowledged"),
      lag: z.number().describe("Published records that are not acknowledged"),
      failingSince: time.optional(),
      error: z
        .object({ code: z.string(), message: z.string() })
        .optional()
        .describe("The last failure, while it lasts"),
      refusals: z
        .array(
          z.object({
            from: z.number(),
            to: z.number().describe("The first that is not among them"),
            records: z.number().describe("How many between the two are not there"),
            reason: z
              .string()
              .describe("export_refused, partial: it did not say which; skipped: pruned before they were sent"),
            at: time,
          }),
        )
        .describe("What never arrived, the newest first"),
    }),
  ),
});

export function exportRoutes(plain: FastifyInstance, { exports }: { readonly exports: Exports }): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.get(
    "/api/exports",
    {
      config: { permission: "exports.read" },
      schema: { summary: "How far each place is that evidence is sent on to", response: { 200: statusReply } },
    },
    async () => ({ destinations: (await exports.status()).map(replyOf) }),
  );
}

function replyOf({
  failingSince,
  error,
  refusals,
  ...status
}: ExportStatus): z.input<typeof statusReply>["destinations"][number] {
  return {
    ...status,
    ...(failingSince === undefined ? {} : { failingSince: new Date(failingSince).toISOString() }),
    ...(error === undefined ? {} : { error }),
    refusals: refusals.map(({ at, ...refusal }) => ({ ...refusal, at: new Date(at).toISOString() })),
  };
}
