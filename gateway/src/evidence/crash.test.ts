import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { parseLeaf } from "@sluice/verifier";
import { expect, test } from "vitest";
import { openEvidence } from "./index.ts";
import { NOW, ORIGIN, afterTest, audit, entriesOf, open, temporaryFolder } from "./test/opened.ts";

const APPENDER = join(import.meta.dirname, "test/appender.ts");
/** Enough to see that it works; `npm run bench -- evidence` does a hundred. */
const ROUNDS = 10;

interface Running {
  readonly child: ChildProcess;
  readonly ready: Promise<string>;
  /** Lines after the first. */
  readonly lines: string[];
  readonly ended: Promise<unknown>;
}

function start(dir: string, first: number): Running {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", APPENDER, dir, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => {
    lines.push(line);
  });
  const ready = once(reader, "line").then(() => lines.shift() ?? "");
  afterTest(() => Promise.resolve(child.kill("SIGKILL")));
  return { child, ready, lines, ended: Promise.all([once(child, "exit"), once(reader, "close")]) };
}

test(`after kill -9, ${String(ROUNDS)} times at any moment, every acknowledged record is there and no checkpoint contradicts an earlier one`, {
  timeout: 120_000,
}, async () => {
  const dir = temporaryFolder();
  const acknowledged = new Map<number, number>();
  const seen = new Set<string>();
  const look = async (): Promise<void> => {
    const checkpoint = await readFile(join(dir, "public/checkpoint"), "utf8").catch(() => "");
    if (checkpoint !== "") seen.add(checkpoint);
  };

  for (let round = 0; round < ROUNDS; round++) {
    const running = start(dir, round * 1_000_000);
    expect(await running.ready).toBe("ready");
    await pause(randomInt(0, 60));
    await look();
    await pause(randomInt(0, 60));
    running.child.kill("SIGKILL");
    await running.ended;
    await look();
    for (const line of running.lines) {
      const [index, n] = line.split(" ").map(Number);
      // The kill may cut the last line short.
      if (index !== undefined && n !== undefined && n >= round * 1_000_000) acknowledged.set(index, n);
    }

    const log = await openEvidence({ dir, origin: ORIGIN, clock: () => NOW, checkpointIntervalMs: 20 });
    const entries = await entriesOf(log);
    expect(entries.length, `round ${String(round)}`).toBe(log.size);
    for (const [index, n] of acknowledged) {
      expect(parseLeaf(entries[index] ?? new Uint8Array(0))["n"], `round ${String(round)}`).toBe(n);
    }
    await log.close();
    const report = await audit(dir, [...seen].slice(-10));
    expect(report.problems, `round ${String(round)}`).toEqual([]);
    expect(report.size).toBe(log.size);
  }
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * 10);
  expect(await audit(dir, [...seen])).toMatchObject({ ok: true, problems: [] });
});

test("a log that another process has open is locked, and free as soon as that process is killed", async () => {
  const dir = temporaryFolder();
  const first = start(dir, 0);
  expect(await first.ready).toBe("ready");
  const second = start(dir, 0);
  expect(await second.ready).toBe("evidence_locked");
  await expect(open({ dir })).rejects.toMatchObject({
    code: "evidence_locked",
    message: expect.stringContaining(`process ${String(first.child.pid)}, started 20`) as string,
  });
  await second.ended;
  first.child.kill("SIGKILL");
  await first.ended;
  const log = await open({ dir });
  expect(log.size).toBeGreaterThanOrEqual(first.lines.length - 1);
});

test("a log is locked for its own process too, and free once it is closed", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await expect(open({ dir })).rejects.toMatchObject({ code: "evidence_locked" });
  // The refused attempt has not loosened the lock: closing any handle of a file drops a process's POSIX locks on it.
  expect(await start(dir, 0).ready).toBe("evidence_locked");
  await log.close();
  const again = await open({ dir });
  expect(again.healthy).toBe(true);
});
