/** Just-in-time approval at the front door: a request is held, somebody else says yes, and it goes on; or it does not. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { documentFor } from "./test/config.ts";
import { leafAt, leafWhere, outcomeOf } from "./test/recorded.ts";
import { filesHolding, type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("support")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"support" };

@id("health-needs-a-yes")
@approve("officers")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"support" && context.categories.contains("health") };

@id("no-cards")
@mask("financial=block,contact=redact")
permit(principal, action == Action::"infer", resource) when { context.purpose == Purpose::"research" };

@id("officers-decide")
permit(principal in Group::"officers", action == Action::"approve", resource);

@id("never-at-the-far-one")
forbid(principal, action, resource == Connection::"far");
`;

const HEALTH = "My mother has been treated for asthma since May. Mail jane.doe@example.org";

let upstream: Upstream;
let sluice: Started;
let asker: string;
let officer: string;
let second: string;
let colleague: string;
let idp: Idp;
let streaming = false;
let held: (() => void)[] = [];

beforeAll(async () => {
  upstream = await startUpstream((body, res) => {
    if (streaming) {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write(`data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n`);
      held.push(() => res.end("data: [DONE]\n\n"));
      return;
    }
    res.writeHead(200, { "content-type": "application/json" });
    const text = (JSON.parse(body) as { messages: { content: string }[] }).messages[0]?.content ?? "";
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: `got: ${text}` } }] }));
  });
  const to = (models: string) => ({
    kind: "openai",
    url: `${upstream.url}/v1`,
    credential: "none",
    recipient: "acme",
    models: [models],
    allow_private_address: true,
  });
  const configured = await documentFor({ main: to("m"), far: to("f") });
  const { document } = configured;
  asker = configured.token;
  Object.assign((document["purposes"] as Record<string, object>)["support"] ?? {}, { condition: "eu-gdpr:A9-2-h" });
  idp = await startIdp();
  const tokenOf = (sub: string, groups: readonly string[]) => idp.token({ sub, groups });
  officer = await tokenOf("olga", ["Data Protection"]);
  second = await tokenOf("otto", ["Data Protection"]);
  colleague = await tokenOf("carl", ["Support"]);
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    return JSON.stringify({
      ...document,
      policies: { dir: "./policies" },
      reviews: { wait: "300ms", pending_per_principal_max: 50, break_glass: { approvals: [{ group: "officers" }] } },
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
        groups: {
          officers: { from: ["corp:Data Protection"], roles: ["user", "approver"], purposes: ["support"] },
          support: { from: ["corp:Support"], purposes: ["support"] },
        },
      },
    });
  });
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
  await idp.stop();
});
beforeEach(() => {
  streaming = false;
  for (const end of held) end();
  held = [];
});

let count = 0;
/** No two tests ask the same. */
const fresh = (text = HEALTH): string => `${text} (${++count} of these)`;

async function ask(content: string, more: Record<string, string> = {}, model = "m", key = asker) {
  const response = await fetch(`${sluice.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...more },
    body: JSON.stringify({ model, stream: streaming, messages: [{ role: "user", content }] }),
  });
  const evidence = response.headers.get("sluice-evidence");
  const text = await received(response);
  const { error, choices } = (streaming && response.status === 200 ? {} : JSON.parse(text)) as {
    error?: { code: string; message: string };
    choices?: { message: { content: string } }[];
  };
  return {
    status: response.status,
    code: error?.code,
    message: error?.message ?? "",
    answer: choices?.[0]?.message.content,
    evidence,
    text,
  };
}

/** All that comes, also when the connection ends before the message does. */
async function received(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
  } catch {
    // A stream that was cut: what came before says why.
  }
  return text;
}

async function api(method: string, path: string, key: string, body?: object) {
  const response = await fetch(`${sluice.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const idIn = (message: string): string => /rv-[0-9a-f]+/.exec(message)?.[0] ?? "";
const vote = (review: string, decision: "approve" | "deny", key = officer) =>
  api("POST", `/api/reviews/${review}/votes`, key, { decision });

describe("a policy", () => {
  it("permits, and the answer's record names it", async () => {
    const asked = await ask(fresh("Write to jane.doe@example.org"));
    expect(asked.status).toBe(200);
    expect(await leafAt(sluice.url, asked.evidence)).toMatchObject({ type: "intent", policies: ["support"] });
  });

  it("forbids, whatever else permits", async () => {
    const refused = await ask(fresh("hello"), {}, "f");
    expect(refused).toMatchObject({ status: 403, code: "policy_denied" });
    expect(refused.message).toContain("never-at-the-far-one");
  });

  it("masks more strictly than the connection, and blocks what it says", async () => {
    const research = { "sluice-purpose": "research" };
    expect((await ask(fresh("Write to jane.doe@example.org"), research)).answer).toContain("got: Write to [EMAIL] (");
    const blocked = await ask(fresh("Pay DE89 3704 0044 0532 0130 00"), research);
    expect(blocked).toMatchObject({ status: 403, code: "category_blocked" });
  });
});

describe("a request that needs a yes", () => {
  it("is held, approved by somebody else, and goes on; the whole story is on record", async () => {
    const content = fresh();
    const first = await ask(content);
    expect(first).toMatchObject({ status: 403, code: "approval_required" });
    const review = idIn(first.message);
    expect(first.message).toContain(`${sluice.url}/reviews/${review}`);
    expect(JSON.parse(first.text)).toMatchObject({ error: { review, review_url: `${sluice.url}/reviews/${review}` } });
    const shown = await api("GET", `/api/reviews/${review}`, officer);
    expect(shown.body).toMatchObject({ state: "pending", purpose: "support", may_vote: true });
    expect(String(shown.body["preview"])).toContain("[EMAIL_1]");
    expect(String(shown.body["preview"])).not.toContain("jane.doe");
    const again = ask(content);
    expect((await vote(review, "approve")).status).toBe(200);
    const answered = await again;
    expect(answered).toMatchObject({ status: 200, answer: `got: ${content}` });
    const intent = await leafAt(sluice.url, answered.evidence);
    expect(intent).toMatchObject({ policies: ["support", "health-needs-a-yes"], special: { health: 1 } });
    expect(intent["grant"]).toMatch(/^gr-/);
    const granted = await leafWhere(
      sluice.url,
      "the yes",
      ({ name, target }) => name === "review.granted" && target === review,
    );
    expect(granted).toMatchObject({ type: "event" });
    expect(filesHolding(sluice.dir, ["jane.doe@example.org"])).toEqual([]);
  });

  it("needs a new one once it was used, and when a word of it changes", async () => {
    const content = fresh();
    const review = idIn((await ask(content)).message);
    await vote(review, "approve");
    expect((await ask(`${content}!`)).code).toBe("approval_required");
    expect((await ask(content)).status).toBe(200);
    expect((await ask(content)).code).toBe("approval_required");
  });

  it("is over when it is denied", async () => {
    const content = fresh();
    const review = idIn((await ask(content)).message);
    await vote(review, "deny");
    expect(await ask(content)).toMatchObject({ status: 403, code: "approval_denied" });
  });

  it("is decided by nobody who asked, who is not asked, or who has no role for it", async () => {
    const review = idIn((await ask(fresh())).message);
    for (const key of [asker, colleague]) {
      expect((await vote(review, "approve", key)).body).toMatchObject({ code: "permission_missing" });
    }
    expect((await api("GET", `/api/reviews/${review}`, colleague)).body).toMatchObject({ code: "review_unknown" });
    const own = idIn((await ask(fresh(), {}, "m", officer)).message);
    expect((await vote(own, "approve", officer)).body).toMatchObject({ code: "approval_self" });
    expect((await vote(own, "approve", second)).status).toBe(200);
  });

  it("lets exactly one of many equal requests through on one yes", async () => {
    const content = fresh();
    const review = idIn((await ask(content)).message);
    await vote(review, "approve", second);
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(content)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("ends with its grant: what runs is cut within a second of the revocation", async () => {
    streaming = true;
    const content = fresh();
    const review = idIn((await ask(content)).message);
    await vote(review, "approve");
    const running = ask(content);
    const leaf = await leafWhere(
      sluice.url,
      "the intent",
      ({ type, grant, streaming: streams }) =>
        type === "intent" && grant !== undefined && streams === true && held.length > 0,
    );
    const started = Date.now();
    expect((await api("POST", `/api/grants/${String(leaf["grant"])}/revoke`, officer)).status).toBe(200);
    const cut = await Promise.race([running, new Promise<undefined>((resolve) => setTimeout(resolve, 5_000))]);
    expect(cut?.text ?? "still running").toContain("grant_ended");
    expect(Date.now() - started).toBeLessThan(2_000);
    expect(await outcomeOf(sluice.url, cut?.evidence ?? "")).toMatchObject({ status: "failed", code: "grant_ended" });
  });
});
