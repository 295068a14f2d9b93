import { describe, expect, test } from "vitest";
import { formatNote, parseNote } from "./note.ts";
import type { NoteSignature } from "./note.ts";
import { parsePolicy } from "./policy.ts";
import { judgeCheckpoint } from "./trust.ts";
import type { Trust } from "./trust.ts";
import {
  cosignatureKey,
  memoryLog,
  sampleEntries,
  signCheckpoint,
  signedCheckpoint,
  signingKey,
  vkeyOf,
} from "./test/memory-log.ts";
import type { SigningKey } from "./test/memory-log.ts";
import { verifyLog } from "./verify-log.ts";
import { verifyProof } from "./verify-proof.ts";

const ORIGIN = "example.com/log";
const log = signingKey(ORIGIN, "ed25519", "trust.test log");
const logMl = signingKey(ORIGIN, "mlDsa44", "trust.test log ml");
const w1 = cosignatureKey("witness.example/1", "trust.test w1");
const w2 = signingKey("witness.example/2", "mlDsa44", "trust.test w2");
const w3 = cosignatureKey("witness.example/3", "trust.test w3");
const witnesses = `witness one ${vkeyOf(w1)}\nwitness two ${vkeyOf(w2)}\nwitness three ${vkeyOf(w3)}\n`;
const TWO = parsePolicy(`log ${vkeyOf(log)}\n${witnesses}group w 2 one two three\nquorum w\n`);
const NOBODY = parsePolicy(`log ${vkeyOf(log)}\n${witnesses}quorum none\n`);
const HEAD = { origin: ORIGIN, size: 700, root: new Uint8Array(32).fill(5) };
const TIME = 1_800_000_000;

async function judge(signers: readonly SigningKey[], trust: Partial<Trust>, head = HEAD) {
  const note = parseNote(signedCheckpoint(head, signers, TIME));
  const { problems, quorum } = await judgeCheckpoint(note, { vkeys: [], ...trust }, "checkpoint");
  return { codes: problems.map(({ code }) => code), problems, quorum };
}

describe("a policy", () => {
  test("is met by the log and enough witnesses, of whichever kind their keys are", async () => {
    for (const two of [
      [w1, w2],
      [w2, w3],
      [w1, w3],
      [w1, w2, w3],
    ]) {
      const { codes, quorum } = await judge([log, ...two], { policy: TWO });
      expect(codes).toEqual([]);
      expect(quorum).toMatchObject({ met: true, gaps: [] });
    }
  });

  test("that is not met is the problem quorum_missing, which names what lacks whom", async () => {
    const { problems, quorum } = await judge([log, w2], { policy: TWO });
    expect(problems).toEqual([
      {
        code: "quorum_missing",
        path: "checkpoint",
        message: "the policy's quorum is not met: w has 1 of 2 (without one, three)",
      },
    ]);
    expect(quorum).toEqual({
      met: false,
      witnesses: ["two"],
      gaps: [{ name: "w", needs: 2, has: 1, without: ["one", "three"] }],
    });
  });

  test("counts a witness that signed twice once", async () => {
    expect((await judge([log, w1, w1, w1], { policy: TWO })).codes).toEqual(["quorum_missing"]);
  });

  test("is not met by witnesses without the log", async () => {
    expect((await judge([w1, w2, w3], { policy: TWO })).codes).toEqual(["signature_unverified"]);
  });

  test("of no quorum needs the log alone, and of no log the pinned keys", async () => {
    expect((await judge([log], { policy: NOBODY })).codes).toEqual([]);
    const noLog = parsePolicy(`${witnesses}quorum one\n`);
    expect((await judge([log, w1], { policy: noLog })).codes).toEqual(["signature_unverified"]);
    expect((await judge([log, w1], { policy: noLog, vkeys: [vkeyOf(log)] })).codes).toEqual([]);
    expect((await judge([log], { policy: noLog, vkeys: [vkeyOf(log)] })).codes).toEqual(["quorum_missing"]);
  });

  test("accepts any one of its logs' keys, and pinned keys must have signed as well", async () => {
    const both = parsePolicy(`log ${vkeyOf(log)}\nlog ${vkeyOf(logMl)}\nquorum none\n`);
    expect((await judge([logMl], { policy: both })).codes).toEqual([]);
    expect((await judge([logMl], { policy: both, vkeys: [vkeyOf(log)] })).codes).toEqual(["signature_missing"]);
  });

  test("does not let a log vouch for another origin", async () => {
    const elsewhere = { ...HEAD, origin: "example.com/other" };
    expect((await judge([log, w1, w2], { policy: TWO }, elsewhere)).codes).toEqual(["origin_mismatch"]);
    expect((await judge([log, w1, w2], { policy: TWO, origin: "example.com/other" }, elsewhere)).codes).toEqual([
      "origin_mismatch",
    ]);
  });

  test("is not met by the log's own key signing as its witness would, nor by a witness over another tree", async () => {
    const { text } = parseNote(signedCheckpoint(HEAD, [log]));
    const of = (signatures: readonly NoteSignature[]) =>
      judgeCheckpoint(
        { text, signatures: [signCheckpoint(HEAD, log, TIME), ...signatures] },
        { vkeys: [], policy: TWO },
        "checkpoint",
      );
    const asWitness = { ...signCheckpoint(HEAD, { ...log, type: 0x04 }, TIME), name: w1.name };
    expect((await of([asWitness])).problems).toMatchObject([{ code: "quorum_missing" }]);
    const otherTree = signCheckpoint({ ...HEAD, size: 701 }, w1, TIME);
    expect(
      (await of([otherTree, signCheckpoint(HEAD, w2, TIME), signCheckpoint(HEAD, w3, TIME)])).problems,
    ).toMatchObject([{ code: "signature_failed" }]);
  });
});

describe("a log that witnesses have cosigned", () => {
  const entries = sampleEntries(40);
  const cosigned = memoryLog(entries.slice(0, 30), ORIGIN, [log, w1, w2]);
  const bare = memoryLog(entries, ORIGIN, [log]);
  const verify = (files: ReadonlyMap<string, Uint8Array>, trust: Partial<Trust>) =>
    verifyLog({ read: (path) => Promise.resolve(files.get(path)) }, { vkeys: [], ...trust });

  test("is judged under a policy at its newest checkpoint that meets it, and without one at its newest", async () => {
    const files = new Map([...cosigned.files, ...bare.files]);
    files.set("checkpoint.cosigned", Buffer.from(cosigned.checkpoint));
    expect(await verify(files, { policy: TWO })).toMatchObject({ ok: true, size: 30, quorum: { met: true } });
    expect(await verify(files, { vkeys: [vkeyOf(log)] })).toMatchObject({ ok: true, size: 40 });
  });

  test("and has signed another history, at any size, is not in order though witnesses stand by one of the two", async () => {
    const files = new Map([...cosigned.files, ...bare.files]);
    files.set("checkpoint.cosigned", Buffer.from(cosigned.checkpoint));
    for (const size of [20, 30, 40]) {
      const head = { origin: ORIGIN, size, root: new Uint8Array(32).fill(7) };
      files.set("checkpoint", Buffer.from(signedCheckpoint(head, [log])));
      const { ok, problems } = await verify(files, { policy: TWO });
      expect([ok, problems.map(({ code, path }) => `${code} ${path}`)]).toEqual([
        false,
        ["history_changed checkpoint"],
      ]);
    }
    const beyond = { origin: ORIGIN, size: 300, root: new Uint8Array(32).fill(7) };
    files.set("checkpoint", Buffer.from(signedCheckpoint(beyond, [log])));
    expect((await verify(files, { policy: TWO })).problems.map(({ code }) => code)).toContain("tile_missing");
  });

  test("and then lost its cosignatures does not meet the policy", async () => {
    const report = await verify(bare.files, { policy: TWO });
    expect(report.problems.map(({ code }) => code)).toEqual(["quorum_missing"]);
    expect(report).toMatchObject({ ok: false, size: 40 });
  });

  test("is held to an earlier checkpoint that nobody had cosigned yet", async () => {
    const early = memoryLog(entries.slice(0, 10), ORIGIN, [log]).checkpoint;
    const changed = memoryLog(sampleEntries(12).slice(2), ORIGIN, [log]).checkpoint;
    const trust = { vkeys: [], policy: TWO };
    expect(await verifyLog(cosigned.source, { ...trust, earlier: [early] })).toMatchObject({ ok: true });
    expect((await verifyLog(cosigned.source, { ...trust, earlier: [changed] })).problems).toMatchObject([
      { code: "history_changed" },
    ]);
  });

  test("gives receipts that meet the policy, and one without the cosignatures does not", async () => {
    const proof = await cosigned.proof(7);
    const entry = entries[7]!;
    expect(await verifyProof(proof, entry, { vkeys: [], policy: TWO })).toMatchObject({
      ok: true,
      quorum: { met: true },
    });
    const at = proof.lastIndexOf("\n\n") + 2;
    const lines = proof.slice(at).split("\n");
    const stripped = `${proof.slice(0, at)}${lines[0] ?? ""}\n`;
    expect(formatNote(parseNote(stripped.slice(stripped.indexOf("\n\n") + 2)))).toContain(ORIGIN);
    expect(await verifyProof(stripped, entry, { vkeys: [], policy: TWO })).toMatchObject({
      ok: false,
      problems: [{ code: "quorum_missing", path: "proof" }],
    });
    expect(await verifyProof(stripped, entry, { vkeys: [vkeyOf(log)] })).toMatchObject({ ok: true });
  });
});
