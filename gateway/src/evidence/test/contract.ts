/**
 * What holds for every evidence log, whoever writes it and wherever it lies: indexes without gaps, proofs, salts, checkpoints. Each
 * kind of log runs all of it, against what it really stands on.
 */

import { createHash } from "node:crypto";
import { parseLeaf, parseLogInfo, type Source, tilePath, verifyCommitment, verifyProof } from "@sluice/verifier";
import { expect, test } from "vitest";
import { APPENDS_WAITING_MAX, type EvidenceLog } from "../index.ts";
import { ORIGIN, appendMany, audit, checkpointOf, entryOf, indexesFrom, leaf, pruneTo } from "./opened.ts";

/** Where a log lies that does not exist yet. */
export interface Place {
  /** Opens it, with checkpoints every 20 ms unless told otherwise; closed after the test. */
  readonly open: (options?: { readonly checkpointIntervalMs?: number }) => Promise<EvidenceLog>;
  /** Its public files. */
  readonly files: Source;
}

export function holdsForEveryLog(place: () => Promise<Place>): void {
  test("indexes follow one another without gaps, in the order of the calls", async () => {
    const { open } = await place();
    const log = await open();
    expect(await appendMany(log, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(log.size).toBe(1000);
    expect(parseLeaf(await entryOf(log, 777))).toEqual(leaf(777));
  });

  test("an auditor finds nothing wrong in the served folder, whatever the size", async () => {
    const { open, files } = await place();
    const log = await open();
    const earlier = [await checkpointOf(log)];
    let size = 0;
    for (const more of [1, 254, 1, 1, 255, 300]) {
      await appendMany(log, more, size);
      size += more;
      await log.proof(size - 1);
      earlier.push(await checkpointOf(log));
      const report = await audit(files, earlier);
      expect(report.problems).toEqual([]);
      expect(report).toMatchObject({ ok: true, size, checked: { entries: size, signatures: 2 } });
    }
  });

  test("every record has a proof that verifies offline, and only for its own entry", async () => {
    const { open } = await place();
    const log = await open();
    await appendMany(log, 520);
    for (const index of [0, 1, 255, 256, 511, 512, 519]) {
      const proof = await log.proof(index);
      const entry = await entryOf(log, index);
      expect(await verifyProof(proof, entry, { vkeys: log.vkeys, origin: ORIGIN })).toMatchObject({ ok: true, index });
      const other = await entryOf(log, (index + 1) % 520);
      expect(await verifyProof(proof, other, { vkeys: log.vkeys })).toMatchObject({ ok: false });
    }
  });

  test("there is no proof of a record that is not there", async () => {
    const { open } = await place();
    const log = await open();
    await appendMany(log, 2);
    for (const index of [2, -1, 0.5, Number.NaN]) {
      await expect(log.proof(index)).rejects.toMatchObject({ code: "evidence_unknown" });
      await expect(log.openCommitment(index)).rejects.toMatchObject({ code: "evidence_unknown" });
      await expect(log.destroySalt(index)).rejects.toMatchObject({ code: "evidence_unknown" });
    }
  });

  test("a checkpoint covers a record within the interval", async () => {
    const { open } = await place();
    const log = await open({ checkpointIntervalMs: 500 });
    for (const n of [0, 1, 2]) {
      const { index } = await log.append(leaf(n));
      const acknowledged = performance.now();
      await log.proof(index);
      // One more interval for a machine that does other things: its disk alone may take a third of a second to sync.
      expect(performance.now() - acknowledged).toBeLessThan(1_000);
    }
  });

  test("checkpoints carry both signatures, and log.json names their keys", async () => {
    const { open } = await place();
    const log = await open();
    expect(log.signatures).toEqual(["ed25519", "ml-dsa-44"]);
    const info = await log.file("log.json");
    expect(info).toMatchObject({ contentType: "application/json", immutable: false });
    expect(parseLogInfo(info?.body ?? "")).toEqual({ origin: ORIGIN, vkeys: log.vkeys });
    expect(await log.file("checkpoint")).toMatchObject({ contentType: "text/plain; charset=utf-8", immutable: false });
  });

  test("only the public files are answered, and only under their one name", async () => {
    const { open } = await place();
    const log = await open();
    await appendMany(log, 300);
    await log.proof(299);
    expect(await log.file("tile/0/000")).toMatchObject({ contentType: "application/octet-stream", immutable: true });
    const refused = [
      "",
      "tile",
      "tile/0",
      "tile/0/0",
      "tile/0/x000/000",
      "tile/00/000",
      "tile/0/000.p/256",
      "tile/0/000.p/007",
      "tile/0/001.p/45",
      "tile/0/999",
      "tile/../checkpoint",
      "tile/0/../../log.json",
      "../keys/pseudonym.key",
      "../signed",
      "/checkpoint",
      "checkpoint/",
      "checkpoint\0",
      "lock",
      "segments/000000000000.log",
      "CHECKPOINT",
      "__proto__",
    ];
    for (const path of refused) expect(await log.file(path), path).toBeUndefined();
  });

  test("a pseudonym is stable over restarts, differs between logs, and does not name the principal", async () => {
    const { open } = await place();
    const log = await open();
    const name = log.pseudonym("support-team");
    expect(name).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(log.pseudonym("other-team")).not.toBe(name);
    await log.close();
    expect((await open()).pseudonym("support-team")).toBe(name);
    expect((await (await place()).open()).pseudonym("support-team")).not.toBe(name);
  });

  test("a leaf of 65,535 bytes is taken, and a longer one is an assertion that harms nobody else", async () => {
    const { open } = await place();
    const log = await open();
    const frame = '{"text":"","type":"test"}'.length;
    const ofLength = (length: number): Promise<unknown> =>
      log.append({ type: "test", text: "a".repeat(length - frame) });
    const results = await Promise.allSettled([
      log.append(leaf(0)),
      ofLength(65_536),
      ofLength(65_535),
      log.append(leaf(1)),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    await expect(ofLength(65_536)).rejects.toMatchObject({ code: "ERR_ASSERTION" });
    // Three bytes a character: short as text, too long as UTF-8.
    await expect(log.append({ type: "test", text: "\u20ac".repeat(30_000) })).rejects.toMatchObject({
      code: "ERR_ASSERTION",
    });
    expect(log.size).toBe(3);
    expect(await entryOf(log, 1)).toHaveLength(65_535);
  });

  test("beyond the limit of waiting appends, and not before, they are refused as overloaded", async () => {
    const { open } = await place();
    const log = await open();
    const results = await Promise.allSettled(
      Array.from({ length: APPENDS_WAITING_MAX + 10 }, (_, i) => log.append(leaf(i))),
    );
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toHaveLength(10);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "overloaded", retriable: true });
    expect(log.size).toBe(APPENDS_WAITING_MAX);
    await log.append(leaf(0));
  });

  test("who waits for a checkpoint when the log closes gets the last one", async () => {
    const { open } = await place();
    const log = await open({ checkpointIntervalMs: 60_000 });
    const { index } = await log.append(leaf(0));
    const proof = log.proof(index);
    await log.close();
    expect(
      await verifyProof(await proof, Buffer.from('{"n":0,"type":"test","v":1}'), { vkeys: log.vkeys }),
    ).toMatchObject({
      ok: true,
    });
  });

  test("tiles are named as the verifier asks for them", async () => {
    const { open } = await place();
    const log = await open();
    await appendMany(log, 257);
    await log.proof(256);
    expect((await log.file(tilePath(0, 0, 256)))?.body).toHaveLength(8192);
    expect((await log.file(tilePath(1, 0, 1)))?.body).toHaveLength(32);
  });

  test("published entries are read back in order, from and to any index, over bundles", async () => {
    const { open } = await place();
    const log = await open();
    await appendMany(log, 600);
    await log.proof(599);
    const read = async (from: number, to?: number): Promise<number[]> => {
      const found: number[] = [];
      for await (const { index, bytes } of log.entries(from, to)) {
        const { n } = JSON.parse(bytes.toString("utf8")) as { n: number };
        expect(n).toBe(index);
        found.push(index);
      }
      return found;
    };
    expect(await read(0)).toEqual(Array.from({ length: 600 }, (_, i) => i));
    expect(await read(250, 520)).toEqual(Array.from({ length: 270 }, (_, i) => 250 + i));
    expect(await read(599)).toEqual([599]);
    expect(await read(600)).toEqual([]);
    await expect(read(0, 601)).rejects.toMatchObject({ code: "evidence_unknown" });
    await expect(read(5, 4)).rejects.toMatchObject({ code: "evidence_unknown" });
  });

  test("who listens is told of each checkpoint until it stops listening", async () => {
    const { open } = await place();
    const log = await open();
    const sizes: number[] = [];
    const stop = log.onPublished(({ size }) => sizes.push(size));
    await appendMany(log, 3);
    await log.proof(2);
    expect(sizes.at(-1)).toBe(3);
    expect(log.published).toBe(3);
    stop();
    await appendMany(log, 1, 3);
    await log.proof(3);
    expect(sizes.at(-1)).toBe(3);
  });

  test("a reopened log goes on where it was, and nothing in it has changed", async () => {
    const { open, files } = await place();
    const earlier: string[] = [];
    for (let run = 0; run < 4; run++) {
      const log = await open();
      expect(log.size).toBe(run * 90);
      expect(await appendMany(log, 90, run * 90)).toEqual(Array.from({ length: 90 }, (_, i) => run * 90 + i));
      await log.close();
      earlier.push(await checkpointOf(log));
    }
    expect(await audit(files, earlier)).toMatchObject({ ok: true, size: 360, problems: [] });
  });

  test("a partial tile that was published is answered for ever, also when the full one has come", async () => {
    const { open } = await place();
    const log = await open();
    await appendMany(log, 100);
    await log.proof(99);
    const paths = ["tile/0/000.p/100", "tile/entries/000.p/100"];
    const before = await Promise.all(paths.map(async (path) => (await log.file(path))?.body));
    await appendMany(log, 200, 100);
    await log.proof(299);
    await appendMany(log, 300, 300);
    await log.proof(599);
    for (const [at, path] of paths.entries()) expect((await log.file(path))?.body, path).toEqual(before[at]);
  });

  test("a leaf commits to a digest, and its salt opens it until it is destroyed, also after a restart", async () => {
    const { open } = await place();
    const log = await open();
    const body = new TextEncoder().encode('{"messages":[]}');
    const digest = createHash("sha256").update(body).digest();
    const [first, plain, second] = await Promise.all([
      log.append({ ...leaf(0), zebra: 1, alpha: 2 }, digest),
      log.append(leaf(1)),
      log.append(leaf(2), digest),
    ]);
    for (const { index } of [first, second]) {
      const { commitment } = parseLeaf(await entryOf(log, index));
      const salt = await log.openCommitment(index);
      expect(await verifyCommitment(String(commitment), new Uint8Array(salt ?? []), body)).toBe(true);
    }
    expect(parseLeaf(await entryOf(log, plain.index))).not.toHaveProperty("commitment");
    expect(await log.openCommitment(plain.index)).toBeUndefined();
    for (const index of [first.index, first.index, plain.index]) await log.destroySalt(index);
    await log.close();
    const again = await open();
    expect(await again.openCommitment(first.index)).toBeUndefined();
    expect(await again.openCommitment(second.index)).toHaveLength(32);
  });

  test("closing commits what waits, publishes a last checkpoint, and ends the taking of records", async () => {
    const { open, files } = await place();
    const log = await open({ checkpointIntervalMs: 60_000 });
    const waiting = appendMany(log, 10);
    await Promise.all([log.close(), log.close()]);
    expect(await waiting).toHaveLength(10);
    expect(await audit(files)).toMatchObject({ ok: true, size: 10 });
    expect(log.healthy).toBe(false);
    await expect(log.append(leaf(0))).rejects.toMatchObject({ code: "evidence_unavailable" });
  });

  test("a pruned log lacks the bundles wholly below its minimum index and the salts of their records, and nothing else", async () => {
    const { open, files } = await place();
    const log = await open();
    const checkpoints = [await filled(log)];
    expect(await pruneTo(log, 600)).toBe(600);
    expect(log.minimum).toBe(600);
    for (const from of [0, 255, 599]) {
      await expect(indexesFrom(log, from)).rejects.toMatchObject({ code: "evidence_pruned" });
    }
    expect(await indexesFrom(log, 600)).toEqual(Array.from({ length: log.published - 600 }, (_, i) => 600 + i));
    expect(await Promise.all([0, 300, 700].map(async (at) => (await log.openCommitment(at))?.length))).toEqual([
      undefined,
      undefined,
      32,
    ]);
    await log.destroySalt(0);
    expect(parseLogInfo((await log.file("log.json"))?.body ?? "").minimumIndex).toBe(600);
    for (const bundle of [0, 1, 2]) {
      const isThere = (await files.read(tilePath("entries", bundle, 256))) !== undefined;
      expect([bundle, isThere]).toEqual([bundle, bundle === 2]);
      expect(await log.file(tilePath(0, bundle, 256))).toBeDefined();
    }
    expect(await log.file(tilePath("entries", 0, 100))).toBeUndefined();
    expect(await audit(files, checkpoints)).toMatchObject({ ok: true, problems: [], pruned: 512 });
  });

  test("what was pruned is proven still to whoever has kept it, with old proofs and new ones", async () => {
    const { open } = await place();
    const log = await open();
    await filled(log);
    const entry = await entryOf(log, 3);
    const other = await entryOf(log, 4);
    const before = await log.proof(3);
    await pruneTo(log, 900);
    for (const proof of [before, await log.proof(3)]) {
      const trusted = { vkeys: log.vkeys, origin: ORIGIN };
      expect(await verifyProof(proof, entry, trusted)).toMatchObject({ ok: true, index: 3 });
      expect(await verifyProof(proof, other, trusted)).toMatchObject({ ok: false });
    }
  });

  test("a pruned log is opened, goes on, is pruned again and opened again", { timeout: 20_000 }, async () => {
    const { open, files } = await place();
    let log = await open();
    const checkpoint = await filled(log);
    for (const minimum of [300, 512, 1000, 1100]) {
      await pruneTo(log, minimum);
      await appendMany(log, 100);
      await log.close();
      log = await open();
      expect(log.minimum).toBe(minimum);
      const pruned = minimum - (minimum % 256);
      expect(await audit(files, [checkpoint])).toMatchObject({ ok: true, problems: [], pruned, size: log.size });
    }
    expect(await indexesFrom(log, 1100)).toHaveLength(log.published - 1100);
  });

  test("a log is pruned to where it was already, or below, without effect, and never beyond what is published", async () => {
    const { open, files } = await place();
    const log = await open();
    await filled(log);
    await pruneTo(log, 600);
    for (const to of [600, 300, 0]) expect(await log.prune(to)).toBe(0);
    expect(log.minimum).toBe(600);
    for (const to of [log.published + 1, -1, 0.5]) {
      await expect(log.prune(to)).rejects.toMatchObject({ code: "evidence_unknown" });
    }
    expect((await audit(files)).problems).toEqual([]);
  });
}

/** A thousand records with a commitment each, in twenty commits. Gives the checkpoint of them. */
export async function filled(log: EvidenceLog): Promise<string> {
  for (let first = 0; first < 1000; first += 50) {
    const digests = Array.from({ length: 50 }, (_, i) => new Uint8Array(32).fill(first + i));
    await Promise.all(digests.map((digest, i) => log.append(leaf(first + i), digest)));
  }
  await log.proof(999);
  return checkpointOf(log);
}
