/**
 * Writes a log with the gateway's evidence room for other people's verifiers to read: 700 entries (two full bundles and a partial one),
 * an older checkpoint, and the receipts of some entries, cosigned by a witness. `node write-log.ts <folder>` leaves in the folder:
 * `log/` (the data folder), `old-checkpoint`, `witness-vkeys`, and `proofs/<index>.tlog-proof`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseCheckpoint, parseNote } from "@sluice/verifier";
import { openEvidence } from "../../gateway/src/evidence/index.ts";
import { parseLogList } from "../../gateway/src/witness/log-list.ts";
import { Witness } from "../../gateway/src/witness/witness.ts";

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
await cosign(folder);
mkdirSync(join(folder, "proofs"), { recursive: true });
for (const index of PROVEN) writeFileSync(join(folder, "proofs", `${index}.tlog-proof`), await log.proof(index));
await log.close();

/** A witness that has never seen the log cosigns its newest checkpoint, with both its keys. */
async function cosign(into: string): Promise<void> {
  const list = `logs/v0\nvkey ${log.vkeys[0] ?? ""}\nqpd 100\ncontact nobody\n`;
  const logs = parseLogList(list, "logs.txt");
  const witness = new Witness({ dir: join(into, "witness"), name: "interop.example/witness", clock: Date.now, logs });
  const checkpoint = (await log.file("checkpoint"))?.body.toString("utf8") ?? "";
  const { status, body } = await witness.addCheckpoint(Buffer.from(`old 0\n\n${checkpoint}`));
  if (status !== 200) throw new Error(`the witness answered ${status}`);
  const { text } = parseNote(checkpoint);
  const { signatures } = parseNote(`${text}\n${body}`);
  await log.addCosignatures({ size: parseCheckpoint(text).size, checkpoint }, signatures, true);
  writeFileSync(join(into, "witness-vkeys"), `${witness.keys.vkeys.join("\n")}\n`);
  witness.close();
}
