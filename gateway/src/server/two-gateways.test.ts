/** Two gateways that share one PostgreSQL server: what one of them learns holds at the other, or the other does not start. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { principalFor } from "../core/test/connection.ts";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type LoginProvider,
  startLoginProvider,
  TestBrowser,
} from "../identity/test/login-provider.ts";
import { openOfflineKeys } from "./offline-keys.ts";
import { start } from "./start.ts";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";
import { type Document, documentFor } from "./test/config.ts";
import { freePort } from "./test/free-port.ts";
import { copySharedKeys, type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("all") permit(principal, action, resource);
@id("health-needs-a-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource) when { context.categories.contains("health") };
`;
const HEALTH = "My mother has been treated for asthma since May.";
const DISABLED_MS = 5_000;

let server: TestServer;
let upstream: Upstream;
let idp: Idp;
let website: LoginProvider;
let document: Document;
let app: string;
let directory: string;
let operator: string;
let database: string;
let here: Started;
let there: Started;

function gateway(url: string, from?: Started, listener = "127.0.0.1:0"): Promise<Started> {
  return startForTest((dir) => {
    if (from !== undefined) copySharedKeys(join(from.dir, "data"), join(dir, "data"));
    writeFileSync(join(dir, "database-url"), url, { mode: 0o600 });
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "all.cedar"), POLICIES);
    return JSON.stringify({
      ...document,
      listeners: [{ address: listener }],
      policies: { dir: "./policies" },
      database: { url: `file:${join(dir, "database-url")}` },
    });
  });
}

beforeAll(async () => {
  server = await startPostgres();
  upstream = await startUpstream((body, res) => {
    if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
      return;
    }
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }] }));
  });
  idp = await startIdp();
  const listener = `127.0.0.1:${await freePort()}`;
  website = await startLoginProvider([`http://${listener}/login/callback`]);
  process.env["SLUICE_TEST_CLIENT_SECRET"] = CLIENT_SECRET;
  const main = { kind: "openai", url: `${upstream.url}/v1`, credential: "none", recipient: "acme", models: ["m"] };
  ({ document, token: app } = await documentFor({ main: { ...main, allow_private_address: true } }));
  Object.assign(document["purposes"] as object, {
    support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", condition: "eu-gdpr:A9-2-h", retention: "P30D" },
    newsletter: { dpv: "dpv:Marketing", basis: "eu-gdpr:A6-1-a", retention: "P30D" },
  });
  for (const key of Object.values(document.keys)) key["purposes"] = ["support", "newsletter"];
  const scim = await newKey(randomBytes);
  directory = scim.token;
  document.keys[scim.id] = { hash: scim.hash, principal: "service:directory", purposes: ["support"] };
  const operating = await newKey(randomBytes);
  operator = operating.token;
  document.keys[operating.id] = {
    hash: operating.hash,
    principal: "service:operator",
    purposes: ["support"],
    roles: ["operator"],
  };
  const oidc = { kind: "oidc", groups_claim: "groups" };
  Object.assign(document, {
    reviews: { wait: "100ms" },
    identity: {
      providers: {
        corp: {
          ...oidc,
          issuer: idp.issuer,
          audience: [AUDIENCE],
          device: { client_id: CLIENT },
          scim: { key: scim.id, subject: "external_id" },
        },
        website: {
          ...oidc,
          issuer: website.issuer,
          audience: ["sluice"],
          client_id: CLIENT_ID,
          client_secret: "env:SLUICE_TEST_CLIENT_SECRET",
        },
      },
      groups: {
        support: { from: ["corp:Support"], purposes: ["support"] },
        officers: { from: ["corp:Officers", "website:Support EMEA"], roles: ["approver"], purposes: ["support"] },
      },
    },
  });
  database = (await server.database()).reveal();
  here = await gateway(database, undefined, listener);
  there = await gateway(database, here);
});
afterAll(async () => {
  await here?.stop();
  await there?.stop();
  await website.close();
  await idp.stop();
  await upstream.close();
  await server.stop();
});

async function call(at: Started, key: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(at.url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
  } catch {
    // The stream was cut; what came before says why.
  }
  return { status: response.status, text };
}

function chat(at: Started, key: string, content: string, headers: Record<string, string> = {}, stream = false) {
  const body = { model: "m", stream, messages: [{ role: "user", content }] };
  return call(at, key, "/v1/chat/completions", body, headers);
}

describe("two gateways with the same keys", () => {
  it("shut out within five seconds whom the directory has disabled at one of them, and end what runs for him", async () => {
    const mara = await idp.token({ sub: "mara", groups: ["Support"] });
    const created = await call(here, directory, "/scim/v2/Users", { userName: "mara", externalId: "mara" });
    const { id } = JSON.parse(created.text) as { id: string };
    expect((await chat(there, mara, "hello")).status).toBe(200);
    const seen = upstream.received.length;
    const running = chat(there, mara, "hello", {}, true);
    while (upstream.received.length === seen) await new Promise((resolve) => setTimeout(resolve, 10));

    const at = Date.now();
    const patched = await fetch(`${here.url}/scim/v2/Users/${id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${directory}`, "content-type": "application/scim+json" },
      body: JSON.stringify({ Operations: [{ op: "replace", path: "active", value: false }] }),
    });
    expect(patched.status).toBe(200);
    expect((await running).text).toContain("account_disabled");
    const refused = await chat(there, mara, "hello");
    expect(Date.now() - at).toBeLessThan(DISABLED_MS);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("account_disabled")]);
  });

  it("know a consent that the other was given, and its withdrawal, with the next request", async () => {
    const about = { "sluice-purpose": "newsletter", "sluice-data-subject": "customer-7" };
    const consent = { subject: "customer-7", purpose: "newsletter" };
    expect((await call(there, app, "/api/consents", { ...consent, text_version: "1" })).status).toBe(200);
    expect((await chat(here, app, "hello", about)).status).toBe(200);
    expect((await chat(there, app, "hello", about)).status).toBe(200);
    expect((await call(here, app, "/api/consents/withdraw", consent)).status).toBe(200);
    for (const gateway of [here, there]) expect((await chat(gateway, app, "hello", about)).text).toContain("consent_");
  });

  it("take a session and its forms from one another", async () => {
    const browser = new TestBrowser();
    await browser.follow(`${here.url}/login?return=/reviews`, `${here.url}/reviews`);
    const cookie = [...browser.cookies(new URL(here.url).host)].map((pair) => pair.join("=")).join("; ");
    const page = await fetch(`${here.url}/reviews`, { headers: { cookie, accept: "text/html" } });
    const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
    expect((await fetch(`${there.url}/reviews`, { headers: { cookie } })).status).toBe(200);
    const out = await fetch(`${there.url}/logout`, {
      method: "POST",
      redirect: "manual",
      headers: {
        cookie,
        "sec-fetch-site": "same-origin",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ csrf }).toString(),
    });
    expect(out.status).toBe(200);
    expect((await fetch(`${here.url}/reviews`, { headers: { cookie } })).status).toBe(401);
  });

  it("show what was asked at the other", async () => {
    const olga = await idp.token({ sub: "olga", groups: ["Officers"] });
    const asked = await chat(here, app, HEALTH);
    const review = /rv-[0-9a-f]+/.exec(asked.text)?.[0] ?? "";
    const shown = await call(there, olga, `/api/reviews/${review}`);
    expect([shown.status, shown.text]).toEqual([200, expect.stringContaining("asthma")]);
  });
});

describe("of two gateways with a key folder each", () => {
  let own: string;
  let first: Started;
  let second: Started;
  const rotate = (at: Started) => call(at, operator, "/api/keys/rotate", { ring: "reviews" });
  const versions = ({ dir }: Started) =>
    readdirSync(join(dir, "data", "custody", "keys")).filter((name) => name.startsWith("reviews-"));
  beforeAll(async () => {
    own = (await server.database()).reveal();
    first = await gateway(own);
    second = await gateway(own, first);
  });
  afterAll(async () => {
    await first?.stop();
    await second?.stop();
  });

  it("the second makes no other key of a version that the first has made, and says what to copy", async () => {
    expect((await rotate(first)).status).toBe(200);
    const refused = await rotate(second);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.text).toMatch(
      /another gateway has made it, and .*reviews-2\.json is missing here\. Copy.*keys_differ/,
    );
    expect([versions(first), versions(second)]).toEqual([["reviews-1.json", "reviews-2.json"], ["reviews-1.json"]]);
    copySharedKeys(join(first.dir, "data"), join(second.dir, "data"));
    expect((await rotate(second)).status).toBe(200);
    expect(versions(second)).toEqual(["reviews-1.json", "reviews-2.json", "reviews-3.json"]);
  });

  it("nor with the command line", async () => {
    copySharedKeys(join(second.dir, "data"), join(first.dir, "data"));
    await second.close();
    expect((await rotate(first)).status).toBe(200);
    const offline = await openOfflineKeys({
      config: join(second.dir, "sluice.yaml"),
      dataDir: join(second.dir, "data"),
      progress: () => undefined,
    });
    try {
      const turned = offline.keys.rotate(principalFor({ id: "cli", roles: ["operator"] }), ["reviews"]);
      await expect(turned).rejects.toMatchObject({ code: "keys_differ" });
    } finally {
      await offline.close();
    }
  });
});

it("one gateway alone notices that it has lost a key, and makes no new one in its place", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-one-"));
  const options = { dataDir: dir, port: 0, print: () => undefined };
  try {
    await (await start(options)).close();
    await (await start(options)).close();
    const key = join(dir, "keys", "subject-index.key");
    rmSync(key);
    await expect(start(options)).rejects.toMatchObject({ code: "keys_differ" });
    expect(existsSync(key)).toBe(false);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

describe("a gateway with keys of its own", () => {
  const refusal = (start: Promise<Started>): Promise<string> =>
    start.then(
      async (started) => {
        await started.stop();
        return "started";
      },
      (thrown: { code?: string; message?: string }) => `${thrown.code}: ${thrown.message}`,
    );

  it("does not start on the database of another one, and says which file to copy", async () => {
    expect(await refusal(gateway(database))).toMatch(
      /^keys_differ: .*subject-index\.key is missing\. Copy .*subject-index\.key/,
    );
  });

  it.each(["subject-index.key", "sessions.key", "channels.key"])("does not start with another %s", async (file) => {
    const starting = startForTest((own) => {
      copySharedKeys(join(here.dir, "data"), join(own, "data"));
      writeFileSync(join(own, "data", "keys", file), randomBytes(32));
      writeFileSync(join(own, "database-url"), database);
      return JSON.stringify({ ...document, database: { url: `file:${join(own, "database-url")}` } });
    });
    expect(await refusal(starting)).toMatch(new RegExp(`^keys_differ: .*${file} holds another key`));
  });

  it.each([
    [
      "without the key that sealed what is to be decided",
      "keys/reviews-1.json",
      /keys_differ: .*reviews-1\.json is missing/,
    ],
    ["without the root key", "root.key", /key_unavailable: the root key .*root\.key is missing/],
  ] as const)("does not start %s", async (_, file, wanted) => {
    const starting = startForTest((own) => {
      copySharedKeys(join(here.dir, "data"), join(own, "data"));
      rmSync(join(own, "data", "custody", file));
      writeFileSync(join(own, "database-url"), database);
      return JSON.stringify({ ...document, database: { url: `file:${join(own, "database-url")}` } });
    });
    expect(await refusal(starting)).toMatch(wanted);
  });

  it("does not start with another root key, and says that it has to be the same", async () => {
    const starting = startForTest((own) => {
      copySharedKeys(join(here.dir, "data"), join(own, "data"));
      writeFileSync(join(own, "data", "custody", "root.key"), randomBytes(32));
      writeFileSync(join(own, "database-url"), database);
      return JSON.stringify({ ...document, database: { url: `file:${join(own, "database-url")}` } });
    });
    expect(await refusal(starting)).toMatch(/^keys_differ: .*is wrapped under file:.*with the root key that wraps it/);
  });
});
