import { createHash } from "node:crypto";
import { fastify, type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { statusOf } from "../protocols/http/errors.ts";
import { reviewPages, reviewRoutes } from "./routes.ts";
import { asking, openDesk, person, type TestDesk } from "./test/setup.ts";

const ALICE = person("corp:alice", []);
const BOB = person("corp:bob");
const PEOPLE = new Map<string, Principal>([
  ["alice", ALICE],
  ["bob", BOB],
  ["carl", person("corp:carl")],
  ["eve", person("corp:eve", ["staff"])],
  ["officer", person("corp:officer", ["officers"])],
]);

let desk: TestDesk;
let app: FastifyInstance;
let permissions: Map<string, string | undefined>;

beforeEach(async () => {
  desk = await openDesk({
    settings: {
      breakGlass: {
        approvals: [{ group: "officers", people: 1 }],
        longestMs: 3_600_000,
        dueMs: 60_000,
        pauseMs: 60_000,
      },
    },
  });
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((thrown, _request, reply) => {
    const error =
      thrown instanceof Error && "validation" in thrown ? new SluiceError("field_invalid", "") : toSluiceError(thrown);
    return reply.code(statusOf(error)).send({ code: error.code });
  });
  permissions = new Map();
  app.addHook("onRoute", ({ method, url, config }) => {
    permissions.set(`${String(method)} ${url}`, config?.permission);
  });
  const principalOf = ({ headers }: { headers: Record<string, unknown> }): Principal => {
    const principal = PEOPLE.get(String(headers["x-person"]));
    if (principal === undefined) throw new SluiceError("key_missing", "no key");
    return principal;
  };
  const shared = {
    desk: desk.desk,
    principalOf,
    nameOf: (id: string) => id.replace("corp:", "").toUpperCase(),
    clock: Date.now,
  };
  reviewRoutes(app, {
    ...shared,
    urlOf: (id) => `https://sluice.example/reviews/${id}`,
    admit: (principal, purpose, connection) => {
      if (!principal.purposes.includes(purpose)) throw new SluiceError("purpose_not_allowed", "not this purpose");
      return {
        purpose: { id: purpose, basis: "eu-gdpr:A6-1-d" },
        connection: { ...asking(ALICE, "").connection, name: connection },
      };
    },
  });
  reviewPages(app, {
    ...shared,
    csrfOf: ({ headers }) => `csrf of ${String(headers["x-person"])}`,
    checkCsrf: ({ headers }, token) => {
      if (token !== `csrf of ${String(headers["x-person"])}`)
        throw new SluiceError("permission_missing", "wrong token");
    },
    needsStepUp: () => false,
  });
  await app.ready();
});
afterEach(async () => {
  await app.close();
  await desk.close();
});

async function asked(text = '{"text":"[EMAIL_1]"}'): Promise<string> {
  const error: unknown = await desk.desk.ask(asking(ALICE, text), undefined, 0).catch((thrown: unknown) => thrown);
  if (error instanceof SluiceError) return error.details?.["review"] ?? "";
  throw error;
}

async function get(who: string, url: string) {
  const { statusCode: status, headers, body } = await app.inject({ url, headers: { "x-person": who } });
  return { status, headers, body, json: () => JSON.parse(body) as Record<string, unknown> };
}

async function post(who: string, url: string, payload?: object | string) {
  const form = typeof payload === "string" ? { "content-type": "application/x-www-form-urlencoded" } : {};
  const sent = payload === undefined ? {} : { payload };
  const answer = await app.inject({ method: "POST", url, headers: { "x-person": who, ...form }, ...sent });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body,
    json: () => answer.json<Record<string, unknown>>(),
  };
}

describe("the API", () => {
  test("every route declares a permission", () => {
    expect(Object.fromEntries(permissions)).toMatchObject({
      "GET /api/reviews": "reviews.read",
      "GET /api/reviews/:id": "reviews.read",
      "POST /api/reviews/:id/votes": "reviews.decide",
      "POST /api/reviews/:id/cancel": "reviews.cancel",
      "POST /api/grants/:id/revoke": "grants.revoke",
      "POST /api/break-glass": "break-glass",
    });
    for (const [route, permission] of permissions) expect(permission, route).toBeTypeOf("string");
  });

  test("lists what waits for me and what I asked for, with names and no ids of persons", async () => {
    const id = await asked();
    const mine = (await get("bob", "/api/reviews")).json();
    expect(mine).toEqual((await get("alice", "/api/reviews?view=requested")).json());
    expect(mine).toMatchObject({
      reviews: [{ id, requester: "ALICE", state: "pending", url: `https://sluice.example/reviews/${id}` }],
    });
    expect(JSON.stringify(mine)).not.toContain("corp:");
    expect((await get("alice", "/api/reviews")).json()).toEqual({ reviews: [] });
  });

  test("shows a review with the masked request and whether I may decide it, and lets nobody keep it", async () => {
    const id = await asked();
    const { headers, json } = await get("bob", `/api/reviews/${id}`);
    expect(headers["cache-control"]).toBe("no-store");
    expect(json()).toMatchObject({
      preview: '{"text":"[EMAIL_1]"}',
      preview_complete: true,
      may_vote: true,
      basis: "eu-gdpr:A6-1-b",
      risk: { score: 70 },
      digest: createHash("sha256").update('{"text":"[EMAIL_1]"}').digest("base64url"),
    });
    expect((await get("alice", `/api/reviews/${id}`)).json()).toMatchObject({ may_vote: false });
    expect(await get("eve", `/api/reviews/${id}`)).toMatchObject({ status: 404, body: '{"code":"review_unknown"}' });
  });

  test("takes votes with a comment, and says what came of it", async () => {
    const id = await asked();
    const voted = await post("bob", `/api/reviews/${id}/votes`, { decision: "approve", comment: "fine" });
    expect(voted.json()).toMatchObject({ state: "granted", votes: [{ person: "BOB", decision: "approve" }] });
    expect((await get("alice", `/api/reviews/${id}`)).json()).toMatchObject({
      votes: [{ comment: "fine" }],
      grant: { kind: "single-use", state: "active", review: id },
    });
    expect(await post("carl", `/api/reviews/${id}/votes`, { decision: "deny" })).toMatchObject({
      status: 409,
      body: '{"code":"review_closed"}',
    });
  });

  test("refuses the vote of who asked and of who is in no group that is asked", async () => {
    const id = await asked();
    expect((await post("alice", `/api/reviews/${id}/votes`, { decision: "approve" })).json()).toEqual({
      code: "approval_self",
    });
    expect((await post("eve", `/api/reviews/${id}/votes`, { decision: "approve" })).json()).toEqual({
      code: "permission_missing",
    });
  });

  test.each<[string, object]>([
    ["votes", { decision: "maybe" }],
    ["votes", { decision: "approve", force: true }],
    ["votes", { decision: "approve", comment: "x".repeat(1_001) }],
    ["votes", {}],
  ])("refuses what is not of the documented form: %s %j", async (route, body) => {
    const id = await asked();
    expect(await post("bob", `/api/reviews/${id}/${route}`, body)).toMatchObject({ status: 400 });
    expect((await get("bob", "/api/reviews?limit=1000")).status).toBe(400);
    expect((await get("bob", "/api/reviews/..%2f..%2fetc")).status).toBe(400);
  });

  test("the requester takes a request back, and a grant is revoked once", async () => {
    const first = await asked();
    expect((await post("alice", `/api/reviews/${first}/cancel`)).json()).toMatchObject({ state: "cancelled" });
    const second = await asked("second");
    await post("bob", `/api/reviews/${second}/votes`, { decision: "approve" });
    const { grant } = (await get("bob", `/api/reviews/${second}`)).json() as { grant: { id: string } };
    expect((await post("bob", `/api/grants/${grant.id}/revoke`)).json()).toMatchObject({ state: "revoked" });
    expect((await post("bob", `/api/grants/${grant.id}/revoke`)).json()).toEqual({ code: "grant_ended" });
  });

  test("breaks the glass for a purpose that is one's own, and opens a review of it", async () => {
    const emergency = { purpose: "support", connection: "acme", reason: "patient in danger", minutes: 15 };
    const grant = (await post("alice", "/api/break-glass", emergency)).json();
    expect(grant).toMatchObject({ kind: "break-glass", state: "active" });
    expect((await get("officer", `/api/reviews/${String(grant["review"])}`)).json()).toMatchObject({
      kind: "after-the-fact",
      preview: "patient in danger",
      may_vote: true,
    });
    expect((await post("alice", "/api/break-glass", { ...emergency, purpose: "other" })).json()).toEqual({
      code: "purpose_not_allowed",
    });
    expect((await post("alice", "/api/break-glass", { ...emergency, minutes: 61 })).status).toBe(400);
    expect((await post("alice", "/api/break-glass", { ...emergency, reason: "" })).status).toBe(400);
  });
});

describe("the pages", () => {
  test("a person decides with a form, and comes back to the review", async () => {
    const id = await asked();
    const page = await get("bob", `/reviews/${id}`);
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(page.body).toContain('value="csrf of bob"');
    expect((await get("bob", "/reviews")).body).toContain(`/reviews/${id}`);
    const form = new URLSearchParams({ csrf: "csrf of bob", decision: "approve", comment: "" }).toString();
    expect(await post("bob", `/reviews/${id}/votes`, form)).toMatchObject({
      status: 303,
      headers: { location: `/reviews/${id}` },
    });
    expect((await get("bob", `/reviews/${id}`)).body).toContain("Approved");
    const late = await post("carl", `/reviews/${id}/votes`, form.replace("bob", "carl"));
    expect(late).toMatchObject({ status: 409 });
    expect(late.body).toContain("it was decided already");
  });

  test("the style that is sent is the one that its header allows", async () => {
    const { body, headers } = await get("bob", "/reviews");
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(headers["content-security-policy"]).toContain(`style-src 'sha256-${hash}'`);
  });

  test("a form without the token of the session decides nothing, and neither does a GET", async () => {
    const id = await asked();
    for (const csrf of ["", "csrf of alice"]) {
      const form = new URLSearchParams({ csrf, decision: "approve" }).toString();
      expect((await post("bob", `/reviews/${id}/votes`, form)).status).toBe(403);
    }
    expect((await get("bob", `/reviews/${id}/votes?decision=approve`)).status).toBe(404);
    expect((await desk.desk.show(id, BOB)).state).toBe("pending");
  });

  test("a form that is too long, or has more fields than there are, is refused", async () => {
    const id = await asked();
    const form = (more: Record<string, string>): string =>
      new URLSearchParams({ csrf: "csrf of bob", decision: "approve", ...more }).toString();
    expect(
      (await post("bob", `/reviews/${id}/votes`, form({ comment: "x".repeat(20_000) }))).status,
    ).toBeGreaterThanOrEqual(400);
    expect((await post("bob", `/reviews/${id}/votes`, form({ admin: "1" }))).status).toBe(400);
    expect((await desk.desk.show(id, BOB)).state).toBe("pending");
  });
});
