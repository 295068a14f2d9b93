/** `sluice keys` on the keys of the epochs, as it is run beside a gateway that is stopped. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Principal } from "../core/principal.ts";
import { openOfflineKeys, type OfflineKeys } from "../server/offline-keys.ts";
import { copied, email, keyFor, Room } from "./test/setup.ts";

let room: Room;
beforeEach(() => {
  room = new Room();
  room.now = Date.now();
  writeFileSync(join(room.dir, "sluice.yaml"), `evidence: { dir: ${room.dir} }\nrehearsal: true\n`);
});
afterEach(() => room.close());

const operator: Principal = {
  id: "os:root",
  kind: "human",
  credential: "os:root",
  groups: [],
  roles: ["operator"],
  purposes: [],
  actors: [],
  limits: { requestsPerMinute: 0, concurrentStreams: 0 },
};

async function offline<T>(work: (keys: OfflineKeys["keys"]) => Promise<T>): Promise<T> {
  const opened = await openOfflineKeys({ config: join(room.dir, "sluice.yaml"), progress: () => undefined });
  try {
    return await work(opened.keys);
  } finally {
    await opened.close();
  }
}

test("shows how many keys of people need which key, begins an epoch by hand, and brings all of them over", async () => {
  const many = Array.from({ length: 120 }, (_, at) => email(`person-${at}@example.com`));
  const before = await room.open();
  const known = (await before.keys.keysFor(many)).map(copied);
  await before.close();
  const ofSubjects = async () =>
    (await offline((keys) => keys.status(operator))).rings
      .find(({ ring }) => ring === "subjects")
      ?.keys.map(({ version, state, rows }) => [version, state, rows]);
  // Each is a key of somebody, and one is the key that they are found by.
  expect(await ofSubjects()).toEqual([[1, "seals", 121]]);
  const done = await offline(async (keys) => {
    const { keys: made, rewrapped } = await keys.rotate(operator, ["subjects"]);
    return { made, rewrapped: await rewrapped };
  });
  expect(done).toEqual({
    made: [{ ring: "subjects", version: 2 }],
    rewrapped: [{ ring: "subjects", rows: 121, done: 121, failed: 0, failedNames: [] }],
  });
  expect(await ofSubjects()).toEqual([
    [1, "opens", 0],
    [2, "seals", 121],
  ]);
  const after = await room.open();
  for (const each of known) expect(copied(await after.keys.keyOf(each.id))).toEqual(each);
  // By hand or by time: a new epoch gives new ids, and finds the old ones.
  const next = await keyFor(after, "person-7@example.com");
  expect(await after.index.idsOf([email("person-7@example.com")])).toEqual([known[7]?.id, next.id]);
});

test("turns the root key above them, and works where nobody was recorded yet", async () => {
  const before = await room.open();
  const known = await keyFor(before, "jane@example.com");
  await before.close();
  expect(await offline((keys) => keys.rotateRoot(operator))).toBe(1);
  rmSync(join(room.dir, "custody", "root.key"));
  const after = await room.open();
  expect(copied(await after.keys.keyOf(known.id))).toEqual(known);
  const empty = new Room();
  try {
    writeFileSync(join(empty.dir, "sluice.yaml"), `evidence: { dir: ${empty.dir} }\nrehearsal: true\n`);
    const opened = await openOfflineKeys({ config: join(empty.dir, "sluice.yaml"), progress: () => undefined });
    expect((await opened.keys.rotate(operator)).keys).toEqual([{ ring: "secrets", version: 1 }]);
    expect((await opened.keys.status(operator)).rings.map(({ ring }) => ring)).toContain("subjects");
    await opened.close();
  } finally {
    await empty.close();
  }
});
