/** The log of many gateways, on a real PostgreSQL server. */
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseLeaf, verifyProof } from "@sluice/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SluiceError } from "../../core/errors.ts";
import { startPostgres, type TestServer } from "../../server/database/test/postgres.ts";
import { type EvidenceLog, FolderFiles } from "../index.ts";
import { holdsForEveryLog } from "../test/contract.ts";
import {
  appendMany,
  audit,
  checkpointOf,
  entriesOf,
  leaf,
  open as openSingle,
  temporaryFolder,
  until,
} from "../test/opened.ts";
import { filesIn, HangingDisk, keysFrom, together, valueOf } from "./test/gateways.ts";
import { Wire } from "./test/wire.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describe("as every log", () => {
  holdsForEveryLog(async () => {
    const { folder, open } = together(await server.schema());
    return { open, files: filesIn(folder) };
  });
});

test("what two gateways append is one log, in one order, and each proves what the other has appended", async () => {
  const { folder, open } = together(await server.schema());
  const [one, two] = [await open(), await open()];
  const indexes = await Promise.all([one, two].map((log, at) => appendMany(log, 700, at * 10_000)));
  expect(indexes.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1400 }, (_, i) => i));
  for (const own of indexes) expect(own).toEqual(own.toSorted((a, b) => a - b));
  const entries = await Promise.all([one, two].map(async (log) => (await log.proof(1399), entriesOf(log))));
  expect(entries[0]).toEqual(entries[1]);
  for (const [at, log] of [two, one].entries()) {
    const index = indexes[at]?.[350] ?? -1;
    expect(parseLeaf(entries[at]?.[index] ?? new Uint8Array())["n"]).toBe(at * 10_000 + 350);
    const proof = await log.proof(index);
    expect(await verifyProof(proof, entries[at]?.[index] ?? new Uint8Array(), { vkeys: one.vkeys })).toMatchObject({
      ok: true,
    });
  }
  expect(two.pseudonym("support")).toBe(one.pseudonym("support"));
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, size: 1400, problems: [] });
});

test("what is in full bundles and signed leaves the database, and a gateway that comes later goes on from the files", async () => {
  const url = await server.database();
  const { folder, open } = together(url);
  const one = await open();
  for (let n = 0; n < 3; n++) await appendMany(one, 300, n * 300);
  await one.close();
  expect(await valueOf(url, "select count(*) from evidence_batches where first + count <= 768")).toBe(0);
  expect(await valueOf(url, "select min(first) from evidence_batches")).toBeLessThanOrEqual(768);
  const two = await open();
  expect(await appendMany(two, 1, 900)).toEqual([900]);
  await two.proof(900);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, size: 901, problems: [] });
});

describe("when the connection to the database breaks", () => {
  const APPEND = /insert into evidence_batches/;

  test("after it has committed and before its answer has come, the record is found and acknowledged once", async () => {
    const { wire, url } = await Wire.lay(await server.schema());
    const { folder, open } = together(url);
    const log = await open();
    await appendMany(log, 3);
    wire.cut = { statement: APPEND, when: "after" };
    expect(await log.append(leaf(3))).toEqual({ index: 3 });
    expect(await appendMany(log, 2, 4)).toEqual([4, 5]);
    await log.proof(5);
    expect((await entriesOf(log)).map((entry) => parseLeaf(entry)["n"])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await audit(filesIn(folder))).toMatchObject({ ok: true, size: 6, problems: [] });
  });

  test("before it has the record, the record is rejected and never comes, and the log goes on by itself", async () => {
    const { wire, url } = await Wire.lay(await server.schema());
    const log = await together(url).open();
    await appendMany(log, 3);
    wire.cut = { statement: APPEND, when: "before" };
    await expect(log.append(leaf(99))).rejects.toMatchObject({ code: "evidence_unavailable", retriable: true });
    await until(() => log.healthy);
    expect(await appendMany(log, 2, 3)).toEqual([3, 4]);
    await log.proof(4);
    expect((await entriesOf(log)).map((entry) => parseLeaf(entry)["n"])).toEqual([0, 1, 2, 3, 4]);
  });

  test("and the database is away, records are refused, and taken again when it is back", async () => {
    const { wire, url } = await Wire.lay(await server.schema());
    const faults: string[] = [];
    const log = await together(url).open({ onFault: ({ code }) => faults.push(code) });
    await appendMany(log, 3);
    wire.down = true;
    wire.disconnect();
    const waiting = log.append(leaf(99)).catch((error: unknown) => error);
    await until(() => faults.length > 0);
    wire.down = false;
    expect(await waiting).toMatchObject({ code: "evidence_unavailable" });
    await until(() => log.healthy);
    expect(await appendMany(log, 1, 3)).toEqual([3]);
    expect(new Set(faults)).toEqual(new Set(["evidence_unavailable"]));
  });
});

test.each([
  ["before it has written its files", { when: "rename", path: /\/tile\/0\// }],
  ["when it has told the database what it signs", { when: "readFile", path: /\/checkpoint$/ }],
  ["when it has signed", { when: "rename", path: /\/checkpoint$/ }],
] as const)(
  "a holder that hangs %s loses the lease, and when it comes back it harms nothing",
  {
    timeout: 60_000,
  },
  async (_, hang) => {
    const { folder, open } = together(await server.schema());
    const disk = new HangingDisk();
    const one = await open({ files: new FolderFiles(folder, disk) });
    const two = await open();
    await appendMany(one, 300);
    await one.proof(299);
    const earlier = [await checkpointOf(one)];
    disk.hang = hang;
    await appendMany(one, 10, 300);
    await disk.hanging;
    await appendMany(two, 10, 310);
    await two.proof(319);
    earlier.push(await checkpointOf(two));
    await appendMany(one, 10, 320);
    await one.proof(329);
    disk.release();
    await appendMany(two, 500, 330);
    await two.proof(829);
    // The checkpoint that was held up may have been put in the place of a later one; the holder sees to it.
    await expect.poll(async () => (await audit(filesIn(folder), earlier)).size, { timeout: 10_000 }).toBe(830);
    expect(await audit(filesIn(folder), earlier)).toMatchObject({ ok: true, problems: [] });
    expect([await appendMany(one, 1, 830), await appendMany(two, 1, 831)]).toEqual([[830], [831]]);
    await Promise.all([one.proof(831), two.proof(831)]);
    expect([one.healthy, two.healthy]).toEqual([true, true]);
  },
);

describe("is not opened", () => {
  const refusal = (opening: Promise<EvidenceLog>): Promise<string> =>
    opening.then(
      () => "opened",
      (error: SluiceError) => `${error.code}: ${error.message}`,
    );

  test("with a database that was restored and is older than the files", async () => {
    const url = await server.database();
    const here = together(url);
    const log = await here.open();
    await appendMany(log, 10);
    await log.close();
    const copy = await server.copyOf(url);
    const again = await here.open();
    await appendMany(again, 10, 10);
    await again.close();
    const there = together(copy, new FolderFiles(here.folder));
    expect(await refusal(there.open({ dir: keysFrom(here) }))).toMatch(
      /^database_older: .*covers 20 records, it knows of 10/,
    );
    // Not even when the checkpoint was lost: the tiles of the tree that was signed are checked when somebody takes the lease.
    expect(await valueOf(copy, "select size from evidence_head")).toBe(10);
  });

  test("with a database that knows nothing of the log in the files", async () => {
    const here = together(await server.schema());
    await (await here.open()).close();
    const there = together(await server.schema(), new FolderFiles(here.folder));
    expect(await refusal(there.open())).toMatch(/^database_older: .*knows nothing of/);
  });

  test("with files that are not there", async () => {
    const here = together(await server.schema());
    const log = await here.open();
    await appendMany(log, 3);
    await log.close();
    rmSync(here.folder, { recursive: true });
    mkdirSync(here.folder);
    expect(await refusal(here.open())).toMatch(/^evidence_corrupt: .*is the folder mounted/);
  });

  test("with files of another origin, in whichever of the two places", async () => {
    const [here, there] = [together(await server.schema()), together(await server.schema())];
    const log = await here.open();
    await log.close();
    const other = await there.open({ origin: "other.example/log" });
    await other.close();
    expect(await refusal(here.open({ origin: "other.example/log" }))).toMatch(
      /^config_invalid: the database holds the log of/,
    );
    expect(await refusal(here.open({ files: new FolderFiles(there.folder) }))).toMatch(
      /^config_invalid: the shared files belong to/,
    );
  });

  test("with keys of its own", async () => {
    const here = together(await server.schema());
    await (await here.open()).close();
    const dir = temporaryFolder();
    expect(await refusal(here.open({ dir }))).toMatch(/^keys_differ: .*log-ed25519\.pem is missing.*Copy log-\*\.pem/);
    cpSync(join(keysFrom(here), "keys"), join(dir, "keys"), { recursive: true });
    writeFileSync(join(dir, "keys/pseudonym.key"), randomBytes(32));
    expect(await refusal(here.open({ dir }))).toMatch(/^keys_differ: .*pseudonym\.key is not the log's key/);
  });

  test("in the folder of a log of one gateway", async () => {
    const dir = temporaryFolder();
    const single = await openSingle({ dir });
    await single.append(leaf(0));
    await single.close();
    expect(await refusal(together(await server.schema()).open({ dir }))).toMatch(
      /^config_invalid: .*the log of one gateway/,
    );
  });

  test.each([
    [
      "is changed",
      "update evidence_batches set frames = overlay(frames placing '\\x00'::bytea from 20 for 1) where first = 3",
    ],
    ["is missing", "delete from evidence_batches where first = 3"],
  ])("when an entry that was signed %s in the database", async (_, tamper) => {
    const url = await server.database();
    const here = together(url);
    const log = await here.open();
    for (let n = 0; n < 6; n++) await log.append(leaf(n));
    await log.close();
    await valueOf(url, tamper);
    expect(await refusal(here.open())).toMatch(/^evidence_corrupt: .*the entry of index 3/);
  });

  test("when a tile that was signed is missing or changed", async () => {
    const url = await server.database();
    const here = together(url);
    const log = await here.open();
    await appendMany(log, 600);
    await log.close();
    const tile = join(here.folder, "tile/1/000.p/2");
    const bytes = readFileSync(tile);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    writeFileSync(tile, bytes);
    expect(await refusal(here.open())).toMatch(/^evidence_corrupt: the entries do not make the tree of size 600/);
    rmSync(join(here.folder, "tile/1"), { recursive: true });
    expect(await refusal(here.open())).toMatch(/^evidence_corrupt: tile\/1\/000\.p\/2 was signed and is missing/);
  });
});

test("a database that was put back while a gateway runs is noticed with the next record, and nothing is appended to it", async () => {
  const url = await server.database();
  const log = await together(url).open({ checkpointIntervalMs: 60_000 });
  for (let n = 0; n < 5; n++) await log.append(leaf(n));
  await valueOf(url, "update evidence_head set size = 3");
  await valueOf(url, "update evidence_writers set batch = 3, first = 2");
  await valueOf(url, "delete from evidence_batches where first >= 3");
  await expect(log.append(leaf(5))).rejects.toMatchObject({ code: "database_older" });
  await expect(log.append(leaf(6))).rejects.toMatchObject({ code: "database_older" });
  expect(log.healthy).toBe(false);
  expect(await valueOf(url, "select size from evidence_head")).toBe(3);
});

test("two databases that write to the same files are noticed, and one of them stops", async () => {
  const here = together(await server.schema());
  const one = await here.open();
  await appendMany(one, 5);
  await one.proof(4);
  // As if its files had been empty when it began.
  const url = await server.schema();
  const there = together(url);
  const faults: string[] = [];
  const elsewhere = new FolderFiles(there.folder);
  let files: FolderFiles = elsewhere;
  const two = await there.open({
    dir: keysFrom(here),
    onFault: ({ code }) => faults.push(code),
    files: {
      read: (path) => files.read(path),
      list: (path) => files.list(path),
      write: (path, bytes) => files.write(path, bytes),
      remove: (folder) => files.remove(folder),
      removeFile: (path) => files.removeFile(path),
      tidy: () => files.tidy(),
    },
  });
  await appendMany(two, 3, 100);
  await two.proof(2);
  files = new FolderFiles(here.folder);
  await appendMany(two, 1, 103);
  await until(() => !two.healthy);
  expect(faults.at(-1)).toMatch(/^(database_older|evidence_corrupt)$/);
  expect(await audit(filesIn(here.folder))).toMatchObject({ ok: true, size: 5 });
});
