/**
 * Promises 2 and 4: plants values in everything a client can send, runs exchanges that succeed and fail in every way at
 * hand, and then looks for the values in every byte that was written or sent: data directory, log lines, metrics, error
 * bodies, response headers and what the upstream received.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { leafWhere } from "./test/recorded.ts";
import { documentFor } from "./test/config.ts";
import { filesHolding } from "./test/running.ts";

const MAIN = new URL("../cli/main.ts", import.meta.url).pathname;
const PLANTED = [
  "canary.person@planted.example",
  "DE89370400440532013000",
  "4111111111111111",
  "sk-ant-api03-canarycanarycanarycanary0123456789",
];
const TEXT = `Mail ${PLANTED[0]}, IBAN ${PLANTED[1]}, card ${PLANTED[2]}, key ${PLANTED[3]}`;

let dir: string;
let url = "";
let key = "";
let terminal = "";
let child: ReturnType<typeof spawn>;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-canary-"));
  child = spawn(process.execPath, [MAIN, "start", "--port", "0", "--data", join(dir, "data")], { cwd: dir });
  child.stdout?.on("data", (chunk: Buffer) => (terminal += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (terminal += chunk.toString()));
  await vi.waitFor(() => expect(terminal).toContain("verify "), { timeout: 20_000, interval: 50 });
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(terminal)?.[0] ?? "";
  key = /sluice_[A-Za-z0-9_-]{20,}/.exec(terminal)?.[0] ?? "";
});
afterAll(() => {
  child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

interface Reply {
  status: number;
  headers: string;
  body: string;
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: JSON.stringify([...response.headers]), body: await response.text() };
}

const chat = (content: unknown, more: object = {}) => ({
  model: "rehearsal",
  messages: [{ role: "user", content }],
  ...more,
});

describe("a planted value", () => {
  const answers: Reply[] = [];
  const errors: Reply[] = [];

  it("comes back to the client that sent it", async () => {
    for (const stream of [false, true]) {
      const reply = await post("/v1/chat/completions", chat(TEXT, { stream }));
      expect(reply.status).toBe(200);
      answers.push(reply);
    }
    expect(answers[0]?.body).toContain(PLANTED[0]);
    answers.push(
      await post("/v1/messages", { ...chat(TEXT), max_tokens: 300, system: TEXT, metadata: { user_id: PLANTED[0] } }),
    );
    answers.push(
      await post("/v1/responses", { model: "rehearsal", input: TEXT, instructions: TEXT, user: PLANTED[0] }),
    );
    answers.push(await post("/v1/embeddings", { model: "rehearsal", input: [TEXT] }));
    answers.push(await post("/v1/completions", { model: "rehearsal", prompt: TEXT }));
    expect(answers.map((each) => each.status)).toEqual([200, 200, 200, 200, 200, 200]);
  });

  it("does not stand in any error", async () => {
    errors.push(await post("/v1/chat/completions", `{"model": "rehearsal", "messages": [${TEXT}]}`));
    errors.push(await post("/v1/chat/completions", `{"${PLANTED[0]}": 1, "${PLANTED[0]}": 2}`));
    errors.push(
      await post("/v1/chat/completions", { model: PLANTED[0], messages: [{ role: PLANTED[0], content: 5 }] }),
    );
    errors.push(await post("/v1/chat/completions", { model: `a/${PLANTED[0]}`, messages: [] }));
    errors.push(await post(`/v1/${PLANTED[2]}`, chat(TEXT)));
    errors.push(await post("/v1/chat/completions", chat(TEXT), { "sluice-purpose": "canary.person-planted.example" }));
    errors.push(await post("/v1/chat/completions", chat(TEXT), { authorization: `Bearer ${PLANTED[3]}` }));
    errors.push(
      await post(
        "/v1/chat/completions",
        chat([{ type: "image_url", image_url: { url: `https://x.example/${PLANTED[0]}` } }]),
      ),
    );
    errors.push(await post("/v1/chat/completions", chat([{ type: PLANTED[0], x: TEXT }])));
    errors.push(await post("/api/scrub", { text: 5, [PLANTED[0] ?? ""]: TEXT }));
    errors.push(await post("/api/restore", { text: TEXT, entities: { [PLANTED[0] ?? ""]: TEXT } }));
    errors.push(await post("/api/nowhere", { text: TEXT }));
    for (const { status, headers, body } of errors) {
      expect(status).toBeGreaterThanOrEqual(400);
      for (const value of PLANTED) expect(`${headers} ${body}`).not.toContain(value);
    }
  });

  it("stands in no response header, metric or log line", async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain("sluice_exchanges_total");
    for (const value of PLANTED) {
      expect(metrics).not.toContain(value);
      expect(terminal).not.toContain(value);
      for (const { headers } of answers) expect(headers).not.toContain(value);
    }
  });

  it("stands in no file, and neither does the key", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(filesHolding(dir, [...PLANTED, key])).toEqual([]);
    // Configurations that were in force are kept as the operator wrote them.
    const asked = filesHolding(dir, ["127.0.0.1", "service:first"]);
    expect(asked.filter((found) => !found.includes(`${sep}policies${sep}`))).toEqual([]);
  });

  it("is in no file after the stop either, which ends with exit code 0", async () => {
    const code = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await code).toBe(0);
    expect(filesHolding(dir, [...PLANTED, key])).toEqual([]);
  });
});

/** A value as it may stand in a file: as it is, JSON-escaped, in hexadecimal, and in base64 wherever in it it begins. */
function spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  const escaped = [...value].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift, 0x20), bytes]).toString("base64");
    // Without the ends, which depend on what stands around it.
    return text.slice(shift === 0 ? 0 : 4, text.length - 4);
  });
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [
    value,
    value.toUpperCase(),
    JSON.stringify(value).slice(1, -1),
    escaped,
    bytes.toString("hex"),
    ...base64,
    ...url,
  ];
}

describe("with every exchange recorded, sealed", () => {
  const SECRETS = [...PLANTED, "the patient Hildegard Canary", "customer-canary-77"];
  const NEEDLES = SECRETS.flatMap(spellings);
  let token = "";
  let recorded: ReturnType<typeof spawn>;
  let said = "";
  let at = "";
  let home: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "sluice-canary-recorded-"));
    const { document, token: made } = await documentFor({});
    token = made;
    const [id = ""] = Object.keys(document.keys);
    document.keys[id] = { ...document.keys[id], roles: ["user", "privacy-officer", "auditor"] };
    const config = { ...document, rehearsal: true, recording: { default: "sealed" } };
    writeFileSync(join(home, "sluice.yaml"), JSON.stringify(config));
    recorded = spawn(process.execPath, [MAIN, "start", "--config", join(home, "sluice.yaml")], {
      cwd: home,
      env: { ...process.env, TMPDIR: home },
    });
    recorded.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    recorded.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await vi.waitFor(() => expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+/), { timeout: 20_000, interval: 50 });
    at = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? "";
  });
  afterAll(() => {
    recorded.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  });

  const ask = (path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${at}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const prompt = `${TEXT}. Ask for the patient Hildegard Canary.`;
  let evidence = "";

  it("a value comes back to who sent it, and to who may see it, after that is on record", async () => {
    for (const stream of [true, false]) {
      const reply = await ask("/v1/chat/completions", chat(prompt, { stream }), {
        "sluice-data-subject": "customer-canary-77",
      });
      expect(reply.status).toBe(200);
      const body = await reply.text();
      // A stream brings it in pieces.
      if (!stream) expect(body).toContain(PLANTED[0]);
      evidence = reply.headers.get("sluice-evidence") ?? "";
    }
    const outcome = await leafWhere(
      at,
      "outcome",
      (leaf) => leaf.type === "outcome" && String(leaf["intent"]) === evidence,
    );
    expect(outcome["recording"]).toMatchObject({ chunks: 3 });
    const replayed = await (await ask(`/api/recordings/${evidence}`)).text();
    expect(JSON.parse(replayed)).toMatchObject({ mode: "sealed", findings: [], status: "completed" });
    for (const value of PLANTED) expect(replayed).not.toContain(value);
    const revealed = await (await ask(`/api/recordings/${evidence}/reveal`, { purpose: "support" })).text();
    for (const value of PLANTED) expect(revealed).toContain(value);
    const event = await leafWhere(at, "event", ({ name }) => name === "recording.revealed");
    expect(event).toMatchObject({ target: evidence, facts: { purpose: "support" } });
  });

  it("takes a purpose that there is, and the role, to be seen", async () => {
    const refused = await ask(`/api/recordings/${evidence}/reveal`, { purpose: "curiosity" });
    expect(await refused.json()).toMatchObject({ code: "purpose_unknown" });
    expect((await ask(`/api/recordings/${evidence}/reveal`, {})).status).toBe(400);
    expect(await (await ask("/api/recordings/0")).json()).toMatchObject({ code: "recording_unknown" });
  });

  it("is looked for in a way that would find it", () => {
    const around = (value: string, before: string) => Buffer.from(`${before}${value}, and so on`);
    for (const value of SECRETS) {
      for (const before of ["", "a", "ab", "abc"]) {
        const [base64, hex] = [around(value, before).toString("base64"), around(value, before).toString("hex")];
        expect(spellings(value).some((needle) => base64.includes(needle))).toBe(true);
        expect(spellings(value).some((needle) => hex.includes(needle))).toBe(true);
      }
    }
  });

  it("no spelling of it stands in any file, nor in what was printed", async () => {
    expect(filesHolding(home, NEEDLES)).toEqual([]);
    for (const needle of NEEDLES) expect(said).not.toContain(needle);
  });

  it("nor after the stop", async () => {
    const code = new Promise((resolve) => recorded.once("exit", resolve));
    recorded.kill("SIGTERM");
    expect(await code).toBe(0);
    expect(filesHolding(home, NEEDLES)).toEqual([]);
  });
});
