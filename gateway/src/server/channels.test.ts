/** Approvers who are told by mail and webhook, and decide by a link, at the front door. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Hook, startHook } from "../channels/test/hook.ts";
import { type MailServer, startMailServer } from "../channels/test/mail-server.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { leafWhere } from "./test/recorded.ts";
import { filesHolding, type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("health-needs-a-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"support" };

@id("officers-decide")
permit(principal in Group::"officers", action in [Action::"approve", Action::"break-glass"], resource);
`;

let upstream: Upstream;
let mail: MailServer;
let hook: Hook;
let idp: Idp;
let sluice: Started;
let asker: string;
let officer: string;

beforeAll(async () => {
  upstream = await startUpstream((_, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "done" } }] }));
  });
  [mail, hook, idp] = await Promise.all([startMailServer(), startHook(), startIdp()]);
  const main = { kind: "openai", url: `${upstream.url}/v1`, credential: "none", recipient: "acme", models: ["m"] };
  const { document, token } = await documentFor({ main: { ...main, allow_private_address: true } });
  asker = token;
  officer = await idp.token({ sub: "olga", groups: ["Data Protection"] });
  Object.assign((document["purposes"] as Record<string, object>)["support"] ?? {}, { condition: "eu-gdpr:A9-2-h" });
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    writeFileSync(join(dir, "hook.key"), `whsec_${Buffer.alloc(32, 7).toString("base64")}`);
    return JSON.stringify({
      ...document,
      policies: { dir: "./policies" },
      reviews: { wait: 0, break_glass: { approvals: [{ group: "officers" }] } },
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
      channels: {
        people: { "olga@example.org": "corp:olga" },
        email: {
          server: `smtp://127.0.0.1:${mail.port}`,
          from: "sluice@example.org",
          to: { officers: ["olga@example.org"] },
        },
        webhooks: {
          siem: { url: hook.url, secret: "file:hook.key", allow_private_address: true, groups: ["officers"] },
        },
        alarms: { groups: ["officers"] },
        passkeys: { risk: 100 },
      },
    });
  });
});
afterAll(async () => {
  await sluice.stop();
  await Promise.all([upstream.close(), mail.close(), hook.close(), idp.stop()]);
});

async function ask(content: string): Promise<{ status: number; review: string }> {
  const response = await fetch(`${sluice.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${asker}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
  });
  return { status: response.status, review: /rv-[0-9a-f]+/.exec(await response.text())?.[0] ?? "" };
}

async function linkTo(review: string, label: "Approve" | "Deny"): Promise<string> {
  const found = (): string | undefined => mail.mails.find(({ headers }) => headers.includes(review))?.text;
  await expect.poll(found, { timeout: 5_000 }).toBeDefined();
  return new RegExp(`^${label}: (\\S+)$`, "m").exec(found() ?? "")?.[1] ?? "";
}

describe("an approver", () => {
  it("is told within a second or two, decides by a link, and the same request goes on", async () => {
    const asked = await ask("Treated for asthma since May");
    expect(asked.status).toBe(403);
    const link = await linkTo(asked.review, "Approve");
    expect(link.startsWith(`${sluice.url}/decide/`)).toBe(true);
    await expect.poll(() => hook.posts.length).toBe(1);

    expect((await fetch(link, { method: "HEAD" })).status).toBe(200);
    const page = await fetch(link);
    expect(await page.text()).toContain("has decided nothing");
    // Nobody has proven to be Olga since the start.
    const early = await fetch(link, { method: "POST" });
    expect([early.status, await early.text()]).toEqual([403, expect.stringContaining("person_unknown")]);
    await fetch(`${sluice.url}/api/reviews`, { headers: { authorization: `Bearer ${officer}` } });
    expect((await fetch(link, { method: "POST" })).status).toBe(200);
    expect((await ask("Treated for asthma since May")).status).toBe(200);
    const again = await fetch(link, { method: "POST" });
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining("link_used")]);

    for (const name of ["channel.notified", "channel.link-opened", "channel.decided", "channel.refused"])
      await leafWhere(sluice.url, name, (leaf) => JSON.stringify(leaf).includes(`"${name}"`));
    await expect.poll(() => hook.posts.length).toBe(2);
  });

  it("leaves no address and no link in what the gateway keeps", async () => {
    const { review } = await ask("Treated for migraine");
    const token = (await linkTo(review, "Deny")).split("/").at(-1) ?? "";
    expect(filesHolding(join(sluice.dir, "data"), ["olga@example.org", token])).toEqual([]);
  });
});

it("the alarm of a broken glass goes out to those who look at it afterwards", async () => {
  const otto = await idp.token({ sub: "otto", groups: ["Data Protection"] });
  const broken = await fetch(`${sluice.url}/api/break-glass`, {
    method: "POST",
    headers: { authorization: `Bearer ${otto}`, "content-type": "application/json" },
    body: JSON.stringify({ purpose: "support", connection: "main", minutes: 5, reason: "the ward is cut off" }),
  });
  const { review } = (await broken.json()) as { review: string };
  const told = () => mail.mails.find(({ headers }) => headers.includes(review));
  await expect.poll(told, { timeout: 5_000 }).toBeDefined();
  expect(told()?.headers.replaceAll(/\r?\n\s/g, " ")).toMatch(/^subject: .*somebody broke the glass/im);
  expect(told()?.text).not.toContain("cut off");
});

it("an attack is told once to who hears alarms, however often it is tried", async () => {
  const forged = Array.from({ length: 60 }, (_, at) => `${at}`.padStart(64, "A"));
  for (const link of forged) expect((await fetch(`${sluice.url}/decide/${link}`)).status).toBe(404);
  const events = () => hook.posts.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, string> });
  const alarms = () => events().filter(({ type }) => type === "alarm.raised");
  await expect.poll(() => alarms().length, { timeout: 5_000 }).toBe(1);
  expect(alarms()[0]?.data).toMatchObject({ kind: "links-guessed", url: sluice.url });
  const mails = () => mail.mails.filter(({ headers }) => headers.includes("ALARM: somebody tries links"));
  await expect.poll(() => mails().length, { timeout: 5_000 }).toBe(1);
  await leafWhere(sluice.url, "the alarm", ({ name }) => name === "alarm.raised");
  expect(alarms()).toHaveLength(1);
});

it("a door of the channels says who may use it like all others", async () => {
  expect((await fetch(`${sluice.url}/passkeys`)).status).toBe(401);
  expect(
    (await fetch(`${sluice.url}/slack/interactions`, { method: "POST", body: new URLSearchParams() })).status,
  ).toBe(404);
  expect((await fetch(`${sluice.url}/decide/${"A".repeat(64)}`)).status).toBe(404);
});
