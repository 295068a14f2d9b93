/** A yes is to one request, sent in one way, at the front door: not to another endpoint, model, query or header with the same body. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("all")
permit(principal, action, resource);

@id("a-yes")
@duty
@approve("officers")
permit(principal, action in Action::"request", resource);
`;

let upstream: Upstream;
let idp: Idp;
let officer: string;
let once: Started;
let boxed: Started;
let token: string;

beforeAll(async () => {
  upstream = await startUpstream((_body, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(
      JSON.stringify({
        type: "message",
        role: "assistant",
        content: [{ type: "text", text: "ok" }],
        choices: [{ index: 0, message: { role: "assistant", content: "ok" } }],
        text: "ok",
      }),
    );
  });
  idp = await startIdp();
  const to = { url: upstream.url, credential: "none", recipient: "acme", allow_private_address: true };
  const endpoint = (path: string) => ({ path, request: { text: ["text"] } });
  const configured = await documentFor({
    main: { ...to, kind: "openai", models: ["m", "n"] },
    claude: { ...to, kind: "anthropic", models: ["c"] },
    crm: { ...to, kind: "custom", endpoints: [endpoint("/draft"), endpoint("/publish")] },
  });
  const { document } = configured;
  token = configured.token;
  const started = (reviews: object): Promise<Started> =>
    startForTest((dir) => {
      mkdirSync(join(dir, "policies"));
      writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
      return JSON.stringify({
        ...document,
        policies: { dir: "./policies" },
        reviews: { wait: "1ms", pending_per_principal_max: 50, ...reviews },
        identity: {
          providers: {
            corp: {
              kind: "oidc",
              issuer: idp.issuer,
              audience: [AUDIENCE],
              device: { client_id: CLIENT },
              groups_claim: "groups",
            },
          },
          groups: { officers: { from: ["corp:DP"], roles: ["user", "approver"], purposes: ["support"] } },
        },
      });
    });
  once = await started({});
  boxed = await started({ grant: "30m" });
  officer = await idp.token({ sub: "olga", groups: ["DP"] });
});
afterAll(async () => {
  await once.stop();
  await boxed.stop();
  await upstream.close();
  await idp.stop();
});

interface Request {
  readonly path: string;
  readonly body: object;
  readonly headers?: Record<string, string>;
}

async function send({ path, body, headers = {} }: Request, at = once) {
  const response = await fetch(`${at.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const { error, code } = (await response.json()) as { code?: string; error?: { code?: string; type?: string } };
  const text = JSON.stringify(error ?? code);
  return { status: response.status, isHeld: response.status === 403 && text.includes("approval_required") };
}

async function review(request: Request, at = once): Promise<Record<string, unknown>> {
  expect(await send(request, at)).toMatchObject({ isHeld: true });
  const { reviews } = (await api("GET", "/api/reviews", at)) as { reviews: { id: string }[] };
  return (await api("GET", `/api/reviews/${reviews[0]?.id}`, at)) as Record<string, unknown>;
}

async function approve(request: Request, at = once): Promise<void> {
  const { id } = await review(request, at);
  const voted = await api("POST", `/api/reviews/${String(id)}/votes`, at, { decision: "approve" });
  expect(voted).toMatchObject({ state: "granted" });
}

async function api(method: string, path: string, at: Started, body?: object): Promise<unknown> {
  const response = await fetch(`${at.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${officer}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

let count = 0;
const fresh = (): string => `hello ${++count}`;
const VERSION = { "anthropic-version": "2023-06-01" };
const message = (content: string) => ({ model: "c", max_tokens: 10, messages: [{ role: "user", content }] });
const chat = (content: string, model = "m") => ({ model, messages: [{ role: "user", content }] });

describe("a yes for one use", () => {
  it.each<[string, (text: string) => Request, (text: string) => Request]>([
    [
      "another endpoint",
      (text) => ({ path: "/custom/crm/draft", body: { text } }),
      (text) => ({ path: "/custom/crm/publish", body: { text } }),
    ],
    [
      "another model",
      (text) => ({ path: "/v1/chat/completions", body: chat(text) }),
      (text) => ({ path: "/v1/chat/completions", body: chat(text, "n") }),
    ],
    [
      "another query",
      (text) => ({ path: "/v1/messages", body: message(text), headers: VERSION }),
      (text) => ({ path: "/v1/messages?beta=true", body: message(text), headers: VERSION }),
    ],
    [
      "a header that switches further features on",
      (text) => ({ path: "/v1/messages", body: message(text), headers: VERSION }),
      (text) => ({
        path: "/v1/messages",
        body: message(text),
        headers: { ...VERSION, "anthropic-beta": "code-execution-2025-05-22" },
      }),
    ],
    [
      "another version of the API",
      (text) => ({ path: "/v1/messages", body: message(text), headers: VERSION }),
      (text) => ({ path: "/v1/messages", body: message(text), headers: { "anthropic-version": "2024-01-01" } }),
    ],
  ])("is not good for %s, and still good for what was approved", async (_, asked, other) => {
    const text = fresh();
    await approve(asked(text));
    const before = upstream.received.length;
    expect(await send(other(text))).toMatchObject({ isHeld: true });
    expect(upstream.received.length).toBe(before);
    // What does not reach the upstream is nobody's matter.
    const { headers, ...rest } = asked(text);
    expect((await send({ ...rest, headers: { ...headers, "x-request-id": "7" } })).status).toBe(200);
  });

  it("is given by people who see how the request is sent", async () => {
    const shown = await review({
      path: "/v1/messages?beta=true",
      body: message(fresh()),
      headers: { ...VERSION, "anthropic-beta": "code-execution-2025-05-22" },
    });
    expect(shown["sending"]).toEqual({
      endpoint: "messages",
      model: "c",
      query: "beta=true",
      headers: [
        { name: "anthropic-version", value: "2023-06-01" },
        { name: "anthropic-beta", value: "code-execution-2025-05-22" },
      ],
    });
    const custom = await review({ path: "/custom/crm/draft", body: { text: fresh() } });
    expect(custom["sending"]).toMatchObject({ endpoint: "custom:/draft", query: "", headers: [] });
  });
});

describe("a yes for a time", () => {
  it("is good for its endpoint, and for no other of the connection", async () => {
    await approve({ path: "/custom/crm/draft", body: { text: fresh() } }, boxed);
    expect((await send({ path: "/custom/crm/draft", body: { text: fresh() } }, boxed)).status).toBe(200);
    const before = upstream.received.length;
    expect(await send({ path: "/custom/crm/publish", body: { text: fresh() } }, boxed)).toMatchObject({ isHeld: true });
    expect(upstream.received.length).toBe(before);
  });
});
