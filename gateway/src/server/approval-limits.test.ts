/** What approvals are not good for: a yes that grows, a glass that is broken again and again, an agent that looks around. At the front door. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("all") permit(principal, action in Action::"request", resource);
@id("contact") @duty @approve("officers")
permit(principal, action in Action::"request", resource) when { context.categories.contains("contact") };
@id("control") permit(principal, action in Action::"control", resource);
@id("interns-break-nothing")
forbid(principal in Group::"interns", action == Action::"break-glass", resource)
when { context has purpose && context.purpose == Purpose::"support" };
`;
const HOURLY = 10;

let upstream: Upstream;
let idp: Idp;
let sluice: Started;
let olga: string;
let owned: string;

beforeAll(async () => {
  upstream = await startUpstream((_body, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }] }));
  });
  idp = await startIdp();
  const to = (models: string) => ({
    kind: "openai",
    url: `${upstream.url}/v1`,
    credential: "none",
    recipient: "acme",
    models: [models],
    allow_private_address: true,
    rules: { opaque_parts: "allow" },
  });
  const { document } = await documentFor({ main: to("m"), other: to("o") });
  const key = await newKey(randomBytes);
  owned = key.token;
  document.keys[key.id] = { hash: key.hash, principal: "service:crm", purposes: ["support"], owners: ["corp:olga"] };
  olga = await tokenOf("olga", "DP");
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    return JSON.stringify({
      ...document,
      policies: { dir: "./policies" },
      reviews: {
        wait: "0s",
        grant: "30m",
        hourly_per_principal_max: HOURLY,
        break_glass: { approvals: [{ group: "officers" }] },
      },
      channels: { passkeys: { risk: 20 } },
      identity: {
        providers: {
          corp: {
            kind: "oidc",
            client_id: "portal",
            issuer: idp.issuer,
            audience: [AUDIENCE],
            device: { client_id: CLIENT },
            groups_claim: "groups",
          },
        },
        groups: {
          officers: { from: ["corp:DP"], roles: ["user", "approver"], purposes: ["support"] },
          staff: { from: ["corp:Staff"], purposes: ["support"] },
          interns: { from: ["corp:Interns"], purposes: ["support"] },
        },
        agents: { bot: { from: "corp:crm-bot", purposes: ["support"] } },
      },
    });
  });
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
  await idp.stop();
});

const tokenOf = (sub: string, group = "Staff", more = {}) => idp.token({ sub, groups: [group], ...more });

async function call(method: string, path: string, key: string, body?: object, more = {}) {
  const response = await fetch(`${sluice.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...more,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown> & {
    error?: { code: string; message: string };
    code?: string;
  };
  const { error } = answer;
  return {
    status: response.status,
    code: error?.code ?? answer.code,
    review: /rv-[0-9a-f]+/.exec(error?.message ?? "")?.[0] ?? "",
    body: answer,
    retryAfter: Number(response.headers.get("retry-after")),
  };
}

const ask = (key: string, content: unknown, model = "m", headers = {}) =>
  call("POST", "/v1/chat/completions", key, { model, messages: [{ role: "user", content }] }, headers);
const vote = (review: string, decision: "approve" | "deny", key = olga) =>
  call("POST", `/api/reviews/${review}/votes`, key, { decision });
const breakGlass = (key: string, connection = "main") =>
  call("POST", "/api/break-glass", key, { purpose: "support", connection, reason: "because", minutes: 10 });

describe("a yes for a time", () => {
  it("covers neither what was denied, nor what is riskier and takes a passkey, nor what nobody scanned", async () => {
    const carl = await tokenOf("carl");
    const layoffs = "secret layoffs list, mail jane@example.org";
    const many = `mail ${Array.from({ length: 150 }, (_, at) => `p${at}@example.org`).join(", ")}`;
    const hello = "hello, mail jane@example.org";
    await vote((await ask(carl, layoffs)).review, "deny");
    expect((await vote((await ask(carl, many)).review, "approve")).code).toBe("step_up_required");
    expect((await vote((await ask(carl, hello)).review, "approve")).body["state"]).toBe("granted");

    expect((await ask(carl, `${hello} again`)).status).toBe(200);
    expect((await ask(carl, layoffs)).code).toBe("approval_denied");
    const otherWay = { "openai-beta": "assistants=v2" };
    expect((await ask(carl, hello, "m", otherWay)).status).toBe(200);
    expect((await ask(carl, layoffs, "m", otherWay)).code).toBe("approval_denied");
    expect((await ask(carl, many)).code).toBe("approval_required");
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
    expect((await ask(carl, [{ type: "text", text: hello }, image])).code).toBe("approval_required");
  });
});

describe("a broken glass", () => {
  it("is whole again for who had a no, before others have looked at it, and after they said no", async () => {
    const dan = await tokenOf("dan");
    const content = "mail jane@example.org about the layoffs";
    const pending = (await ask(dan, content, "o")).review;
    const broken = await breakGlass(dan, "other");
    expect(broken.status).toBe(200);
    expect((await ask(dan, "mail joe@example.org", "o")).status).toBe(200);
    await vote(pending, "deny");
    expect((await ask(dan, content, "o")).code).toBe("approval_denied");

    for (const connection of ["main", "other"])
      expect(await breakGlass(dan, connection)).toMatchObject({ status: 403, code: "break_glass_refused" });
    await vote(String(broken.body["review"]), "deny");
    expect(await breakGlass(dan)).toMatchObject({ status: 403, code: "break_glass_refused" });
  });

  it("is not broken for what somebody has just denied", async () => {
    const dora = await tokenOf("dora");
    await vote((await ask(dora, "mail jane@example.org")).review, "deny");
    expect(await breakGlass(dora)).toMatchObject({ status: 403, code: "break_glass_refused" });
    expect((await breakGlass(dora, "other")).status).toBe(200);
  });

  it("is broken by one of 50 who try at once", async () => {
    const dave = await tokenOf("dave");
    const codes = await Promise.all(Array.from({ length: 50 }, () => breakGlass(dave)));
    expect(codes.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(codes.filter(({ code }) => code === "break_glass_refused")).toHaveLength(49);
  });

  it("is forbidden by policies, for a purpose", async () => {
    expect(await breakGlass(await tokenOf("ina", "Interns"))).toMatchObject({ status: 403, code: "policy_denied" });
  });
});

describe("an agent", () => {
  it("of an approver sees none of what waits for him, and takes back nothing that its person asked", async () => {
    const asked = await ask(await tokenOf("emma"), "mail jane@example.org");
    const ofOlga = await tokenOf("olga", "DP", { client_id: "crm-bot" });
    expect((await call("GET", `/api/reviews/${asked.review}`, olga)).status).toBe(200);
    expect((await call("GET", `/api/reviews/${asked.review}`, ofOlga)).code).toBe("review_unknown");
    expect((await call("GET", "/api/reviews", ofOlga)).body["reviews"]).toEqual([]);
    const ofEmma = await tokenOf("emma", "Staff", { client_id: "crm-bot" });
    expect((await call("POST", `/api/reviews/${asked.review}/cancel`, ofEmma)).code).toBe("permission_missing");
    const own = await ask(ofEmma, "mail jane@example.org");
    expect((await call("POST", `/api/reviews/${own.review}/cancel`, ofEmma)).body["state"]).toBe("cancelled");
  });
});

describe("a key", () => {
  it("that belongs to an approver asks for nothing that he approves", async () => {
    const { review } = await ask(owned, "mail jane@example.org");
    expect((await vote(review, "approve")).code).toBe("approval_self");
    expect((await vote(review, "approve", await tokenOf("otto", "DP"))).body["state"]).toBe("granted");
  });
});

describe("who asks without end", () => {
  it("is told when to come again, and approvers hear no more of it", async () => {
    const fred = await tokenOf("fred");
    for (let at = 0; at < HOURLY; at++) {
      const { review } = await ask(fred, `mail jane@example.org ${at}`);
      expect((await call("POST", `/api/reviews/${review}/cancel`, fred)).status).toBe(200);
    }
    const refused = await ask(fred, "mail jane@example.org once more");
    expect(refused).toMatchObject({ status: 429, code: "reviews_limited" });
    expect(refused.retryAfter).toBeGreaterThan(3_500);
    expect(refused.retryAfter).toBeLessThanOrEqual(3_600);
  });
});
