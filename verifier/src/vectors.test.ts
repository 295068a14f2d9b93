import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeBase64, encodeHex } from "./bytes.ts";
import { formatBundle, parseBundle } from "./bundle.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { cosignedMessage } from "./cosignature.ts";
import { VerifierError } from "./errors.ts";
import { formatNote, parseNote } from "./note.ts";
import { parsePolicy } from "./policy.ts";
import { formatProof, parseProof } from "./proof.ts";
import { completeRoot } from "./prove.ts";
import { judgeQuorum } from "./quorum.ts";
import { verifyNote } from "./signature.ts";
import { parseTilePath, tilePath, tilesFor } from "./tile.ts";
import type { TileLevel } from "./tile.ts";
import { emptyRoot, foldSubtrees, leafHash, subtreesOf, verifyConsistency, verifyInclusion } from "./tree.ts";
import { judgeCheckpoint } from "./trust.ts";
import { verifyProof } from "./verify-proof.ts";
import { formatVkey, parseVkey } from "./vkey.ts";

const FOLDER = join(import.meta.dirname, "../vectors");

function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as T;
}
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

function rootOfEntries(entries: readonly Uint8Array[]): string {
  const leaves = entries.map(leafHash);
  const roots = subtreesOf({ start: 0, end: leaves.length }).map(({ height, index }) => {
    const count = 2 ** height;
    return completeRoot(Buffer.concat(leaves.slice(index * count, (index + 1) * count)), 0, count);
  });
  return encodeHex(roots.length === 0 ? emptyRoot() : foldSubtrees(roots));
}

test("every file of vectors is read by a test here", () => {
  const source = readFileSync(join(import.meta.dirname, "vectors.test.ts"), "utf8");
  for (const file of readdirSync(FOLDER)) {
    if (file.endsWith(".json")) expect(source).toContain(`"${file}"`);
  }
});

describe("tree.json", () => {
  interface Inclusion {
    index: number;
    size: number;
    leaf: string;
    root: string;
    proof: string[];
    valid: boolean;
    why?: string;
  }
  interface Consistency {
    oldSize: number;
    newSize: number;
    oldRoot: string;
    newRoot: string;
    proof: string[];
    valid: boolean;
    why?: string;
  }
  const tree = vectors<{
    entries: string[];
    leaves: string[];
    roots: string[];
    decimalEntries: { roots: { size: number; root: string }[] };
    inclusion: Inclusion[];
    consistency: Consistency[];
  }>("tree.json");

  test("leaf hashes and roots", () => {
    const entries = tree.entries.map(bytes);
    expect(entries.map((entry) => encodeHex(leafHash(entry)))).toEqual(tree.leaves);
    expect(tree.roots.map((_, size) => rootOfEntries(entries.slice(0, size)))).toEqual(tree.roots);
    for (const { size, root } of tree.decimalEntries.roots) {
      expect(rootOfEntries(Array.from({ length: size }, (_, index) => Buffer.from(String(index))))).toBe(root);
    }
  });

  test.each(tree.inclusion)("inclusion $index in $size $why", ({ index, size, leaf, root, proof, valid }) => {
    expect(verifyInclusion(index, size, bytes(leaf), bytes(root), proof.map(bytes))).toBe(valid);
  });

  test.each(tree.consistency)("consistency $oldSize to $newSize $why", (vector) => {
    const { oldSize, newSize, oldRoot, newRoot, proof, valid } = vector;
    expect(verifyConsistency(oldSize, newSize, bytes(oldRoot), bytes(newRoot), proof.map(bytes))).toBe(valid);
  });
});

describe("tiles.json", () => {
  const tiles = vectors<{
    paths: { level: TileLevel; index: number; width: number; path: string }[];
    invalid: string[];
    sizes: { size: number; levels: { full: number; partial: number }[] }[];
  }>("tiles.json");

  test.each(tiles.paths)("$path", ({ level, index, width, path }) => {
    expect(tilePath(level, index, width)).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, index, width });
  });

  test.each(tiles.invalid)("not %j", (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  test.each(tiles.sizes)("size $size", ({ size, levels }) => {
    const found = levels.map((_, level) => {
      const own = tilesFor(size).filter((tile) => tile.level === level);
      const partial = own.find(({ width }) => width < 256)?.width ?? 0;
      return { full: own.filter(({ width }) => width === 256).length, partial };
    });
    expect(found).toEqual(levels);
    expect(tilesFor(size).every(({ level }) => level < levels.length)).toBe(true);
  });
});

describe("bundles.json", () => {
  test.each(vectors<{ cases: { bundle: string; entries: string[] | null; why?: string }[] }>("bundles.json").cases)(
    "case %# $why",
    ({ bundle, entries }) => {
      if (entries === null) {
        expect(() => parseBundle(bytes(bundle))).toThrow(VerifierError);
        return;
      }
      expect(parseBundle(bytes(bundle)).map(encodeHex)).toEqual(entries);
      expect(encodeHex(formatBundle(entries.map(bytes)))).toBe(bundle);
    },
  );
});

describe("vkeys.json", () => {
  const vkeys = vectors<{
    valid: { vkey: string; name: string; keyId: string; type: number; publicKey: string }[];
    invalid: { vkey: string; why: string }[];
  }>("vkeys.json");

  test.each(vkeys.valid)("$name $keyId", ({ vkey, name, keyId, type, publicKey }) => {
    const key = parseVkey(vkey);
    expect({ ...key, publicKey: encodeHex(key.publicKey) }).toEqual({ name, keyId, type, publicKey });
    expect(formatVkey(key)).toBe(vkey);
  });

  test.each(vkeys.invalid)("not with $why", ({ vkey }) => {
    expect(() => parseVkey(vkey)).toThrow(VerifierError);
  });
});

describe("notes.json", () => {
  const { cases } = vectors<{
    cases: { note: string; vkeys: string[]; text: string | null; accepted: boolean; why?: string }[];
  }>("notes.json");

  test.each(cases)("case %# $why", async ({ note, vkeys, text, accepted }) => {
    if (text === null) {
      expect(() => parseNote(note)).toThrow(VerifierError);
      return;
    }
    const parsed = parseNote(note);
    expect(parsed.text).toBe(text);
    expect(formatNote(parsed)).toBe(note);
    expect((await verifyNote(parsed, vkeys.map(parseVkey))).accepted).toBe(accepted);
  });
});

describe("checkpoints.json", () => {
  const { cases } = vectors<{
    cases: { text: string; origin: string; size: number | null; root: string; extensions: string[]; why?: string }[];
  }>("checkpoints.json");

  test.each(cases)("case %# $why", ({ text, origin, size, root, extensions }) => {
    if (size === null) {
      expect(() => parseCheckpoint(text)).toThrow(VerifierError);
      return;
    }
    const checkpoint = parseCheckpoint(text);
    expect([checkpoint.origin, checkpoint.size, encodeBase64(checkpoint.root)]).toEqual([origin, size, root]);
    expect(checkpoint.extensions ?? []).toEqual(extensions);
    expect(formatCheckpoint(checkpoint)).toBe(text);
  });
});

test("cosigned-messages.json", () => {
  interface Fields {
    cosigner: string;
    timestamp: number;
    origin: string;
    size: number;
    root: string;
    message: string;
  }
  for (const { message, root, ...fields } of vectors<{ cases: Fields[] }>("cosigned-messages.json").cases) {
    expect(encodeHex(cosignedMessage({ ...fields, root: bytes(root) }))).toBe(message);
  }
});

describe("proofs.json", () => {
  const { cases } = vectors<{
    cases: { proof: string; entry: string; vkeys: string[]; ok: boolean; malformed?: true; why?: string }[];
  }>("proofs.json");

  test.each(cases)("case %# $why", async ({ proof, entry, vkeys, ok, malformed }) => {
    expect((await verifyProof(proof, Buffer.from(entry), { vkeys })).ok).toBe(ok);
    if (malformed === true) expect(() => parseProof(proof)).toThrow(VerifierError);
    else expect(formatProof(parseProof(proof))).toBe(proof);
  });
});

describe("policies.json", () => {
  const { refused, quorums, notes } = vectors<{
    refused: { policy: string; code: string; line: number }[];
    quorums: { policy: string; cosigned: string[]; met: boolean }[];
    notes: { policy: string; note: string; problems: string[] }[];
  }>("policies.json");

  test.each(refused)("line $line: $code", ({ policy, code, line }) => {
    expect(() => parsePolicy(policy)).toThrow(expect.objectContaining({ code, line }));
  });

  test.each(quorums)("cosigned by $cosigned: $met", ({ policy, cosigned, met }) => {
    expect(judgeQuorum(parsePolicy(policy), new Set(cosigned)).met).toBe(met);
  });

  test.each(notes.map((each, at) => ({ at, ...each })))("note $at: $problems", async ({ policy, note, problems }) => {
    const verdict = await judgeCheckpoint(parseNote(note), { vkeys: [], policy: parsePolicy(policy) }, "note");
    expect(verdict.problems.map(({ code }) => code)).toEqual(problems);
  });
});
