/** Breach reports and evidence bundles as a privacy officer gets them: over the control API, and with the command line. */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Zip, ZipDeflate } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Folder, folder } from "../cli/test/sluice.ts";
import { newKey } from "../identity/keys.ts";
import { documentFor } from "./test/config.ts";
import { leafWhere } from "./test/recorded.ts";
import { filesHolding, type Started, startForTest } from "./test/running.ts";

let sluice: Started;
let here: Folder;
let stolen: { id: string; token: string };
let other: { id: string; token: string };
let officer: string;
let auditor: string;

beforeAll(async () => {
  const { document } = await documentFor({});
  const [first, second, third] = await Promise.all([newKey(randomBytes), newKey(randomBytes), newKey(randomBytes)]);
  for (const { id, hash } of [first, second]) {
    document.keys[id] = { hash, principal: "service:shared", purposes: ["support"], default_purpose: "support" };
  }
  document.keys[third.id] = {
    hash: third.hash,
    principal: "corp:officer",
    purposes: ["support"],
    roles: ["privacy-officer"],
  };
  const fourth = await newKey(randomBytes);
  document.keys[fourth.id] = {
    hash: fourth.hash,
    principal: "corp:auditor",
    purposes: ["support"],
    roles: ["auditor"],
  };
  [stolen, other, officer, auditor] = [first, second, third.token, fourth.token];
  document["recording"] = { default: "scrubbed" };
  sluice = await startForTest(() => JSON.stringify(document));
  here = folder();
  here.write("officer.key", `${officer}\n`);
  for (const [key, session] of [
    [stolen.token, "s-1"],
    [stolen.token, "s-2"],
    [other.token, "s-3"],
  ] as const) {
    const response = await fetch(`${sluice.url}/api/scrub`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "sluice-session": session },
      body: JSON.stringify({ text: "Write to anna.example@example.com" }),
    });
    expect(response.status).toBe(200);
  }
});
afterAll(async () => {
  await sluice.stop();
  here.remove();
});

const api = (...args: string[]): Promise<{ code: number | null; out: string; err: string }> =>
  here.sluice([...args, "--url", sluice.url, "--key-file", "officer.key"]);

test("what a stolen key was used for is told apart from what the same service did with another key", async () => {
  const { code, out, err } = await api("breach", "--credential", stolen.id, "--json");
  expect([code, err]).toEqual([0, ""]);
  const { report } = JSON.parse(out) as { report: Record<string, unknown> };
  expect(report).toMatchObject({ exchanges: { total: 2 }, types: [{ name: "EMAIL", found: 2, clear: 0 }] });
});

test("a session is found by the id that its client gave it, and by the files alone when the gateway is not asked", async () => {
  const asked = await api("breach", "--session", "s-3");
  expect(asked.out).toMatch(/exchanges {5}1 sent/);
  // Asking has waited for a checkpoint that covers it.
  const files = await here.sluice(["breach", join(sluice.dir, "data"), "--session", "s-3", "--json"]);
  expect((JSON.parse(files.out) as { report: object }).report).toMatchObject({ exchanges: { total: 1 } });
});

test("no question is no answer, and a wrong window is said to be one", async () => {
  expect(await api("breach")).toMatchObject({ code: 2 });
  expect(await api("breach", "--window", "yesterday")).toMatchObject({ code: 2 });
  expect((await api("breach", "--window", "2026-11-20")).err).toContain("FROM/TO");
});

test("who may not read evidence gets neither", async () => {
  here.write("user.key", `${other.token}\n`);
  const answer = await here.sluice(["breach", "--credential", "x", "--url", sluice.url, "--key-file", "user.key"]);
  expect(answer).toMatchObject({ code: 1 });
  expect(answer.err).toContain("it needs one of the roles");
});

test("a bundle is sealed for its auditor, who opens and checks it with pinned keys; that it was made is on record", async () => {
  const recipient = (await here.sluice(["evidence", "keygen", "auditor.age"])).out.trim();
  const made = await api(
    "evidence",
    "bundle",
    "--credential",
    stolen.id,
    "--out",
    "b.zip.age",
    "--recipient",
    recipient,
  );
  expect([made.code, made.err]).toEqual([0, ""]);
  expect(readFileSync(join(here.path, "b.zip.age")).includes("records/")).toBe(false);
  expect(await here.sluice(["evidence", "open", "b.zip.age", "opened"])).toMatchObject({ code: 2 });
  const pins = sluice.gateway.log.vkeys.flatMap((vkey) => ["--vkey", vkey]);
  const opened = await here.sluice(["evidence", "open", "b.zip.age", "opened", "--identity", "auditor.age", ...pins]);
  expect([opened.code, opened.err]).toEqual([0, ""]);
  expect(opened.out).toMatch(/4 records; keys pinned\nresult {6}every file, record and proof is in order\n$/);
  const [policy = ""] = readdirSync(join(here.path, "opened", "policies"));
  expect(JSON.parse(here.read(join("opened", "policies", policy)))).toMatchObject({ purposes: { support: {} } });
  expect(here.read(join("opened", "policies", policy))).not.toContain("scrypt$");
  expect(await leafWhere(sluice.url, "the export", ({ name }) => name === "evidence.exported")).toMatchObject({
    facts: { records: 4 },
  });
});

test("a bundle about one person holds the exchanges that hold data about it, and no word of who it is", async () => {
  here.write("who.txt", "EMAIL=Anna.Example@example.com\n");
  const made = await api("evidence", "bundle", "--subject", "who.txt", "--out", "person.zip");
  expect([made.code, made.err]).toEqual([0, ""]);
  const opened = await here.sluice(["evidence", "open", "person.zip", "person"]);
  expect(opened.out).toMatch(/6 records;/);
  expect(filesHolding(join(here.path, "person"), ["anna.example", "Anna.Example"])).toEqual([]);
  here.write("nobody.txt", "EMAIL=nobody@example.com\n");
  expect(await api("evidence", "bundle", "--subject", "nobody.txt", "--out", "nobody.zip")).toMatchObject({ code: 1 });
});

test("an auditor, who may not look for people, gets no bundle about one", async () => {
  here.write("auditor.key", `${auditor}\n`);
  const asking = ["evidence", "bundle", "--subject", "who.txt", "--out", "a.zip", "--url", sluice.url];
  const made = await here.sluice([...asking, "--key-file", "auditor.key"]);
  expect(made).toMatchObject({ code: 1 });
  expect(made.err).toContain("it needs one of the roles [privacy-officer]");
});

test("a bundle of nothing is refused before anything is written", async () => {
  const made = await api("evidence", "bundle", "--pseudonym", "nobody", "--out", "nothing.zip");
  expect(made).toMatchObject({ code: 1 });
  expect(made.err).toContain("holds no record of what was asked for");
  await expect(async () => readFileSync(join(here.path, "nothing.zip"))).rejects.toThrow("ENOENT");
});

test.each([
  [
    "two files of one name",
    () =>
      zipOf([
        ["a.txt", 3],
        ["a.txt", 3],
      ]),
    /two files of one name/,
  ],
  ["a file that unpacks without end", () => zipOf([["a.txt", 70 * 1024 * 1024]]), /larger than a bundle's/],
  ["a name that leads out of the folder", () => zipOf([["../a.txt", 3]]), /leads out of its folder/],
  ["no zip at all", () => Buffer.from("no zip at all"), /is no evidence bundle|damaged/],
])("an archive with %s is refused, and says why", async (_name, archive, expected) => {
  const name = `hostile-${randomBytes(4).toString("hex")}`;
  here.write(`${name}.zip`, archive());
  const opened = await here.sluice(["evidence", "open", `${name}.zip`, name]);
  expect(opened).toMatchObject({ code: 1 });
  expect(opened.err).toMatch(expected);
  expect(existsSync(join(here.path, name))).toBe(false);
});

function zipOf(files: readonly (readonly [string, number])[]): Buffer {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error !== null) throw error;
    chunks.push(bytes);
  });
  for (const [path, length] of files) {
    const file = new ZipDeflate(path);
    zip.add(file);
    file.push(new Uint8Array(length), true);
  }
  zip.end();
  return Buffer.concat(chunks);
}
