/** A person who is taken out of the directory is out: what runs is cut, what is held is over, what comes next is refused. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { outcomeOf } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

let upstream: Upstream;
let idp: Idp;
let sluice: Started;
let directory: string;
let mara: string;
let begun = 0;

beforeAll(async () => {
  // A stream that never ends by itself.
  upstream = await startUpstream((_body, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
    begun += 1;
  });
  idp = await startIdp();
  const { document } = await documentFor({
    main: {
      kind: "openai",
      url: `${upstream.url}/v1`,
      credential: "none",
      recipient: "acme",
      models: ["m"],
      allow_private_address: true,
    },
  });
  const key = await newKey(randomBytes);
  directory = key.token;
  document.keys[key.id] = {
    hash: key.hash,
    principal: "service:directory",
    purposes: ["support"],
    roles: ["operator"],
  };
  sluice = await startForTest(() =>
    JSON.stringify({
      ...document,
      identity: {
        providers: {
          corp: {
            kind: "oidc",
            issuer: idp.issuer,
            audience: [AUDIENCE],
            groups_claim: "groups",
            scim: { key: key.id, subject: "external_id" },
          },
        },
        groups: { support: { from: ["corp:Support"], purposes: ["support"] } },
        agents: { bot: { from: ["corp:crm-bot", "corp:crm-bot-2"], purposes: ["support"] } },
      },
    }),
  );
  mara = await idp.token({ sub: "mara", groups: ["Support"] });
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
  await idp.stop();
});

async function scim(method: string, path: string, body: object) {
  const response = await fetch(`${sluice.url}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${directory}`, "content-type": "application/scim+json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { id: string } };
}

async function ask(token = mara) {
  const response = await fetch(`${sluice.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hello" }] }),
  });
  const evidence = response.headers.get("sluice-evidence");
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
  } catch {
    // The stream was cut; what came before says why.
  }
  return { status: response.status, evidence, text };
}

describe("a person who is disabled in the directory", () => {
  it("is cut off within five seconds, with a token that is good for an hour, and let in again when enabled", async () => {
    const added = await scim("POST", "/Users", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: "mara@example.org",
      externalId: "mara",
      active: true,
    });
    expect(added.status).toBe(201);
    const active = (value: boolean) =>
      scim("PATCH", `/Users/${added.body.id}`, {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: [{ op: "replace", path: "active", value }],
      });

    const running = ask();
    while (begun === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const at = Date.now();
    expect((await active(false)).status).toBe(200);
    const cut = await running;
    expect(Date.now() - at).toBeLessThan(5_000);
    expect(cut.text).toContain("account_disabled");
    expect(await outcomeOf(sluice.url, cut.evidence)).toMatchObject({ status: "failed", code: "account_disabled" });

    const after = await ask();
    expect([after.status, after.text]).toEqual([403, expect.stringContaining("account_disabled")]);

    await active(true);
    const again = ask();
    while (begun === 1) await new Promise((resolve) => setTimeout(resolve, 10));
    await active(false);
    expect((await again).status).toBe(200);
  });

  it("as an agent does nothing for anybody any more, by whichever of its names it comes", async () => {
    const added = await scim("POST", "/Users", { userName: "crm-bot", externalId: "crm-bot", active: true });
    const holding = await idp.token({ sub: "otto", groups: ["Support"], client_id: "crm-bot-2" });
    const before = begun;
    const running = ask(holding);
    while (begun === before) await new Promise((resolve) => setTimeout(resolve, 10));
    await scim("PATCH", `/Users/${added.body.id}`, { Operations: [{ op: "replace", path: "active", value: false }] });
    expect((await running).text).toContain("account_disabled");
    const after = await ask(holding);
    expect([after.status, after.text]).toEqual([403, expect.stringContaining("account_disabled")]);
    const acting = await idp.token({ sub: "otto", groups: ["Support"], act: { sub: "crm-bot" } });
    expect((await ask(acting)).text).toContain("account_disabled");
  });

  it("is disabled by the directory's own key alone", async () => {
    const response = await fetch(`${sluice.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${mara}` } });
    expect(response.status).toBeGreaterThanOrEqual(401);
    expect((await fetch(`${sluice.url}/scim/v2/Users`)).status).toBe(401);
  });
});
