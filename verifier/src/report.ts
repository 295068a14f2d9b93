/**
 * What a verification says: every problem with a code that does not change between versions, and where it was found.
 * Messages are for people, name indexes and rules, and never hold content of an entry.
 */

export type ProblemCode =
  | "bundle_malformed"
  | "bundle_missing"
  | "certificate_malformed"
  | "certificate_mismatch"
  | "checkpoint_malformed"
  | "checkpoint_missing"
  | "continuation_broken"
  | "entry_mismatch"
  | "extensions_unsigned"
  | "history_changed"
  | "inclusion_failed"
  | "leaf_malformed"
  | "leaf_not_canonical"
  | "log_rolled_back"
  | "origin_mismatch"
  | "outcome_repeated"
  | "outcome_without_intent"
  | "proof_malformed"
  | "pruning_unrecorded"
  | "quorum_missing"
  | "root_mismatch"
  | "signature_failed"
  | "signature_missing"
  | "signature_unverified"
  | "source_unreadable"
  | "tile_malformed"
  | "tile_mismatch"
  | "tile_missing"
  | "timestamp_changed"
  | "timestamp_failed"
  | "timestamp_missing"
  | "timestamp_not_renewed"
  | "timestamp_order"
  | "timestamps_missing";

export interface Problem {
  readonly code: ProblemCode;
  /** The file, relative to the log's directory; for a proof "proof", for an earlier checkpoint "earlier/<position>". */
  readonly path: string;
  readonly message: string;
  /** The entry it is about, where it is about one. */
  readonly index?: number;
}
