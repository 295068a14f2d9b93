/**
 * The pages that approvers use, in a real browser: a real gateway, a real OpenID provider, a real mail server, and Chromium with an
 * authenticator of its own. No page may report an error, break its policy, or ask anything of another origin.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type MailServer, startMailServer } from "../channels/test/mail-server.ts";
import { newKey } from "../identity/keys.ts";
import { SESSION_COOKIE } from "../identity/sessions.ts";
import { CLIENT_ID, CLIENT_SECRET, type LoginProvider, startLoginProvider } from "../identity/test/login-provider.ts";
import { barriersOf } from "./test/accessibility.ts";
import { CHROMIUM, startChromium } from "./test/chromium.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("support-needs-a-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"support" };

@id("research-needs-a-yes")
@approve("lawyers")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"research" };

@id("officers-decide")
permit(principal in Group::"officers", action == Action::"approve", resource);
`;
const HEALTH = "My mother has been treated for asthma since May. Mail jane.doe@example.org";
/** Health data and a bank account: above passkeys.risk. */
const RISKY = `${HEALTH}, account DE89 3704 0044 0532 0130 00`;
const PASSKEY_RISK = 45;
const PATIENCE = { timeout: 10_000 };

/** Waits for nobody: everything here is on this machine. */
const WAIT_MS = 5_000;

let provider: LoginProvider;
let mail: MailServer;
let upstream: Upstream;
let sluice: Started;
let chromium: Browser;
/** What browsers know the gateway by. A passkey's relying party has to be a name, and this one needs no TLS. */
let origin: string;
let asker: string;
/** An API key in the name of Mara, who may decide too. */
let asMara: string;
let configure: (wait: string | 0) => Promise<void>;

/** Faults that browsers reported, of all pages of a test. */
let faults: string[] = [];
let contexts: BrowserContext[] = [];

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await chromium.newContext(options);
  context.setDefaultTimeout(WAIT_MS);
  contexts.push(context);
  const page = await context.newPage();
  page.on("pageerror", ({ message }) => faults.push(`script: ${message}`));
  page.on("console", (message) => {
    // A browser reports every page that says no; which pages may is for each test to say.
    const isStatus = /^Failed to load resource: the server responded with a status of (?:4\d\d|503)/.test(
      message.text(),
    );
    if (["error", "warning"].includes(message.type()) && !isStatus) faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const to = new URL(request.url()).origin;
    const leaves = request.isNavigationRequest() && to === new URL(provider.issuer).origin;
    if (to !== origin && !leaves) faults.push(`asked ${request.url()}`);
  });
  return page;
}

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;
const sessions = new Map<string, State>();

/** Logs in as a person does. */
async function login(page: Page, person: string, path = "/reviews"): Promise<void> {
  provider.account = person;
  await page.goto(`${origin}${path}`);
  await page.getByRole("link", { name: "corp" }).click();
  await page.waitForURL(`${origin}${path}`);
}

/** From the page of passkeys, and back to it. */
async function loginAnew(page: Page, person: string): Promise<void> {
  provider.account = person;
  await page.getByRole("link", { name: "Log in again" }).click();
  await page.getByRole("link", { name: "corp" }).click();
  await page.waitForURL(`${origin}/passkeys`);
}

/** A person's browser with a session from before. */
async function as(person: string, options: BrowserContextOptions = {}): Promise<Page> {
  let state = sessions.get(person);
  if (state === undefined) {
    const page = await open();
    await login(page, person);
    state = await page.context().storageState();
    sessions.set(person, state);
  }
  return open({ ...options, storageState: state });
}

interface Asked {
  readonly review: string;
  readonly answer: Promise<{ status: number; text: string }>;
}

async function send(content: string, purpose: string, key: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${sluice.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "sluice-purpose": purpose },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
  });
  return { status: response.status, text: await response.text() };
}

const known = new Set<string>();
let count = 0;

/** Somebody's program asks, and waits. */
async function hold(content = HEALTH, purpose = "support", key = asker): Promise<Asked> {
  const answer = send(`${content} (${++count} of these)`, purpose, key);
  const fresh = async (): Promise<string | undefined> => {
    const response = await fetch(`${sluice.url}/api/reviews?view=requested&limit=20`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { reviews } = (await response.json()) as { reviews: { id: string }[] };
    return reviews.map(({ id }) => id).find((id) => !known.has(id));
  };
  let review: string | undefined;
  await expect.poll(async () => (review = await fresh()), PATIENCE).toBeDefined();
  known.add(review ?? "");
  return { review: review ?? "", answer };
}

const titled = (page: Page, name: string): Promise<void> =>
  page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const goto = (page: Page, path: string) => page.goto(`${origin}${path}`);
const shows = (page: Page, words: string): Promise<void> => page.getByText(words).first().waitFor();
const text = (page: Page): Promise<string> => page.locator("main").innerText();

/** The link that a mail about this review holds. */
async function linkOf(review: string, label: "Approve" | "Deny"): Promise<string> {
  const found = (): string | undefined => mail.mails.find(({ headers }) => headers.includes(review))?.text;
  await expect.poll(found, PATIENCE).toBeDefined();
  return new RegExp(`^${label}: (\\S+)$`, "m").exec(found() ?? "")?.[1] ?? "";
}

/** A page of somebody else, which would like Olga to say yes. */
async function startEvil(target: string): Promise<{ port: number; close(): Promise<void> }> {
  const pages: Readonly<Record<string, string>> = {
    "/form": `<form method="post" action="${target}/votes"><input name="csrf" value="${"x".repeat(43)}"><button name="decision" value="approve">Win</button></form>`,
    "/frame": `<iframe src="${target}"></iframe>`,
  };
  const server: Server = createServer(({ url = "" }, res) => {
    res.writeHead(200, { "content-type": "text/html" }).end(pages[url] ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Credential {
  readonly credentialId: string;
  readonly isResidentCredential: boolean;
  readonly privateKey: string;
  readonly signCount: number;
}

interface Authenticator {
  credentials(): Promise<readonly Credential[]>;
  add(credential: object): Promise<void>;
  remove(): Promise<void>;
}

/** A device with a finger always on it, for this page. */
async function addAuthenticator(page: Page): Promise<Authenticator> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const;
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    async credentials() {
      return (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
    },
    async add(credential) {
      await session.send("WebAuthn.addCredential", { authenticatorId, credential: credential as Credential });
    },
    async remove() {
      await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    },
  };
}

/** With the tab key, as far as the button. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press("Tab");
    if (await button(page, name).evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`no tab leads to "${name}"`);
}

beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  const port = await freePort();
  origin = `http://localhost:${port}`;
  process.env["SLUICE_TEST_CLIENT_SECRET"] = CLIENT_SECRET;
  [chromium, provider, mail, upstream] = await Promise.all([
    startChromium(),
    startLoginProvider([`${origin}/login/callback`]),
    startMailServer(),
    startUpstream((_, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "done" } }] }));
    }),
  ]);
  provider.groups = ["Data Protection", "Legal"];
  const { document, token } = await documentFor({
    main: {
      kind: "openai",
      url: `${upstream.url}/v1`,
      credential: "none",
      recipient: "acme",
      models: ["m"],
      allow_private_address: true,
    },
  });
  asker = token;
  const mara = await newKey(randomBytes);
  asMara = mara.token;
  const limits = { requests_per_minute: 60_000, concurrent_streams: 100 };
  for (const key of Object.values(document.keys)) Object.assign(key, { limits });
  Object.assign(document.keys, {
    [mara.id]: { hash: mara.hash, principal: "corp:mara", purposes: ["support"] },
  });
  Object.assign((document["purposes"] as Record<string, object>)["support"] ?? {}, { condition: "eu-gdpr:A9-2-h" });
  const oidc = { kind: "oidc", audience: ["sluice"], client_id: CLIENT_ID, groups_claim: "groups" };
  const written = (wait: string | 0) =>
    JSON.stringify({
      ...document,
      listeners: [{ address: `127.0.0.1:${port}` }],
      policies: { dir: "./policies" },
      reviews: { wait, pending_per_principal_max: 2_000, hourly_per_principal_max: 5_000, preview_bytes_max: "256KiB" },
      identity: {
        resource: origin,
        providers: {
          corp: { ...oidc, issuer: provider.issuer, client_secret: "env:SLUICE_TEST_CLIENT_SECRET" },
          // Nobody answers there.
          partner: { ...oidc, issuer: "http://127.0.0.1:9" },
        },
        groups: {
          officers: { from: ["corp:Data Protection"], roles: ["user", "approver"], purposes: ["support"] },
          lawyers: { from: ["corp:Legal"], roles: ["user", "approver"], purposes: ["research"] },
        },
      },
      channels: {
        people: { "olga@example.org": "corp:olga" },
        email: {
          server: `smtp://127.0.0.1:${mail.port}`,
          from: "sluice@example.org",
          to: { lawyers: ["olga@example.org"] },
        },
        passkeys: { risk: PASSKEY_RISK },
      },
    });
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    return written("20s");
  });
  configure = async (wait) => {
    writeFileSync(join(sluice.dir, "sluice.yaml"), written(wait));
    await sluice.reload();
  };
});
afterAll(async () => {
  if (CHROMIUM === undefined) return;
  await chromium.close();
  await sluice.stop();
  await Promise.all([provider.close(), mail.close(), upstream.close()]);
});
afterEach(async () => {
  const reported = faults;
  faults = [];
  for (const context of contexts.splice(0)) await context.close();
  expect(reported).toEqual([]);
});

describe.skipIf(CHROMIUM === undefined)("in a real browser", () => {
  it("whoever opens a review without a session logs in, and is back at it", async () => {
    const { review, answer } = await hold();
    const page = await open();
    await login(page, "olga", `/reviews/${review}`);
    await titled(page, "service:test asks: support, to Acme AI");
    const [cookie, ...others] = await page.context().cookies(origin);
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: SESSION_COOKIE, httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
    expect(await page.evaluate(() => document.cookie)).toBe("");
    sessions.set("olga", await page.context().storageState());
    await button(page, "Deny").click();
    expect((await answer).status).toBe(403);
  });

  it("an approver reads what will be sent and why it is risky, and approves with the keyboard alone", async () => {
    const { review, answer } = await hold();
    const page = await as("olga");
    await goto(page, "/reviews");
    await page.getByRole("link", { name: "asks: support" }).first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(`${origin}/reviews/${review}`);
    const shown = await text(page);
    for (const part of [
      "service:test",
      "support",
      "GDPR Art. 6(1)(b)",
      "Acme AI, Germany (DE)",
      "health",
      "1 of officers",
    ])
      expect(shown).toContain(part);
    expect(shown).toMatch(/Risk\s+\d+ of 100, because:\s+\S/);
    expect(shown).toContain("treated for asthma since May. Mail [EMAIL_1]");
    expect(shown).not.toContain("jane.doe");
    await tabTo(page, "Approve");
    await page.keyboard.press("Enter");
    await shows(page, "Approved. Since");
    const answered = await answer;
    expect(answered.status).toBe(200);
    expect(answered.text).toContain("done");
  });

  it("a no, with its reason, reaches the client that waits", async () => {
    const { review, answer } = await hold();
    const page = await as("olga");
    await goto(page, `/reviews/${review}`);
    // As long as the page lets it be: each of its lines is sent with an end of two characters.
    await page.getByLabel("Comment").fill("Not without <her> consent".padEnd(1_000, "\nx"));
    await button(page, "Deny").click();
    await shows(page, "Denied. Since");
    const shown = await text(page);
    expect(shown).toContain("Not without <her> consent");
    expect(shown).not.toContain("asthma");
    const answered = await answer;
    expect(answered.status).toBe(403);
    expect(answered.text).toContain("approval_denied");
  });

  it("works without script", async () => {
    const { review, answer } = await hold();
    const page = await as("olga", { javaScriptEnabled: false });
    await goto(page, "/");
    await page.waitForURL(`${origin}/reviews`);
    await page.getByRole("link", { name: "asks: support" }).first().click();
    await page.waitForURL(`${origin}/reviews/${review}`);
    await button(page, "Approve").click();
    await shows(page, "Approved. Since");
    expect((await answer).status).toBe(200);
    await goto(page, "/passkeys");
    await loginAnew(page, "olga");
    expect(await text(page)).toContain("your browser runs none here");
  });

  it("who asked is told that others have to decide, and is refused when trying all the same", async () => {
    const { review, answer } = await hold(HEALTH, "support", asMara);
    const page = await as("mara");
    await goto(page, `/reviews/${review}`);
    expect(await text(page)).toContain("it was asked by you or in your name, so others have to");
    expect(await button(page, "Approve").count()).toBe(0);
    await page.evaluate((id) => {
      const form = document.forms[0];
      if (form === undefined) throw new Error("the page has no form");
      form.action = `/reviews/${id}/votes`;
      form.insertAdjacentHTML("beforeend", `<input name="decision" value="approve">`);
      form.submit();
    }, review);
    await page.waitForURL(/votes$/);
    await titled(page, "You cannot decide your own request");
    expect(await text(page)).toContain("somebody else has to decide it");
    const other = await as("olga");
    await goto(other, `/reviews/${review}`);
    await button(other, "Deny").click();
    expect((await answer).status).toBe(403);
  });

  it("an expired session is told on a page, and a login leads back to the request", async () => {
    const { review, answer } = await hold();
    const page = await open();
    await login(page, "otto", `/reviews/${review}`);
    await page.context().clearCookies({ domain: "localhost" });
    await page.getByLabel("Comment").fill("Fine, but ask her next time");
    await button(page, "Approve").click();
    await titled(page, "You are not logged in");
    expect(await text(page)).toMatch(/Your comment was not saved[^]*Fine, but ask her next time/);
    await page.getByRole("link", { name: "Log in" }).click();
    await page.getByRole("link", { name: "corp" }).click();
    await page.waitForURL(`${origin}/reviews/${review}`);
    sessions.set("otto", await page.context().storageState());
    await button(page, "Deny").click();
    await shows(page, "Denied. Since");
    expect((await answer).status).toBe(403);
  });

  it("what was decided meanwhile is said, and how", async () => {
    const { review, answer } = await hold();
    const [first, second] = [await as("olga"), await as("otto")];
    for (const page of [first, second]) await goto(page, `/reviews/${review}`);
    await button(first, "Deny").click();
    await shows(first, "Denied. Since");
    await button(second, "Approve").click();
    await shows(second, "Your decision was not needed any more");
    expect(await text(second)).toContain("Denied. Since");
    expect((await answer).status).toBe(403);
  });

  it("a form of another origin decides nothing, a frame shows nothing", async () => {
    const { review, answer } = await hold();
    const page = await as("olga");
    const target = `${origin}/reviews/${review}`;
    const evil = await startEvil(target);
    try {
      // The same site as the gateway, which gets the cookie sent; and another one, which does not.
      for (const [host, title] of [
        ["localhost", "Nothing was changed"],
        ["127.0.0.1", "You are not logged in"],
      ] as const) {
        await page.goto(`http://${host}:${evil.port}/form`);
        await button(page, "Win").click();
        await page.waitForURL(`${target}/votes`);
        await titled(page, title);
        await page.goto(`http://${host}:${evil.port}/frame`);
        expect(page.frames().map((frame) => frame.url())).toEqual([page.url(), "chrome-error://chromewebdata/"]);
      }
    } finally {
      await evil.close();
    }
    expect(faults.filter((fault) => !fault.includes("frame-ancestors") && !fault.startsWith("asked"))).toEqual([]);
    faults = [];
    await page.goto(target);
    expect(await text(page)).toContain("Waits for a decision");
    await button(page, "Deny").click();
    expect((await answer).status).toBe(403);
  });

  it("who has logged out sees nothing any more, with the Back button neither", async () => {
    const { review, answer } = await hold();
    const page = await open();
    await login(page, "carl", `/reviews/${review}`);
    await button(page, "Log out").click();
    await shows(page, "You may still be logged in at your identity provider");
    expect(await page.context().cookies(origin)).toEqual([]);
    await page.goBack();
    await page.waitForURL(/\/login/);
    expect(await page.content()).not.toContain("asthma");
    const other = await as("olga");
    await goto(other, `/reviews/${review}`);
    await button(other, "Deny").click();
    expect((await answer).status).toBe(403);
  });

  it("a link of a mail opens a page that decides nothing; its button does, once", async () => {
    const { review, answer } = await hold("What does this contract say?", "research");
    const link = await linkOf(review, "Approve");
    const page = await open();
    await page.goto(link);
    await page.reload();
    expect(await text(page)).toContain("Opening this page has decided nothing");
    expect(await text(page)).toContain("It counts as the decision of corp:olga");
    await button(page, "Approve").click();
    await titled(page, "Your decision is on record");
    expect((await answer).status).toBe(200);
    await page.goto(link);
    await titled(page, "This link was used already");
  });

  it("a link's page shows what will be sent when its button is pressed, and the decision below", async () => {
    const { review, answer } = await hold("Write to jane.doe@example.org about the contract", "research");
    const page = await open({ javaScriptEnabled: false });
    await page.goto(await linkOf(review, "Approve"));
    expect(await page.content()).not.toContain("about the contract");
    await button(page, "Show what will be sent").click();
    await shows(page, "Write to [EMAIL_1] about the contract");
    expect(await text(page)).not.toContain("jane.doe");
    await page.getByRole("link", { name: "Go to the decision" }).click();
    await button(page, "Approve").click();
    await titled(page, "Your decision is on record");
    expect((await answer).status).toBe(200);
  });

  it("hostile text is shown as text, and bends no layout", async () => {
    const hostile = [
      `</pre><script>document.title = "owned"</script><img src=x onerror="document.title='owned'">`,
      "user\u202egnp.exe \u200b\u2066\u0007",
      "👩‍👩‍👧‍👦 🏳️‍🌈 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
      "x".repeat(100_000),
    ].join("\n");
    const { review, answer } = await hold(hostile);
    const page = await as("olga", { viewport: { width: 320, height: 640 } });
    await goto(page, `/reviews/${review}`);
    expect(await page.title()).toBe("service:test asks: support, to Acme AI – Sluice");
    expect(await page.locator("pre script, pre img").count()).toBe(0);
    const shown = await page.locator("pre").innerText();
    expect(shown).toContain("<script>document.title");
    expect(shown).toContain("user⟨U+202E⟩gnp.exe ⟨U+200B⟩⟨U+2066⟩");
    expect(shown).toContain("x".repeat(100_000));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await page.getByRole("link", { name: "Go to the decision" }).click();
    await page.waitForURL(/#decide$/);
    await button(page, "Deny").click();
    await shows(page, "Denied. Since");
    expect((await answer).status).toBe(403);
  });
});

it.skipIf(CHROMIUM === undefined)(
  "the check for accessibility finds every kind of barrier that it looks for",
  async () => {
    const page = await open();
    await page.setContent(`<title>x</title><style>
    button{outline:none;border:1px solid #eee;background:#fff;width:16px;height:16px;padding:0}
    p{color:#999;animation:turn 1s infinite}
    i{display:block;width:500px;height:1em;overflow:hidden}
    @keyframes turn{to{opacity:.5}}
    b{position:fixed;inset:0}
  </style><h1>One</h1><h3>Three</h3><h1>Two</h1><p id="a">pale</p><i id="a">a line that is cut<br>off</i><button></button>
  <button tabindex="1">!</button><b></b>`);
    const criteria = new Set((await barriersOf(page)).map((each) => each.split(":")[0]));
    const expected = [
      "1.3.1",
      "1.4.10",
      "1.4.11",
      "1.4.12",
      "1.4.3",
      "1.4.4",
      "2.3.3",
      "2.4.11",
      "2.4.2",
      "2.4.3",
      "2.4.7",
    ];
    expect([...criteria].sort()).toEqual([...expected, "2.5.8", "3.1.1", "4.1.2"]);
  },
);

describe.skipIf(CHROMIUM === undefined)("a passkey", () => {
  let page: Page;
  let key: Authenticator;

  it("is added on the page, and a risky yes asks for it", async () => {
    page = await as("olga");
    contexts = [];
    key = await addAuthenticator(page);
    await goto(page, "/passkeys");
    // The provider has not said that it asked her for anything.
    expect(await button(page, "Add a passkey").count()).toBe(0);
    await loginAnew(page, "olga");
    await button(page, "Add a passkey").click();
    await shows(page, "Passkey 1, added");
    const { review, answer } = await hold(RISKY);
    await goto(page, `/reviews/${review}`);
    expect(await text(page)).toContain("A yes asks for your passkey, on the next page; a no does not.");
    await button(page, "Approve").click();
    await titled(page, "Your passkey is needed");
    expect(await text(page)).toContain("service:test");
    await button(page, "Approve with your passkey").click();
    await shows(page, "Approved. Since");
    expect((await answer).status).toBe(200);
  });

  it("of another device with the same name of a key is refused, and one that is not there does not answer", async () => {
    const { review, answer } = await hold(RISKY);
    const ask = async () => {
      await goto(page, `/reviews/${review}`);
      await button(page, "Approve").click();
      await button(page, "Approve with your passkey").click();
    };
    const [credential] = await key.credentials();
    await key.remove();
    const other = await addAuthenticator(page);
    await ask();
    await shows(page, "The passkey did not answer (NotAllowedError)");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await other.add({
      ...credential,
      privateKey: privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
      signCount: 99,
    });
    await ask();
    await titled(page, "The passkey was not accepted");
    await goto(page, `/reviews/${review}`);
    await shows(page, "Waits for a decision");
    await other.remove();
    await button(page, "Deny").click();
    await shows(page, "Denied. Since");
    expect((await answer).status).toBe(403);
  });

  it("is asked of who has none with the way to one, and a no takes none", async () => {
    const { review, answer } = await hold(RISKY);
    const otto = await as("otto");
    await goto(otto, `/reviews/${review}`);
    await button(otto, "Approve").click();
    expect(await text(otto)).toContain("You have none yet: add one");
    await otto.getByRole("link", { name: "Back to the request" }).click();
    await shows(otto, "Waits for a decision");
    await button(otto, "Deny").click();
    await shows(otto, "Denied. Since");
    expect((await answer).status).toBe(403);
  });
});

describe.skipIf(CHROMIUM === undefined)("with a thousand requests that wait", () => {
  let waiting: string;
  let risky: string;
  let own: string;
  let decided: string;
  let asked: string;

  beforeAll(async () => {
    await configure(0);
    const ask = async (content: string, purpose = "support", key = asker): Promise<string> =>
      /rv-[0-9a-f]+/.exec((await send(`${content} (${++count} of these)`, purpose, key)).text)?.[0] ?? "";
    for (let batch = 0; batch < 20; batch++) await Promise.all(Array.from({ length: 50 }, () => ask(HEALTH)));
    waiting = await ask(HEALTH);
    risky = await ask(RISKY);
    own = await ask(HEALTH, "support", asMara);
    decided = await ask(HEALTH);
    asked = await ask("What does this contract say?", "research");
    const olga = await as("olga");
    await goto(olga, `/reviews/${decided}`);
    await olga.getByLabel("Comment").fill("Fine with me");
    await button(olga, "Approve").click();
    await shows(olga, "Approved. Since");
    for (const person of ["mara", "otto"]) await as(person);
  });

  it.each(["/reviews", "/reviews/:id"])("%s is there in a moment", async (path) => {
    const page = await as("olga");
    await goto(page, "/login");
    const started = performance.now();
    await goto(page, path.replace(":id", waiting));
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  const pages: readonly (readonly [name: string, open: () => Promise<Page>])[] = [
    ["the choice of providers", () => at(open(), "/login")],
    ["a provider that does not answer", () => at(open(), "/login/start?provider=partner")],
    ["a login that nobody began", () => at(open(), "/login/callback?code=x&state=y")],
    [
      "the way out",
      async () => {
        const page = await open();
        await login(page, "carl");
        await button(page, "Log out").click();
        await shows(page, "You are logged out");
        return page;
      },
    ],
    ["requests to decide", () => at(as("olga"), "/reviews")],
    ["an empty list", () => at(as("olga"), "/reviews?view=requested&state=closed")],
    ["a request to decide", () => at(as("olga"), `/reviews/${risky}`)],
    ["a request of one's own", () => at(as("mara"), `/reviews/${own}`)],
    ["a decided request", () => at(as("olga"), `/reviews/${decided}`)],
    ["a request that is not there", () => at(as("olga"), "/reviews/rv-00")],
    ["a path that is not there", () => at(as("olga"), "/nothing")],
    ["a person's passkeys", () => at(as("olga"), "/passkeys")],
    ["nobody's passkeys", () => at(as("otto"), "/passkeys")],
    ["the question for a passkey", () => approving(as("olga"))],
    ["the way to a first passkey", () => approving(as("otto"))],
    ["the question of a link", async () => at(open(), new URL(await linkOf(asked, "Deny")).pathname)],
    ["what a link would send", async () => showing(at(open(), new URL(await linkOf(asked, "Deny")).pathname))],
    ["the answer to a link", async () => denying(at(open(), new URL(await linkOf(asked, "Deny")).pathname))],
    ["a link that was used", async () => at(open(), new URL(await linkOf(asked, "Deny")).pathname)],
  ];

  async function at(opened: Promise<Page>, path: string): Promise<Page> {
    const page = await opened;
    await goto(page, path);
    return page;
  }

  async function approving(opened: Promise<Page>): Promise<Page> {
    const page = await at(opened, `/reviews/${risky}`);
    await button(page, "Approve").click();
    await shows(page, "Your passkey is needed");
    return page;
  }

  async function showing(opened: Promise<Page>): Promise<Page> {
    const page = await opened;
    await button(page, "Show what will be sent").click();
    await shows(page, "What was found is masked here");
    return page;
  }

  async function denying(opened: Promise<Page>): Promise<Page> {
    const page = await opened;
    await button(page, "Deny").click();
    await shows(page, "Your decision is on record");
    return page;
  }

  it.each(pages)("%s puts nothing in anybody's way", async (_, opened) => {
    expect(await barriersOf(await opened())).toEqual([]);
  });
});
