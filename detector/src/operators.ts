/**
 * What is done with a finding. `placeholder` can be undone, `hash` links equal values without naming them, `mask` shows a
 * part, `redact` the type, `drop` nothing; `allow` leaves the value; `block` refuses the whole text, which is the caller's to
 * do: here it redacts, so that a caller who forgets leaks nothing.
 */
import { normalize } from "./normalize.ts";
import type { PlaceholderMap } from "./placeholders.ts";

export type Operator = "placeholder" | "redact" | "mask" | "hash" | "drop" | "allow" | "block";

export interface OperatorContext {
  readonly map: PlaceholderMap;
  /** This place may be restored (it is not system text). */
  readonly restorable: boolean;
  /** Keyed hash of a normalized value, short and printable. Unkeyed hashes of e-mail addresses are guessed in seconds. */
  readonly hash: (type: string, normalized: string) => string;
}

/** What stands in the text instead of `value`. */
export function applyOperator(operator: Operator, type: string, value: string, context: OperatorContext): string {
  switch (operator) {
    case "placeholder":
      return context.map.issue(type, value, context.restorable).placeholder;
    case "redact":
    case "block":
      return `[${type}]`;
    case "mask":
      return maskValue(type, value);
    case "hash":
      return `[${type}:${context.hash(type, normalize(type, value))}]`;
    case "drop":
      return "";
    case "allow":
      return value;
  }
}

/** Keeps the last `count` letters and digits, and the first `first`; separators stay where they are. */
function keep(value: string, first: number, last: number): string {
  const total = value.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  // A short value would be given away by its ends.
  const shown = total >= 2 * (first + last) ? { first, last } : { first: 0, last: 0 };
  let seen = 0;
  return value.replace(/[\p{L}\p{N}]/gu, (character) => {
    seen++;
    return seen <= shown.first || seen > total - shown.last ? character : "*";
  });
}

const HIDDEN = "***";

function maskEmail(value: string): string {
  const at = value.lastIndexOf("@");
  const dot = value.lastIndexOf(".");
  if (at < 1 || dot < at + 2) return HIDDEN;
  return `${first(value)}${HIDDEN}@${first(value.slice(at + 1))}${HIDDEN}${value.slice(dot)}`;
}

function first(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0x2a);
}

/** type → the part that stays visible. A type without a row shows nothing, not even its length. */
const MASKS: Readonly<Record<string, (value: string) => string>> = {
  EMAIL: maskEmail,
  PHONE: (value) => keep(value, 0, 4),
  CARD: (value) => keep(value, 0, 4),
  IBAN: (value) => keep(value, 2, 4),
  ACCOUNT_NUMBER: (value) => keep(value, 0, 4),
  ORDER_NUMBER: (value) => keep(value, 0, 3),
  CUSTOMER_NUMBER: (value) => keep(value, 0, 3),
  IP_ADDRESS: (value) => value.replace(/^([^.:]+)([.:]).*$/s, `$1$2${HIDDEN}`),
  URL: (value) => /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0].concat(HIDDEN) ?? HIDDEN,
};

/** `jane@example.org` → `j***@e***.org`, `4111 1111 1111 1111` → `**** **** **** 1111`. */
export function maskValue(type: string, value: string): string {
  return Object.hasOwn(MASKS, type) ? (MASKS[type]?.(value) ?? HIDDEN) : HIDDEN;
}
