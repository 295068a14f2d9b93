/** `fsck`, `log rotate-key` and `log freeze` as an operator runs them, one after the other on one log. */
import { cpSync, existsSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLogInfo } from "@sluice/verifier";
import { type EvidenceLog, openEvidence } from "../evidence/index.ts";
import { folder } from "./test/sluice.ts";

const here = folder();
const ORIGIN = "test.example/log";

const openLog = (): Promise<EvidenceLog> =>
  openEvidence({ dir: join(here.path, "data"), origin: ORIGIN, clock: Date.now, checkpointIntervalMs: 20 });

beforeAll(async () => {
  const log = await openLog();
  await Promise.all(Array.from({ length: 600 }, (_, n) => log.append({ type: "note", v: 1, n })));
  await log.close();
});
afterAll(() => here.remove());

const vkeysOf = (dir: string): readonly string[] =>
  parseLogInfo(readFileSync(join(here.path, dir, "public/log.json"))).vkeys;
const pins = (vkeys: readonly string[], flag = "--vkey"): string[] => vkeys.flatMap((vkey) => [flag, vkey]);

describe("fsck", () => {
  test("reads the records as well as the public files, and names what does not follow from them", async () => {
    const sound = await here.sluice(["fsck", "data"]);
    expect(sound).toMatchObject({ code: 0 });
    expect(sound.out).toContain("records    600 read, and they make the tree of size 600 that was signed\n");
    rmSync(join(here.path, "data/public/tile/0/001"));
    const { code, out } = await here.sluice(["fsck", "data"]);
    expect(code).toBe(1);
    expect(out).toContain("files      1 missing or not what follows from the records; --repair writes them again\n");
    expect(out).toContain("tile_missing tile/0/001");
  });

  test("repairs with --repair, and then finds nothing wrong", async () => {
    truncateSync(join(here.path, "data/public/checkpoint"), 40);
    const { code, out } = await here.sluice(["fsck", "data", "--repair", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      size: 600,
      records: { ok: true, repaired: true, wrong: ["tile/0/001", "checkpoint"], wrongTotal: 2 },
    });
  });

  test("checks the public files alone while somebody has the log open, and repairs nothing then", async () => {
    const log = await openLog();
    const looked = await here.sluice(["fsck", "data"]);
    expect(looked.code).toBe(0);
    expect(looked.out).toMatch(/^records {4}evidence_locked .*stop the gateway first$/m);
    const repaired = await here.sluice(["fsck", "data", "--repair"]);
    expect(repaired).toMatchObject({ code: 3, out: "" });
    expect(repaired.err).toContain("stop the gateway first");
    await log.close();
  });

  test("says what to do when the records are not what was signed, and is not content with the public files", async () => {
    cpSync(join(here.path, "data"), join(here.path, "damaged"), { recursive: true });
    truncateSync(join(here.path, "damaged/segments/000000000000.log"), 4000);
    const { code, out } = await here.sluice(["fsck", "damaged", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, records: { ok: false, error: { code: "evidence_corrupt" } } });
    const repair = await here.sluice(["fsck", "damaged", "--repair"]);
    expect(repair.code).toBe(3);
    expect(repair.err).toMatch(/600 were signed, here are \d+: restore the log's folder from a backup/);
    const nothing = await here.sluice(["fsck", "data/public", "--repair"]);
    expect(nothing).toMatchObject({ code: 2, out: "" });
  });
});

describe("the ceremonies", () => {
  test("change the keys in two steps, and a checkpoint of the old keys still holds the log to itself", async () => {
    const old = vkeysOf("data");
    here.write("kept", readFileSync(join(here.path, "data/public/checkpoint")));
    const added = await here.sluice(["log", "rotate-key", "data", "--json"]);
    expect(added.code).toBe(0);
    const { vkeys } = JSON.parse(added.out) as { vkeys: string[] };
    expect((await here.sluice(["verify", "data", ...pins(old)])).code).toBe(0);
    const retired = await here.sluice(["log", "rotate-key", "data", "--retire"]);
    expect(retired.code).toBe(0);
    expect(retired.out).toContain("retired after the checkpoint of size 602:");
    expect(retired.out).toContain(old[0] ?? "no key");
    expect((await here.sluice(["verify", "data", ...pins(old)])).code).toBe(1);
    const earlier = ["verify", "data", "--earlier", "kept", ...pins(vkeys)];
    expect((await here.sluice(earlier)).code).toBe(1);
    expect((await here.sluice([...earlier, ...pins(old, "--retired")])).code).toBe(0);
  });

  test("freeze the log and begin the next one, and the seam is verified", async () => {
    const next = "test.example/log-2";
    const frozen = await here.sluice(["log", "freeze", "data", "--next", next, "--to", "old"]);
    expect(frozen.code).toBe(0);
    expect(frozen.out).toMatch(/^frozen at size 603, root \S{44}, now in old\n/);
    for (const place of ["old", "data"]) {
      expect((await here.sluice(["verify", place, ...pins(vkeysOf(place))])).code).toBe(0);
    }
    const seam = ["verify", "data", "--continues"];
    expect((await here.sluice([...seam, "old"])).code).toBe(0);
    const other = await here.sluice([...seam, "damaged"]);
    expect(other.code).toBe(1);
    expect(other.out).toContain("continuation_broken");
    expect(existsSync(join(here.path, "data/frozen"))).toBe(false);
    const again = await here.sluice(["log", "freeze", "old", "--next", next, "--to", "older"]);
    expect(again.code).toBe(2);
  });

  test("say where they were expecting a log", async () => {
    const { code, err } = await here.sluice(["log", "rotate-key", "nowhere"]);
    expect(code).toBe(2);
    expect(err).toContain("no log with its private files at nowhere");
  });
});
