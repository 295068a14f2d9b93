import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseLeaf } from "@sluice/verifier";
import { expect, test } from "vitest";
import type { EvidenceLog, Leaf } from "./index.ts";
import { afterTest, audit, entriesOf, open, temporaryFolder, until } from "./test/opened.ts";

/** A file system of this size of its own, or undefined where this user may not mount one. */
function smallDisk(bytes: number): string | undefined {
  const dir = join(temporaryFolder(), "disk");
  mkdirSync(dir);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${String(bytes)}`, "tmpfs", dir], { stdio: "ignore" });
  if (mounted.status !== 0) return undefined;
  afterTest(() => Promise.resolve(execFileSync("umount", [dir])));
  return dir;
}

async function appendUntilRefused(log: EvidenceLog, acknowledged: Map<number, Leaf>): Promise<unknown> {
  for (let n = acknowledged.size; ; n++) {
    const leaf = { v: 1, type: "test", n, text: "a".repeat(2000) };
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => log.append(leaf)));
    for (const result of results) if (result.status === "fulfilled") acknowledged.set(result.value.index, leaf);
    const refused = results.find((result) => result.status === "rejected");
    if (refused !== undefined) return refused.reason;
  }
}

/** Where a small disk cannot be mounted, a limit on file sizes stands in for it: the kernel refuses writes all the same. */
const LIMITED = `
  import { openEvidence } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
  const [, , dir = ""] = process.argv;
  const log = await openEvidence({ dir, origin: "log.example/evidence", clock: Date.now, checkpointIntervalMs: 20 });
  let acknowledged = 0;
  try {
    for (;;) {
      await log.append({ v: 1, type: "test", n: acknowledged, text: "a".repeat(2000) });
      acknowledged += 1;
    }
  } catch (error) {
    console.log(error.code, acknowledged, log.size, log.healthy);
  }
  process.exit();
`;

test("a file that may not grow refuses records, and keeps those that were acknowledged", async () => {
  const dir = temporaryFolder();
  const script = join(temporaryFolder(), "limited.ts");
  writeFileSync(script, LIMITED);
  const limited = spawnSync("sh", ["-c", `ulimit -f 1000 && exec "$0" "$@"`, process.execPath, script, dir], {
    encoding: "utf8",
  });
  expect(limited.stderr).toBe("");
  const [code, acknowledged, size, healthy] = limited.stdout.trim().split(" ");
  expect(code).toBe("evidence_unavailable");
  expect(Number(acknowledged)).toBeGreaterThan(100);
  expect([size, healthy]).toEqual([acknowledged, "false"]);
  const log = await open({ dir });
  const entries = await entriesOf(log);
  for (let n = 0; n < Number(acknowledged); n++) expect(parseLeaf(entries[n] ?? new Uint8Array(0))["n"]).toBe(n);
});

test("a full disk refuses records and loses none, and the log goes on by itself once there is room", async (context) => {
  const dir = smallDisk(4 * 1024 * 1024);
  // The limit on file sizes, above, is the stand-in; it does not show the recovery.
  if (dir === undefined) return context.skip("this user may not mount a small disk");
  const [ballast, spare] = [join(dir, "ballast"), join(dir, "spare")];
  for (const file of [ballast, spare]) writeFileSync(file, Buffer.alloc(1024 * 1024));
  const acknowledged = new Map<number, Leaf>();
  const log = await open({ dir: join(dir, "log") });
  expect(await appendUntilRefused(log, acknowledged)).toMatchObject({ code: "evidence_unavailable" });
  expect(log.healthy).toBe(false);
  // Writes under way when the disk filled up clean up after themselves, a moment later.
  await until(() => readdirSync(join(dir, "log/temporary")).length <= 1);
  const before = acknowledged.size;
  expect(before).toBeGreaterThan(100);

  rmSync(ballast);
  await until(() => log.healthy);
  await appendUntilRefused(log, acknowledged);
  expect(acknowledged.size).toBeGreaterThan(before);

  rmSync(spare);
  await until(() => log.healthy);
  await log.proof(Math.max(...acknowledged.keys()));
  const entries = await entriesOf(log);
  for (const [index, leaf] of acknowledged) expect(parseLeaf(entries[index] ?? new Uint8Array(0))).toEqual(leaf);
  expect(await audit(join(dir, "log"))).toMatchObject({ ok: true, problems: [] });
  return log.close();
});
