/**
 * What a privacy officer does for a person, over HTTP: find, copy, erase; holds and retention. Identifiers stand in bodies alone, never in
 * URLs, where logs and histories keep them. Who may use a route is its permission; each use is an event that this room records itself.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Principal } from "../core/principal.ts";
import { csvOf } from "./access.ts";
import { ERASURE_BASES } from "./erasure.ts";
import { JUSTIFICATIONS } from "./holds.ts";
import { IDENTIFIERS_MAX } from "./identifiers.ts";
import type { Rights } from "./index.ts";
import {
  copyOf,
  copyReply,
  erasureReply,
  foundReply,
  holdOf,
  holdReply,
  planOf,
  planReply,
  recordOf,
  retentionReply,
  statusOf,
} from "./replies.ts";

export interface SubjectRoutes {
  readonly rights: Rights;
  readonly principalOf: (request: FastifyRequest) => Principal;
}

const VALUE_CHARS_MAX = 1_024;
const FOUND_MAX = 10_000;
const LISTED = 100;

const identifiers = z
  .array(
    z.strictObject({
      type: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]{0,63}$/)
        .describe("A type of the detector (EMAIL, PHONE, PERSON), or SUBJECT for the id that your own systems have"),
      value: z.string().min(1).max(VALUE_CHARS_MAX),
    }),
  )
  .min(1)
  .max(IDENTIFIERS_MAX)
  .describe("What the person is known by; all that is kept under any of them is meant");
const reference = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/)
  .describe("Your own number of the request or the case. It goes on record: no name, no address");
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/)
  .optional();
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const erasureId = z.strictObject({ id: z.string().regex(/^er-[0-9a-f]{32}$/, "an id such as er-…") });
const holdId = z.strictObject({ id: z.string().regex(/^lh-[0-9a-f]{32}$/, "an id such as lh-…") });

export function subjectRoutes(plain: FastifyInstance, { rights, principalOf }: SubjectRoutes): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { access, erasures, holds, retention } = rights;
  const by = (request: FastifyRequest): string => principalOf(request).id;

  app.post(
    "/api/subjects/find",
    {
      config: { permission: "subjects.find" },
      schema: {
        summary: "Every exchange that holds data about a person (GDPR Art. 15)",
        body: z.strictObject({ identifiers, limit: z.number().int().min(1).max(FOUND_MAX).default(1_000) }),
        response: { 200: foundReply },
      },
    },
    async (request, reply) => {
      unkept(reply);
      const { identifiers: known, limit } = request.body;
      const { ids, records, total, unheard } = await access.find(known, by(request), limit);
      return { total, unheard: [...unheard], ids: [...ids], records: records.map(recordOf) };
    },
  );

  app.post(
    "/api/subjects/export",
    {
      config: { permission: "subjects.export" },
      schema: {
        summary: "A copy of what is kept about a person (GDPR Art. 15(3), 20): JSON, or the values alone as CSV",
        description: "Values of other people in the same text stand there as their types.",
        body: z.strictObject({ identifiers, format: z.enum(["json", "csv"]).default("json") }),
      },
    },
    async (request, reply) => {
      unkept(reply);
      const copy = await access.export(request.body.identifiers, by(request));
      if (request.body.format === "csv") return reply.type("text/csv; charset=utf-8; header=present").send(csvOf(copy));
      return reply.type("application/json").send(JSON.stringify(copyReply.parse(copyOf(copy))));
    },
  );

  app.post(
    "/api/subjects/erase",
    {
      config: { permission: "subjects.erase" },
      schema: {
        summary: "Forget a person (GDPR Art. 17). There is no way back",
        description:
          "Answered when no key is left. Sinks are called meanwhile; the certificate follows when the last one has answered.",
        body: z.strictObject({
          identifiers,
          reference,
          basis: z.enum(ERASURE_BASES).describe("Ground of GDPR Art. 17(1), or A5-1-e for deletion without a request"),
          dry_run: z.boolean().default(false).describe("Say what would be destroyed, and destroy nothing"),
        }),
        response: { 200: z.union([planReply, erasureReply]) },
      },
    },
    async (request, reply) => {
      unkept(reply);
      const { dry_run: dryRun, ...wanted } = request.body;
      if (!dryRun) return statusOf(await erasures.erase(wanted, by(request)));
      const { ids, records, sinks, datasets } = await erasures.plan(wanted, by(request));
      return { dry_run: true as const, ids: [...ids], records, sinks: [...sinks], datasets: [...datasets] };
    },
  );

  app.get(
    "/api/erasures",
    {
      config: { permission: "erasures.read" },
      schema: {
        summary: "The latest erasures, and datasets that are tainted",
        response: {
          200: z.object({
            erasures: z.array(erasureReply),
            datasets: z.array(z.object({ dataset: z.string(), since: z.string(), erasures: z.number() })),
          }),
        },
      },
    },
    async () => {
      const latest = await erasures.list(LISTED);
      const tainted = await erasures.tainted();
      return {
        erasures: await Promise.all(latest.map(async ({ id }) => statusOf(await erasures.status(id)))),
        datasets: tainted.map(({ dataset, at, erasures: count }) => ({
          dataset,
          since: new Date(at).toISOString(),
          erasures: count,
        })),
      };
    },
  );

  app.get(
    "/api/erasures/:id",
    {
      config: { permission: "erasures.read" },
      schema: { summary: "An erasure as it stands", params: erasureId, response: { 200: erasureReply } },
    },
    (request) => erasures.status(request.params.id).then(statusOf),
  );

  app.get(
    "/api/erasures/:id/certificate",
    {
      config: { permission: "erasures.read" },
      schema: { summary: "The signed certificate; `sluice verify --certificate` checks it offline", params: erasureId },
    },
    async (request, reply) =>
      reply.type("text/plain; charset=utf-8").send(await erasures.certificate(request.params.id)),
  );

  app.get(
    "/api/holds",
    {
      config: { permission: "holds.read" },
      schema: {
        summary: "Legal holds",
        querystring: z.strictObject({
          ended: z.stringbool().default(false).describe("Those that have ended, instead"),
        }),
        response: { 200: z.object({ holds: z.array(holdReply) }) },
      },
    },
    (request) => holds.list(request.query.ended).then((listed) => ({ holds: listed.map(holdOf) })),
  );

  app.post(
    "/api/holds",
    {
      config: { permission: "holds.write" },
      schema: {
        summary: "Keep what this covers from being erased or deleted",
        description: "All that it names has to fit. It ends by itself.",
        body: z.strictObject({
          identifiers: identifiers.optional(),
          purpose: name,
          connection: name,
          from: time.optional().describe("RFC 3339"),
          to: time.optional().describe("RFC 3339; not included"),
          reference,
          justification: z
            .enum(JUSTIFICATIONS)
            .default(JUSTIFICATIONS[0])
            .describe("https://w3id.org/dpv/justifications"),
          until: time.describe("RFC 3339"),
        }),
        response: { 200: holdReply },
      },
    },
    async (request, reply) => {
      unkept(reply);
      return holdOf(await holds.place(present(request.body), by(request)));
    },
  );

  app.post(
    "/api/holds/:id/release",
    {
      config: { permission: "holds.write" },
      schema: { summary: "End a hold", params: holdId, response: { 200: holdReply } },
    },
    (request) => holds.release(request.params.id, by(request)).then(holdOf),
  );

  app.post(
    "/api/holds/:id/renew",
    {
      config: { permission: "holds.write" },
      schema: {
        summary: "Give a hold another end",
        params: holdId,
        body: z.strictObject({ until: time.describe("RFC 3339") }),
        response: { 200: holdReply },
      },
    },
    (request) => holds.renew(request.params.id, request.body.until, by(request)).then(holdOf),
  );

  app.get(
    "/api/retention",
    {
      config: { permission: "retention.read" },
      schema: { summary: "What a run would delete now", response: { 200: retentionReply } },
    },
    async () => ({ dry_run: true, ...planOf(await retention.plan()) }),
  );

  app.post(
    "/api/retention/run",
    {
      config: { permission: "retention.run" },
      schema: {
        summary: "Delete what is old enough; it is done by itself every `retention.every`",
        body: z.strictObject({ dry_run: z.boolean().default(false) }),
        response: { 200: retentionReply },
      },
    },
    (request) => run(request.body.dry_run, by(request)),
  );

  async function run(dryRun: boolean, actor: string): Promise<z.input<typeof retentionReply>> {
    if (dryRun) return { dry_run: true, ...planOf(await retention.plan()) };
    const { files, bytes, filesHeld, ...plan } = await retention.run(actor);
    return { dry_run: false, ...planOf(plan), files, bytes, files_held: filesHeld };
  }
}

/** Nobody on the way keeps what it says. */
function unkept(reply: FastifyReply): void {
  reply.header("cache-control", "no-store");
}

/** Without members that are not there. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
