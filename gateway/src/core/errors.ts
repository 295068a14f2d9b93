/**
 * Every operating error of the gateway is a SluiceError with a code from this table. The kind decides how a protocol words
 * the refusal (each protocol has one `errors.ts`), `retriable` says whether the same request may succeed later unchanged.
 * Messages carry ids, names of fields and limits, and never payload. A bug is not a SluiceError: it is an assertion.
 */

export type Kind =
  | "unauthenticated"
  | "denied"
  | "invalid"
  | "not_found"
  | "conflict"
  | "limit"
  | "upstream"
  | "integrity"
  | "internal";

interface CodeRow {
  readonly kind: Kind;
  readonly retriable: boolean;
}

const row = <K extends Kind>(kind: K, retriable = false): CodeRow => ({ kind, retriable });

/** code → kind and retriability. The code also stands in the evidence of the exchange that it ended. */
export const CODES = {
  // identify
  key_missing: row("unauthenticated"),
  key_invalid: row("unauthenticated"),
  key_expired: row("unauthenticated"),
  token_invalid: row("unauthenticated"),
  token_expired: row("unauthenticated"),
  token_not_yet_valid: row("unauthenticated"),
  token_audience: row("unauthenticated"),
  token_issuer_unknown: row("unauthenticated"),
  certificate_invalid: row("unauthenticated"),
  provider_unavailable: row("upstream", true),
  session_missing: row("unauthenticated"),
  login_failed: row("unauthenticated"),
  login_expired: row("unauthenticated"),
  assertion_invalid: row("unauthenticated"),
  assertion_replayed: row("unauthenticated"),
  form_token_invalid: row("denied"),
  account_disabled: row("denied"),
  group_missing: row("denied"),
  actor_unknown: row("denied"),
  actor_not_allowed: row("denied"),
  // authorize
  purpose_missing: row("denied"),
  purpose_unknown: row("denied"),
  purpose_not_allowed: row("denied"),
  connection_not_allowed: row("denied"),
  policy_denied: row("denied"),
  policy_failed: row("denied"),
  assessment_missing: row("denied"),
  subject_missing: row("denied"),
  subject_opted_out: row("denied"),
  consent_missing: row("denied"),
  consent_withdrawn: row("denied"),
  condition_missing: row("denied"),
  transfer_missing: row("denied"),
  agreement_missing: row("denied"),
  category_blocked: row("denied"),
  part_not_scannable: row("denied"),
  permission_missing: row("denied"),
  // reviews
  approval_required: row("denied"),
  approval_denied: row("denied"),
  approval_expired: row("denied"),
  approval_self: row("denied"),
  decision_changed: row("conflict", true),
  grant_ended: row("denied"),
  review_unknown: row("not_found"),
  grant_unknown: row("not_found"),
  review_closed: row("conflict"),
  reviews_limited: row("limit", true),
  break_glass_refused: row("denied"),
  // channels
  link_invalid: row("not_found"),
  link_used: row("conflict"),
  link_expired: row("denied"),
  signature_invalid: row("unauthenticated"),
  message_expired: row("unauthenticated"),
  message_replayed: row("conflict"),
  person_unknown: row("denied"),
  step_up_required: row("denied"),
  passkey_invalid: row("denied"),
  passkeys_limited: row("denied"),
  login_not_fresh: row("denied"),
  login_time_missing: row("denied"),
  channel_unavailable: row("upstream", true),
  // resolve
  endpoint_unknown: row("not_found"),
  method_not_allowed: row("not_found"),
  model_unknown: row("not_found"),
  evidence_unknown: row("not_found"),
  directory_unknown: row("not_found"),
  directory_conflict: row("conflict"),
  // parse
  header_invalid: row("invalid"),
  content_type_unsupported: row("invalid"),
  content_encoding_unsupported: row("invalid"),
  body_encoding_invalid: row("invalid"),
  body_missing: row("invalid"),
  body_incomplete: row("invalid"),
  utf8_invalid: row("invalid"),
  json_invalid: row("invalid"),
  json_duplicate_key: row("invalid"),
  json_too_deep: row("invalid"),
  json_lone_surrogate: row("invalid"),
  field_invalid: row("invalid"),
  grant_type_unsupported: row("invalid"),
  filter_invalid: row("invalid"),
  // limits
  body_too_large: row("limit"),
  decoded_body_too_large: row("limit"),
  header_too_large: row("limit"),
  text_too_large: row("limit"),
  rate_limited: row("limit", true),
  streams_limited: row("limit", true),
  request_timeout: row("limit", true),
  scrub_timeout: row("limit", true),
  overloaded: row("limit", true),
  draining: row("limit", true),
  // upstream
  upstream_unreachable: row("upstream", true),
  upstream_timeout: row("upstream", true),
  upstream_reset: row("upstream", true),
  upstream_redirect: row("upstream"),
  upstream_address_private: row("upstream"),
  upstream_protocol: row("upstream"),
  upstream_body_too_large: row("upstream"),
  upstream_encoding_invalid: row("upstream"),
  upstream_event_too_large: row("upstream"),
  upstream_error: row("upstream"),
  client_closed: row("conflict"),
  // evidence
  evidence_unavailable: row("integrity", true),
  evidence_corrupt: row("integrity"),
  evidence_frozen: row("integrity"),
  evidence_pruned: row("not_found"),
  evidence_locked: row("integrity"),
  selection_empty: row("not_found"),
  selection_too_large: row("limit"),
  // rights
  subject_unknown: row("not_found"),
  subject_held: row("conflict"),
  subject_too_large: row("limit"),
  identifier_empty: row("invalid"),
  erasure_unknown: row("not_found"),
  certificate_pending: row("conflict", true),
  hold_unknown: row("not_found"),
  hold_ended: row("conflict"),
  sink_unavailable: row("upstream", true),
  sink_refused: row("upstream"),
  // recordings
  recording_unavailable: row("integrity", true),
  recording_full: row("limit"),
  recording_unknown: row("not_found"),
  // witness
  witness_quorum_missing: row("integrity", true),
  witness_conflict: row("integrity"),
  witness_corrupt: row("integrity"),
  // timestamps
  timestamp_unavailable: row("upstream", true),
  timestamp_invalid: row("upstream"),
  // custody
  secret_unavailable: row("upstream", true),
  key_unavailable: row("integrity", true),
  key_unknown: row("integrity"),
  key_in_use: row("conflict", true),
  seal_invalid: row("integrity"),
  // subjects
  index_unavailable: row("integrity", true),
  index_corrupt: row("integrity"),
  gateway_name_taken: row("conflict"),
  // database
  database_unavailable: row("integrity", true),
  database_newer: row("integrity"),
  database_older: row("integrity"),
  keys_differ: row("integrity"),
  // export
  export_unavailable: row("upstream", true),
  export_refused: row("upstream"),
  // ours
  detector_failed: row("internal", true),
  config_invalid: row("invalid"),
  policy_invalid: row("invalid"),
  internal: row("internal"),
} as const satisfies Record<string, CodeRow>;

export type Code = keyof typeof CODES;

interface ErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  readonly details?: Readonly<Record<string, string>>;
}

export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: Code;
  readonly kind: Kind;
  readonly retriable: boolean;
  /** Seconds after which a retry may succeed; absent when nothing is known. */
  readonly retryAfterSeconds?: number;
  /** What a program needs of it, by name: ids and URLs of ours, never payload. Shown beside the code. */
  readonly details?: Readonly<Record<string, string>>;
  /** Evidence id of the leaf that records this refusal; set by the gate once it is on record. */
  evidence?: string;

  /** `message` is shown to the client: ids, field names and limits only, never payload. */
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = CODES[code].kind;
    this.retriable = CODES[code].retriable;
    if (options?.details !== undefined) this.details = options.details;
    if (options?.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Turns anything thrown into a SluiceError. An unknown throw becomes `internal`; its message, which may hold payload, is dropped. */
export function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError("internal", "internal error; the server log names the place", { cause: thrown });
}
