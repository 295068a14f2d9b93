/**
 * What operators refuse, each with a stable code. Wrong arguments are TypeErrors that name the argument, like everywhere in
 * this workspace. No message holds the value, a part of it, or a key.
 */

export type OperatorErrorCode =
  /** Fewer than a million values have this form: https://csrc.nist.gov/pubs/sp/800/38/g/r1/2pd refuses to encrypt them in it. */
  | "domain_too_small"
  /** The value has no form that the operator knows for its type, or the checksum of that form is wrong. */
  | "not_in_format"
  /** The operator has no row for this type. */
  | "type_unsupported"
  /** The result would have been the value itself. One value in the whole domain, on average. */
  | "unchanged"
  /** Not what `encrypt` writes. */
  | "not_a_token"
  /** The token was changed, or sealed for another type, purpose or key. */
  | "token_tampered"
  /** No key of the ring has the token's key id. */
  | "key_unknown";

export class OperatorError extends Error {
  readonly code: OperatorErrorCode;

  constructor(code: OperatorErrorCode, message: string) {
    super(message);
    this.name = "OperatorError";
    this.code = code;
  }
}

export function checkText(argument: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw new TypeError(`${argument} must be a string`);
}

/** What can stand in a mark: the types of TYPES, and those of a caller's own recognizers when they are written so. */
const TYPE = /^[A-Z][A-Z0-9_]{0,63}$/;

export function checkType(argument: string, value: unknown): asserts value is string {
  if (typeof value !== "string" || !TYPE.test(value))
    throw new TypeError(`${argument} must be a type name: upper-case letters, digits and underscores`);
}
