/** Walks every route of the control API: what changes something, and every reading of evidence and reviews, leaves a record. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../identity/keys.ts";
import { type Permission, PERMISSIONS, permissionRow } from "./permissions.ts";
import { documentFor } from "./test/config.ts";
import { type Started, startForTest } from "./test/running.ts";

let sluice: Started;
let officer: string;

beforeAll(async () => {
  const { document } = await documentFor({});
  const { id, hash, token } = await newKey(randomBytes);
  officer = token;
  document.keys[id] = {
    hash,
    principal: "service:everything",
    purposes: ["support"],
    roles: ["user", "approver", "privacy-officer", "auditor", "operator"],
  };
  sluice = await startForTest(() =>
    JSON.stringify({ ...document, evidence: { ...(document["evidence"] as object), public: false } }),
  );
});
afterAll(() => sluice.stop());

/** Routes whose use leaves no record of its own, and why. */
const UNRECORDED: Readonly<Partial<Record<Permission, string>>> = {
  open: "nobody is asked who he is; what begins or ends a session records that itself",
  exchange: "the exchange that it opens is on record with intent and outcome",
  "consent.write": "the ledger records each word with its purpose",
  "reviews.decide": "the desk records each vote with what comes of it",
  "reviews.cancel": "the desk records it",
  "grants.revoke": "the desk records it",
  "break-glass": "the desk records it, as an alarm",
};

const isReading = (method: string): boolean => ["GET", "HEAD", "OPTIONS"].includes(method);

describe("the control API", () => {
  it("has routes, each with a permission, and nobody uses one without", async () => {
    const { routes } = sluice.gateway;
    expect(routes.length).toBeGreaterThan(25);
    for (const { method, url, permission } of routes) {
      if (permission === "open") continue;
      const response = await fetch(`${sluice.url}${url.replace(/:\w+|\*/g, "rv-1")}`, { method, redirect: "manual" });
      expect([method, url, response.status]).toEqual([method, url, 401]);
    }
  });

  it("leaves a record of every use that changes something or reads what is protected", async () => {
    for (const { method, url, permission } of sluice.gateway.routes) {
      const { record } = permissionRow(permission);
      if (record === "never") {
        expect([url, UNRECORDED[permission] !== undefined]).toEqual([url, true]);
        continue;
      }
      if (record === "changes" && isReading(method)) continue;
      const before = sluice.gateway.log.size;
      await fetch(`${sluice.url}${url.replace(/:\w+/g, "rv-1").replace("*", "checkpoint")}`, {
        method,
        headers: { authorization: `Bearer ${officer}`, "content-type": "application/json" },
        ...(isReading(method) ? {} : { body: "{}" }),
      });
      expect([method, url, sluice.gateway.log.size > before]).toEqual([method, url, true]);
    }
  });

  it("records readings of evidence and reviews whatever their answer, and every permission that may change something", () => {
    for (const permission of ["evidence.read", "reviews.read", "consent.read"] as const) {
      expect([permission, permissionRow(permission).record]).toEqual([permission, "each"]);
    }
    for (const permission of Object.keys(PERMISSIONS) as Permission[]) {
      const silent = permissionRow(permission).record === "never";
      expect([permission, silent]).toEqual([permission, UNRECORDED[permission] !== undefined]);
    }
  });
});
