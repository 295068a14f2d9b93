/** People who log in with SAML, at the front door: a real identity provider, a real gateway, and a browser that keeps cookies. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SAML_COOKIE } from "../identity/saml-login.ts";
import { SESSION_COOKIE } from "../identity/sessions.ts";
import { TestBrowser } from "../identity/test/login-provider.ts";
import { answerTo, newSigningKey, PERSISTENT, type SamlIdp, startSamlIdp } from "../identity/test/saml-idp.ts";
import { canonicalAssertion, requestIdIn, responseAround, signed } from "../identity/test/saml-signer.ts";
import { documentFor } from "./test/config.ts";
import { leafWhere } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";

let dir: string;
let idp: SamlIdp;
let sluice: Started;
let browser: TestBrowser;
let host: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-saml-"));
  idp = await startSamlIdp();
  // The next key of the provider stands beside the one in use.
  writeFileSync(join(dir, "idp.pem"), `${newSigningKey().cert}\n${idp.signing.cert}`);
  const { document } = await documentFor({});
  sluice = await startForTest(() =>
    JSON.stringify({
      ...document,
      rehearsal: true,
      identity: {
        providers: {
          corp: {
            kind: "saml",
            issuer: idp.issuer,
            entry_point: idp.entryPoint,
            certificates: [`file:${join(dir, "idp.pem")}`],
            entity_id: "https://sluice.example/saml",
            groups_attribute: "groups",
          },
        },
        groups: { officers: { from: ["corp:Support EMEA"], roles: ["privacy-officer"], purposes: ["support"] } },
      },
    }),
  );
  host = new URL(sluice.url).host;
});
afterAll(async () => {
  await sluice.stop();
  await idp.close();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  idp.person = { nameId: "mara", format: PERSISTENT, attributes: { groups: "Support EMEA" } };
  browser = new TestBrowser();
});

/** Up to the provider's page, and what that page posts. */
async function begin(returnTo = "/reviews/rv-1") {
  const to = await browser.follow(`${sluice.url}/login?return=${encodeURIComponent(returnTo)}`, idp.entryPoint);
  return answerTo(to);
}

const post = (action: string, response: string, by = browser): Promise<Response> =>
  by.ask(action, {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site", origin: new URL(idp.issuer).origin },
    body: new URLSearchParams({ SAMLResponse: response, RelayState: "" }),
  });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe("a person who logs in with SAML", () => {
  it("comes back to where it wanted to go, with a session that opens the page", async () => {
    const { action, response } = await begin();
    expect(action).toBe(`${sluice.url}/login/saml/acs`);
    expect([...browser.cookies(host).keys()]).toEqual([SAML_COOKIE]);
    const entered = await post(action, response);
    expect([entered.status, entered.headers.get("location")]).toEqual([303, "/reviews/rv-1"]);
    expect([...browser.cookies(host).keys()]).toEqual([SESSION_COOKIE]);
    const page = await browser.ask(`${sluice.url}/reviews`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, expect.stringContaining("text/html")]);
    const leaf = await leafWhere(sluice.url, "the login", ({ name }) => name === "login.succeeded");
    expect(leaf).toMatchObject({ type: "event", facts: { provider: "corp" } });
    expect(JSON.stringify(leaf)).not.toContain("mara");
  });

  it("gets in once with one assertion, and nobody else does with it", async () => {
    const { action, response } = await begin();
    const cookie = browser.cookies(host).get(SAML_COOKIE) ?? "";
    const stranger = new TestBrowser();
    const refused = await post(action, response, stranger);
    expect([refused.status, await codeOf(refused)]).toEqual([401, "login_failed"]);
    expect((await post(action, response)).status).toBe(303);
    browser.cookies(host).set(SAML_COOKIE, cookie);
    const again = await post(action, response);
    expect([again.status, await codeOf(again)]).toEqual([401, "assertion_replayed"]);
  });

  it("has no session whose groups have no rights here, and is told so", async () => {
    idp.person.attributes = { groups: "Cleaning" };
    const { action, response } = await begin();
    const refused = await post(action, response);
    expect([refused.status, await codeOf(refused)]).toEqual([403, "group_missing"]);
    expect(browser.cookies(host).has(SESSION_COOKIE)).toBe(false);
  });

  it("may add a passkey, because its provider says when it logged in there, and can be asked to log in anew", async () => {
    const { action, response } = await begin();
    await post(action, response);
    expect(await (await browser.ask(`${sluice.url}/passkeys`)).text()).toContain("data-passkey");
    const anew = await browser.follow(`${sluice.url}/login?return=%2Fpasskeys&fresh=true`, idp.entryPoint);
    const request = Buffer.from(anew.searchParams.get("SAMLRequest") ?? "", "base64");
    expect(inflateRawSync(request).toString()).toContain('ForceAuthn="true"');
  });

  it("is out when the session at the provider was to end", async () => {
    const url = await browser.follow(`${sluice.url}/login`, idp.entryPoint);
    const [requestId, now, acsUrl] = [requestIdIn(url), Date.now(), `${sluice.url}/login/saml/acs`];
    const assertion = canonicalAssertion({
      issuer: idp.issuer,
      audience: "https://sluice.example/saml",
      acsUrl,
      requestId,
      nameId: "mara",
      groups: ["Support EMEA"],
      // A second and a half from now, with the skew of a minute.
      sessionEnd: now - 58_500,
      now,
    });
    const xml = responseAround(signed(assertion, { key: idp.signing.key }), requestId);
    expect((await post(acsUrl, Buffer.from(xml).toString("base64"))).status).toBe(303);
    const asks = () => browser.ask(`${sluice.url}/reviews`);
    expect((await asks()).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect([(await asks()).status]).toEqual([401]);
  });

  it("is refused with what is too large, before anything is read of it", async () => {
    const { action } = await begin();
    const large = await post(action, "A".repeat(5_242_880));
    expect([large.status, await codeOf(large)]).toEqual([413, "body_too_large"]);
    const long = await post(action, "A".repeat(300_000));
    expect([long.status, await codeOf(long)]).toEqual([401, "assertion_invalid"]);
  });

  it("is asked for nothing when its provider asks who we are", async () => {
    const metadata = await fetch(`${sluice.url}/login/saml/metadata?provider=corp`);
    expect(metadata.headers.get("content-type")).toContain("application/samlmetadata+xml");
    expect(await metadata.text()).toContain(`Location="${sluice.url}/login/saml/acs"`);
    const unknown = await fetch(`${sluice.url}/login/saml/metadata?provider=other`);
    expect(await codeOf(unknown)).toBe("login_failed");
  });
});
