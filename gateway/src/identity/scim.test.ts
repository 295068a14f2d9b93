import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import { principalFor } from "../core/test/connection.ts";
import { DATABASE_FILE, type Database, openDatabase } from "../server/database.ts";
import { Directory } from "./directory.ts";
import { createDisabled, type Disabled } from "./disabled.ts";
import { scimRoutes } from "./routes.ts";
import { directoryStore, identityMigrations } from "./store.ts";
import { authenticatorFor, codeOf, groupFor, providerFor, settingsFor } from "./test/authenticator.ts";
import { type Idp, startIdp } from "./test/idp.ts";

let idp: Idp;
beforeAll(async () => {
  idp = await startIdp();
});
afterAll(() => idp.stop());

let dir: string;
let database: Database;
let app: FastifyInstance;
let directory: Directory;
let disabled: Disabled;
let gate: ReturnType<typeof authenticatorFor>;
let groupsCount = true;
const recorded: ControlEvent[] = [];
const changed: string[] = [];

const settings = () =>
  settingsFor({
    providers: [
      providerFor(idp.issuer, { scim: { keyId: "corp-directory", subject: "external_id", groups: groupsCount } }),
      providerFor("https://partner.test", {
        name: "partner",
        foldsCase: true,
        scim: { keyId: "partner-directory", subject: "user_name", groups: false },
      }),
    ],
    groups: [groupFor(), groupFor({ name: "officers", from: ["corp:Officers"], purposes: ["research"] })],
  });

/** As after a start: everything anew but the database. */
async function start(): Promise<void> {
  disabled = createDisabled();
  directory = await Directory.open({
    store: directoryStore(database.sql),
    disabled,
    providers: () => settings().providers,
    random: randomBytes,
    clock: Date.now,
    changed: (row) => changed.push(row),
  });
  gate = authenticatorFor(settings(), { disabled, directory });
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  scimRoutes(app, {
    directory,
    settings,
    baseUrl: () => "https://gateway.test",
    identify: ({ headers }) => {
      const credential = headers.authorization?.slice("Bearer ".length);
      if (credential === undefined) throw new SluiceError("key_missing", "no credential");
      return principalFor({ id: `service:${credential}`, credential, roles: [] });
    },
    record: (event) => {
      recorded.push(event);
      return Promise.resolve({ index: recorded.length });
    },
    refuse: () => Promise.resolve("7"),
  });
  await app.ready();
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-scim-"));
  database = await openDatabase({ dir, migrations: identityMigrations, clock: Date.now, onFault: () => undefined });
  groupsCount = true;
  recorded.length = 0;
  changed.length = 0;
  await start();
});
afterEach(async () => {
  await app.close();
  await gate.close();
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

type Json = Record<string, unknown> & { id: string };

async function ask(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  key = "corp-directory",
) {
  const answer = await app.inject({
    method,
    url: `/scim/v2${path}`,
    headers: {
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/scim+json; charset=utf-8" }),
    },
    ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return {
    status: answer.statusCode,
    body: (answer.body === "" ? {} : answer.json()) as Json,
    headers: answer.headers,
  };
}

const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] };

const patch = (path: string, ...Operations: object[]) => ask("PATCH", path, { ...PATCH, Operations });

/** Alice as a directory sends her. */
const alice = (change: object = {}) =>
  ask("POST", "/Users", {
    schemas: [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    externalId: "alice",
    userName: "alice@example.com",
    name: { givenName: "Alice", familyName: "Example" },
    emails: [{ primary: true, type: "work", value: "alice@example.com" }],
    active: true,
    ...change,
  });

const group = async (displayName: string, ...members: string[]): Promise<Json> =>
  (await ask("POST", "/Groups", { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) })).body;

const token = (groups: readonly string[] = ["Support"]): Promise<string> => idp.token({ groups });

describe("somebody who is taken out of the directory", () => {
  // As Microsoft Entra, Okta and the standard write it.
  const ways: readonly [string, (id: string) => Promise<unknown>][] = [
    [
      "by PATCH with a path and a text",
      (id) => patch(`/Users/${id}`, { op: "Replace", path: "active", value: "False" }),
    ],
    ["by PATCH without a path", (id) => patch(`/Users/${id}`, { op: "replace", value: { active: false } })],
    [
      "by PATCH with a full path",
      (id) => patch(`/Users/${id}`, { op: "replace", path: `${USER}:active`, value: false }),
    ],
    ["by removing the attribute", (id) => patch(`/Users/${id}`, { op: "remove", path: "active" })],
    [
      "by PUT",
      (id) =>
        ask("PUT", `/Users/${id}`, {
          schemas: [USER],
          userName: "alice@example.com",
          externalId: "alice",
          active: false,
        }),
    ],
    ["by DELETE", (id) => ask("DELETE", `/Users/${id}`)],
    [
      "by losing the id that tokens have",
      (id) => patch(`/Users/${id}`, { op: "replace", path: "externalId", value: "somebody-else" }),
    ],
  ];
  test.each(ways)(
    "%s is refused with the next request, with a token in memory too, and stays so after a restart",
    async (_, out) => {
      groupsCount = false;
      const { id } = (await alice()).body;
      const bearer = await token();
      expect((await gate.authenticate(bearer)).id).toBe("corp:alice");
      const ended: [string, number][] = [];
      disabled.onDisabled((principal) => ended.push([principal, performance.now()]));
      const began = performance.now();
      await out(id);
      expect(ended.map(([principal]) => principal)).toEqual(["corp:alice"]);
      expect((ended[0]?.[1] ?? Number.POSITIVE_INFINITY) - began).toBeLessThan(1_000);
      expect(await codeOf(() => gate.authenticate(bearer))).toBe("account_disabled");
      await app.close();
      await gate.close();
      await start();
      expect(await codeOf(() => gate.authenticate(bearer))).toBe("account_disabled");
    },
  );

  test("comes in again when the directory takes him in again", async () => {
    groupsCount = false;
    const { id } = (await alice()).body;
    await patch(`/Users/${id}`, { op: "replace", path: "active", value: false });
    await patch(`/Users/${id}`, { op: "replace", path: "active", value: true });
    expect((await gate.authenticate(await token())).id).toBe("corp:alice");
    await ask("DELETE", `/Users/${id}`);
    const again = (await alice()).body;
    expect(again.id).not.toBe(id);
    expect((await gate.authenticate(await token())).id).toBe("corp:alice");
  });

  test("is nobody else: people whom the directory has not sent come in by their token", async () => {
    groupsCount = false;
    const { id } = (await alice()).body;
    await ask("DELETE", `/Users/${id}`);
    expect((await gate.authenticate(await idp.token({ sub: "bob", groups: ["Support"] }))).id).toBe("corp:bob");
  });
});

describe("what a directory leaves out or writes in its own way", () => {
  const out = async () => {
    const { id } = (await alice()).body;
    await patch(`/Users/${id}`, { op: "replace", path: "active", value: false });
    return id;
  };
  const isOut = async () => (await codeOf(async () => gate.authenticate(await token()))) === "account_disabled";
  beforeEach(() => {
    groupsCount = false;
  });

  test("a PUT without active lets nobody in again, and without externalId takes it from nobody", async () => {
    const id = await out();
    const put = await ask("PUT", `/Users/${id}`, { schemas: [USER], userName: "alice.new@example.com" });
    expect(put).toMatchObject({
      status: 200,
      body: { userName: "alice.new@example.com", externalId: "alice", active: false },
    });
    expect(await isOut()).toBe(true);
  });

  test.each([
    ["the full name of the attribute", { [`${USER}:active`]: false }],
    ["the full name in another case", { [`${USER.toLowerCase()}:Active`]: "False" }],
    ["the schema around it", { [USER]: { active: false } }],
  ])("a PATCH without a path may have %s", async (_, value) => {
    const { id } = (await alice()).body;
    expect((await patch(`/Users/${id}`, { op: "replace", value })).status).toBe(200);
    expect(await isOut()).toBe(true);
  });

  test("a PATCH may have the schema for its path, or the attribute in another case", async () => {
    for (const [path, value] of [
      [USER, { active: false }],
      [`${USER.toLowerCase()}:ACTIVE`, false],
    ] as const) {
      const { id } = (await alice()).body;
      await patch(`/Users/${id}`, { op: "replace", path, value });
      expect(await isOut()).toBe(true);
      await patch(`/Users/${id}`, { op: "replace", path: "active", value: true });
      await ask("DELETE", `/Users/${id}`);
    }
  });

  test("somebody whom no token would be known by is not taken, nor made so", async () => {
    const refused = { status: 400, body: { scimType: "invalidValue" } };
    expect(await alice({ externalId: undefined })).toMatchObject(refused);
    const { id } = (await alice()).body;
    expect(await patch(`/Users/${id}`, { op: "remove", path: "externalId" })).toMatchObject(refused);
    expect((await ask("GET", `/Users/${id}`)).body).toMatchObject({ externalId: "alice" });
  });

  test("a userName has no case: who is shut out under one spelling is under all", async () => {
    const user = { schemas: [USER], userName: "Mara@Example.org", active: false };
    await ask("POST", "/Users", user, "partner-directory");
    expect(disabled.has("partner:mara@example.org")).toBe(true);
  });
});

test("who is shut out while everything is read again stays out", async () => {
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const store = directoryStore(database.sql);
  let isSlow = false;
  const late = createDisabled();
  const slow = await Directory.open({
    store: {
      ...store,
      async users() {
        const rows = await store.users();
        if (isSlow) await held;
        return rows;
      },
    },
    disabled: late,
    providers: () => settings().providers,
    random: randomBytes,
    clock: Date.now,
    changed: () => undefined,
  });
  const { id } = await slow.addUser("corp", { userName: "alice", externalId: "alice", active: true });
  isSlow = true;
  const reading = slow.reload();
  const shut = slow.changeUser("corp", id, (user) => ({ ...user, active: false }));
  // Long enough for a change that does not wait for its turn.
  await Promise.race([shut, new Promise((resolve) => setTimeout(resolve, 100))]);
  go();
  await Promise.all([reading, shut]);
  expect(late.has("corp:alice")).toBe(true);
});

describe("groups that the directory sends", () => {
  test("count instead of those in the token, from the next request on", async () => {
    const { id } = (await alice()).body;
    const bearer = await token(["Support"]);
    expect(await codeOf(() => gate.authenticate(bearer))).toBe("group_missing");
    const officers = await group("Officers");
    await patch(`/Groups/${officers.id}`, { op: "Add", path: "members", value: [{ value: id }] });
    expect((await gate.authenticate(bearer)).groups).toEqual(["officers"]);
    const support = await group("Support", id);
    expect((await gate.authenticate(bearer)).groups).toEqual(["support", "officers"]);
    await patch(`/Groups/${officers.id}`, { op: "Remove", path: `members[value eq "${id}"]` });
    expect((await gate.authenticate(bearer)).groups).toEqual(["support"]);
    await patch(`/Groups/${support.id}`, { op: "replace", value: { displayName: "Nobody's" } });
    expect(await codeOf(() => gate.authenticate(bearer))).toBe("group_missing");
    await patch(`/Groups/${support.id}`, { op: "replace", path: "displayName", value: "Support" });
    expect((await gate.authenticate(bearer)).groups).toEqual(["support"]);
    await ask("DELETE", `/Groups/${support.id}`);
    expect(await codeOf(() => gate.authenticate(bearer))).toBe("group_missing");
  });

  test("of people whom it has not sent, and where the configuration does not want them, do not count", async () => {
    await group("Officers");
    expect((await gate.authenticate(await idp.token({ sub: "bob", groups: ["Support"] }))).groups).toEqual(["support"]);
    const { id } = (await alice()).body;
    await group("Officers", id);
    groupsCount = false;
    gate.configure(settings());
    expect((await gate.authenticate(await token())).groups).toEqual(["support"]);
  });

  test("survive a restart, and are heard of by another gateway of the same database", async () => {
    const other = await Directory.open({
      store: directoryStore(database.sql),
      disabled: createDisabled(),
      providers: () => settings().providers,
      random: randomBytes,
      clock: Date.now,
      changed: () => undefined,
    });
    const { id } = (await alice()).body;
    const support = await group("Support", id);
    expect(changed).toEqual([`user ${id}`, `group ${support.id}`]);
    for (const row of changed) await other.heard(row);
    expect(other.groupsOf("corp", "alice")).toEqual(["Support"]);
    await ask("DELETE", `/Groups/${support.id}`);
    await other.heard(changed.at(-1) ?? "");
    expect(other.groupsOf("corp", "alice")).toEqual([]);
    const again = await group("Support", id);
    await app.close();
    await gate.close();
    await start();
    expect(directory.groupsOf("corp", "alice")).toEqual(["Support"]);
    expect((await ask("GET", `/Groups/${again.id}`)).body["members"]).toEqual([
      { value: id, $ref: `https://gateway.test/scim/v2/Users/${id}` },
    ]);
  });
});

describe("the protocol", () => {
  test("answers a new user with what is kept of it, which is a name, an id and whether it is active", async () => {
    const { status, body, headers } = await alice();
    expect(status).toBe(201);
    expect(headers["content-type"]).toContain("application/scim+json");
    expect(headers["location"]).toBe(`https://gateway.test/scim/v2/Users/${body.id}`);
    expect(body).toMatchObject({ schemas: [USER], externalId: "alice", userName: "alice@example.com", active: true });
    expect(Object.keys(body).toSorted()).toEqual(["active", "externalId", "id", "meta", "schemas", "userName"]);
    expect((await ask("GET", `/Users/${body.id}`)).body).toEqual(body);
    expect(readFileSync(join(dir, `${DATABASE_FILE}-wal`)).includes("familyName")).toBe(false);
    expect(recorded).toEqual([
      { name: "directory.user.added", actor: "service:corp-directory", facts: { provider: "corp" } },
    ]);
  });

  test("finds by name, whatever its case, and in pages", async () => {
    const { id } = (await alice()).body;
    for (const name of ["b", "c", "d"]) await alice({ userName: name, externalId: name });
    const found = async (query: string): Promise<Json> => (await ask("GET", `/Users?${query}`)).body;
    expect(await found(`filter=${encodeURIComponent('userName eq "ALICE@example.com"')}`)).toMatchObject({
      totalResults: 1,
      Resources: [{ id }],
    });
    expect(await found(`filter=${encodeURIComponent('externalId eq "Alice"')}`)).toMatchObject({
      totalResults: 0,
      Resources: [],
    });
    const [first, second] = [await found("startIndex=1&count=3"), await found("startIndex=4&count=3")];
    expect([first, second]).toMatchObject([
      { totalResults: 4, itemsPerPage: 3 },
      { totalResults: 4, startIndex: 4, itemsPerPage: 1 },
    ]);
    expect(new Set([first, second].flatMap((each) => (each["Resources"] as Json[]).map((one) => one.id))).size).toBe(4);
    expect(await found("startIndex=-5&count=-1")).toMatchObject({ startIndex: 1, itemsPerPage: 0 });
    const { body } = await ask(
      "GET",
      `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "x"')}`,
    );
    expect(body).toMatchObject({ totalResults: 0 });
  });

  test("says what it can do", async () => {
    expect((await ask("GET", "/ServiceProviderConfig")).body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
    });
    expect((await ask("GET", "/ResourceTypes")).body["Resources"]).toHaveLength(2);
  });

  test("a directory sees and changes its own people only", async () => {
    const { id } = (await alice()).body;
    const { body } = await ask(
      "POST",
      "/Users",
      { schemas: [USER], userName: "alice@example.com", externalId: "x" },
      "partner-directory",
    );
    expect(body.id).not.toBe(id);
    expect((await ask("GET", "/Users", undefined, "partner-directory")).body["totalResults"]).toBe(1);
    for (const method of ["GET", "DELETE"] as const)
      expect((await ask(method, `/Users/${id}`, undefined, "partner-directory")).status).toBe(404);
    const foreign = { schemas: [GROUP], displayName: "x", members: [{ value: id }] };
    expect((await ask("POST", "/Groups", foreign, "partner-directory")).status).toBe(404);
    expect(directory.user("corp", id).active).toBe(true);
  });

  const bad: readonly [string, number, string | undefined, () => ReturnType<typeof ask>][] = [
    ["without a credential", 401, undefined, () => ask("GET", "/Users", undefined, "")],
    ["with a key that is no directory's", 403, undefined, () => ask("GET", "/Users", undefined, "another-key")],
    ["for a user that is not there", 404, undefined, () => ask("GET", "/Users/nobody")],
    [
      "for a name that is taken",
      409,
      "uniqueness",
      async () => (await alice(), await alice({ userName: "Alice@Example.com", externalId: "y" })),
    ],
    [
      "with a filter that is not read",
      400,
      "invalidFilter",
      () => ask("GET", `/Users?filter=${encodeURIComponent("active eq true")}`),
    ],
    [
      "with an escape that is none",
      400,
      "invalidFilter",
      () => ask("GET", `/Users?filter=${encodeURIComponent('userName eq "\\x"')}`),
    ],
    ["with a page that is no number", 400, "invalidValue", () => ask("GET", "/Users?count=all")],
    ["with a body that is no JSON", 400, "invalidSyntax", () => ask("POST", "/Users", "{")],
    [
      "with a name twice in the body",
      400,
      "invalidSyntax",
      () => ask("POST", "/Users", '{"userName":"a","userName":"b"}'),
    ],
    ["without a name", 400, "invalidValue", () => ask("POST", "/Users", { schemas: [USER] })],
    ["with a name of two lines", 400, "invalidValue", () => alice({ userName: "a\nb" })],
    ["with active that is neither", 400, "invalidValue", () => alice({ active: "perhaps" })],
    [
      "with a member that is not there",
      404,
      undefined,
      () => ask("POST", "/Groups", { displayName: "x", members: [{ value: "nobody" }] }),
    ],
    ["with no operation", 400, "invalidValue", async () => patch(`/Users/${(await alice()).body.id}`)],
    [
      "with an unknown operation",
      400,
      "invalidValue",
      async () => patch(`/Users/${(await alice()).body.id}`, { op: "test", path: "active" }),
    ],
    [
      "with a path into members that is not read",
      400,
      "invalidValue",
      async () => patch(`/Groups/${(await group("x")).id}`, { op: "remove", path: 'members[display eq "x"]' }),
    ],
    ["for an endpoint that is not there", 404, undefined, () => ask("GET", "/Bulk")],
  ];
  test.each(bad)("a request %s is refused with %i and changes nothing", async (_, status, scimType, attempt) => {
    const answer = await attempt();
    expect(answer.status).toBe(status);
    expect(answer.body["scimType"]).toBe(scimType);
    expect(recorded.filter(({ name }) => name.endsWith("changed"))).toEqual([]);
  });

  test("two that come at once with one name are one", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => alice({ externalId: `x${n}` })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(19).fill(409)]);
  });
});
