/**
 * Format-preserving encryption with FF1 of NIST SP 800-38G: a value becomes another value of the same form, and whoever has
 * the key gets back the very value in the very spelling. One row a type. Deterministic: equal values stay equal, under one key
 * and purpose. A form with fewer than a million values is refused.
 */
import { textBytes } from "./bytes.ts";
import { checkText, checkType, OperatorError } from "./errors.ts";
import { permutation } from "./ff1.ts";
import { cardFormat } from "./format/card.ts";
import { dateFormat } from "./format/date.ts";
import type { Cipher, Format, FormatOptions } from "./format/format.ts";
import { ibanFormat } from "./format/iban.ts";
import { phoneFormat } from "./format/phone.ts";
import { checkKeys, type OperatorKeys } from "./keys.ts";

export type { FormatOptions } from "./format/format.ts";

const FORMATS: Readonly<Record<string, Format>> = {
  CARD: cardFormat,
  IBAN: ibanFormat,
  PHONE: phoneFormat,
  DATE_OF_BIRTH: dateFormat,
};

export const FORMAT_TYPES: readonly string[] = Object.keys(FORMATS);

/** Throws TypeError for wrong arguments, OperatorError for a value that cannot be encrypted in its form. */
export function encryptFormat(type: string, value: string, keys: OperatorKeys, options: FormatOptions = {}): string {
  return formatOf(type, value, keys).encrypt(value, cipherOf(keys, type), options);
}

/**
 * The value that `encryptFormat` was given, spelled as it was. There is no room for authentication in a format: under another
 * key or purpose, and of another result, most decrypt to some other value. Only right checksums are always refused.
 */
export function decryptFormat(type: string, value: string, keys: OperatorKeys, options: FormatOptions = {}): string {
  return formatOf(type, value, keys).decrypt(value, cipherOf(keys, type), options);
}

function formatOf(type: string, value: string, keys: OperatorKeys): Format {
  checkType("type", type);
  checkText("value", value);
  checkKeys("keys", keys);
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format === undefined) throw new OperatorError("type_unsupported", `no format is known for ${type}`);
  return format;
}

function cipherOf(keys: OperatorKeys, type: string): Cipher {
  const key = keys.derive("format-preserving", type);
  return (tweak, size, holds) => permutation(key, textBytes(tweak), size, holds);
}
