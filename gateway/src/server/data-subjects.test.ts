/** Who may speak for a data subject: the application, for its own purposes, and privacy officers. Nobody else, and no agent. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";

const SUBJECT = "customer-4711";

let sluice: Started;
let idp: Idp;
/** By what they are. */
const credentials: Record<string, string> = {};

beforeAll(async () => {
  idp = await startIdp();
  const { document, token } = await documentFor({});
  credentials["application"] = token;
  Object.assign(document["purposes"] as object, {
    newsletter: { dpv: "dpv:Marketing", basis: "eu-gdpr:A6-1-a", retention: "P30D" },
    advice: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-a", retention: "P30D" },
  });
  for (const key of Object.values(document.keys)) {
    key["purposes"] = ["support", "newsletter"];
    key["default_purpose"] = "support";
  }
  const bot = await newKey(randomBytes);
  credentials["an agent with a key of its own"] = bot.token;
  document.keys[bot.id] = { hash: bot.hash, principal: "service:bot", purposes: ["newsletter"] };
  const person = (sub: string, group: string, more = {}) => idp.token({ sub, groups: [group], ...more });
  credentials["a person"] = await person("carl", "Staff");
  credentials["an agent of a person"] = await person("carl", "Staff", { client_id: "crm-bot" });
  credentials["an agent of an officer"] = await person("olga", "DP", { client_id: "crm-bot" });
  credentials["officer"] = await person("olga", "DP");
  credentials["auditor"] = await person("aida", "Audit");
  const purposes = ["support", "newsletter", "advice"];
  sluice = await startForTest(() =>
    JSON.stringify({
      ...document,
      rehearsal: true,
      identity: {
        providers: {
          corp: {
            kind: "oidc",
            issuer: idp.issuer,
            audience: [AUDIENCE],
            groups_claim: "groups",
            device: { client_id: CLIENT },
          },
        },
        groups: {
          staff: { from: ["corp:Staff"], purposes, default_purpose: "support" },
          officers: { from: ["corp:DP"], roles: ["user", "privacy-officer"], purposes },
          audit: { from: ["corp:Audit"], roles: ["auditor"], purposes: ["support"] },
        },
        agents: { bot: { from: ["corp:crm-bot", `key:${bot.id}`], purposes: ["newsletter"] } },
      },
    }),
  );
});
afterAll(async () => {
  await sluice.stop();
  await idp.stop();
});

type Entry = { word: string; purpose?: string };

async function call(who: string, path: string, body: object) {
  const response = await fetch(`${sluice.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${credentials[who]}`, "content-type": "application/json" },
    body: JSON.stringify({ subject: SUBJECT, ...body }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> & Entry[] };
}

const words = async (who: string): Promise<string[]> =>
  (await call(who, "/api/consents/history", {})).body.map(({ word }) => word);

const ROUTES: readonly [path: string, body: object][] = [
  ["/api/consents", { purpose: "newsletter", text_version: "1" }],
  ["/api/consents/withdraw", { purpose: "newsletter" }],
  ["/api/opt-outs", { opted_out: true }],
  ["/api/opt-outs", { opted_out: false }],
  ["/api/consents/history", {}],
];

describe("for a data subject", () => {
  it.each(["a person", "an agent of a person", "an agent of an officer", "an agent with a key of its own"])(
    "%s neither says nor reads anything",
    async (who) => {
      for (const [path, body] of ROUTES) {
        const refused = await call(who, path, body);
        expect([path, refused.status, refused.body["code"]]).toEqual([path, 403, "permission_missing"]);
      }
      expect(await words("officer")).toEqual([]);
    },
  );

  it("the application speaks, and what it has recorded no user lifts", async () => {
    expect((await call("application", "/api/opt-outs", { opted_out: true })).status).toBe(200);
    await call("a person", "/api/opt-outs", { opted_out: false });
    const scrub = await fetch(`${sluice.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${credentials["a person"]}`,
        "content-type": "application/json",
        "sluice-data-subject": SUBJECT,
      },
      body: JSON.stringify({ model: "rehearsal", messages: [{ role: "user", content: "hello" }] }),
    });
    expect(await scrub.json()).toMatchObject({ error: { code: "subject_opted_out" } });
  });

  it("an officer speaks for all purposes, and a service for its own", async () => {
    const advice = { purpose: "advice", text_version: "1" };
    expect((await call("application", "/api/consents", advice)).body["code"]).toBe("purpose_not_allowed");
    expect((await call("officer", "/api/consents", advice)).status).toBe(200);
    expect((await call("application", "/api/consents", { ...advice, purpose: "newsletter" })).status).toBe(200);
  });

  it("a service reads what was said of its own purposes and of AI as a whole; officers and auditors read all", async () => {
    const all = await call("officer", "/api/consents/history", {});
    expect(all.body.map(({ word, purpose }) => [word, purpose])).toEqual([
      ["opt-out", undefined],
      ["give", "advice"],
      ["give", "newsletter"],
    ]);
    expect(await words("auditor")).toHaveLength(3);
    const own = (await call("application", "/api/consents/history", {})).body;
    expect(own.map(({ purpose }) => purpose)).toEqual([undefined, "newsletter"]);
    expect((await call("auditor", "/api/opt-outs", { opted_out: false })).body["code"]).toBe("permission_missing");
  });
});
