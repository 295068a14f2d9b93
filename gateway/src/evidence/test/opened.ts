/** What the tests of this room share: folders that go away, a log with short intervals, and the auditor's view of a folder. */

import { readFile, rm } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, type Source, TILE_WIDTH, parseBundle, parseLogInfo, tilePath, verifyLog } from "@sluice/verifier";
import { afterEach } from "vitest";
import { type EvidenceLog, type EvidenceOptions, type Leaf, eventLeaf, openEvidence } from "../index.ts";

export const ORIGIN = "log.example/evidence";
export const NOW = Date.parse("2026-11-21T09:00:00.000Z");

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Runs after the test, last one first. */
export function afterTest(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), "evidence-"));
  afterTest(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A log that is closed after the test, with checkpoints every 20 ms unless told otherwise. */
export async function open(options: Partial<EvidenceOptions> & { readonly dir: string }): Promise<EvidenceLog> {
  const log = await openEvidence({ origin: ORIGIN, clock: () => NOW, checkpointIntervalMs: 20, ...options });
  afterTest(() => log.close().catch(() => undefined));
  return log;
}

export function leaf(n: number): Leaf {
  return { v: 1, type: "test", n };
}

/** Appends `count` leaves at once, numbered from `first` on. */
export async function appendMany(log: EvidenceLog, count: number, first = 0): Promise<number[]> {
  const receipts = await Promise.all(Array.from({ length: count }, (_, i) => log.append(leaf(first + i))));
  return receipts.map((receipt) => receipt.index);
}

/** The folder as a static web server would serve it. */
export function served(dir: string): Source {
  return {
    async read(path) {
      return readFile(join(dir, "public", path)).catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      });
    },
  };
}

/** The full check of an auditor who took the keys from the folder and kept `earlier` checkpoints. */
export async function audit(dir: string | Source, earlier: readonly string[] = []): Promise<Report> {
  const source = typeof dir === "string" ? served(dir) : dir;
  const info = parseLogInfo((await source.read("log.json")) ?? new Uint8Array(0));
  return verifyLog(source, { vkeys: info.vkeys, origin: ORIGIN, earlier });
}

/** Prunes as retention does: what is about to go is on record first. */
export async function pruneTo(log: EvidenceLog, minimumIndex: number): Promise<number> {
  const event = eventLeaf({ time: NOW, event: { name: "retention.pruned", facts: { minimumIndex } } });
  const { index } = await log.append(event);
  await log.proof(index);
  return log.prune(minimumIndex);
}

/** Indexes of the entries from this one on. */
export async function indexesFrom(log: EvidenceLog, from: number): Promise<number[]> {
  const indexes: number[] = [];
  for await (const { index } of log.entries(from)) indexes.push(index);
  return indexes;
}

export async function checkpointOf(log: EvidenceLog): Promise<string> {
  return (await log.file("checkpoint"))?.body.toString("utf8") ?? "";
}

/** The entries of the log up to its newest checkpoint, read as an auditor reads them. */
export async function entriesOf(log: Pick<EvidenceLog, "file">): Promise<Uint8Array[]> {
  const note = (await log.file("checkpoint"))?.body.toString("utf8") ?? "";
  const size = Number(note.split("\n")[1]);
  const entries: Uint8Array[] = [];
  for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) {
    const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
    const file = await log.file(tilePath("entries", bundle, width));
    entries.push(...parseBundle(file?.body ?? new Uint8Array(0)));
  }
  return entries;
}

/** The entry bytes of a record. Waits for a checkpoint that covers it. */
export async function entryOf(log: EvidenceLog, index: number): Promise<Uint8Array> {
  await log.proof(index);
  return (await entriesOf(log))[index] ?? new Uint8Array(0);
}

/** Waits until it is true; the test's own time limit ends the wait. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
