import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import type { Principal, Role } from "../core/principal.ts";
import { kekFolder, type SealedRows, type SecretFolder, secretFolder } from "./folder.ts";
import { Keyring } from "./keyring.ts";
import { Keys } from "./keys.ts";
import type { RootKey } from "./root.ts";
import { openFileRoot } from "./root-file.ts";
import { sealedSource } from "./source-sealed.ts";
import { valuesOf } from "./values.ts";

const CANARY = "sk-canary-sealed-4471";

let dir: string;
let now: number;
let events: ControlEvent[];
let recordFails: boolean;
let rootCalls: number;
const rings: Keyring[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-keys-"));
  [now, events, recordFails, rootCalls] = [Date.UTC(2026, 10, 21), [], false, 0];
});
afterEach(async () => {
  await Promise.all(rings.splice(0).map((ring) => ring.close()));
  rmSync(dir, { recursive: true });
});

/** As a process would open it: the ring of secrets, and one of a room that keeps rows of its own. */
function open(more: { readonly rootPath?: string; readonly secrets?: SecretFolder; readonly room?: SealedRows } = {}) {
  const [ring, own] = ["secrets", "room"].map((name) => {
    const made = new Keyring({
      ring: name,
      openRoot: async (mayCreate) => {
        const path = more.rootPath ?? join(dir, "root.key");
        return counted(await openFileRoot({ path, random: randomBytes }, mayCreate));
      },
      store: kekFolder(dir, name),
      clock: () => now,
      random: randomBytes,
      cacheMs: 60_000,
    });
    rings.push(made);
    return made;
  });
  if (ring === undefined || own === undefined) throw new Error("assertion: two rings");
  const secrets = more.secrets ?? secretFolder(dir);
  const progress: [number, number][] = [];
  const keys = new Keys({
    ring,
    secrets,
    others: [{ ring: own, values: valuesOf(own, more.room ?? rowsIn(new Map())) }],
    record: (event) => {
      if (recordFails) return Promise.reject(new SluiceError("evidence_unavailable", "no room"));
      events.push(event);
      return Promise.resolve({ index: events.length });
    },
    progress: (done, of) => progress.push([done, of]),
  });
  return { ring, own, keys, secrets, source: sealedSource(ring, secrets), progress };
}

/** Rows of a room, which a test can look at. */
function rowsIn(rows: Map<string, Uint8Array>): SealedRows {
  return {
    ids: () => Promise.resolve([...rows.keys()]),
    placeOf: (id) => ({ table: "room", column: "text", id }),
    nameOf: (id) => `row ${id}`,
    read: (id) => Promise.resolve(rows.get(id)),
    replace(moves) {
      for (const { id, after } of moves) rows.set(id, after);
      return Promise.resolve(moves.length);
    },
  };
}

/** Of the ring of secrets. */
async function secretsStatus(keys: Keys, who = operator) {
  const [first] = (await keys.status(who)).rings;
  if (first === undefined) throw new Error("assertion: a ring");
  return first;
}

function counted(root: RootKey): RootKey {
  return {
    id: root.id,
    wrap: (key, aad) => root.wrap(key, aad),
    unwrap: (wrapped, aad) => {
      rootCalls += 1;
      return root.unwrap(wrapped, aad);
    },
    rotate: () => root.rotate(),
    versionOf: (wrapped) => root.versionOf(wrapped),
    describe: () => root.describe(),
    close: () => root.close(),
  };
}

const principal = (...roles: Role[]): Principal => ({
  id: `test:${roles.join("+")}`,
  kind: "human",
  credential: "test",
  groups: [],
  roles,
  purposes: [],
  actors: [],
  limits: { requestsPerMinute: 1, concurrentStreams: 1 },
});
const operator = principal("operator");
const names = (): string[] => events.map(({ name }) => name);
const seal = (keys: Keys, name: string, value: string): Promise<void> =>
  keys.sealSecret(operator, name, Buffer.from(value));

describe("a secret that is sealed", () => {
  test("is read by its name, by other processes too, and lies nowhere in clear", async () => {
    const { keys } = open();
    await seal(keys, "acme", CANARY);
    expect(await open().source.read("acme")).toEqual({ value: CANARY });
    for (const path of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
      const full = join(dir, path);
      if (!statSync(full).isFile()) continue;
      expect(readFileSync(full).includes(CANARY)).toBe(false);
      expect(statSync(full).mode & 0o777).toBe(0o600);
    }
    expect(names()).toEqual(["key.created", "secret.sealed"]);
    expect(events.map(({ actor }) => actor)).toEqual([operator.id, operator.id]);
  });

  test("is replaced by another of the same name, and removed", async () => {
    const { keys, source } = open();
    for (const value of ["one", "two", "three"]) await seal(keys, "acme", value);
    expect(await source.read("acme")).toEqual({ value: "three" });
    expect(readdirSync(join(dir, "secrets"))).toEqual(["acme.3"]);
    expect(await keys.removeSecret(operator, "acme")).toBe(true);
    expect(await keys.removeSecret(operator, "acme")).toBe(false);
    expect(await source.read("acme")).toMatchObject({ gone: true });
  });

  test("does not open at another's name, when it was altered, or without its root key", async () => {
    const { keys, source } = open();
    await seal(keys, "acme", CANARY);
    await seal(keys, "other", "x");
    writeFileSync(join(dir, "secrets", "other.2"), readFileSync(join(dir, "secrets", "acme.1")));
    expect(await source.read("other")).toMatchObject({ gone: false, reason: /does not open/ });
    writeFileSync(join(dir, "secrets", "acme.2"), "not sealed");
    expect(await source.read("acme")).toMatchObject({ gone: false, reason: /does not open/ });
    writeFileSync(join(dir, "other.key"), randomBytes(32));
    const stranger = open({ rootPath: join(dir, "other.key") });
    expect(await stranger.source.read("other")).toMatchObject({
      reason: /is wrapped under file:.*root\.key, and the root key of the configuration is file:.*other\.key/,
    });
    rmSync(join(dir, "root.key"));
    expect(await open().source.read("other")).toMatchObject({ reason: /root\.key is missing, and keys are wrapped/ });
    expect(existsSync(join(dir, "root.key"))).toBe(false);
  });

  test.each(["", "../x", "A", "x".repeat(65), "a.b"])("has no name like %j", async (name) => {
    expect(await open().source.read(name)).toMatchObject({ gone: false, reason: /is not a name/ });
  });
});

describe("a rotation", () => {
  test("makes a key that seals from then on; the old ones open, and rows come over with progress", async () => {
    const { keys, source, progress } = open();
    for (let at = 0; at < 120; at++) await seal(keys, `name-${at}`, `value-${at}`);
    const { keys: turned, rewrapped } = await keys.rotate(operator);
    expect(turned).toEqual([{ ring: "secrets", version: 2 }]);
    expect(await source.read("name-7")).toEqual({ value: "value-7" });
    expect(await rewrapped).toEqual([{ ring: "secrets", rows: 120, done: 120, failed: 0, failedNames: [] }]);
    expect(progress.at(-1)).toEqual([120, 120]);
    expect(await source.read("name-7")).toEqual({ value: "value-7" });
    const status = await secretsStatus(keys);
    expect(status.keys.map(({ version: each, state, rows }) => [each, state, rows])).toEqual([
      [1, "opens", 0],
      [2, "seals", 120],
    ]);
    expect(events.slice(-2)).toMatchObject([
      { name: "key.rotated", actor: operator.id, target: "secrets/2" },
      { name: "key.rewrapped", target: "secrets", facts: { done: 120, failed: 0, finished: true, rows: 120 } },
    ]);
    expect((await keys.rewrap())[0]).toMatchObject({ done: 0, failed: 0 });
  });

  test("that nobody could put on record does not happen", async () => {
    const { keys, ring } = open();
    await seal(keys, "acme", CANARY);
    recordFails = true;
    await expect(keys.rotate(operator)).rejects.toMatchObject({ code: "evidence_unavailable" });
    await expect(keys.rotateRoot(operator)).rejects.toMatchObject({ code: "evidence_unavailable" });
    await expect(seal(keys, "acme", "other")).rejects.toMatchObject({ code: "evidence_unavailable" });
    expect(await ring.list()).toHaveLength(1);
    expect(readdirSync(dir).filter((name) => name.startsWith("root"))).toEqual(["root.key"]);
    expect(await open().source.read("acme")).toEqual({ value: CANARY });
  });

  test("by ten processes at once makes ten keys, and none is lost", async () => {
    await seal(open().keys, "acme", CANARY);
    const rotations = await Promise.all(Array.from({ length: 10 }, () => open().keys.rotate(operator)));
    await Promise.all(rotations.map(({ rewrapped }) => rewrapped));
    const versions = rotations.map(({ keys }) => keys[0]?.version ?? 0);
    expect(versions.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const { keys, source } = open();
    await keys.rewrap();
    expect(await source.read("acme")).toEqual({ value: CANARY });
    expect((await secretsStatus(keys)).keys.at(-1)).toMatchObject({ version: 11, rows: 1 });
  });

  test("never overwrites a secret that is put in meanwhile", async () => {
    const plain = secretFolder(dir);
    const { keys, source } = open({
      secrets: {
        ...plain,
        // Between the look at a row and its replacement, somebody else puts another value in.
        replace: async (moves) => {
          for (const { id } of moves) await seal(open().keys, id, "newer");
          return plain.replace(moves);
        },
      },
    });
    await seal(keys, "acme", "older");
    const { rewrapped } = await keys.rotate(operator);
    expect(await rewrapped).toMatchObject([{ done: 0, failed: 0 }]);
    expect(await source.read("acme")).toEqual({ value: "newer" });
  });

  test("goes on past rows that do not open, and names them", async () => {
    const { keys } = open();
    for (const name of ["a", "b", "c"]) await seal(keys, name, name);
    writeFileSync(join(dir, "secrets", "b.2"), "broken");
    expect(await (await keys.rotate(operator)).rewrapped).toEqual([
      { ring: "secrets", rows: 3, done: 2, failed: 1, failedNames: ["b"] },
    ]);
    expect((await secretsStatus(keys)).unreadable).toBe(1);
    rmSync(join(dir, "keys", "secrets-2.json"));
    expect((await secretsStatus(keys)).unreadable).toBe(3);
  });

  test("that the root key's absence cuts off says so on the log, and the next pass goes on", async () => {
    const { keys, ring } = open();
    for (const name of ["a", "b"]) await seal(keys, name, name);
    // A gateway made a key and ended before its values came over; at the next start the root key is away.
    await ring.rotate(async () => {});
    const [path, key] = [join(dir, "root.key"), readFileSync(join(dir, "root.key"))];
    rmSync(path);
    await expect(open().keys.rewrap()).rejects.toMatchObject({ code: "key_unavailable" });
    expect(events.at(-1)).toMatchObject({ name: "key.rewrapped", facts: { done: 0, finished: false } });
    writeFileSync(path, key, { mode: 0o600 });
    expect((await open().keys.rewrap())[0]).toMatchObject({ done: 2 });
    expect((await secretsStatus(open().keys)).keys.at(-1)).toMatchObject({ version: 2, rows: 2 });
  });

  test("of the root key wraps every key anew, and values need not be touched", async () => {
    const { keys } = open();
    await seal(keys, "acme", CANARY);
    await (await keys.rotate(operator)).rewrapped;
    const before = readFileSync(join(dir, "secrets", "acme.2"));
    expect(await keys.rotateRoot(operator)).toBe(2);
    expect(readFileSync(join(dir, "secrets", "acme.2")).equals(before)).toBe(true);
    expect((await secretsStatus(keys)).keys.map(({ rootVersion }) => rootVersion)).toEqual(["2", "2"]);
    // The first version may go now: nothing is wrapped under it any more, and what an old backup holds opens no more.
    rmSync(join(dir, "root.key"));
    const { source, ring } = open();
    expect(await source.read("acme")).toEqual({ value: CANARY });
    expect((await (await ring.root()).describe()).version).toBe("2");
    expect(names().slice(-2)).toEqual(["root.rotated", "root.rewrapped"]);
  });
});

describe("a ring of a room", () => {
  const at = (id: string) => ({ table: "room", column: "text", id });

  async function filled(count: number) {
    const rows = new Map<string, Uint8Array>();
    const opened = open({ room: rowsIn(rows) });
    await seal(opened.keys, "acme", CANARY);
    await opened.own.rotate(async () => {});
    for (let each = 0; each < count; each++)
      rows.set(`${each}`, await opened.own.seal(at(`${each}`), Buffer.from(`text ${each}`)));
    return { ...opened, rows };
  }

  test("is turned with the others, or alone, and its rows come over", async () => {
    const { keys, own, rows } = await filled(120);
    const all = await keys.rotate(operator);
    expect(all.keys).toEqual([
      { ring: "secrets", version: 2 },
      { ring: "room", version: 2 },
    ]);
    expect(await all.rewrapped).toMatchObject([{ done: 1 }, { ring: "room", rows: 120, done: 120, failed: 0 }]);
    const alone = await keys.rotate(operator, ["room"]);
    expect(alone.keys).toEqual([{ ring: "room", version: 3 }]);
    expect(await alone.rewrapped).toMatchObject([{ ring: "room", done: 120 }]);
    expect((await own.open(at("7"), rows.get("7") ?? Buffer.of())).toString()).toBe("text 7");
    const { rings: told } = await keys.status(operator);
    expect(told.map(({ ring, keys: each }) => [ring, each.map(({ rows: needs }) => needs)])).toEqual([
      ["secrets", [0, 1]],
      ["room", [0, 0, 120]],
    ]);
    expect(events.filter(({ target }) => target?.startsWith("room")).map(({ name }) => name)).toEqual([
      "key.rotated",
      "key.rewrapped",
      "key.rotated",
      "key.rewrapped",
    ]);
  });

  test("without a key gets none by turning all, and there is no ring of another name", async () => {
    const { keys } = open();
    expect((await keys.rotate(operator)).keys).toEqual([{ ring: "secrets", version: 1 }]);
    expect((await keys.rotate(operator)).keys).toEqual([{ ring: "secrets", version: 2 }]);
    await expect(keys.rotate(operator, ["romo"])).rejects.toMatchObject({ code: "key_unknown" });
    await expect(keys.rotate(principal("privacy-officer"), ["room"])).rejects.toMatchObject({
      code: "permission_missing",
    });
  });

  test("comes under a new root key with the others: the old one may go, and all opens", async () => {
    const { keys, rows } = await filled(1);
    expect(await keys.rotateRoot(operator)).toBe(2);
    rmSync(join(dir, "root.key"));
    const { own, source } = open();
    expect((await own.open(at("0"), rows.get("0") ?? Buffer.of())).toString()).toBe("text 0");
    expect(await source.read("acme")).toEqual({ value: CANARY });
  });

  test("names rows that do not open without saying whose, and says when they cannot be counted", async () => {
    const { keys, rows } = await filled(2);
    rows.set("1", Buffer.from("broken"));
    expect(await (await keys.rotate(operator, ["room"])).rewrapped).toMatchObject([{ failedNames: ["row 1"] }]);
    const away = { ...rowsIn(rows), ids: () => Promise.reject(new SluiceError("database_unavailable", "away")) };
    const [secrets, room] = (await open({ room: away }).keys.status(operator)).rings;
    expect([secrets?.uncounted, room?.uncounted, room?.keys.length]).toEqual([undefined, "away", 2]);
  });
});

describe("keys in memory", () => {
  test("are held for their time only, and many uses ask the root once", async () => {
    const { keys, source } = open();
    await seal(keys, "acme", CANARY);
    const reader = open();
    rootCalls = 0;
    await Promise.all(Array.from({ length: 20 }, () => reader.source.read("acme")));
    expect(rootCalls).toBe(1);
    now += 59_999;
    await reader.source.read("acme");
    expect(rootCalls).toBe(1);
    now += 1;
    await reader.source.read("acme");
    expect(rootCalls).toBe(2);
    expect(await source.read("acme")).toEqual({ value: CANARY });
  });

  test("open what is sealed while the root key is away, until their time is over", async () => {
    const { keys, source } = open();
    await seal(keys, "acme", CANARY);
    await source.read("acme");
    const [path, key] = [join(dir, "root.key"), readFileSync(join(dir, "root.key"))];
    rmSync(path);
    expect(await source.read("acme")).toEqual({ value: CANARY });
    now += 60_000;
    expect(await source.read("acme")).toMatchObject({ gone: false });
    expect((await keys.status(operator)).root).toMatchObject({ version: "?" });
    writeFileSync(path, key, { mode: 0o600 });
    expect(await source.read("acme")).toEqual({ value: CANARY });
  });

  test("do not show when something that holds them is printed", async () => {
    const { keys, ring, source } = open();
    await seal(keys, "acme", CANARY);
    await source.read("acme");
    const root = readFileSync(join(dir, "root.key"));
    const shown =
      inspect([keys, ring, source, events, await keys.status(operator)], { depth: Infinity, showHidden: true }) +
      JSON.stringify([keys, ring, source, events, await keys.status(operator)]);
    for (const secret of [CANARY, root.toString("hex"), root.toString("base64"), root.toString("latin1")])
      expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/Buffer|Uint8Array/);
  });
});

describe("separation of duties", () => {
  const place = { table: "recordings", column: "text", id: "7" };
  const denied = { code: "permission_missing" };

  test("an operator turns keys and reveals nothing", async () => {
    const { keys, ring } = open();
    await (await keys.rotate(operator)).rewrapped;
    const sealed = await ring.seal(place, Buffer.from("Anna"));
    await expect(keys.reveal(operator, place, sealed)).rejects.toMatchObject(denied);
    expect(names()).not.toContain("value.revealed");
  });

  test("a privacy officer reveals, on record first, and turns no keys", async () => {
    const { keys, ring } = open();
    await keys.rotate(operator);
    const sealed = await ring.seal(place, Buffer.from("Anna"));
    const officer = principal("privacy-officer");
    expect((await keys.reveal(officer, place, sealed)).toString()).toBe("Anna");
    expect(events.at(-1)).toEqual({ name: "value.revealed", actor: officer.id, target: "recordings.text" });
    recordFails = true;
    await expect(keys.reveal(officer, place, sealed)).rejects.toMatchObject({ code: "evidence_unavailable" });
    recordFails = false;
    for (const work of [
      () => keys.rotate(officer),
      () => keys.rotateRoot(officer),
      () => keys.sealSecret(officer, "acme", Buffer.from("x")),
      () => keys.removeSecret(officer, "acme"),
    ])
      await expect(work()).rejects.toMatchObject(denied);
  });

  test("who is both has neither duty, and everybody else has none", async () => {
    const { keys, ring } = open();
    await keys.rotate(operator);
    const sealed = await ring.seal(place, Buffer.from("Anna"));
    const both = principal("operator", "privacy-officer");
    await expect(keys.rotate(both)).rejects.toMatchObject(denied);
    await expect(keys.reveal(both, place, sealed)).rejects.toMatchObject(denied);
    for (const role of ["user", "approver", "auditor"] as const) {
      await expect(keys.rotate(principal(role))).rejects.toMatchObject(denied);
      await expect(keys.reveal(principal(role), place, sealed)).rejects.toMatchObject(denied);
    }
    await expect(keys.status(principal("user"))).rejects.toMatchObject(denied);
    expect((await secretsStatus(keys, principal("auditor"))).keys).toHaveLength(1);
  });

  test("a target's secret is revealed to nobody", async () => {
    const { keys, secrets } = open();
    await seal(keys, "acme", CANARY);
    const sealed = (await secrets.read("acme")) ?? Buffer.of();
    const officer = principal("privacy-officer");
    await expect(keys.reveal(officer, secrets.placeOf("acme"), sealed)).rejects.toMatchObject(denied);
  });
});
