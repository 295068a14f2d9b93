import { expect, test } from "vitest";
import { PublicFolder } from "./public-folder.ts";
import { FaultyDisk } from "./test/faulty-disk.ts";
import { temporaryFolder } from "./test/opened.ts";

test("who waits for files that are given up is told so, and does not wait for ever", async () => {
  const disk = new FaultyDisk();
  const folder = new PublicFolder({ disk, dir: temporaryFolder(), failed: () => undefined });
  await folder.open();
  await folder.repair();
  disk.fault = { call: "rename", path: /\/tile\//, fails: "EIO" };
  folder.put({ path: "tile/0/000", bytes: Buffer.alloc(8192) });
  await expect(folder.flush()).rejects.toMatchObject({ code: "EIO" });
  await folder.abandon();
  await expect(folder.flush()).rejects.toThrow("given up");
});
