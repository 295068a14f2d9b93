import { describe, expect, test } from "vitest";
import { covers, type Grant, type Need, pick } from "./grant.ts";

const NEED: Need = {
  principal: "corp:alice",
  actors: [],
  purpose: "support",
  basis: "eu-gdpr:A6-1-b",
  connection: "openai",
  recipient: { name: "Acme AI", country: "DE" },
  endpoint: "chat.completions",
  digest: "abc",
  body: "body of abc",
  categories: ["health"],
  risk: 30,
  volume: 5,
  opaque: { image: 1 },
  approvals: [{ group: "privacy", people: 1 }],
  stepUp: false,
};
const SINGLE: Grant = {
  ...NEED,
  id: "gr-1",
  kind: "single-use",
  state: "active",
  approvers: ["corp:bob"],
  review: "rv-1",
  grantedAt: 0,
  expiresAt: 1_000,
};
const BOXED: Grant = { ...SINGLE, id: "gr-2", kind: "time-boxed", digest: "" };
const GLASS: Grant = {
  ...SINGLE,
  id: "gr-3",
  kind: "break-glass",
  digest: "",
  categories: [],
  approvals: [],
  approvers: [],
};

describe("a grant", () => {
  test.each<[string, Partial<Need>]>([
    ["another principal", { principal: "corp:bob" }],
    ["an agent that acts for the same principal", { actors: ["agent:bot"] }],
    ["another purpose", { purpose: "research" }],
    ["another lawful basis", { basis: "eu-gdpr:A6-1-f" }],
    ["another connection", { connection: "other" }],
    ["another recipient behind the same name", { recipient: { name: "Acme AI", country: "US" } }],
  ])("of any kind does not cover %s", (_, change) => {
    for (const grant of [SINGLE, BOXED, GLASS]) {
      expect(covers(grant, NEED, 1)).toBe(true);
      expect(covers(grant, { ...NEED, ...change }, 1)).toBe(false);
    }
  });

  test("of any kind covers nothing when its time is over, or when it was used or revoked", () => {
    for (const grant of [SINGLE, BOXED, GLASS]) {
      expect(covers(grant, NEED, 1_000)).toBe(false);
      for (const state of ["used", "revoked", "ended"] as const)
        expect(covers({ ...grant, state }, NEED, 1)).toBe(false);
    }
  });

  test("for one use covers the request that was approved and no changed one", () => {
    expect(covers(SINGLE, { ...NEED, digest: "abd" }, 1)).toBe(false);
  });

  test("for a time covers any request with the categories that were approved, and none with more", () => {
    expect(covers(BOXED, { ...NEED, digest: "abd", categories: [] }, 1)).toBe(true);
    expect(covers(BOXED, { ...NEED, categories: ["health", "religion"] }, 1)).toBe(false);
  });

  test("for a time covers the endpoint that was approved and no other; a broken glass covers all", () => {
    expect(covers(BOXED, { ...NEED, endpoint: "embeddings" }, 1)).toBe(false);
    expect(covers(GLASS, { ...NEED, endpoint: "embeddings" }, 1)).toBe(true);
    const { endpoint: _, ...older } = BOXED;
    expect(covers(older, NEED, 1)).toBe(false);
  });

  test.each<[string, Partial<Need>]>([
    ["a higher risk", { risk: 31 }],
    ["more findings", { volume: 20 }],
    ["more parts that nobody scanned", { opaque: { image: 2 } }],
    ["parts of another kind that nobody scanned", { opaque: { audio: 1 } }],
  ])("for a time does not cover %s than was approved, and covers less", (_, change) => {
    expect(covers(BOXED, { ...NEED, ...change }, 1)).toBe(false);
    expect(covers({ ...BOXED, ...change }, { ...NEED, opaque: {} }, 1)).toBe(true);
  });

  test("for a time that an older version has kept covers nothing", () => {
    const { risk: _r, volume: _v, opaque: _o, stepUp: _s, ...old } = BOXED;
    expect(covers(old as Grant, NEED, 1)).toBe(false);
  });

  test("given without a passkey does not cover what takes one", () => {
    for (const grant of [SINGLE, BOXED]) {
      expect(covers(grant, { ...NEED, stepUp: true }, 1)).toBe(false);
      expect(covers({ ...grant, stepUp: true }, { ...NEED, stepUp: true }, 1)).toBe(true);
    }
  });

  test("does not cover what policy by now asks more people for, or others", () => {
    for (const grant of [SINGLE, BOXED]) {
      expect(covers(grant, { ...NEED, approvals: [{ group: "privacy", people: 2 }] }, 1)).toBe(false);
      expect(covers(grant, { ...NEED, approvals: [...NEED.approvals, { group: "security", people: 1 }] }, 1)).toBe(
        false,
      );
    }
  });

  test("that others can use too is taken first, and the last resort last", () => {
    expect(pick([GLASS, SINGLE, BOXED], NEED, 1)?.id).toBe("gr-2");
    expect(pick([GLASS, SINGLE], NEED, 1)?.id).toBe("gr-1");
    expect(pick([GLASS], NEED, 1)?.id).toBe("gr-3");
    expect(pick([], NEED, 1)).toBe(undefined);
  });
});
