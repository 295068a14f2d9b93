import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type NoteSignature, parseCheckpoint, parseNote } from "@sluice/verifier";
import { expect, test } from "vitest";
import type { EvidenceLog } from "./index.ts";
import type { Published } from "./publisher.ts";
import { appendMany, open, temporaryFolder, until } from "./test/opened.ts";

/** Whether it verifies is the caller's matter; the log takes it as it is. */
const line = (name: string, byte: number): NoteSignature => ({
  name,
  keyId: "01020304",
  signature: new Uint8Array(72).fill(byte),
});
const read = async (log: EvidenceLog, path: string): Promise<string> =>
  (await log.file(path))?.body.toString("utf8") ?? "";
const namesIn = (note: string): string[] => parseNote(note).signatures.map(({ name }) => name);

async function published(log: EvidenceLog): Promise<Published> {
  await until(() => log.published === log.size);
  const checkpoint = await read(log, "checkpoint");
  return { size: parseCheckpoint(parseNote(checkpoint).text).size, checkpoint };
}

test("cosignatures come under the checkpoint that the public sees, and a newer one of a witness replaces its older", async () => {
  const log = await open({ dir: temporaryFolder() });
  await appendMany(log, 3);
  const first = await published(log);
  await log.addCosignatures(first, [line("w1", 1)], false);
  await log.addCosignatures(first, [line("w2", 2), line("w1", 3)], false);
  const note = parseNote(await read(log, "checkpoint"));
  expect(note.text).toBe(parseNote(first.checkpoint).text);
  expect(namesIn(await read(log, "checkpoint")).slice(2)).toEqual(["w2", "w1"]);
  expect(note.signatures.at(-1)?.signature[0]).toBe(3);
  // Not enough of them: nothing is kept of it, and receipts bear what the public sees.
  expect(await read(log, "checkpoint.cosigned")).toBe("");
  expect(await log.proof(1)).toContain("— w1 ");
});

test("enough of them also make checkpoint.cosigned, which receipts bear while newer checkpoints have none", async () => {
  const log = await open({ dir: temporaryFolder() });
  await appendMany(log, 300);
  const first = await published(log);
  await log.addCosignatures(first, [line("w1", 1)], true);
  await appendMany(log, 300);
  await published(log);
  expect(namesIn(await read(log, "checkpoint"))).not.toContain("w1");
  expect(await read(log, "checkpoint.cosigned")).toBe(
    await read(log, "checkpoint.cosigned").then((note) => (namesIn(note).includes("w1") ? note : "")),
  );
  expect(await log.proof(7)).toMatch(/\n300\n[^]*— w1 /);
  expect(await log.proof(450)).toMatch(/\n600\n/);
  // What comes late for an older checkpoint does not go back behind it.
  const second = await published(log);
  await log.addCosignatures(second, [line("w1", 1)], true);
  await log.addCosignatures(first, [line("w2", 1)], true);
  expect(parseCheckpoint(parseNote(await read(log, "checkpoint.cosigned")).text).size).toBe(600);
});

test("they are kept over a restart, under the same tree and no other", async () => {
  const dir = temporaryFolder();
  const log = await open({ dir });
  await appendMany(log, 3);
  await log.addCosignatures(await published(log), [line("w1", 1)], true);
  await log.close();
  const again = await open({ dir });
  expect(namesIn(await read(again, "checkpoint"))).toContain("w1");
  await appendMany(again, 1);
  await published(again);
  expect(namesIn(await read(again, "checkpoint"))).not.toContain("w1");
  expect(await again.proof(0)).toContain("— w1 ");
});

test("a log that has fewer records than witnesses cosigned does not open", async () => {
  const dir = temporaryFolder();
  const other = temporaryFolder();
  const log = await open({ dir });
  await appendMany(log, 3);
  await log.close();
  // The same keys: it is this log's own checkpoint that says there was more.
  const { cpSync } = await import("node:fs");
  cpSync(dir, other, { recursive: true });
  const longer = await open({ dir: other });
  await appendMany(longer, 5);
  const { checkpoint } = await published(longer);
  await writeFile(join(dir, "public/checkpoint.cosigned"), checkpoint);
  await expect(open({ dir })).rejects.toMatchObject({ code: "evidence_corrupt" });
  await writeFile(join(dir, "public/checkpoint.cosigned"), "nothing of ours\n");
  expect((await open({ dir })).size).toBe(3);
});
