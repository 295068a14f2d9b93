/** Who an approver is, at the front door of gateways that are stopped and started again: nothing counts less for it, and nothing more. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MailServer, startMailServer } from "../channels/test/mail-server.ts";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type LoginProvider,
  startLoginProvider,
  TestBrowser,
} from "../identity/test/login-provider.ts";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";
import { type Running, start } from "./start.ts";
import { type Document, documentFor } from "./test/config.ts";
import { freePort } from "./test/free-port.ts";
import { copySharedKeys, filesHolding } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("two-say-yes")
@approve("2 of officers")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"support" };

@id("one-says-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"research" };

@id("officers-decide")
permit(principal in Group::"officers", action == Action::"approve", resource);
`;

const EVIL = `\u202eOlga” corp:otto “<img src=x onerror=alert(1)>\n${"Ott ".repeat(2_560)}`;

let upstream: Upstream;
let mail: MailServer;
/** Its tokens say who is in which group. */
let corp: Idp;
/** Its directory says it. */
let staff: Idp;
let website: LoginProvider;
let document: Document;
let asker: string;
let bot: string;
let directory: string;
let dir: string;
let sluice: Running;

async function addKey(principal: string, change: object): Promise<{ id: string; token: string }> {
  const { id, token, hash } = await newKey(randomBytes);
  document.keys[id] = { hash, principal, purposes: ["support", "research"], default_purpose: "research", ...change };
  return { id, token };
}

beforeAll(async () => {
  upstream = await startUpstream((_body, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "done" } }] }));
  });
  [mail, corp, staff] = await Promise.all([startMailServer(), startIdp(), startIdp()]);
  const address = `127.0.0.1:${await freePort()}`;
  website = await startLoginProvider([`http://${address}/login/callback`]);
  process.env["SLUICE_TEST_CLIENT_SECRET"] = CLIENT_SECRET;
  const main = { kind: "openai", url: `${upstream.url}/v1`, credential: "none", recipient: "acme", models: ["m"] };
  ({ document, token: asker } = await documentFor({ main: { ...main, allow_private_address: true } }));
  const key = await addKey("service:bot", {});
  bot = key.token;
  const scim = await addKey("service:directory", { roles: [], connections: [] });
  directory = scim.token;
  const oidc = { kind: "oidc", audience: [AUDIENCE], device: { client_id: CLIENT }, groups_claim: "groups" };
  Object.assign(document, {
    policies: { dir: "./policies" },
    listeners: [{ address }],
    reviews: { wait: 0, pending_per_principal_max: 50 },
    identity: {
      providers: {
        corp: { ...oidc, issuer: corp.issuer },
        staff: { ...oidc, issuer: staff.issuer, scim: { key: scim.id, groups: true } },
        website: {
          ...oidc,
          issuer: website.issuer,
          audience: ["sluice"],
          client_id: CLIENT_ID,
          client_secret: "env:SLUICE_TEST_CLIENT_SECRET",
        },
      },
      groups: {
        officers: {
          from: ["corp:Data Protection", "staff:Data Protection", "website:Support EMEA"],
          roles: ["user", "approver"],
          purposes: ["support", "research"],
        },
        support: { from: ["corp:Support"], purposes: ["support", "research"], default_purpose: "research" },
      },
      agents: {
        bot: { from: [`key:${key.id}`, "corp:bot"], purposes: ["support", "research"], owners: ["corp:olga"] },
      },
    },
    channels: {
      people: { "olga@example.org": "corp:olga", "left@example.org": "corp:left" },
      email: {
        server: `smtp://127.0.0.1:${mail.port}`,
        from: "sluice@example.org",
        to: { officers: ["olga@example.org", "left@example.org"] },
      },
    },
  });
  dir = mkdtempSync(join(tmpdir(), "sluice-people-"));
  sluice = await startIn(dir);
});
afterAll(async () => {
  await sluice.close();
  await Promise.all([upstream.close(), mail.close(), corp.stop(), staff.stop(), website.close()]);
  rmSync(dir, { recursive: true, force: true });
});

async function startIn(folder: string, change: object = {}): Promise<Running> {
  mkdirSync(join(folder, "policies"), { recursive: true });
  writeFileSync(join(folder, "policies", "main.cedar"), POLICIES);
  writeFileSync(join(folder, "sluice.yaml"), JSON.stringify({ ...document, ...change }));
  return start({ config: join(folder, "sluice.yaml"), dataDir: join(folder, "data"), print: () => undefined });
}

async function restart(): Promise<void> {
  await sluice.close();
  sluice = await startIn(dir);
}

const officer = (sub: string): Promise<string> => corp.token({ sub, groups: ["Data Protection"] });
let count = 0;

/** Id of the review that the request waits for. */
async function ask(purpose: "support" | "research", key = asker, { url } = sluice): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "sluice-purpose": purpose },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: `Question ${++count}` }] }),
  });
  const text = await response.text();
  expect(text).toContain("approval_required");
  return /rv-[0-9a-f]+/.exec(text)?.[0] ?? "";
}

async function vote(review: string, token: string, { url } = sluice): Promise<{ state?: string; code?: string }> {
  const response = await fetch(`${url}/api/reviews/${review}/votes`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ decision: "approve" }),
  });
  const { state, code } = (await response.json()) as { state?: string; code?: string };
  return { ...(state === undefined ? {} : { state }), ...(code === undefined ? {} : { code }) };
}

async function show(review: string, token: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${sluice.url}/api/reviews/${review}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await response.json()) as Record<string, unknown>;
}

async function scim(method: string, path: string, body: object): Promise<string> {
  const response = await fetch(`${sluice.url}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${directory}`, "content-type": "application/scim+json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  return ((await response.json()) as { id: string }).id;
}

async function linkTo(review: string, address: string): Promise<string> {
  const found = (): string | undefined =>
    mail.mails.find(({ headers, to }) => headers.includes(review) && to.includes(address))?.text;
  await expect.poll(found, { timeout: 5_000 }).toBeDefined();
  return /^Approve: (\S+)$/m.exec(found() ?? "")?.[1] ?? "";
}

async function click(link: string): Promise<string> {
  return (await fetch(link, { method: "POST" })).text();
}

describe("a review that two have to approve", () => {
  it("is granted with one yes from before a restart and one from after it", async () => {
    const review = await ask("support");
    expect(await vote(review, await officer("olga"))).toEqual({ state: "pending" });
    await restart();
    expect(await vote(review, await officer("otto"))).toEqual({ state: "granted" });
  });

  it("is granted with a yes from before a reload of the configuration", async () => {
    const review = await ask("support");
    await vote(review, await officer("olga"));
    await sluice.reload();
    expect(await vote(review, await officer("otto"))).toEqual({ state: "granted" });
  });

  it("is not granted with the yes of somebody who has come with fewer groups meanwhile, or none", async () => {
    for (const groups of [["Support"], ["Canteen"], []]) {
      const review = await ask("support");
      const old = await corp.token({
        sub: "left",
        groups: ["Data Protection"],
        iat: Math.floor(Date.now() / 1_000) - 60,
      });
      await vote(review, await officer("left"));
      // At a door that is none of the reviews'.
      const now = await corp.token({ sub: "left", groups });
      await fetch(`${sluice.url}/v1/models`, { headers: { authorization: `Bearer ${now}` } });
      await restart();
      expect(await vote(review, await officer("otto"))).toEqual({ state: "pending" });
      // What was said before does not count again because it is shown again.
      expect(await vote(review, old)).toEqual({ code: "permission_missing" });
      expect(await vote(review, await officer("olga"))).toEqual({ state: "granted" });
    }
  });

  it("is not granted with the yes of somebody whom the directory took out of the group, or out, meanwhile", async () => {
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    const users = [];
    for (const sub of ["ada", "bea", "cleo"])
      users.push(
        await scim("POST", "/Users", { schemas, userName: `${sub}@example.org`, externalId: sub, active: true }),
      );
    const [ada, bea] = users;
    const group = await scim("POST", "/Groups", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: "Data Protection",
      members: users.map((value) => ({ value })),
    });
    // The token's groups do not count where the directory speaks.
    const token = (sub: string): Promise<string> => staff.token({ sub, groups: [] });
    const patch = (path: string, operation: object): Promise<string> =>
      scim("PATCH", path, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [operation] });

    const review = await ask("support");
    for (const sub of ["ada"]) expect(await vote(review, await token(sub))).toEqual({ state: "pending" });
    await patch(`/Groups/${group}`, { op: "remove", path: `members[value eq "${ada}"]` });
    await restart();
    expect(await vote(review, await token("bea"))).toEqual({ state: "pending" });
    await patch(`/Users/${bea}`, { op: "replace", path: "active", value: false });
    await restart();
    expect(await vote(review, await token("cleo"))).toEqual({ state: "pending" });
    expect(await vote(review, await token("bea"))).toEqual({ code: "account_disabled" });
    expect(await vote(review, await token("ada"))).toMatchObject({ code: expect.any(String) as string });
    expect(await vote(review, await officer("olga"))).toEqual({ state: "granted" });
  });
});

describe("a link in a mail", () => {
  it("counts though its person has not come in since the restart", async () => {
    await vote(await ask("support"), await officer("olga"));
    const review = await ask("research");
    const link = await linkTo(review, "olga@example.org");
    await restart();
    expect(await click(link)).not.toContain("person_unknown");
    expect(await show(review, await officer("otto"))).toMatchObject({ state: "granted" });
  });

  it("does not count any more when its person has left the group", async () => {
    await vote(await ask("support"), await officer("left"));
    const review = await ask("research");
    const link = await linkTo(review, "left@example.org");
    await vote(review, await corp.token({ sub: "left", groups: ["Support"] }));
    await restart();
    expect(await click(link)).toContain("permission_missing");
    expect(await show(review, await officer("otto"))).toMatchObject({ state: "pending" });
  });
});

describe("what an agent asks", () => {
  it("is not approved by whom the agent belongs to, whether it asks for itself or for somebody", async () => {
    const acting = await corp.token({ sub: "carl", groups: ["Support"], act: { sub: "bot" } });
    for (const key of [bot, acting]) {
      const review = await ask("research", key);
      expect(await vote(review, await officer("olga"))).toEqual({ code: "approval_self" });
      expect(await vote(review, await officer("otto"))).toEqual({ state: "granted" });
    }
  });
});

describe("a name", () => {
  it("of who asks is shown behind the id, also after a restart, and stands in the database alone", async () => {
    const carl = await corp.token({ sub: "00u1", groups: ["Support"], name: "Carl von Carlowitz" });
    const review = await ask("research", carl);
    await restart();
    expect(await show(review, await officer("otto"))).toMatchObject({ requester: "corp:00u1 “Carl von Carlowitz”" });
    // Nobody is told of what is decided already.
    await expect
      .poll(() => mail.mails.some((each) => each.text.includes("corp:00u1 “Carl von Carlowitz”")), { timeout: 15_000 })
      .toBe(true);
    await vote(review, await officer("otto"));
    const metrics = await (await fetch(`${sluice.url}/metrics`)).text();
    // Subjects are kept in many places on the way.
    const headers = mail.mails.map((each) => each.headers).join("\n");
    for (const text of [metrics, headers]) expect(text).not.toMatch(/Carlowitz|00u1/);
    const places = filesHolding(join(dir, "data"), ["Carlowitz"]).map((each) => each.split("/").at(-1)?.split(" ")[0]);
    expect(places.filter((each) => !each?.startsWith("control.sqlite"))).toEqual([]);
    expect(readdirSync(join(dir, "data"))).toContain("control.sqlite");
  });

  it("that is meant to be something else is harmless on the page", async () => {
    const review = await ask("research");
    website.account = "mara";
    website.profile = { name: EVIL };
    const browser = new TestBrowser();
    const at = `${sluice.url}/reviews/${review}`;
    await browser.follow(`${sluice.url}/login?return=/reviews/${review}`, at);
    const page = await (await browser.ask(at)).text();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
    await browser.ask(`${at}/votes`, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ csrf, decision: "approve" }).toString(),
    });
    const voted = await (await browser.ask(at)).text();
    const votes = voted.slice(voted.indexOf("Votes"));
    expect(votes).toContain("website:mara “Olga corpotto img srcx onerroralert(1) Ott Ott");
    expect(voted).not.toMatch(/<img|\u202e|U\+202E/);
    expect(voted.length).toBeLessThan(12_000);
  });
});

describe("two gateways on one database", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it("count each other's votes, and each other's leaving", async () => {
    const folders = ["one", "two"].map((name) => join(dir, name));
    const url = join(dir, "database-url");
    writeFileSync(url, (await server.database()).reveal(), { mode: 0o600 });
    const change = { database: { url: `file:${url}` }, listeners: [{ address: "127.0.0.1:0" }], channels: {} };
    const [first = "", second = ""] = folders;
    const one = await startIn(first, change);
    copySharedKeys(join(first, "data"), join(second, "data"));
    const two = await startIn(second, change);
    try {
      const review = await ask("support", asker, one);
      expect(await vote(review, await officer("olga"), one)).toEqual({ state: "pending" });
      expect(await vote(review, await officer("otto"), two)).toEqual({ state: "granted" });

      const other = await ask("support", asker, one);
      await vote(other, await officer("olga"), one);
      const leaving = await vote(other, await corp.token({ sub: "olga", groups: ["Support"] }), two);
      expect(leaving).toEqual({ code: "permission_missing" });
      expect(await vote(other, await officer("otto"), one)).toEqual({ state: "pending" });
      expect(await vote(other, await officer("ilse"), two)).toEqual({ state: "granted" });
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });
});
