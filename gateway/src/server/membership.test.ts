import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import type { Secret } from "../core/secret.ts";
import { type Database, openDatabase } from "./database.ts";
import { leaseMigrations, Leases } from "./database/leases.ts";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";
import { keepMember, Membership } from "./membership.ts";

let server: TestServer;
let dir: string;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.stop());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-member-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a gateway keeps the name of its first start, unless it is told another", () => {
  const first = keepMember(dir, undefined, "machine-1");
  expect(first.name).toBe("machine-1");
  expect(keepMember(dir, undefined, "machine-2")).toEqual(first);
  expect(keepMember(dir, "berlin-1", "machine-2")).toEqual({ ...first, name: "berlin-1" });
});

test("a file that does not say who this is is refused, and named", () => {
  writeFileSync(join(dir, "gateway.json"), "{");
  expect(() => keepMember(dir, undefined, "machine")).toThrow(/gateway\.json/);
});

describe.each(["the embedded database", "PostgreSQL"])("on %s", (kind) => {
  const faults: string[] = [];
  let database: Database;
  let now: number;
  beforeEach(async () => {
    now = 1_000_000;
    const url: Secret | undefined = kind === "PostgreSQL" ? await server.database() : undefined;
    const onFault = (): void => undefined;
    database = await openDatabase({ dir, url, migrations: leaseMigrations, clock: () => now, onFault });
  });
  afterEach(() => database.close());

  const enter = (name: string, id: string): Promise<Membership> =>
    Membership.take({
      member: { name, id },
      leases: new Leases(database.sql, () => now),
      clock: () => now,
      onFault: ({ code }) => faults.push(code),
    });

  it("a name is one gateway's until it stops, or has not been heard of for a minute", async () => {
    const a = await enter("a", "1");
    await expect(enter("a", "2")).rejects.toMatchObject({ code: "gateway_name_taken" });
    expect([await a.isLive("a"), await a.isLive("b")]).toEqual([true, false]);
    await a.close();
    const next = await enter("a", "2");
    expect(await next.lost()).toEqual([]);
    now += 60_001;
    expect([await next.isLive("a"), await next.lost()]).toEqual([false, ["a"]]);
    const third = await enter("a", "3");
    await next.close();
    expect(await third.isLive("a")).toBe(true);
    await third.close();
    expect(await third.lost()).toEqual([]);
  });

  it("a gateway that comes back after a crash has its name at once", async () => {
    const before = await enter("a", "1");
    const after = await enter("a", "1");
    await after.close();
    await before.close();
  });

  it("what one does at a time is not done twice, and goes on elsewhere when it is over or was given up", async () => {
    const [a, b] = [await enter("a", "1"), await enter("b", "2")];
    const done = await a.exclusive("work", async (held) => {
      expect(await b.exclusive("work", () => Promise.resolve("b"))).toBeUndefined();
      expect(held()).toBe(true);
      now += 60_001;
      expect([held(), await b.exclusive("work", () => Promise.resolve("b"))]).toEqual([false, "b"]);
      return "a";
    });
    expect([done, await b.exclusive("work", () => Promise.resolve("again"))]).toEqual(["a", "again"]);
    await expect(a.exclusive("work", () => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
    expect(await b.exclusive("work", () => Promise.resolve("after it"))).toBe("after it");
    await a.close();
    await b.close();
  });
});
