import { describe, expect, test } from "vitest";
import { covers, type Grant, type Need, pick } from "./grant.ts";

const NEED: Need = {
  principal: "corp:alice",
  actors: [],
  purpose: "support",
  basis: "eu-gdpr:A6-1-b",
  connection: "openai",
  recipient: { name: "Acme AI", country: "DE" },
  digest: "abc",
  categories: ["health"],
  approvals: [{ group: "privacy", people: 1 }],
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
