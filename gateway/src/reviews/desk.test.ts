import { SluiceError } from "../core/errors.ts";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Secret } from "../core/secret.ts";
import { openDatabase } from "../server/database.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import type { Grant } from "./grant.ts";
import { reviewMigrations } from "./migrations.ts";
import { sealedReviews } from "./store.ts";
import { aesGcm, asking, codeOf, openDesk, person, type TestDesk, type TestDeskOptions } from "./test/setup.ts";

const RACERS = 1_000;
const ALICE = person("corp:alice", []);
const BOB = person("corp:bob");
const CARL = person("corp:carl");
const RESEARCH = { id: "research", basis: "eu-gdpr:A6-1-b" };

let server: TestServer;
const opened: TestDesk[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function open(options: TestDeskOptions = {}): Promise<TestDesk> {
  const each = await openDesk(options);
  opened.push(each);
  return each;
}

/** The id of the review that a request is held for. */
async function held(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SluiceError)) throw new Error(`not held: ${String(error)}`);
  expect(error).toMatchObject({ code: "approval_required", kind: "denied" });
  const { review = "" } = error.details ?? {};
  expect(error.details).toEqual({ review, review_url: `https://sluice.example/reviews/${review}` });
  expect(error.message).toContain(`https://sluice.example/reviews/${review}`);
  return review;
}

const names = ({ events }: TestDesk): string[] => events.map(({ event }) => event.name);

describe.each<[string, () => Promise<Secret | undefined>]>([
  ["on the embedded database", () => Promise.resolve(undefined)],
  ["on a PostgreSQL server", () => server.schema()],
])("%s", (_, place) => {
  const fresh = async (options: TestDeskOptions = {}): Promise<TestDesk> => open({ url: await place(), ...options });

  test("a request that waits is released when somebody says yes, and its grant is used up", async () => {
    const desk = await fresh();
    const waiting = desk.desk.ask(asking(ALICE, "hello"), undefined, 10_000);
    await expect
      .poll(async () => (await desk.desk.list(BOB, "decide", { state: "pending", limit: 10 })).reviews.length)
      .toBe(1);
    const [review] = (await desk.desk.list(BOB, "decide", { state: "pending", limit: 10 })).reviews;
    await desk.desk.vote(review?.id ?? "", BOB, "approve");
    expect(await waiting).toMatchObject({
      kind: "single-use",
      state: "used",
      approvers: ["corp:bob"],
      review: review?.id,
    });
    expect(names(desk)).toEqual(["review.requested", "review.voted", "review.granted", "grant.opened", "grant.used"]);
    expect(Buffer.from(desk.events[0]?.digest ?? []).toString("base64url")).toBe(review?.digest);
  });

  test("a request that may not wait is told which review to wait for; sent again unchanged it is let through, once", async () => {
    const { desk } = await fresh();
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    expect(await held(desk.ask(asking(ALICE, "hello"), undefined, 0))).toBe(id);
    await desk.vote(id, BOB, "approve");
    expect(await desk.ask(asking(ALICE, "hello"), undefined, 0)).toMatchObject({ review: id, state: "used" });
    expect(await held(desk.ask(asking(ALICE, "hello"), undefined, 0))).not.toBe(id);
  });

  test.each<[string, Parameters<typeof asking>]>([
    ["a changed text", [ALICE, "hello!"]],
    ["another principal", [person("corp:anna", []), "hello"]],
    ["an agent that acts for the principal", [{ ...ALICE, actors: [{ id: "agent:bot", kind: "agent" }] }, "hello"]],
    ["another purpose", [ALICE, "hello", { purpose: { id: "research", basis: "eu-gdpr:A6-1-b" } }]],
    ["another connection", [ALICE, "hello", { connection: { ...asking(ALICE, "").connection, name: "other" } }]],
    ["another lawful basis", [ALICE, "hello", { purpose: { id: "support", basis: "eu-gdpr:A6-1-f" } }]],
    [
      "another recipient behind the same name",
      [
        ALICE,
        "hello",
        { connection: { name: "acme", recipient: { id: "acme", name: "Acme AI", country: "CN", role: "processor" } } },
      ],
    ],
  ])("what was approved is not approved for %s", async (_name, [principal, text, more]) => {
    const { desk } = await fresh();
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    await desk.vote(id, BOB, "approve");
    expect(await held(desk.ask(asking(principal, text, more), undefined, 0))).not.toBe(id);
  });

  test(`of ${RACERS} votes at once exactly one decides, and there is one grant`, async () => {
    const desk = await fresh();
    const id = await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
    const codes = await Promise.all(
      Array.from({ length: RACERS }, (_unused, at) => codeOf(desk.desk.vote(id, person(`corp:v${at}`), "approve"))),
    );
    expect(codes.filter((code) => code === "none")).toHaveLength(1);
    expect(codes.filter((code) => code === "review_closed")).toHaveLength(RACERS - 1);
    expect(names(desk).filter((name) => name === "review.granted" || name === "grant.opened")).toHaveLength(2);
  });

  test(`of ${RACERS} requests that want one single-use grant at once exactly one gets it`, async () => {
    const { desk, store, events } = await fresh();
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    await desk.vote(id, BOB, "approve");
    const { principal: _p, preview: _t, digest, sending, ...rest } = asking(ALICE, "hello");
    const need = {
      ...rest,
      endpoint: sending.endpoint,
      body: "",
      principal: ALICE.id,
      actors: [],
      purpose: "support",
      basis: "eu-gdpr:A6-1-b",
      connection: "acme",
      recipient: { name: "Acme AI", country: "US" },
      digest: Buffer.from(digest).toString("base64url"),
      risk: rest.risk.score,
      stepUp: false,
    };
    const got = await Promise.all(Array.from({ length: RACERS }, () => store.take(need, Date.now())));
    expect(got.filter((grant) => grant !== undefined)).toHaveLength(1);
    expect(events.filter(({ event }) => event.name === "grant.used")).toHaveLength(1);
  });

  test("two of three people have to say yes, when two are asked for, racing or not", async () => {
    const { desk } = await fresh();
    const approvals = [{ group: "privacy", people: 2 }];
    const id = await held(desk.ask(asking(ALICE, "hello", { approvals }), undefined, 0));
    const [one, two] = await Promise.all([desk.vote(id, BOB, "approve"), desk.vote(id, CARL, "approve")]);
    expect([one.state, two.state]).toContain("granted");
    const grant = await desk.ask(asking(ALICE, "hello", { approvals }), undefined, 0);
    expect(grant.approvers.toSorted()).toEqual(["corp:bob", "corp:carl"]);
  });

  test("an approver who has left the group meanwhile does not count", async () => {
    const desk = await fresh();
    const approvals = [{ group: "privacy", people: 2 }];
    const id = await held(desk.desk.ask(asking(ALICE, "hello", { approvals }), undefined, 0));
    await desk.desk.vote(id, BOB, "approve");
    desk.membership.set(BOB.id, []);
    expect((await desk.desk.vote(id, CARL, "approve")).state).toBe("pending");
    // What the credential still says does not help.
    expect(await codeOf(desk.desk.vote(id, BOB, "approve"))).toBe("permission_missing");
    expect((await desk.desk.vote(id, person("corp:dora"), "approve")).state).toBe("granted");
  });

  test("a no ends it for whoever waits and whoever sends it again", async () => {
    const { desk } = await fresh();
    const waiting = codeOf(desk.ask(asking(ALICE, "hello"), undefined, 10_000));
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    await desk.vote(id, BOB, "deny", "not without a contract");
    expect(await waiting).toBe("approval_denied");
    expect(await codeOf(desk.ask(asking(ALICE, "hello"), undefined, 0))).toBe("approval_denied");
    expect((await desk.show(id, ALICE)).comments).toEqual(new Map([["corp:bob", "not without a contract"]]));
  });

  test("no answer in time is a no, on record, and asking again opens another review", async () => {
    const desk = await fresh({ settings: { expiresMs: 200 } });
    expect(await codeOf(desk.desk.ask(asking(ALICE, "hello"), undefined, 10_000))).toBe("approval_expired");
    const [review] = [
      ...(await desk.desk.list(ALICE, "requested", { state: "pending", limit: 10 })).reviews,
      ...(await desk.desk.list(ALICE, "requested", { state: "closed", limit: 10 })).reviews,
    ];
    expect(await codeOf(desk.desk.vote(review?.id ?? "", BOB, "approve"))).toBe("review_closed");
    await desk.desk.sweep();
    expect(names(desk)).toEqual(["review.requested", "review.expired"]);
    expect(await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0))).not.toBe(review?.id);
  });

  test("who asked, in whose name it was asked, and who owns the agent cannot decide", async () => {
    const { desk } = await fresh();
    const alice = person("corp:alice", ["privacy"], { roles: ["approver", "privacy-officer", "operator"] });
    const byAgent = { ...alice, actors: [{ id: "agent:bot", kind: "agent" as const }] };
    const owned = person("agent:owned", [], { kind: "agent" });
    for (const [asker, voter] of [
      [alice, alice],
      [byAgent, alice],
      [owned, person("corp:owner")],
    ] as const) {
      const id = await held(desk.ask(asking(asker, "hello"), undefined, 0));
      expect(await codeOf(desk.vote(id, voter, "approve"))).toBe("approval_self");
      expect(await codeOf(desk.vote(id, voter, "deny"))).toBe("approval_self");
    }
  });

  test("what cannot be recorded does not happen", async () => {
    const desk = await fresh();
    desk.recordFails = true;
    expect(await codeOf(desk.desk.ask(asking(ALICE, "hello"), undefined, 0))).toBe("evidence_unavailable");
    desk.recordFails = false;
    const id = await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
    desk.recordFails = true;
    expect(await codeOf(desk.desk.vote(id, BOB, "approve"))).toBe("evidence_unavailable");
    desk.recordFails = false;
    expect((await desk.desk.show(id, BOB)).review).toMatchObject({ state: "pending", votes: [] });
    await desk.desk.vote(id, BOB, "approve");
    desk.recordFails = true;
    expect(await codeOf(desk.desk.ask(asking(ALICE, "hello"), undefined, 0))).toBe("evidence_unavailable");
    desk.recordFails = false;
    expect(await desk.desk.ask(asking(ALICE, "hello"), undefined, 0)).toMatchObject({ state: "used" });
  });

  test("a client that leaves while it waits is told so, and the review stays", async () => {
    const { desk } = await fresh();
    const leaving = new AbortController();
    const waiting = codeOf(desk.ask(asking(ALICE, "hello"), leaving.signal, 10_000));
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    leaving.abort();
    expect(await waiting).toBe("client_closed");
    expect((await desk.show(id, BOB)).state).toBe("pending");
  });

  test("a client that leaves in the moment of the yes leaves the grant for the next one", async () => {
    const desk = await fresh();
    const leaving = new AbortController();
    const waiting = codeOf(desk.desk.ask(asking(ALICE, "hello"), leaving.signal, 10_000));
    const id = await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
    const voting = desk.desk.vote(id, BOB, "approve");
    await expect.poll(() => names(desk), { interval: 0 }).toContain("review.granted");
    leaving.abort();
    await voting;
    // Too late to leave, or just in time: the yes is used once either way.
    expect(["client_closed", "none"]).toContain(await waiting);
    if (names(desk).includes("grant.returned")) {
      expect(await desk.desk.ask(asking(ALICE, "hello"), undefined, 0)).toMatchObject({ review: id, state: "used" });
    }
    expect(await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0))).not.toBe(id);
  });

  test("a grant that led to nothing is there for its request again, once, and not while others use it", async () => {
    const { desk, events } = await fresh();
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    await desk.vote(id, BOB, "approve");
    const first = await desk.ask(asking(ALICE, "hello"), undefined, 0);
    await Promise.all([desk.giveBack(first), desk.giveBack(first)]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await desk.ask(asking(ALICE, "hello"), undefined, 0);
    expect(second).toMatchObject({ id: first.id, state: "used" });
    await desk.giveBack(first);
    expect(await held(desk.ask(asking(ALICE, "hello"), undefined, 0))).not.toBe(id);
    expect(events.filter(({ event }) => event.name === "grant.returned")).toHaveLength(1);
  });

  test("a grant that cannot be given back while nothing can be recorded is given back afterwards", async () => {
    const desk = await fresh();
    const id = await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
    await desk.desk.vote(id, BOB, "approve");
    const grant = await desk.desk.ask(asking(ALICE, "hello"), undefined, 0);
    desk.recordFails = true;
    await desk.desk.giveBack(grant);
    expect(desk.faults.map(({ code }) => code)).toContain("evidence_unavailable");
    desk.recordFails = false;
    await expect.poll(() => names(desk), { timeout: 5_000 }).toContain("grant.returned");
    expect(await desk.desk.ask(asking(ALICE, "hello"), undefined, 0)).toMatchObject({ id: grant.id });
  });

  test("who waits for what is not allowed any more is told why, and nobody is asked about it", async () => {
    const desk = await fresh();
    const stopping = new AbortController();
    const waiting = codeOf(desk.desk.ask(asking(ALICE, "hello"), stopping.signal, 10_000));
    const id = await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
    stopping.abort(new SluiceError("consent_withdrawn", "withdrawn"));
    expect(await waiting).toBe("consent_withdrawn");
    expect((await desk.desk.show(id, ALICE)).state).toBe("cancelled");
  });

  test("of two that wait with the same request one is released by a yes, and the other asks for one of its own", async () => {
    const { desk } = await fresh();
    const first = desk.ask(asking(ALICE, "hello"), undefined, 10_000);
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    const second = desk.ask(asking(ALICE, "hello"), undefined, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await desk.vote(id, BOB, "approve");
    const next = await expect
      .poll(async () => (await desk.list(BOB, "decide", { state: "pending", limit: 10 })).reviews, { timeout: 5_000 })
      .toHaveLength(1)
      .then(() => desk.list(BOB, "decide", { state: "pending", limit: 10 }));
    await desk.vote(next.reviews[0]?.id ?? "", BOB, "approve");
    const grants = await Promise.all([first, second]);
    expect(new Set(grants.map((grant) => grant.id)).size).toBe(2);
    expect(new Set(grants.map((grant) => grant.review))).toEqual(new Set([id, next.reviews[0]?.id]));
  });

  test("who comes in the moment of the yes does not wait for another one", async () => {
    const { desk } = await fresh();
    const boxed = asking(ALICE, "hello", { windowMs: 60_000 });
    const id = await held(desk.ask(boxed, undefined, 0));
    const asks: Promise<Grant>[] = [];
    const voted = { yet: false };
    const asking1by1 = (async () => {
      for (let after = 0; after < 5; after += voted.yet ? 1 : 0) {
        asks.push(desk.ask(boxed, undefined, 20_000));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await desk.vote(id, BOB, "approve");
    voted.yet = true;
    await asking1by1;
    expect(new Set((await Promise.all(asks)).map((grant) => grant.review))).toEqual(new Set([id]));
    expect((await desk.list(BOB, "decide", { state: "pending", limit: 10 })).reviews).toEqual([]);
  });

  test("no more requests wait than the limits say, of one principal and of all", async () => {
    const { desk } = await fresh({ settings: { pendingPerPrincipalMax: 2, pendingMax: 3 } });
    await held(desk.ask(asking(ALICE, "1"), undefined, 0));
    await held(desk.ask(asking(ALICE, "2"), undefined, 0));
    expect(await codeOf(desk.ask(asking(ALICE, "3"), undefined, 0))).toBe("reviews_limited");
    await held(desk.ask(asking(ALICE, "2"), undefined, 0));
    await held(desk.ask(asking(person("corp:anna", []), "3"), undefined, 0));
    expect(await codeOf(desk.ask(asking(person("corp:axel", []), "4"), undefined, 0))).toBe("reviews_limited");
  });

  test("people are asked about so many requests of one principal in an hour, taken back or not, and then it is told when to come again", async () => {
    const desk = await fresh({ settings: { hourlyPerPrincipalMax: 3 } });
    for (const text of ["1", "2", "3"]) {
      await desk.desk.cancel(await held(desk.desk.ask(asking(ALICE, text), undefined, 0)), ALICE);
      desk.laterMs += 60_000;
    }
    const refused = await desk.desk.ask(asking(ALICE, "4"), undefined, 0).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: "reviews_limited", retriable: true });
    const { retryAfterSeconds = 0 } = refused as SluiceError;
    expect(retryAfterSeconds).toBeGreaterThan(56 * 60);
    expect(retryAfterSeconds).toBeLessThanOrEqual(57 * 60);
    await held(desk.desk.ask(asking(person("corp:anna", []), "4"), undefined, 0));
    desk.laterMs += retryAfterSeconds * 1_000;
    const id = await held(desk.desk.ask(asking(ALICE, "4"), undefined, 0));
    expect(await held(desk.desk.ask(asking(ALICE, "4"), undefined, 0))).toBe(id);
    expect(await codeOf(desk.desk.ask(asking(ALICE, "5"), undefined, 0))).toBe("reviews_limited");
  });

  test("a no to a request stands before any yes that would cover it", async () => {
    const { desk } = await fresh({ settings: { breakGlass } });
    const denied = asking(ALICE, "layoffs", { windowMs: 60_000 });
    const pending = await held(desk.ask(denied, undefined, 0));
    await desk.breakGlass(emergency());
    await desk.vote(
      await held(desk.ask(asking(ALICE, "hello", { windowMs: 60_000, purpose: RESEARCH }), undefined, 0)),
      BOB,
      "approve",
    );
    expect((await desk.ask(asking(ALICE, "hello"), undefined, 0)).kind).toBe("break-glass");
    await desk.vote(pending, BOB, "deny");
    expect(await codeOf(desk.ask(denied, undefined, 0))).toBe("approval_denied");
    const otherWay = { ...denied, digest: asking(ALICE, "the same with another header").digest };
    expect(await codeOf(desk.ask(otherWay, undefined, 0))).toBe("approval_denied");
    const other = { ...denied, purpose: RESEARCH };
    expect((await desk.ask(other, undefined, 0)).kind).toBe("time-boxed");
  });

  test("a yes for a time covers no more risk, findings and unscanned parts than it was given for", async () => {
    const { desk } = await fresh();
    const risk = { score: 5, reasons: [] };
    const boxed = asking(ALICE, "one", { windowMs: 60_000, risk });
    await desk.vote(await held(desk.ask(boxed, undefined, 0)), BOB, "approve");
    const again = { ...asking(ALICE, "two"), risk };
    expect((await desk.ask(again, undefined, 0)).kind).toBe("time-boxed");
    for (const more of [{ risk: { score: 6, reasons: [] } }, { volume: 100 }, { opaque: { image: 1 } }])
      await held(desk.ask({ ...asking(ALICE, JSON.stringify(more)), risk, ...more }, undefined, 0));
  });

  test("what takes a passkey goes by a yes that everybody gave with one", async () => {
    const approvals = [{ group: "privacy", people: 2 }];
    const desk = await fresh();
    const boxed = asking(ALICE, "one", { windowMs: 60_000, approvals });
    const id = await held(desk.desk.ask(boxed, undefined, 0));
    await desk.desk.vote(id, BOB, "approve");
    desk.settings = { ...desk.settings, stepUpRisk: 50 };
    await desk.desk.vote(id, CARL, "approve", undefined, true);
    const next = await held(desk.desk.ask(boxed, undefined, 0));
    for (const each of [BOB, CARL]) await desk.desk.vote(next, each, "approve", undefined, true);
    expect(await desk.desk.ask({ ...boxed, digest: asking(ALICE, "two").digest }, undefined, 0)).toMatchObject({
      review: next,
      stepUp: true,
    });
  });

  test("an agent or a service sees, lists and takes back what it asked itself, and nothing else", async () => {
    const { desk } = await fresh();
    const through = (id: string, groups: string[] = []) =>
      person("corp:alice", groups, { actors: [{ id, kind: "agent" }] });
    const own = await held(desk.ask(asking(ALICE, "own"), undefined, 0));
    const sent = await held(desk.ask(asking(through("agent:bot"), "sent"), undefined, 0));
    const service = person("service:desk", ["privacy"], { kind: "service" });
    const page = { state: "pending", limit: 10 } as const;
    for (const viewer of [through("agent:bot", ["privacy"]), through("agent:other"), service]) {
      expect((await desk.list(viewer, "decide", page)).reviews).toEqual([]);
      expect(await codeOf(desk.show(own, viewer))).toBe("review_unknown");
      expect(await codeOf(desk.cancel(own, viewer))).toBe("permission_missing");
    }
    expect(await codeOf(desk.cancel(sent, through("agent:other")))).toBe("permission_missing");
    const listed = async (viewer: typeof ALICE): Promise<string[]> =>
      (await desk.list(viewer, "requested", page)).reviews.map(({ id }) => id);
    expect(await listed(through("agent:bot"))).toEqual([sent]);
    expect(await listed(through("agent:other"))).toEqual([]);
    expect((await listed(ALICE)).toSorted()).toEqual([own, sent].toSorted());
    expect((await desk.show(sent, through("agent:bot"))).preview).toBe("sent");
    expect((await desk.cancel(sent, through("agent:bot"))).state).toBe("cancelled");
  });

  test("when policy asks for more people meanwhile, a pending request is asked about anew", async () => {
    const { desk, events } = await fresh();
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    const approvals = [{ group: "privacy", people: 2 }];
    const waiting = desk.ask(asking(ALICE, "hello"), undefined, 10_000);
    const next = await held(desk.ask(asking(ALICE, "hello", { approvals }), undefined, 0));
    expect(next).not.toBe(id);
    expect(await codeOf(desk.vote(id, BOB, "approve"))).toBe("review_closed");
    await desk.vote(next, BOB, "approve");
    await desk.vote(next, CARL, "approve");
    expect(await waiting).toMatchObject({ review: next });
    expect(events.map(({ event }) => event.name)).toContain("review.cancelled");
  });

  test("the requester can take it back, and nobody else", async () => {
    const { desk } = await fresh();
    const waiting = codeOf(desk.ask(asking(ALICE, "hello"), undefined, 10_000));
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    expect(await codeOf(desk.cancel(id, BOB))).toBe("permission_missing");
    await desk.cancel(id, ALICE);
    expect(await waiting).toBe("approval_denied");
    expect(await codeOf(desk.cancel(id, ALICE))).toBe("review_closed");
    expect(await codeOf(desk.cancel("rv-none", ALICE))).toBe("review_unknown");
  });

  test("a grant for a time holds for every request of its scope, and who runs under it is told in time when it ends", async () => {
    const desk = await fresh();
    const windowMs = 1_500;
    const id = await held(desk.desk.ask(asking(ALICE, "one", { windowMs }), undefined, 0));
    await desk.desk.vote(id, BOB, "approve");
    const grant = await desk.desk.ask(asking(ALICE, "two"), undefined, 0);
    expect(grant).toMatchObject({ kind: "time-boxed", review: id });
    expect(await desk.desk.ask(asking(ALICE, "three", { categories: [] }), undefined, 0)).toMatchObject({
      id: grant.id,
    });
    await held(desk.desk.ask(asking(ALICE, "four", { categories: ["religion"] }), undefined, 0));
    const ended = await new Promise<number>((resolve) => desk.desk.watch(grant, () => resolve(Date.now())));
    expect(ended).toBeGreaterThanOrEqual(grant.expiresAt);
    expect(ended).toBeLessThan(grant.expiresAt + 1_000);
    await held(desk.desk.ask(asking(ALICE, "five"), undefined, 0));
    await expect.poll(() => names(desk), { timeout: 3_000 }).toContain("grant.ended");
  });

  test("who runs under a grant is told within a second when it is revoked, also when it was for one use", async () => {
    const desk = await fresh();
    const grants: Grant[] = [];
    for (const [text, windowMs] of [
      ["one", undefined],
      ["two", 60_000],
    ] as const) {
      const ask = asking(ALICE, text, windowMs === undefined ? {} : { windowMs });
      await desk.desk.vote(await held(desk.desk.ask(ask, undefined, 0)), BOB, "approve");
      grants.push(await desk.desk.ask(ask, undefined, 0));
    }
    for (const grant of grants) {
      const ended = new Promise<string>((resolve) => desk.desk.watch(grant, resolve));
      const neverTold = desk.desk.watch(grant, () => expect.fail("told after its watch was over"));
      neverTold();
      const before = Date.now();
      await desk.desk.revoke(grant.id, "corp:officer");
      expect(await ended).toBe("revoked");
      expect(Date.now() - before).toBeLessThan(1_000);
      expect(await codeOf(desk.desk.revoke(grant.id, "corp:officer"))).toBe("grant_ended");
      // Watched too late, it tells at once.
      expect(await new Promise<string>((resolve) => desk.desk.watch(grant, resolve))).toBe("revoked");
    }
    expect(await codeOf(desk.desk.revoke("gr-none", "corp:officer"))).toBe("grant_unknown");
    await held(desk.desk.ask(asking(ALICE, "two"), undefined, 0));
  });

  test("a person who is dismissed waits for nothing and has no grants", async () => {
    const { desk } = await fresh();
    const boxed = asking(ALICE, "one", { windowMs: 60_000 });
    await desk.vote(await held(desk.ask(boxed, undefined, 0)), BOB, "approve");
    const grant = await desk.ask(boxed, undefined, 0);
    const ended = new Promise<string>((resolve) => desk.watch(grant, resolve));
    const waiting = codeOf(desk.ask(asking(ALICE, "two", { categories: ["religion"] }), undefined, 10_000));
    await expect
      .poll(async () => (await desk.list(ALICE, "requested", { state: "pending", limit: 10 })).reviews.length)
      .toBe(1);
    await desk.dismiss(ALICE.id, "scim");
    expect(await ended).toBe("revoked");
    expect(await waiting).toBe("approval_denied");
  });

  const breakGlass = {
    approvals: [{ group: "officers", people: 1 }],
    longestMs: 3_600_000,
    dueMs: 60_000,
    pauseMs: 60_000,
  };
  const emergency = (principal = ALICE) => ({
    principal,
    purpose: { id: "support", basis: "eu-gdpr:A6-1-b" },
    connection: asking(ALICE, "").connection,
    reason: "patient in danger",
    ms: 60_000,
  });

  test("who breaks the glass is let through at once, with an alarm on record and a review to come", async () => {
    const desk = await fresh({ settings: { breakGlass } });
    const grant = await desk.desk.breakGlass(emergency());
    expect(await desk.desk.ask(asking(ALICE, "hello"), undefined, 0)).toMatchObject({
      id: grant.id,
      kind: "break-glass",
    });
    expect(desk.events[0]?.event).toMatchObject({
      name: "break-glass.opened",
      actor: ALICE.id,
      facts: { alarm: true },
    });
    expect(JSON.stringify(desk.events)).not.toContain("patient");
    const officer = person("corp:officer", ["officers"]);
    expect(await desk.desk.show(grant.review, officer)).toMatchObject({
      preview: "patient in danger",
      mayVote: true,
      review: { kind: "after-the-fact", grant: grant.id },
    });
    expect(await codeOf(desk.desk.vote(grant.review, person(ALICE.id, ["officers"]), "approve"))).toBe("approval_self");
    expect((await desk.desk.vote(grant.review, officer, "approve")).state).toBe("granted");
    expect(await desk.desk.ask(asking(ALICE, "again"), undefined, 0)).toMatchObject({ id: grant.id });
  });

  test.each(["denied", "not looked at in time"])("a broken glass that is %s ends at once", async (how) => {
    const desk = await fresh({ settings: { breakGlass: { ...breakGlass, dueMs: 30_000 } } });
    const grant = await desk.desk.breakGlass(emergency());
    const ended = new Promise<string>((resolve) => desk.desk.watch(grant, resolve));
    if (how === "denied") await desk.desk.vote(grant.review, person("corp:officer", ["officers"]), "deny");
    else {
      desk.laterMs = 30_000;
      await desk.desk.sweep();
    }
    expect(await ended).toBe("revoked");
    expect(names(desk)).toContain("grant.revoked");
    await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
  });

  test("nobody breaks the glass again soon after a time that nobody has looked at: silence is no yes", async () => {
    const desk = await fresh({ settings: { breakGlass: { ...breakGlass, dueMs: 30_000 } } });
    const { review } = await desk.desk.breakGlass(emergency());
    desk.laterMs = 30_000;
    await desk.desk.sweep();
    expect(await desk.store.read(review)).toMatchObject({ state: "expired" });
    const refused = await desk.desk.breakGlass(emergency()).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: "break_glass_refused", details: { review } });
    expect(String(refused)).toContain("nobody has looked");
    desk.laterMs = 91_000;
    await desk.desk.breakGlass(emergency());
  });

  test("nobody breaks the glass again before the last time was looked at, or soon after a no to it", async () => {
    const desk = await fresh({ settings: { breakGlass, pendingPerPrincipalMax: 100 } });
    const grant = await desk.desk.breakGlass(emergency());
    expect(await codeOf(desk.desk.breakGlass(emergency()))).toBe("break_glass_refused");
    await desk.desk.breakGlass(emergency(CARL));
    const officer = person("corp:officer", ["officers"]);
    await desk.desk.vote(grant.review, officer, "deny");
    const refused = await desk.desk.breakGlass(emergency()).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: "break_glass_refused", details: { review: grant.review } });
    desk.laterMs = 60_000;
    const next = await desk.desk.breakGlass(emergency());
    await desk.desk.vote(next.review, officer, "approve");
    await desk.desk.breakGlass(emergency());
  });

  test("of 50 who break the glass as one person at once, one does", async () => {
    const { desk } = await fresh({ settings: { breakGlass } });
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(desk.breakGlass(emergency()))));
    expect(codes.filter((code) => code === "none")).toHaveLength(1);
    expect(codes.filter((code) => code === "break_glass_refused")).toHaveLength(49);
  });

  test("nobody breaks the glass for what somebody has just said no to, and may for something else", async () => {
    const desk = await fresh({ settings: { breakGlass } });
    await desk.desk.vote(await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0)), BOB, "deny");
    expect(await codeOf(desk.desk.breakGlass(emergency()))).toBe("break_glass_refused");
    const other = await desk.desk.breakGlass({ ...emergency(), purpose: RESEARCH });
    await desk.desk.vote(other.review, person("corp:officer", ["officers"]), "approve");
    desk.laterMs = 60_000;
    await desk.desk.sweep();
    await desk.desk.breakGlass(emergency());
  });

  test("the glass is broken by people only, with a reason, for a limited time, and where it was set up", async () => {
    const { desk } = await fresh({ settings: { breakGlass } });
    expect(await codeOf(desk.breakGlass({ ...emergency(), reason: " " }))).toBe("field_invalid");
    expect(await codeOf(desk.breakGlass({ ...emergency(), ms: 3_600_001 }))).toBe("field_invalid");
    expect(await codeOf(desk.breakGlass({ ...emergency(), ms: Number.NaN }))).toBe("field_invalid");
    const agent = { ...ALICE, actors: [{ id: "agent:bot", kind: "agent" as const }] };
    expect(await codeOf(desk.breakGlass(emergency(agent)))).toBe("permission_missing");
    expect(await codeOf(desk.breakGlass(emergency({ ...ALICE, heldByOthers: true })))).toBe("permission_missing");
    const { desk: without } = await fresh();
    expect(await codeOf(without.breakGlass(emergency()))).toBe("permission_missing");
  });

  test("a yes and a broken glass from before a yes said to whom and where it goes are ended by the upgrade, on record", async () => {
    const url = await place();
    const dir = mkdtempSync(join(tmpdir(), "sluice-reviews-"));
    const before = { url, dir, clock: Date.now, onFault: () => undefined };
    const old = await openDatabase({ ...before, migrations: reviewMigrations.slice(0, -1) });
    const now = Date.now();
    const scope = { actors: [], purpose: "support", connection: "acme", categories: [], approvals: [], approvers: [] };
    const today = { ...scope, recipient: { name: "Acme AI", country: "US" } };
    for (const [id, kind, facts] of [
      ["gr-01", "break-glass", scope],
      ["gr-02", "single-use", scope],
      ["gr-03", "time-boxed", today],
      ["gr-04", "break-glass", today],
      ["gr-05", "time-boxed", { ...today, endpoint: "chat.completions" }],
    ] as const) {
      const said = JSON.stringify({ ...facts, review: "rv-01" });
      await sql`
        insert into grants (id, kind, state, principal, scope, digest, facts, granted_at, expires_at)
        values (${id}, ${kind}, 'active', 'corp:alice', 'x', '', ${said}, ${now}, ${now + 600_000})
      `.execute(old.sql);
    }
    await old.close();
    const desk = await open({ url, dir });
    await desk.desk.sweep();
    const grants = await desk.store.readGrants(["gr-01", "gr-02", "gr-03", "gr-04", "gr-05"]);
    expect(grants.filter(({ state }) => state === "ended").map(({ id }) => id)).toEqual(["gr-01", "gr-02", "gr-03"]);
    expect(grants.filter(({ state }) => state === "active").map(({ id }) => id)).toEqual(["gr-04", "gr-05"]);
    expect(names(desk)).toEqual(["grant.ended", "grant.ended", "grant.ended"]);
    await desk.close();
    opened.length = 0;
    rmSync(dir, { recursive: true });
  });

  test("pending requests survive a restart, and what they are about can still be read and decided", async () => {
    const url = await place();
    const dir = mkdtempSync(join(tmpdir(), "sluice-reviews-"));
    const options = { url, dir, sealing: aesGcm(randomBytes(32)) };
    const before = await openDesk(options);
    const id = await held(before.desk.ask(asking(ALICE, "hello"), undefined, 0));
    await before.close();
    const after = await open(options);
    expect(await after.desk.show(id, BOB)).toMatchObject({ preview: "hello", mayVote: true });
    const waiting = after.desk.ask(asking(ALICE, "hello"), undefined, 10_000);
    await after.desk.vote(id, BOB, "approve");
    expect(await waiting).toMatchObject({ review: id });
    await after.close();
    opened.length = 0;
    rmSync(dir, { recursive: true });
  });

  test("who has no part in a review does not learn that it is there", async () => {
    const { desk } = await fresh();
    const id = await held(desk.ask(asking(ALICE, "hello"), undefined, 0));
    expect(await codeOf(desk.show(id, person("corp:eve", ["staff"])))).toBe("review_unknown");
    expect(await codeOf(desk.show("rv-none", BOB))).toBe("review_unknown");
    expect((await desk.show(id, ALICE)).mayVote).toBe(false);
    expect((await desk.list(person("corp:eve", ["staff"]), "decide", { state: "pending", limit: 10 })).reviews).toEqual(
      [],
    );
    expect((await desk.list(person("corp:eve", []), "decide", { state: "pending", limit: 10 })).reviews).toEqual([]);
  });

  test("lists come in pages, the newest first, each review once", async () => {
    const { desk } = await fresh();
    const ids: string[] = [];
    for (let at = 0; at < 7; at++) ids.push(await held(desk.ask(asking(ALICE, `text ${at}`), undefined, 0)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await desk.list(BOB, "decide", { state: "pending", limit: 3, cursor });
      seen.push(...page.reviews.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(await codeOf(desk.list(BOB, "decide", { state: "pending", limit: 3, cursor: "bm90" }))).toBe(
      "field_invalid",
    );
  });

  test("a long request is shown from its beginning, up to the limit and a whole character", async () => {
    const { desk } = await fresh({ settings: { previewBytesMax: 6 } });
    const id = await held(desk.ask(asking(ALICE, "hällööö"), undefined, 0));
    expect(await desk.show(id, BOB)).toMatchObject({ preview: "häll", review: { bytes: 11 } });
  });

  test("closed reviews and grants are forgotten after their time", async () => {
    const desk = await fresh();
    const id = await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
    await desk.desk.vote(id, BOB, "approve", "fine");
    await desk.desk.ask(asking(ALICE, "hello"), undefined, 0);
    desk.laterMs = desk.settings.keepMs + 120_000;
    await desk.desk.sweep();
    for (const table of ["reviews", "review_groups", "review_votes", "grants"]) {
      const { rows } = await sql`select * from ${sql.table(table)}`.execute(desk.database.sql);
      expect(rows, table).toEqual([]);
    }
  });

  test("who waits when the gateway stops is told to come again", async () => {
    const desk = await fresh();
    const waiting = held(desk.desk.ask(asking(ALICE, "hello"), undefined, 60_000));
    await expect.poll(() => names(desk)).toContain("review.requested");
    await new Promise((resolve) => setTimeout(resolve, 50));
    desk.desk.close();
    await desk.database.close();
    expect(await waiting).toMatch(/^rv-/);
    opened.length = 0;
  });

  test("what fails in the background is told and tried again", async () => {
    const desk = await fresh({ settings: { expiresMs: 100 } });
    await held(desk.desk.ask(asking(ALICE, "hello"), undefined, 0));
    desk.recordFails = true;
    await expect.poll(() => desk.faults.map(({ code }) => code), { timeout: 5_000 }).toContain("evidence_unavailable");
    desk.recordFails = false;
    await expect.poll(() => names(desk), { timeout: 5_000 }).toContain("review.expired");
  });
});

describe("what is to be sent", () => {
  test("is in no file in clear, and gone from the database when the review is closed", async () => {
    const desk = await open();
    const canary = "canary-4711-in-the-preview";
    const id = await held(desk.desk.ask(asking(ALICE, canary), undefined, 0));
    await desk.desk.vote(id, BOB, "deny", "canary-4712-in-the-comment");
    for (const name of readdirSync(desk.dir)) {
      expect(readFileSync(join(desk.dir, name)).includes("canary-47"), name).toBe(false);
    }
    const { rows } = await sql<{ preview: unknown }>`select preview from reviews`.execute(desk.database.sql);
    expect(rows).toEqual([{ preview: null }]);
  });

  test("cannot be moved to another review", async () => {
    const desk = await open();
    const one = await held(desk.desk.ask(asking(ALICE, "one"), undefined, 0));
    const two = await held(desk.desk.ask(asking(ALICE, "two"), undefined, 0));
    await sql`update reviews set preview = (select preview from reviews where id = ${one}) where id = ${two}`.execute(
      desk.database.sql,
    );
    await expect(desk.desk.show(two, BOB)).rejects.toThrow();
  });
});

describe.each<[string, () => Promise<Secret | undefined>]>([
  ["on the embedded database", () => Promise.resolve(undefined)],
  ["on a PostgreSQL server", () => server.schema()],
])("what is sealed, %s", (_, place) => {
  test("comes under another key row by row, unless it was changed meanwhile, and can still be read", async () => {
    const sealing = aesGcm(randomBytes(32));
    const desk = await open({ url: await place(), sealing });
    const pending = await held(desk.desk.ask(asking(ALICE, "one"), undefined, 0));
    const closed = await held(desk.desk.ask(asking(ALICE, "two"), undefined, 0));
    await desk.desk.vote(closed, BOB, "deny", "not without a contract");
    const rows = sealedReviews(() => Promise.resolve(desk.database.sql));
    const ids = await rows.ids();
    expect(ids.toSorted()).toEqual([pending, `${closed}/corp:bob`].toSorted());
    expect(ids.map((id) => rows.nameOf(id)).join()).not.toContain("bob");
    const moves = await Promise.all(
      ids.map(async (id) => {
        const before = (await rows.read(id)) ?? Buffer.of();
        const value = await sealing.open(before, rows.placeOf(id));
        return { id, before, after: await sealing.seal(value, rows.placeOf(id)) };
      }),
    );
    expect(await rows.replace(moves)).toBe(2);
    expect(await rows.replace(moves)).toBe(0);
    expect(await desk.desk.show(pending, BOB)).toMatchObject({ preview: "one" });
    expect((await desk.desk.show(closed, BOB)).comments).toEqual(new Map([["corp:bob", "not without a contract"]]));
    await desk.desk.vote(pending, BOB, "deny");
    expect(await rows.read(pending)).toBeUndefined();
    expect(await sealedReviews(() => Promise.resolve(undefined)).ids()).toEqual([]);
  });
});

describe("two gateways on one server", () => {
  test("a decision at one releases a request that waits at the other, and a revocation ends what runs there", async () => {
    const url = await server.schema();
    const sealing = aesGcm(randomBytes(32));
    const [here, there] = await Promise.all([open({ url, sealing }), open({ url, sealing })]);
    const ask = asking(ALICE, "hello", { windowMs: 60_000 });
    const waiting = here.desk.ask(ask, undefined, 10_000);
    const id = await held(there.desk.ask(ask, undefined, 0));
    const before = Date.now();
    await there.desk.vote(id, BOB, "approve");
    const grant = await waiting;
    expect(Date.now() - before).toBeLessThan(1_000);
    const ended = new Promise<string>((resolve) => here.desk.watch(grant, resolve));
    await there.desk.revoke(grant.id, "corp:officer");
    expect(await ended).toBe("revoked");
  });

  test("a decision while the other's connection is cut releases all the same", async () => {
    const url = await server.schema();
    const sealing = aesGcm(randomBytes(32));
    const [here, there] = await Promise.all([open({ url, sealing }), open({ url, sealing })]);
    const waiting = here.desk.ask(asking(ALICE, "hello"), undefined, 10_000);
    const id = await held(there.desk.ask(asking(ALICE, "hello"), undefined, 0));
    await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' or query = 'select 1'",
    );
    await there.desk.vote(id, BOB, "approve");
    expect(await waiting).toMatchObject({ review: id });
  });
});
