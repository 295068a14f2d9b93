/**
 * The one error class of this package. Whatever bytes come in, a parser either returns a value or throws a VerifierError
 * with a stable code; it never throws anything else and never returns a half-read value. Messages name the rule that was
 * broken and carry no content of the entry.
 */

export type VerifierErrorCode =
  | "bundle_malformed"
  | "canonical_json_impossible"
  | "certificate_malformed"
  | "checkpoint_malformed"
  | "cosignature_malformed"
  | "der_malformed"
  | "leaf_malformed"
  | "leaf_not_canonical"
  | "log_info_malformed"
  | "note_malformed"
  | "policy_characters"
  | "policy_fields"
  | "policy_key_repeated"
  | "policy_key_type"
  | "policy_keyword"
  | "policy_member_repeated"
  | "policy_name_taken"
  | "policy_name_unknown"
  | "policy_quorum_missing"
  | "policy_quorum_repeated"
  | "policy_threshold"
  | "policy_too_large"
  | "policy_unterminated"
  | "policy_vkey"
  | "proof_malformed"
  | "source_unreadable"
  | "tile_malformed"
  | "tile_path_malformed"
  | "timestamp_algorithm_unsupported"
  | "timestamp_attributes_invalid"
  | "timestamp_chain_expired"
  | "timestamp_chain_invalid"
  | "timestamp_chain_untrusted"
  | "timestamp_imprint_mismatch"
  | "timestamp_in_future"
  | "timestamp_malformed"
  | "timestamp_modified"
  | "timestamp_nonce_mismatch"
  | "timestamp_policy_refused"
  | "timestamp_refused"
  | "timestamp_roots_malformed"
  | "timestamp_signature_failed"
  | "timestamp_signer_invalid"
  | "tree_range_invalid"
  | "vkey_malformed"
  | "vkey_type_unknown";

export class VerifierError extends Error {
  readonly code: VerifierErrorCode;
  /** Of a file that is read line by line: where it stands, from 1 on. */
  readonly line?: number;

  constructor(code: VerifierErrorCode, message: string, line?: number) {
    super(message);
    this.name = "VerifierError";
    this.code = code;
    if (line !== undefined) this.line = line;
  }
}
