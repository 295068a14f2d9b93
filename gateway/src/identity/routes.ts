/**
 * The identity room's door: where an agent exchanges tokens (RFC 8693), and where a client that knows only the URL reads how to
 * sign in (RFC 9728). Nobody is identified before the token endpoint: proving who asks is what it is for.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Authenticator } from "./authenticate.ts";
import type { ClientCertificate } from "./certificates.ts";
import { readExchange } from "./exchange.ts";
import { METADATA_PATH, protectedResourceMetadata, resourceOf, wwwAuthenticate } from "./resource-metadata.ts";
import type { IdentitySettings } from "./settings.ts";

export interface IdentityRoutes {
  readonly authenticator: Pick<Authenticator, "exchange">;
  readonly settings: () => IdentitySettings;
  /** The URL that this request's client reaches the gateway by, where the settings do not say. */
  readonly baseUrl: (request: FastifyRequest) => string;
  readonly certificateOf: (request: FastifyRequest) => ClientCertificate | undefined;
  /** The exchange is on record before its token is given out. */
  readonly record: RecordEvent;
  /** Puts a refusal on record; `gate.refuse`. Never rejects. */
  readonly refuse: (error: SluiceError) => Promise<string | undefined>;
}

/** Two tokens and some names. */
const FORM_BYTES_MAX = 32 * 1024;
const PARAMETERS_MAX = 32;
const FORM_TYPE = "application/x-www-form-urlencoded";
const OPEN = { permission: "open" };
/** RFC 6749 section 5.1. */
const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" };

const reply = z.object({
  access_token: z.string(),
  issued_token_type: z.literal("urn:ietf:params:oauth:token-type:access_token"),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int(),
});

export function identityRoutes(plain: FastifyInstance, options: IdentityRoutes): void {
  const { authenticator, settings, baseUrl, certificateOf, record, refuse } = options;

  plain.get(METADATA_PATH, { config: OPEN, schema: { hide: true } }, (request) =>
    Promise.resolve(protectedResourceMetadata(settings(), baseUrl(request))),
  );

  // A scope of its own: its bodies are forms, and its refusals are OAuth's.
  plain.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(FORM_TYPE, { parseAs: "string", bodyLimit: FORM_BYTES_MAX }, (_request, body, done) => {
      try {
        done(null, readForm(body as string));
      } catch (thrown) {
        done(toSluiceError(thrown));
      }
    });
    scope.setErrorHandler(async (thrown, request, answer) => {
      const error = fromFastify(thrown);
      const evidence = await refuse(error);
      if (evidence !== undefined) answer.header("sluice-evidence", evidence);
      const challenge = wwwAuthenticate(error, settings(), baseUrl(request));
      if (challenge !== undefined) answer.header("www-authenticate", challenge);
      const { status, body } = oauthError(error);
      return answer.code(status).headers(NO_STORE).send(body);
    });
    scope.withTypeProvider<ZodTypeProvider>().post(
      "/oauth/token",
      {
        config: OPEN,
        schema: {
          summary: "Exchange a person's token and an agent's proof for a short-lived token that says both (RFC 8693)",
          description: `Parameters of RFC 8693 section 2.1 as ${FORM_TYPE}. The agent proves itself with actor_token, or with an API key in Authorization.`,
          response: { 200: reply },
        },
      },
      async (request, answer) => {
        const resource = resourceOf(settings(), baseUrl(request));
        const form = (request.body ?? {}) as Readonly<Record<string, string>>;
        const wanted = readExchange(form, resource);
        const made = await authenticator.exchange(
          wanted,
          clientOf(request.headers.authorization),
          certificateOf(request),
        );
        await record({
          name: "token.exchanged",
          actor: made.principal.id,
          facts: { agents: made.principal.actors.map(({ id }) => id), seconds: made.reply.expires_in },
        });
        return answer.headers(NO_STORE).send(made.reply);
      },
    );
  });
}

/** RFC 6749 section 3.2: "Request and response parameters MUST NOT be included more than once". */
function readForm(body: string): Record<string, string> {
  const form: Record<string, string> = {};
  const parameters = new URLSearchParams(body);
  if (parameters.size > PARAMETERS_MAX)
    throw new SluiceError("field_invalid", `more than ${PARAMETERS_MAX} parameters`);
  for (const [name, value] of parameters) {
    if (Object.hasOwn(form, name)) throw new SluiceError("field_invalid", "a parameter stands more than once");
    // Section 3.1: "Parameters sent without a value MUST be treated as if they were omitted".
    if (value !== "") Object.defineProperty(form, name, { value, enumerable: true });
  }
  return form;
}

/**
 * The API key of whoever asks: as a bearer, or as the password of RFC 6749 section 2.3.1, whose user name is the key's id and says
 * nothing that the key does not. Undefined when there is none.
 */
function clientOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const bearer = /^bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const password = basic === undefined ? undefined : /^[^:]*:(.*)$/s.exec(Buffer.from(basic, "base64").toString())?.[1];
  if (password === undefined)
    throw new SluiceError("key_invalid", 'header "authorization" must be "Bearer" or "Basic"');
  return password;
}

/** fastify's own refusals, in our words. */
function fromFastify(thrown: unknown): SluiceError {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new SluiceError("body_too_large", `the form is larger than ${FORM_BYTES_MAX} bytes`);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new SluiceError("content_type_unsupported", `send content-type: ${FORM_TYPE}`);
  return toSluiceError(thrown);
}

/** RFC 6749 section 5.2 and RFC 8693 section 2.2.2, with our own code beside the standard's. */
function oauthError(error: SluiceError): { status: number; body: Record<string, string> } {
  const [status, word] = wordOf(error);
  return { status, body: { error: word, error_description: error.message, code: error.code } };
}

function wordOf({ code, kind }: SluiceError): [status: number, word: string] {
  switch (code) {
    case "grant_type_unsupported":
      return [400, "unsupported_grant_type"];
    case "token_audience":
      return [400, "invalid_target"];
    case "key_missing":
    case "key_invalid":
    case "key_expired":
      return [401, "invalid_client"];
    case "actor_unknown":
    case "actor_not_allowed":
      return [403, "unauthorized_client"];
    case "content_type_unsupported":
      return [415, "invalid_request"];
    case "body_too_large":
      return [413, "invalid_request"];
    default:
      break;
  }
  switch (kind) {
    case "unauthenticated":
    case "denied":
      return [400, "invalid_grant"];
    case "limit":
      return [429, "temporarily_unavailable"];
    case "upstream":
    case "integrity":
      return [503, "temporarily_unavailable"];
    case "internal":
      return [500, "server_error"];
    case "invalid":
    case "not_found":
    case "conflict":
      return [400, "invalid_request"];
  }
}
