import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../server/database.ts";
import type { Asserted } from "./claims.ts";
import { readCookie, SESSION_COOKIE, SESSION_LIMITS, sessionCookie, Sessions } from "./sessions.ts";
import { identityMigrations, respellSessions, sessionStore } from "./store.ts";

const NOW = Date.UTC(2026, 10, 21);
const { idleMs, absoluteMs } = SESSION_LIMITS;
const MARA: Asserted = {
  provider: "corp",
  subject: "u-1",
  kind: "human",
  groups: ["Support EMEA"],
  actors: [],
  expiresAt: NOW + 1,
};

let dir: string;
let database: Database;
let sessions: Sessions;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-sessions-"));
  database = await openDatabase({ dir, migrations: identityMigrations, clock: () => NOW, onFault: () => undefined });
  sessions = new Sessions({
    store: sessionStore(database.sql),
    random: randomBytes,
    key: Buffer.alloc(32, 1),
    limits: SESSION_LIMITS,
  });
});
afterEach(async () => {
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

describe("a session", () => {
  it("gives back what the provider said, to who has the cookie alone", async () => {
    const cookie = await sessions.begin(MARA, NOW);
    expect(await sessions.find(cookie, NOW)).toMatchObject({ asserted: MARA, createdAt: NOW });
    for (const other of ["", cookie.slice(1), `${cookie}x`, Buffer.from(randomBytes(32)).toString("base64url")])
      expect(await sessions.find(other, NOW)).toBeUndefined();
  });

  it("remembers when the provider asked the person, and that it did not say", async () => {
    const said = await sessions.begin(MARA, NOW, { authenticatedAt: NOW - 60_000 });
    expect(await sessions.find(said, NOW)).toMatchObject({ authenticatedAt: NOW - 60_000, createdAt: NOW });
    expect(await sessions.find(await sessions.begin(MARA, NOW), NOW)).not.toHaveProperty("authenticatedAt");
  });

  it("is not to be opened with what the database holds", async () => {
    const cookie = await sessions.begin(MARA, NOW);
    const record = await sessions.find(cookie, NOW);
    for (const name of readdirSync(dir)) expect(readFileSync(join(dir, name)).includes(cookie)).toBe(false);
    expect(await sessions.find(record?.id ?? "", NOW)).toBeUndefined();
  });

  it("ends when it is idle", async () => {
    const cookie = await sessions.begin(MARA, NOW);
    expect(await sessions.find(cookie, NOW + idleMs - 1)).toBeDefined();
    expect(await sessions.find(cookie, NOW + 2 * idleMs - 2)).toBeDefined();
    expect(await sessions.find(cookie, NOW + 3 * idleMs)).toBeUndefined();
    expect(await sessions.find(cookie, NOW)).toBeUndefined();
  });

  it("ends when it is old, however busy", async () => {
    const cookie = await sessions.begin(MARA, NOW);
    let last = NOW;
    for (let at = NOW; at < NOW + absoluteMs; at += idleMs / 2) {
      expect(await sessions.find(cookie, at)).toBeDefined();
      last = at;
    }
    expect(last).toBeGreaterThan(NOW + absoluteMs - idleMs);
    expect(await sessions.find(cookie, NOW + absoluteMs)).toBeUndefined();
  });

  it("ends at a logout, with all of its person, or when its provider says so", async () => {
    const [one, two] = [await sessions.begin(MARA, NOW), await sessions.begin(MARA, NOW, { providerSession: "sid-2" })];
    const john = await sessions.begin({ ...MARA, subject: "u-2" }, NOW, { providerSession: "sid-3" });
    await sessions.end(one);
    expect(await sessions.find(one, NOW)).toBeUndefined();
    expect(await sessions.endAll({ provider: "corp", providerSession: "sid-3" })).toBe(1);
    expect(await sessions.find(john, NOW)).toBeUndefined();
    expect(await sessions.endAll({ provider: "corp", subject: "u-1" })).toBe(1);
    expect(await sessions.find(two, NOW)).toBeUndefined();
    expect(() => sessions.endAll({})).toThrow("everybody");
  });

  it("ends with all of its person, however it was spelled when it began", async () => {
    const cookie = await sessions.begin({ ...MARA, subject: "Mara" }, NOW);
    await respellSessions(database.sql, (id) => (id === "corp:Mara" ? "corp:mara" : id));
    expect(await sessions.endAll({ provider: "corp", subject: "Mara" })).toBe(0);
    expect(await sessions.endAll({ provider: "corp", subject: "mara" })).toBe(1);
    expect(await sessions.find(cookie, NOW)).toBeUndefined();
  });

  it("is swept away when it is over", async () => {
    await sessions.begin(MARA, NOW);
    const young = await sessions.begin(MARA, NOW + idleMs);
    expect(await sessions.sweep(NOW + idleMs)).toBe(1);
    expect(await sessions.find(young, NOW + idleMs)).toBeDefined();
  });

  it("has a form token that no other session has", async () => {
    const [mine, other] = await Promise.all(
      [await sessions.begin(MARA, NOW), await sessions.begin(MARA, NOW)].map((cookie) => sessions.find(cookie, NOW)),
    );
    if (mine === undefined || other === undefined) throw new Error("no session");
    const token = sessions.formToken(mine);
    expect(sessions.isFormToken(mine, token)).toBe(true);
    expect(sessions.isFormToken(other, token)).toBe(false);
    for (const wrong of ["", token.slice(1), `${token}=`]) expect(sessions.isFormToken(mine, wrong)).toBe(false);
  });
});

describe("the cookie", () => {
  it("is for this host alone, over TLS alone, and for no script", () => {
    expect(sessionCookie("v")).toBe(`${SESSION_COOKIE}=v; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax`);
    expect(sessionCookie("")).toContain("Max-Age=0");
  });

  it("is read among others, and not at all when it stands twice", () => {
    expect(readCookie(`a=1; ${SESSION_COOKIE}=x; b=2`, SESSION_COOKIE)).toBe("x");
    expect(readCookie(`${SESSION_COOKIE}=x; ${SESSION_COOKIE}=y`, SESSION_COOKIE)).toBeUndefined();
    expect(readCookie(`x${SESSION_COOKIE}=y`, SESSION_COOKIE)).toBeUndefined();
    expect(readCookie(undefined, SESSION_COOKIE)).toBeUndefined();
  });
});
