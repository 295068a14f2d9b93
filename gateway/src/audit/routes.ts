/**
 * Questions to the evidence, in the control API: what a breach touched, and bundles that verify without us. Who may ask is the
 * permission; that somebody asked is on record before the answer.
 */
import { Readable } from "node:stream";
import type { Source } from "@sluice/verifier";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Principal } from "../core/principal.ts";
import { credentialName, sessionName } from "../core/pseudonyms.ts";
import { BreachTally } from "./breach.ts";
import { bundle, type BundleOptions, checkSelection } from "./bundle.ts";
import { checkRecipients, seal } from "./seal.ts";
import { scan, type Selection } from "./scan.ts";

export interface AuditRoutes {
  readonly origin: string;
  /** The public files of the log. */
  readonly source: Source;
  /** Records that are published, once all that are durable by now are among them. */
  readonly published: () => Promise<number>;
  /** First index whose entry is still there. */
  readonly minimum: () => number;
  readonly pseudonym: (name: string) => string;
  readonly proof: (index: number) => Promise<string>;
  readonly record: RecordEvent;
  readonly principalOf: (request: FastifyRequest) => Principal;
  readonly policy?: BundleOptions["policy"];
  readonly timestamps?: BundleOptions["timestamps"];
  /** Indexes of the exchanges that hold data about a person, for who may look for people. Throws subject_unknown, permission_missing. */
  readonly subject: (
    identifiers: readonly { readonly type: string; readonly value: string }[],
    principal: Principal,
  ) => Promise<readonly number[]>;
  readonly clock: Clock;
}

const NAMES_MAX = 100;
const name = z.string().min(1).max(300);
const names = z.array(name).min(1).max(NAMES_MAX);
const instant = z.iso.datetime().describe("RFC 3339, UTC");

const asked = z.strictObject({
  principals: names.optional().describe("Ids of principals: service:crm, corp:00u1…"),
  pseudonyms: names.optional().describe("Pseudonyms of principals, as records have them"),
  credentials: names.optional().describe("Ids of credentials: an API key's id"),
  sessions: names.optional().describe("Values of Sluice-Session"),
  connections: names.optional(),
  from: instant.optional(),
  to: instant.optional(),
});
const bundleAsked = asked.extend({
  identifiers: z
    .array(z.strictObject({ type: z.string().min(1).max(63), value: z.string().min(1).max(1_000) }))
    .min(1)
    .max(NAMES_MAX)
    .optional()
    .describe("What a data subject is known by; only exchanges that hold data about it"),
  recipients: z.array(z.string()).max(20).default([]).describe("age1pq1… keys to seal the bundle for"),
});

const share = z.object({ name: z.string(), exchanges: z.number(), first: z.string(), last: z.string() });
const counts = z.array(z.object({ name: z.string(), count: z.number() }));
const breachReply = z.object({
  origin: z.string(),
  size: z.number(),
  report: z.object({
    first: z.string().optional(),
    last: z.string().optional(),
    exchanges: z.object({
      total: z.number(),
      answered: z.number(),
      unanswered: z.number(),
      open: z.number(),
      refused: z.number(),
    }),
    bytes: z.object({ sent: z.number(), received: z.number() }),
    principals: z.array(share),
    connections: z.array(share),
    recipients: z.array(share.extend({ country: z.string() })),
    purposes: z.array(share.extend({ dpv: z.string(), basis: z.string() })),
    models: z.array(share),
    categories: counts,
    special: counts,
    types: z.array(
      z.object({
        name: z.string(),
        found: z.number(),
        clear: z.number(),
        operators: z.record(z.string(), z.number()),
      }),
    ),
    answers: z.object({ masked: counts, restored: counts }),
    unscanned: counts,
    refusals: counts,
    events: counts,
    policies: z.array(share),
  }),
});

export function auditRoutes(plain: FastifyInstance, options: AuditRoutes): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { origin, source, clock } = options;

  function selectionOf(body: z.output<typeof asked>, records?: readonly number[]): Selection {
    const { principals = [], pseudonyms = [], credentials, sessions, connections, from, to } = body;
    const who = [...principals.map((id) => options.pseudonym(id)), ...pseudonyms];
    const named = (ids: readonly string[], nameOf: (id: string) => string): ReadonlySet<string> =>
      new Set(ids.map((id) => options.pseudonym(nameOf(id))));
    return {
      ...(who.length === 0 ? {} : { principals: new Set(who) }),
      ...(credentials === undefined ? {} : { credentials: named(credentials, credentialName) }),
      ...(sessions === undefined ? {} : { sessions: named(sessions, sessionName) }),
      ...(connections === undefined ? {} : { connections: new Set(connections) }),
      ...(from === undefined ? {} : { from: Date.parse(from) }),
      ...(to === undefined ? {} : { to: Date.parse(to) }),
      ...(records === undefined ? {} : { records: new Set(records) }),
    };
  }

  app.post(
    "/api/breach",
    {
      config: { permission: "evidence.read" },
      schema: {
        summary: "What a credential, a session or a stretch of time touched: recipients, categories, counts, times",
        body: asked,
        response: { 200: breachReply },
      },
    },
    async ({ body }) => {
      const selection = selectionOf(body);
      mustAsk(selection);
      const size = await options.published();
      const tally = new BreachTally();
      for await (const found of scan({ source, size, minimum: options.minimum(), selection, events: true }))
        tally.add(found);
      // The reply's schema writes copies of these.
      return { origin, size, report: structuredClone(tally.report()) as z.input<typeof breachReply>["report"] };
    },
  );

  app.post(
    "/api/evidence/bundle",
    {
      config: { permission: "evidence.export" },
      schema: {
        summary:
          "Records with proofs, a summary and the verifier, in one archive; sealed for auditors when `recipients` says for whom",
        body: bundleAsked,
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { recipients, identifiers } = body;
      checkRecipients(recipients);
      const principal = options.principalOf(request);
      const records = identifiers === undefined ? undefined : await options.subject(identifiers, principal);
      const selection = selectionOf(body, records);
      mustAsk(selection);
      const making: BundleOptions = {
        source,
        size: await options.published(),
        minimum: options.minimum(),
        selection,
        origin,
        asked: askedInWords(selection),
        now: clock(),
        actor: principal.id,
        record: options.record,
        proof: options.proof,
        ...(options.policy === undefined ? {} : { policy: options.policy }),
        ...(options.timestamps === undefined ? {} : { timestamps: options.timestamps }),
      };
      await checkSelection(making);
      const archive = Readable.from(bundle(making), { objectMode: false });
      const isSealed = recipients.length > 0;
      const sent = isSealed
        ? Readable.fromWeb((await seal(Readable.toWeb(archive) as ReadableStream<Uint8Array>, recipients)) as never)
        : archive;
      const file = `evidence-${new Date(making.now).toISOString().slice(0, 10)}.zip${isSealed ? ".age" : ""}`;
      return reply
        .header("content-type", isSealed ? "application/octet-stream" : "application/zip")
        .header("content-disposition", `attachment; filename="${file}"`)
        .header("cache-control", "no-store")
        .send(sent);
    },
  );
}

/** Everything is not an answer to a question; for that there is the log itself. */
function mustAsk(selection: Selection): void {
  if (Object.keys(selection).length > 0) return;
  throw new SluiceError(
    "field_invalid",
    "say what is meant: a principal, a credential, a session, a connection, a time, or for a bundle a person",
  );
}

/** For the manifest: pseudonyms and names of the configuration, never who was asked for by name. */
function askedInWords({
  principals,
  credentials,
  sessions,
  connections,
  from,
  to,
  records,
}: Selection): Record<string, string | readonly string[]> {
  return {
    ...(principals === undefined ? {} : { principals: [...principals] }),
    ...(credentials === undefined ? {} : { credentials: [...credentials] }),
    ...(sessions === undefined ? {} : { sessions: [...sessions] }),
    ...(connections === undefined ? {} : { connections: [...connections] }),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    ...(records === undefined ? {} : { subject: "one data subject" }),
  };
}
