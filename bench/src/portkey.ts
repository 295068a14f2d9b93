/**
 * The peer: the npm package `@portkey-ai/gateway`, a TypeScript gateway that forwards and does not scrub. Installed into bench/peers
 * (which git ignores) when the bench first needs it, in one fixed version so that figures can be compared over time.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { untilListening } from "./children.ts";
import { freePort, type Server } from "./server.ts";

const PACKAGE = "@portkey-ai/gateway";
const VERSION = "1.15.2";
const FOLDER = fileURLToPath(new URL("../peers/", import.meta.url));
const HOME = join(FOLDER, "node_modules", PACKAGE);

function installed(): string | undefined {
  const manifest = join(HOME, "package.json");
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version : undefined;
}

function install(): void {
  if (installed() === VERSION) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "package.json"), '{ "private": true }\n');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", `${PACKAGE}@${VERSION}`], {
    cwd: FOLDER,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

export async function startPortkey(upstreamPort: number): Promise<Server> {
  install();
  const port = await freePort();
  const child = spawn(process.execPath, [join(HOME, "build", "start-server.js"), `--port=${port}`, "--headless"], {
    stdio: "ignore",
  });
  await untilListening(child, port);
  return {
    name: "portkey",
    version: installed() ?? VERSION,
    process: child,
    port,
    headers: {
      authorization: "Bearer sk-bench",
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `http://127.0.0.1:${upstreamPort}/v1`,
    },
  };
}
