/**
 * What changes while a request waits or its answer streams, at the front door: the configuration, and what the person says whom
 * it is about. One gateway, and two that share a PostgreSQL server.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";
import { type Document, documentFor } from "./test/config.ts";
import { leafWhere, outcomeOf } from "./test/recorded.ts";
import { copySharedKeys, type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("all")
permit(principal, action == Action::"infer", resource);

@id("health-needs-a-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource) when { context.categories.contains("health") };

@id("officers-decide")
permit(principal in Group::"officers", action == Action::"approve", resource);
`;
const HEALTH = "My mother has been treated for asthma since May.";
const IN_TIME_MS = 1_000;

let upstream: Upstream;
let idp: Idp;
let document: Document;
let token: string;
let officer: string;
let operator: string;
let sluice: Started;
let streams: (() => void)[] = [];

beforeAll(async () => {
  upstream = await startUpstream((body, res) => {
    if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
      streams.push(() => res.end("data: [DONE]\n\n"));
      return;
    }
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }] }));
  });
  idp = await startIdp();
  const configured = await documentFor({
    main: {
      kind: "openai",
      url: `${upstream.url}/v1`,
      credential: "none",
      recipient: "acme",
      models: ["m"],
      allow_private_address: true,
    },
  });
  ({ token, document } = configured);
  Object.assign(document["purposes"] as object, {
    support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", condition: "eu-gdpr:A9-2-h", retention: "P30D" },
    newsletter: { dpv: "dpv:Marketing", basis: "eu-gdpr:A6-1-a", condition: "eu-gdpr:A9-2-a", retention: "P30D" },
  });
  for (const key of Object.values(document.keys)) key["purposes"] = ["support", "newsletter"];
  document["evidence"] = { ...(document["evidence"] as object), checkpoint_interval: "20ms" };
  const turning = await newKey(randomBytes);
  operator = turning.token;
  const entry = { hash: turning.hash, principal: "service:operator", purposes: ["support"], roles: ["operator"] };
  document.keys[turning.id] = entry;
  sluice = await gateway();
  officer = await idp.token({ sub: "olga", groups: ["Data Protection"] });
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
  await idp.stop();
});
afterEach(() => {
  for (const end of streams) end();
  streams = [];
});

const textOf = (more: object = {}): string =>
  JSON.stringify({
    ...document,
    policies: { dir: "./policies" },
    reviews: { wait: "20s" },
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
      groups: { officers: { from: ["corp:Data Protection"], roles: ["user", "approver"], purposes: ["support"] } },
    },
    ...more,
  });

function gateway(prepare: (dir: string) => object = () => ({})): Promise<Started> {
  return startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    return textOf(prepare(dir));
  });
}

interface Asked {
  readonly purpose?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly stream?: boolean;
  readonly at?: Started;
}

async function ask({ purpose = "support", subject, text = "hello", stream = false, at = sluice }: Asked) {
  const response = await fetch(`${at.url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "sluice-purpose": purpose,
      ...(subject === undefined ? {} : { "sluice-data-subject": subject }),
    },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: text }] }),
  });
  const decoder = new TextDecoder();
  let all = "";
  try {
    for await (const piece of response.body ?? []) all += decoder.decode(piece, { stream: true });
  } catch {
    // A stream that was cut: what came before says why.
  }
  return {
    status: response.status,
    evidence: response.headers.get("sluice-evidence"),
    code: /"code":"([a-z_]+)"/.exec(all)?.[1],
    text: all,
    at: Date.now(),
  };
}

async function call(path: string, body: object, key = token, at = sluice) {
  const response = await fetch(`${at.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, answer }).toMatchObject({ status: 200 });
  return answer;
}

const give = (subject: string, at = sluice) =>
  call("/api/consents", { subject, purpose: "newsletter", text_version: "1" }, token, at);
const withdraw = (subject: string, at = sluice) =>
  call("/api/consents/withdraw", { subject, purpose: "newsletter" }, token, at);
const optOut = (subject: string, at = sluice) => call("/api/opt-outs", { subject, opted_out: true }, token, at);

/** Begins an answer that never ends by itself. */
async function streaming(asked: Asked): Promise<{ readonly over: ReturnType<typeof ask> }> {
  const before = streams.length;
  const over = ask({ ...asked, stream: true });
  await expect.poll(() => streams.length, { interval: 5 }).toBe(before + 1);
  return { over };
}

/** The review that waits for the officers, once there is one that was not there before. */
async function pending(known: readonly string[] = [], at = sluice): Promise<string> {
  for (;;) {
    const response = await fetch(`${at.url}/api/reviews`, { headers: { authorization: `Bearer ${officer}` } });
    const { reviews } = (await response.json()) as { reviews: { id: string }[] };
    const found = reviews.find(({ id }) => !known.includes(id));
    if (found !== undefined) return found.id;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("the configuration changes while a request waits for a yes", () => {
  it("the request is told so and nothing is sent; the yes is not used up and holds when it is sent again", async () => {
    const before = upstream.received.length;
    const waiting = ask({ text: `${HEALTH} (1)` });
    const review = await pending();
    writeFileSync(join(sluice.dir, "sluice.yaml"), textOf({ reviews: { wait: "20s", keep: "P30D" } }));
    await sluice.reload();
    await call(`/api/reviews/${review}/votes`, { decision: "approve" }, officer);
    const refused = await waiting;
    expect(refused).toMatchObject({ status: 403, code: "approval_expired" });
    expect(refused.text).toContain("the configuration changed");
    expect(upstream.received.length).toBe(before);
    expect((await ask({ text: `${HEALTH} (1)` })).status).toBe(200);
    const story = await Promise.all(
      ["used", "returned"].map((verb) => leafWhere(sluice.url, verb, ({ name }) => name === `grant.${verb}`)),
    );
    expect(story[0]?.["target"]).toBe(story[1]?.["target"]);
  });

  it("a yes to one recipient is no yes to another that takes its place behind the same connection", async () => {
    const waiting = ask({ text: `${HEALTH} (2)` });
    const review = await pending();
    const recipients = { acme: { name: "Other AI", country: "DE", role: "processor", dpa: "DPA-2" } };
    writeFileSync(join(sluice.dir, "sluice.yaml"), textOf({ recipients }));
    await sluice.reload();
    await call(`/api/reviews/${review}/votes`, { decision: "approve" }, officer);
    expect((await waiting).code).toBe("approval_expired");
    const again = ask({ text: `${HEALTH} (2)` });
    const next = await pending([review]);
    await call(`/api/reviews/${next}/votes`, { decision: "deny" }, officer);
    expect((await again).code).toBe("approval_denied");
    writeFileSync(join(sluice.dir, "sluice.yaml"), textOf());
    await sluice.reload();
  });
});

describe("keys are turned while a request waits for a yes", () => {
  it("what approvers are shown comes under the new key, they can read it, and the request goes on", async () => {
    const waiting = ask({ text: `${HEALTH} (5)` });
    const review = await pending();
    await call("/api/keys/rotate", { root: true }, operator);
    const turned = await call("/api/keys/rotate", { ring: "reviews" }, operator);
    const { version } = (turned["keys"] as { version: number }[])[0] ?? { version: 0 };
    expect(version).toBeGreaterThan(1);
    const keys = async () => {
      const response = await fetch(`${sluice.url}/api/keys`, { headers: { authorization: `Bearer ${operator}` } });
      const { rings } = (await response.json()) as { rings: { ring: string; keys: { rows: number }[] }[] };
      return rings.find(({ ring }) => ring === "reviews")?.keys.map(({ rows }) => rows) ?? [];
    };
    // Nothing is left under older keys.
    await expect.poll(async () => (await keys()).slice(0, -1).every((rows) => rows === 0)).toBe(true);
    expect((await keys()).at(-1)).toBeGreaterThan(0);
    const shown = await fetch(`${sluice.url}/api/reviews/${review}`, {
      headers: { authorization: `Bearer ${officer}` },
    });
    expect(JSON.stringify(await shown.json())).toContain("asthma");
    await call(`/api/reviews/${review}/votes`, { decision: "approve" }, officer);
    expect((await waiting).status).toBe(200);
    await leafWhere(sluice.url, "the rotation", ({ name, target }) => name === "key.rewrapped" && target === "reviews");
  });
});

describe("a person who takes consent back", () => {
  it("ends the answers that rest on it within a second, and no others; the outcome says why", async () => {
    await give("c-1");
    await give("c-2");
    const mine = await streaming({ purpose: "newsletter", subject: "c-1" });
    const contract = await streaming({ purpose: "support", subject: "c-1" });
    const others = await streaming({ purpose: "newsletter", subject: "c-2" });
    const before = Date.now();
    await withdraw("c-1");
    const cut = await mine.over;
    expect(cut.code).toBe("consent_withdrawn");
    expect(cut.at - before).toBeLessThan(IN_TIME_MS);
    expect(await outcomeOf(sluice.url, cut.evidence)).toMatchObject({ status: "failed", code: "consent_withdrawn" });
    for (const end of streams) end();
    for (const each of [contract, others]) expect((await each.over).text).toContain("[DONE]");
  });

  it("who opts out of AI ends all answers that name the person, whatever they rest on", async () => {
    await give("c-3");
    const running = [
      await streaming({ purpose: "newsletter", subject: "c-3" }),
      await streaming({ purpose: "support", subject: "c-3" }),
    ];
    const unnamed = await streaming({ purpose: "support" });
    const before = Date.now();
    await optOut("c-3");
    for (const { over } of running) {
      const cut = await over;
      expect(cut.code).toBe("subject_opted_out");
      expect(cut.at - before).toBeLessThan(IN_TIME_MS);
      expect(await outcomeOf(sluice.url, cut.evidence)).toMatchObject({ status: "failed", code: "subject_opted_out" });
    }
    for (const end of streams) end();
    expect((await unnamed.over).text).toContain("[DONE]");
  });

  it("ends what waits for a yes, and nobody is asked about it any more", async () => {
    await give("c-4");
    const waiting = ask({ purpose: "newsletter", subject: "c-4", text: `${HEALTH} (3)` });
    const review = await pending();
    const before = Date.now();
    await withdraw("c-4");
    const refused = await waiting;
    expect(refused).toMatchObject({ status: 403, code: "consent_withdrawn" });
    expect(refused.at - before).toBeLessThan(IN_TIME_MS);
    await leafWhere(
      sluice.url,
      "the end of the review",
      ({ name, target }) => name === "review.cancelled" && target === review,
    );
  });
});

describe("two gateways of one database", () => {
  let server: TestServer;
  let here: Started;
  let there: Started;
  beforeAll(async () => {
    server = await startPostgres();
    const url = (await server.database()).reveal();
    const shared = (dir: string): object => {
      writeFileSync(join(dir, "database-url"), url);
      return { database: { url: `file:${join(dir, "database-url")}` } };
    };
    here = await gateway(shared);
    there = await gateway((dir) => {
      copySharedKeys(join(here.dir, "data"), join(dir, "data"));
      return shared(dir);
    });
  });
  afterAll(async () => {
    await there.stop();
    await here.stop();
    await server.stop();
  });

  it("a withdrawal that one hears ends what runs and what waits at the other", async () => {
    await give("c-6", here);
    const running = await streaming({ purpose: "newsletter", subject: "c-6", at: there });
    const contract = await streaming({ purpose: "support", subject: "c-6", at: there });
    const waiting = ask({ purpose: "newsletter", subject: "c-6", text: `${HEALTH} (4)`, at: there });
    await pending([], there);
    const before = Date.now();
    await withdraw("c-6", here);
    for (const cut of [await running.over, await waiting]) {
      expect(cut.code).toBe("consent_withdrawn");
      expect(cut.at - before).toBeLessThan(IN_TIME_MS);
    }
    for (const end of streams) end();
    expect((await contract.over).text).toContain("[DONE]");
  });

  it("a withdrawal that the other could not hear ends what runs there when it hears again", async () => {
    await give("c-7", here);
    const running = await streaming({ purpose: "newsletter", subject: "c-7", at: there });
    await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' or query = 'select 1'",
    );
    await withdraw("c-7", here);
    expect((await running.over).code).toBe("consent_withdrawn");
  });
});
