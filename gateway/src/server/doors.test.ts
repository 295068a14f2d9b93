/** Other ways in and out of the ordinary: a client certificate, an agent for a person, a broken glass. At the front door. */
import { mkdirSync, writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPki } from "../core/test/pki.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { leafWhere } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";

const pki = openPki();

const POLICIES = `
@id("all") permit(principal, action in Action::"request", resource);
@id("health") @duty @approve("officers")
permit(principal, action == Action::"infer", resource) when { context.categories.contains("health") };
@id("control") permit(principal, action in Action::"control", resource);
`;

let idp: Idp;
let sluice: Started;

beforeAll(async () => {
  const [ca] = ["ca", "other"].map((name) => pki.authority(name));
  const own = pki.issue("server", { names: "IP:127.0.0.1" });
  for (const name of ["batch", "nobody"]) pki.issue(name);
  pki.issue("stranger", { by: "other" });
  idp = await startIdp();
  const { document } = await documentFor({});
  Object.assign((document["purposes"] as Record<string, object>)["support"] ?? {}, { condition: "eu-gdpr:A9-2-h" });
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    return JSON.stringify({
      ...document,
      rehearsal: true,
      policies: {},
      reviews: { wait: 0, break_glass: { approvals: [{ group: "officers" }], longest: "15m" } },
      listeners: [
        {
          address: "127.0.0.1:0",
          tls: { cert: own.certFile, key: own.keyFile, client_ca: ca?.certFile },
        },
        { address: "127.0.0.1:0" },
      ],
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
        groups: {
          doctors: { from: ["corp:Doctors"], purposes: ["support"], limits: { requests_per_minute: 3 } },
          officers: { from: ["corp:Officers"], roles: ["user", "approver"], purposes: ["support"] },
        },
        agents: { scribe: { from: "corp:scribe", purposes: ["support"] } },
        certificates: { batch: { subject: { CN: "batch" }, principal: "service:batch", purposes: ["support"] } },
      },
    });
  });
});
afterAll(async () => {
  await sluice.stop();
  await idp.stop();
  pki.remove();
});

const plain = (): string => sluice.gateway.listeners[1]?.url ?? "";

/** With this client certificate, over TLS. */
function models(certificate?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const own = certificate === undefined ? {} : pki.pair(certificate);
    const request = https.get(
      `${sluice.url}/v1/models`,
      { ca: pki.pair("ca").cert, ...own, agent: false },
      (response) => {
        let text = "";
        response.on("data", (piece) => (text += String(piece)));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    request.on("error", reject);
  });
}

async function ask(token: string, content: string) {
  const response = await fetch(`${plain()}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "rehearsal", messages: [{ role: "user", content }] }),
  });
  const { error } = (await response.json()) as { error?: { code: string; message: string } };
  return { status: response.status, code: error?.code, evidence: response.headers.get("sluice-evidence") };
}

async function post(path: string, token: string, body: object) {
  const response = await fetch(`${plain()}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("a client certificate", () => {
  it("lets in whom the configuration names, without a key", async () => {
    expect((await models("batch")).status).toBe(200);
  });

  it.each([
    ["none", undefined, "key_missing"],
    ["one of our authority that is nobody's", "nobody", "certificate_invalid"],
    ["one of another authority", "stranger", "key_missing"],
  ])("%s lets nobody in", async (_, certificate, code) => {
    const refused = await models(certificate);
    expect([refused.status, refused.text]).toEqual([401, expect.stringContaining(code)]);
  });
});

describe("a person's budget", () => {
  it("is the person's, whoever acts: the agent's requests count too, and the record names both", async () => {
    const own = await idp.token({ sub: "dora", groups: ["Doctors"] });
    const through = await idp.token({ sub: "dora", groups: ["Doctors"], act: { sub: "scribe" } });
    const first = await ask(through, "hello");
    expect(first.status).toBe(200);
    const leaf = await leafWhere(plain(), "the agent's request", ({ index }) => String(index) === first.evidence);
    expect(leaf["actors"]).toHaveLength(1);
    for (let count = 0; count < 2; count++) expect((await ask(own, "hello")).status).toBe(200);
    for (const token of [own, through])
      expect(await ask(token, "hello")).toMatchObject({ status: 429, code: "rate_limited" });
  });
});

describe("a broken glass", () => {
  it("lets a person through for a time, says why, raises an alarm, and opens a review that others decide", async () => {
    const olga = await idp.token({ sub: "olga", groups: ["Officers"] });
    const otto = await idp.token({ sub: "otto", groups: ["Officers"] });
    const health = "My mother has been treated for asthma since May.";
    expect((await ask(olga, health)).code).toBe("approval_required");
    const wanted = { purpose: "support", connection: "rehearsal", minutes: 10 };
    expect((await post("/api/break-glass", olga, { ...wanted, reason: "" })).status).toBe(400);
    expect((await post("/api/break-glass", olga, { ...wanted, minutes: 60, reason: "storm" })).status).toBe(400);
    const broken = await post("/api/break-glass", olga, { ...wanted, reason: "the ward is cut off" });
    expect(broken.body).toMatchObject({ kind: "break-glass", state: "active" });
    expect((await ask(olga, `${health} And since June.`)).status).toBe(200);
    const alarm = await leafWhere(plain(), "the alarm", ({ name }) => name === "break-glass.opened");
    expect(alarm["facts"]).toMatchObject({ alarm: true, connection: "rehearsal", minutes: 10 });
    expect(JSON.stringify(alarm)).not.toContain("ward");
    const review = String(broken.body["review"]);
    expect((await post(`/api/reviews/${review}/votes`, olga, { decision: "approve" })).body).toMatchObject({
      code: "approval_self",
    });
    expect((await post(`/api/reviews/${review}/votes`, otto, { decision: "deny" })).status).toBe(200);
    expect((await ask(olga, `${health} And since July.`)).code).toBe("approval_required");
  });
});
