/**
 * Whether a signed checkpoint is to be believed, given the keys an auditor has pinned. The one place where that is decided:
 * for a whole log, for an earlier checkpoint, and for a single proof.
 */

import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Note } from "./note.ts";
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
}

export interface CheckpointVerdict {
  readonly problems: readonly Problem[];
  readonly signatures: readonly KeyVerdict[];
}

/** Throws vkey_malformed or vkey_type_unknown for a pinned key that cannot be used; nothing else. */
export async function judgeCheckpoint(note: Note, trust: Trust, path: string): Promise<CheckpointVerdict> {
  const keys = trust.vkeys.map(parseVkey);
  const checkpoint = parseCheckpoint(note.text);
  const { keys: signatures } = await verifyNote(note, keys);
  const problems: Problem[] = [];
  const report = (code: ProblemCode, message: string): void => {
    problems.push({ code, path, message });
  };

  for (const { status, name, keyId } of signatures) {
    if (status === "failed") report("signature_failed", `the signature by ${name}+${keyId} does not verify`);
    if (status === "missing" && trust.missing !== "accept") {
      report("signature_missing", `there is no signature by ${name}+${keyId}`);
    }
  }
  const verified = signatures.filter((signature) => signature.status === "verified");
  if (verified.length === 0) report("signature_unverified", "no signature by a pinned key was verified");
  if (verified.length > 0 && !isExpectedOrigin(checkpoint, trust, verified)) {
    report("origin_mismatch", "the checkpoint is of another log than expected");
  }
  // ML-DSA-44 cosignatures leave the extension lines out, so those need a signature over the whole text.
  if (checkpoint.extensions !== undefined && !verified.some(({ type }) => type === KEY_TYPES.ed25519.type)) {
    report("extensions_unsigned", "no verified signature covers the extension lines");
  }
  return { problems, signatures };
}

/** Without it, a key that signs for one log (or a witness's) would vouch for a checkpoint of any other. */
function isExpectedOrigin(checkpoint: Checkpoint, trust: Trust, verified: readonly KeyVerdict[]): boolean {
  if (trust.origin !== undefined) return checkpoint.origin === trust.origin;
  return verified.some(({ name }) => name === checkpoint.origin);
}
