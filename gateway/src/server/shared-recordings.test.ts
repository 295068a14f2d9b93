/** Two gateways, as processes, with one database, one log and one folder of recordings: whichever is asked knows what both recorded. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startPostgres, type TestServer } from "./database/test/postgres.ts";
import { type Document, documentFor } from "./test/config.ts";

const MAIN = new URL("../cli/main.ts", import.meta.url).pathname;
const JANE = "jane.doe@recorded.example";
const JOE = "joe.bloggs@recorded.example";
const LONG_MS = 20_000;

let root: string;
let server: TestServer;
let document: Document;
let token: string;

class Gateway {
  readonly name: string;
  readonly dir: string;
  url = "";
  said = "";
  child: ChildProcess | undefined;

  constructor(name: string, calls: string | undefined = name) {
    this.name = name;
    this.dir = join(root, name);
    mkdirSync(this.dir);
    const subjects = calls === undefined ? {} : { subjects: { gateway: calls } };
    const config = {
      ...document,
      ...subjects,
      rehearsal: true,
      database: { url: `file:${join(root, "database-url")}` },
      evidence: { origin: "shared.example/log", dir: "./data", shared: { folder: join(root, "log") } },
      custody: { dir: join(root, "custody") },
      recording: { default: "sealed", dir: join(root, "recordings") },
    };
    writeFileSync(join(this.dir, "sluice.yaml"), JSON.stringify(config));
  }

  async start(): Promise<void> {
    this.launch();
    await vi.waitFor(() => expect(this.said).toMatch(/http:\/\/127\.0\.0\.1:\d+/), { timeout: LONG_MS, interval: 50 });
    this.url = /http:\/\/127\.0\.0\.1:\d+/.exec(this.said)?.[0] ?? "";
  }

  launch(): ChildProcess {
    this.said = "";
    const child = spawn(process.execPath, [MAIN, "start", "--config", join(this.dir, "sluice.yaml")], {
      cwd: this.dir,
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    this.child = child;
    return child;
  }

  async kill(): Promise<void> {
    if (this.child === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }

  async call<T>(path: string, body?: object, status = 200): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect([response.status, text]).toEqual([status, text]);
    return JSON.parse(text) as T;
  }

  /** Gives the evidence id. */
  async ask(content: string): Promise<string> {
    const response = await fetch(`${this.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "sluice-purpose": "support" },
      body: JSON.stringify({ model: "rehearsal", messages: [{ role: "user", content }] }),
    });
    expect(response.status, await response.text()).toBe(200);
    return response.headers.get("sluice-evidence") ?? "";
  }

  find(value: string): Promise<Found> {
    return this.call("/api/subjects/find", { identifiers: [{ type: "EMAIL", value }] });
  }

  /** Once the log shows so many there. */
  finds(value: string, total: number): Promise<Found> {
    return vi.waitFor(
      async () => {
        const found = await this.find(value);
        expect(found.total).toBe(total);
        return found;
      },
      { timeout: LONG_MS, interval: 100 },
    );
  }

  /** Of its first text, once outcome and all are there. */
  shown(id: string): Promise<{ text: string; erased?: true } | undefined> {
    return vi.waitFor(
      async () => {
        const shown = await this.call<Shown>(`/api/recordings/${id}/reveal`, { purpose: "support" });
        expect([shown.findings, shown.chunks.at(-1)?.kind]).toEqual([[], "end"]);
        return shown.chunks[0]?.texts[0];
      },
      { timeout: LONG_MS, interval: 100 },
    );
  }
}

interface Found {
  readonly total: number;
  readonly unheard: readonly string[];
  readonly records: readonly { readonly index: number; readonly mode: string; readonly retained: boolean }[];
}

interface Shown {
  readonly findings: readonly unknown[];
  readonly chunks: readonly {
    readonly kind: string;
    readonly texts: readonly { readonly text: string; readonly erased?: true }[];
  }[];
}

const gateways: Gateway[] = [];
let a: Gateway;
let b: Gateway;

function gateway(name: string, calls?: string): Gateway {
  const made = new Gateway(name, calls);
  gateways.push(made);
  return made;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "sluice-shared-recordings-"));
  server = await startPostgres();
  ({ document, token } = await documentFor({}));
  const [id = ""] = Object.keys(document.keys);
  document.keys[id] = { ...document.keys[id], roles: ["user", "privacy-officer", "auditor"] };
  for (const name of ["log", "recordings"]) mkdirSync(join(root, name));
  writeFileSync(join(root, "database-url"), (await server.database()).reveal(), { mode: 0o600 });
  a = gateway("a");
  await a.start();
  b = gateway("b");
  cpSync(join(a.dir, "data", "keys"), join(b.dir, "data", "keys"), { recursive: true });
  await b.start();
}, 60_000);
afterAll(async () => {
  for (const each of gateways) await each.kill();
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});

describe("what one gateway recorded", () => {
  let id: string;

  it("is found at the other at once, though it was in memory, and can be read, copied and exported there", async () => {
    id = await a.ask(`Write to ${JANE} and ${JOE}`);
    const { unheard, records } = await b.finds(JANE, 1);
    expect(unheard).toEqual([]);
    expect(records).toMatchObject([{ index: Number(id), mode: "sealed", retained: true }]);
    expect((await b.shown(id))?.text).toBe(`Write to ${JANE} and ${JOE}`);
    const copy = JSON.stringify(await b.call("/api/subjects/export", { identifiers: [{ type: "EMAIL", value: JOE }] }));
    expect(copy).toContain(`Write to [EMAIL] and ${JOE}`);
    expect(await b.call<{ chunks: string }>(`/api/recordings/${id}/export`)).toMatchObject({
      chunks: expect.stringMatching(/^U0xS/) as string,
    });
  });

  it("stands apart from what the other records, each in its folder under numbers that nobody else has", async () => {
    await b.ask(`Write to ${JOE}`);
    await a.finds(JOE, 2);
    const files = (name: string): string[] =>
      (readdirSync(join(root, "recordings", `@${name}`), { recursive: true }) as string[])
        .filter((each) => each.endsWith(".rec"))
        .map((each) => each.slice(-11));
    expect([files("a"), files("b")]).toEqual([["1048576.rec"], ["1048577.rec"]]);
  });

  it("is forgotten when the other is told to", async () => {
    const wanted = { identifiers: [{ type: "EMAIL", value: JANE }], reference: "case-1", basis: "A17-1-a" };
    await b.call("/api/subjects/erase", wanted);
    for (const each of [a, b]) {
      expect((await each.find(JANE)).total).toBe(0);
      expect(await each.shown(id)).toMatchObject({ erased: true });
    }
  });

  it("is found and read when the one that made it was killed, which is named as not heard of", async () => {
    const last = await a.ask(`Call ${JANE}`);
    await b.finds(JANE, 1);
    await a.kill();
    const { records, unheard } = await b.find(JANE);
    expect(records).toMatchObject([{ index: Number(last), retained: true }]);
    expect(unheard).toEqual(["a"]);
    expect((await b.shown(last))?.text).toBe(`Call ${JANE}`);
  });

  it("is found at the one that made it after it came back under its name, at once", async () => {
    await a.start();
    expect((await a.find(JANE)).total).toBe(1);
  });
});

describe("a gateway with the name of another one that runs", () => {
  it("does not start, and says why", { timeout: 60_000 }, async () => {
    const third = gateway("third", "b");
    cpSync(join(a.dir, "data", "keys"), join(third.dir, "data", "keys"), { recursive: true });
    const [code] = (await once(third.launch(), "exit")) as [number];
    expect(code).not.toBe(0);
    expect(third.said).toContain("another gateway of this database is called b");
    expect(existsSync(join(root, "recordings", "@third"))).toBe(false);
  });
});
