/**
 * Writes a log with the gateway's evidence room for other people's verifiers to read: 700 entries (two full bundles and a partial one),
 * an older checkpoint, and the receipts of some entries. `node write-log.ts <folder>` leaves in the folder: `log/` (the data folder),
 * `old-checkpoint`, and `proofs/<index>.tlog-proof`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEvidence } from "../../gateway/src/evidence/index.ts";

const ENTRIES = 700;
const OLD_ENTRIES = 300;
/** The first, the last, and both sides of the borders between bundles. */
const PROVEN = [0, 1, 255, 256, 299, 300, 511, 512, 698, 699];

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node write-log.ts <folder>");

const log = await openEvidence({
  dir: join(folder, "log"),
  origin: "interop.example/log",
  clock: Date.now,
  checkpointIntervalMs: 100,
});

async function append(from: number, to: number): Promise<void> {
  await Promise.all(
    Array.from({ length: to - from }, (_, at) =>
      log.append({ type: "test", number: from + at }, new Uint8Array(32).fill((from + at) % 256)),
    ),
  );
  // A proof waits for a checkpoint that covers its entry.
  await log.proof(to - 1);
}

await append(0, OLD_ENTRIES);
const old = await log.file("checkpoint");
if (old === undefined) throw new Error("no checkpoint after the first entries");
writeFileSync(join(folder, "old-checkpoint"), old.body);

await append(OLD_ENTRIES, ENTRIES);
mkdirSync(join(folder, "proofs"), { recursive: true });
for (const index of PROVEN) writeFileSync(join(folder, "proofs", `${index}.tlog-proof`), await log.proof(index));
await log.close();
