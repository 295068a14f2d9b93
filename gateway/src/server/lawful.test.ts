/** A lawful basis is enforced at the front door, with real requests: what is missing is named, and what is said holds at once. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { documentFor } from "./test/config.ts";
import { leafAt, leafWhere } from "./test/recorded.ts";
import { filesHolding, type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const SUBJECT = "customer-4711";
const HEALTH = "My mother has been treated for asthma since May.";

let upstream: Upstream;
let sluice: Started;
let token: string;
let auditor: string;

beforeAll(async () => {
  upstream = await startUpstream((_body, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(
      JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }] }),
    );
  });
  const here = (recipient: string) => ({
    kind: "openai",
    url: `${upstream.url}/v1`,
    credential: "none",
    recipient,
    models: [`${recipient}-*`],
    allow_private_address: true,
  });
  const configured = await documentFor({ near: here("near"), far: here("far"), clauses: here("clauses") });
  const { document } = configured;
  token = configured.token;
  const read = await newKey(randomBytes);
  auditor = read.token;
  document["recipients"] = {
    near: { name: "Near", country: "DE", role: "processor", dpa: "DPA-1" },
    far: { name: "Far", country: "US", role: "processor", dpa: "DPA-2" },
    clauses: {
      name: "Clauses",
      country: "US",
      role: "processor",
      dpa: "DPA-3",
      transfer: { mechanism: "scc", reference: "clauses of 2026-02-01", assessment: "TIA-1" },
    },
  };
  Object.assign(document["purposes"] as object, {
    newsletter: { dpv: "dpv:Marketing", basis: "eu-gdpr:A6-1-a", retention: "P30D" },
    interests: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-f", retention: "P30D" },
    care: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", condition: "eu-gdpr:A9-2-h", retention: "P30D" },
  });
  for (const key of Object.values(document.keys)) key["purposes"] = ["support", "newsletter", "interests", "care"];
  document.keys[read.id] = { hash: read.hash, principal: "service:audit", purposes: ["support"], roles: ["auditor"] };
  sluice = await startForTest(() => JSON.stringify(document));
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
});

async function ask(purpose: string, more: { text?: string; subject?: string; model?: string } = {}) {
  const response = await fetch(`${sluice.url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "sluice-purpose": purpose,
      ...(more.subject === undefined ? {} : { "sluice-data-subject": more.subject }),
    },
    body: JSON.stringify({
      model: more.model ?? "near-1",
      messages: [{ role: "user", content: more.text ?? "Write to jane.doe@example.org" }],
    }),
  });
  const { error } = (await response.json()) as { error?: { code: string; message: string } };
  const evidence = response.headers.get("sluice-evidence");
  return { status: response.status, code: error?.code, message: error?.message ?? "", evidence };
}

async function call(path: string, body: object, key = token) {
  const response = await fetch(`${sluice.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("what is missing is named, and nothing is sent", () => {
  it.each([
    ["an assessment of legitimate interests", "interests", {}, "assessment_missing", "purposes.interests.assessment"],
    ["whose consent", "newsletter", {}, "subject_missing", "Sluice-Data-Subject"],
    ["the consent", "newsletter", { subject: "customer-0" }, "consent_missing", "consent ledger"],
    [
      "a condition for special categories",
      "support",
      { text: HEALTH },
      "condition_missing",
      "purposes.support.condition",
    ],
    ["a footing for the transfer", "support", { model: "far-1" }, "transfer_missing", "recipients.far.transfer"],
  ])("%s", async (_, purpose, more, code, place) => {
    const before = upstream.received.length;
    const refused = await ask(purpose, more);
    expect(refused).toMatchObject({ status: 403, code });
    expect(refused.message).toContain(place);
    expect(upstream.received.length).toBe(before);
    const leaf = await leafAt(sluice.url, refused.evidence);
    expect(leaf).toMatchObject({ type: "denial", code, purpose });
    expect(JSON.stringify(leaf)).not.toMatch(/asthma|customer-0/);
  });

  it("and what is registered lets it pass, and stands on record", async () => {
    const cared = await ask("care", { text: HEALTH });
    expect(cared.status).toBe(200);
    expect(await leafAt(sluice.url, cared.evidence)).toMatchObject({
      condition: "eu-gdpr:A9-2-h",
      special: { health: 1 },
    });
    expect((await ask("support", { model: "clauses-1" })).status).toBe(200);
  });

  it("a text that comes back to who sent it needs no condition", async () => {
    expect((await call("/api/scrub", { text: HEALTH })).status).toBe(200);
  });
});

describe("consent", () => {
  it("lets pass from the moment it is given to the moment it is withdrawn, each on record without the person", async () => {
    const person = { subject: SUBJECT };
    expect((await ask("newsletter", person)).code).toBe("consent_missing");
    const given = await call("/api/consents", { ...person, purpose: "newsletter", text_version: "2026-11" });
    expect(given).toMatchObject({ status: 200, body: { word: "give", text_version: "2026-11" } });
    expect((await ask("newsletter", person)).status).toBe(200);
    expect((await call("/api/consents/withdraw", { ...person, purpose: "newsletter" })).status).toBe(200);
    expect((await ask("newsletter", person)).code).toBe("consent_withdrawn");
    expect(await leafAt(sluice.url, String(given.body["evidence"]))).toMatchObject({
      type: "event",
      name: "consent.give",
      facts: { purpose: "newsletter", textVersion: "2026-11" },
    });
    expect(filesHolding(sluice.dir, [SUBJECT])).toEqual([]);
  });

  it("a person may opt out of AI, whatever the purpose, and come back; others are not concerned", async () => {
    const person = { subject: "customer-9" };
    await call("/api/opt-outs", { ...person, opted_out: true });
    for (const purpose of ["support", "care", "newsletter"]) {
      expect((await ask(purpose, person)).code).toBe("subject_opted_out");
    }
    expect((await ask("support", { subject: "customer-10" })).status).toBe(200);
    await call("/api/opt-outs", { ...person, opted_out: false });
    expect((await ask("support", person)).status).toBe(200);
  });

  it("can be read back by who may, and reading it is on record; it is written by nobody else", async () => {
    const body = { subject: SUBJECT };
    const read = await call("/api/consents/history", body, auditor);
    expect((read.body as unknown as { word: string }[]).map(({ word }) => word)).toEqual(["give", "withdraw"]);
    expect(await leafWhere(sluice.url, "the reading", ({ name }) => name === "consent.read")).toMatchObject({
      type: "event",
      facts: { method: "POST", route: "/api/consents/history" },
    });
    const refused = await call("/api/consents/withdraw", { ...body, purpose: "newsletter" }, auditor);
    expect(refused).toMatchObject({ status: 403, body: { code: "permission_missing" } });
    const unknown = await call("/api/consents/withdraw", { ...body, purpose: "jane" });
    expect(unknown).toMatchObject({ status: 403, body: { code: "purpose_not_allowed" } });
    const foreign = await call("/api/consents", { ...body, purpose: "research", text_version: "1" });
    expect(foreign).toMatchObject({ status: 403, body: { code: "purpose_not_allowed" } });
    const wrong = await call("/api/consents", { ...body, purpose: "newsletter" });
    expect(wrong).toMatchObject({ status: 400, body: { code: "field_invalid" } });
    const named = await call("/api/consents/history", { subject: "jane.doe@example.org" });
    expect(named.status).toBe(400);
  });
});

describe("a region that data may not leave", () => {
  const STAYS = `
    @id("all")
    permit(principal, action, resource);
    @id("support-stays-in-the-eea")
    forbid(principal, action in Action::"request", resource)
    when { context.purpose == Purpose::"support" }
    unless { resource.eea };
  `;
  let near: Upstream;
  let far: Upstream;
  let gateway: Started;
  let key: string;
  let fail: (res: ServerResponse) => void;

  beforeAll(async () => {
    near = await startUpstream((_body, res) => fail(res));
    far = await startUpstream((_body, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }] }));
    });
    const to = (at: Upstream, recipient: string) => ({
      kind: "openai",
      url: `${at.url}/v1`,
      credential: "none",
      recipient,
      models: ["m"],
      allow_private_address: true,
      limits: { retries_max: 2 },
    });
    const { document, token: own } = await documentFor({ near: to(near, "near"), far: to(far, "far") });
    key = own;
    gateway = await startForTest((dir) => {
      mkdirSync(join(dir, "policies"));
      writeFileSync(join(dir, "policies", "main.cedar"), STAYS);
      return JSON.stringify({
        ...document,
        recipients: {
          near: { name: "Near", country: "DE", role: "processor", dpa: "DPA-1" },
          far: {
            name: "Far",
            country: "US",
            role: "processor",
            dpa: "DPA-2",
            transfer: { mechanism: "scc", reference: "clauses", assessment: "TIA-1" },
          },
        },
        models: { either: ["near/m", "far/m"] },
        policies: { dir: "./policies" },
      });
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await near.close();
    await far.close();
  });

  async function chat(model: string, purpose = "support") {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "sluice-purpose": purpose },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }),
    });
    await response.text();
    return response.status;
  }

  const FAILURES: readonly [what: string, fail: (res: ServerResponse) => void, attempts: number][] = [
    ["is overloaded", (res) => void res.writeHead(503).end(), 3],
    ["breaks off", (res) => void res.destroy(), 3],
    [
      "sends it on to another",
      (res) => void res.writeHead(307, { location: `${far.url}/v1/chat/completions` }).end(),
      1,
    ],
  ];

  it.each(FAILURES)("is not left by retries when the upstream %s", async (_, how, attempts) => {
    fail = how;
    const [before, beyond] = [near.received.length, far.received.length];
    // Both connections have the model; the one that was chosen first is the only one that is tried.
    expect(await chat("m")).toBeGreaterThanOrEqual(500);
    expect(near.received.length - before).toBe(attempts);
    expect(far.received.length).toBe(beyond);
  });

  it("is not left by the next candidate of an alias either, which is refused on record", async () => {
    fail = (res) => void res.writeHead(503).end();
    const beyond = far.received.length;
    expect(await chat("either")).toBe(503);
    expect(far.received.length).toBe(beyond);
    expect(await leafWhere(gateway.url, "the refusal", ({ type }) => type === "denial")).toMatchObject({
      code: "policy_denied",
      policies: ["support-stays-in-the-eea"],
      connection: "far",
    });
    expect(await chat("either", "research")).toBe(200);
    expect(far.received.length).toBe(beyond + 1);
  });
});
