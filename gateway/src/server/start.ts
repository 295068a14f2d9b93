/**
 * Starts a gateway from a configuration, or from the embedded defaults when there is none, and says where it listens and
 * what to try. The first API key of the embedded defaults is shown once; only its hash is kept.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Config, type Key, loadConfig } from "../config/load.ts";
import { SluiceError } from "../core/errors.ts";
import { Custody } from "../custody/index.ts";
import { newKey } from "../identity/keys.ts";
import { DETECTIONS } from "../privacy/index.ts";
import { compose, firstKeyPath, type Gateway } from "./compose.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { VERSION } from "./version.ts";

export interface StartOptions {
  /** Path of sluice.yaml. Absent: sluice.yaml in the working directory, else the embedded defaults. */
  readonly config?: string;
  /** Where evidence is kept; wins over the configuration. */
  readonly dataDir?: string;
  /** Port of the first listener; wins over the configuration. 0 takes any free port. */
  readonly port?: number;
  /** Gets each line meant for the person at the terminal. */
  readonly print: (line: string) => void;
}

export interface Running {
  /** Base URL of the first listener. */
  readonly url: string;
  /** The key that was made and printed by this start; absent when there was one before. */
  readonly firstKey?: string;
  readonly rehearsal?: Rehearsal;
  readonly gateway: Gateway;
  /** Reads the configuration again. A bad file keeps the one in force and says why. Never rejects. */
  reload(): Promise<void>;
  /** Drains and stops. Idempotent. */
  close(): Promise<void>;
}

/** Throws config_invalid, evidence_locked, evidence_corrupt, evidence_unavailable; each message says what to do. */
export async function start(options: StartOptions): Promise<Running> {
  const { print } = options;
  const custody = new Custody(Date.now);
  const read = (): Promise<Config> =>
    loadConfig({ file: options.config, detections: DETECTIONS, dataDir: options.dataDir, port: options.port, custody });
  const config = await read();
  const first = config.builtIn ? await firstKey(config) : undefined;
  const gateway = await compose(config, first === undefined ? config.keys : [first.key], custody);
  const url = gateway.listeners[0]?.url ?? "";
  for (const warning of config.warnings) print(`warning: ${warning}`);
  announce(print, config, gateway, url, first?.token);
  return {
    url,
    ...(first?.token === undefined ? {} : { firstKey: first.token }),
    ...(gateway.rehearsal === undefined ? {} : { rehearsal: gateway.rehearsal }),
    gateway,
    async reload() {
      if (config.builtIn) {
        print("reload: there is no configuration file to read; nothing has changed");
        return;
      }
      try {
        const restart = await gateway.reload(await read());
        print(`reload: ${config.source} is in force`);
        if (restart.length > 0) print(`reload: changes in ${restart.join(", ")} take a restart`);
      } catch (thrown) {
        print(
          `reload: the configuration in force stays, because: ${thrown instanceof SluiceError ? thrown.message : "internal error"}`,
        );
      }
    },
    close: () => gateway.close(),
  };
}

interface FirstKey {
  readonly key: Key;
  /** Present when this start made it. */
  readonly token?: string;
}

async function firstKey(config: Config): Promise<FirstKey> {
  const path = firstKeyPath(config);
  const proves = (id: string, hash: string): Key => ({
    id,
    hash,
    principal: {
      id: "service:first",
      kind: "service",
      credential: id,
      purposes: [...config.purposes.keys()],
      defaultPurpose: [...config.purposes.keys()][0] ?? "",
      groups: [],
      roles: ["user", "auditor"],
      actors: [],
      limits: { requestsPerMinute: 60_000, concurrentStreams: 200 },
    },
  });
  if (existsSync(path)) {
    const { id, hash } = JSON.parse(readFileSync(path, "utf8")) as { id: string; hash: string };
    return { key: proves(id, hash) };
  }
  const made = await newKey((bytes) => randomBytes(bytes));
  mkdirSync(config.evidence.dir, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ id: made.id, hash: made.hash })}\n`, { mode: 0o600 });
  return { key: proves(made.id, made.hash), token: made.token };
}

function announce(
  print: (line: string) => void,
  config: Config,
  gateway: Gateway,
  url: string,
  token: string | undefined,
): void {
  print(`Sluice ${VERSION} listens on ${gateway.listeners.map((each) => each.url).join(", ")}`);
  print(`evidence: ${config.evidence.dir} (log "${config.evidence.origin}")`);
  if (gateway.log.orphans.length > 0) {
    print(`${gateway.log.orphans.length} intents of an earlier run have no outcome; \`sluice verify\` lists them`);
  }
  if (gateway.rehearsal !== undefined) {
    print(
      "upstream: the built-in REHEARSAL, which repeats what it receives; no provider is asked and nothing leaves this machine",
    );
  }
  if (!config.builtIn) return;
  if (token === undefined) {
    print(`API key: shown at the first start; remove ${firstKeyPath(config)} to get another`);
  } else {
    print("API key, shown this once:");
    print("");
    print(`  ${token}`);
  }
  const key = token ?? "sluice_…";
  print("");
  print("Try:");
  print(
    `  curl -s ${url}/api/scrub -H "authorization: Bearer ${key}" -H "content-type: application/json" -d '{"text":"Send a refund to john.doe@example.com for order #12345"}'`,
  );
  print(
    `  curl -sN ${url}/v1/chat/completions -H "authorization: Bearer ${key}" -H "content-type: application/json" -d '{"model":"rehearsal","stream":true,"messages":[{"role":"user","content":"Write to john.doe@example.com"}]}'`,
  );
  print(`  npm exec sluice -- verify ${config.evidence.dir}`);
}
