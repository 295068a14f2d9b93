/**
 * The identity room's door: where an agent exchanges tokens (RFC 8693), where a client that knows only the URL reads how to sign in
 * (RFC 9728), and where a provider's directory tells of its people (SCIM, RFC 7644). The guard asks nobody here: at the token
 * endpoint proving who asks is the matter itself, and a directory is known by its key alone, which has no role.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Principal } from "../core/principal.ts";
import type { Authenticator } from "./authenticate.ts";
import type { ClientCertificate } from "./certificates.ts";
import type { Directory, DirectoryGroup } from "./directory.ts";
import { readExchange } from "./exchange.ts";
import { METADATA_PATH, protectedResourceMetadata, resourceOf, wwwAuthenticate } from "./resource-metadata.ts";
import {
  errorResponse,
  groupResource,
  listResponse,
  patchGroup,
  patchUser,
  readFilter,
  readGroup,
  readPage,
  readUser,
  readUserOver,
  resourceTypes,
  serviceProviderConfig,
  userResource,
} from "./scim.ts";
import type { IdentitySettings } from "../core/identity.ts";
import { parseObject } from "./strict-json.ts";

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
      const error = fromFastify(thrown, FORM_TYPE, FORM_BYTES_MAX);
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
        bodyLimit: FORM_BYTES_MAX,
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
function fromFastify(thrown: unknown, type: string, bytesMax: number): SluiceError {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new SluiceError("body_too_large", `the body is larger than ${bytesMax} bytes`);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new SluiceError("content_type_unsupported", `send content-type: ${type}`);
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

export interface ScimRoutes {
  readonly directory: Directory;
  readonly settings: () => IdentitySettings;
  readonly baseUrl: (request: FastifyRequest) => string;
  /** The principal of the request's credential. Throws as `authenticate` does. */
  readonly identify: (request: FastifyRequest) => Principal | Promise<Principal>;
  /** A change is on record before it is made. */
  readonly record: RecordEvent;
  readonly refuse: (error: SluiceError) => Promise<string | undefined>;
}

const SCIM_PATH = "/scim/v2";
const SCIM_TYPE = "application/scim+json";
/** A group of 10,000 is some 700 KB. */
const SCIM_BYTES_MAX = 4 * 1024 * 1024;

interface ScimRequest {
  readonly Params: { readonly id: string };
  readonly Querystring: Readonly<Record<"filter" | "startIndex" | "count" | "excludedAttributes", string | undefined>>;
}

/** RFC 7644 section 3: `/Users` and `/Groups` of the provider whose directory has sent its key. */
export function scimRoutes(plain: FastifyInstance, options: ScimRoutes): void {
  const { directory, settings, baseUrl, identify, record, refuse } = options;
  const callers = new WeakMap<FastifyRequest, { readonly provider: string; readonly actor: string }>();
  const callerOf = (request: FastifyRequest): { readonly provider: string; readonly actor: string } => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Error("assertion: a directory is identified before its request is looked at");
    return caller;
  };
  const baseOf = (request: FastifyRequest): string => `${baseUrl(request)}${SCIM_PATH}`;
  const onRecord = (request: FastifyRequest, name: string, target?: string): Promise<unknown> => {
    const { provider, actor } = callerOf(request);
    return record({
      name: `directory.${name}`,
      actor,
      ...(target === undefined ? {} : { target }),
      facts: { provider },
    });
  };

  plain.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      for (const type of [SCIM_TYPE, "application/json"]) {
        scope.addContentTypeParser(type, { parseAs: "buffer", bodyLimit: SCIM_BYTES_MAX }, (_request, body, done) => {
          const value = parseObject(body as Buffer);
          if (value !== undefined) done(null, value);
          else done(new SluiceError("json_invalid", "the body is no JSON object, or has a name twice"));
        });
      }
      scope.addHook("onRequest", async (request, answer) => {
        answer.type(SCIM_TYPE);
        const { credential, id } = await identify(request);
        const { providers, saml } = settings();
        const provider = [...providers, ...saml].find(({ scim }) => scim?.keyId === credential);
        if (provider === undefined) {
          throw new SluiceError(
            "permission_missing",
            `credential "${credential}" is no directory's (identity.providers.*.scim)`,
          );
        }
        callers.set(request, { provider: provider.name, actor: id });
      });
      scope.setErrorHandler(async (thrown, request, answer) => {
        const error = fromFastify(thrown, SCIM_TYPE, SCIM_BYTES_MAX);
        const evidence = await refuse(error);
        if (evidence !== undefined) answer.header("sluice-evidence", evidence);
        const challenge = wwwAuthenticate(error, settings(), baseUrl(request));
        if (challenge !== undefined) answer.header("www-authenticate", challenge);
        const { status, body } = errorResponse(error);
        return answer.code(status).type(SCIM_TYPE).send(body);
      });
      const route = { config: OPEN, bodyLimit: SCIM_BYTES_MAX, schema: { hide: true } };

      scope.get("/ServiceProviderConfig", route, (request) => Promise.resolve(serviceProviderConfig(baseOf(request))));
      scope.get("/ResourceTypes", route, (request) => {
        const types = resourceTypes(baseOf(request));
        return Promise.resolve(listResponse(types, { startIndex: 1, count: types.length }));
      });

      scope.get<ScimRequest>("/Users", route, (request) => {
        const { filter, startIndex, count } = request.query;
        const users = directory.users(callerOf(request).provider, readFilter(filter));
        const page = readPage(startIndex, count);
        return Promise.resolve(listResponse(users, page, (user) => userResource(user, baseOf(request))));
      });
      scope.get<ScimRequest>("/Users/:id", route, (request) =>
        Promise.resolve(userResource(directory.user(callerOf(request).provider, request.params.id), baseOf(request))),
      );
      scope.post("/Users", route, async (request, answer) => {
        const words = readUser(request.body);
        await onRecord(request, "user.added");
        const user = await directory.addUser(callerOf(request).provider, words);
        const base = baseOf(request);
        return answer.code(201).header("location", `${base}/Users/${user.id}`).send(userResource(user, base));
      });
      for (const [method, change] of [
        ["PUT", readUserOver],
        ["PATCH", patchUser],
      ] as const) {
        scope.route<ScimRequest>({
          ...route,
          method,
          url: "/Users/:id",
          async handler(request) {
            const { provider } = callerOf(request);
            const { id } = request.params;
            // What would be refused is not put on record as done.
            change(directory.user(provider, id), request.body);
            await onRecord(request, "user.changed", id);
            const user = await directory.changeUser(provider, id, (before) => change(before, request.body));
            return userResource(user, baseOf(request));
          },
        });
      }
      scope.delete<ScimRequest>("/Users/:id", route, async (request, answer) => {
        const { provider } = callerOf(request);
        directory.user(provider, request.params.id);
        await onRecord(request, "user.removed", request.params.id);
        await directory.removeUser(provider, request.params.id);
        return answer.code(204).send();
      });

      scope.get<ScimRequest>("/Groups", route, (request) => {
        const { filter, startIndex, count, excludedAttributes } = request.query;
        const groups = directory.groups(callerOf(request).provider, readFilter(filter));
        const withMembers = excludedAttributes?.split(",").every((each) => each.trim() !== "members") ?? true;
        const page = readPage(startIndex, count);
        return Promise.resolve(
          listResponse(groups, page, (group) => groupResource(group, baseOf(request), withMembers)),
        );
      });
      scope.get<ScimRequest>("/Groups/:id", route, (request) => {
        const withMembers = request.query.excludedAttributes !== "members";
        const group = directory.group(callerOf(request).provider, request.params.id);
        return Promise.resolve(groupResource(group, baseOf(request), withMembers));
      });
      scope.post("/Groups", route, async (request, answer) => {
        const words = readGroup(request.body);
        await onRecord(request, "group.added");
        const group = await directory.addGroup(callerOf(request).provider, words);
        const base = baseOf(request);
        return answer.code(201).header("location", `${base}/Groups/${group.id}`).send(groupResource(group, base));
      });
      for (const [method, change] of [
        ["PUT", (_group: DirectoryGroup, body: unknown) => readGroup(body)],
        ["PATCH", patchGroup],
      ] as const) {
        scope.route<ScimRequest>({
          ...route,
          method,
          url: "/Groups/:id",
          async handler(request) {
            const { provider } = callerOf(request);
            const { id } = request.params;
            change(directory.group(provider, id), request.body);
            await onRecord(request, "group.changed", id);
            const group = await directory.changeGroup(provider, id, (before) => change(before, request.body));
            return groupResource(group, baseOf(request));
          },
        });
      }
      scope.delete<ScimRequest>("/Groups/:id", route, async (request, answer) => {
        const { provider } = callerOf(request);
        directory.group(provider, request.params.id);
        await onRecord(request, "group.removed", request.params.id);
        await directory.removeGroup(provider, request.params.id);
        return answer.code(204).send();
      });
    },
    { prefix: SCIM_PATH },
  );
}
