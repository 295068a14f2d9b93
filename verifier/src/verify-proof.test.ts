import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { flipBit } from "./test/arbitraries.ts";
import { memoryLog, sampleEntries, signingKey, vkeyOf } from "./test/memory-log.ts";
import { verifyProof } from "./verify-proof.ts";

const ORIGIN = "example.com/log";
const ed = signingKey(ORIGIN, "ed25519", "verify-proof.test ed25519");
const ml = signingKey(ORIGIN, "mlDsa44", "verify-proof.test ml-dsa-44");
const vkeys = [vkeyOf(ed), vkeyOf(ml)];
const LOG = memoryLog(sampleEntries(700), ORIGIN, [ed, ml]);

test("for 50 random indexes the proof verifies its entry, and no other entry", async () => {
  for (let round = 0; round < 50; round++) {
    const index =
      createHash("sha256")
        .update(`index ${String(round)}`)
        .digest()
        .readUInt32BE(0) % 700;
    const proof = await LOG.proof(index);
    const report = await verifyProof(proof, LOG.entries[index]!, { vkeys });
    expect(report).toMatchObject({ ok: true, origin: ORIGIN, size: 700, index, problems: [] });
    const wrong = await verifyProof(proof, LOG.entries[(index + 1) % 700]!, { vkeys });
    expect(wrong).toMatchObject({ ok: false, problems: [{ code: "inclusion_failed", index }] });
  }
});

describe("every single-bit change", () => {
  test("of a proof is refused", async () => {
    const single = memoryLog(sampleEntries(700), ORIGIN, [ed]);
    const bytes = Buffer.from(await single.proof(300));
    const bits = Array.from({ length: bytes.length * 8 }, (_, bit) => bit);
    const reports = await Promise.all(
      bits.map((bit) => verifyProof(flipBit(bytes, bit), single.entries[300]!, { vkeys: [vkeyOf(ed)] })),
    );
    expect(bits.filter((bit) => reports[bit]!.ok)).toEqual([]);
  });

  test("of the entry is refused", async () => {
    const proof = await LOG.proof(301);
    const entry = LOG.entries[301]!;
    const bits = Array.from({ length: entry.length * 8 }, (_, bit) => bit).filter((bit) => bit % 5 === 0);
    const reports = await Promise.all(
      bits.map((bit) => verifyProof(proof, flipBit(entry, bit), { vkeys: [vkeyOf(ed)] })),
    );
    expect(reports.filter(({ ok }) => ok)).toEqual([]);
  });
});

test("extra data is handed on and believed in nothing", async () => {
  const proof = (await LOG.proof(3)).replace("\nindex ", "\nextra aGVsbG8=\nindex ");
  const report = await verifyProof(proof, LOG.entries[3]!, { vkeys });
  expect(report.ok).toBe(true);
  expect(Buffer.from(report.extra!).toString()).toBe("hello");
});

test("what cannot be read is a problem and not an exception; a vkey that cannot be read is the caller's mistake", async () => {
  const entry = LOG.entries[3]!;
  expect(await verifyProof("nonsense", entry, { vkeys })).toMatchObject({
    ok: false,
    problems: [{ code: "proof_malformed" }],
  });
  await expect(verifyProof(await LOG.proof(3), entry, { vkeys: ["x"] })).rejects.toMatchObject({
    code: "vkey_malformed",
  });
});

test("a proof under no pinned key is refused though the tree is right", async () => {
  const report = await verifyProof(await LOG.proof(3), LOG.entries[3]!, { vkeys: [] });
  expect(report).toMatchObject({ ok: false, problems: [{ code: "signature_unverified" }] });
});
