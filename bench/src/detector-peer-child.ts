/**
 * Child process: what another detector leaves of our texts, and how fast. Each is set up to replace everything that it knows by one mark,
 * as its own page says; nothing else is configured. Prints what it measured as JSON.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface PeerTask {
  readonly peer: string;
  /** Where its package is installed. */
  readonly folder: string;
  /** JSON: texts. */
  readonly texts: string;
  readonly kind: "redact" | "speed";
  readonly seconds: number;
}

export interface Redacted {
  readonly text: string;
  /** How many stretches it replaced. */
  readonly hits: number;
}

type Redact = (text: string) => Redacted | Promise<Redacted>;

/** A character of the private use area, which none of our texts holds. */
const MARK = "\uE000";
const task = JSON.parse(process.argv[2] ?? "{}") as PeerTask;
const require = createRequire(pathToFileURL(join(task.folder, "package.json")));

function counted(text: string): Redacted {
  return { text, hits: text.split(MARK).length - 1 };
}

const PEERS: Readonly<Record<string, () => Promise<Redact>>> = {
  "redact-pii": async () => {
    const { SyncRedactor } = require(task.peer) as {
      SyncRedactor: new (options: object) => { redact: (text: string) => string };
    };
    const redactor = new SyncRedactor({ globalReplaceWith: MARK });
    return (text) => counted(redactor.redact(text));
  },
  "@openredaction/core": async () => {
    const { OpenRedaction } = require(task.peer) as {
      OpenRedaction: new (
        options: object,
      ) => {
        detect: (text: string) => Promise<{ redacted: string; detections: readonly object[] }>;
      };
    };
    const redactor = new OpenRedaction({ redactionMode: "placeholder" });
    return async (text) => {
      const { redacted, detections } = await redactor.detect(text);
      return { text: redacted, hits: detections.length };
    };
  },
  "@arcjet/redact": async () => {
    const path = pathToFileURL(require.resolve(task.peer)).href;
    const { redact } = (await import(path)) as {
      redact: (text: string, options: object) => Promise<readonly [string, unknown]>;
    };
    return async (text) => counted((await redact(text, { replace: () => MARK }))[0]);
  },
};

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const redact = await (PEERS[task.peer] ?? (() => Promise.reject(new Error(`no peer ${task.peer}`))))();
const texts = JSON.parse(readFileSync(task.texts, "utf8")) as string[];

async function speed(): Promise<number> {
  for (const text of texts.slice(0, 20)) await redact(text);
  const startedAt = cpuSeconds();
  let bytes = 0;
  for (let at = 0; cpuSeconds() - startedAt < task.seconds; at = (at + 1) % texts.length) {
    await redact(texts[at] ?? "");
    bytes += Buffer.byteLength(texts[at] ?? "");
  }
  return bytes / 1e6 / (cpuSeconds() - startedAt);
}

async function redactAll(): Promise<Redacted[]> {
  const all: Redacted[] = [];
  for (const text of texts) all.push(await redact(text));
  return all;
}

// Some of them print to standard output: the answer is the last line.
process.stdout.write(`\n${JSON.stringify(task.kind === "speed" ? await speed() : await redactAll())}\n`);
