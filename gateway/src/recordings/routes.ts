/**
 * Recordings over the control API: replayed without values, revealed with them for a purpose, and exported as they lie on the disk,
 * with the proofs of their exchange. Each is an event on the log before anything is answered.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { RecordEvent } from "../core/event.ts";
import type { Principal } from "../core/principal.ts";
import type { Recordings, Replay } from "./recordings.ts";

export interface RecordingRoutes {
  readonly recordings: Pick<Recordings, "find" | "replay" | "whole">;
  readonly record: RecordEvent;
  readonly principalOf: (request: FastifyRequest) => Principal;
  /** Throws what forbids this person to see values for this purpose, and purpose_unknown. */
  readonly admit: (principal: Principal, purpose: string, network: string) => void;
  /** The `.tlog-proof` of an entry of the log, and the entry. */
  readonly proofOf: (index: number) => Promise<{ readonly proof: string; readonly entry: string }>;
}

const exchange = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/)
  .describe("The exchange, by its evidence id: the header Sluice-Evidence of its answer");

const field = z.object({
  type: z.string(),
  operator: z.string(),
  showing: z.enum(["masked", "shown", "erased"]),
  start: z.number().int().describe("UTF-16, in the text as it is shown here"),
  end: z.number().int(),
});

const replayReply = z.object({
  exchange: z.string(),
  recording: z.string(),
  mode: z.enum(["scrubbed", "sealed"]),
  purpose: z.string(),
  connection: z.string(),
  endpoint: z.string(),
  model: z.string(),
  begun_at: z.string().describe("RFC 3339"),
  status: z.string().optional().describe("How the exchange ended; absent: its recording has no end"),
  code: z.string().optional(),
  terminal: z.object({ columns: z.number().int(), rows: z.number().int() }).optional(),
  findings: z
    .array(z.object({ code: z.string(), seq: z.number().int().optional(), message: z.string() }))
    .describe("What is wrong with its chunks; empty: it is whole, and the one of this exchange"),
  chunks: z.array(
    z.object({
      seq: z.number().int(),
      kind: z.enum(["request", "answer", "end", "continued"]),
      at: z.string().describe("RFC 3339"),
      texts: z.array(
        z.object({
          path: z.string(),
          origin: z.string().optional(),
          ms: z.number().int().describe("Milliseconds since the recording began"),
          text: z.string(),
          erased: z.literal(true).optional().describe("It cannot be opened any more: somebody in it was erased"),
          fields: z.array(field),
        }),
      ),
    }),
  ),
});

type ReplayReply = z.output<typeof replayReply>;

const entryReply = z.object({ index: z.number().int(), entry: z.string(), proof: z.string().describe(".tlog-proof") });

export function recordingRoutes(plain: FastifyInstance, options: RecordingRoutes): void {
  const { recordings, record, principalOf, admit, proofOf } = options;
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const params = z.strictObject({ exchange });

  async function replayed({ id: actor }: Principal, target: string): Promise<ReplayReply> {
    const intent = Number(target);
    await recordings.find(intent);
    await record({ name: "recording.replayed", actor, target });
    return replyOf(intent, await recordings.replay(intent, () => false));
  }

  async function revealed({ id: actor }: Principal, target: string, purpose: string): Promise<ReplayReply> {
    const intent = Number(target);
    await recordings.find(intent);
    await record({ name: "recording.revealed", actor, target, facts: { purpose } });
    return replyOf(intent, await recordings.replay(intent, () => true));
  }

  async function exported({ id: actor }: Principal, target: string) {
    const intent = Number(target);
    await recordings.find(intent);
    await record({ name: "recording.exported", actor, target });
    const { bytes, outcome } = await recordings.whole(intent);
    const entryOf = async (index: number) => ({ index, ...(await proofOf(index)) });
    return {
      chunks: bytes.toString("base64"),
      intent: await entryOf(intent),
      ...(outcome === undefined ? {} : { outcome: await entryOf(outcome) }),
    };
  }

  app.get(
    "/api/recordings/:exchange",
    {
      config: { permission: "recordings.replay" },
      schema: {
        summary: "What was sent and answered in an exchange, without the values",
        description: "An event `recording.replayed` is on the log before the answer.",
        params,
        response: { 200: replayReply },
      },
    },
    (request, reply) => {
      reply.header("cache-control", "no-store");
      return replayed(principalOf(request), request.params.exchange);
    },
  );

  // POST, so that no cache and no history keeps the answer.
  app.post(
    "/api/recordings/:exchange/reveal",
    {
      config: { permission: "recordings.reveal" },
      schema: {
        summary: "The same with the values, for a purpose",
        description:
          "Policies are asked (`reveal`), and an event `recording.revealed` with the purpose is on the log before the answer.",
        params,
        body: z.strictObject({
          purpose: z.string().max(63).describe("A purpose of the configuration: why they are looked at"),
        }),
        response: { 200: replayReply },
      },
    },
    (request, reply) => {
      const principal = principalOf(request);
      const { purpose } = request.body;
      admit(principal, purpose, request.ip);
      reply.header("cache-control", "no-store");
      return revealed(principal, request.params.exchange, purpose);
    },
  );

  app.get(
    "/api/recordings/:exchange/export",
    {
      config: { permission: "recordings.replay" },
      schema: {
        summary: "Its chunks as they lie on the disk, sealed, and the proofs of its exchange: what a verifier needs",
        description: "An event `recording.exported` is on the log before the answer.",
        params,
        response: {
          200: z.object({
            chunks: z.string().describe("base64"),
            intent: entryReply,
            outcome: entryReply.optional(),
          }),
        },
      },
    },
    (request) => exported(principalOf(request), request.params.exchange),
  );
}

function replyOf(intent: number, replay: Replay): ReplayReply {
  const { terminal, status, code, report } = replay;
  return {
    exchange: String(intent),
    recording: replay.id,
    mode: replay.mode,
    purpose: replay.purpose,
    connection: replay.connection,
    endpoint: replay.endpoint,
    model: replay.model,
    begun_at: new Date(replay.time).toISOString(),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(terminal === undefined ? {} : { terminal }),
    findings: report.findings.map(({ code: name, seq, message }) => ({
      code: name,
      message,
      ...(seq === undefined ? {} : { seq }),
    })),
    chunks: replay.chunks.map(({ seq, kind, time, texts }) => ({
      seq,
      kind,
      at: new Date(time).toISOString(),
      texts: texts.map(({ path, origin, ms, text, erased, fields }) => ({
        path,
        ...(origin === undefined ? {} : { origin }),
        ms,
        text,
        ...(erased === undefined ? {} : { erased }),
        fields: fields.map(({ type, operator, showing, start, end }) => ({ type, operator, showing, start, end })),
      })),
    })),
  };
}
