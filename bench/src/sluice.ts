/**
 * Sluice as anybody starts it who has installed it: `sluice start --config`, its own process, with a key to check, one connection to the mock upstream, the
 * default rules (every finding becomes a placeholder, answers are restored) and durable evidence in a folder of its own. Nothing is
 * switched off; only the limits per key are raised, which would end the bench otherwise.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { newKey } from "../../gateway/src/identity/keys.ts";
import { stop, untilListening } from "./children.ts";
import type { Generator } from "./generator.ts";
import { freePort, requestFor, type Server } from "./server.ts";
import { median } from "./statistics.ts";
import { CHAT, CHAT_PATH, MODEL } from "./traffic.ts";

/** What the first line of the program gives to Node: who starts it by its name or by `npm start` gets these. */
function nodeFlags(cli: string): string[] {
  return readFileSync(cli, "utf8").split("\n", 1)[0]?.split(" node ")[1]?.split(" ") ?? [];
}

const MANIFEST = fileURLToPath(new URL("../../gateway/package.json", import.meta.url));

interface Site {
  readonly dir: string;
  readonly config: string;
  readonly port: number;
  readonly key: string;
}

/** A folder with a configuration in it, as a first deployment would have. */
async function layOut(upstreamPort: number): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const config = join(dir, "sluice.yaml");
  const port = await freePort();
  const { id, token, hash } = await newKey(randomBytes);
  const document = {
    purposes: { support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: "P30D" } },
    recipients: {
      mock: { name: "Mock upstream of the bench", country: "DE", role: "processor", dpa: "none, it is this machine" },
    },
    connections: {
      mock: {
        kind: "openai",
        url: `http://127.0.0.1:${upstreamPort}/v1`,
        credential: "none",
        recipient: "mock",
        models: [MODEL],
        allow_private_address: true,
      },
    },
    keys: {
      [id]: {
        hash,
        principal: "service:bench",
        purposes: ["support"],
        limits: { requests_per_minute: 100_000_000, concurrent_streams: 10_000 },
      },
    },
    listeners: [{ address: `127.0.0.1:${port}` }],
    evidence: { dir: join(dir, "data"), origin: "bench.example/log" },
    observability: { log_level: "warn" },
  };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(document, undefined, 2));
  return { dir, config, port, key: token };
}

async function spawnServer(cli: string, site: Site): Promise<Server> {
  const child = spawn(process.execPath, [...nodeFlags(cli), cli, "start", "--config", site.config], {
    cwd: site.dir,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  child.once("exit", (code) => {
    if (code !== 0) console.error(`sluice ended with ${code}:\n${complaints}`);
  });
  await untilListening(child, site.port);
  return {
    name: "sluice",
    version: (JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string }).version,
    process: child,
    port: site.port,
    headers: { authorization: `Bearer ${site.key}` },
  };
}

/** The mock quotes the first placeholder that it got: an e-mail address in the answer proves both ways. */
async function assertScrubs({ port, headers }: Server): Promise<void> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}${CHAT_PATH}`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: CHAT,
  });
  const text = await body.text();
  if (statusCode !== 200 || !text.includes("anna.keller@example.com")) {
    throw new Error(`sluice does not scrub and restore, so there is nothing to measure: status ${statusCode}, ${text}`);
  }
}

/** `cli`: the program. */
export async function startSluice(cli: string, upstreamPort: number): Promise<{ server: Server; remove: () => void }> {
  const site = await layOut(upstreamPort);
  const server = await spawnServer(cli, site);
  await assertScrubs(server);
  return { server, remove: () => rmSync(site.dir, { recursive: true, force: true }) };
}

/** From spawn to the first answered request, on a data folder that exists. Median. */
export async function coldStartSeconds(
  cli: string,
  generator: Generator,
  upstreamPort: number,
  starts: number,
): Promise<number> {
  const site = await layOut(upstreamPort);
  const seconds: number[] = [];
  // The first start makes keys and folders, which happens once in the life of a deployment.
  await stop((await spawnServer(cli, site)).process);
  for (let at = 0; at < starts; at++) {
    const startedAt = performance.now();
    const server = await spawnServer(cli, site);
    await generator.run({
      kind: "closed",
      port: server.port,
      request: requestFor(server, CHAT),
      connections: 1,
      count: 1,
    });
    seconds.push((performance.now() - startedAt) / 1000);
    await stop(server.process);
  }
  rmSync(site.dir, { recursive: true, force: true });
  return median(seconds);
}
