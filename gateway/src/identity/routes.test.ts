import { randomBytes } from "node:crypto";
import { type FastifyInstance, fastify } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ControlEvent } from "../core/event.ts";
import { type Code, SluiceError } from "../core/errors.ts";
import { principalFor } from "../core/test/connection.ts";
import { type Key, newKey } from "./keys.ts";
import { protectedResourceMetadata, wwwAuthenticate } from "./resource-metadata.ts";
import { identityRoutes } from "./routes.ts";
import { agentFor, authenticatorFor, groupFor, providerFor, settingsFor } from "./test/authenticator.ts";
import { AUDIENCE, type Idp, startIdp } from "./test/idp.ts";

let idp: Idp;
let app: FastifyInstance;
let gate: ReturnType<typeof authenticatorFor>;
let agent: { readonly id: string; readonly token: string };
const recorded: ControlEvent[] = [];
const refused: SluiceError[] = [];
let log: "works" | "full" = "works";

beforeAll(async () => {
  idp = await startIdp();
  const { id, token, hash } = await newKey(randomBytes);
  agent = { id, token };
  const key: Key = { id, hash, principal: principalFor({ credential: id }) };
  const settings = settingsFor({
    resource: AUDIENCE,
    providers: [providerFor(idp.issuer)],
    groups: [groupFor()],
    agents: [agentFor({ from: [`key:${id}`] })],
  });
  gate = authenticatorFor(settings, { keys: [key] });
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  identityRoutes(app, {
    authenticator: gate,
    settings: () => settings,
    baseUrl: () => "http://127.0.0.1:8787",
    certificateOf: () => undefined,
    record: (event) => {
      if (log === "full") return Promise.reject(new SluiceError("evidence_unavailable", "no room"));
      recorded.push(event);
      return Promise.resolve({ index: recorded.length });
    },
    refuse: (error) => {
      refused.push(error);
      return Promise.resolve("7");
    },
  });
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await gate.close();
  await idp.stop();
});
beforeEach(() => {
  recorded.length = 0;
  refused.length = 0;
  log = "works";
});

const FORM = {
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
};

async function ask(form: Record<string, string> | string, headers: Record<string, string> = {}) {
  const answer = await app.inject({
    method: "POST",
    url: "/oauth/token",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    payload: typeof form === "string" ? form : new URLSearchParams(form).toString(),
  });
  return { answer, body: answer.json<Record<string, string>>() };
}

const person = (): Promise<string> => idp.token({ groups: ["Support"] });
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("POST /oauth/token", () => {
  test("gives a token to an agent that proves itself by key, as bearer or as password, and puts it on record", async () => {
    for (const authorization of [`Bearer ${agent.token}`, basic(agent.id, agent.token)]) {
      const { answer, body } = await ask({ ...FORM, subject_token: await person() }, { authorization });
      expect([answer.statusCode, body]).toMatchObject([200, { token_type: "Bearer" }]);
      expect(answer.headers).toMatchObject({ "cache-control": "no-store", pragma: "no-cache" });
      expect(await gate.authenticate(body["access_token"])).toMatchObject({
        id: "corp:alice",
        actors: [{ id: "agent:crm-bot" }],
      });
    }
    expect(recorded).toHaveLength(2);
    expect(recorded[0]).toMatchObject({
      name: "token.exchanged",
      actor: "corp:alice",
      facts: { agents: ["agent:crm-bot"] },
    });
    expect(JSON.stringify(recorded)).not.toContain("sluicex_");
  });

  test("gives nothing out that could not be recorded", async () => {
    log = "full";
    const { answer, body } = await ask(
      { ...FORM, subject_token: await person() },
      { authorization: `Bearer ${agent.token}` },
    );
    expect([answer.statusCode, body["error"], body["code"]]).toEqual([
      503,
      "temporarily_unavailable",
      "evidence_unavailable",
    ]);
    expect(answer.body).not.toContain("sluicex_");
  });

  const asAgent = (): Record<string, string> => ({ authorization: `Bearer ${agent.token}` });
  const refusals: readonly [
    what: string,
    status: number,
    word: string,
    code: Code,
    form: Record<string, string> | string,
    headers: () => Record<string, string>,
  ][] = [
    ["another grant", 400, "unsupported_grant_type", "grant_type_unsupported", { grant_type: "password" }, asAgent],
    ["nothing", 400, "unsupported_grant_type", "grant_type_unsupported", "", asAgent],
    ["a parameter twice", 400, "invalid_request", "field_invalid", "grant_type=a&grant_type=b", asAgent],
    ["a prototype", 400, "unsupported_grant_type", "grant_type_unsupported", "__proto__=x&grant_type=", asAgent],
    [
      "too many parameters",
      400,
      "invalid_request",
      "field_invalid",
      Array.from({ length: 33 }, (_, n) => `p${n}=1`).join("&"),
      asAgent,
    ],
    ["no person's token", 400, "invalid_request", "field_invalid", FORM, asAgent],
    [
      "a person's token that is none",
      400,
      "invalid_grant",
      "token_invalid",
      { ...FORM, subject_token: "eyx" },
      asAgent,
    ],
    ["nobody who asks", 401, "invalid_client", "key_missing", { ...FORM, subject_token: "eyx" }, () => ({})],
    [
      "a wrong key",
      401,
      "invalid_client",
      "key_invalid",
      { ...FORM, subject_token: "eyx" },
      () => ({ authorization: "Bearer nobody" }),
    ],
    [
      "another scheme",
      401,
      "invalid_client",
      "key_invalid",
      { ...FORM, subject_token: "eyx" },
      () => ({ authorization: "Digest x" }),
    ],
    [
      "another audience",
      400,
      "invalid_target",
      "token_audience",
      { ...FORM, subject_token: "eyx", audience: "https://other.test" },
      asAgent,
    ],
    [
      "a body of another type",
      415,
      "invalid_request",
      "content_type_unsupported",
      "{}",
      () => ({ "content-type": "application/json" }),
    ],
    ["a giant body", 413, "invalid_request", "body_too_large", `subject_token=${"A".repeat(40_000)}`, asAgent],
  ];
  test.each(refusals)("with %s answers %i %s", async (_, status, word, code, form, headers) => {
    const { answer, body } = await ask(form, headers());
    expect([answer.statusCode, body["error"], body["code"]]).toEqual([status, word, code]);
    expect(answer.headers["sluice-evidence"]).toBe("7");
    expect(answer.headers["www-authenticate"] !== undefined).toBe(
      body["code"]?.startsWith("key_") || code === "token_invalid" || code === "token_audience",
    );
    expect(refused).toHaveLength(1);
    expect(recorded).toHaveLength(0);
  });
});

describe("a client that knows only the URL", () => {
  const settings = settingsFor({ providers: [providerFor("https://login.example.com/realms/corp")] });

  test("reads from the refusal where the document is, and from the document who vouches (RFC 9728)", async () => {
    const answer = await app.inject({ url: "/.well-known/oauth-protected-resource" });
    expect(answer.json()).toEqual({
      resource: AUDIENCE,
      resource_name: "Sluice",
      authorization_servers: [idp.issuer],
      bearer_methods_supported: ["header"],
      tls_client_certificate_bound_access_tokens: true,
    });
    const missing = new SluiceError("key_missing", "no credential");
    expect(wwwAuthenticate(missing, settings, "https://gateway.test/")).toBe(
      'Bearer resource_metadata="https://gateway.test/.well-known/oauth-protected-resource"',
    );
    expect(protectedResourceMetadata(settings, "https://gateway.test/").resource).toBe("https://gateway.test");
  });

  test("finds it in front of the path, where the gateway is called by a URL with one", () => {
    expect(
      wwwAuthenticate(new SluiceError("key_missing", ""), { resource: "https://example.com/ai/gate" }, "http://x"),
    ).toBe('Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource/ai/gate"');
  });

  test("is told what is wrong with its token, in the characters that a header may hold, and nothing when it would not help", () => {
    const error = new SluiceError("token_expired", 'the "token" of Zoë\r\nx: \\ has expired');
    expect(wwwAuthenticate(error, settings, "https://g.test")).toBe(
      `Bearer resource_metadata="https://g.test/.well-known/oauth-protected-resource", error="invalid_token", error_description="the 'token' of Zo???x: ' has expired"`,
    );
    for (const code of ["group_missing", "account_disabled", "provider_unavailable", "purpose_missing"] as const)
      expect(wwwAuthenticate(new SluiceError(code, ""), settings, "https://g.test")).toBeUndefined();
  });
});
