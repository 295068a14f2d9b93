import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFileRoot } from "./root-file.ts";
import { rootKeyContract } from "./test/contract.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "sluice-root-"));

rootKeyContract("key file", async () => {
  const dir = folder();
  const path = join(dir, "keys", "root.key");
  return {
    open: () => openFileRoot({ path, random: randomBytes }, true),
    openOther: () => openFileRoot({ path: join(dir, "other.key"), random: randomBytes }, true),
    async fail(down) {
      // A folder where the file should be: an error that root gets too.
      for (const name of down ? readdirSync(join(dir, "keys")) : []) {
        renameSync(join(dir, "keys", name), join(dir, `${name}.away`));
        writeFileSync(join(dir, "keys", name), "");
      }
      for (const name of down ? [] : readdirSync(join(dir, "keys")))
        renameSync(join(dir, `${name}.away`), join(dir, "keys", name));
    },
    secrets: () => {
      const keys = readdirSync(join(dir, "keys")).map((name) => readFileSync(join(dir, "keys", name)));
      return keys.flatMap((key) => (key.length === 0 ? [] : [key.toString("hex"), key.toString("base64")]));
    },
    async close() {
      rmSync(dir, { recursive: true });
    },
  };
});

test("key files have mode 0600 and are made once, whoever starts at the same time", async () => {
  const dir = folder();
  const path = join(dir, "root.key");
  const roots = await Promise.all(Array.from({ length: 20 }, () => openFileRoot({ path, random: randomBytes }, true)));
  expect(new Set(roots.map(({ id }) => id)).size).toBe(1);
  await Promise.all(roots.slice(0, 5).map((root) => root.rotate()));
  expect(readdirSync(dir).filter((name) => name.endsWith(".new"))).toEqual([]);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  rmSync(dir, { recursive: true });
});

test("a key file that others can read is warned about", async () => {
  const dir = folder();
  const path = join(dir, "root.key");
  const root = await openFileRoot({ path, random: randomBytes }, true);
  expect(await root.describe()).toMatchObject({ warnings: [], weakness: /^the root key is a file/ });
  chmodSync(path, 0o644);
  expect((await root.describe()).warnings.join()).toContain("root.key can be read by others (mode 644)");
  writeFileSync(`${path}.0011aabb.new`, "");
  expect((await root.describe()).warnings.join()).toContain("root.key.0011aabb.new is left over");
  rmSync(dir, { recursive: true });
});

test("a root key that is missing is never replaced where keys are wrapped under it", async () => {
  const dir = folder();
  const path = join(dir, "root.key");
  await expect(openFileRoot({ path, random: randomBytes }, false)).rejects.toMatchObject({ code: "key_unavailable" });
  expect(readdirSync(dir)).toEqual([]);
  rmSync(dir, { recursive: true });
});

test("a key file of another length is refused", async () => {
  const dir = folder();
  const path = join(dir, "root.key");
  writeFileSync(path, randomBytes(31));
  const opened = openFileRoot({ path, random: randomBytes }, true);
  await expect(opened).rejects.toThrow("does not hold a key of 32 bytes");
  rmSync(dir, { recursive: true });
});
