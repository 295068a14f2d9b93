/** docs/tour.md, step by step: real processes, a real OpenID provider, three people, two browsers and a command line. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestBrowser } from "../identity/test/login-provider.ts";
import { freePort } from "./test/free-port.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CLI = join(ROOT, "gateway/src/cli/main.ts");
const PATIENCE_MS = 30_000;

let dir: string;
let gateway: string;
const running: ChildProcess[] = [];

/** A program of ours; `until` is what it prints when it is ready. */
function start(args: readonly string[], until: RegExp): Promise<{ child: ChildProcess; out: () => string }> {
  const child = spawn(process.execPath, args, { cwd: dir, env: { ...process.env, NO_COLOR: "1" } });
  running.push(child);
  let text = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready: ${text}`)), PATIENCE_MS);
    const hear = (piece: Buffer): void => {
      text += String(piece);
      if (!until.test(text)) return;
      clearTimeout(timer);
      resolve({ child, out: () => text });
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
  });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode === null ? new Promise((resolve) => child.once("exit", resolve)) : Promise.resolve(child.exitCode);

async function sluice(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: "1", SLUICE_URL: gateway },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (text += String(piece)));
  await ended(child);
  return text;
}

const fieldOf = (page: string, name: string): string =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(page)?.[1] ?? "";

/** A person before a browser: says who it is where it is asked, agrees where there is something to agree to. */
async function visit(browser: TestBrowser, url: string, person: string): Promise<{ url: string; page: string }> {
  let [at, form]: [URL, Record<string, string> | undefined] = [new URL(url), undefined];
  for (let steps = 0; steps < 25; steps++) {
    const response = await browser.ask(
      at,
      form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) },
    );
    const location = response.headers.get("location");
    form = undefined;
    if (location !== null) {
      at = new URL(location, at);
      continue;
    }
    const page = await response.text();
    if (page.includes("Who are you?")) form = { person };
    else if (page.includes('name="user_code"')) {
      at = new URL("/device", at);
      form = { xsrf: fieldOf(page, "xsrf"), user_code: fieldOf(page, "user_code"), confirm: "yes" };
    } else return { url: at.href, page };
  }
  throw new Error("went in a circle");
}

async function login(person: string): Promise<string> {
  const { child, out } = await start(
    [CLI, "login", "--url", gateway, "--to", `${person}.token`],
    /device\?user_code=\S+/,
  );
  await visit(new TestBrowser(), /http\S+device\?user_code=\S+/.exec(out())?.[0] ?? "", person);
  expect(await ended(child)).toBe(0);
  return readFileSync(join(dir, `${person}.token`), "utf8").trim();
}

async function ask(token: string, content: string, purpose?: string) {
  const response = await fetch(`${gateway}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      ...(purpose === undefined ? {} : { "sluice-purpose": purpose }),
    },
    body: JSON.stringify({ model: "rehearsal", messages: [{ role: "user", content }] }),
  });
  const { choices, error } = (await response.json()) as {
    choices?: { message: { content: string } }[];
    error?: { code: string };
  };
  return { status: response.status, code: error?.code, answer: choices?.[0]?.message.content };
}

async function pending(token: string): Promise<string> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
    const found = /rv-[0-9a-f]+/.exec(await sluice("reviews", "list", "--key-file", `${token}.token`))?.[0];
    if (found !== undefined) return found;
  }
  throw new Error("nothing waits");
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sluice-tour-"));
  const [gatewayPort, idpPort] = [await freePort(), await freePort()];
  gateway = `http://127.0.0.1:${gatewayPort}`;
  cpSync(join(ROOT, "examples/tour"), dir, { recursive: true });
  const config = join(dir, "sluice.yaml");
  const text = readFileSync(config, "utf8").replaceAll("8787", String(gatewayPort)).replaceAll("9400", String(idpPort));
  writeFileSync(config, text);
  await start([join(ROOT, "examples/tour/idp.ts"), gateway, String(idpPort)], /trying out/);
  await start([CLI, "start", "--config", config], /listens on/);
}, PATIENCE_MS);
afterAll(async () => {
  for (const child of running) child.kill("SIGTERM");
  await Promise.all(running.map(ended));
  rmSync(dir, { recursive: true, force: true });
});

it("goes as docs/tour.md tells it", { timeout: 120_000 }, async () => {
  const [ada] = [await login("ada"), await login("olga")];
  const contact = "Write to jane.doe@example.com";
  expect(await ask(ada, contact)).toMatchObject({ status: 403, code: "purpose_missing" });
  expect(await ask(ada, contact, "support")).toMatchObject({ status: 200, answer: contact });
  expect(await ask(ada, contact, "product")).toMatchObject({ status: 200, answer: "Write to [EMAIL]" });

  const health = "My mother Theresa Wolkenstein has been treated for asthma since May.";
  const held = ask(ada, health, "support");
  const first = await pending("olga");
  expect(await sluice("approve", first, "--key-file", "ada.token")).toContain("may not do this");
  expect(await sluice("approve", first, "--key-file", "olga.token")).toContain("is granted");
  expect(await held).toMatchObject({ status: 200, answer: health });

  const again = ask(ada, `${health} Again.`, "support");
  const second = await pending("olga");
  const browser = new TestBrowser();
  const { page } = await visit(browser, `${gateway}/login?return=/reviews/${second}`, "otto");
  expect(page).toContain("[PERSON_1] has been treated for asthma");
  expect(page).not.toContain("Wolkenstein");
  const decided = await browser.ask(`${gateway}/reviews/${second}/votes`, {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ csrf: fieldOf(page, "csrf"), decision: "approve" }),
  });
  expect(decided.status).toBe(303);
  expect(await again).toMatchObject({ status: 200, answer: `${health} Again.` });

  await expect
    .poll(() => sluice("log", gateway), { timeout: PATIENCE_MS })
    .toMatch(/purpose_missing[^]*review\.requested[^]*review\.granted[^]*with gr-[^]*login\.succeeded[^]*completed/);
  expect(await sluice("log", gateway, "--json")).not.toMatch(/Wolkenstein|asthma|jane\.doe|"ada"|olga/);
  expect(await sluice("verify", gateway)).toContain("ok: every entry");
});
