/**
 * The one error class of this package. Whatever bytes come in, a parser either returns a value or throws a VerifierError
 * with a stable code; it never throws anything else and never returns a half-read value. Messages name the rule that was
 * broken and carry no content of the entry.
 */

export type VerifierErrorCode =
  | "bundle_malformed"
  | "canonical_json_impossible"
  | "checkpoint_malformed"
  | "cosignature_malformed"
  | "leaf_malformed"
  | "leaf_not_canonical"
  | "log_info_malformed"
  | "note_malformed"
  | "proof_malformed"
  | "source_unreadable"
  | "tile_malformed"
  | "tile_path_malformed"
  | "tree_range_invalid"
  | "vkey_malformed"
  | "vkey_type_unknown";

export class VerifierError extends Error {
  readonly code: VerifierErrorCode;

  constructor(code: VerifierErrorCode, message: string) {
    super(message);
    this.name = "VerifierError";
    this.code = code;
  }
}
