import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { formatBundle } from "./bundle.ts";
import type { Problem } from "./report.ts";
import type { Source } from "./source.ts";
import { flipBit } from "./test/arbitraries.ts";
import { leafBytes, memoryLog, sampleEntries, signedCheckpoint, signingKey, vkeyOf } from "./test/memory-log.ts";
import type { MemoryLog } from "./test/memory-log.ts";
import { PROBLEMS_MAX, verifyLog } from "./verify-log.ts";
import type { Report } from "./verify-log.ts";

const ORIGIN = "example.com/log";
const ed = signingKey(ORIGIN, "ed25519", "verify-log.test ed25519");
const ml = signingKey(ORIGIN, "mlDsa44", "verify-log.test ml-dsa-44");
const vkeys = [vkeyOf(ed), vkeyOf(ml)];
/** Two full tiles, a partial one, and an intent (entry 699) without outcome. */
const ENTRIES = sampleEntries(700);
const LOG = memoryLog(ENTRIES, ORIGIN, [ed, ml]);

/** The log with some of its files replaced, or taken away. */
function altered(log: MemoryLog, changes: Record<string, Uint8Array | string | undefined>): Source {
  const files = new Map(log.files);
  for (const [path, content] of Object.entries(changes)) {
    if (content === undefined) files.delete(path);
    else files.set(path, typeof content === "string" ? Buffer.from(content) : content);
  }
  return { read: (path) => Promise.resolve(files.get(path)) };
}

const found = (report: Report): string[] => report.problems.map(({ code, path }) => `${code} ${path}`);
const codes = (problems: readonly Problem[]): string[] => [...new Set(problems.map(({ code }) => code))];

describe("a sound log", () => {
  test.each([0, 1, 2, 255, 256, 257, 511, 512, 700])("of %d entries verifies", async (size) => {
    const log = memoryLog(ENTRIES.slice(0, size), ORIGIN, [ed, ml]);
    const report = await verifyLog(log.source, { vkeys });
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ ok: true, complete: true, origin: ORIGIN, size });
    expect(report.checked).toEqual({ entries: size, tiles: log.files.size - 1 - Math.ceil(size / 256), signatures: 2 });
    expect(report.orphans).toEqual(size > 0 && size % 2 === 0 ? [size - 1] : []);
  });

  test("of 66,000 entries has its tiles checked at three levels", async () => {
    const entry = leafBytes({ type: "heartbeat" });
    const log = memoryLog(
      Array.from({ length: 66_000 }, () => entry),
      ORIGIN,
      [ed],
    );
    const report = await verifyLog(log.source, { vkeys: [vkeyOf(ed)] });
    expect(report).toMatchObject({ ok: true, checked: { entries: 66_000, tiles: 258 + 2 + 1 } });
    for (const path of ["tile/0/100", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"]) {
      const file = log.files.get(path)!;
      const changed = await verifyLog(altered(log, { [path]: flipBit(file, 5) }), { vkeys: [vkeyOf(ed)] });
      expect(changed.ok).toBe(false);
    }
  });

  test("is read once, file by file, and progress is told", async () => {
    const reads: string[] = [];
    const steps: number[] = [];
    const source: Source = {
      read: (path) => {
        reads.push(path);
        return LOG.source.read(path);
      },
    };
    await verifyLog(source, { vkeys, progress: ({ entries }) => steps.push(entries) });
    expect(reads.toSorted()).toEqual([...LOG.files.keys()].toSorted());
    expect(steps).toEqual([256, 512, 700]);
  });

  test("holds only a few bundles in flight", async () => {
    const entry = leafBytes({ type: "heartbeat" });
    const log = memoryLog(
      Array.from({ length: 256 * 40 }, () => entry),
      ORIGIN,
      [ed],
    );
    let open = 0;
    let most = 0;
    const source: Source = {
      async read(path) {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return log.source.read(path);
      },
    };
    expect((await verifyLog(source, { vkeys: [vkeyOf(ed)] })).ok).toBe(true);
    expect(most).toBeLessThanOrEqual(17);
  });

  test("may have replaced a partial file by the full one of a later tree", async () => {
    const later = memoryLog(sampleEntries(800), ORIGIN, [ed, ml]);
    const source = altered(LOG, {
      "tile/0/002.p/188": undefined,
      "tile/entries/002.p/188": undefined,
      "tile/0/002": later.files.get("tile/0/002"),
      "tile/entries/002": later.files.get("tile/entries/002"),
    });
    expect(await verifyLog(source, { vkeys })).toMatchObject({ ok: true, checked: { entries: 700 } });
  });

  test("may hold leaves of types nobody knows, and outcomes far from their intents", async () => {
    const entries = [...sampleEntries(2), ...Array.from({ length: 600 }, () => leafBytes({ type: "later" }))];
    entries.push(leafBytes({ type: "outcome", intent: 1 }));
    expect(await verifyLog(memoryLog(entries, ORIGIN, [ed, ml]).source, { vkeys })).toMatchObject({
      ok: true,
      orphans: [],
    });
  });
});

describe("every change is found", () => {
  test("2,000 random single-bit changes over all files: none is missed", async () => {
    const files = [...LOG.files.entries()];
    const total = files.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    const missed: string[] = [];
    const seen = new Set<string>();
    for (let round = 0; round < 2_000; round++) {
      const digest = createHash("sha256")
        .update(`flip ${String(round)}`)
        .digest();
      // Half of the changes by bytes, half by files, so that the small files get their share.
      let [path, bytes] = files[digest.readUInt32BE(0) % files.length]!;
      if (round % 2 === 0) {
        let at = digest.readUInt32BE(4) % total;
        for ([path, bytes] of files) {
          if (at < bytes.length) break;
          at -= bytes.length;
        }
      }
      const bit = digest.readUInt32BE(8) % (bytes.length * 8);
      seen.add(path);
      const report = await verifyLog(altered(LOG, { [path]: flipBit(bytes, bit) }), { vkeys });
      if (report.ok) missed.push(`${path} bit ${String(bit)}`);
    }
    expect(missed).toEqual([]);
    expect([...seen].toSorted()).toEqual([...LOG.files.keys()].toSorted());
  }, 120_000);

  test("a changed entry is named, and nothing else is", async () => {
    const entries = ENTRIES.map((entry, index) => (index === 300 ? leafBytes({ type: "forged" }) : entry));
    const source = altered(LOG, { "tile/entries/001": formatBundle(entries.slice(256, 512)) });
    const { problems } = await verifyLog(source, { vkeys });
    expect(problems).toMatchObject([{ code: "entry_mismatch", path: "tile/entries/001", index: 300 }]);
  });

  test("a changed hash at level 0 disagrees with the entry below and the tile above", async () => {
    const source = altered(LOG, { "tile/0/001": flipBit(LOG.files.get("tile/0/001")!, 44 * 256) });
    expect(found(await verifyLog(source, { vkeys }))).toEqual([
      "entry_mismatch tile/entries/001",
      "tile_mismatch tile/1/000.p/2",
    ]);
  });

  test("entries and tiles rewritten together do not lead to the signed root", async () => {
    const other = memoryLog([...ENTRIES.slice(0, 300), leafBytes({ type: "forged" }), ...ENTRIES.slice(301)], ORIGIN, [
      ed,
      ml,
    ]);
    const source = altered(other, { checkpoint: LOG.checkpoint });
    expect(found(await verifyLog(source, { vkeys }))).toEqual(["root_mismatch checkpoint"]);
  });

  test.each([
    ["checkpoint", ["checkpoint_missing checkpoint"]],
    ["tile/0/000", ["tile_missing tile/0/000"]],
    ["tile/0/002.p/188", ["tile_missing tile/0/002.p/188"]],
    ["tile/1/000.p/2", ["tile_missing tile/1/000.p/2"]],
    ["tile/entries/001", ["bundle_missing tile/entries/001"]],
  ])("the missing %s is named", async (path, problems) => {
    const report = await verifyLog(altered(LOG, { [path]: undefined }), { vkeys });
    // A missing bundle also takes away the intents of its outcomes' neighbours.
    const about = found(report).filter((problem) => !problem.startsWith("outcome_without_intent"));
    expect(about).toEqual(problems);
    expect(report.ok).toBe(false);
  });

  test("entries missing together with their hashes end the check, which says that it is not complete", async () => {
    const report = await verifyLog(altered(LOG, { "tile/entries/001": undefined, "tile/0/001": undefined }), { vkeys });
    expect(report).toMatchObject({ ok: false, complete: false, checked: { entries: 256 } });
    expect(found(report)).toEqual(["bundle_missing tile/entries/001", "tile_missing tile/0/001"]);
  });

  test.each([
    ["tile/0/000", new Uint8Array(8_191), "tile_malformed"],
    ["tile/0/000", new Uint8Array(8_224), "tile_malformed"],
    ["tile/0/002.p/188", new Uint8Array(8_192), "tile_malformed"],
    ["tile/1/000.p/2", new Uint8Array(0), "tile_malformed"],
    ["tile/entries/000", formatBundle(ENTRIES.slice(0, 255)), "bundle_malformed"],
    ["tile/entries/002.p/188", formatBundle(sampleEntries(700).slice(512)).subarray(0, 900), "bundle_malformed"],
    ["checkpoint", "hello", "checkpoint_malformed"],
    ["checkpoint", new Uint8Array(2_000_000), "checkpoint_malformed"],
  ])("%s of another shape is %s", async (path, content, code) => {
    expect((await verifyLog(altered(LOG, { [path]: content }), { vkeys })).problems).toContainEqual(
      expect.objectContaining({ code, path }),
    );
  });

  test("a source that fails is told apart from a file that is missing", async () => {
    const source: Source = {
      read: (path) => (path === "tile/0/001" ? Promise.reject(new Error("EIO /secret")) : LOG.source.read(path)),
    };
    const report = await verifyLog(source, { vkeys });
    expect(found(report)).toEqual(["source_unreadable tile/0/001"]);
    expect(JSON.stringify(report)).not.toContain("secret");
  });

  test("a checkpoint of an absurd size ends at the first file that is not there", async () => {
    const checkpoint = signedCheckpoint({ origin: ORIGIN, size: Number.MAX_SAFE_INTEGER, root: LOG.root }, [ed, ml]);
    const report = await verifyLog(altered(LOG, { checkpoint }), { vkeys });
    expect(report).toMatchObject({ ok: false, complete: false, checked: { entries: 512 } });
  });

  test("a log that is wrong throughout gives a bounded number of problems", async () => {
    const log = memoryLog(
      Array.from({ length: 2_000 }, () => Buffer.from("no leaf")),
      ORIGIN,
      [ed, ml],
    );
    const report = await verifyLog(log.source, { vkeys });
    expect(report).toMatchObject({ ok: false, complete: false });
    expect(report.problems).toHaveLength(PROBLEMS_MAX);
  });
});

describe("signatures", () => {
  const head = { origin: ORIGIN, size: 700, root: LOG.root };
  const judged = async (checkpoint: string, options: Parameters<typeof verifyLog>[1]): Promise<string[]> =>
    codes((await verifyLog(altered(LOG, { checkpoint }), options)).problems);

  test("who knows either key accepts; who knows both wants both, unless told otherwise", async () => {
    for (const vkey of vkeys) {
      expect(await judged(LOG.checkpoint, { vkeys: [vkey] })).toEqual([]);
    }
    const stripped = signedCheckpoint(head, [ed]);
    expect(await judged(stripped, { vkeys })).toEqual(["signature_missing"]);
    expect(await judged(stripped, { vkeys, missing: "accept" })).toEqual([]);
  });

  test("no pinned key, or none that has signed, is never enough", async () => {
    expect(await judged(LOG.checkpoint, { vkeys: [] })).toEqual(["signature_unverified"]);
    const stranger = vkeyOf(signingKey(ORIGIN, "ed25519", "a stranger"));
    expect(await judged(LOG.checkpoint, { vkeys: [stranger], missing: "accept" })).toEqual(["signature_unverified"]);
  });

  test("a key's own log, or the origin that was asked for, must be what the checkpoint is about", async () => {
    const witness = signingKey("witness.example", "mlDsa44", "a witness");
    const witnessed = signedCheckpoint(head, [ed, ml, witness]);
    expect(await judged(witnessed, { vkeys: [...vkeys, vkeyOf(witness)] })).toEqual([]);
    expect(await judged(witnessed, { vkeys: [vkeyOf(witness)] })).toEqual(["origin_mismatch"]);
    expect(await judged(witnessed, { vkeys: [vkeyOf(witness)], origin: ORIGIN })).toEqual([]);
    expect(await judged(LOG.checkpoint, { vkeys, origin: "another.example" })).toEqual(["origin_mismatch"]);
  });

  test("extension lines need a signature that covers them", async () => {
    const extended = signedCheckpoint({ ...head, extensions: ["hello"] }, [ed, ml]);
    expect(await judged(extended, { vkeys })).toEqual([]);
    expect(await judged(extended, { vkeys: [vkeyOf(ml)] })).toEqual(["extensions_unsigned"]);
  });

  test("a pinned key that is no key is the caller's mistake and is thrown", async () => {
    await expect(verifyLog(LOG.source, { vkeys: ["nonsense"] })).rejects.toMatchObject({ code: "vkey_malformed" });
  });
});

describe("earlier checkpoints", () => {
  const at = (size: number): string => memoryLog(ENTRIES.slice(0, size), ORIGIN, [ed, ml]).checkpoint;

  test("of the same history are found in the log, whatever their size", async () => {
    const earlier = [700, 0, 1, 2, 255, 256, 257, 300, 511, 512, 513, 699].map(at);
    expect((await verifyLog(LOG.source, { vkeys, earlier })).problems).toEqual([]);
  });

  test("across tile levels too", async () => {
    const entries = Array.from({ length: 66_000 }, () => leafBytes({ type: "heartbeat" }));
    const earlier = [65_535, 65_536, 65_537, 65_792].map(
      (size) => memoryLog(entries.slice(0, size), ORIGIN, [ed]).checkpoint,
    );
    const log = memoryLog(entries, ORIGIN, [ed]);
    expect((await verifyLog(log.source, { vkeys: [vkeyOf(ed)], earlier })).problems).toEqual([]);
  });

  test("of any of several generations of retired keys are found, and of a key that was none of them are not", async () => {
    const [first, second, stranger] = ["first", "second", "stranger"].map((seed) =>
      signingKey(ORIGIN, "ed25519", seed),
    );
    const by = (key: typeof first, size: number): string =>
      memoryLog(ENTRIES.slice(0, size), ORIGIN, [key!]).checkpoint;
    const options = { vkeys, retired: [vkeyOf(first!), vkeyOf(second!)] };
    const report = await verifyLog(LOG.source, { ...options, earlier: [by(first, 100), by(second, 300), at(600)] });
    expect(report.problems).toEqual([]);
    expect(codes((await verifyLog(LOG.source, { ...options, earlier: [by(stranger, 100)] })).problems)).toContain(
      "signature_unverified",
    );
  });

  test("of another history are noticed: the log was rewritten and signed anew", async () => {
    const rewritten = ENTRIES.map((entry, index) => (index === 255 ? leafBytes({ type: "forged" }) : entry));
    const fork = memoryLog(rewritten, ORIGIN, [ed, ml]);
    const report = await verifyLog(fork.source, { vkeys, earlier: [at(255), at(256), at(700)] });
    expect(found(report).filter((problem) => problem.startsWith("history"))).toEqual([
      "history_changed earlier/1",
      "history_changed earlier/2",
    ]);
  });

  test("larger than the log are noticed: the log was rolled back", async () => {
    const short = memoryLog(ENTRIES.slice(0, 600), ORIGIN, [ed, ml]);
    expect(found(await verifyLog(short.source, { vkeys, earlier: [LOG.checkpoint] }))).toEqual([
      "log_rolled_back earlier/0",
    ]);
  });

  test("that are not signed, not readable or of another log prove nothing and are told", async () => {
    const other = signingKey("other.example", "ed25519", "other");
    const foreign = signedCheckpoint({ origin: "other.example", size: 1, root: LOG.root }, [other]);
    const report = await verifyLog(LOG.source, { vkeys, earlier: ["nonsense", foreign] });
    expect(codes(report.problems)).toEqual(
      expect.arrayContaining(["checkpoint_malformed", "signature_unverified", "origin_mismatch"]),
    );
  });
});

describe("what the leaves say", () => {
  const verify = async (...entries: readonly Uint8Array[]): Promise<Report> =>
    verifyLog(memoryLog(entries, ORIGIN, [ed, ml]).source, { vkeys });
  const intent = leafBytes({ type: "intent" });

  test("an outcome without an earlier intent is a problem, and so is a second outcome", async () => {
    const outcome = leafBytes({ type: "outcome", intent: 0 });
    expect((await verify(intent, outcome)).ok).toBe(true);
    expect((await verify(outcome, intent)).problems).toMatchObject([{ code: "outcome_without_intent", index: 0 }]);
    expect((await verify(intent, outcome, outcome)).problems).toMatchObject([{ code: "outcome_repeated", index: 2 }]);
    expect((await verify(intent, leafBytes({ type: "outcome" }))).problems).toMatchObject([
      { code: "outcome_without_intent", index: 1 },
    ]);
  });

  test("intents without an outcome are listed and are no problem", async () => {
    expect(await verify(intent, intent, leafBytes({ type: "outcome", intent: 0 }), intent)).toMatchObject({
      ok: true,
      orphans: [1, 3],
    });
  });

  test("an entry that is no leaf, or no canonical one, is a problem though its hash is right", async () => {
    const report = await verify(Buffer.from("x"), Buffer.from('{"type": "x"}'), intent);
    expect(report.problems).toMatchObject([
      { code: "leaf_malformed", index: 0 },
      { code: "leaf_not_canonical", index: 1 },
    ]);
  });
});
