/**
 * Other detectors from npm on the same texts: `--peers` installs them into bench/peers (which git ignores), each in one fixed version.
 * Where the comparison must be lenient it is lenient with them: a value counts as hidden when it is no longer there as it was, whatever
 * it was taken for and however much of it is left.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Find, structuredTexts } from "./detector-accuracy.ts";
import type { BuiltDetector } from "./detector-built.ts";
import type { PeerTask, Redacted } from "./detector-peer-child.ts";
import { generatedCode, generatedNegatives, hostileTexts, newsAndChat, writtenNegatives } from "./detector-texts.ts";
import type { Figure } from "./report.ts";
import { round } from "./statistics.ts";

/** Package → version. Of the named licences, in use, and offline; found by `npm view` on 2026-11-21. */
export const PEERS: Readonly<Record<string, string>> = {
  // MIT, December 2024: the one that most projects have.
  "redact-pii": "3.4.0",
  // MIT, 2026: some 570 patterns.
  "@openredaction/core": "1.1.5",
  // Apache-2.0, 2026: WebAssembly.
  "@arcjet/redact": "1.12.0",
};
const FOLDER = fileURLToPath(new URL("../peers/detectors/", import.meta.url));
const CHILD = fileURLToPath(new URL("./detector-peer-child.ts", import.meta.url));
const TIME_MAX_MS = 30_000;
const MARK = "\uE000";

function install(): void {
  const missing = Object.entries(PEERS).filter(([name, version]) => installed(name) !== version);
  if (missing.length === 0) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "package.json"), '{ "private": true }\n');
  const wanted = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", ...wanted], {
    cwd: FOLDER,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function installed(name: string): string | undefined {
  const manifest = join(FOLDER, "node_modules", name, "package.json");
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version : undefined;
}

/** undefined: it had not ended after TIME_MAX_MS. */
function runPeer<T>(task: PeerTask): T | undefined {
  const { stdout, error, status } = spawnSync(process.execPath, [CHILD, JSON.stringify(task)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: TIME_MAX_MS,
    maxBuffer: 1 << 28,
  });
  if (error !== undefined && "code" in error && error.code === "ETIMEDOUT") return undefined;
  if (status !== 0) throw new Error(`${task.peer} ended with ${status}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

/** Texts up to a total of so many characters, so that the slow ones end. */
function upTo(chars: number, texts: readonly string[]): string[] {
  let left = chars;
  return texts.filter((text) => {
    left -= text.length;
    return left > 0;
  });
}

/** Every figure by detector, ours beside the others. */
export function measurePeers(quick: boolean, built: BuiltDetector, names: boolean, find: Find): Record<string, Figure> {
  install();
  const texts = [...structuredTexts(quick ? 100 : 1000)];
  const prose = upTo(60_000, [...writtenNegatives(), ...generatedNegatives()]);
  const code = upTo(60_000, generatedCode());
  const inputs = {
    structured: built.share(
      "peer-structured",
      texts.map(({ text }) => text),
    ),
    prose: built.share("peer-prose", prose),
    code: built.share("peer-code", code),
    inbox: built.share("peer-inbox", upTo(200_000, newsAndChat())),
    hostile: built.share("peer-hostile", [hostileTexts()["a@"] ?? ""]),
  };
  const ours = (text: string): Redacted => {
    const findings = find(text);
    let [rest, last] = ["", 0];
    for (const { start, end } of findings) {
      rest += text.slice(last, start) + MARK;
      last = end;
    }
    return { text: rest + text.slice(last), hits: findings.length };
  };
  const figures: Record<string, Record<string, number | null>> = {
    peer_hidden: {},
    peer_fp_per_2000_chars: {},
    peer_fp_per_10000_code_chars: {},
    peer_mb_per_cpu_s: {},
    peer_seconds_50kb_of_a_at: {},
  };
  const put = (figure: string, name: string, value: number | undefined, decimals: number): void => {
    const row = figures[figure];
    if (row !== undefined) row[name] = value === undefined ? null : round(value, decimals);
  };
  const hidden = (redacted: readonly Redacted[] | undefined): number | undefined => {
    if (redacted === undefined) return undefined;
    let [gone, all] = [0, 0];
    for (const [at, { text, expected }] of texts.entries()) {
      for (const { spans } of expected) {
        all++;
        if (redacted[at]?.text.includes(text.slice(...spans[0])) === false) gone++;
      }
    }
    return gone / all;
  };
  const rate = (per: number, of: readonly string[], redacted: readonly Redacted[] | undefined): number | undefined =>
    redacted === undefined
      ? undefined
      : (per * redacted.reduce((sum, { hits }) => sum + hits, 0)) / of.reduce((sum, text) => sum + text.length, 0);
  put("peer_hidden", "sluice", hidden(texts.map(({ text }) => ours(text))), 3);
  put("peer_fp_per_2000_chars", "sluice", rate(2000, prose, prose.map(ours)), 2);
  put("peer_fp_per_10000_code_chars", "sluice", rate(10_000, code, code.map(ours)), 2);
  const seconds = quick ? 0.1 : 1;
  put(
    "peer_mb_per_cpu_s",
    "sluice",
    built.measure({ kind: "speed", texts: inputs.inbox, seconds }, names).speed?.mbPerCpuS,
    3,
  );
  const ownRate = built.measure({ kind: "hostile", texts: inputs.hostile, seconds }, names).hostile?.["0"];
  put("peer_seconds_50kb_of_a_at", "sluice", ownRate === undefined ? undefined : 0.05 / ownRate, 4);
  for (const peer of Object.keys(PEERS)) {
    const all = (path: string): Redacted[] | undefined =>
      runPeer({ peer, folder: FOLDER, kind: "redact", texts: path, seconds: 0 });
    const speed = (path: string, seconds: number): number | undefined =>
      runPeer({ peer, folder: FOLDER, kind: "speed", texts: path, seconds });
    put("peer_hidden", peer, hidden(all(inputs.structured)), 3);
    put("peer_fp_per_2000_chars", peer, rate(2000, prose, all(inputs.prose)), 2);
    put("peer_fp_per_10000_code_chars", peer, rate(10_000, code, all(inputs.code)), 2);
    put("peer_mb_per_cpu_s", peer, speed(inputs.inbox, quick ? 0.2 : 3), 3);
    const mbPerS = speed(inputs.hostile, 0.01);
    put("peer_seconds_50kb_of_a_at", peer, mbPerS === undefined ? TIME_MAX_MS / 1000 : 0.05 / mbPerS, 3);
  }
  return figures;
}
