/**
 * What a long log costs: a proof among ten million entries, and the disk that an exchange takes for good. Each is measured on files as the
 * gateway writes them; the ten million hashes are drawn, because a proof reads hashes and nothing else.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tilePath, TILE_WIDTH } from "@sluice/verifier";
import { type EvidenceLog, openEvidence } from "../../gateway/src/evidence/index.ts";
import { Prover } from "../../gateway/src/evidence/proofs.ts";
import { MerkleTree } from "../../gateway/src/evidence/tree.ts";
import { exchangeLeaves } from "./evidence-leaves.ts";
import { type Summary, summarize } from "./statistics.ts";

const PROOFS = 2_000;
const HASHES_PER_DRAW = 4_096;
const HASH_BYTES = 32;
const SETTLING_AGE_MS = 1_000;

/** Milliseconds for the `.tlog-proof` of entries drawn at random from a log of `size`, tiles read from the disk. */
export async function proofMs(size: number): Promise<Summary> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    const published = { size, checkpoint: await writeTiles(dir, size) };
    const read = (path: string): Promise<{ body: Buffer; contentType: string; immutable: boolean } | undefined> =>
      Promise.resolve({
        body: readFileSync(join(dir, path)),
        contentType: "application/octet-stream",
        immutable: true,
      });
    const prover = new Prover({ read });
    const latencies: number[] = [];
    for (let at = 0; at < PROOFS; at++) {
      const index = Math.floor((randomBytes(4).readUInt32BE() / 2 ** 32) * size);
      const startedAt = performance.now();
      await prover.prove(index, published);
      latencies.push(performance.now() - startedAt);
    }
    return summarize(latencies);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Hash tiles of a tree over drawn leaf hashes, as the public folder has them; and a checkpoint's text, with the signatures of a real one. */
async function writeTiles(dir: string, size: number): Promise<string> {
  const write = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  };
  const tree = new MerkleTree(({ level, index, width }, hashes) => write(tilePath(level, index, width), hashes));
  for (let at = 0; at < size; at += HASHES_PER_DRAW) {
    const drawn = randomBytes(HASHES_PER_DRAW * HASH_BYTES).toString("latin1");
    for (let i = 0; i < Math.min(HASHES_PER_DRAW, size - at); i++) {
      tree.append(drawn.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    }
  }
  for (const { tile, hashes } of tree.partials()) write(tilePath(tile.level, tile.index, tile.width), hashes);
  const log = await openLog(join(dir, "log"));
  const signed = (await log.file("checkpoint"))?.body.toString("utf8") ?? "";
  await log.close();
  const [origin = "", , , ...signatures] = signed.split("\n");
  return [origin, String(size), Buffer.from(tree.root()).toString("base64"), ...signatures].join("\n");
}

/** Bytes on the disk, once what can be is made small: everything in the log's folder, by the metadata of one exchange. */
export async function bytesPerExchange(exchanges: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    const log = await openLog(dir);
    const leaves = exchangeLeaves(log);
    for (let done = 0; done < exchanges; ) {
      const some = Math.min(TILE_WIDTH, exchanges - done);
      await Promise.all(
        Array.from({ length: some }, async () => {
          const { index } = await log.append(leaves.intent(), leaves.digest);
          await log.append(leaves.outcome(index), leaves.digest);
        }),
      );
      done += some;
    }
    await untilPacked(dir, log, leaves);
    await log.close();
    return Math.round(bytesBelow(dir) / exchanges);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Packing follows a later checkpoint, some time after it; here that time is short. What is not finished stays as it is. */
async function untilPacked(dir: string, log: EvidenceLog, leaves: ReturnType<typeof exchangeLeaves>): Promise<void> {
  for (;;) {
    await log.append(leaves.intent(), leaves.digest);
    await log.proof(log.size - 1);
    const plain = readdirSync(join(dir, "segments")).filter((name) => name.endsWith(".log"));
    if (plain.length === 1) return;
    await new Promise((resolve) => setTimeout(resolve, SETTLING_AGE_MS));
  }
}

function openLog(dir: string): Promise<EvidenceLog> {
  const settlingAgeMs = SETTLING_AGE_MS;
  return openEvidence({ dir, origin: "bench.example/log", clock: Date.now, checkpointIntervalMs: 1000, settlingAgeMs });
}

/** By their lengths: blocks of a file system are its own matter, and a tile fills two of them exactly. */
function bytesBelow(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}
