/**
 * The check of one record against its receipt: the proof's checkpoint must be believable, and the entry must be in its tree
 * at the index the proof states. Works offline.
 */

import { VerifierError } from "./errors.ts";
import { parseProof } from "./proof.ts";
import type { Proof } from "./proof.ts";
import type { Problem } from "./report.ts";
import type { QuorumVerdict } from "./quorum.ts";
import type { KeyVerdict } from "./signature.ts";
import { leafHash, verifyInclusion } from "./tree.ts";
import { judgeCheckpoint } from "./trust.ts";
import type { Trust } from "./trust.ts";

export interface ProofReport {
  /** The entry is in the log, at `index`. */
  readonly ok: boolean;
  /** Absent, like the next three, when the proof could not be read. */
  readonly origin?: string;
  readonly size?: number;
  readonly root?: Uint8Array;
  readonly index?: number;
  readonly signatures: readonly KeyVerdict[];
  /** Which witnesses have cosigned; present with a policy. */
  readonly quorum?: QuorumVerdict;
  readonly problems: readonly Problem[];
  /** Extra data of the proof, which nothing authenticates. */
  readonly extra?: Uint8Array;
}

/** `entry` is the exact bytes of the leaf. Rejects only for unusable `vkeys` (VerifierError). */
export async function verifyProof(
  proofText: Uint8Array | string,
  entry: Uint8Array,
  trust: Trust,
): Promise<ProofReport> {
  const proof = readProof(proofText);
  if ("code" in proof) return { ok: false, signatures: [], problems: [proof] };

  const { index, hashes, extra, note, checkpoint } = proof;
  const { origin, size, root } = checkpoint;
  const { problems: found, signatures, quorum } = await judgeCheckpoint(note, trust, "proof");
  const problems = [...found];
  if (!verifyInclusion(index, size, leafHash(entry), root, hashes)) {
    const message = "the entry is not at this index of the tree the checkpoint signs";
    problems.push({ code: "inclusion_failed", path: "proof", index, message });
  }
  const judged = quorum === undefined ? { signatures } : { signatures, quorum };
  const report = { ok: problems.length === 0, origin, size, root, index, ...judged, problems };
  return extra === undefined ? report : { ...report, extra };
}

function readProof(proofText: Uint8Array | string): Proof | Problem {
  try {
    return parseProof(proofText);
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    return { code: "proof_malformed", path: "proof", message: error.message };
  }
}
