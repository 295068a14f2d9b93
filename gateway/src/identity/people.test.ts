import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SluiceError } from "../core/errors.ts";
import type { IdentitySettings } from "../core/identity.ts";
import { principalFor } from "../core/test/connection.ts";
import { type Database, openDatabase } from "../server/database.ts";
import { startPostgres, type TestServer } from "../server/database/test/postgres.ts";
import type { Asserted } from "./claims.ts";
import { Directory } from "./directory.ts";
import { createDisabled, type Disabled } from "./disabled.ts";
import { People, type PeopleOptions } from "./people.ts";
import { ownersTable } from "./rights.ts";
import { directoryStore, identityMigrations, peopleStore } from "./store.ts";
import { agentFor, groupFor, providerFor, settingsFor } from "./test/authenticator.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-11-20T10:00:00Z");

let server: TestServer;
let dir: string;
let databases: Database[];
let now: number;
let disabled: Disabled;
let directory: Directory;
/** Ids that were written or removed, in order. */
let written: string[];
let faults: SluiceError[];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-people-"));
  databases = [];
  now = START;
  written = [];
  faults = [];
});
afterEach(async () => {
  for (const database of databases) await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const OFFICERS = groupFor({ name: "officers", from: ["corp:Officers"], roles: ["user", "approver"] });

function settingsWith(change: Partial<IdentitySettings> = {}): IdentitySettings {
  const scim = { keyId: "directory", subject: "external_id", groups: true } as const;
  return settingsFor({
    providers: [providerFor("https://corp.test", { scim })],
    groups: [groupFor(), OFFICERS],
    agents: [agentFor()],
    ...change,
  });
}

const said = (change: Partial<Asserted> = {}): Asserted => ({
  provider: "corp",
  subject: "olga",
  kind: "human",
  groups: ["Officers", "Canteen"],
  actors: [],
  saidAt: now,
  expiresAt: now + 600_000,
  ...change,
});

async function open(url?: Awaited<ReturnType<TestServer["database"]>>): Promise<Kysely<unknown>> {
  const options = {
    migrations: identityMigrations,
    clock: () => now,
    onFault: (error: SluiceError) => faults.push(error),
  };
  const database = await openDatabase({ dir, url, ...options });
  databases.push(database);
  return database.sql;
}

/** As after a start: everything anew but the database. */
async function start(sql: Kysely<unknown>, change: Partial<PeopleOptions> = {}): Promise<People> {
  disabled = createDisabled();
  directory = await Directory.open({
    store: directoryStore(sql),
    disabled,
    providers: () => settingsWith().providers,
    random: randomBytes,
    clock: () => now,
    changed: () => undefined,
  });
  return People.open({
    store: peopleStore(sql),
    disabled,
    directory,
    settings: settingsWith(),
    decides: ({ roles }) => roles.includes("approver"),
    clock: () => now,
    changed: (id) => written.push(id),
    onFault: (error) => faults.push(error),
    ...change,
  });
}

const rowsOf = (sql: Kysely<unknown>) => peopleStore(sql).all(1_000);

describe.each([
  ["the embedded database", () => Promise.resolve(undefined)],
  ["a PostgreSQL server", () => server.database()],
] as const)("with %s", (_, place) => {
  test("who has proven to be somebody who decides is the same after a restart, with the rights of then", async () => {
    const sql = await open(await place());
    const people = await start(sql);
    people.heard(said({ name: "Olga Ott" }));
    await people.close();
    now += DAY;
    const again = await start(sql);
    expect(await again.groupsOf("corp:olga")).toEqual(["officers"]);
    expect(await again.principalOf("corp:olga")).toMatchObject({
      kind: "human",
      roles: ["user", "approver"],
      actors: [],
    });
    expect(again.nameOf("corp:olga")).toBe("corp:olga “Olga Ott”");
    // What means nothing here is not kept.
    expect(await rowsOf(sql)).toEqual([
      { id: "corp:olga", groups: ["Officers"], name: "Olga Ott", saidAt: START, seenDay: Math.floor(START / DAY) },
    ]);
  });

  test("of two gateways that write at once the later word of the provider stays, and the later day", async () => {
    const sql = await open(await place());
    const store = peopleStore(sql);
    const person = { id: "corp:olga", groups: ["Officers"], name: "Olga", saidAt: 2, seenDay: 5 };
    await store.put(person);
    await store.put({ ...person, groups: [], name: "Old", saidAt: 1, seenDay: 7 });
    expect(await store.get("corp:olga")).toEqual({ ...person, seenDay: 7 });
    const { name: _name, ...nameless } = person;
    await store.put({ ...nameless, groups: [], saidAt: 3, seenDay: 6 });
    expect(await store.get("corp:olga")).toEqual({ ...person, groups: [], saidAt: 3, seenDay: 7 });
  });

  test("a vote at another gateway counts as soon as the voter's own gateway knows of it", async () => {
    const sql = await open(await place());
    const [here, there] = [await start(sql), await start(sql)];
    here.heard(said());
    await here.groupsOf("corp:olga");
    expect(await there.groupsOf("corp:olga")).toEqual(["officers"]);
    now += 60_000;
    // The wake-up may come behind the news.
    there.heard(said({ groups: [] }));
    await there.heardOf("corp:olga");
    await there.close();
    expect(await here.groupsOf("corp:olga")).toEqual([]);
  });

  test("whoever was not seen for as long as people are remembered is nobody, and is removed by the next sweep", async () => {
    const sql = await open(await place());
    const people = await start(sql, { settings: settingsWith({ rememberMs: 2 * DAY }) });
    people.heard(said());
    now = Date.parse("2026-11-22T23:59:59Z");
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
    await people.sweep();
    expect(await rowsOf(sql)).toHaveLength(1);
    now += 1_000;
    expect(await people.principalOf("corp:olga")).toBeUndefined();
    await people.sweep();
    expect(await rowsOf(sql)).toEqual([]);
    // Who comes in again is there again.
    people.heard(said());
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
  });
});

describe("people", () => {
  let sql: Kysely<unknown>;
  let people: People;
  beforeEach(async () => {
    sql = await open();
    people = await start(sql);
  });

  test("are not forgotten by a reload, which gives and takes groups and roles at once", async () => {
    people.heard(said());
    const seconds = groupFor({ name: "seconds", from: ["corp:Officers"], roles: ["approver"] });
    people.configure(settingsWith({ groups: [OFFICERS, seconds] }));
    expect(await people.groupsOf("corp:olga")).toEqual(["officers", "seconds"]);
    people.configure(settingsWith({ groups: [groupFor()] }));
    await expect(people.principalOf("corp:olga")).rejects.toMatchObject({ code: "permission_missing" });
    people.configure(settingsWith());
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
  });

  test("come under the id of now when their provider begins to fold case, with the later of two words", async () => {
    people.heard(said({ subject: "Olga", name: "Olga Ott" }));
    people.heard(said({ subject: "olga", groups: [], saidAt: now - 1 }));
    people.heard(said({ subject: "OLGA", saidAt: now - 2 }));
    await people.close();
    const folding = settingsWith({ providers: [providerFor("https://idp.test", { foldsCase: true })] });
    people.configure(folding);
    await people.reload();
    expect(await rowsOf(sql)).toMatchObject([{ id: "corp:olga", name: "Olga Ott", saidAt: now }]);
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
    expect(await people.groupsOf("corp:OLGA")).toEqual(["officers"]);
  });

  test("who decide nothing are not kept", async () => {
    people.heard(said({ subject: "carl", groups: ["Support"], name: "Carl" }));
    people.note(principalFor({ id: "corp:carl", kind: "human", provider: "corp", roles: ["user"] }));
    await people.close();
    expect(await rowsOf(sql)).toEqual([]);
    expect(people.nameOf("corp:carl")).toBe("corp:carl");
  });

  test("whose requests others decide are kept by name alone", async () => {
    people.heard(said({ subject: "carl", groups: ["Support"], name: "Carl" }));
    people.heard(said({ subject: "nameless", groups: ["Support"] }));
    for (const id of ["corp:carl", "corp:nameless", "service:crm"]) people.asks(id);
    await people.close();
    expect(await rowsOf(sql)).toMatchObject([{ id: "corp:carl", groups: [], name: "Carl" }]);
    expect((await start(sql)).nameOf("corp:carl")).toBe("corp:carl “Carl”");
    expect(await people.groupsOf("corp:carl")).toEqual([]);
  });

  test("who have left all groups have left, though they are refused at the door", async () => {
    people.heard(said());
    now += 1_000;
    people.heard(said({ groups: [] }));
    expect(await people.groupsOf("corp:olga")).toEqual([]);
    await expect(people.principalOf("corp:olga")).rejects.toMatchObject({ code: "permission_missing" });
    expect(await rowsOf(sql)).toMatchObject([{ groups: [] }]);
  });

  test("do not come back into a group with a credential that is older than what was said last", async () => {
    const before = said({ saidAt: now - 60_000 });
    people.heard(said({ groups: ["Support"] }));
    expect(await rowsOf(sql)).toEqual([]);
    people.heard(said({ groups: ["Officers"], saidAt: now - 30_000 }));
    people.note(principalFor({ id: "corp:olga", kind: "human", provider: "corp", roles: ["approver"] }));
    expect(await people.groupsOf("corp:olga")).toEqual([]);

    now += 1_000;
    people.heard(said());
    now += 1_000;
    people.heard(said({ groups: ["Support"] }));
    people.heard(before);
    expect(await people.groupsOf("corp:olga")).toEqual([]);
    people.heard(said());
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
  });

  test("are not present because an agent acts for them, or is taken for one", async () => {
    people.heard(said({ actors: ["corp:crm-bot"] }));
    people.heard(said({ client: "corp:crm-bot" }));
    people.heard(said({ subject: "crm-bot" }));
    people.heard(said({ kind: "service" }));
    const acting = { actors: [{ id: "agent:crm-bot", kind: "agent" }], roles: ["approver"] } as const;
    people.note(principalFor({ id: "corp:olga", kind: "human", provider: "corp", ...acting }));
    await people.close();
    expect(await rowsOf(sql)).toEqual([]);
    people.heard(said());
    people.heard(said({ groups: [], client: "corp:crm-bot", saidAt: now + 1 }));
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
  });

  test("are written when something changed or the day did, and not with every request", async () => {
    const principal = principalFor({ id: "corp:olga", kind: "human", provider: "corp", roles: ["approver"] });
    for (let times = 0; times < 100; times++) {
      now += 1_000;
      people.heard(said());
      people.note(principal);
    }
    await people.close();
    expect(written).toHaveLength(1);
    now += DAY;
    for (let times = 0; times < 100; times++) people.note(principal);
    await people.close();
    expect(written).toHaveLength(2);
    people.heard(said({ name: "Olga" }));
    people.heard(said({ name: "Olga Ott" }));
    await people.close();
    expect(await rowsOf(sql)).toMatchObject([{ name: "Olga Ott", seenDay: Math.floor(now / DAY) }]);
  });

  test("are as many as there is room for; who was changed longest ago goes first", async () => {
    people = await start(sql, { peopleMax: 2 });
    for (const subject of ["a", "b"]) people.heard(said({ subject }));
    people.heard(said({ subject: "a", groups: [] }));
    people.heard(said({ subject: "c" }));
    await people.close();
    expect((await rowsOf(sql)).map(({ id }) => id).toSorted()).toEqual(["corp:a", "corp:c"]);
    expect(await people.groupsOf("corp:b")).toEqual([]);
  });

  test("who could not be written are written by the next sweep, and a vote that needs it says what is wrong", async () => {
    const store = peopleStore(sql);
    const outage = { on: true };
    const failing = () => (outage.on ? Promise.reject(new Error("away")) : undefined);
    people = await start(sql, { store: { ...store, put: (person) => failing() ?? store.put(person) } });
    people.heard(said());
    await people.close();
    expect(faults).toHaveLength(1);
    await expect(people.groupsOf("corp:olga")).rejects.toThrow("away");
    outage.on = false;
    await people.sweep();
    await people.close();
    expect(await rowsOf(sql)).toHaveLength(1);
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
  });

  test("another gateway's are known by name once it is heard of, or all were read again", async () => {
    const other = await start(sql);
    other.heard(said({ name: "Olga" }));
    other.heard(said({ subject: "otto", name: "Otto" }));
    await other.close();
    expect(people.nameOf("corp:olga")).toBe("corp:olga");
    await people.heardOf("corp:olga");
    expect(people.nameOf("corp:olga")).toBe("corp:olga “Olga”");
    await people.reload();
    expect(people.nameOf("corp:otto")).toBe("corp:otto “Otto”");
    await peopleStore(sql).remove("corp:otto");
    await people.heardOf("corp:otto");
    expect(people.nameOf("corp:otto")).toBe("corp:otto");
  });
});

describe("a directory", () => {
  let sql: Kysely<unknown>;
  let people: People;
  let olga: string;
  beforeEach(async () => {
    sql = await open();
    people = await start(sql);
    const words = { userName: "olga.ott@example.org", externalId: "olga", active: true };
    ({ id: olga } = await directory.addUser("corp", words));
  });

  test("says who is in which group instead of the token, from its word on", async () => {
    people.heard(said());
    expect(await people.groupsOf("corp:olga")).toEqual([]);
    const { id } = await directory.addGroup("corp", { displayName: "Officers", members: [olga] });
    people.heard(said({ groups: [] }));
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
    people = await start(sql);
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
    await directory.removeGroup("corp", id);
    expect(await people.groupsOf("corp:olga")).toEqual([]);
  });

  test("that disables somebody takes all groups, and gives them back; nothing he shows meanwhile changes that", async () => {
    await directory.addGroup("corp", { displayName: "Officers", members: [olga] });
    people.heard(said());
    await directory.changeUser("corp", olga, (user) => ({ ...user, active: false }));
    people.heard(said({ subject: "olga" }));
    expect(await people.principalOf("corp:olga")).toBeUndefined();
    await directory.changeUser("corp", olga, (user) => ({ ...user, active: true }));
    expect(await people.groupsOf("corp:olga")).toEqual(["officers"]);
  });

  test("that deletes somebody deletes what is kept here, also while this gateway was down", async () => {
    await directory.addGroup("corp", { displayName: "Officers", members: [olga] });
    people.heard(said({ name: "Olga" }));
    await people.close();
    await directory.removeUser("corp", olga);
    await people.close();
    expect(await rowsOf(sql)).toEqual([]);
    expect(people.nameOf("corp:olga")).toBe("corp:olga");

    await peopleStore(sql).put({ id: "corp:olga", groups: ["Officers"], saidAt: now, seenDay: Math.floor(now / DAY) });
    await (await start(sql)).close();
    expect(await rowsOf(sql)).toEqual([]);
  });

  test("gives a name where the provider gives none", () => {
    expect(people.nameOf("corp:olga")).toBe("corp:olga “olga.ott@example.org”");
    people.heard(said({ name: "Olga Ott" }));
    people.asks("corp:olga");
    expect(people.nameOf("corp:olga")).toBe("corp:olga “Olga Ott”");
  });
});

test("owners belong to an agent by whichever of its principals it asks", () => {
  const agents = [
    agentFor({ from: ["corp:crm-bot", "key:production"], owners: ["corp:olga"] }),
    agentFor({ name: "mailer", from: ["key:mailer"], owners: ["corp:otto"] }),
    agentFor({ name: "nobodys", from: ["corp:nobodys"] }),
  ];
  const owners = ownersTable({ agents, certificates: [] }, [
    { id: "production", principal: { id: "service:crm" } },
    { id: "mailer", principal: { id: "service:crm" } },
  ]);
  for (const id of ["agent:crm-bot", "corp:crm-bot"]) expect(owners.get(id)).toEqual(["corp:olga"]);
  expect(owners.get("service:crm")).toEqual(["corp:olga", "corp:otto"]);
  expect(owners.get("corp:nobodys")).toEqual([]);
});

test("owners belong to whom a key or a certificate proves, all of them to who has several", () => {
  const batch = { principal: "service:batch", owners: ["corp:otto"] };
  const keys = [
    { id: "one", principal: { id: "service:batch" }, owners: ["corp:olga"] },
    { id: "two", principal: { id: "service:nobodys" } },
  ];
  const owners = ownersTable({ agents: [], certificates: [batch] }, keys);
  expect(owners.get("service:batch")).toEqual(["corp:olga", "corp:otto"]);
  expect(owners.get("service:nobodys")).toEqual([]);
});
