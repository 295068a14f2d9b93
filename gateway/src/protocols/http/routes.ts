/**
 * The scrub API: text in, placeholders out, and back. Nothing is forwarded to anybody: the recipient on record is the caller.
 * The values travel back to the caller, who sent them, and are kept nowhere.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Action, Intent, Sender } from "../../core/intent.ts";
import type { Principal } from "../../core/principal.ts";
import type { Exchange, Gate } from "../../gate/index.ts";
import { tokenHeader } from "./headers.ts";
import { networkOf } from "./network.ts";
import { PROXY_PATH } from "./proxy.ts";

export interface ScrubRoutes {
  readonly gate: Gate;
  /** Who was authenticated. */
  readonly principalOf: (request: FastifyRequest) => Principal;
  readonly senderOf: (request: FastifyRequest) => Sender;
  readonly restore: (text: string, entities: readonly Entity[]) => string;
}

interface Entity {
  readonly placeholder: string;
  readonly type: string;
  readonly value: string;
}

/** The connection that stands for "answered here": compose registers it. */
export const LOCAL = "local";

/** What the routes of exchanges declare (server/permissions.ts). */
export const EXCHANGE = { permission: "exchange" };

const entity = z
  .strictObject({
    type: z.string().max(64).describe("Type of the finding, for example EMAIL"),
    value: z.string().describe("The value as it first stood in the text"),
  })
  .describe("What a placeholder stands for");
const entities = z
  .record(z.string().max(128), entity)
  .describe('Placeholder → value, for example {"[EMAIL_1]": {"type": "EMAIL", "value": "…"}}');

const scrubBody = z.strictObject({ text: z.string().describe("Text to scrub") });
const scrubReply = z.object({
  scrubbed: z.string().describe("The text with every finding replaced"),
  entities,
  found: z
    .record(z.string(), z.number().int())
    .describe("Findings by type; types that are never restored are counted here and not in `entities`"),
});
const proxyBody = z.strictObject({
  provider: z.string().describe("Name of a connection"),
  model: z.string().describe("Model as that connection calls it"),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.unknown() }))
    .describe("Chat messages; a system message goes where the provider wants it"),
  scrub: z.literal(true).optional().describe("Always true: what is scrubbed is a rule of the connection"),
  stream: z.boolean().optional(),
  max_tokens: z.number().int().optional(),
  temperature: z.number().optional(),
});
const restoreBody = z.strictObject({ text: z.string(), entities });
const restoreReply = z.object({ restored: z.string() });

export function scrubRoutes(plain: FastifyInstance, { gate, principalOf, senderOf, restore }: ScrubRoutes): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const open = (request: FastifyRequest, action: Action, text: string): Promise<Exchange> =>
    gate.open(principalOf(request), intentOf(request, action, text, senderOf(request)), (segments) =>
      Buffer.from(segments[0]?.text ?? ""),
    );

  app.post(
    "/api/scrub",
    {
      config: EXCHANGE,
      schema: { summary: "Replace personal data in a text", body: scrubBody, response: { 200: scrubReply } },
    },
    async (request, reply) => {
      const exchange = await open(request, "scrub", request.body.text);
      const restorable = exchange.entities();
      const text = exchange.body.toString();
      await done(exchange, text.length);
      reply.header("sluice-evidence", exchange.id);
      return {
        scrubbed: text,
        entities: Object.fromEntries(restorable.map(({ placeholder, type, value }) => [placeholder, { type, value }])),
        found: { ...exchange.found },
      };
    },
  );

  // Described here and answered by the inference handler, which owns its path: it streams, and keeps the caller's own bytes.
  app.post(
    PROXY_PATH,
    {
      config: EXCHANGE,
      schema: {
        summary:
          "Chat with any provider; the answer comes in the provider's own shape. Nothing but the evidence leaf is kept",
        body: proxyBody,
        response: { 200: z.looseObject({}) },
      },
    },
    () => {
      throw new Error("assertion: the inference handler owns this path");
    },
  );

  app.post(
    "/api/restore",
    {
      config: EXCHANGE,
      schema: { summary: "Put the values back", body: restoreBody, response: { 200: restoreReply } },
    },
    async (request, reply) => {
      // Only the fact is recorded: the text holds placeholders and goes nowhere.
      const exchange = await open(request, "restore", "");
      const list = Object.entries(request.body.entities).map(([placeholder, each]) => ({ placeholder, ...each }));
      const restored = restore(request.body.text, list);
      await done(exchange, restored.length);
      reply.header("sluice-evidence", exchange.id);
      return { restored };
    },
  );
}

function intentOf(request: FastifyRequest, action: Action, text: string, sender: Sender): Intent {
  const purpose = tokenHeader(request.raw, "sluice-purpose");
  const session = tokenHeader(request.raw, "sluice-session");
  const subject = tokenHeader(request.raw, "sluice-data-subject");
  return {
    action,
    family: LOCAL,
    target: LOCAL,
    endpoint: `api.${action}`,
    segments: [{ path: "text", text, final: true, origin: "user" }],
    opaqueParts: {},
    streaming: false,
    requestBytes: Buffer.byteLength(text),
    network: networkOf(request.raw),
    sender,
    ...(purpose === undefined ? {} : { purpose }),
    ...(session === undefined ? {} : { session }),
    ...(subject === undefined ? {} : { subject }),
  };
}

function done(exchange: Exchange, responseBytes: number): Promise<void> {
  return exchange.end({ status: "completed", responseBytes, upstreamMs: 0 });
}
