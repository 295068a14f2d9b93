/** The facts that policies decide by, as they are at the front door: where a request came from, and what is usual for whom. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentFor } from "./test/config.ts";
import { leafAt } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("all")
permit(principal, action in Action::"request", resource);

@id("not-from-here")
forbid(principal, action in Action::"request", resource == Connection::"elsewhere")
when { context has network && context.network.isInRange(ip("127.0.0.0/8")) };

@id("scrubbed-elsewhere")
forbid(principal, action == Action::"scrub", resource)
when { context has network && context.network.isLoopback() };

@id("too-large-a-number")
forbid(principal, action in Action::"request", resource == Connection::"failing")
when { context.counts.total * 9007199254740991 * 9007199254740991 > 7 };

@id("unusual")
@duty
@approve("officers")
permit(principal, action in Action::"request", resource == Connection::"main")
when { context.risk >= 10 };
`;
/** Requests from which on something is unusual. */
const ENOUGH = 21;

let upstream: Upstream;
let sluice: Started;
let token: string;

beforeAll(async () => {
  upstream = await startUpstream((_body, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }] }));
  });
  const to = (model: string) => ({
    kind: "openai",
    url: `${upstream.url}/v1`,
    credential: "none",
    recipient: "acme",
    models: [model],
    allow_private_address: true,
  });
  const configured = await documentFor({ main: to("m"), elsewhere: to("e"), failing: to("f") });
  const { document } = configured;
  token = configured.token;
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    return JSON.stringify({
      ...document,
      policies: { dir: "./policies" },
      reviews: { wait: "1ms" },
      identity: {
        providers: { corp: { kind: "oidc", issuer: "http://127.0.0.1:9", audience: ["test"], groups_claim: "groups" } },
        groups: { officers: { from: ["corp:DP"], roles: ["user", "approver"], purposes: ["support"] } },
      },
    });
  });
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
});

async function post(path: string, body: object, more: Record<string, string> = {}) {
  const response = await fetch(`${sluice.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...more },
    body: JSON.stringify(body),
  });
  const reply = (await response.json()) as { code?: string; error?: { code?: string; message: string } };
  const evidence = response.headers.get("sluice-evidence");
  return { status: response.status, code: reply.error?.code ?? reply.code, message: reply.error?.message, evidence };
}

const ask = (model: string, content: string, purpose = "support") =>
  post("/v1/chat/completions", { model, messages: [{ role: "user", content }] }, { "sluice-purpose": purpose });

describe("the address that a request came from", () => {
  it("is a fact for policies, so that a forbid by network holds", async () => {
    const before = upstream.received.length;
    const refused = await ask("e", "hello");
    expect(refused).toMatchObject({ status: 403, code: "policy_denied" });
    expect(refused.message).toContain("not-from-here");
    expect(upstream.received.length).toBe(before);
    expect((await ask("m", "hello")).status).toBe(200);
  });

  it("counts for what is answered here too", async () => {
    expect(await post("/api/scrub", { text: "hello" })).toMatchObject({ status: 403, code: "policy_denied" });
    const presidio = await post("/presidio/analyze", { text: "hello", language: "en" });
    expect(presidio.status).toBe(403);
  });
});

describe("a forbid that cannot be evaluated", () => {
  it("is not left out: what it may be about is denied, and the record names it", async () => {
    expect((await ask("f", "hello")).status).toBe(200);
    const before = upstream.received.length;
    const refused = await ask("f", "write to jane.doe@example.org and to john.doe@example.org");
    expect(refused).toMatchObject({ status: 403, code: "policy_failed" });
    expect(refused.message).toContain("too-large-a-number");
    expect(upstream.received.length).toBe(before);
    expect(await leafAt(sluice.url, refused.evidence)).toMatchObject({
      type: "denial",
      code: "policy_failed",
      policies: ["too-large-a-number"],
    });
  });
});

describe("what is usual for a principal", () => {
  it("is learnt from what was sent, and not from what was held or refused", async () => {
    for (let at = 0; at < ENOUGH; at++) expect((await ask("m", `hello ${at}`)).status).toBe(200);
    const before = upstream.received.length;
    for (let at = 0; at < 3; at++) {
      expect(await ask("m", "the report, please", "research")).toMatchObject({
        status: 403,
        code: "approval_required",
      });
      expect(await ask("e", "hello", "research")).toMatchObject({ status: 403, code: "policy_denied" });
    }
    expect(upstream.received.length).toBe(before);
  });
});
