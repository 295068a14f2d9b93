/**
 * The Merkle tree of RFC 6962: hashes, which subtrees a proof consists of, and the two proof checks. Pure arithmetic on
 * hashes; it knows no tile and no file. Sizes and indexes are safe integers (below 2^53), so nothing here uses the 32-bit
 * operators on them.
 */

import { equalBytes } from "./bytes.ts";
import { VerifierError } from "./errors.ts";
import { sha256, sha256Prefixed } from "./sha256.ts";

export const HASH_BYTES = 32;

const NOTHING = new Uint8Array(0);

/** H(0x00 || entry), 32 bytes. https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
export function leafHash(entry: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256Prefixed(0x00, entry, NOTHING);
}

/** H(0x01 || left || right), 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256Prefixed(0x01, left, right);
}

/** H(""), the root of a tree without leaves. */
export function emptyRoot(): Uint8Array<ArrayBuffer> {
  return sha256(NOTHING);
}

/** The leaves [start, end). A proof is a list of ranges, each standing for MTH(D[start:end]). */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** A complete subtree: 2^height leaves beginning at leaf index * 2^height. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** Which ranges an inclusion proof holds, from the leaf's sibling to the root's child. Throws when index >= size. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!isSize(size) || !isSize(index) || index >= size) {
    throw new VerifierError("tree_range_invalid", "the index of a leaf must be below the size of the tree");
  }
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.toReversed();
}

/** Which ranges a consistency proof holds (RFC 6962 section 2.1.2). Throws when oldSize > newSize. */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw new VerifierError("tree_range_invalid", "a tree is consistent only with a tree that is not smaller");
  }
  if (oldSize === 0 || oldSize === newSize) return [];
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // "b" of the RFC's SUBPROOF: the old tree as a whole is known to the reader and is left out.
  if (start !== 0) ranges.push({ start, end });
  return ranges.toReversed();
}

/**
 * The complete subtrees whose hashes fold into MTH(D[start:end]), left to right. The range must be one that occurs in a
 * tree (as the two functions above give them, or [0, size)).
 */
export function subtreesOf(range: LeafRange): Subtree[] {
  const subtrees: Subtree[] = [];
  let start = range.start;
  let rest = range.end - range.start;
  let width = 2 ** 52;
  for (let height = 52; height >= 0; height--) {
    if (rest >= width) {
      subtrees.push({ height, index: start / width });
      start += width;
      rest -= width;
    }
    width /= 2;
  }
  return subtrees;
}

/** The hash over neighbouring subtrees of falling size, left to right: the right border of a tree folds from the right. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  let folded: Uint8Array | undefined;
  for (let i = hashes.length - 1; i >= 0; i--) {
    const left = hashes[i]!;
    folded = folded === undefined ? left : nodeHash(left, folded);
  }
  return folded ?? emptyRoot();
}

/**
 * Whether `leaf` (a leaf hash) is at `index` of the tree of `size` leaves with this root.
 * https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(size) || !isSize(index) || index >= size) return false;
  if (!areHashes([leaf, root]) || !areHashes(proof)) return false;

  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/**
 * Whether the tree of `newSize` leaves begins with the very leaves of the tree of `oldSize`.
 * https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (!areHashes([oldRoot, newRoot]) || !areHashes(proof)) return false;
  if (oldSize === newSize) {
    return proof.length === 0 && equalBytes(oldRoot, newRoot) && (oldSize > 0 || equalBytes(oldRoot, emptyRoot()));
  }
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, emptyRoot());

  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  const [first, ...others] = path;
  if (first === undefined || proof.length === 0) return false;

  let node = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  let oldHash = first;
  let newHash = first;
  for (const sibling of others) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

/** The largest power of two below n (n >= 2): where RFC 6962 splits a list. */
function split(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

function isPowerOfTwo(n: number): boolean {
  return n === 1 || split(n) * 2 === n;
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}
