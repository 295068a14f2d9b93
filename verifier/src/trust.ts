/**
 * Whether a signed checkpoint is to be believed, given the keys an auditor has pinned and the policy about witnesses. The one
 * place where that is decided: for a whole log, for an earlier checkpoint, and for a single proof.
 */

import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Note } from "./note.ts";
import type { Policy } from "./policy.ts";
import { describeGaps, judgeQuorum } from "./quorum.ts";
import type { QuorumVerdict } from "./quorum.ts";
import type { Problem, ProblemCode } from "./report.ts";
import { verifyNote } from "./signature.ts";
import type { KeyVerdict } from "./signature.ts";
import { KEY_TYPES, parseVkey } from "./vkey.ts";

export interface Trust {
  /** The pinned verifier keys; received from the log's operator by another way than the log itself. */
  readonly vkeys: readonly string[];
  /** The origin to expect. By default: the name of a pinned key that verified, as C2SP logs name their keys. */
  readonly origin?: string;
  /**
   * What to say when a pinned key has not signed at all. `refuse` (the default) is stricter than the note format asks: it
   * notices a signature that was cut off, for instance the post-quantum one. `accept` is right for a set of keys of which
   * one is being retired.
   */
  readonly missing?: "refuse" | "accept";
  /**
   * Which logs are believed and which witnesses must have cosigned. Where it lists logs, one of them must have signed; `vkeys`
   * may then be empty, and what it pins must have signed as well.
   */
  readonly policy?: Policy;
}

export interface CheckpointVerdict {
  readonly problems: readonly Problem[];
  /** One for each pinned key, then one for each log and each witness of the policy. */
  readonly signatures: readonly KeyVerdict[];
  /** Present with a policy. */
  readonly quorum?: QuorumVerdict;
}

/** Throws vkey_malformed or vkey_type_unknown for a pinned key that cannot be used; nothing else. */
export async function judgeCheckpoint(note: Note, trust: Trust, path: string): Promise<CheckpointVerdict> {
  const { policy } = trust;
  const checkpoint = parseCheckpoint(note.text);
  const verdictsOf = async (keys: Parameters<typeof verifyNote>[1]): Promise<readonly KeyVerdict[]> =>
    (await verifyNote(note, keys)).keys;
  const pinned = await verdictsOf(trust.vkeys.map(parseVkey));
  const logs = await verdictsOf(policy?.logs.map(({ key }) => key) ?? []);
  const witnesses = await verdictsOf(policy?.witnesses.map(({ key }) => key) ?? []);
  const signatures = [...pinned, ...logs, ...witnesses];
  const problems: Problem[] = [];
  const report = (code: ProblemCode, message: string): void => {
    problems.push({ code, path, message });
  };

  // "If a signature from a known key fails to verify, clients SHOULD reject the whole note", a witness's no less than a log's.
  for (const { status, name, keyId } of signatures) {
    if (status === "failed") report("signature_failed", `the signature by ${name}+${keyId} does not verify`);
  }
  for (const { status, name, keyId } of pinned) {
    if (status === "missing" && trust.missing !== "accept") {
      report("signature_missing", `there is no signature by ${name}+${keyId}`);
    }
  }
  const verified = [...pinned, ...logs].filter(isVerified);
  if (verified.length === 0) report("signature_unverified", "no signature by a pinned key was verified");
  if (verified.length > 0 && !isExpectedOrigin(checkpoint, trust, pinned, logs)) {
    report("origin_mismatch", "the checkpoint is of another log than expected");
  }
  // ML-DSA-44 cosignatures leave the extension lines out, so those need a signature over the whole text.
  if (checkpoint.extensions !== undefined && !verified.some(({ type }) => type === KEY_TYPES.ed25519.type)) {
    report("extensions_unsigned", "no verified signature covers the extension lines");
  }
  if (policy === undefined) return { problems, signatures };
  const cosigned = policy.witnesses.filter((_, at) => isVerified(witnesses[at])).map(({ name }) => name);
  const quorum = judgeQuorum(policy, new Set(cosigned));
  if (!quorum.met) report("quorum_missing", `the policy's quorum is not met: ${describeGaps(quorum.gaps)}`);
  return { problems, signatures, quorum };
}

/** For a checkpoint that was kept from before: the log's own signature is enough to hold the log to it. */
export function withoutQuorum(trust: Trust): Trust {
  if (trust.policy === undefined) return trust;
  const { quorum: _, ...policy } = trust.policy;
  return { ...trust, policy };
}

function isVerified(verdict: KeyVerdict | undefined): boolean {
  return verdict?.status === "verified";
}

/**
 * Without it, a key that signs for one log (or a witness's) would vouch for a checkpoint of any other. A log of a policy
 * vouches for its own name alone: "This name MUST correspond to the log's origin line".
 */
function isExpectedOrigin(
  checkpoint: Checkpoint,
  trust: Trust,
  pinned: readonly KeyVerdict[],
  logs: readonly KeyVerdict[],
): boolean {
  const isOwn = (verdict: KeyVerdict): boolean => isVerified(verdict) && verdict.name === checkpoint.origin;
  if (logs.length > 0 && !logs.some(isOwn)) return false;
  if (trust.origin !== undefined) return checkpoint.origin === trust.origin;
  return [...pinned, ...logs].some(isOwn);
}
