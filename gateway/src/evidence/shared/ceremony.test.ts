/** Changing the keys of a log of many gateways, on a real PostgreSQL server. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatLogInfo, parseLogInfo, parseNote, verifyLog } from "@sluice/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type TestServer } from "../../server/database/test/postgres.ts";
import { addKeys, type KeysChanged, retireKeys } from "../index.ts";
import { appendMany, checkpointOf, NOW, ORIGIN } from "../test/opened.ts";
import { filesIn, keysFrom, type Together, together, valueOf } from "./test/gateways.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** A log of 300 records whose gateways are all stopped. */
async function stopped(): Promise<Together & { readonly vkeys: readonly string[]; readonly checkpoint: string }> {
  const here = together(await server.schema());
  const log = await here.open();
  await appendMany(log, 300);
  await log.close();
  return { ...here, vkeys: log.vkeys, checkpoint: await checkpointOf(log) };
}

function change(here: Together, step: typeof addKeys): Promise<KeysChanged> {
  const dir = here.first();
  const open = (options: { readonly checkpointIntervalMs: number }) => here.open({ dir, alone: true, ...options });
  return step({ dir, origin: ORIGIN, clock: () => NOW, open });
}

const infoIn = (folder: string): ReturnType<typeof parseLogInfo> =>
  parseLogInfo(readFileSync(join(folder, "log.json")));
const signaturesIn = (folder: string): number =>
  parseNote(readFileSync(join(folder, "checkpoint"), "utf8")).signatures.length;

test("new keys sign beside the old ones, then alone; whoever pins either accepts, and a gateway that copies them goes on", async () => {
  const here = await stopped();
  const { folder, vkeys, checkpoint } = here;
  const source = filesIn(folder);
  const added = await change(here, addKeys);
  expect(added).toMatchObject({ size: 301, signing: [...vkeys, ...added.vkeys] });
  expect(signaturesIn(folder)).toBe(4);
  for (const pinned of [vkeys, added.vkeys]) {
    expect(await verifyLog(source, { vkeys: pinned, origin: ORIGIN })).toMatchObject({ ok: true, problems: [] });
  }
  // Copied from the first one.
  const two = await here.open();
  await appendMany(two, 10);
  await two.close();
  const retired = await change(here, retireKeys);
  expect(retired).toEqual({ vkeys, size: 312, signing: added.vkeys });
  expect(readdirSync(join(here.first(), "keys")).filter((name) => name.endsWith(".pem"))).toEqual([
    "log-ed25519-2.pem",
    "log-ml-dsa-44-2.pem",
  ]);
  const three = await here.open();
  await appendMany(three, 10);
  await three.close();
  expect(signaturesIn(folder)).toBe(2);
  expect(infoIn(folder)).toMatchObject({
    vkeys: added.vkeys,
    keys: [...vkeys.map((vkey) => ({ vkey, from: 0, to: 312 })), ...added.vkeys.map((vkey) => ({ vkey, from: 301 }))],
  });
  const report = await verifyLog(source, {
    vkeys: added.vkeys,
    retired: vkeys,
    origin: ORIGIN,
    earlier: [checkpoint],
  });
  expect(report).toMatchObject({ ok: true, problems: [], size: 322 });
});

test("a gateway that has the keys from before each step is not opened, and says which files to copy", async () => {
  const here = await stopped();
  const first = keysFrom(here);
  await change(here, addKeys);
  const second = keysFrom(here);
  await expect(here.open({ dir: first })).rejects.toMatchObject({
    code: "keys_differ",
    message: expect.stringContaining("generations.json") as string,
  });
  await change(here, retireKeys);
  for (const dir of [first, second]) await expect(here.open({ dir })).rejects.toMatchObject({ code: "keys_differ" });
  expect((await here.open()).healthy).toBe(true);
});

test("while another gateway runs, the keys are not changed", async () => {
  const here = await stopped();
  const other = await here.open({ dir: keysFrom(here) });
  await expect(change(here, addKeys)).rejects.toMatchObject({ code: "evidence_locked" });
  await appendMany(other, 1);
  await other.proof(300);
  expect(signaturesIn(here.folder)).toBe(2);
  expect(other.size).toBe(301);
});

test("a gateway that was running meanwhile, and gets the lease, signs nothing with the keys from before", async () => {
  const url = await server.database();
  const here = together(url);
  const one = await here.open();
  await appendMany(one, 10);
  const faults: string[] = [];
  const two = await here.open({ onFault: ({ code }) => faults.push(code) });
  // What the ceremony leaves in the database.
  const { origin, vkeys } = infoIn(here.folder);
  const info = formatLogInfo({ origin, vkeys, keys: vkeys.map((vkey) => ({ vkey, from: 0, to: 10 })) });
  await valueOf(url, `update evidence_log set info = '${info}'`);
  await one.close();
  await expect.poll(() => faults).toEqual(["keys_differ"]);
  expect(two.healthy).toBe(false);
});
