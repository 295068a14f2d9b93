/**
 * Doors of the channels: links of mails, clicks of Slack over HTTP, passkeys, and the passkey that stands before a risky yes at
 * the doors of the reviews. GET and HEAD decide nothing, whoever sends them. Who refuses and why is said on a page, for the people
 * that come here with a browser.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { type Kind, SluiceError, toSluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { readForm } from "../reviews/form.ts";
import { PAGE_HEADERS, refusalPage } from "../reviews/layout.ts";
import { COMMENT_CHARS_MAX } from "../reviews/page.ts";
import { checkVoter } from "../reviews/review.ts";
import type { Channels } from "./index.ts";
import { decidedPage, linkPage, passkeysPage, scriptedHeaders, stepUpPage } from "./pages.ts";
import { SCRIPT, SCRIPT_PATH } from "./script.ts";
import { checkSignature, payloadOf } from "./slack-clicks.ts";

export interface ChannelRoutes {
  readonly channels: Channels;
  readonly principalOf: (request: FastifyRequest) => Principal;
  readonly nameOf: (principal: string) => string;
  /** The token that a form of this session carries. */
  readonly csrfOf: (request: FastifyRequest) => string;
  /** Throws for a form without it. */
  readonly checkCsrf: (request: FastifyRequest, token: string) => void;
  /**
   * When the person of the request's session proved to the identity provider who he is, in milliseconds since the epoch; undefined
   * without a session, or where the provider does not say.
   */
  readonly loggedInAt: (request: FastifyRequest) => number | undefined;
  /** https URL that browsers know this gateway by, without a path. */
  readonly origin: () => string;
  readonly clock: Clock;
}

const FORM_BYTES_MAX = 32_768;
const SLACK_BYTES_MAX = 65_536;
const OPEN = { permission: "open" };
const HIDDEN = { hide: true };
/** Where the reviews room takes votes: in a browser, and from programs. */
const VOTE_PAGE = "/reviews/:id/votes";
const VOTE_API = "/api/reviews/:id/votes";

const STATUS: Readonly<Record<Kind, number>> = {
  unauthenticated: 401,
  denied: 403,
  invalid: 400,
  not_found: 404,
  conflict: 409,
  limit: 429,
  upstream: 502,
  integrity: 503,
  internal: 500,
};

const csrf = z.string().max(512);
const answer = z.string().max(24_576);
const reviewId = z.strictObject({ id: z.string().regex(/^rv-[0-9a-f]{1,64}$/) });
const vote = z.object({ decision: z.string(), comment: z.string().max(COMMENT_CHARS_MAX).optional() });

/**
 * Call before the routes of the reviews are registered, and after the guard: a yes that needs a passkey is stopped before they
 * see it. A browser gets the page that asks for the passkey, a program step_up_required.
 */
export function requireStepUp(app: FastifyInstance, options: ChannelRoutes): void {
  const { channels, principalOf, nameOf, csrfOf, origin } = options;
  app.addHook("preHandler", async (request, reply) => {
    const { url } = request.routeOptions;
    if (request.method !== "POST" || (url !== VOTE_PAGE && url !== VOTE_API)) return;
    const { data } = vote.safeParse(request.body);
    // Whatever is not a no is held to what a yes takes.
    if (data?.decision === "deny") return;
    const { id } = reviewId.parse(request.params);
    const principal = principalOf(request);
    try {
      await channels.decisions.checkStepUp(id);
    } catch (thrown) {
      const error = toSluiceError(thrown);
      const channel = url === VOTE_API ? "api" : "browser";
      await channels.decisions.refused(channel, error, { person: principal.id, review: id });
      if (url === VOTE_API || error.code !== "step_up_required") throw error;
      const notice = await channels.noticeFor(id);
      // A passkey is asked of nobody whose yes would not count with it, and who may not see the request.
      checkVoter(notice.review, principal, () => principal.groups);
      if (notice.state !== "pending") throw new SluiceError("review_closed", `review ${id} is ${notice.state} already`);
      const question = await channels.passkeys.question(principal.id, id);
      const viewer = { name: nameOf(principal.id), csrf: csrfOf(request) };
      const body = stepUpPage({ notice, viewer, comment: data?.comment, options: question });
      return reply.code(STATUS[error.kind]).headers(scriptedHeaders(origin())).send(body);
    }
  });
}

export function channelRoutes(plain: FastifyInstance, options: ChannelRoutes): void {
  linkRoutes(plain, options);
  slackRoutes(plain, options);
  passkeyRoutes(plain, options);
}

function forms(app: FastifyInstance, bodyLimit: number): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit },
    (_request, body, parsed) => parsed(null, readForm(String(body))),
  );
}

function linkRoutes(plain: FastifyInstance, { channels, nameOf }: ChannelRoutes): void {
  plain.register((scope, _, done) => {
    const app = scope.withTypeProvider<ZodTypeProvider>();
    forms(app, FORM_BYTES_MAX);
    const params = z.strictObject({ token: z.string().max(300) });

    app.get("/decide/:token", { config: OPEN, schema: { ...HIDDEN, params } }, (request, reply) =>
      paged(reply, async () => {
        const { token } = request.params;
        const { link, notice } = await channels.openLink(token);
        const preview = channels.previews ? "offered" : "elsewhere";
        return linkPage({ token, link, notice, person: nameOf(link.person), preview });
      }),
    );

    app.post("/decide/:token/preview", { config: OPEN, schema: { ...HIDDEN, params } }, (request, reply) =>
      paged(reply, async () => {
        const { token } = request.params;
        const { link, notice, shown } = await channels.showLink(token, request.ip);
        return linkPage({ token, link, notice, person: nameOf(link.person), preview: { text: shown.preview } });
      }),
    );

    app.post("/decide/:token", { config: OPEN, schema: { ...HIDDEN, params } }, (request, reply) =>
      paged(reply, async () => decidedPage(await channels.useLink(request.params.token, request.ip))),
    );
    done();
  });
}

function slackRoutes(plain: FastifyInstance, { channels, clock }: ChannelRoutes): void {
  plain.register((app, _, done) => {
    // What is signed are the bytes.
    app.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: SLACK_BYTES_MAX },
      (_request, body, parsed) => parsed(null, body),
    );
    app.post("/slack/interactions", { config: OPEN, schema: HIDDEN }, async (request, reply) => {
      const secret = channels.slackSigningSecret();
      if (secret === undefined) throw new SluiceError("endpoint_unknown", "no channel of this gateway listens here");
      const { headers } = request;
      const body = typeof request.body === "string" ? request.body : "";
      const one = (value: string | string[] | undefined): string | undefined =>
        typeof value === "string" ? value : undefined;
      const signed = {
        body,
        timestamp: one(headers["x-slack-request-timestamp"]),
        signature: one(headers["x-slack-signature"]),
      };
      try {
        checkSignature(signed, secret, clock());
      } catch (thrown) {
        await channels.decisions.refused("slack", toSluiceError(thrown));
        throw thrown;
      }
      await channels.takeClick(payloadOf(body));
      return reply.header("cache-control", "no-store").code(200).send();
    });
    done();
  });
}

function passkeyRoutes(plain: FastifyInstance, options: ChannelRoutes): void {
  const { channels, principalOf, nameOf, csrfOf, checkCsrf, loggedInAt, origin } = options;
  const { passkeys, decisions } = channels;
  plain.register((scope, _, done) => {
    const app = scope.withTypeProvider<ZodTypeProvider>();
    forms(app, FORM_BYTES_MAX);

    app.get(SCRIPT_PATH, { config: OPEN, schema: HIDDEN }, (_request, reply) =>
      reply
        .headers({
          "content-type": "text/javascript; charset=utf-8",
          "x-content-type-options": "nosniff",
          "cross-origin-resource-policy": "same-origin",
          "cache-control": "public, max-age=31536000, immutable",
        })
        .send(SCRIPT),
    );

    app.get("/passkeys", { config: { permission: "session" }, schema: HIDDEN }, (request, reply) =>
      paged(
        reply,
        async () => {
          const { id } = person(principalOf(request));
          const known = await passkeys.of(id);
          const viewer = { name: nameOf(id), csrf: csrfOf(request) };
          return passkeysPage({ passkeys: known, viewer, adding: await questionFor(id, loggedInAt(request)) });
        },
        scriptedHeaders(origin()),
      ),
    );

    app.post(
      "/passkeys",
      { config: { permission: "session" }, schema: { ...HIDDEN, body: z.strictObject({ csrf, answer }) } },
      (request, reply) =>
        redirected(reply, "/passkeys", async () => {
          checkCsrf(request, request.body.csrf);
          const { id } = person(principalOf(request));
          await withRefusals(id, undefined, () => passkeys.register(id, request.body.answer, loggedInAt(request)));
        }),
    );

    app.post(
      "/passkeys/remove",
      {
        config: { permission: "session" },
        schema: { ...HIDDEN, body: z.strictObject({ csrf, passkey: z.string().max(2_048) }) },
      },
      (request, reply) =>
        redirected(reply, "/passkeys", async () => {
          checkCsrf(request, request.body.csrf);
          const { id } = person(principalOf(request));
          await withRefusals(id, undefined, () => passkeys.remove(id, request.body.passkey, loggedInAt(request)));
        }),
    );

    app.post(
      "/reviews/:id/step-up",
      {
        config: { permission: "reviews.decide" },
        schema: {
          ...HIDDEN,
          params: reviewId,
          body: z.strictObject({ csrf, answer, comment: z.string().max(COMMENT_CHARS_MAX).optional() }),
        },
      },
      (request, reply) =>
        redirected(reply, `/reviews/${request.params.id}`, async () => {
          const { id: review } = request.params;
          checkCsrf(request, request.body.csrf);
          const by = person(principalOf(request));
          await withRefusals(by.id, review, () => passkeys.verify(by.id, review, request.body.answer));
          const { comment } = request.body;
          const said = { review, by, decision: "approve", comment, network: request.ip } as const;
          await decisions.decide({ ...said, channel: "browser", passkey: true });
        }),
    );
    done();
  });

  /** For the browser, or why nothing can be added now: whom a limit keeps from adding can still remove. */
  async function questionFor(id: string, since: number | undefined): Promise<string | SluiceError> {
    try {
      passkeys.checkFresh(since);
      return await passkeys.registration(id, nameOf(id));
    } catch (thrown) {
      if (thrown instanceof SluiceError && (thrown.kind === "denied" || thrown.kind === "limit")) return thrown;
      throw thrown;
    }
  }

  async function withRefusals(id: string, review: string | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const who = review === undefined ? { person: id } : { person: id, review };
      await decisions.refused("browser", toSluiceError(thrown), who);
      throw thrown;
    }
  }
}

/** Passkeys are people's own. */
function person(principal: Principal): Principal {
  if (principal.kind === "human" && principal.actors.length === 0) return principal;
  throw new SluiceError("permission_missing", "passkeys are for people themselves, not for services or agents");
}

async function paged(
  reply: FastifyReply,
  work: () => Promise<string>,
  headers: Readonly<Record<string, string>> = PAGE_HEADERS,
): Promise<FastifyReply> {
  let body: string;
  try {
    body = await work();
  } catch (thrown) {
    return refused(reply, thrown);
  }
  return reply.headers(headers).send(body);
}

async function redirected(reply: FastifyReply, to: string, work: () => Promise<void>): Promise<FastifyReply> {
  try {
    await work();
  } catch (thrown) {
    return refused(reply, thrown, to);
  }
  return reply.redirect(to, 303);
}

/** What is ours to say is said on a page; all else is the gateway's own matter. */
function refused(reply: FastifyReply, thrown: unknown, back?: string): FastifyReply {
  const error = toSluiceError(thrown);
  if (error.kind === "internal") throw thrown;
  return reply.code(STATUS[error.kind]).headers(PAGE_HEADERS).send(refusalPage(error, back));
}
