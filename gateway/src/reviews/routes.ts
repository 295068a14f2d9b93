/**
 * Reviews in the control API, and as pages for the browser. Who may use a route at all is its permission, which is demanded by
 * whoever registers it; who may decide a review is asked of the desk. Reading one is an event on record like changing one.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import type { BreakGlass, ReviewDesk, Shown } from "./desk.ts";
import type { Grant } from "./grant.ts";
import { readForm } from "./form.ts";
import { PAGE_HEADERS } from "./layout.ts";
import { COMMENT_CHARS_MAX, listPage, type PageOptions, reviewPage } from "./page.ts";
import { type Review, type Sending, stateAt } from "./review.ts";

export interface ReviewRoutes {
  readonly desk: ReviewDesk;
  readonly principalOf: (request: FastifyRequest) => Principal;
  /** Name to show for a principal's id. */
  readonly nameOf: (principal: string) => string;
  /**
   * What a principal may break the glass for; throws what policy throws for a purpose or connection that it may not use, or for
   * doing it at all. `network`: address that it asks from.
   */
  readonly admit: (
    principal: Principal,
    purpose: string,
    connection: string,
    network: string,
  ) => Pick<BreakGlass, "purpose" | "connection">;
  readonly urlOf: (review: string) => string;
  readonly clock: Clock;
}

export interface ReviewPages extends Omit<ReviewRoutes, "admit" | "urlOf"> {
  /** The token that a form of this session carries. */
  readonly csrfOf: (request: FastifyRequest) => string;
  /** Throws for a form without it. */
  readonly checkCsrf: (request: FastifyRequest, token: string) => void;
  /** A yes needs a passkey. */
  readonly needsStepUp: (review: Review) => boolean;
}

const LIST_MAX = 100;
const LIST_DEFAULT = 20;
const REASON_CHARS_MAX = 2_000;
const FORM_BYTES_MAX = 16_384;

const id = z.string().regex(/^[a-z]{2}-[0-9a-f]{1,64}$/, "an id such as rv-…");
const params = z.strictObject({ id });
const instant = z.string().describe("RFC 3339, UTC");

const listQuery = z.strictObject({
  view: z.enum(["decide", "requested"]).default("decide").describe("What you have to decide, or what you asked for"),
  state: z.enum(["pending", "closed"]).default("pending"),
  limit: z.coerce.number().int().min(1).max(LIST_MAX).default(LIST_DEFAULT),
  cursor: z.string().max(200).optional().describe("`next` of the page before"),
});

const reviewReply = z.object({
  id: z.string(),
  url: z.string().describe("Where it can be decided in a browser"),
  kind: z.enum(["request", "after-the-fact"]),
  state: z.enum(["pending", "granted", "denied", "expired", "cancelled"]),
  requester: z.string().describe("Who asks, as people know them"),
  agents: z.array(z.string()).describe("Who acts for the requester, the one that sent the request first"),
  purpose: z.string(),
  basis: z.string().describe("Lawful basis, a DPV term"),
  connection: z.string(),
  recipient: z.object({ name: z.string(), country: z.string() }),
  sending: z
    .object({
      endpoint: z.string(),
      model: z.string(),
      query: z.string(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })),
    })
    .optional()
    .describe("How it is to be sent, beside its body; of headers those that the client sent and the target gets"),
  categories: z.array(z.string()),
  risk: z.object({ score: z.number(), reasons: z.array(z.string()) }),
  approvals: z.array(z.object({ group: z.string(), people: z.number() })).describe("All have to be met"),
  window_minutes: z
    .number()
    .optional()
    .describe("How long a yes holds for requests of this kind. Absent: for this one, once"),
  digest: z.string().describe("base64url SHA-256 of what is to be sent and how; a yes is bound to it"),
  bytes: z.number().describe("Size of what is to be sent"),
  created_at: instant,
  expires_at: instant,
  decided_at: instant.optional(),
  votes: z.array(
    z.object({
      person: z.string(),
      decision: z.enum(["approve", "deny"]),
      at: instant,
      comment: z.string().optional(),
    }),
  ),
});
const grantReply = z.object({
  id: z.string(),
  kind: z.enum(["single-use", "time-boxed", "break-glass"]),
  state: z.enum(["active", "used", "revoked", "ended"]),
  review: z.string(),
  expires_at: instant,
});
const shownReply = reviewReply.extend({
  preview: z
    .string()
    .optional()
    .describe("What is to be sent, masked; of break-glass the reason. Absent once it is closed"),
  preview_complete: z.boolean().optional().describe("False when only the beginning is shown"),
  may_vote: z.boolean(),
  grant: grantReply.optional(),
});
const listReply = z.object({ reviews: z.array(reviewReply), next: z.string().optional() });

const vote = z.strictObject({
  decision: z.enum(["approve", "deny"]),
  comment: z.string().max(COMMENT_CHARS_MAX).optional().describe("Seen by who asks and who decides"),
});
const breakGlass = z.strictObject({
  purpose: z.string().max(63),
  connection: z.string().max(63),
  reason: z.string().min(1).max(REASON_CHARS_MAX).describe("Why it cannot wait; seen by who looks at it afterwards"),
  minutes: z.number().positive(),
});

export function reviewRoutes(plain: FastifyInstance, options: ReviewRoutes): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { desk, principalOf, admit } = options;

  app.get(
    "/api/reviews",
    {
      config: { permission: "reviews.read" },
      schema: {
        summary: "Reviews that you have to decide, or asked for",
        querystring: listQuery,
        response: { 200: listReply },
      },
    },
    async (request, reply) => {
      unkept(reply);
      const { view, ...page } = request.query;
      const { reviews, next } = await desk.list(principalOf(request), view, page);
      return { reviews: reviews.map((review) => replyOf(review, options)), ...(next === undefined ? {} : { next }) };
    },
  );

  app.get(
    "/api/reviews/:id",
    {
      config: { permission: "reviews.read" },
      schema: { summary: "One review, with what is to be sent, masked", params, response: { 200: shownReply } },
    },
    async (request, reply) => {
      unkept(reply);
      return shownOf(await desk.show(request.params.id, principalOf(request)), options);
    },
  );

  app.post(
    "/api/reviews/:id/votes",
    {
      config: { permission: "reviews.decide" },
      schema: { summary: "Approve or deny", params, body: vote, response: { 200: reviewReply } },
    },
    async (request, reply) => {
      unkept(reply);
      const { decision, comment } = request.body;
      return replyOf(await desk.vote(request.params.id, principalOf(request), decision, comment), options);
    },
  );

  app.post(
    "/api/reviews/:id/cancel",
    {
      config: { permission: "reviews.cancel" },
      schema: { summary: "Take a request of yours back", params, response: { 200: reviewReply } },
    },
    async (request, reply) => {
      unkept(reply);
      return replyOf(await desk.cancel(request.params.id, principalOf(request)), options);
    },
  );

  app.post(
    "/api/grants/:id/revoke",
    {
      config: { permission: "grants.revoke" },
      schema: { summary: "End a grant, and what runs under it", params, response: { 200: grantReply } },
    },
    async (request, reply) => {
      unkept(reply);
      return grantOf(await desk.revoke(request.params.id, principalOf(request).id));
    },
  );

  app.post(
    "/api/break-glass",
    {
      config: { permission: "break-glass" },
      schema: {
        summary: "In an emergency: take a grant that others review afterwards. Goes on record as an alarm",
        body: breakGlass,
        response: { 200: grantReply },
      },
    },
    async (request, reply) => {
      unkept(reply);
      const { purpose, connection, reason, minutes } = request.body;
      const principal = principalOf(request);
      const admitted = admit(principal, purpose, connection, request.ip);
      return grantOf(await desk.breakGlass({ principal, ...admitted, reason, ms: minutes * 60_000 }));
    },
  );
}

/** What is to be sent is nobody's to keep on the way. */
function unkept(reply: FastifyReply): void {
  reply.header("cache-control", "no-store");
}

const formBody = vote.extend({ csrf: z.string().max(512) });

/** The same for people with a browser: GET changes nothing, and a form needs the token of its session. */
export function reviewPages(plain: FastifyInstance, options: ReviewPages): void {
  const { desk, principalOf, nameOf, clock, csrfOf, checkCsrf, needsStepUp } = options;
  plain.register((scope, _, done) => {
    const app = scope.withTypeProvider<ZodTypeProvider>();
    app.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: FORM_BYTES_MAX },
      (_request, body, parsed) => parsed(null, readForm(String(body))),
    );

    const seenBy = (request: FastifyRequest): PageOptions => {
      const { id } = principalOf(request);
      return { viewer: { id, name: nameOf(id), csrf: csrfOf(request) }, nameOf, now: clock() };
    };

    app.get(
      "/reviews",
      { config: { permission: "reviews.read" }, schema: { hide: true, querystring: listQuery } },
      async (request, reply) => {
        const { view, ...query } = request.query;
        const { reviews, next } = await desk.list(principalOf(request), view, query);
        const page = listPage({ view, state: query.state, reviews, next, ...seenBy(request) });
        return reply.headers(PAGE_HEADERS).send(page);
      },
    );

    const send = async (request: FastifyRequest, review: string, notice?: string): Promise<string> => {
      const shown = await desk.show(review, principalOf(request));
      const more = notice === undefined ? {} : { notice };
      return reviewPage({ shown, stepUp: needsStepUp(shown.review), ...seenBy(request), ...more });
    };

    app.get(
      "/reviews/:id",
      { config: { permission: "reviews.read" }, schema: { hide: true, params } },
      async (request, reply) => reply.headers(PAGE_HEADERS).send(await send(request, request.params.id)),
    );

    app.post(
      "/reviews/:id/votes",
      { config: { permission: "reviews.decide" }, schema: { hide: true, params, body: formBody } },
      async (request, reply) => {
        const { csrf, decision, comment } = request.body;
        checkCsrf(request, csrf);
        try {
          await desk.vote(request.params.id, principalOf(request), decision, comment);
        } catch (thrown) {
          // Somebody else was first, or the time is over: the page says how it stands.
          if (!(thrown instanceof SluiceError) || thrown.code !== "review_closed") throw thrown;
          const page = await send(
            request,
            request.params.id,
            "Your decision was not needed any more: it was decided already.",
          );
          return reply.code(409).headers(PAGE_HEADERS).send(page);
        }
        return reply.redirect(`/reviews/${request.params.id}`, 303);
      },
    );
    done();
  });
}

function replyOf(
  review: Review,
  { nameOf, urlOf, clock }: Pick<ReviewRoutes, "nameOf" | "urlOf" | "clock">,
  comments: ReadonlyMap<string, string> = new Map(),
): z.input<typeof reviewReply> {
  const { actors, categories, risk, approvals, windowMs, decidedAt, votes } = review;
  return {
    id: review.id,
    url: urlOf(review.id),
    kind: review.kind,
    state: stateAt(review, clock()),
    requester: nameOf(review.requester),
    agents: actors.map(nameOf),
    purpose: review.purpose,
    basis: review.basis,
    connection: review.connection,
    recipient: review.recipient,
    ...(review.sending === undefined ? {} : { sending: sendingOf(review.sending) }),
    categories: [...categories],
    risk: { score: risk.score, reasons: [...risk.reasons] },
    approvals: approvals.map(({ group, people }) => ({ group, people })),
    ...(windowMs === undefined ? {} : { window_minutes: windowMs / 60_000 }),
    digest: review.digest,
    bytes: review.bytes,
    created_at: iso(review.createdAt),
    expires_at: iso(review.expiresAt),
    ...(decidedAt === undefined ? {} : { decided_at: iso(decidedAt) }),
    votes: votes.map(({ person, decision, at }) => {
      const comment = comments.get(person);
      return { person: nameOf(person), decision, at: iso(at), ...(comment === undefined ? {} : { comment }) };
    }),
  };
}

function sendingOf({ headers, ...rest }: Sending): NonNullable<z.input<typeof reviewReply>["sending"]> {
  const pairs = headers.flatMap((name, at) => (at % 2 === 0 ? [{ name, value: headers[at + 1] ?? "" }] : []));
  return { ...rest, headers: pairs };
}

function shownOf(shown: Shown, options: ReviewRoutes): z.input<typeof shownReply> {
  const { review, preview, comments, mayVote, grant } = shown;
  return {
    ...replyOf(review, options, comments),
    ...(preview === undefined ? {} : { preview, preview_complete: Buffer.byteLength(preview) === review.bytes }),
    may_vote: mayVote,
    ...(grant === undefined ? {} : { grant: grantOf(grant) }),
  };
}

function grantOf({ id: grant, kind, state, review, expiresAt }: Grant): z.input<typeof grantReply> {
  return { id: grant, kind, state, review, expires_at: iso(expiresAt) };
}

const iso = (ms: number): string => new Date(ms).toISOString();
