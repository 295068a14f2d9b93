/** A provider that begins to fold case (`fold_case`) has the people it had: nobody is two, whatever was written down of her before. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type LoginProvider,
  startLoginProvider,
  TestBrowser,
} from "../identity/test/login-provider.ts";
import { documentFor } from "./test/config.ts";
import { freePort } from "./test/free-port.ts";
import { type Started, startForTest } from "./test/running.ts";

const POLICIES = `
@id("one-says-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource);
@id("officers-decide")
permit(principal in Group::"officers", action in [Action::"approve", Action::"break-glass"], resource);
`;

let people: LoginProvider;
let idp: Idp;
let sluice: Started;
let directory: string;
/** With a session from before. */
let mara: TestBrowser;
/** Of what was asked before. */
let glass: string;
let request: string;

async function call(method: string, path: string, token: string, body?: object) {
  const response = await fetch(sluice.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as Record<string, unknown> };
}

const officer = (sub: string) => idp.token({ sub, groups: ["Officers"] });
const breakGlass = async (sub: string) =>
  (
    await call("POST", "/api/break-glass", await officer(sub), {
      purpose: "support",
      connection: "rehearsal",
      minutes: 5,
      reason: "the ward is cut off",
    })
  ).body;
const vote = async (review: string, sub: string) => {
  const { body } = await call("POST", `/api/reviews/${review}/votes`, await officer(sub), { decision: "approve" });
  return body["state"] ?? body["code"];
};
const statusOf = async (browser: TestBrowser) => (await browser.ask(`${sluice.url}/api/reviews`)).status;

async function loggedIn(account: string): Promise<TestBrowser> {
  people.account = account;
  const browser = new TestBrowser();
  await browser.follow(`${sluice.url}/login/start?provider=corp&return=/reviews`, `${sluice.url}/reviews`);
  return browser;
}

beforeAll(async () => {
  const host = `127.0.0.1:${await freePort()}`;
  people = await startLoginProvider([`http://${host}/login/callback`]);
  idp = await startIdp();
  process.env["SLUICE_TEST_CLIENT_SECRET"] = CLIENT_SECRET;
  const { document } = await documentFor({});
  const scim = await newKey(randomBytes);
  directory = scim.token;
  document.keys[scim.id] = { hash: scim.hash, principal: "service:directory", purposes: ["support"] };
  const configuration = (spelling: object): string =>
    JSON.stringify({
      ...document,
      listeners: [{ address: host }],
      rehearsal: true,
      policies: { dir: "./policies" },
      reviews: { wait: 0, break_glass: { approvals: [{ group: "officers" }] } },
      identity: {
        providers: {
          corp: {
            kind: "oidc",
            issuer: people.issuer,
            audience: ["sluice"],
            client_id: CLIENT_ID,
            client_secret: "env:SLUICE_TEST_CLIENT_SECRET",
            groups_claim: "groups",
            scim: { key: scim.id, subject: "external_id" },
            ...spelling,
          },
          partner: {
            kind: "oidc",
            issuer: idp.issuer,
            audience: [AUDIENCE],
            groups_claim: "groups",
            device: { client_id: CLIENT },
            ...spelling,
          },
        },
        groups: {
          officers: {
            from: ["corp:Support EMEA", "partner:Officers"],
            roles: ["user", "privacy-officer"],
            purposes: ["support"],
          },
        },
      },
    });
  let file = "";
  sluice = await startForTest((dir) => {
    file = join(dir, "sluice.yaml");
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "all.cedar"), POLICIES);
    return configuration({});
  });
  mara = await loggedIn("Mara@Example.org");
  const asked = await call("POST", "/v1/chat/completions", await officer("OLGA@Example.org"), {
    model: "rehearsal",
    messages: [{ role: "user", content: "hello" }],
  });
  request = /rv-[0-9a-f]+/.exec(asked.text)?.[0] ?? asked.text;
  const broken = await breakGlass("OLGA@Example.org");
  expect(broken).toMatchObject({ kind: "break-glass" });
  glass = String(broken["review"]);
  expect(await statusOf(mara)).toBe(200);
  writeFileSync(file, configuration({ fold_case: true }));
  await sluice.reload();
  expect(sluice.printed.at(-1)).toContain("is in force");
});
afterAll(async () => {
  await sluice?.stop();
  await Promise.all([people.close(), idp.stop()]);
});

describe("after a reload that folds case", () => {
  it("nobody approves by another spelling what she asked for before, nor her own broken glass", async () => {
    expect(await vote(glass, "olga@example.org")).toBe("approval_self");
    expect(await vote(request, "olga@example.org")).toBe("approval_self");
    const own = async () => (await call("GET", "/api/reviews?view=requested", await officer("olga@example.org"))).text;
    await expect.poll(own).toContain(glass);
    expect(await breakGlass("olga@example.org")).toMatchObject({ code: "break_glass_refused" });
    expect(await vote(glass, "otto@example.org")).toBe("granted");
    expect(await vote(request, "Otto@Example.org")).toBe("granted");
  });

  it("a session from before is shut out with whoever the directory disables", async () => {
    expect(await statusOf(mara)).toBe(200);
    const user = { userName: "mara", externalId: "MARA@example.org", active: false };
    expect((await call("POST", "/scim/v2/Users", directory, user)).status).toBe(201);
    // She is refused at once, and then the session is gone.
    await expect.poll(() => statusOf(mara)).toBe(401);
  });
});
