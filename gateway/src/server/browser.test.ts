/** People with a browser at the front door: a real OpenID provider, a real gateway, and a browser that keeps cookies. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Authenticator } from "../channels/test/authenticator.ts";
import { SESSION_COOKIE } from "../identity/sessions.ts";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type LoginProvider,
  startLoginProvider,
  TestBrowser,
} from "../identity/test/login-provider.ts";
import { documentFor } from "./test/config.ts";
import { freePort } from "./test/free-port.ts";
import { leafWhere } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";

let provider: LoginProvider;
let sluice: Started;
let browser: TestBrowser;
let host: string;

beforeAll(async () => {
  const port = await freePort();
  host = `127.0.0.1:${port}`;
  provider = await startLoginProvider([`http://${host}/login/callback`], `http://${host}/login/backchannel-logout`);
  process.env["SLUICE_TEST_CLIENT_SECRET"] = CLIENT_SECRET;
  const { document } = await documentFor({});
  sluice = await startForTest(() =>
    JSON.stringify({
      ...document,
      rehearsal: true,
      listeners: [{ address: host }],
      identity: {
        providers: {
          corp: {
            kind: "oidc",
            issuer: provider.issuer,
            audience: ["sluice"],
            client_id: CLIENT_ID,
            client_secret: "env:SLUICE_TEST_CLIENT_SECRET",
            groups_claim: "groups",
          },
        },
        groups: { officers: { from: ["corp:Support EMEA"], roles: ["privacy-officer"], purposes: ["support"] } },
      },
    }),
  );
});
afterAll(async () => {
  await sluice.stop();
  await provider.close();
});
beforeEach(() => {
  provider.account = "mara";
  provider.groups = ["Support EMEA"];
  browser = new TestBrowser();
});

const login = (returnTo = "/reviews") =>
  browser.follow(`${sluice.url}/login?return=${encodeURIComponent(returnTo)}`, `${sluice.url}${returnTo}`);
const history = (headers: Record<string, string> = {}) =>
  browser.ask(`${sluice.url}/api/consents/history`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ subject: "customer-1" }),
  });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe("a person with a browser", () => {
  it("logs in at its provider and comes back to where it wanted to go, with a session", async () => {
    await login("/reviews/rv-1");
    expect([...browser.cookies(host).keys()]).toEqual([SESSION_COOKIE]);
    const leaf = await leafWhere(sluice.url, "the login", ({ name }) => name === "login.succeeded");
    expect(leaf).toMatchObject({ type: "event", facts: { provider: "corp" } });
    expect(JSON.stringify(leaf)).not.toContain("mara");
  });

  it("has no session whose groups have no rights here, and is told so", async () => {
    provider.groups = ["Cleaning"];
    const back = await browser.follow(`${sluice.url}/login`, `${sluice.url}/login/callback`);
    const refused = await browser.ask(back);
    expect([refused.status, await codeOf(refused)]).toEqual([403, "group_missing"]);
    expect(browser.cookies(host).has(SESSION_COOKIE)).toBe(false);
  });

  it("who opens a page without a session is led to the login and back; a program is told the code", async () => {
    const opened = await browser.ask(`${sluice.url}/reviews?state=closed`, { headers: { accept: "text/html,*/*" } });
    expect([opened.status, opened.headers.get("location")]).toEqual([303, "/login?return=%2Freviews%3Fstate%3Dclosed"]);
    const program = await fetch(`${sluice.url}/reviews`, { headers: { accept: "application/json" } });
    expect([program.status, await codeOf(program)]).toEqual([401, "key_missing"]);
  });

  it("changes something from a page of this gateway alone", async () => {
    await login();
    const none = await history();
    expect([none.status, await codeOf(none)]).toEqual([403, "form_token_invalid"]);
    const foreign = await history({ "sec-fetch-site": "cross-site", origin: "https://evil.example" });
    expect(await codeOf(foreign)).toBe("form_token_invalid");
    const claimed = await history({ origin: sluice.url, "sec-fetch-site": "same-site" });
    expect(await codeOf(claimed)).toBe("form_token_invalid");
    const untold = await history({ "sec-fetch-site": "same-origin" });
    expect(await codeOf(untold)).toBe("form_token_invalid");
    const guessed = await history({ "sec-fetch-site": "same-origin", "sluice-form-token": "x".repeat(43) });
    expect(await codeOf(guessed)).toBe("form_token_invalid");
  });

  it("meets a refusal on a page with the status that programs get, and the front door leads to the requests", async () => {
    await login();
    const refused = await history({ accept: "text/html,*/*;q=0.8", "sec-fetch-site": "cross-site" });
    expect([refused.status, refused.headers.get("content-type")]).toEqual([403, "text/html; charset=utf-8"]);
    expect(await refused.text()).toContain("<h1>Nothing was changed</h1>");
    const door = await browser.ask(`${sluice.url}/`, { headers: { accept: "text/html" } });
    expect([door.status, door.headers.get("location")]).toEqual([303, "/reviews"]);
    expect((await fetch(`${sluice.url}/`)).status).toBe(404);
  });

  it("gets back the comment that it wrote when its session was over, from a form of this gateway alone", async () => {
    const vote = (site: string, comment: string) =>
      fetch(`${sluice.url}/reviews/rv-00/votes`, {
        method: "POST",
        headers: { accept: "text/html", "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": site },
        body: new URLSearchParams({ csrf: "x", decision: "deny", comment }).toString(),
      });
    const refused = await vote("same-origin", "Not <b>without</b> her consent");
    expect(refused.status).toBe(401);
    const page = await refused.text();
    expect(page).toContain("Your comment was not saved");
    expect(page).toContain("Not &lt;b&gt;without&lt;/b&gt; her consent");
    for (const [site, comment] of [
      ["cross-site", "call 555"],
      ["same-site", "call 555"],
      ["same-origin", "call 555".padEnd(20_000, "x")],
      ["same-origin", ""],
    ] as const)
      expect(await (await vote(site, comment)).text()).not.toMatch(/call 555|not saved/);
  });

  it("adds a passkey soon after its provider has asked it anew, from the page's own form alone", async () => {
    await login();
    const stale = await (await browser.ask(`${sluice.url}/passkeys`)).text();
    // The session is new; whether anybody was asked for a password, its provider has not said.
    expect(stale).not.toContain("data-passkey");
    const again = /href="(\/login\?[^"]+)"/.exec(stale)?.[1]?.replaceAll("&amp;", "&") ?? "";
    await browser.follow(`${sluice.url}${again}`, `${sluice.url}/passkeys`);
    const page = await (await browser.ask(`${sluice.url}/passkeys`)).text();
    const question = (/data-passkey="([^"]*)"/.exec(page)?.[1] ?? "").replaceAll("&quot;", '"');
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const answer = new Authenticator(sluice.url).create(question);
    const post = (token: string) =>
      browser.ask(`${sluice.url}/passkeys`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
        body: new URLSearchParams({ csrf: token, answer }).toString(),
      });
    expect((await post("x".repeat(43))).status).toBe(403);
    expect((await post(csrf)).status).toBe(303);
    await leafWhere(sluice.url, "the passkey", ({ name }) => name === "passkey.registered");
    expect(await (await browser.ask(`${sluice.url}/passkeys`)).text()).toContain("never used");
  });

  it("is out when it logs out at its provider, whichever browser it uses here", async () => {
    await login();
    const cookie = browser.cookies(host).get(SESSION_COOKIE) ?? "";
    const asks = () =>
      fetch(`${sluice.url}/api/consents/history`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "sec-fetch-site": "same-origin",
          cookie: `${SESSION_COOKIE}=${cookie}`,
        },
        body: "{}",
      });
    expect(await codeOf(await asks())).not.toBe("session_missing");
    await provider.logout(browser);
    await leafWhere(sluice.url, "the logout", ({ name }) => name === "logout.by-provider");
    const after = await asks();
    expect([after.status, await codeOf(after)]).toEqual([401, "session_missing"]);
  });

  it("cannot be logged out by who has no token of the provider", async () => {
    for (const token of ["", "x", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"]) {
      const refused = await fetch(`${sluice.url}/login/backchannel-logout`, {
        method: "POST",
        body: new URLSearchParams({ logout_token: token }),
      });
      expect(refused.status).toBeGreaterThanOrEqual(400);
    }
  });

  it("cannot try to log in without end", async () => {
    let limited = 0;
    for (let tries = 0; tries < 40; tries++) {
      const response = await fetch(`${sluice.url}/login/callback`, { redirect: "manual" });
      if (response.status === 429) limited += 1;
    }
    expect(limited).toBeGreaterThan(0);
  });
});
