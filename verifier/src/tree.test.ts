import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VerifierError } from "./errors.ts";
import { completeRoot, proveConsistency, proveInclusion } from "./prove.ts";
import { naiveConsistency, naiveInclusion, naiveRoot } from "./test/naive-tree.ts";
import { TILE_WIDTH, tilePath, tilesFor } from "./tile.ts";
import {
  consistencyRanges,
  emptyRoot,
  foldSubtrees,
  inclusionRanges,
  leafHash,
  nodeHash,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from "./tree.ts";
import type { LeafRange } from "./tree.ts";

const LEAVES = Array.from({ length: 5_000 }, (_, index) => leafHash(Buffer.from(String(index))));
const SMALL = 70;

/** MTH of a range by the functions under test, over single leaves. */
function rangeRoot(range: LeafRange): Uint8Array {
  return foldSubtrees(
    subtreesOf(range).map(({ height, index }) => {
      const count = 2 ** height;
      return completeRoot(Buffer.concat(LEAVES.slice(index * count, (index + 1) * count)), 0, count);
    }),
  );
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >>> 3] = (copy[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

const plain = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => Buffer.from(hash).toString("hex"));

describe("hashes", () => {
  test("leaf and node hashes are RFC 6962's", () => {
    const entry = Buffer.from("entry");
    expect(plain([leafHash(entry)])).toEqual([createHash("sha256").update("\0").update(entry).digest("hex")]);
    expect(plain([nodeHash(LEAVES[0]!, LEAVES[1]!)])).toEqual(plain([naiveRoot(LEAVES.slice(0, 2))]));
    expect(plain([emptyRoot()])).toEqual(plain([naiveRoot([])]));
  });

  test("the subtrees of every size up to 300 fold into its root", () => {
    for (let size = 0; size <= 300; size++) {
      expect(plain([rangeRoot({ start: 0, end: size })])).toEqual(plain([naiveRoot(LEAVES.slice(0, size))]));
    }
  });
});

describe("inclusion", () => {
  test("for all sizes up to 70, proofs equal the naive ones and verify", () => {
    for (let size = 1; size <= SMALL; size++) {
      const leaves = LEAVES.slice(0, size);
      const root = naiveRoot(leaves);
      for (let index = 0; index < size; index++) {
        const proof = inclusionRanges(index, size).map(rangeRoot);
        expect(plain(proof)).toEqual(plain(naiveInclusion(index, leaves)));
        expect(verifyInclusion(index, size, leaves[index]!, root, proof)).toBe(true);
      }
    }
  });

  test("for all sizes up to 24, a proof verifies for its own index and size only", () => {
    const sizes = 24;
    const roots = Array.from({ length: sizes + 1 }, (_, size) => naiveRoot(LEAVES.slice(0, size)));
    for (let size = 1; size <= sizes; size++) {
      for (let index = 0; index < size; index++) {
        const proof = naiveInclusion(index, LEAVES.slice(0, size));
        for (let other = 0; other <= sizes; other++) {
          expect(verifyInclusion(other, size, LEAVES[index]!, roots[size]!, proof)).toBe(other === index);
          expect(verifyInclusion(index, size, LEAVES[other]!, roots[size]!, proof)).toBe(other === index);
          expect(verifyInclusion(index, size, LEAVES[index]!, roots[other]!, proof)).toBe(other === size);
        }
      }
    }
  });

  test("for random sizes up to 5,000 a proof verifies, and with any one bit changed it does not", () => {
    const cases = fc
      .integer({ min: 1, max: 5_000 })
      .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat()));
    fc.assert(
      fc.property(cases, ([size, index, noise]) => {
        const root = rangeRoot({ start: 0, end: size });
        const proof = inclusionRanges(index, size).map(rangeRoot);
        const leaf = LEAVES[index]!;
        expect(verifyInclusion(index, size, leaf, root, proof)).toBe(true);
        const bit = noise % 256;
        expect(verifyInclusion(index, size, flipBit(leaf, bit), root, proof)).toBe(false);
        expect(verifyInclusion(index, size, leaf, flipBit(root, bit), proof)).toBe(false);
        for (const position of proof.keys()) {
          const changed = proof.map((hash, at) => (at === position ? flipBit(hash, bit) : hash));
          expect(verifyInclusion(index, size, leaf, root, changed)).toBe(false);
          expect(verifyInclusion(index, size, leaf, root, proof.toSpliced(position, 1))).toBe(false);
        }
        expect(verifyInclusion(index, size, leaf, root, [...proof, root])).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test("an index not below the size, an unsafe number and a hash of another length are refused", () => {
    const root = naiveRoot(LEAVES.slice(0, 4));
    const proof = naiveInclusion(3, LEAVES.slice(0, 4));
    const leaf = LEAVES[3]!;
    expect(verifyInclusion(3, 4, leaf, root, proof)).toBe(true);
    for (const index of [4, 5, -1, 3.5, Number.NaN, 2 ** 53]) {
      expect(verifyInclusion(index, 4, leaf, root, proof)).toBe(false);
      expect(() => inclusionRanges(index, 4)).toThrow(VerifierError);
    }
    expect(verifyInclusion(3, 4, leaf, root, [proof[0]!, proof[1]!.subarray(1)])).toBe(false);
    expect(verifyInclusion(0, 0, leaf, emptyRoot(), [])).toBe(false);
    expect(() => inclusionRanges(0, 0)).toThrow(VerifierError);
  });

  test("an index beyond 2^32 is handled without losing bits", () => {
    const size = 2 ** 52 + 5;
    const ranges = inclusionRanges(2 ** 40 + 3, size);
    expect(ranges.reduce((sum, { start, end }) => sum + (end - start), 1)).toBe(size);
    const proof = ranges.map((_, position) => LEAVES[position]!);
    let root = LEAVES[100]!;
    for (const [position, { start }] of ranges.entries()) {
      const sibling = proof[position]!;
      root = start > 2 ** 40 + 3 ? nodeHash(root, sibling) : nodeHash(sibling, root);
    }
    expect(verifyInclusion(2 ** 40 + 3, size, LEAVES[100]!, root, proof)).toBe(true);
    expect(verifyInclusion(3, size, LEAVES[100]!, root, proof)).toBe(false);
  });
});

describe("consistency", () => {
  test("for all sizes up to 70, proofs equal the naive ones and verify", () => {
    const roots = Array.from({ length: SMALL + 1 }, (_, size) => naiveRoot(LEAVES.slice(0, size)));
    for (let newSize = 1; newSize <= SMALL; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = consistencyRanges(oldSize, newSize).map(rangeRoot);
        expect(plain(proof)).toEqual(plain(naiveConsistency(oldSize, LEAVES.slice(0, newSize))));
        expect(verifyConsistency(oldSize, newSize, roots[oldSize]!, roots[newSize]!, proof)).toBe(true);
      }
    }
  });

  test("for all sizes up to 24, a proof verifies for its own two sizes only", () => {
    const sizes = 24;
    const roots = Array.from({ length: sizes + 1 }, (_, size) => naiveRoot(LEAVES.slice(0, size)));
    for (let newSize = 1; newSize <= sizes; newSize++) {
      for (let oldSize = 1; oldSize < newSize; oldSize++) {
        const proof = naiveConsistency(oldSize, LEAVES.slice(0, newSize));
        for (let other = 0; other <= sizes; other++) {
          const isOld = other === oldSize;
          expect(verifyConsistency(oldSize, newSize, roots[other]!, roots[newSize]!, proof)).toBe(isOld);
          expect(verifyConsistency(oldSize, newSize, roots[oldSize]!, roots[other]!, proof)).toBe(other === newSize);
        }
      }
    }
  });

  test("for random sizes up to 5,000 a proof verifies, and with any one bit changed it does not", () => {
    const cases = fc
      .integer({ min: 2, max: 5_000 })
      .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size - 1 }), fc.nat(255)));
    fc.assert(
      fc.property(cases, ([newSize, oldSize, bit]) => {
        const oldRoot = rangeRoot({ start: 0, end: oldSize });
        const newRoot = rangeRoot({ start: 0, end: newSize });
        const proof = consistencyRanges(oldSize, newSize).map(rangeRoot);
        expect(verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof)).toBe(true);
        expect(verifyConsistency(oldSize, newSize, flipBit(oldRoot, bit), newRoot, proof)).toBe(false);
        expect(verifyConsistency(oldSize, newSize, oldRoot, flipBit(newRoot, bit), proof)).toBe(false);
        for (const position of proof.keys()) {
          const changed = proof.map((hash, at) => (at === position ? flipBit(hash, bit) : hash));
          expect(verifyConsistency(oldSize, newSize, oldRoot, newRoot, changed)).toBe(false);
          expect(verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof.toSpliced(position, 1))).toBe(false);
        }
        expect(verifyConsistency(oldSize, newSize, oldRoot, newRoot, [...proof, newRoot])).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test("the edges: same size, from nothing, and shrinking", () => {
    const [one, two] = [naiveRoot(LEAVES.slice(0, 1)), naiveRoot(LEAVES.slice(0, 2))];
    expect(verifyConsistency(2, 2, two, two, [])).toBe(true);
    expect(verifyConsistency(2, 2, one, two, [])).toBe(false);
    expect(verifyConsistency(2, 2, two, two, [one])).toBe(false);
    expect(verifyConsistency(0, 2, emptyRoot(), two, [])).toBe(true);
    expect(verifyConsistency(0, 2, one, two, [])).toBe(false);
    expect(verifyConsistency(0, 0, emptyRoot(), emptyRoot(), [])).toBe(true);
    expect(verifyConsistency(0, 0, one, one, [])).toBe(false);
    expect(verifyConsistency(2, 1, two, one, [])).toBe(false);
    expect(consistencyRanges(0, 5)).toEqual([]);
    expect(() => consistencyRanges(2, 1)).toThrow(VerifierError);
  });
});

describe("proofs from tiles", () => {
  function tilesOf(size: number): (level: number, index: number, width: number) => Uint8Array {
    const files = new Map<string, Uint8Array>();
    for (const { level, index, width } of tilesFor(size)) {
      const reach = TILE_WIDTH ** level;
      const hashes = Array.from({ length: width }, (_, position) => {
        const first = (index * TILE_WIDTH + position) * reach;
        return naiveRoot(LEAVES.slice(first, first + reach));
      });
      files.set(tilePath(level, index, width), Buffer.concat(hashes));
    }
    return (level, index, width) => files.get(tilePath(level, index, width))!;
  }

  test("inclusion and consistency proofs from the tiles of 700 leaves equal the naive ones", async () => {
    const size = 700;
    const leaves = LEAVES.slice(0, size);
    const readTile = tilesOf(size);
    for (const index of [0, 1, 255, 256, 300, 511, 512, 698, 699]) {
      expect(plain(await proveInclusion(index, size, readTile))).toEqual(plain(naiveInclusion(index, leaves)));
    }
    for (const oldSize of [1, 2, 255, 256, 257, 300, 512, 513, 699, 700]) {
      expect(plain(await proveConsistency(oldSize, size, readTile))).toEqual(plain(naiveConsistency(oldSize, leaves)));
    }
  });

  test("a tile that is wider than needed serves, one that is too short is refused", async () => {
    const wide = tilesOf(700);
    const readWide = (level: number, index: number): Uint8Array => wide(level, index, Math.min(700 - index * 256, 256));
    const proof = await proveInclusion(520, 600, (level, index, width) =>
      level === 0 ? readWide(level, index) : wide(level, index, width),
    );
    expect(plain(proof)).toEqual(plain(naiveInclusion(520, LEAVES.slice(0, 600))));
    await expect(proveInclusion(520, 600, () => new Uint8Array(32))).rejects.toThrow(VerifierError);
    await expect(proveInclusion(600, 600, wide)).rejects.toThrow(VerifierError);
  });
});
