/** Requests: what is refused, with which code, in whose words, on record, and with not one byte to the upstream. */
import { setTimeout as sleep } from "node:timers/promises";
import zlib from "node:zlib";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Connection } from "../../core/connection.ts";
import { SluiceError } from "../../core/errors.ts";
import { connectionFor } from "../../core/test/connection.ts";
import { detectionOf } from "../../privacy/test/setup.ts";
import { filesHolding, KEY, startGateway, type TestGateway, type TestGatewayOptions } from "./test/gateway.ts";
import { parseRaw, rawRequest } from "./test/raw.ts";
import { sendJson, startUpstream, type Upstream } from "./test/upstream.ts";

const EMAIL = "john.doe@example.com";
const CHAT = { model: "m", messages: [{ role: "user", content: `Write to ${EMAIL} about order #12345` }] };
const COMPLETION = {
  id: "x",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "To [EMAIL_1]." }, finish_reason: "stop" }],
};

let upstream: Upstream;
/** With ordinary settings, for all tests that ask for nothing else. */
let ordinary: TestGateway | undefined;
let gateway: TestGateway;
beforeAll(async () => {
  upstream = await startUpstream();
});
beforeEach(() => {
  upstream.requests.length = 0;
  upstream.answer = (_req, res) => sendJson(res, 200, COMPLETION);
});
afterEach(async () => {
  if (gateway !== ordinary) await gateway.close();
  else gateway.records.length = 0;
});
afterAll(async () => {
  await ordinary?.close();
  await upstream.close();
});

async function open(change?: Partial<Connection>, options?: Partial<TestGatewayOptions>): Promise<void> {
  if (change !== undefined || options !== undefined) {
    gateway = await start(change, options);
  } else {
    ordinary ??= await start();
    gateway = ordinary;
  }
}

async function start(
  change: Partial<Connection> = {},
  options: Partial<TestGatewayOptions> = {},
): Promise<TestGateway> {
  const connections = [
    connectionFor({ url: upstream.url, ...change }),
    connectionFor({
      name: "claude",
      kind: "anthropic",
      url: new URL("/", upstream.url),
      models: ["claude-test", "claude-x*"],
    }),
    connectionFor({
      name: "own",
      kind: "custom",
      url: new URL("/inner", upstream.url),
      models: [],
      endpoints: [
        {
          path: "/generate",
          requestText: ["inputs"],
          requestSystem: [],
          requestFixed: [],
          responseText: ["text"],
          stream: "none",
        },
      ],
    }),
  ];
  return startGateway({ connections, ...options });
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: { error?: { code?: string; type?: string; message?: string }; code?: string; type?: string };
}
async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  method = "POST",
): Promise<Answered> {
  const answered = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", ...headers },
    ...(method === "GET"
      ? {}
      : {
          body:
            body instanceof Uint8Array ? new Uint8Array(body) : typeof body === "string" ? body : JSON.stringify(body),
        }),
  });
  const text = await answered.text();
  return {
    status: answered.status,
    headers: answered.headers,
    text,
    json: text === "" ? {} : (JSON.parse(text) as Answered["json"]),
  };
}
const codeOf = ({ json }: Answered): string | undefined => json.error?.code ?? json.code;
const recorded = async (count = 1): Promise<TestGateway["records"]> => {
  for (let at = 0; at < 100 && gateway.records.length < count; at++) await sleep(10);
  return gateway.records;
};

describe("a request", () => {
  test("reaches the upstream scrubbed and comes back restored, with the facts in its headers", async () => {
    await open();
    const { status, headers, text } = await post("/v1/chat/completions", CHAT);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ choices: [{ message: { content: `To ${EMAIL}.` } }] });
    const [{ body } = { body: "" }] = upstream.requests;
    expect(JSON.parse(body)).toMatchObject({
      model: "m",
      messages: [
        { content: expect.stringMatching(/^Write to \[EMAIL_1\] about order .*\[ORDER_NUMBER_1\]$/) as string },
      ],
    });
    expect(headers.get("sluice-masked")).toBe("EMAIL=1, ORDER_NUMBER=1");
    expect(headers.get("sluice-evidence")).toMatch(/^\d+$/);
    expect(headers.get("sluice-purpose")).toBe("support");
    expect(Number(headers.get("sluice-overhead"))).toBeGreaterThan(0);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    expect(await recorded()).toMatchObject([
      { status: "completed", evidence: headers.get("sluice-evidence"), found: { EMAIL: 1, ORDER_NUMBER: 1 } },
    ]);
  });

  test("of each kind reaches its own path on the upstream", async () => {
    await open();
    const kinds: [string, object, string][] = [
      ["/v1/chat/completions", CHAT, "/v1/chat/completions"],
      ["/openai/v1/chat/completions", CHAT, "/v1/chat/completions"],
      ["/v1/completions", { model: "m", prompt: EMAIL }, "/v1/completions"],
      ["/v1/responses", { model: "m", input: EMAIL }, "/v1/responses"],
      ["/v1/embeddings", { model: "m", input: EMAIL }, "/v1/embeddings"],
      ["/v1/messages", { ...CHAT, model: "claude-test", max_tokens: 5 }, "/v1/messages"],
      ["/v1/messages?beta=true", { ...CHAT, model: "claude-x1", max_tokens: 5 }, "/v1/messages?beta=true"],
      ["/v1/messages/count_tokens", { ...CHAT, model: "claude-test" }, "/v1/messages/count_tokens"],
      ["/custom/own/generate", { inputs: EMAIL }, "/inner/generate"],
    ];
    for (const [path, body, wanted] of kinds) {
      upstream.requests.length = 0;
      const { status, text } = await post(path, body, { "anthropic-version": "2023-06-01" });
      expect([path, status, text]).toEqual([path, 200, expect.any(String)]);
      expect(upstream.requests[0]?.req.url).toBe(wanted);
      expect(upstream.requests[0]?.body).toContain("[EMAIL_1]");
      expect(upstream.requests[0]?.body).not.toContain(EMAIL);
    }
  });

  test.each([
    ["gzip", zlib.gzipSync],
    ["br", zlib.brotliCompressSync],
    ["zstd", zlib.zstdCompressSync],
  ] as const)("may be compressed with %s, and is scrubbed all the same", async (encoding, compress) => {
    await open();
    expect(
      (await post("/v1/chat/completions", compress(JSON.stringify(CHAT)), { "content-encoding": encoding })).status,
    ).toBe(200);
    expect(upstream.requests[0]?.body).toContain("[EMAIL_1]");
    expect(upstream.requests[0]?.req.headers).not.toHaveProperty("content-encoding");
  });

  test("carries nothing that names the user: no header, no address, no credential of ours", async () => {
    await open();
    await post(
      "/v1/chat/completions",
      { ...CHAT, user: EMAIL },
      {
        "user-agent": "john-laptop",
        cookie: "a=b",
        "x-forwarded-for": "10.9.8.7",
        forwarded: "for=10.9.8.7",
        via: "1.1 inner",
        "x-stainless-os": "John's",
        "idempotency-key": EMAIL,
        "sluice-session": "conversation-1",
        "openai-organization": "org-john",
      },
    );
    const [{ req, body } = { req: undefined, body: "" }] = upstream.requests;
    const sent = JSON.stringify(req?.rawHeaders) + body;
    for (const trace of ["john", "John", "10.9.8.7", "a=b", KEY, "conversation-1", "inner", EMAIL])
      expect(sent).not.toContain(trace);
    expect(req?.headers["user-agent"]).toBe("sluice");
  });
});

describe("a refusal", () => {
  const cases: [
    what: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    status: number,
    code: string,
  ][] = [
    ["no key", "/v1/chat/completions", CHAT, { authorization: "" }, 401, "key_invalid"],
    ["a wrong key", "/v1/chat/completions", CHAT, { authorization: "Bearer nobody" }, 401, "key_invalid"],
    ["two keys", "/v1/chat/completions", CHAT, { "x-api-key": "other" }, 400, "header_invalid"],
    ["no JSON", "/v1/chat/completions", "{", {}, 400, "json_invalid"],
    ["a double key", "/v1/chat/completions", '{"model":"m","model":"n","messages":[]}', {}, 400, "json_duplicate_key"],
    [
      "too deep",
      "/v1/chat/completions",
      `{"model":"m","messages":${"[".repeat(80)}${"]".repeat(80)}}`,
      {},
      400,
      "json_too_deep",
    ],
    ["half a character", "/v1/chat/completions", Buffer.from([0x22, 0xc3, 0x22]), {}, 400, "utf8_invalid"],
    ["another type", "/v1/chat/completions", "a=b", { "content-type": "text/plain" }, 415, "content_type_unsupported"],
    [
      "another coding",
      "/v1/chat/completions",
      CHAT,
      { "content-encoding": "rot13" },
      415,
      "content_encoding_unsupported",
    ],
    ["a missing field", "/v1/chat/completions", { model: "m" }, {}, 400, "field_invalid"],
    ["an unknown endpoint", "/v1/files", {}, {}, 404, "endpoint_unknown"],
    ["batches", "/v1/batches", {}, {}, 404, "endpoint_unknown"],
    ["image generation", "/v1/images/generations", {}, {}, 404, "endpoint_unknown"],
    ["a query", "/v1/chat/completions?user=john", CHAT, {}, 400, "field_invalid"],
    ["a purpose that is no token", "/v1/chat/completions", CHAT, { "sluice-purpose": "a b" }, 400, "header_invalid"],
    ["an unknown purpose", "/v1/chat/completions", CHAT, { "sluice-purpose": "marketing" }, 403, "purpose_unknown"],
    [
      "a beta header with a person in it",
      "/v1/chat/completions",
      CHAT,
      { "openai-beta": EMAIL },
      400,
      "header_invalid",
    ],
    ["an unknown model", "/v1/messages", { ...CHAT, model: "none", max_tokens: 5 }, {}, 404, "model_unknown"],
    ["an unknown custom connection", "/custom/nobody/generate", {}, {}, 404, "endpoint_unknown"],
    ["an unknown custom path", "/custom/own/other", {}, {}, 404, "endpoint_unknown"],
    [
      "an image",
      "/v1/chat/completions",
      {
        model: "m",
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] },
        ],
      },
      {},
      403,
      "part_not_scannable",
    ],
  ];
  test.each(cases)(
    "for %s has its code, its place on record, and no byte reaches the upstream",
    async (_what, path, body, headers, status, code) => {
      await open();
      const refused = await post(path, body, headers);
      expect([refused.status, codeOf(refused)]).toEqual([status, code]);
      expect(refused.headers.get("sluice-evidence")).toMatch(/^\d+$/);
      expect(await recorded()).toMatchObject([{ status: "denied", code }]);
      expect(upstream.requests).toEqual([]);
      expect(refused.text).not.toContain("john");
    },
  );

  test("names the method that an endpoint takes", async () => {
    await open();
    const refused = await post("/v1/chat/completions", "", {}, "GET");
    // RFC 9110 §15.5.6 demands the header.
    expect([refused.status, codeOf(refused), refused.headers.get("allow")]).toEqual([
      405,
      "method_not_allowed",
      "POST",
    ]);
    expect(await post("/custom/own/generate", "", {}, "GET").then((refused) => refused.status)).toBe(405);
    expect(await post("/v1/models", {}).then(({ status, headers }) => [status, headers.get("allow")])).toEqual([
      405,
      "GET",
    ]);
  });

  test("speaks the family of the route, also when the endpoint is unknown", async () => {
    await open();
    expect((await post("/v1/nothing", {})).json).toMatchObject({ error: { code: "endpoint_unknown", param: null } });
    expect((await post("/v1/messages/batches", {})).json).toMatchObject({
      type: "error",
      error: { type: "not_found_error" },
    });
    expect((await post("/v1/files", {}, { "anthropic-version": "2023-06-01" })).json).toMatchObject({ type: "error" });
    expect((await post("/custom/own/other", {})).json).toMatchObject({ status: 404, title: "Not found" });
  });

  test("before forwarding is plain JSON, also for a stream, and the policy holds for streams too", async () => {
    const rules = { ...connectionFor().rules, request: { EMAIL: "block" as const } };
    await open({ rules });
    for (const stream of [false, true]) {
      const refused = await post("/v1/chat/completions", { ...CHAT, stream });
      expect([refused.status, codeOf(refused), refused.headers.get("content-type")]).toEqual([
        403,
        "category_blocked",
        "application/json",
      ]);
    }
    expect(upstream.requests).toEqual([]);
  });

  test("is what the official SDK throws, once", async () => {
    await open();
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: KEY, maxRetries: 3 });
    const refused = openai.chat.completions.create(
      { model: "m", messages: [{ role: "user", content: "x" }] },
      { headers: { "sluice-purpose": "marketing" } },
    );
    await expect(refused).rejects.toMatchObject({ status: 403, code: "purpose_unknown", type: "permission_error" });
    expect(await recorded()).toHaveLength(1);
  });

  test("for a body that is too large reaches a client that is still sending", async () => {
    await open();
    const refused = await post("/v1/chat/completions", "x".repeat(5_000_000));
    expect([refused.status, codeOf(refused)]).toEqual([413, "body_too_large"]);
  });

  test("holds no header that the client could have written", async () => {
    await open();
    const text = await rawRequest(
      gateway.port,
      `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${KEY}\r\nSluice-Purpose: a%0d%0aset-cookie: b\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}`,
    );
    expect(parseRaw(text).status).toBe(400);
    expect(text.toLowerCase()).not.toContain("set-cookie");
  });
});

test("an exchange that was cut before it could be sent is not sent, and its outcome says why", async () => {
  await open(undefined, {
    wrap: (gate) => ({
      ...gate,
      async open(...asked) {
        const exchange = await gate.open(...asked);
        gate.endExchanges(() => true, new SluiceError("account_disabled", "shut out meanwhile"));
        return exchange;
      },
    }),
  });
  const refused = await post("/v1/chat/completions", CHAT);
  expect([refused.status, codeOf(refused)]).toEqual([403, "account_disabled"]);
  expect(upstream.requests).toHaveLength(0);
  expect(await recorded()).toMatchObject([{ status: "failed", code: "account_disabled" }]);
});

describe("when the gateway cannot do its work, nothing is forwarded and the code says that repeating may help:", () => {
  const failing = detectionOf(() => {
    throw new Error(`cannot read ${EMAIL}`);
  });
  const absurd = detectionOf(() => [{ start: 5, end: 900 } as never]);
  test.each<[string, TestGatewayOptions["scrubber"], number, string]>([
    ["the detector is down", { detection: () => failing }, 503, "detector_failed"],
    ["the detector answers nonsense", { detection: () => absurd }, 503, "detector_failed"],
    ["the scan takes too long", { timeoutMs: -1 }, 503, "scrub_timeout"],
    ["the text is too large", { textCharsMax: 10 }, 413, "text_too_large"],
  ])("%s", async (_what, scrubber, status, code) => {
    await open({}, { scrubber: scrubber ?? {} });
    for (const stream of [false, true]) {
      const refused = await post("/v1/chat/completions", { ...CHAT, stream });
      expect([refused.status, codeOf(refused)]).toEqual([status, code]);
      expect(refused.headers.get("x-should-retry")).toBe(String(status === 503));
      expect(refused.text).not.toContain(EMAIL);
    }
    expect(upstream.requests).toEqual([]);
  });

  test("too many requests at once", async () => {
    await open({}, { limits: { streamsMax: 1 } });
    upstream.answer = () => undefined;
    const controller = new AbortController();
    const running = fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      signal: controller.signal,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      body: JSON.stringify(CHAT),
    });
    const failed = expect(running).rejects.toThrow();
    await sleep(100);
    const refused = await post("/v1/chat/completions", CHAT);
    expect([refused.status, codeOf(refused), refused.headers.get("retry-after")]).toEqual([503, "overloaded", "1"]);
    controller.abort();
    await failed;
  });

  test("too many by one credential, or too fast", async () => {
    await open({}, { principal: { limits: { requestsPerMinute: 2, concurrentStreams: 10 } } });
    for (let at = 0; at < 2; at++) expect((await post("/v1/chat/completions", CHAT)).status).toBe(200);
    const refused = await post("/v1/chat/completions", CHAT);
    expect([refused.status, codeOf(refused)]).toEqual([429, "rate_limited"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("parts that nobody can scan", () => {
  const image = {
    model: "m",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: EMAIL },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
        ],
      },
    ],
  };
  const rules = connectionFor().rules;

  test("pass when the policy says so, and the answer says that they were not scanned", async () => {
    await open({ rules: { ...rules, opaqueParts: "allow" } });
    const { status, headers } = await post("/v1/chat/completions", image);
    expect([status, headers.get("sluice-unscanned"), headers.get("sluice-masked")]).toEqual([
      200,
      "image=1",
      "EMAIL=1",
    ]);
    expect(upstream.requests[0]?.body).toContain("base64,AAAA");
  });

  test("are left out when the policy says so, and the answer says that too", async () => {
    await open({ rules: { ...rules, opaqueParts: "withhold" } });
    const { status, headers } = await post("/v1/chat/completions", image);
    expect([status, headers.get("sluice-withheld"), headers.get("sluice-unscanned")]).toEqual([200, "image=1", null]);
    expect(upstream.requests[0]?.body).not.toContain("base64,AAAA");
  });
});

describe("the list of models", () => {
  test("is what the caller may use, in the shape of who asks, and asks no upstream", async () => {
    await open({ models: ["gpt-test", "gpt-x*"] });
    const get = async (path: string, headers = {}) => (await post(path, "", headers, "GET")).json;
    expect(await get("/v1/models")).toEqual({
      object: "list",
      data: [{ id: "gpt-test", object: "model", created: 0, owned_by: "main" }],
    });
    expect(await get("/v1/models/gpt-test")).toMatchObject({ id: "gpt-test", object: "model" });
    expect(await get("/v1/models", { "anthropic-version": "2023-06-01" })).toMatchObject({
      data: [{ type: "model", id: "claude-test" }],
      has_more: false,
      first_id: "claude-test",
    });
    expect(await get("/v1/models/claude-test?beta=true", { "anthropic-version": "2023-06-01" })).toMatchObject({
      type: "model",
    });
    const unknown = await post("/v1/models/none", "", {}, "GET");
    expect([unknown.status, codeOf(unknown)]).toEqual([404, "model_unknown"]);
    expect((await post("/v1/models", "", { authorization: "Bearer nobody" }, "GET")).status).toBe(401);
    expect(upstream.requests).toEqual([]);
  });

  test("leaves out what the credential may not use", async () => {
    await open({ models: ["gpt-test"] }, { principal: { connections: ["claude"] } });
    expect((await post("/v1/models", "", {}, "GET")).json).toEqual({ object: "list", data: [] });
  });
});

test("no original value stands in the evidence, in a record or in an error", async () => {
  await open();
  upstream.answer = (_req, res) => sendJson(res, 400, { error: { message: "cannot write to [EMAIL_1]" } });
  await post("/v1/chat/completions", CHAT);
  await post("/v1/chat/completions", `{"model":"m","messages":"${EMAIL}`);
  await recorded(2);
  expect(
    JSON.stringify(gateway.records.map(({ error, ...record }) => [record, error?.message, error?.stack])),
  ).not.toContain("john");
  expect(filesHolding(gateway.dir, [EMAIL, "john.doe", "12345", KEY])).toEqual([]);
});
