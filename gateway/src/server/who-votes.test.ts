/** Whose yes counts at the front door: a person's, who is somebody else, with a token that no third party holds. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ABSENT, AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("one-says-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource);
@id("officers-decide")
permit(principal in Group::"officers", action == Action::"approve", resource);
@id("officers-break-the-glass")
permit(principal in Group::"officers", action == Action::"break-glass", resource);
`;

let upstream: Upstream;
let idp: Idp;
let partner: Idp;
let sluice: Started;
let asked = 0;

beforeAll(async () => {
  upstream = await startUpstream((_body, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }] }));
  });
  [idp, partner] = await Promise.all([startIdp(), startIdp()]);
  const main = { kind: "openai", url: `${upstream.url}/v1`, credential: "none", recipient: "acme", models: ["m"] };
  const { document } = await documentFor({ main: { ...main, allow_private_address: true } });
  const oidc = { kind: "oidc", audience: [AUDIENCE], groups_claim: "groups", device: { client_id: CLIENT } };
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "all.cedar"), POLICIES);
    return JSON.stringify({
      ...document,
      policies: { dir: "./policies" },
      reviews: { wait: 0, pending_per_principal_max: 50, break_glass: { approvals: [{ group: "officers" }] } },
      identity: {
        providers: {
          corp: { ...oidc, issuer: idp.issuer },
          partner: { ...oidc, issuer: partner.issuer, fold_case: true },
        },
        groups: {
          officers: {
            from: ["corp:Officers", "partner:Officers"],
            roles: ["user", "approver", "privacy-officer", "auditor", "operator"],
            purposes: ["support"],
          },
        },
      },
    });
  });
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
  await Promise.all([idp.stop(), partner.stop()]);
});

async function send(method: string, path: string, token: string, body?: object) {
  const response = await fetch(sluice.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

const post = (path: string, token: string, body: object) => send("POST", path, token, body);

/** Opens a review and gives its id. */
async function ask(token: string): Promise<string> {
  asked += 1;
  const messages = [{ role: "user", content: `hello ${"again ".repeat(asked)}` }];
  const { text } = await post("/v1/chat/completions", token, { model: "m", messages });
  return /rv-[0-9a-f]+/.exec(text)?.[0] ?? text;
}

async function vote(review: string, token: string): Promise<string> {
  const { text } = await post(`/api/reviews/${review}/votes`, token, { decision: "approve" });
  const { state, code } = JSON.parse(text) as { state?: string; code?: string };
  return state ?? code ?? text;
}

const officer = (sub: string, claims: Record<string, unknown> = {}, at = idp) =>
  at.token({ sub, groups: ["Officers"], ...claims });

describe("a yes", () => {
  it("counts of a person with a token that was issued to a client of this gateway", async () => {
    expect(await vote(await ask(await officer("carl")), await officer("olga"))).toBe("granted");
  });

  it.each([
    ["Auth0", { sub: "abc@clients", azp: "abc", client_id: ABSENT, gty: "client-credentials" }],
    ["Keycloak", { preferred_username: "service-account-batch" }],
    ["Entra", { appid: CLIENT, client_id: ABSENT, idtyp: "app" }],
    ["Entra without idtyp", { appid: CLIENT, client_id: ABSENT }],
    ["RFC 9068", { sub: CLIENT }],
    ["Okta", { sub: "0oa1", cid: "0oa1", client_id: ABSENT }],
  ])("does not count of a program that has a token for itself, as %s writes it", async (_, claims) => {
    expect(await vote(await ask(await officer("carl")), await officer("machine", claims))).toBe("permission_missing");
  });

  it("counts of a person at Entra, whose token says what the person allowed (scp)", async () => {
    const token = await officer("olga", { appid: CLIENT, client_id: ABSENT, scp: "access" });
    expect(await vote(await ask(await officer("carl")), token)).toBe("granted");
  });

  it("counts of a person at Okta, whose token names the client in a claim of its own (cid)", async () => {
    const token = await officer("olga", { cid: CLIENT, client_id: ABSENT });
    expect(await vote(await ask(await officer("carl")), token)).toBe("granted");
  });

  it.each([
    ["that was issued to some other application", { client_id: "calendar" }],
    ["that was issued to some other application, as Okta writes it", { cid: "calendar", client_id: ABSENT }],
    ["that does not say to whom it was issued", { client_id: ABSENT }],
  ])("does not count with a person's token %s", async (_, claims) => {
    const review = await ask(await officer("carl"));
    expect(await vote(review, await officer("olga", claims))).toBe("permission_missing");
    expect(await vote(review, await officer("olga"))).toBe("granted");
  });

  it("is nobody's own in another spelling, where the provider takes both for one person", async () => {
    const review = await ask(await officer("OLGA@example.org", {}, partner));
    expect(await vote(review, await officer("olga@example.org", {}, partner))).toBe("approval_self");
    expect(await vote(review, await officer("carl@example.org", {}, partner))).toBe("granted");
  });
});

describe("an application that somebody's token was issued to", () => {
  const calendar = (sub: string) => officer(sub, { client_id: "calendar" });

  it.each([
    ["POST", "/api/break-glass", { purpose: "support", connection: "main", reason: "because", minutes: 10 }],
    ["POST", "/api/grants/gr-0/revoke", {}],
    ["POST", "/api/keys/rotate", {}],
    ["GET", "/api/keys", undefined],
    ["POST", "/api/consents/history", { subject: "customer-1" }],
    ["POST", "/api/opt-outs", { subject: "customer-1", opted_out: false }],
  ])("does not do what is the person's to do: %s %s", async (method, path, body) => {
    const refused = await send(method, path, await calendar("dora"), body);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("permission_missing");
    expect(refused.text).toContain("authorized_parties");
    expect((await send(method, path, await officer("dora"), body)).text).not.toContain("authorized_parties");
  });

  it("reads and takes back what it may have asked itself, and nothing that waits for the person", async () => {
    const review = await ask(await officer("carl"));
    const olgas = await calendar("olga");
    expect((await send("GET", `/api/reviews/${review}`, olgas)).text).toContain("review_unknown");
    expect(JSON.parse((await send("GET", "/api/reviews", olgas)).text)).toEqual({ reviews: [] });
    expect((await send("GET", `/api/reviews/${review}`, await officer("olga"))).status).toBe(200);

    const own = await ask(olgas);
    expect((await send("GET", `/api/reviews/${own}`, olgas)).status).toBe(200);
    expect(JSON.parse((await post(`/api/reviews/${own}/cancel`, olgas, {})).text)).toMatchObject({
      state: "cancelled",
    });
  });
});
