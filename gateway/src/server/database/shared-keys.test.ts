import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../database.ts";
import { SharedKeys, sharedKeyMigrations } from "./shared-keys.ts";

test("a key of a ring that is destroyed is asked of nobody any more; one that is missing is", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-shared-keys-"));
  const database = await openDatabase({
    dir,
    migrations: sharedKeyMigrations,
    clock: () => 0,
    onFault: () => undefined,
  });
  try {
    const keys = new Map([1, 2].map((version) => [version, randomBytes(32)]));
    const fingerprints = (of: (key: Uint8Array) => string) =>
      Promise.resolve(new Map([...keys].map(([version, key]) => [version, of(key)])));
    const shared = await SharedKeys.open(database.sql);
    for (const [version, key] of keys) await shared.enter("subjects", version, key, dir);
    const check = async (): Promise<void> =>
      (await SharedKeys.open(database.sql)).checkRing("subjects", { fingerprints }, dir);
    await check();
    keys.delete(1);
    await expect(check()).rejects.toMatchObject({ code: "keys_differ" });
    await shared.leave("subjects", 1);
    await check();
  } finally {
    await database.close();
    rmSync(dir, { recursive: true });
  }
});
