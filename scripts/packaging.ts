/**
 * Proves that what is published works without this repository: packs the built workspaces, installs the tarballs into an empty folder,
 * type-checks a program against them, starts the gateway from there, sends one streamed chat request through it with the key that it
 * printed, and stops it. `--json` prints one object instead of steps.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { PUBLISHED } from "./build.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;

const PROMPT = "Please write to anna.keller@example.com about order #12345.";

interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly seconds: number;
}

const steps: Step[] = [];
const json = process.argv.includes("--json");

/** Runs one step, prints it, and ends the run at the first that fails: the next ones need it. */
async function step(name: string, run: () => string | Promise<string>): Promise<void> {
  const startedAt = performance.now();
  const done = (ok: boolean, detail: string): void => {
    steps.push({ step: name, ok, detail, seconds: Number(((performance.now() - startedAt) / 1000).toFixed(1)) });
    if (!json) console.log(`${ok ? "ok  " : "FAIL"} ${name}${detail === "" ? "" : `: ${detail}`}`);
  };
  try {
    done(true, await run());
  } catch (thrown) {
    done(false, describe(thrown));
    throw thrown;
  }
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // The message of a failed command holds what it wrote to stderr, and not what it wrote to stdout.
  return `${thrown.message}${"stdout" in thrown ? `\n${String(thrown.stdout)}` : ""}`.trim();
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 2 ** 26 });
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly entryCount: number;
}

function pack(workspace: string, into: string): Packed {
  const [packed] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", into, `./${workspace}/dist`], ROOT),
  ) as Packed[];
  if (packed === undefined) throw new Error(`npm pack of ${workspace} gave nothing`);
  return packed;
}

async function lint(workspace: string): Promise<string> {
  const dir = join(ROOT, workspace, "dist");
  const { messages } = await publint({ pkgDir: dir, strict: true });
  const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as Record<string, unknown>;
  if (messages.length > 0)
    throw new Error(messages.map((message) => formatMessage(message, manifest) ?? message.code).join("\n"));
  return "no remarks";
}

/** What an installed package's own types must allow. */
const PROGRAM = `
import { detect, type Finding } from "@sluice/detector";
import * as verifier from "@sluice/verifier";
import * as gateway from "@sluice/gateway";
const findings: Finding[] = detect("anna.keller@example.com");
// @ts-expect-error: types that could not be read would be any, and would let this pass.
const wrong: number = findings;
if (findings.length !== 1 || findings[0]?.type !== "EMAIL") throw new Error("nothing detected");
if (Object.keys(verifier).length === 0 || Object.keys(gateway).length === 0) throw new Error("nothing exported");
void wrong;
`;

function useTypes(folder: string): string {
  writeFileSync(join(folder, "program.mts"), PROGRAM);
  const options = [
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--skipLibCheck",
  ];
  run(
    join(ROOT, "node_modules", ".bin", "tsc"),
    [...options, "--typeRoots", join(ROOT, "node_modules", "@types"), "program.mts"],
    folder,
  );
  run(process.execPath, ["program.mts"], folder);
  return "a strict program compiles against the packages and runs";
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly key: string;
}

/** Starts the installed gateway as a user would, and reads its address and first key from what it prints. */
function start(folder: string): Promise<Started> {
  const bin = join(folder, "node_modules", ".bin", "sluice");
  const child = spawn(bin, ["start", "--port", "0", "--data", join(folder, "data")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let printed = "";
    const fail = (reason: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`${reason}; it printed:\n${printed}`));
    };
    const timer = setTimeout(
      () => fail(`did not say where it listens within ${START_TIMEOUT_MS} ms`),
      START_TIMEOUT_MS,
    );
    const ended = (code: number | null): void => fail(`ended with ${code}`);
    const read = (line: string): void => {
      printed += `${line}\n`;
      const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
      const key = /\bsluice_[A-Za-z0-9_-]{16,}/.exec(printed)?.[0];
      if (url === undefined || key === undefined) return;
      clearTimeout(timer);
      child.off("exit", ended);
      resolve({ child, url, key });
    };
    child.once("error", (error) => fail(error.message));
    child.once("exit", ended);
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
  });
}

/** The text of a streamed chat completion, put together from its deltas. */
async function chat({ url, key }: Started): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "rehearsal", stream: true, messages: [{ role: "user", content: PROMPT }] }),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}: ${body}`);
  const events = body.split("\n").filter((line) => line.startsWith("data: {"));
  const text = events
    .map((line) => JSON.parse(line.slice(6)) as { choices: { delta?: { content?: string } }[] })
    .map((event) => event.choices[0]?.delta?.content ?? "")
    .join("");
  if (!body.includes("data: [DONE]")) throw new Error("the stream did not end with [DONE]");
  if (!text.includes(PROMPT)) throw new Error(`the answer was not restored: ${text}`);
  if (!/\d/.test(response.headers.get("sluice-evidence") ?? "")) throw new Error("no Sluice-Evidence header");
  return `${events.length} events, restored, evidence ${response.headers.get("sluice-evidence")}`;
}

async function stop({ child }: Started): Promise<string> {
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  const code = await exit;
  clearTimeout(timer);
  if (code !== 0) throw new Error(code === null ? `did not stop within ${STOP_TIMEOUT_MS} ms` : `exit code ${code}`);
  return "exit code 0";
}

async function main(folder: string): Promise<void> {
  const app = join(folder, "app");
  const tarballs: string[] = [];
  await step("build", () => {
    run(process.execPath, [join(ROOT, "scripts", "build.ts")], ROOT);
    return PUBLISHED.map((workspace) => `${workspace}/dist`).join(", ");
  });
  for (const workspace of PUBLISHED) {
    await step(`pack ${workspace}`, () => {
      const { filename, size, entryCount } = pack(workspace, folder);
      tarballs.push(join(folder, filename));
      return `${filename}, ${entryCount} files, ${Math.ceil(size / 1024)} KiB`;
    });
    await step(`publint ${workspace}`, () => lint(workspace));
  }
  await step("install", () => {
    mkdirSync(app);
    writeFileSync(join(app, "package.json"), '{ "name": "packaging-check", "private": true }\n');
    run("npm", ["install", "--no-audit", "--no-fund", ...tarballs], app);
    return "into an empty folder, from the tarballs";
  });
  await step("types", () => useTypes(app));
  let started: Started | undefined;
  try {
    await step("start", async () => {
      started = await start(app);
      return started.url;
    });
    const running = started;
    if (running === undefined) return;
    await step("chat", () => chat(running));
    await step("stop", () => stop(running));
  } finally {
    started?.child.kill("SIGKILL");
  }
}

const folder = mkdtempSync(join(tmpdir(), "sluice-packaging-"));
try {
  await main(folder);
} catch (thrown) {
  // The step that failed has said why.
  process.exitCode = 1;
  if (steps.every((each) => each.ok)) throw thrown;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (json) console.log(JSON.stringify({ ok: steps.every((each) => each.ok), steps }, undefined, 2));
