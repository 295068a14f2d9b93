/** Recordings in a whole gateway: with the real keys of subjects, their index, erasure, and a sudden end. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { documentFor } from "./test/config.ts";
import { outcomeOf } from "./test/recorded.ts";

const MAIN = new URL("../cli/main.ts", import.meta.url).pathname;
const JANE = "jane.doe@recorded.example";
const JOE = "joe.bloggs@recorded.example";

let dir: string;
let token: string;
let url = "";
let child: ChildProcess;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-recorded-"));
  const { document, token: made } = await documentFor({});
  token = made;
  const [id = ""] = Object.keys(document.keys);
  document.keys[id] = { ...document.keys[id], roles: ["user", "privacy-officer", "auditor"] };
  const recording = {
    rules: [
      { purpose: "support", mode: "sealed" },
      { purpose: "research", mode: "sealed", shared: "any-of" },
    ],
  };
  writeFileSync(join(dir, "sluice.yaml"), JSON.stringify({ ...document, rehearsal: true, recording }));
  await start();
});
afterAll(() => {
  child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  let said = "";
  child = spawn(process.execPath, [MAIN, "start", "--config", join(dir, "sluice.yaml")], { cwd: dir });
  child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await vi.waitFor(() => expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+/), { timeout: 20_000, interval: 50 });
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? "";
}

async function call<T>(path: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}

/** Gives the evidence id, once its outcome is published. */
async function ask(content: string, purpose = "support"): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "sluice-purpose": purpose },
    body: JSON.stringify({ model: "rehearsal", messages: [{ role: "user", content }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
  const id = response.headers.get("sluice-evidence") ?? "";
  await outcomeOf(url, id);
  return id;
}

interface Shown {
  readonly findings: readonly unknown[];
  readonly chunks: readonly { readonly texts: readonly { readonly text: string; readonly erased?: true }[] }[];
}

const first = async (id: string): Promise<{ text: string; erased?: true } | undefined> => {
  const shown = await call<Shown>(`/api/recordings/${id}/reveal`, { purpose: "support" });
  expect(shown.findings).toEqual([]);
  return shown.chunks[0]?.texts[0];
};

const find = (
  value: string,
): Promise<{ total: number; records: { index: number; mode: string; fields: object[] }[] }> =>
  call("/api/subjects/find", { identifiers: [{ type: "EMAIL", value }] });

describe("a recorded exchange", () => {
  let shared: string;
  let own: string;

  it("is found by everybody in it, however the name is written", async () => {
    own = await ask(`Write to ${JANE} and ${JOE}`);
    shared = await ask(`Write to ${JANE} and ${JOE}`, "research");
    const { total, records } = await find(JOE.toUpperCase());
    expect(total).toBe(2);
    expect(records.map(({ index, mode }) => [String(index), mode])).toEqual([
      [own, "sealed"],
      [shared, "sealed"],
    ]);
    expect(records[0]?.fields).toContainEqual({ path: "messages.0.content", type: "EMAIL" });
  });

  it("is given to one of them without the other", async () => {
    const copy = JSON.stringify(await call("/api/subjects/export", { identifiers: [{ type: "EMAIL", value: JOE }] }));
    expect(copy).toContain(`Write to [EMAIL] and ${JOE}`);
    expect(copy).not.toContain(JANE);
  });

  it("is there after a sudden end, and still found", async () => {
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    await start();
    expect(await first(own)).toMatchObject({ text: `Write to ${JANE} and ${JOE}` });
    const { total, records } = await find(JOE);
    expect(total).toBe(2);
    expect(records.map(({ index }) => String(index))).toEqual([own, shared]);
  });

  it("is found again when the index was damaged meanwhile", async () => {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    const index = join(dir, "data", "subjects", "index");
    const runs = (readdirSync(index, { recursive: true }) as string[]).filter((name) =>
      statSync(join(index, name)).isFile(),
    );
    expect(runs).not.toEqual([]);
    for (const name of runs) {
      const bytes = readFileSync(join(index, name));
      bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
      writeFileSync(join(index, name), bytes);
    }
    await start();
    await vi.waitFor(async () => expect((await find(JOE)).total).toBe(2), { timeout: 10_000, interval: 100 });
  });

  it("forgets one of them: the text that both stand in, or the value alone, as it was to be shared", async () => {
    const erased = await call<{ state: string; records: number }>("/api/subjects/erase", {
      identifiers: [{ type: "EMAIL", value: JANE }],
      reference: "case-1",
      basis: "A17-1-b",
    });
    expect(erased).toMatchObject({ records: 2 });
    expect(await first(own)).toEqual(expect.objectContaining({ text: "", erased: true }));
    expect(await first(shared)).toMatchObject({ text: `Write to [EMAIL erased] and ${JOE}` });
    expect((await find(JANE)).total).toBe(0);
    expect((await find(JOE)).total).toBe(2);
  });

  it("still verifies, and others are recorded as before", async () => {
    const id = await ask(`Write to ${JANE} again`);
    expect(await first(id)).toMatchObject({ text: `Write to ${JANE} again` });
    expect((await find(JANE)).total).toBe(1);
  });
});
