/**
 * Promise 4 of ARCHITECTURE.md: the upstream's secret, the root key and what signs in to a secret service are planted, exchanges
 * succeed and fail in every way at hand, and then everything is searched that leaves the process: answers, headers, errors, metrics, the terminal,
 * every file, what the system tells of the process and of its children, and in its heap all that is not the way to the target. The
 * target itself gets the secret, so that the search cannot pass by having planted nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadConfig } from "../config/load.ts";
import { DETECTIONS } from "../server/detections.ts";
import { documentFor } from "../server/test/config.ts";
import { filesHolding } from "../server/test/running.ts";
import { startUpstream, type Upstream } from "../server/test/upstream.ts";
import { Custody } from "./custody.ts";
import { type FakeVault, startFakeVault } from "./test/fake-vault.ts";
import { Heap, type Holder } from "./test/heap.ts";

const MAIN = new URL("../cli/main.ts", import.meta.url).pathname;
const FROM_FILE = "sk-canary-from-file-1190";
const SEALED = "sk-canary-sealed-2281";
const FROM_VAULT = "sk-canary-from-vault-3372";
const SECRETS = [FROM_FILE, SEALED, FROM_VAULT];

let dir: string;
let data: string;
let vault: FakeVault;
let target: Upstream;
let child: ChildProcess;
let terminal = "";
let url = "";
let token = "";
let answer: (res: ServerResponse) => void;
const seen: string[] = [];

/** Everything that must show nowhere, in the forms in which bytes get printed. */
function planted(): string[] {
  const root = readFileSync(join(data, "custody", "root.key"));
  const forms = [...SECRETS, vault.secretId].flatMap((each) => [each, Buffer.from(each).toString("base64")]);
  return [...forms, root.toString("hex"), root.toString("base64"), root.toString("base64url")];
}

function run(args: readonly string[], stdin: string): Promise<number | null> {
  const started = spawn(process.execPath, [MAIN, ...args], { cwd: dir });
  started.stdout.on("data", (chunk: Buffer) => (terminal += chunk.toString()));
  started.stderr.on("data", (chunk: Buffer) => (terminal += chunk.toString()));
  started.stdin.end(stdin);
  return new Promise((resolve) => started.once("exit", resolve));
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-custody-canary-"));
  data = join(dir, "data");
  vault = await startFakeVault();
  vault.secrets.set("acme", [{ key: FROM_VAULT }]);
  target = await startUpstream((_body, res) => answer(res));
  mkdirSync(join(dir, "secrets"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, "secrets", name), text);
    return join(dir, "secrets", name);
  };
  const connection = (credential: string) => ({
    kind: "openai",
    url: target.url,
    credential,
    recipient: "acme",
    models: ["*"],
    allow_private_address: true,
    limits: { retries_max: 0, response_bytes_max: "1KiB" },
  });
  const made = await documentFor({
    filed: connection(`file:${file("key", FROM_FILE)}`),
    sealed: connection("sealed:acme"),
    kept: connection("vault:kv/acme#key"),
  });
  ({ token } = made);
  const document = {
    ...made.document,
    observability: { log_level: "trace" },
    custody: {
      refresh: "1s",
      vault: {
        url: vault.url.href,
        ca: file("ca", vault.ca),
        approle: { role_id: `file:${file("role", vault.roleId)}`, secret_id: `file:${file("id", vault.secretId)}` },
      },
    },
  };
  writeFileSync(join(dir, "sluice.yaml"), JSON.stringify(document));
  expect(await run(["keys", "seal", "acme"], `${SEALED}\n`)).toBe(0);
  // V8 cuts strings in snapshots behind 1,024 characters unless told otherwise.
  const snapshots = [
    "--heapsnapshot-signal=SIGUSR2",
    `--diagnostic-dir=${dir}`,
    "--heap-snapshot-string-limit=1000000",
  ];
  child = spawn(process.execPath, [...snapshots, MAIN, "start"], { cwd: dir, stdio: "pipe" });
  child.stdout?.on("data", (chunk: Buffer) => (terminal += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (terminal += chunk.toString()));
  await vi.waitFor(() => expect(terminal).toContain("listens on"), { timeout: 20_000, interval: 50 });
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(terminal)?.[0] ?? "";
});
afterAll(async () => {
  child.kill("SIGKILL");
  await Promise.all([vault.close(), target.close()]);
  rmSync(dir, { recursive: true, force: true });
});

function post(model: string, more: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...more }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function ask(model: string, more: object = {}): Promise<number> {
  const response = await post(model, more);
  seen.push(JSON.stringify([...response.headers]), await response.text());
  return response.status;
}

test("the target gets the secret of its connection, whichever source it is from", async () => {
  answer = (res) => res.writeHead(200, { "content-type": "application/json" }).end('{"choices":[]}');
  for (const model of ["filed/m", "sealed/m", "kept/m"]) expect(await ask(model)).toBe(200);
  expect(target.received.map(({ headers }) => headers.authorization)).toEqual(SECRETS.map((each) => `Bearer ${each}`));
});

test("however an exchange fails, nobody but the target sees it", async () => {
  const failures: ((res: ServerResponse) => void)[] = [
    (res) => res.writeHead(401, { "content-type": "application/json" }).end('{"error":{"message":"bad key"}}'),
    (res) => res.writeHead(403).end(),
    (res) => res.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
    (res) => res.writeHead(500).end("oops"),
    (res) => res.writeHead(200, { "content-encoding": "gzip" }).end("no gzip"),
    (res) => res.writeHead(200, { "content-type": "application/json" }).end("x".repeat(5_000)),
    (res) => void res.destroy(),
    (res) => void res.writeHead(200, { "content-length": "100" }).write("cut", () => res.destroy()),
  ];
  for (const failure of failures) {
    answer = failure;
    for (const model of ["filed/m", "sealed/m", "kept/m"])
      for (const stream of [false, true]) expect(await ask(model, { stream })).not.toBe(0);
  }
  // Sources that fail are warned about.
  vault.down = true;
  await vi.waitFor(() => expect(terminal).toContain("a secret could not be read again"), { timeout: 5_000 });
  vault.down = false;
  writeFileSync(join(dir, "secrets", "key"), "two\nlines");
  await vi.waitFor(() => expect(terminal).toContain("not one line"), { timeout: 5_000 });
});

/** Who may have it: the cell that a reference is read into, and what makes and sends the headers of the one connection. */
const HOLDERS: readonly { readonly is: (heap: Heap, holder: Holder) => boolean; readonly running: boolean }[] = [
  { is: (heap, { node, property }) => property === "value" && heap.has(node, ["reference", "secret"]), running: false },
  {
    is: (heap, { node, property }) => ["secret", "json", "sse"].includes(property) && heap.has(node, ["json", "sse"]),
    running: false,
  },
  // Of an exchange that runs: what forwards it, and the request of the HTTP client.
  { is: (_, { name, property }) => name === "Call" && property === "#own", running: true },
  { is: (_, { name, property }) => name === "Request" && property === "headers", running: true },
];

test.skipIf(process.platform === "win32")(
  "in the heap it is on its way to the target, and nowhere that a client sees",
  async () => {
    answer = (res) =>
      void res.writeHead(200, { "content-type": "text/event-stream" }).write('data: {"choices":[]}\n\n');
    const leaving = new AbortController();
    const models = ["filed/m", "sealed/m", "kept/m"];
    const running = await Promise.all(models.map((model) => post(model, { stream: true }, leaving.signal)));
    expect(running.map(({ status }) => status)).toEqual([200, 200, 200]);
    child.kill("SIGUSR2");
    const snapshot = (): string | undefined => readdirSync(dir).find((name) => name.endsWith(".heapsnapshot"));
    await vi.waitFor(() => expect(snapshot()).toBeDefined(), { timeout: 20_000, interval: 50 });
    // It is written by the process's own thread, which answers again when it is done.
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const heap = new Heap(join(dir, snapshot() ?? ""));
    leaving.abort();

    const secrets = heap.stringsWith(planted());
    const holders = heap.holdersOf(secrets);
    const strangers = holders.filter((holder) => !HOLDERS.some(({ is }) => is(heap, holder)));
    expect(strangers).toEqual([]);
    // Each allowance is one that is needed. Of dozens of exchanges those that run have it, and none that is over.
    for (const { is, running: only } of HOLDERS) {
      const held = holders.filter((holder) => is(heap, holder));
      expect(held.length).toBeGreaterThan(0);
      if (only) expect(held).toHaveLength(models.length);
    }

    // What a client sees is made from these: its request, its answer, the errors, and who it is.
    const seenOf = {
      requests: heap.named("IncomingMessage"),
      answers: heap.named("ServerResponse"),
      errors: heap.named("SluiceError"),
      principals: heap.shaped(["credential", "groups", "limits", "purposes"]),
      exchanges: heap.shaped(["back", "entities", "permit"]),
    };
    for (const [what, nodes] of Object.entries(seenOf)) {
      // An error that is over need not be there any more.
      if (what !== "errors") expect(nodes.length, what).toBeGreaterThan(0);
      const within = heap.within(nodes);
      expect(secrets.filter((node) => within.has(node)).length, what).toBe(0);
    }
    // So that the search is one: from a call that runs it is found.
    const call = heap.within(heap.named("Call"));
    expect(secrets.some((node) => call.has(node))).toBe(true);
  },
  30_000,
);

test("it stands in no answer, header, metric, description or line of the terminal", async () => {
  for (const path of ["/metrics", "/openapi.json", "/health", "/ready", "/api/keys"]) {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    seen.push(JSON.stringify([...response.headers]), await response.text());
  }
  expect(seen.length).toBeGreaterThan(90);
  const told = seen.join("\n");
  for (const value of planted()) {
    expect(told).not.toContain(value);
    expect(terminal).not.toContain(value);
  }
});

test("it stands in no file of ours, the log included", async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const root = join(data, "custody", "root.key");
  const files = filesHolding(data, planted()).filter((each) => !each.startsWith(root));
  expect(files).toEqual([]);
});

test.skipIf(process.platform !== "linux")("the system tells it neither of the process nor of a child of it", () => {
  const pid = String(child.pid);
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
      .split(" ")
      .filter((each) => each !== ""),
  );
  for (const each of [pid, ...children]) {
    const told = readFileSync(`/proc/${each}/cmdline`, "latin1") + readFileSync(`/proc/${each}/environ`, "latin1");
    for (const value of planted()) expect(told).not.toContain(value);
  }
  // There is nobody to hand it to: the gateway starts no other program.
  expect(children).toEqual([]);
});

test("a configuration, its connections and the custody do not show it when they are printed", async () => {
  writeFileSync(join(dir, "secrets", "key"), FROM_FILE);
  const custody = new Custody(Date.now);
  const config = await loadConfig({ file: join(dir, "sluice.yaml"), detections: DETECTIONS, custody });
  expect(config.connections.map(({ credential }) => credential?.secret.reveal())).toEqual(SECRETS);
  const shown = inspect([config, custody], { depth: Infinity, showHidden: true }) + JSON.stringify([config, custody]);
  for (const value of planted()) expect(shown).not.toContain(value);
  await custody.close();
});
