/**
 * People with a browser: who somebody is by the session's cookie, how a session begins at an identity provider and ends here or
 * there. A cookie travels with every request whoever caused it, so a request that changes something must also come from a page of
 * this gateway: by what the browser says of its origin, and by the token that only such a page knows.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Principal } from "../core/principal.ts";
import { Quotas } from "../gate/index.ts";
import type { Authenticator } from "../identity/authenticate.ts";
import { acceptedUntil } from "../identity/claims.ts";
import { type LoggedIn, LOGIN_COOKIE, type Logins } from "../identity/login.ts";
import { spMetadata } from "../identity/saml-library.ts";
import { SAML_COOKIE, samlCookie, type SamlLogins } from "../identity/saml-login.ts";
import { readCookie, SESSION_COOKIE, sessionCookie, type SessionRecord, type Sessions } from "../identity/sessions.ts";
import type { ProviderSettings, SamlProviderSettings } from "../core/identity.ts";
import { readForm } from "../reviews/form.ts";
import { html } from "../reviews/html.ts";
import { page, PAGE_HEADERS, refusalPage } from "../reviews/layout.ts";
import { COMMENT_CHARS_MAX } from "../reviews/page.ts";

export interface BrowserOptions {
  readonly sessions: Sessions;
  readonly logins: Logins;
  readonly authenticator: Pick<Authenticator, "known" | "loggedOut">;
  /** Providers that people can log in with. */
  readonly providers: () => readonly ProviderSettings[];
  readonly samlLogins: SamlLogins;
  readonly samlProviders: () => readonly SamlProviderSettings[];
  /** https URL that browsers know this gateway by, without a path. */
  readonly origin: () => string;
  readonly record: RecordEvent;
  readonly now: () => number;
}

const OPEN = { permission: "open" };
const HIDDEN = { hide: true };
const CALLBACK = "/login/callback";
/** SAML's assertion consumer service. */
const ACS = "/login/saml/acs";
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
/** Begun and finished logins of one address, and of all of them. */
const PER_ADDRESS = { policy: "login", requests: 30, perMs: 60_000 };
const IN_ALL = { policy: "login", requests: 600, perMs: 60_000 };
const FORM_BYTES_MAX = 16_384;
/** Base64 of which every `+`, `/` and `=` takes three bytes, and a RelayState. */
const SAML_FORM_BYTES_MAX = 393_216;
const SAML_METADATA_TYPE = "application/samlmetadata+xml; charset=utf-8";

export class Browsers {
  readonly #options: BrowserOptions;
  readonly #sessions = new WeakMap<FastifyRequest, SessionRecord>();
  readonly #quotas = new Quotas();

  constructor(options: BrowserOptions) {
    this.#options = options;
  }

  /** Whose session the request belongs to; undefined when it has no cookie. Throws session_missing, group_missing, account_disabled. */
  async identify(request: FastifyRequest): Promise<Principal | undefined> {
    const cookie = readCookie(request.headers.cookie, SESSION_COOKIE);
    if (cookie === undefined) return undefined;
    const { sessions, authenticator, now } = this.#options;
    const record = await sessions.find(cookie, now());
    // A provider may want it to end before we would.
    if (record === undefined || now() >= acceptedUntil(record.asserted))
      throw new SluiceError("session_missing", "the session is over; log in at /login");
    if (!SAFE_METHODS.has(request.method)) this.#checkOrigin(request);
    this.#sessions.set(request, record);
    return authenticator.known(record.asserted, `session:${record.id.slice(0, 12)}`);
  }

  /** When the person of the request's session proved to the provider who he is, by its word; undefined without a session or that word. */
  loggedInAt(request: FastifyRequest): number | undefined {
    return this.#sessions.get(request)?.authenticatedAt;
  }

  /** The token that a form of this request's session carries; empty where there is no session. */
  formToken(request: FastifyRequest): string {
    const record = this.#sessions.get(request);
    return record === undefined ? "" : this.#options.sessions.formToken(record);
  }

  /** Throws form_token_invalid for a request with a session whose form does not carry its token. */
  checkFormToken(request: FastifyRequest, token: string | undefined): void {
    const record = this.#sessions.get(request);
    // Who proves itself with a header of its own making is no browser that was tricked into a request.
    if (record === undefined || this.#options.sessions.isFormToken(record, token ?? "")) return;
    throw new SluiceError("form_token_invalid", "the form is not of this session; load the page again");
  }

  /** Call before the handler of every route: a session's request that changes something carries the token, in its form or in a header. */
  checkToken(request: FastifyRequest): void {
    if (SAFE_METHODS.has(request.method) || !this.#sessions.has(request)) return;
    const { body } = request;
    const field = typeof body === "object" && body !== null && "csrf" in body ? body.csrf : undefined;
    const header = request.headers["sluice-form-token"];
    const token = typeof field === "string" ? field : typeof header === "string" ? header : undefined;
    this.checkFormToken(request, token);
  }

  routes(plain: FastifyInstance): void {
    plain.register((scope, _, done) => {
      this.#routes(scope);
      done();
    });
  }

  #routes(plain: FastifyInstance): void {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    const { sessions, logins, samlLogins, authenticator, record, origin } = this.#options;
    app.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: FORM_BYTES_MAX },
      (_request, body, parsed) => parsed(null, readForm(String(body))),
    );
    const returnTo = z.string().max(512).default("/reviews");
    /** The person is to log in at the provider anew, whatever session it has there. */
    const fresh = z.literal("true").optional();

    app.get(
      "/login",
      { config: OPEN, schema: { ...HIDDEN, querystring: z.strictObject({ return: returnTo, fresh }) } },
      (request, reply) => {
        const names = [...this.#options.providers(), ...this.#options.samlProviders()].map(({ name }) => name);
        const to = (name: string): string =>
          `/login/start?provider=${encodeURIComponent(name)}&return=${encodeURIComponent(request.query.return)}${request.query.fresh === undefined ? "" : "&fresh=true"}`;
        if (names.length === 1) return reply.redirect(to(names[0] ?? ""), 303);
        const links = names.map((name) => html`<p class="go"><a href="${to(name)}">${name}</a></p>`);
        const body =
          names.length === 0
            ? html`<h1>Log in</h1><p>No identity provider with a client_id, and none of SAML, is configured (identity.providers).</p>`
            : html`<h1>Log in</h1><p>Who vouches for you?</p>${links}`;
        return reply.headers(PAGE_HEADERS).send(page("Log in", body));
      },
    );

    app.get(
      "/login/start",
      {
        config: OPEN,
        schema: { ...HIDDEN, querystring: z.strictObject({ provider: z.string().max(63), return: returnTo, fresh }) },
      },
      async (request, reply) => {
        this.#limit(request);
        const { provider: name, return: to } = request.query;
        const isFresh = request.query.fresh !== undefined;
        const saml = this.#options.samlProviders().find((each) => each.name === name);
        const { url, cookie } =
          saml === undefined
            ? await this.#beginOidc(this.#provider(name), to, isFresh)
            : await this.#beginSaml(saml, to, isFresh);
        return reply.header("set-cookie", cookie).header("cache-control", "no-store").redirect(url.href, 303);
      },
    );

    app.get(CALLBACK, { config: OPEN, schema: HIDDEN }, async (request, reply) => {
      this.#limit(request);
      const cookie = readCookie(request.headers.cookie, LOGIN_COOKIE);
      const provider = this.#provider(logins.providerOf(cookie));
      const callback = new URL(request.url, origin());
      const loggedIn = await logins.finish(provider, callback, cookie);
      return this.#enter(reply, loggedIn, `${LOGIN_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly`);
    });

    // SAML Bindings section 3.5: the provider's page has the browser post it, from another site and with no token of ours.
    app.post(
      ACS,
      {
        config: OPEN,
        bodyLimit: SAML_FORM_BYTES_MAX,
        schema: { ...HIDDEN, body: z.object({ SAMLResponse: z.string() }) },
      },
      async (request, reply) => {
        this.#limit(request);
        const cookie = readCookie(request.headers.cookie, SAML_COOKIE);
        const provider = this.#samlProvider(samlLogins.providerOf(cookie));
        const loggedIn = await samlLogins.finish(provider, origin() + ACS, request.body.SAMLResponse, cookie);
        return this.#enter(reply, loggedIn, samlCookie(""));
      },
    );

    app.get(
      "/login/saml/metadata",
      { config: OPEN, schema: { ...HIDDEN, querystring: z.strictObject({ provider: z.string().max(63) }) } },
      async (request, reply) => {
        this.#limit(request);
        const provider = this.#samlProvider(request.query.provider);
        return reply.type(SAML_METADATA_TYPE).send(await spMetadata(provider, origin() + ACS));
      },
    );

    app.post("/logout", { config: { permission: "session" }, schema: HIDDEN }, async (request, reply) => {
      await sessions.end(readCookie(request.headers.cookie, SESSION_COOKIE) ?? "");
      const body = html`<h1>You are logged out</h1>
<p>You may still be logged in at your identity provider, and come back from there without being asked.</p>
<p class="go"><a href="/login">Log in again</a></p>`;
      return reply.headers({ ...PAGE_HEADERS, "set-cookie": sessionCookie("") }).send(page("You are logged out", body));
    });

    // OpenID Connect Back-Channel Logout 1.0 section 2.5: the provider itself calls, and proves it with a token.
    app.post(
      "/login/backchannel-logout",
      { config: OPEN, schema: { ...HIDDEN, body: z.object({ logout_token: z.string().max(16_384) }) } },
      async (request, reply) => {
        const { provider, subject, providerSession } = await authenticator.loggedOut(request.body.logout_token);
        // A session that it names ends; without one, all of the person's.
        const which = providerSession === undefined ? { subject } : { providerSession };
        const ended = await sessions.endAll({ provider, ...withoutUndefined(which) });
        const actor = subject === undefined ? {} : { actor: `${provider}:${subject}` };
        await record({ name: "logout.by-provider", ...actor, facts: { ended, provider } });
        return reply.header("cache-control", "no-store").code(200).send();
      },
    );
  }

  async #beginOidc(
    provider: ProviderSettings,
    returnTo: string,
    fresh: boolean,
  ): Promise<{ url: URL; cookie: string }> {
    const { logins, origin } = this.#options;
    const { url, cookie } = await logins.begin(provider, origin() + CALLBACK, returnTo, fresh);
    return { url, cookie: `${LOGIN_COOKIE}=${cookie}; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax` };
  }

  async #beginSaml(
    provider: SamlProviderSettings,
    returnTo: string,
    fresh: boolean,
  ): Promise<{ url: URL; cookie: string }> {
    const { samlLogins, origin } = this.#options;
    const { url, cookie } = await samlLogins.begin(provider, origin() + ACS, returnTo, fresh);
    return { url, cookie: samlCookie(cookie) };
  }

  /** `gone`: the cookie of the login that ends here. */
  async #enter(reply: FastifyReply, loggedIn: LoggedIn, gone: string): Promise<FastifyReply> {
    const { sessions, authenticator, record, now } = this.#options;
    const { asserted, returnTo } = loggedIn;
    // Nobody gets a session who could do nothing with it, and the refusal names what is missing.
    const principal = authenticator.known(asserted, `login:${asserted.provider}`);
    const session = await sessions.begin(asserted, now(), loggedIn);
    await record({ name: "login.succeeded", actor: principal.id, facts: { provider: asserted.provider } });
    return reply
      .header("set-cookie", [sessionCookie(session), gone])
      .header("cache-control", "no-store")
      .redirect(returnTo, 303);
  }

  #provider(name: string | undefined): ProviderSettings {
    return found(this.#options.providers(), name);
  }

  #samlProvider(name: string | undefined): SamlProviderSettings {
    return found(this.#options.samlProviders(), name);
  }

  #limit({ ip }: FastifyRequest): void {
    const now = this.#options.now();
    // What an address has too much of must cost nobody else a login.
    this.#quotas.take(ip, PER_ADDRESS, now);
    this.#quotas.take("everybody", IN_ALL, now);
  }

  /** Fetch metadata where the browser sends it (all current ones do), the origin where it does not; neither is no browser's request. */
  #checkOrigin(request: FastifyRequest): void {
    const { headers } = request;
    const site = headers["sec-fetch-site"];
    const same = site === undefined ? headers.origin === this.#options.origin() : site === "same-origin";
    if (!same) throw new SluiceError("form_token_invalid", "the request does not come from a page of this gateway");
  }
}

function found<T extends { readonly name: string }>(providers: readonly T[], name: string | undefined): T {
  const provider = providers.find((each) => each.name === name);
  if (provider !== undefined) return provider;
  throw new SluiceError(
    "login_failed",
    "there is no such identity provider, or this browser did not begin a login; begin at /login",
  );
}

/**
 * Tells a person what a program is told in JSON: on a page, or by way of the login where only that is missing. Undefined when it was
 * no browser that asked. What a form was to change is never changed by itself after a login: the person sends it anew.
 */
export function refuseOnPage(
  { method, url, headers }: FastifyRequest,
  reply: FastifyReply,
  error: SluiceError,
  status: number,
  unsaved?: string,
): FastifyReply | undefined {
  if (!/\btext\/html\b/.test(headers.accept ?? "")) return undefined;
  // Whoever types the gateway's name alone.
  if (url === "/" && SAFE_METHODS.has(method)) return reply.redirect("/reviews", 303);
  if (error.kind === "unauthenticated" && SAFE_METHODS.has(method) && !url.startsWith("/login"))
    return reply.redirect(`/login?return=${encodeURIComponent(url)}`, 303);
  const from = /^\/(?:reviews\/[a-z]{2}-[0-9a-f]+|passkeys)(?=[/?]|$)/.exec(url)?.[0];
  return reply
    .code(status)
    .headers(PAGE_HEADERS)
    .send(refusalPage(error, from, unsaved));
}

/**
 * The comment of a vote that was refused, so that its page can give it back. Of a form of this gateway's own pages alone: nobody else is
 * to put words on our pages. Whoever has no session any more is refused before his form is read, so it is read here.
 */
export async function unsavedComment(request: FastifyRequest): Promise<string | undefined> {
  const { method, url, headers, raw } = request;
  const isVote = method === "POST" && /^\/reviews\/[a-z]{2}-[0-9a-f]+\/votes$/.test(url);
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  if (!isVote || !isForm || headers["sec-fetch-site"] !== "same-origin") return undefined;
  let form: unknown = request.body;
  if (form === undefined && Number(headers["content-length"]) <= FORM_BYTES_MAX) {
    const chunks: Buffer[] = [];
    for await (const chunk of raw as AsyncIterable<Buffer>) chunks.push(chunk);
    form = readForm(Buffer.concat(chunks).toString("utf8"));
  }
  const comment = typeof form === "object" && form !== null && "comment" in form ? form.comment : undefined;
  return typeof comment === "string" ? comment.slice(0, COMMENT_CHARS_MAX) : undefined;
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
