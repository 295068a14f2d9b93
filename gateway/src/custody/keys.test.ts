import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import type { Principal, Role } from "../core/principal.ts";
import { type SecretFolder, kekFolder, secretFolder } from "./folder.ts";
import { Keyring } from "./keyring.ts";
import { Keys } from "./keys.ts";
import type { RootKey } from "./root.ts";
import { openFileRoot } from "./root-file.ts";
import { sealedSource } from "./source-sealed.ts";

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

/** As a process would open it. */
function open(more: { readonly rootPath?: string; readonly secrets?: SecretFolder } = {}) {
  const ring = new Keyring({
    ring: "secrets",
    openRoot: async (mayCreate) => {
      const root = await openFileRoot({ path: more.rootPath ?? join(dir, "root.key"), random: randomBytes }, mayCreate);
      return counted(root);
    },
    store: kekFolder(dir, "secrets"),
    clock: () => now,
    random: randomBytes,
    cacheMs: 60_000,
  });
  rings.push(ring);
  const secrets = more.secrets ?? secretFolder(dir);
  const progress: [number, number][] = [];
  const keys = new Keys({
    ring,
    secrets,
    record: (event) => {
      if (recordFails) return Promise.reject(new SluiceError("evidence_unavailable", "no room"));
      events.push(event);
      return Promise.resolve({ index: events.length });
    },
    progress: (done, of) => progress.push([done, of]),
  });
  return { ring, keys, secrets, source: sealedSource(ring, secrets), progress };
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
    const { version, rewrapped } = await keys.rotate(operator);
    expect(version).toBe(2);
    expect(await source.read("name-7")).toEqual({ value: "value-7" });
    expect(await rewrapped).toEqual({ rows: 120, done: 120, failed: 0, failedIds: [] });
    expect(progress.at(-1)).toEqual([120, 120]);
    expect(await source.read("name-7")).toEqual({ value: "value-7" });
    const status = await keys.status(operator);
    expect(status.keys.map(({ version: each, state, rows }) => [each, state, rows])).toEqual([
      [1, "opens", 0],
      [2, "seals", 120],
    ]);
    expect(events.slice(-2)).toMatchObject([
      { name: "key.rotated", actor: operator.id, target: "secrets/2" },
      { name: "key.rewrapped", target: "secrets", facts: { done: 120, failed: 0, finished: true, rows: 120 } },
    ]);
    expect(await keys.rewrap()).toMatchObject({ done: 0, failed: 0 });
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
    expect(rotations.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const { keys, source } = open();
    await keys.rewrap();
    expect(await source.read("acme")).toEqual({ value: CANARY });
    expect((await keys.status(operator)).keys.at(-1)).toMatchObject({ version: 11, rows: 1 });
  });

  test("never overwrites a secret that is put in meanwhile", async () => {
    const plain = secretFolder(dir);
    const { keys, source } = open({
      secrets: {
        ...plain,
        // Between the look at a row and its replacement, somebody else puts another value in.
        replace: async (id, before, after) => {
          await seal(open().keys, id, "newer");
          return plain.replace(id, before, after);
        },
      },
    });
    await seal(keys, "acme", "older");
    const { rewrapped } = await keys.rotate(operator);
    expect(await rewrapped).toMatchObject({ done: 0, failed: 0 });
    expect(await source.read("acme")).toEqual({ value: "newer" });
  });

  test("goes on past rows that do not open, and names them", async () => {
    const { keys } = open();
    for (const name of ["a", "b", "c"]) await seal(keys, name, name);
    writeFileSync(join(dir, "secrets", "b.2"), "broken");
    expect(await (await keys.rotate(operator)).rewrapped).toEqual({ rows: 3, done: 2, failed: 1, failedIds: ["b"] });
    expect((await keys.status(operator)).unreadable).toBe(1);
    rmSync(join(dir, "keys", "secrets-2.json"));
    expect((await keys.status(operator)).unreadable).toBe(3);
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
    expect(await open().keys.rewrap()).toMatchObject({ done: 2 });
    expect((await open().keys.status(operator)).keys.at(-1)).toMatchObject({ version: 2, rows: 2 });
  });

  test("of the root key wraps every key anew, and values need not be touched", async () => {
    const { keys } = open();
    await seal(keys, "acme", CANARY);
    await (await keys.rotate(operator)).rewrapped;
    const before = readFileSync(join(dir, "secrets", "acme.2"));
    expect(await keys.rotateRoot(operator)).toBe(2);
    expect(readFileSync(join(dir, "secrets", "acme.2")).equals(before)).toBe(true);
    expect((await keys.status(operator)).keys.map(({ rootVersion }) => rootVersion)).toEqual(["2", "2"]);
    // The first version may go now: nothing is wrapped under it any more, and what an old backup holds opens no more.
    rmSync(join(dir, "root.key"));
    const { source, ring } = open();
    expect(await source.read("acme")).toEqual({ value: CANARY });
    expect((await (await ring.root()).describe()).version).toBe("2");
    expect(names().slice(-2)).toEqual(["root.rotated", "root.rewrapped"]);
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
    expect((await keys.status(principal("auditor"))).keys).toHaveLength(1);
  });

  test("a target's secret is revealed to nobody", async () => {
    const { keys, secrets } = open();
    await seal(keys, "acme", CANARY);
    const sealed = (await secrets.read("acme")) ?? Buffer.of();
    const officer = principal("privacy-officer");
    await expect(keys.reveal(officer, secrets.placeOf("acme"), sealed)).rejects.toMatchObject(denied);
  });
});
