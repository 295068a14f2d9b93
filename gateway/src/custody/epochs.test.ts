import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";
import { Epochs } from "./epochs.ts";
import { kekFolder } from "./folder.ts";
import { Keyring } from "./keyring.ts";
import { openFileRoot } from "./root-file.ts";

const DAY_MS = 86_400_000;
const EPOCH_MS = 30 * DAY_MS;
const AAD = Buffer.from("row 7");
const NOTHING = Promise.resolve();

let dir: string;
let now: number;
let events: ControlEvent[];
let faults: SluiceError[];
let rootIsAway: boolean;
let lists: number;
const rings: Keyring[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-epochs-"));
  [now, events, faults, rootIsAway, lists] = [Date.UTC(2026, 10, 22), [], [], false, 0];
});
afterEach(async () => {
  for (const ring of rings.splice(0)) await ring.close();
  rmSync(dir, { recursive: true });
});

/** As a process would open them. */
function open(enter?: (version: number) => Promise<() => Promise<void>>): Epochs {
  const store = kekFolder(dir, "subjects");
  const ring = new Keyring({
    ring: "subjects",
    openRoot: async (mayCreate) => {
      if (rootIsAway) throw new SluiceError("key_unavailable", "away");
      return openFileRoot({ path: join(dir, "root.key"), random: randomBytes }, mayCreate);
    },
    store: {
      ...store,
      list() {
        lists += 1;
        return store.list();
      },
    },
    clock: () => now,
    random: randomBytes,
    cacheMs: 60_000,
    enter: () => enter,
  });
  rings.push(ring);
  return new Epochs({
    ring: () => ring,
    record: (event) => {
      events.push(event);
      return Promise.resolve({ index: events.length });
    },
    clock: () => now,
    random: randomBytes,
    epochMs: () => EPOCH_MS,
    lookEveryMs: () => 60_000,
    onFault: (error) => faults.push(error),
  });
}

const names = (): string[] => events.map(({ name, target }) => `${name} ${target}`);
const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
  return "none";
};

describe("the keys of the epochs", () => {
  test("the first is made, on record, when it is needed; looking makes none", async () => {
    const epochs = open();
    expect(await epochs.versions()).toEqual([]);
    expect(await epochs.endsAt()).toBeUndefined();
    expect(existsSync(join(dir, "root.key"))).toBe(false);
    expect(await epochs.current()).toBe(1);
    expect(names()).toEqual(["key.created subjects/1"]);
    expect(await epochs.endsAt()).toBe(now + EPOCH_MS);
  });

  test("wrap and open at once, without the disk, while the key is in memory, and not for longer than a minute", async () => {
    const epochs = open();
    const key = randomBytes(32);
    const { version, wrapped } = await epochs.wrap(key, AAD);
    lists = 0;
    const again = epochs.wrap(key, AAD);
    expect(again).not.toBeInstanceOf(Promise);
    expect(epochs.unwrap(version, wrapped, AAD)).toEqual(key);
    expect(lists).toBe(0);
    now += 60_000;
    const asked = epochs.unwrap(version, wrapped, AAD);
    expect(asked).toBeInstanceOf(Promise);
    expect(await asked).toEqual(key);
  });

  test("open nothing that was altered, or wrapped for another place or under another key", async () => {
    const epochs = open();
    const { version, wrapped } = await epochs.wrap(randomBytes(32), AAD);
    const flipped = Uint8Array.from(wrapped);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    expect(await codeOf(() => epochs.unwrap(version, flipped, AAD))).toBe("seal_invalid");
    expect(await codeOf(() => epochs.unwrap(version, wrapped, Buffer.from("row 8")))).toBe("seal_invalid");
    now += EPOCH_MS;
    expect(await epochs.current()).toBe(2);
    expect(await codeOf(() => epochs.unwrap(2, wrapped, AAD))).toBe("seal_invalid");
    expect(await codeOf(() => epochs.unwrap(3, wrapped, AAD))).toBe("key_unknown");
  });

  test("take turns when an epoch is over; what the one before wrapped still opens", async () => {
    const epochs = open();
    const key = randomBytes(32);
    const first = await epochs.wrap(key, AAD);
    now += EPOCH_MS - 1;
    expect(await epochs.current()).toBe(1);
    now += 1;
    expect((await epochs.wrap(key, AAD)).version).toBe(2);
    expect(names()).toEqual(["key.created subjects/1", "key.rotated subjects/2"]);
    expect(await epochs.unwrap(1, first.wrapped, AAD)).toEqual(key);
  });

  test("a root key that is away when an epoch ends keeps nobody from working under the one before", async () => {
    const epochs = open();
    await epochs.current();
    rings[0]?.close().catch(() => undefined);
    const later = open();
    now += EPOCH_MS;
    rootIsAway = true;
    expect(await later.current()).toBe(1);
    expect(faults.map(({ code }) => code)).toEqual(["key_unavailable"]);
    rootIsAway = false;
    now += 60_000;
    expect(await later.current()).toBe(2);
  });

  test("of gateways that make the key of one epoch at once, one does and the others take it", async () => {
    const all = [open(), open(), open()];
    expect(await Promise.all(all.map(async (each) => each.current()))).toEqual([1, 1, 1]);
    now += EPOCH_MS;
    expect(await Promise.all(all.map(async (each) => each.current()))).toEqual([2, 2, 2]);
    const { version, wrapped } = await (all[0] as Epochs).wrap(AAD, AAD);
    expect(Buffer.from(await (all[2] as Epochs).unwrap(version, wrapped, AAD))).toEqual(AAD);
  });

  test("one that `sluice keys rotate` made is taken within a minute", async () => {
    const epochs = open();
    await epochs.current();
    await rings[0]?.rotate(() => NOTHING);
    expect(await epochs.current()).toBe(1);
    now += 60_000;
    expect(await epochs.current()).toBe(2);
  });
});

describe("a key of an epoch is destroyed", () => {
  const file = (version: number): string => join(dir, "keys", `subjects-${version}.json`);

  test("on record first; its file is overwritten and gone, and what stands under it opens no more, here and elsewhere", async () => {
    const [epochs, other] = [open(), open()];
    const first = await epochs.wrap(randomBytes(32), AAD);
    await other.unwrap(1, first.wrapped, AAD);
    now += EPOCH_MS;
    await epochs.current();
    // What a write that was cut off leaves behind.
    writeFileSync(`${file(1)}.abcdef.new`, readFileSync(file(1)));
    await epochs.destroy(1);
    expect(names().at(-1)).toBe("key.destroyed subjects/1");
    expect(readdirSync(join(dir, "keys"))).toEqual(["subjects-2.json"]);
    expect(await codeOf(() => epochs.unwrap(1, first.wrapped, AAD))).toBe("key_unknown");
    now -= EPOCH_MS;
    expect(await codeOf(() => other.unwrap(1, first.wrapped, AAD))).toBe("none");
    await other.forget(1);
    expect(await codeOf(() => other.unwrap(1, first.wrapped, AAD))).toBe("key_unknown");
  });

  test("never the newest, and never while something stands under it", async () => {
    const epochs = open();
    let count = 3;
    epochs.addUser({
      name: "recordings",
      count: (version) => Promise.resolve(version === 1 ? count : 0),
      rewrap: () => Promise.resolve(0),
    });
    await epochs.current();
    expect(await codeOf(() => epochs.destroy(1))).toBe("key_in_use");
    now += EPOCH_MS;
    await epochs.current();
    expect(await codeOf(() => epochs.destroy(1))).toBe("key_in_use");
    expect(existsSync(file(1))).toBe(true);
    expect(names()).not.toContain("key.destroyed subjects/1");
    count = 0;
    await epochs.destroy(1);
    expect(existsSync(file(1))).toBe(false);
  });

  test("while it is being unwrapped it does not come back; twice is no error", async () => {
    const epochs = open();
    const { wrapped } = await epochs.wrap(randomBytes(32), AAD);
    now += EPOCH_MS;
    await epochs.current();
    const opening = codeOf(() => epochs.unwrap(1, wrapped, AAD));
    await Promise.all([epochs.destroy(1), opening]);
    expect(await codeOf(() => epochs.unwrap(1, wrapped, AAD))).toBe("key_unknown");
    await epochs.destroy(1);
    expect(names().filter((each) => each.startsWith("key.destroyed"))).toHaveLength(1);
  });
});
