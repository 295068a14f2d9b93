/** RFC 6962 section 2.1 as it is written, recursion and all, over node:crypto: what the real code is compared with. */

import { createHash } from "node:crypto";

type Hashes = readonly Uint8Array[];

/** MTH over leaf hashes. */
export function naiveRoot(leaves: Hashes): Uint8Array {
  if (leaves.length === 0) return createHash("sha256").digest();
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return node(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** PATH(m, D[n]) */
export function naiveInclusion(m: number, leaves: Hashes): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naiveInclusion(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naiveInclusion(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** PROOF(m, D[n]) for 0 < m < n */
export function naiveConsistency(m: number, leaves: Hashes): Uint8Array[] {
  return subproof(m, leaves, true);
}

function subproof(m: number, leaves: Hashes, isKnown: boolean): Uint8Array[] {
  if (m === leaves.length) return isKnown ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), isKnown), naiveRoot(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash("sha256").update("\u0001").update(left).update(right).digest();
}
