/** `verify` and `fsck` as an auditor runs them, on a log that the evidence room has written. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseBundle } from "@sluice/verifier";
import { issue, pem } from "../../../verifier/src/timestamp/test/authority.ts";
import { type EvidenceLog, openEvidence } from "../evidence/index.ts";
import { folder } from "./test/sluice.ts";

const ENTRIES = 300;
const here = folder();
let vkeys: readonly string[];
let proof: string;
let entry: Uint8Array;
let server: Server;
let url: string;

const pins = (): string[] => vkeys.flatMap((vkey) => ["--vkey", vkey]);

beforeAll(async () => {
  const log: EvidenceLog = await openEvidence({
    dir: join(here.path, "data"),
    origin: "test.example/log",
    clock: () => 1_800_000_000_000,
    checkpointIntervalMs: 20,
  });
  await Promise.all(Array.from({ length: ENTRIES }, (_, n) => log.append({ type: "note", n })));
  proof = await log.proof(17);
  vkeys = log.vkeys;
  await log.close();
  writeFileSync(join(here.path, "earlier"), readFileSync(join(here.path, "data/public/checkpoint")));
  const bundle = readFileSync(join(here.path, "data/public/tile/entries/000"));
  entry = parseBundle(bundle)[17] ?? new Uint8Array();
  here.write("17.tlog-proof", proof);
  here.write("17.json", entry);

  server = createServer((req, res) => {
    if (req.headers.authorization !== "Bearer sluice_reader") return void res.writeHead(401).end();
    if (!(req.url ?? "").startsWith("/evidence/")) return void res.writeHead(404).end();
    try {
      res.end(readFileSync(join(here.path, "data/public", (req.url ?? "").replace("/evidence/", ""))));
    } catch {
      res.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  here.remove();
});

describe("a log in order", () => {
  test.each(["data", "data/public"])("is verified from %s, and what was checked is said", async (place) => {
    const { code, out, err } = await here.sluice(["verify", place, ...pins()]);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/^log {8}test\.example\/log$/m);
    expect(out).toMatch(/^size {7}300 entries$/m);
    expect(out).toMatch(/^checked {4}300 entries, \d+ tiles, \d signatures?$/m);
    expect(out).toMatch(/^result {5}ok: /m);
  });

  test("says when its keys come from the log itself", async () => {
    const { code, out, err } = await here.sluice(["verify", "data"]);
    expect(code).toBe(0);
    expect(out).toContain("keys       read from the log itself");
    expect(err).toContain("warning: the keys come from the log itself");
  });

  test("is verified over HTTP, with a key where the server wants one", async () => {
    const keyFile = here.write("key", "sluice_reader\n");
    for (const place of [url, `${url}/evidence`, `${url}/evidence/`]) {
      const { code, out } = await here.sluice(["verify", place, "--key-file", keyFile, "--json", ...pins()]);
      expect(JSON.parse(out)).toMatchObject({
        ok: true,
        place: `${url}/evidence/`,
        keys: "pinned",
        checked: { entries: ENTRIES },
      });
      expect(code).toBe(0);
    }
    const refused = await here.sluice(["verify", url, ...pins()]);
    expect(refused).toMatchObject({ code: 3, out: "" });
    expect(refused.err).toContain("401; give an API key");
  });

  test("still contains an earlier checkpoint, and one entry is proved offline", async () => {
    expect((await here.sluice(["verify", "data", "--earlier", "earlier", ...pins()])).code).toBe(0);
    const one = await here.sluice(["verify", "--proof", "17.tlog-proof", "--entry", "17.json", ...pins()]);
    expect(one.code).toBe(0);
    expect(one.out).toContain("entry      index 17");
    expect(one.out).toContain("result     ok: the entry is in the log");
    const asJson = await here.sluice(["verify", "data", "--proof", "17.tlog-proof", "--entry", "17.json", "--json"]);
    expect(JSON.parse(asJson.out)).toMatchObject({ ok: true, index: 17, keys: "read from the log itself" });
  });
});

describe("a log that was tampered with", () => {
  test("is found out by verify and by fsck, entry and file named", async () => {
    const tampered = join(here.path, "tampered");
    cpSync(join(here.path, "data"), tampered, { recursive: true });
    const path = join(tampered, "public/tile/entries/000");
    const bytes = readFileSync(path);
    bytes.write('"n":9', bytes.indexOf('"n":7'));
    writeFileSync(path, bytes);
    for (const verb of ["verify", "fsck"]) {
      const { code, out } = await here.sluice([verb, "tampered", ...pins()]);
      expect(code).toBe(1);
      expect(out).toContain("problem    entry_mismatch tile/entries/000 entry 7: ");
      expect(out).toContain("result     NOT OK");
    }
    const asJson = await here.sluice(["fsck", "tampered", "--json"]);
    expect(JSON.parse(asJson.out)).toMatchObject({ ok: false, problems: [{ code: "entry_mismatch", index: 7 }] });
  });

  test("an entry that is not the proof's fails", async () => {
    here.write("18.json", Buffer.from(entry).toString().replace("17", "18"));
    const { code, out } = await here.sluice(["verify", "--proof", "17.tlog-proof", "--entry", "18.json", ...pins()]);
    expect(code).toBe(1);
    expect(out).toContain("inclusion_failed");
  });

  test("a key that is not the log's does not verify it", async () => {
    const stranger = await openEvidence({
      dir: join(here.path, "other"),
      origin: "test.example/log",
      clock: () => 0,
      checkpointIntervalMs: 20,
    });
    await stranger.close();
    const { code, out } = await here.sluice(["verify", "data", "--vkey", stranger.vkeys[0] ?? ""]);
    expect(code).toBe(1);
    expect(out).toContain("signature_unverified");
  });

  test("nothing of a hostile log steers the terminal", async () => {
    const hostile = join(here.path, "hostile-log");
    cpSync(join(here.path, "data/public"), hostile, { recursive: true });
    const checkpoint = readFileSync(join(hostile, "checkpoint"), "utf8").replace(
      "test.example/log",
      "test.example/\u202elog",
    );
    writeFileSync(join(hostile, "checkpoint"), checkpoint);
    const { code, out } = await here.sluice(["verify", "hostile-log", ...pins()]);
    expect(code).toBe(1);
    expect(out).not.toContain("\u202e");
  });
});

describe("a wrong command line", () => {
  test("is told from a missing log and from a missing key", async () => {
    expect((await here.sluice(["verify"])).code).toBe(2);
    expect((await here.sluice(["verify", "data", "--proof", "17.tlog-proof"])).code).toBe(2);
    expect((await here.sluice(["verify", "data", "--vkey", "nonsense"])).code).toBe(2);
    expect((await here.sluice(["verify", "--proof", "17.tlog-proof", "--entry", "17.json"])).code).toBe(2);
    const none = await here.sluice(["verify", "nowhere"]);
    expect(none.code).toBe(3);
    expect(none.err).toContain("no file named checkpoint in nowhere");
    expect((await here.sluice(["verify", "data", "--earlier", "nothing", ...pins()])).code).toBe(3);
  });
});

test("time-stamps are asked for by their roots, and a log that has none says so", async () => {
  const now = Date.now();
  here.write("tsa.pem", pem(issue(now, { subject: "Root", ca: true }).certificate));
  const { code, out } = await here.sluice(["verify", "data", ...pins(), "--tsa-roots", "tsa.pem"]);
  expect(code).toBe(1);
  expect(out).toContain("timestamps_missing ts: the log names no time-stamp");
  here.write("no.pem", "nothing");
  const refused = await here.sluice(["verify", "data", ...pins(), "--tsa-roots", "no.pem"]);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain("--tsa-roots: there is no certificate in PEM");
});
