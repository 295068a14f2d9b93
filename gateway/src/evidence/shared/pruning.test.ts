/** Pruning the log of many gateways, on a real PostgreSQL server: who does what, and what a fault at each step leaves. */
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseLogInfo, tilePath } from "@sluice/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPostgres, type TestServer } from "../../server/database/test/postgres.ts";
import { type EvidenceLog, eventLeaf, FolderFiles, S3Files } from "../index.ts";
import { filled } from "../test/contract.ts";
import { FaultyDisk } from "../test/faulty-disk.ts";
import { appendMany, audit, indexesFrom, NOW, pruneTo, until } from "../test/opened.ts";
import { filesIn, keysFrom, together, valueOf } from "./test/gateways.ts";
import { startStorage } from "./test/storage.ts";
import { Wire } from "./test/wire.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const bundlesIn = (folder: string): string[] => readdirSync(join(folder, "tile/entries")).toSorted();
const minimumIn = (folder: string): number | undefined =>
  parseLogInfo(readFileSync(join(folder, "log.json"))).minimumIndex;

/** What retention puts on record before it prunes, without pruning. */
async function announce(log: EvidenceLog, minimumIndex: number): Promise<void> {
  const event = eventLeaf({ time: NOW, event: { name: "retention.pruned", facts: { minimumIndex } } });
  const { index } = await log.append(event);
  await log.proof(index);
}

test("any gateway may ask, one of them removes, and the minimum index of every gateway follows", async () => {
  const { folder, open } = together(await server.schema());
  const [one, two] = [await open(), await open()];
  await filled(one);
  expect(await pruneTo(two, 300)).toBe(300);
  await until(() => one.minimum === 300);
  expect(await pruneTo(one, 600)).toBe(300);
  // Even before it has heard of it.
  await expect(indexesFrom(two, 0)).rejects.toMatchObject({ code: "evidence_pruned" });
  expect(two.minimum).toBe(600);
  expect(await indexesFrom(two, 600)).toHaveLength(two.published - 600);
  expect(minimumIn(folder)).toBe(600);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 512 });
});

test("of gateways that ask at the same time, one is told that it was the one", async () => {
  const { folder, open } = together(await server.schema());
  const logs = [await open(), await open()];
  const [one] = logs;
  if (one === undefined) throw new Error("there is no gateway");
  await filled(one);
  await announce(one, 600);
  await expect.poll(() => Math.min(...logs.map(({ published }) => published))).toBe(1001);
  const removed = await Promise.all(logs.map((log) => log.prune(600)));
  expect(removed.toSorted((a, b) => a - b)).toEqual([0, 600]);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, pruned: 512 });
});

test("nothing of what was pruned stays in the database, nor of commits that lie across the minimum index", async () => {
  const url = await server.database();
  const { folder, open } = together(url);
  const log = await open();
  // One commit over the end of three bundles, which no later one has pushed out of the database.
  await appendMany(log, 500);
  const digest = new Uint8Array(32).fill(1);
  await Promise.all(Array.from({ length: 300 }, (_, n) => log.append({ v: 1, type: "test", n: 500 + n }, digest)));
  await log.proof(799);
  expect(await valueOf(url, "select count(*) from evidence_batches where first < 768")).toBeGreaterThan(0);
  await pruneTo(log, 799);
  expect(await valueOf(url, "select count(*) from evidence_batches where first < 768")).toBe(0);
  expect(await valueOf(url, "select count(*) from evidence_salts where first + count <= 768")).toBe(0);
  expect([await log.openCommitment(600), await log.openCommitment(767)]).toEqual([undefined, undefined]);
  expect(await log.openCommitment(768)).toHaveLength(32);
  await log.close();
  // What was cut is read by the next holder.
  const again = await open();
  expect(await appendMany(again, 300, 801)).toHaveLength(300);
  await again.proof(1100);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 768, size: 1101 });
});

describe("a pruning loses nothing above, and is finished, when the shared folder fails", () => {
  test.each([
    { when: "log.json is written", call: "rename", path: /\/log\.json$/ },
    { when: "a bundle's earlier parts are removed", call: "remove", path: /\/entries\/001\.p$/ },
    { when: "a bundle is removed", call: "remove", path: /\/entries\/001$/ },
    { when: "its removal becomes durable", call: "syncFolder", path: /\/entries$/ },
  ] as const)("while $when", { timeout: 20_000 }, async ({ call, path }) => {
    const { folder, open } = together(await server.schema());
    const disk = new FaultyDisk();
    const log = await open({ files: new FolderFiles(folder, disk) });
    await filled(log);
    await announce(log, 600);
    disk.fault = { call, path, fails: "EIO" };
    const pruning = log.prune(600);
    await until(() => disk.struck > 0);
    expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [] });
    disk.fault = undefined;
    expect(await pruning).toBe(600);
    expect(bundlesIn(folder)).toEqual(["002", "003.p"]);
    expect(await appendMany(log, 1, 2000)).toEqual([1001]);
    await log.proof(1001);
    expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 512 });
  });
});

describe("a pruning is finished when the connection to the database breaks", () => {
  const cases = (["before", "after"] as const).flatMap((when) =>
    [
      ["the minimum index is raised", /set "minimum" =/],
      ["salts are deleted", /delete from "evidence_salts"/],
      ["it is noted how far it has come", /set "pruned" =/],
    ].map(([what, statement]) => ({ when, what, statement: statement as RegExp })),
  );

  test.each(cases)("$when $what", { timeout: 20_000 }, async ({ when, statement }) => {
    const { wire, url } = await Wire.lay(await server.schema());
    const { folder, open } = together(url);
    const log = await open();
    await filled(log);
    await announce(log, 600);
    wire.cut = { statement, when };
    const result = await log.prune(600).catch((error: unknown) => error);
    expect(wire.cut).toBeUndefined();
    if (result !== 600) expect(result).toMatchObject({ code: "evidence_unavailable", retriable: true });
    await until(() => log.healthy);
    await log.prune(600);
    expect(bundlesIn(folder)).toEqual(["002", "003.p"]);
    expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 512 });
  });
});

test("what a gateway that is gone had begun, another one finishes without being asked", async () => {
  const url = await server.database();
  const { folder, open } = together(url);
  const one = await open();
  await filled(one);
  await announce(one, 600);
  await one.close();
  await valueOf(url, "update evidence_log set minimum = 600");
  const two = await open();
  expect(two.minimum).toBe(600);
  await expect.poll(() => bundlesIn(folder)).toEqual(["002", "003.p"]);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 512 });
});

/** Storage that takes its time with one file, and then has it, as a request may that was long under way. */
class SlowFiles extends FolderFiles {
  slow: RegExp | undefined;
  readonly #asked = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();

  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  override async write(path: string, bytes: Uint8Array): Promise<void> {
    if (this.slow?.test(path) === true) {
      this.slow = undefined;
      this.#asked.resolve();
      await this.#released.promise;
    }
    await super.write(path, bytes);
  }
}

test("a bundle that comes late from a holder that was cut off, and was pruned already, goes again", {
  timeout: 30_000,
}, async () => {
  const { folder, open } = together(await server.schema());
  const files = new SlowFiles(folder);
  const one = await open({ files });
  const two = await open();
  await appendMany(one, 200);
  await one.proof(199);
  files.slow = /^tile\/entries\/000$/;
  await appendMany(two, 400, 200);
  await files.asked;
  await two.proof(599);
  await pruneTo(two, 512);
  expect(bundlesIn(folder)).toEqual(["002.p"]);
  const seen: string[] = [];
  const watching = watch(join(folder, "tile/entries"), (_, name) => void seen.push(name ?? ""));
  files.release();
  await until(() => seen.includes("000"));
  watching.close();
  await expect.poll(() => bundlesIn(folder)).toEqual(["002.p"]);
  expect(await audit(filesIn(folder))).toMatchObject({ ok: true, problems: [], pruned: 512 });
});

test("a log.json that was put back is mended within moments", async () => {
  const { folder, open } = together(await server.schema());
  const log = await open();
  const before = (await log.file("log.json"))?.body;
  await filled(log);
  await pruneTo(log, 600);
  writeFileSync(join(folder, "log.json"), before ?? "");
  await expect.poll(() => minimumIn(folder), { timeout: 5_000 }).toBe(600);
});

test("a database that does not know what was pruned is older, and the log is not opened with it", async () => {
  const url = await server.database();
  const here = together(url);
  const log = await here.open();
  await filled(log);
  await announce(log, 600);
  await log.close();
  const copy = await server.copyOf(url);
  const again = await here.open();
  await again.prune(600);
  await again.close();
  const there = together(copy, new FolderFiles(here.folder));
  await expect(there.open({ dir: keysFrom(here) })).rejects.toMatchObject({
    code: "database_older",
    message: expect.stringContaining("entries below 600 were pruned, it knows of those below 0") as string,
  });
});

test("bundles go from storage that speaks S3 too, with what a crash has left of their parts", async () => {
  const { options, objects } = await startStorage();
  const files = new S3Files(options);
  const log = await together(await server.schema(), files).open();
  await filled(log);
  await files.write(tilePath("entries", 0, 17), Buffer.from("left"));
  await pruneTo(log, 600);
  const names = [...objects.keys()].filter((key) => key.includes("/entries/"));
  expect(names.filter((key) => !key.includes("/003.p/"))).toEqual([`sluice/${tilePath("entries", 2, 256)}`]);
  const source = { read: (path: string) => files.read(path) };
  expect(await audit(source)).toMatchObject({ ok: true, problems: [], pruned: 512 });
});

test("removing what is not there, or was never, is no error", async () => {
  const { folder } = together(await server.schema());
  const files = new FolderFiles(folder);
  await files.removeFile(tilePath("entries", 7, 256));
  mkdirSync(join(folder, "tile/entries"), { recursive: true });
  await files.removeFile(tilePath("entries", 7, 256));
  expect(existsSync(join(folder, "tile/entries"))).toBe(true);
});
