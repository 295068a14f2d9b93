import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import { verifyProof, verifyRecording } from "@sluice/verifier";
import { documentFor } from "../server/test/config.ts";
import { outcomeOf } from "../server/test/recorded.ts";
import { type Started, startForTest } from "../server/test/running.ts";
import { newKey } from "../identity/keys.ts";
import { randomBytes } from "node:crypto";
import { asciicast, jsonLines, type Replay } from "./recording-lines.ts";
import { type Ended, type Folder, folder } from "./test/sluice.ts";

const EMAIL = "jane.doe@example.com";

let gateway: Started;
let url: string;
let officer: string;
let user: string;
let exchange: string;
let here: Folder;

beforeAll(async () => {
  const { document, token } = await documentFor({});
  const other = await newKey(randomBytes);
  const [id = ""] = Object.keys(document.keys);
  document.keys[id] = { ...document.keys[id], roles: ["user", "privacy-officer", "auditor"] };
  document.keys[other.id] = { hash: other.hash, principal: "service:other", purposes: ["support"] };
  const recording = { rules: [{ purpose: "support", mode: "sealed" }] };
  gateway = await startForTest(() => JSON.stringify({ ...document, rehearsal: true, recording }));
  url = gateway.url;
  [officer, user] = [token, other.token];
  exchange = await asked("support");
});
afterAll(() => gateway.stop());
beforeEach(() => {
  here = folder();
});
afterEach(() => here.remove());

async function asked(purpose: string): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${officer}`, "content-type": "application/json", "sluice-purpose": purpose },
    body: JSON.stringify({ model: "rehearsal", messages: [{ role: "user", content: `Write to ${EMAIL} \u001b[2J` }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
  const id = response.headers.get("sluice-evidence") ?? "";
  await outcomeOf(url, id);
  return id;
}

const as = (token: string, ...args: string[]): Promise<Ended> =>
  here.sluice([...args, "--url", url, "--key-file", here.write("token", `${token}\n`)]);

describe("sluice replay", () => {
  test("shows what was sent and answered, as the provider saw it, and nothing that a terminal would obey", async () => {
    const { code, out } = await as(officer, "replay", exchange, "--speed", "0");
    expect(code).toBe(0);
    expect(out).toContain("Write to [EMAIL_1] <U+001B>[2J");
    expect(out).toContain("kept sealed");
    expect(out).toContain("completed");
    expect(out).not.toContain(EMAIL);
    // The name of a member, which is recorded as a text and says nothing here.
    expect(out).not.toContain("annotations");
  });

  test("shows values for a purpose that is named, and that is on the log first", async () => {
    expect(await as(officer, "replay", exchange, "--reveal")).toMatchObject({ code: 2 });
    const { out } = await as(officer, "replay", exchange, "--reveal", "--purpose", "research", "--speed", "0");
    expect(out).toContain(`Write to ${EMAIL}`);
  });

  test("is refused to who has not the role, and for what was not recorded", async () => {
    const refused = await as(user, "replay", exchange, "--json");
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([1, { error: { code: "permission_missing" } }]);
    const unknown = await as(officer, "replay", await asked("research"), "--json");
    expect([unknown.code, JSON.parse(unknown.out)]).toMatchObject([1, { error: { code: "recording_unknown" } }]);
    expect(await as(officer, "replay", "../keys")).toMatchObject({ code: 2 });
  });
});

describe("sluice export", () => {
  test("writes lines, sealed chunks and proofs, which verify without the gateway", async () => {
    const { code, out, err } = await as(officer, "export", exchange, "--out", "case");
    expect([code, err]).toEqual([0, "3 chunks, whole and chained, as the log says\n"]);
    const names = out.trim().split("\n");
    expect(names).toEqual(
      readdirSync(here.path)
        .filter((name) => name.startsWith("case"))
        .sort((a, b) => names.indexOf(a) - names.indexOf(b)),
    );
    for (const name of names) expect(statSync(join(here.path, name)).mode & 0o077).toBe(0);
    const lines = here.read("case.jsonl").trim().split("\n");
    const parsed = lines.map((line) => JSON.parse(line) as { kind: string; text?: string });
    // Names of members that no table knows are texts too.
    expect(parsed.map(({ kind }) => kind)).toEqual(["exchange", "request", "answer", "answer", "end"]);
    expect(parsed[1]?.text).toContain("[EMAIL_1]");
    expect(here.read("case.jsonl")).not.toContain(EMAIL);

    const trust = { vkeys: gateway.gateway.log.vkeys };
    for (const which of ["intent", "outcome"]) {
      const entry = readFileSync(join(here.path, `case.${which}.json`));
      const report = await verifyProof(readFileSync(join(here.path, `case.${which}.tlog-proof`)), entry, trust);
      expect(report.problems).toEqual([]);
    }
    const { recording } = JSON.parse(here.read("case.intent.json")) as { recording: { id: string; head: string } };
    const end = JSON.parse(here.read("case.outcome.json")) as { recording: { chunks: number; head: string } };
    const bytes = readFileSync(join(here.path, "case.rec"));
    expect(verifyRecording(bytes, { ...recording, end: end.recording }).findings).toEqual([]);
  });

  test("says that an exchange is no recording of a terminal", async () => {
    const { code, err } = await as(officer, "export", exchange, "--format", "asciicast");
    expect([code, err]).toEqual([2, expect.stringContaining("--format jsonl")]);
  });
});

describe("the lines of a recording", () => {
  const texts = [
    { path: "o", ms: 0, text: "$ ", fields: [] },
    { path: "i", ms: 100, text: "ls\r", fields: [] },
    { path: "o", ms: 1_100, text: "", erased: true, fields: [] },
  ] as const;
  const replay: Replay = {
    exchange: "7",
    recording: "id",
    mode: "sealed",
    purpose: "support",
    connection: "shell",
    endpoint: "session",
    model: "",
    begun_at: "2026-11-22T10:00:00.000Z",
    status: "completed",
    terminal: { columns: 80, rows: 24 },
    findings: [],
    chunks: [{ seq: 0, kind: "request", at: "2026-11-22T10:00:00.000Z", texts }],
  };

  test("are asciicast v3 for a terminal: intervals, not times", () => {
    expect(asciicast(replay)?.map((line) => JSON.parse(line) as unknown)).toEqual([
      { version: 3, term: { cols: 80, rows: 24 }, timestamp: 1_795_341_600, title: "exchange 7" },
      [0, "o", "$ "],
      [0.1, "i", "ls\r"],
      [1, "o", "[text erased]"],
    ]);
  });

  test("hold what was sent in one line each", () => {
    expect(jsonLines(replay)).toHaveLength(5);
  });
});
