/**
 * What a request may do is asked of the moment in which it is sent: whoever loses a right while the body arrives, while people
 * are asked, or while the record is written, sends nothing any more.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { AUDIENCE, CLIENT, type Idp, startIdp } from "../identity/test/idp.ts";
import { type Document, documentFor } from "./test/config.ts";
import { leafWhere } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const POLICIES = `
@id("all")
permit(principal, action, resource);

@id("a-yes")
@duty
@approve("officers")
permit(principal, action in Action::"request", resource)
when { context.categories.contains("contact") };

@id("interns-mask-more")
@duty
@mask("contact=redact")
permit(principal in Group::"interns", action in Action::"request", resource);

@id("guests-need-two")
@duty
@approve("2 of officers")
permit(principal in Group::"guests", action in Action::"request", resource)
when { context.categories.contains("contact") };

@id("helpers-once-a-day")
@duty
@limit("1/d")
permit(principal in Group::"helpers", action in Action::"request", resource);

@id("not-for-visitors")
forbid(principal in Group::"visitors", action in Action::"request", resource)
when { context.categories.contains("contact") };

@id("backup-for-drivers")
forbid(principal, action in Action::"request", resource == Connection::"backup")
unless { principal in Group::"drivers" };

@id("asked-first")
@duty
@approve("officers")
permit(principal, action in Action::"request", resource == Connection::"asked");
`;
const GROUPS = ["Staff", "Interns", "Guests", "Helpers", "Visitors", "Others", "Drivers"] as const;
type Group = (typeof GROUPS)[number];

let upstream: Upstream;
let idp: Idp;
let sluice: Started;
let document: Document;
let directory: string;
let officer: string;
let second: string;
const ids = new Map<string, string>();
const sockets: Socket[] = [];
/** Before the one that is down says so. */
let onDown = (): Promise<unknown> => Promise.resolve();

const textOf = (more: { staffPurposes?: string[]; endpoints?: string[] } = {}): string => {
  const { staffPurposes = ["support", "research"], endpoints = ["/draft", "/publish"] } = more;
  const rightsOf = (group: Group, purposes = ["support"]) => ({ from: [`corp:${group}`], purposes });
  const { crm, ...connections } = document.connections;
  const described = endpoints.map((path) => ({ path, request: { text: ["text"] } }));
  return JSON.stringify({
    ...document,
    connections: { ...connections, crm: { ...crm, endpoints: described } },
    models: {
      driven: ["down/m", "backup/m"],
      thirdly: ["down/m", "asked/m", "main/m"],
      least: ["down/m", "backup/m", "main/m"],
    },
    policies: { dir: "./policies" },
    reviews: { wait: "8s" },
    identity: {
      providers: {
        corp: {
          kind: "oidc",
          issuer: idp.issuer,
          audience: [AUDIENCE],
          device: { client_id: CLIENT },
          groups_claim: "groups",
          scim: { key: directory.slice("sluice_".length).split("_")[0], subject: "external_id", groups: true },
        },
      },
      groups: {
        officers: { from: ["corp:DP"], roles: ["user", "approver"], purposes: ["support"] },
        staff: { ...rightsOf("Staff", staffPurposes), default_purpose: staffPurposes[0] },
        interns: rightsOf("Interns"),
        guests: rightsOf("Guests"),
        helpers: rightsOf("Helpers"),
        visitors: rightsOf("Visitors"),
        others: rightsOf("Others", ["research"]),
        drivers: rightsOf("Drivers"),
      },
    },
  });
};

beforeAll(async () => {
  const answer = (status: number, res: ServerResponse): void => {
    res.writeHead(status, { "content-type": "application/json" });
    res.end(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "ok" } }], text: "ok" }));
  };
  upstream = await startUpstream((_body, res, { url = "" }) => {
    if (url.startsWith("/down/")) void onDown().then(() => answer(503, res));
    else answer(200, res);
  });
  idp = await startIdp();
  const to = { url: upstream.url, credential: "none", recipient: "acme", allow_private_address: true };
  ({ document } = await documentFor({
    main: { ...to, kind: "openai", url: `${upstream.url}/v1`, models: ["m"] },
    crm: { ...to, kind: "custom" },
    down: { ...to, kind: "openai", url: `${upstream.url}/down/v1`, models: ["of-down"], limits: { retries_max: 0 } },
    backup: { ...to, kind: "openai", url: `${upstream.url}/backup/v1`, models: ["of-backup"] },
    asked: { ...to, kind: "openai", url: `${upstream.url}/asked/v1`, models: ["of-asked"] },
  }));
  const key = await newKey(randomBytes);
  directory = key.token;
  document.keys[key.id] = { hash: key.hash, principal: "service:directory", purposes: ["support"] };
  sluice = await startForTest((dir) => {
    mkdirSync(join(dir, "policies"));
    writeFileSync(join(dir, "policies", "main.cedar"), POLICIES);
    return textOf();
  });
  for (const name of ["olga", "otto"]) ids.set(name, await added(name));
  const members = [...ids.values()].map((value) => ({ value }));
  await scim("POST", "/Groups", { displayName: "DP", members });
  for (const group of GROUPS) ids.set(group, (await scim("POST", "/Groups", { displayName: group })).id);
  officer = await idp.token({ sub: "olga" });
  second = await idp.token({ sub: "otto" });
});
afterAll(async () => {
  await sluice.stop();
  await upstream.close();
  await idp.stop();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  onDown = () => Promise.resolve();
  await reload({});
});

async function scim(method: string, path: string, body: object): Promise<{ id: string }> {
  const response = await fetch(`${sluice.url}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${directory}`, "content-type": "application/scim+json" },
    body: JSON.stringify(body),
  });
  expect(response.status, `${method} ${path}`).toBeLessThan(300);
  return (await response.json()) as { id: string };
}

async function added(name: string): Promise<string> {
  return (await scim("POST", "/Users", { userName: name, externalId: name, active: true })).id;
}

const patch = (path: string, operation: object) =>
  scim("PATCH", path, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [operation],
  });

const enter = (person: string, group: Group) =>
  patch(`/Groups/${ids.get(group)}`, { op: "add", path: "members", value: [{ value: ids.get(person) }] });
const leave = (person: string, group: Group) =>
  patch(`/Groups/${ids.get(group)}`, { op: "remove", path: `members[value eq "${ids.get(person)}"]` });

let people = 0;
/** Somebody new of the staff. */
async function somebody(): Promise<{ name: string; token: string }> {
  const name = `person-${++people}`;
  ids.set(name, await added(name));
  await enter(name, "Staff");
  return { name, token: await idp.token({ sub: name }) };
}

async function reload(more: Parameters<typeof textOf>[0]): Promise<void> {
  writeFileSync(join(sluice.dir, "sluice.yaml"), textOf(more));
  await sluice.reload();
}

/** Sends the head and some of the body; what is returned sends the rest and gives the status line and the body of the answer. */
async function begun(path: string, token: string, body: object, purpose = "support"): Promise<() => Promise<Answer>> {
  const bytes = JSON.stringify(body);
  const socket = connect(Number(new URL(sluice.url).port), "127.0.0.1");
  sockets.push(socket);
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: sluice",
    `authorization: Bearer ${token}`,
    `sluice-purpose: ${purpose}`,
    "content-type: application/json",
    `content-length: ${bytes.length}`,
    "expect: 100-continue",
  ];
  let got = "";
  socket.on("data", (piece) => {
    got += piece.toString();
  });
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  // It says so when it knows who asks.
  await expect.poll(() => got).toContain("100 Continue");
  socket.write(bytes.slice(0, 10));
  return async () => {
    got = "";
    socket.write(bytes.slice(10));
    await expect.poll(() => /^HTTP\/1\.1 \d+[^]*\r\n\r\n.*\}/.test(got)).toBe(true);
    return answerOf(Number(got.slice(9, 12)), got.slice(got.indexOf("\r\n\r\n") + 4));
  };
}

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
}

function answerOf(status: number, text: string): Answer {
  const body = JSON.parse(text) as { code?: string; detail?: string; error?: { code: string; message: string } };
  return { status, code: body.error?.code ?? body.code, message: body.error?.message ?? body.detail ?? "" };
}

const CHAT = "/v1/chat/completions";
const chat = (content: string, model = "m") => ({ model, messages: [{ role: "user", content }] });

async function ask(token: string, content: string, { purpose = "support", model = "m" } = {}): Promise<Answer> {
  const response = await fetch(`${sluice.url}${CHAT}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "sluice-purpose": purpose },
    body: JSON.stringify(chat(content, model)),
  });
  return answerOf(response.status, await response.text());
}

let count = 0;
/** A request that waits for a yes, and its review. */
async function held(token: string, model?: string, text = "write to jane-@example.org") {
  const known = new Set(await pending());
  const content = `${text.replace("@", `${++count}@`)} (${count})`;
  const answer = ask(token, content, model === undefined ? {} : { model });
  let review = "";
  await expect.poll(async () => (review = (await pending()).find((id) => !known.has(id)) ?? "")).not.toBe("");
  return { content, answer, review };
}

async function pending(): Promise<readonly string[]> {
  const { reviews } = (await api("GET", "/api/reviews?limit=100", officer)) as { reviews: { id: string }[] };
  return reviews.map(({ id }) => id);
}

async function api(method: string, path: string, key: string, body?: object): Promise<unknown> {
  const response = await fetch(`${sluice.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

async function yes(review: string, key = officer): Promise<void> {
  const voted = await api("POST", `/api/reviews/${review}/votes`, key, { decision: "approve" });
  expect(voted).toMatchObject({ id: review });
}

/** Runs it, and looks that nothing was sent. */
async function sendsNothing<T>(work: () => Promise<T>): Promise<T> {
  const before = upstream.received.length;
  const result = await work();
  expect(upstream.received.length).toBe(before);
  return result;
}

describe("while the body of a request arrives", () => {
  it("its sender is disabled: it is refused", async () => {
    const { name, token } = await somebody();
    const finish = await begun(CHAT, token, chat("hello"));
    await patch(`/Users/${ids.get(name)}`, { op: "replace", path: "active", value: false });
    expect(await sendsNothing(finish)).toMatchObject({ status: 403, code: "account_disabled" });
  });

  it("its sender loses the group: it is refused", async () => {
    const { name, token } = await somebody();
    const finish = await begun(CHAT, token, chat("hello"));
    await leave(name, "Staff");
    expect(await sendsNothing(finish)).toMatchObject({ status: 403, code: "group_missing" });
  });

  it("its purpose is taken away by a reload: it is refused", async () => {
    const { token } = await somebody();
    const finish = await begun(CHAT, token, chat("hello"));
    await reload({ staffPurposes: ["research"] });
    expect(await sendsNothing(finish)).toMatchObject({ status: 403, code: "purpose_not_allowed" });
  });

  it("its endpoint is taken away by a reload: it is refused", async () => {
    const { token } = await somebody();
    const finish = await begun("/custom/crm/publish", token, { text: "hello" });
    await reload({ endpoints: ["/draft"] });
    expect(await sendsNothing(finish)).toMatchObject({ status: 404, code: "endpoint_unknown" });
  });

  it("something else changes: it goes on", async () => {
    const { token } = await somebody();
    const finish = await begun(CHAT, token, chat("hello"));
    const other = await somebody();
    await leave(other.name, "Staff");
    expect((await finish()).status).toBe(200);
  });
});

describe("while a request waits for people", () => {
  it("its sender loses the group: it is refused after the yes, which is given back", async () => {
    const { name, token } = await somebody();
    const { answer, review } = await held(token);
    await leave(name, "Staff");
    await sendsNothing(async () => {
      await yes(review);
      expect(await answer).toMatchObject({ status: 403, code: "group_missing" });
    });
    const { grant } = (await api("GET", `/api/reviews/${review}`, officer)) as { grant: { id: string; state: string } };
    expect(grant.state).toBe("active");
    await leafWhere(
      sluice.url,
      "its return",
      (leaf) => leaf["name"] === "grant.returned" && leaf["target"] === grant.id,
    );
  });

  it("its sender loses the purpose: it is refused", async () => {
    const { name, token } = await somebody();
    const { answer, review } = await held(token);
    await enter(name, "Others");
    await leave(name, "Staff");
    await sendsNothing(async () => {
      await yes(review);
      expect(await answer).toMatchObject({ status: 403, code: "purpose_not_allowed" });
    });
  });

  it("policies come to forbid it: it is refused", async () => {
    const { name, token } = await somebody();
    const { answer, review } = await held(token);
    await enter(name, "Visitors");
    await sendsNothing(async () => {
      await yes(review);
      expect(await answer).toMatchObject({ status: 403, code: "policy_denied" });
    });
  });

  it("policies come to mask more: it is not sent as it was written, and needs a new yes", async () => {
    const { name, token } = await somebody();
    const { content, answer, review } = await held(token);
    await enter(name, "Interns");
    await sendsNothing(async () => {
      await yes(review);
      expect(await answer).toMatchObject({ status: 409, code: "decision_changed" });
    });
    const known = new Set(await pending());
    const again = ask(token, content);
    let next = "";
    await expect.poll(async () => (next = (await pending()).find((id) => !known.has(id)) ?? "")).not.toBe("");
    await yes(next);
    expect((await again).status).toBe(200);
    expect(upstream.received.at(-1)?.body).toContain("[EMAIL] (");
  });

  it("policies come to ask more people: one yes is not enough any more", async () => {
    const { name, token } = await somebody();
    const { content, answer, review } = await held(token);
    await enter(name, "Guests");
    await sendsNothing(async () => {
      await yes(review);
      expect(await answer).toMatchObject({ status: 409, code: "decision_changed" });
    });
    const known = new Set(await pending());
    const again = ask(token, content);
    let next = "";
    await expect.poll(async () => (next = (await pending()).find((id) => !known.has(id)) ?? "")).not.toBe("");
    await sendsNothing(() => yes(next));
    await yes(next, second);
    expect((await again).status).toBe(200);
  });

  it("policies come to limit it: it counts, and beyond the limit it is refused", async () => {
    const { name, token } = await somebody();
    const [one, two] = [await held(token), await held(token)];
    await enter(name, "Helpers");
    await yes(one.review);
    expect((await one.answer).status).toBe(200);
    await sendsNothing(async () => {
      await yes(two.review);
      expect(await two.answer).toMatchObject({ status: 429, code: "rate_limited" });
    });
  });

  it("nothing changes for it: it goes on with the yes", async () => {
    const { token } = await somebody();
    const { answer, review } = await held(token);
    const other = await somebody();
    await leave(other.name, "Staff");
    await yes(review);
    expect((await answer).status).toBe(200);
  });
});

describe("while one target of an alias fails", () => {
  const reached = (path: string) => upstream.received.filter(({ url }) => url.startsWith(path)).length;

  it("its sender loses the group that the next one is for: that one is not asked", async () => {
    const { name, token } = await somebody();
    await enter(name, "Drivers");
    expect((await ask(token, "hello", { model: "driven" })).status).toBe(200);
    const before = reached("/backup/");
    const { answer, review } = await held(token, "driven");
    await leave(name, "Drivers");
    await yes(review);
    expect(await answer).toMatchObject({ status: 503 });
    expect(reached("/backup/")).toBe(before);
  });

  it("its sender is disabled: nobody else is asked, and that is the answer", async () => {
    const { name, token } = await somebody();
    const before = reached("/v1/");
    let disabled: Promise<unknown> | undefined;
    onDown = () => {
      disabled ??= patch(`/Users/${ids.get(name)}`, { op: "replace", path: "active", value: false });
      return disabled;
    };
    expect(await ask(token, "hello", { model: "least" })).toMatchObject({ status: 403, code: "account_disabled" });
    expect(reached("/v1/")).toBe(before);
  });

  it("the next one needs people: they are asked, and what they say is the answer", async () => {
    const { token } = await somebody();
    const one = await held(token, "thirdly", "hello");
    await yes(one.review);
    expect((await one.answer).status).toBe(200);
    const two = await held(token, "thirdly", "hello");
    await api("POST", `/api/reviews/${two.review}/votes`, officer, { decision: "deny" });
    expect(await two.answer).toMatchObject({ status: 403, code: "approval_denied" });
  });
});
