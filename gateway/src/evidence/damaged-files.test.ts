import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendMany, open, temporaryFolder } from "./test/opened.ts";

const remedy = { code: "evidence_corrupt", message: expect.stringContaining("fsck --repair") as string };

test("a bundle that is cut off, empty, gone or wrong in a bit is a named error for who reads entries, and no endless reading", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir, pack: false });
  await appendMany(log, 300);
  await log.proof(299);
  const path = join(dir, "public/tile/entries/000");
  const whole = readFileSync(path);
  const read = async (): Promise<void> => {
    for await (const { bytes } of log.entries(0)) expect(bytes.length).toBeGreaterThan(0);
  };
  const firstEntry = 2 + whole.readUInt16BE(0);
  for (const length of [whole.length - 1, firstEntry, 1, 0]) {
    writeFileSync(path, whole.subarray(0, length));
    await expect(read(), String(length)).rejects.toMatchObject(remedy);
  }
  for (const at of [0, 1, firstEntry + 10, whole.length - 1]) {
    const flipped = Buffer.from(whole);
    flipped[at] = (whole[at] ?? 0) ^ 1;
    writeFileSync(path, flipped);
    await expect(read(), `bit of byte ${at}`).rejects.toMatchObject(remedy);
  }
  rmSync(path);
  await expect(read()).rejects.toMatchObject(remedy);
  expect(await log.file("tile/entries/000.p/7")).toBeUndefined();
  writeFileSync(path, whole);
  await read();
});

test("a tile that is cut off or gone is a named error for who asks for a proof", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await appendMany(log, 300);
  const path = join(dir, "public/tile/0/000");
  await log.proof(299);
  writeFileSync(path, readFileSync(path).subarray(0, 100));
  await expect(log.proof(3)).rejects.toMatchObject(remedy);
  rmSync(path);
  await expect(log.proof(3)).rejects.toMatchObject(remedy);
});
