import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { unzipSync } from "fflate";
import { beforeEach, expect, test } from "vitest";
import { type EvidenceLog, eventLeaf } from "../evidence/index.ts";
import { ORIGIN, open, temporaryFolder } from "../evidence/test/opened.ts";
import { bundle, type BundleOptions, checkSelection } from "./bundle.ts";
import { verifyBundle } from "./offline.ts";
import { newAuditorKey, seal, unseal } from "./seal.ts";
import { exchange, sourceOf, START } from "./test/log.ts";

let log: EvidenceLog;

beforeEach(async () => {
  log = await open({ dir: temporaryFolder() });
  await Promise.all(
    Array.from({ length: 160 }, (_, minute) =>
      exchange(log, { principal: minute < 150 ? "service:crm" : "service:other", minute }),
    ),
  );
  await log.proof(log.size - 1);
});

function options(change: Partial<BundleOptions> = {}): BundleOptions {
  const principals = [log.pseudonym("service:other")];
  return {
    source: sourceOf(log),
    size: log.published,
    selection: { principals: new Set(principals) },
    origin: ORIGIN,
    asked: { principals },
    now: START,
    actor: "corp:officer",
    record: (event) => log.append(eventLeaf({ time: START, event, actor: log.pseudonym(event.actor ?? "") })),
    proof: (index) => log.proof(index),
    ...change,
  };
}

test("a configuration under a name that is not its hash is found", async () => {
  const policy = (hash: string): Promise<Uint8Array | undefined> => Promise.resolve(Buffer.from(`{"not":"${hash}"}`));
  const report = await verifyBundle(unpacked(await archiveOf(options({ policy }))), log.vkeys);
  expect(report.problems.map(({ message }) => message)).toEqual(["is not the configuration that records name so"]);
});

async function archiveOf(making: BundleOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bundle(making)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function unpacked(archive: Uint8Array): string {
  const dir = temporaryFolder();
  for (const [path, bytes] of Object.entries(unzipSync(archive))) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

test("a bundle verifies offline by the program that is in it, with pinned keys, and says what it checked", async () => {
  const dir = unpacked(await archiveOf(options()));
  const args = ["verify.ts", ...log.vkeys.flatMap((vkey) => ["--vkey", vkey])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dir });
  expect(stdout).toMatch(/20 records; keys pinned\nevery file, record and proof is in order\n$/);
  const manifest = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as { records: number };
  expect(manifest.records).toBe(20);
});

test("the summary counts what the records say, as a page, as JSON and as a PDF of one page or more", async () => {
  const files = unzipSync(await archiveOf(options()));
  const text = (path: string): string => Buffer.from(files[path] ?? []).toString("utf8");
  expect(JSON.parse(text("summary.json"))).toMatchObject({
    records: 20,
    report: { exchanges: { total: 10, answered: 10 } },
  });
  expect(text("summary.html")).toContain("<td>EMAIL</td><td>20</td>");
  expect(text("summary.html")).not.toMatch(/<script|https?:|src=/);
  expect(text("summary.pdf").slice(0, 5)).toBe("%PDF-");
  expect(text("summary.pdf")).toMatch(/\/Type \/Page\b/);
});

test("what a configuration wrote into names cannot run in the page", async () => {
  const hostile = { principals: ["<script>alert(1)</script>"] };
  const files = unzipSync(await archiveOf(options({ asked: hostile })));
  expect(Buffer.from(files["summary.html"] ?? []).toString("utf8")).not.toContain("<script");
});

test.each<[string, (dir: string) => void, RegExp]>([
  [
    "a record that was changed",
    (dir) => edit(join(dir, anyRecord(dir)), /"bytes":\d+/, '"bytes":9'),
    /is not what the manifest says/,
  ],
  ["a record that was taken out", (dir) => rmSync(join(dir, anyRecord(dir))), /is missing/],
  ["a file that was put in", (dir) => writeFileSync(join(dir, "records/999999.json"), "{}"), /is not in the manifest/],
  [
    "a manifest that was changed",
    (dir) => edit(join(dir, "manifest.json"), /"made": "/, '"made":  "'),
    /is not the one/,
  ],
  [
    "an entry for another manifest",
    (dir) => edit(join(dir, "manifest.entry.json"), /"manifest":"./, '"manifest":"x'),
    /entry_mismatch|inclusion|proof/,
  ],
  [
    "a page that was changed",
    (dir) => edit(join(dir, "summary.html"), /EMAIL/, "EMIAL"),
    /is not what the manifest says/,
  ],
])("%s is found", async (_name, tamper, expected) => {
  const dir = unpacked(await archiveOf(options()));
  expect((await verifyBundle(dir, log.vkeys)).ok).toBe(true);
  tamper(dir);
  const report = await verifyBundle(dir, log.vkeys);
  expect(report.ok).toBe(false);
  expect(report.problems.map(({ message }) => message).join("\n")).toMatch(expected);
});

test("what a forged bundle says of itself cannot draw over what the program says of it", async () => {
  const dir = unpacked(await archiveOf(options()));
  edit(
    join(dir, "manifest.json"),
    /"made": "/,
    String.raw`"made": "\u001b[2J\nevery file, record and proof is in order\u001b[8m`,
  );
  const running = promisify(execFile)(process.execPath, ["verify.ts"], { cwd: dir });
  const { stdout } = (await running.catch((thrown: unknown) => thrown)) as { stdout: string };
  expect(stdout).not.toContain("\u001b");
  expect(stdout.split("\n").at(-2)).toBe("NOT in order");
  expect(stdout.split("\n").filter((line) => line === "every file, record and proof is in order")).toEqual([]);
});

test("an entry that is no leaf is no manifest's", async () => {
  const dir = unpacked(await archiveOf(options()));
  writeFileSync(join(dir, "manifest.entry.json"), "null");
  expect((await verifyBundle(dir, log.vkeys)).ok).toBe(false);
});

test("a summary for people lists the first of many and says so; summary.json lists all", async () => {
  for (let n = 0; n < 201; n++) await exchange(log, { principal: `service:${n}`, minute: n });
  await log.proof(log.size - 1);
  const files = unzipSync(
    await archiveOf(options({ size: log.published, selection: { connections: new Set(["crm"]) } })),
  );
  const text = (path: string): string => Buffer.from(files[path] ?? []).toString("utf8");
  const { report } = JSON.parse(text("summary.json")) as { report: { principals: unknown[] } };
  expect(report.principals).toHaveLength(203);
  expect(text("summary.html")).toContain("The first 200 of 203; summary.json lists all.");
  expect(text("summary.html").match(/<td>[\w-]{22}<\/td>/g)).toHaveLength(200);
});

test("keys of another log do not vouch for it", async () => {
  const other = await open({ dir: temporaryFolder() });
  const report = await verifyBundle(unpacked(await archiveOf(options())), other.vkeys);
  expect(report.ok).toBe(false);
});

test("a selection that holds nothing is an error before anything is on record", async () => {
  const before = log.size;
  const nothing = options({ selection: { principals: new Set(["nobody"]) } });
  await expect(checkSelection(nothing)).rejects.toMatchObject({ code: "selection_empty" });
  expect(log.size).toBe(before);
});

test("a sealed bundle opens for its auditor, and for nobody else, and not when a bit of it was changed", async () => {
  const archive = await archiveOf(options());
  const [auditor, other] = [await newAuditorKey(), await newAuditorKey()];
  const sealed = await bytesOf(await seal(streamOf(archive), [auditor.recipient]));
  expect(sealed.subarray(0, 21).toString()).toBe("age-encryption.org/v1");
  expect(sealed.includes(archive.subarray(0, 64))).toBe(false);
  expect((await bytesOf(await unseal(streamOf(sealed), auditor.identity))).equals(archive)).toBe(true);
  await expect(unseal(streamOf(sealed), other.identity)).rejects.toMatchObject({ code: "seal_invalid" });
  const changed = Buffer.from(sealed);
  changed[changed.length - 40] = (changed[changed.length - 40] ?? 0) ^ 1;
  await expect(unseal(streamOf(changed), auditor.identity).then(bytesOf)).rejects.toThrow();
  await expect(
    seal(streamOf(archive), ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudqqpnjszqxs3h"]),
  ).rejects.toMatchObject({ code: "field_invalid" });
});

function anyRecord(dir: string): string {
  const { files } = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as { files: { path: string }[] };
  return files.find(({ path }) => path.endsWith(".json") && path.startsWith("records/"))?.path ?? "";
}

function edit(path: string, what: RegExp, by: string): void {
  const before = readFileSync(path, "utf8");
  const after = before.replace(what, by);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([Uint8Array.from(bytes)]).stream();
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  return Buffer.from(await new Response(stream as never).arrayBuffer());
}
