/** The ceremonies of a shared log, found by the configuration of one of its gateways, on a real PostgreSQL server. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseNote } from "@sluice/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";
import { openLog } from "./evidence-log.ts";
import { freeze, rotateKeys } from "./offline-log.ts";

let server: TestServer;
const root = mkdtempSync(join(tmpdir(), "sluice-offline-log-"));
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

test("the keys of a shared log are changed by the command that changes those of any other, with the configuration", async () => {
  const [dir, folder, config] = [join(root, "data"), join(root, "shared"), join(root, "sluice.yaml")];
  mkdirSync(folder);
  const origin = "sluice.example.com/log";
  const url = await server.schema();
  writeFileSync(join(root, "url"), url.reveal());
  const written = { database: { url: `file:${join(root, "url")}` }, evidence: { dir, origin, shared: { folder } } };
  writeFileSync(config, JSON.stringify(written));
  const evidence = {
    dir,
    origin,
    checkpointIntervalMs: 20,
    pack: true,
    public: false,
    shared: { kind: "folder" as const, dir: folder },
  };
  const log = await openLog({ evidence, url }, () => undefined);
  await expect(rotateKeys(dir, false, config)).rejects.toMatchObject({
    code: "evidence_locked",
    message: expect.stringContaining("stop") as string,
  });
  await log.append({ v: 1, type: "test" });
  await log.close();

  await expect(rotateKeys(dir, false)).rejects.toMatchObject({ code: "config_invalid", message: /--config/ });
  const added = await rotateKeys(dir, false, config);
  expect(added).toMatchObject({ size: 2, signing: [...log.vkeys, ...added.vkeys] });
  expect(parseNote(readFileSync(join(folder, "checkpoint"), "utf8")).signatures).toHaveLength(4);
  expect(await rotateKeys(dir, true, config)).toMatchObject({ vkeys: log.vkeys, signing: added.vkeys });
  await expect(freeze(dir, "sluice.example.com/next", join(root, "old"))).rejects.toMatchObject({
    code: "config_invalid",
    message: /Begin another one/,
  });
});
