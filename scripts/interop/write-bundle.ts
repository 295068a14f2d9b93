/**
 * Writes an evidence bundle for other people's verifiers to read, out of a log of 400 exchanges of two principals.
 * `node write-bundle.ts <folder>` leaves in the folder: `bundle.zip` and `bundle-vkey`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { KEY_TYPES, parseVkey, type Source } from "@sluice/verifier";
import { bundle } from "../../gateway/src/audit/index.ts";
import { exchange } from "../../gateway/src/audit/test/log.ts";
import { eventLeaf, openEvidence } from "../../gateway/src/evidence/index.ts";

const EXCHANGES = 400;

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node write-bundle.ts <folder>");

const origin = "interop.example/bundle";
const log = await openEvidence({ dir: join(folder, "bundled"), origin, clock: Date.now, checkpointIntervalMs: 100 });
await Promise.all(
  Array.from({ length: EXCHANGES }, (_, minute) =>
    exchange(log, { principal: minute % 10 === 0 ? "service:crm" : "service:other", minute }),
  ),
);
await log.proof(log.size - 1);
const source: Source = { read: async (path) => (await log.file(path))?.body };
const principals = [log.pseudonym("service:crm")];
const chunks: Uint8Array[] = [];
for await (const chunk of bundle({
  source,
  size: log.published,
  selection: { principals: new Set(principals) },
  origin,
  asked: { principals },
  now: Date.now(),
  actor: "corp:officer",
  record: (event) => log.append(eventLeaf({ time: Date.now(), event, actor: log.pseudonym(event.actor ?? "") })),
  proof: (index) => log.proof(index),
}))
  chunks.push(chunk);
writeFileSync(join(folder, "bundle.zip"), Buffer.concat(chunks));
const vkey = log.vkeys.find((each) => parseVkey(each).type === KEY_TYPES.ed25519.type);
writeFileSync(join(folder, "bundle-vkey"), vkey ?? "");
await log.close();
